//! Line ends, counted over pieces of a text, and how long a row may be.

/// The longest row, in bytes. In a longer one a quote is unclosed, or this is not CSV.
pub(super) const LONGEST: usize = 16 * 1024 * 1024;

/// How many lines end in this text (`\n`, `\r\n` or a lone `\r`), and whether it ends in `\r`.
pub(super) fn line_ends(text: &[u8], after_return: bool) -> (u64, bool) {
    let mut count = memchr::memchr_iter(b'\n', text).count();
    let mut returns = memchr::memchr_iter(b'\r', text).peekable();
    if after_return && text.first() == Some(&b'\n') {
        count -= 1;
    }
    if returns.peek().is_some() {
        for at in returns {
            if text.get(at + 1) != Some(&b'\n') {
                count += 1;
            }
        }
    }
    let ends_in_return = match text.last() {
        Some(last) => *last == b'\r',
        None => after_return,
    };
    (count as u64, ends_in_return)
}
