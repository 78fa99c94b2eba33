//! Which row of a list is which row of the journal?
//!
//! In this order, each journal row at most once:
//! 1. the id that a results file gives the row, or an earlier import of the same list, if its
//!    content agrees; in a results file also if neither the row nor the id has an organization;
//! 2. where several rows are one organization, what these have in common;
//! 3. the content: the row as it was in the list, or what was sent for it. Rows that are sent alike
//!    are told apart by all their cells, before anything else;
//! 4. the external id;
//! 5. in a results file, the id or the organization that it gives the row: a corrected row;
//! 6. the place: a row between the same neighbours is the same row, edited. In a results file, from
//!    which users drop rows that are done, only a row that is not done is recognized so. Where
//!    name and external id both differ, it is another customer in the place of the first. Rows with
//!    another name come last, after
//! 7. where the caller asks for it, the [likeness](super::Alike) to a customer whose row is gone.
//!
//! Everything else is new.

use super::facts::Facts;
use super::known::{KnownRows, Progress};
use std::collections::{HashMap, HashSet, VecDeque};

/// Where the rows come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A list.
    List,
    /// A results file of this program.
    Results,
}

/// The result of a matching.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matching {
    /// The id of each row, in the order of the rows. New rows, and rows of a list that are in the place
    /// of others for which nothing was done, have ids above those of the journal.
    pub ids: Vec<u32>,
    /// Rows whose content is not what their journal row was.
    pub edits: Vec<Edit>,
    /// Rows that are sent like others, and whose other cells are not those of their journal row: by
    /// their places and ids.
    pub replaced: Vec<(usize, u32)>,
    /// Journal rows with an organization, or perhaps one, that no row matches.
    pub gone: Vec<u32>,
    /// How many rows are new.
    pub new: u64,
}

/// A row whose content is not what its journal row was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The place of the row, counted from 0.
    pub index: usize,
    /// Its id in the journal.
    pub id: u32,
    /// Whether it has another name or another external id, or is only like the customer, so that it
    /// may be another one.
    pub may_be_another: bool,
}

/// Matches the rows of a list with those of the journal.
pub fn match_rows(rows: &[Facts], known: &impl KnownRows, origin: Origin) -> Matching {
    Matcher::new(rows, known, origin).finish()
}

/// As what several rows, or several journal rows, are sent.
fn shared(rows: &[Facts], known: &impl KnownRows) -> HashSet<u64> {
    let mut contents: Vec<u64> = rows.iter().map(|row| row.list.0).collect();
    let mut shared = repeated(&mut contents);
    contents.clear();
    for id in 1..=known.last() {
        let (list, sent) = (known.list(id).0, known.sent(id).0);
        contents.push(list);
        contents.extend((sent != list).then_some(sent));
    }
    shared.extend(repeated(&mut contents));
    shared.remove(&0);
    shared
}

fn repeated(contents: &mut [u64]) -> HashSet<u64> {
    contents.sort_unstable();
    let pairs = contents.iter().zip(contents.iter().skip(1));
    pairs
        .filter_map(|(one, next)| (one == next).then_some(*one))
        .collect()
}

/// A key of a journal row.
type KeyOf<K> = fn(&K, u32) -> u64;

/// What a row was in the list, and what was sent for it.
const fn content_keys<K: KnownRows>() -> [KeyOf<K>; 2] {
    [|known, id| known.list(id).0, |known, id| known.sent(id).0]
}

/// A matching in which rows with another name are not matched by their place yet.
#[derive(Debug)]
pub struct Matcher<'a, K> {
    rows: &'a [Facts],
    known: &'a K,
    origin: Origin,
    /// The id of each row; 0 while it has none.
    ids: Vec<u32>,
    /// Whether a row has this id.
    taken: Vec<bool>,
    /// The places of rows that were matched by something else than their content.
    edited: Vec<usize>,
    /// The places of rows that were matched by their place, or because they are like a customer whose
    /// row is gone, and whether it is for the latter.
    guessed: HashMap<usize, bool>,
    /// See [`Matching::replaced`].
    replaced: Vec<(usize, u32)>,
    /// As what several rows, or several journal rows, are sent.
    shared: HashSet<u64>,
}

