//! What the columns of a list mean, where all of its rows decide.
//!
//! A column such as a register number is taken as external id only if it is different in each row.
//! In a long list the first rows alone do not say that.

use super::Error;
use crate::columns::{Content, Mapping, MappingOptions, Role, WHERE_UNIQUE, cell, role};
use crate::input::{ReadOptions, Reader, Source};
use std::borrow::Cow;
use std::collections::HashSet;
use xxhash_rust::xxh3::xxh3_64;

/// Finds out which column means what in a list.
///
/// # Errors
/// When the columns cannot be understood, or the list cannot be read.
pub(crate) fn mapping_of_list(
    (list, read): (&Source, &ReadOptions),
    reader: &Reader,
    header: &[String],
    content: &Content,
    options: &MappingOptions,
) -> Result<Mapping, Error> {
    let resolve = |content: &Content| Mapping::of_list(header, reader.format(), content, options);
    let mut mapping = resolve(content)?;
    let is_guessed = options.base.is_none() && options.file.is_none();
    // Standard input is read only once.
    if !is_guessed || !content.is_enough() || *list == Source::Stdin {
        return Ok(mapping);
    }
    let mut content = Cow::Borrowed(content);
    while let Some(id) = mapping.external_id.clone().filter(|id| !is_surely_id(id)) {
        if !is_repeated(Reader::open(list, read)?, &id)? {
            break;
        }
        content.to_mut().repeat(&id);
        mapping = resolve(&content)?;
        if mapping.external_id == Some(id) {
            // The user has named it.
            break;
        }
    }
    Ok(mapping)
}

/// Whether a column is an external id by its name alone.
fn is_surely_id(header: &str) -> bool {
    matches!(role(header), Some((Role::ExternalId, tier)) if tier < WHERE_UNIQUE)
}

/// Whether two rows have the same text in a column.
fn is_repeated(reader: Reader, column: &str) -> Result<bool, Error> {
    let at = reader.header().iter().position(|name| name == column);
    let Some(at) = at else {
        return Ok(false);
    };
    let mut seen = HashSet::new();
    for row in reader {
        let text = cell(&row?, at, column).filter(|text| !text.is_empty());
        if text.is_some_and(|text| !seen.insert(xxh3_64(text.as_bytes()))) {
            return Ok(true);
        }
    }
    Ok(false)
}
