//! What `import` does with a list, and what it prints.

use super::{FAST, RESULTS, env};
use crate::support::{Customer, ResultRow, TestEnv, finish, program};
use serde_json::{Value, json};
use workos_orgs::sandbox::Options;

#[test]
fn every_row_is_imported_and_the_summary_says_so() {
    let env = env(30);
    let finished = env.run(&FAST);
    finished
        .exits_with(0)
        .stdout_has("created")
        .stdout_has("results: customers.results.csv");
    env.rows_and_organizations_agree(&Customer::list(30), RESULTS);
    let header = env.read(RESULTS).lines().next().unwrap().to_owned();
    assert!(header.starts_with("name,domain,external_id,metadata.plan,workos_status,"));
}

#[test]
fn findings_are_printed_before_anything_is_sent() {
    let env = TestEnv::with(Options {
        api_key: "sk_live_sandbox".to_owned(),
        ..Options::default()
    });
    let list = "name,domain\nAcme,acme.com\n,nameless.com\nBeta,gmail.com\nAcme,acme.de\n";
    env.write("customers.csv", list);
    env.run(&FAST).exits_with(2).stderr_has(
        "  found:   1 row cannot be sent; warnings: 1 × the domain is that of an email provider \
         (domain_consumer), 1 × the name is used more than once (name_repeated)\n           \
         this command with --dry-run shows them",
    );
    assert!(env.requests().is_empty());

    env.run(&["import", "customers.csv", "--dry-run"])
        .exits_with(1)
        .stdout_has("4 rows: 3 can be sent, 1 cannot")
        .stdout_has("(domain_consumer)")
        .stdout_has("(name_repeated)");

    // Nothing is printed about rows beyond the limit.
    env.run(&[&FAST[..], &["--limit", "1"]].concat())
        .exits_with(2)
        .stderr_has("1 new, 3 beyond --limit")
        .stderr_lacks("found:");
}

#[test]
fn the_plan_counts_the_rows_of_the_list_and_names_those_that_are_gone() {
    let env = env(10);
    env.run(&FAST).exits_with(0);
    let mut customers = Customer::list(14);
    customers.remove(2);
    env.write_customers(&customers);
    env.run(&[&FAST[..], &["--limit", "3"]].concat())
        .exits_with(0)
        .stderr_has("9 already done, 3 new, 1 beyond --limit")
        .stderr_has("1 organization created earlier is no longer in the list: \"Customer 3\"");
    env.run(&FAST)
        .exits_with(0)
        .stderr_has("12 already done, 1 new\n");
    assert_eq!(env.count("POST"), 14);
}

#[test]
fn the_plan_warns_of_verified_domains_and_names_few_of_many_columns() {
    let env = TestEnv::new();
    let carried: Vec<_> = (1..=20).map(|number| format!("c{number}")).collect();
    env.write(
        "customers.csv",
        format!("name,{}\nAcme\n", carried.join(",")),
    );
    env.run(&[&FAST[..], &["--domain-state", "verified"]].concat())
        .stderr_has("domains: marked as verified WITHOUT a check")
        .stderr_has(
            "not sent (kept in the results file): c1, c2, c3, c4, c5, c6, c7, c8 and 12 more\n",
        );
    env.run(&[&FAST[..], &["--limit", "0"]].concat())
        .exits_with(2)
        .stderr_has("expected a whole number from 1");
}

#[test]
fn corrections_made_after_a_test_run_survive_later_runs() {
    let env = TestEnv::new();
    let results = "list.sandbox.results.csv";
    env.write("list.csv", "name,domain\nAcme,acme.com\nBeta,nodomain\n");
    env.run(&["import", "list.csv", "--sandbox"])
        .exits_with(1)
        .stdout_has("fix the rows that failed in the list itself, then import it into WorkOS:");
    env.edit(results, "nodomain", "beta.com");
    let corrected = env.read(results);
    env.run(&["retry", results])
        .exits_with(5)
        .stderr_has("hint: fix the list itself, then import it: workos-orgs import list.csv");
    env.run(&["import", "list.csv"]).exits_with(1);
    assert_eq!(env.read(results), corrected);
    assert_eq!(env.organizations().len(), 1);
    // A second test run either keeps the correction or refuses.
    env.run(&["import", "list.csv", "--sandbox"]);
    let kept = env.contents();
    let is_kept = |content: &Vec<u8>| String::from_utf8_lossy(content).contains("beta.com");
    assert!(kept.values().any(is_kept), "{:?}", kept.keys());
}

