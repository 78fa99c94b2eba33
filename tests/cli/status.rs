//! `status`: what the journal knows, without a key.

use super::{IMPORT_SLOWLY, env_with_examples, import, with_conflicts};
use crate::support::{Customer, Finished, TestEnv, finish};
use serde_json::Value;

/// Without a key and without an address.
fn status(env: &TestEnv, arguments: &[&str]) -> Finished {
    let mut command = env.command(&[&["status"], arguments].concat());
    finish(
        command
            .env_remove("WORKOS_API_KEY")
            .env_remove("WORKOS_BASE_URL"),
    )
}

#[test]
fn it_says_what_is_done_what_is_open_and_what_is_next() {
    let env = env_with_examples();
    status(&env, &[])
        .exits_with(2)
        .stderr_has("there is no journal");
    env.write_customers(&with_conflicts());
    import(&env).exits_with(1);
    let said = status(&env, &[]);
    said.exits_with(0)
        .stdout_has("customers.results.csv: customers.csv in staging at http://127.0.0.1:")
        .stdout_has("\n  done:    37 of 40 rows, 0 not sent\n")
        .stdout_has("\n  open:    2 conflict, 1 invalid\n")
        .stdout_has("\n  run:     finished on ")
        .stdout_has("\nnext:    fix these rows in the results file, then workos-orgs retry customers.results.csv\n");
    assert_eq!(said.stdout.lines().count(), 5);
    for file in [
        "customers.csv",
        "customers.results.csv",
        "customers.results.journal",
    ] {
        assert_eq!(status(&env, &[file]).stdout, said.stdout, "{file}");
    }
    let json = status(&env, &["--json"]);
    let json: Value = serde_json::from_str(&json.exits_with(0).stdout).unwrap();
    assert_eq!((&json["rows"], &json["remaining"]), (&40.into(), &3.into()));
    assert_eq!(json["is_running"], false);
}

#[test]
fn it_says_that_a_run_is_at_work_or_was_killed() {
    let env = TestEnv::slow(20);
    env.write_customers(&Customer::list(300));
    let running = env.start(&IMPORT_SLOWLY);
    env.wait_for_arrivals(12);
    status(&env, &[])
        .exits_with(0)
        .stdout_has("  run:     running now (process ");
    running.kill();
    status(&env, &[])
        .exits_with(0)
        .stdout_has("  run:     killed; it began on ")
        .stdout_has("next:    workos-orgs import customers.csv\n");
}

#[cfg(target_os = "linux")]
#[test]
fn the_program_alone_says_what_to_do_first() {
    let env = TestEnv::new();
    let running = env.start_at_terminal(&[]);
    let finished = running.wait();
    finished
        .exits_with(2)
        .stderr_has("workos-orgs check customers.csv");
    assert_eq!(finished.stderr.lines().count(), 5);
}

#[test]
fn a_path_with_a_typo_is_recognized() {
    let env = TestEnv::new();
    env.write("customers.csv", "name\nA\n");
    env.run(&["check", "custmers.csv"])
        .exits_with(3)
        .stderr_has("hint: did you mean customers.csv?");
    env.run(&["check", "customers.csv", "--show-requests", "1"])
        .exits_with(0)
        .stdout_has("customers.csv:2: POST /organizations\n  {\"name\":\"A\"");
}

#[test]
fn what_finishes_a_killed_undo_and_a_sync_is_named() {
    let env = TestEnv::slow(20);
    env.write_customers(&Customer::list(20));
    env.run(&["sync", "customers.csv", "--limit", "10"])
        .exits_with(0);
    status(&env, &[])
        .exits_with(0)
        .stdout_has("next:    workos-orgs sync customers.csv\n");
    let arrived = env.requests().len() as u64;
    let running = env.start(&["undo", "customers.results.csv"]);
    env.wait_for_arrivals(arrived + 8);
    running.kill();
    status(&env, &[])
        .exits_with(0)
        .stdout_has("customers.results.csv: customers.csv in ")
        .stdout_has("next:    workos-orgs undo customers.results.csv\n");
}

#[test]
fn results_in_a_workbook_and_under_a_name_of_their_own_are_found() {
    let env = env_with_examples();
    env.write_customers(&with_conflicts());
    let results = "night.xlsx";
    env.run(&["import", "customers.csv", "--results", results])
        .exits_with(1);
    for file in ["customers.csv", results] {
        status(&env, &[file])
            .exits_with(0)
            .stdout_has("night.xlsx: customers.csv in staging")
            .stdout_has("then workos-orgs retry night.xlsx\n");
    }
}

#[test]
fn the_next_command_reads_the_list_as_the_last_one_did() {
    let env = TestEnv::new();
    env.write("a.csv", "of today\nname,domain\nAcme,a.com\nBeta,b.com\n");
    let sync = [
        "sync",
        "a.csv",
        "--header-row=2",
        "--delimiter=comma",
        "--domains=exact",
        "--results=b.csv",
    ];
    env.run(&[&sync[..], &["--limit=1"]].concat()).exits_with(0);
    let next =
        "workos-orgs sync a.csv --delimiter , --header-row 2 --domains exact --results b.csv";
    status(&env, &["b.csv"]).stdout_has(&format!("next:    {next}\n"));
    let json = |env: &TestEnv| -> Value {
        let json = status(env, &["b.csv", "--json"]);
        serde_json::from_str(&json.exits_with(0).stdout).unwrap()
    };
    assert_eq!(json(&env)["next"], serde_json::json!([next]));
    env.run(&["report", "b.csv", "--format", "md"])
        .stdout_has(next);
    env.run(&sync).exits_with(0);
    // What is no command is not among them.
    assert_eq!(json(&env)["next"], serde_json::json!([]));
    status(&env, &["none.csv"])
        .exits_with(3)
        .stderr_has("cannot open none.csv");
}
