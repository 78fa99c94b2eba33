//! The small file of `report --failed-only`, given to `retry`: its rows take the place of the same rows
//! of the results file that it names, and only they are sent. A results file that a spreadsheet has saved
//! under another name or in another format, without its journal, is such a file too.

use super::copied::Copied;
use super::previous::{is_results, own_rows};
use super::status::{journals, results_of};
use super::{Corrections, Error, Request};
use crate::input::{ReadOptions, Reader, Source};
use crate::journal::journal_path;
use crate::plan::Mode;
use crate::results::{Form, Layout, POINTER, Place, RecordedState, Renderer};
use crate::storage::directory_of;
use crate::table::{Cells, Row};
use crate::text::{shell, untrusted};
use csv::StringRecord;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// The copy of the results file with the corrected rows; it lasts as long as this value.
#[derive(Debug)]
pub(crate) struct Corrected(#[expect(dead_code, reason = "dropping it removes the copy")] Copied);

/// A retry of a small file as one of the results file to which its rows belong; any other request
/// as it is.
///
/// # Errors
/// When the results file is not there, or has other rows.
pub(crate) fn with_corrections(
    mut request: Request,
) -> Result<(Request, Option<Corrected>), Error> {
    let (Mode::Retry(_), Source::File(path)) = (&request.mode, &request.source) else {
        return Ok((request, None));
    };
    let is_journal_given_up = request.answers.without_journal;
    if !path.is_file() || journal_path(path).exists() || is_journal_given_up {
        return Ok((request, None));
    }
    let Some(small) = Small::read(path, &request.read)? else {
        return Ok((request, None));
    };
    let file = path.display().to_string();
    let results = small.results(path)?;
    let source = Source::File(results.clone());
    if small.is_copy && !small.is_copy_of(&source)? {
        return Ok((request, None));
    }
    let merged = small.merged_into(&source)?;
    request.source = merged.source.clone();
    request.read = ReadOptions::default();
    request.results = Some(results);
    request.corrections = Some(Corrections {
        file,
        rows: small.rows.keys().copied().collect(),
    });
    Ok((request, Some(Corrected(merged))))
}

/// What a small file holds.
struct Small {
    /// The small file, as the user named it.
    file: String,
    /// The results file that its rows name, or of which it is a copy.
    pointer: String,
    /// Whether it is a results file itself, saved again.
    is_copy: bool,
    header: Vec<String>,
    rows: HashMap<u64, (Row, RecordedState)>,
}

impl Small {
    /// Reads a small file; `None` where a file is not one.
    fn read(path: &Path, read: &ReadOptions) -> Result<Option<Self>, Error> {
        let source = Source::File(path.to_owned());
        let Ok(reader) = Reader::open(&source, read) else {
            // The error is reported when it is opened as a results file.
            return Ok(None);
        };
        let layout = Layout::of(reader.header());
        let header = layout.original_header().to_vec();
        let is_small = header.iter().any(|name| name == POINTER);
        let original = (!is_small && is_results(&reader))
            .then(|| saved_from(path))
            .flatten();
        if !is_small && original.is_none() {
            return Ok(None);
        }
        let mut small = Self {
            file: path.display().to_string(),
            is_copy: original.is_some(),
            pointer: original.unwrap_or_default(),
            header,
            rows: HashMap::new(),
        };
        for row in own_rows(reader, &layout, &source) {
            let (row, said) = row?;
            let named = small.named(&row.cells);
            if small.pointer.is_empty() {
                small.pointer = named;
            } else if !named.is_empty() && named != small.pointer {
                return Err(small.refused(row.line, "belongs to another results file"));
            }
            let line = row.line;
            let Some(number) = said.row else {
                if small.is_copy {
                    return Ok(None);
                }
                return Err(
                    small.refused(line, "has no workos_row, so it is not a row of the import")
                );
            };
            if small.rows.insert(number, (row, said)).is_some() {
                return Err(small.refused(line, "has the workos_row of another row"));
            }
        }
        Ok(Some(small))
    }

    /// The results file that a row names.
    fn named(&self, cells: &Cells) -> String {
        match cells {
            Cells::Record(record) => {
                let index = self.header.iter().position(|name| name == POINTER);
                let cell = index.and_then(|index| record.get(index));
                cell.unwrap_or_default().trim().to_owned()
            }
            Cells::Object(object) => {
                let value = object.get(POINTER);
                let text = value.and_then(|value| serde_json::from_str(value.get()).ok());
                text.unwrap_or_default()
            }
            Cells::Unreadable { .. } => String::new(),
        }
    }

    fn refused(&self, line: u64, why: &str) -> Error {
        Error::Mismatch {
            message: format!("{}:{line}: this row {why}", self.file),
            hint: format!(
                "remove the row; add new customers to the list. To make the file again: workos-orgs report {} --failed-only {}",
                self.pointer_for_shell(),
                shell(&self.file)
            ),
        }
    }

    fn pointer_for_shell(&self) -> String {
        match self.pointer.as_str() {
            "" => "RESULTS".to_owned(),
            pointer => shell(pointer),
        }
    }

    /// The results file, where it is in its place.
    fn results(&self, path: &Path) -> Result<PathBuf, Error> {
        let results = directory_of(path).join(&self.pointer);
        let results = results.strip_prefix("./").unwrap_or(&results).to_owned();
        if !self.pointer.is_empty() && journal_path(&results).exists() {
            return Ok(results);
        }
        let named = untrusted(&self.pointer, 200);
        Err(Error::Mismatch {
            message: format!(
                "{} has rows of {named}, but {} is not there",
                self.file,
                journal_path(&results).display()
            ),
            hint: format!(
                "move {} into the folder of {named} and its journal, then run the same command again",
                self.file
            ),
        })
    }

    /// Whether its rows are those of this results file: each with its organization, and at least one.
    fn is_copy_of(&self, results: &Source) -> Result<bool, Error> {
        let reader = Reader::open(results, &ReadOptions::default())?;
        let layout = Layout::of(reader.header());
        let (mut found, mut known) = (0, false);
        for row in own_rows(reader, &layout, results) {
            let (_, said) = row?;
            let Some((_, own)) = said.row.and_then(|number| self.rows.get(&number)) else {
                continue;
            };
            let id = |said: &RecordedState| said.record.as_ref()?.organization_id.clone();
            if id(&said) != id(own) {
                return Ok(false);
            }
            found += 1;
            known |= id(own).is_some() || finished_alike(&said, own);
        }
        Ok(known && found == self.rows.len())
    }

    /// The results file with the cells of these rows, as a copy under its name.
    fn merged_into(&self, source: &Source) -> Result<Copied, Error> {
        let reader = Reader::open(source, &ReadOptions::default())?;
        let layout = Layout::of(reader.header());
        let before = layout.original_header().to_vec();
        let mut header = before.clone();
        let more = self.header.iter().filter(|name| *name != POINTER);
        header.extend(more.filter(|name| !before.contains(name)).cloned());
        let form = Form::of_list(&reader, source).at(Path::new(&source.to_string()));
        let mut missing: HashSet<u64> = self.rows.keys().copied().collect();
        let mut rows = Vec::new();
        for row in own_rows(reader, &layout, source) {
            let (mut row, said) = row?;
            let number = said.row.unwrap_or(0);
            let corrected = self.rows.get(&number).filter(|_| missing.remove(&number));
            if let Some((own, own_said)) = corrected {
                let is_same = self.is_copy
                    || is_same_row(&row.cells, &before, &own.cells, &self.header)
                    || finished_alike(&said, own_said);
                if !is_same {
                    return Err(self.refused(own.line, &format!("is not row {number} of {source}")));
                }
                let cells = overlaid(&row.cells, &before, &own.cells, &self.header, &header);
                row.cells = cells.ok_or_else(|| {
                    self.refused(own.line, &format!("has another form than {source}"))
                })?;
            } else {
                let cells = overlaid(&row.cells, &before, &row.cells, &before, &header);
                row.cells = cells.unwrap_or(row.cells);
            }
            let place = Place {
                row: number,
                line: said.line,
            };
            rows.push((row.cells, place, said.record));
        }
        if let Some(number) = missing.iter().min() {
            let line = self.rows.get(number).map_or(0, |(row, _)| row.line);
            return Err(self.refused(
                line,
                &format!("is row {number}, which {source} does not have"),
            ));
        }
        Copied::written(source, |out| {
            let mut writer = Renderer::new(out, &form, &header)?;
            for (cells, place, record) in &rows {
                writer.row(cells, *place, record.as_ref())?;
            }
            writer.finish()
        })
    }
}

/// The name of the results file from which a spreadsheet has probably saved this one: that of the same
/// name in another format, or the only one of the folder.
fn saved_from(path: &Path) -> Option<String> {
    let name = |results: PathBuf| Some(results.file_name()?.to_string_lossy().into_owned());
    let own = Some(path.with_extension("journal")).filter(|journal| journal.is_file());
    if let Some(results) = own.and_then(|journal| results_of(&journal)) {
        return name(results);
    }
    let all = journals(directory_of(path)).into_iter();
    let mut all = all.filter_map(|journal| results_of(&journal));
    let only = all.next()?;
    all.next().is_none().then(|| name(only)).flatten()
}

/// Whether two rows have at least one cell in common, under the same name.
fn is_same_row(one: &Cells, header: &[String], other: &Cells, names: &[String]) -> bool {
    match (one, other) {
        (Cells::Record(one), Cells::Record(other)) => {
            names.iter().zip(other).any(|(name, cell)| {
                let index = header.iter().position(|own| own == name);
                let own = index.and_then(|index| one.get(index));
                !cell.trim().is_empty() && own == Some(cell)
            })
        }
        (Cells::Object(one), Cells::Object(other)) => other
            .iter()
            .any(|(key, value)| one.get(key).is_some_and(|own| own.get() == value.get())),
        _ => matches!((one, other), (Cells::Unreadable { .. }, _)),
    }
}

/// Whether two rows have the result of the same attempt.
fn finished_alike(one: &RecordedState, other: &RecordedState) -> bool {
    let time = |said: &RecordedState| said.record.as_ref().and_then(|record| record.finished_at);
    time(one).is_some() && time(one) == time(other)
}

/// The cells of a row under the names of `to`: those of `new`, and where it lacks a column those of
/// `old`. `None` where one is a record and the other an object.
fn overlaid(
    old: &Cells,
    old_names: &[String],
    new: &Cells,
    new_names: &[String],
    to: &[String],
) -> Option<Cells> {
    match (old, new) {
        (Cells::Record(old), Cells::Record(new)) => {
            let (mut old_places, mut new_places) = (Places::of(old_names), Places::of(new_names));
            let mut record = StringRecord::new();
            for name in to {
                let (old_place, new_place) = (old_places.next(name), new_places.next(name));
                let cell = match new_place {
                    Some(place) => new.get(place),
                    None => old_place.and_then(|place| old.get(place)),
                };
                record.push_field(cell.unwrap_or_default());
            }
            let surplus = new.iter().skip(new_names.len());
            surplus.for_each(|cell| record.push_field(cell));
            Some(Cells::Record(record))
        }
        (Cells::Object(_) | Cells::Unreadable { .. }, Cells::Object(new)) => {
            let mut object = new.clone();
            object.shift_remove(POINTER);
            Some(Cells::Object(object))
        }
        (_, Cells::Unreadable { .. }) => Some(new.clone()),
        _ => None,
    }
}

/// The columns of each name, in order.
struct Places<'a>(HashMap<&'a str, Vec<usize>>);

impl<'a> Places<'a> {
    fn of(header: &'a [String]) -> Self {
        let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
        for (place, name) in header.iter().enumerate().rev() {
            places.entry(name.as_str()).or_default().push(place);
        }
        Self(places)
    }

    fn next(&mut self, name: &str) -> Option<usize> {
        self.0.get_mut(name).and_then(Vec::pop)
    }
}

impl Corrections {
    /// What the plan says of it.
    pub(super) fn in_words(&self, results: &Path) -> String {
        let rows = crate::text::counted(self.rows.len() as u64, "row");
        format!(
            "{rows} of {} taken from {}; the other rows stay as they are",
            results.display(),
            self.file
        )
    }
}
