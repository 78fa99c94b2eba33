//! Where the API key comes from: the environment, a file or a command.

use crate::workos::{ApiKey, KeyError};
use secrecy::zeroize::Zeroizing;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, Stdio};

/// The variable that holds the key where no option says otherwise.
const VARIABLE: &str = "WORKOS_API_KEY";
/// The longest text that is read as a key, in bytes.
const LONGEST: usize = 16 * 1024;

/// The key of the environment.
pub(super) fn from_environment() -> Result<ApiKey, KeyError> {
    match std::env::var(VARIABLE).map(Zeroizing::new) {
        Ok(key) if !key.trim().is_empty() => ApiKey::new(&key, VARIABLE),
        Ok(_) | Err(std::env::VarError::NotPresent) => Err(KeyError::Missing),
        Err(std::env::VarError::NotUnicode(_)) => Err(KeyError::Malformed {
            from: VARIABLE.to_owned(),
        }),
    }
}

/// The key in a file that holds nothing else, and a warning where others can read that file.
pub(super) fn from_file(path: &Path) -> Result<(ApiKey, Option<String>), KeyError> {
    let failed = |source| KeyError::File {
        path: path.to_owned(),
        source,
    };
    if path.to_string_lossy().starts_with("sk_") && !path.exists() {
        return Err(KeyError::NoFile);
    }
    let file = File::open(path).map_err(failed)?;
    let warning = is_open_to_others(&file).then(|| {
        let file = path.display();
        let quoted = crate::text::shell_path(path);
        format!("warning: other users can read or change the key file {file}: chmod 600 {quoted}")
    });
    let bytes = read(file).map_err(failed)?;
    let key = ApiKey::new(&text(&bytes), &path.display().to_string())?;
    Ok((key, warning))
}

/// The key that a command prints, for example that of a password manager.
pub(super) fn from_command(command: &str) -> Result<ApiKey, KeyError> {
    let failed = |source| KeyError::Command { source };
    let mut child = shell(command)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let printed = child.stdout.take().map(read).transpose();
    let status = child.wait().map_err(failed)?;
    if !status.success() {
        return Err(KeyError::CommandFailed { status });
    }
    let bytes = printed.map_err(failed)?.unwrap_or_default();
    ApiKey::new(&text(&bytes), "the command of --api-key-command")
}

#[cfg(not(windows))]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", command]);
    shell
}

/// With `/S`, cmd takes away the outer quotes alone. Its own are no others: an escaped one would
/// reach the command with its backslash.
#[cfg(windows)]
fn shell(command: &str) -> Command {
    use std::os::windows::process::CommandExt;
    let mut shell = Command::new("cmd");
    shell.raw_arg(format!("/D /S /C \"{command}\""));
    shell
}

fn read(from: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    // With its full room at once, since one that grows leaves copies.
    let mut bytes = Zeroizing::new(Vec::with_capacity(2 * LONGEST));
    from.take(LONGEST as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The text of a small file, also as Windows writes it: in UTF-16, or with a byte order mark.
/// Bytes that are no text become characters that no key has.
pub(super) fn text(bytes: &[u8]) -> Zeroizing<String> {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.as_chunks().0.iter().copied().map(unit);
        char::decode_utf16(units)
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect()
    };
    Zeroizing::new(match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    })
}

/// Whether users other than its owner can read or write a file.
#[cfg(unix)]
fn is_open_to_others(file: &File) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let metadata = file.metadata();
    metadata.is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o066 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &File) -> bool {
    false
}

/// From now on a crash leaves no copy of the memory, with the key, on the disk.
pub(super) fn forbid_core_dumps() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let none = Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        // A system without this limit has no dumps either.
        let _ = setrlimit(Resource::Core, none);
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        // A program that collects dumps, such as that of systemd, is not bound by the limit.
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_may_be_written_on_windows() {
        let utf16: Vec<u8> = "\u{feff}sk_test_a\r\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let swapped: Vec<u8> = utf16
            .as_chunks::<2>()
            .0
            .iter()
            .flat_map(|[a, b]| [*b, *a])
            .collect();
        let marked = b"\xef\xbb\xbfsk_test_a\r\n".to_vec();
        let plain = b"sk_test_a\r\n".to_vec();
        for bytes in [utf16, swapped, marked, plain] {
            assert_eq!(text(&bytes).trim(), "sk_test_a");
        }
    }

    #[test]
    fn a_key_in_the_place_of_a_file_name_is_not_repeated() {
        let error = from_file(Path::new("sk_live_verysecret")).unwrap_err();
        assert!(matches!(error, KeyError::NoFile), "{error}");
        assert!(!format!("{error:?} {error}").contains("verysecret"));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_that_others_can_read_is_warned_of() {
        use std::os::unix::fs::PermissionsExt;
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "sk_test_a").unwrap();
        for (mode, is_open) in [(0o600, false), (0o400, false), (0o640, true), (0o602, true)] {
            let permissions = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(file.path(), permissions).unwrap();
            let (_, warning) = from_file(file.path()).unwrap();
            assert_eq!(warning.is_some(), is_open, "{mode:o}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_program_that_collects_core_dumps_gets_none() {
        use rustix::process::{DumpableBehavior, dumpable_behavior};
        forbid_core_dumps();
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
    }

    #[cfg(windows)]
    #[test]
    fn a_command_may_have_quotes() {
        assert!(from_command("echo sk_test_a").is_ok());
        let quoted = r#"for %k in ("sk_test_a") do @echo %~k"#;
        assert!(from_command(quoted).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn a_command_can_print_the_key() {
        assert!(from_command("printf 'sk_test_a\\n'").is_ok());
        let failed = from_command("echo sk_test_a; exit 3").unwrap_err();
        assert!(matches!(failed, KeyError::CommandFailed { .. }), "{failed}");
        let nothing = from_command("true").unwrap_err();
        assert!(matches!(nothing, KeyError::Blank { .. }), "{nothing}");
    }
}
