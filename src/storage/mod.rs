//! Writing to the disk: append, sync, atomic replace, lock.
//!
//! [`Disk`] is the real one. A simulation uses another one, which loses what was not synced. Files
//! are read with the standard library.

mod api;
mod disk;
mod lock;
mod privacy;
mod replace;

pub use api::{Append, Storage};
pub use disk::Disk;
pub use lock::Lock;
pub use privacy::keep_as_private_as;
pub use replace::{SUFFIX, Unfinished, directory_of, identity, stem_of, target};

#[cfg(test)]
mod tests;
