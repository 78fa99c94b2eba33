//! `verify`: what differs between WorkOS and the journal, without changing anything.

use super::{Customer, FAST, RESULTS, TestEnv, env, import};
use serde_json::{Value, json};
use workos_orgs::sandbox::Options;

const VERIFY: [&str; 4] = ["verify", RESULTS, "--rate", "unlimited"];

/// The findings as JSON.
fn findings(env: &TestEnv, options: &[&str]) -> Value {
    let finished = env.run(&[&VERIFY[..], &["--json"], options].concat());
    let json: Value = serde_json::from_str(&finished.stdout).unwrap();
    assert_eq!(json["exit_code"], finished.code.unwrap(), "{json}");
    json
}

/// The organization of a row, counted from 1.
fn organization(env: &TestEnv, row: usize) -> String {
    env.results(RESULTS)[row - 1]
        .get("workos_organization_id")
        .to_owned()
}

#[test]
fn after_an_import_nothing_differs_and_nothing_is_changed() {
    let env = env(250);
    env.create(&json!({"name": "there before"}));
    import(&env).exits_with(0);
    let (files, posts) = (env.contents(), env.count("POST"));
    let finished = env.run(&VERIFY);
    finished.exits_with(0).stdout_has("no differences");
    finished.stdout_has("compared 250 rows with 251 organizations in staging at");
    assert_eq!((env.contents(), env.count("POST")), (files, posts));
    assert_eq!(env.count("PUT") + env.count("DELETE"), 0);
}

#[test]
fn every_kind_of_difference_is_named() {
    let env = env(10);
    import(&env).exits_with(0);
    let ids: Vec<String> = (1..=10).map(|row| organization(&env, row)).collect();
    env.delete(&ids[1]);
    env.update(
        &ids[2],
        &json!({"name": "Renamed", "metadata": {"plan": "other"}}),
    );
    env.update(&ids[3], &json!({"domain_data": []}));
    let other = env.create(&json!({"name": "Somebody else's"}));
    let first = env
        .organizations()
        .into_iter()
        .find(|it| it.id == ids[0])
        .unwrap();
    // The same once more, as a lost answer of another program leaves it.
    env.update(&ids[0], &json!({"external_id": null, "domain_data": []}));
    let body = json!({"name": first.name, "external_id": first.external_id,
        "domain_data": first.domains.iter().map(|it| json!({"domain": it.domain, "state": "pending"})).collect::<Vec<_>>(),
        "metadata": first.metadata});
    let twin = env.create(&body);

    let found = findings(&env, &[]);
    assert_eq!(
        found["counts"],
        json!({"gone": 1, "different": 3, "domain_states": 0, "twice": 1,
               "not_in_journal": 1, "in_doubt": 0, "not_compared": 0}),
        "{found}"
    );
    assert_eq!(found["gone"][0]["organization_id"], ids[1]);
    assert_eq!(found["gone"][0]["row"], 2);
    let renamed = &found["different"][1];
    assert_eq!(renamed["row"], 3);
    assert_eq!(renamed["fields"][0]["field"], "name");
    assert_eq!(renamed["fields"][0]["found"], "Renamed");
    assert_eq!(renamed["fields"][1]["field"], "metadata.plan");
    assert_eq!(found["different"][2]["fields"][0]["field"], "domains");
    assert_eq!(found["twice"][0]["other_organization_id"], twin);
    assert_eq!(found["not_in_journal"][0]["organization_id"], other);

    let text = env.run(&VERIFY);
    text.exits_with(1);
    for part in [
        "1 row whose organization does not exist any more",
        "3 rows whose organizations differ from what was sent (sent → WorkOS)",
        "→ \"Renamed\"",
        "1 organization exists twice",
        "1 organization was created since the run began and is not in the journal",
        "\"Somebody else's\"",
    ] {
        text.stdout_has(part);
    }
}

#[test]
fn without_the_cells_the_journal_names_what_it_knows() {
    let env = env(5);
    import(&env).exits_with(0);
    let [one, two] = [organization(&env, 1), organization(&env, 2)];
    env.update(&one, &json!({"name": "Renamed"}));
    env.update(&two, &json!({"metadata": {"plan": "other"}}));
    env.remove(RESULTS);
    env.remove("customers.csv");
    let found = findings(&env, &[]);
    assert_eq!(found["different"][0]["fields"][0]["field"], "name");
    let field = &found["different"][1]["fields"][0]["field"];
    assert_eq!(field, "domains or metadata");
    let is_left = |name: &str| env.files().contains(name);
    assert!(!is_left(RESULTS) && !is_left("customers.csv"));
}

