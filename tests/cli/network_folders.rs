//! Folders that cannot lock a file or sync a directory, made by a library that is loaded first.

use super::{FAST, RESULTS, env};
use crate::support::{Finished, TestEnv, finish};
use std::path::Path;
use std::process::Command;

/// Imports, where nothing below this folder can be locked.
fn import_without_locks_in(env: &TestEnv, folder: &Path) -> Finished {
    let library = "without_locks.so";
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/without_locks.c");
    let mut compiler = Command::new("cc");
    compiler
        .args(["-shared", "-fPIC", "-o"])
        .arg(env.path(library));
    let ended = compiler.arg(source).arg("-ldl").status().unwrap();
    assert!(ended.success());
    let mut command = env.command(&FAST);
    // A space in a path would end it, so it begins in the folder of the command.
    command
        .env("LD_PRELOAD", format!("./{library}"))
        .env("WITHOUT_LOCKS", folder.canonicalize().unwrap());
    finish(&mut command)
}

#[test]
fn a_list_on_a_drive_without_locks_is_imported() {
    let env = env(3);
    import_without_locks_in(&env, env.directory()).exits_with(0);
    assert_eq!(env.results(RESULTS).len(), 3);
    assert_eq!(env.organizations().len(), 3);
}

#[test]
fn a_temporary_folder_without_locks_is_explained() {
    let env = env(3);
    import_without_locks_in(&env, env.temporary())
        .exits_with(5)
        .stderr_has("cannot lock files")
        .stderr_has("set TMPDIR to a folder of this machine");
    assert!(env.organizations().is_empty());
}
