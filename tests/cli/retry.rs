//! `retry`: rows that failed are corrected in the results file and sent again.

use super::{RESULTS, env_with_examples, import, retry, statuses, with_conflicts};
use crate::spreadsheets::{REORDERED, saved_by_a_spreadsheet};
use crate::support::{Customer, TestEnv};
use std::collections::BTreeSet;
use workos_orgs::sandbox::{
    TAKEN_DOMAIN, TAKEN_DOMAIN_OWNER, TAKEN_EXTERNAL_ID, TAKEN_EXTERNAL_ID_OWNER,
};

#[test]
fn a_results_file_whose_columns_were_renamed_is_refused() {
    let env = env_with_examples();
    env.write("customers.csv", "name,domain\nAcme,not a domain\n");
    import(&env).exits_with(1);
    let renamed = env.read(RESULTS).replacen("name,", "Company,", 1);
    env.write(RESULTS, renamed);
    retry(&env, &[])
        .exits_with(3)
        .stderr_has("the columns of the list have changed since the run in")
        .stderr_has("caused by: column \"name\" not found");
}

#[test]
fn rows_that_were_not_sent_yet_are_not_called_added() {
    let env = TestEnv::new();
    env.write_customers(&Customer::list(5));
    env.run(&["import", "customers.csv", "--limit", "2"])
        .exits_with(0);
    let finished = retry(&env, &[]);
    finished.exits_with(0);
    assert!(!finished.stderr.contains("added"), "{}", finished.stderr);
    assert_eq!(env.organizations().len(), 5);
}

#[test]
fn a_mistyped_results_file_is_reported_as_missing() {
    let env = env_with_examples();
    env.run(&["retry", "nope.results.csv"])
        .exits_with(3)
        .stderr_has("error: cannot open nope.results.csv")
        .stderr_has("hint: check the path");
}

#[test]
fn conflicts_are_named_with_the_id_and_name_of_the_owner() {
    let env = env_with_examples();
    let organizations = env.organizations();
    let id_of = |name: &str| {
        let found = organizations.iter().find(|it| it.name == name);
        found.expect("an example").id.clone()
    };
    env.write_customers(&with_conflicts());
    let finished = import(&env);
    finished
        .exits_with(1)
        .stderr_has("customers.csv:3: conflict")
        .stderr_has("customers.csv:6: conflict")
        .stderr_has("customers.csv:8: invalid")
        .stdout_has(" retry customers.results.csv");
    let rows = env.results(RESULTS);
    for (row, owner) in [(1, TAKEN_DOMAIN_OWNER), (4, TAKEN_EXTERNAL_ID_OWNER)] {
        let row = &rows[row];
        assert_eq!(row.status(), "conflict");
        assert_eq!(row.get("workos_error"), "conflict_error");
        assert_eq!(row.get("workos_existing_organization_id"), id_of(owner));
        assert!(row.get("workos_message").contains(owner), "{row:?}");
        assert!(!row.get("workos_request_id").is_empty());
        assert_eq!(row.get("workos_organization_id"), "");
    }
    assert_eq!(rows[1].get("workos_http_status"), "409");
    assert_eq!(rows[4].get("workos_code"), "external_id_already_used");
    assert_eq!(rows[6].get("workos_error"), "input_error");
    assert_eq!(env.organizations().len(), 2 + 37);
}

#[test]
fn corrected_rows_are_sent_again_with_few_requests() {
    let env = env_with_examples();
    env.write_customers(&with_conflicts());
    import(&env).exits_with(1);
    let mut rows = env.results(RESULTS);
    rows[1].set("domain", "second.example.com");
    rows[4].set("external_id", "crm-5");
    rows[6].set("domain", "seventh.example.com");
    env.write(RESULTS, saved_by_a_spreadsheet(&REORDERED, &rows));
    let requests = env.requests().len();
    let created = env.organizations().len();
    retry(&env, &[]).exits_with(0).stdout_has("created");
    assert_eq!(env.organizations().len(), created + 3);
    let more = env.requests().len() - requests;
    assert!(more <= 6, "{more} requests for three rows");
    let after = env.results(RESULTS);
    assert_eq!(after.len(), 40);
    assert_eq!(statuses(&after), BTreeSet::from(["created"]));
    for (before, after) in rows.iter().zip(&after) {
        assert_eq!(after.customer(), before.customer());
        assert_eq!(after.get("workos_row"), before.get("workos_row"));
        if before.status() == "created" {
            assert_eq!(
                after.get("workos_organization_id"),
                before.get("workos_organization_id")
            );
        }
    }
    assert_eq!(after[1].get("domain"), "second.example.com");
    // Nothing is left, for either command.
    retry(&env, &[])
        .exits_with(0)
        .stdout_has("nothing to send: all 40 rows have a result");
    import(&env)
        .exits_with(0)
        .stdout_has("nothing to send: all 40 rows have a result");
    assert_eq!(env.organizations().len(), created + 3);
}

