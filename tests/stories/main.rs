//! What people want, from beginning to end, as they type it. Each story ends with exactly the right
//! organizations.

#![expect(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests fail as tests do, by a panic; no story needs all of them"
)]

#[path = "../support/mod.rs"]
mod support;

use serde_json::Value;
use support::{Customer, TestEnv, finish};
use workos_orgs::sandbox::Options;

/// A sandbox that counts as production.
fn production() -> TestEnv {
    TestEnv::with(Options {
        api_key: "sk_live_0123456789abcdef9f3c".to_owned(),
        rate_limit: None,
        ..Options::default()
    })
    .asking()
}

#[cfg(target_os = "linux")]
#[test]
fn an_engineer_moves_all_customers_to_production_in_one_night() {
    let env = production();
    let customers = Customer::list(120);
    env.write_customers(&customers);
    env.run(&["check", "customers.csv"])
        .exits_with(0)
        .stdout_has("120 rows, all can be sent");
    env.run(&["import", "customers.csv", "--sandbox"])
        .exits_with(0);
    assert!(env.organizations().is_empty());
    let first = ["import", "customers.csv", "--limit", "10", "--rate", "500"];
    let mut trial = env.start_at_terminal(&first);
    trial.wait_for_stderr("Create 10 organizations in PRODUCTION (");
    trial.wait_for_stderr("key sk_live_…9f3c, 0 organizations there now)? Type yes:");
    trial.types("yes");
    let finished = trial.wait();
    finished
        .exits_with(0)
        .stdout_has("to import the other 110 rows:");
    // What is printed can be pasted, and asks again.
    let next = finished.stdout.lines().last().unwrap().trim();
    let next: Vec<&str> = next.split(' ').skip(1).collect();
    assert_eq!(next, ["import", "customers.csv", "--rate", "500"]);
    let mut rest = env.start_at_terminal(&next);
    rest.wait_for_stderr("Create 110 organizations in PRODUCTION (");
    rest.types("yes");
    rest.wait().exits_with(0);
    env.rows_and_organizations_agree(&customers, "customers.results.csv");
    env.run(&["status"])
        .exits_with(0)
        .stdout_has("nothing to do: every row is done");
}

#[test]
fn a_person_with_excel_fixes_a_list_until_all_of_it_is_sent() {
    let env = TestEnv::new().asking();
    let list = "Company Name;Website\nAcme;https://acme.com\nBolt;bolt\n;nameless.com\n";
    env.write("crm.csv", list);
    env.run(&["check", "crm.csv", "--fixed", "clean.csv"])
        .exits_with(1)
        .stdout_has("errors: these 2 rows will be skipped");
    let clean = env.read("clean.csv");
    assert!(
        clean.starts_with("Company Name,Website,workos_problem\nAcme,acme.com,\n"),
        "{clean}"
    );
    env.run(&["import", "crm.csv"])
        .exits_with(1)
        .stdout_has("fix the 2 rows with status invalid in crm.results.csv");
    env.edit("crm.results.csv", "Bolt;bolt;", "Bolt;bolt.com;");
    env.edit("crm.results.csv", ";nameless.com;", "Named;nameless.com;");
    env.run(&["retry", "crm.results.csv"]).exits_with(0);
    assert_eq!(env.names(), ["Acme", "Bolt", "Named"]);
}

#[test]
fn a_script_knows_how_each_command_ended() {
    let env = production();
    let json = |arguments: &[&str]| -> (i32, Value) {
        let finished = env.run(&[arguments, &["--json"]].concat());
        (
            finished.code.unwrap(),
            serde_json::from_str(&finished.stdout).unwrap(),
        )
    };
    let create = ["create", "--name", "Acme", "--external-id", "crm-1"];
    let (code, said) = json(&create);
    assert_eq!((code, &said["error"]["name"]), (2, &"UsageError".into()));
    let create = [&create[..], &["--yes"]].concat();
    let id = json(&create).1["organization"]["id"].clone();
    assert_eq!(json(&create).1["organization"]["id"], id);
    env.write("list.csv", "name,external_id\nAcme,crm-1\nBolt,crm-2\n");
    let (code, said) = json(&["import", "list.csv", "--yes"]);
    assert_eq!((code, &said["counts"]["created"]), (0, &1.into()));
    assert_eq!(said["counts"]["unchanged"], 1);
    assert_eq!(json(&["status", "list.csv"]).1["remaining"], 0);
    assert_eq!(env.names(), ["Acme", "Bolt"]);
}

#[test]
fn a_security_reviewer_finds_the_key_nowhere() {
    let env = production();
    env.write_customers(&Customer::list(5));
    let key = "0123456789abcdef9f3c";
    let import = [
        "import",
        "customers.csv",
        "--yes",
        "-vvv",
        "--log-file",
        "log",
    ];
    let finished = env.run(&import);
    finished.exits_with(0);
    let printed = finished.stdout + &finished.stderr;
    assert!(!printed.contains(key));
    for (name, content) in env.contents() {
        let content = String::from_utf8_lossy(&content).into_owned();
        assert!(!content.contains(key), "{name}");
    }
    assert!(!env.read("log").contains('\u{1b}'), "no colours in a file");
}

