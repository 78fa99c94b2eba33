//! The quick way to read the two events that fill a journal, as this program writes them.
//!
//! A resume reads every line before its first request. This scanner knows the order of the fields
//! and costs a third of a JSON parser. Whatever is not exactly as expected gives `None` and goes to
//! the parser, which decides.

use super::line::{Dispatched, DispatchedRow, IdHash, Line, Outcome};
use super::rows::bytes_hash;
use crate::organization::Fingerprint;
use crate::results::Status;
use jiff::Timestamp;
use memchr::memchr2;

/// The event of a line, where it is one of the frequent ones and has no escapes.
pub(super) fn scan(line: &[u8]) -> Option<Line> {
    // The scanner does not look inside texts, where these would be invalid.
    let is_text = line.is_ascii() || std::str::from_utf8(line).is_ok();
    let has_control = line.iter().copied().min().is_none_or(|least| least < b' ');
    if !is_text || has_control {
        return None;
    }
    let mut scanner = Scanner { rest: line };
    let event = if scanner.is_next(b"{\"outcome\":{\"row\":") {
        Line::Outcome(scanner.outcome()?)
    } else if scanner.is_next(b"{\"dispatched\":{\"at\":") {
        Line::Dispatched(scanner.dispatched()?)
    } else {
        return None;
    };
    scanner.rest.is_empty().then_some(event)
}

/// A value that is not as the program writes it.
struct Unexpected;

struct Scanner<'a> {
    rest: &'a [u8],
}

impl Scanner<'_> {
    fn outcome(&mut self) -> Option<Outcome> {
        let row = self.number()?;
        self.expect(b",\"list\":\"")?;
        let list = self.fingerprint()?;
        let sent = self.optional(b",\"sent\":\"", Self::fingerprint).ok()?;
        let cells = self.optional(b",\"cells\":\"", Self::fingerprint);
        cells.ok()?;
        self.optional(b",\"name\":\"", Self::text).ok()?;
        let external_id = self.optional(b",\"external_id\":\"", Self::id).ok()?;
        self.expect(b",\"status\":\"")?;
        let status = self.text()?;
        let status = Status::ALL
            .into_iter()
            .find(|own| own.name().as_bytes() == status)?;
        let organization_id = self.optional(b",\"organization_id\":\"", Self::id).ok()?;
        self.optional(b",\"error\":\"", Self::text).ok()?;
        self.optional(b",\"code\":\"", Self::text).ok()?;
        self.optional(b",\"message\":\"", Self::text).ok()?;
        self.optional(b",\"http_status\":", Self::number).ok()?;
        self.optional(b",\"request_id\":\"", Self::text).ok()?;
        self.optional(b",\"attempts\":", Self::number).ok()?;
        self.optional(b",\"existing_organization_id\":\"", Self::text)
            .ok()?;
        self.optional(b",\"changes\":\"", Self::text).ok()?;
        self.optional(b",\"finished_at\":\"", Self::text).ok()?;
        self.expect(b"}}")?;
        Some(Outcome::new(
            row,
            (list, sent),
            external_id,
            status,
            organization_id,
        ))
    }

    fn dispatched(&mut self) -> Option<Dispatched> {
        let at = if self.is_next(b"null") {
            None
        } else {
            self.expect(b"\"")?;
            Some(self.timestamp()?)
        };
        self.expect(b",\"rows\":[")?;
        let mut rows = Vec::with_capacity(64);
        loop {
            rows.push(self.dispatched_row()?);
            if !self.is_next(b",") {
                break;
            }
        }
        self.expect(b"]}}")?;
        Some(Dispatched { at, rows })
    }

    fn dispatched_row(&mut self) -> Option<DispatchedRow> {
        self.expect(b"{\"row\":")?;
        let row = self.number()?;
        self.expect(b",\"list\":\"")?;
        let list = self.fingerprint()?;
        let sent = self.optional(b",\"sent\":\"", Self::fingerprint).ok()?;
        let cells = self.optional(b",\"cells\":\"", Self::fingerprint);
        cells.ok()?;
        self.expect(b",\"name\":\"")?;
        self.text()?;
        let external_id = self.optional(b",\"external_id\":\"", Self::id).ok()?;
        self.expect(b"}")?;
        Some(DispatchedRow::new(row, (list, sent), external_id))
    }

    fn is_next(&mut self, literal: &[u8]) -> bool {
        let rest = self.rest.strip_prefix(literal);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, literal: &[u8]) -> Option<()> {
        self.is_next(literal).then_some(())
    }

    /// The value after `key`, where it has that key.
    fn optional<T>(
        &mut self,
        key: &[u8],
        value: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Result<Option<T>, Unexpected> {
        if self.is_next(key) {
            value(self).map(Some).ok_or(Unexpected)
        } else {
            Ok(None)
        }
    }

    /// Up to 15 digits.
    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        let mut digits = 0;
        while let [digit @ b'0'..=b'9', rest @ ..] = self.rest {
            number = number * 10 + u64::from(digit - b'0');
            digits += 1;
            self.rest = rest;
            if digits == 16 || number == 0 {
                return None;
            }
        }
        (digits > 0).then_some(number)
    }

    /// Sixteen hex digits and the quote after them.
    fn fingerprint(&mut self) -> Option<Fingerprint> {
        let (digits, rest) = self.rest.split_first_chunk::<16>()?;
        self.rest = rest.strip_prefix(b"\"")?;
        let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if !digits.iter().all(is_digit) {
            return None;
        }
        let (high, low) = digits.split_first_chunk::<8>()?;
        let low = low.first_chunk::<8>()?;
        Some(Fingerprint(hex(*high) << 32 | hex(*low)))
    }

    fn timestamp(&mut self) -> Option<Timestamp> {
        std::str::from_utf8(self.text()?).ok()?.parse().ok()
    }

    fn id(&mut self) -> Option<IdHash> {
        self.text().map(|id| IdHash(bytes_hash(id)))
    }
}