#[test]
fn cells_beyond_the_header_are_kept_until_the_row_is_fixed() {
    let env = env_with_examples();
    let list = "name,plan,external_id\nBeta,pro,76\nAcme, Inc,pro,77\n";
    env.write("customers.csv", list);
    import(&env)
        .exits_with(1)
        .stderr_has("the row has 4 cells, but the header has 3");
    for _ in 0..2 {
        let row = env.read(RESULTS).lines().nth(2).unwrap().to_owned();
        assert!(row.starts_with("Acme, Inc,pro,invalid,"), "{row}");
        assert!(row.ends_with("Z,77"), "{row}");
        retry(&env, &[]).exits_with(1);
    }
    assert_eq!(env.organizations().len(), 2 + 1);
    // Moved into place, as far as a spreadsheet's user sees it.
    let corrected = env
        .read(RESULTS)
        .replace("Acme, Inc,pro,", "\"Acme, Inc\",pro,77,")
        .replace("Z,77", "Z,");
    env.write(RESULTS, corrected);
    retry(&env, &[]).exits_with(0);
    let acme = env.organizations().pop().unwrap();
    assert_eq!(
        (acme.name.as_str(), acme.external_id.as_deref()),
        ("Acme, Inc", Some("77"))
    );
    assert_eq!(env.read(RESULTS).lines().count(), 3);
}

#[test]
fn the_text_of_an_unreadable_row_is_kept_until_it_is_fixed() {
    let env = env_with_examples();
    env.write(
        "customers.csv",
        "name,domain\nAcme,acme.com\n\"Be \"ta\",beta.com\n",
    );
    import(&env).exits_with(1);
    let ending = r#","""Be ""ta"",beta.com""#;
    assert!(
        env.read(RESULTS).trim_end().ends_with(ending),
        "{}",
        env.read(RESULTS)
    );
    retry(&env, &[]).exits_with(1);
    let kept = env.read(RESULTS);
    assert!(kept.trim_end().ends_with(ending), "{kept}");
    assert!(kept.contains("move them into the right columns"), "{kept}");
    let row = kept.lines().last().unwrap();
    let corrected = row
        .replacen(",,", "\"Be \"\"ta\"\"\",beta.com,", 1)
        .replace(ending, "");
    env.write(RESULTS, kept.replace(row, &corrected));
    retry(&env, &[]).exits_with(0);
    assert_eq!(env.organizations().len(), 2 + 2);
    let names: Vec<_> = env
        .results(RESULTS)
        .iter()
        .map(|row| row.get("name").to_owned())
        .collect();
    assert_eq!(names, ["Acme", "Be \"ta\""]);
}

#[test]
fn a_results_file_is_checked_with_the_columns_of_its_run() {
    let env = env_with_examples();
    env.write("customers.csv", "who,web\nAcme,acme.com\nBeta,beta\n");
    let map = ["--map", "name=who", "--map", "domain=web"];
    env.run(&[&["import", "customers.csv"][..], &map].concat())
        .exits_with(1);
    retry(&env, &[])
        .exits_with(1)
        .stderr_has("workos-orgs check customers.results.csv shows them");
    env.run(&["check", RESULTS])
        .exits_with(1)
        .stdout_has("customers.results.csv:3: column \"web\": \"beta\" is not a domain");
}

#[test]
fn a_results_file_in_another_encoding_is_read_as_the_options_say() {
    let env = env_with_examples();
    env.write("customers.csv", "name,domain\nKeßler,nodomain\n");
    import(&env).exits_with(1);
    // Saved by a program of another country, with its separator.
    let saved = env
        .read(RESULTS)
        .replace("nodomain", "kessler.de")
        .replace(',', "|");
    let saved = saved.chars().map(|c| u8::try_from(c).unwrap());
    env.write(RESULTS, saved.collect::<Vec<u8>>());
    retry(&env, &["--encoding", "windows-1252", "--delimiter", "|"]).exits_with(0);
    assert_eq!(env.organizations()[2].name, "Keßler");
    // It keeps the delimiter of its user.
    let saved = env.read(RESULTS);
    assert!(saved.contains("Keßler|kessler.de|created|"), "{saved}");
    retry(&env, &["--sheet", "1"]).exits_with(2);
}

