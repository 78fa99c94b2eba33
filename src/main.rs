//! The `workos-orgs` program: parse, run, return an exit code.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;
use workos_orgs::cli::{Cli, Command, FIRST_STEPS, command_named};
use workos_orgs::commands::{self, Error, create, import};
use workos_orgs::engine::Shutdown;
use workos_orgs::ui::{self, Printer};
use workos_orgs::{exit_code, run};

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    match runtime() {
        Ok(runtime) => {
            let code = runtime.block_on(program(words));
            // A reader may still wait for standard input, or a connection be open.
            runtime.shutdown_background();
            code.into()
        }
        Err(error) => {
            ui::report(Printer::default(), &error, error.hint().as_deref());
            error.exit_code().into()
        }
    }
}

/// Parses the command line and carries it out; returns the exit code.
async fn program(words: Vec<OsString>) -> u8 {
    let shutdown = Shutdown::default();
    run::listen(&shutdown);
    let json = asked_for_json(&words);
    let command = command_named(&words);
    if words.len() == 1 && Printer::default().is_terminal() {
        Printer::default().print(FIRST_STEPS);
        return exit_code::USAGE;
    }
    let cli = match Cli::read(&words) {
        Ok(cli) => cli,
        Err(error) => return misunderstood(&error, json.then_some(&command)),
    };
    let printer = Printer::new(cli.quiet);
    let name = cli.command_name();
    let logs = cli.log_options();
    let result = match ui::log(&logs) {
        Ok(()) => carry_out(cli.into(), printer, shutdown).await,
        Err(error) => Err(no_log_file(&logs, &error)),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            if json {
                // Where standard output is closed, the exit code still says it.
                let _ = printer.result(&run::failed(&name, &error));
            }
            ui::report(printer, &error, error.hint().as_deref());
            error.exit_code()
        }
    }
}

fn no_log_file(logs: &ui::LogOptions, error: &std::io::Error) -> Error {
    let file = logs.file.as_deref().unwrap_or(Path::new(""));
    Error::Usage {
        message: format!("cannot write the log file {}: {error}", file.display()),
        hint: "name a file in a folder that exists and that you can write to".to_owned(),
    }
}

/// Whether scripts are to get one JSON object, also where the command line is wrong.
fn asked_for_json(words: &[OsString]) -> bool {
    let options = words.iter().take_while(|word| *word != "--");
    let is_json = |word: &OsString| {
        let word = word.to_string_lossy();
        word == "--json" || word.starts_with("--json=")
    };
    options.into_iter().any(is_json)
}

/// Help, or a command line that clap did not understand.
fn misunderstood(error: &clap::Error, json_of: Option<&String>) -> u8 {
    // It may hold a key, which a printer hides.
    let text = error.render().ansi().to_string();
    if error.use_stderr() {
        Printer::default().print(text.trim_end());
    } else {
        // A closed standard output is no error here.
        let _ = Printer::default().result(text.trim_end());
    }
    if let Some(command) = json_of.filter(|_| error.use_stderr()) {
        let object = run::misunderstood(command, &error.to_string());
        let _ = Printer::new(true).result(&object);
    }
    u8::try_from(error.exit_code()).unwrap_or(exit_code::USAGE)
}

fn runtime() -> Result<tokio::runtime::Runtime, Error> {
    // One thread is enough for far more than any rate limit, and has no hand-overs.
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Error::system("cannot start the program"))
}

async fn carry_out(command: Command, printer: Printer, shutdown: Shutdown) -> Result<u8, Error> {
    match command {
        Command::Import(options) => Box::pin(import::run(*options, printer, shutdown)).await,
        Command::Plan(options) => Box::pin(commands::plan::run(*options, printer, shutdown)).await,
        Command::DryRun(options) => {
            Box::pin(commands::dry_run::run(*options, printer, shutdown)).await
        }
        Command::Create(options) => Box::pin(create::run(*options, printer, shutdown)).await,
        Command::Verify(options) => {
            Box::pin(commands::verify::run(*options, printer, shutdown)).await
        }
        Command::Export(options) => {
            Box::pin(commands::export::run(*options, printer, shutdown)).await
        }
        Command::Sandbox(options, json) => {
            commands::sandbox::run(*options, json, printer, shutdown).await
        }
        Command::Check(options) => {
            commands::interruptible(&shutdown, move || commands::check::to_stdout(&options)).await
        }
        Command::Report(options) => {
            commands::interruptible(&shutdown, move || commands::report::run(&options, printer))
                .await
        }
        Command::Status(options) => {
            commands::interruptible(&shutdown, move || commands::status::run(&options, printer))
                .await
        }
        Command::Template(format, json) => commands::template::run(format, json, printer),
        Command::Print(text) => printer
            .result(&text)
            .map(|()| exit_code::DONE)
            .map_err(Error::system("cannot write the text")),
    }
}
