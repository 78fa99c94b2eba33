//! CSV: the dialect is detected from the beginning of a file, then records are read in it.

mod delimiter;
mod dialect;
mod lines;
mod quotes;
mod reader;
mod sniffer;
mod spaces;
mod tokenizer;

pub(crate) use dialect::Dialect;
pub(crate) use reader::CsvReader;
