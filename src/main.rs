//! The `workos-orgs` program: parse, run, return an exit code.

use clap::Parser;
use std::io::BufWriter;
use std::process::ExitCode;
use workos_orgs::cli::{Cli, Command};
use workos_orgs::commands::{self, Error, create, import};
use workos_orgs::exit_code;
use workos_orgs::ui::{self, Printer};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let printer = Printer::new(cli.quiet);
    ui::log(cli.verbose);
    let result = runtime().and_then(|runtime| {
        let result = runtime.block_on(run(cli.into(), printer));
        // A reader may still wait for standard input, or a connection be open.
        runtime.shutdown_background();
        result
    });
    match result {
        Ok(code) => code.into(),
        Err(error) => {
            ui::report(printer, &error, error.hint().as_deref());
            error.exit_code().into()
        }
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, Error> {
    // One thread is enough for far more than any rate limit, and has no hand-overs.
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| Error::System {
            what: "cannot start the program",
            source,
        })
}

async fn run(command: Command, printer: Printer) -> Result<u8, Error> {
    match command {
        Command::Import(options) => Box::pin(import::run(*options, printer)).await,
        Command::Report(options) => commands::report::run(&options, printer),
        Command::Check(options) => commands::check::run(
            &options,
            &mut BufWriter::new(std::io::stdout()),
            &mut std::io::stderr(),
        ),
        Command::Template(format) => commands::template::run(
            format,
            &mut std::io::stdout().lock(),
            &mut std::io::stderr(),
        ),
        Command::Print(text) => printer
            .result(&text)
            .map(|()| exit_code::DONE)
            .map_err(|source| Error::System {
                what: "cannot write the text",
                source,
            }),
        Command::Create(options) => Box::pin(create::run(*options, printer)).await,
        Command::Sandbox(options) => commands::sandbox::run(*options, &mut std::io::stderr())
            .await
            .map(|()| exit_code::DONE)
            .map_err(|source| Error::System {
                what: "cannot serve the sandbox",
                source,
            }),
    }
}
