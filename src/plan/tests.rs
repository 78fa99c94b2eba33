//! Which row of a changed list is which row of the journal?

use super::{Edit, Facts, KnownRows, Matching, Origin, Progress, hash_of, match_rows, name_hash};
use crate::organization::Fingerprint;
use crate::results::Status;

/// A row: a name, an external id that may be blank, and how far it has come.
#[derive(Clone, Copy, Debug)]
struct Row(&'static str, &'static str, Progress);

const CREATED: Progress = Progress::Outcome(Status::Created);

impl Row {
    fn list(self) -> Fingerprint {
        Fingerprint(hash_of(Some(&format!("{}|{}", self.0, self.1))))
    }

    fn facts(self, index: usize) -> Facts {
        Facts {
            list: self.list(),
            key: 0,
            external: hash_of(Some(self.1)),
            name: name_hash(self.0),
            content: self.list().0,
            domain: 0,
            likeness: 0,
            line: u32::try_from(index + 2).unwrap(),
            hint: 0,
            owner: 0,
        }
    }
}

/// A journal of the rows of a list, in its order.
struct Journal(Vec<Row>);

impl Journal {
    fn seen(&self, id: u32) -> Option<Row> {
        let row = self.0.get(id.checked_sub(1)? as usize).copied();
        row.filter(|row| row.2 != Progress::Unseen)
    }
}

impl KnownRows for Journal {
    fn last(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap()
    }

    fn progress(&self, id: u32) -> Progress {
        self.seen(id).map_or(Progress::Unseen, |row| row.2)
    }

    fn list(&self, id: u32) -> Fingerprint {
        self.seen(id).map_or(Fingerprint(0), Row::list)
    }

    fn sent(&self, id: u32) -> Fingerprint {
        self.list(id)
    }

    fn external(&self, id: u32) -> u64 {
        self.seen(id).map_or(0, |row| hash_of(Some(row.1)))
    }

    fn owner(&self, id: u32) -> u64 {
        let owner = self.seen(id).filter(|row| row.2.is_done());
        owner.map_or(0, |_| u64::from(id) + 100)
    }

    fn name(&self, id: u32) -> Option<u64> {
        self.seen(id).map(|row| name_hash(row.0))
    }

    fn content_in_list(&self, _: u32) -> u64 {
        0
    }

    fn number(&self, id: u32) -> u64 {
        id.into()
    }
}

fn facts(rows: &[(&'static str, &'static str)]) -> Vec<Facts> {
    let rows = rows.iter().enumerate();
    rows.map(|(index, (name, id))| Row(name, id, Progress::Unseen).facts(index))
        .collect()
}

/// Matches a list with a journal.
fn matched(journal: &[Row], list: &[(&'static str, &'static str)]) -> Matching {
    match_rows(&facts(list), &Journal(journal.to_vec()), Origin::List)
}

fn edit(index: usize, id: u32) -> Edit {
    Edit {
        index,
        id,
        may_be_another: true,
    }
}

#[test]
fn a_row_replaced_by_a_customer_with_another_name_and_id_is_new() {
    let journal = [Row("Acme", "a-1", CREATED), Row("Beta", "b-1", CREATED)];
    let found = matched(&journal, &[("Gamma", "g-1"), ("Beta", "b-1")]);
    assert_eq!(found.ids, [3, 2]);
    assert_eq!((found.new, found.gone.as_slice()), (1, [1].as_slice()));
    assert_eq!(found.edits, []);
}

#[test]
fn a_row_with_another_id_in_the_place_of_a_namesake_may_be_another_customer() {
    for progress in [CREATED, Progress::InDoubt] {
        let journal = [Row("Acme", "a-1", progress), Row("Beta", "b-1", CREATED)];
        let found = matched(&journal, &[("Acme", "a-9"), ("Beta", "b-1")]);
        assert_eq!(found.ids, [1, 2]);
        assert_eq!(found.edits, [edit(0, 1)]);
    }
}

#[test]
fn an_unsent_row_that_moves_into_the_place_of_a_deleted_namesake_may_be_another_customer() {
    let journal = [
        Row("Acme", "a-1", CREATED),
        Row("Acme", "a-2", Progress::Unseen),
    ];
    let found = matched(&journal, &[("Acme", "a-2")]);
    assert_eq!(found.edits, [edit(0, 1)]);
}

#[test]
fn a_changed_id_is_looked_for_at_the_row_with_the_same_name_first() {
    let journal = [Row("Acme", "a-1", CREATED), Row("Beta", "b-1", CREATED)];
    let found = matched(&journal, &[("Beta", "b-01")]);
    assert_eq!(found.ids, [2]);
    assert_eq!(found.edits, [edit(0, 2)]);
    assert_eq!(found.gone, [1]);
}

#[test]
fn a_row_with_the_same_id_and_another_name_may_be_another_customer() {
    let journal = [Row("Acme", "a-1", CREATED), Row("Beta", "b-1", CREATED)];
    let found = matched(&journal, &[("Beta", "b-1"), ("Acme Inc.", "a-1")]);
    assert_eq!(found.ids, [2, 1]);
    assert_eq!(found.edits, [edit(1, 1)]);
}

