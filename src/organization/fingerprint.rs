//! A short value that says whether two organizations have the same content.
//!
//! It is the same for a list row, for the request that was sent and for the organization that
//! WorkOS answers with, so that each can be recognized without keeping its text.

use super::NewOrganization;
use icu_normalizer::ComposingNormalizerBorrowed;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeSet;
use std::fmt;
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

/// The content of an organization or of a row, as a 64-bit hash. Written as 16 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub u64);

impl Fingerprint {
    /// The fingerprint of an organization: name, domains, external id and metadata. The states and
    /// the order of domains do not matter.
    pub fn of_organization<'a>(
        name: &str,
        domains: impl Iterator<Item = &'a str>,
        external_id: Option<&str>,
        metadata: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let mut hash = Xxh3::new();
        let mut field = |kind: u8, text: &str| {
            hash.update(&[kind]);
            hash.update(&(text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        };
        field(b'n', &name_key(name));
        for domain in domains.map(str::to_lowercase).collect::<BTreeSet<_>>() {
            field(b'd', &domain);
        }
        if let Some(id) = external_id {
            field(b'x', id);
        }
        for (key, value) in metadata.collect::<BTreeSet<_>>() {
            field(b'k', key);
            field(b'v', value);
        }
        Self(hash.digest())
    }

    /// The fingerprint of any other bytes, for example of the cells of a row that is not valid.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(xxh3_64(bytes))
    }
}

impl NewOrganization<'_> {
    /// See [`Fingerprint::of_organization`].
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of_organization(
            &self.name,
            self.domain_data.iter().map(|data| data.domain.as_ref()),
            self.external_id.as_deref(),
            self.metadata
                .iter()
                .map(|(key, value)| (key.as_ref(), value.as_ref())),
        )
    }
}

/// A name as it is compared: a server may fold case, spaces and composed characters.
pub fn name_key(name: &str) -> String {
    let composed = ComposingNormalizerBorrowed::new_nfkc().normalize(name);
    let mut key = String::with_capacity(composed.len());
    for word in composed.split_whitespace() {
        if !key.is_empty() {
            key.push(' ');
        }
        key.extend(word.chars().flat_map(char::to_lowercase));
    }
    key
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let is_hex = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hex
            .then(|| u64::from_str_radix(&text, 16).ok())
            .flatten()
            .map(Self)
            .ok_or_else(|| D::Error::custom("expected a fingerprint of 16 hex digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, domains: &[&str], external_id: Option<&str>) -> Fingerprint {
        Fingerprint::of_organization(
            name,
            domains.iter().copied(),
            external_id,
            std::iter::empty(),
        )
    }

    #[test]
    fn case_and_spaces_of_a_name_and_the_order_of_domains_do_not_matter() {
        assert_eq!(
            of("Acme  GmbH", &["a.com", "B.com"], None),
            of("ACME GmbH ", &["b.com", "a.com"], None)
        );
    }

    #[test]
    fn every_field_matters() {
        let plain = of("Acme", &["a.com"], None);
        assert_ne!(plain, of("Acme Inc", &["a.com"], None));
        assert_ne!(plain, of("Acme", &[], None));
        assert_ne!(plain, of("Acme", &["a.com"], Some("1")));
        assert_ne!(of("Acme", &[], Some("1")), of("Acme", &["1"], None));
        let pairs = [("plan", "pro")];
        let with_metadata =
            Fingerprint::of_organization("Acme", ["a.com"].into_iter(), None, pairs.into_iter());
        assert_ne!(plain, with_metadata);
    }

    #[test]
    fn it_reads_back() {
        let fingerprint = of("Acme", &[], None);
        let json = serde_json::to_string(&fingerprint).unwrap();
        assert_eq!(json.len(), 18);
        assert_eq!(
            serde_json::from_str::<Fingerprint>(&json).unwrap(),
            fingerprint
        );
        assert!(serde_json::from_str::<Fingerprint>("\"12\"").is_err());
    }
}