#[test]
fn states_of_domains_count_only_when_asked_for() {
    let env = env(3);
    import(&env).exits_with(0);
    let id = organization(&env, 2);
    let domain = env.results(RESULTS)[1].get("domain").to_owned();
    let verified = json!({"domain_data": [{"domain": domain, "state": "verified"}]});
    env.update(&id, &verified);
    env.run(&VERIFY).exits_with(0);
    let found = findings(&env, &["--domain-states"]);
    assert_eq!(found["counts"]["domain_states"], 1);
    assert_eq!(found["domain_states"][0]["row"], 2);
    let state = found["domain_states"][0]["state"].as_str().unwrap();
    assert!(state.ends_with("pending → verified"), "{state}");
}

#[test]
fn an_organization_that_was_there_before_may_hold_more_than_its_row() {
    let env = TestEnv::new();
    env.write(
        "customers.csv",
        "name,external_id,metadata.plan\nAcme,crm-1,pro\n",
    );
    let id =
        env.create(&json!({"name": "Acme", "external_id": "crm-1", "metadata": {"plan": "pro"}}));
    env.run(&FAST).exits_with(0);
    assert_eq!(env.results(RESULTS)[0].status(), "unchanged");
    env.update(&id, &json!({"metadata": {"seats": "5"}}));
    env.run(&VERIFY).exits_with(0);
    env.update(&id, &json!({"metadata": {"plan": "free"}}));
    let found = findings(&env, &[]);
    assert_eq!(found["different"][0]["fields"][0]["field"], "metadata.plan");
}

#[test]
fn what_has_no_journal_or_belongs_elsewhere_is_refused() {
    let env = env(2);
    env.run(&["verify", "customers.csv"])
        .exits_with(5)
        .stderr_has("has no journal");
    import(&env).exits_with(0);
    let elsewhere = TestEnv::new();
    let mut command = env.command(&VERIFY);
    let command = command.env("WORKOS_BASE_URL", elsewhere.url());
    let finished = super::support::finish(command);
    finished.exits_with(5).stderr_has("is from staging at");
    assert_eq!(elsewhere.count("GET"), 0);
}

#[test]
fn a_verification_survives_lost_answers_and_says_when_workos_does_not_answer() {
    let env = TestEnv::with(Options {
        rate_limit: None,
        faults: ["drop-before", "drop-after", "5xx-before", "garbage", "429"]
            .map(|kind| format!("reads:{kind}:0.05").parse().unwrap())
            .to_vec(),
        ..Options::default()
    });
    env.write_customers(&Customer::list(320));
    import(&env).exits_with(0);
    env.run(&VERIFY).exits_with(0);
    let mut command = env.command(&VERIFY);
    let finished = super::support::finish(command.env("WORKOS_API_KEY", "sk_test_other"));
    finished.exits_with(4);
}

#[test]
fn after_a_sync_the_values_of_the_rows_are_what_counts() {
    let env = TestEnv::new();
    env.write(
        "customers.csv",
        "name,external_id,metadata.plan\nAcme Inc.,crm-1,pro\nBolt,crm-2,\n",
    );
    let body = json!({"name": "Acme", "external_id": "crm-1", "metadata": {"seats": "5"}});
    let id = env.create(&body);
    env.run(&["sync", "customers.csv", "--yes"]).exits_with(0);
    assert_eq!(env.results(RESULTS)[0].status(), "updated");
    env.run(&VERIFY)
        .exits_with(0)
        .stdout_has("compared 2 rows with 2 organizations");
    env.update(&id, &json!({"name": "Acme", "metadata": {"seats": "6"}}));
    let found = findings(&env, &[]);
    assert_eq!(found["counts"]["different"], 1);
    let fields = found["different"][0]["fields"].as_array().unwrap();
    assert_eq!(fields.len(), 1);
    assert_eq!(
        fields[0],
        json!({"field": "name", "sent": "Acme Inc.", "found": "Acme"})
    );
}

#[test]
fn after_an_undo_nothing_is_missed() {
    let env = env(5);
    import(&env).exits_with(0);
    env.run(&["undo", RESULTS, "--yes-delete", "5"])
        .exits_with(0);
    assert!(env.organizations().is_empty());
    env.run(&VERIFY)
        .exits_with(0)
        .stdout_has("compared 0 rows with 0 organizations");
}

#[test]
fn what_an_undo_has_restored_is_compared_with_what_it_was() {
    let env = TestEnv::new();
    env.write("customers.csv", "name,external_id\nAcme Inc.,crm-1\n");
    let body = json!({"name": "Acme", "external_id": "crm-1", "metadata": {"seats": "5"}});
    let id = env.create(&body);
    env.run(&["sync", "customers.csv", "--yes"]).exits_with(0);
    env.run(&["undo", RESULTS, "--yes"]).exits_with(0);
    env.run(&VERIFY).exits_with(0).stdout_has("no differences");
    env.update(&id, &json!({"name": "Acme & Co."}));
    let found = findings(&env, &[]);
    let fields = &found["different"][0]["fields"];
    let name = json!([{"field": "name", "sent": "Acme", "found": "Acme & Co."}]);
    assert_eq!(*fields, name, "{found}");
    env.run(&["sync", "customers.csv", "--yes"]).exits_with(0);
    env.run(&VERIFY).exits_with(0);
}
