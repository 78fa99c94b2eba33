//! `workos-orgs report`: what an import did.

use super::{Error, place};
use crate::exit_code;
use crate::report::{Facts, Gathered, markdown, write_failed, write_html};
use crate::results;
use crate::run::object_with;
use crate::storage::{Disk, Storage};
use crate::text::counted;
use crate::ui::Printer;
use clap::ValueEnum;
use jiff::Timestamp;
use serde_json::json;
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
    /// Whether to print one JSON object about what was written.
    pub json: bool,
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
    if options.json && output.is_none() {
        return Err(Error::Usage {
            message: "--json needs a file for the report: standard output has one JSON object"
                .to_owned(),
            hint: "name a file with --output, or leave it out".to_owned(),
        });
    }
    let own = place::own_files(&options.results);
    if let Some(path) = &output {
        place::check(path, &own, options.format.kind())?;
    }
    if let Some(path) = &options.failed_only {
        place::check(path, &own, place::RESULTS)?;
    }
    let gathered = Gathered::read(&options.results, Timestamp::now(), false)?;
    let mut facts = Facts::of(gathered);
    let mut failed_rows = None;
    if let Some(to) = &options.failed_only {
        let rows = write_failed(&facts, &options.results, to)?;
        failed_rows = Some(rows);
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
    match &output {
        Some(path) => {
            let written = Disk.replace(path, &mut write);
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
    if options.json {
        let own = json!({
            "report": output,
            "failed_only": options.failed_only,
            "failed_rows": failed_rows,
            "verdict": facts.verdict,
            "next": facts.next.command.iter().collect::<Vec<_>>(),
        });
        let object = object_with("report", None, None, exit_code::DONE, own);
        printer
            .result(&object)
            .map_err(Error::system("cannot write what was reported"))?;
    }
    Ok(exit_code::DONE)
}

impl ReportFormat {
    /// The kind of file that a report of this form is.
    const fn kind(self) -> place::Kind {
        match self {
            Self::Html => place::PAGE,
            Self::Md => place::MARKDOWN,
            Self::Json => place::FACTS,
        }
    }

    const fn extension(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Md => "md",
            Self::Json => "json",
        }
    }
}

impl ReportOptions {
    /// The file to write; `None` for standard output.
    fn output(&self) -> Option<PathBuf> {
        match &self.output {
            Some(path) if path.as_os_str() == "-" => None,
            Some(path) => Some(path.clone()),
            None if self.format == ReportFormat::Html || self.json => {
                Some(self.results.with_extension(self.format.extension()))
            }
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
