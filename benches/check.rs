//! `check` of 1,000,000 rows compared with bare passes of the `csv` crate over the same file:
//! `cargo bench --bench check [ROUNDS]`.
//!
//! Two lists: one that needs no cleaning, and an export in which every domain is a URL. `check` is
//! the whole program. There are three bare passes: bytes and text (as `check` needs) into one reused
//! record, and `records()`, which makes a new record per row. The passes alternate, because machines
//! are noisy; the medians are compared.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark that cannot continue panics, and it prints figures"
)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROWS: usize = 1_000_000;
const NAMES: [&str; 7] = [
    "Acme", "Globex", "Initech", "Umbrella", "Hooli", "Vandelay", "Soylent",
];
const ENDINGS: [&str; 5] = ["com", "de", "co.uk", "io", "net"];

/// Reads a list and counts its rows.
type Pass = fn(&Path) -> usize;

fn main() {
    let rounds = std::env::args().skip(1).find_map(|word| word.parse().ok());
    let directory = tempfile::tempdir().unwrap();
    for (title, list) in [("clean list", clean_list()), ("CRM export", crm_export())] {
        let path = directory.path().join("customers.csv");
        std::fs::write(&path, list).unwrap();
        compare(title, &path, rounds.unwrap_or(5));
    }
}

/// A list with our own columns that needs no cleaning.
fn clean_list() -> String {
    let mut list = "name,domain,external_id,metadata.plan,notes\n".to_owned();
    for row in 0..ROWS {
        let (name, ending) = (NAMES[row % NAMES.len()], ENDINGS[row % ENDINGS.len()]);
        let _ = writeln!(
            list,
            "{name} Number {row} Inc.,company-{row}.{ending},crm-{row:07},enterprise,\"moved, see CRM\""
        );
    }
    list
}

/// A CRM export: other columns, non-ASCII letters, URLs as domains.
fn crm_export() -> String {
    let mut list = "Account ID,Company Name,Website,Billing City,Owner,Plan,Created\n".to_owned();
    for row in 0..ROWS {
        let (name, ending) = (NAMES[row % NAMES.len()], ENDINGS[row % ENDINGS.len()]);
        let _ = writeln!(
            list,
            "0018X{row:010},{name} Nº {row},https://www.{name}{row}.{ending}/,Zürich,Jane Doe,pro,2024-03-01"
        );
    }
    list
}

fn compare(title: &str, path: &Path, rounds: usize) {
    let passes: [(&str, Pass); 3] = [
        ("bytes", pass_of_bytes),
        ("text", pass_of_text),
        ("records()", pass_of_records),
    ];
    let mut times = passes.map(|_| Vec::new());
    let (mut checks, mut peak) = (Vec::new(), 0);
    for _ in 0..rounds {
        for ((_, pass), times) in passes.iter().zip(&mut times) {
            times.push(timed(|| assert_eq!(pass(path), ROWS)));
        }
        checks.push(timed(|| peak = peak.max(check(path))));
    }
    let check = median(checks);
    let (milliseconds, mib) = (check.as_millis(), peak / 1024);
    println!("{title}, {ROWS} rows, median of {rounds} rounds");
    println!("  check                 {milliseconds:4} ms, {mib} MiB at its peak");
    for ((what, _), times) in passes.iter().zip(times) {
        let pass = median(times);
        let ratio = check.as_secs_f64() / pass.as_secs_f64();
        let milliseconds = pass.as_millis();
        println!(
            "  bare pass, {what:9}  {milliseconds:4} ms: check takes {ratio:.1} times as long"
        );
    }
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn pass_of_bytes(path: &Path) -> usize {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let mut record = csv::ByteRecord::new();
    let mut rows = 0;
    while reader.read_byte_record(&mut record).unwrap() {
        rows += usize::from(!black_box(&record).is_empty());
    }
    rows
}

fn pass_of_text(path: &Path) -> usize {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let mut record = csv::StringRecord::new();
    let mut rows = 0;
    while reader.read_record(&mut record).unwrap() {
        rows += usize::from(!black_box(&record).is_empty());
    }
    rows
}

fn pass_of_records(path: &Path) -> usize {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let records = reader.records().map(Result::unwrap);
    records
        .filter(|record| !black_box(record).is_empty())
        .count()
}

/// Runs `workos-orgs check`; returns its peak memory in KiB, on Linux (`VmHWM`).
fn check(path: &Path) -> u64 {
    let mut child = Command::new(env!("CARGO_BIN_EXE_workos-orgs"))
        .arg("check")
        .arg(path)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let file = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut peak = 0;
    loop {
        if let Some(ended) = child.try_wait().unwrap() {
            assert!(ended.success());
            return peak;
        }
        let status = std::fs::read_to_string(&file).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(kib.unwrap_or_default());
        std::thread::sleep(Duration::from_millis(2));
    }
}
