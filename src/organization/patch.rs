//! What is changed of an organization: the difference between what it holds and what it should.
//!
//! `sync` and `undo` differ only in what an organization should hold: the values of a row, or those
//! that it had before.

use super::{Content, NewOrganization};
use crate::text::{counted, quoted};
use icu_normalizer::ComposingNormalizerBorrowed;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How many fields that differ are shown in one line.
const DIFFERENCES: usize = 5;

/// What `sync` does with the domains of an organization.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SyncDomains {
    /// Those of the row are added.
    #[default]
    Add,
    /// It has those of the row and no others. A row without a domain leaves them alone.
    Exact,
    /// They are not compared.
    Ignore,
}

impl SyncDomains {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Add, Self::Exact, Self::Ignore];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Exact => "exact",
            Self::Ignore => "ignore",
        }
    }
}

/// How `sync` compares a row with its organization.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SyncOptions {
    /// What is done with domains.
    pub domains: SyncDomains,
    /// The text of a cell that removes a metadata key; a blank cell leaves it alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clear: Option<String>,
    /// Whether a row is also recognized by its name alone.
    #[serde(default)]
    pub match_name: bool,
    /// Whether nothing but a missing external id is changed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub only_external_id: bool,
}

impl SyncOptions {
    /// A row without the metadata that it removes: what is created for it.
    pub fn without_cleared<'a>(&self, mut row: NewOrganization<'a>) -> NewOrganization<'a> {
        if let Some(clear) = &self.clear {
            row.metadata.retain(|_, value| value.trim() != clear);
        }
        row
    }

    /// What an organization should hold for a row.
    ///
    /// # Errors
    /// When it has another external id: it is then another customer's. The message says so.
    pub fn target(&self, current: &Content, row: &NewOrganization<'_>) -> Result<Content, String> {
        let mut target = current.clone();
        if !is_same_text(&current.name, &row.name) {
            target.name = row.name.to_string();
        }
        match (&current.external_id, row.external_id.as_deref()) {
            (Some(was), Some(is)) if was != is => {
                return Err(format!("its external id is \"{was}\", not \"{is}\""));
            }
            (None, Some(is)) => target.external_id = Some(is.to_owned()),
            _ => {}
        }
        if self.only_external_id {
            target.name.clone_from(&current.name);
            return Ok(target);
        }
        for (key, value) in &row.metadata {
            if self.clear.as_deref() == Some(value.trim()) {
                target.metadata.remove(key.as_ref());
            } else {
                let value = value.to_string();
                target.metadata.insert(key.to_string(), value);
            }
        }
        let own = row.domain_data.iter();
        let own: BTreeSet<String> = own.map(|data| data.domain.to_lowercase()).collect();
        match self.domains {
            SyncDomains::Add => target.domains.extend(own),
            SyncDomains::Exact if !own.is_empty() => target.domains = own,
            SyncDomains::Exact | SyncDomains::Ignore => {}
        }
        Ok(target)
    }
}

/// Whether two texts differ in nothing but spaces and composed characters, which a server may
/// change.
pub(super) fn is_same_text(one: &str, other: &str) -> bool {
    let plain = |text: &str| {
        let composed = ComposingNormalizerBorrowed::new_nfc().normalize(text);
        composed.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    one == other || plain(one) == plain(other)
}

/// What is changed of an organization.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patch {
    /// Its new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its new external id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<Setting>,
    /// The metadata keys that change.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, Setting>,
    /// Domains that it gets.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub added_domains: BTreeSet<String>,
    /// Domains that it loses.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub removed_domains: BTreeSet<String>,
}

/// A value that is set or removed; as JSON the text, or null.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Option<String>", from = "Option<String>")]
pub enum Setting {
    /// It is set to this.
    To(String),
    /// It is removed.
    Removed,
}

impl From<Option<String>> for Setting {
    fn from(value: Option<String>) -> Self {
        value.map_or(Self::Removed, Self::To)
    }
}

impl From<Setting> for Option<String> {
    fn from(setting: Setting) -> Self {
        match setting {
            Setting::To(value) => Some(value),
            Setting::Removed => None,
        }
    }
}

/// A field that changes, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldChange {
    /// `name`, `external_id`, `metadata.plan` or `domains`.
    pub field: String,
    /// What it was; [`None`] where it was blank.
    pub before: Option<String>,
    /// What it becomes; [`None`] where it becomes blank.
    pub after: Option<String>,
}

