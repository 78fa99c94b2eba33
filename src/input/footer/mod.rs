//! Lines that programs and people write below a list, which are no customers: totals, counts, page
//! numbers, notices.

mod lines;

pub(crate) use lines::looks_like_footer;

use crate::table::{Cells, Row};
use crate::text::trim;
use csv::StringRecord;
use std::collections::VecDeque;

/// How many lines are held back at most: below a list there are fewer.
const MOST: usize = 64;

/// Holds back lines that look like the end of a report until it is known whether rows follow.
#[derive(Debug)]
pub(super) struct Footer {
    /// Whether rows have several cells, so that those with only one are unlike others.
    has_columns: bool,
    held: VecDeque<Row>,
    /// How many of the last ones look like a footer by themselves.
    in_a_row: usize,
    /// The line of the last row, and whether blank lines separate held ones from the list.
    line: u64,
    is_apart: bool,
    /// Rows that were held back and are none of a footer.
    released: VecDeque<Row>,
}

impl Footer {
    /// Nothing is held back yet of a list with so many columns.
    pub(super) fn new(columns: usize) -> Self {
        Self {
            has_columns: columns > 1,
            held: VecDeque::new(),
            in_a_row: 0,
            line: u64::MAX,
            is_apart: false,
            released: VecDeque::new(),
        }
    }

    /// The next row that was held back and is none of a footer.
    pub(super) fn released(&mut self) -> Option<Row> {
        self.released.pop_front()
    }

    /// Takes a row away that may be a part of a footer; says whether it did. Lines between others
    /// of a footer, or in a block with one that blank lines separate from the list, may be anything
    /// that has one cell.
    pub(super) fn hold(&mut self, row: &mut Row) -> bool {
        let follows_blank = row.line > self.line.saturating_add(1);
        self.line = row.line;
        let Cells::Record(record) = &row.cells else {
            return self.release(row);
        };
        let looks_like_it = is_footer(record);
        let is_apart = self.is_apart || follows_blank;
        let may_be_any = self.in_a_row > 1 || is_apart;
        let has_one_cell = || may_be_any && self.has_columns && filled(record).count() == 1;
        if self.held.len() == MOST || !(looks_like_it || has_one_cell()) {
            return self.release(row);
        }
        self.is_apart = is_apart;
        if looks_like_it {
            self.in_a_row += 1;
        }
        self.held.push_back(std::mem::take(row));
        true
    }

    /// Gives back what is held, with a row after it; says whether there was any.
    fn release(&mut self, row: &mut Row) -> bool {
        self.in_a_row = 0;
        self.is_apart = false;
        if self.held.is_empty() {
            return false;
        }
        self.released.append(&mut self.held);
        self.released.push_back(std::mem::take(row));
        true
    }

    /// The end of the list: what is held is its footer, each line with its text, if its last line
    /// is one, or any in a block by itself.
    pub(super) fn end(&mut self) -> Vec<(u64, String)> {
        let is_footer =
            |row: &Row| matches!(&row.cells, Cells::Record(record) if is_footer(record));
        let ends_in_one = self.held.back().is_some_and(is_footer);
        if !(ends_in_one || self.is_apart && self.held.iter().any(is_footer)) {
            self.released.append(&mut self.held);
        }
        let text = |row: Row| match row.cells {
            Cells::Record(record) => {
                let cells: Vec<_> = filled(&record).collect();
                (row.line, cells.join(" "))
            }
            _ => (row.line, String::new()),
        };
        self.held.drain(..).map(text).collect()
    }
}

/// The cells of a record that are not blank.
fn filled(record: &StringRecord) -> impl Iterator<Item = &str> {
    record.iter().map(trim).filter(|cell| !cell.is_empty())
}

/// Whether a record is a line of a footer: a text that looks like it, and nothing else but numbers,
/// or the rest of a notice that its commas have divided.
pub(crate) fn is_footer(record: &StringRecord) -> bool {
    let mut cells = filled(record);
    let Some(first) = cells.next() else {
        return false;
    };
    // Most rows have another cell of letters.
    match cells.find(|cell| cell.contains(char::is_alphabetic)) {
        None => looks_like_footer(first),
        Some(rest) => {
            let is_notice = first.starts_with(['C', '©', '(']) && first.contains(['©', ')']);
            is_notice && rest.contains(' ') && looks_like_footer(first)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn footer_of(rows: &[&[&str]]) -> (Vec<u64>, Vec<u64>) {
        footer_of_lines(&(2..).zip(rows.iter().copied()).collect::<Vec<_>>())
    }

    fn footer_of_lines(rows: &[(u64, &[&str])]) -> (Vec<u64>, Vec<u64>) {
        let mut footer = Footer::new(2);
        let mut kept = Vec::new();
        for (line, cells) in rows.iter().copied() {
            let mut row = Row {
                number: line - 1,
                line,
                cells: Cells::Record(StringRecord::from(cells.to_vec())),
            };
            if !footer.hold(&mut row) {
                kept.push(row.line);
            }
            kept.extend(std::iter::from_fn(|| footer.released()).map(|row| row.line));
        }
        let left_out = footer.end().into_iter().map(|(line, _)| line).collect();
        kept.extend(std::iter::from_fn(|| footer.released()).map(|row| row.line));
        (kept, left_out)
    }

    #[test]
    fn a_block_below_blank_lines_is_a_footer_if_one_of_its_lines_is() {
        let acme: &[&str] = &["Acme", "acme.com"];
        let (name, total): (&[&str], &[&str]) = (&["Zeta"], &["Total: 4"]);
        let of = footer_of_lines;
        assert_eq!(
            of(&[(2, acme), (4, name), (5, total)]),
            (vec![2], vec![4, 5])
        );
        assert_eq!(
            of(&[(2, acme), (4, total), (5, name)]),
            (vec![2], vec![4, 5])
        );
        assert_eq!(
            of(&[(2, acme), (4, name), (5, name)]),
            (vec![2, 4, 5], vec![])
        );
        assert_eq!(
            of(&[(2, acme), (3, name), (4, total)]),
            (vec![2, 3], vec![4])
        );
        let rows = [(2, acme), (4, name), (5, total), (7, acme)];
        assert_eq!(of(&rows), (vec![2, 4, 5, 7], vec![]));
    }

    #[test]
    fn only_a_block_at_the_end_is_a_footer() {
        let acme: &[&str] = &["Acme", "acme.com"];
        let total: &[&str] = &["Total: 4", ""];
        let note: &[&str] = &["test", ""];
        assert_eq!(footer_of(&[acme, total]), (vec![2], vec![3]));
        assert_eq!(footer_of(&[acme, total, acme]), (vec![2, 3, 4], vec![]));
        assert_eq!(footer_of(&[acme, total, note]), (vec![2, 3, 4], vec![]));
        assert_eq!(
            footer_of(&[acme, total, total, note, total]),
            (vec![2], vec![3, 4, 5, 6])
        );
        assert_eq!(
            footer_of(&[acme, total, note, total]),
            (vec![2, 3, 4], vec![5])
        );
        assert_eq!(
            footer_of(&[acme, &["Copyright (c) 2024 Acme", " inc. Tous droits"]]),
            (vec![2], vec![3])
        );
        assert_eq!(
            footer_of(&[acme, &["Total", "", "4,500.00"]]),
            (vec![2], vec![3])
        );
        assert_eq!(
            footer_of(&[acme, &["Total", "total.com"]]),
            (vec![2, 3], vec![])
        );
    }
}
