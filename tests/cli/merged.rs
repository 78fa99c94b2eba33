//! `--one-per`: several rows of a list are one organization.

use super::sync::held;
use super::{RESULTS, import, import_with, retry};
use crate::support::{Finished, ResultRow, TestEnv};
use std::collections::{BTreeMap, BTreeSet};

/// Rows of three customers, not next to each other.
const LIST: &str = "Team,name,domain,metadata.plan,note\n\
                    a1,Acme Inc,acme.com,pro,first\n\
                    b1,Beta,beta.io,,\n\
                    a1,ACME  inc,www.acme.de,,second\n\
                    ,Cyber,,,\n\
                    a1,Acme Inc,acme.com,pro,third\n\
                    b1,Beta,,free,\n\
                    ,Delta,,,\n";

fn env(list: &str) -> TestEnv {
    let env = TestEnv::new().asking();
    env.write("customers.csv", list);
    env
}

/// Each row: its status, and the name of the organization that it has.
fn results(env: &TestEnv) -> Vec<(String, String)> {
    let organizations = env.organizations().into_iter();
    let names: BTreeMap<_, _> = organizations.map(|it| (it.id, it.name)).collect();
    let rows = env.results(RESULTS);
    let row = |row: &ResultRow| {
        let name = names.get(row.get("workos_organization_id"));
        (row.status().to_owned(), name.cloned().unwrap_or_default())
    };
    rows.iter().map(row).collect()
}

fn pairs(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    let rows = rows.iter();
    rows.map(|(status, name)| ((*status).to_owned(), (*name).to_owned()))
        .collect()
}

/// The domains of the organization of this name.
fn domains(env: &TestEnv, name: &str) -> Vec<String> {
    let organizations = env.organizations().into_iter();
    let mut named = organizations.filter(|it| it.name == name);
    let domains = named.next().expect("an organization").domains;
    assert_eq!(named.count(), 0, "two organizations are called {name}");
    domains.into_iter().map(|it| it.domain).collect()
}

fn sync(env: &TestEnv) -> Finished {
    env.run(&["sync", "customers.csv", "--rate", "unlimited"])
}

#[test]
fn rows_of_one_organization_are_united_and_each_keeps_its_line() {
    for key in ["name", "Team"] {
        let env = env(LIST);
        import_with(&env, &["--one-per", key])
            .exits_with(0)
            .stderr_has(&format!("7 rows, 4 organizations (one per {key})"))
            .stdout_has("merged              3");
        let wanted = pairs(&[
            ("created", "Acme Inc"),
            ("created", "Beta"),
            ("merged", "Acme Inc"),
            ("created", "Cyber"),
            ("merged", "Acme Inc"),
            ("merged", "Beta"),
            ("created", "Delta"),
        ]);
        assert_eq!(results(&env), wanted);
        assert_eq!(domains(&env, "Acme Inc"), ["acme.com", "acme.de"]);
        let beta = env.organizations().into_iter().find(|it| it.name == "Beta");
        assert_eq!(beta.unwrap().metadata["plan"], "free");
        assert_eq!(env.count("POST"), 4);
        // The user's cells are as they were.
        assert!(
            env.read(RESULTS)
                .contains("a1,ACME  inc,www.acme.de,,second,merged,")
        );
        // The same command needs no option to know it.
        import(&env)
            .exits_with(0)
            .stdout_has("nothing to send: all 7 rows have a result");
        env.run(&["verify", RESULTS]).exits_with(0);
        env.run(&["status", "customers.csv"])
            .exits_with(0)
            .stdout_has("done:    7 of 7 rows, 0 not sent");
        env.run(&["report", RESULTS, "--format", "md", "--output", "report.md"])
            .exits_with(0);
        assert!(env.read("report.md").contains("All 7 customers"));
    }
}

#[test]
fn an_id_unites_rows_exactly_and_a_blank_one_does_not() {
    let env = env("name,domain,external_id\n\
         Acme,acme.com,x1\n\
         Acme,acme.net,X1\n\
         Acme,acme.org,x1\n\
         Beta,,\n\
         Gamma,,n/a\n");
    import_with(&env, &["--one-per", "external_id"]).exits_with(0);
    let statuses: Vec<_> = results(&env)
        .into_iter()
        .map(|(status, _)| status)
        .collect();
    assert_eq!(
        statuses,
        ["created", "created", "merged", "created", "created"]
    );
    assert_eq!(env.organizations().len(), 4);
}

#[test]
fn addresses_give_domains_where_no_column_does_but_not_those_of_mail_providers() {
    let env = env("First name,Company,Email\n\
         Ann,Acme,ann@acme.com\n\
         Bob,Acme,bob@gmail.com\n\
         Cat,Acme,cat@acme.de\n\
         Dan,Beta,dan@gmail.com\n\
         Eve,Gamma,eve@gmail.com\n");
    import_with(&env, &["--one-per", "name"])
        .exits_with(0)
        .stderr_has("5 rows, 3 organizations");
    assert_eq!(domains(&env, "Acme"), ["acme.com", "acme.de"]);
    assert_eq!(domains(&env, "Beta"), [""; 0]);
}

