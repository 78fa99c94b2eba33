//! Results files and run files cut off at every byte: whatever a crash leaves, the reader
//! recovers, and no whole record is lost or doubled.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail as tests do, by a panic"
)]

use csv::StringRecord;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::value::to_raw_value;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use workos_orgs::engine::{Edited, Originals};
use workos_orgs::input::ReadOptions;
use workos_orgs::results::{
    ErrorName, Header, Marker, Pass, PassKind, Record, RunFile, Scan, Status, Writer,
    rewrite_in_order, run_file_path,
};
use workos_orgs::table::{Cells, Format, Object};
use workos_orgs::validate::IdShapes as Shapes;

const FORMATS: [Format; 2] = [Format::Csv, Format::Jsonl];

fn header() -> Vec<String> {
    vec!["name".to_owned(), "two\nlines".to_owned()]
}

/// A results file in a directory of its own.
struct Results {
    _directory: TempDir,
    path: PathBuf,
    format: Format,
}

/// A row and what becomes of it.
type Said = (String, Record);

impl Results {
    fn new(format: Format) -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self {
            path: directory.path().join("results"),
            _directory: directory,
            format,
        }
    }

    fn cells(&self, text: &str) -> Cells {
        match self.format {
            // A row with a text in Japanese is longer than its header.
            Format::Csv if text == "日本" => {
                Cells::Record(StringRecord::from(vec![text, "b", "", "x \"y\"\n\nz,"]))
            }
            Format::Csv => Cells::Record(StringRecord::from(vec![text, "b\n\"c\""])),
            Format::Jsonl => Cells::Object(Object::from_iter([(
                "name".to_owned(),
                to_raw_value(text).unwrap(),
            )])),
        }
    }

    fn create(&self, said: &[Said]) {
        self.write(
            Writer::create(&self.path, self.format, &header()).unwrap(),
            said,
        );
    }

    fn write(&self, mut writer: Writer, said: &[Said]) {
        for (text, record) in said {
            writer.write(&self.cells(text), record).unwrap();
        }
        writer.flush().unwrap();
    }

    /// What stands in the file, where it ends, and whether it is torn.
    fn read(&self) -> (Vec<Said>, u64, bool) {
        let mut scan = Scan::open(&self.path, self.format, &header())
            .unwrap()
            .unwrap();
        let mut said = Vec::new();
        for entry in &mut scan {
            let entry = entry.unwrap();
            let text = match entry.cells {
                Cells::Record(record) => record.get(0).unwrap().to_owned(),
                Cells::Object(object) => {
                    serde_json::from_str(object.get("name").unwrap().get()).unwrap()
                }
                Cells::Unreadable { .. } => panic!("no such line was written"),
            };
            said.push((text, entry.said.record.unwrap()));
        }
        (said, scan.end(), scan.torn())
    }

    fn content(&self) -> Vec<u8> {
        std::fs::read(&self.path).unwrap()
    }
}

fn cut(path: &Path, length: usize) {
    let file = OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(length as u64).unwrap();
}

/// To the millisecond, as a results file keeps it.
fn record(row: u64, status: Status, message: &str) -> Record {
    let finished_at = jiff::Timestamp::from_millisecond(1_800_000_000_000).unwrap();
    Record {
        message: (!message.trim().is_empty()).then(|| message.to_owned()),
        organization_id: status.is_done().then(|| format!("org_{row}")),
        error: (status == Status::Failed).then_some(ErrorName::ApiError),
        http_status: Some(201),
        attempts: 1,
        finished_at: Some(finished_at),
        ..Record::new(row, status)
    }
}

fn some_said() -> Vec<Said> {
    vec![
        (
            "\u{feff}Acme, \"Inc.\"".to_owned(),
            record(2, Status::Created, ""),
        ),
        (
            "Bücher\r\n".to_owned(),
            record(1, Status::Failed, "no; \"why\""),
        ),
        ("日本".to_owned(), record(4, Status::Invalid, "ü")),
        ("Bücher\r\n".to_owned(), record(1, Status::Created, "")),
        (String::new(), record(3, Status::Unknown, "lost")),
    ]
}

