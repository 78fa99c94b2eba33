//! `workos-orgs plan`: what a sync would do, without doing it.

use super::check::{self, CheckOptions};
use super::import::{self, ImportOptions};
use super::{Error, interruptible, place};
use crate::engine::Shutdown;
use crate::exit_code;
use crate::run::{Connection, Planned};
use crate::storage::{Disk, Storage as _};
use crate::ui::Printer;
use crate::workos::KeyError;
use std::ffi::OsStr;
use std::io::{self, Write};
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
pub async fn run(options: PlanOptions, printer: Printer, shutdown: Shutdown) -> Result<u8, Error> {
    let connection = match Connection::open(&options.sync.connection).await {
        Err(Error::Key(KeyError::Missing)) if options.output.is_none() => {
            printer.info("no API key: the list is checked, and not compared with WorkOS");
            return interruptible(&shutdown, move || check::to_stdout(&options.check)).await;
        }
        connection => connection?,
    };
    if let Some(path) = &options.output {
        let kind = if is_json(path) {
            place::PLAN
        } else {
            place::PLAN_TABLE
        };
        place::check(path, &[], kind)?;
    }
    let list = options.sync.request.source.to_string();
    let json = options.sync.request.json;
    let planned = import::plan(&options.sync.request, connection, printer, shutdown).await?;
    let Some(planned) = planned else {
        return Ok(exit_code::DONE);
    };
    let code = if options.detailed_exit_code && planned.has_changes() {
        exit_code::CHANGES
    } else {
        exit_code::DONE
    };
    let list = Written {
        planned: &planned,
        list: &list,
        code,
    };
    if let Some(path) = &options.output {
        list.to_file(path)?;
    }
    let written = if json {
        printer.stream(|out| list.json(out))
    } else {
        let next = next(&planned, &options);
        printer.result(&format!("{}{next}", planned.text()))
    };
    written.map_err(Error::system("cannot write the plan"))?;
    Ok(code)
}

/// The commands that carry the plan out.
fn next(planned: &Planned, options: &PlanOptions) -> String {
    if !planned.has_changes() {
        return String::new();
    }
    let invocation = &options.sync.invocation;
    let file = options.output.as_deref().filter(|path| is_json(path));
    let (import, sync) = match file {
        Some(file) => (
            invocation.carry_out_plan("import", file),
            invocation.carry_out_plan("sync", file),
        ),
        None => (invocation.carry_out("import"), invocation.carry_out("sync")),
    };
    if planned.create + planned.look_up == 0 {
        return format!("\n\nto update: {sync}");
    }
    format!("\n\nto create what is missing: {import}\nto create and update:      {sync}")
}

fn is_json(path: &Path) -> bool {
    let extension = path.extension().and_then(OsStr::to_str);
    extension.is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}

/// A plan as it is written.
struct Written<'a> {
    planned: &'a Planned,
    list: &'a str,
    code: u8,
}

impl Written<'_> {
    fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        self.planned.write_json(self.list, self.code, out)
    }

    fn to_file(&self, path: &Path) -> Result<(), Error> {
        let written = Disk.replace(path, &mut |out| {
            if is_json(path) {
                self.json(out)
            } else {
                self.planned.write_csv(out)
            }
        });
        written.map_err(Error::system("cannot write the plan"))
    }
}
