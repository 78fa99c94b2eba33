//! JSON: one object a line, an array of objects, or objects one after another.

mod elements;
mod envelope;
mod forms;
mod reader;
mod scanner;

pub(crate) use reader::JsonReader;
pub(crate) use scanner::{JsonFault, object};
