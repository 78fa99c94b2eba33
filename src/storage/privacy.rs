//! Files that this process makes are at most as open as the list that they are made from.

use std::path::Path;

/// From now on every file that this process creates has at most the permissions of this one, and
/// at most those that the user's umask allows. On Windows a folder decides about its files.
pub fn keep_as_private_as(list: &Path) {
    #[cfg(unix)]
    {
        use rustix::fs::Mode;
        use std::os::unix::fs::PermissionsExt;
        let Ok(metadata) = std::fs::metadata(list) else {
            return;
        };
        if !metadata.is_file() {
            return;
        }
        let mode = metadata.permissions().mode();
        let of_others = [
            (0o040, Mode::RGRP),
            (0o020, Mode::WGRP),
            (0o004, Mode::ROTH),
            (0o002, Mode::WOTH),
        ];
        let closed = of_others.into_iter().filter(|(bit, _)| mode & bit == 0);
        let closed: Mode = closed.map(|(_, right)| right).collect();
        let usual = rustix::process::umask(closed);
        rustix::process::umask(usual | closed);
    }
    #[cfg(not(unix))]
    let _ = list;
}
