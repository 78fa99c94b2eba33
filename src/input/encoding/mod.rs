//! Text encodings: which one a file is in, and its bytes decoded piece by piece.

mod char_context;
mod decoder;
mod detect;
mod western;

pub(crate) use decoder::{Text, read};
pub(crate) use detect::{Detected, IsDos, guess, is_utf32, marked, named, telling_sample, utf16};