#[test]
fn a_results_file_cut_at_any_byte_keeps_every_whole_record() {
    for format in FORMATS {
        let results = Results::new(format);
        results.create(&some_said());
        let whole = results.content();
        let ends: Vec<usize> = {
            let scan = Scan::open(&results.path, format, &header())
                .unwrap()
                .unwrap();
            scan.map(|entry| usize::try_from(entry.unwrap().end).unwrap())
                .collect()
        };
        for length in 0..=whole.len() {
            std::fs::write(&results.path, whole.get(..length).unwrap()).unwrap();
            let (kept, end, torn) = results.read();
            let expected = ends.iter().filter(|end| **end <= length).count();
            assert_eq!(kept.len(), expected, "{format:?} cut at {length}");
            assert_eq!(kept, some_said().get(..expected).unwrap());
            if !torn {
                assert_eq!(end, length as u64, "{format:?}: what is not torn is whole");
            }
            // Going on: what is torn goes, what was lost is added again, nothing is doubled.
            let writer = Writer::append(&results.path, format, &header(), end).unwrap();
            results.write(writer, some_said().get(expected..).unwrap());
            assert_eq!(results.content(), whole, "{format:?} cut at {length}");
        }
    }
}

#[test]
fn a_cut_results_file_is_rewritten_with_every_row_once() {
    for format in FORMATS {
        let results = Results::new(format);
        results.create(&some_said());
        let whole = results.content();
        for length in 0..=whole.len() {
            std::fs::write(&results.path, whole.get(..length).unwrap()).unwrap();
            let (kept, end, _) = results.read();
            drop(Writer::append(&results.path, format, &header(), end).unwrap());
            rewrite_in_order(&results.path, format, &header()).unwrap();
            let (rewritten, _, torn) = results.read();
            assert!(!torn);
            let mut expected: Vec<Said> = Vec::new();
            for row in 1..=4 {
                let last = kept.iter().rev().find(|(_, record)| record.row == row);
                expected.extend(last.cloned());
            }
            assert_eq!(rewritten, expected, "{format:?} cut at {length}");
        }
    }
}

#[test]
fn a_file_cut_where_its_last_whole_record_ends_is_not_torn_whatever_the_line_ends() {
    let results = Results::new(Format::Csv);
    results.create(&[]);
    let mut content = results.content();
    content.extend(b"Acme,,created,org_1,,,,201,,1,,1,2026-11-23T20:00:00.000Z\r\nTorn,t");
    std::fs::write(&results.path, content).unwrap();
    let (said, end, torn) = results.read();
    assert!(torn);
    assert_eq!(said.len(), 1);
    cut(&results.path, usize::try_from(end).unwrap());
    assert_eq!(results.read(), (said, end, false));
}

fn a_run(run_file: &mut RunFile) {
    run_file
        .start(Header {
            program: "workos-orgs".to_owned(),
            input: "ü.csv".to_owned(),
            format: Format::Csv,
            columns: header(),
            api: "https://api.workos.com".to_owned(),
            environment: "staging".to_owned(),
            key: "0123456789ab".to_owned(),
            marker: Marker::default(),
            ids: Shapes::default(),
            mapping: serde_json::json!({"a": "}\n"}),
        })
        .unwrap();
    run_file
        .begin(Pass {
            kind: PassKind::Import,
            digest: Some("d".to_owned()),
            handed_out: 0,
        })
        .unwrap();
    run_file.sign().unwrap();
    run_file.hand_out(32).unwrap();
    run_file.answer_lost().unwrap();
    run_file.hand_out(96).unwrap();
    run_file.finish(96).unwrap();
}