#[test]
fn without_an_answer_both_are_named_and_nothing_is_sent() {
    let env = env("Company,First name\nAcme,Ann\nAcme,Bob\nBeta,Cat\n");
    import(&env)
        .exits_with(2)
        .stderr_has("3 rows, 2 names: one row per contact")
        .stderr_has("for 2 organizations, one per name, add --one-per name")
        .stderr_has("for 3, one for each row, add --one-per row");
    assert_eq!(env.organizations().len(), 0);
    env.run(&["check", "customers.csv"])
        .exits_with(1)
        .stdout_has("for 2 organizations, one per name, add --one-per name");
    env.run(&["check", "customers.csv", "--one-per", "name"])
        .exits_with(0)
        .stdout_has("3 rows, 2 organizations (one per name), all can be sent")
        .stdout_has("import customers.csv --one-per name");
    env.run(&["plan", "customers.csv", "--one-per", "name"])
        .exits_with(0)
        .stdout_has("2 to create");
}

#[test]
fn a_kill_in_the_middle_costs_nothing() {
    let env = TestEnv::slow(50).asking();
    // The rows of a customer are far from each other.
    let rows = (0..180).map(|n| {
        let (customer, row) = (n % 60, n / 60);
        format!("Customer {customer},c{customer}-{row}.example.com\n")
    });
    env.write(
        "customers.csv",
        format!("name,domain\n{}", rows.collect::<String>()),
    );
    let arguments = ["--concurrency", "4", "--one-per", "name"];
    let running = env.start(&[&super::IMPORT[..], &arguments].concat());
    env.wait_for_arrivals(12);
    running.kill();
    import(&env).exits_with(0);
    assert_eq!(env.count("POST"), 60, "each organization was sent once");
    assert_eq!(env.organizations().len(), 60);
    let rows = env.results(RESULTS);
    for (n, row) in rows.iter().enumerate() {
        let wanted = if n < 60 { "created" } else { "merged" };
        assert_eq!(row.status(), wanted, "{row:?}");
        assert_eq!(row.get("workos_row"), (n + 1).to_string());
        let first = &rows[n % 60];
        assert_eq!(
            row.get("workos_organization_id"),
            first.get("workos_organization_id")
        );
    }
    assert_eq!(domains(&env, "Customer 7").len(), 3);
}

#[test]
fn a_new_row_of_a_known_organization_never_creates_a_second_one() {
    for key in ["name", "Team"] {
        let env = env(LIST);
        import_with(&env, &["--one-per", key]).exits_with(0);
        // In another order, with a row that adds nothing, one that adds a domain, and a new customer.
        let mut lines: Vec<&str> = LIST.lines().collect();
        lines[1..].reverse();
        lines.extend(["a1,Acme Inc,acme.de,,", "b1,Beta,beta.de,,", "e1,Echo,,,"]);
        env.write("customers.csv", lines.join("\n") + "\n");
        import(&env)
            .exits_with(0)
            .stderr_has("4 already done, 1 new")
            .stderr_has("rows of 1 organization were added or changed")
            .stderr_has("workos-orgs sync does");
        assert_eq!(env.organizations().len(), 5);
        let rows = env.results(RESULTS);
        assert_eq!(rows.len(), 10);
        let acme = rows.iter().filter(|row| row.get("Team") == "a1");
        assert!(acme.clone().all(|row| row.get("workos_message").is_empty()));
        assert_eq!(acme.filter(|row| row.status() == "merged").count(), 3);
        let beta: Vec<_> = rows.iter().filter(|it| it.get("Team") == "b1").collect();
        assert_eq!(beta.len(), 3);
        for row in beta {
            assert!(
                row.get("workos_message").contains("workos-orgs sync"),
                "{row:?}"
            );
        }
        assert_eq!(domains(&env, "Beta"), ["beta.io"]);
        // A sync sends what was added, once.
        sync(&env).exits_with(0);
        assert_eq!(domains(&env, "Beta").len(), 2);
        let (there, changes) = (held(&env), env.count("PUT"));
        sync(&env).exits_with(0);
        assert_eq!((held(&env), env.count("PUT")), (there, changes));
        env.run(&["verify", RESULTS]).exits_with(0);
    }
}

