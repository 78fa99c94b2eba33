//! The story of a retry: rows that failed are corrected in a spreadsheet and rerun, with a
//! handful of requests; and an input that was changed between two runs is understood.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests fail as tests do, by a panic"
)]

#[expect(dead_code, reason = "every crate of tests uses its own part of it")]
mod support;

use std::collections::BTreeSet;
use std::time::Duration;
use support::{Customer, ResultRow, TestEnv};
use workos_orgs::sandbox::{
    Options, TAKEN_DOMAIN, TAKEN_DOMAIN_OWNER, TAKEN_EXTERNAL_ID, TAKEN_EXTERNAL_ID_OWNER,
};

const RESULTS: &str = "customers.results.csv";

/// A sandbox in which a domain and an external id are taken.
fn env() -> TestEnv {
    TestEnv::with(Options {
        rate_limit: None,
        examples: true,
        ..Options::default()
    })
}

/// Forty customers, of whom the second and the fifth claim what is taken, and the seventh breaks a
/// rule.
fn with_conflicts() -> Vec<Customer> {
    let mut customers = Customer::list(40);
    TAKEN_DOMAIN.clone_into(&mut customers[1].domain);
    customers[1].external_id.clear();
    TAKEN_EXTERNAL_ID.clone_into(&mut customers[4].external_id);
    "not a domain".clone_into(&mut customers[6].domain);
    customers
}

fn import(env: &TestEnv) -> support::Finished {
    env.run(&[
        "import",
        "customers.csv",
        "--rate",
        "unlimited",
        "--timeout",
        "1",
        "--lookup-pause",
        "0.3",
    ])
}

fn retry(env: &TestEnv, arguments: &[&str]) -> support::Finished {
    let base = [
        "retry",
        RESULTS,
        "--rate",
        "unlimited",
        "--timeout",
        "1",
        "--lookup-pause",
        "0.3",
    ];
    env.run(&[&base[..], arguments].concat())
}

#[test]
fn a_results_file_whose_columns_were_renamed_is_refused() {
    let env = env();
    env.write("customers.csv", "name,domain\nAcme,not a domain\n");
    import(&env).ends_with(1);
    let renamed = env.read(RESULTS).replacen("name,", "Company,", 1);
    env.write(RESULTS, renamed);
    retry(&env, &[])
        .ends_with(3)
        .tells("the columns of the list have changed since the run in")
        .tells("caused by: column \"name\" not found");
}

#[test]
fn a_mistyped_results_file_is_said_not_to_be_there() {
    let env = env();
    env.run(&["retry", "nope.results.csv"])
        .ends_with(3)
        .tells("error: cannot open nope.results.csv")
        .tells("hint: check the path");
}

/// The statuses that rows have, each once.
fn statuses(rows: &[ResultRow]) -> BTreeSet<&str> {
    rows.iter().map(ResultRow::status).collect()
}

