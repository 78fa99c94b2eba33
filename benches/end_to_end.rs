//! The whole program compared with a loop that only sends: the same organizations, the same server,
//! the same machine, by turns.
//!
//! `cargo bench --bench end_to_end` prints rows per second and the ratio. The variables ROWS and
//! ROUNDS change the numbers.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_types,
    reason = "a benchmark that cannot continue panics, and it prints figures"
)]

use futures::StreamExt;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_workos-orgs");
const KEY: &str = "sk_test_sandbox";

fn main() {
    let rows = number("ROWS", 20_000);
    let rounds = number("ROUNDS", 5);
    let directory = tempfile::tempdir().unwrap();
    let input = directory.path().join("customers.csv");
    std::fs::write(&input, list(rows)).unwrap();
    let mut ratios = Vec::new();
    for round in 1..=rounds {
        let bare = with_server(|url| bare_loop(url, &input));
        let ours = with_server(|url| import(url, &input));
        let ratio = bare.as_secs_f64() / ours.as_secs_f64();
        println!(
            "round {round}: bare loop {:.0} rows/s, import {:.0} rows/s, ratio {ratio:.2}",
            rows as f64 / bare.as_secs_f64(),
            rows as f64 / ours.as_secs_f64(),
        );
        ratios.push(ratio);
    }
    ratios.sort_by(f64::total_cmp);
    println!("median ratio {:.2}", ratios.get(ratios.len() / 2).unwrap());
}

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

fn list(rows: usize) -> String {
    let mut list = "name,domain,external_id,metadata.plan,notes\n".to_owned();
    for row in 0..rows {
        let _ = writeln!(
            list,
            "Company Number {row} Incorporated,company{row}.example.com,ext-{row:07},enterprise,\"some notes, here\""
        );
    }
    list
}

/// Runs `client` against a new server process, and stops it afterwards.
fn with_server(client: impl FnOnce(&str) -> Duration) -> Duration {
    struct Server(Child);
    impl Drop for Server {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
    let mut server = Server(
        Command::new(PROGRAM)
            .args(["sandbox", "--port", "0", "--rate-limit", "unlimited"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let mut line = String::new();
    let mut err = BufReader::new(server.0.stderr.take().unwrap());
    err.read_line(&mut line).unwrap();
    let url = line.split([' ', ',']).find(|word| word.starts_with("http"));
    client(url.unwrap())
}

/// The program, with journal and results file.
fn import(url: &str, input: &Path) -> Duration {
    let results = input.with_extension("results.csv");
    let _ = std::fs::remove_file(&results);
    let _ = std::fs::remove_file(input.with_extension("results.journal"));
    let start = Instant::now();
    let status = Command::new(PROGRAM)
        .arg("import")
        .arg(input)
        .args(["--rate", "unlimited", "--quiet"])
        .env("WORKOS_API_KEY", KEY)
        .env("WORKOS_BASE_URL", url)
        .status();
    assert!(status.unwrap().success());
    start.elapsed()
}

fn plain_client() -> reqwest::Client {
    // The TLS library has to be told which cryptography to use, also where none is needed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// The same bodies, sent by a reqwest client that records nothing.
fn bare_loop(url: &str, input: &Path) -> Duration {
    let mut reader = csv::Reader::from_path(input).unwrap();
    let bodies: Vec<String> = reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            let cell = |column| record.get(column).unwrap();
            serde_json::json!({
                "name": cell(0),
                "domain_data": [{"domain": cell(1), "state": "pending"}],
                "external_id": cell(2),
                "metadata": {"plan": cell(3)},
            })
            .to_string()
        })
        .collect();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let client = plain_client();
    let url = format!("{url}/organizations");
    let start = Instant::now();
    runtime.block_on(
        futures::stream::iter(bodies)
            .map(|body| {
                client
                    .post(&url)
                    .bearer_auth(KEY)
                    .header("content-type", "application/json")
                    .body(body)
                    .send()
            })
            .buffer_unordered(64)
            .for_each(async |response| {
                let response = response.unwrap();
                assert_eq!(response.status(), 201);
                response.bytes().await.unwrap();
            }),
    );
    start.elapsed()
}
