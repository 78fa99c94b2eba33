//! A results file as its user sees it in a spreadsheet.

use std::fs;
use std::path::Path;

/// The table in a results file.
#[derive(Clone, Debug)]
pub(crate) struct Sheet {
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
    /// How it was written, and will be again.
    pub(crate) separator: u8,
    pub(crate) has_mark: bool,
    pub(crate) has_crlf: bool,
}

impl Sheet {
    /// The table; `None` where there is none.
    pub(crate) fn read(path: &Path) -> Option<Self> {
        let bytes = fs::read(path).ok()?;
        let has_mark = bytes.starts_with(b"\xef\xbb\xbf");
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let first = text.split(|byte| *byte == b'\n').next()?;
        let separator = if first.contains(&b';') { b';' } else { b',' };
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(separator)
            .flexible(true)
            .has_headers(false)
            .from_reader(text);
        let mut records = reader.records().map_while(Result::ok);
        let cells = |record: csv::StringRecord| record.iter().map(str::to_owned).collect();
        let header: Vec<String> = records.next().map(cells)?;
        Some(Self {
            rows: records.map(cells).collect(),
            header,
            separator,
            has_mark,
            has_crlf: first.ends_with(b"\r"),
        })
    }

    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|it| it == name)
    }

    pub(crate) fn cell(&self, row: usize, name: &str) -> &str {
        let column = self.column(name);
        column
            .and_then(|at| self.rows[row].get(at))
            .map_or("", String::as_str)
    }

    /// The customer of a row.
    pub(crate) fn customer(&self, row: usize) -> Option<usize> {
        self.cell(row, "Tag").strip_prefix('t')?.parse().ok()
    }

    pub(crate) fn write(&self, path: &Path) {
        let mut out = Vec::new();
        if self.has_mark {
            out.extend_from_slice(b"\xef\xbb\xbf");
        }
        let terminator = if self.has_crlf {
            csv::Terminator::CRLF
        } else {
            csv::Terminator::Any(b'\n')
        };
        let mut writer = csv::WriterBuilder::new()
            .delimiter(self.separator)
            .terminator(terminator)
            .flexible(true)
            .from_writer(&mut out);
        writer.write_record(&self.header).unwrap();
        for row in &self.rows {
            writer.write_record(row).unwrap();
        }
        writer.flush().unwrap();
        drop(writer);
        fs::write(path, out).unwrap();
    }
}