impl<'a, K: KnownRows> Matcher<'a, K> {
    /// Matches rows by everything but their place, and by that where they have the same name.
    pub fn new(rows: &'a [Facts], known: &'a K, origin: Origin) -> Self {
        let mut matcher = Self {
            rows,
            known,
            origin,
            ids: vec![0; rows.len()],
            taken: vec![false; known.last() as usize + 1],
            edited: Vec::new(),
            guessed: HashMap::new(),
            replaced: Vec::new(),
            shared: shared(rows, known),
        };
        matcher.by_agreeing_hint(Self::is_certain);
        matcher.by_all_cells();
        matcher.by_agreeing_hint(|_, _, _| true);
        if origin == Origin::Results {
            matcher.by_hint(|known, id, row| {
                let is_other = ![0, row.key].contains(&known.key(id)) && row.key != 0;
                row.owner == 0 && !known.progress(id).may_own() && !is_other
            });
        }
        matcher.by_one_key(K::key, |row| row.key);
        matcher.by_key(&content_keys(), |row| row.list.0, Self::pair_alike);
        matcher.by_one_key(K::external, |row| row.external);
        if origin == Origin::Results {
            matcher.by_hint(|_, _, _| true);
        }
        let pairs = matcher.by_place(Self::with_same_name);
        matcher.guess(pairs, false);
        matcher
    }

    /// The places of the rows that are not matched.
    pub fn open_rows(&self) -> impl Iterator<Item = usize> {
        self.open().map(|(index, _)| index)
    }

    /// The journal rows with an organization, or perhaps one, that are not matched.
    pub fn missing(&self) -> impl Iterator<Item = u32> {
        let free = self.free_ids();
        free.filter(|id| self.known.progress(*id).may_own())
    }

    /// Matches rows with customers whose rows are gone and that they are like.
    pub fn take_likely(&mut self, pairs: Vec<(usize, u32)>) {
        self.guess(pairs, true);
    }

    /// Matches the rest by its place; what is left then is new.
    pub fn finish(mut self) -> Matching {
        let pairs = self.by_place(Self::in_order);
        self.guess(pairs, false);
        self.matching()
    }

    fn is_free(&self, id: u32) -> bool {
        id > 0 && self.taken.get(id as usize) == Some(&false)
    }

    fn assign(&mut self, index: usize, id: u32) {
        if let (Some(slot), Some(taken)) =
            (self.ids.get_mut(index), self.taken.get_mut(id as usize))
        {
            *slot = id;
            *taken = true;
        }
    }

    /// The rows that have no id yet, with their places.
    fn open(&self) -> impl Iterator<Item = (usize, &Facts)> {
        let rows = self.rows.iter().enumerate().zip(&self.ids);
        rows.filter(|(_, id)| **id == 0).map(|(row, _)| row)
    }

    fn free_ids(&self) -> impl Iterator<Item = u32> {
        (1..=self.known.last()).filter(|id| self.is_free(*id))
    }

    /// Whether a row has the content that a journal row had.
    fn agrees(&self, row: &Facts, id: u32) -> bool {
        let known = self.known;
        row.list == known.list(id) || row.list == known.sent(id)
    }

    /// Whether a row that agrees with a journal row is not another one that is sent alike.
    fn is_certain(&self, row: &Facts, id: u32) -> bool {
        if !self.shared.contains(&row.list.0) {
            return true;
        }
        let content = match self.known.content_in_list(id) {
            // A row that the journal has from a results file.
            0 => self.known.content_in_results(id),
            content => content,
        };
        [0, row.content].contains(&content)
    }

    fn by_agreeing_hint(&mut self, accept: impl Fn(&Self, &Facts, u32) -> bool) {
        for (index, row) in self.rows.iter().enumerate() {
            let is_open = self.ids.get(index) == Some(&0) && self.is_free(row.hint);
            if is_open && self.agrees(row, row.hint) && accept(self, row, row.hint) {
                self.assign(index, row.hint);
            }
        }
    }

    /// Rows that are sent alike and whose other cells tell which is which, by the results file or,
    /// where they are not in it, by the list.
    fn by_all_cells(&mut self) {
        if self.shared.is_empty() {
            return;
        }
        let shared = std::mem::take(&mut self.shared);
        let key = |row: &Facts| Some(row.list.0).filter(|key| shared.contains(key));
        let key = |row: &Facts| key(row).unwrap_or(0);
        self.by_key(&content_keys(), key, |matcher, mut rows, mut ids| {
            matcher.by_content(&mut rows, &mut ids, K::content_in_results);
            matcher.by_content(&mut rows, &mut ids, K::content_in_list);
        });
        self.shared = shared;
    }