#[test]
fn jsonl_in_is_jsonl_out() {
    let env = TestEnv::new();
    let line = r#"{"z":[1, 2.50],"name":"Acme","domains":["acme.com"],"note":"ü \u00fc","metadata":{"plan":"pro"}}"#;
    env.write("customers.ndjson", format!("{line}\n"));
    env.run(&["import", "customers.ndjson"]).exits_with(0);
    let result = env.read("customers.results.jsonl");
    let untouched = line.strip_suffix('}').unwrap();
    assert!(result.starts_with(untouched), "{result}");
    let result: Value = serde_json::from_str(&result).unwrap();
    assert_eq!(result["workos"]["status"], "created");
    assert_eq!(result["workos"]["row"], 1);
    let organization = &env.organizations()[0];
    assert_eq!(result["workos"]["organization_id"], organization.id);
    assert_eq!(organization.domains[0].domain, "acme.com");
    assert_eq!(organization.metadata["plan"], "pro");
}

#[test]
fn an_indented_array_gives_one_line_of_results_for_each_object() {
    let env = TestEnv::new();
    let list = serde_json::json!([
        {"name": "Acme", "metadata": {"plan": "pro", "note": "a\n b"}},
        {"name": "Globex", "domains": ["not a domain"], "tags": [{"a": 1}]},
    ]);
    env.write("list.json", serde_json::to_string_pretty(&list).unwrap());
    env.run(&["import", "list.json"]).exits_with(1);
    let results = env.read("list.results.jsonl");
    assert_eq!(results.lines().count(), 2, "{results}");
    assert_eq!(env.organizations()[0].metadata["note"], "a\n b");
    env.write(
        "list.results.jsonl",
        results.replace("not a domain", "globex.com"),
    );
    env.run(&["retry", "list.results.jsonl"]).exits_with(0);
    assert_eq!(env.organizations().len(), 2);
    env.run(&["import", "list.json"])
        .exits_with(0)
        .stdout_has("nothing to send: all 2 rows have a result");
}

#[test]
fn standard_input_is_read_where_the_file_is_a_hyphen() {
    let env = TestEnv::new();
    let customers = Customer::list(12);
    let csv = Customer::csv(&customers);
    env.run_with_input(&["import", "-"], &csv)
        .exits_with(2)
        .stderr_has("hint: add --results FILE");
    assert!(env.files().is_empty());
    let import = ["import", "-", "--results", "one.csv"];
    env.run_with_input(&import, &csv).exits_with(0);
    env.rows_and_organizations_agree(&customers, "one.csv");
    env.run_with_input(&import, &csv)
        .exits_with(0)
        .stdout_has("nothing to send");
    env.rows_and_organizations_agree(&customers, "one.csv");
    assert_eq!(env.count("POST"), 12);
    let jsonl = Customer::jsonl(&Customer::list(13)[12..]);
    let options = ["--format", "jsonl", "--results", "other.jsonl"];
    env.run_with_input(&[&["import", "-"][..], &options].concat(), &jsonl)
        .exits_with(0);
    assert_eq!(env.results("other.jsonl").len(), 1);
}

#[test]
fn a_limit_sends_the_first_rows_and_the_next_run_the_rest() {
    let env = env(20);
    let finished = env.run(&[&FAST[..], &["--limit", "5"]].concat());
    finished.exits_with(0).stdout_has(" import customers.csv");
    let rows = env.results(RESULTS);
    let sent = rows.iter().filter(|row| row.status() == "created").count();
    assert_eq!((sent, rows.len()), (5, 20));
    assert!(rows[5..].iter().all(|row| row.status().is_empty()));
    assert_eq!(env.count("POST"), 5);
    env.run(&FAST).exits_with(0);
    env.rows_and_organizations_agree(&Customer::list(20), RESULTS);
    assert_eq!(env.count("POST"), 20);
}

#[test]
fn json_is_one_object_on_standard_output() {
    let env = env(4);
    let arguments = [&FAST[..], &["--json"]].concat();
    for this_run in [4, 0] {
        let finished = env.run(&arguments);
        finished.exits_with(0);
        let summary: Value = serde_json::from_str(&finished.stdout).unwrap();
        assert_eq!(summary["command"], "import");
        assert_eq!(summary["rows"], 4);
        assert_eq!(summary["counts"]["created"], 4);
        assert_eq!(summary["this_run"]["created"], this_run);
        assert_eq!(summary["exit_code"], 0);
        assert_eq!(summary["stopped"], Value::Null);
        assert_eq!(summary["results"], RESULTS);
    }
}

