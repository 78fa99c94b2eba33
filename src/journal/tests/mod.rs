//! What a journal promises.

mod crash;
mod disturbed;
mod made;
mod model;
mod speed;

use super::*;
use crate::organization::Fingerprint;
use crate::results::{Record, Status};
use crate::storage::Disk;
use crate::table::Format;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use tempfile::TempDir;

/// A journal in a directory of its own.
struct Place {
    _directory: TempDir,
    path: PathBuf,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self {
            path: directory.path().join("customers.results.journal"),
            _directory: directory,
        }
    }

    fn begin(&self) -> Journal {
        Journal::begin(Arc::new(Disk), &self.path, self.read(), run()).unwrap()
    }

    fn read(&self) -> Option<State> {
        State::read(&self.path).unwrap()
    }

    fn content(&self) -> Vec<u8> {
        std::fs::read(&self.path).unwrap()
    }
}

fn run() -> Run {
    Run {
        command: Command::Import,
        is_whole: true,
        program: "workos-orgs 0.1.0".to_owned(),
        pid: 4711,
        at: second(0),
        api: "https://api.workos.com".to_owned(),
        environment: "staging".to_owned(),
        key: "k1".to_owned(),
        key_hint: Some("9f3c".to_owned()),
        list: List {
            name: "customers.csv".to_owned(),
            digest: "d1".to_owned(),
            read: crate::input::ReadOptions::default(),
            read_as: "CSV".to_owned(),
            sheet: None,
            format: Format::Csv,
            columns: vec!["Name".to_owned()],
        },
        mapping: serde_json::from_str(r#"{"name":"Name"}"#).unwrap(),
        numbering: Numbering::identity(20),
        keys: Vec::new(),
        baseline: Baseline::default(),
        generated: None,
        repeats: None,
        sync: None,
        is_incomplete: false,
    }
}

pub(super) fn second(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

/// A row as it is dispatched. Every third differs from the list, every fifth has an external id.
fn dispatched_row(row: u64) -> DispatchedRow {
    DispatchedRow {
        row,
        list: Fingerprint(row * 10),
        sent: row.is_multiple_of(3).then_some(Fingerprint(row * 10 + 1)),
        cells: row.is_multiple_of(2).then_some(Fingerprint(row * 10 + 2)),
        name: format!("Acme \"{row}\" é"),
        external_id: row.is_multiple_of(5).then(|| format!("id\\{row}")),
        update: None,
    }
}

pub(super) fn dispatched(rows: &[u64], at: Option<Timestamp>) -> Dispatched {
    Dispatched {
        at,
        rows: rows.iter().map(|row| dispatched_row(*row)).collect(),
    }
}

pub(super) fn outcome(row: u64, status: Status) -> Outcome {
    let own = dispatched_row(row);
    let record = Record {
        organization_id: status.is_done().then(|| format!("org_{row}")),
        message: Some("said \"so\"\n".to_owned()),
        attempts: 1,
        finished_at: Some(second(7)),
        ..Record::new(row, status)
    };
    Outcome::new(record, own.list, own.sent, own.name, own.external_id).with_cells(own.cells)
}

fn ended(is_verified: bool) -> Ended {
    Ended {
        at: second(100),
        is_finished: true,
        is_verified,
        results: None,
        duplicates: Vec::new(),
    }
}

#[test]
fn the_journal_has_the_name_of_the_results() {
    for (results, journal) in [
        ("a/customers.results.csv", "a/customers.results.journal"),
        ("customers.results.JSONL", "customers.results.journal"),
        ("results", "results.journal"),
        ("out.v2", "out.v2.journal"),
        (".csv", ".csv.journal"),
    ] {
        assert_eq!(journal_path(Path::new(results)), Path::new(journal));
    }
}

#[test]
fn no_file_and_an_empty_file_are_no_journal() {
    let place = Place::new();
    assert_eq!(place.read(), None);
    std::fs::write(&place.path, "").unwrap();
    assert_eq!(place.read(), None);
}

#[test]
fn a_row_reads_back_with_everything() {
    let place = Place::new();
    let mut journal = place.begin();
    journal.dispatch(dispatched(&[5, 6, 7], None)).unwrap();
    let (created, failed) = (outcome(5, Status::Created), outcome(6, Status::Failed));
    journal.outcome(created.clone()).unwrap();
    journal.outcome(failed.clone()).unwrap();
    assert_eq!(journal.outcome_of(5).unwrap(), Some(created.clone()));
    assert_eq!(
        journal.record(6).unwrap(),
        Some(failed.clone().into_record())
    );
    assert_eq!(journal.record(7).unwrap().unwrap().status, Status::Unknown);
    assert_eq!(journal.outcome_of(7).unwrap(), None);
    assert_eq!(journal.record(4).unwrap(), None);
    for row in 5..8 {
        let own = journal.dispatched_row(row).unwrap();
        assert_eq!(own, Some(dispatched_row(row)));
    }
    journal.flush().unwrap();
    let state = place.read().unwrap();
    let mut reader = Reader::open(&place.path).unwrap();
    assert_eq!(reader.outcome(&state, 5).unwrap(), Some(created));
    let known = state.row(5).unwrap();
    assert_eq!(known.organization, Some(id_hash("org_5")));
    assert_eq!(known.external_id, Some(id_hash("id\\5")));
    assert_eq!(state.owned().collect::<Vec<_>>(), [(5, id_hash("org_5"))]);
}

#[test]
fn rows_are_found_by_what_they_were() {
    let place = Place::new();
    let mut journal = place.begin();
    journal.dispatch(dispatched(&[3, 4, 10], None)).unwrap();
    let mut copy = outcome(9, Status::Invalid);
    copy.list = Fingerprint(40);
    copy.sent = None;
    journal.outcome(copy).unwrap();
    let state = journal.state();
    assert_eq!(
        state.rows_with_sent(Fingerprint(31)).collect::<Vec<_>>(),
        [3]
    );
    assert_eq!(state.rows_with_sent(Fingerprint(30)).count(), 0);
}

#[test]
fn withdrawn_rows_are_again_what_they_were() {
    let place = Place::new();
    let mut journal = place.begin();
    let refused = outcome(2, Status::Failed);
    journal.outcome(refused.clone()).unwrap();
    journal.dispatch(dispatched(&[1, 2, 3], None)).unwrap();
    journal.outcome(outcome(3, Status::Created)).unwrap();
    journal.withdraw().unwrap();
    assert_eq!(journal.state().progress(1), Progress::Unseen);
    assert_eq!(journal.outcome_of(2).unwrap(), Some(refused));
    let created = Progress::Outcome(Status::Created);
    assert_eq!(journal.state().progress(3), created);
    assert_eq!(journal.state().rows_in_doubt().count(), 0);
    let read = State::read(&place.path).unwrap().unwrap();
    assert_eq!(&read, journal.state());
}

#[test]
fn rows_in_doubt_that_were_not_created_are_as_if_they_were_never_sent() {
    let place = Place::new();
    let mut journal = place.begin();
    journal.dispatch(dispatched(&[1, 2, 3], None)).unwrap();
    journal.outcome(outcome(2, Status::Unknown)).unwrap();
    journal.outcome(outcome(3, Status::Created)).unwrap();
    journal.not_created(vec![1, 2, 3]).unwrap();
    let state = place.read().unwrap();
    assert_eq!(&state, journal.state());
    assert_eq!(state.progress(1), Progress::Unseen);
    assert_eq!(state.progress(2), Progress::Unseen);
    assert_eq!(state.progress(3), Progress::Outcome(Status::Created));
    assert_eq!(state.counts().total(), 1);
}

#[test]
fn the_numbering_of_the_results_file_is_remembered_until_a_run_writes_the_file() {
    let place = Place::new();
    let numbered = |rows| Run {
        numbering: Numbering::identity(rows),
        ..run()
    };
    let begin =
        |rows| Journal::begin(Arc::new(Disk), &place.path, place.read(), numbered(rows)).unwrap();
    let mut journal = begin(3);
    assert_eq!(journal.state().numbering_before(), None);
    journal.dispatch(dispatched(&[1], None)).unwrap();
    drop(journal);
    // Two runs are cut off before they write the file.
    drop(begin(4));
    let mut journal = begin(5);
    let before = Numbering::identity(3);
    assert_eq!(journal.state().numbering_before(), Some(&before));
    assert_eq!(place.read().unwrap().numbering_before(), Some(&before));
    journal.dispatch(dispatched(&[2], None)).unwrap();
    assert_eq!(journal.state().numbering_before(), None);
}

#[test]
fn doubt_begins_with_the_first_dispatch_and_ends_after_the_last_sign_of_life() {
    let place = Place::new();
    let mut journal = place.begin();
    journal
        .dispatch(dispatched(&[1, 2], Some(second(10))))
        .unwrap();
    journal
        .alive(Alive {
            at: Some(second(20)),
        })
        .unwrap();
    let doubt = |journal: &Journal, row| journal.state().doubt(row);
    let (since, until) = (Some(second(10)), Some(second(80)));
    assert_eq!(doubt(&journal, 1), Some(Doubt { since, until }));
    drop(journal);
    // The next process is cut off before it has looked row 1 up.
    let mut journal = place.begin();
    journal
        .dispatch(dispatched(&[1], Some(second(500))))
        .unwrap();
    let until = Some(second(560));
    assert_eq!(doubt(&journal, 1), Some(Doubt { since, until }));
    let until = Some(second(80));
    assert_eq!(doubt(&journal, 2), Some(Doubt { since, until }));
    journal.outcome(outcome(1, Status::Unknown)).unwrap();
    assert_eq!(doubt(&journal, 1).unwrap().since, since);
    journal.outcome(outcome(1, Status::Failed)).unwrap();
    assert_eq!(doubt(&journal, 1), None);
    journal.dispatch(dispatched(&[1], None)).unwrap();
    assert_eq!(doubt(&journal, 1), Some(Doubt::default()));
    assert_eq!(doubt(&journal, 3), None);
}

#[test]
fn a_comparison_is_due_until_a_run_ends_with_one() {
    let place = Place::new();
    let mut journal = place.begin();
    journal.dispatch(dispatched(&[1], None)).unwrap();
    assert!(!journal.needs_comparison());
    assert!(place.read().unwrap().needs_comparison());
    drop(journal);
    let mut journal = place.begin();
    assert!(journal.needs_comparison());
    let lost = |at| AnswerLost {
        at: second(at),
        patience: 10,
    };
    journal.answer_lost(lost(5)).unwrap();
    let length = place.content().len();
    journal.answer_lost(lost(6)).unwrap();
    assert_eq!(place.content().len(), length);
    assert!(journal.state().comparison_due() >= Some(second(16)));
    journal.answer_lost(lost(9)).unwrap();
    assert!(journal.state().comparison_due() >= Some(second(19)));
    journal.end(ended(false)).unwrap();
    assert!(place.read().unwrap().needs_comparison());
    journal.end(ended(true)).unwrap();
    let state = place.read().unwrap();
    assert!(!state.needs_comparison() && state.has_ended());
    assert_eq!(state.comparison_due(), None);
}

#[test]
fn an_organization_is_not_forgotten_when_its_row_fails_later() {
    let place = Place::new();
    let mut journal = place.begin();
    journal.outcome(outcome(1, Status::Created)).unwrap();
    journal.outcome(outcome(1, Status::Failed)).unwrap();
    assert_eq!(journal.state().owned().count(), 1);
    assert_eq!(journal.state().counts().total(), 1);
}

#[test]
fn a_row_id_that_cannot_be_is_refused_before_anything_is_written() {
    let place = Place::new();
    let mut journal = place.begin();
    let before = place.content();
    assert!(journal.dispatch(dispatched(&[1, 0], None)).is_err());
    assert!(journal.outcome(outcome(1 << 40, Status::Failed)).is_err());
    assert_eq!(place.content(), before);
    assert_eq!(journal.state().rows(), 0);
}
