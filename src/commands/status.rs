//! `workos-orgs status`: what the journal knows of a list.

use super::Error;
use crate::exit_code;
use crate::run::Known;
use crate::ui::Printer;
use std::path::PathBuf;

/// What to look at.
#[derive(Clone, Debug)]
pub struct StatusOptions {
    /// The list or its results file; otherwise the only journal of the folder.
    pub path: Option<PathBuf>,
    /// Whether to print one JSON object.
    pub json: bool,
}

/// Prints what is known; returns the exit code.
///
/// # Errors
/// When there is no journal, or it cannot be read.
pub fn run(options: &StatusOptions, printer: Printer) -> Result<u8, Error> {
    let known = Known::find(options.path.as_deref())?;
    let text = if options.json {
        known.json()
    } else {
        known.text()
    };
    printer
        .result(&text)
        .map_err(Error::system("cannot write the status"))?;
    Ok(exit_code::DONE)
}
