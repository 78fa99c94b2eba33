//! The domains of a row.

use super::cells::{Cell, ColumnPath, nested};
use super::validated::Validated;
use super::values::{is_placeholder, says_nothing, telling};
use crate::organization::domain::{self, Normalized};
use crate::organization::problem::Problem;
use crate::organization::{DomainData, DomainState};
use crate::text::{quoted, trim};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// How many pieces of a cell are named that are no domains.
const SHOWN: usize = 3;
/// The longest text of domains, in bytes: each is compared with all others of the row.
const LONGEST: usize = 16 * 1024;

/// The domains of a row, as they are found.
pub(super) struct Domains<'a> {
    pub(super) list: Vec<DomainData<'a>>,
    state: DomainState,
}

impl<'a> Domains<'a> {
    /// No domains yet; each that is found will be created in this state.
    pub(super) fn new(state: DomainState) -> Self {
        Self {
            list: Vec::new(),
            state,
        }
    }

    /// Adds the domains of a cell, which may be a JSON array too.
    pub(super) fn add(
        &mut self,
        column: &ColumnPath<'a>,
        cell: Cell<'a>,
        found: &mut Validated<'a>,
    ) {
        match cell {
            Cell::Text(text) => self.add_text(column, text, found),
            Cell::Nested(raw) => {
                let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) else {
                    found.problems.push(nested(raw, column));
                    return;
                };
                for item in items {
                    match Cell::of_json(item) {
                        Cell::Text(text) => self.add_text(column, text, found),
                        Cell::Nested(raw) => match domain_of(raw) {
                            Some(text) => self.add_text(column, Cow::Owned(text), found),
                            None => found.problems.push(nested(raw, column)),
                        },
                    }
                }
            }
        }
    }

    /// Adds the domains of a text, each once.
    fn add_text(&mut self, column: &ColumnPath<'a>, text: Cow<'a, str>, found: &mut Validated<'a>) {
        match telling(text, column, found) {
            None => {}
            Some(Cow::Borrowed(text)) => self.add_list(column, text, Cow::Borrowed, found),
            Some(Cow::Owned(text)) => {
                self.add_list(column, &text, |part| Cow::Owned(part.to_owned()), found);
            }
        }
    }

    /// Adds the domains of a text, of whose parts those are kept that are needed longer.
    fn add_list<'t>(
        &mut self,
        column: &ColumnPath<'a>,
        text: &'t str,
        kept: impl Fn(&'t str) -> Cow<'a, str>,
        found: &mut Validated<'a>,
    ) {
        if text.len() > LONGEST {
            found.problems.push(too_long(text).in_column(column));
            return;
        }
        let noted = found.changes.len() + found.problems.len();
        let bare = trim(text);
        let mut wrong = 0;
        for piece in domain::split(bare) {
            match domain::normalize(piece) {
                Ok(normalized) => self.add_one(column, piece, normalized, &kept, found),
                Err(_) if is_placeholder(piece) => {
                    found.note("placeholder", column, kept(piece), Cow::Borrowed(""));
                }
                Err(_) if wrong == 0 && says_nothing(bare) => {
                    found.note("placeholder", column, kept(text), Cow::Borrowed(""));
                    return;
                }
                Err(mut problem) => {
                    wrong += 1;
                    if piece.len() < bare.len() && wrong == 1 {
                        let cell = format!(" (the cell holds {})", quoted(bare));
                        problem.message.push_str(&cell);
                    }
                    if wrong <= SHOWN {
                        found.problems.push(problem.in_column(column));
                    }
                }
            }
        }
        if wrong > SHOWN {
            let more = many_more(wrong - SHOWN);
            found.problems.push(more.in_column(column));
        }
        // Padding is worth a note only where nothing else was done to the cell.
        if !bare.is_empty()
            && bare.len() < text.len()
            && noted == found.changes.len() + found.problems.len()
        {
            found.note("trimmed", column, kept(text), kept(bare));
        }
    }

    /// Adds the domain that a piece of text is, unless it is there.
    fn add_one<'t>(
        &mut self,
        column: &ColumnPath<'a>,
        piece: &'t str,
        normalized: Normalized<'t>,
        kept: &impl Fn(&'t str) -> Cow<'a, str>,
        found: &mut Validated<'a>,
    ) {
        let name = match normalized.name {
            Cow::Borrowed(name) => kept(name),
            Cow::Owned(name) => Cow::Owned(name),
        };
        if let Some(code) = normalized.change {
            found.note(code, column, kept(piece), name.clone());
            let warning = behind_slash(piece, &name);
            found.warnings.extend(warning.map(|w| w.in_column(column)));
        }
        if self.list.iter().any(|data| data.domain == name) {
            found.note("domain_repeated", column, kept(piece), Cow::Borrowed(""));
            return;
        }
        let warning = domain::warning(&name);
        found.warnings.extend(warning.map(|w| w.in_column(column)));
        self.list.push(DomainData {
            domain: name,
            state: self.state,
        });
    }
}

/// The problem of a text that would take too long to be looked through.
fn too_long(text: &str) -> Problem {
    let message = format!(
        "{} has {} bytes; the maximum for a domain cell is {LONGEST}",
        quoted(text),
        text.len()
    );
    Problem::new("domain_invalid", message)
}

/// One problem for all further invalid domains of a cell.
fn many_more(count: usize) -> Problem {
    let message =
        format!("and {count} more in this cell: expected domains separated by ; or , or spaces");
    Problem::new("domain_invalid", message)
}

/// The warning of a page that is called like a domain, which may be meant.
fn behind_slash(piece: &str, name: &str) -> Option<Problem> {
    let other = domain::domain_after_slash(piece)?;
    let message = format!(
        "{} is read as a page of {name}: if {} is also a domain, separate them with ;",
        quoted(piece),
        quoted(other)
    );
    Some(Problem::new("domain_after_slash", message))
}

/// The domain in an object of the list that `WorkOS` itself gives of an organization's domains.
fn domain_of(raw: &RawValue) -> Option<String> {
    #[derive(Deserialize)]
    struct OrganizationDomain {
        domain: String,
    }
    let found: OrganizationDomain = serde_json::from_str(raw.get()).ok()?;
    Some(found.domain)
}