#[test]
fn a_row_that_names_its_organization_is_the_same_customer_whatever_id_it_has() {
    let journal = Journal(vec![Row("Acme", "0042", CREATED)]);
    let mut rows = facts(&[("Acme", "42")]);
    rows[0].hint = 1;
    rows[0].owner = 101;
    let found = match_rows(&rows, &journal, Origin::Results);
    let same = Edit {
        may_be_another: false,
        ..edit(0, 1)
    };
    assert_eq!(found.edits, [same]);
    rows[0].owner = 0;
    let found = match_rows(&rows, &journal, Origin::Results);
    assert_eq!(found.edits, [edit(0, 1)]);
}

#[test]
fn of_more_rows_alike_those_in_the_place_of_a_journal_row_are_these() {
    let journal = [
        Row("Acme", "", CREATED),
        Row("Acme Inc.", "", CREATED),
        Row("Acme", "", CREATED),
    ];
    // The edit of the second row was undone.
    let found = matched(&journal, &[("Acme", ""), ("Acme", ""), ("Acme", "")]);
    assert_eq!(found.ids, [1, 2, 3]);
    assert_eq!(found.edits, [edit(1, 2)]);
    assert_eq!(found.new, 0);
}

#[test]
fn the_id_that_an_earlier_import_gave_a_row_is_believed_only_if_the_content_agrees() {
    let journal = Journal(vec![
        Row("Acme", "", CREATED),
        Row("Acme", "", CREATED),
        Row("Beta", "", CREATED),
    ]);
    let mut rows = facts(&[("Acme", ""), ("Acme", ""), ("Beta", "")]);
    for (row, hint) in rows.iter_mut().zip([2, 1, 1]) {
        row.hint = hint;
    }
    let found = match_rows(&rows, &journal, Origin::List);
    assert_eq!(found.ids, [2, 1, 3]);
}

/// A journal of rows that are sent alike: a note that is not sent, and how far each has come.
struct Alike(Vec<(&'static str, Progress)>);

impl KnownRows for Alike {
    fn last(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap()
    }

    fn progress(&self, id: u32) -> Progress {
        self.0[id as usize - 1].1
    }

    fn list(&self, _: u32) -> Fingerprint {
        Row("Acme", "", CREATED).list()
    }

    fn sent(&self, id: u32) -> Fingerprint {
        self.list(id)
    }

    fn external(&self, _: u32) -> u64 {
        0
    }

    fn owner(&self, id: u32) -> u64 {
        u64::from(self.progress(id).is_done())
    }

    fn name(&self, _: u32) -> Option<u64> {
        Some(name_hash("Acme"))
    }

    fn content_in_list(&self, id: u32) -> u64 {
        hash_of(Some(self.0[id as usize - 1].0))
    }

    fn number(&self, id: u32) -> u64 {
        id.into()
    }
}

/// Matches rows with these notes and hints, 0 being none.
fn matched_alike(known: &Alike, rows: &[(&str, u32)], origin: Origin) -> Matching {
    let rows = rows.iter().enumerate();
    let rows = rows.map(|(index, (note, hint))| Facts {
        content: hash_of(Some(note)),
        hint: *hint,
        ..Row("Acme", "", CREATED).facts(index)
    });
    match_rows(&rows.collect::<Vec<_>>(), known, origin)
}

#[test]
fn rows_that_are_sent_alike_are_told_apart_by_the_cells_that_they_had_in_the_list() {
    let known = Alike(vec![("a", CREATED), ("b", CREATED), ("c", CREATED)]);
    for origin in [Origin::List, Origin::Results] {
        let found = matched_alike(&known, &[("c", 0), ("a", 0), ("b", 0)], origin);
        assert_eq!(found.ids, [3, 1, 2]);
        assert_eq!(found.replaced, []);
    }
    // The second was deleted.
    let found = matched_alike(&known, &[("a", 0), ("c", 0)], Origin::List);
    assert_eq!((found.ids, found.gone), (vec![1, 3], vec![2]));
}

#[test]
fn a_wrong_number_does_not_make_a_row_another_one_that_is_sent_alike() {
    let known = Alike(vec![("a", CREATED), ("b", CREATED)]);
    let found = matched_alike(&known, &[("b", 1), ("a", 2)], Origin::Results);
    assert_eq!(found.ids, [2, 1]);
    // One whose other cells were edited is still the one with its number.
    let found = matched_alike(&known, &[("edited", 2), ("a", 1)], Origin::Results);
    assert_eq!(found.ids, [2, 1]);
}

#[test]
fn a_row_that_takes_the_place_of_one_that_is_sent_alike_is_named() {
    let known = Alike(vec![("a", CREATED), ("b", CREATED)]);
    let found = matched_alike(&known, &[("a", 0), ("c", 0)], Origin::List);
    assert_eq!(found.ids, [1, 2]);
    assert_eq!(found.replaced, [(1, 2)]);
}

#[test]
fn of_journal_rows_with_the_same_cells_one_that_has_an_organization_comes_first() {
    let failed = Progress::Outcome(Status::Failed);
    let known = Alike(vec![("a", failed), ("a", CREATED), ("b", CREATED)]);
    let found = matched_alike(&known, &[("b", 0), ("a", 0)], Origin::List);
    assert_eq!(found.ids, [3, 2]);
}