/// What a spreadsheet makes of a file: a BOM, CRLF, every cell quoted, and these columns.
fn saved_by_a_spreadsheet(columns: &[&str], rows: &[ResultRow]) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let header: Vec<_> = columns.iter().map(|column| quoted(column)).collect();
    let mut text = format!("\u{feff}{}\r\n", header.join(","));
    for row in rows {
        let cells: Vec<_> = columns
            .iter()
            .map(|column| quoted(row.get(column)))
            .collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

const REORDERED: [&str; 16] = [
    "workos_row",
    "workos_status",
    "workos_message",
    "metadata.plan",
    "external_id",
    "my note",
    "domain",
    "name",
    "workos_finished_at",
    "workos_attempts",
    "workos_organization_id",
    "workos_existing_organization_id",
    "workos_request_id",
    "workos_http_status",
    "workos_error",
    "workos_code",
];

#[test]
fn conflicts_are_named_with_the_id_and_name_of_the_owner() {
    let env = env();
    let organizations = env.organizations();
    let id_of = |name: &str| {
        let found = organizations.iter().find(|it| it.name == name);
        found.expect("an example").id.clone()
    };
    env.write("customers.csv", Customer::csv(&with_conflicts()));
    let finished = import(&env);
    finished
        .ends_with(1)
        .tells("customers.csv:3: conflict")
        .tells("customers.csv:6: conflict")
        .tells("customers.csv:8: invalid")
        .prints("workos-orgs retry customers.results.csv");
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
fn corrected_rows_are_rerun_with_a_handful_of_requests() {
    let env = env();
    env.write("customers.csv", Customer::csv(&with_conflicts()));
    import(&env).ends_with(1);
    let mut rows = env.results(RESULTS);
    rows[1].set("domain", "second.example.com");
    rows[4].set("external_id", "crm-5");
    rows[6].set("domain", "seventh.example.com");
    env.write(RESULTS, saved_by_a_spreadsheet(&REORDERED, &rows));
    let requests = env.requests().len();
    let created = env.organizations().len();
    retry(&env, &[]).ends_with(0).prints("created");
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
        .ends_with(0)
        .prints("nothing is left to do");
    import(&env).ends_with(0).prints("nothing is left to do");
    assert_eq!(env.organizations().len(), created + 3);
}

#[test]
fn a_spreadsheet_may_drop_done_rows_add_new_ones_and_copy_others() {
    let env = env();
    env.write("customers.csv", Customer::csv(&with_conflicts()));
    import(&env).ends_with(1);
    let mut rows = env.results(RESULTS);
    rows.retain(|row| row.status() != "created" || row.get("name") == "Customer 40");
    rows[0].set("domain", "second.example.com");
    rows[1].set("external_id", "crm-5");
    // A new row from a copy of a done one, as spreadsheets make it; and one typed in.
    let mut copy = rows.last().unwrap().clone();
    copy.set("name", "Copied");
    copy.set("domain", "copied.example.com");
    copy.set("external_id", "crm-copied");
    rows.push(copy);
    let mut typed = rows[0].clone();
    for column in REORDERED {
        typed.set(column, "");
    }
    typed.set("name", "Typed in");
    rows.push(typed);
    env.write(RESULTS, saved_by_a_spreadsheet(&REORDERED, &rows));
    let created = env.organizations().len();
    retry(&env, &[])
        .ends_with(1)
        .tells("2 rows added since the last run")
        .tells("invalid");
    assert_eq!(env.organizations().len(), created + 4);
    let after = env.results(RESULTS);
    let told: Vec<_> = after
        .iter()
        .map(|row| (row.get("name").to_owned(), row.status().to_owned()))
        .collect();
    let told: Vec<_> = told.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(
        told,
        [
            ("Customer 2", "created"),
            ("Customer 5", "created"),
            ("Customer 7", "invalid"),
            ("Customer 40", "created"),
            ("Copied", "created"),
            ("Typed in", "created"),
        ]
    );
    let numbers: BTreeSet<_> = after.iter().map(|row| row.get("workos_row")).collect();
    assert_eq!(numbers.len(), 6, "each row has a number of its own");
}

#[test]
fn cells_beyond_the_header_are_kept_until_a_person_has_mended_the_row() {
    let env = env();
    let list = "name,plan,external_id\nBeta,pro,76\nAcme, Inc,pro,77\n";
    env.write("customers.csv", list);
    import(&env)
        .ends_with(1)
        .tells("the row has 4 cells, but the header has 3");
    for _ in 0..2 {
        let row = env.read(RESULTS).lines().nth(2).unwrap().to_owned();
        assert!(row.starts_with("Acme, Inc,pro,invalid,"), "{row}");
        assert!(row.ends_with("Z,77"), "{row}");
        retry(&env, &[]).ends_with(1);
    }
    assert_eq!(env.organizations().len(), 2 + 1);
    // Moved into place, as far as a spreadsheet's user sees it.
    let mended = env
        .read(RESULTS)
        .replace("Acme, Inc,pro,", "\"Acme, Inc\",pro,77,")
        .replace("Z,77", "Z,");
    env.write(RESULTS, mended);
    retry(&env, &[]).ends_with(0);
    let acme = env.organizations().pop().unwrap();
    assert_eq!(
        (acme.name.as_str(), acme.external_id.as_deref()),
        ("Acme, Inc", Some("77"))
    );
    assert_eq!(env.read(RESULTS).lines().count(), 3);
}

#[test]
fn the_text_of_a_row_that_cannot_be_read_is_kept_until_a_person_has_mended_it() {
    let env = env();
    env.write(
        "customers.csv",
        "name,domain\nAcme,acme.com\n\"Be \"ta\",beta.com\n",
    );
    import(&env).ends_with(1);
    let ending = r#","""Be ""ta"",beta.com""#;
    assert!(
        env.read(RESULTS).trim_end().ends_with(ending),
        "{}",
        env.read(RESULTS)
    );
    retry(&env, &[]).ends_with(1);
    let kept = env.read(RESULTS);
    assert!(kept.trim_end().ends_with(ending), "{kept}");
    assert!(kept.contains("move them into the right columns"), "{kept}");
    let row = kept.lines().last().unwrap();
    let mended = row
        .replacen(",,", "\"Be \"\"ta\"\"\",beta.com,", 1)
        .replace(ending, "");
    env.write(RESULTS, kept.replace(row, &mended));
    retry(&env, &[]).ends_with(0);
    assert_eq!(env.organizations().len(), 2 + 2);
    let names: Vec<_> = env
        .results(RESULTS)
        .iter()
        .map(|row| row.get("name").to_owned())
        .collect();
    assert_eq!(names, ["Acme", "Be \"ta\""]);
}

#[cfg(unix)]
#[test]
fn a_results_file_stays_where_it_is_and_as_private_as_it_is() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let env = env();
    env.write("customers.csv", Customer::csv(&with_conflicts()));
    import(&env).ends_with(1);
    let (link, file) = (env.path(RESULTS), env.path("kept.csv"));
    std::fs::rename(&link, &file).unwrap();
    symlink(&file, &link).unwrap();
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    let rows = env.results(RESULTS);
    env.write(RESULTS, saved_by_a_spreadsheet(&REORDERED, &rows));
    retry(&env, &[]).ends_with(1);
    assert!(link.is_symlink());
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(
        env.read("kept.csv").starts_with('\u{feff}'),
        "as it was saved"
    );
    assert!(!env.read("kept.csv").contains('\r'), "and rewritten");
}

#[test]
fn a_row_with_a_status_is_never_new_even_without_its_number() {
    let few = [
        "name",
        "domain",
        "external_id",
        "metadata.plan",
        "workos_status",
        "workos_organization_id",
    ];
    let but_the_number: Vec<_> = REORDERED
        .into_iter()
        .filter(|it| *it != "workos_row")
        .collect();
    for columns in [&few[..], &but_the_number[..], &REORDERED[..]] {
        let env = env();
        let mut customers: Vec<_> = (0..6).map(|n| Customer::named(format!("C {n}"))).collect();
        customers[3].domain.push_str("not a domain");
        env.write("customers.csv", Customer::csv(&customers));
        import(&env).ends_with(1);
        let mut rows = env.results(RESULTS);
        rows[3].set("domain", "");
        let mut copy = rows[1].clone();
        copy.set("name", "Copied");
        copy.set("workos_row", "");
        rows.push(copy);
        rows[2].set("workos_status", "ok!");
        rows[4].set("workos_status", "");
        env.write(RESULTS, saved_by_a_spreadsheet(columns, &rows));
        retry(&env, &[]).ends_with(0).tells("1 row added");
        assert_eq!(env.organizations().len(), 2 + 7);
        let after = env.results(RESULTS);
        assert_eq!(statuses(&after), BTreeSet::from(["created"]));
        for (before, after) in rows
            .iter()
            .zip(&after)
            .filter(|(row, _)| row.status() == "created")
        {
            let id = "workos_organization_id";
            assert!(before.get("name") == "Copied" || before.get(id) == after.get(id));
        }
        let numbers: BTreeSet<_> = after.iter().map(|row| row.get("workos_row")).collect();
        assert_eq!(numbers.len(), 7, "each row has a number of its own");
    }
}

#[test]
fn results_files_that_were_put_together_are_sent_nothing_twice() {
    let env = env();
    let lists = [("customers", ["U 1", "U 2"]), ("others", ["V 1", "V 2"])];
    for (file, names) in lists {
        let customers = names.map(|name| Customer::named(name.to_owned()));
        env.write(&format!("{file}.csv"), Customer::csv(&customers));
        env.run(&["import", &format!("{file}.csv")]).ends_with(0);
    }
    let others = env.read("others.results.csv");
    let others: Vec<_> = others.lines().skip(1).collect();
    let ids = |rows: &[ResultRow]| -> BTreeSet<String> {
        let ids = rows.iter().map(|row| row.get("workos_organization_id"));
        ids.map(str::to_owned).collect()
    };
    let mut before = ids(&env.results(RESULTS));
    before.extend(ids(&env.results("others.results.csv")));
    env.write(RESULTS, env.read(RESULTS) + &others.join("\n") + "\n");
    retry(&env, &[]).ends_with(0);
    assert_eq!(env.organizations().len(), 2 + 4);
    let rows = env.results(RESULTS);
    assert_eq!(ids(&rows), before);
    let numbers: BTreeSet<_> = rows.iter().map(|row| row.get("workos_row")).collect();
    assert_eq!(numbers.len(), 4, "each row has a number of its own");
}

#[test]
fn ids_that_a_spreadsheet_has_changed_are_sent_only_if_they_are_meant() {
    let env = env();
    let list = "id,name,domain\n000042,Acme,acme.com\n000043,Beta,beta\n";
    env.write("customers.csv", list);
    import(&env).ends_with(1);
    let saved = env
        .read(RESULTS)
        .replace("0000", "")
        .replace(",beta,", ",beta.com,");
    env.write(RESULTS, saved);
    retry(&env, &[])
        .ends_with(2)
        .tells("the external ids have lost their leading zeros (for example \"000042\")")
        .tells("hint: put them back as they stand in customers.csv");
    assert_eq!(env.organizations().len(), 2 + 1);
    let back = env
        .read(RESULTS)
        .replace("\n42,", "\n000042,")
        .replace("\n43,", "\n000043,");
    env.write(RESULTS, back);
    retry(&env, &[]).ends_with(0);
    let ids: Vec<_> = env
        .results(RESULTS)
        .iter()
        .map(|row| row.get("id").to_owned())
        .collect();
    assert_eq!(ids, ["000042", "000043"]);
    assert_eq!(env.organizations().len(), 2 + 2);
}

#[test]
fn ids_of_rows_that_are_done_are_not_asked_for() {
    let env = env();
    let list = "id,name,domain\n00067,Acme,acme.com\n90068,Beta,beta\nC-2,Gamma,gamma\n";
    env.write("customers.csv", list);
    import(&env).ends_with(1);
    // Their zeros may be lost.
    let saved = env.read(RESULTS).replace("\n00067,", "\n67,");
    env.write(RESULTS, saved.replace(",beta,", ",beta.com,"));
    retry(&env, &[]).ends_with(1);
    assert_eq!(env.organizations().len(), 2 + 2);
    // And they may be dropped.
    let saved = env.read(RESULTS).replace(",gamma,", ",gamma.com,");
    let dropped = |line: &&str| !line.starts_with("67,");
    let lines: Vec<_> = saved.lines().filter(dropped).collect();
    env.write(RESULTS, lines.join("\n") + "\n");
    retry(&env, &[]).ends_with(0);
    assert_eq!(env.organizations().len(), 2 + 3);
}

#[test]
fn a_results_file_is_checked_with_the_columns_of_its_run() {
    let env = env();
    env.write("customers.csv", "who,web\nAcme,acme.com\nBeta,beta\n");
    let map = ["--map", "name=who", "--map", "domain=web"];
    env.run(&[&["import", "customers.csv"][..], &map].concat())
        .ends_with(1);
    retry(&env, &[])
        .ends_with(1)
        .tells("workos-orgs check customers.results.csv shows them");
    env.run(&["check", RESULTS])
        .ends_with(1)
        .prints("customers.results.csv:3: column \"web\": \"beta\" is not a domain");
}

#[test]
fn an_import_knows_its_rows_by_their_content_when_their_numbers_are_gone() {
    let env = env();
    let customers: Vec<_> = (0..6).map(|n| Customer::named(format!("C {n}"))).collect();
    env.write("customers.csv", Customer::csv(&customers));
    import(&env).ends_with(0);
    let mut rows = env.results(RESULTS);
    rows.reverse();
    let columns = [
        "name",
        "domain",
        "external_id",
        "metadata.plan",
        "workos_status",
        "workos_organization_id",
    ];
    env.write(RESULTS, saved_by_a_spreadsheet(&columns, &rows));
    import(&env).ends_with(0).tells("has lost its row numbers");
    assert_eq!(env.organizations().len(), 2 + 6);
    let names: Vec<_> = env
        .results(RESULTS)
        .iter()
        .map(ResultRow::customer)
        .collect();
    assert_eq!(names, customers);
}

#[test]
fn without_its_run_file_a_retry_says_what_it_does_not_know_and_has_to_be_told_to_go_on() {
    let env = TestEnv::with(Options {
        rate_limit: None,
        examples: true,
        faults: vec!["5xx-before:0.5".parse().unwrap()],
        ..Options::default()
    });
    let mut customer = Customer::list(1);
    TAKEN_EXTERNAL_ID.clone_into(&mut customer[0].external_id);
    TAKEN_EXTERNAL_ID_OWNER.clone_into(&mut customer[0].name);
    env.write("customers.csv", Customer::csv(&customer));
    import(&env).ends_with(1);
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
        .ends_with(2)
        .tells("nothing was sent: mailed.csv.run is not there")
        .tells("columns are guessed:     name, domain, external_id")
        .tells("domains are created as:  pending")
        .tells("add --yes");
    assert_eq!(env.requests().len(), sent);
    assert_eq!(env.read("mailed.csv"), before);
    // What was there before is not taken for the work of a request whose answer was lost.
    for _ in 0..5 {
        env.run(&[&alone[..], &["--yes"]].concat()).ends_with(1);
        assert_eq!(env.results("mailed.csv")[0].status(), "conflict");
    }
    assert_eq!(env.organizations().len(), 2);
}

#[test]
fn without_its_run_file_a_retry_recognizes_what_is_there_with_the_same_values() {
    let env = TestEnv::new();
    let customers: Vec<_> = (0..3).map(|n| Customer::named(format!("C {n}"))).collect();
    env.write("customers.csv", Customer::csv(&customers));
    import(&env).ends_with(0);
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
        "--yes",
    ])
    .ends_with(0);
    assert_eq!(
        statuses(&env.results("mailed.csv")),
        BTreeSet::from(["unchanged"])
    );
    assert_eq!(env.organizations().len(), 3);
}

