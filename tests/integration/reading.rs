//! Properties of the reader: what is written in any dialect and encoding comes back cell for cell,
//! and no bytes make it panic.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do, by a panic"
)]

use encoding_rs::{Encoding, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use proptest::prelude::*;
use std::path::Path;
use workos_orgs::columns::{Mapping, MappingOptions};
use workos_orgs::input::{InputFormat, ReadOptions, Reader, Source};
use workos_orgs::table::Cells;
use workos_orgs::validate::Validator;

/// The cells of each row without a problem.
fn valid_rows(path: &Path) -> Vec<String> {
    let Ok(reader) = Reader::open(&Source::File(path.to_owned()), &ReadOptions::default()) else {
        return Vec::new();
    };
    let header = reader.header().to_vec();
    let (format, content) = (reader.format(), reader.content());
    let mapping = Mapping::of_list(&header, format, &content, &MappingOptions::default());
    let Ok(mapping) = mapping else {
        return Vec::new();
    };
    let mut validator = Validator::new(mapping, &header);
    let mut valid = Vec::new();
    for row in reader {
        let Ok(row) = row else {
            return Vec::new();
        };
        if validator.validate(&row).problems.is_empty() {
            valid.push(format!("{:?}", row.cells));
        }
    }
    valid
}

/// Reads changed copies of all fixtures for so many seconds: `FUZZ_SECONDS=600 cargo test --test
/// integration changed_fixtures -- --ignored`.
#[test]
#[ignore = "takes as long as it is told to"]
fn changed_fixtures_never_make_the_reader_panic() {
    let seconds = std::env::var("FUZZ_SECONDS").map_or(10, |seconds| seconds.parse().unwrap());
    let until = std::time::Instant::now() + std::time::Duration::from_secs(seconds);
    let files = fs_err::read_dir("tests/fixtures").unwrap();
    let files: Vec<_> = files
        .map(|file| file.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let pieces: [&[u8]; 20] = [
        b"\"",
        b"'",
        b",",
        b";",
        b"\t",
        b"|",
        b"\n",
        b"\r",
        b"\\",
        b"{",
        b"}",
        b"[",
        b"]",
        b":",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\0",
        b"name",
        b"www.",
        "名".as_bytes(),
    ];
    let mut count = 0_u64;
    while std::time::Instant::now() < until {
        let file = &files[fastrand::usize(..files.len())];
        let mut bytes = fs_err::read(file).unwrap();
        bytes.truncate(20_000);
        for _ in 0..fastrand::usize(1..6) {
            let from = fastrand::usize(..=bytes.len());
            let to = (from + fastrand::usize(..40)).min(bytes.len());
            let piece = pieces[fastrand::usize(..pieces.len())];
            let copied = bytes[from..to].to_vec();
            match fastrand::u8(..4) {
                0 => drop(bytes.splice(from..from, piece.iter().copied())),
                1 => drop(bytes.splice(from..to, piece.iter().copied())),
                2 => drop(bytes.splice(from..from, copied)),
                _ => drop(bytes.drain(from..to)),
            }
        }
        let path = folder.path().join(file.file_name().unwrap());
        fs_err::write(&path, &bytes).unwrap();
        let read = std::panic::catch_unwind(|| valid_rows(&path));
        if read.is_err() {
            let kept = std::env::temp_dir().join(file.file_name().unwrap());
            fs_err::copy(&path, &kept).unwrap();
            panic!("{} makes the reader panic", kept.display());
        }
        count += 1;
    }
    assert!(count > 0, "no fixture was read");
}

/// A table and the dress it is written in.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are independent of each other"
)]
struct Dress {
    rows: Vec<Vec<String>>,
    delimiter: u8,
    line_end: &'static str,
    always_quoted: bool,
    /// Whether backslashes escape, instead of the doubling of quotation marks.
    escaped: bool,
    /// Whether it is the text of a database: tabs, sequences such as `\n`, and no quoting.
    copied: bool,
    spaced: bool,
    encoding: &'static Encoding,
    mark: bool,
    sep_line: bool,
    final_end: bool,
    gzip: bool,
}

fn cell(encoding: &'static Encoding) -> BoxedStrategy<String> {
    let text = "([ -~\t]|\r?\n|[äéüß€ñ]|[日本語株式会社]|😀|\u{a0}|\u{feff}){0,8}";
    text.prop_map(move |text: String| {
        // On a line by itself this is how Postgres ends a list, and no row.
        let text = text.replace("\\.", ".");
        let (bytes, _, _) = encoding.encode(&text);
        let fits = encoding.output_encoding() != encoding || {
            let (back, failed) = encoding.decode_without_bom_handling(&bytes);
            !failed && back == text
        };
        if fits {
            text
        } else {
            text.chars().filter(char::is_ascii).collect()
        }
    })
    .boxed()
}

