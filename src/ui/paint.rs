//! Colours for words that a reader looks for: the status of a row, and what a plan changes. They add no
//! meaning: the words say it all.

use crate::results::Status;
use anstyle::{AnsiColor, Style};
use std::borrow::Cow;

/// The text with its status words and its signs of changes in colour.
pub(super) fn painted(text: &str) -> Cow<'_, str> {
    let is_for_programs = text.starts_with('{');
    if is_for_programs || !text.lines().any(|line| mark(line).is_some()) {
        return Cow::Borrowed(text);
    }
    let lines = text.split('\n').map(|line| match mark(line) {
        Some((start, end, style)) => {
            let (before, rest) = line.split_at(start);
            let (word, after) = rest.split_at(end - start);
            Cow::Owned(format!("{before}{style}{word}{style:#}{after}"))
        }
        None => Cow::Borrowed(line),
    });
    Cow::Owned(lines.collect::<Vec<_>>().join("\n"))
}

/// What of a line is coloured, from where to where, and how.
fn mark(line: &str) -> Option<(usize, usize, Style)> {
    let start = line.len() - line.trim_start().len();
    let sign = line.get(start..start + 2).filter(|_| start > 0);
    let of_sign = match sign {
        Some("+ ") => Some(AnsiColor::Green),
        Some("~ ") => Some(AnsiColor::Yellow),
        Some("- ") => Some(AnsiColor::Red),
        _ => None,
    };
    if let Some(color) = of_sign {
        return Some((start, start + 1, color.on_default()));
    }
    if line.starts_with("warning:") {
        return Some((0, 7, AnsiColor::Yellow.on_default().bold()));
    }
    let mut end = 0;
    for word in line.split_inclusive(' ') {
        let start = end;
        end += word.len();
        let name = word.trim_end_matches([' ', ':', ',']);
        let before = line.get(..start).unwrap_or_default().trim();
        if let Some(status) = Status::from_name(name).filter(|_| is_place(before)) {
            return Some((start, start + name.len(), style_of(status)));
        }
        if !is_place(before) && !before.is_empty() && !is_start_of_place(before) {
            return None;
        }
    }
    None
}

/// Whether a status may follow: nothing, a count, or `customers.csv:5:`.
fn is_place(before: &str) -> bool {
    let count = before.replace(',', "");
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let line = before.strip_suffix(':').and_then(|it| it.rsplit_once(':'));
    is_number(&count) || line.is_some_and(|(_, line)| !line.is_empty() && is_number(line))
}

/// Whether it may be the beginning of a file's name with spaces.
fn is_start_of_place(before: &str) -> bool {
    !before.ends_with([':', ',', '.', ';'])
}

const fn style_of(status: Status) -> Style {
    let color = match status {
        Status::Created | Status::Unchanged | Status::Updated | Status::Merged => AnsiColor::Green,
        Status::Conflict | Status::Failed | Status::Invalid => AnsiColor::Red,
        Status::Unavailable | Status::Unknown | Status::Deleted => AnsiColor::Yellow,
    };
    color.on_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is coloured in a text.
    fn words(text: &str) -> Vec<String> {
        let marks = text.lines().filter_map(|line| {
            let (start, end, _) = mark(line)?;
            line.get(start..end).map(str::to_owned)
        });
        marks.collect()
    }

    #[test]
    fn status_words_and_signs_are_coloured_and_nothing_else() {
        for (text, coloured) in [
            ("customers.csv:5: conflict \"Acme\": taken", "conflict"),
            ("my list.csv:12: invalid: no name", "invalid"),
            ("  created        4,993", "created"),
            ("        1  failed: HTTP 500", "failed"),
            ("  + Acme (acme.com)", "+"),
            ("  ~ Bolt", "~"),
            ("warning: 2 organizations match row 5", "warning"),
        ] {
            assert_eq!(words(text), [coloured], "{text}");
        }
        for text in [
            "the rows with status conflict are left",
            "nothing to send: all 5 rows have a result",
            "+1 is a number",
            "{\"status\":\"created\"}",
            "results: created.csv",
            "",
        ] {
            assert_eq!(painted(text), text);
        }
    }

    #[test]
    fn without_its_colours_a_text_is_what_it_was() {
        let text = "a.csv:5: failed \"X\"\n\n  created 2\n  unknown 1\n";
        let coloured = painted(text);
        assert_ne!(coloured, text);
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), text);
    }
}
