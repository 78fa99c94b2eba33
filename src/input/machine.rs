//! The state machine of `csv-core`, with room for the record that it reads.

use super::dialect::{Dialect, Escapes};
use super::escapes;
use csv_core::{ReadRecordResult, Reader};
use std::borrow::Cow;

/// Reads one record after another from pieces of text.
#[derive(Debug)]
pub(super) struct Machine {
    reader: Reader,
    dialect: Dialect,
    /// The cells of the record at hand, one after another, and where each ends.
    fields: Vec<u8>,
    ends: Vec<usize>,
    /// How many bytes and cells of them are the record's.
    written: usize,
    ended: usize,
}

/// The cells of a record, one after another, and where each ends.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    pub(super) bytes: Cow<'a, [u8]>,
    pub(super) ends: Cow<'a, [usize]>,
}

impl Machine {
    /// A machine at the start of a text.
    pub(super) fn new(dialect: Dialect) -> Self {
        Self {
            reader: dialect.reader(),
            dialect,
            fields: vec![0; 1024],
            ends: vec![0; 32],
            written: 0,
            ended: 0,
        }
    }

    /// Forgets the record at hand.
    pub(super) fn clear(&mut self) {
        (self.written, self.ended) = (0, 0);
    }

    /// Reads on, and says how far. Where the room does not suffice, it is enlarged.
    pub(super) fn read(&mut self, text: &[u8]) -> (ReadRecordResult, usize) {
        let (step, read, written, ended) = self.reader.read_record(
            text,
            self.fields.get_mut(self.written..).unwrap_or_default(),
            self.ends.get_mut(self.ended..).unwrap_or_default(),
        );
        self.written += written;
        self.ended += ended;
        match step {
            ReadRecordResult::OutputFull => self.fields.resize(self.fields.len() * 2, 0),
            ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
            ReadRecordResult::InputEmpty | ReadRecordResult::Record | ReadRecordResult::End => {}
        }
        (step, read)
    }

    /// Whether a record of so many bytes, its line end among them, holds more than its cells and
    /// separators: quotation marks.
    pub(super) fn is_quoted(&self, length: usize) -> bool {
        length > self.written + self.ended
    }

    /// The cells of the record at hand, whose bytes are these.
    pub(super) fn cells(&self, record: &[u8]) -> Fields<'_> {
        if self.dialect.escapes != Escapes::None && memchr::memchr(b'\\', record).is_some() {
            return escapes::cells(record, self.dialect);
        }
        Fields {
            bytes: self.fields.get(..self.written).unwrap_or_default().into(),
            ends: self.ends.get(..self.ended).unwrap_or_default().into(),
        }
    }
}

impl Fields<'_> {
    /// The cells, one after another.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(&0).chain(self.ends.iter());
        let cell = |(start, end): (&usize, &usize)| self.bytes.get(*start..*end);
        starts
            .zip(self.ends.iter())
            .map(move |bounds| cell(bounds).unwrap_or_default())
    }
}
