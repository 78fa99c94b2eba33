//! By what rows and organizations recognize each other: the same values of both, as hashes.

use super::facts::{hash_of, name_hash};
use super::identify::{Keys, MatchedBy};
use crate::organization::NewOrganization;
use crate::snapshot::likeness;
use crate::workos::Organization;

impl Keys {
    /// Adds the values of a row by which it may be recognized. `likeness` is the hash of its name and
    /// domains; 0 where they do not count.
    pub fn add_row(&mut self, row: u32, organization: &NewOrganization<'_>, likeness: u64) {
        let external_id = organization.external_id.as_deref();
        self.add(row, MatchedBy::ExternalId, hash_of(external_id));
        for data in &organization.domain_data {
            let hash = hash_of(Some(&data.domain.to_lowercase()));
            self.add(row, MatchedBy::Domain, hash);
        }
        self.add(row, MatchedBy::Likeness, likeness);
        self.add(row, MatchedBy::Name, name_hash(&organization.name));
    }

    /// The rows that an organization may be, and by what. One that is owned, perhaps by a row that
    /// the list does not have any more, is recognized by its ids and domains alone.
    pub fn rows_of(&self, organization: &Organization, is_owned: bool) -> Vec<(MatchedBy, u32)> {
        let mut found = Vec::new();
        let mut add = |by, hash| found.extend(self.rows(by, hash).map(|row| (by, row)));
        let external_id = organization.external_id.as_deref();
        add(MatchedBy::OrganizationId, hash_of(Some(&organization.id)));
        add(MatchedBy::ExternalId, hash_of(external_id));
        for domain in organization.domains.iter().flatten() {
            add(MatchedBy::Domain, hash_of(Some(&domain.to_lowercase())));
        }
        if is_owned {
            return found;
        }
        if external_id.is_none() {
            let domains = organization.domains.iter().flatten();
            let likeness = likeness(&organization.name, domains.map(String::as_str));
            add(MatchedBy::Likeness, likeness.0);
        }
        add(MatchedBy::Name, name_hash(&organization.name));
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organization::{Content, DomainData, DomainState, Patch, SyncDomains, SyncOptions};
    use crate::plan::{Hit, Identity, identify};
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// WorkOS, as far as a sync knows it: what each organization holds.
    type World = Vec<Content>;

    /// A row, and the place of the organization whose id it has.
    type Row = (NewOrganization<'static>, Option<usize>);

    /// What a sync does with each row.
    #[derive(Clone, Debug, PartialEq)]
    enum Done {
        Create(Content),
        Update(usize, Patch),
        Same(usize),
        Conflict,
    }

    fn organization(place: usize, content: &Content) -> Organization {
        Organization {
            id: format!("org_{place}"),
            name: content.name.clone(),
            domains: Some(content.domains.iter().cloned().collect()),
            metadata: Some(content.metadata.clone()),
            external_id: content.external_id.clone(),
            created_at: None,
            json: None,
        }
    }

    /// The plan of a sync without a journal.
    fn plan(world: &World, list: &[Row], options: &SyncOptions) -> Vec<Done> {
        let mut keys = Keys::default();
        for (place, (row, of)) in (0..).zip(list) {
            let domains = row.domain_data.iter().map(|data| data.domain.as_ref());
            let alike = likeness(&row.name, domains).0;
            let has_id = row.external_id.is_some();
            keys.add_row(place, row, if has_id { 0 } else { alike });
            let id = of.map(|of| format!("org_{of}"));
            keys.add(place, MatchedBy::OrganizationId, hash_of(id.as_deref()));
        }
        keys.sort();
        let mut hits = Vec::new();
        for (place, content) in world.iter().enumerate() {
            let rows = keys.rows_of(&organization(place, content), false);
            let wanted = rows
                .into_iter()
                .filter(|(by, _)| *by != MatchedBy::Name || options.match_name);
            hits.extend(wanted.map(|(by, row)| Hit {
                by,
                row,
                organization: u32::try_from(place).unwrap(),
            }));
        }
        let identities = identify(hits);
        let rows = (0..).zip(list);
        rows.map(|(place, (row, _))| match identities.get(&place) {
            None => Done::Create(Content::from(&options.without_cleared(row.clone()))),
            Some(Identity::One(organization)) => {
                let organization = *organization as usize;
                match options.target(&world[organization], row) {
                    Err(_) => Done::Conflict,
                    Ok(target) => match Patch::between(&world[organization], &target) {
                        patch if patch.is_empty() => Done::Same(organization),
                        patch => Done::Update(organization, patch),
                    },
                }
            }
            Some(_) => Done::Conflict,
        })
        .collect()
    }

    /// What WorkOS does with it.
    fn carry_out(world: &World, plan: &[Done]) -> World {
        let mut world = world.clone();
        for done in plan {
            match done {
                Done::Create(content) => world.push(content.clone()),
                Done::Update(organization, patch) => {
                    let content = &mut world[*organization];
                    *content = patch.applied_to(content.clone());
                }
                Done::Same(_) | Done::Conflict => {}
            }
        }
        world
    }

    prop_compose! {
        fn content()(
            name in "[AB]",
            domains in proptest::collection::btree_set("[abcd]\\.com", 0..3),
            external_id in proptest::option::of("[1-4]"),
            metadata in proptest::collection::btree_map("[kl]", "[xy]", 0..3),
        ) -> Content {
            Content { name, domains, external_id, metadata }
        }
    }

    fn row(content: Content) -> NewOrganization<'static> {
        let domains = content.domains.into_iter().map(|domain| DomainData {
            domain: domain.into(),
            state: DomainState::Pending,
        });
        let pairs = content.metadata.into_iter();
        NewOrganization {
            name: content.name.into(),
            domain_data: domains.collect(),
            external_id: content.external_id.map(Into::into),
            metadata: pairs
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
        }
    }

    /// WorkOS has an external id once. Domains may be there several times.
    fn world() -> impl Strategy<Value = World> {
        proptest::collection::vec(content(), 0..5).prop_map(|mut world| {
            let mut ids = BTreeSet::new();
            for content in &mut world {
                content.external_id.take_if(|id| !ids.insert(id.clone()));
            }
            world
        })
    }

    /// A list that passes the validation: each external id and each domain is there once.
    fn list() -> impl Strategy<Value = Vec<Row>> {
        world().prop_map(|mut list| {
            let mut seen = BTreeSet::new();
            for content in &mut list {
                content.domains.retain(|domain| seen.insert(domain.clone()));
            }
            list.into_iter()
                .map(|content| (row(content), None))
                .collect()
        })
    }

    fn options() -> impl Strategy<Value = SyncOptions> {
        let domains = prop_oneof![
            Just(SyncDomains::Add),
            Just(SyncDomains::Exact),
            Just(SyncDomains::Ignore)
        ];
        let clear = proptest::option::of(Just("x".to_owned()));
        (domains, clear, any::<bool>()).prop_map(|(domains, clear, match_name)| SyncOptions {
            domains,
            clear,
            match_name,
            ..SyncOptions::default()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// With the journal of the first sync; also without it, unless names alone count. A row in
        /// conflict may find its organization after others have got theirs.
        #[test]
        fn a_sync_twice_is_a_sync_once(world in world(), list in list(), options in options()) {
            let first = plan(&world, &list, &options);
            let after = carry_out(&world, &first);
            let without_journal = Some(list.clone()).filter(|_| !options.match_name);
            for list in [Some(with_ids(&world, &list, &first)), without_journal].into_iter().flatten() {
                let second = plan(&after, &list, &options);
                for (first, second) in first.iter().zip(&second) {
                    let is_same = matches!(second, Done::Same(_));
                    prop_assert!(is_same || *first == Done::Conflict, "{first:?}, then {second:?}");
                }
            }
        }

        #[test]
        fn the_sync_of_an_export_changes_nothing(world in world(), options in options()) {
            let export: Vec<Row> = world.iter().enumerate()
                .map(|(place, content)| (row(content.clone()), Some(place)))
                .collect();
            let options = SyncOptions { clear: None, ..options };
            for (place, done) in plan(&world, &export, &options).into_iter().enumerate() {
                prop_assert_eq!(done, Done::Same(place));
            }
        }

        #[test]
        fn no_organization_is_changed_for_two_rows_and_none_is_created_that_is_there(
            world in world(), list in list(), options in options()
        ) {
            let plan = plan(&world, &list, &options);
            let updated = plan.iter().filter_map(|done| match done {
                Done::Update(organization, _) => Some(*organization),
                _ => None,
            });
            let updated: Vec<_> = updated.collect();
            let distinct: BTreeSet<_> = updated.iter().collect();
            prop_assert_eq!(distinct.len(), updated.len());
            let after = carry_out(&world, &plan);
            let mut ids = BTreeMap::new();
            for id in after.iter().filter_map(|content| content.external_id.as_ref()) {
                *ids.entry(id).or_insert(0) += 1;
            }
            prop_assert!(ids.values().all(|count| *count == 1), "{:?}", ids);
        }
    }

    /// The list as the journal knows it after a sync: each row that was done has its organization.
    fn with_ids(world: &World, list: &[Row], done: &[Done]) -> Vec<Row> {
        let mut created = world.len()..;
        let rows = list.iter().zip(done);
        rows.map(|((row, _), done)| {
            let of = match done {
                Done::Create(_) => created.next(),
                Done::Update(organization, _) | Done::Same(organization) => Some(*organization),
                Done::Conflict => None,
            };
            (row.clone(), of)
        })
        .collect()
    }
}
