//! Results files as spreadsheets and their users leave them.

use super::{RESULTS, env_with_examples, import, named, retry, statuses, with_conflicts};
use crate::support::{Customer, ResultRow, TestEnv};
use std::collections::BTreeSet;

/// What a spreadsheet makes of a file: a BOM, CRLF, every cell quoted, and these columns.
pub(crate) fn saved_by_a_spreadsheet(columns: &[&str], rows: &[ResultRow]) -> String {
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

pub(crate) const REORDERED: [&str; 17] = [
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
    "workos_changes",
    "workos_request_id",
    "workos_http_status",
    "workos_error",
    "workos_code",
];

#[test]
fn each_row_keeps_its_line_of_the_list_as_messages_name_it() {
    let env = TestEnv::new();
    let list = "name,domain,note\n\nAcme,acme.com,\"two\nlines\"\nBeta,beta,\nGamma,gamma.it,\n";
    env.write("customers.csv", list);
    import(&env).exits_with(1).stderr_has("customers.csv:5: ");
    let lines = |rows: &[ResultRow]| -> Vec<String> {
        rows.iter()
            .map(|row| row.get("workos_line").to_owned())
            .collect()
    };
    let mut rows = env.results(RESULTS);
    assert_eq!(lines(&rows), ["3", "5", "6"]);
    rows.remove(0);
    rows[0].set("domain", "beta.io");
    let mut columns = REORDERED.to_vec();
    columns.push("workos_line");
    env.write(RESULTS, saved_by_a_spreadsheet(&columns, &rows));
    retry(&env, &[]).exits_with(0);
    assert_eq!(lines(&env.results(RESULTS)), ["5", "6"]);
}

#[test]
fn a_spreadsheet_may_drop_done_rows_add_new_ones_and_copy_others() {
    let env = env_with_examples();
    env.write_customers(&with_conflicts());
    import(&env).exits_with(1);
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
    let before = env.contents();
    retry(&env, &["--yes"])
        .exits_with(2)
        .stderr_has("if they are new customers, add --added-rows");
    assert_eq!(env.contents(), before);
    retry(&env, &["--added-rows"])
        .exits_with(1)
        .stderr_has("2 rows added since the last run")
        .stderr_has("invalid");
    assert_eq!(env.organizations().len(), created + 4);
    let after = env.results(RESULTS);
    let reported: Vec<_> = after
        .iter()
        .map(|row| (row.get("name").to_owned(), row.status().to_owned()))
        .collect();
    let reported: Vec<_> = reported
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    assert_eq!(
        reported,
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

#[cfg(unix)]
#[test]
fn a_results_file_stays_where_it_is_and_as_private_as_it_is() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let env = env_with_examples();
    env.write_customers(&with_conflicts());
    import(&env).exits_with(1);
    let (link, file) = (env.path(RESULTS), env.path("kept.csv"));
    std::fs::rename(&link, &file).unwrap();
    symlink(&file, &link).unwrap();
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    let rows = env.results(RESULTS);
    env.write(RESULTS, saved_by_a_spreadsheet(&REORDERED, &rows));
    retry(&env, &[]).exits_with(1);
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
        let env = env_with_examples();
        let mut customers = named(6);
        customers[3].domain.push_str("not a domain");
        env.write_customers(&customers);
        import(&env).exits_with(1);
        let mut rows = env.results(RESULTS);
        rows[3].set("domain", "");
        let mut copy = rows[1].clone();
        copy.set("name", "Copied");
        copy.set("workos_row", "");
        rows.push(copy);
        rows[2].set("workos_status", "ok!");
        rows[4].set("workos_status", "");
        env.write(RESULTS, saved_by_a_spreadsheet(columns, &rows));
        retry(&env, &["--added-rows"])
            .exits_with(0)
            .stderr_has("1 row added");
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
fn concatenated_results_files_send_nothing_twice() {
    let env = env_with_examples();
    let lists = [("customers", ["U 1", "U 2"]), ("others", ["V 1", "V 2"])];
    for (file, names) in lists {
        let customers = names.map(|name| Customer::named(name.to_owned()));
        env.write(&format!("{file}.csv"), Customer::csv(&customers));
        env.run(&["import", &format!("{file}.csv")]).exits_with(0);
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
    retry(&env, &[]).exits_with(0);
    assert_eq!(env.organizations().len(), 2 + 4);
    let rows = env.results(RESULTS);
    assert_eq!(ids(&rows), before);
    let numbers: BTreeSet<_> = rows.iter().map(|row| row.get("workos_row")).collect();
    assert_eq!(numbers.len(), 4, "each row has a number of its own");
}

#[test]
fn ids_that_a_spreadsheet_has_changed_are_sent_only_if_confirmed() {
    let env = env_with_examples();
    let list = "id,name,domain\n000042,Acme,acme.com\n000043,Beta,beta\n";
    env.write("customers.csv", list);
    import(&env).exits_with(1);
    let saved = env
        .read(RESULTS)
        .replace("0000", "")
        .replace(",beta,", ",beta.com,");
    env.write(RESULTS, saved);
    retry(&env, &[])
        .exits_with(2)
        .stderr_has("external ids were changed (\"000043\" became \"43\")")
        .stderr_has("hint: restore them");
    assert_eq!(env.organizations().len(), 2 + 1);
    let back = env
        .read(RESULTS)
        .replace("\n42,", "\n000042,")
        .replace("\n43,", "\n000043,");
    env.write(RESULTS, back);
    retry(&env, &[]).exits_with(0);
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
    let env = env_with_examples();
    let list = "id,name,domain\n00067,Acme,acme.com\n90068,Beta,beta\nC-2,Gamma,gamma\n";
    env.write("customers.csv", list);
    import(&env).exits_with(1);
    // Their zeros may be lost.
    let saved = env.read(RESULTS).replace("\n00067,", "\n67,");
    env.write(RESULTS, saved.replace(",beta,", ",beta.com,"));
    retry(&env, &[]).exits_with(1);
    assert_eq!(env.organizations().len(), 2 + 2);
    // And they may be dropped.
    let saved = env.read(RESULTS).replace(",gamma,", ",gamma.com,");
    let dropped = |line: &&str| !line.starts_with("67,");
    let lines: Vec<_> = saved.lines().filter(dropped).collect();
    env.write(RESULTS, lines.join("\n") + "\n");
    retry(&env, &[]).exits_with(0);
    assert_eq!(env.organizations().len(), 2 + 3);
}

#[test]
fn an_import_recognizes_its_rows_without_their_numbers() {
    let env = env_with_examples();
    let customers = named(6);
    env.write_customers(&customers);
    import(&env).exits_with(0);
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
    import(&env).exits_with(0).stdout_has("nothing to send");
    assert_eq!(env.organizations().len(), 2 + 6);
    let names: Vec<_> = env
        .results(RESULTS)
        .iter()
        .map(ResultRow::customer)
        .collect();
    assert_eq!(names, customers);
}

#[test]
fn a_copy_above_its_original_is_the_new_row() {
    let env = env_with_examples();
    let mut customers = named(4);
    customers[3].domain.push_str("not a domain");
    env.write_customers(&customers);
    import(&env).exits_with(1);
    let mut rows = env.results(RESULTS);
    let mut copy = rows[1].clone();
    copy.set("name", "Copied");
    rows.insert(1, copy);
    rows[4].set("domain", "");
    env.write(RESULTS, saved_by_a_spreadsheet(&REORDERED, &rows));
    retry(&env, &["--added-rows"])
        .exits_with(0)
        .stderr_has("1 row added");
    customers[3].domain.clear();
    customers.push(Customer::named("Copied"));
    let found = env.organizations();
    let mut found: Vec<_> = found.iter().skip(2).map(Customer::from).collect();
    found.sort();
    customers.sort();
    assert_eq!(found, customers);
    for row in env.results(RESULTS) {
        let id = row.get("workos_organization_id");
        let owned = env.organizations().into_iter().find(|it| it.id == id);
        assert_eq!(owned.unwrap().name, row.get("name"));
    }
}

/// The rows of a workbook as texts, with its header first.
fn sheet(env: &TestEnv, name: &str) -> Vec<Vec<String>> {
    use calamine::{DataType, Reader, Xlsx};
    let mut book: Xlsx<_> = calamine::open_workbook(env.path(name)).unwrap();
    let range = book.worksheet_range("Results").unwrap();
    let text = |cell: &calamine::Data| cell.as_string().unwrap_or_default();
    range
        .rows()
        .map(|row| row.iter().map(text).collect())
        .collect()
}

/// Writes a workbook as a spreadsheet would: every cell is text.
fn write_sheet(env: &TestEnv, name: &str, rows: &[Vec<String>]) {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("Results").unwrap();
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write_string(row, column, cell).unwrap();
        }
    }
    book.save(env.path(name)).unwrap();
}

#[test]
fn results_are_a_workbook_where_their_name_says_so_and_retry_reads_it() {
    let env = TestEnv::new();
    env.write(
        "customers.csv",
        "name,domain,external_id\nAcme,acme.com,0042\nBolt,bolt,0007\nCato,cato.com,0100\n",
    );
    env.run(&["import", "customers.csv", "--results", "out.xlsx"])
        .exits_with(1)
        .stdout_has(" retry out.xlsx");
    let mut rows = sheet(&env, "out.xlsx");
    let at = |name: &str| rows[0].iter().position(|own| own == name).unwrap();
    let (domain, status, id) = (at("domain"), at("workos_status"), at("external_id"));
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[2][status], "invalid");
    assert_eq!(rows[3][id], "0100", "ids stay text");
    // Nothing was changed: the same import has nothing to do.
    env.run(&["import", "customers.csv", "--results", "out.xlsx"])
        .exits_with(1)
        .stdout_has("nothing to send: all 3 rows have a result");
    rows[2][domain] = "bolt.com".to_owned();
    write_sheet(&env, "out.xlsx", &rows);
    env.run(&["retry", "out.xlsx"]).exits_with(0);
    let statuses: Vec<_> = sheet(&env, "out.xlsx")
        .into_iter()
        .map(|row| row[status].clone())
        .collect();
    assert_eq!(statuses, ["workos_status", "created", "created", "created"]);
    assert_eq!(env.names(), ["Acme", "Bolt", "Cato"]);
    env.run(&["status", "out.xlsx"]).exits_with(0);
    env.run(&["verify", "out.xlsx"]).exits_with(0);
}

#[test]
fn results_of_united_rows_may_be_a_workbook() {
    let env = TestEnv::new().asking();
    env.write(
        "leads.csv",
        "company,domain\nAcme,acme.com\nAcme,acme\nBeta,beta.io\n",
    );
    env.run(&[
        "import",
        "leads.csv",
        "--one-per",
        "name",
        "--results",
        "out.xlsx",
    ])
    .exits_with(1);
    let mut rows = sheet(&env, "out.xlsx");
    let at = |name: &str| rows[0].iter().position(|own| own == name).unwrap();
    let (domain, status) = (at("domain"), at("workos_status"));
    rows[2][domain] = "acme.de".to_owned();
    write_sheet(&env, "out.xlsx", &rows);
    env.run(&["retry", "out.xlsx"]).exits_with(0);
    let rows = sheet(&env, "out.xlsx").into_iter();
    let statuses: Vec<_> = rows.map(|row| row[status].clone()).collect();
    assert_eq!(statuses, ["workos_status", "created", "merged", "created"]);
    assert_eq!(env.names(), ["Acme", "Beta"]);
}

#[test]
fn a_small_file_can_be_a_workbook_too() {
    let env = TestEnv::new();
    env.write("customers.csv", "name,domain\nAcme,acme.com\nBolt,bolt\n");
    env.run(&["import", "customers.csv"]).exits_with(1);
    let report = [
        "report",
        "customers.results.csv",
        "--failed-only",
        "todo.xlsx",
    ];
    for _ in 0..2 {
        env.run(&[&report[..], &["-o", "page.html"]].concat())
            .exits_with(0);
    }
    let mut rows = sheet(&env, "todo.xlsx");
    assert_eq!(rows.len(), 2);
    rows[1][1] = "bolt.com".to_owned();
    write_sheet(&env, "todo.xlsx", &rows);
    env.run(&["retry", "todo.xlsx"]).exits_with(0);
    assert_eq!(env.names(), ["Acme", "Bolt"]);
}

#[test]
fn a_workbook_with_other_sheets_or_other_rows_is_not_replaced() {
    let env = TestEnv::new();
    env.write("customers.csv", "name\nAcme\n");
    env.write("list.jsonl", "{\"name\":\"Acme\"}\n");
    env.run(&["import", "list.jsonl", "--results", "out.xlsx"])
        .exits_with(2)
        .stderr_has("have no columns for a workbook");
    let import = ["import", "customers.csv", "--results", "out.xlsx"];
    write_sheet(
        &env,
        "out.xlsx",
        &[vec!["name".to_owned(), "city".to_owned()]],
    );
    env.run(&import).exits_with(5);
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "name").unwrap();
    sheet.write_string(0, 1, "workos_status").unwrap();
    sheet.write_string(1, 0, "Acme").unwrap();
    book.add_worksheet().write_string(0, 0, "pivot").unwrap();
    book.save(env.path("out.xlsx")).unwrap();
    let before = env.contents();
    env.run(&import)
        .exits_with(5)
        .stderr_has("out.xlsx has more than one sheet");
    assert_eq!(env.contents(), before);
}

