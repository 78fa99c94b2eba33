//! `workos-orgs verify`: compares WorkOS with the journal of a results file.

use super::{ConnectionOptions, Error};
use crate::engine::{Clock, Engine, Settings, Shutdown};
use crate::run::{self, Connection, VerifyRequest};
use crate::ui::{Failures, PlainLines, Printer};

/// What to verify, and where.
#[derive(Clone, Debug)]
pub struct VerifyOptions {
    /// What is asked for.
    pub request: VerifyRequest,
    /// How to reach WorkOS.
    pub connection: ConnectionOptions,
    /// How to send requests.
    pub settings: Settings,
}

/// Verifies the results of a run; returns the exit code.
///
/// # Errors
/// When the journal cannot be read, or WorkOS does not answer.
pub async fn run(
    options: VerifyOptions,
    printer: Printer,
    shutdown: Shutdown,
) -> Result<u8, Error> {
    let connection = Connection::open(&options.connection).await?;
    let observer = PlainLines::new("verify", Failures::default(), printer);
    let engine = Engine::new(
        connection.client,
        options.settings,
        vec![Box::new(observer)],
        shutdown,
        Clock::system(),
    );
    let (text, code) = run::verify(&options.request, &engine, &connection.environment).await?;
    if options.request.json || !printer.is_quiet() {
        printer
            .result(&text)
            .map_err(Error::system("cannot write the findings"))?;
    }
    Ok(code)
}
