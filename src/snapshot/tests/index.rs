//! The index: against a plain model, and its memory.

use super::organization;
use crate::organization::Fingerprint;
use crate::snapshot::{Entry, Snapshot, likeness};
use crate::workos::Organization;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Few values each, so that many organizations share some.
fn any_organization() -> impl Strategy<Value = Organization> {
    let id = prop_oneof![
        (0_u32..30).prop_map(super::id),
        (0_u32..30).prop_map(|number| format!("id{number}")),
    ];
    let name = prop_oneof![Just("Acme"), Just("ACME "), Just("Globex"), Just("")];
    let domains = proptest::option::of(proptest::collection::vec("[ab]\\.example", 0..3));
    let metadata = proptest::option::of(proptest::collection::btree_map("[pq]", "[xy]", 0..2));
    let external_id = proptest::option::of("[0-9]{1,2}");
    (id, name, domains, metadata, external_id).prop_map(
        |(id, name, domains, metadata, external_id)| Organization {
            id,
            name: name.to_owned(),
            domains,
            metadata,
            external_id,
            ..organization(0)
        },
    )
}

fn content(organization: &Organization) -> Fingerprint {
    let none = BTreeMap::new();
    let metadata = organization.metadata.as_ref().unwrap_or(&none);
    Fingerprint::of_organization(
        &organization.name,
        organization.domains.iter().flatten().map(String::as_str),
        organization.external_id.as_deref(),
        metadata.iter().map(|(key, value)| (&**key, &**value)),
    )
}

fn likeness_of(organization: &Organization) -> Fingerprint {
    let domains = organization.domains.iter().flatten();
    likeness(&organization.name, domains.map(String::as_str))
}

fn expected(organization: &Organization) -> Entry {
    Entry {
        id: organization.id.clone(),
        content: content(organization),
        likeness: likeness_of(organization),
        has_external_id: organization.external_id.is_some(),
        omits_domains: organization.domains.is_none(),
        omits_metadata: organization.metadata.is_none(),
    }
}

fn by_id(entries: impl Iterator<Item = Entry>) -> BTreeMap<String, Entry> {
    entries.map(|entry| (entry.id.clone(), entry)).collect()
}

fn assert_is(snapshot: &Snapshot, model: &HashMap<String, Organization>) {
    assert_eq!(snapshot.is_empty(), model.is_empty());
    let expected_by = |is_it: &dyn Fn(&Organization) -> bool| {
        by_id(model.values().filter(|it| is_it(it)).map(expected))
    };
    for organization in model.values() {
        let key = content(organization);
        let found: Vec<Entry> = snapshot.by_content(key).collect();
        let ids: BTreeSet<&String> = found.iter().map(|entry| &entry.id).collect();
        assert_eq!(ids.len(), found.len(), "none twice");
        let model = expected_by(&|it| content(it) == key);
        assert_eq!(by_id(found.into_iter()), model);
        let key = likeness_of(organization);
        let model = expected_by(&|it| likeness_of(it) == key);
        assert_eq!(by_id(snapshot.by_likeness(key)), model);
    }
    for external_id in (0..100).flat_map(|it| [format!("{it}"), format!("{it:02}")]) {
        let model = expected_by(&|it| it.external_id.as_ref() == Some(&external_id));
        match snapshot.by_external_id(&external_id) {
            None => assert!(model.is_empty()),
            Some(entry) => assert_eq!(model.get(&entry.id), Some(&entry)),
        }
    }
    let unknown = likeness("Unknown", std::iter::empty());
    assert_eq!(snapshot.by_content(unknown).count(), 0);
    assert_eq!(snapshot.by_likeness(unknown).count(), 0);
}

proptest! {
    #[test]
    fn it_finds_what_a_map_finds(
        pushed in proptest::collection::vec(any_organization(), 0..60),
        frozen_after in 0_usize..60,
    ) {
        let mut snapshot = Snapshot::default();
        let mut model = HashMap::new();
        for (count, organization) in pushed.iter().enumerate() {
            snapshot.push(organization);
            model.insert(organization.id.clone(), organization.clone());
            if count == frozen_after {
                snapshot.freeze();
                prop_assert_eq!(snapshot.len(), model.len());
                assert_is(&snapshot, &model);
            }
        }
        snapshot.freeze();
        prop_assert_eq!(snapshot.len(), model.len());
        assert_is(&snapshot, &model);
    }

    #[test]
    fn it_finds_what_was_pushed_without_freezing(
        first in 0_u32..50,
        second in 0_u32..50,
    ) {
        let mut snapshot = Snapshot::default();
        let mut model = HashMap::new();
        for number in 0..first + second {
            if number == first {
                snapshot.freeze();
            }
            let organization = organization(number);
            snapshot.push(&organization);
            model.insert(organization.id.clone(), organization);
        }
        assert_is(&snapshot, &model);
    }
}

#[test]
fn entries_come_in_the_order_of_the_list() {
    let mut snapshot = Snapshot::default();
    for number in [5, 3, 9, 1] {
        let mut alike = organization(0);
        alike.id = super::id(number);
        snapshot.push(&alike);
    }
    snapshot.freeze();
    let ids: Vec<String> = [5, 3, 9, 1].map(super::id).to_vec();
    let content = content(&organization(0));
    let found = snapshot.by_content(content).map(|it| it.id);
    assert_eq!(found.collect::<Vec<_>>(), ids);
    let found = snapshot.by_likeness(likeness_of(&organization(0)));
    assert_eq!(found.map(|it| it.id).collect::<Vec<_>>(), ids);
}

#[test]
fn half_a_million_organizations_take_at_most_64_bytes_each_at_any_time() {
    const COUNT: u32 = 500_000;
    let mut snapshot = Snapshot::default();
    let mut organization = organization(0);
    organization.name = "A".to_owned();
    organization.domains = None;
    organization.metadata = None;
    for number in 0..COUNT {
        organization.id = super::id(number);
        organization.external_id = Some(number.to_string());
        snapshot.push(&organization);
        assert!(snapshot.allocated_bytes() <= 100_000 + 64 * snapshot.len());
    }
    snapshot.freeze();
    assert_eq!(snapshot.len(), COUNT as usize);
    let each = snapshot.allocated_bytes() / COUNT as usize;
    assert_eq!(each, 56, "the documented size");
}
