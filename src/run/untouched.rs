//! Whether a results file is still as the program has rendered it from the list: then its user has
//! changed nothing in it, and no row of it has to be kept in memory.

use super::knowledge::Knowledge;
use super::previous::{is_ended, is_results, own_rows};
use super::{Error, Opened, Request};
use crate::input::{ReadOptions, Reader, Source};
use crate::plan::{KnownRows, Progress, content, hash_of};
use crate::results::{Layout, RecordedState};
use crate::table::Row;

/// What an untouched results file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Untouched {
    /// Whether it says of every row of the list what the journal does.
    pub(super) is_up_to_date: bool,
}

/// Reads the list and the results file side by side; `None` where they differ in anything, so that
/// rows have to be matched. `known` is what the journal says of this very list.
///
/// # Errors
/// When the list cannot be read.
pub(super) fn untouched(
    request: &Request,
    opened: &Opened,
    known: &Knowledge<'_>,
) -> Result<Option<Untouched>, Error> {
    let source = Source::File(opened.results.clone());
    let rendered = match Reader::open(&source, &ReadOptions::default()) {
        Ok(reader) if is_results(&reader) && is_ended(&source) => reader,
        _ => return Ok(None),
    };
    let layout = Layout::of(rendered.header());
    let mut listed = Reader::open(&opened.copied.source, &request.read)?;
    let header = listed.header().to_vec();
    if layout.original_header() != header {
        return Ok(None);
    }
    let content = |row: &Row| content(row, &header, |_| true);
    let mut is_up_to_date = true;
    for (number, row) in (1..).zip(own_rows(rendered, &layout, &source)) {
        let (Ok((row, said)), Some(original)) = (row, listed.next().transpose()?) else {
            return Ok(None);
        };
        let id = known.id_in_list(number);
        if said.row != Some(number) || content(&row) != content(&original) {
            return Ok(None);
        }
        let Some(is_same) = agrees(&said, id, known) else {
            return Ok(None);
        };
        is_up_to_date &= is_same;
    }
    is_up_to_date &= listed.next().is_none();
    Ok(Some(Untouched { is_up_to_date }))
}

/// Whether a row says what the journal does; `None` where it says more.
fn agrees(said: &RecordedState, id: u32, known: &Knowledge<'_>) -> Option<bool> {
    let owner = known.owner(id);
    let Some(record) = &said.record else {
        return Some(false);
    };
    let said = hash_of(record.organization_id.as_deref());
    if known.progress(id) == Progress::Unseen || (said != 0 && said != owner) {
        return None;
    }
    Some(said == owner)
}
