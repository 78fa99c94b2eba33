//! No text for a user has a word that CONTRIBUTING lists under "Words to avoid".

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do, by a panic"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// The words to avoid: the first column of the table in CONTRIBUTING.
fn words() -> Vec<String> {
    let text = fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap();
    let (_, table) = text.split_once("## Words to avoid\n").unwrap();
    let rows = table.lines().take_while(|line| !line.starts_with("## "));
    let rows = rows.filter(|line| line.starts_with("| ")).skip(1);
    let cells = rows.map(|row| row.split('|').nth(1).unwrap_or_default());
    let words = cells.flat_map(|cell| cell.split(',').map(|word| word.trim().to_owned()));
    words.collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files with this extension in a folder and those within it.
fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|own| own == extension) {
                found.push(path);
            }
        }
    }
    found
}

/// What a user can read of a source file: its texts in quotes and, of the command line, the comments
/// that are its help. Its tests, which come last, do not count.
fn shown(source: &str, is_help: bool) -> String {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let mut shown = String::new();
    let mut rest = code;
    while let Some(start) = rest.find(['"', '/', '\'']) {
        let (_, found) = rest.split_at(start);
        let (end, is_shown) = if found.starts_with("//") {
            let end = found.find('\n').unwrap_or(found.len());
            (end, is_help && found.starts_with("///"))
        } else if found.starts_with('"') {
            (end_of_text(found), true)
        } else if found.starts_with("'\"'") {
            (3, false)
        } else if found.starts_with("'\\") {
            let end = found.get(3..).and_then(|rest| rest.find('\''));
            (end.map_or(1, |end| end + 4), false)
        } else {
            (1, false)
        };
        let (text, after) = found.split_at(end);
        if is_shown {
            shown.push_str(&text.replace("\\n", " "));
            shown.push('\n');
        }
        rest = after;
    }
    shown
}

/// Where a text that begins with a quotation mark ends, in bytes.
fn end_of_text(text: &str) -> usize {
    let mut is_escaped = false;
    for (place, c) in text.char_indices().skip(1) {
        match c {
            '"' if !is_escaped => return place + 1,
            '\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
    text.len()
}

/// The words to avoid that a text has, each with the line around it.
fn found(text: &str, words: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines() {
        let letters = |c: char| c.is_alphanumeric() || c == '_';
        let plain: Vec<String> = line
            .split(|c| !letters(c))
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect();
        let plain = format!(" {} ", plain.join(" "));
        for word in words {
            if plain.contains(&format!(" {word} ")) {
                found.push(format!("{word}: {}", line.trim()));
            }
        }
    }
    found
}

#[test]
fn no_text_for_a_user_has_a_word_to_avoid() {
    let words = words();
    assert!(words.len() > 20, "{words:?}");
    let mut problems = Vec::new();
    let mut check = |path: &Path, text: &str| {
        let found = found(text, &words).into_iter();
        problems.extend(found.map(|found| format!("{}: {found}", path.display())));
    };
    for path in files("src", "rs") {
        let is_help = path.starts_with(root().join("src/cli"));
        check(&path, &shown(&fs::read_to_string(&path).unwrap(), is_help));
    }
    let pages = ["README.md", "CHANGELOG.md", "SECURITY.md"].map(|name| root().join(name));
    let pages = pages.into_iter().chain(files("docs", "md"));
    for path in pages.chain(files("tests/cmd", "md")) {
        check(&path, &fs::read_to_string(&path).unwrap());
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn a_word_is_found_in_a_message_and_in_a_help_text_only() {
    let words = vec!["behind".to_owned(), "at which".to_owned()];
    let source = "/// Help: behind it\n// note: behind\nlet a = \"x \\\" at Which\";\nbehind();\n";
    assert_eq!(found(&shown(source, true), &words).len(), 2);
    assert_eq!(
        found(&shown(source, false), &words),
        ["at which: \"x \\\" at Which\""]
    );
    let tests = "#[cfg(test)]\nmod tests { const A: &str = \"behind\"; }";
    assert!(found(&shown(tests, true), &words).is_empty());
}
