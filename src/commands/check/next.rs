//! What to do after a check.

use super::Checked;
use crate::commands::again::Invocation;
use crate::engine::is_results;
use crate::input::Source;
use crate::text::{quoted, shell};

/// What the list lacks, and where it may be had.
pub(super) fn lacking(checked: &Checked<'_>) -> Vec<String> {
    let (summary, mapping) = (checked.summary, checked.mapping);
    let mut lines = Vec::new();
    if summary.valid == 0 {
        return lines;
    }
    let none = match summary.invalid() {
        0 => "no row",
        _ => "no row that can be sent",
    };
    let elsewhere = checked.unmapped.domain().map(|column| {
        let option = shell(&format!("domain={column}"));
        format!("--map {option} would take it from there")
    });
    match (mapping.domains.as_slice(), elsewhere) {
        ([], None) => {}
        ([], Some(option)) => {
            lines.push(format!("no column is taken as the domain: {option}"));
        }
        (columns, elsewhere) if summary.with_domain == 0 => {
            let why: Vec<_> = [blank(columns)].into_iter().chain(elsewhere).collect();
            lines.push(format!("{none} has a domain: {}", why.join("; ")));
        }
        _ => {}
    }
    if summary.with_external_id == 0 {
        let columns = mapping.external_id.as_slice();
        let why = if columns.is_empty() {
            String::new()
        } else {
            format!("{}; ", blank(columns))
        };
        let column = checked.unmapped.external_id().map(shell);
        lines.push(format!(
            "{none} has an external id: {why}with one (--external-id-from {}) WorkOS itself makes \
             sure that nothing is created twice",
            column.as_deref().unwrap_or("COLUMN")
        ));
    }
    lines
}

/// Why no row has what these columns could hold.
fn blank(columns: &[String]) -> String {
    let named: Vec<_> = columns.iter().map(|column| quoted(column)).collect();
    match named.as_slice() {
        [column] => format!("column {column} is blank in all of them"),
        _ => format!("columns {} are blank in all of them", named.join(", ")),
    }
}

/// What to do next with a list that has rows.
pub(super) fn step(checked: &Checked<'_>) -> String {
    let (options, summary) = (checked.options, checked.summary);
    let source = options.source.to_string();
    if is_results(checked.reader) {
        let correct = match summary.invalid() {
            0 => "",
            _ => "correct these rows in it, then ",
        };
        return format!(
            "this is a results file: {correct}workos-orgs retry {} runs the rows that are not done",
            shell(&source)
        );
    }
    if summary.invalid() > 0 {
        return match one_reason(checked) {
            Some(reason) => format!("every row fails for the same reason: {reason}"),
            None => format!(
                "{}, and check again; an import leaves them out and says so",
                where_to_correct(checked)
            ),
        };
    }
    let called = Invocation::of(options.called.iter().cloned());
    match (&options.source, &options.fixed) {
        (Source::Stdin, None) => format!(
            "{}, with the same list as its input",
            called.import("-", None)
        ),
        (Source::Stdin, fixed) => called.import("-", fixed.as_deref()),
        (_, fixed) => called.import(&source, fixed.as_deref()),
    }
}

fn where_to_correct(checked: &Checked<'_>) -> String {
    let copy = format!(
        "in a copy from --fixed OUT.{}",
        checked.reader.format().extension()
    );
    match (&checked.options.fixed, &checked.options.source) {
        (Some(fixed), _) => format!("correct these rows in {}", fixed.display()),
        (None, Source::Stdin) => format!("correct these rows {copy}"),
        (None, source) => format!("correct these rows in {source}, or {copy}"),
    }
}

/// What is probably wrong where no row can be sent, and all for the same reason.
fn one_reason(checked: &Checked<'_>) -> Option<String> {
    let summary = checked.summary;
    let problems = summary.problems();
    let [only] = problems.as_slice() else {
        return None;
    };
    if summary.valid > 0 || summary.rows < 2 {
        return None;
    }
    let mapping = checked.mapping;
    if only.code == "value_nested" {
        let (_, example) = only.examples.first()?;
        let column = example.column.as_ref()?;
        let role = mapping.roles(column).into_iter().next()?;
        return Some(format!(
            "column {} holds objects: name a value inside, with --map {}.KEY",
            quoted(column),
            shell(&format!("{role}={column}"))
        ));
    }
    let (role, column) = if only.code.starts_with("name_") {
        ("name", Some(&mapping.name))
    } else if only.code.starts_with("domain_") {
        ("domain", mapping.domains.first())
    } else if only.code.starts_with("external_id_") {
        ("external_id", mapping.external_id.as_ref())
    } else if matches!(only.code, "too_many_cells" | "row_unreadable") {
        return Some(
            "the file is probably not what it is read as: see --delimiter and --format".to_owned(),
        );
    } else {
        return None;
    };
    Some(format!(
        "column {} is probably not the {role}: say which one is, with --map {role}=COLUMN",
        quoted(column?)
    ))
}
