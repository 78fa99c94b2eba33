//! Where the bytes of an input come from, and what kind of file they are.

mod file_type;
mod opened;

pub(crate) use file_type::{OLD_OFFICE, format_of, is_binary, other_archive, other_kind};
pub(crate) use opened::Opened;
pub use opened::Source;
