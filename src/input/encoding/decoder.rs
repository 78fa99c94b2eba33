//! A stream of text: bytes in, checked UTF-8 out, a chunk at a time.
//!
//! Bytes that are no text are a fault with their place, never a replacement character. That is why
//! `encoding_rs` is driven here directly: its reader for `std::io` replaces silently.

use crate::input::error::Error;
use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8};
use std::io::{self, Read};

/// How many bytes are read at once.
const CHUNK: usize = 64 * 1024;
/// How much is looked at before reading begins.
const HEAD: usize = 1024 * 1024;

/// Why the next piece of text cannot be had.
#[derive(Debug)]
pub(crate) enum DecodeFault {
    /// The system refused.
    Io(io::Error),
    /// The bytes are no text in the encoding.
    Undecodable {
        /// The place of the first of them in the file, counted from 0.
        offset: u64,
        /// The name of the encoding.
        encoding: &'static str,
        /// Whether valid non-ASCII text precedes them.
        is_sound_before: bool,
    },
}

impl DecodeFault {
    /// The error that a reader reports, which knows the name and the line.
    pub(crate) fn at(self, source_name: &str, line: u64) -> Error {
        let source_name = source_name.to_owned();
        match self {
            Self::Io(source) => Error::Read {
                source_name,
                line,
                source,
            },
            Self::Undecodable {
                offset,
                encoding,
                is_sound_before,
            } => Error::Undecodable {
                source_name,
                line,
                offset,
                encoding,
                is_sound_before,
            },
        }
    }
}

/// Text that is read as it is asked for.
pub(crate) struct Text {
    source: Box<dyn Read + Send>,
    /// Room for text: `start..valid` is checked, `valid..end` waits for its rest.
    buffer: Vec<u8>,
    start: usize,
    valid: usize,
    end: usize,
    /// How many bytes of the file came before those that are being read.
    before: u64,
    at_end: bool,
    /// Whether letters beyond ASCII have come.
    beyond_ascii: bool,
    fault: Option<DecodeFault>,
    /// For all encodings but UTF-8.
    decoding: Option<Decoding>,
}

/// Bytes on their way to text.
struct Decoding {
    decoder: Decoder,
    encoding: &'static Encoding,
    raw: Vec<u8>,
    raw_start: usize,
    raw_end: usize,
    raw_at_end: bool,
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Text")
            .field("before", &self.before)
            .finish_non_exhaustive()
    }
}

impl Text {
    /// Text from bytes in an encoding. The first `skipped` bytes of the file (its byte order mark)
    /// are already taken away.
    pub(crate) fn new(
        source: Box<dyn Read + Send>,
        encoding: &'static Encoding,
        skipped: u64,
    ) -> Self {
        let decoding = (encoding != UTF_8).then(|| Decoding {
            decoder: encoding.new_decoder_without_bom_handling(),
            encoding,
            raw: vec![0; CHUNK],
            raw_start: 0,
            raw_end: 0,
            raw_at_end: false,
        });
        Self {
            source,
            buffer: vec![0; CHUNK],
            start: 0,
            valid: 0,
            end: 0,
            before: skipped,
            at_end: false,
            beyond_ascii: false,
            fault: None,
            decoding,
        }
    }

    /// The text that is at hand; empty only at the end. A fault comes only after all text before it
    /// has been consumed.
    pub(crate) fn fill(&mut self) -> Result<&[u8], DecodeFault> {
        while self.start == self.valid {
            if let Some(fault) = self.fault.take() {
                return Err(fault);
            }
            if self.at_end {
                break;
            }
            // The room that the head took is needed no more.
            self.drop_used();
            self.buffer.truncate(CHUNK);
            self.read_more().map_err(DecodeFault::Io)?;
        }
        Ok(self.buffer.get(self.start..self.valid).unwrap_or_default())
    }

    /// Marks text as used; it will not come again.
    pub(crate) fn consume(&mut self, length: usize) {
        self.start = self.valid.min(self.start + length);
    }

