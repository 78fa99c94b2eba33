//! What the columns mean in a run: as the journal says, unless the options ask otherwise.

use super::memory::Memory;
use super::whole_list::mapping_of_list;
use super::{Error, Opened, Request};
use crate::columns::{Mapping, MappingOptions, OnePer};
use crate::journal::List;
use crate::text::shell;

/// What the columns mean in this run, unless the list does not belong to the journal.
///
/// # Errors
/// When it does not, or the columns cannot be understood.
pub(super) fn mapping_of(
    request: &Request,
    opened: &Opened,
    memory: &Memory,
    list: &List,
) -> Result<Mapping, Error> {
    if request.is_retry() {
        return mapping(request, opened, memory);
    }
    memory.refuse_other_list(list, opened)?;
    let mapping = mapping(request, opened, memory).map_err(|error| match error {
        Error::Columns(_) => memory.other_file(list, opened).unwrap_or(error),
        error => error,
    })?;
    let plan = request.sync.plan.as_ref();
    if plan.is_some_and(|plan| !plan.understood.is_of(&mapping)) {
        return Err(request.sync.other_than_planned());
    }
    Ok(mapping)
}

/// What the columns mean in this run.
fn mapping(request: &Request, opened: &Opened, memory: &Memory) -> Result<Mapping, Error> {
    let mut mapping = known_mapping(request, opened, memory)?;
    if !request.is_sync() {
        // It removes a key only in a sync; anywhere else it is a cell like any other.
        mapping.cells.clear = None;
    }
    Ok(mapping)
}

/// The mapping of the journal, unless the options ask for another one.
fn known_mapping(request: &Request, opened: &Opened, memory: &Memory) -> Result<Mapping, Error> {
    let mut mapping = mapping_of_columns(request, opened, memory)?;
    let hosts = opened.reader.shared_hosts().iter().cloned();
    mapping.cells.shared_hosts.extend(hosts);
    Ok(mapping)
}

fn mapping_of_columns(
    request: &Request,
    opened: &Opened,
    memory: &Memory,
) -> Result<Mapping, Error> {
    let header = opened.header();
    let resolve = |options: &MappingOptions| {
        let list = (&opened.copied.source, &request.read);
        mapping_of_list(list, &opened.reader, &header, &opened.content, options)
    };
    let Some(base) = memory.mapping() else {
        return resolve(&request.mapping);
    };
    refuse_other_grouping(request, &resolve, base, opened)?;
    let is_default = request.mapping.choose_no_columns();
    if request.is_retry() || is_default {
        let options = MappingOptions {
            base: Some(base.clone()),
            ..request.mapping.clone()
        };
        return resolve(&options).map_err(|error| match error {
            Error::Columns(error) if is_default => error.in_run(&opened.results).into(),
            error => error,
        });
    }
    let asked = resolve(&MappingOptions {
        one_per: request.mapping.one_per.clone().or(base.one_per.clone()),
        ..request.mapping.clone()
    })?;
    let is_same = Mapping {
        repeats: base.repeats,
        differing: base.differing,
        cells: base.cells.clone(),
        ..asked.clone()
    } == *base;
    if !is_same {
        return Err(crate::results::Error::OtherMapping {
            path: opened.results.clone(),
        }
        .into());
    }
    Ok(asked)
}

/// Rows that were united in one way are not united in another: their organizations are there.
fn refuse_other_grouping(
    request: &Request,
    resolve: &impl Fn(&MappingOptions) -> Result<Mapping, Error>,
    base: &Mapping,
    opened: &Opened,
) -> Result<(), Error> {
    let Some(asked) = &request.mapping.one_per else {
        return Ok(());
    };
    let options = MappingOptions {
        base: Some(base.clone()),
        one_per: Some(asked.clone()),
        ..MappingOptions::default()
    };
    // Columns that are not there are another error.
    if resolve(&options).map_or(true, |it| it.one_per == base.one_per) {
        return Ok(());
    }
    let was = base.one_per.as_ref().unwrap_or(&OnePer::Row);
    let results = opened.results.display();
    Err(Error::Mismatch {
        message: format!(
            "{results} was made with --one-per {}, not with --one-per {}",
            shell(&was.to_string()),
            shell(&asked.to_string())
        ),
        hint: format!(
            "leave out --one-per to continue; to create other organizations of these rows, take back what was created with workos-orgs undo {}, then name another file with --results",
            crate::text::shell_path(&opened.results)
        ),
    })
}
