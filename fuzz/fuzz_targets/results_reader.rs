//! Any bytes at all, read as a results file.
//!
//! The first byte says how. Whatever they are, the reader ends; its records stand one behind the
//! other; and a file cut off where its last whole record ends holds the same records and nothing
//! torn, which is how a crash is mended.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::path::Path;
use std::sync::LazyLock;
use workos_orgs::input::{InputFormat, ReadOptions, Reader, Source};
use workos_orgs::results::{Layout, Scan};
use workos_orgs::table::Format;

static DIRECTORY: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

/// What every results file of the header `name,domain` begins with.
const CSV_HEADER: &str = "name,domain,workos_status,workos_organization_id,workos_error,workos_code,workos_message,workos_http_status,workos_request_id,workos_attempts,workos_existing_organization_id,workos_row,workos_finished_at\n";

struct Scanned {
    said: Vec<String>,
    end: u64,
    torn: bool,
}

fn scan(path: &Path, format: Format, header: &[String]) -> Option<Scanned> {
    let mut scan = Scan::open(path, format, header).unwrap()?;
    let mut scanned = Scanned {
        said: Vec::new(),
        end: scan.end(),
        torn: false,
    };
    for entry in &mut scan {
        let entry = entry.ok()?;
        assert!(scanned.end <= entry.start && entry.start < entry.end);
        scanned.end = entry.end;
        scanned
            .said
            .push(format!("{:?} {:?}", entry.cells, entry.said));
    }
    assert_eq!(scan.end(), scanned.end);
    scanned.torn = scan.torn();
    Some(scanned)
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
    let header = ["name".to_owned(), "domain".to_owned()];
    let has_header = way & 2 == 0 && format == Format::Csv;
    let before = if has_header { CSV_HEADER } else { "" };
    std::fs::write(&path, [before.as_bytes(), content].concat()).unwrap();
    let length = (before.len() + content.len()) as u64;

    if let Some(first) = scan(&path, format, &header) {
        assert!(first.end <= length);
        std::fs::OpenOptions::new()
            .write(true)
            .open(&path)
            .and_then(|file| file.set_len(first.end))
            .unwrap();
        let again = scan(&path, format, &header).expect("what was read once is read again");
        assert!(!again.torn, "the cut left something torn");
        assert_eq!(again.end, first.end);
        assert_eq!(again.said, first.said);
    }

    // As a spreadsheet may have saved it: read like an input, divided by its own header.
    let options = ReadOptions {
        format: Some(if format == Format::Csv {
            InputFormat::Csv
        } else {
            InputFormat::Jsonl
        }),
        ..ReadOptions::default()
    };
    if let Ok(reader) = Reader::open(&Source::File(path), &options) {
        let layout = Layout::of(reader.header());
        assert!(layout.original_header().len() <= reader.header().len());
        for row in reader.map_while(Result::ok) {
            let (_, said) = layout.split(row.cells);
            if let Some(record) = said.record {
                assert_eq!(said.row.unwrap_or_default(), record.row);
            }
        }
    }
});
