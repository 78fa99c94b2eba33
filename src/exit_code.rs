//! The exit codes of the program.

/// Every row is done: created, already there, or deliberately left.
pub const DONE: u8 = 0;
/// The run finished, and some rows need a person: see the results file.
pub const NEEDS_ATTENTION: u8 = 1;
/// The command line was wrong, or a confirmation was declined.
pub const USAGE: u8 = 2;
/// The list could not be read, or has no usable name column.
pub const INPUT: u8 = 3;
/// WorkOS refused the API key, or there was none.
pub const CREDENTIALS: u8 = 4;
/// The results file, the journal or another file could not be read, written or locked, or belongs to
/// another run.
pub const RESULTS: u8 = 5;
/// WorkOS or the network was unavailable: run the same command again.
pub const UNAVAILABLE: u8 = 6;
/// The plan has changes to make, where `plan --detailed-exit-code` asks for this code.
pub const CHANGES: u8 = 10;
/// The run was interrupted (Ctrl-C or SIGTERM): run the same command again to continue.
pub const INTERRUPTED: u8 = 130;
