//! Lines wrapped at words, for a terminal.

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

fn wrapped_line(line: &str, width: usize) -> String {
    let is_command = line.contains("workos-orgs ") || line.contains("export ");
    if is_command || line.chars().count() <= width {
        return line.to_owned();
    }
    let indentation = " ".repeat(indentation(line).min(width / 2));
    let (mut wrapped, mut used) = (String::new(), 0);
    for word in line.split_inclusive(' ') {
        let length = word.trim_end().chars().count();
        if used + length > width && used > indentation.len() {
            wrapped.truncate(wrapped.trim_end_matches(' ').len());
            wrapped.push('\n');
            wrapped.push_str(&indentation);
            used = indentation.len();
        }
        wrapped.push_str(word);
        used += word.chars().count();
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
    fn a_command_and_a_long_word_stay_whole() {
        let command = "next: workos-orgs import a-rather-long-name-of-a-list.csv --rate 20";
        assert_eq!(wrapped(command, 40), command);
        let word = "x".repeat(90);
        assert_eq!(wrapped(&word, 40), word);
    }
}
