//! The findings of a check as text.

use super::checked::{CheckOptions, Checked};
use super::next;
use super::problems::LISTED;
use crate::columns::Mapping;
use crate::input::Reader;
use crate::organization::NewOrganization;
use crate::run::Error;
use crate::text::quoted;
use crate::text::{counted, duration, grouped, printable};
use crate::validate::{Change, Group, title_of};
use crate::validate::{LateKey, Validated, ValidationSummary};
use std::fmt::Display;
use std::io::{self, Write};
use std::time::Duration;

/// How many examples of each kind are kept.
pub(super) const EXAMPLES: usize = 3;

/// A broken pipe is not an error.
pub(super) fn written(result: io::Result<()>) -> Result<(), Error> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::System {
            what: "cannot write the findings",
            source: error,
        }),
        _ => Ok(()),
    }
}

/// The detected format, and the role of each column.
pub(super) fn opening(
    out: &mut dyn Write,
    options: &CheckOptions,
    reader: &Reader,
    mapping: &Mapping,
) -> io::Result<()> {
    writeln!(out, "{}: {}\n", options.source, reader.read_as())?;
    let table = mapping.table(reader.header());
    let shown: Vec<_> = table.iter().map(|(column, _)| printable(column)).collect();
    let width = shown
        .iter()
        .map(|c| c.chars().count())
        .max()
        .unwrap_or_default()
        .min(40);
    for (column, (_, roles)) in shown.iter().zip(&table) {
        let roles: Vec<_> = roles.iter().map(ToString::to_string).collect();
        let taken = if roles.is_empty() {
            "not sent".to_owned()
        } else {
            format!("→ {}", printable(&roles.join(", ")))
        };
        writeln!(out, "  {column:width$}  {taken}")?;
    }
    if mapping.external_id_from_domain {
        writeln!(out, "  {:width$}  → external_id", "(the first domain)")?;
    }
    writeln!(out)
}

/// All findings of one row.
pub(super) fn findings(
    out: &mut dyn Write,
    options: &CheckOptions,
    line: u64,
    validated: &Validated<'_>,
) -> io::Result<()> {
    let place = format!("{}:{line}", options.source);
    for problem in &validated.problems {
        writeln!(out, "{place}: error: {problem}")?;
    }
    for warning in &validated.warnings {
        writeln!(out, "{place}: warning: {warning}")?;
    }
    for change in &validated.changes {
        writeln!(out, "{place}: fixed: {}", Becomes(change))?;
    }
    Ok(())
}

/// The request that a row becomes.
pub(super) fn request(
    out: &mut dyn Write,
    options: &CheckOptions,
    line: u64,
    organization: &NewOrganization<'_>,
) -> io::Result<()> {
    let body = serde_json::to_string(organization)?;
    writeln!(
        out,
        "{}:{line}: POST /organizations\n  {body}",
        options.source
    )
}

/// The fixes, warnings and errors, and the verdict with what to do next.
pub(super) fn closing(out: &mut dyn Write, checked: &Checked<'_>) -> io::Result<()> {
    let summary = checked.summary;
    if summary.rows == 0 {
        return writeln!(out, "the list has a header but no rows");
    }
    let kinds = summary.problems().len() + summary.warnings().len() + summary.changes().len();
    late_keys(out, checked)?;
    fixes(out, summary)?;
    warnings(out, checked)?;
    errors(out, checked)?;
    if kinds + checked.late_keys.len() > 0 {
        writeln!(out)?;
    }
    if let Some(several) = checked.several_rows() {
        writeln!(out, "{several}")?;
    }
    counts(out, checked)?;
    if let Some(left_out) = summary.left_out_in_words() {
        writeln!(out, "  {left_out}")?;
    }
    expected_time(out, checked)?;
    for line in next::lacking(checked) {
        writeln!(out, "{line}")?;
    }
    writeln!(out, "next: {}", next::step(checked))
}

/// How many rows can be sent, and how many have a domain or an external id.
fn counts(out: &mut dyn Write, checked: &Checked<'_>) -> io::Result<()> {
    let summary = checked.summary;
    let rows = match (checked.groups, &checked.mapping.one_per) {
        (Some(groups), Some(one_per)) => format!(
            "{}, {} (one per {one_per})",
            counted(groups.rows(), "row"),
            counted(groups.organizations(), "organization")
        ),
        _ => counted(summary.rows, "row"),
    };
    match summary.invalid() {
        0 => writeln!(out, "{rows}, all can be sent")?,
        invalid => writeln!(
            out,
            "{rows}: {} can be sent, {} cannot",
            grouped(summary.valid),
            grouped(invalid)
        )?,
    }
    if summary.valid == 0 {
        return Ok(());
    }
    let of_all = |count: u64| format!("{} of {}", grouped(count), grouped(summary.valid));
    writeln!(
        out,
        "  {} have a domain, {} have an external id",
        of_all(summary.with_domain),
        of_all(summary.with_external_id)
    )
}

