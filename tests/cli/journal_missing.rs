//! Results files without their journal, and journals without their results file.

use super::{JOURNAL, RESULTS, finishes, import, named, pairs, retry, statuses};
use crate::support::{Customer, TestEnv};
use std::collections::BTreeSet;
use workos_orgs::sandbox::{Options, TAKEN_EXTERNAL_ID, TAKEN_EXTERNAL_ID_OWNER};

#[test]
fn a_retry_without_its_journal_says_what_is_unknown_and_asks() {
    let env = TestEnv::with(Options {
        rate_limit: None,
        examples: true,
        faults: vec!["5xx-before:0.5".parse().unwrap()],
        ..Options::default()
    });
    let mut customer = Customer::list(1);
    TAKEN_EXTERNAL_ID.clone_into(&mut customer[0].external_id);
    TAKEN_EXTERNAL_ID_OWNER.clone_into(&mut customer[0].name);
    env.write_customers(&customer);
    import(&env).exits_with(1);
    let sent = env.requests().len();
    std::fs::rename(env.path(RESULTS), env.path("mailed.csv")).unwrap();
    let alone = [
        "retry",
        "mailed.csv",
        "--rate",
        "unlimited",
        "--timeout",
        "1",
        "--lookup-pause",
        "0.3",
        "--max-attempts",
        "50",
    ];
    let before = env.read("mailed.csv");
    env.run(&alone)
        .exits_with(2)
        .stderr_has("error: nothing was sent: mailed.journal is missing")
        .stderr_has("all other rows (1) are looked up in WorkOS before they are sent")
        .stderr_has("columns and the state of domains are taken from this command")
        .stderr_has("add --without-journal");
    assert_eq!(env.requests().len(), sent);
    assert_eq!(env.read("mailed.csv"), before);
    // What was there before is not taken for the work of a request whose answer was lost.
    for _ in 0..5 {
        env.run(&[&alone[..], &["--without-journal"]].concat())
            .exits_with(1);
        assert_eq!(env.results("mailed.csv")[0].status(), "conflict");
    }
    assert_eq!(env.organizations().len(), 2);
}

#[test]
fn a_retry_without_its_journal_recognizes_organizations_with_the_same_values() {
    let env = TestEnv::new();
    let customers = named(3);
    env.write_customers(&customers);
    import(&env).exits_with(0);
    let lost = env.read(RESULTS).replace(",created,org_", ",unknown,,");
    let lost: Vec<_> = lost
        .lines()
        .map(|line| match line.split_once(",unknown,,") {
            Some((cells, rest)) => format!("{cells},unknown,{}", &rest[rest.find(',').unwrap()..]),
            None => line.to_owned(),
        })
        .collect();
    env.write("mailed.csv", lost.join("\n") + "\n");
    env.run(&[
        "retry",
        "mailed.csv",
        "--timeout",
        "1",
        "--lookup-pause",
        "0.3",
        "--without-journal",
    ])
    .exits_with(0);
    let rows = env.results("mailed.csv");
    assert!(statuses(&rows).is_subset(&BTreeSet::from(["created", "unchanged"])));
    assert_eq!(env.organizations().len(), 3);
}

#[test]
fn a_removed_results_file_is_written_again_without_sending_anything() {
    let env = TestEnv::new();
    let customers = pairs(40);
    env.write_customers(&customers);
    import(&env).exits_with(0);
    env.remove(RESULTS);
    finishes(&env, &customers);
    assert_eq!(env.count("POST"), 40, "each row was sent once");
}

#[test]
fn a_results_file_removed_after_a_retry_is_written_again_without_sending_anything() {
    let env = TestEnv::new();
    let mut customers = pairs(40);
    customers[7].domain.push_str("not a domain");
    env.write_customers(&customers);
    import(&env).exits_with(1);
    retry(&env, &[]).exits_with(1);
    env.remove(RESULTS);
    import(&env).exits_with(1);
    assert_eq!(env.count("POST"), 39, "each row was sent once");
    assert_eq!(env.organizations().len(), 39);
    assert_eq!(env.results(RESULTS).len(), 40);
}

#[test]
fn a_removed_results_file_and_a_changed_list_send_nothing_twice() {
    let env = TestEnv::new();
    let mut customers = pairs(40);
    env.write_customers(&customers);
    import(&env).exits_with(0);
    env.remove(RESULTS);
    customers.insert(0, Customer::named("Newcomer"));
    env.write_customers(&customers);
    finishes(&env, &customers);
    assert_eq!(env.count("POST"), 41, "each row was sent once");
}

#[test]
fn a_results_file_without_its_journal_is_not_overwritten_unasked() {
    let env = TestEnv::new();
    let customers = pairs(4);
    env.write_customers(&customers);
    import(&env).exits_with(0);
    env.remove(JOURNAL);
    let before = env.contents();
    import(&env)
        .exits_with(2)
        .stderr_has("4 rows with an organization id in customers.results.csv count as done")
        .stderr_has("hint: restore customers.results.journal next to the results file");
    assert_eq!(env.contents(), before);
    assert_eq!(env.count("POST"), 4);
}
