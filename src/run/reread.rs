//! Reading some rows again, for the texts that planning does not keep of all of them.

use super::previous::own_rows;
use super::{Error, Opened, Request};
use crate::columns::Mapping;
use crate::input::Reader;
use crate::results::Layout;
use crate::table::Row;
use crate::validate::{RepeatedTexts, Validated, Validator};
use std::collections::HashSet;

/// Reads and validates all rows again, and hands out those at the places that are wanted. `layout`
/// is that of a results file, where the rows of one are read; `repeats` is what the first reading
/// has shown.
///
/// # Errors
/// When they cannot be read.
pub(super) fn read_again(
    request: &Request,
    opened: &Opened,
    mapping: &Mapping,
    layout: Option<&Layout>,
    repeats: &RepeatedTexts,
    wanted: &HashSet<usize>,
    mut found: impl FnMut(usize, &Validated<'_>) + Send,
) -> Result<(), Error> {
    if wanted.is_empty() {
        return Ok(());
    }
    read_rows(
        request,
        opened,
        mapping,
        layout,
        repeats,
        |index, _, validated| {
            if wanted.contains(&index) {
                found(index, validated);
            }
        },
    )
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
    repeats: &RepeatedTexts,
    mut found: impl FnMut(usize, &Row, &Validated<'_>) + Send,
) -> Result<(), Error> {
    let source = &opened.copied.source;
    let mut reader = Reader::open(source, &request.read)?;
    let validator = Validator::new(mapping.clone(), &opened.header()).without_name_warnings();
    let mut validator = validator.expecting(repeats.clone());
    let Some(layout) = layout else {
        let mut index = 0;
        return validator.validate_all(&mut reader, |row, validated| {
            found(index, row, validated);
            index += 1;
            Ok(())
        });
    };
    // A row may repeat what one before it has, so each is validated.
    for (index, row) in own_rows(reader, layout, source).enumerate() {
        let row = row?.0;
        found(index, &row, &validator.validate(&row));
    }
    Ok(())
}
