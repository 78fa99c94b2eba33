//! Reads XML through limits: one event, for example a text, is at most 16 MiB long.

use super::grid::Broken;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use std::cell::Cell;
use std::io::{self, BufReader, Read};
use std::rc::Rc;

/// The longest event, in bytes. It is in memory as a whole.
pub(super) const LONGEST: u64 = 16 * 1024 * 1024;

/// XML that is read event by event.
pub(super) struct Xml<'a> {
    reader: Reader<BufReader<Limited<'a>>>,
    left: Rc<Left>,
}

/// How many bytes may still be read.
struct Left {
    of_event: Cell<u64>,
    in_all: Cell<u64>,
}

struct Limited<'a> {
    from: Box<dyn Read + 'a>,
    left: Rc<Left>,
}

impl<'a> Xml<'a> {
    /// Reads at most `most` bytes.
    pub(super) fn limited(from: Box<dyn Read + 'a>, most: u64) -> Self {
        let left = Rc::new(Left {
            of_event: Cell::new(LONGEST),
            in_all: Cell::new(most),
        });
        let limited = Limited {
            from,
            left: Rc::clone(&left),
        };
        let mut reader = Reader::from_reader(BufReader::with_capacity(64 * 1024, limited));
        let config = reader.config_mut();
        // An empty element is read like one that ends at once.
        config.expand_empty_elements = true;
        config.check_end_names = false;
        Self { reader, left }
    }

    /// The next event, in a buffer that is cleared before.
    ///
    /// # Errors
    /// When it is no XML, or longer than the limits.
    pub(super) fn event<'b>(&mut self, buffer: &'b mut Vec<u8>) -> Result<Event<'b>, Broken> {
        buffer.clear();
        self.left.of_event.set(LONGEST);
        match self.reader.read_event_into(buffer) {
            Ok(event) => Ok(event),
            Err(quick_xml::Error::Io(error)) => Err(error.to_string().into()),
            Err(error) => Err(error.into()),
        }
    }

    /// How many bytes may still be read.
    pub(super) fn left(&self) -> u64 {
        self.left.in_all.get()
    }
}

impl Read for Limited<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(buffer)?;
        for (left, what) in [
            (&self.left.of_event, "one text in it is longer than 16 MiB"),
            (&self.left.in_all, "it unpacks to more than 1 GiB"),
        ] {
            let rest = left.get().checked_sub(count as u64);
            left.set(rest.ok_or_else(|| io::Error::other(what))?);
        }
        Ok(count)
    }
}

/// The value of an attribute.
///
/// # Errors
/// When it is malformed.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Result<Option<String>, Broken> {
    let Some(attribute) = tag.try_get_attribute(name)? else {
        return Ok(None);
    };
    let value = attribute.normalized_value(XmlVersion::Implicit1_0)?;
    Ok(Some(value.into_owned()))
}
