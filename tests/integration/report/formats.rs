//! The three formats, their places, and what is refused.

use super::crafted::{Crafted, CraftedRow, JOURNAL, RESULTS};
use super::{Folder, data, sample};

fn with_one_conflict() -> Folder {
    let folder = Folder::new();
    let conflict = CraftedRow {
        code: Some("external_id_already_used".to_owned()),
        message: Some("The external_id is taken.".to_owned()),
        ..CraftedRow::new(3, "conflict")
    };
    let rows = vec![
        CraftedRow::new(1, "created"),
        CraftedRow::new(2, "created"),
        conflict,
    ];
    Crafted {
        rows,
        ..Crafted::default()
    }
    .write(&folder);
    folder
}

#[test]
fn the_sample_import_is_reported_in_every_format() {
    let folder = Folder::new();
    let results = folder.import(&sample(), 1);
    let verdict = "247 of 250 customers are in the sandbox (a test run). 3 need a person.";
    let facts = folder.json(results);
    assert_eq!(facts["verdict"], verdict);
    assert_eq!(facts["schema"], 1);
    assert_eq!(facts["totals"]["done"], 247);
    assert_eq!(facts["rows"].as_array().unwrap().len(), 250);
    assert_eq!(facts["causes"].as_array().unwrap().len(), 3);

    let page = folder.html(results, &[]);
    assert!(page.contains("<title>247 of 250 customers"));
    assert_eq!(data(&page)["rows"].as_array().unwrap().len(), 250);
    assert!(page.len() < 300_000, "{} bytes", page.len());

    let text = folder.run(0, &["report", results, "--format", "md"]);
    assert!(text.starts_with("## 247 of 250 customers"), "{text}");
}

#[test]
fn a_page_goes_next_to_the_results_unless_told_otherwise() {
    let folder = with_one_conflict();
    folder.run(0, &["report", RESULTS]);
    assert!(
        folder
            .read("customers.results.html")
            .starts_with("<!doctype html>")
    );
    let page = folder.run(0, &["report", RESULTS, "--output", "-"]);
    assert!(page.starts_with("<!doctype html>"));
    folder.run(0, &["report", RESULTS, "--format", "md", "-o", "short.md"]);
    assert!(folder.read("short.md").contains("need"));
}

#[test]
fn a_cause_has_words_a_code_and_a_command() {
    let folder = with_one_conflict();
    let cause = &folder.json(RESULTS)["causes"][0];
    assert_eq!(cause["code"], "external_id_already_used");
    assert_eq!(
        cause["title"],
        "The external id belongs to another organization"
    );
    assert_eq!(cause["message"], "The external_id is taken.");
    assert_eq!(cause["command"], "workos-orgs retry customers.results.csv");
    assert_eq!(cause["request_ids"][0], "req-3");
    assert_eq!(cause["first_rows"][0], 2);
}

#[test]
fn the_journal_decides_and_not_the_cells() {
    let folder = with_one_conflict();
    let edited = folder.read(RESULTS).replace("conflict", "created");
    folder.write(RESULTS, &edited);
    assert_eq!(folder.json(RESULTS)["totals"]["attention"], 1);
}

#[test]
fn either_file_is_enough_and_none_is_an_error() {
    let folder = with_one_conflict();
    let both = folder.json(RESULTS)["counts"].clone();
    let journal = folder.read(JOURNAL);
    std::fs::remove_file(folder.path(JOURNAL)).unwrap();
    let facts = folder.json(RESULTS);
    assert_eq!(
        (&facts["counts"], &facts["state"]),
        (&both, &"unknown".into())
    );

    folder.write(JOURNAL, &journal);
    std::fs::remove_file(folder.path(RESULTS)).unwrap();
    let facts = folder.json(RESULTS);
    assert_eq!(facts["counts"], both);
    assert_eq!(facts["rows"][0]["name"], "Customer 1");

    std::fs::remove_file(folder.path(JOURNAL)).unwrap();
    folder.run(3, &["report", RESULTS]);
}

#[test]
fn a_list_is_not_a_results_file() {
    let folder = Folder::new();
    folder.write("list.csv", "name\nAcme\n");
    folder.run(5, &["report", "list.csv"]);
}

#[test]
fn the_files_of_the_import_are_never_overwritten() {
    let folder = with_one_conflict();
    for own in [RESULTS, JOURNAL] {
        let before = folder.read(own);
        folder.run(2, &["report", RESULTS, "--output", own]);
        folder.run(2, &["report", RESULTS, "--failed-only", own]);
        assert_eq!(folder.read(own), before);
    }
}

#[test]
fn the_rows_that_are_not_done_get_a_file_of_their_own() {
    let folder = with_one_conflict();
    let options = [
        "report",
        RESULTS,
        "--failed-only",
        "failed.csv",
        "-o",
        "p.html",
    ];
    folder.run(0, &options);
    let text = folder.read("failed.csv");
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[0].starts_with("name,domain,external_id,workos_results_file,workos_status,"));
    let row = format!("Customer 3,customer3.example.com,crm-3,{RESULTS},conflict,");
    assert!(lines[1].starts_with(&row), "{text}");
}

#[test]
fn jsonl_results_are_reported_too() {
    let folder = Folder::new();
    folder.write(
        "list.jsonl",
        "{\"name\":\"Acme\",\"domain\":\"acme.example.com\"}\n{\"name\":\"\",\"domain\":\"x.example.com\"}\n",
    );
    folder.run(1, &["import", "list.jsonl", "--sandbox"]);
    let facts = folder.json("list.sandbox.results.jsonl");
    assert_eq!(facts["rows"][0]["name"], "Acme");
    assert_eq!(facts["rows"][1]["domains"][0], "x.example.com");
    assert_eq!(facts["counts"]["invalid"], 1);
}
