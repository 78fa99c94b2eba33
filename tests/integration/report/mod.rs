//! Reports of the built program: of real test runs, and of results and journals that were made by
//! hand, so that every state and every cell can occur.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "helpers of tests fail as tests do, by a panic"
)]

mod browser;
mod crafted;
mod formats;
mod live;
mod redacted;
mod states;
mod untrusted;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// A folder, and the program in it.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs the program, which must end with this code; returns its standard output.
    #[track_caller]
    fn run(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.output(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{said}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn output(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_workos-orgs"));
        command
            .args(arguments)
            .current_dir(self.0.path())
            .env_clear();
        command
    }

    /// Imports a list into a temporary sandbox; the results are in `list.sandbox.results.csv`.
    fn import(&self, list: &str, code: i32) -> &'static str {
        self.write("list.csv", list);
        let options = ["import", "list.csv", "--sandbox", "--rate", "unlimited"];
        self.run(code, &options);
        "list.sandbox.results.csv"
    }

    fn json(&self, results: &str) -> Value {
        let text = self.run(0, &["report", results, "--format", "json"]);
        serde_json::from_str(&text).unwrap()
    }

    fn html(&self, results: &str, options: &[&str]) -> String {
        let arguments = [&["report", results, "--output", "page.html"], options].concat();
        self.run(0, &arguments);
        self.read("page.html")
    }
}

/// The sample list of this repository.
fn sample() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data/customers.csv");
    std::fs::read_to_string(path).unwrap()
}

/// The rows inside a page.
fn data(page: &str) -> Value {
    let begin = "<script type=\"application/json\" id=\"data\">";
    let start = page.find(begin).unwrap() + begin.len();
    let length = page[start..].find("</script>").unwrap();
    serde_json::from_str(&page[start..start + length]).unwrap()
}
