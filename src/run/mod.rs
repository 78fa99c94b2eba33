//! One way of a run: what every command that talks to WorkOS does, in this order.
//!
//! ```text
//! open → read and validate → list what exists → plan → show → confirm → execute → compare → render → conclude
//! ```
//!
//! Nothing in the user's folder or in WorkOS changes before `confirm`. A command that is refused,
//! declined, interrupted or killed before leaves every file as it was.

mod comparison;
mod conclusion;
mod confirm;
mod console;
mod copied;
mod environment;
mod error;
mod execute;
mod existing;
mod knowledge;
mod ledger;
mod memory;
mod next_command;
mod opened;
mod plan_text;
mod planning;
mod preparation;
mod previous;
mod renamed;
mod report;
mod request;
mod reread;
mod rows;
mod setting;
mod signals;
mod survey;
mod table;
mod tasks;

pub use conclusion::{Conclusion, Subject, conclude};
pub use console::{Answer, Console};
pub use environment::{Connection, ConnectionOptions, Environment};
pub use error::{CompareError, Error};
pub use execute::run;
pub use opened::Opened;
pub use report::Live;
pub use request::{Answers, EditedRows, Request};
pub use setting::Setting;

pub(crate) use next_command::Invocation;
pub(crate) use previous::is_results;
pub(crate) use setting::read_error;
pub(crate) use signals::listen;
