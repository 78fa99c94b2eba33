//! `workos-orgs export`: all organizations as a list.

use super::{ConnectionOptions, Error};
use crate::engine::{Clock, Engine, Settings, Shutdown};
use crate::exit_code;
use crate::run::{self, Connection, ExportRequest};
use crate::storage::Disk;
use crate::ui::{Failures, PlainLines, Printer};
use serde_json::json;
use std::io::BufWriter;

/// What to export, and where.
#[derive(Clone, Debug)]
pub struct ExportOptions {
    /// What is asked for.
    pub request: ExportRequest,
    /// Whether to print one JSON object.
    pub json: bool,
    /// How to reach WorkOS.
    pub connection: ConnectionOptions,
    /// How to send requests.
    pub settings: Settings,
}

/// Exports the organizations of an environment; returns the exit code.
///
/// # Errors
/// When they cannot be listed or written.
pub async fn run(
    options: ExportOptions,
    printer: Printer,
    shutdown: Shutdown,
) -> Result<u8, Error> {
    if options.json && options.request.output.is_none() {
        return Err(Error::Usage {
            message: "--json needs a file for the list: standard output has one JSON object"
                .to_owned(),
            hint: "name a file with --output".to_owned(),
        });
    }
    let connection = Connection::open(&options.connection).await?;
    let observer = PlainLines::new("export", Failures::default(), printer);
    let engine = Engine::new(
        connection.client,
        options.settings,
        vec![Box::new(observer)],
        shutdown,
        Clock::system(),
    );
    let setting = (
        &printer,
        &Disk as &dyn crate::storage::Storage,
        &*connection.environment.api,
    );
    let mut out = BufWriter::new(std::io::stdout());
    let exported = run::export(&options.request, &engine, setting, &mut out).await?;
    if options.json {
        let own = json!({
            "output": options.request.output,
            "organizations": exported.organizations,
            "notices": exported.notices,
        });
        let environment = Some(&connection.environment);
        let object = run::object_with("export", environment, None, exit_code::DONE, own);
        printer
            .result(&object)
            .map_err(Error::system("cannot write what was exported"))?;
    }
    Ok(exit_code::DONE)
}
