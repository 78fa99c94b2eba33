//! The built program against the sandbox, as a script or a person runs it: exit codes, what is
//! printed, and what is in the files and in WorkOS afterwards.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests fail as tests do, by a panic"
)]

#[path = "../support/mod.rs"]
mod support;

mod adopt;
mod changed_lists;
mod chaos;
mod connection;
mod create;
#[cfg(unix)]
mod disks;
mod edited_ids;
mod environments;
mod export;
mod hostile_workbooks;
mod import;
mod interruptions;
mod journal_missing;
mod json;
mod lists;
mod merged;
#[cfg(target_os = "linux")]
mod network_folders;
mod plan_file;
mod private_files;
mod promises_files;
mod promises_journal;
mod promises_lost;
mod promises_server;
mod proxy;
mod rate;
mod report;
mod retry;
mod sample_data;
mod secrets;
mod server;
mod spreadsheets;
mod status;
mod sync;
mod truncated_files;
mod undo;
mod verify;

use std::collections::BTreeSet;
use support::{Customer, Finished, ResultRow, Running, TestEnv};
use workos_orgs::sandbox::{Options, TAKEN_DOMAIN, TAKEN_EXTERNAL_ID};

const RESULTS: &str = "customers.results.csv";
const JOURNAL: &str = "customers.results.journal";

/// As fast as possible.
const FAST: [&str; 4] = ["import", "customers.csv", "--rate", "unlimited"];

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

/// With so few parallel requests that a run can be stopped in its middle.
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

/// A sandbox, and this many customers in `customers.csv`.
fn env(count: usize) -> TestEnv {
    let env = TestEnv::new();
    env.write_customers(&Customer::list(count));
    env
}

/// A sandbox in which a domain and an external id are taken.
fn env_with_examples() -> TestEnv {
    TestEnv::with(Options {
        rate_limit: None,
        examples: true,
        ..Options::default()
    })
}

/// Forty customers: the second and the fifth claim what is taken, and the seventh breaks a rule.
fn with_conflicts() -> Vec<Customer> {
    let mut customers = Customer::list(40);
    TAKEN_DOMAIN.clone_into(&mut customers[1].domain);
    customers[1].external_id.clear();
    TAKEN_EXTERNAL_ID.clone_into(&mut customers[4].external_id);
    "not a domain".clone_into(&mut customers[6].domain);
    customers
}

/// This many customers with names alone, two of each name.
fn pairs(count: usize) -> Vec<Customer> {
    (0..count)
        .map(|n| Customer::named(format!("Customer {}", n / 2)))
        .collect()
}

/// This many customers with different names and nothing else.
fn named(count: usize) -> Vec<Customer> {
    (0..count)
        .map(|n| Customer::named(format!("Customer {n}")))
        .collect()
}

fn import(env: &TestEnv) -> Finished {
    env.run(&IMPORT)
}

/// An import with these further options.
fn import_with(env: &TestEnv, options: &[&str]) -> Finished {
    env.run(&[&IMPORT[..], options].concat())
}

/// A retry with these further options.
fn retry(env: &TestEnv, options: &[&str]) -> Finished {
    let base = [&["retry", RESULTS][..], &IMPORT[2..]].concat();
    env.run(&[&base[..], options].concat())
}

/// The statuses of rows, each once.
fn statuses(rows: &[ResultRow]) -> BTreeSet<&str> {
    rows.iter().map(ResultRow::status).collect()
}

/// Finishes an import; each customer is then exactly one organization.
#[track_caller]
fn finishes(env: &TestEnv, customers: &[Customer]) -> Finished {
    let finished = import(env);
    finished.exits_with(0);
    env.rows_and_organizations_agree(customers, RESULTS);
    finished
}

/// An import that has had some answers and waits for others.
fn caught_in_the_middle(env: &TestEnv) -> Running {
    let running = env.start(&IMPORT_SLOWLY);
    env.wait_for_arrivals(12);
    running
}