    /// Hands out the rows and the journal rows that have the same key, in their order.
    fn by_key(
        &mut self,
        keys: &[KeyOf<K>],
        key_of: impl Fn(&Facts) -> u64,
        pair: impl Fn(&mut Self, Vec<usize>, Vec<u32>),
    ) {
        let mut known: Vec<(u64, u32)> = Vec::new();
        for id in self.free_ids() {
            let mut before = None;
            for key in keys {
                let key = key(self.known, id);
                if key != 0 && before != Some(key) {
                    known.push((key, id));
                }
                before = Some(key);
            }
        }
        known.sort_unstable();
        let mut rows: Vec<(u64, usize)> = Vec::new();
        rows.extend(self.open().map(|(index, row)| (key_of(row), index)));
        rows.retain(|(key, _)| *key != 0);
        rows.sort_unstable();
        let mut known = known.as_slice();
        for group in rows.chunk_by(|one, other| one.0 == other.0) {
            let Some(&(key, _)) = group.first() else {
                continue;
            };
            let start = known.partition_point(|(other, _)| *other < key);
            let rest = known.get(start..).unwrap_or_default();
            let end = rest.partition_point(|(other, _)| *other == key);
            let (alike, rest) = rest.split_at(end);
            known = rest;
            let mut free: Vec<u32> = alike.iter().map(|(_, id)| *id).collect();
            free.retain(|id| self.is_free(*id));
            pair(self, group.iter().map(|(_, index)| *index).collect(), free);
        }
    }

    /// Pairs rows with journal rows that are alike, in their order. Where there are fewer rows than
    /// journal rows, those that may have an organization come first.
    fn pair(&mut self, mut rows: Vec<usize>, mut ids: Vec<u32>) {
        if rows.len() > ids.len() {
            self.by_number(&mut rows, &mut ids);
        }
        if rows.len() < ids.len() {
            ids = self.nearest(&rows, ids);
        }
        for (index, id) in rows.into_iter().zip(ids) {
            self.assign(index, id);
        }
    }

    /// The same, of rows that are sent alike: one may take the place of another.
    fn pair_alike(&mut self, rows: Vec<usize>, ids: Vec<u32>) {
        self.pair(rows.clone(), ids);
        for index in rows {
            let (Some(row), Some(id)) = (self.rows.get(index), self.ids.get(index)) else {
                continue;
            };
            if *id != 0 && !self.is_certain(row, *id) {
                self.replaced.push((index, *id));
            }
        }
    }

    /// For each of several rows alike, the journal row that is taken for it where there are more of
    /// these: one that may have an organization, at the place that is nearest.
    fn nearest(&self, rows: &[usize], mut free: Vec<u32>) -> Vec<u32> {
        let mut chosen = Vec::with_capacity(rows.len());
        for index in rows {
            let place = *index as u64 + 1;
            let distance = |id: &u32| self.known.number(*id).abs_diff(place);
            let keys = free
                .iter()
                .enumerate()
                .min_by_key(|(_, id)| (!self.known.progress(**id).may_own(), distance(id), **id));
            if let Some(at) = keys.map(|(at, _)| at) {
                chosen.push(free.remove(at));
            }
        }
        chosen
    }

    /// Of several rows alike, those that are in the place of one of fewer journal rows. A row that
    /// is left may be in the place of one that was sent otherwise, and so be an edit of it.
    fn by_number(&mut self, rows: &mut Vec<usize>, ids: &mut Vec<u32>) {
        let numbered = ids.iter().map(|id| (self.known.number(*id), *id));
        let numbered: HashMap<u64, u32> = numbered.collect();
        for index in rows.iter() {
            if let Some(id) = numbered.get(&(*index as u64 + 1)) {
                self.assign(*index, *id);
            }
        }
        rows.retain(|index| self.ids.get(*index) == Some(&0));
        ids.retain(|id| self.is_free(*id));
    }