impl Patch {
    /// What makes `target` of `current`.
    pub fn between(current: &Content, target: &Content) -> Self {
        let keys = current.metadata.keys().chain(target.metadata.keys());
        let changed = keys.collect::<BTreeSet<_>>().into_iter().filter_map(|key| {
            let (was, is) = (current.metadata.get(key), target.metadata.get(key));
            (was != is).then(|| (key.clone(), Setting::from(is.cloned())))
        });
        let difference = |one: &BTreeSet<String>, other| one.difference(other).cloned().collect();
        Self {
            name: (current.name != target.name).then(|| target.name.clone()),
            external_id: (current.external_id != target.external_id)
                .then(|| target.external_id.clone().into()),
            metadata: changed.collect(),
            added_domains: difference(&target.domains, &current.domains),
            removed_domains: difference(&current.domains, &target.domains),
        }
    }

    /// Whether nothing is changed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The body of the `PUT` that changes everything but domains; [`None`] where it is not needed.
    /// Fields that stay are left out: WorkOS keeps them, and removes a metadata key that is null.
    pub fn body(&self) -> Option<Value> {
        let mut body = Map::new();
        if let Some(name) = &self.name {
            body.insert("name".to_owned(), json!(name));
        }
        if let Some(id) = &self.external_id {
            body.insert("external_id".to_owned(), json!(id));
        }
        if !self.metadata.is_empty() {
            body.insert("metadata".to_owned(), json!(self.metadata));
        }
        (!body.is_empty()).then_some(Value::Object(body))
    }

    /// The fields that change, with what they were.
    pub fn changes(&self, before: &Content) -> Vec<FieldChange> {
        let mut changes = Vec::new();
        let mut add = |field: &str, before: Option<&String>, after: Option<String>| {
            changes.push(FieldChange {
                field: field.to_owned(),
                before: before.cloned(),
                after,
            });
        };
        if let Some(name) = &self.name {
            add("name", Some(&before.name), Some(name.clone()));
        }
        if let Some(id) = &self.external_id {
            let before = before.external_id.as_ref();
            add("external_id", before, id.clone().into());
        }
        for (key, value) in &self.metadata {
            let field = format!("metadata.{key}");
            add(&field, before.metadata.get(key), value.clone().into());
        }
        if !self.added_domains.is_empty() || !self.removed_domains.is_empty() {
            let joined = |domains: &BTreeSet<String>| {
                let domains: Vec<&str> = domains.iter().map(String::as_str).collect();
                (!domains.is_empty()).then(|| domains.join(", "))
            };
            let mut after = before.domains.clone();
            after.extend(self.added_domains.iter().cloned());
            after.retain(|domain| !self.removed_domains.contains(domain));
            let was = joined(&before.domains);
            add("domains", was.as_ref(), joined(&after));
        }
        changes
    }
}

/// Changes in one line: `name: "Acme" → "Acme Inc."; metadata.plan: (none) → "pro"`.
pub fn changes_in_words(changes: &[FieldChange]) -> String {
    let value = |value: &Option<String>| match value {
        Some(value) => format!("\"{value}\""),
        None => "(none)".to_owned(),
    };
    let words = changes.iter().map(|change| {
        let (before, after) = (value(&change.before), value(&change.after));
        format!("{}: {before} → {after}", change.field)
    });
    words.collect::<Vec<_>>().join("; ")
}

