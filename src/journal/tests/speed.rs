//! How fast a journal is replayed: `cargo test --release --lib journal::tests::speed -- --ignored
//! --nocapture`.

#![expect(clippy::print_stderr, reason = "it prints figures")]

use super::*;
use crate::results::{self, Form, Renderer};
use crate::table::Cells;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

const ROWS: u64 = 200_000;

fn time<T>(what: &str, mut run: impl FnMut() -> T) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let begin = Instant::now();
        std::hint::black_box(run());
        best = best.min(begin.elapsed());
    }
    eprintln!("{what}: {best:?}");
    best
}

fn write(path: &Path) -> State {
    let mut lines = String::new();
    let mut add = |event: &Event| {
        let _ = writeln!(lines, "{}", serde_json::to_string(event).unwrap());
    };
    add(&Event::Journal(Opening {
        schema: SCHEMA,
        program: "workos-orgs 0.1.0".to_owned(),
    }));
    add(&Event::Run(Box::new(run())));
    let rows: Vec<u64> = (1..=ROWS).collect();
    for block in rows.chunks(64) {
        let own = |row: &u64| DispatchedRow {
            row: *row,
            list: Fingerprint(row.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            sent: None,
            cells: Some(Fingerprint(*row)),
            name: format!("Company Number {row} Incorporated"),
            external_id: Some(format!("ext-{row:07}")),
            update: None,
        };
        let block: Vec<DispatchedRow> = block.iter().map(own).collect();
        for own in block.clone() {
            if own.row == block[0].row {
                let at = Some(second(1));
                let rows = block.clone();
                add(&Event::Dispatched(Dispatched { at, rows }));
            }
            let record = Record {
                organization_id: Some(format!("org_01EHWNCE74X7JSDV0X3SZ3{:04}", own.row)),
                http_status: Some(201),
                request_id: Some(format!("req_{:016x}", own.list.0)),
                attempts: 1,
                ..Record::new(own.row, Status::Created)
            };
            let outcome = Outcome::new(record, own.list, None, own.name, own.external_id)
                .with_cells(own.cells);
            add(&Event::Outcome(Box::new(outcome)));
        }
    }
    std::fs::write(path, lines).unwrap();
    State::read(path).unwrap().unwrap()
}

#[test]
#[ignore = "a benchmark"]
fn replay_costs_at_most_two_passes_of_the_csv_crate() {
    let place = Place::new();
    let state = write(&place.path);
    let results = place.path.with_extension("csv");
    let header = vec![
        "name".to_owned(),
        "domain".to_owned(),
        "external_id".to_owned(),
    ];
    let cells = Cells::Record(csv::StringRecord::from(vec![
        "Company Number 12345 Incorporated",
        "company12345.example.com",
        "ext-0012345",
    ]));
    let mut reader = Reader::open(&place.path).unwrap();
    let read_back = |reader: &mut Reader| -> Vec<Record> {
        let rows = 1..=ROWS;
        rows.map(|row| reader.record(&state, row).unwrap().unwrap())
            .collect()
    };
    let records = read_back(&mut reader);
    let write_results = || {
        let file = std::fs::File::create(&results).unwrap();
        let form = Form::of(Format::Csv);
        let mut renderer = Renderer::new(file, &form, &header).unwrap();
        for (row, record) in (1..).zip(&records) {
            let place = results::Place { row, line: None };
            renderer.row(&cells, place, Some(record)).unwrap();
        }
        renderer.finish().unwrap();
    };
    time("rendering", write_results);
    time("reading the records back", || read_back(&mut reader));
    let pass = time("a csv pass", || {
        let mut reader = csv::Reader::from_path(&results).unwrap();
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record).unwrap() {}
    });
    let replay = time("replay", || State::read(&place.path).unwrap());
    let size = |path: &Path| std::fs::metadata(path).unwrap().len();
    eprintln!(
        "journal {} B, results {} B",
        size(&place.path),
        size(&results)
    );
    assert!(replay < 2 * pass);
}
