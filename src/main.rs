//! The `workos-orgs` program: parse, run, return an exit code.

use std::ffi::OsString;
use std::io::BufWriter;
use std::process::ExitCode;
use workos_orgs::cli::{Cli, Command, FIRST_STEPS, command_named};
use workos_orgs::commands::{self, Error, create, import};
use workos_orgs::ui::{self, Printer};
use workos_orgs::{exit_code, run};

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    let json = asked_for_json(&words);
    let command = command_named(&words);
    if words.len() == 1 && Printer::default().is_terminal() {
        Printer::default().print(FIRST_STEPS);
        return exit_code::USAGE.into();
    }
    let cli = match Cli::read(words) {
        Ok(cli) => cli,
        Err(error) => return misunderstood(&error, json.then_some(&command)),
    };
    let printer = Printer::new(cli.quiet);
    let name = cli.command_name();
    let logs = ui::log(&cli.log_options()).map_err(|source| Error::System {
        what: "cannot open the log file",
        source,
    });
    let result = logs.and_then(|()| runtime()).and_then(|runtime| {
        let result = runtime.block_on(carry_out(cli.into(), printer));
        // A reader may still wait for standard input, or a connection be open.
        runtime.shutdown_background();
        result
    });
    match result {
        Ok(code) => code.into(),
        Err(error) => {
            if json {
                // Where standard output is closed, the exit code still says it.
                let _ = printer.result(&run::failed(&name, &error));
            }
            ui::report(printer, &error, error.hint().as_deref());
            error.exit_code().into()
        }
    }
}

/// Whether scripts are to get one JSON object, also where the command line is wrong.
fn asked_for_json(words: &[OsString]) -> bool {
    let options = words.iter().take_while(|word| *word != "--");
    options.into_iter().any(|word| word == "--json")
}

/// Help, or a command line that clap did not understand.
fn misunderstood(error: &clap::Error, json_of: Option<&String>) -> ExitCode {
    // It may hold a key, which a printer hides.
    let text = error.render().ansi().to_string();
    if error.use_stderr() {
        Printer::default().print(text.trim_end());
    } else {
        // A closed standard output is no error here.
        let _ = Printer::default().result(text.trim_end());
    }
    if let Some(command) = json_of.filter(|_| error.use_stderr()) {
        let text = error.to_string();
        let first = text.lines().next().unwrap_or_default();
        let message = first.strip_prefix("error: ").unwrap_or(first);
        let _ = Printer::new(true).result(&run::misunderstood(command, message));
    }
    u8::try_from(error.exit_code())
        .unwrap_or(exit_code::USAGE)
        .into()
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

async fn carry_out(command: Command, printer: Printer) -> Result<u8, Error> {
    match command {
        Command::Import(options) => Box::pin(import::run(*options, printer)).await,
        Command::Plan(options) => Box::pin(commands::plan::run(*options, printer)).await,
        Command::Report(options) => commands::report::run(&options, printer),
        Command::Check(options) => commands::check::run(
            &options,
            &mut ui::Wrapping::stdout(BufWriter::new(std::io::stdout())),
            &mut std::io::stderr(),
        ),
        Command::Status(options) => commands::status::run(&options, printer),
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
        Command::Verify(options) => Box::pin(commands::verify::run(*options, printer)).await,
        Command::Export(options) => Box::pin(commands::export::run(*options, printer)).await,
        Command::Sandbox(options) => commands::sandbox::run(*options, &mut std::io::stderr())
            .await
            .map(|()| exit_code::DONE)
            .map_err(|source| Error::System {
                what: "cannot serve the sandbox",
                source,
            }),
    }
}