    /// The beginning of the text, up to 1 MiB, none of it consumed.
    pub(crate) fn head(&mut self) -> io::Result<&[u8]> {
        while !self.at_end && self.fault.is_none() && self.end + 4 < HEAD {
            if self.end + 4 >= self.buffer.len() {
                // A small list does not need all of it.
                let larger = (self.buffer.len() * 4).clamp(CHUNK, HEAD);
                self.buffer.resize(larger, 0);
            }
            self.read_more()?;
        }
        Ok(self.buffer.get(self.start..self.valid).unwrap_or_default())
    }

    fn drop_used(&mut self) {
        self.buffer.copy_within(self.start..self.end, 0);
        if self.decoding.is_none() {
            self.before += self.start as u64;
        }
        self.end -= self.start;
        self.valid -= self.start;
        self.start = 0;
    }

    /// Drops what is used and reads at least one more byte, or notes the end or a fault.
    fn read_more(&mut self) -> io::Result<()> {
        self.drop_used();
        if self.decoding.is_some() {
            return self.decode_more();
        }
        let count = read(
            &mut self.source,
            self.buffer.get_mut(self.end..).unwrap_or_default(),
        )?;
        self.end += count;
        self.at_end = count == 0;
        self.check();
        Ok(())
    }

    /// Moves `valid` forward over all that is sound UTF-8.
    fn check(&mut self) {
        let unchecked = self.buffer.get(self.valid..self.end).unwrap_or_default();
        let (sound, error) = match std::str::from_utf8(unchecked) {
            Ok(sound) => (sound.len(), None),
            Err(error) => (error.valid_up_to(), Some(error)),
        };
        self.beyond_ascii =
            self.beyond_ascii || !unchecked.get(..sound).unwrap_or_default().is_ascii();
        self.valid += sound;
        if let Some(error) = error
            && (error.error_len().is_some() || self.at_end)
        {
            self.fault = Some(DecodeFault::Undecodable {
                offset: self.before + self.valid as u64,
                encoding: UTF_8.name(),
                is_sound_before: self.beyond_ascii,
            });
            self.at_end = true;
        }
    }

    /// Decodes at least one more byte of the file, or notes the end or a fault.
    fn decode_more(&mut self) -> io::Result<()> {
        let Some(d) = &mut self.decoding else {
            return Ok(());
        };
        if d.raw_start == d.raw_end && !d.raw_at_end {
            self.before += d.raw_end as u64;
            d.raw_start = 0;
            d.raw_end = read(&mut self.source, &mut d.raw)?;
            d.raw_at_end = d.raw_end == 0;
        }
        let raw_before = self.before + d.raw_start as u64;
        let (result, used, written) = d.decoder.decode_to_utf8_without_replacement(
            d.raw.get(d.raw_start..d.raw_end).unwrap_or_default(),
            self.buffer.get_mut(self.end..).unwrap_or_default(),
            d.raw_at_end,
        );
        d.raw_start += used;
        let text = self.buffer.get(self.end..self.end + written);
        if d.encoding.is_single_byte()
            && let Some((good, characters)) = meaningless(text.unwrap_or_default())
        {
            self.end += good;
            self.valid = self.end;
            self.fault = Some(DecodeFault::Undecodable {
                offset: raw_before + characters,
                encoding: d.encoding.name(),
                is_sound_before: false,
            });
            self.at_end = true;
            return Ok(());
        }
        self.end += written;
        self.valid = self.end;
        match result {
            DecoderResult::InputEmpty => self.at_end = d.raw_at_end,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(length, after) => {
                let following = u64::from(length) + u64::from(after);
                self.fault = Some(DecodeFault::Undecodable {
                    offset: (self.before + d.raw_start as u64).saturating_sub(following),
                    encoding: d.encoding.name(),
                    is_sound_before: false,
                });
                self.at_end = true;
            }
        }
        Ok(())
    }
}

