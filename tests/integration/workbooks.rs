//! Workbooks as programs write them that are no spreadsheets: made here part by part.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do, by a panic"
)]

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use workos_orgs::columns::{Mapping, MappingOptions};
use workos_orgs::input::{Error, HiddenRows, ReadOptions, Reader, Source};
use workos_orgs::table::Cells;
use workos_orgs::validate::Validator;

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A workbook of sheets, each by its name and the XML of its rows.
fn workbook(sheets: &[(&str, &str)]) -> Vec<u8> {
    let (mut names, mut relations) = (String::new(), String::new());
    let mut parts = Vec::new();
    for (place, (name, rows)) in sheets.iter().enumerate() {
        let number = place + 1;
        write!(
            names,
            r#"<sheet name="{name}" sheetId="{number}" r:id="r{number}"/>"#
        )
        .unwrap();
        write!(
            relations,
            r#"<Relationship Id="r{number}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>"#
        )
        .unwrap();
        let sheet =
            format!(r#"<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>"#);
        parts.push((format!("xl/worksheets/sheet{number}.xml"), sheet));
    }
    let root = format!(
        r#"<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
    );
    let book = format!(
        r#"<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{names}</sheets></workbook>"#
    );
    let relations = format!(r#"<Relationships xmlns="{RELATIONS}">{relations}</Relationships>"#);
    parts.extend([
        ("_rels/.rels".to_owned(), root),
        ("xl/workbook.xml".to_owned(), book),
        ("xl/_rels/workbook.xml.rels".to_owned(), relations),
    ]);
    archive(&parts)
}

fn archive(parts: &[(String, String)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        archive
            .start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        archive.write_all(content.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A row of texts.
fn texts(number: u32, cells: &[&str]) -> String {
    let mut row = format!(r#"<row r="{number}">"#);
    for (column, text) in "ABC".chars().zip(cells) {
        write!(
            row,
            r#"<c r="{column}{number}" t="inlineStr"><is><t>{text}</t></is></c>"#
        )
        .unwrap();
    }
    row + "</row>"
}

fn open(bytes: &[u8], options: &ReadOptions) -> Result<Reader, Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.xlsx");
    fs_err::write(&path, bytes).unwrap();
    Reader::open(&Source::File(path), options)
}

fn refused(bytes: &[u8]) -> (String, String) {
    let error = open(bytes, &ReadOptions::default()).unwrap_err();
    (error.to_string(), error.hint().unwrap())
}

/// The second cell of each row below the header.
fn second_cells(rows: &str) -> Vec<String> {
    open(&workbook(&[("S", rows)]), &ReadOptions::default())
        .unwrap()
        .map(|row| match row.unwrap().cells {
            Cells::Record(record) => record.get(1).unwrap().to_owned(),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn ids_of_sixteen_digits_keep_them_all() {
    let rows = texts(1, &["name", "external_id"])
        + r#"<row r="2"><c r="A2" t="inlineStr"><is><t>A</t></is></c><c r="B2"><v>1234567890123456</v></c></row>"#
        + r#"<row r="3"><c r="A3" t="inlineStr"><is><t>B</t></is></c><c r="B3"><v>1234567890123457</v></c></row>"#;
    let ids = second_cells(&rows);
    assert_eq!(ids, ["1234567890123456", "1234567890123457"]);
}

#[test]
fn a_formula_that_was_never_calculated_makes_its_row_invalid() {
    let rows = texts(1, &["name", "domain"])
        + r#"<row r="2"><c r="A2" t="inlineStr"><is><t>A</t></is></c><c r="B2"><f>LOWER("A.com")</f><v/></c></row>"#
        + r#"<row r="3"><c r="A3" t="inlineStr"><is><t>B</t></is></c><c r="B3"><f>LOWER("B.com")</f><v>b.com</v></c></row>"#;
    let reader = open(&workbook(&[("S", &rows)]), &ReadOptions::default()).unwrap();
    let mapping =
        Mapping::resolve(reader.header(), reader.format(), &MappingOptions::default()).unwrap();
    let mut validator = Validator::new(mapping, reader.header());
    let problems: Vec<Vec<String>> = reader
        .map(|row| {
            let row = row.unwrap();
            validator
                .validate(&row)
                .problems
                .iter()
                .map(ToString::to_string)
                .collect()
        })
        .collect();
    assert_eq!(
        problems,
        [
            vec!["column \"domain\": contains a formula that was never calculated: open the workbook in Excel or LibreOffice and save it".to_owned()],
            vec![],
        ]
    );
}

#[test]
fn a_cover_sheet_is_not_taken_for_the_list() {
    let list = texts(1, &["Company", "Website"]) + &texts(2, &["A", "a.com"]);
    let cover = texts(1, &["Customer"]) + &texts(3, &["Exported by", "Ann"]);
    let bytes = workbook(&[("Cover", &cover), ("Customers", &list)]);
    let (error, hint) = refused(&bytes);
    assert!(
        error
            .ends_with("has no header row that is recognized, but the sheet \"Customers\" has one"),
        "{error}"
    );
    assert!(hint.starts_with("use --sheet Customers;"), "{hint}");
    let sheet = |name: &str| ReadOptions {
        sheet: Some(name.to_owned()),
        ..ReadOptions::default()
    };
    assert_eq!(open(&bytes, &sheet("customers")).unwrap().count(), 1);

    let (error, _) = refused(&workbook(&[
        ("Blank", ""),
        ("Notes", &texts(1, &["x", "y"])),
    ]));
    assert!(
        error.ends_with("is blank; its sheets are \"Blank\", \"Notes\""),
        "{error}"
    );
}

#[test]
fn a_title_above_the_header_is_passed_over_when_told_to() {
    let rows =
        texts(1, &["Customer"]) + &texts(3, &["Name", "Domain"]) + &texts(4, &["A", "a.com"]);
    let bytes = workbook(&[("S", &rows)]);
    let (error, hint) = refused(&bytes);
    assert!(
        error.contains(":3: the header was found on this line"),
        "{error}"
    );
    assert!(hint.starts_with("--header-row 3 "), "{hint}");
    let options = ReadOptions {
        header_row: Some(3),
        ..ReadOptions::default()
    };
    let reader = open(&bytes, &options).unwrap();
    assert_eq!(reader.header(), ["Name", "Domain"]);
    assert_eq!(reader.count(), 1);
}

#[test]
fn archives_that_are_no_workbooks_say_what_they_are() {
    let whole = workbook(&[("S", &texts(1, &["name"]))]);
    let (error, hint) = refused(&whole[..whole.len() / 2]);
    assert!(error.ends_with("as an XLSX workbook"), "{error}");
    assert!(
        hint.starts_with("the file is incomplete, damaged or not a workbook"),
        "{hint}"
    );
    let (error, _) = refused(&archive(&[(
        "customers.csv".to_owned(),
        "name\nA\n".to_owned(),
    )]));
    assert!(error.ends_with("is a ZIP archive, not a list"), "{error}");
    let (error, hint) = refused(&archive(&[(
        "Index/Document.iwa".to_owned(),
        String::new(),
    )]));
    assert!(error.contains("Apple Numbers"), "{error}");
    assert!(hint.contains("Export To"), "{hint}");
}

#[test]
fn options_without_a_meaning_are_refused() {
    let bytes = workbook(&[("S", &texts(1, &["name"]))]);
    let options = ReadOptions {
        delimiter: Some(b';'),
        ..ReadOptions::default()
    };
    let error = open(&bytes, &options).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("--delimiter cannot be used with XLSX: "),
        "{error}"
    );
}

#[test]
fn hidden_rows_are_asked_about() {
    let rows = texts(1, &["name", "domain"])
        + &texts(2, &["A", "a.com"])
        + &texts(3, &["B", "b.com"]).replace("<row ", "<row hidden=\"1\" ");
    let bytes = workbook(&[("S", &rows)]);
    let (error, hint) = refused(&bytes);
    assert!(
        error.ends_with("has hidden or filtered rows (1): 3"),
        "{error}"
    );
    assert!(
        hint.contains("--skip-hidden") && hint.contains("--keep-hidden"),
        "{hint}"
    );
    let with = |choice| ReadOptions {
        hidden: Some(choice),
        ..ReadOptions::default()
    };
    let reader = open(&bytes, &with(HiddenRows::Skip)).unwrap();
    assert!(
        reader
            .read_as()
            .to_string()
            .ends_with("1 hidden row left out")
    );
    assert_eq!(reader.count(), 1);
    assert_eq!(open(&bytes, &with(HiddenRows::Keep)).unwrap().count(), 2);
}

#[test]
fn numbers_longer_than_a_float_keep_their_digits() {
    let rows = texts(1, &["name", "external_id"])
        + r#"<row r="2"><c r="A2" t="inlineStr"><is><t>A</t></is></c><c r="B2"><v>123456789012345678</v></c></row>"#
        + r#"<row r="3"><c r="A3" t="inlineStr"><is><t>B</t></is></c><c r="B3"><v>1.23456789012346E+17</v></c></row>"#;
    let ids = second_cells(&rows);
    // The second is rounded in the file itself, and so it is a problem of its row.
    assert_eq!(ids, ["123456789012345678", "1.23456789012346E+17"]);
}

#[test]
fn a_size_that_no_sheet_has_is_ignored() {
    let rows = texts(1, &["name"]) + &texts(2, &["A"]);
    let sheet = format!(
        r#"<worksheet xmlns="{MAIN}"><dimension ref="A0:C12"/><sheetData>{rows}</sheetData></worksheet>"#
    );
    let mut archive =
        zip::ZipArchive::new(std::io::Cursor::new(workbook(&[("S", &rows)]))).unwrap();
    let mut parts = Vec::new();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        if name.contains("sheet1") {
            text.clone_from(&sheet);
        }
        parts.push((name, text));
    }
    let reader = open(&self::archive(&parts), &ReadOptions::default()).unwrap();
    assert_eq!(reader.count(), 1);
}

#[test]
fn a_binary_workbook_is_named() {
    let parts = [("xl/workbook.bin".to_owned(), "x".to_owned())];
    let (error, hint) = refused(&archive(&parts));
    assert!(error.contains(".xlsb"), "{error}");
    assert!(hint.contains("save it as .xlsx"), "{hint}");
}