#[test]
fn quiet_prints_nothing_but_errors() {
    let env = env(4);
    let finished = env.run(&[&FAST[..], &["--quiet"]].concat());
    finished.exits_with(0);
    assert_eq!((&*finished.stdout, &*finished.stderr), ("", ""));
    let finished = env.run(&["import", "gone.csv", "--quiet"]);
    finished.exits_with(3).stderr_has("error: ");
}

#[test]
fn other_columns_are_kept_unchanged() {
    let env = TestEnv::new();
    let cells = ["  Acme  ", "=SUM(A1)", "a \"b\"\nc", "", "ü,;\t"];
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record(["name", "formula", "two lines", "blank", "rest"])
        .unwrap();
    writer.write_record(cells).unwrap();
    env.write("customers.csv", writer.into_inner().unwrap());
    env.run(&FAST).exits_with(0);
    let row = &env.results(RESULTS)[0];
    for (column, cell) in ["name", "formula", "two lines", "blank", "rest"]
        .iter()
        .zip(cells)
    {
        assert_eq!(row.get(column), cell);
    }
    let organization = &env.organizations()[0];
    assert_eq!(organization.name, "Acme");
    assert!(organization.metadata.is_empty());
}

#[test]
fn metadata_comes_from_columns_and_cells() {
    let env = TestEnv::new();
    env.write(
        "customers.csv",
        "name,metadata,metadata.plan,Region\nAcme,\"{\"\"seats\"\":\"\"5\"\"}\",pro,EU\n",
    );
    env.run(&[&FAST[..], &["--metadata-columns", "Region"]].concat())
        .exits_with(0);
    let organization = &env.organizations()[0];
    let metadata = serde_json::to_value(&organization.metadata).unwrap();
    assert_eq!(
        metadata,
        json!({"seats": "5", "plan": "pro", "Region": "EU"})
    );
}

#[test]
fn an_external_id_may_come_from_a_column() {
    let env = TestEnv::new();
    env.write("customers.csv", "name,Account No\nAcme,0042\nBolt,0043\n");
    env.run(&[&FAST[..], &["--external-id-from", "account_no"]].concat())
        .exits_with(0);
    let organizations = env.organizations();
    let mut ids: Vec<_> = organizations
        .iter()
        .filter_map(|it| it.external_id.as_deref())
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, ["0042", "0043"]);
}

#[test]
fn a_row_that_breaks_rules_is_recorded_with_every_problem_and_stops_no_other() {
    let env = TestEnv::new();
    env.write(
        "customers.csv",
        "name,domain,external_id,metadata\n,not a domain,ü,[1]\nAcme,acme.com,,\n",
    );
    env.run(&FAST)
        .exits_with(1)
        .stderr_has("customers.csv:2: invalid");
    let rows = env.results(RESULTS);
    assert_eq!(rows[0].status(), "invalid");
    assert_eq!(rows[0].get("workos_error"), "input_error");
    assert_eq!(rows[0].get("workos_attempts"), "0");
    for column in ["name", "domain", "external_id", "metadata"] {
        let named = format!("column \"{column}\"");
        assert!(
            rows[0].get("workos_message").contains(&named),
            "{:?}",
            rows[0]
        );
    }
    assert_eq!(rows[1].status(), "created");
    assert_eq!(env.count("POST"), 1);
}

#[test]
fn an_import_into_the_sandbox_needs_no_key_and_no_server() {
    let env = env(5);
    let mut command = program(&["import", "customers.csv", "--sandbox"]);
    finish(command.current_dir(env.directory())).exits_with(0);
    assert_eq!(env.results("customers.sandbox.results.csv").len(), 5);
    assert!(env.requests().is_empty());
}

#[test]
fn help_names_the_exit_codes() {
    finish(&mut program(&["--help"]))
        .exits_with(0)
        .stdout_has("130  interrupted");
    finish(&mut program(&["import", "--no-such-option"])).exits_with(2);
}

