//! One file a subcommand: wiring, no logic.

pub mod check;
pub mod create;
pub mod import;
mod place;
pub mod report;
pub mod sandbox;
pub mod template;

pub use crate::run::{ConnectionOptions, Error};
