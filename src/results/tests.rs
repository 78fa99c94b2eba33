//! What is rendered is read back: the same cells, the same results.

use super::*;
use crate::input::{ReadOptions, Reader, Source};
use crate::table::{Cells, Format, Object, Row};
use csv::StringRecord;
use proptest::prelude::*;
use serde_json::value::to_raw_value;

type Rendered = (Cells, Option<Record>);

fn header(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn cells(texts: &[&str]) -> Cells {
    Cells::Record(StringRecord::from(texts.to_vec()))
}

fn record(row: u64) -> Record {
    Record {
        organization_id: Some("org_1".to_owned()),
        error: Some(ErrorName::ApiError),
        code: Some("-code".to_owned()),
        message: Some("=HYPERLINK(\"x\"), é; \"said\"\tand".to_owned()),
        http_status: Some(422),
        request_id: Some("@req".to_owned()),
        attempts: 3,
        existing_organization_id: Some("+org_2".to_owned()),
        changes: Some("name: \"Acme\" → \"Acme Inc.\"".to_owned()),
        finished_at: Some(jiff::Timestamp::from_millisecond(1_800_000_000_123).unwrap()),
        ..Record::new(row, Status::Failed)
    }
}

fn render(form: Form, header: &[String], rows: &[Rendered]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut renderer = Renderer::new(&mut out, &form, header).unwrap();
    for (row, (cells, record)) in (1..).zip(rows) {
        let place = Place {
            row,
            line: Some(row + 1),
        };
        renderer.row(cells, place, record.as_ref()).unwrap();
    }
    renderer.finish().unwrap();
    out
}

/// The user's columns and the rows as they are read back.
fn read(form: Form, bytes: &[u8]) -> (Vec<String>, Vec<(Cells, RecordedState)>) {
    let directory = tempfile::tempdir().unwrap();
    let extension = if form.is_workbook {
        "xlsx"
    } else {
        form.format.extension()
    };
    let path = directory.path().join("results").with_extension(extension);
    std::fs::write(&path, bytes).unwrap();
    let is_csv = form.format == Format::Csv && !form.is_workbook;
    let delimiter = is_csv.then_some(form.delimiter);
    let options = ReadOptions {
        delimiter,
        ..ReadOptions::default()
    };
    let reader = Reader::open(&Source::File(path), &options).unwrap();
    let layout = Layout::of(reader.header());
    let split = |row: Result<Row, _>| layout.split(row.unwrap().cells);
    let header = layout.original_header().to_vec();
    (header, reader.map(split).collect())
}

fn text_of(cells: &Cells) -> String {
    match cells {
        Cells::Record(record) => format!("{record:?}"),
        Cells::Object(object) => serde_json::to_string(object).unwrap(),
        Cells::Unreadable { text, reason } => format!("{text} ({reason})"),
    }
}

fn assert_round_trip(form: Form, header: &[String], rows: &[Rendered]) {
    let bytes = render(form, header, rows);
    let (columns, read) = read(form, &bytes);
    if form.format == Format::Csv {
        assert_eq!(columns, header);
    }
    assert_eq!(read.len(), rows.len());
    for (number, ((cells, record), (read, recorded))) in (1..).zip(rows.iter().zip(&read)) {
        assert_eq!(text_of(read), text_of(cells));
        assert_eq!(recorded.row, Some(number));
        assert_eq!(recorded.line, Some(number + 1));
        assert_eq!(recorded.record, record.clone().map(shown));
    }
}

/// A record as a CSV file keeps it: control characters are spaces.
fn shown(record: Record) -> Record {
    Record {
        message: record.message.map(|text| text.replace('\t', " ")),
        ..record
    }
}

fn forms() -> impl Iterator<Item = Form> {
    let ends = [LineEnd::Lf, LineEnd::CrLf];
    let delimiters = [b',', b';', b'\t', b'|'];
    let forms = delimiters.into_iter().zip(ends.into_iter().cycle());
    forms.flat_map(|(delimiter, line_end)| {
        [false, true].map(|has_mark| Form {
            delimiter,
            has_mark,
            line_end,
            ..Form::of(Format::Csv)
        })
    })
}

#[test]
fn every_form_of_csv_reads_back() {
    let header = header(&["Name", "Two\nlines; and, more", "Plan"]);
    let rows = [
        (cells(&["Acme", "a \"b\"\r\nc", ""]), Some(record(1))),
        (cells(&["=1+1", "x;y,z|\tw", " padded"]), None),
        (
            cells(&["long", "", "", "more", "", "cells;"]),
            Some(record(3)),
        ),
        (cells(&["日本", "'", "é"]), Some(record(4))),
    ];
    for form in forms() {
        assert_round_trip(form, &header, &rows);
        let bytes = render(form, &header, &rows);
        assert_eq!(bytes.starts_with(b"\xef\xbb\xbf"), form.has_mark);
        let ending = bytes.windows(2).filter(|pair| *pair == b"\r\n").count();
        let of_cells = 1;
        let ends = if form.line_end == LineEnd::CrLf { 5 } else { 0 };
        assert_eq!(ending, of_cells + ends);
    }
}

#[test]
fn a_workbook_reads_back() {
    let form = Form::of(Format::Csv).at(std::path::Path::new("a.XLSX"));
    let header = header(&["Name", "Two\nlines", "Plan"]);
    let rows = [
        (cells(&["Acme", "a \"b\"\nc", "0042"]), Some(record(1))),
        (cells(&["=1+1", "x;y,z|\tw", " padded "]), None),
        (
            cells(&["long", "", "", "more", "", "cells;"]),
            Some(record(3)),
        ),
        (cells(&["日本", "'", "1.50"]), Some(record(4))),
        (cells(&["a\r\nb", "_x0041_ \u{1}", "2026-11-27"]), None),
    ];
    assert_round_trip(form, &header, &rows);
    let bytes = render(form, &header, &rows);
    assert!(bytes.starts_with(b"PK"));
}

#[test]
fn what_a_workbook_cannot_hold_is_refused_before_anything_is_sent() {
    let form = Form::of(Format::Csv).at(std::path::Path::new("a.xlsx"));
    let long = "x".repeat(32_768);
    let mut writer = Renderer::new(Vec::new(), &form, &header(&["Name"])).unwrap();
    let refused = writer
        .row(&cells(&[&long]), Place { row: 1, line: None }, None)
        .unwrap_err();
    assert!(
        refused.to_string().contains("32,767 characters"),
        "{refused}"
    );
}

#[test]
fn a_byte_order_mark_in_the_first_header_is_no_part_of_its_name() {
    for has_mark in [false, true] {
        let form = Form {
            has_mark,
            ..Form::of(Format::Csv)
        };
        let rows = [(cells(&["Acme", "x"]), Some(record(1)))];
        let bytes = render(form, &header(&["\u{feff}Name", "b"]), &rows);
        let (columns, read) = read(form, &bytes);
        assert_eq!(columns, ["Name", "b"]);
        assert_eq!(text_of(&read[0].0), text_of(&rows[0].0));
    }
}

#[test]
fn a_short_row_becomes_as_long_as_the_header() {
    let form = Form::of(Format::Csv);
    let bytes = render(form, &header(&["a", "b"]), &[(cells(&["x"]), None)]);
    let (_, rows) = read(form, &bytes);
    assert_eq!(text_of(&rows[0].0), text_of(&cells(&["x", ""])));
}

#[test]
fn the_text_of_an_unreadable_row_is_at_its_end() {
    let form = Form::of(Format::Csv);
    let unreadable = Cells::Unreadable {
        text: "\"Acme\" x,y".to_owned(),
        reason: "misplaced quote".to_owned(),
    };
    let bytes = render(form, &header(&["a"]), &[(unreadable, Some(record(1)))]);
    let (_, rows) = read(form, &bytes);
    assert_eq!(text_of(&rows[0].0), text_of(&cells(&["", "\"Acme\" x,y"])));
    assert_eq!(rows[0].1.record, Some(shown(record(1))));
}

#[test]
fn jsonl_reads_back_with_unreadable_lines() {
    let form = Form::of(Format::Jsonl);
    let object = |text: &str| {
        let nested = serde_json::json!({"a": [1.0, "x"]});
        let pairs = [
            ("name".to_owned(), to_raw_value(text).unwrap()),
            ("é".to_owned(), to_raw_value(&nested).unwrap()),
        ];
        Cells::Object(Object::from_iter(pairs))
    };
    let unreadable = Cells::Unreadable {
        text: "{\"name\":".to_owned(),
        reason: "unexpected end".to_owned(),
    };
    let plain = Record {
        message: Some("=no formula here".to_owned()),
        ..record(1)
    };
    let rows = [
        (object("Acme\n\"x\""), Some(plain)),
        (unreadable, None),
        (object(""), None),
    ];
    assert_round_trip(form, &[], &rows);
}

#[test]
fn the_id_of_the_row_wins_over_that_of_its_record() {
    for format in [Format::Csv, Format::Jsonl] {
        let form = Form::of(format);
        let own = match format {
            Format::Csv => cells(&["x"]),
            Format::Jsonl => Cells::Object(Object::new()),
        };
        let bytes = render(form, &header(&["a"]), &[(own, Some(record(7)))]);
        assert_eq!(read(form, &bytes).1[0].1.row, Some(1));
    }
}

#[test]
fn a_text_of_workos_never_begins_a_formula() {
    let form = Form::of(Format::Csv);
    for (text, cell) in [
        ("=1+1", "'=1+1"),
        ("+x", "'+x"),
        ("-x", "'-x"),
        ("@x", "'@x"),
        ("\t=x", "' =x"),
        ("a\u{1b}[31m\r\nb", "a [31m  b"),
        ("a=b", "a=b"),
        ("'quoted'", "'quoted'"),
    ] {
        let record = Record {
            message: Some(text.to_owned()),
            ..record(1)
        };
        let bytes = render(form, &header(&["a"]), &[(cells(&["=1"]), Some(record))]);
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let read = reader.records().next().unwrap().unwrap();
        assert_eq!((&read[0], &read[5]), ("=1", cell));
    }
}

proptest! {
    #[test]
    fn any_cells_read_back(
        texts in proptest::collection::vec("[a-z;,\"\n\t|=é ]{0,8}", 3),
        last in "[a-z;,\"é]{1,8}",
        form in proptest::sample::select(forms().collect::<Vec<_>>()),
    ) {
        // Spaces after a separator are skipped by the reader, and lines of blanks are no rows.
        let texts: Vec<&str> = texts.iter().map(|text| text.trim()).chain([last.as_str()]).collect();
        let header = header(&["name", "domain", "notes", "plan"]);
        assert_round_trip(form, &header, &[(cells(&texts), Some(record(1))), (cells(&texts), None)]);
    }
}
