//! WorkOS's own emulator as the other side: real imports by the real program, checked with WorkOS's
//! own SDK. The emulator knows nothing of conflicts, and it refuses what is over its rate.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do, by a panic"
)]

use futures::TryStreamExt;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use workos::organizations::ListOrganizationsParams;
use workos::{Client, Organization};
use workos_orgs::workos::{
    ApiKey, Client as ApiClient, Dependent, OrganizationChanges, OrganizationsApi,
};

/// A running emulator; it ends with this.
struct Emulator {
    process: Child,
    at: Address,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Address {
    url: String,
    api_key: String,
}

impl Emulator {
    fn start() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../official-emulator");
        assert!(
            folder.join("node_modules/workos").is_dir(),
            "the emulator is not installed: run `npm ci` in tests/official-emulator"
        );
        let mut process = Command::new("node")
            .arg("serve.mjs")
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node is installed");
        let mut line = String::new();
        let stdout = process.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let at = serde_json::from_str(&line)
            .unwrap_or_else(|_| panic!("the emulator did not say where it is, but {line:?}"));
        Self { process, at }
    }

    /// Imports a file as a user does, with these further options.
    fn import(&self, list: &Path, options: &[&str]) -> Output {
        Command::new(program())
            .args(["import", "--json"])
            .arg(list)
            .args(options)
            .env_clear()
            .env("WORKOS_BASE_URL", &self.at.url)
            .env("WORKOS_API_KEY", &self.at.api_key)
            .output()
            .unwrap()
    }

    /// All organizations there are, by name; fails when two have the same.
    async fn organizations(&self) -> BTreeMap<String, Organization> {
        let client = Client::builder()
            .api_key(&self.at.api_key)
            .base_url(&self.at.url)
            .build();
        let params = ListOrganizationsParams {
            limit: Some(100),
            ..Default::default()
        };
        let all: Vec<Organization> = client
            .organizations()
            .list_organizations_auto_paging(params)
            .try_collect()
            .await
            .unwrap();
        let count = all.len();
        let by_name: BTreeMap<_, _> = all.into_iter().map(|o| (o.name.clone(), o)).collect();
        assert_eq!(by_name.len(), count, "an organization was created twice");
        by_name
    }
}

/// The program, which `cargo build` puts into the folder above that of the tests.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.ancestors().nth(2).unwrap().join("workos-orgs");
    let program = program.with_extension(std::env::consts::EXE_EXTENSION);
    assert!(program.is_file(), "run `cargo build` first");
    program
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// A folder with a list of so many customers, every fifth of them without an external id.
fn list_of(rows: u32) -> (TempDir, PathBuf) {
    let mut text = "name,domain,external_id,metadata.plan,metadata.seats,Notes\n".to_owned();
    for row in 1..=rows {
        let external_id = external_id(row).unwrap_or_default();
        writeln!(
            text,
            "\"Kunde {row:04}, Müller & Co\",customer-{row}.example.com,{external_id},pro,{row},a note"
        )
        .unwrap();
    }
    let folder = TempDir::new().unwrap();
    let list = folder.path().join("customers.csv");
    std::fs::write(&list, text).unwrap();
    (folder, list)
}

fn external_id(row: u32) -> Option<String> {
    (!row.is_multiple_of(5)).then(|| format!("crm/{row}?"))
}

fn assert_holds(organizations: &BTreeMap<String, Organization>, rows: u32) {
    assert_eq!(organizations.len(), rows as usize);
    for row in 1..=rows {
        let organization = &organizations[&format!("Kunde {row:04}, Müller & Co")];
        assert_eq!(organization.external_id, external_id(row));
        assert_eq!(organization.metadata["plan"], "pro");
        assert_eq!(organization.metadata["seats"], row.to_string());
        assert_eq!(organization.metadata.len(), 2);
        let domains: Vec<_> = organization.domains.iter().map(|d| &d.domain).collect();
        assert_eq!(domains, [&format!("customer-{row}.example.com")]);
    }
}

/// What the program said in its summary, after it ended with exit code 0.
fn summary(output: &Output) -> serde_json::Value {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
#[ignore = "needs Node.js and npm ci in tests/official-emulator"]
async fn workos_own_emulator_takes_300_rows_and_a_second_run_creates_nothing() {
    let emulator = Emulator::start();
    let (_folder, list) = list_of(300);
    let first = summary(&emulator.import(&list, &[]));
    assert_eq!(first["counts"]["created"], 300, "{first}");
    assert_holds(&emulator.organizations().await, 300);

    let second = summary(&emulator.import(&list, &[]));
    assert_eq!(second["this_run"]["created"], 0, "{second}");
    assert_holds(&emulator.organizations().await, 300);
}

#[tokio::test]
#[ignore = "needs Node.js and npm ci in tests/official-emulator"]
async fn an_import_outlasts_the_rate_limit_of_workos_own_emulator() {
    let emulator = Emulator::start();
    let (_folder, list) = list_of(1_150);
    let began = Instant::now();
    let said = summary(&emulator.import(&list, &["--rate", "unlimited"]));
    let elapsed = began.elapsed();
    assert_eq!(said["counts"]["created"], 1_150, "{said}");
    assert!(said["rate_limit_pauses"].as_u64() >= Some(1), "{said}");
    assert!(elapsed < Duration::from_secs(120), "took {elapsed:?}");
    assert_holds(&emulator.organizations().await, 1_150);

    let again = summary(&emulator.import(&list, &[]));
    assert_eq!(again["this_run"]["created"], 0, "{again}");
    assert_holds(&emulator.organizations().await, 1_150);
}

#[tokio::test]
#[ignore = "needs Node.js and npm ci in tests/official-emulator"]
async fn workos_own_emulator_understands_every_change() {
    let emulator = Emulator::start();
    let key = ApiKey::new(&emulator.at.api_key, "the emulator").unwrap();
    let url = emulator.at.url.parse().unwrap();
    let client = ApiClient::new(url, &key, Duration::from_secs(10)).unwrap();
    let body = json!({"name": "Acme", "external_id": "crm-1", "metadata": {"plan": "free"}});
    let id = client
        .create(body.to_string().into())
        .await
        .unwrap()
        .value
        .id;

    client.add_domain(&id, "acme.example").await.unwrap();
    let change = json!({"name": "Acme Inc.", "external_id": null, "metadata": {"plan": "pro"}});
    let changed = client.update(&id, change.to_string().into()).await;
    assert_eq!(changed.unwrap().value.name, "Acme Inc.");
    let found = client.by_id(&id).await.unwrap().value.unwrap();
    assert_eq!(found.metadata.as_ref().unwrap()["plan"], "pro");
    let domains = found.domain_details().unwrap();
    assert_eq!(domains[0].state.as_deref(), Some("pending"));
    assert!(client.remove_domain(&domains[0].id).await.unwrap().value);

    for kind in Dependent::ALL {
        let has_any = client.has_dependents(&id, kind).await.unwrap().value;
        assert!(!has_any, "{kind:?}");
    }
    assert!(client.delete(&id).await.unwrap().value);
    assert!(!client.delete(&id).await.unwrap().value);
    assert!(client.by_id(&id).await.unwrap().value.is_none());
}
