//! Which rows are which of the journal, where some are probably customers that were renamed and moved.

use super::knowledge::Knowledge;
use super::reread::read_again;
use super::{Error, Opened, Request};
use crate::columns::Mapping;
use crate::plan::{Alike, Facts, Gone, KnownRows, Matcher, Matching, Origin, hash_of};
use crate::results::Layout;
use crate::validate::{RepeatedTexts, Validated};
use std::collections::HashSet;

/// Matches the rows of a list, or of a results file, with the journal. The user is asked about each
/// row that is like a customer whose row is gone.
///
/// # Errors
/// When the rows cannot be read again, which is done only where rows are gone.
pub(super) fn match_and_compare(
    facts: &[Facts],
    known: &Knowledge<'_>,
    request: &Request,
    opened: &Opened,
    (mapping, layout, repeats): (&Mapping, Option<&Layout>, &RepeatedTexts),
) -> Result<Matching, Error> {
    let origin = layout.map_or(Origin::List, |_| Origin::Results);
    let mut matcher = Matcher::new(facts, known, origin);
    let open: HashSet<usize> = matcher.open_rows().collect();
    let missing: Vec<u32> = matcher.missing().collect();
    if open.is_empty() || missing.is_empty() {
        return Ok(matcher.finish());
    }
    let gone = missing.iter().map(|id| Gone {
        id: *id,
        name: known.name_of(*id).unwrap_or_default(),
        domain: known.domain(*id),
        has_id: known.external(*id) != 0,
    });
    let mut alike = Alike::new(gone);
    let add = |index, row: &Validated<'_>| {
        if let Some(it) = &row.organization {
            let domains = it.domain_data.iter();
            let domains = domains.map(|data| hash_of(Some(&data.domain)));
            alike.add(index, &it.name, domains, it.external_id.is_some());
        }
    };
    read_again(request, opened, mapping, layout, repeats, &open, add)?;
    matcher.take_likely(alike.pairs());
    Ok(matcher.finish())
}