#[test]
fn rows_that_differ_are_not_sent_unless_the_user_decides() {
    let list = "name,external_id,metadata.plan\n\
                Acme,a1,pro\n\
                Beta,b1,\n\
                Acme Corp,a1,free\n\
                Beta,b1,x\n";
    let refused = env(list);
    import_with(&refused, &["--one-per", "external_id"])
        .exits_with(1)
        .stderr_has("\"Acme\" on line 2, \"Acme Corp\" on line 4");
    assert_eq!(refused.names(), ["Beta"]);
    let rows = refused.results(RESULTS);
    let statuses: Vec<_> = rows.iter().map(ResultRow::status).collect();
    assert_eq!(statuses, ["invalid", "created", "invalid", "merged"]);
    assert_eq!(rows[0].get("workos_code"), "rows_differ");
    for (differing, plan) in [("first", "pro"), ("join", "pro, free")] {
        let env = env(list);
        import_with(
            &env,
            &["--one-per", "external_id", "--differing", differing],
        )
        .exits_with(0);
        assert_eq!(env.names(), ["Acme", "Beta"]);
        let acme = env.organizations().into_iter().find(|it| it.name == "Acme");
        assert_eq!(acme.unwrap().metadata["plan"], plan);
    }
    // The answer can be given later.
    retry(&refused, &["--differing", "first"]).exits_with(0);
    assert_eq!(refused.names(), ["Acme", "Beta"]);
}

#[test]
fn an_invalid_row_holds_back_its_organization_until_it_is_corrected() {
    let env = env("name,domain\nAcme,acme.com\nBeta,beta.io\nAcme,not a domain\nAcme,acme.de\n");
    import_with(&env, &["--one-per", "name"])
        .exits_with(1)
        .stderr_has("1 organization cannot be sent")
        .stderr_has("3 rows of one organization are not sent because of line 4");
    let rows = env.results(RESULTS);
    let statuses: Vec<_> = rows.iter().map(ResultRow::status).collect();
    assert_eq!(statuses, ["invalid", "created", "invalid", "invalid"]);
    env.edit(RESULTS, "not a domain", "acme.net");
    retry(&env, &[])
        .exits_with(0)
        .stderr_has("4 rows, 2 organizations (one per name)");
    assert_eq!(
        results(&env),
        pairs(&[
            ("created", "Acme"),
            ("created", "Beta"),
            ("merged", "Acme"),
            ("merged", "Acme"),
        ])
    );
    assert_eq!(domains(&env, "Acme"), ["acme.com", "acme.net", "acme.de"]);
    assert_eq!(env.count("POST"), 2);
    let numbers = env.results(RESULTS);
    let numbers: Vec<_> = numbers.iter().map(|row| row.get("workos_row")).collect();
    assert_eq!(numbers, ["1", "2", "3", "4"]);
}

#[test]
fn a_retry_works_on_a_results_file_without_the_rows_that_are_done() {
    let env =
        env("name,domain\nAcme,acme.com\nAcme,acme.de\nBeta,x y\nBeta,beta.io\nBeta,beta.de\n");
    import_with(&env, &["--one-per", "name"]).exits_with(1);
    let rows = env.read(RESULTS);
    // The created row and one of the others are gone.
    let kept: Vec<_> = rows
        .lines()
        .filter(|line| !line.starts_with("Acme,acme.com") && !line.starts_with("Beta,beta.de"))
        .collect();
    env.write(RESULTS, kept.join("\n") + "\n");
    env.edit(RESULTS, "x y", "beta.com");
    retry(&env, &[]).exits_with(0);
    assert_eq!(env.organizations().len(), 2);
    assert_eq!(domains(&env, "Acme"), ["acme.com", "acme.de"]);
    assert_eq!(domains(&env, "Beta"), ["beta.com", "beta.io"]);
    // All rows are there again, the corrected one as it was sent.
    import(&env).exits_with(0).stderr_has("2 already done");
    let rows = env.results(RESULTS);
    let cells: Vec<_> = rows.iter().map(|row| row.get("domain")).collect();
    assert_eq!(
        cells,
        ["acme.com", "acme.de", "beta.com", "beta.io", "beta.de"]
    );
    assert_eq!(env.count("POST"), 2);
}

#[test]
fn undo_deletes_each_organization_once_and_marks_all_of_its_rows() {
    let env = env(LIST);
    import_with(&env, &["--one-per", "name"]).exits_with(0);
    // A merged row has the organization of its first row.
    env.run(&["undo", RESULTS, "--only-rows", "3", "--rate", "unlimited"])
        .exits_with(0);
    assert_eq!(env.names(), ["Beta", "Cyber", "Delta"]);
    let statuses = |env: &TestEnv| -> Vec<String> {
        let rows = env.results(RESULTS);
        rows.iter().map(|row| row.status().to_owned()).collect()
    };
    assert_eq!(
        statuses(&env),
        [
            "deleted", "created", "deleted", "created", "deleted", "merged", "created"
        ]
    );
    env.run(&["undo", RESULTS, "--rate", "unlimited"])
        .exits_with(0);
    assert_eq!(env.organizations().len(), 0);
    assert_eq!(env.count("DELETE"), 4);
    assert_eq!(statuses(&env), ["deleted"; 7]);
    import_with(&env, &["--deleted-rows", "create"]).exits_with(0);
    assert_eq!(env.organizations().len(), 4);
}