#[test]
fn a_resumed_import_refuses_repeated_rows_as_the_first_run_did() {
    let env = TestEnv::new();
    let list = "name,domain,external_id\nAcme,acme.com,1\nGlobex,globex.com,2\n\
                Initech,acme.com,3\nHooli,hooli.com,2\nUmbrella,umbrella.com,5\n";
    env.write("customers.csv", list);
    env.run(&[&FAST[..], &["--limit", "1"]].concat())
        .exits_with(0);
    env.run(&FAST)
        .exits_with(1)
        .stderr_has("2 rows cannot be sent");
    let rows = env.results(RESULTS);
    let statuses: Vec<_> = rows.iter().map(ResultRow::status).collect();
    let expected = ["created", "created", "invalid", "invalid", "created"];
    assert_eq!(statuses, expected);
    assert!(rows[2].get("workos_message").contains("also on line 2"));
    assert_eq!(env.count("POST"), 3);
}

#[test]
fn a_dry_run_with_a_limit_says_which_rows_the_import_with_it_sends() {
    let env = TestEnv::new();
    let customers = Customer::list(30);
    env.write_customers(&customers);
    let import = |options: &[&str]| env.run(&[&FAST[..], options].concat());
    import(&["--limit", "20"]).exits_with(0);
    let files = env.contents();
    let dry = import(&["--limit", "5", "--dry-run"]);
    let next = format!("  + line 22: {}", customers[20].name);
    dry.exits_with(0)
        .stdout_has(&next)
        .stdout_has("5 to create, 20 unchanged, 5 beyond --limit. Nothing was sent.");
    assert_eq!(dry.stdout.matches("\n  + line ").count(), 5);
    let said = import(&["--limit", "5", "--dry-run", "--json"]).stdout;
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["planned"][4]["line"], 26);
    assert_eq!(said["valid"], 30);
    assert_eq!(env.contents(), files, "a dry run writes nothing");
    import(&["--limit", "5"])
        .exits_with(0)
        .stdout_has("to import the other 5 rows:");
    let mut sent: Vec<_> = customers[..25].iter().map(|it| it.name.clone()).collect();
    sent.sort();
    assert_eq!(env.names(), sent);
    import(&["--limit", "20", "--dry-run"])
        .exits_with(0)
        .stdout_has("5 to create, 25 unchanged. Nothing was sent.");
    import(&[]).exits_with(0);
    env.rows_and_organizations_agree(&customers, RESULTS);
    import(&["--dry-run"])
        .exits_with(0)
        .stdout_has("30 unchanged. Nothing was sent.");
}

#[test]
fn a_dry_run_without_a_key_checks_the_list_alone() {
    let env = TestEnv::new();
    env.write_customers(&Customer::list(3));
    let mut command = env.command(&["import", "customers.csv", "--dry-run"]);
    let finished = finish(command.env_remove("WORKOS_API_KEY"));
    finished
        .exits_with(0)
        .stdout_has("3 rows, all can be sent")
        .stderr_has("no API key: the list is checked, and not compared with WorkOS");
    env.run(&["import", "customers.csv", "--sandbox", "--dry-run"])
        .exits_with(0)
        .stdout_has("3 rows, all can be sent");
    let list = env.read("customers.csv");
    env.run_with_input(&["plan", "-"], &list)
        .exits_with(0)
        .stdout_has("3 to create");
}

#[test]
fn a_list_that_was_named_for_its_results_leads_to_them() {
    let env = env(3);
    env.run(&FAST).exits_with(0);
    for command in ["retry", "undo", "verify", "report"] {
        env.run(&[command, "customers.csv"])
            .exits_with(5)
            .stderr_has("the results of customers.csv are in customers.results.csv");
    }
    env.run(&["import", "."])
        .exits_with(3)
        .stderr_has("it is a folder");
    env.run(&["import", "no-folder/customers.csv"])
        .exits_with(3)
        .stderr_has("there is no folder no-folder; did you mean customers.csv?");
}

#[test]
fn a_resumed_import_names_the_invalid_rows_that_are_left() {
    let env = TestEnv::new();
    env.write(
        "customers.csv",
        "name,domain\nA,a.com\nB,not a domain\nC,c.com\n,d.com\nE,e.com\n",
    );
    env.run(&["import", "customers.csv", "--limit", "2"])
        .exits_with(1);
    env.run(&["import", "customers.csv", "--dry-run"])
        .stderr_has("1 already done, 2 new, 1 invalid (not sent), 1 skipped");
}

#[test]
fn an_option_of_every_command_is_in_the_next_command_once() {
    let env = env(3);
    let log = ["--log-file", "log.txt", "--log-format", "json"];
    let import = ["import", "customers.csv", "--limit", "2"];
    let finished = env.run(&[&import[..], &log].concat());
    finished.exits_with(0);
    for option in ["--log-file", "--log-format"] {
        assert_eq!(finished.stdout.matches(option).count(), 1);
    }
}
