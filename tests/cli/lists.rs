//! Lists that cannot be imported, and where results may be written.

use super::{FAST, RESULTS, env};
use crate::support::{Customer, TestEnv};

/// The list is on standard input, so the answer comes from the terminal itself.
#[cfg(target_os = "linux")]
#[test]
fn a_list_on_standard_input_leaves_the_terminal_for_the_question() {
    let env = TestEnv::with(workos_orgs::sandbox::Options {
        api_key: "sk_live_sandbox".to_owned(),
        ..Default::default()
    });
    env.write_customers(&Customer::list(3));
    let import = env.command(&["import", "-", "--results", "r.csv"]);
    let mut command = std::process::Command::new("setsid");
    let words = ["-c", "sh", "-c", "exec \"$0\" \"$@\" < customers.csv"];
    command.args(words).arg(import.get_program());
    command.args(import.get_args()).current_dir(env.directory());
    let variables = import.get_envs();
    command
        .env_clear()
        .envs(variables.filter_map(|(name, value)| Some((name, value?))));
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let mut asked = env.start_command_at_terminal(command);
    asked.wait_for_stderr("Type yes:");
    asked.types("yes");
    asked.wait().exits_with(0);
    env.rows_and_organizations_agree(&Customer::list(3), "r.csv");
}

#[test]
fn a_list_with_renamed_columns_is_refused() {
    let env = TestEnv::new();
    env.write(
        "customers.csv",
        "name,domain\nAcme,acme.com\nBluth,bluth.com\n",
    );
    env.run(&[&FAST[..], &["--limit", "1"]].concat())
        .exits_with(0);
    let list = "Company Name;Website\nAcme;acme.com\nBluth;bluth.com\n";
    env.write("customers.csv", list);
    let requests = env.requests().len();
    env.run(&FAST)
        .exits_with(3)
        .stderr_has("the columns of the list have changed since the run in customers.results.csv")
        .stderr_has("caused by: column \"name\" not found; columns found: \"Company Name\"")
        .stderr_has("hint: rename the columns back to resume");
    assert_eq!(env.requests().len(), requests);
}

#[test]
fn an_unusable_list_is_reported_with_the_columns_found() {
    let env = TestEnv::new();
    env.write("nameless.csv", "Colour,Size\nred,7\n");
    env.write("empty.csv", "");
    env.write("header.csv", "name,domain\n");
    env.run(&["import", "nameless.csv"])
        .exits_with(3)
        .stderr_has("Colour")
        .stderr_has("Size")
        .stderr_has("hint: ");
    env.run(&["import", "empty.csv"])
        .exits_with(3)
        .stderr_has("empty.csv is empty");
    env.run(&["import", "gone.csv"])
        .exits_with(3)
        .stderr_has("gone.csv");
    env.run(&["import", "."]).exits_with(3);
    env.run(&["import", "header.csv"])
        .exits_with(3)
        .stderr_has("header.csv has a header but no rows");
    assert_eq!(env.count("POST"), 0);
    assert!(!env.path("nameless.results.csv").exists());
    assert!(!env.path("nameless.results.csv.run").exists());
}

#[test]
fn a_list_with_several_rows_per_customer_is_asked_about() {
    let env = TestEnv::new().asking();
    let list = "FirstName,Company\nAnn,Acme\nBob,Acme\nCat,Acme\nDan,Beta\n";
    env.write("customers.csv", list);
    env.run(&FAST)
        .exits_with(2)
        .stderr_has("nothing was sent: 4 rows, 2 names: one row per contact. Cannot ask")
        .stderr_has("hint: for 2 organizations, one per name, add --one-per name")
        .stderr_has("for 4, one for each row, add --one-per row");
    assert_eq!(env.count("POST"), 0);
    assert!(!env.path(RESULTS).exists());
    env.run(&[&FAST[..], &["--limit", "3", "--one-per", "row"]].concat())
        .exits_with(0);
    // What was answered is in the journal.
    env.run(&FAST).exits_with(0);
    assert_eq!(env.count("POST"), 4);
}

#[test]
fn a_list_that_cannot_be_read_to_its_end_is_refused_before_the_first_row() {
    let env = TestEnv::new();
    let mut content = Customer::csv(&Customer::list(500)).into_bytes();
    content.extend(b"M\xfcller,,,\n");
    content.extend(b"After,,,\n");
    env.write("customers.csv", &content);
    let as_utf8 = [&FAST[..], &["--encoding", "utf-8", "--limit", "5"]].concat();
    env.run(&as_utf8)
        .exits_with(3)
        .stderr_has("customers.csv:502")
        .stderr_has("not UTF-8");
    assert_eq!(env.count("POST"), 0);
    assert!(!env.path(RESULTS).exists());
    let whole = String::from_utf8_lossy(&content).replace('\u{fffd}', "ü");
    env.write("customers.csv", whole);
    env.run(&FAST)
        .exits_with(0)
        .stderr_has("customers.csv: CSV, commas, UTF-8, 502 rows");
    assert_eq!(env.results(RESULTS).len(), 502);
}

