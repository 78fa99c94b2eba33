//! Organization ids in 16 bytes: WorkOS's own as a number, others as a piece of shared text.

use std::cmp::Ordering;
use ulid::Ulid;

const PREFIX: &str = "org_";

/// An id in an [`Ids`]: the ULID of an `org_` id, else where its text starts and ends.
///
/// Bytes, not numbers: they need no alignment, which would cost 8 bytes per organization.
#[derive(Clone, Copy, Debug)]
pub(super) struct EntryId {
    bytes: [u8; 16],
    is_text: bool,
}

impl EntryId {
    const fn number(self) -> u128 {
        u128::from_be_bytes(self.bytes)
    }
}

/// The texts of ids that are not `org_` and a ULID.
#[derive(Clone, Default)]
pub(super) struct Ids {
    texts: String,
}

impl Ids {
    /// Stores an id.
    pub(super) fn add(&mut self, id: &str) -> EntryId {
        let ulid = id
            .strip_prefix(PREFIX)
            .and_then(|text| Ulid::from_string(text).ok());
        // Parsing is lenient (lower case, I for 1): only an exact round trip is the same id.
        let (number, is_text) = match ulid.filter(|ulid| id.ends_with(&ulid.to_string())) {
            Some(ulid) => (ulid.0, false),
            None => (self.add_text(id), true),
        };
        EntryId {
            bytes: number.to_be_bytes(),
            is_text,
        }
    }

    /// Returns the start of the text in the upper half and its end in the lower half.
    fn add_text(&mut self, id: &str) -> u128 {
        let start = self.texts.len() as u128;
        self.texts.push_str(id);
        start << 64 | self.texts.len() as u128
    }

    /// The text of an id.
    pub(super) fn get(&self, id: EntryId) -> String {
        if id.is_text {
            self.text(id).to_owned()
        } else {
            format!("{PREFIX}{}", Ulid(id.number()))
        }
    }

    fn text(&self, id: EntryId) -> &str {
        let place = |half: u128| usize::try_from(half).unwrap_or(usize::MAX);
        let (start, end) = (id.number() >> 64, id.number() & u128::from(u64::MAX));
        let text = self.texts.get(place(start)..place(end));
        text.unwrap_or_default()
    }

    /// An order in which equal ids are neighbors.
    pub(super) fn compare(&self, a: EntryId, b: EntryId) -> Ordering {
        a.is_text.cmp(&b.is_text).then_with(|| {
            if a.is_text {
                self.text(a).cmp(self.text(b))
            } else {
                a.number().cmp(&b.number())
            }
        })
    }

    pub(super) fn shrink(&mut self) {
        self.texts.shrink_to_fit();
    }

    #[cfg(test)]
    pub(super) fn allocated_bytes(&self) -> usize {
        self.texts.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_reads_back_and_only_text_takes_memory() {
        let mut ids = Ids::default();
        let mut kept = Vec::new();
        for (id, is_text) in [
            ("org_01H945H0YD4F97JN9MATX7BYAG", false),
            ("org_7ZZZZZZZZZZZZZZZZZZZZZZZZZ", false),
            ("org_00000000000000000000000000", false),
            // Another id than its upper case, and I is no 1.
            ("org_01h945h0yd4f97jn9matx7byag", true),
            ("org_I1H945H0YD4F97JN9MATX7BYAG", true),
            ("org_8ZZZZZZZZZZZZZZZZZZZZZZZZZ", true),
            ("01H945H0YD4F97JN9MATX7BYAG", true),
            ("org_1", true),
            ("org_", true),
            ("ü", true),
            ("", true),
        ] {
            let entry = ids.add(id);
            assert_eq!(entry.is_text, is_text, "{id}");
            kept.push((id, entry));
        }
        for (id, entry) in &kept {
            assert_eq!(ids.get(*entry), *id);
            for (other, other_entry) in &kept {
                let is_equal = ids.compare(*entry, *other_entry).is_eq();
                assert_eq!(is_equal, id == other);
            }
        }
    }
}
