//! The parts of a run, one by one: `cargo bench --bench parts`.
//!
//! Each is compared with a bare pass of the `csv` crate over the same 100,000 rows: a time alone says
//! more about the machine than about the code.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot continue panics"
)]

use divan::{Bencher, black_box};
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use workos_orgs::columns::{Mapping, MappingOptions};
use workos_orgs::engine::{Rate, Throttle};
use workos_orgs::input::{ReadOptions, Reader, Source};
use workos_orgs::journal::{
    self, Baseline, Command, Dispatched, DispatchedRow, Ended, Journal, List, Numbering, Outcome,
    Records, Run, State,
};
use workos_orgs::organization::Fingerprint;
use workos_orgs::results::{Form, Place, Record, Renderer, Status};
use workos_orgs::storage::Disk;
use workos_orgs::table::{Format, Row};
use workos_orgs::validate::Validator;

const ROWS: u64 = 100_000;
/// Rows per dispatched block, as at the default rate.
const BLOCK: usize = 45;

fn main() {
    divan::main();
}

/// A list, the journal of its finished import, and the results file, in a directory that lives as
/// long as this.
struct Files {
    _directory: tempfile::TempDir,
    list: PathBuf,
    journal: PathBuf,
    results: PathBuf,
    header: Vec<String>,
}

static FILES: LazyLock<Files> = LazyLock::new(|| {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    let mut list = "name,domain,external_id,metadata.plan,notes\n".to_owned();
    for row in 0..ROWS {
        let _ = writeln!(
            list,
            "Company Number {row} Incorporated,company{row}.example.com,ext-{row:07},enterprise,\"some notes, here\""
        );
    }
    std::fs::write(path("customers.csv"), list).unwrap();
    let mut files = Files {
        list: path("customers.csv"),
        journal: path("customers.results.journal"),
        results: path("customers.results.csv"),
        header: Vec::new(),
        _directory: directory,
    };
    files.header = files.reader().header().to_vec();
    write_journal(&files);
    let rows = files.reader().map(Result::unwrap);
    let file = std::fs::File::create(&files.results).unwrap();
    render(file, &files, rows);
    files
});

impl Files {
    fn reader(&self) -> Reader {
        Reader::open(&Source::File(self.list.clone()), &ReadOptions::default()).unwrap()
    }

    fn mapping(&self) -> Mapping {
        Mapping::resolve(&self.header, Format::Csv, &MappingOptions::default()).unwrap()
    }
}

