//! The sections of a number format: for positive and negative numbers, zero and text.

/// The sections of a format code, which `;` separates outside of quotes and escapes.
pub(super) fn sections(code: &str) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    code.split(|c| {
        let literal = quoted || escaped;
        escaped = !quoted && !escaped && c == '\\';
        quoted ^= c == '"' && !literal | quoted;
        c == ';' && !literal
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_semicolon_in_quotes_separates_no_sections() {
        assert_eq!(sections("0;-0"), ["0", "-0"]);
        assert_eq!(sections("0\" ; \";\\;0"), ["0\" ; \"", "\\;0"]);
    }
}
