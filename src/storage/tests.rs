//! What the real disk promises.

use super::*;
use std::io;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn place() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("customers.results.csv");
    (directory, path)
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn names(directory: &TempDir) -> Vec<String> {
    let entries = std::fs::read_dir(directory.path()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

#[test]
fn appending_continues_where_the_file_ends() {
    let (_directory, path) = place();
    Disk.append(&path).unwrap().append(b"one\n").unwrap();
    let mut file = Disk.append(&path).unwrap();
    assert_eq!(file.length(), 4);
    file.append(b"two\n").unwrap();
    file.truncate(4).unwrap();
    file.append(b"three\n").unwrap();
    file.sync().unwrap();
    assert_eq!((read(&path).as_str(), file.length()), ("one\nthree\n", 10));
}

#[cfg(windows)]
#[test]
fn a_file_that_is_appended_to_cannot_be_changed_by_others() {
    let (_directory, path) = place();
    let mut file = Disk.append(&path).unwrap();
    file.append(b"one\n").unwrap();
    assert!(std::fs::remove_file(&path).is_err());
    assert!(std::fs::write(&path, "x").is_err());
    assert!(Disk.replace(&path, &mut |out| out.write_all(b"x")).is_err());
    assert_eq!(read(&path), "one\n");
    assert!(!file.is_disturbed());
}

#[cfg(not(windows))]
#[test]
fn a_file_that_others_change_is_disturbed() {
    type Harm = fn(&Path);
    let harms: [Harm; 4] = [
        |path| std::fs::remove_file(path).unwrap(),
        |path| std::fs::write(path, "x").unwrap(),
        |path| {
            Disk.replace(path, &mut |out| out.write_all(b"one\n"))
                .unwrap();
        },
        |path| {
            let mut file = std::fs::File::options().append(true).open(path).unwrap();
            io::Write::write_all(&mut file, b"two\n").unwrap();
        },
    ];
    for harm in harms {
        let (_directory, path) = place();
        let mut file = Disk.append(&path).unwrap();
        file.append(b"one\n").unwrap();
        assert!(!file.is_disturbed());
        harm(&path);
        assert!(file.is_disturbed());
    }
}

#[test]
fn a_replacement_that_fails_leaves_the_old_file_and_no_other() {
    let (directory, path) = place();
    std::fs::write(&path, "old").unwrap();
    let failed = Disk.replace(&path, &mut |out| {
        out.write_all(b"new")?;
        Err(io::ErrorKind::StorageFull.into())
    });
    assert_eq!(failed.unwrap_err().kind(), io::ErrorKind::StorageFull);
    assert_eq!(read(&path), "old");
    assert_eq!(names(&directory), ["customers.results.csv"]);
    Disk.replace(&path, &mut |out| out.write_all(b"new"))
        .unwrap();
    assert_eq!(read(&path), "new");
    assert_eq!(names(&directory), ["customers.results.csv"]);
}

#[test]
fn one_lock_at_a_time_also_after_the_file_was_deleted() {
    let (_directory, path) = place();
    let lock = Disk.lock(&path).unwrap();
    assert!(lock.is_some() && !path.exists());
    assert!(Disk.lock(&path).unwrap().is_none());
    let holder = Lock::holder(&path).unwrap();
    assert!(holder.starts_with(&format!("process {}, since ", std::process::id())));
    let shouted = path.with_file_name("Customers.RESULTS.csv");
    let is_other = Disk.lock(&shouted).unwrap().is_some();
    assert_eq!(is_other, cfg!(not(any(windows, target_os = "macos"))));
    std::fs::write(&path, "x").unwrap();
    assert!(Disk.lock(&path).unwrap().is_none());
    std::fs::remove_file(&path).unwrap();
    assert!(Disk.lock(&path).unwrap().is_none());
    let other = path.with_extension("journal");
    assert!(Disk.lock(&other).unwrap().is_some());
    drop(lock);
    assert!(Disk.lock(&path).unwrap().is_some());
}

#[test]
fn the_holder_of_the_lock_removes_what_a_killed_process_left() {
    let (directory, path) = place();
    let left = Unfinished::beside(&path).unwrap();
    let name = left.temporary_path().to_owned();
    std::fs::copy(&name, name.with_file_name(".other.csv.1.unfinished")).unwrap();
    let _lock = Disk.lock(&path).unwrap().unwrap();
    assert_eq!(names(&directory), [".other.csv.1.unfinished"]);
    drop(left);
}

#[test]
fn a_file_with_a_long_name_is_replaced() {
    for length in [200, 201, 239, 255] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ä".repeat(length / 2));
        Disk.replace(&path, &mut |out| out.write_all(b"new"))
            .unwrap();
        assert_eq!(read(&path), "new");
        let left = Unfinished::beside(&path).unwrap();
        assert_eq!(names(&directory).len(), 2);
        let _lock = Disk.lock(&path).unwrap().unwrap();
        assert_eq!(names(&directory).len(), 1);
        drop(left);
    }
}

#[cfg(windows)]
#[test]
fn a_file_that_another_program_has_open_is_named() {
    use std::os::windows::fs::OpenOptionsExt;
    let (_directory, path) = place();
    std::fs::write(&path, "old").unwrap();
    // As Excel opens it: others may read, and neither write nor delete.
    let held = std::fs::OpenOptions::new()
        .read(true)
        .share_mode(1)
        .open(&path)
        .unwrap();
    let mut write = |out: &mut dyn io::Write| out.write_all(b"new");
    let refused = Disk.replace(&path, &mut write).unwrap_err().to_string();
    assert!(refused.contains("is it open in Excel"), "{refused}");
    assert_eq!(read(&path), "old");
    drop(held);
    Disk.replace(&path, &mut write).unwrap();
    assert_eq!(read(&path), "new");
}

#[test]
fn removing_what_is_not_there_is_no_error() {
    let (_directory, path) = place();
    Disk.remove(&path).unwrap();
    std::fs::write(&path, "x").unwrap();
    Disk.remove(&path).unwrap();
    assert!(!path.exists());
}

#[cfg(unix)]
#[test]
fn what_a_file_system_cannot_do_is_no_failure() {
    for kind in [io::ErrorKind::Unsupported, io::ErrorKind::InvalidInput] {
        assert!(replace::ignore_unsupported(Err(kind.into())).is_ok());
    }
    let failed = replace::ignore_unsupported(Err(io::ErrorKind::StorageFull.into()));
    assert!(failed.is_err());
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn a_replacement_follows_links_and_keeps_permissions() {
        let (directory, path) = place();
        let real = directory.path().join("real.csv");
        std::fs::write(&real, "old").unwrap();
        std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
        symlink("real.csv", &path).unwrap();
        Disk.replace(&path, &mut |out| out.write_all(b"new"))
            .unwrap();
        assert_eq!(read(&real), "new");
        assert!(std::fs::symlink_metadata(&path).unwrap().is_symlink());
        let mode = std::fs::metadata(&real).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
    }

    #[test]
    fn a_link_to_a_file_that_does_not_exist_yet_is_followed() {
        let (directory, path) = place();
        let real = directory.path().join("real.csv");
        symlink("real.csv", &path).unwrap();
        let lock = Disk.lock(&path).unwrap();
        Disk.replace(&path, &mut |out| out.write_all(b"new"))
            .unwrap();
        assert_eq!(read(&real), "new");
        assert!(Disk.lock(&path).unwrap().is_none());
        drop(lock);
    }

    #[test]
    fn a_lock_is_the_same_through_links_and_folders() {
        let (directory, path) = place();
        std::fs::write(&path, "x").unwrap();
        let folder = directory.path().join("folder");
        symlink(directory.path(), &folder).unwrap();
        let link = directory.path().join("link.csv");
        symlink(&path, &link).unwrap();
        let _lock = Disk.lock(&path).unwrap().unwrap();
        for other in [folder.join("customers.results.csv"), link] {
            assert!(Disk.lock(&other).unwrap().is_none());
        }
    }

    #[test]
    fn a_new_file_is_as_open_as_any_other() {
        let (directory, path) = place();
        let usual = directory.path().join("usual");
        std::fs::write(&usual, "").unwrap();
        Disk.replace(&path, &mut |out| out.write_all(b"new"))
            .unwrap();
        let mode = |path| std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&path), mode(&usual));
    }

    /// `/dev/full` takes no byte.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_failed_append_is_an_error_and_does_not_count() {
        let mut file = Disk.append(Path::new("/dev/full")).unwrap();
        let failed = file.append(b"one\n").unwrap_err();
        assert_eq!(failed.kind(), io::ErrorKind::StorageFull);
        assert_eq!(file.length(), 0);
    }
}

#[test]
fn a_file_is_appended_to_by_one_process_at_a_time() {
    let (_directory, path) = place();
    let first = Disk.append(&path).unwrap();
    let refused = Disk.append(&path).unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::ResourceBusy);
    drop(first);
    assert!(Disk.append(&path).is_ok());
}