fn fingerprint(row: u64) -> Fingerprint {
    Fingerprint(row.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

fn write_journal(files: &Files) {
    let _ = std::fs::remove_file(&files.journal);
    let run = Run {
        command: Command::Import,
        is_whole: true,
        program: "bench".to_owned(),
        pid: 1,
        at: jiff::Timestamp::UNIX_EPOCH,
        api: "https://api.workos.com".to_owned(),
        environment: "staging".to_owned(),
        key: "000000000000".to_owned(),
        key_hint: None,
        list: List {
            name: "customers.csv".to_owned(),
            digest: String::new(),
            read: ReadOptions::default(),
            read_as: "CSV".to_owned(),
            sheet: None,
            format: Format::Csv,
            columns: files.header.clone(),
        },
        mapping: files.mapping(),
        numbering: Numbering::identity(ROWS),
        keys: Vec::new(),
        baseline: Baseline::default(),
        generated: None,
        repeats: None,
        sync: None,
        is_incomplete: false,
    };
    let mut journal = Journal::begin(Arc::new(Disk), &files.journal, None, run).unwrap();
    let rows: Vec<u64> = (1..=ROWS).collect();
    for block in rows.chunks(BLOCK) {
        let dispatched = block.iter().map(|&row| DispatchedRow {
            row,
            list: fingerprint(row),
            sent: None,
            cells: Some(fingerprint(row)),
            name: format!("Company Number {row} Incorporated"),
            external_id: Some(format!("ext-{row:07}")),
            update: None,
        });
        let rows: Vec<_> = dispatched.collect();
        for own in &rows {
            let record = Record {
                organization_id: Some(format!("org_01EHWNCE74X7JSDV0X3SZ{:06}", own.row)),
                http_status: Some(201),
                request_id: Some("382ff84c-b272-41e9-ad1d-b36ccba982d2".to_owned()),
                attempts: 1,
                ..Record::new(own.row, Status::Created)
            };
            let (name, external_id) = (own.name.clone(), own.external_id.clone());
            let outcome =
                Outcome::new(record, own.list, None, name, external_id).with_cells(own.cells);
            journal.outcome(outcome).unwrap();
        }
        // A sync per block would measure the disk.
        if block.first() == Some(&1) {
            journal.dispatch(Dispatched { at: None, rows }).unwrap();
        }
    }
    let ended = Ended {
        at: jiff::Timestamp::UNIX_EPOCH,
        is_finished: true,
        is_verified: true,
        results: None,
        duplicates: Vec::new(),
    };
    journal.end(ended).unwrap();
}

fn render(out: impl io::Write, files: &Files, rows: impl Iterator<Item = Row>) {
    let state = State::read(&files.journal).unwrap().unwrap();
    let mut records = Records::of(&files.journal, &state).unwrap();
    let form = Form::of(Format::Csv);
    let mut renderer = Renderer::new(out, &form, &files.header).unwrap();
    for row in rows {
        let record = records.record(row.number).unwrap();
        let place = Place {
            row: row.number,
            line: Some(row.line),
        };
        renderer.row(&row.cells, place, record.as_ref()).unwrap();
    }
    renderer.finish().unwrap();
}

#[divan::bench]
fn list_bare_csv_pass() -> usize {
    bare_pass(&FILES.list)
}

#[divan::bench]
fn list_read() -> usize {
    let mut rows = 0;
    for row in FILES.reader() {
        black_box(row.unwrap());
        rows += 1;
    }
    rows
}

#[divan::bench]
fn list_read_and_validate() -> usize {
    let mut validator = Validator::new(FILES.mapping(), &FILES.header).without_name_warnings();
    let rows = FILES.reader();
    rows.filter(|row| {
        let found = validator.validate(row.as_ref().unwrap());
        found.organization.is_some()
    })
    .count()
}

#[divan::bench]
fn results_bare_csv_pass() -> usize {
    bare_pass(&FILES.results)
}

/// What a resume reads first.
#[divan::bench]
fn journal_replay() -> u64 {
    State::read(&FILES.journal).unwrap().unwrap().rows()
}

#[divan::bench]
fn journal_read_back_every_row(bencher: Bencher<'_, '_>) {
    let state = State::read(&FILES.journal).unwrap().unwrap();
    bencher.bench_local(|| {
        let mut reader = journal::Reader::open(&FILES.journal).unwrap();
        for row in 1..=ROWS {
            black_box(reader.record(&state, row).unwrap());
        }
    });
}

#[divan::bench]
fn journal_write_without_syncs() {
    let files = &*FILES;
    let path = files.journal.with_extension("bench");
    let other = Files {
        _directory: tempfile::tempdir().unwrap(),
        list: files.list.clone(),
        journal: path,
        results: files.results.clone(),
        header: files.header.clone(),
    };
    write_journal(&other);
}

#[divan::bench]
fn results_render(bencher: Bencher<'_, '_>) {
    let rows: Vec<Row> = FILES.reader().map(Result::unwrap).collect();
    bencher.bench_local(|| render(io::sink(), &FILES, rows.iter().cloned()));
}

/// The cost of the throttle without waiting.
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

fn bare_pass(path: &Path) -> usize {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let mut record = csv::ByteRecord::new();
    let mut rows = 0;
    while reader.read_byte_record(&mut record).unwrap() {
        rows += usize::from(!black_box(&record).is_empty());
    }
    rows
}
