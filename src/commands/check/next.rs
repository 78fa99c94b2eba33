//! The next step after a check.

use super::checked::Checked;
use crate::input::Source;
use crate::run::is_results;
use crate::text::{quoted, shell};

/// What the list lacks, and which option helps.
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
    let elsewhere = checked.content.likely_domain(mapping).map(|column| {
        let option = shell(&format!("domain={column}"));
        format!("use --map {option}")
    });
    match (mapping.domains.as_slice(), elsewhere) {
        ([], None) => {}
        ([], Some(option)) => {
            lines.push(format!("no column is mapped to the domain: {option}"));
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
        let from = checked.content.likely_id(mapping).unwrap_or("generated");
        lines.push(format!(
            "{none} has an external id: {why}with one (--external-id-from {}), WorkOS itself \
             prevents duplicates",
            shell(from)
        ));
    }
    let constant = checked.content.constant_ids(mapping).into_iter();
    lines.extend(constant.map(|column| {
        format!(
            "column {} is not an id: it has the same value in all rows",
            quoted(column)
        )
    }));
    lines
}

/// Says that these columns are empty.
fn blank(columns: &[String]) -> String {
    let named: Vec<_> = columns.iter().map(|column| quoted(column)).collect();
    match named.as_slice() {
        [column] => format!("column {column} is empty in all of them"),
        _ => format!("columns {} are empty in all of them", named.join(", ")),
    }
}

/// The next step for a list with rows.
pub(super) fn step(checked: &Checked<'_>) -> String {
    let (options, summary) = (checked.options, checked.summary);
    let source = options.source.to_string();
    if is_results(checked.reader) {
        let fix = match summary.invalid() {
            0 => "",
            _ => "fix these rows in it, then ",
        };
        return format!(
            "this is a results file: {fix}workos-orgs retry {} sends the failed rows again",
            shell(&source)
        );
    }
    if let Some(several) = checked.several_rows() {
        return format!("check again: {}", several.answers());
    }
    if summary.invalid() > 0 {
        return match one_reason(checked) {
            Some(reason) => format!("all rows fail for the same reason: {reason}"),
            None => format!(
                "{}, and check again; an import skips them",
                where_to_fix(checked)
            ),
        };
    }
    let called = &options.invocation;
    match (&options.source, &options.fixed) {
        (Source::Stdin, None) => format!(
            "{} --results results.csv, with the same list on standard input",
            called.import(None)
        ),
        (_, fixed) => called.import(fixed.as_deref()),
    }
}

fn where_to_fix(checked: &Checked<'_>) -> String {
    let copy = format!(
        "in a copy from --fixed OUT.{}",
        checked.reader.format().extension()
    );
    match (&checked.options.fixed, &checked.options.source) {
        (Some(fixed), _) => format!("fix these rows in {}", fixed.display()),
        (None, Source::Stdin) => format!("fix these rows {copy}"),
        (None, source) => format!("fix these rows in {source}, or {copy}"),
    }
}

/// The probable cause, if all rows fail for the same reason.
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
            "column {} contains objects: choose a value inside with --map {}.KEY",
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
            "the file was probably read in the wrong format: see --delimiter and --format"
                .to_owned(),
        );
    } else {
        return None;
    };
    let content = checked.content;
    let used = [mapping.name.as_str()];
    let likely = match role {
        "name" => content.likely_name(&used),
        "domain" => content.likely_domain(mapping),
        _ => content.likely_id(mapping),
    };
    let instead = likely.map_or_else(
        || format!("choose the right one with --map, or none with --map {role}="),
        |likely| format!("to use another one: --map {role}={}", shell(likely)),
    );
    Some(format!(
        "column {} is probably not the {role}: {instead}",
        quoted(column?)
    ))
}
