//! `retry --adopt`: the organization in the way of a row becomes the row's own.

use super::sync::{held, org};
use crate::support::TestEnv;
use workos_orgs::sandbox::Options;

/// Two organizations that the customer's own application has made, and a list that meets them.
fn conflicts(options: Options) -> TestEnv {
    let env = TestEnv::with(options);
    for arguments in [
        &["--name", "Acme Inc.", "--domain", "acme.com"][..],
        &[
            "--name",
            "Beta",
            "--domain",
            "beta.com",
            "--external-id",
            "other",
        ],
    ] {
        env.run(&[&["create", "--yes"], arguments].concat())
            .exits_with(0);
    }
    env.write(
        "crm.csv",
        "name,domain,external_id,metadata.plan\n\
         Acme,acme.com,a-1,pro\nBeta,beta.com,b-1,\nGamma,gamma.com,g-1,\n",
    );
    env.run(&["import", "crm.csv", "--yes"]).exits_with(1);
    env
}

#[test]
fn a_conflict_says_what_differs_and_names_the_ways_on() {
    let env = conflicts(Options::default());
    let results = env.results("crm.results.csv");
    let acme = &results[0];
    assert_eq!(acme.status(), "conflict");
    assert_eq!(acme.get("workos_code"), "domain_already_used");
    let message = acme.get("workos_message");
    for part in [
        "name: \"Acme\", in WorkOS \"Acme Inc.\"",
        "external_id: \"a-1\", in WorkOS none",
        "metadata.plan: \"pro\", in WorkOS none",
        "correct the row",
        "--adopt",
        "sync",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    env.run(&["import", "crm.csv"])
        .exits_with(1)
        .stdout_has("retry crm.results.csv --adopt")
        .stdout_has("sync crm.csv");
}

#[test]
fn adopting_sets_a_free_external_id_and_changes_nothing_else() {
    let env = conflicts(Options::default());
    env.run(&["retry", "crm.results.csv", "--adopt"])
        .exits_with(1)
        .stderr_has("external_id: (none) → \"a-1\"");
    let other = org("Beta", &["beta.com"], Some("other"), None);
    let gamma = org("Gamma", &["gamma.com"], Some("g-1"), None);
    assert_eq!(
        held(&env),
        [
            org("Acme Inc.", &["acme.com"], Some("a-1"), None),
            other.clone(),
            gamma.clone()
        ]
    );
    let results = env.results("crm.results.csv");
    let statuses: Vec<_> = results.iter().map(|row| row.status().to_owned()).collect();
    assert_eq!(statuses, ["updated", "conflict", "created"]);
    let message = results[1].get("workos_message");
    assert!(
        message.contains("its external id is \"other\", not \"b-1\""),
        "{message}"
    );
    env.run(&["verify", "crm.results.csv"]);
    env.run(&["undo", "crm.results.csv"]);
    assert_eq!(
        held(&env),
        [org("Acme Inc.", &["acme.com"], None, None), other]
    );
}

#[test]
fn adopting_changes_the_organization_to_the_row_where_that_is_asked_for() {
    let env = conflicts(Options::default());
    env.run(&["retry", "crm.results.csv", "--adopt=update"])
        .exits_with(1);
    assert!(held(&env).contains(&org("Acme", &["acme.com"], Some("a-1"), Some("pro"))));
    env.run(&["undo", "crm.results.csv"]);
    assert!(held(&env).contains(&org("Acme Inc.", &["acme.com"], None, None)));
}

#[test]
fn an_organization_with_the_external_id_is_taken_without_a_change() {
    let env = TestEnv::new();
    env.run(&["create", "--name", "Old name", "--external-id", "a-1"])
        .exits_with(0);
    env.write("crm.csv", "name,external_id\nAcme,a-1\n");
    env.run(&["import", "crm.csv"]).exits_with(1);
    env.run(&["retry", "crm.results.csv", "--adopt"])
        .exits_with(0)
        .stderr_has("= line 2: Acme (org_")
        .stderr_has("not changed: name: \"Acme\", in WorkOS \"Old name\"");
    assert_eq!(env.count("PUT"), 0);
    let results = env.results("crm.results.csv");
    assert_eq!(results[0].status(), "unchanged");
    assert_eq!(
        results[0].get("workos_organization_id"),
        env.organizations()[0].id
    );
    env.run(&["import", "crm.csv"])
        .exits_with(0)
        .stdout_has("nothing to send");
    // A later sync knows whose it is.
    env.run(&["plan", "crm.csv"])
        .exits_with(0)
        .stdout_has("1 to update");
}

#[test]
fn in_production_adopting_asks_first() {
    let env = conflicts(Options {
        api_key: "sk_live_0123456789abcdef9f3c".to_owned(),
        ..Options::default()
    });
    let before = (held(&env), env.contents());
    env.run(&["retry", "crm.results.csv", "--adopt"])
        .exits_with(2)
        .stderr_has("hint: add --yes");
    assert_eq!((held(&env), env.contents()), before);
    env.run(&["retry", "crm.results.csv", "--adopt", "--yes"])
        .exits_with(1);
    assert_ne!(held(&env), before.0);
}
