//! From the names of columns to their roles: which column means what.
//!
//! This room knows no file format: it takes a header, the first rows and options, and makes a
//! [`Mapping`].

mod candidates;
mod cell_rules;
mod content;
mod error;
mod hint;
mod mapping;
mod mapping_file;
mod names;
mod nested;
mod one_per;
mod resolve;
mod role;
mod sense;
mod words;

pub use cell_rules::CellRules;
pub use content::Content;
pub(crate) use content::cell;
pub use error::Error;
pub use mapping::{Mapping, Repeats};
pub use one_per::{Differing, OnePer};

pub(crate) use names::{
    MAX_COLUMNS, canonical_role, is_organization_id_column, is_results_column, metadata_key,
};
pub use resolve::MappingOptions;
pub use role::Role;
pub(crate) use sense::{WHERE_UNIQUE, is_email, is_known, is_of_contact, is_of_person, role};
