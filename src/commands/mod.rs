//! One file a subcommand: wiring, no logic.

pub mod check;
pub mod create;
pub mod export;
pub mod import;
mod place;
pub mod plan;
pub mod report;
pub mod sandbox;
pub mod status;
pub mod template;
pub mod verify;

pub use crate::run::{ConnectionOptions, Error};
