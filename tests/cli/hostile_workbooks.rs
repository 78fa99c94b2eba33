//! Workbooks that claim or unpack into more than the memory holds: each is refused with a sentence,
//! within 512 MiB of memory.

use crate::support::{Finished, Random, TestEnv};
use flate2::{Compress, Compression, Crc, FlushCompress};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A part of an archive.
struct Part {
    name: &'static str,
    /// Deflated.
    packed: Vec<u8>,
    /// What the archive says.
    declared: u32,
    checksum: u32,
}

/// Deflated text: `before`, `repeated` so many times, `after`. The middle is packed once.
fn deflated(before: &str, repeated: &str, times: usize, after: &str) -> Vec<u8> {
    let mut packed = block(before, FlushCompress::Full);
    packed.extend(block(repeated, FlushCompress::Full).repeat(times));
    packed.extend(block(after, FlushCompress::Finish));
    packed
}

fn block(text: &str, flush: FlushCompress) -> Vec<u8> {
    let mut packed = Vec::with_capacity(text.len() + 1024);
    let mut compress = Compress::new(Compression::fast(), false);
    compress
        .compress_vec(text.as_bytes(), &mut packed, flush)
        .unwrap();
    packed
}

/// Deflated without being packed: the names of kinds of files stay readable.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(bytes.len() + bytes.len() / 100 + 1024);
    let mut compress = Compress::new(Compression::none(), false);
    compress
        .compress_vec(bytes, &mut packed, FlushCompress::Finish)
        .unwrap();
    packed
}

impl Part {
    fn new(name: &'static str, text: &str) -> Self {
        let mut checksum = Crc::new();
        checksum.update(text.as_bytes());
        Self {
            name,
            checksum: checksum.sum(),
            packed: stored(text.as_bytes()),
            declared: u32::try_from(text.len()).unwrap(),
        }
    }

    /// A part that unpacks into a text and many of another one.
    fn large(name: &'static str, before: &str, repeated: &str, times: usize) -> Self {
        let size = before.len() + repeated.len() * times;
        let mut checksum = Crc::new();
        checksum.update(before.as_bytes());
        (0..times).for_each(|_| checksum.update(repeated.as_bytes()));
        Self {
            name,
            packed: deflated(before, repeated, times, ""),
            declared: u32::try_from(size).unwrap(),
            checksum: checksum.sum(),
        }
    }
}

/// What does not pack, so that an archive is not suspicious for its ratio.
fn noise() -> Part {
    let mut random = Random::new(7);
    let bytes: Vec<u8> = (0..5_000_000)
        .map(|_| random.number().to_le_bytes()[0])
        .collect();
    Part {
        name: "xl/media/noise",
        packed: stored(&bytes),
        declared: 5_000_000,
        checksum: 0,
    }
}

