//! Any bytes, read as a customer list: CSV, TSV or JSONL.
//!
//! The first byte says how. The reader ends, numbers its rows without a gap and never goes back a
//! line. The validator gives each row an organization or problems.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::path::PathBuf;
use std::sync::LazyLock;
use workos_orgs::columns::{Mapping, MappingOptions};
use workos_orgs::input::{InputFormat, ReadOptions, Reader, Source};
use workos_orgs::validate::Validator;

static DIRECTORY: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

fuzz_target!(|data: &[u8]| {
    let Some((&way, content)) = data.split_first() else {
        return;
    };
    let path: PathBuf = DIRECTORY.path().join("input");
    std::fs::write(&path, content).unwrap();
    let is_csv = way % 2 == 0;
    let delimiter = [None, Some(b';'), Some(b'\t'), Some(b'|')][usize::from(way / 2 % 4)];
    let options = ReadOptions {
        format: Some(if is_csv {
            InputFormat::Csv
        } else {
            InputFormat::Jsonl
        }),
        delimiter: delimiter.filter(|_| is_csv),
        header_row: (is_csv && way & 0x40 != 0).then_some(2),
        ..ReadOptions::default()
    };
    let Ok(reader) = Reader::open(&Source::File(path), &options) else {
        return;
    };
    let header = reader.header().to_vec();
    let format = reader.format();
    let mapping_options = MappingOptions {
        metadata_columns: if way & 0x10 == 0 {
            Vec::new()
        } else {
            vec!["*".to_owned()]
        },
        external_id_from: (way & 0x20 != 0).then(|| "domain".to_owned()),
        ..MappingOptions::default()
    };
    let mapping = Mapping::resolve(&header, format, &mapping_options).ok();
    let mut validator = mapping.map(|mapping| Validator::new(mapping, &header));
    let (mut number, mut line) = (0, 0);
    for row in reader {
        let Ok(row) = row else {
            break;
        };
        assert_eq!(row.number, number + 1, "a row was left out");
        // Several elements of a JSON array may be on one line.
        assert!(
            row.line > line || (!is_csv && row.line == line),
            "a row begins on the line of another"
        );
        (number, line) = (row.number, row.line);
        if let Some(validator) = &mut validator {
            let examined = validator.validate(&row);
            assert_eq!(
                examined.organization.is_some(),
                examined.problems.is_empty(),
                "a row is sendable or it has a problem"
            );
        }
    }
});
