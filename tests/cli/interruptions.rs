//! Runs that are interrupted: signals, kills, closed pipes, a second process.

use super::{IMPORT, IMPORT_SLOWLY, RESULTS, caught_in_the_middle, finishes, pairs, statuses};
use crate::support::{Customer, TestEnv};
use std::collections::BTreeSet;
use std::process::Stdio;

#[test]
#[cfg_attr(
    windows,
    ignore = "needs a signal: Windows has no program that sends Ctrl-C"
)]
fn the_first_interrupt_records_what_is_in_flight_and_says_how_to_resume() {
    for signal in ["INT", "TERM"] {
        let env = TestEnv::slow(100);
        let customers = pairs(60);
        env.write_customers(&customers);
        let running = caught_in_the_middle(&env);
        running.signal(signal);
        let finished = running.wait();
        finished
            .exits_with(130)
            .stdout_has("next:    to resume:")
            .stdout_has(" import customers.csv");
        let rows = env.results(RESULTS);
        assert_eq!(rows.len(), 60);
        assert_eq!(statuses(&rows), BTreeSet::from(["", "created"]));
        let created = rows.iter().filter(|row| row.status() == "created").count();
        assert!((1..60).contains(&created), "{created} rows");
        assert_eq!(created, env.organizations().len(), "after {signal}");
        let lookups = env.count("GET");
        finishes(&env, &customers).stderr_lacks("checking");
        let lookups = env.count("GET") - lookups;
        assert!(lookups <= 2, "{lookups}: the preflight and the comparison");
        assert_eq!(env.count("POST"), 60, "each row was sent once");
    }
}

#[test]
#[cfg_attr(
    windows,
    ignore = "needs a signal: Windows has no program that sends Ctrl-C"
)]
fn the_second_interrupt_records_what_is_in_flight_as_unknown() {
    let env = TestEnv::slow(2500);
    let customers = Customer::list(20);
    env.write_customers(&customers);
    let patiently = IMPORT_SLOWLY.map(|it| if it == "1" { "5" } else { it });
    let running = env.start(&patiently);
    // The preflight, then four rows whose answers are held back.
    env.wait_for_arrivals(5);
    running.signal("INT");
    running.wait_for_stderr("Ctrl-C again stops now");
    running.signal("INT");
    running.wait().exits_with(130);
    let rows = env.results(RESULTS);
    assert_eq!(statuses(&rows), BTreeSet::from(["", "unknown"]));
    let unknown: Vec<_> = rows.iter().filter(|it| it.status() == "unknown").collect();
    for row in &unknown {
        assert_eq!(row.get("workos_error"), "network_error");
        assert!(
            row.get("workos_message").contains("it looks it up first"),
            "{row:?}"
        );
    }
    assert_eq!(unknown.len(), env.organizations().len());
    env.run(&patiently).exits_with(0);
    env.rows_and_organizations_agree(&customers, RESULTS);
    assert_eq!(env.count("POST"), 20, "each row was sent once");
}

#[test]
fn a_kill_in_the_middle_costs_nothing() {
    let env = TestEnv::slow(50);
    let customers = pairs(60);
    env.write_customers(&customers);
    caught_in_the_middle(&env).kill();
    finishes(&env, &customers);
    assert_eq!(env.count("POST"), 60, "each row was sent once");
}

#[test]
fn a_closed_standard_output_is_no_error() {
    let env = TestEnv::new();
    let customers = Customer::list(30);
    env.write_customers(&customers);
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
fn a_second_process_is_refused_and_the_first_is_named() {
    let env = TestEnv::slow(200);
    let customers = pairs(60);
    env.write_customers(&customers);
    let running = caught_in_the_middle(&env);
    let (second, retry) = (env.start(&IMPORT), env.start(&["retry", RESULTS]));
    let second = second.wait();
    second
        .exits_with(5)
        .stderr_has("is in use by another run")
        .stderr_has(&format!("process {}", running.id()))
        .stderr_has("since 20");
    let retry = retry.wait();
    retry.exits_with(5).stderr_has("is in use by another run");
    running.wait().exits_with(0);
    env.rows_and_organizations_agree(&customers, RESULTS);
    assert_eq!(env.count("POST"), 60);
}

#[test]
#[cfg_attr(
    windows,
    ignore = "needs a signal: Windows has no program that sends Ctrl-C"
)]
fn after_an_orderly_interrupt_nothing_is_in_doubt_even_if_the_list_has_changed() {
    let env = TestEnv::slow(100);
    let mut customers = pairs(60);
    env.write_customers(&customers);
    let running = caught_in_the_middle(&env);
    running.signal("INT");
    running.wait().exits_with(130);
    customers.push(Customer::named("Newcomer"));
    env.write_customers(&customers);
    finishes(&env, &customers).stderr_lacks("checking");
    assert_eq!(env.count("POST"), 61);
    let looked = env.count("GET");
    assert!(looked <= 4, "{looked} look-ups");
}

#[test]
fn after_a_kill_the_plan_says_what_is_checked_first() {
    let env = TestEnv::slow(100);
    let customers = pairs(60);
    env.write_customers(&customers);
    caught_in_the_middle(&env).kill();
    finishes(&env, &customers).stderr_has("rows an interrupted run may have sent: up to");
}