fn dress() -> impl Strategy<Value = Dress> {
    let encodings = prop::sample::select(vec![UTF_8, UTF_16LE, UTF_16BE, WINDOWS_1252, SHIFT_JIS]);
    (encodings, 1..5_usize).prop_flat_map(|(encoding, width)| {
        let row = prop::collection::vec(cell(encoding), width);
        (
            prop::collection::vec(row, 0..12),
            prop::sample::select(b",;\t|".to_vec()),
            prop::sample::select(vec!["\n", "\r\n", "\r"]),
            any::<[bool; 8]>(),
        )
            .prop_map(move |(rows, delimiter, line_end, flags)| {
                let [
                    always_quoted,
                    escaped,
                    copied,
                    spaced,
                    mark,
                    sep_line,
                    final_end,
                    gzip,
                ] = flags;
                let copied = copied && delimiter == b'\t';
                let escaped = escaped && !copied;
                let wide = encoding == UTF_16LE || encoding == UTF_16BE;
                let mark = mark && (wide || encoding == UTF_8);
                let mut rows = rows;
                if escaped {
                    // What tells that backslashes escape.
                    rows.push(vec!["Say \"hi\"".to_owned(); width]);
                }
                if copied {
                    // What tells that it was copied.
                    rows.push(vec!["\\N".to_owned(); width]);
                }
                Dress {
                    rows,
                    delimiter,
                    line_end,
                    always_quoted: always_quoted || escaped,
                    escaped,
                    copied,
                    spaced: spaced && always_quoted && !escaped && !copied,
                    encoding,
                    mark,
                    sep_line,
                    final_end,
                    gzip,
                }
            })
    })
}

impl Dress {
    fn header(&self) -> Vec<String> {
        let width = self.rows.first().map_or(2, Vec::len);
        ["name", "domain", "external_id", "Notes"]
            .iter()
            .take(width)
            .map(|h| (*h).to_owned())
            .collect()
    }

    fn bytes(&self) -> Vec<u8> {
        let mut text = String::new();
        if self.sep_line {
            let separator = char::from(self.delimiter);
            text = format!("sep={separator}{}", self.line_end);
        }
        let blank = if self.spaced { " " } else { "" };
        let separator = format!("{}{blank}", char::from(self.delimiter));
        let lines: Vec<_> = std::iter::once(&self.header())
            .chain(&self.rows)
            .map(|row| {
                row.iter()
                    .map(|c| self.quoted(c))
                    .collect::<Vec<_>>()
                    .join(&separator)
            })
            .collect();
        text.push_str(&lines.join(self.line_end));
        if self.final_end {
            text.push_str(self.line_end);
        }
        let mark = if self.mark { "\u{feff}" } else { "" };
        let text = format!("{mark}{text}");
        let bytes = if self.encoding == UTF_16LE {
            text.encode_utf16().flat_map(u16::to_le_bytes).collect()
        } else if self.encoding == UTF_16BE {
            text.encode_utf16().flat_map(u16::to_be_bytes).collect()
        } else {
            self.encoding.encode(&text).0.into_owned()
        };
        if !self.gzip {
            return bytes;
        }
        let mut packed = flate2::read::GzEncoder::new(&bytes[..], flate2::Compression::fast());
        let mut out = Vec::new();
        std::io::Read::read_to_end(&mut packed, &mut out).unwrap();
        out
    }

    fn quoted(&self, cell: &str) -> String {
        let needed = cell.contains([char::from(self.delimiter), '"', '\n', '\r']);
        if self.copied && cell == "\\N" {
            return cell.to_owned();
        }
        if self.copied {
            let escaped = cell.replace('\\', "\\\\").replace('\t', "\\t");
            escaped.replace('\n', "\\n").replace('\r', "\\r")
        } else if self.escaped {
            format!("\"{}\"", cell.replace('\\', "\\\\").replace('"', "\\\""))
        } else if needed || self.always_quoted {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell.to_owned()
        }
    }
}

fn is_blank(row: &[String]) -> bool {
    row.iter()
        .all(|cell| workos_orgs::text::trim(cell).is_empty())
}