    /// Of rows that are sent alike, those whose other cells tell which is which. The rest is left.
    fn by_content(&mut self, rows: &mut Vec<usize>, ids: &mut Vec<u32>, content: KeyOf<K>) {
        let mut alike: HashMap<u64, (Vec<usize>, Vec<u32>)> = HashMap::new();
        for id in ids.iter() {
            let content = content(self.known, *id);
            if content != 0 {
                alike.entry(content).or_default().1.push(*id);
            }
        }
        for index in rows.iter() {
            let row = self.rows.get(*index);
            if let Some(alike) = row.and_then(|row| alike.get_mut(&row.content)) {
                alike.0.push(*index);
            }
        }
        for (rows, ids) in alike.into_values() {
            self.pair(rows, ids);
        }
        rows.retain(|index| self.ids.get(*index) == Some(&0));
        ids.retain(|id| self.is_free(*id));
    }

    /// Pairs rows and journal rows that have the same key, whatever else they are.
    fn by_one_key(&mut self, key: KeyOf<K>, key_of: impl Fn(&Facts) -> u64) {
        let before = self.ids.clone();
        self.by_key(&[key], key_of, Self::pair);
        let matched = self.ids.iter().zip(before).enumerate();
        let matched = matched.filter(|(_, (now, before))| *before == 0 && **now != 0);
        self.edited.extend(matched.map(|(index, _)| index));
    }

    /// Corrected rows of a results file, by the id or the organization that it gives them. Of
    /// several rows with one id (copies), the one with the journal's name comes first.
    ///
    /// A row without an organization whose id has none either is such a row, also where its content
    /// now equals that of a row that is done and was dropped from the file.
    fn by_hint(&mut self, is_meant: impl Fn(&K, u32, &Facts) -> bool) {
        let by_owner = self.by_owner();
        let mut hinted: Vec<(u32, bool, usize)> = Vec::new();
        for (index, row) in self.open() {
            let owner = by_owner.binary_search_by_key(&row.owner, |(owner, _)| *owner);
            let owner = owner.ok().filter(|_| row.owner != 0);
            let by_owner = owner.and_then(|at| by_owner.get(at)).map(|(_, id)| *id);
            let hint = self.is_free(row.hint).then_some(row.hint);
            let id = by_owner.or(hint);
            let Some(id) = id.filter(|id| is_meant(self.known, *id, row)) else {
                continue;
            };
            let is_renamed = self.known.name(id).is_some_and(|name| name != row.name);
            hinted.push((id, is_renamed, index));
        }
        hinted.sort_unstable();
        for (id, _, index) in hinted {
            if self.is_free(id) {
                self.assign(index, id);
                self.edited.push(index);
            }
        }
    }

    /// The free ids that own an organization, by it.
    fn by_owner(&self) -> Vec<(u64, u32)> {
        let owners = self.free_ids().map(|id| (self.known.owner(id), id));
        let mut owners: Vec<_> = owners.filter(|(owner, _)| *owner != 0).collect();
        owners.sort_unstable();
        owners
    }

    /// Edited rows, by their place: between two neighbours that are matched by their content, the
    /// rows that are not are paired with the journal rows that were between the same neighbours and
    /// that no row matches.
    fn by_place(
        &mut self,
        pair: impl Fn(&Self, Vec<usize>, Vec<u32>) -> Vec<(usize, u32)>,
    ) -> Vec<(usize, u32)> {
        let mut free: Vec<(u64, u32)> = Vec::new();
        free.extend(self.free_ids().map(|id| (self.known.number(id), id)));
        free.retain(|(number, id)| {
            let was_dropped = self.origin == Origin::Results && self.known.progress(*id).may_own();
            *number > 0 && !was_dropped
        });
        let mut pairs = Vec::new();
        if free.is_empty() {
            return pairs;
        }
        free.sort_unstable();
        let mut gap = Vec::new();
        let mut before = 0;
        let places = 0..=self.rows.len();
        for index in places.filter(|index| !self.guessed.contains_key(index)) {
            let id = self.ids.get(index).copied();
            if id == Some(0) {
                gap.push(index);
                continue;
            }
            let after = id.map_or(u64::MAX, |id| self.known.number(id));
            let start = free.partition_point(|(number, _)| *number <= before);
            let end = free.partition_point(|(number, _)| *number < after);
            let between = free.get(start..end).unwrap_or_default();
            let ids: Vec<u32> = between.iter().map(|(_, id)| *id).collect();
            let rows = std::mem::take(&mut gap);
            if !rows.is_empty() && !ids.is_empty() {
                pairs.extend(pair(self, rows, ids));
            }
            before = after;
        }
        pairs
    }

