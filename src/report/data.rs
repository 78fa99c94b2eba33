//! The rows of a page as JSON inside a `<script>` element that no browser runs.

use super::facts::{Facts, Group, RowFacts};
use super::words::shown;
use crate::results::Status;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use std::fmt;

/// The rows of a page, written one by one. `<` never occurs in it, so that no cell can end its
/// element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Data<'a> {
    pub(super) facts: &'a Facts,
    /// What a link to an organization begins with; blank where there are no links.
    pub(super) dashboard: &'a str,
}

/// The name of a status in the page.
pub(super) fn status_name(status: Option<Status>) -> &'static str {
    status.map_or("not sent", Status::name)
}

/// Every status, and none.
pub(super) fn statuses() -> impl Iterator<Item = Option<Status>> {
    Status::ALL.into_iter().map(Some).chain([None])
}

impl fmt::Display for Data<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let statuses = statuses().map(|status| (status_name(status), Group::of(status).name()));
        let causes = &self.facts.causes;
        let codes = causes
            .iter()
            .map(|cause| shown(&cause.code.clone().unwrap_or_default()));
        let head = json!({
            "dashboard": self.dashboard,
            "redacted": self.facts.is_redacted,
            "statuses": statuses.collect::<Vec<_>>(),
            "causes": causes.iter().map(|cause| &cause.title).collect::<Vec<_>>(),
            "codes": codes.map(|code| code.to_lowercase()).collect::<Vec<_>>(),
        });
        let head = inert(&head)?;
        write!(f, "{},\"rows\":[", head.trim_end_matches('}'))?;
        for (index, row) in self.facts.rows.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            write!(f, "{comma}\n{}", inert(&line(row))?)?;
        }
        f.write_str("]}")
    }
}

/// JSON without any `<`, which inside a string can be written as an escape.
fn inert(value: &impl Serialize) -> Result<String, fmt::Error> {
    let text = serde_json::to_string(value).map_err(|_| fmt::Error)?;
    Ok(if text.contains('<') {
        text.replace('<', "\\u003c")
    } else {
        text
    })
}

/// The fields in the order in which `report.js` knows them. What is missing is blank or 0.
fn line(row: &RowFacts) -> impl Serialize {
    let text = |text: &Option<String>| text.as_deref().map(shown).unwrap_or_default();
    let status = statuses().position(|status| status == row.status);
    let cause = row.cause.and_then(|cause| i64::try_from(cause).ok());
    let finished = row.finished_at.map_or(0, Timestamp::as_millisecond);
    (
        row.line.unwrap_or(0),
        row.row,
        status.unwrap_or(0),
        cause.unwrap_or(-1),
        shown(&row.name),
        shown(&row.domains.join(", ")),
        text(&row.external_id),
        text(&row.organization_id),
        text(&row.existing_organization_id),
        text(&row.message),
        row.attempts,
        text(&row.request_id),
        row.http_status.unwrap_or(0),
        finished,
        text(&row.changes),
    )
}