#[test]
fn a_results_file_in_another_encoding_is_read_as_the_options_say() {
    let env = env();
    env.write("customers.csv", "name,domain\nKeßler,nodomain\n");
    import(&env).ends_with(1);
    // Saved by a program of another country, with its separator.
    let saved = env
        .read(RESULTS)
        .replace("nodomain", "kessler.de")
        .replace(',', "|");
    let saved = saved.chars().map(|c| u8::try_from(c).unwrap());
    env.write(RESULTS, saved.collect::<Vec<u8>>());
    retry(&env, &["--encoding", "windows-1252", "--delimiter", "|"]).ends_with(0);
    assert_eq!(env.organizations()[2].name, "Keßler");
    assert_eq!(env.results(RESULTS)[0].get("name"), "Keßler");
    retry(&env, &["--sheet", "1"]).ends_with(2);
}

#[test]
fn a_copy_above_its_original_is_the_new_row() {
    let env = env();
    let mut customers: Vec<_> = (0..4).map(|n| Customer::named(format!("C {n}"))).collect();
    customers[3].domain.push_str("not a domain");
    env.write("customers.csv", Customer::csv(&customers));
    import(&env).ends_with(1);
    let mut rows = env.results(RESULTS);
    let mut copy = rows[1].clone();
    copy.set("name", "Copied");
    rows.insert(1, copy);
    rows[4].set("domain", "");
    env.write(RESULTS, saved_by_a_spreadsheet(&REORDERED, &rows));
    retry(&env, &[]).ends_with(0).tells("1 row added");
    customers[3].domain.clear();
    customers.push(Customer::named("Copied"));
    let found = env.organizations();
    let mut found: Vec<_> = found.iter().skip(2).map(Customer::from).collect();
    found.sort();
    assert_eq!(found, customers);
    for row in env.results(RESULTS) {
        let id = row.get("workos_organization_id");
        let owned = env.organizations().into_iter().find(|it| it.id == id);
        assert_eq!(owned.unwrap().name, row.get("name"));
    }
}

