//! `workos-orgs import --dry-run`: what is wrong with the list and, with a key, what the import would do.

use super::check::{self, CheckOptions};
use super::import::{self, ImportOptions};
use super::{Error, interruptible};
use crate::engine::Shutdown;
use crate::input::Source;
use crate::run::{Connection, Planned};
use crate::ui::Printer;
use crate::workos::KeyError;
use serde_json::{Map, Value};

/// An import that is not made.
#[derive(Clone, Debug)]
pub struct DryRunOptions {
    /// The check of its list.
    pub check: CheckOptions,
    /// The import.
    pub import: ImportOptions,
}

/// Checks the list and plans the import; returns the exit code of the check.
///
/// # Errors
/// When the list cannot be read or WorkOS cannot be asked.
pub async fn run(
    options: DryRunOptions,
    printer: Printer,
    shutdown: Shutdown,
) -> Result<u8, Error> {
    let DryRunOptions { check, import } = options;
    // Standard input can be read once, and a sandbox of its own has nothing to compare with.
    let is_list_alone = matches!(import.request.source, Source::Stdin) || import.connection.sandbox;
    if is_list_alone {
        return interruptible(&shutdown, move || check::to_stdout(&check)).await;
    }
    if check.json {
        return in_one_object(check, import, printer, shutdown).await;
    }
    let code = interruptible(&shutdown, move || check::to_stdout(&check)).await?;
    if let Some(planned) = plan(import, printer, shutdown).await? {
        print(&format!("\n{}", planned.text()), printer)?;
    }
    Ok(code)
}

/// The object of the check, with the fields of the plan.
async fn in_one_object(
    check: CheckOptions,
    import: ImportOptions,
    printer: Printer,
    shutdown: Shutdown,
) -> Result<u8, Error> {
    let checking = shutdown.clone();
    let (code, mut object) = interruptible(&checking, move || {
        let mut out = Vec::new();
        let code = check::run(&check, &mut out, &mut std::io::stderr())?;
        let object: Map<String, Value> = serde_json::from_slice(&out).unwrap_or_default();
        Ok((code, object))
    })
    .await?;
    if let Some(planned) = plan(import, printer, shutdown).await? {
        for (name, value) in planned.fields() {
            object.insert(name, value);
        }
    }
    print(&Value::Object(object).to_string(), printer)?;
    Ok(code)
}

async fn plan(
    mut import: ImportOptions,
    printer: Printer,
    shutdown: Shutdown,
) -> Result<Option<Planned>, Error> {
    let connection = match Connection::open(&import.connection).await {
        Err(Error::Key(KeyError::Missing)) => {
            printer.info("no API key: the list is checked, and not compared with WorkOS");
            return Ok(None);
        }
        connection => connection?,
    };
    import.request.is_dry_run = true;
    import::plan(&import.request, connection, printer, shutdown).await
}

fn print(text: &str, printer: Printer) -> Result<(), Error> {
    printer
        .result(text)
        .map_err(Error::system("cannot write the plan"))
}
