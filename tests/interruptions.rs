//! What happens when a run does not come to its end: signals, closed pipes, disks that are full
//! or read-only, a second process, and files that were cut or removed.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests fail as tests do, by a panic"
)]

#[expect(dead_code, reason = "every crate of tests uses its own part of it")]
mod support;

use std::fs::OpenOptions;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use support::{Chance, Customer, Finished, Running, TestEnv, finish};
use workos_orgs::sandbox::Options;

const RESULTS: &str = "customers.results.csv";
const RUN_FILE: &str = "customers.results.csv.run";

/// As fast as possible, with little patience.
const IMPORT: [&str; 8] = [
    "import",
    "customers.csv",
    "--rate",
    "unlimited",
    "--timeout",
    "1",
    "--lookup-pause",
    "0.3",
];

/// With so few rows under way at once that a run can be caught in its middle.
const IMPORT_SLOWLY: [&str; 10] = [
    "import",
    "customers.csv",
    "--rate",
    "unlimited",
    "--timeout",
    "1",
    "--lookup-pause",
    "0.3",
    "--concurrency",
    "4",
];

/// A sandbox that takes its time to answer.
fn slow(latency: Duration) -> TestEnv {
    TestEnv::with(Options {
        rate_limit: None,
        latency,
        ..Options::default()
    })
}

fn names_alone(count: usize) -> Vec<Customer> {
    (0..count)
        .map(|n| Customer::named(format!("Customer {}", n / 2)))
        .collect()
}

fn customers_in(env: &TestEnv, customers: &[Customer]) {
    env.write("customers.csv", Customer::csv(customers));
}

/// An import that has had some answers and waits for others.
fn caught_in_the_middle(env: &TestEnv) -> Running {
    let running = env.start(&IMPORT_SLOWLY);
    env.wait_for_arrivals(12);
    running
}

fn goes_on_to_the_end(env: &TestEnv, customers: &[Customer]) -> Finished {
    let finished = env.run(&IMPORT);
    finished.ends_with(0);
    env.rows_and_organizations_agree(customers, RESULTS);
    finished
}

#[test]
fn the_first_interrupt_records_what_is_in_flight_and_says_how_to_go_on() {
    for signal in ["INT", "TERM"] {
        let env = slow(Duration::from_millis(100));
        let customers = names_alone(60);
        customers_in(&env, &customers);
        let running = caught_in_the_middle(&env);
        running.signal(signal);
        let finished = running.wait();
        finished
            .ends_with(130)
            .prints("to go on where this run stopped:")
            .prints(" import customers.csv");
        let rows = env.results(RESULTS);
        assert!((1..60).contains(&rows.len()), "{} rows", rows.len());
        assert!(rows.iter().all(|row| row.status() == "created"));
        assert_eq!(rows.len(), env.organizations().len(), "after {signal}");
        let looked = env.count("GET");
        goes_on_to_the_end(&env, &customers);
        assert_eq!(env.count("GET"), looked + 1, "nothing was looked for");
        assert_eq!(env.count("POST"), 60, "each row was sent once");
    }
}

#[test]
fn the_second_interrupt_records_what_is_in_flight_as_unknown() {
    let env = slow(Duration::from_millis(2500));
    let customers = Customer::list(20);
    customers_in(&env, &customers);
    let patiently = IMPORT_SLOWLY.map(|it| if it == "1" { "5" } else { it });
    let mut running = env.start(&patiently);
    // The greeting, then four rows whose answers are held back.
    env.wait_for_arrivals(5);
    running.signal("INT");
    running.wait_until_it_tells("stop");
    running.signal("INT");
    let finished = running.wait();
    finished.ends_with(130);
    let rows = env.results(RESULTS);
    assert!(!rows.is_empty());
    for row in &rows {
        assert_eq!(row.status(), "unknown", "{row:?}");
        assert_eq!(row.get("workos_error"), "network_error");
        assert!(row.get("workos_message").contains("it looks first"));
    }
    assert_eq!(rows.len(), env.organizations().len());
    env.run(&patiently).ends_with(0);
    env.rows_and_organizations_agree(&customers, RESULTS);
    assert_eq!(env.count("POST"), 20, "each row was sent once");
}

