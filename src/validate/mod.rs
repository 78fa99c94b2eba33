//! From rows to organizations: the validation that import, retry and check share.
//!
//! [`Validator`] makes of a row either an organization to be created or the list of its problems.

mod all;
mod cell_count;
mod cells;
mod cleaned;
mod column_layout;
mod domains;
mod duplicates;
mod external_id;
mod fingerprints;
mod footer;
mod id_shapes;
mod late_keys;
mod learn_keys;
mod metadata;
mod name;
mod one_per;
mod ordered_section;
mod several_rows;
mod summary;
#[cfg(test)]
mod tests;
mod titles;
mod united;
mod validated;
mod validator;
mod values;

pub(crate) use cleaned::CleanedWriter;
pub use duplicates::RepeatedTexts;
pub use id_shapes::IdShapes;
pub use late_keys::LateKey;
pub(crate) use several_rows::SeveralRows;
pub(crate) use summary::{Group, ValidationSummary};
pub(crate) use titles::title_of;
pub(crate) use united::{ROW_INVALID, RowOfOne, UNITED_KEY, Uniting};
pub use validated::{Change, Validated};
pub use validator::Validator;
