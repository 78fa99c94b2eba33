//! The sample data does what the README says of it.

use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// Imports a copy of a sample into a sandbox; returns the exit code, the summary and the results.
fn import(sample: &str) -> (Option<i32>, Value, String) {
    let folder = tempfile::TempDir::new().unwrap();
    let list = folder.path().join(sample);
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data");
    std::fs::copy(samples.join(sample), &list).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_workos-orgs"))
        .args(["import", "--sandbox", "--json"])
        .arg(&list)
        .env_remove("WORKOS_API_KEY")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let summary = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"));
    let results = std::fs::read_to_string(summary_path(&summary)).unwrap();
    (output.status.code(), summary, results)
}

fn summary_path(summary: &Value) -> &str {
    summary["results"].as_str().unwrap()
}

#[test]
fn all_customers_of_the_sample_but_three_become_organizations() {
    let (code, summary, results) = import("customers.csv");
    assert_eq!(code, Some(1));
    assert_eq!(summary["counts"]["created"], 247, "{summary}");
    assert_eq!(summary["counts"]["conflict"], 2, "{summary}");
    assert_eq!(summary["counts"]["invalid"], 1, "{summary}");
    let mut reader = csv::Reader::from_reader(results.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 250);
    let original = std::fs::read("sample-data/customers.csv").unwrap();
    let mut original = csv::Reader::from_reader(original.as_slice());
    let columns = original.headers().unwrap().len();
    for (row, before) in rows.iter().zip(original.records()) {
        let kept: csv::StringRecord = row.iter().take(columns).collect();
        assert_eq!(kept, before.unwrap());
    }
}

#[test]
fn all_customers_of_the_small_sample_become_organizations() {
    let (code, summary, results) = import("customers.jsonl");
    assert_eq!(code, Some(0));
    assert_eq!(summary["counts"]["created"], 20, "{summary}");
    assert_eq!(results.lines().count(), 20);
}
