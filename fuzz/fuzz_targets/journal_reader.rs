//! Any bytes, read as a journal.
//!
//! The first byte says whether they follow a valid beginning. Replay ends with a state or an error. A
//! journal that is cut where its last whole line ends has the same state and no incomplete line: this
//! is how a crash is repaired. Every row that the state knows can be read back.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::path::PathBuf;
use std::sync::LazyLock;
use workos_orgs::journal::{Reader, State};

static DIRECTORY: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

/// The first two lines of a journal.
const BEGINNING: &str = r#"{"journal":{"schema":1,"program":"workos-orgs 0.1.0"}}
{"run":{"command":"import","is_whole":true,"program":"workos-orgs 0.1.0","pid":1,"at":"2026-01-01T00:00:00Z","api":"sandbox","environment":"sandbox","key":"k","list":{"name":"a.csv","digest":"d","read":{},"read_as":"CSV","format":"csv","columns":["name"]},"mapping":{"name":"name"},"numbering":[[1,1,9]],"baseline":{"at":null,"newest":null}}}
"#;

/// How many rows are read back: a line can name a row with any number.
const ROWS: u64 = 1_000;

fuzz_target!(|data: &[u8]| {
    let Some((&way, content)) = data.split_first() else {
        return;
    };
    let path: PathBuf = DIRECTORY.path().join("fuzz.results.journal");
    let before = if way % 2 == 0 { BEGINNING } else { "" };
    std::fs::write(&path, [before.as_bytes(), content].concat()).unwrap();
    let Ok(Some(state)) = State::read(&path) else {
        return;
    };
    let length = (before.len() + content.len()) as u64;
    assert!(state.end() <= length);
    assert_eq!(state.is_torn(), state.end() < length);

    let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(state.end()).unwrap();
    let Some(again) = State::read(&path).expect("what was read once is read again") else {
        assert_eq!(state.end(), 0);
        return;
    };
    assert!(!again.is_torn(), "the cut left an incomplete line");
    assert_eq!(again.counts(), state.counts());
    assert_eq!(again.runs(), state.runs());

    let mut reader = Reader::open(&path).unwrap();
    for row in 1..=again.rows().min(ROWS) {
        let record = reader.record(&again, row).expect("a row is read back");
        assert_eq!(record.is_some(), again.row(row).is_some());
        assert_eq!(again.progress(row), state.progress(row));
        reader.dispatched(&again, row).expect("a row is read back");
    }
});
