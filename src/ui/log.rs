//! Debug logs: on standard error, above the bar, or in a file.

use super::progress::above_the_bar;
use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Mutex;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt;

/// What is logged, and where.
#[derive(Clone, Debug, Default)]
pub struct LogOptions {
    /// How often `-v` was given. Without it, `RUST_LOG` decides.
    pub verbosity: u8,
    /// A file to append to; otherwise standard error.
    pub file: Option<PathBuf>,
    /// Whether each line is a JSON object.
    pub json: bool,
}

/// Begins to log.
///
/// # Errors
/// When the log file cannot be opened.
pub fn log(options: &LogOptions) -> io::Result<()> {
    let levels = match (options.verbosity, &options.file) {
        (0, None) => "off",
        (1, None) => "workos_orgs=info",
        (0..=2, _) => "workos_orgs=debug",
        _ => "workos_orgs=trace,hyper_util=debug",
    };
    let filter = if options.verbosity == 0 {
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(levels))
    } else {
        EnvFilter::new(levels)
    };
    let builder = tracing_subscriber::fmt().with_env_filter(filter);
    // It fails where a test has set one already.
    let _ = match (&options.file, options.json) {
        (None, false) => {
            let has_colors = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            let builder = builder.with_ansi(has_colors).with_writer(Screen);
            builder.finish().try_init()
        }
        (None, true) => builder.json().with_writer(Screen).finish().try_init(),
        (Some(path), json) => {
            let file = File::options().create(true).append(true).open(path)?;
            let builder = builder.with_ansi(false).with_writer(Mutex::new(file));
            if json {
                builder.json().finish().try_init()
            } else {
                builder.finish().try_init()
            }
        }
    };
    Ok(())
}

/// Writes lines to standard error, above the bar if there is one.
struct Screen;

impl<'a> MakeWriter<'a> for Screen {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line(Vec::new())
    }
}

/// A line that is written when it is complete.
struct Line(Vec<u8>);

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let text = String::from_utf8_lossy(&self.0);
        let text = text.trim_end();
        if !text.is_empty() && !above_the_bar(text) {
            // A closed standard error is not an error.
            let _ = writeln!(io::stderr().lock(), "{text}");
        }
    }
}
