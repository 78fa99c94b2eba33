//! Reading some rows again, for the texts that planning does not keep of all of them.

use super::previous::own_rows;
use super::{Error, Opened, Request};
use crate::columns::Mapping;
use crate::input::Reader;
use crate::results::Layout;
use crate::table::Row;
use crate::validate::{Validated, Validator};
use std::collections::HashSet;

/// Reads and validates all rows again, and hands out those at the places that are wanted. `layout`
/// is that of a results file, where the rows of one are read.
///
/// # Errors
/// When they cannot be read.
pub(super) fn read_again(
    request: &Request,
    opened: &Opened,
    mapping: &Mapping,
    layout: Option<&Layout>,
    wanted: &HashSet<usize>,
    mut found: impl FnMut(usize, Validated<'_>),
) -> Result<(), Error> {
    if wanted.is_empty() {
        return Ok(());
    }
    read_rows(request, opened, mapping, layout, |index, _, validated| {
        if wanted.contains(&index) {
            found(index, validated);
        }
    })
}

/// Reads and validates all rows again, in order.
///
/// # Errors
/// When they cannot be read.
pub(super) fn read_rows(
    request: &Request,
    opened: &Opened,
    mapping: &Mapping,
    layout: Option<&Layout>,
    mut found: impl FnMut(usize, &Row, Validated<'_>),
) -> Result<(), Error> {
    let source = &opened.copied.source;
    let reader = Reader::open(source, &request.read)?;
    let mut validator = Validator::new(mapping.clone(), &opened.header()).without_name_warnings();
    // A row may repeat what one before it has, so each is validated.
    let mut add = |index: usize, row: &Row| found(index, row, validator.validate(row));
    match layout {
        Some(layout) => {
            for (index, row) in own_rows(reader, layout, source).enumerate() {
                add(index, &row?.0);
            }
        }
        None => {
            for (index, row) in reader.enumerate() {
                add(index, &row?);
            }
        }
    }
    Ok(())
}
