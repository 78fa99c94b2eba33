//! Which rows the results file of a run has: those of the list, and what its user has changed or
//! added in the results file that is there.

use super::opened::Original;
use super::preparation::Prepared;
use super::previous::own_rows;
use super::run_plan::RunPlan;
use super::table::{Places, Table, TableRow};
use super::{Error, Opened, Request};
use crate::input::{ReadOptions, Reader, Source};
use crate::journal::Numbering;
use crate::results::{Form, Layout};
use crate::table::{Cells, Row};
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

/// The tables of a run.
pub(super) struct Tables {
    /// The rows that are sent.
    pub(super) sent: Arc<Table>,
    /// The rows that the results file has: the same, unless they were united.
    pub(super) reported: Arc<Table>,
}

/// The tables of a run that was prepared. `before` is the numbering of the last run.
///
/// # Errors
/// When the results file that is there cannot be read again.
pub(super) fn tables_of(
    request: &Request,
    opened: &Opened,
    prepared: &mut Prepared,
    before: &Numbering,
) -> Result<Tables, Error> {
    let Some(original) = &opened.original else {
        let table = Arc::new(table_of(request, opened, prepared)?);
        return Ok(Tables {
            reported: Arc::clone(&table),
            sent: table,
        });
    };
    // Rows that are kept are those of the results file, not organizations.
    let plan = &mut prepared.plan;
    let kept = (
        std::mem::take(&mut plan.carried),
        std::mem::take(&mut plan.corrected),
    );
    let sent = table_of(request, opened, prepared)?;
    (prepared.plan.carried, prepared.plan.corrected) = kept;
    let mut reported = original_table(request, original, &sent.places, before);
    reported.form = reported.form.at(&opened.results);
    if !(prepared.plan.carried.is_empty() && prepared.plan.corrected.is_empty()) {
        let reader = results_reader(&opened.results)?;
        let layout = Layout::of(reader.header());
        reported.keep(
            layout.original_header(),
            &layout,
            &opened.results,
            &prepared.plan,
        )?;
    }
    Ok(Tables {
        sent: Arc::new(sent),
        reported: Arc::new(reported),
    })
}

/// The table of the rows of a list that were united; `places` are those of the organizations.
fn original_table(
    request: &Request,
    original: &Original,
    places: &Places,
    before: &Numbering,
) -> Table {
    let Original {
        copied,
        reader,
        read,
        groups,
        ..
    } = original;
    let ids = groups
        .of_row
        .iter()
        .map(|group| places.at(*group as usize).0);
    let layout = request.is_retry().then(|| Layout::of(reader.header()));
    let header = match &layout {
        Some(layout) => layout.original_header(),
        None => reader.header(),
    };
    let numbers = match &layout {
        Some(_) => numbers(&groups.numbers, before),
        None => Vec::new(),
    };
    Table {
        copied: Arc::clone(copied),
        read: read.clone(),
        header: header.to_vec(),
        width: header.len(),
        form: Form::of_list(reader, &copied.source),
        layout,
        rows: groups.of_row.len(),
        places: Places {
            ids: ids.collect(),
            numbers,
        },
        corrected: HashMap::new(),
        carried: Vec::new(),
        is_united: true,
    }
}

/// The number of each row of a results file: that which it has, if the last run gave it; otherwise
/// the next free one.
fn numbers(given: &[u32], before: &Numbering) -> Vec<u32> {
    let last = before.iter().map(|(number, _)| number).max().unwrap_or(0);
    let mut next = u32::try_from(last).unwrap_or(u32::MAX);
    let mut seen = HashSet::new();
    let numbers = given.iter().map(|number| {
        let is_known = before.id((*number).into()).is_some();
        if is_known && seen.insert(*number) {
            return *number;
        }
        next = next.saturating_add(1);
        next
    });
    numbers.collect()
}

fn results_reader(results: &Path) -> Result<Reader, Error> {
    let source = Source::File(results.to_owned());
    Ok(Reader::open(&source, &ReadOptions::default())?)
}

/// The table of the rows that are sent.
fn table_of(request: &Request, opened: &Opened, prepared: &mut Prepared) -> Result<Table, Error> {
    let copied = Arc::clone(&opened.copied);
    let reader = &opened.reader;
    let plan = &mut prepared.plan;
    let places = std::mem::take(&mut plan.places);
    let rows = usize::try_from(plan.rows).unwrap_or(usize::MAX);
    if let Some(previous) = prepared.previous.take_if(|_| request.is_retry()) {
        return Ok(Table {
            width: previous.header.len(),
            copied,
            read: request.read.clone(),
            header: previous.header,
            form: previous.form.at(&opened.results),
            layout: Some(previous.layout),
            rows,
            places,
            corrected: HashMap::new(),
            carried: Vec::new(),
            is_united: false,
        });
    }
    let mut table = Table {
        width: reader.header().len(),
        form: Form::of_list(reader, &copied.source).at(&opened.results),
        copied,
        read: request.read.clone(),
        header: reader.header().to_vec(),
        layout: None,
        rows,
        places,
        corrected: HashMap::new(),
        carried: Vec::new(),
        is_united: false,
    };
    if let Some(previous) = &prepared.previous {
        table.keep(&previous.header, &previous.layout, &opened.results, plan)?;
    }
    Ok(table)
}

impl Table {
    /// Keeps the rows and the cells of the results file that the plan says.
    fn keep(
        &mut self,
        header: &[String],
        layout: &Layout,
        results: &Path,
        plan: &RunPlan,
    ) -> Result<(), Error> {
        if plan.corrected.is_empty() && plan.carried.is_empty() {
            return Ok(());
        }
        let own: HashSet<&String> = self.header.iter().collect();
        let more: Vec<String> = header
            .iter()
            .filter(|name| !own.contains(name))
            .cloned()
            .collect();
        self.header.extend(more);
        let carried: HashMap<usize, u32> = plan.carried.iter().copied().collect();
        let source = Source::File(results.to_owned());
        let reader = results_reader(results)?;
        let mut number = self.rows as u64;
        for (at, row) in own_rows(reader, layout, &source).enumerate() {
            let (row, _) = row?;
            if let Some(id) = plan.corrected.get(&at) {
                let cells = self.moved(row.cells, header);
                self.corrected.insert(*id, cells);
            } else if let Some(id) = carried.get(&at) {
                number += 1;
                let cells = self.moved(row.cells, header);
                self.carried.push(TableRow {
                    id: *id,
                    number,
                    line: None,
                    row: Row { cells, ..row },
                });
            }
        }
        Ok(())
    }

    /// Cells of a file with another header under the columns of this one.
    fn moved(&self, cells: Cells, header: &[String]) -> Cells {
        let Cells::Record(record) = cells else {
            return cells;
        };
        let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
        for (place, name) in header.iter().enumerate().rev() {
            places.entry(name.as_str()).or_default().push(place);
        }
        let own = self.header.iter().map(|name| {
            let place = places.get_mut(name.as_str()).and_then(Vec::pop);
            place
                .and_then(|place| record.get(place))
                .unwrap_or_default()
        });
        let surplus = record.iter().skip(header.len());
        Cells::Record(own.chain(surplus).collect())
    }
}
