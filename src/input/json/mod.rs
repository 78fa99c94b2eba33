//! JSON: one object a line, an array of objects, or objects one after another.

mod envelope;
mod reader;
mod scanner;

pub(crate) use reader::Lines;
pub(crate) use scanner::{Fault, object};
