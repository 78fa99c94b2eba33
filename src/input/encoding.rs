//! Which encoding a file's bytes are in.

use super::text::read;
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use std::io::{self, Read};

/// How much is looked at from the first byte on that is not ASCII.
const SAMPLE: usize = 1024 * 1024;

/// What was found out about a file's encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Detected {
    pub(super) encoding: &'static Encoding,
    /// The length of the byte order mark that said so; 0 if there is none.
    pub(super) mark: usize,
}

/// The encoding that a byte order mark announces.
pub(super) fn marked(head: &[u8]) -> Option<Detected> {
    Encoding::for_bom(head).map(|(encoding, mark)| Detected { encoding, mark })
}

/// The encoding of UTF-16 text without a mark: in names and domains of any kind there is ASCII, of
/// which every second byte is zero.
pub(super) fn utf16(head: &[u8]) -> Option<Detected> {
    let head = head.get(..head.len().min(4096) & !1).unwrap_or_default();
    let zeros = |first: usize| {
        head.iter()
            .skip(first)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let (high, low) = (zeros(0), zeros(1));
    let many = head.len() / 8;
    if low > many && high * 8 < low {
        Some(Detected {
            encoding: UTF_16LE,
            mark: 0,
        })
    } else if high > many && low * 8 < high {
        Some(Detected {
            encoding: UTF_16BE,
            mark: 0,
        })
    } else {
        None
    }
}

/// The part of a file that tells its encoding: from the first piece on that is not all ASCII, up to
/// 1 MiB. `None` if the whole file is ASCII. Says too whether the sample ends where the file does.
pub(super) fn telling_sample(source: &mut impl Read) -> io::Result<Option<(Vec<u8>, bool)>> {
    // What stands before the first letter beyond ASCII helps to tell what it may be.
    const CONTEXT: usize = 64;
    let mut sample = vec![0; SAMPLE];
    let mut filled = 0;
    loop {
        let count = read(source, sample.get_mut(filled..).unwrap_or_default())?;
        filled += count;
        if count > 0 && filled < SAMPLE {
            continue;
        }
        let so_far = sample.get(..filled).unwrap_or_default();
        let ascii = Encoding::ascii_valid_up_to(so_far);
        let skipped = ascii.saturating_sub(CONTEXT);
        if count == 0 || (ascii < filled && skipped == 0) {
            sample.truncate(filled);
            return Ok((ascii < filled).then_some((sample, count == 0)));
        }
        sample.copy_within(skipped..filled, 0);
        filled -= skipped;
    }
}

/// The encoding of a sample without a mark.
///
/// Text that is UTF-8 but for a few damaged places counts as UTF-8, so that the damage is reported
/// and not the whole file misread.
pub(super) fn guess(sample: &[u8], complete: bool) -> Detected {
    let encoding = if mostly_utf8(sample, complete) {
        UTF_8
    } else {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
        detector.feed(sample, complete);
        detector.guess(None, Utf8Detection::Deny)
    };
    Detected { encoding, mark: 0 }
}

/// Whether the sample holds no undecodable place, or fewer of them than multi-byte characters.
fn mostly_utf8(sample: &[u8], complete: bool) -> bool {
    let (mut good, mut bad) = (0_usize, 0_usize);
    let mut chunks = sample.utf8_chunks().peekable();
    while let Some(chunk) = chunks.next() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        let cut = chunks.peek().is_none() && !complete && chunk.invalid().len() < 4;
        bad += usize::from(!chunk.invalid().is_empty() && !cut);
    }
    bad == 0 || good > bad
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guessed(bytes: &[u8]) -> &'static str {
        guess(bytes, true).encoding.name()
    }

    #[test]
    fn encodings_are_told_apart_by_their_bytes() {
        assert_eq!(guessed("Müller GmbH, Zürich".as_bytes()), "UTF-8");
        assert_eq!(
            guessed(b"name\nM\xfcller GmbH\nZ\xfcrich AG\nCaf\xe9 Ren\xe9"),
            "windows-1252"
        );
        let (bytes, ..) =
            encoding_rs::SHIFT_JIS.encode("株式会社テスト、東京都渋谷区のソフトウェア");
        assert_eq!(guessed(&bytes), "Shift_JIS");
        let (bytes, ..) =
            encoding_rs::WINDOWS_1251.encode("Общество с ограниченной ответственностью");
        assert_eq!(guessed(&bytes), "windows-1251");
    }

    #[test]
    fn a_damaged_place_does_not_make_utf8_another_encoding() {
        assert_eq!(
            guessed(b"M\xc3\xbcller\nZ\xc3\xbcrich\nM\xfcnchen\n"),
            "UTF-8"
        );
        assert_eq!(
            guess("Zürich €".as_bytes().split_last().unwrap().1, false).encoding,
            UTF_8
        );
    }

    #[test]
    fn utf16_is_known_with_and_without_a_mark() {
        let le: Vec<u8> = "name,domain\nMüller"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let be: Vec<u8> = "name,domain\nMüller"
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        assert_eq!(utf16(&le).unwrap().encoding, UTF_16LE);
        assert_eq!(utf16(&be).unwrap().encoding, UTF_16BE);
        assert_eq!(utf16(b"name,domain\nMuller"), None);
        assert_eq!(
            marked(b"\xff\xfen\0"),
            Some(Detected {
                encoding: UTF_16LE,
                mark: 2
            })
        );
        assert_eq!(
            marked(b"\xef\xbb\xbfn"),
            Some(Detected {
                encoding: UTF_8,
                mark: 3
            })
        );
    }

    #[test]
    fn the_telling_part_may_come_late() {
        let mut bytes = "a".repeat(3 * SAMPLE).into_bytes();
        assert_eq!(telling_sample(&mut bytes.as_slice()).unwrap(), None);
        bytes.extend_from_slice(b"\xfc");
        let (sample, complete) = telling_sample(&mut bytes.as_slice()).unwrap().unwrap();
        assert!(complete);
        assert!(sample.ends_with(b"a\xfc"));
    }
}
