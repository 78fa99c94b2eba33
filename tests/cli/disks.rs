//! Disks that are full or read-only.
//!
//! Tests with a small disk mount one, which needs root or sudo:
//! `cargo test --test cli disks -- --ignored`.

use super::{IMPORT, finishes, import_with};
use crate::support::{Customer, TestEnv, finish};
use std::path::Path;
use std::process::Command;

#[test]
fn an_unwritable_path_is_reported_before_anything_is_sent() {
    let env = TestEnv::new();
    env.write_customers(&Customer::list(3));
    env.write("file", "no directory");
    import_with(&env, &["--results", "file/results.csv"])
        .exits_with(5)
        .stderr_has("error: ")
        .stderr_has("file/results.");
    import_with(&env, &["--results", "gone/results.csv"])
        .exits_with(5)
        .stderr_has("there is no folder gone")
        .stderr_has("hint: create the folder");
    assert!(env.organizations().is_empty());
}

/// No user can write to /sys, not even root.
#[cfg(target_os = "linux")]
#[test]
fn a_read_only_directory_is_reported_before_anything_is_sent() {
    let env = TestEnv::new();
    env.write_customers(&Customer::list(3));
    import_with(&env, &["--results", "/sys/results.csv"])
        .exits_with(5)
        .stderr_has("error: cannot write ")
        .stderr_has("then run the same command again")
        .stderr_lacks("--results");
    assert!(env.organizations().is_empty());
}

/// A limit on the size of files is a disk that is full for every user.
#[test]
fn a_disk_that_fills_up_during_a_run_stops_it_and_nothing_is_lost() {
    let env = TestEnv::new();
    let customers = Customer::list(400);
    env.write_customers(&customers);
    let program = env.command(&IMPORT);
    let limited = |blocks: u32| {
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &script]);
        command.arg(program.get_program()).args(program.get_args());
        command.current_dir(env.directory()).env_clear();
        let variables = program.get_envs();
        command.envs(variables.filter_map(|(name, value)| Some((name, value?))));
        finish(&mut command)
    };
    // 512 bytes a block: room for the list itself and the first rows of the journal.
    limited(60)
        .exits_with(5)
        .stderr_has("error: cannot write ")
        .stderr_has("run the same command again");
    let sent = env.organizations().len();
    assert!(sent < 400, "it continued without a place to write to");
    limited(60).exits_with(5);
    finishes(&env, &customers);
    assert_eq!(env.count("POST"), 400, "each row was sent once");
}

/// A file system of a given size, mounted for the length of a test.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    fn mount(place: &'a Path, kilobytes: u32) -> Self {
        std::fs::create_dir(place).unwrap();
        let size = format!("size={kilobytes}k,mode=1777");
        run_as_root(&["mount", "-t", "tmpfs", "-o", &size, "tmpfs"], place);
        Self(place)
    }

    fn remount(&self, option: &str) {
        run_as_root(&["mount", "-o", &format!("remount,{option}")], self.0);
    }
}

/// Runs a command, with sudo where that is needed.
fn run_as_root(command: &[&str], place: &Path) {
    let run = |words: &[&str]| {
        let mut command = Command::new(words[0]);
        let output = command.args(&words[1..]).arg(place).output();
        output.is_ok_and(|output| output.status.success())
    };
    let with_sudo = [&["sudo", "-n"][..], command].concat();
    assert!(run(command) || run(&with_sudo), "{command:?} needs root");
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}

const ON_DISK: [&str; 2] = ["--results", "disk/results.csv"];

#[test]
#[ignore = "mounts a small disk, which needs root"]
fn a_full_disk_stops_the_run_and_nothing_is_lost() {
    let env = TestEnv::new();
    let place = env.path("disk");
    let disk = SmallDisk::mount(&place, 256);
    let customers = Customer::list(1000);
    env.write_customers(&customers);
    import_with(&env, &ON_DISK)
        .exits_with(5)
        .stderr_has("hint: free some disk space, then run the same command again");
    let sent = env.organizations().len();
    assert!(sent < 1000, "it continued without a place to write to");
    // Still full.
    import_with(&env, &ON_DISK).exits_with(5);
    disk.remount("size=8192k");
    import_with(&env, &ON_DISK).exits_with(0);
    env.rows_and_organizations_agree(&customers, ON_DISK[1]);
    assert_eq!(env.count("POST"), 1000, "each row was sent once");
}

#[test]
#[ignore = "mounts a small disk, which needs root"]
fn a_disk_that_is_full_from_the_start_lets_nothing_be_sent() {
    let env = TestEnv::new();
    let place = env.path("disk");
    let disk = SmallDisk::mount(&place, 16);
    std::fs::write(env.path("disk/ballast"), vec![0; 16 * 1024]).unwrap();
    let customers = Customer::list(10);
    env.write_customers(&customers);
    import_with(&env, &ON_DISK)
        .exits_with(5)
        .stderr_has("hint: free some disk space, then run the same command again");
    assert!(env.organizations().is_empty());
    disk.remount("size=1024k");
    import_with(&env, &ON_DISK).exits_with(0);
    env.rows_and_organizations_agree(&customers, ON_DISK[1]);
}

#[test]
#[ignore = "mounts a small disk, which needs root"]
fn a_disk_that_became_read_only_lets_nothing_be_sent() {
    let env = TestEnv::new();
    let place = env.path("disk");
    let disk = SmallDisk::mount(&place, 1024);
    let mut customers = Customer::list(10);
    env.write_customers(&customers);
    import_with(&env, &ON_DISK).exits_with(0);
    disk.remount("ro");
    customers.extend(Customer::list(12).split_off(10));
    env.write_customers(&customers);
    import_with(&env, &ON_DISK)
        .exits_with(5)
        .stderr_has("then run the same command again")
        .stderr_lacks("--results");
    assert_eq!(env.count("POST"), 10);
    disk.remount("rw");
    import_with(&env, &ON_DISK).exits_with(0);
    env.rows_and_organizations_agree(&customers, ON_DISK[1]);
}