/// A ZIP archive.
fn archive(parts: &[Part]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for part in parts {
        let offset = u32::try_from(bytes.len()).unwrap();
        let mut common = vec![20, 0, 0, 0, 8, 0, 0, 0, 33, 0];
        common.extend(part.checksum.to_le_bytes());
        common.extend(u32::try_from(part.packed.len()).unwrap().to_le_bytes());
        common.extend(part.declared.to_le_bytes());
        common.extend(u16::try_from(part.name.len()).unwrap().to_le_bytes());
        common.extend([0, 0]);
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&common);
        bytes.extend(part.name.as_bytes());
        bytes.extend(&part.packed);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&common);
        // No comment, disk 0, no attributes.
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(part.name.as_bytes());
    }
    let count = u16::try_from(parts.len()).unwrap().to_le_bytes();
    let (size, start) = (directory.len(), bytes.len());
    bytes.extend(directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend(count);
    bytes.extend(count);
    bytes.extend(u32::try_from(size).unwrap().to_le_bytes());
    bytes.extend(u32::try_from(start).unwrap().to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}

/// A workbook with one sheet and further parts.
fn workbook(sheet: Part, more: impl IntoIterator<Item = Part>) -> Vec<Part> {
    let book = format!(
        r#"<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>"#
    );
    let relation = |target: &str, kind: &str| {
        format!(
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="{OFFICE}/{kind}" Target="{target}"/></Relationships>"#
        )
    };
    let mut parts = vec![
        Part::new(
            "_rels/.rels",
            &relation("xl/workbook.xml", "officeDocument"),
        ),
        Part::new("xl/workbook.xml", &book),
        Part::new(
            "xl/_rels/workbook.xml.rels",
            &relation("worksheets/sheet1.xml", "worksheet"),
        ),
        sheet,
    ];
    parts.extend(more);
    parts
}

const SHEET: &str = "xl/worksheets/sheet1.xml";

/// A sheet with these rows.
fn sheet(rows: &str) -> Part {
    Part::new(
        SHEET,
        &format!(r#"<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>"#),
    )
}

fn cell(at: &str, text: &str) -> String {
    format!(r#"<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

/// Three rows of a list.
fn plain_rows() -> String {
    let names = ["name", "Acme", "Globex"].iter().zip(1..);
    let rows = names.map(|(name, row)| format!("<row>{}</row>", cell(&format!("A{row}"), name)));
    rows.collect::<Vec<_>>().concat()
}

/// Checks a file; the program has 512 MiB for its data.
fn check(env: &TestEnv, name: &str) -> Finished {
    let program = env.command(&["check", name]);
    if cfg!(not(target_os = "linux")) {
        return crate::support::finish(&mut env.command(&["check", name]));
    }
    let mut limited = Command::new("/bin/sh");
    let variables = program.get_envs();
    limited
        .args(["-c", "ulimit -d 524288; exec \"$0\" \"$@\""])
        .arg(Path::new(program.get_program()))
        .args(program.get_args())
        .current_dir(env.directory())
        .env_clear()
        .envs(variables.filter_map(|(name, value)| Some((name, value?))));
    crate::support::finish(&mut limited)
}

type Hostile = (&'static str, Vec<Part>, &'static str);

/// Small files that claim to hold more, and what the program says.
fn claims() -> Vec<Hostile> {
    let styles = format!(r#"<styleSheet xmlns="{MAIN}"><cellXfs>"#);
    let texts = format!(r#"<sst xmlns="{MAIN}">"#);
    let formula = r#"<row><c r="A1"><f t="shared" ref="A1" si="4294967290">1</f></c></row>"#;
    let mut claims_much = sheet(&plain_rows());
    claims_much.declared = u32::MAX;
    vec![
        ("claim.xlsx", workbook(claims_much, []), "more than 1 GiB"),
        (
            "ratio.xlsx",
            workbook(
                sheet(&plain_rows()),
                [Part {
                    declared: 100_000_000,
                    ..Part::new("xl/other.xml", "<a/>")
                }],
            ),
            "200 times",
        ),
        (
            "texts.xlsx",
            workbook(
                sheet(&plain_rows()),
                [Part::new(
                    "xl/sharedStrings.xml",
                    &texts.replace('>', r#" count="4294967295" uniqueCount="4294967295">"#),
                )],
            ),
            "more text",
        ),
        (
            "many-texts.xlsx",
            workbook(
                sheet(&plain_rows()),
                [Part::large(
                    "xl/sharedStrings.xml",
                    &texts,
                    &"<si/>".repeat(200_000),
                    100,
                )],
            ),
            "more text",
        ),
        (
            "styles.xlsx",
            workbook(
                sheet(&plain_rows()),
                [Part::large(
                    "xl/styles.xml",
                    &styles,
                    &"<xf/>".repeat(200_000),
                    100,
                )],
            ),
            "more styles",
        ),
        (
            "formula.xlsx",
            workbook(sheet(formula), []),
            "shared formula",
        ),
        (
            "row.xlsx",
            workbook(sheet(&plain_rows().replace("A3", "A4294967295")), []),
            "at most 1048576 rows",
        ),
    ]
}

/// Files that hold more, and what the program says.
fn large() -> Vec<Hostile> {
    let rows = format!(r#"<worksheet xmlns="{MAIN}"><sheetData>"#);
    let mib = " ".repeat(1024 * 1024);
    let long_row = format!("<row>{}</row>", cell("A1", &mib).replace(r#" r="A1""#, ""));
    let ods = "application/vnd.oasis.opendocument.spreadsheet";
    let content = r#"<office:spreadsheet><table:table table:name="S"><table:table-row><table:table-cell><text:p>"#;
    vec![
        (
            "one-text.xlsx",
            workbook(
                Part::large(
                    SHEET,
                    &format!("{rows}<row><c t=\"inlineStr\"><is><t>"),
                    &mib,
                    100,
                ),
                [],
            ),
            "longer than 16 MiB",
        ),
        (
            "pieces.xlsx",
            workbook(
                Part::large(
                    SHEET,
                    &format!("{rows}<row><c t=\"inlineStr\"><is>"),
                    &format!("<r><t>{mib}</t></r>"),
                    100,
                ),
                [],
            ),
            "longer than 16 MiB",
        ),
        (
            "rows.xlsx",
            workbook(
                Part::large(SHEET, &rows, &long_row.replace("  ", "xx"), 240),
                [],
            ),
            "larger than 224 MiB",
        ),
        (
            "comment.xlsx",
            workbook(Part::large(SHEET, "<!--", &mib, 100), []),
            "longer than 16 MiB",
        ),
        (
            "text.ods",
            vec![
                Part::new("mimetype", ods),
                Part::large("content.xml", content, &mib, 100),
            ],
            "longer than 16 MiB",
        ),
        (
            "pieces.ods",
            vec![
                Part::new("mimetype", ods),
                Part::large(
                    "content.xml",
                    content,
                    &format!("{mib}</text:p><text:p>"),
                    100,
                ),
            ],
            "longer than 16 MiB",
        ),
    ]
}

/// Each is refused in words.
fn assert_refused(files: Vec<Hostile>) {
    let env = TestEnv::new();
    for (name, mut parts, reason) in files {
        if !["claim.xlsx", "ratio.xlsx"].contains(&name) {
            parts.push(noise());
        }
        env.write(name, archive(&parts));
        check(&env, name)
            .exits_with(3)
            .stderr_has(&format!("cannot read {name} as an "))
            .stderr_has(reason)
            .stderr_has("hint: ")
            .stderr_lacks("panicked");
    }
}

#[test]
fn a_workbook_that_claims_to_be_large_is_refused() {
    assert_refused(claims());
}

#[test]
fn a_workbook_that_unpacks_into_too_much_is_refused() {
    assert_refused(large());
}

#[test]
fn a_packed_workbook_is_read_through_a_limit() {
    let env = TestEnv::new();
    let mut bytes = b"\x1f\x8b\x08\0\0\0\0\0\0\xff".to_vec();
    let zeros = "\0".repeat(1024 * 1024);
    bytes.extend(deflated("PK\x03\x04", &zeros, 1000, ""));
    env.write("bomb.xlsx.gz", &bytes);
    check(&env, "bomb.xlsx.gz")
        .exits_with(3)
        .stderr_has("larger than 192 MiB");
}

#[test]
fn a_lone_cell_in_the_last_column_is_no_burden() {
    let mut rows = cell("A1", "name");
    for row in 2..=2_000 {
        write!(
            rows,
            "</row><row r=\"{row}\">{}",
            cell(&format!("A{row}"), &format!("Customer {row}"))
        )
        .unwrap();
    }
    let lone = cell("XFD2000", "x");
    let env = TestEnv::new();
    env.write(
        "lone.xlsx",
        archive(&workbook(
            sheet(&format!("<row r=\"1\">{rows}{lone}</row>")),
            [],
        )),
    );
    check(&env, "lone.xlsx")
        .exits_with(1)
        .stderr_lacks("panicked");
}

#[test]
fn a_damaged_workbook_is_refused_wherever_the_damage_is() {
    let env = TestEnv::new();
    let whole = archive(&workbook(sheet(&plain_rows()), []));
    env.write("whole.xlsx", &whole);
    check(&env, "whole.xlsx").exits_with(0);
    for at in (0..whole.len()).step_by(whole.len() / 40) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0xff;
        env.write("damaged.xlsx", &damaged);
        let finished = check(&env, "damaged.xlsx");
        assert!(
            matches!(finished.code, Some(0 | 1 | 3)),
            "{at}: {finished:?}"
        );
        finished.stderr_lacks("panicked");
    }
}