impl<'a> Scanner<'a> {
    /// A text without escapes, and the quote after it.
    fn text(&mut self) -> Option<&'a [u8]> {
        let end = memchr2(b'"', b'\\', self.rest)?;
        let (text, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest.strip_prefix(b"\"")?;
        Some(text)
    }
}

/// The value of eight hex digits in lower case, all at once: a letter is its low half plus 9.
const fn hex(digits: [u8; 8]) -> u64 {
    let bytes = u64::from_be_bytes(digits);
    let letters = bytes >> 6 & 0x0101_0101_0101_0101;
    let halves = (bytes & 0x0f0f_0f0f_0f0f_0f0f) + letters * 9;
    let pairs = (halves | halves >> 4) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs | pairs >> 8) & 0x0000_ffff_0000_ffff;
    (fours | fours >> 16) & 0xffff_ffff
}

#[cfg(test)]
mod tests {
    use super::super::replay::parse_strictly;
    use super::super::tests::{dispatched, outcome, second};
    use super::super::{Event, Outcome as FullOutcome};
    use super::*;
    use proptest::prelude::*;

    fn lines() -> Vec<String> {
        let plain = |rows: &[u64], at| {
            let mut dispatched = dispatched(rows, at);
            for row in &mut dispatched.rows {
                row.name = "Acme é".to_owned();
                row.external_id = row.row.is_multiple_of(2).then(|| "x".to_owned());
            }
            Event::Dispatched(dispatched)
        };
        let mut events = vec![
            plain(&[1, 2, 3, 5], None),
            plain(&[4, 15], Some(second(3))),
            Event::Dispatched(dispatched(&[1], None)),
        ];
        for (row, status) in (1..).zip(Status::ALL) {
            let plain = FullOutcome {
                message: None,
                name: "Acme é".to_owned(),
                external_id: Some("x".to_owned()),
                code: Some("c".to_owned()),
                http_status: Some(201),
                ..outcome(row, status)
            };
            events.push(Event::Outcome(Box::new(plain)));
        }
        let json = |event| serde_json::to_string(event).unwrap();
        events.iter().map(json).collect()
    }

    #[test]
    fn usual_lines_are_scanned_as_they_are_parsed() {
        let mut scanned = 0;
        for line in lines() {
            let event = scan(line.as_bytes());
            scanned += usize::from(event.is_some());
            if let Some(event) = event {
                assert_eq!(event, parse_strictly(line.as_bytes()).unwrap(), "{line}");
            }
        }
        // Names with escapes are left to the parser.
        assert_eq!(scanned, Status::ALL.len() + 2);
    }

    proptest! {
        #[test]
        fn a_damaged_line_is_never_scanned_otherwise_than_parsed(
            line in proptest::sample::select(lines()),
            at in any::<proptest::sample::Index>(),
            length in 0_usize..3,
            with in "[0-9a-f\"\\\\,:{}\\[\\]\n\0é ]{0,3}",
        ) {
            let chars: Vec<char> = line.chars().collect();
            let start = at.index(chars.len());
            let end = chars.len().min(start + length);
            let damaged: String = chars[..start].iter().copied()
                .chain(with.chars())
                .chain(chars[end..].iter().copied())
                .collect();
            if let Some(event) = scan(damaged.as_bytes()) {
                let parsed = parse_strictly(damaged.as_bytes()).map_err(|_| ());
                prop_assert_eq!(Ok(event), parsed, "{}", damaged);
            }
        }
    }
}
