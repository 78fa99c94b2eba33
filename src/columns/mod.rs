//! From the names of columns to their roles: which column means what.
//!
//! This room knows no file format: it takes a header and options, and makes a [`Mapping`].

mod candidates;
mod error;
mod hint;
mod mapping;
mod mapping_file;
mod names;
mod resolve;
mod role;

pub use error::Error;
pub use mapping::Mapping;

pub(crate) use names::{
    MAX_COLUMNS, canonical_role, is_known, is_results_column, metadata_key, role,
};
pub use resolve::MappingOptions;
pub use role::Role;
