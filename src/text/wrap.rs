//! Lines wrapped at words, for a terminal.

use anstream::adapter::strip_str;
use unicode_width::UnicodeWidthStr;

/// The narrowest terminal for which lines are wrapped.
const NARROWEST: usize = 40;

/// The text with its lines wrapped at words, so that each fits this width. What follows in a wrapped
/// line is indented. Lines with a command stay whole, so that it can be copied.
pub(crate) fn wrapped(text: &str, width: usize) -> String {
    if width < NARROWEST {
        return text.to_owned();
    }
    let lines: Vec<_> = text
        .split('\n')
        .map(|line| wrapped_line(line, width))
        .collect();
    lines.join("\n")
}

/// How many columns of a terminal a text takes: wide characters take two, colours none.
fn columns(text: &str) -> usize {
    strip_str(text).to_string().width()
}

fn wrapped_line(line: &str, width: usize) -> String {
    let is_command = line.contains("workos-orgs ") || line.contains("export ");
    let is_for_programs = line.starts_with('{');
    if is_command || is_for_programs || columns(line) <= width {
        return line.to_owned();
    }
    let indentation = " ".repeat(indentation(line).min(width / 2));
    let (mut wrapped, mut used) = (String::new(), 0);
    for word in line.split_inclusive(' ') {
        let length = columns(word.trim_end());
        if used + length > width && used > indentation.len() {
            wrapped.truncate(wrapped.trim_end_matches(' ').len());
            wrapped.push('\n');
            wrapped.push_str(&indentation);
            used = indentation.len();
        }
        wrapped.push_str(word);
        used += columns(word);
    }
    wrapped
}

/// How far what follows in a wrapped line is indented: below the text of `  rows:    12 new`, or a
/// little more than the line.
fn indentation(line: &str) -> usize {
    let text = line.trim_start();
    let before = line.len() - text.len();
    let topic = text
        .split(' ')
        .next()
        .filter(|word| word.ends_with(':') && word.len() < 10);
    match topic {
        Some(topic) => {
            let rest = text.get(topic.len()..).unwrap_or_default();
            before + topic.len() + (rest.len() - rest.trim_start().len())
        }
        None => before + 2,
    }
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn long_lines_are_wrapped_at_words_and_indented() {
        let text = "  rows:    12 rows of the list are new, and 4 were not sent\n  short";
        assert_eq!(
            wrapped(text, 40),
            "  rows:    12 rows of the list are new,\n           and 4 were not sent\n  short"
        );
        let text = "    customers.csv:12: the name is empty; WorkOS requires a name";
        assert_eq!(
            wrapped(text, 40),
            "    customers.csv:12: the name is empty;\n      WorkOS requires a name"
        );
    }

    #[test]
    fn wide_characters_take_two_columns_and_colours_none() {
        let text = "株式会社の名前が 使われています";
        assert_eq!(wrapped(&text.repeat(2), 40).lines().count(), 3);
        let text = "\u{1b}[1m\u{1b}[31merror\u{1b}[0m: 40 columns of words on a screen";
        assert_eq!(wrapped(text, 40), text);
    }

    #[test]
    fn a_command_an_object_and_a_long_word_stay_whole() {
        let command = "next: workos-orgs import a-rather-long-name-of-a-list.csv --rate 20";
        assert_eq!(wrapped(command, 40), command);
        let object = format!("{{\"message\":\"{}\"}}", "a word ".repeat(20));
        assert_eq!(wrapped(&object, 40), object);
        let word = "x".repeat(90);
        assert_eq!(wrapped(&word, 40), word);
    }
}
