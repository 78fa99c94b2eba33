//! The parts of a run, each by itself: `cargo bench --bench parts`.
//!
//! Each is set beside a bare pass of the `csv` crate over the same 100,000 rows, because a figure
//! alone says more of the machine than of the code.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on says so by panicking"
)]

use divan::{Bencher, black_box};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::LazyLock;
use workos_orgs::columns::{Mapping, MappingOptions};
use workos_orgs::engine::{Progress, Rate, Throttle};
use workos_orgs::input::{ReadOptions, Reader, Source};
use workos_orgs::results::{Record, Scan, Status, Writer, rewrite_in_order};
use workos_orgs::table::{Format, Row};
use workos_orgs::validate::Validator;

const ROWS: u64 = 100_000;

fn main() {
    divan::main();
}

/// An input file, and a results file of all its rows, in a directory that lives as long as this.
struct Files {
    _directory: tempfile::TempDir,
    input: PathBuf,
    results: PathBuf,
    header: Vec<String>,
}

static FILES: LazyLock<Files> = LazyLock::new(|| {
    let directory = tempfile::tempdir().unwrap();
    let input = directory.path().join("customers.csv");
    let mut list = "name,domain,external_id,metadata.plan,notes\n".to_owned();
    for row in 0..ROWS {
        let _ = writeln!(
            list,
            "Company Number {row} Incorporated,company{row}.example.com,ext-{row:07},enterprise,\"some notes, here\""
        );
    }
    std::fs::write(&input, list).unwrap();
    let mut files = Files {
        results: directory.path().join("customers.results.csv"),
        _directory: directory,
        input,
        header: Vec::new(),
    };
    let reader = files.reader();
    files.header = reader.header().to_vec();
    write_results(&files.results, &files.header, reader.map(Result::unwrap));
    files
});

impl Files {
    fn reader(&self) -> Reader {
        Reader::open(&Source::File(self.input.clone()), &ReadOptions::default()).unwrap()
    }

    fn scan(&self) -> Scan {
        Scan::open(&self.results, Format::Csv, &self.header)
            .unwrap()
            .unwrap()
    }
}

fn write_results(path: &std::path::Path, header: &[String], rows: impl Iterator<Item = Row>) {
    let mut writer = Writer::create(path, Format::Csv, header).unwrap();
    for row in rows {
        let record = Record {
            organization_id: Some("org_01EHWNCE74X7JSDV0X3SZ3KJNY".to_owned()),
            http_status: Some(201),
            request_id: Some("382ff84c-b272-41e9-ad1d-b36ccba982d2".to_owned()),
            attempts: 1,
            ..Record::new(row.number, Status::Created)
        };
        writer.write(&row.cells, &record).unwrap();
    }
    writer.flush().unwrap();
}

#[divan::bench]
fn input_bare_csv_pass() -> usize {
    bare_pass(&FILES.input)
}

#[divan::bench]
fn input_read() -> usize {
    let mut rows = 0;
    for row in FILES.reader() {
        black_box(row.unwrap());
        rows += 1;
    }
    rows
}

#[divan::bench]
fn input_read_and_examine() -> usize {
    let reader = FILES.reader();
    let mapping = Mapping::resolve(reader.header(), Format::Csv, &MappingOptions::default());
    let mut validator = Validator::new(mapping.unwrap(), reader.header()).without_name_warnings();
    reader
        .filter(|row| {
            let found = validator.examine(row.as_ref().unwrap());
            found.organization.is_some()
        })
        .count()
}

#[divan::bench]
fn results_bare_csv_pass() -> usize {
    bare_pass(&FILES.results)
}

#[divan::bench]
fn results_resume() -> u64 {
    Progress::read(&mut FILES.scan())
        .unwrap()
        .settled_up_to(u64::MAX)
}

#[divan::bench]
fn results_rewrite_of_a_file_in_order() -> u64 {
    rewrite_in_order(&FILES.results, Format::Csv, &FILES.header)
        .unwrap()
        .total()
}

#[divan::bench]
fn results_write(bencher: Bencher<'_, '_>) {
    let rows: Vec<Row> = FILES.reader().map(Result::unwrap).collect();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("results.csv");
    bencher.bench_local(|| {
        let _ = std::fs::remove_file(&path);
        write_results(&path, &FILES.header, rows.iter().cloned());
    });
}

/// What passing the throttle costs where it never waits.
#[divan::bench]
fn throttle_pass_100_000_times(bencher: Bencher<'_, '_>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let throttle = Throttle::new(Rate::Unlimited);
    bencher.bench_local(|| {
        runtime.block_on(async {
            for _ in 0..ROWS {
                throttle.ready().await;
            }
        });
    });
}

fn bare_pass(path: &std::path::Path) -> usize {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let mut record = csv::ByteRecord::new();
    let mut rows = 0;
    while reader.read_byte_record(&mut record).unwrap() {
        rows += usize::from(!black_box(&record).is_empty());
    }
    rows
}
