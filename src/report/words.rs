//! Texts of the page: outside text made safe to show, times and lengths.

use jiff::Timestamp;
use std::time::Duration;

/// How many characters of a text the page holds.
const LONGEST: usize = 2_000;

/// The beginning of an outside text, where the whole is shown elsewhere.
pub(super) fn brief(text: &str, longest: usize) -> String {
    let mut brief: String = text.chars().take(longest).collect();
    if brief.len() < text.len() {
        brief.push('…');
    }
    shown(&brief)
}

/// Outside text for a page: what would reorder the text around it, and control characters, are
/// replaced by a visible sign; a very long text is cut. Escaping is the template's work.
pub(super) fn shown(text: &str) -> String {
    let mut rest = text.chars();
    let visible = |c: char| match c {
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => ' ',
        c if c.is_control() => '\u{fffd}',
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        c => c,
    };
    let mut shown: String = rest.by_ref().take(LONGEST).map(visible).collect();
    if rest.next().is_some() {
        shown.push('…');
    }
    shown
}

/// `27 Nov 2026, 12:30:05 UTC`.
pub(super) fn moment(at: Timestamp) -> String {
    format(at, "%-d %b %Y, %H:%M:%S UTC")
}

/// `27 Nov 2026, 12:30 UTC`.
pub(super) fn day(at: Timestamp) -> String {
    format(at, "%-d %b %Y, %H:%M UTC")
}

/// `12:30:05`.
pub(super) fn clock(at: Timestamp) -> String {
    format(at, "%H:%M:%S")
}

fn format(at: Timestamp, pattern: &str) -> String {
    at.strftime(pattern).to_string()
}

/// `1 h 20 min`.
pub(super) fn seconds_in_words(seconds: f64) -> String {
    let duration = Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or_default();
    if duration < Duration::from_secs(10) {
        return format!("{:.1} s", duration.as_secs_f64());
    }
    crate::text::duration(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_reorders_or_controls_is_shown() {
        assert_eq!(shown("a\u{202e}b\u{7}c\nd"), "a\u{fffd}b\u{fffd}c d");
        assert_eq!(shown("שלום, Zürich 👩‍💻"), "שלום, Zürich 👩‍💻");
        assert_eq!(shown(&"x".repeat(10_000)).chars().count(), LONGEST + 1);
    }

    #[test]
    fn times_are_in_utc() {
        let at = Timestamp::from_second(1_795_782_605).unwrap();
        assert_eq!(moment(at), "27 Nov 2026, 12:30:05 UTC");
        assert_eq!(clock(at), "12:30:05");
    }
}
