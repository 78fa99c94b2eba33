//! The model: what is sent to WorkOS for a row, and WorkOS's limits.

mod content;
pub(crate) mod domain;
pub(crate) mod external_id;
mod fields;
mod fingerprint;
pub(crate) mod metadata;
mod model;
pub(crate) mod name;
mod patch;
pub(crate) mod problem;

pub use content::Content;
pub use fields::Left;
pub use fingerprint::{Fingerprint, name_key};
pub use model::{DomainData, DomainState, NewOrganization, state_when_sent};
pub use patch::{
    FieldChange, Patch, Setting, SyncDomains, SyncOptions, changes_in_words, differences_in_words,
};
pub use problem::Problem;