#[test]
fn a_kill_in_the_middle_costs_nothing() {
    let env = slow(Duration::from_millis(50));
    let customers = names_alone(60);
    customers_in(&env, &customers);
    caught_in_the_middle(&env).kill();
    goes_on_to_the_end(&env, &customers);
    assert_eq!(env.count("POST"), 60, "each row was sent once");
}

#[test]
fn a_closed_standard_output_is_no_error() {
    let env = TestEnv::new();
    let customers = Customer::list(30);
    customers_in(&env, &customers);
    let mut child = env
        .command(&IMPORT)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    env.rows_and_organizations_agree(&customers, RESULTS);
}

#[test]
fn a_place_that_cannot_be_written_is_told_before_anything_is_sent() {
    let env = TestEnv::new();
    customers_in(&env, &Customer::list(3));
    env.write("file", "no directory");
    let finished = env.run(&["import", "customers.csv", "--results", "file/results.csv"]);
    finished
        .ends_with(5)
        .tells("error: ")
        .tells("file/results.csv");
    let finished = env.run(&["import", "customers.csv", "--results", "gone/results.csv"]);
    finished.ends_with(5).tells("hint: check the path");
    assert!(env.organizations().is_empty());
}

#[test]
fn a_read_only_directory_is_told_before_anything_is_sent() {
    use std::os::unix::fs::PermissionsExt;
    let env = TestEnv::new();
    customers_in(&env, &Customer::list(3));
    let mode = |mode| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(env.directory(), permissions).unwrap();
    };
    mode(0o555);
    // To root, nothing is read-only.
    let is_writable = std::fs::write(env.path("probe"), "").is_ok();
    let finished = env.run(&IMPORT);
    mode(0o755);
    if is_writable {
        finished.ends_with(0);
        return;
    }
    finished
        .ends_with(5)
        .tells("hint: name a place that can be written with --results FILE");
    assert!(env.organizations().is_empty());
}

/// A file system of a given size, mounted for the length of a test.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    /// `None` where nobody may mount.
    fn mount(place: &'a Path, kilobytes: u32) -> Option<Self> {
        std::fs::create_dir(place).unwrap();
        let size = format!("size={kilobytes}k");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(place)
            .stderr(Stdio::null())
            .status();
        mount.is_ok_and(|it| it.success()).then_some(Self(place))
    }

    fn grow(&self, kilobytes: u32) {
        let size = format!("remount,size={kilobytes}k");
        let status = Command::new("mount")
            .args(["-o", &size])
            .arg(self.0)
            .status();
        assert!(status.unwrap().success());
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}

#[test]
fn a_full_disk_stops_the_run_and_nothing_is_lost() {
    let env = TestEnv::new();
    let place = env.path("disk");
    let Some(disk) = SmallDisk::mount(&place, 48) else {
        return;
    };
    let customers = Customer::list(1500);
    customers_in(&env, &customers);
    let results = "disk/results.csv";
    let import = [&IMPORT[..], &["--results", results]].concat();
    let finished = env.run(&import);
    finished.ends_with(5).tells("hint: make room on the disk");
    let sent = env.organizations().len();
    assert!(sent < 1500, "it went on without a place to write to");
    // Still full: nothing more is sent than what is looked up.
    env.run(&import).ends_with(5);
    disk.grow(4096);
    env.run(&import).ends_with(0);
    env.rows_and_organizations_agree(&customers, results);
}

#[test]
fn a_disk_that_is_full_from_the_start_lets_nothing_be_sent() {
    let env = TestEnv::new();
    let place = env.path("disk");
    let Some(disk) = SmallDisk::mount(&place, 16) else {
        return;
    };
    std::fs::write(env.path("disk/ballast"), vec![0; 16 * 1024]).unwrap();
    let customers = Customer::list(10);
    customers_in(&env, &customers);
    let import = [&IMPORT[..], &["--results", "disk/results.csv"]].concat();
    let finished = env.run(&import);
    finished.ends_with(5).tells("hint: make room on the disk");
    assert!(env.organizations().is_empty());
    disk.grow(1024);
    env.run(&import).ends_with(0);
    env.rows_and_organizations_agree(&customers, "disk/results.csv");
}

