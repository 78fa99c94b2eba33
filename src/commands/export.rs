//! `workos-orgs export`: all organizations as a list.

use super::{ConnectionOptions, Error};
use crate::engine::{Clock, Engine, Settings, Shutdown};
use crate::exit_code;
use crate::run::{self, Connection, ExportRequest};
use crate::storage::Disk;
use crate::ui::{Failures, PlainLines, Printer};
use std::io::BufWriter;

/// What to export, and where.
#[derive(Clone, Debug)]
pub struct ExportOptions {
    /// What is asked for.
    pub request: ExportRequest,
    /// How to reach WorkOS.
    pub connection: ConnectionOptions,
    /// How to send requests.
    pub settings: Settings,
}

/// Exports the organizations of an environment; returns the exit code.
///
/// # Errors
/// When they cannot be listed or written.
pub async fn run(options: ExportOptions, printer: Printer) -> Result<u8, Error> {
    let connection = Connection::open(&options.connection).await?;
    let shutdown = Shutdown::default();
    run::listen(&shutdown);
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
    run::export(&options.request, &engine, setting, &mut out).await?;
    Ok(exit_code::DONE)
}
