//! Pages in a real browser: Chromium of the system, driven by tests/browser/check.mjs.
//!
//! Without Chromium, Node.js and `npm ci` in tests/browser these tests fail, so they are ignored
//! unless asked for: `cargo test --locked --test integration browser -- --ignored`.

use super::crafted::{Crafted, CraftedRow, RESULTS};
use super::untrusted::hostile;
use super::{Folder, sample};
use std::path::Path;
use std::process::Command;

/// Opens a page and drives it as this scenario says. Prints what the driver measured.
#[track_caller]
fn check(scenario: &str, page: &Path) {
    let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    assert!(
        driver.join("node_modules/playwright-core").is_dir(),
        "the browser tests are not installed: run `npm ci` in tests/browser"
    );
    let output = Command::new("node")
        .arg("check.mjs")
        .args([scenario.as_ref(), page])
        .current_dir(driver)
        .output()
        .expect("node is installed");
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{scenario}\n{said}\n{errors}");
    print!("{said}");
}

#[test]
#[ignore = "needs Chromium, Node.js and npm ci in tests/browser"]
fn the_page_of_the_sample_is_accessible_and_works_by_keyboard() {
    let folder = Folder::new();
    let results = folder.import(&sample(), 1);
    folder.html(results, &[]);
    check("sample", &folder.path("page.html"));
    folder.html(results, &["--redact"]);
    check("redacted", &folder.path("page.html"));
}

#[test]
#[ignore = "needs Chromium, Node.js and npm ci in tests/browser"]
fn hostile_cells_stay_text() {
    let folder = Folder::new();
    hostile().write(&folder);
    folder.html(RESULTS, &[]);
    check("hostile", &folder.path("page.html"));
}

#[test]
#[ignore = "needs Chromium, Node.js and npm ci in tests/browser"]
fn without_scripts_the_open_rows_and_the_chart_are_there() {
    let folder = Folder::new();
    let results = folder.import(&sample(), 1);
    folder.html(results, &[]);
    check("noscript", &folder.path("page.html"));
}

#[test]
#[ignore = "needs Chromium, Node.js and npm ci in tests/browser"]
fn the_page_of_a_run_loads_itself_until_the_run_ends() {
    let folder = Folder::new();
    folder.write("list.csv", &sample());
    let mut import = folder.command(&[
        "import",
        "list.csv",
        "--sandbox",
        "--rate",
        "15",
        "--report",
        "page.html",
        "--quiet",
    ]);
    let mut import = import.spawn().unwrap();
    check("live", &folder.path("page.html"));
    assert_eq!(import.wait().unwrap().code(), Some(1));
}

#[test]
#[ignore = "needs Chromium, Node.js and npm ci in tests/browser"]
fn a_hundred_thousand_rows_do_not_freeze_the_page() {
    let rows = (1..=100_000).map(|number| {
        let status = match number % 1_000 {
            0 => "conflict",
            1 => "invalid",
            _ => "created",
        };
        let message = (status != "created").then(|| format!("Row {number} has a problem."));
        CraftedRow {
            message,
            ..CraftedRow::new(number, status)
        }
    });
    let folder = Folder::new();
    Crafted {
        rows: rows.collect(),
        ..Crafted::default()
    }
    .write(&folder);
    folder.html(RESULTS, &[]);
    let size = std::fs::metadata(folder.path("page.html")).unwrap().len();
    assert!(size < 60_000_000, "{size} bytes");
    println!("100,000 rows: {size} bytes");
    check("large", &folder.path("page.html"));
}