#[test]
fn results_that_a_spreadsheet_has_saved_as_a_workbook_are_corrections_of_the_results_file() {
    for saved_as in ["customers.results.xlsx", "corrected by Anna.xlsx"] {
        let env = TestEnv::new();
        env.write(
            "customers.csv",
            "name,domain,external_id\nAcme,acme.com,a-1\nBolt,bolt,b-1\nCato,cato.com,c-1\n",
        );
        env.run(&["import", "customers.csv"]).exits_with(1);
        let results = env.read("customers.results.csv");
        let mut reader = csv::ReaderBuilder::new();
        let mut reader = reader.has_headers(false).from_reader(results.as_bytes());
        let cells = |record: csv::StringRecord| record.iter().map(str::to_owned).collect();
        let rows = reader.records().map(|record| cells(record.unwrap()));
        let mut rows: Vec<Vec<String>> = rows.collect();
        rows[2][1] = "bolt.com".to_owned();
        write_sheet(&env, saved_as, &rows);
        env.run(&["retry", saved_as])
            .exits_with(0)
            .stderr_has("3 rows of customers.results.csv taken from");
        assert_eq!(env.names(), ["Acme", "Bolt", "Cato"], "{saved_as}");
        let results = env.results("customers.results.csv");
        assert!(results.iter().all(|row| row.status() == "created"));
        env.run(&["import", "customers.csv"]).exits_with(0);
        env.run(&["verify", "customers.results.csv"]).exits_with(0);
    }
}

#[test]
fn a_results_file_of_other_rows_is_no_copy_of_the_only_one_in_its_folder() {
    let env = TestEnv::new();
    env.write("other.csv", "name,domain\nZeta,zeta.com\n");
    env.write("customers.csv", "name,domain\nAcme,acme.com\nBolt,bolt\n");
    env.run(&["import", "customers.csv"]).exits_with(1);
    env.run(&["import", "other.csv"]).exits_with(0);
    env.remove("customers.results.journal");
    env.run(&["retry", "customers.results.csv"])
        .exits_with(2)
        .stderr_has("customers.results.journal is missing");
    assert_eq!(env.names(), ["Acme", "Zeta"]);
}