/// The position of the first non-ASCII control character, in bytes and in characters:
/// `encoding_rs` makes one of a byte that has no meaning in the encoding, as browsers have to.
pub(crate) fn meaningless(text: &[u8]) -> Option<(usize, u64)> {
    let at =
        memchr::memchr_iter(0xc2, text).find(|at| matches!(text.get(at + 1), Some(0x80..=0x9f)))?;
    let before = text.get(..at).unwrap_or_default();
    let characters = before.iter().filter(|b| !matches!(b, 0x80..=0xbf)).count();
    Some((at, characters as u64))
}

/// Reads what is there, and only at the end nothing.
pub(crate) fn read(source: &mut impl Read, out: &mut [u8]) -> io::Result<usize> {
    loop {
        match source.read(out) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{SHIFT_JIS, UTF_16LE, WINDOWS_1252};

    /// Gives one byte a read, as slow pipes do.
    struct Drip(&'static [u8]);

    impl Read for Drip {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(out.len()).min(1);
            let (now, rest) = self.0.split_at(count);
            out[..count].copy_from_slice(now);
            self.0 = rest;
            Ok(count)
        }
    }

    fn drip(bytes: &'static [u8], encoding: &'static Encoding) -> Text {
        Text::new(Box::new(Drip(bytes)), encoding, 0)
    }

    fn all(text: &mut Text) -> Result<String, DecodeFault> {
        let mut out = Vec::new();
        loop {
            let piece = text.fill()?;
            if piece.is_empty() {
                return Ok(String::from_utf8(out).unwrap());
            }
            let length = piece.len().min(7);
            out.extend_from_slice(&piece[..length]);
            text.consume(length);
        }
    }

    fn fault(bytes: &'static [u8], encoding: &'static Encoding) -> u64 {
        match all(&mut drip(bytes, encoding)) {
            Err(DecodeFault::Undecodable { offset, .. }) => offset,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn characters_are_never_cut() {
        let long: &str = "😀name;ü€\n".repeat(20_000).leak();
        assert_eq!(all(&mut drip(long.as_bytes(), UTF_8)).unwrap(), long);
        assert_eq!(
            all(&mut Text::new(Box::new(long.as_bytes()), UTF_8, 0)).unwrap(),
            long
        );
        let utf16: Vec<u8> = long.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(all(&mut drip(utf16.leak(), UTF_16LE)).unwrap(), long);
        assert_eq!(all(&mut drip(b"", UTF_8)).unwrap(), "");
        assert_eq!(all(&mut drip(b"", UTF_16LE)).unwrap(), "");
    }

    #[test]
    fn legacy_encodings_are_decoded() {
        assert_eq!(
            all(&mut drip(b"M\xfcller \x80", WINDOWS_1252)).unwrap(),
            "Müller €"
        );
        assert_eq!(all(&mut drip(b"\x93\xfa\x96{", SHIFT_JIS)).unwrap(), "日本");
    }

    #[test]
    fn a_bad_byte_is_named_after_all_text_before_it() {
        let mut text = drip(b"M\xfcller", UTF_8);
        assert_eq!(text.fill().unwrap(), b"M");
        text.consume(1);
        assert!(matches!(
            text.fill(),
            Err(DecodeFault::Undecodable {
                offset: 1,
                encoding: "UTF-8",
                is_sound_before: false,
            })
        ));
        assert_eq!(fault(b"\xfcb\x81c", WINDOWS_1252), 2);
        assert_eq!(fault(b"ab\xc3", UTF_8), 2);
        assert_eq!(fault(b"abc\x81\x20d", SHIFT_JIS), 3);
        assert_eq!(fault(b"a\0\0\xd8b\0", UTF_16LE), 2);
        assert_eq!(fault(b"a\0b", UTF_16LE), 2);
    }

    #[test]
    fn the_head_can_be_looked_at_before_reading() {
        let mut text = drip(b"abc", UTF_8);
        assert_eq!(text.head().unwrap(), b"abc");
        assert_eq!(all(&mut text).unwrap(), "abc");
    }
}
