//! What the program's exit code tells a script.

/// Every row is done: created, already there, or deliberately left.
pub const DONE: u8 = 0;
/// The run ended, and some rows need attention: see the results file.
pub const NEEDS_ATTENTION: u8 = 1;
/// The command line was wrong, or a question was answered with no.
pub const USAGE: u8 = 2;
/// The input could not be read, or has no usable name column.
pub const INPUT: u8 = 3;
/// WorkOS refused the API key, or there was none.
pub const CREDENTIALS: u8 = 4;
/// The results file could not be read, written or locked, or belongs to another run.
pub const RESULTS: u8 = 5;
/// The run was interrupted (Ctrl-C or SIGTERM); the same command goes on with it.
pub const INTERRUPTED: u8 = 130;