/// A line for each kind of fix.
fn fixes(out: &mut dyn Write, summary: &ValidationSummary) -> io::Result<()> {
    if summary.changes().is_empty() {
        return Ok(());
    }
    writeln!(out, "\nautomatic fixes (your file is not changed)")?;
    for group in summary.changes() {
        write!(
            out,
            "  {} × {}",
            grouped(group.count),
            title_of(group.code).unwrap_or(group.code)
        )?;
        if let Some((line, change)) = group.examples.first() {
            write!(out, ": line {line}, {}", Becomes(change))?;
        }
        writeln!(out, " ({})", group.code)?;
    }
    Ok(())
}

/// Each kind of warning, with its first example.
fn warnings(out: &mut dyn Write, checked: &Checked<'_>) -> io::Result<()> {
    let kinds = checked.summary.warnings();
    if kinds.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nwarnings (these rows will still be sent)")?;
    for group in kinds {
        let title = title_of(group.code).unwrap_or(group.code);
        writeln!(out, "  {} × {title} ({})", grouped(group.count), group.code)?;
        if let Some((line, warning)) = group.examples.first() {
            writeln!(out, "    {}:{line}: {warning}", checked.options.source)?;
        }
    }
    Ok(())
}

/// A line for each row that cannot be sent: all up to a limit, then where the rest is.
fn errors(out: &mut dyn Write, checked: &Checked<'_>) -> io::Result<()> {
    let invalid = checked.summary.invalid();
    if invalid == 0 {
        return Ok(());
    }
    let noun = match checked.groups {
        Some(_) => "organization",
        None => "row",
    };
    let rows = match invalid {
        1 => format!("this {noun}"),
        invalid => format!("these {}", counted(invalid, noun)),
    };
    writeln!(out, "\nerrors: {rows} will be skipped")?;
    if checked.options.verbose {
        // They are above, row by row.
        return groups(out, &checked.summary.problems());
    }
    for (line, problems) in checked.problems {
        writeln!(out, "  {}:{line}: {problems}", checked.options.source)?;
    }
    let more = match checked.groups {
        // Some are of rows, some of organizations.
        Some(_) if checked.problems.len() < LISTED => 0,
        _ => invalid.saturating_sub(checked.problems.len() as u64),
    };
    if more > 0 {
        let more = counted(more, &format!("more {noun}"));
        writeln!(out, "  and {more}: all of them with --report problems.csv")?;
    }
    Ok(())
}

/// Each kind of error, counted.
fn groups<T>(out: &mut dyn Write, groups: &[&Group<T>]) -> io::Result<()> {
    for group in groups {
        let title = title_of(group.code).unwrap_or(group.code);
        writeln!(out, "  {} × {title} ({})", grouped(group.count), group.code)?;
    }
    Ok(())
}

/// How long the import will take.
fn expected_time(out: &mut dyn Write, checked: &Checked<'_>) -> io::Result<()> {
    let valid = checked.summary.valid;
    let (Some(rate), Some(seconds)) = (checked.options.rate, checked.expected_seconds()) else {
        return Ok(());
    };
    if valid == 0 {
        return Ok(());
    }
    let time = match Duration::from_secs_f64(seconds) {
        time if seconds < 1.0 => duration(time),
        time => format!("about {}", duration(time)),
    };
    let organizations = counted(valid, "organization");
    writeln!(out, "{organizations} at {rate} requests per second: {time}")
}

/// Keys of a JSONL file that first appear after the sampled objects.
fn late_keys(out: &mut dyn Write, checked: &Checked<'_>) -> io::Result<()> {
    const SHOWN: usize = 20;
    if checked.late_keys.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nkeys that appear later in the file")?;
    for LateKey { key, line, role } in checked.late_keys.iter().take(SHOWN) {
        let taken = role
            .as_ref()
            .map_or_else(|| "not sent".to_owned(), |role| format!("→ {role}"));
        writeln!(
            out,
            "  {}  {}, from line {line}",
            printable(key),
            printable(&taken)
        )?;
    }
    if checked.late_keys.len() > SHOWN {
        writeln!(out, "  and {} more", checked.late_keys.len() - SHOWN)?;
    }
    Ok(())
}

/// The fix of a cell.
struct Becomes<'a>(&'a Change<'a>);

impl Display for Becomes<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Change {
            column, from, to, ..
        } = self.0;
        write!(f, "column {}: {} ", quoted(column), quoted(from))?;
        match to.as_ref() {
            "" => f.write_str("is treated as empty"),
            to => write!(f, "becomes {}", quoted(to)),
        }
    }
}