    /// Matches rows whose content is another one.
    fn guess(&mut self, pairs: Vec<(usize, u32)>, is_likely: bool) {
        for (index, id) in pairs {
            if self.is_free(id) {
                self.assign(index, id);
                self.edited.push(index);
                self.guessed.insert(index, is_likely);
            }
        }
    }

    /// Those that have the same name, in their order.
    fn with_same_name(&self, rows: Vec<usize>, ids: Vec<u32>) -> Vec<(usize, u32)> {
        let mut named: HashMap<u64, VecDeque<u32>> = HashMap::new();
        for id in ids {
            if let Some(name) = self.known.name(id).filter(|name| *name != 0) {
                named.entry(name).or_default().push_back(id);
            }
        }
        let pair = |index: usize| {
            let name = self.rows.get(index)?.name;
            Some((index, named.get_mut(&name)?.pop_front()?))
        };
        rows.into_iter().filter_map(pair).collect()
    }

    /// Those that may be the same customer, in their order.
    fn in_order(&self, rows: Vec<usize>, ids: Vec<u32>) -> Vec<(usize, u32)> {
        let pairs = rows.into_iter().zip(ids);
        let pairs = pairs.filter(|(index, id)| !self.is_another(*index, *id));
        pairs.collect()
    }

    /// Whether a row has neither the name nor the external id of a journal row that has both.
    fn is_another(&self, index: usize, id: u32) -> bool {
        let row = self.rows.get(index);
        row.is_some_and(|row| self.has_another_id(row, id) && self.has_another_name(row, id))
    }

    fn has_another_id(&self, row: &Facts, id: u32) -> bool {
        let known = self.known.external(id);
        row.external != 0 && known != 0 && row.external != known
    }

    /// A row that cannot be sent has no name to compare.
    fn has_another_name(&self, row: &Facts, id: u32) -> bool {
        row.name != 0 && self.known.name(id).is_none_or(|name| name != row.name)
    }

    /// Whether an edited row may be another customer. Of its other id that is not said where it
    /// names the organization of its journal row.
    fn may_be_another(&self, row: &Facts, id: u32) -> bool {
        let names_owner = row.owner != 0 && row.owner == self.known.owner(id);
        self.has_another_name(row, id) || (!names_owner && self.has_another_id(row, id))
    }

    /// The places of rows of a changed list that are in the place of journal rows for which nothing was
    /// done. These are not known to be the same, and the results file may still have the others under
    /// their ids, so each gets an id of its own.
    fn unsent_guesses(&self) -> impl Iterator<Item = usize> {
        let guessed = self.guessed.keys().copied();
        guessed.filter(|index| {
            let (id, row) = (self.ids.get(*index), self.rows.get(*index));
            self.origin == Origin::List
                && id.is_some_and(|id| self.known.progress(*id) == Progress::Unseen)
                && row.map(|row| &row.hint) != id
        })
    }

    fn matching(mut self) -> Matching {
        let gone = self.missing().collect();
        self.edited.sort_unstable();
        let edits = self.edited.iter().filter_map(|&index| {
            let (id, row) = (*self.ids.get(index)?, self.rows.get(index)?);
            let is_edit = self.known.progress(id) != Progress::Unseen && !self.agrees(row, id);
            is_edit.then(|| Edit {
                index,
                id,
                may_be_another: self.guessed.get(&index) == Some(&true)
                    || self.may_be_another(row, id),
            })
        });
        let edits = edits.collect();
        let unsent: Vec<usize> = self.unsent_guesses().collect();
        let new = self.ids.iter().filter(|id| **id == 0).count() as u64;
        for index in unsent {
            if let Some(id) = self.ids.get_mut(index) {
                *id = 0;
            }
        }
        let mut next = self.known.last();
        for id in self.ids.iter_mut().filter(|id| **id == 0) {
            next += 1;
            *id = next;
        }
        Matching {
            ids: self.ids,
            edits,
            replaced: self.replaced,
            gone,
            new,
        }
    }
}
