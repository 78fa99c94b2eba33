//! The findings of a check as one JSON object.

use super::checked::Checked;
use crate::columns::Mapping;
use crate::organization::problem::Problem;
use crate::run::{Groups, object};
use crate::validate::{Change, Group};
use serde::Serialize;
use std::io::{self, Write};

#[derive(Serialize)]
struct Report<'a> {
    file: String,
    read_as: String,
    columns: Vec<Column>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    late_keys: Vec<Late<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left_out: Vec<LeftOut<'a>>,
    mapping: &'a Mapping,
    rows: u64,
    /// How many organizations they are, where rows are united.
    #[serde(skip_serializing_if = "Option::is_none")]
    organizations: Option<u64>,
    valid: u64,
    invalid: u64,
    with_domain: u64,
    with_external_id: u64,
    /// How many names the rows have, where several rows seem to be one customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    names: Option<u64>,
    /// What these rows probably have in common.
    #[serde(skip_serializing_if = "Option::is_none")]
    one_per: Option<String>,
    problems: Vec<Kind<'a>>,
    warnings: Vec<Kind<'a>>,
    cleaned: Vec<Kind<'a>>,
    requests_per_second: Option<f64>,
    expected_seconds: Option<f64>,
}

#[derive(Serialize)]
struct Column {
    header: String,
    taken_as: Vec<String>,
}

/// A line below the list that is no row.
#[derive(Serialize)]
struct LeftOut<'a> {
    line: u64,
    text: &'a str,
}

/// A key of a JSONL file first seen after the sampled objects.
#[derive(Serialize)]
struct Late<'a> {
    key: &'a str,
    line: u64,
    taken_as: Option<String>,
}

#[derive(Serialize)]
struct Kind<'a> {
    code: &'static str,
    count: u64,
    examples: Vec<Example<'a>>,
}

#[derive(Serialize)]
struct Example<'a> {
    line: u64,
    column: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'a str>,
}

/// Writes the object on a line of its own.
pub(super) fn write(out: &mut dyn Write, checked: &Checked<'_>, exit_code: u8) -> io::Result<()> {
    let (options, summary) = (checked.options, checked.summary);
    let table = checked.mapping.table(checked.reader.header());
    let several = checked.several_rows();
    let report = Report {
        file: options.source.to_string(),
        read_as: checked.reader.read_as().to_string(),
        columns: table
            .into_iter()
            .map(|(header, roles)| Column {
                header,
                taken_as: roles.iter().map(ToString::to_string).collect(),
            })
            .collect(),
        late_keys: checked
            .late_keys
            .iter()
            .map(|late| Late {
                key: &late.key,
                line: late.line,
                taken_as: late.role.as_ref().map(ToString::to_string),
            })
            .collect(),
        left_out: summary
            .left_out
            .iter()
            .map(|(line, text)| LeftOut { line: *line, text })
            .collect(),
        mapping: checked.mapping,
        rows: checked.groups.map_or(summary.rows, Groups::rows),
        organizations: checked.groups.map(Groups::organizations),
        valid: summary.valid,
        invalid: summary.invalid(),
        with_domain: summary.with_domain,
        with_external_id: summary.with_external_id,
        names: several.as_ref().map(|several| several.names),
        one_per: several.map(|several| several.one_per.to_string()),
        problems: kinds(summary.problems(), problem),
        warnings: kinds(summary.warnings(), problem),
        cleaned: kinds(summary.changes(), change),
        requests_per_second: options.rate,
        expected_seconds: checked.expected_seconds(),
    };
    let mut object = object(options.invocation.command(), None, None, exit_code);
    if let serde_json::Value::Object(report) = serde_json::to_value(&report)? {
        object.extend(report);
    }
    serde_json::to_writer(&mut *out, &object)?;
    writeln!(out)
}

fn kinds<'a, T>(
    groups: Vec<&'a Group<T>>,
    example: impl Fn(&'a (u64, T)) -> Example<'a>,
) -> Vec<Kind<'a>> {
    let kind = |group: &'a Group<T>| Kind {
        code: group.code,
        count: group.count,
        examples: group.examples.iter().map(&example).collect(),
    };
    groups.into_iter().map(kind).collect()
}

fn problem((line, found): &(u64, Problem)) -> Example<'_> {
    Example {
        line: *line,
        column: found.column.as_deref(),
        message: Some(&found.message),
        from: None,
        to: None,
    }
}

fn change<'a>((line, found): &'a (u64, Change<'a>)) -> Example<'a> {
    Example {
        line: *line,
        column: Some(&found.column),
        message: None,
        from: Some(&found.from),
        to: Some(&found.to),
    }
}