#[test]
fn a_second_process_is_refused_and_told_who_is_at_work() {
    let env = slow(Duration::from_millis(200));
    let customers = names_alone(60);
    customers_in(&env, &customers);
    let running = caught_in_the_middle(&env);
    let second = env.run(&IMPORT);
    second
        .ends_with(5)
        .tells("is in use by another run")
        .tells(&format!("process {}", running.id()))
        .tells("since 20");
    let retry = env.run(&["retry", RESULTS]);
    retry.ends_with(5).tells("is in use by another run");
    running.wait().ends_with(0);
    env.rows_and_organizations_agree(&customers, RESULTS);
    assert_eq!(env.count("POST"), 60);
}

/// Cuts a file off at this length.
fn cut(path: &Path, length: u64) {
    let file = OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(length).unwrap();
}

fn length(path: &Path) -> u64 {
    path.metadata().unwrap().len()
}

#[test]
fn a_results_file_that_was_cut_anywhere_is_made_whole_again() {
    let mut chance = Chance::new(7);
    for is_finished in [true, false] {
        let env = slow(Duration::from_millis(if is_finished { 0 } else { 20 }));
        let customers = names_alone(60);
        customers_in(&env, &customers);
        if is_finished {
            env.run(&IMPORT).ends_with(0);
        } else {
            let mut running = env.start(&IMPORT_SLOWLY);
            running.wait_until(
                |_| env.path(RESULTS).exists() && env.results(RESULTS).len() > 20,
                "rows",
            );
            running.kill();
        }
        for _ in 0..6 {
            let path = env.path(RESULTS);
            cut(&path, chance.below(length(&path) + 1));
            goes_on_to_the_end(&env, &customers);
        }
        assert_eq!(env.count("POST"), 60, "each row was sent once");
    }
}

#[test]
fn a_run_file_that_was_torn_is_repaired() {
    let mut chance = Chance::new(8);
    for is_finished in [true, false] {
        let env = slow(Duration::from_millis(if is_finished { 0 } else { 20 }));
        let customers = names_alone(60);
        customers_in(&env, &customers);
        if is_finished {
            env.run(&IMPORT).ends_with(0);
        } else {
            caught_in_the_middle(&env).kill();
        }
        for _ in 0..6 {
            let content = std::fs::read(env.path(RUN_FILE)).unwrap();
            // What was synced to the disk stays there; only a line that was being written tears.
            let torn: Vec<usize> = (1..content.len())
                .filter(|&at| content[at - 1] != b'\n')
                .collect();
            let at = torn[usize::try_from(chance.below(torn.len() as u64)).unwrap()] as u64;
            cut(&env.path(RUN_FILE), at);
            // A crash tears the results file too.
            let results = env.path(RESULTS);
            cut(&results, chance.below(length(&results) + 1));
            env.run(&IMPORT).ends_with(0);
            // Where nobody knows any more when the run began, nobody can tell what it has created
            // from what was there before.
            let told = env.read(RESULTS).replace(",unchanged,", ",created,");
            env.write(RESULTS, told);
            env.rows_and_organizations_agree(&customers, RESULTS);
        }
        assert_eq!(env.count("POST"), 60, "each row was sent once");
    }
}

#[test]
fn after_an_orderly_interrupt_nothing_is_in_doubt_even_if_the_input_has_changed() {
    let env = slow(Duration::from_millis(100));
    let mut customers = names_alone(60);
    customers_in(&env, &customers);
    let running = caught_in_the_middle(&env);
    running.signal("INT");
    running.wait().ends_with(130);
    customers.push(Customer::named("Newcomer"));
    customers_in(&env, &customers);
    let finished = goes_on_to_the_end(&env, &customers);
    assert!(!finished.stderr.contains("looking for what"));
    assert_eq!(env.count("POST"), 61);
    let looked = env.count("GET");
    assert!(looked <= 4, "{looked} look-ups");
}

