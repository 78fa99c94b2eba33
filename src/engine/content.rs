//! Whether an organization has the content of a row, and where it differs.

use crate::organization::{NewOrganization, name_key};
use crate::workos::Organization;
use std::collections::BTreeSet;

/// How an organization compares with what a row sends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ContentDiff {
    /// The fields that differ, by their names in messages.
    pub(super) differing: Vec<&'static str>,
    /// The fields that WorkOS did not list, so that they could not be compared.
    pub(super) unlisted: Vec<&'static str>,
}

impl ContentDiff {
    /// Compares all that is sent, as [`crate::organization::Fingerprint`] does: case and spaces of
    /// a name, and the order and states of domains do not matter.
    pub(super) fn between(organization: &Organization, new: &NewOrganization<'_>) -> Self {
        let mut diff = Self::default();
        let is_same_name = name_key(&organization.name) == name_key(&new.name);
        diff.note("name", Some(is_same_name));
        let domains = organization.domains.as_ref();
        diff.note("domains", domains.map(|listed| is_same_set(listed, new)));
        let is_same_id = organization.external_id.as_deref() == new.external_id.as_deref();
        diff.note("external id", Some(is_same_id));
        let metadata = organization.metadata.as_ref().map(|listed| {
            let listed = listed.iter().map(|(k, v)| (k.as_str(), v.as_str()));
            listed.eq(new.metadata.iter().map(|(k, v)| (k.as_ref(), v.as_ref())))
        });
        diff.note("metadata", metadata);
        diff
    }

    fn note(&mut self, field: &'static str, is_same: Option<bool>) {
        match is_same {
            Some(true) => {}
            Some(false) => self.differing.push(field),
            None => self.unlisted.push(field),
        }
    }

    /// Whether nothing that could be compared differs.
    pub(super) fn is_equal(&self) -> bool {
        self.differing.is_empty()
    }

    /// What could not be compared, as the end of a message; blank where everything was.
    pub(super) fn caveat(&self) -> String {
        if self.unlisted.is_empty() {
            return String::new();
        }
        let fields = self.unlisted.join(" and ");
        format!(". WorkOS did not list the {fields}, so they were not compared")
    }
}

fn is_same_set(listed: &[String], new: &NewOrganization<'_>) -> bool {
    let listed: BTreeSet<_> = listed.iter().map(|domain| domain.to_lowercase()).collect();
    let sent = new.domain_data.iter();
    listed == sent.map(|data| data.domain.to_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organization::{DomainData, DomainState, Fingerprint};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn organization(new: &NewOrganization<'_>) -> Organization {
        Organization {
            id: "org_1".to_owned(),
            name: new.name.to_string(),
            domains: Some(
                new.domain_data
                    .iter()
                    .map(|d| d.domain.to_string())
                    .collect(),
            ),
            metadata: Some(
                new.metadata
                    .iter()
                    .map(|(k, v)| (k.to_string(), v.to_string()))
                    .collect(),
            ),
            external_id: new.external_id.as_deref().map(str::to_owned),
            created_at: None,
            json: None,
        }
    }

    prop_compose! {
        fn new_organization()(
            name in "[aA] ?b?",
            domain in proptest::option::of("[ab]\\.com"),
            id in proptest::option::of("[12]"),
            plan in proptest::option::of("[xy]"),
        ) -> NewOrganization<'static> {
            NewOrganization {
                name: name.into(),
                domain_data: domain.into_iter().map(|domain| DomainData {
                    domain: domain.into(),
                    state: DomainState::Pending,
                }).collect(),
                external_id: id.map(Into::into),
                metadata: plan.into_iter().map(|plan| ("plan".into(), plan.into())).collect(),
            }
        }
    }

    proptest! {
        #[test]
        fn content_is_equal_where_fingerprints_are(one in new_organization(), other in new_organization()) {
            let listed = organization(&one);
            let fingerprint = Fingerprint::of_organization(
                &listed.name,
                listed.domains.iter().flatten().map(String::as_str),
                listed.external_id.as_deref(),
                listed.metadata.iter().flatten().map(|(k, v)| (k.as_str(), v.as_str())),
            );
            let is_equal = ContentDiff::between(&listed, &other).is_equal();
            prop_assert_eq!(is_equal, fingerprint == other.fingerprint());
        }
    }

    #[test]
    fn each_field_that_differs_is_named_and_what_is_not_listed_is_said() {
        let new = NewOrganization {
            name: "Acme".into(),
            domain_data: Vec::new(),
            external_id: Some("1".into()),
            metadata: BTreeMap::new(),
        };
        let mut other = organization(&new);
        other.name = "Other".to_owned();
        other.external_id = None;
        other.domains = None;
        other.metadata = None;
        let diff = ContentDiff::between(&other, &new);
        assert_eq!(diff.differing, ["name", "external id"]);
        assert_eq!(
            diff.caveat(),
            ". WorkOS did not list the domains and metadata, so they were not compared"
        );
    }
}
