//! What can be taken back, whatever has happened to the changes.

use super::*;
use crate::organization::{Content, Left};

const ID: &str = "org_1";

fn named(name: &str) -> Content {
    Content {
        name: name.to_owned(),
        ..Content::default()
    }
}

fn with_key(name: &str, key: &str) -> Content {
    Content {
        metadata: [(key.to_owned(), "yes".to_owned())].into(),
        ..named(name)
    }
}

/// A journal of which each run changes the same organization.
struct Story {
    place: Place,
    journal: Option<Journal>,
}

impl Story {
    fn new() -> Self {
        Self {
            place: Place::new(),
            journal: None,
        }
    }

    fn run(&mut self, command: Command) -> &mut Journal {
        self.journal = None;
        let run = Run { command, ..run() };
        let state = self.place.read();
        let journal = Journal::begin(Arc::new(Disk), &self.place.path, state, run).unwrap();
        self.journal.insert(journal)
    }

    /// A run that changes the organization, with its outcome, if it came to one.
    fn change(&mut self, command: Command, change: (Content, Content), end: Option<(Status, u32)>) {
        let (before, after) = change;
        let update = UpdateOf {
            organization_id: ID.to_owned(),
            before,
            after,
            domain_states: BTreeMap::new(),
        };
        let row = DispatchedRow {
            update: Some(Box::new(update)),
            ..dispatched_row(1)
        };
        let journal = self.run(command);
        let rows = vec![row];
        journal.dispatch(Dispatched { at: None, rows }).unwrap();
        if let Some((status, attempts)) = end {
            let outcome = Outcome {
                organization_id: Some(ID.to_owned()),
                attempts,
                ..outcome(1, status)
            };
            journal.outcome(outcome).unwrap();
        }
        journal.flush().unwrap();
    }

    fn sync(&mut self, before: Content, after: Content, end: Option<(Status, u32)>) {
        self.change(Command::Sync, (before, after), end);
    }

    fn undo(&mut self, before: Content, after: Content, end: Option<(Status, u32)>) {
        self.change(Command::Undo, (before, after), end);
    }

    fn created(&mut self, name: &str) {
        let row = DispatchedRow {
            sent: Some(named(name).fingerprint()),
            name: name.to_owned(),
            ..dispatched_row(1)
        };
        let rows = vec![row];
        let journal = self.run(Command::Import);
        journal.dispatch(Dispatched { at: None, rows }).unwrap();
        self.found(name);
    }

    /// A run that finds the organization of a row that an earlier one has sent.
    fn found(&mut self, name: &str) {
        let outcome = Outcome {
            organization_id: Some(ID.to_owned()),
            sent: Some(named(name).fingerprint()),
            name: name.to_owned(),
            ..outcome(1, Status::Created)
        };
        let journal = self.run(Command::Import);
        journal.outcome(outcome).unwrap();
        journal.flush().unwrap();
    }

    fn made(&self, only: Option<u64>) -> Option<Made> {
        let state = self.place.read().unwrap();
        let made = made(&self.place.path, &state, only).unwrap();
        let mut made = made.organizations;
        assert!(made.len() <= 1);
        made.pop()
    }

    /// To what it is restored, and what it may hold until then.
    fn restored(&self, only: Option<u64>) -> Option<(Content, Vec<Content>)> {
        let changed = self.made(only)?.changed?;
        Some((changed.before, changed.left))
    }
}

const UPDATED: Option<(Status, u32)> = Some((Status::Updated, 1));

#[test]
fn an_undo_that_was_cut_off_is_repeated() {
    let mut story = Story::new();
    story.sync(named("A"), named("B"), UPDATED);
    story.undo(named("B"), named("A"), None);
    let (before, left) = story.restored(None).unwrap();
    assert_eq!(before, named("A"));
    assert!(left.contains(&named("B")));
    story.undo(named("B"), named("A"), Some((Status::Unchanged, 1)));
    assert_eq!(story.restored(None), None, "it is done");
    story.sync(named("A"), named("C"), UPDATED);
    assert_eq!(
        story.restored(None),
        Some((named("A"), vec![named("C")])),
        "a later sync is another change"
    );
}

#[test]
fn what_others_have_changed_between_two_syncs_stays() {
    let mut story = Story::new();
    story.sync(named("A"), named("B"), UPDATED);
    story.sync(with_key("B", "app"), with_key("C", "app"), UPDATED);
    let back = (with_key("A", "app"), vec![with_key("C", "app")]);
    assert_eq!(story.restored(None), Some(back));
    let mut story = Story::new();
    story.sync(named("A"), named("B"), UPDATED);
    story.sync(named("Theirs"), named("C"), UPDATED);
    assert_eq!(
        story.restored(None),
        Some((named("Theirs"), vec![named("C")]))
    );
}

