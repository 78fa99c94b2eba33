//! What differs between a row and its organization, field by field.

use crate::organization::{Content, FieldChange, Fingerprint, NewOrganization, Patch, SyncOptions};
use serde::Serialize;

/// What is known of what was sent for a row.
#[derive(Debug)]
pub(super) struct Sent<'a> {
    /// Whether the organization was created, so that it should hold this and nothing else.
    pub(super) is_exact: bool,
    /// What was sent, or, where nothing was, the row in the list.
    pub(super) content: Fingerprint,
    pub(super) name: &'a str,
    pub(super) external_id: Option<&'a str>,
    /// How rows are compared with organizations that were there before.
    pub(super) sync: &'a SyncOptions,
}

/// What differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) enum Difference {
    /// These fields: what was sent, and what WorkOS has.
    Fields(Vec<FieldChange>),
    /// Domains or metadata: what was sent is known by a fingerprint only.
    DomainsOrMetadata,
    /// It cannot be said: the row was there before, and its values are not known.
    NotCompared,
}

impl Difference {
    /// What an organization has that differs from the row; `cells` is the row in the results file,
    /// where it is there. [`None`] where nothing differs.
    pub(super) fn between(
        sent: &Sent<'_>,
        cells: Option<NewOrganization<'_>>,
        found: &Content,
    ) -> Option<Self> {
        let cells = cells.map(|row| with_external_id(row, sent.external_id));
        let as_sent = cells.filter(|row| row.fingerprint() == sent.content);
        let expected = match as_sent {
            Some(row) if sent.is_exact => Content::from(&row),
            Some(row) => match sent.sync.target(found, &row) {
                Ok(target) => target,
                Err(_) => Content {
                    external_id: row.external_id.as_deref().map(str::to_owned),
                    ..found.clone()
                },
            },
            None if sent.is_exact => Content {
                name: sent.name.to_owned(),
                external_id: sent.external_id.map(str::to_owned),
                ..found.clone()
            },
            None => return Some(Self::NotCompared),
        };
        // The fingerprints differ, perhaps not in these fields.
        let other = sent.is_exact.then_some(Self::DomainsOrMetadata);
        Self::from(&expected, found).or(other)
    }

    /// What an organization has that differs from this.
    pub(super) fn from(expected: &Content, found: &Content) -> Option<Self> {
        let changes = Patch::between(expected, found).changes(expected);
        (!changes.is_empty()).then_some(Self::Fields(changes))
    }
}

/// A row with the external id that was generated for it.
fn with_external_id<'a>(row: NewOrganization<'a>, id: Option<&str>) -> NewOrganization<'a> {
    NewOrganization {
        external_id: row.external_id.or_else(|| Some(id?.to_owned().into())),
        ..row
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn row(name: &'static str, plan: &'static str) -> NewOrganization<'static> {
        NewOrganization {
            name: name.into(),
            domain_data: Vec::new(),
            external_id: None,
            metadata: BTreeMap::from([("plan".into(), plan.into())]),
        }
    }

    fn found(name: &str, metadata: &[(&str, &str)]) -> Content {
        let pairs = metadata.iter();
        Content {
            name: name.to_owned(),
            metadata: pairs
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
            ..Content::default()
        }
    }

    fn between(
        is_exact: bool,
        sent: &NewOrganization<'_>,
        cells: Option<NewOrganization<'_>>,
        found: &Content,
    ) -> Option<Difference> {
        let sent = Sent {
            is_exact,
            content: sent.fingerprint(),
            name: &sent.name.clone(),
            external_id: None,
            sync: &SyncOptions::default(),
        };
        Difference::between(&sent, cells, found)
    }

    fn fields(difference: Option<Difference>) -> Vec<String> {
        match difference {
            Some(Difference::Fields(changes)) => {
                let changes = changes.into_iter();
                changes
                    .map(|it| format!("{} {:?} {:?}", it.field, it.before, it.after))
                    .collect()
            }
            other => panic!("no fields: {other:?}"),
        }
    }

    #[test]
    fn a_created_organization_differs_by_every_field_that_changed() {
        let sent = row("Acme", "pro");
        let cells = Some(row("Acme", "pro"));
        let changed = found("Acme Inc.", &[("plan", "free"), ("seats", "5")]);
        assert_eq!(
            fields(between(true, &sent, cells, &changed)),
            [
                "name Some(\"Acme\") Some(\"Acme Inc.\")",
                "metadata.plan Some(\"pro\") Some(\"free\")",
                "metadata.seats None Some(\"5\")",
            ]
        );
    }

    #[test]
    fn without_the_cells_name_and_external_id_are_known_and_the_rest_is_not() {
        let sent = row("Acme", "pro");
        for cells in [None, Some(row("Acme", "edited since"))] {
            let renamed = between(true, &sent, cells.clone(), &found("Acme Inc.", &[]));
            assert_eq!(fields(renamed).len(), 1);
            let other = found("Acme", &[("plan", "free")]);
            let difference = between(true, &sent, cells, &other);
            assert_eq!(difference, Some(Difference::DomainsOrMetadata));
        }
    }

    #[test]
    fn an_organization_that_was_there_before_may_hold_more_than_the_row() {
        let sent = row("Acme", "pro");
        let more = found("Acme", &[("plan", "pro"), ("seats", "5")]);
        let cells = || Some(row("Acme", "pro"));
        assert_eq!(between(false, &sent, cells(), &more), None);
        let less = found("Acme", &[("seats", "5")]);
        let difference = fields(between(false, &sent, cells(), &less));
        assert_eq!(difference, ["metadata.plan Some(\"pro\") None"]);
        let unknown = between(false, &sent, None, &less);
        assert_eq!(unknown, Some(Difference::NotCompared));
    }
}