#[test]
fn another_way_to_unite_rows_is_refused() {
    let env = env(LIST);
    import_with(&env, &["--one-per", "name"]).exits_with(0);
    for other in ["row", "Team"] {
        import_with(&env, &["--one-per", other])
            .exits_with(5)
            .stderr_has("was made with --one-per name");
    }
    import_with(&env, &["--one-per", "name"]).exits_with(0);
    assert_eq!(env.count("POST"), 4);
}

#[test]
fn what_the_user_has_edited_in_the_results_file_is_not_overwritten() {
    let env = env(LIST);
    import_with(&env, &["--one-per", "name"]).exits_with(0);
    env.edit(RESULTS, "second", "my own note");
    env.write("customers.csv", format!("{LIST},Echo,,,\n"));
    import(&env)
        .exits_with(5)
        .stderr_has("line 4 would be sent as in the list");
    import_with(&env, &["--discard-edits"]).exits_with(0);
    assert_eq!(env.names(), ["Acme Inc", "Beta", "Cyber", "Delta", "Echo"]);
}

#[test]
fn organizations_that_the_list_does_not_have_any_more_keep_their_rows() {
    let env = env(LIST);
    import_with(&env, &["--one-per", "name"]).exits_with(0);
    let without: String = LIST
        .split_inclusive('\n')
        .filter(|line| !line.contains("Beta"))
        .collect();
    env.write("customers.csv", without);
    import(&env)
        .exits_with(0)
        .stderr_has("1 organization created earlier is no longer in the list: \"Beta\"");
    let rows = results(&env);
    assert_eq!(rows.len(), 7);
    assert_eq!(rows[5..], pairs(&[("created", "Beta"), ("merged", "Beta")]));
}

#[test]
fn lost_results_and_a_lost_journal_create_nothing() {
    let env = env(LIST);
    import_with(&env, &["--one-per", "name"]).exits_with(0);
    let written = env.read(RESULTS);
    env.remove(RESULTS);
    import(&env).exits_with(0);
    assert_eq!(env.read(RESULTS), written);
    env.remove(super::JOURNAL);
    import_with(&env, &["--one-per", "name", "--without-journal"]).exits_with(0);
    assert_eq!(env.count("POST"), 4);
    let statuses: BTreeSet<String> = results(&env).into_iter().map(|(it, _)| it).collect();
    assert_eq!(
        statuses,
        BTreeSet::from(["created".into(), "merged".into()])
    );
}

#[test]
fn json_and_a_title_above_the_header_are_united_alike() {
    let json = "{\"name\":\"Acme\",\"domain\":\"acme.com\"}\n\
                {\"name\":\"Beta\"}\n\
                {\"name\":\"acme\",\"domain\":[\"acme.de\"],\"note\":1}\n";
    let env = env("");
    env.write("customers.jsonl", json);
    let import = ["import", "customers.jsonl", "--one-per", "name"];
    env.run(&import).exits_with(0);
    let rows = env.results("customers.results.jsonl");
    let statuses: Vec<_> = rows.iter().map(ResultRow::status).collect();
    assert_eq!(statuses, ["created", "created", "merged"]);
    assert_eq!(domains(&env, "Acme"), ["acme.com", "acme.de"]);
    let titled = "Export of today;\n;\nname;domain\nEcho;x y\nEcho;echo.com\n";
    env.write("titled.csv", titled);
    let import = [
        "import",
        "titled.csv",
        "--header-row",
        "3",
        "--one-per",
        "name",
    ];
    env.run(&import)
        .exits_with(1)
        .stderr_has("because of line 4");
    env.edit("titled.results.csv", "x y", "echo.de");
    env.run(&["retry", "titled.results.csv"]).exits_with(0);
    assert_eq!(domains(&env, "Echo"), ["echo.de", "echo.com"]);
}

#[test]
fn a_retry_with_nothing_left_to_do_counts_rows_not_organizations() {
    let env =
        env("name,domain\nAcme,a.com\nAcme,a.org\nAcme,a.net\nBeta,b.com\nGamma,not a domain\n");
    import_with(&env, &["--one-per", "name"]).exits_with(1);
    env.edit(RESULTS, "not a domain", "c.com");
    retry(&env, &[]).exits_with(0);
    for _ in 0..2 {
        retry(&env, &[])
            .exits_with(0)
            .stdout_has("nothing to send: all 5 rows have a result")
            .stdout_has("created             3")
            .stdout_has("merged              2");
    }
    import_with(&env, &[])
        .exits_with(0)
        .stdout_has("all 5 rows");
}
