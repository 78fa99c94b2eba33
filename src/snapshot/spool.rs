//! [`Spool`]: organizations with all their values, kept on the disk.

use crate::workos::Organization;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use xxhash_rust::xxh3::xxh3_64;

/// Organizations in a temporary file without a name, known by their places: 32 bytes each in
/// memory. Of one that is added again, the last version counts.
#[derive(Debug)]
pub struct Spool {
    file: BufWriter<File>,
    length: u64,
    /// Where each begins, and how long it is.
    places: Vec<(u64, u32)>,
    /// The place of each, by the hash of its id.
    by_id: HashMap<u64, u32>,
}

/// An organization as it is written.
#[derive(Serialize)]
struct Kept<'a> {
    id: &'a str,
    name: &'a str,
    domains: Option<&'a [String]>,
    metadata: Option<&'a BTreeMap<String, String>>,
    external_id: Option<&'a str>,
    created_at: Option<Timestamp>,
}

impl Spool {
    /// An empty one.
    ///
    /// # Errors
    /// When the system gives no temporary file.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            file: BufWriter::new(tempfile::tempfile()?),
            length: 0,
            places: Vec::new(),
            by_id: HashMap::new(),
        })
    }

    /// Adds an organization; returns its place.
    ///
    /// # Errors
    /// When the temporary file cannot be written.
    pub fn add(&mut self, organization: &Organization) -> io::Result<u32> {
        let bytes = serde_json::to_vec(&Kept {
            id: &organization.id,
            name: &organization.name,
            domains: organization.domains.as_deref(),
            metadata: organization.metadata.as_ref(),
            external_id: organization.external_id.as_deref(),
            created_at: organization.created_at,
        })?;
        self.file.write_all(&bytes)?;
        let at = (self.length, u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        self.length += bytes.len() as u64;
        let next = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        let id = xxh3_64(organization.id.as_bytes());
        let place = *self.by_id.entry(id).or_insert(next);
        match self.places.get_mut(place as usize) {
            Some(known) => *known = at,
            None => self.places.push(at),
        }
        Ok(place)
    }

    /// To be called after the last [`add`](Self::add).
    ///
    /// # Errors
    /// When the temporary file cannot be written.
    pub fn finish(self) -> io::Result<Spooled> {
        let file = self
            .file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        Ok(Spooled {
            file: BufReader::new(file),
            at: self.length,
            places: self.places,
        })
    }
}

/// Organizations that can be read back.
#[derive(Debug)]
pub struct Spooled {
    file: BufReader<File>,
    /// Where the reader is.
    at: u64,
    places: Vec<(u64, u32)>,
}

impl Spooled {
    /// The organization at this place.
    ///
    /// # Errors
    /// When the temporary file cannot be read.
    pub fn get(&mut self, place: u32) -> io::Result<Organization> {
        let at = self.places.get(place as usize);
        let &(start, length) = at.ok_or(io::ErrorKind::NotFound)?;
        // Relative, so that what is in the buffer is not read again: rows often come in the order of
        // their organizations.
        self.file
            .seek_relative(start.cast_signed() - self.at.cast_signed())?;
        self.at = start;
        let mut bytes = vec![0; length as usize];
        self.file.read_exact(&mut bytes)?;
        self.at += u64::from(length);
        Ok(serde_json::from_slice(&bytes)?)
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_was_added_last_is_read_back() {
        let organization = |id: &str, name: &str| -> Organization {
            let json = json!({"id": id, "name": name, "domains": [{"domain": "a.com"}]});
            serde_json::from_value(json).unwrap()
        };
        let mut spool = Spool::new().unwrap();
        assert_eq!(spool.add(&organization("org_1", "One")).unwrap(), 0);
        assert_eq!(spool.add(&organization("org_2", "Two")).unwrap(), 1);
        assert_eq!(spool.add(&organization("org_1", "One again")).unwrap(), 0);
        let mut spooled = spool.finish().unwrap();
        assert_eq!(spooled.len(), 2);
        for (place, name) in [(1, "Two"), (0, "One again")] {
            let read = spooled.get(place).unwrap();
            assert_eq!(read.name, name);
            assert_eq!(read.domains.unwrap(), ["a.com"]);
            assert_eq!(read.metadata, None);
        }
        assert!(spooled.get(2).is_err());
    }
}