#[test]
fn other_files_are_never_overwritten_by_results() {
    let env = env(3);
    let workbook = b"PK\x03\x04 sheets of a user";
    env.write("book.csv", workbook);
    env.write("other.csv", "name,city\nAcme,Rome\n");
    env.write("other.jsonl", "{\"name\":\"Acme\"}");
    for (results, text, hint) in [
        (
            "results.xls",
            "results.xls is a workbook",
            "save it as results.csv",
        ),
        ("book.csv", "book.csv is a workbook", "kept as CSV"),
        ("r.csv.gz", "r.csv.gz is a gzip archive", "kept as CSV"),
        (".", "is a directory", "name a file in it"),
        ("customers.csv", "is the list itself", "leave out --results"),
        (
            "other.csv",
            "other.csv is not a results file",
            "workos-orgs import other.csv",
        ),
        (
            "other.jsonl",
            "other.jsonl is not a results file",
            "import other.jsonl",
        ),
    ] {
        let before = env.files();
        let finished = env.run(&[&FAST[..], &["--results", results]].concat());
        finished.stderr_has(text).stderr_has(hint);
        assert!(matches!(finished.code, Some(2 | 5)), "{finished:?}");
        if results != "customers.csv" && results != "results.xlsx" && results != "r.csv.gz" {
            env.run(&["retry", results])
                .exits_with(5)
                .stderr_has(text)
                .stderr_has(hint);
        }
        assert_eq!(env.files(), before);
    }
    assert_eq!(std::fs::read(env.path("book.csv")).unwrap(), workbook);
    assert_eq!(env.read("other.jsonl"), "{\"name\":\"Acme\"}");
    assert!(env.requests().is_empty());
}

#[test]
fn results_can_be_opened_in_the_spreadsheet_of_the_list() {
    let text = "name,domain\nMüller,müller.de\nBäcker,nodomain\n";
    let ansi = text.chars().map(|c| u8::try_from(c).unwrap());
    for (list, content, is_marked) in [
        ("plain", text.as_bytes().to_vec(), false),
        ("marked", format!("\u{feff}{text}").into_bytes(), true),
        ("ansi", ansi.collect::<Vec<u8>>(), true),
    ] {
        let env = TestEnv::new();
        env.write(&format!("{list}.csv"), &content);
        let results = format!("{list}.results.csv");
        env.run(&["import", &format!("{list}.csv"), "--rate", "unlimited"])
            .exits_with(1);
        let written = env.read(&results);
        assert_eq!(written.starts_with('\u{feff}'), is_marked, "{list}");
        assert!(written.contains("\nMüller,müller.de,created,"));
        // It stays so after a retry, or an import of a list that has changed.
        env.write(&results, written.replace("nodomain", ""));
        env.run(&["retry", &results]).exits_with(0);
        assert_eq!(
            env.read(&results).starts_with('\u{feff}'),
            is_marked,
            "{list}"
        );
        let shorter = content.iter().position(|byte| *byte == b'B').unwrap();
        env.write(&format!("{list}.csv"), &content[..shorter]);
        env.run(&["import", &format!("{list}.csv")]).exits_with(0);
        assert_eq!(
            env.read(&results).starts_with('\u{feff}'),
            is_marked,
            "{list}"
        );
        assert_eq!(env.results(&results).len(), 2);
    }
}

#[test]
fn a_results_file_is_not_imported() {
    let env = env(2);
    env.run(&FAST).exits_with(0);
    env.run(&["import", RESULTS])
        .exits_with(2)
        .stderr_has("is a results file")
        .stderr_has("hint: to send its failed rows again: workos-orgs retry customers.results.csv");
    assert_eq!(env.count("POST"), 2);
}

#[test]
fn a_number_that_is_repeated_after_the_first_rows_is_no_external_id() {
    for (last, is_id) in [("N0", false), ("N1700", true)] {
        let env = TestEnv::new();
        let rows = (0..1700).map(|n| format!("Firma {n},N{n},d{n}.example.com\n"));
        let rows: String = rows.collect();
        let last = format!("Letzte,{last},letzte.example.com\n");
        env.write(
            "a.csv",
            format!("Name,Handelsregisternummer,Domain\n{rows}{last}"),
        );
        let role = if is_id { "→ external_id" } else { "not sent" };
        env.run(&["check", "a.csv"])
            .exits_with(0)
            .stdout_has("1,701 rows, all can be sent")
            .stdout_has(&format!("Handelsregisternummer  {role}"));
        env.run(&["plan", "a.csv"])
            .exits_with(0)
            .stdout_has("1,701 to create");
    }
}
