//! Which rows the results file of a run has: those of the list, and what its user has changed or
//! added in the results file that is there.

use super::planning::RunPlan;
use super::preparation::Prepared;
use super::previous::{Previous, own_rows};
use super::table::{Table, TableRow};
use super::{Error, Opened, Request};
use crate::input::{ReadOptions, Reader, Source};
use crate::results::Form;
use crate::table::{Cells, Row};
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

/// The table of a run that was prepared.
///
/// # Errors
/// When the results file that is there cannot be read again.
pub(super) fn table_of(
    request: &Request,
    opened: &Opened,
    prepared: &mut Prepared,
) -> Result<Arc<Table>, Error> {
    let copied = Arc::clone(&opened.copied);
    let reader = &opened.reader;
    let plan = &mut prepared.plan;
    let places = std::mem::take(&mut plan.places);
    let rows = usize::try_from(plan.rows).unwrap_or(usize::MAX);
    if let Some(previous) = prepared.previous.take_if(|_| request.is_retry()) {
        return Ok(Arc::new(Table {
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
        }));
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
    };
    if let Some(previous) = &prepared.previous {
        table.keep(previous, &opened.results, plan)?;
    }
    Ok(Arc::new(table))
}

impl Table {
    /// Keeps the rows and the cells of the results file that the plan says.
    fn keep(&mut self, previous: &Previous, results: &Path, plan: &RunPlan) -> Result<(), Error> {
        if plan.corrected.is_empty() && plan.carried.is_empty() {
            return Ok(());
        }
        let own: HashSet<&String> = self.header.iter().collect();
        let more: Vec<String> = previous
            .header
            .iter()
            .filter(|name| !own.contains(name))
            .cloned()
            .collect();
        self.header.extend(more);
        let carried: HashMap<usize, u32> = plan.carried.iter().copied().collect();
        let source = Source::File(results.to_owned());
        let reader = Reader::open(&source, &ReadOptions::default())?;
        let mut number = plan.rows;
        for (at, row) in own_rows(reader, &previous.layout, &source).enumerate() {
            let (row, _) = row?;
            if let Some(id) = plan.corrected.get(&at) {
                let cells = self.moved(row.cells, &previous.header);
                self.corrected.insert(*id, cells);
            } else if let Some(id) = carried.get(&at) {
                number += 1;
                let cells = self.moved(row.cells, &previous.header);
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
