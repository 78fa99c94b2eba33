//! workos-orgs imports a customer list into WorkOS: each row of a spreadsheet export becomes one
//! organization, and a results file shows the result of each row.
//!
//! The rooms of this crate, from the top down. Each may use only the ones below it
//! (`tests/architecture.rs` checks this table):
//!
//! | room | what it owns |
//! |---|---|
//! | `cli` | the command line: clap definitions only |
//! | `commands` | one file per subcommand: wiring, no logic |
//! | `run` | the sequence of a run: open, plan, confirm, execute, compare, render, conclude |
//! | `ui` | progress, printing, diagnostics |
//! | `report` | what a run did, as a page, Markdown or JSON |
//! | `sandbox` | a local WorkOS organizations API for test runs and tests |
//! | `engine` | sends operations: pipeline, throttle, retry, lookup, shutdown, events |
//! | `plan` | matching of rows, and what is done with each: pure |
//! | `snapshot` | the organizations of an environment, listed into a compact index |
//! | `journal` | the program's memory: events, replay, writer |
//! | `results` | the results file: rendering, and reading back the user's cells |
//! | `validate` | a row and a mapping to an organization, or to its problems |
//! | `input` | from bytes to rows: source, encoding, CSV, JSON, workbooks |
//! | `columns` | header names, roles and the column mapping |
//! | `workos` | the WorkOS API: client, wire types, errors |
//! | `organization` | the model: what is sent, and WorkOS's limits |
//! | `table` | a row as it is in a file |
//! | `storage` | append, atomic replace and lock, on a real or a simulated disk |
//! | `text` | safe display of outside text, shell quoting, counts and durations |
//! | `exit_code` | the exit codes; every room may use it |

pub mod cli;
pub mod columns;
pub mod commands;
pub mod engine;
pub mod exit_code;
pub mod input;
pub mod journal;
pub mod organization;
pub mod plan;
pub mod report;
pub mod results;
pub mod run;
pub mod sandbox;
pub mod snapshot;
pub mod storage;
pub mod table;
pub mod text;
pub mod ui;
pub mod validate;
pub mod workos;