#[test]
fn only_the_rows_of_the_named_statuses_are_rerun() {
    let env = env();
    env.write("customers.csv", Customer::csv(&with_conflicts()));
    import(&env).ends_with(1);
    let mut rows = env.results(RESULTS);
    rows[1].set("domain", "second.example.com");
    rows[4].set("external_id", "crm-5");
    rows[6].set("domain", "seventh.example.com");
    env.write(RESULTS, saved_by_a_spreadsheet(&REORDERED, &rows));
    retry(&env, &["--only", "conflict"]).ends_with(1);
    let after = env.results(RESULTS);
    assert_eq!(after.len(), 40);
    assert_eq!(
        (after[1].status(), after[4].status()),
        ("created", "created")
    );
    assert_eq!(after[6].status(), "invalid");
    retry(&env, &["--only", "failed,unknown"])
        .ends_with(1)
        .prints("nothing is left to do");
    retry(&env, &["--only", "created"]).ends_with(2);
    retry(&env, &["--only", "invalid"]).ends_with(0);
    assert_eq!(env.organizations().len(), 2 + 40);
}

#[test]
fn a_jsonl_results_file_is_corrected_and_rerun_alike() {
    let env = env();
    let mut text = Customer::jsonl(&with_conflicts());
    text.push_str("{\"name\": \"broken\"\n");
    env.write("customers.jsonl", &text);
    env.run(&["import", "customers.jsonl"])
        .ends_with(1)
        .tells("customers.jsonl:2: conflict");
    let results = env.read("customers.results.jsonl");
    assert_eq!(results.lines().count(), 41);
    let corrected = results
        .replace(TAKEN_DOMAIN, "second.example.com")
        .replace(&format!("\"{TAKEN_EXTERNAL_ID}\""), "\"crm-5\"")
        .replace("not a domain", "seventh.example.com");
    // An editor's line ends, the broken line mended, and a new one.
    let mut lines: Vec<&str> = corrected.lines().collect();
    lines.pop();
    lines.push(r#"{"name":"Mended"}"#);
    env.write("customers.results.jsonl", lines.join("\r\n"));
    env.run(&["retry", "customers.results.jsonl"]).ends_with(0);
    let after = env.results("customers.results.jsonl");
    assert_eq!(after.len(), 41);
    assert_eq!(statuses(&after), BTreeSet::from(["created"]));
    assert_eq!(after[40].get("name"), "Mended");
    assert_eq!(env.organizations().len(), 2 + 41);
}

#[test]
fn a_last_row_without_a_line_end_is_kept() {
    let env = env();
    env.write("customers.csv", Customer::csv(&with_conflicts()));
    import(&env).ends_with(1);
    let results = env
        .read(RESULTS)
        .replace("not a domain", "seventh.example.com");
    let mut lines: Vec<&str> = results.lines().collect();
    // The row to be rerun is the last one.
    let seventh = lines.remove(7);
    lines.push(seventh);
    env.write(RESULTS, lines.join("\n"));
    retry(&env, &["--only", "invalid"]).ends_with(1);
    let after = env.results(RESULTS);
    assert_eq!(after.len(), 40);
    assert_eq!(after[6].status(), "created");
    assert_eq!(after[6].get("domain"), "seventh.example.com");
}

#[test]
fn a_retry_that_was_killed_is_gone_on_with() {
    let env = TestEnv::with(Options {
        rate_limit: None,
        latency: Duration::from_millis(30),
        ..Options::default()
    });
    // Every row is refused first: its domain is nodomain.
    let mut customers: Vec<_> = (0..60)
        .map(|n| Customer::named(format!("C {}", n / 2)))
        .collect();
    for customer in &mut customers {
        customer.domain.push_str("nodomain");
    }
    env.write("customers.csv", Customer::csv(&customers));
    import(&env).ends_with(1);
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
        let mut running = env.start(&slowly);
        let so_far = env.requests().len() as u64;
        assert!(env.arrives_while_running(so_far + kill_at, &mut running));
        running.kill();
    }
    retry(&env, &[]).ends_with(0);
    for customer in &mut customers {
        customer.domain.clear();
    }
    env.rows_and_organizations_agree(&customers, RESULTS);
    assert_eq!(env.count("POST"), 60, "each row was sent once");
}

