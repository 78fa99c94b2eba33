//! Text on its way to a person: made safe to show, quoted for a shell, counts and durations.

mod counts;
mod shell;
mod untrusted;

pub use counts::{counted, duration, grouped};
pub use shell::{shell, shell_path};
pub use untrusted::{
    character, is_digits, is_padding, listed, one_line, printable, quoted, trim, untrusted,
};