#[test]
fn a_change_that_failed_or_was_cut_off_leaves_either_value() {
    for end in [
        None,
        Some((Status::Failed, 1)),
        Some((Status::Unavailable, 3)),
    ] {
        let mut story = Story::new();
        story.sync(named("A"), named("B"), UPDATED);
        story.sync(named("B"), named("C"), end);
        let (before, left) = story.restored(None).unwrap();
        assert_eq!((before, left), (named("A"), vec![named("B"), named("C")]));
    }
}

#[test]
fn a_change_that_was_never_sent_is_none() {
    let mut story = Story::new();
    story.sync(named("A"), named("B"), Some((Status::Conflict, 0)));
    assert_eq!(story.made(None), None);
    story.sync(named("A"), named("B"), UPDATED);
    story.sync(named("B"), named("C"), Some((Status::Conflict, 0)));
    assert_eq!(story.restored(None), Some((named("A"), vec![named("B")])));
}

#[test]
fn a_run_that_repeats_the_outcome_of_an_earlier_one_does_not_end_the_change() {
    let mut story = Story::new();
    story.sync(named("A"), named("B"), UPDATED);
    story.sync(named("B"), named("C"), None);
    let repeated = Outcome {
        organization_id: Some(ID.to_owned()),
        ..outcome(1, Status::Updated)
    };
    let journal = story.run(Command::Sync);
    journal.outcome(repeated).unwrap();
    journal.flush().unwrap();
    let (_, left) = story.restored(None).unwrap();
    assert_eq!(left, [named("B"), named("C")]);
}

#[test]
fn one_run_is_taken_back_only_where_no_later_one_has_changed_the_organization() {
    let mut story = Story::new();
    story.sync(named("A"), named("B"), UPDATED);
    story.sync(named("B"), named("C"), UPDATED);
    assert_eq!(
        story.restored(Some(2)),
        Some((named("B"), vec![named("C")]))
    );
    let (_, left) = story.restored(Some(1)).unwrap();
    assert_eq!(left, [named("B")], "it is another name by now: it is left");
    story.undo(named("C"), named("B"), Some((Status::Unchanged, 1)));
    assert_eq!(story.restored(Some(2)), None);
    assert_eq!(
        story.restored(Some(1)),
        Some((named("A"), vec![named("B")]))
    );
    assert_eq!(story.restored(None), Some((named("A"), vec![named("B")])));
}

#[test]
fn what_only_a_results_file_says_to_be_created_is_not_taken_back() {
    let mut story = Story::new();
    let claimed = Outcome {
        organization_id: Some(ID.to_owned()),
        ..outcome(1, Status::Created)
    };
    story.run(Command::Import).outcome(claimed).unwrap();
    story.journal.as_mut().unwrap().flush().unwrap();
    let state = story.place.read().unwrap();
    let made = made(&story.place.path, &state, None).unwrap();
    assert_eq!((made.organizations.len(), made.claimed), (0, 1));
    story.sync(named("A"), named("B"), UPDATED);
    assert_eq!(
        story.restored(None),
        Some((named("A"), vec![named("B")])),
        "it was there before"
    );
}

#[test]
fn an_organization_that_others_changed_after_it_was_created_is_not_deleted() {
    let mut story = Story::new();
    story.created("A");
    assert!(story.made(None).unwrap().left().is(&named("A")));
    assert!(
        !story.made(None).unwrap().left().is(&named("a")),
        "a rename"
    );
    story.sync(named("A"), named("B"), UPDATED);
    let left = story.made(None).unwrap().left();
    assert!(left.is(&named("B")) && !left.is(&named("A")));
    story.sync(with_key("B", "app"), with_key("C", "app"), UPDATED);
    assert_eq!(story.made(None).unwrap().left(), Left::ByOthers);
}

#[test]
fn an_organization_is_left_as_it_was_sent_though_its_row_was_edited_before_it_was_found() {
    let mut story = Story::new();
    let row = DispatchedRow {
        sent: Some(named("A").fingerprint()),
        name: "A".to_owned(),
        ..dispatched_row(1)
    };
    let journal = story.run(Command::Import);
    let rows = vec![row];
    journal.dispatch(Dispatched { at: None, rows }).unwrap();
    story.found("B");
    let left = |only| story.made(only).unwrap().left();
    assert!(left(None).is(&named("A")));
    assert!(left(Some(2)).is(&named("A")), "the run that has found it");
    assert_eq!(story.made(Some(1)), None);
}
