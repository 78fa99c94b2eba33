//! `workos-orgs report`: what an import did.

use super::{Error, place};
use crate::exit_code;
use crate::report::{Facts, Gathered, markdown, write_failed, write_html};
use crate::results;
use crate::storage::{Disk, Storage};
use crate::text::counted;
use crate::ui::Printer;
use clap::ValueEnum;
use jiff::Timestamp;
use std::io::{self, Write};
use std::path::PathBuf;

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
    if let Some(path) = &output {
        place::check(path, &options.results, options.format.beginning())?;
    }
    if let Some(path) = &options.failed_only {
        place::check(path, &options.results, place::RESULTS)?;
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

impl ReportFormat {
    /// How a report of this form begins.
    const fn beginning(self) -> &'static str {
        match self {
            Self::Html => place::PAGE,
            Self::Md => "## ",
            Self::Json => "{\"schema\":",
        }
    }
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
