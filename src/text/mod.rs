//! Text on its way to a person: made safe to show, quoted for a shell, counts and durations.

mod counts;
mod shell;
mod untrusted;
mod wrap;

pub(crate) use counts::{counted, duration, grouped};
pub use shell::shell;
pub(crate) use shell::{set_variable, shell_path, shell_program};
pub(crate) use untrusted::{
    character, is_digits, is_padding, listed, one_line, printable, screened, untrusted,
};
pub use untrusted::{quoted, trim};
pub(crate) use wrap::wrapped;
