//! The domains of a row.

use super::Examined;
use super::cells::{Cell, Column, nested, of_json};
use super::values::{change, is_placeholder, tells_nothing};
use crate::organization::text::trim;
use crate::organization::{DomainData, DomainState, domain};
use crate::table::Row;
use serde_json::value::RawValue;

/// Adds the domains of a cell, which may be a JSON array too.
pub(super) fn add(
    column: &Column,
    row: &Row,
    state: DomainState,
    domains: &mut Vec<DomainData>,
    found: &mut Examined,
) {
    let header = &column.header;
    match column.cell(row) {
        Cell::Text(text) => add_list(&text, header, state, domains, found),
        Cell::Nested(raw) => {
            let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) else {
                found.problems.push(nested(raw).in_column(header));
                return;
            };
            for item in items {
                match of_json(item) {
                    Cell::Text(text) => add_list(&text, header, state, domains, found),
                    Cell::Nested(raw) => found.problems.push(nested(raw).in_column(header)),
                }
            }
        }
    }
}

/// Adds the domains of a text, each once.
fn add_list(
    text: &str,
    header: &str,
    state: DomainState,
    domains: &mut Vec<DomainData>,
    found: &mut Examined,
) {
    if tells_nothing(text, header, found) {
        return;
    }
    let noted = found.changes.len() + found.problems.len();
    let bare = trim(text);
    for piece in domain::split(bare) {
        let normalized = match domain::normalize(piece) {
            Ok(normalized) => normalized,
            Err(_) if is_placeholder(piece) => {
                found.changes.push(change("placeholder", header, piece, ""));
                continue;
            }
            Err(problem) => {
                found.problems.push(problem.in_column(header));
                continue;
            }
        };
        if let Some(code) = normalized.change {
            found
                .changes
                .push(change(code, header, piece, &normalized.name));
        }
        if domains.iter().any(|data| data.domain == normalized.name) {
            found
                .changes
                .push(change("domain_repeated", header, piece, ""));
            continue;
        }
        found
            .warnings
            .extend(domain::warning(&normalized.name).map(|p| p.in_column(header)));
        domains.push(DomainData {
            domain: normalized.name.into_owned(),
            state,
        });
    }
    // Padding is worth a note only where nothing else was done to the cell.
    if !bare.is_empty()
        && bare.len() < text.len()
        && noted == found.changes.len() + found.problems.len()
    {
        found.changes.push(change("trimmed", header, text, bare));
    }
}
