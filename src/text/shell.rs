//! Paths and arguments, quoted so that a suggested command can be pasted into a shell.

use super::untrusted::printable;
use std::path::Path;

/// An argument, quoted for the shells of this system where it needs quotes, without control
/// characters.
///
/// ```
/// use workos_orgs::text::shell;
/// assert_eq!(shell("my list.csv"), "\"my list.csv\"");
/// ```
pub fn shell(argument: &str) -> String {
    if cfg!(windows) {
        windows(argument)
    } else {
        posix(argument)
    }
}

/// A path, quoted as by [`shell`].
pub(crate) fn shell_path(path: &Path) -> String {
    shell(&path.display().to_string())
}

/// The program of a command line, quoted as by [`shell`].
pub(crate) fn shell_program(program: &str) -> String {
    if cfg!(windows) {
        windows_program(program)
    } else {
        posix(program)
    }
}

/// The command that sets an environment variable in the user's shell.
pub(crate) fn set_variable(name: &str, value: &str) -> String {
    if cfg!(windows) {
        format!("$env:{name} = \"{value}\"")
    } else {
        format!("export {name}={value}")
    }
}

/// Quotes for POSIX shells: double quotes, or single quotes where the text has a character with a
/// meaning inside double quotes.
fn posix(argument: &str) -> String {
    let argument = printable(argument);
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+=:,@%".contains(c);
    if !argument.is_empty() && !argument.starts_with('=') && argument.chars().all(is_plain) {
        argument.into_owned()
    } else if !argument.contains(['"', '$', '`', '\\', '!']) {
        format!("\"{argument}\"")
    } else {
        format!("'{}'", argument.replace('\'', r"'\''"))
    }
}

/// Quotes that both PowerShell and cmd understand: double quotes.
///
/// The two disagree on a few characters. The text never ends the quotes in either shell, and
/// where only one can get the text right, it is PowerShell: `$`, backticks and curly quotes get
/// its escape, a backtick, which cmd passes on. A name between two `%` is replaced by cmd, also
/// in quotes; there is no way to prevent that at its prompt.
fn windows(argument: &str) -> String {
    let argument = printable(argument);
    let is_plain = |c: char| c.is_alphanumeric() || r"\/._-+=:".contains(c);
    // PowerShell splits `-option.rest` in two, and `=` begins no word.
    let is_split = argument.starts_with('-') && argument.contains(['.', ':']);
    let is_bare = !argument.is_empty() && !argument.starts_with('=') && !is_split;
    if is_bare && argument.chars().all(is_plain) {
        return argument.into_owned();
    }
    let mut quoted = String::from("\"");
    let mut backslashes = 0;
    for c in argument.chars() {
        match c {
            // A program takes a backslash before a quote as the quote's escape.
            '"' => {
                quoted.push_str(&"\\".repeat(backslashes));
                quoted.push_str("\"\"");
            }
            '$' | '`' | '\u{201c}'..='\u{201e}' => quoted.extend(['`', c]),
            c => quoted.push(c),
        }
        backslashes = if c == '\\' { backslashes + 1 } else { 0 };
    }
    quoted.push_str(&"\\".repeat(backslashes));
    quoted.push('"');
    quoted
}

/// PowerShell takes quotes at the beginning of a line for a text to print: `&` runs it. There is no
/// way to write it for cmd too.
fn windows_program(program: &str) -> String {
    let quoted = windows(program);
    if quoted.starts_with('"') {
        format!("& {quoted}")
    } else {
        quoted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn posix_shells_get_the_argument_as_it_is() {
        assert_eq!(posix("a/b-c.csv"), "a/b-c.csv");
        assert_eq!(posix("my list's.csv"), r#""my list's.csv""#);
        assert_eq!(posix("it's $5"), r"'it'\''s $5'");
        assert_eq!(posix("$(id)\u{1b}[31m"), "'$(id)'");
        assert_eq!(posix("a\\b"), r"'a\b'");
        assert_eq!(posix(""), "\"\"");
        assert_eq!(posix("=ls"), "\"=ls\"");
    }

    #[test]
    fn windows_shells_get_double_quotes() {
        assert_eq!(windows(r"C:\lists\a.csv"), r"C:\lists\a.csv");
        assert_eq!(windows(r"C:\my lists\a.csv"), r#""C:\my lists\a.csv""#);
        assert_eq!(windows(r"C:\my lists\"), r#""C:\my lists\\""#);
        assert_eq!(windows("Name,Plan"), "\"Name,Plan\"");
        assert_eq!(windows("it's 5 %"), "\"it's 5 %\"");
        assert_eq!(windows("$(calc) & `x"), "\"`$(calc) & ``x\"");
        assert_eq!(windows(r#"a\"b"#), r#""a\\""b""#);
        assert_eq!(windows("--key=a.b"), "\"--key=a.b\"");
        assert_eq!(windows("--limit"), "--limit");
        assert_eq!(windows(""), "\"\"");
        let program = windows_program(r"C:\my tools\workos-orgs.exe");
        assert_eq!(program, r#"& "C:\my tools\workos-orgs.exe""#);
        assert_eq!(windows_program(r".\workos-orgs.exe"), r".\workos-orgs.exe");
    }

    /// What a POSIX shell makes of a quoted word; `None` where it would see more than one word or
    /// run something.
    fn unquoted(word: &str) -> Option<String> {
        let mut text = String::new();
        let (mut rest, mut inside) = (word.chars(), None);
        while let Some(c) = rest.next() {
            match (inside, c) {
                (None, '\'' | '"') => inside = Some(c),
                (Some(quote), c) if c == quote => inside = None,
                (None, '\\') => text.push(rest.next()?),
                (None, c) if c.is_whitespace() || "|&;<>()$`\"'*?[#~!{}".contains(c) => {
                    return None;
                }
                (Some('"'), '$' | '`' | '\\' | '!') => return None,
                (_, c) => text.push(c),
            }
        }
        inside.is_none().then_some(text)
    }

    proptest! {
        #[test]
        fn a_posix_shell_reads_back_what_was_quoted(text in any::<String>()) {
            let meant = printable(&text).into_owned();
            prop_assert_eq!(unquoted(&posix(&text)), Some(meant));
        }

        #[test]
        fn windows_quotes_are_never_left_open(text in "[a-c\"$` \\\\%&|\u{201c}]{0,20}") {
            let word = windows(&text);
            prop_assert!(word.matches('"').count().is_multiple_of(2), "{}", word);
            if let Some(inner) = word.strip_prefix('"').and_then(|w| w.strip_suffix('"')) {
                prop_assert!(!inner.replace("\"\"", "").contains('"'), "{}", word);
            } else {
                prop_assert!(!word.contains(['&', '|', ' ', '$', '"']), "{}", word);
            }
        }
    }
}