#[test]
fn a_run_file_cut_at_any_byte_doubts_every_row_unless_a_line_ends_there() {
    let directory = tempfile::tempdir().unwrap();
    let results = directory.path().join("results");
    let path = run_file_path(&results);
    let mut run_file = RunFile::open(&results).unwrap();
    a_run(&mut run_file);
    let state = run_file.state().clone();
    assert!(state.finished == Some(96) && state.answer_lost && state.handed_out == 96);
    drop(run_file);
    let whole = std::fs::read(&path).unwrap();
    for length in 0..=whole.len() {
        std::fs::write(&path, whole.get(..length).unwrap()).unwrap();
        let kept = whole.get(..length).unwrap();
        let is_whole = kept.is_empty() || kept.ends_with(b"\n");
        let torn = RunFile::open(&results).unwrap();
        assert_eq!(torn.state().torn, !is_whole, "cut at {length}");
        if !is_whole {
            assert_eq!(torn.state().handed_out, u64::MAX, "cut at {length}");
            assert_eq!(torn.state().finished, None);
        }
        let has_header = kept.contains(&b'\n');
        assert_eq!(torn.state().header.is_some(), has_header, "cut at {length}");
        let (known, doubt) = (torn.state().header.clone(), torn.state().handed_out);
        drop(torn);
        // It is mended: read again, it says the same and nothing is torn.
        let mended = RunFile::open(&results).unwrap();
        assert!(!mended.state().torn);
        assert_eq!(
            (&mended.state().header, mended.state().handed_out),
            (&known, doubt)
        );
    }
}

fn statuses() -> impl Strategy<Value = Status> {
    prop::sample::select(&Status::ALL[..])
}

