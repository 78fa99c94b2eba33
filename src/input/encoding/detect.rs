//! Which encoding a file's bytes are in.

use super::decoder::{meaningless, read};
use super::western::Western;
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    DecoderResult, Encoding, ISO_2022_JP, MACINTOSH, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1250,
    WINDOWS_1252,
};
use std::collections::HashMap;
use std::io::{self, Read};

/// How much is looked at from the first byte on that is not ASCII.
const SAMPLE: usize = 1024 * 1024;

/// The detected encoding of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Detected {
    pub(crate) encoding: &'static Encoding,
    /// The length of the byte order mark that said so; 0 if there is none.
    pub(crate) mark: usize,
    /// Where it was guessed, words that it makes of the text.
    pub(crate) words: Vec<String>,
}

impl Detected {
    /// An encoding that is known without a mark.
    pub(crate) fn known(encoding: &'static Encoding) -> Self {
        Self {
            encoding,
            mark: 0,
            words: Vec::new(),
        }
    }
}

/// The text seems to be in a code page of DOS, which cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IsDos;

/// The encoding of a name, also of those that programs use beside the standard ones.
pub(crate) fn named(label: &str) -> Option<&'static Encoding> {
    /// How a name may begin, without punctuation, and how the standard spells that.
    const BEGINNINGS: [(&str, &str); 9] = [
        ("", ""),
        ("utf", "utf-"),
        ("windows", "windows-"),
        ("win", "windows-"),
        ("cp", "windows-"),
        ("", "windows-"),
        ("euc", "euc-"),
        ("koi8", "koi8-"),
        ("shift", "shift-"),
    ];
    let folded: String = label
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    Encoding::for_label(label.as_bytes()).or_else(|| match folded.as_str() {
        "ansi" => Some(WINDOWS_1252),
        "macroman" | "macosroman" => Some(MACINTOSH),
        other => BEGINNINGS.iter().find_map(|(begins, spelled)| {
            let rest = other.strip_prefix(begins)?;
            Encoding::for_label(format!("{spelled}{rest}").as_bytes())
        }),
    })
}

/// Whether a byte order mark announces UTF-32, which begins like UTF-16's.
pub(crate) fn is_utf32(head: &[u8]) -> bool {
    head.starts_with(b"\xff\xfe\0\0") || head.starts_with(b"\0\0\xfe\xff")
}

/// The encoding that a byte order mark announces.
pub(crate) fn marked(head: &[u8]) -> Option<Detected> {
    Encoding::for_bom(head).map(|(encoding, mark)| Detected {
        mark,
        ..Detected::known(encoding)
    })
}

/// The encoding of UTF-16 text without a mark: in names and domains of any kind there is ASCII, of
/// which every second byte is zero.
pub(crate) fn utf16(head: &[u8]) -> Option<Detected> {
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
        Some(Detected::known(UTF_16LE))
    } else if high > many && low * 8 < high {
        Some(Detected::known(UTF_16BE))
    } else {
        None
    }
}

/// The first part of a file that is not ASCII: from the first piece on that is not all ASCII (or
/// holds an escape character), up to 1 MiB. `None` if the whole file is ASCII. Says too whether the
/// sample ends where the file does.
pub(crate) fn telling_sample(source: &mut impl Read) -> io::Result<Option<(Vec<u8>, bool)>> {
    // The text before the first non-ASCII letter helps to detect the encoding.
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
        let ascii = ascii_up_to(so_far);
        let skipped = ascii.saturating_sub(CONTEXT);
        if count == 0 || (ascii < filled && skipped == 0) {
            sample.truncate(filled);
            return Ok((ascii < filled).then_some((sample, count == 0)));
        }
        sample.copy_within(skipped..filled, 0);
        filled -= skipped;
    }
}

/// Up to where a text is the same in every encoding: ASCII without the marks by which ISO-2022-JP
/// changes over. (`Encoding::iso_2022_jp_ascii_valid_up_to` does the same, a byte at a time.)
fn ascii_up_to(text: &[u8]) -> usize {
    let ascii = Encoding::ascii_valid_up_to(text);
    let changing = memchr::memchr3(0x0e, 0x0f, 0x1b, text.get(..ascii).unwrap_or_default());
    changing.unwrap_or(ascii)
}

