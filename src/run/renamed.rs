//! Edited rows that may be other customers than those for which they were sent.

use super::knowledge::Knowledge;
use crate::plan::{Edit, KnownRows, is_damaged, name_hash};
use crate::text::untrusted;

/// By what a customer is recognized.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Identity {
    /// The name; blank where there is none.
    pub(super) name: String,
    /// The external id.
    pub(super) external_id: Option<String>,
}

/// An edited row that may be another customer than that for which it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Renamed {
    /// Its place, counted from 0.
    pub(super) index: usize,
    /// The line on which it begins.
    line: u64,
    /// What the row is now.
    now: Identity,
    /// As what it was sent.
    was: Identity,
    /// Whether it has an organization; otherwise it may have one.
    is_created: bool,
}

impl Renamed {
    /// An edited row as the user is asked about it; `None` where it is the same customer, of whom
    /// a spreadsheet has changed the external id.
    pub(super) fn of(edit: &Edit, line: u64, now: Identity, known: &Knowledge<'_>) -> Option<Self> {
        let was = Identity {
            name: known.name_of(edit.id).unwrap_or_default(),
            external_id: known.external_id_of(edit.id),
        };
        let is_same_name = name_hash(&now.name) == name_hash(&was.name);
        let is_same_id = match (&was.external_id, &now.external_id) {
            (Some(was), Some(now)) => is_damaged(was, now),
            _ => false,
        };
        let is_created = known.progress(edit.id).is_done();
        (!(is_same_name && is_same_id)).then_some(Self {
            index: edit.index,
            line,
            now,
            was,
            is_created,
        })
    }

    /// `line 2: "Acme Inc." was created as "Acme"`.
    pub(super) fn in_words(&self) -> String {
        let has_other_id = match (&self.now.external_id, &self.was.external_id) {
            (Some(now), Some(was)) => now != was,
            (None, None) => false,
            // Where the names tell them apart, an id that only one of them has says nothing more.
            _ => self.now.name == self.was.name,
        };
        let in_words = |identity: &Identity| {
            let name = untrusted(&identity.name, 80);
            match &identity.external_id {
                Some(id) if has_other_id => {
                    format!("\"{name}\" (external id {})", untrusted(id, 80))
                }
                _ => format!("\"{name}\""),
            }
        };
        let was = if self.now.name == self.was.name && !has_other_id {
            "with other values".to_owned()
        } else {
            format!("as {}", in_words(&self.was))
        };
        format!(
            "line {}: {} {} created {was}",
            self.line,
            in_words(&self.now),
            if self.is_created {
                "was"
            } else {
                "may have been"
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(name: &str, external_id: Option<&str>) -> Identity {
        Identity {
            name: name.to_owned(),
            external_id: external_id.map(str::to_owned),
        }
    }

    #[test]
    fn external_ids_are_shown_where_they_differ() {
        let renamed = |now, was, is_created| {
            let line = 2;
            let renamed = Renamed {
                index: 0,
                line,
                now,
                was,
                is_created,
            };
            renamed.in_words()
        };
        let (acme, other) = (identity("Acme", Some("a-1")), identity("Acme", Some("a-9")));
        assert_eq!(
            renamed(other, acme.clone(), true),
            "line 2: \"Acme\" (external id a-9) was created as \"Acme\" (external id a-1)"
        );
        assert_eq!(
            renamed(identity("Acme Inc.", Some("a-1")), acme.clone(), true),
            "line 2: \"Acme Inc.\" was created as \"Acme\""
        );
        assert_eq!(
            renamed(identity("Acme", None), acme.clone(), true),
            "line 2: \"Acme\" was created as \"Acme\" (external id a-1)"
        );
        assert_eq!(
            renamed(identity("Acme", None), identity("Acme", None), true),
            "line 2: \"Acme\" was created with other values"
        );
        assert_eq!(
            renamed(identity("Acme Inc.", None), acme, false),
            "line 2: \"Acme Inc.\" may have been created as \"Acme\""
        );
    }
}
