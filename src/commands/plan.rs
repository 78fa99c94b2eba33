//! `workos-orgs plan`: what a sync would do, without doing it.

use super::Error;
use super::check::{self, CheckOptions};
use super::import::{self, ImportOptions};
use crate::exit_code;
use crate::run::{Connection, Invocation, Planned};
use crate::storage::{Disk, Storage as _};
use crate::ui::Printer;
use crate::workos::KeyError;
use std::ffi::OsStr;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

/// What to plan.
#[derive(Clone, Debug)]
pub struct PlanOptions {
    /// The sync that is planned.
    pub sync: ImportOptions,
    /// The same as a check, for where there is no key.
    pub check: CheckOptions,
    /// A file for all rows of the plan: JSON where its name ends so, otherwise CSV.
    pub output: Option<PathBuf>,
    /// Whether changes make the exit code 10.
    pub detailed_exit_code: bool,
}

/// Plans; returns the exit code.
///
/// # Errors
/// When the list cannot be read or WorkOS cannot be asked.
pub async fn run(options: PlanOptions, printer: Printer) -> Result<u8, Error> {
    let connection = match Connection::open(&options.sync.connection).await {
        Err(Error::Key(KeyError::Missing)) => {
            printer.info("no API key: the list is checked, and not compared with WorkOS");
            return check::run(
                &options.check,
                &mut BufWriter::new(std::io::stdout()),
                &mut std::io::stderr(),
            );
        }
        connection => connection?,
    };
    let list = options.sync.request.source.to_string();
    let json = options.sync.request.json;
    let planned = import::plan(&options.sync.request, connection, printer).await?;
    let Some(planned) = planned else {
        return Ok(exit_code::DONE);
    };
    let code = if options.detailed_exit_code && planned.has_changes() {
        exit_code::CHANGES
    } else {
        exit_code::DONE
    };
    let as_json = planned.json(&list, code);
    if let Some(path) = &options.output {
        write(&planned, &as_json, path)?;
    }
    let text = if json {
        as_json
    } else {
        let next = next(&planned, &options.sync.invocation);
        format!("{}{next}", planned.text())
    };
    printer.result(&text).map_err(|source| Error::System {
        what: "cannot write the plan",
        source,
    })?;
    Ok(code)
}

/// The commands that carry the plan out.
fn next(planned: &Planned, invocation: &Invocation) -> String {
    if !planned.has_changes() {
        return String::new();
    }
    let (import, sync) = (invocation.carry_out("import"), invocation.carry_out("sync"));
    format!("\n\nto create what is missing: {import}\nto create and update:      {sync}")
}

fn write(planned: &Planned, as_json: &str, path: &Path) -> Result<(), Error> {
    let is_json = path.extension().and_then(OsStr::to_str) == Some("json");
    let written = Disk.replace(path, &mut |out| {
        if is_json {
            out.write_all(as_json.as_bytes())
        } else {
            planned.write_csv(out)
        }
    });
    written.map_err(|source| Error::System {
        what: "cannot write the plan",
        source,
    })
}