#[test]
#[cfg_attr(
    windows,
    ignore = "needs a signal: Windows has no program that sends Ctrl-C"
)]
fn an_operator_stops_an_import_and_resumes_it() {
    let env = TestEnv::slow(10).asking();
    let customers = Customer::list(200);
    env.write_customers(&customers);
    let import = [
        "import",
        "customers.csv",
        "--concurrency",
        "4",
        "--rate",
        "unlimited",
    ];
    let running = env.start(&import);
    env.wait_for_arrivals(20);
    running.signal("HUP");
    let stopped = running.wait();
    stopped
        .exits_with(130)
        .stdout_has("stopped after ")
        .stdout_has(" not sent")
        .stdout_has("to resume:");
    let next = stopped.stdout.lines().last().unwrap().trim().to_owned();
    let next: Vec<&str> = next.split(' ').skip(1).collect();
    env.run(&next).exits_with(0);
    env.rows_and_organizations_agree(&customers, "customers.results.csv");
}

#[test]
fn somebody_who_makes_every_mistake_loses_nothing() {
    let env = TestEnv::new().asking();
    env.write("customers.csv", "name,domain\nAcme,acme.com\n");
    let mistakes: [(&[&str], i32, &str); 6] = [
        (
            &["import", "customer.csv"],
            3,
            "did you mean customers.csv?",
        ),
        (&["imprt", "customers.csv"], 2, "import"),
        (&["import", "customers.csv", "--limt", "3"], 2, "--limit"),
        (&["import", "-"], 2, "add --results FILE"),
        (&["retry", "customers.csv"], 5, "is not a results file"),
        (
            &["import", "customers.csv", "--rate", "fast"],
            2,
            "requests per second",
        ),
    ];
    for (arguments, code, hint) in mistakes {
        env.run(arguments).exits_with(code).stderr_has(hint);
    }
    let mut command = env.command(&["import", "customers.csv"]);
    let without_key = finish(command.env_remove("WORKOS_API_KEY"));
    without_key
        .exits_with(4)
        .stderr_has("WORKOS_API_KEY is not set");
    assert_eq!(env.files(), ["customers.csv".to_owned()].into());
    env.run(&["import", "customers.csv"]).exits_with(0);
    env.run(&["import", "customers.csv"]).exits_with(0);
    assert_eq!(env.names(), ["Acme"]);
}

#[test]
fn staging_is_copied_into_production() {
    let staging = TestEnv::new().asking();
    staging.create(&serde_json::json!({
        "name": "Acme", "external_id": "crm-1", "metadata": {"plan": "pro"},
        "domain_data": [{"domain": "acme.com", "state": "verified"}]
    }));
    staging.create(&serde_json::json!({"name": "Bolt"}));
    staging
        .run(&["export", "--output", "organizations.csv"])
        .exits_with(0);
    let production = production();
    production.write("organizations.csv", staging.read("organizations.csv"));
    production
        .run(&["plan", "organizations.csv"])
        .exits_with(0)
        .stdout_has("Plan for PRODUCTION (key …9f3c): 2 to create; 0 other organizations exist.");
    production
        .run(&["import", "organizations.csv", "--yes"])
        .exits_with(0);
    assert_eq!(production.names(), ["Acme", "Bolt"]);
    let mut organizations = production.organizations().into_iter();
    let acme = organizations.find(|it| it.name == "Acme").unwrap();
    assert_eq!(acme.external_id.as_deref(), Some("crm-1"));
    assert_eq!(acme.metadata["plan"], "pro");
    production
        .run(&["verify", "organizations.results.csv"])
        .exits_with(0);
}

#[test]
fn an_export_is_edited_in_a_spreadsheet_synced_checked_and_taken_back() {
    let env = production();
    for (name, id) in [("Acme", "crm-1"), ("Bolt", "crm-2"), ("Coil", "crm-3")] {
        env.create(&serde_json::json!({
            "name": name, "external_id": id, "metadata": {"plan": "free"}
        }));
    }
    env.run(&["export", "--output", "organizations.csv"])
        .exits_with(0);
    // What a spreadsheet makes of it: another separator, a changed cell, a new row.
    let edited = env.read("organizations.csv").replace(',', ";");
    let edited = edited.replace("Bolt;;crm-2;free", "Bolt AG;bolt.com;crm-2;pro");
    let columns = edited.lines().next().unwrap().split(';').count();
    let new = format!("Dynamo;;crm-4;free{}\n", ";".repeat(columns - 4));
    env.write("organizations.csv", edited + &new);
    env.run(&["plan", "organizations.csv", "--detailed-exit-code"])
        .exits_with(10)
        .stdout_has("name: \"Bolt\" → \"Bolt AG\"")
        .stdout_has("Plan for PRODUCTION (key …9f3c): 1 to create, 1 to update, 2 unchanged; 0 other organizations exist. Nothing was sent.");
    env.run(&["sync", "organizations.csv", "--yes"])
        .exits_with(0);
    assert_eq!(env.names(), ["Acme", "Bolt AG", "Coil", "Dynamo"]);
    env.run(&["verify", "organizations.results.csv"])
        .exits_with(0);
    env.run(&["undo", "organizations.results.csv", "--yes-delete", "1"])
        .exits_with(0);
    assert_eq!(env.names(), ["Acme", "Bolt", "Coil"]);
    let bolt = env.organizations().into_iter().find(|it| it.name == "Bolt");
    assert_eq!(bolt.unwrap().metadata["plan"], "free");
}
