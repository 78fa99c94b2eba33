//! One file a subcommand: wiring, no logic.

mod again;
pub mod check;
mod conclusion;
mod connection;
pub mod create;
mod error;
pub mod import;
mod judged;
mod opening;
mod plan;
pub mod retry;
mod run;
pub mod sandbox;
mod signals;
pub mod template;

pub use connection::ConnectionOptions;
pub use error::Error;
pub use run::RunOptions;