#[test]
fn an_import_that_is_not_finished_is_not_retried() {
    let env = TestEnv::with(Options {
        rate_limit: None,
        latency: Duration::from_millis(50),
        ..Options::default()
    });
    env.write("customers.csv", Customer::csv(&Customer::list(40)));
    let running = env.start(&["import", "customers.csv", "--concurrency", "2"]);
    env.wait_for_arrivals(8);
    running.kill();
    retry(&env, &[])
        .ends_with(5)
        .tells("hint: finish it first: workos-orgs import customers.csv");
    import(&env).ends_with(0);
    env.rows_and_organizations_agree(&Customer::list(40), RESULTS);
}

#[test]
fn a_list_that_is_already_there_is_unchanged() {
    let env = env();
    let customers = Customer::list(30);
    env.write("customers.csv", Customer::csv(&customers));
    import(&env).ends_with(0);
    let sent = env.organizations().len();
    let arguments = ["import", "customers.csv", "--results", "again.csv"];
    env.run(&arguments).ends_with(0);
    let rows = env.results("again.csv");
    assert_eq!(statuses(&rows), BTreeSet::from(["unchanged"]));
    assert!(
        rows.iter()
            .all(|row| row.get("workos_organization_id").starts_with("org_"))
    );
    assert_eq!(env.organizations().len(), sent);
}

