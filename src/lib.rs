//! workos-orgs moves a customer list into WorkOS: every row of a spreadsheet export becomes exactly
//! one organization, and a results file says of every row what became of it.
//!
//! The rooms of this crate, from the top down. Each may use the ones below it, never one beside it
//! or above it (`tests/architecture.rs` holds this table):
//!
//! | room | what it owns |
//! |---|---|
//! | `cli` | the command line: clap definitions only |
//! | `commands` | one file a subcommand: wiring, no logic |
//! | `ui` | progress, printing, diagnostics |
//! | `sandbox` | a local WorkOS organizations API for rehearsal and tests |
//! | `engine` | the pipeline: throttle, retry, reconciliation, resume, events |
//! | `results` | the results file and its run file |
//! | `validate` | a row and a mapping to an organization, or to its problems |
//! | `input` | from bytes to rows: source, encoding, CSV, JSON, workbooks |
//! | `columns` | header names, roles and the mapping of columns |
//! | `workos` | the WorkOS API: client, wire types, errors |
//! | `organization` | the model: what is sent, and the rules it obeys |
//! | `table` | a row as it stands in a file |
//! | `text` | outside text made safe to show, shell quoting, counts and durations |
//! | `exit_code` | what the exit code tells a script; anyone may use it |

pub mod cli;
pub mod columns;
pub mod commands;
pub mod engine;
pub mod exit_code;
pub mod input;
pub mod organization;
pub mod results;
pub mod sandbox;
pub mod table;
pub mod text;
pub mod ui;
pub mod validate;
pub mod workos;