/// The encoding of a sample without a mark.
///
/// Text that is UTF-8 but for a few damaged places counts as UTF-8, so that the damage is reported
/// and not the whole file misread.
///
/// # Errors
/// If it looks like a code page of DOS.
pub(crate) fn guess(sample: &[u8], complete: bool) -> Result<Detected, IsDos> {
    if sample.is_ascii() && switches_to_japanese(sample) {
        return Ok(Detected::known(ISO_2022_JP));
    }
    if mostly_utf8(sample, complete) {
        return Ok(Detected::known(UTF_8));
    }
    let western = Western::of(sample);
    let country = country(sample);
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let usual_there = detector.guess(country, Utf8Detection::Deny);
    detector.feed(sample, complete);
    let guessed = detector.guess(country, Utf8Detection::Deny);
    let is_sound = decodes(sample, guessed);
    let is_western = guessed.is_single_byte() || !is_sound || western.is_within_words();
    let encoding = if is_western && western.is_dos() {
        return Err(IsDos);
    } else if is_western && western.is_mac() {
        MACINTOSH
    } else if western.is_little_and_usual() && usual_there == WINDOWS_1252 {
        WINDOWS_1252
    } else if western.may_be_mac() && !is_sound {
        MACINTOSH
    } else if guessed == WINDOWS_1252 && western.is_central() {
        WINDOWS_1250
    } else {
        guessed
    };
    Ok(Detected {
        words: words(sample, encoding),
        ..Detected::known(encoding)
    })
}

/// Whether all of a sample is text in an encoding. Its last character may be cut.
fn decodes(sample: &[u8], encoding: &'static Encoding) -> bool {
    let Some(room) = encoding.new_decoder().max_utf8_buffer_length(sample.len()) else {
        return false;
    };
    let mut text = vec![0; room];
    let (result, _, written) = encoding
        .new_decoder_without_bom_handling()
        .decode_to_utf8_without_replacement(sample, &mut text, false);
    let text = text.get(..written).unwrap_or_default();
    let has_meaning = !encoding.is_single_byte() || meaningless(text).is_none();
    result == DecoderResult::InputEmpty && has_meaning
}

/// Whether the text has the escape sequences of ISO-2022-JP.
fn switches_to_japanese(sample: &[u8]) -> bool {
    [b"\x1b$B", b"\x1b$@"]
        .iter()
        .any(|sequence| memchr::memmem::find(sample, *sequence).is_some())
}

/// The country in which most of a list's domains are, if there is one: a quarter of them.
fn country(sample: &[u8]) -> Option<&[u8]> {
    let mut endings = HashMap::<&[u8], usize>::new();
    let mut all = 0_usize;
    let words = sample.split(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-')));
    for word in words {
        let ending = word.rsplit(|b| *b == b'.').next().unwrap_or_default();
        if ending.len() < word.len()
            && ending.len() > 1
            && ending.iter().all(u8::is_ascii_lowercase)
        {
            all += 1;
            *endings.entry(ending).or_default() += usize::from(ending.len() == 2);
        }
    }
    let (country, count) = endings
        .into_iter()
        .max_by_key(|(ending, count)| (*count, *ending))?;
    (count > 0 && count * 4 >= all).then_some(country)
}

/// Two different words with letters beyond ASCII, as the encoding reads them.
fn words(sample: &[u8], encoding: &'static Encoding) -> Vec<String> {
    const LOOKED_AT: usize = 64 * 1024;
    const LONGEST: usize = 20;
    let (text, _) = encoding.decode_without_bom_handling(sample.get(..LOOKED_AT).unwrap_or(sample));
    let mut words: Vec<String> = Vec::new();
    for word in text.split(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric()) {
        let word: String = word.chars().take(LONGEST).collect();
        if !word.is_ascii() && !words.contains(&word) {
            words.push(word);
        }
        if words.len() == 2 {
            break;
        }
    }
    words
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
        guess(bytes, true).unwrap().encoding.name()
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
            guess("Zürich €".as_bytes().split_last().unwrap().1, false)
                .unwrap()
                .encoding,
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
                mark: 2,
                ..Detected::known(UTF_16LE)
            })
        );
        assert_eq!(
            marked(b"\xef\xbb\xbfn"),
            Some(Detected {
                mark: 3,
                ..Detected::known(UTF_8)
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