#[test]
fn a_second_run_creates_nothing() {
    let env = TestEnv::new();
    env.write("customers.csv", Customer::csv(&Customer::list(30)));
    import(&env).ends_with(0);
    let (requests, results) = (env.requests().len(), env.read(RESULTS));
    import(&env)
        .ends_with(0)
        .prints("nothing is left to do: 30 rows");
    assert_eq!(env.requests().len(), requests, "it asked WorkOS something");
    assert_eq!(env.read(RESULTS), results);
}

#[test]
fn an_input_that_was_changed_is_matched_by_what_its_rows_are() {
    let env = TestEnv::new();
    let mut customers: Vec<_> = (0..20)
        .map(|n| Customer::named(format!("C {}", n / 2)))
        .collect();
    env.write("customers.csv", Customer::csv(&customers));
    import(&env).ends_with(0);

    // One row in the middle more: it alone is sent.
    customers.insert(9, Customer::named("Newcomer"));
    env.write("customers.csv", Customer::csv(&customers));
    import(&env)
        .ends_with(0)
        .tells("customers.csv has changed since the run began: 20 rows known, 1 new, 0 gone");
    env.rows_and_organizations_agree(&customers, RESULTS);
    assert_eq!(env.count("POST"), 21);

    // One row less: its organization is still there, and so is its row, at the end.
    let gone = customers.remove(3);
    env.write("customers.csv", Customer::csv(&customers));
    import(&env)
        .ends_with(0)
        .tells("20 rows known, 0 new, 1 gone");
    assert_eq!(env.count("POST"), 21);
    customers.push(gone);
    env.rows_and_organizations_agree(&customers, RESULTS);

    // One row edited: the new one is sent, the old one stays at the end.
    let old = customers.pop().unwrap();
    let edited = std::mem::replace(&mut customers[0], Customer::named("Edited"));
    env.write("customers.csv", Customer::csv(&customers));
    import(&env)
        .ends_with(0)
        .tells("19 rows known, 1 new, 2 gone");
    assert_eq!(env.count("POST"), 22);
    customers.extend([old, edited]);
    let mut after: Vec<_> = env
        .results(RESULTS)
        .iter()
        .map(ResultRow::customer)
        .collect();
    let (mut there, mut wanted) = (after.split_off(20), customers.split_off(20));
    assert_eq!(after, customers);
    there.sort();
    wanted.sort();
    assert_eq!(there, wanted);
    import(&env).ends_with(0).prints("nothing is left to do");
}

