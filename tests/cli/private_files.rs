//! What the program writes is no more open than the list, and nothing that is not its own is
//! touched.

use super::{FAST, JOURNAL, RESULTS, env};
use crate::support::Customer;
#[cfg(unix)]
use crate::support::TestEnv;
#[cfg(unix)]
use std::os::unix::fs::{PermissionsExt, symlink};
#[cfg(unix)]
use std::process::Command;

#[cfg(unix)]
fn mode(env: &TestEnv, name: &str) -> u32 {
    let metadata = std::fs::metadata(env.path(name)).unwrap();
    metadata.permissions().mode() & 0o777
}

#[cfg(unix)]
fn set_mode(env: &TestEnv, name: &str, mode: u32) {
    let permissions = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(env.path(name), permissions).unwrap();
}

#[cfg(unix)]
#[test]
fn results_and_journal_are_no_more_open_than_the_list() {
    for list in [0o600, 0o640, 0o644] {
        let env = env(2);
        // The umask may allow less than the list has.
        env.write("probe", "");
        let files = list & mode(&env, "probe");
        set_mode(&env, "customers.csv", list);
        env.run(&FAST).exits_with(0);
        env.run(&["check", "customers.csv", "--fixed", "clean.csv"])
            .exits_with(0);
        for file in [RESULTS, JOURNAL, "clean.csv"] {
            assert_eq!(mode(&env, file), files, "{file} of a list with {list:o}");
        }
        // What the user has set stays.
        set_mode(&env, RESULTS, 0o660);
        env.write_customers(&Customer::list(3));
        env.run(&FAST).exits_with(0);
        assert_eq!(mode(&env, RESULTS), 0o660);
    }
}

#[test]
fn a_file_that_is_not_ours_is_left_as_it_is() {
    for (name, content) in [
        (RESULTS, &b"\0\x01\x02 not a list\0\0\0\0"[..]),
        (RESULTS, b"my notes"),
        (RESULTS, b"name\n\"unclosed"),
        (JOURNAL, b"my notes"),
        (JOURNAL, b"{\"my\":\"notes\"}\n"),
        (JOURNAL, b"\0"),
    ] {
        let env = env(1);
        env.write(name, content);
        env.run(&FAST).exits_with(5).stderr_has("hint: ");
        assert_eq!(std::fs::read(env.path(name)).unwrap(), content, "{name}");
        assert!(
            env.requests()
                .iter()
                .all(|request| request.method != "POST")
        );
    }
}

#[cfg(unix)]
#[test]
fn a_place_that_no_file_can_be_is_refused_before_anything_is_sent() {
    let env = env(1);
    let elsewhere = tempfile::tempdir().unwrap();
    symlink(elsewhere.path().join("new.csv"), env.path("link.csv")).unwrap();
    symlink("/dev/null", env.path("null.csv")).unwrap();
    std::fs::create_dir(env.path("folder")).unwrap();
    let made = Command::new("mkfifo").arg(env.path("fifo.csv")).status();
    assert!(made.unwrap().success());
    for place in [
        "link.csv",
        "null.csv",
        "folder",
        "fifo.csv",
        "/dev/full",
        "new.csv.gz",
    ] {
        let arguments = [&FAST[..], &["--results", place]].concat();
        env.run(&arguments).exits_with(5).stderr_has("hint: ");
    }
    assert!(env.requests().is_empty());
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[cfg(windows)]
#[test]
fn a_place_that_windows_takes_for_something_else_is_refused_before_anything_is_sent() {
    let env = env(1);
    std::fs::create_dir(env.path("folder")).unwrap();
    for place in ["NUL", "com1.csv", "list.csv:part", "folder", "new.csv.gz"] {
        let arguments = [&FAST[..], &["--results", place]].concat();
        env.run(&arguments).exits_with(5).stderr_has("hint: ");
    }
    assert!(env.requests().is_empty());
}

#[test]
fn a_list_with_a_long_name_is_imported() {
    for length in [224, 235, 239] {
        let env = env(0);
        let name = format!("{}.csv", "n".repeat(length - 4));
        env.write(&name, Customer::csv(&Customer::list(2)));
        env.run(&["import", &name, "--rate", "unlimited"])
            .exits_with(0);
        env.run(&["import", &name, "--rate", "unlimited"])
            .exits_with(0);
        assert_eq!(env.names().len(), 2);
    }
}

#[test]
fn standard_input_leaves_nothing_behind() {
    let env = env(0);
    let list = Customer::csv(&Customer::list(2));
    let results = ["import", "-", "--results", RESULTS, "--rate", "unlimited"];
    env.run_with_input(&results, &list).exits_with(0);
    let files: Vec<_> = env
        .files()
        .into_iter()
        .filter(|it| it != "customers.csv")
        .collect();
    assert_eq!(files, [RESULTS, JOURNAL]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_process_with_a_key_dumps_no_core() {
    use std::os::unix::process::ExitStatusExt;
    let env = env(1);
    // The key is read from a pipe, so the program waits with its limits already set.
    let made = Command::new("mkfifo").arg(env.path("key")).status();
    assert!(made.unwrap().success());
    // As on a machine where every crash leaves a core dump.
    let program = env.command(&[&FAST[..], &["--api-key-file", "key"]].concat());
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "ulimit -c unlimited; exec \"$0\" \"$@\""]);
    command.arg(program.get_program()).args(program.get_args());
    command.current_dir(env.directory()).env_clear();
    let given = program
        .get_envs()
        .filter_map(|(name, value)| Some((name, value?)));
    let mut child = command.envs(given).spawn().unwrap();
    let pipe = std::fs::File::options()
        .write(true)
        .open(env.path("key"))
        .unwrap();
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"))
        .unwrap();
    let values: Vec<_> = core.split_whitespace().skip(4).take(2).collect();
    assert_eq!(values, ["0", "0"]);
    let killed = Command::new("kill")
        .args(["-s", "ABRT", &child.id().to_string()])
        .status();
    assert!(killed.unwrap().success());
    let ended = child.wait().unwrap();
    assert!(ended.signal().is_some() && !ended.core_dumped(), "{ended}");
    drop(pipe);
    let files: Vec<_> = env.files().into_iter().collect();
    assert_eq!(files, ["customers.csv", "key"]);
}
