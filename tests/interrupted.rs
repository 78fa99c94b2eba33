//! Ctrl-C and going on, as a user does it: with the real program and a sandbox that outlives it.

#![cfg(unix)]

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use workos_orgs::sandbox::{Options, Sandbox};

fn import(list: &Path, sandbox: &Sandbox) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_workos-orgs"));
    command
        .args(["import", "--json", "--rate", "100"])
        .arg(list)
        .env("WORKOS_BASE_URL", sandbox.url())
        .env("WORKOS_API_KEY", sandbox.api_key())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn after_ctrl_c_the_same_command_goes_on_at_once_and_creates_each_row_once() {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let folder = tempfile::TempDir::new().unwrap();
    let list = folder.path().join("customers.csv");
    let mut text = "name\n".to_owned();
    for row in 0..400 {
        writeln!(text, "Customer {row}").unwrap();
    }
    std::fs::write(&list, text).unwrap();

    let first = import(&list, &sandbox).spawn().unwrap();
    while sandbox.organizations().len() < 100 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let interrupted = Command::new("kill")
        .args(["-INT", &first.id().to_string()])
        .status();
    assert!(interrupted.unwrap().success());
    let first = first.wait_with_output().unwrap();
    assert_eq!(first.status.code(), Some(130), "{first:?}");
    let created = sandbox.organizations().len();
    assert!(created < 400, "it was interrupted in time");

    // No row is in doubt, so nothing has to be looked up and waited for.
    let began = Instant::now();
    let second = import(&list, &sandbox).output().unwrap();
    assert_eq!(second.status.code(), Some(0), "{second:?}");
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(sandbox.organizations().len(), 400);
    let summary: serde_json::Value = serde_json::from_slice(&second.stdout).unwrap();
    assert_eq!(summary["this_run"]["created"], 400 - created, "{summary}");
    assert_eq!(summary["counts"]["created"], 400, "{summary}");
}
