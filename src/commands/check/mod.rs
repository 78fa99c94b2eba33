//! `workos-orgs check`: checks a list for errors without sending anything.

mod checked;
mod json;
mod next;
mod outputs;
mod problems;
mod text;
mod united;

pub use checked::CheckOptions;

use super::Error;
use crate::columns::{Content, Mapping, MappingOptions};
use crate::exit_code;
use crate::input::{Reader, Source};
use crate::journal::{State, journal_path};
use crate::results::RecordedState;
use crate::run::{Grouper, is_results, mapping_of_list};
use crate::storage::keep_as_private_as;
use crate::ui::Wrapping;
use crate::validate::{ValidationSummary, Validator};
use checked::Checked;
use outputs::Cleaned;
use problems::Problems;
use std::io::{self, BufWriter, Write};
use text::{EXAMPLES, written};
use united::Rows;

/// Checks a list and prints the result; returns the exit code.
///
/// # Errors
/// When the list cannot be read, or something cannot be written.
pub fn to_stdout(options: &CheckOptions) -> Result<u8, Error> {
    let mut out = Wrapping::stdout(BufWriter::new(io::stdout()));
    run(options, &mut out, &mut io::stderr())
}

/// Checks a list and prints the result to `out`, and the written files to `err`. Returns
/// the exit code: 1 if there are rows that cannot be sent.
///
/// # Errors
/// When the list cannot be read, or something cannot be written.
pub fn run(
    options: &CheckOptions,
    out: &mut (dyn Write + Send),
    err: &mut dyn Write,
) -> Result<u8, Error> {
    if let Source::File(list) = &options.source {
        keep_as_private_as(list);
    }
    outputs::refuse_unsuitable(options)?;
    let mut reader = Reader::open(&options.source, &options.read)?;
    let content = reader.content();
    let mapping = mapping(options, &reader, &content)?;
    let fixed = options.fixed.as_deref();
    let mut fixed = fixed
        .map(|path| Cleaned::begin(path, &reader, &mapping))
        .transpose()?;
    if let Some(path) = &options.write_mapping {
        mapping.save(path)?;
        print(err, &format!("mapping written to {}", path.display()))?;
    }
    let mut problems = Problems::new(fixed.is_some(), options.report.as_deref())?;
    let mut summary = ValidationSummary::new(match (options.verbose, options.json) {
        // Each finding is printed at once.
        (true, false) => 0,
        (true, true) => usize::MAX,
        (false, _) => EXAMPLES,
    });
    let mut validator = Validator::of_input(mapping.clone(), &reader);
    let mut grouper = match mapping.one_per {
        Some(_) => Some(Grouper::new(&mapping, reader.header())?),
        None => None,
    };
    if !options.json {
        written(text::opening(out, options, &reader, &mapping))?;
    }
    let mut shown = 0;
    validator.validate_all(&mut reader, |row, found| -> Result<(), Error> {
        summary.add(row.line, found);
        if let Some(grouper) = &mut grouper {
            grouper.add(row, found, RecordedState::default())?;
        } else if let Some(organization) = &found.organization
            && shown < options.show_requests
            && !options.json
        {
            shown += 1;
            written(text::request(out, options, row.line, organization))?;
        }
        problems.add(row.number, row.line, found)?;
        if let Some(fixed) = &mut fixed {
            fixed.write(row, &found.changes)?;
        }
        if options.verbose && !options.json {
            written(text::findings(out, options, row.line, found))?;
        }
        Ok(())
    })?;
    summary.left_out = reader.left_out().to_vec();
    let mut groups = None;
    if let Some(grouper) = grouper {
        let rows = Rows {
            options,
            out: &mut *out,
            problems: &mut problems,
            summary,
        };
        let (of_list, found) = rows.united(grouper)?;
        (summary, groups) = (found, Some(of_list));
    }
    if let (Some(fixed), Some(path)) = (fixed, &options.fixed) {
        fixed.finish(&problems.all.take().unwrap_or_default())?;
        print(err, &format!("cleaned list written to {}", path.display()))?;
    }
    if let Some(path) = problems.finish_report()? {
        print(err, &format!("all findings written to {}", path.display()))?;
    }
    let checked = Checked {
        options,
        reader: &reader,
        mapping: &mapping,
        summary: &summary,
        late_keys: validator.late_keys(),
        content: &content,
        problems: &problems.first,
        groups: groups.as_ref(),
    };
    let is_clean = summary.invalid() == 0 && checked.several_rows().is_none();
    let code = if is_clean {
        exit_code::DONE
    } else {
        exit_code::NEEDS_ATTENTION
    };
    written(if options.json {
        json::write(out, &checked, code)
    } else {
        text::closing(out, &checked)
    })?;
    written(out.flush())?;
    Ok(code)
}

/// The column mapping; of a results file, that of its run, as a retry uses it.
fn mapping(options: &CheckOptions, reader: &Reader, content: &Content) -> Result<Mapping, Error> {
    let state = match &options.source {
        Source::File(path) if is_results(reader) => State::read(&journal_path(path))?,
        _ => None,
    };
    let run = state.as_ref().and_then(State::last_run);
    let list = (&options.source, &options.read);
    let options = MappingOptions {
        base: run.map(|run| run.mapping.clone()),
        ..options.mapping.clone()
    };
    let mut mapping = mapping_of_list(list, reader, reader.header(), content, &options)?;
    let hosts = reader.shared_hosts().iter().cloned();
    mapping.cells.shared_hosts.extend(hosts);
    Ok(mapping)
}

fn print(err: &mut dyn Write, line: &str) -> Result<(), Error> {
    written(writeln!(err, "{line}"))
}
