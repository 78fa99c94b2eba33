//! The two organizations that exist from the start when [`Options::examples`](super::Options) is
//! set, so that a test run has both kinds of conflict, and organizations in use.

use super::StoredDomainState;
use super::in_use::{self, Kind, MembershipDraft};
use super::rules::{DomainDraft, Draft};
use super::store::Store;
use std::collections::BTreeMap;

/// A domain that an example organization owns: creating another one with it is answered 409. It
/// lies under a name that is reserved for documentation, so no customer has it.
pub const TAKEN_DOMAIN: &str = "globex.example.com";
/// The name of the organization that owns [`TAKEN_DOMAIN`]. It has no external id.
pub const TAKEN_DOMAIN_OWNER: &str = "Globex Corporation";

/// An external id that an example organization has: creating another one with it is answered 400.
pub const TAKEN_EXTERNAL_ID: &str = "crm-existing-001";
/// The name of the organization that has [`TAKEN_EXTERNAL_ID`]. It has no domain and no metadata,
/// so a row with this name and external id and nothing else equals it.
pub const TAKEN_EXTERNAL_ID_OWNER: &str = "Initech";

/// Creates them in an empty store, and puts both in use.
pub(super) fn fill(store: &mut Store) {
    // They differ and nothing else is there: nothing is refused.
    let [globex, initech] = drafts().map(|draft| store.create(draft));
    if let Ok(globex) = globex {
        let id = &globex.id;
        let _ = store.use_organization(id, Kind::Connection, |key, now| {
            in_use::connection(key, id, now)
        });
        let _ = store.use_organization(id, Kind::Directory, |key, now| {
            in_use::directory(key, id, now)
        });
    }
    if let Ok(initech) = initech {
        let invited = MembershipDraft {
            user_id: INVITED_USER.to_owned(),
            organization_id: initech.id.clone(),
        };
        let _ = store.add_membership(&invited, "pending");
    }
}

/// Whose invitation to [`TAKEN_EXTERNAL_ID_OWNER`] is pending.
const INVITED_USER: &str = "user_01EXAMPLE0000000000000000A";

/// The requests that would create them.
fn drafts() -> [Draft; 2] {
    [
        Draft {
            name: TAKEN_DOMAIN_OWNER.to_owned(),
            domains: vec![DomainDraft {
                domain: TAKEN_DOMAIN.to_owned(),
                state: StoredDomainState::Verified,
            }],
            external_id: None,
            metadata: BTreeMap::from([("plan".to_owned(), "enterprise".to_owned())]),
        },
        Draft {
            name: TAKEN_EXTERNAL_ID_OWNER.to_owned(),
            domains: Vec::new(),
            external_id: Some(TAKEN_EXTERNAL_ID.to_owned()),
            metadata: BTreeMap::new(),
        },
    ]
}
