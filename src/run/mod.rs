//! One way of a run: what every command that talks to WorkOS does, in this order.
//!
//! ```text
//! open → read and validate → list what exists → plan → show → confirm → execute → compare → render → conclude
//! ```
//!
//! Nothing in the user's folder or in WorkOS changes before `confirm`. A command that is refused,
//! declined, interrupted or killed before leaves every file as it was.

mod approved;
mod as_list;
mod begin;
mod belongs;
mod carry_out;
mod comparison;
mod conclusion;
mod confirm;
mod console;
mod copied;
mod corrections;
mod decided;
mod dry_run;
mod environment;
mod error;
mod execute;
mod existing;
mod export;
mod kept_cells;
mod key_source;
mod knowledge;
mod ledger;
mod likely;
mod limits;
mod listed;
mod mapping;
mod matched;
mod memory;
mod near;
mod next_command;
mod next_steps;
mod object;
mod opened;
mod pauses;
mod plan_file;
mod plan_text;
mod planned;
mod planning;
mod preparation;
mod previous;
mod rate_file;
mod renamed;
mod report;
mod request;
mod reread;
mod results_file;
mod rows;
mod run_plan;
mod setting;
mod signals;
mod single;
mod status;
mod summary_text;
mod survey;
mod sync;
mod sync_keys;
mod table;
mod tasks;
mod understood;
mod undo;
mod united;
mod untouched;
mod verify;
mod whole_list;

pub use conclusion::{Conclusion, Subject, conclude};
pub use console::{Answer, Console};
pub use dry_run::Planned;
pub use environment::{Connection, ConnectionOptions, Environment};
pub use error::{CompareError, Error};
pub use execute::run;
pub use export::{ExportRequest, Exported, export};
pub use next_command::{Given, Invocation};
pub use object::{failed, misunderstood};
pub use opened::Opened;
pub use plan_file::PlanFile;
pub use planned::{Action, PlannedRow, Skipped};
pub use report::Live;
pub use request::{
    Adopt, Answers, Corrections, DeletedRows, EditedRows, Request, SyncRequest, UndoRequest,
};
pub use setting::Setting;
pub use signals::listen;
pub use single::IfExists;
pub use status::Known;
pub use verify::{VerifyRequest, verify};

pub(crate) use as_list::with_mapping_of_results;
pub(crate) use confirm::ask_about_one;
pub(crate) use corrections::with_corrections;
pub(crate) use object::{error_object, object, object_with, sandbox_object};
pub(crate) use previous::is_results;
pub(crate) use setting::read_error;
pub(crate) use single::{Settled, Single};
pub(crate) use united::{Grouper, Groups};
pub(crate) use whole_list::mapping_of_list;
