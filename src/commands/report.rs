//! `workos-orgs report`: what an import did.

use super::Error;
use crate::exit_code;
use crate::input::Source;
use crate::journal::journal_path;
use crate::report::{Facts, Gathered, markdown, write_failed, write_html};
use crate::results;
use crate::storage::{Disk, Storage, target};
use crate::text::counted;
use crate::ui::Printer;
use clap::ValueEnum;
use jiff::Timestamp;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What to report, and how.
#[derive(Clone, Debug)]
pub struct ReportOptions {
    /// The results file.
    pub results: PathBuf,
    /// Where to; [`None`] for the usual place.
    pub output: Option<PathBuf>,
    /// In which form.
    pub format: ReportFormat,
    /// Whether customer data is left out.
    pub redact: bool,
    /// Where to write the rows that are not done.
    pub failed_only: Option<PathBuf>,
}

/// The form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// A page.
    Html,
    /// A short text.
    Md,
    /// All facts.
    Json,
}

/// Makes a report; returns the exit code.
///
/// # Errors
/// When something cannot be read or written.
pub fn run(options: &ReportOptions, printer: Printer) -> Result<u8, Error> {
    let output = options.output();
    for path in output.iter().chain(&options.failed_only) {
        refuse_own_files(&options.results, path)?;
    }
    let gathered = Gathered::read(&options.results, Timestamp::now(), false)?;
    let mut facts = Facts::of(gathered);
    if let Some(to) = &options.failed_only {
        let rows = write_failed(&facts, &options.results, to)?;
        printer.info(&format!(
            "{} written to {}",
            counted(rows, "row"),
            to.display()
        ));
    }
    if options.redact {
        facts = facts.redacted();
    }
    let mut write = |out: &mut dyn Write| write(&facts, options.format, out);
    match output {
        Some(path) => {
            let written = Disk.replace(&path, &mut write);
            written.map_err(|source| results::Error::Write {
                path: path.clone(),
                source,
            })?;
            printer.info(&format!("report written to {}", path.display()));
        }
        None => match write(&mut io::stdout().lock()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                return Err(Error::System {
                    what: "cannot write the report",
                    source: error,
                });
            }
            _ => {}
        },
    }
    Ok(exit_code::DONE)
}

impl ReportOptions {
    /// The file to write; `None` for standard output.
    fn output(&self) -> Option<PathBuf> {
        match &self.output {
            Some(path) if path.as_os_str() == "-" => None,
            Some(path) => Some(path.clone()),
            None if self.format == ReportFormat::Html => Some(self.results.with_extension("html")),
            None => None,
        }
    }
}

fn write(facts: &Facts, format: ReportFormat, out: &mut dyn Write) -> io::Result<()> {
    match format {
        ReportFormat::Html => write_html(facts, false, out),
        ReportFormat::Md => out.write_all(markdown(facts).as_bytes()),
        ReportFormat::Json => {
            let mut out = io::BufWriter::new(out);
            serde_json::to_writer(&mut out, facts)?;
            writeln!(out)?;
            out.flush()
        }
    }
}

/// Refuses to overwrite the list of an import.
///
/// # Errors
/// When the path leads to it.
pub(super) fn refuse_list(list: &Source, path: &Path) -> Result<(), Error> {
    match list {
        Source::File(list) | Source::Copy { path: list, .. } => {
            refuse(std::slice::from_ref(list), path)
        }
        Source::Stdin => Ok(()),
    }
}

/// Refuses to overwrite the results file or its journal.
///
/// # Errors
/// When the path leads to one of them.
pub(super) fn refuse_own_files(results: &Path, path: &Path) -> Result<(), Error> {
    refuse(&[results.to_owned(), journal_path(results)], path)
}

fn refuse(own: &[PathBuf], path: &Path) -> Result<(), Error> {
    if own.iter().all(|own| target(own) != target(path)) {
        return Ok(());
    }
    Err(Error::Usage {
        message: format!("{} is a file of the import itself", path.display()),
        hint: "choose another name for the report".to_owned(),
    })
}
