//! The facts in short, as Markdown for a pull request or a ticket.

use super::facts::{Facts, Group};
use super::run_facts::run_facts;
use crate::results::Status;
use crate::text::{grouped, one_line};
use std::fmt::Write as _;

/// How many causes are listed.
const CAUSES: usize = 10;
/// How many rows of a cause are listed.
const ROWS: usize = 3;
/// How many characters of a text are shown.
const LONGEST: usize = 120;

/// The facts in short.
pub fn markdown(facts: &Facts) -> String {
    let mut text = format!(
        "## {}\n\n{}\n",
        plain(&facts.verdict),
        plain(&facts.next.what)
    );
    if let Some(command) = &facts.next.command {
        let _ = write!(text, "\n{}\n", block(command));
    }
    text.push_str("\n| result | rows |\n|---|--:|\n");
    for group in Group::ALL {
        let count = facts.totals.of(group);
        if count > 0 {
            let parts = parts(facts, group);
            let _ = writeln!(text, "| {}{parts} | {} |", group.words(), grouped(count));
        }
    }
    if !facts.causes.is_empty() {
        text.push_str("\n### What is not done, and why\n\n");
    }
    for cause in facts.causes.iter().take(CAUSES) {
        let name = cause.code.as_deref().map(code).unwrap_or_default();
        let _ = writeln!(
            text,
            "- **{}** · {} · `{}` {name}  \n  {} {}",
            plain(&cause.title),
            grouped(cause.count),
            cause.status,
            cause.meaning,
            cause.advice
        );
        if let Some(message) = &cause.message {
            let _ = writeln!(text, "  For example: {}", code(message));
        }
        let rows = cause
            .first_rows
            .iter()
            .filter_map(|row| facts.rows.get(*row));
        for row in rows.take(ROWS) {
            let place = match row.line {
                Some(line) => format!("line {line}"),
                None => format!("row {}", row.row),
            };
            let _ = writeln!(text, "  - {place} {}", code_or_none(&row.name));
        }
    }
    if let Some(more @ 1..) = facts.causes.len().checked_sub(CAUSES) {
        let _ = writeln!(text, "- {more} more in the report");
    }
    text.push_str("\n| run | |\n|---|---|\n");
    for fact in run_facts(facts) {
        let note = match fact.note.as_str() {
            "" => String::new(),
            note => format!(" ({})", plain(note)),
        };
        let _ = writeln!(text, "| {} | {}{note} |", fact.name, code(&fact.value));
    }
    let privacy = if facts.is_redacted {
        "Redacted: names, domains, ids and metadata are left out."
    } else {
        "Confidential: contains names of customers."
    };
    let _ = write!(text, "\n<sub>{privacy}</sub>\n");
    text
}

/// ` (3 created, 60 updated)`, where not all of a group have the status that it usually means.
fn parts(facts: &Facts, group: Group) -> String {
    let of_group = |status: &Status| Group::of(Some(*status)) == group;
    let statuses = Status::ALL.into_iter().filter(of_group);
    let counted = statuses.filter_map(|status| Some((status, *facts.counts.get(status.name())?)));
    let counted: Vec<_> = counted.filter(|(_, count)| *count > 0).collect();
    if matches!(
        counted.as_slice(),
        [] | [(Status::Created | Status::Deleted, _)]
    ) {
        return String::new();
    }
    let parts: Vec<_> = counted
        .iter()
        .map(|(status, count)| format!("{} {status}", grouped(*count)))
        .collect();
    format!(" ({})", parts.join(", "))
}

fn code_or_none(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    code(text)
}

/// Outside text as inline code, in which nothing is a link, a mention, a picture or a tag. A bar
/// would end the cell of a table.
fn code(text: &str) -> String {
    let text = one_line(text, LONGEST).replace('|', "¦");
    let longest = longest_run(&text);
    let fence = "`".repeat(longest + 1);
    let space = if longest > 0 { " " } else { "" };
    match text.as_str() {
        "" => String::new(),
        text => format!("{fence}{space}{text}{space}{fence}"),
    }
}

/// A block of code whose fence does not occur in it.
fn block(text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("{fence}sh\n{}\n{fence}", one_line(text, 1_000))
}

/// The longest run of backticks.
fn longest_run(text: &str) -> usize {
    let runs = text.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or(0)
}

/// Our own words, which may hold an outside word: without the signs of Markdown.
fn plain(text: &str) -> String {
    let text = one_line(text, 1_000);
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => plain.push_str("&lt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '@' | '!' => plain.extend(['\\', c]),
            c => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outside_text_is_inert() {
        assert_eq!(code("@acme #12 [x](y) <b>"), "`@acme #12 [x](y) <b>`");
        assert_eq!(code("a`b``c"), "``` a`b``c ```");
        assert_eq!(code("a | b\nc"), "`a ¦ b c`");
        assert_eq!(plain("<img> *a* @b"), "&lt;img> \\*a\\* \\@b");
        assert!(block("echo ```").starts_with("````sh\n"));
    }
}
