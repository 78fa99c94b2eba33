//! Contents compared field by field: what runs have left of an organization, and what others have
//! changed of it.

use super::patch::is_same_text;
use super::{Content, Fingerprint};
use std::collections::BTreeSet;

impl Content {
    /// Whether each field has the value that it has in one of these contents: no other program has
    /// changed any of them. A change that was cut off leaves some fields as they were.
    pub fn is_mix_of(&self, known: &[&Self]) -> bool {
        let is_any = |is_equal: &dyn Fn(&Self) -> bool| known.iter().any(|it| is_equal(it));
        let all = || known.iter().copied().chain([self]);
        let mut keys = all().flat_map(|it| it.metadata.keys());
        let mut domains = all().flat_map(|it| &it.domains);
        is_any(&|it| is_same_text(&it.name, &self.name))
            && is_any(&|it| it.external_id == self.external_id)
            && keys.all(|key| is_any(&|it| it.metadata.get(key) == self.metadata.get(key)))
            && domains.all(|domain| {
                is_any(&|it| it.domains.contains(domain) == self.domains.contains(domain))
            })
    }

    /// This content with each field as it was `before` where it still has one of `our` values. What
    /// somebody else has changed since stays.
    #[must_use]
    pub fn with_taken_back(&self, before: &Self, ours: &[Self]) -> Self {
        let is_ours = |is_equal: &dyn Fn(&Self) -> bool| ours.iter().any(is_equal);
        let mut content = self.clone();
        if is_ours(&|it| is_same_text(&it.name, &self.name)) {
            content.name.clone_from(&before.name);
        }
        if is_ours(&|it| it.external_id == self.external_id) {
            content.external_id.clone_from(&before.external_id);
        }
        let all = || ours.iter().chain([self, before]);
        let keys: BTreeSet<&String> = all().flat_map(|it| it.metadata.keys()).collect();
        for key in keys {
            if !is_ours(&|it| it.metadata.get(key) == self.metadata.get(key)) {
                continue;
            }
            match before.metadata.get(key) {
                Some(value) => content.metadata.insert(key.clone(), value.clone()),
                None => content.metadata.remove(key),
            };
        }
        let domains: BTreeSet<&String> = all().flat_map(|it| &it.domains).collect();
        for domain in domains {
            if !is_ours(&|it| it.domains.contains(domain) == self.domains.contains(domain)) {
                continue;
            }
            if before.domains.contains(domain) {
                content.domains.insert(domain.clone());
            } else {
                content.domains.remove(domain);
            }
        }
        content
    }
}

/// How runs have left an organization that they have created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// As it was created: its name, and the rest as a fingerprint.
    Created(String, Fingerprint),
    /// Changed to the last of these; where a change was cut off, a mix of them.
    Changed(Vec<Content>),
    /// Somebody else has changed it before a run did.
    ByOthers,
}

impl Left {
    /// Whether an organization is as the runs have left it.
    pub fn is(&self, current: &Content) -> bool {
        match self {
            // A fingerprint does not tell the case of a name.
            Self::Created(name, fingerprint) => {
                is_same_text(name, &current.name) && current.fingerprint() == *fingerprint
            }
            Self::Changed(left) => current.is_mix_of(&left.iter().collect::<Vec<_>>()),
            Self::ByOthers => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organization::Patch;
    use proptest::prelude::*;

    prop_compose! {
        fn content()(
            name in "[AB]",
            domains in proptest::collection::btree_set("[abc]\\.com", 0..3),
            external_id in proptest::option::of("[12]"),
            metadata in proptest::collection::btree_map("[kl]", "[xy]", 0..3),
        ) -> Content {
            Content { name, domains, external_id, metadata }
        }
    }

    /// Which fields of two contents differ.
    fn differing(one: &Content, other: &Content) -> BTreeSet<String> {
        let patch = Patch::between(one, other);
        let mut fields: BTreeSet<String> = patch.metadata.into_keys().collect();
        fields.extend(patch.added_domains);
        fields.extend(patch.removed_domains);
        fields.extend(patch.name.map(|_| "name".to_owned()));
        fields.extend(patch.external_id.map(|_| "id".to_owned()));
        fields
    }

    proptest! {
        #[test]
        fn a_change_that_nobody_else_has_touched_is_taken_back_exactly(
            before in content(), after in content()
        ) {
            prop_assert_eq!(after.with_taken_back(&before, std::slice::from_ref(&after)), before.clone());
            prop_assert!(after.is_mix_of(&[&before, &after]));
        }

        #[test]
        fn a_part_of_a_change_is_taken_back_exactly(before in content(), after in content(), other in content()) {
            // Some fields as before, the others as after.
            let part = after.with_taken_back(&before, &[other]);
            prop_assert!(part.is_mix_of(&[&before, &after]));
            let ours = [before.clone(), after];
            prop_assert_eq!(part.with_taken_back(&before, &ours), before);
        }

        #[test]
        fn what_somebody_else_has_changed_stays(
            before in content(), after in content(), now in content()
        ) {
            let back = now.with_taken_back(&before, std::slice::from_ref(&after));
            let theirs = differing(&after, &now);
            for field in differing(&now, &back) {
                prop_assert!(!theirs.contains(&field), "{field}");
            }
            for field in differing(&back, &before) {
                prop_assert!(theirs.contains(&field), "{field}");
            }
        }

        #[test]
        fn a_mix_has_no_field_that_differs_from_all(one in content(), two in content(), now in content()) {
            let foreign = differing(&one, &now).intersection(&differing(&two, &now)).count();
            prop_assert_eq!(now.is_mix_of(&[&one, &two]), foreign == 0);
        }
    }
}
