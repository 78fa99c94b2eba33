//! `--report` in runs against a sandbox that stays.

use super::*;

#[test]
fn a_run_with_nothing_to_do_writes_its_page_too() {
    let env = TestEnv::new();
    env.write_customers(&Customer::list(3));
    env.run(&FAST).exits_with(0);
    assert!(!env.files().contains("page.html"));
    let again = [&FAST[..], &["--report", "page.html"]].concat();
    env.run(&again).exits_with(0);
    assert!(env.read("page.html").contains("<title>All 3 customers are"));
}

#[test]
fn a_retry_has_a_page() {
    let env = TestEnv::new();
    env.write(
        "customers.csv",
        "name,domain\nAcme,acme\nGlobex,globex.example.com\n",
    );
    env.run(&FAST).exits_with(1);
    env.edit(RESULTS, "Acme,acme,", "Acme,acme.example.com,");
    env.run(&["retry", RESULTS, "--report", "page.html"])
        .exits_with(0);
    let page = env.read("page.html");
    assert!(page.contains("<title>All 2 customers are"));
    assert!(!page.contains("id=\"live\""));
}

#[test]
fn a_sync_and_an_undo_write_a_page_with_what_they_have_changed() {
    let env = TestEnv::new();
    env.write("first.csv", "name,external_id\nAcme,a-1\n");
    env.run(&["import", "first.csv"]).exits_with(0);
    env.write("crm.csv", "name,external_id\nAcme Inc.,a-1\nBolt,b-1\n");
    env.run(&["sync", "crm.csv", "--report", "sync.html"])
        .exits_with(0);
    let page = env.read("sync.html");
    assert!(
        page.contains("name: &#34;Acme&#34; → &#34;Acme Inc.&#34;"),
        "{page}"
    );
    let report = ["report", "crm.results.csv", "--format", "json"];
    let facts: serde_json::Value = serde_json::from_str(&env.run(&report).stdout).unwrap();
    assert_eq!(
        facts["rows"][0]["changes"],
        "name: \"Acme\" → \"Acme Inc.\""
    );
    env.run(&["undo", "crm.results.csv", "--report", "undo.html"])
        .exits_with(0);
    let page = env.read("undo.html");
    assert!(
        page.contains("Undo has deleted the organization."),
        "{page}"
    );
    assert!(
        !page.contains("undo crm.csv"),
        "undo takes the results file"
    );
}

#[test]
fn a_pause_that_workos_asks_for_and_the_end_of_the_key_are_reported() {
    let env = TestEnv::with(Options {
        api_key: "sk_test_0123456789abcdef9f3c".to_owned(),
        faults: vec!["429:0.5".parse().unwrap()],
        ..Options::default()
    });
    env.write("list.csv", "name\nAcme\nBolt\nCato\nDora\nEcho\nFaro\n");
    env.run(&["import", "list.csv"]).exits_with(0);
    let facts = env.run(&["report", "list.results.csv", "--format", "json"]);
    let facts: serde_json::Value = serde_json::from_str(&facts.stdout).unwrap();
    assert_eq!(facts["environment"]["key_hint"], "9f3c");
    let slots = facts["timeline"]["runs"][0]["slots"].as_array().unwrap();
    let pauses: u64 = slots
        .iter()
        .map(|slot| slot["pauses"].as_u64().unwrap())
        .sum();
    assert!(pauses > 0, "{facts:#}");
    assert!(!env.read("list.results.journal").contains("0123456789"));
}
