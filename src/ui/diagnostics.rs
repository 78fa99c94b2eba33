//! Prints an error: what happened, its causes, and what to do.

use super::Printer;
use std::error::Error;
use std::fmt::Write;

/// Prints an error on standard error: `error: …`, `caused by: …` for each cause, and, after a
/// blank line, `hint: …`.
pub fn report(printer: Printer, error: &(dyn Error + 'static), hint: Option<&str>) {
    let red = anstyle::AnsiColor::Red.on_default().bold();
    let cyan = anstyle::AnsiColor::Cyan.on_default().bold();
    let mut text = format!("{red}error{red:#}: {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        let _ = write!(text, "\n{red}caused by{red:#}: {cause}");
        source = cause.source();
    }
    if let Some(hint) = hint {
        let _ = write!(text, "\n\n{cyan}hint{cyan:#}: {hint}");
    }
    printer.print(&text);
}