#[test]
fn an_input_that_was_changed_after_a_kill_sends_nothing_twice() {
    let env = TestEnv::with(Options {
        rate_limit: None,
        latency: Duration::from_millis(30),
        ..Options::default()
    });
    let mut customers: Vec<_> = (0..40)
        .map(|n| Customer::named(format!("C {}", n / 2)))
        .collect();
    env.write("customers.csv", Customer::csv(&customers));
    let running = env.start(&["import", "customers.csv", "--concurrency", "4"]);
    env.wait_for_arrivals(16);
    running.kill();
    customers.insert(2, Customer::named("Newcomer"));
    env.write("customers.csv", Customer::csv(&customers));
    import(&env)
        .ends_with(0)
        .tells("has changed since the run began");
    env.rows_and_organizations_agree(&customers, RESULTS);
    assert_eq!(env.count("POST"), 41, "each row was sent once");
}

#[test]
fn done_rows_dropped_and_an_input_that_was_changed_send_nothing_twice() {
    let env = TestEnv::new();
    let mut customers: Vec<_> = (0..20).map(|n| Customer::named(format!("C {n}"))).collect();
    env.write("customers.csv", Customer::csv(&customers));
    import(&env).ends_with(0);
    let results = env.read(RESULTS);
    let kept: Vec<_> = results.lines().take(8).collect();
    env.write(RESULTS, kept.join("\n") + "\n");
    customers.push(Customer::named("Newcomer"));
    env.write("customers.csv", Customer::csv(&customers));
    import(&env).ends_with(0);
    env.rows_and_organizations_agree(&customers, RESULTS);
    assert_eq!(env.count("POST"), 21, "each row was sent once");
}