#[test]
fn only_rows_with_the_named_statuses_are_sent_again() {
    let env = env_with_examples();
    env.write_customers(&with_conflicts());
    import(&env).exits_with(1);
    let mut rows = env.results(RESULTS);
    rows[1].set("domain", "second.example.com");
    rows[4].set("external_id", "crm-5");
    rows[6].set("domain", "seventh.example.com");
    env.write(RESULTS, saved_by_a_spreadsheet(&REORDERED, &rows));
    retry(&env, &["--only", "conflict"]).exits_with(1);
    let after = env.results(RESULTS);
    assert_eq!(after.len(), 40);
    assert_eq!(
        (after[1].status(), after[4].status()),
        ("created", "created")
    );
    assert_eq!(after[6].status(), "invalid");
    retry(&env, &["--only", "failed,unknown"])
        .exits_with(1)
        .stdout_has("nothing to send: all 40 rows have a result");
    retry(&env, &["--only", "created"]).exits_with(2);
    retry(&env, &["--only", "invalid"]).exits_with(0);
    assert_eq!(env.organizations().len(), 2 + 40);
}

#[test]
fn a_jsonl_results_file_can_be_corrected_and_retried() {
    let env = env_with_examples();
    let mut text = Customer::jsonl(&with_conflicts());
    text.push_str("{\"name\": \"broken\"\n");
    env.write("customers.jsonl", &text);
    env.run(&["import", "customers.jsonl"])
        .exits_with(1)
        .stderr_has("customers.jsonl:2: conflict");
    let results = env.read("customers.results.jsonl");
    assert_eq!(results.lines().count(), 41);
    let corrected = results
        .replace(TAKEN_DOMAIN, "second.example.com")
        .replace(&format!("\"{TAKEN_EXTERNAL_ID}\""), "\"crm-5\"")
        .replace("not a domain", "seventh.example.com");
    // An editor's line ends, the broken line corrected, and a new one.
    let mut lines: Vec<&str> = corrected.lines().collect();
    lines.pop();
    lines.push(r#"{"name":"Corrected"}"#);
    env.write("customers.results.jsonl", lines.join("\r\n"));
    env.run(&["retry", "customers.results.jsonl"]).exits_with(0);
    let after = env.results("customers.results.jsonl");
    assert_eq!(after.len(), 41);
    assert_eq!(statuses(&after), BTreeSet::from(["created"]));
    assert_eq!(after[40].get("name"), "Corrected");
    assert_eq!(env.organizations().len(), 2 + 41);
}

#[test]
fn a_last_row_without_a_line_end_is_kept() {
    let env = env_with_examples();
    env.write_customers(&with_conflicts());
    import(&env).exits_with(1);
    let results = env
        .read(RESULTS)
        .replace("not a domain", "seventh.example.com");
    let mut lines: Vec<&str> = results.lines().collect();
    // The row to be rerun is the last one.
    let seventh = lines.remove(7);
    lines.push(seventh);
    env.write(RESULTS, lines.join("\n"));
    retry(&env, &["--only", "invalid"]).exits_with(1);
    let after = env.results(RESULTS);
    assert_eq!(after.len(), 40);
    assert_eq!(after[6].status(), "created");
    assert_eq!(after[6].get("domain"), "seventh.example.com");
}

#[test]
fn a_killed_retry_is_resumed() {
    let env = TestEnv::slow(30);
    // Every row is refused first: its domain is nodomain.
    let mut customers: Vec<_> = (0..60)
        .map(|n| Customer::named(format!("C {}", n / 2)))
        .collect();
    for customer in &mut customers {
        customer.domain.push_str("nodomain");
    }
    env.write_customers(&customers);
    import(&env).exits_with(1);
    assert_eq!(env.count("POST"), 0);
    env.write(RESULTS, env.read(RESULTS).replace("nodomain", ""));
    for kill_at in [5, 20, 40] {
        let slowly = [
            "retry",
            RESULTS,
            "--timeout",
            "1",
            "--concurrency",
            "4",
            "--lookup-pause",
            "0.3",
        ];
        let running = env.start(&slowly);
        let so_far = env.requests().len() as u64;
        assert!(env.arrives_while_running(so_far + kill_at, &running));
        running.kill();
    }
    retry(&env, &[]).exits_with(0);
    for customer in &mut customers {
        customer.domain.clear();
    }
    env.rows_and_organizations_agree(&customers, RESULTS);
    assert_eq!(env.count("POST"), 60, "each row was sent once");
}

#[test]
fn an_unfinished_import_is_not_retried_without_all_its_rows() {
    let env = TestEnv::slow(50);
    env.write_customers(&Customer::list(40));
    let running = env.start(&["import", "customers.csv", "--concurrency", "2"]);
    env.wait_for_arrivals(8);
    running.kill();
    // Rows that were dropped from its results file are only in the list.
    let results = env.read(RESULTS);
    let kept: Vec<_> = results.lines().take(31).collect();
    env.write(RESULTS, kept.join("\n") + "\n");
    retry(&env, &[])
        .exits_with(5)
        .stderr_has("hint: finish it first: workos-orgs import customers.csv");
    import(&env).exits_with(0);
    env.rows_and_organizations_agree(&Customer::list(40), RESULTS);
}

/// An import with three rows to correct, which are in `fix/todo.csv` or so.
fn with_small_file(name: &str) -> TestEnv {
    let env = env_with_examples();
    env.write_customers(&with_conflicts());
    import(&env).exits_with(1);
    std::fs::create_dir(env.path("fix")).unwrap();
    env.run(&["report", RESULTS, "--failed-only", name, "-o", "page.html"])
        .exits_with(0)
        .stderr_has("3 rows written to");
    env
}

#[test]
fn retry_takes_the_small_file_of_rows_to_correct_and_leaves_the_others_alone() {
    for name in ["todo.csv", "fix/todo.csv"] {
        let env = with_small_file(name);
        let before = env.results(RESULTS);
        let mut rows = env.results(name);
        assert_eq!(rows.len(), 3);
        rows[0].set("domain", "second.example.com");
        rows[2].set("domain", "seventh.example.com");
        // One is left for later, and a column is gone.
        rows.remove(1);
        let columns = ["workos_row", "domain", "name", "workos_results_file"];
        env.write(name, saved_by_a_spreadsheet(&columns, &rows));
        env.run(&["retry", name])
            .exits_with(1)
            .stderr_has("2 rows of ")
            .stderr_has("the other rows stay as they are");
        let after = env.results(RESULTS);
        assert_eq!(after.len(), 40);
        for (index, (before, after)) in before.iter().zip(&after).enumerate() {
            if index != 1 && index != 6 {
                assert_eq!(before, after);
            }
            assert_eq!(before.get("external_id"), after.get("external_id"));
        }
        assert_eq!(
            (after[1].status(), after[6].status()),
            ("created", "created")
        );
        assert_eq!(after[4].status(), "conflict");
        assert_eq!(after[1].get("domain"), "second.example.com");
        // The same file again changes nothing.
        let organizations = env.organizations().len();
        env.run(&["retry", name]).exits_with(1);
        assert_eq!(env.organizations().len(), organizations);
    }
}

#[test]
fn a_small_file_in_another_folder_or_with_other_rows_is_explained() {
    let env = with_small_file("todo.csv");
    let files = env.contents();
    let text = env.read("todo.csv");
    env.write("fix/todo.csv", &text);
    env.run(&["retry", "fix/todo.csv"])
        .exits_with(5)
        .stderr_has("fix/todo.csv has rows of customers.results.csv, but ")
        .stderr_has("hint: move fix/todo.csv into the folder of customers.results.csv");
    let mut rows = env.results("todo.csv");
    let columns = ["name", "domain", "workos_row", "workos_results_file"];
    for (number, why) in [
        ("", "todo.csv:2: this row has no workos_row"),
        (
            "3",
            "todo.csv:2: this row is not row 3 of customers.results.csv",
        ),
        (
            "99",
            "todo.csv:2: this row is row 99, which customers.results.csv does not have",
        ),
        (
            "5",
            "todo.csv:3: this row has the workos_row of another row",
        ),
    ] {
        rows[0].set("workos_row", number);
        env.write("todo.csv", saved_by_a_spreadsheet(&columns, &rows));
        env.run(&["retry", "todo.csv"])
            .exits_with(5)
            .stderr_has(why);
    }
    env.write("todo.csv", text);
    env.remove("fix/todo.csv");
    assert_eq!(env.contents(), files, "nothing has changed");
}

#[test]
fn a_small_file_of_jsonl_results_is_taken_too() {
    let env = env_with_examples();
    let list =
        "{\"name\":\"Acme\",\"domain\":\"acme.com\"}\n{\"name\":\"Bolt\",\"domain\":\"bolt\"}\n";
    env.write("list.jsonl", list);
    env.run(&["import", "list.jsonl"]).exits_with(1);
    let report = [
        "report",
        "list.results.jsonl",
        "--failed-only",
        "todo.jsonl",
    ];
    env.run(&[&report[..], &["-o", "page.html"]].concat())
        .exits_with(0);
    env.edit("todo.jsonl", "\"bolt\"", "\"bolt.com\"");
    env.run(&["retry", "todo.jsonl"]).exits_with(0);
    let text = env.read("list.results.jsonl");
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 2);
    let bolt = r#"{"name":"Bolt","domain":"bolt.com","workos":{"status":"created","#;
    assert!(lines[1].starts_with(bolt), "{text}");
}
