//! Why rows are not done: grouped by status, error and code, largest first.

use super::advice::advice;
use super::facts::{Cause, Group, RowFacts};
use crate::results::{ErrorName, Status};
use std::collections::HashMap;

/// How many rows of a cause are shown.
const ROWS: usize = 5;
/// How many request ids of a cause are shown.
const REQUEST_IDS: usize = 5;

type Key = (Status, Option<ErrorName>, Option<String>, Option<u16>);

/// The causes of the rows that are not done. Each of these rows gets the place of its cause.
pub(super) fn causes(rows: &mut [RowFacts], commands: &Commands) -> Vec<Cause> {
    let mut places: HashMap<Key, usize> = HashMap::new();
    let mut causes: Vec<Cause> = Vec::new();
    let mut of_rows = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let Some(status) = row.status.filter(|status| !status.is_done()) else {
            continue;
        };
        let place = *places.entry(key(status, row)).or_insert_with(|| {
            causes.push(cause(status, row, commands));
            causes.len() - 1
        });
        if let Some(cause) = causes.get_mut(place) {
            cause.add(index, row);
        }
        of_rows.push((index, place));
    }
    let mut order: Vec<usize> = (0..causes.len()).collect();
    let count = |place: &usize| causes.get(*place).map_or(0, |cause| cause.count);
    order.sort_by_key(|place| std::cmp::Reverse(count(place)));
    let mut ranks = vec![0; order.len()];
    for (rank, place) in order.iter().enumerate() {
        if let Some(slot) = ranks.get_mut(*place) {
            *slot = rank;
        }
    }
    for (index, place) in of_rows {
        if let Some(row) = rows.get_mut(index) {
            row.cause = ranks.get(place).copied();
        }
    }
    let mut causes: Vec<_> = causes.into_iter().map(Some).collect();
    order
        .into_iter()
        .filter_map(|place| causes.get_mut(place)?.take())
        .collect()
}

/// The commands that a cause can name.
#[derive(Clone, Debug, Default)]
pub(super) struct Commands {
    /// Sends the rows again that were fixed.
    pub(super) retry: String,
    /// The last command again, where it is known.
    pub(super) again: Option<String>,
}

/// The HTTP status tells causes apart only where there is no code.
fn key(status: Status, row: &RowFacts) -> Key {
    let http_status = row.http_status.filter(|_| row.code.is_none());
    (status, row.error, row.code.clone(), http_status)
}

fn cause(status: Status, row: &RowFacts, commands: &Commands) -> Cause {
    let words = advice(status, row.error, row.code.as_deref(), row.http_status);
    let group = Group::of(Some(status));
    Cause {
        status,
        group,
        error: row.error,
        code: row.code.clone(),
        http_status: row.http_status.filter(|_| row.code.is_none()),
        count: 0,
        title: words.title,
        meaning: words.meaning,
        advice: words.what,
        command: match group {
            Group::Again => commands.again.clone(),
            _ => Some(commands.retry.clone()),
        },
        message: row.message.clone(),
        request_ids: Vec::new(),
        first_rows: Vec::new(),
    }
}

impl Cause {
    fn add(&mut self, index: usize, row: &RowFacts) {
        self.count += 1;
        if self.first_rows.len() < ROWS {
            self.first_rows.push(index);
        }
        if let Some(id) = &row.request_id
            && self.request_ids.len() < REQUEST_IDS
            && !self.request_ids.contains(id)
        {
            self.request_ids.push(id.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(status: Status, code: Option<&str>) -> RowFacts {
        RowFacts {
            status: Some(status),
            code: code.map(str::to_owned),
            request_id: Some("req".to_owned()),
            ..RowFacts::default()
        }
    }

    #[test]
    fn the_largest_cause_is_first_and_rows_know_theirs() {
        let mut rows = vec![
            row(Status::Conflict, Some("a")),
            row(Status::Created, None),
            row(Status::Invalid, Some("b")),
            row(Status::Invalid, Some("b")),
        ];
        let causes = causes(&mut rows, &Commands::default());
        let counts: Vec<_> = causes
            .iter()
            .map(|cause| (cause.status, cause.count))
            .collect();
        assert_eq!(counts, [(Status::Invalid, 2), (Status::Conflict, 1)]);
        let of_rows: Vec<_> = rows.iter().map(|row| row.cause).collect();
        assert_eq!(of_rows, [Some(1), None, Some(0), Some(0)]);
        assert_eq!(causes[0].first_rows, [2, 3]);
        assert_eq!(causes[0].request_ids, ["req"]);
    }

    #[test]
    fn codes_tell_causes_apart_and_http_statuses_only_without_a_code() {
        let with = |code, http_status| RowFacts {
            http_status,
            ..row(Status::Failed, code)
        };
        let mut rows = vec![
            with(Some("x"), Some(400)),
            with(Some("x"), Some(422)),
            with(None, Some(400)),
            with(None, Some(422)),
        ];
        assert_eq!(causes(&mut rows, &Commands::default()).len(), 3);
    }
}