/// Differences in one line, the value that is asked for first:
/// `name: "Acme Inc.", in WorkOS "Acme"`.
pub fn differences_in_words(changes: &[FieldChange]) -> String {
    let value = |value: &Option<String>| match value {
        Some(value) => quoted(value),
        None => "none".to_owned(),
    };
    let first = changes.iter().take(DIFFERENCES).map(|change| {
        let (is, was) = (value(&change.after), value(&change.before));
        format!("{}: {is}, in WorkOS {was}", change.field)
    });
    let more = changes.len().saturating_sub(DIFFERENCES) as u64;
    let more = (more > 0).then(|| counted(more, "more field"));
    first.chain(more).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
impl Patch {
    /// What WorkOS does with it.
    pub(crate) fn applied_to(&self, mut content: Content) -> Content {
        if let Some(name) = &self.name {
            content.name.clone_from(name);
        }
        if let Some(id) = &self.external_id {
            content.external_id = id.clone().into();
        }
        for (key, value) in &self.metadata {
            match value {
                Setting::To(value) => content.metadata.insert(key.clone(), value.clone()),
                Setting::Removed => content.metadata.remove(key),
            };
        }
        content.domains.extend(self.added_domains.iter().cloned());
        let removed = &self.removed_domains;
        content.domains.retain(|domain| !removed.contains(domain));
        content
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organization::{DomainData, DomainState};
    use proptest::prelude::*;

    prop_compose! {
        fn content()(
            name in "[AB] ?",
            domains in proptest::collection::btree_set("[abc]\\.com", 0..3),
            external_id in proptest::option::of("[12]"),
            metadata in proptest::collection::btree_map("[kl]", "[xy]", 0..3),
        ) -> Content {
            Content { name, domains, external_id, metadata }
        }
    }

    prop_compose! {
        fn row()(content in content(), cleared in proptest::option::of("[kl]")) -> NewOrganization<'static> {
            let mut metadata: BTreeMap<_, _> = content.metadata.into_iter()
                .map(|(key, value)| (key.into(), value.into())).collect();
            if let Some(key) = cleared {
                metadata.insert(key.into(), "#N/A".into());
            }
            NewOrganization {
                name: content.name.into(),
                domain_data: content.domains.into_iter().map(|domain| DomainData {
                    domain: domain.into(),
                    state: DomainState::Pending,
                }).collect(),
                external_id: content.external_id.map(Into::into),
                metadata,
            }
        }
    }

    fn options() -> impl Strategy<Value = SyncOptions> {
        let domains = prop_oneof![
            Just(SyncDomains::Add),
            Just(SyncDomains::Exact),
            Just(SyncDomains::Ignore)
        ];
        let clear = proptest::option::of(Just("#N/A".to_owned()));
        (domains, clear).prop_map(|(domains, clear)| SyncOptions {
            domains,
            clear,
            ..SyncOptions::default()
        })
    }

    proptest! {
        #[test]
        fn a_patch_makes_the_target_and_a_second_one_changes_nothing(
            current in content(), row in row(), options in options()
        ) {
            let Ok(target) = options.target(&current, &row) else {
                return Ok(());
            };
            let patch = Patch::between(&current, &target);
            let after = patch.applied_to(current.clone());
            prop_assert_eq!(&after, &target);
            let again = options.target(&after, &row).unwrap();
            prop_assert!(Patch::between(&after, &again).is_empty());
            let back = Patch::between(&after, &current);
            prop_assert_eq!(back.applied_to(after), current);
        }

        #[test]
        fn what_the_row_does_not_say_stays(current in content(), row in row()) {
            let options = SyncOptions::default();
            if let Ok(target) = options.target(&current, &row) {
                prop_assert!(target.domains.is_superset(&current.domains));
                for (key, value) in &current.metadata {
                    if !row.metadata.contains_key(key.as_str()) {
                        prop_assert_eq!(target.metadata.get(key), Some(value));
                    }
                }
                if row.external_id.is_none() {
                    prop_assert_eq!(target.external_id, current.external_id);
                }
            }
        }
    }

    fn acme() -> Content {
        Content {
            name: "Acme".to_owned(),
            metadata: [("plan".to_owned(), "pro".to_owned())].into(),
            ..Content::default()
        }
    }

    #[test]
    fn only_what_differs_is_in_the_body_and_a_removed_key_is_null() {
        let target = Content {
            external_id: Some("1".to_owned()),
            metadata: BTreeMap::new(),
            ..acme()
        };
        let patch = Patch::between(&acme(), &target);
        let body = json!({"external_id": "1", "metadata": {"plan": null}});
        assert_eq!(patch.body(), Some(body));
        assert_eq!(Patch::between(&acme(), &acme()).body(), None);
        assert_eq!(
            changes_in_words(&patch.changes(&acme())),
            "external_id: (none) → \"1\"; metadata.plan: \"pro\" → (none)"
        );
    }

    #[test]
    fn another_external_id_is_a_conflict_and_spaces_in_a_name_are_not_a_change() {
        let current = Content {
            external_id: Some("1".to_owned()),
            ..acme()
        };
        let mut row = NewOrganization {
            name: "  Acme ".into(),
            domain_data: Vec::new(),
            external_id: Some("2".into()),
            metadata: BTreeMap::new(),
        };
        let options = SyncOptions::default();
        assert!(options.target(&current, &row).is_err());
        row.external_id = None;
        assert_eq!(options.target(&current, &row), Ok(current));
    }
}
