//! Any bytes, read as a results file that a user has edited.
//!
//! The first byte says how. The layout divides each row into the user's cells and the results. Rendered
//! again with the same results, the file reads back the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::path::Path;
use std::sync::LazyLock;
use workos_orgs::input::{InputFormat, ReadOptions, Reader, Source};
use workos_orgs::results::{Form, Layout, Place, RecordedState, Renderer};
use workos_orgs::table::{Cells, Format};

static DIRECTORY: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

/// The header of a results file of a list with the columns `name,domain`.
const CSV_HEADER: &str = "name,domain,workos_status,workos_organization_id,workos_error,workos_code,workos_message,workos_http_status,workos_request_id,workos_attempts,workos_existing_organization_id,workos_changes,workos_row,workos_line,workos_finished_at\n";

struct Results {
    header: Vec<String>,
    rows: Vec<(Cells, RecordedState)>,
}

fn read(path: &Path, format: Format) -> Option<Results> {
    let format = match format {
        Format::Csv => InputFormat::Csv,
        Format::Jsonl => InputFormat::Jsonl,
    };
    let options = ReadOptions {
        format: Some(format),
        encoding: Some("utf-8".to_owned()),
        delimiter: (format == InputFormat::Csv).then_some(b','),
        ..ReadOptions::default()
    };
    let reader = Reader::open(&Source::File(path.to_owned()), &options).ok()?;
    let layout = Layout::of(reader.header());
    assert!(layout.original_header().len() <= reader.header().len());
    let mut rows = Vec::new();
    for row in reader {
        rows.push(layout.split(row.ok()?.cells));
    }
    Some(Results {
        header: layout.original_header().to_vec(),
        rows,
    })
}

fuzz_target!(|data: &[u8]| {
    let Some((&way, content)) = data.split_first() else {
        return;
    };
    let path = DIRECTORY.path().join("results");
    let format = if way % 2 == 0 {
        Format::Csv
    } else {
        Format::Jsonl
    };
    let has_header = way & 2 == 0 && format == Format::Csv;
    let before = if has_header { CSV_HEADER } else { "" };
    std::fs::write(&path, [before.as_bytes(), content].concat()).unwrap();
    let Some(first) = read(&path, format) else {
        return;
    };
    for (_, recorded) in &first.rows {
        if let Some(record) = &recorded.record {
            assert_eq!(recorded.row.unwrap_or_default(), record.row);
        }
    }

    let mut out = Vec::new();
    let mut renderer = Renderer::new(&mut out, &Form::of(format), &first.header).unwrap();
    for ((cells, recorded), number) in first.rows.iter().zip(1..) {
        let record = recorded.record.as_ref();
        let place = Place { row: number, line: recorded.line };
        renderer.row(cells, place, record).unwrap();
    }
    renderer.finish().unwrap();
    std::fs::write(&path, out).unwrap();
    let Some(again) = read(&path, format) else {
        return; // A header of the user's may be ambiguous without its own quotes.
    };
    let statuses = |results: &Results| -> Vec<_> {
        let records = results
            .rows
            .iter()
            .map(|(_, recorded)| recorded.record.as_ref());
        records.map(|record| record.map(|it| it.status)).collect()
    };
    if again.rows.len() == first.rows.len() {
        assert_eq!(statuses(&again), statuses(&first));
    }
});