fn read(path: &Path, options: &ReadOptions) -> Result<Vec<Vec<String>>, String> {
    let reader =
        Reader::open(&Source::File(path.to_owned()), options).map_err(|e| e.to_string())?;
    let mut rows = vec![reader.header().to_vec()];
    for row in reader {
        match row.map_err(|e| e.to_string())?.cells {
            Cells::Record(record) => rows.push(record.iter().map(str::to_owned).collect()),
            other => return Err(format!("{other:?}")),
        }
    }
    Ok(rows)
}

#[test]
fn a_workbook_gives_cells_as_they_are_shown() {
    let first = |fixture: &str| {
        let path = Path::new("tests/fixtures").join(fixture);
        read(&path, &ReadOptions::default())
            .unwrap()
            .swap_remove(1)
            .join("|")
    };
    let shown = "Acme Corporation|acme.com|1001|000042|10%|01.03.2021|TRUE";
    assert_eq!(first("workbook.xlsx"), shown);
    assert_eq!(first("workbook.ods"), shown);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_table_in_any_dialect_and_encoding_reads_back_cell_for_cell(dress in dress()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.csv");
        fs_err::write(&path, dress.bytes()).unwrap();
        // Which of the legacy encodings a handful of letters is in cannot be told from them, and
        // UTF-16 without a mark only by its ASCII.
        let wide = dress.encoding == UTF_16LE || dress.encoding == UTF_16BE;
        let told = dress.encoding != UTF_8 && !(wide && dress.mark);
        let options = ReadOptions {
            encoding: told.then(|| dress.encoding.name().to_owned()),
            // Nor can the separator be told that a file of one column would have.
            delimiter: (dress.header().len() == 1).then_some(dress.delimiter),
            ..ReadOptions::default()
        };
        let mut expected = vec![dress.header()];
        expected.extend(dress.rows.iter().filter(|row| !is_blank(row)).cloned());
        let found = read(&path, &options);
        // A cell with the lines of rows is what misplaced quotes make: never sent, and named.
        let holds_lines = |cell: &String| cell.contains(['\n', '\r']) && cell.contains(char::from(dress.delimiter));
        match found {
            Err(error) if error.contains("were read as one row") => {
                // Also a row that is blank otherwise, and not expected.
                prop_assert!(dress.rows.concat().iter().any(holds_lines));
            }
            Err(error) if expected.len() == 1 => {
                prop_assert!(error.ends_with("has a header but no rows"), "{}", error);
            }
            found => prop_assert_eq!(found.unwrap(), expected),
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(
        start in prop::sample::select(vec![
            &b""[..], b"name,domain\n", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"sep=;\n", b"'a';'b'\n",
            b"\x1f\x8b\x08\0", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\"name\":", b"[",
        ]),
        bytes in prop::collection::vec(any::<u8>(), 0..600),
        format in prop::option::of(prop::sample::select(vec![
            InputFormat::Csv, InputFormat::Jsonl, InputFormat::Xlsx, InputFormat::Ods,
        ])),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.csv");
        fs_err::write(&path, [start, &bytes[..]].concat()).unwrap();
        let _ = read(&path, &ReadOptions { format, ..ReadOptions::default() });
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "[name,domain;|\t'\"\\\\ \r\nä]{0,200}") {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.csv");
        fs_err::write(&path, text).unwrap();
        let _ = read(&path, &ReadOptions::default());
    }

    #[test]
    fn stray_quotes_make_no_two_rows_one_without_a_problem(
        marks in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(vec!['"', '\''])), 1..4),
        delimiter in prop::sample::select(vec![',', ';', '\t', '|']),
        rows in 3..9_usize,
    ) {
        let mut text: Vec<char> = "id,name,domain,notes\n".chars().collect();
        for row in 0..rows {
            text.extend(format!("{row},Customer{row}x,c{row}.com,note {row}\n").chars());
        }
        let header = "id,name,domain,notes\n".len();
        for (place, mark) in marks {
            let place = header + place.index(text.len() - header);
            text.insert(place, mark);
        }
        let text: String = text.into_iter().collect::<String>().replace(',', &delimiter.to_string());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.csv");
        fs_err::write(&path, &text).unwrap();
        for cells in valid_rows(&path) {
            let customers = (0..rows).filter(|row| cells.contains(&format!("Customer{row}x")));
            prop_assert!(customers.count() <= 1, "{:?} of {:?}", cells, text);
        }
    }

    #[test]
    fn no_damage_to_a_workbook_makes_the_reader_panic(
        fixture in prop::sample::select(vec!["workbook.xlsx", "workbook.ods"]),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = fs_err::read(Path::new("tests/fixtures").join(fixture)).unwrap();
        for (place, byte) in damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(fixture);
        fs_err::write(&path, bytes).unwrap();
        let _ = read(&path, &ReadOptions::default());
    }
}