#[test]
fn after_a_kill_the_plan_says_what_is_looked_for_first() {
    let env = slow(Duration::from_millis(100));
    let customers = names_alone(60);
    customers_in(&env, &customers);
    caught_in_the_middle(&env).kill();
    goes_on_to_the_end(&env, &customers)
        .tells("first:   looking for what an earlier run may have sent without an answer: up to");
}

#[test]
fn a_results_file_that_was_removed_is_written_anew_without_sending_anything() {
    let env = TestEnv::new();
    let customers = names_alone(40);
    customers_in(&env, &customers);
    env.run(&IMPORT).ends_with(0);
    std::fs::remove_file(env.path(RESULTS)).unwrap();
    goes_on_to_the_end(&env, &customers);
    assert_eq!(env.count("POST"), 40, "each row was sent once");
}

#[test]
fn a_results_file_that_was_removed_after_a_retry_is_written_anew_without_sending_anything() {
    let env = TestEnv::new();
    let mut customers = names_alone(40);
    customers[7].domain.push_str("not a domain");
    customers_in(&env, &customers);
    env.run(&IMPORT).ends_with(1);
    env.run(&["retry", RESULTS]).ends_with(1);
    std::fs::remove_file(env.path(RESULTS)).unwrap();
    env.run(&IMPORT).ends_with(1);
    assert_eq!(env.count("POST"), 39, "each row was sent once");
    assert_eq!(env.organizations().len(), 39);
    assert_eq!(env.results(RESULTS).len(), 40);
}

#[test]
fn a_results_file_that_was_removed_and_an_input_that_was_changed_send_nothing_twice() {
    let env = TestEnv::new();
    let mut customers = names_alone(40);
    customers_in(&env, &customers);
    env.run(&IMPORT).ends_with(0);
    std::fs::remove_file(env.path(RESULTS)).unwrap();
    customers.insert(0, Customer::named("Newcomer"));
    customers_in(&env, &customers);
    goes_on_to_the_end(&env, &customers);
    assert_eq!(env.count("POST"), 41, "each row was sent once");
}

#[test]
fn a_results_file_without_its_run_file_is_never_overwritten() {
    let env = TestEnv::new();
    let customers = names_alone(4);
    customers_in(&env, &customers);
    env.run(&IMPORT).ends_with(0);
    std::fs::remove_file(env.path(RUN_FILE)).unwrap();
    let before = env.read(RESULTS);
    let finished = env.run(&IMPORT);
    finished
        .ends_with(5)
        .tells("hint: to rerun the rows in it that are not done");
    assert_eq!(env.read(RESULTS), before);
    assert!(!env.path(RUN_FILE).exists());
    assert_eq!(env.count("POST"), 4);
}

#[test]
fn a_run_of_another_environment_is_not_gone_on_with() {
    let env = TestEnv::new();
    let customers = names_alone(4);
    customers_in(&env, &customers);
    env.run(&IMPORT).ends_with(0);
    customers_in(&env, &names_alone(6));
    let other = TestEnv::new();
    let environments = [
        ("WORKOS_BASE_URL", other.url()),
        ("WORKOS_API_KEY", "sk_live_other".to_owned()),
    ];
    for (name, value) in environments {
        for arguments in [&IMPORT[..], &["retry", RESULTS]] {
            let finished = finish(env.command(arguments).env(name, &value).arg("--yes"));
            finished
                .ends_with(5)
                .tells("belongs to a run against")
                .tells("hint: use the key and base URL of that run");
        }
    }
    assert!(other.requests().is_empty());
    assert_eq!(env.count("POST"), 4);
}

#[test]
fn a_key_of_another_environment_of_the_same_kind_is_found_out() {
    let env = TestEnv::new();
    customers_in(&env, &names_alone(4));
    env.run(&IMPORT).ends_with(0);
    // The same address, as all of WorkOS has, and behind it another environment.
    let port: u16 = env.url().rsplit(':').next().unwrap().parse().unwrap();
    let other = env.with_another_sandbox(Options {
        port,
        api_key: "sk_test_other".to_owned(),
        ..Options::default()
    });
    customers_in(&other, &names_alone(6));
    let finished = other.run(&IMPORT);
    finished
        .ends_with(5)
        .tells("does not have organization org_")
        .tells("hint: ");
    assert_eq!(other.count("POST"), 0);
}