fn said() -> impl Strategy<Value = Vec<Said>> {
    let texts = prop_oneof!["\\PC{0,12}", "[a,\"\r\n;\u{feff}'\\\\{}]{0,12}"];
    let messages = "[^\u{0}\r\n]{0,12}";
    vec((texts, 1_u64..8, statuses(), messages), 0..12).prop_map(|rows| {
        rows.into_iter()
            .map(|(text, row, status, message)| (text, record(row, status, &message)))
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_is_written_and_cut_anywhere_is_a_beginning_of_it(
        said in said(),
        at in any::<prop::sample::Index>(),
        is_csv in any::<bool>(),
    ) {
        let results = Results::new(if is_csv { Format::Csv } else { Format::Jsonl });
        results.create(&said);
        prop_assert_eq!(&results.read().0, &said);
        let length = results.content().len();
        cut(&results.path, at.index(length + 1));
        let (kept, end, _) = results.read();
        prop_assert!(said.starts_with(&kept));
        let writer = Writer::append(&results.path, results.format, &header(), end).unwrap();
        results.write(writer, said.get(kept.len()..).unwrap());
        prop_assert_eq!(results.content().len(), length);
        prop_assert_eq!(&results.read().0, &said);
        rewrite_in_order(&results.path, results.format, &header()).unwrap();
        let rewritten = results.read().0;
        let rows: Vec<u64> = rewritten.iter().map(|(_, record)| record.row).collect();
        prop_assert!(rows.is_sorted_by(|a, b| a < b), "each row once, in order: {rows:?}");
        for one in &rewritten {
            let last = said.iter().rev().find(|(_, record)| record.row == one.1.row);
            prop_assert_eq!(Some(one), last);
        }
    }
}

#[test]
fn a_byte_order_mark_is_told_from_a_name_that_begins_with_one() {
    for name in ["name", "\u{feff}name"] {
        for is_marked in [false, true] {
            let results = Results::new(Format::Csv);
            let header = [name.to_owned(), "two".to_owned()];
            let create = Writer::create_with_mark(&results.path, Format::Csv, &header, is_marked);
            results.write(create.unwrap(), &some_said());
            let whole = results.content();
            for length in 0..=whole.len() {
                std::fs::write(&results.path, whole.get(..length).unwrap()).unwrap();
                let scan = Scan::open(&results.path, Format::Csv, &header).unwrap();
                let mut scan = scan.unwrap();
                let kept = scan.by_ref().map(Result::unwrap).count();
                assert!(scan.end() <= length as u64);
                let writer = Writer::append(&results.path, Format::Csv, &header, scan.end());
                results.write(writer.unwrap(), some_said().get(kept..).unwrap());
                let scan = Scan::open(&results.path, Format::Csv, &header).unwrap();
                let said = scan
                    .unwrap()
                    .map(|entry| entry.unwrap().said.record.unwrap());
                assert!(said.eq(some_said().into_iter().map(|(_, record)| record)));
            }
        }
    }
}

/// What a spreadsheet makes of a CSV file: all rows are as long as the longest.
fn saved_by_a_spreadsheet(path: &Path) {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_path(path)
        .unwrap();
    let rows: Vec<StringRecord> = reader.records().map(Result::unwrap).collect();
    let width = rows.iter().map(StringRecord::len).max().unwrap();
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .quote_style(csv::QuoteStyle::Always)
        .from_path(path)
        .unwrap();
    for (row, first) in rows
        .iter()
        .zip(["\u{feff}"].into_iter().chain(std::iter::repeat("")))
    {
        // One that takes a byte order mark for the beginning of the first cell has been seen.
        let cells = row.iter().chain(std::iter::repeat("")).take(width);
        let cells = cells.enumerate().map(|(column, cell)| match column {
            0 => format!("{first}{cell}"),
            _ => cell.to_owned(),
        });
        writer.write_record(cells).unwrap();
    }
    writer.flush().unwrap();
}

/// A row as long as its header at least, without blank cells beyond it.
fn padded(mut cells: Vec<String>, width: usize) -> Vec<String> {
    while cells.len() > width && cells.last().is_some_and(|cell| cell.trim().is_empty()) {
        cells.pop();
    }
    cells.resize(cells.len().max(width), String::new());
    cells
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 100,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn rows_of_any_length_keep_every_cell_through_a_spreadsheet_and_back(
        rows in vec(vec("[ab,\"\n;]{0,3}", 1..6), 1..6),
        is_edited in any::<bool>(),
    ) {
        let results = Results::new(Format::Csv);
        let rows: Vec<Vec<String>> = rows
            .into_iter()
            .filter(|row| row.iter().any(|cell| !cell.trim().is_empty()))
            .collect();
        let mut writer = Writer::create(&results.path, Format::Csv, &header()).unwrap();
        for (number, row) in (1..).zip(&rows) {
            let cells = Cells::Record(StringRecord::from(row.clone()));
            writer.write(&cells, &record(number, Status::Invalid, "no")).unwrap();
        }
        writer.sync().unwrap();
        drop(writer);
        if is_edited {
            saved_by_a_spreadsheet(&results.path);
        }
        let edited = Edited::open(&results.path, &ReadOptions::default()).unwrap();
        let tidied = edited.tidy(&Originals::default()).unwrap();
        prop_assert_eq!(&tidied.header, &header());
        prop_assert_eq!(tidied.new_rows, 0);
        let scan = Scan::open(&results.path, Format::Csv, &header()).unwrap().unwrap();
        let found: Vec<Vec<String>> = scan
            .map(|entry| match entry.unwrap().cells {
                Cells::Record(cells) => cells.iter().map(str::to_owned).collect(),
                _ => panic!("a record stays one"),
            })
            .collect();
        let expected: Vec<_> = rows.into_iter().map(|row| padded(row, 2)).collect();
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn a_time_that_the_file_no_longer_says_stays_blank() {
    for format in [Format::Csv, Format::Jsonl] {
        let results = Results::new(format);
        let untimed = Record {
            finished_at: None,
            ..record(1, Status::Created, "")
        };
        let said = vec![("Acme".to_owned(), untimed)];
        results.create(&said);
        assert!(
            !String::from_utf8(results.content())
                .unwrap()
                .contains("1970")
        );
        assert_eq!(results.read().0, said);
    }
}

#[test]
fn what_a_killed_rewrite_left_is_removed_by_the_next_run() {
    let directory = tempfile::tempdir().unwrap();
    let results = directory.path().join("customers.results.csv");
    let left = directory
        .path()
        .join(".customers.results.csv.a1b2c3.unfinished");
    let of_another = directory
        .path()
        .join(".others.results.csv.a1b2c3.unfinished");
    std::fs::write(&left, "half").unwrap();
    std::fs::write(&of_another, "half").unwrap();
    drop(RunFile::open(&results).unwrap());
    assert!(!left.exists() && of_another.exists());
}
