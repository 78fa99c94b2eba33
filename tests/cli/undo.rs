//! `undo`: what runs have made is taken back, and nothing else.

use super::sync::held;
use crate::support::TestEnv;
use workos_orgs::sandbox::Options;

const FIRST: &str = "name,domain,external_id\nAcme,acme.com,a-1\nBeta,beta.com,b-1\n";
const CRM: &str = "name,domain,external_id,metadata.plan\n\
                   Acme Inc.,acme.com;acme.de,a-1,pro\n\
                   Beta,beta.com,b-1,free\n\
                   Gamma,gamma.com,g-1,\n";

/// Two organizations that were there, changed by a sync that has created a third.
fn synced() -> TestEnv {
    let env = TestEnv::new();
    env.write("first.csv", FIRST);
    env.run(&["import", "first.csv"]).exits_with(0);
    env.write("crm.csv", CRM);
    env
}

fn undo(env: &TestEnv, options: &[&str]) -> crate::support::Finished {
    let arguments = [&["undo", "crm.results.csv", "--rate", "unlimited"], options].concat();
    env.run(&arguments)
}

#[test]
fn a_sync_is_taken_back_field_by_field() {
    let env = synced();
    let before = held(&env);
    env.run(&["sync", "crm.csv"]).exits_with(0);
    assert_ne!(held(&env), before);
    let files = env.contents();
    undo(&env, &["--dry-run"])
        .exits_with(0)
        .stderr_has("1 organization to delete, 2 to restore");
    assert_eq!(env.contents(), files);
    undo(&env, &[]).exits_with(0).stdout_has("(2 restored)");
    assert_eq!(held(&env), before);
    let results = env.results("crm.results.csv");
    let statuses: Vec<_> = results.iter().map(|row| row.status().to_owned()).collect();
    assert_eq!(statuses, ["unchanged", "unchanged", "deleted"]);
    undo(&env, &[]).exits_with(0);
    assert_eq!(held(&env), before, "a second undo does nothing");
}

#[test]
fn what_somebody_has_changed_since_is_left_and_named() {
    let env = synced();
    env.run(&["sync", "crm.csv"]).exits_with(0);
    env.write("other.csv", "name,external_id\nGamma by hand,g-1\n");
    env.run(&["sync", "other.csv"]).exits_with(0);
    undo(&env, &[])
        .exits_with(1)
        .stderr_has("not deleted: it was changed since the run");
    assert_eq!(env.names(), ["Acme", "Beta", "Gamma by hand"]);
}

#[test]
fn an_import_asks_before_it_creates_deleted_rows_again() {
    let env = synced();
    env.run(&["sync", "crm.csv"]).exits_with(0);
    undo(&env, &[]).exits_with(0);
    let before = held(&env);
    env.run(&["import", "crm.csv"])
        .exits_with(2)
        .stderr_has("--deleted-rows create");
    for command in ["import", "sync"] {
        env.run(&[command, "crm.csv", "--deleted-rows", "keep"]);
        assert_eq!(env.organizations().len(), before.len(), "{command}");
    }
    env.run(&["import", "crm.csv", "--deleted-rows", "create"])
        .exits_with(0);
    assert_eq!(env.organizations().len(), before.len() + 1);
}

#[test]
fn only_some_rows_or_one_run_can_be_taken_back() {
    let env = TestEnv::new();
    env.write("crm.csv", "name\nOne\nTwo\nThree\nFour\n");
    env.run(&["import", "crm.csv", "--limit", "2"])
        .exits_with(0);
    env.run(&["import", "crm.csv"]).exits_with(0);
    undo(&env, &["--only-rows", "1"]).exits_with(0);
    assert_eq!(env.names(), ["Four", "Three", "Two"]);
    undo(&env, &["--run", "2"]).exits_with(0);
    assert_eq!(env.names(), ["Two"]);
    undo(&env, &["--run", "9"])
        .exits_with(2)
        .stderr_has("there is no run 9");
}

#[test]
fn in_production_the_number_has_to_be_given() {
    let env = TestEnv::with(Options {
        api_key: "sk_live_0123456789abcdef9f3c".to_owned(),
        rate_limit: None,
        ..Options::default()
    });
    env.write("crm.csv", "name\nOne\nTwo\n");
    env.run(&["import", "crm.csv", "--yes"]).exits_with(0);
    for options in [&["--yes"][..], &["--yes-delete", "1"]] {
        undo(&env, options)
            .exits_with(2)
            .stderr_has("--yes-delete 2");
    }
    assert_eq!(env.organizations().len(), 2);
    undo(&env, &["--yes-delete", "2"]).exits_with(0);
    assert_eq!(env.organizations().len(), 0);
}

#[test]
fn rows_that_were_dropped_from_the_results_file_are_taken_back_too() {
    let env = TestEnv::new();
    env.write("crm.csv", "name\nOne\nTwo\n");
    env.run(&["import", "crm.csv"]).exits_with(0);
    let text = env.read("crm.results.csv");
    let first: Vec<&str> = text.lines().take(2).collect();
    env.write("crm.results.csv", format!("{}\n", first.join("\n")));
    undo(&env, &[]).exits_with(0);
    assert_eq!(env.organizations().len(), 0);
}

/// The states of all domains.
fn states(env: &TestEnv) -> Vec<(String, String)> {
    let all = env.organizations().into_iter();
    let domains = all.flat_map(|organization| organization.domains);
    let mut states: Vec<_> = domains
        .map(|it| (it.domain, format!("{:?}", it.state).to_lowercase()))
        .collect();
    states.sort();
    states
}

#[test]
fn a_removed_domain_gets_its_state_again() {
    let env = TestEnv::new();
    env.write(
        "first.csv",
        "name,domain,external_id\nAcme,acme.com;acme.de,a-1\n",
    );
    env.run(&["import", "first.csv", "--domain-state", "verified"])
        .exits_with(0);
    env.write("second.csv", "name,domain,external_id\nAcme,acme.fr,a-1\n");
    env.run(&["sync", "second.csv"]).exits_with(0);
    let (before, before_states) = (held(&env), states(&env));
    assert!(before_states.iter().any(|(_, state)| state == "verified"));
    env.write("crm.csv", "name,domain,external_id\nAcme,acme.eu,a-1\n");
    env.run(&["sync", "crm.csv", "--domains", "exact"])
        .exits_with(0);
    assert_eq!(env.organizations()[0].domains.len(), 1);
    undo(&env, &[]).exits_with(0);
    assert_eq!(held(&env), before);
    assert_eq!(states(&env), before_states);
}

#[test]
fn what_was_left_is_named_and_not_to_be_retried() {
    let env = synced();
    env.run(&["sync", "crm.csv"]).exits_with(0);
    env.write("other.csv", "name,external_id\nGamma by hand,g-1\n");
    env.run(&["sync", "other.csv"]).exits_with(0);
    let finished = undo(&env, &[]);
    finished
        .exits_with(1)
        .stdout_has("1 organization was left as it is");
    assert!(!finished.stdout.contains("retry"), "{}", finished.stdout);
}
