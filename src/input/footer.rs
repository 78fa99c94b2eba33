//! Lines that programs and people write below a list, which are no customers: totals, counts, page
//! numbers, notices.

use crate::table::{Cells, Row};
use crate::text::{is_digits, trim};
use csv::StringRecord;
use std::collections::{HashMap, VecDeque};
use std::sync::LazyLock;

/// How many lines are held back at most: below a list there are fewer.
const MOST: usize = 64;

/// Holds back lines that look like the end of a report until it is known whether rows follow.
#[derive(Debug, Default)]
pub(super) struct Footer {
    held: VecDeque<Row>,
    /// How many of the last ones look like a footer by themselves.
    in_a_row: usize,
    /// Rows that were held back and are none of a footer.
    released: VecDeque<Row>,
}

impl Footer {
    /// The next row that was held back and is none of a footer.
    pub(super) fn released(&mut self) -> Option<Row> {
        self.released.pop_front()
    }

    /// Takes a row away that may be a part of a footer; says whether it did. Lines between others
    /// of a footer may be anything that has one cell.
    pub(super) fn hold(&mut self, row: &mut Row) -> bool {
        let Cells::Record(record) = &row.cells else {
            return self.release(row);
        };
        let looks_like_it = is_footer(record);
        let is_between = || self.in_a_row > 1 && record.len() > 1 && filled(record).count() == 1;
        if self.held.is_empty() && !looks_like_it {
            return false;
        }
        if self.held.len() == MOST || !(looks_like_it || is_between()) {
            return self.release(row);
        }
        if looks_like_it {
            self.in_a_row += 1;
        }
        self.held.push_back(std::mem::take(row));
        true
    }

    /// Gives back what is held, with a row after it; says whether there was any.
    fn release(&mut self, row: &mut Row) -> bool {
        self.in_a_row = 0;
        if self.held.is_empty() {
            return false;
        }
        self.released.append(&mut self.held);
        self.released.push_back(std::mem::take(row));
        true
    }

    /// The end of the list: what is held is its footer, each line with its text, if its last line
    /// is one.
    pub(super) fn end(&mut self) -> Vec<(u64, String)> {
        let is_footer =
            |row: &Row| matches!(&row.cells, Cells::Record(record) if is_footer(record));
        if !self.held.back().is_some_and(is_footer) {
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

/// Whether a record is a line of a footer: a text that looks like it, and nothing else but numbers.
pub(crate) fn is_footer(record: &StringRecord) -> bool {
    let mut cells = filled(record);
    let is_amount = |cell: &str| !cell.contains(char::is_alphabetic);
    // Most rows have another cell of letters.
    let first = cells.next();
    cells.all(is_amount) && first.is_some_and(looks_like_footer)
}

/// What such a line consists of, lower-case, with or without a number after it.
#[rustfmt::skip]
const WHOLE: &[&str] = &[
    "anzahl", "celkem", "celková suma", "count", "end of data", "end of file", "end of list",
    "end of report", "ende", "ende der liste", "eof", "fin del informe", "fin du rapport", "gesamt",
    "gesamtergebnis", "gesamtsumme", "grand total", "grand totals", "genel toplam", "i alt",
    "insgesamt", "jumlah", "kokku", "összesen", "ogółem", "razem", "seite", "skupaj", "skupno", "somme",
    "spolu", "subtotal", "sub total", "sub-total", "suma", "suma total", "sumă", "summa", "summe",
    "sum", "sum total", "toplam", "total", "total count", "total general", "total générale",
    "total général", "total geral", "totale", "totale generale", "totalt", "totals", "totaal",
    "totalsumma", "tổng", "tổng cộng", "ukupno", "yhteensä", "zwischensumme", "σύνολο", "всего",
    "итого", "общий итог", "разом", "усього", "всього", "סה\"כ", "סך הכל", "المجموع", "الإجمالي",
    "รวม", "รวมทั้งหมด", "合计", "总计", "总数", "小计", "合計", "總計", "総計", "小計", "합계", "총계",
    "총합계", "소계", "计数", "件数",
];

/// What such a line begins with, lower-case; no letter follows it.
#[rustfmt::skip]
const BEGINNINGS: &[&str] = &[
    "accrual basis", "anzahl:", "cash basis", "confidential -", "confidential information",
    "copyright (c)", "copyright ©", "copyright 19", "copyright 20", "count of", "count:", "créé le",
    "created on", "data as of", "date:", "datum:", "erstellt am", "erstellt von",
    "erzeugt am", "export date", "exportdatum", "exportado el", "exportado em", "exporté le",
    "exported", "exported by", "exported from", "exported on", "exportiert am", "fecha:",
    "filtered by", "filter:", "filters:", "généré le", "generado el", "generated at", "generated by",
    "generated from", "generated on", "generato il", "generiert am", "gerado em", "imprimé le",
    "last updated", "note:", "number of records", "number of rows", "page:", "printed by",
    "printed on", "quelle:", "record count", "records:", "report created", "report date",
    "report generated", "row count", "rows:", "source:", "stand:", "sum:", "summe:", "total count",
    "total number of", "total:", "total for", "total records", "total rows", "vertraulich",
    "wygenerowano", "source :", "fuente:", "fonte:", "vygenerováno", "создано", "дата:",
    "сформировано", "источник:", "导出时间", "导出日期", "生成时间", "匯出時間", "来源:", "来源：",
    "出力日", "作成日", "내보낸 날짜", "생성일", "출처", "©", "(c) 19", "(c) 20",
];

/// The words for a page and for `of`, lower-case: `Seite 1 von 3`, `第 1 页，共 3 页`.
#[rustfmt::skip]
const PAGES: &[&str] = &[
    "page", "seite", "página", "pagina", "strona", "strana", "sida", "side", "sivu", "oldal",
    "страница", "стр.", "сторінка", "sayfa", "halaman", "trang", "σελίδα", "stránka", "第", "페이지",
];

/// The days of the week, lower-case: `Thursday, Nov 26, 2026 11:00:00 AM`.
const DAYS: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// What follows the words of such a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Follows {
    /// Nothing but a number.
    Nothing,
    /// Anything that does not continue the last word.
    Text,
    /// The number of a page, and how many there are.
    Page,
    /// A date.
    Date,
}

/// The words of a line, and what follows them.
type Line = (&'static str, Follows);

/// The lines by what they begin with: nearly all names begin with something else.
static LINES: LazyLock<HashMap<[u8; 2], Vec<Line>>> = LazyLock::new(|| {
    let mut lines: HashMap<_, Vec<Line>> = HashMap::new();
    for (all, follows) in [
        (WHOLE, Follows::Nothing),
        (BEGINNINGS, Follows::Text),
        (PAGES, Follows::Page),
        (DAYS, Follows::Date),
    ] {
        for words in all {
            // Upper-case letters of other scripts have other bytes.
            let upper = words.to_uppercase();
            for start in [start_of(words), start_of(&upper)].into_iter().flatten() {
                let at_start = lines.entry(start).or_default();
                if !at_start.contains(&(*words, follows)) {
                    at_start.push((*words, follows));
                }
            }
        }
    }
    lines
});

/// Which pairs of ASCII letters begin a line: a bit for the second letter, by the first.
static STARTS: LazyLock<[u32; 32]> = LazyLock::new(|| {
    let mut starts = [0; 32];
    for [first, second] in LINES.keys().filter(|start| start[0].is_ascii()) {
        if let Some(seconds) = starts.get_mut(usize::from(first & 31)) {
            *seconds |= 1 << (second & 31);
        }
    }
    starts
});

/// The first two bytes of a text, ASCII letters in lower case.
fn start_of(text: &str) -> Option<[u8; 2]> {
    match text.as_bytes() {
        [first, second, ..] => Some([first.to_ascii_lowercase(), second.to_ascii_lowercase()]),
        _ => None,
    }
}

/// Whether a text looks like the end of a report: a total, a count, a notice.
pub(crate) fn looks_like_footer(text: &str) -> bool {
    let [first, second, ..] = *text.as_bytes() else {
        return false;
    };
    match first {
        b'0'..=b'9' => is_row_count(text) || is_timestamp(text),
        b'(' => is_row_count(text) || is_among(text),
        b'*' | b'-' | b'=' | b'#' => {
            let bare = text.trim_matches(['*', '-', '=', '#', ' ']);
            bare.len() < text.len() && looks_like_footer(bare)
        }
        0x80.. => is_among(text),
        _ => {
            let seconds = STARTS.get(usize::from(first & 31));
            seconds.is_some_and(|seconds| seconds & (1 << (second & 31)) != 0) && is_among(text)
        }
    }
}

/// Whether a text is one of the known lines.
fn is_among(text: &str) -> bool {
    let lines = start_of(text).and_then(|start| LINES.get(&start));
    lines.into_iter().flatten().any(|(words, follows)| {
        let Some(rest) = after(text, words) else {
            return false;
        };
        match follows {
            Follows::Nothing => rest
                .chars()
                .all(|c| c.is_numeric() || " :：.,()=".contains(c)),
            Follows::Text => !continues(words, rest),
            Follows::Page => is_page(rest),
            Follows::Date => is_date(rest),
        }
    })
}

/// The text after words, which are compared without case.
fn after<'t>(text: &'t str, words: &str) -> Option<&'t str> {
    if words.is_ascii() {
        let (start, rest) = text.split_at_checked(words.len())?;
        return start.eq_ignore_ascii_case(words).then_some(rest);
    }
    let mut rest = text.chars();
    for expected in words.chars() {
        let found = rest.next()?;
        if found != expected && !found.to_lowercase().eq([expected]) {
            return None;
        }
    }
    Some(rest.as_str())
}

/// Whether a text continues with a word: `Summer`, `Exported Goods`. Some scripts have no spaces.
fn continues(words: &str, rest: &str) -> bool {
    let rest = match words {
        "exported" => rest.trim_start(),
        _ => rest,
    };
    words.is_ascii() && rest.starts_with(char::is_alphabetic)
}

/// ` 1 of 2` after the word for a page.
fn is_page(rest: &str) -> bool {
    let rest = rest.trim_start();
    let numbers = rest.split(|c: char| !c.is_ascii_digit());
    let count = numbers.filter(|number| !number.is_empty()).count();
    rest.starts_with(|c: char| c.is_ascii_digit()) && count == 2 && rest.len() < 40
}

/// `, Nov 26, 2026 11:00:00 AM` after a day: when a report was made.
fn is_date(rest: &str) -> bool {
    let is_year = |word: &str| word.len() == 4 && is_digits(word);
    rest.strip_prefix(", ")
        .is_some_and(|date| date.split([' ', ',']).any(is_year))
}

/// `2025/11/03 14:40:55`, `03.11.2025 2:40 PM`, `2025/11/03  오후 2:40:55`: a date, or when a report was
/// made.
fn is_timestamp(text: &str) -> bool {
    let date = text.split([' ', 'T']).next().unwrap_or_default();
    let (mut parts, mut years) = (0, 0);
    for part in date.split(['-', '/', '.']) {
        if !is_digits(part) || part.len() > 4 {
            return false;
        }
        parts += 1;
        years += usize::from(part.len() == 4);
    }
    let time = text.get(date.len()..).unwrap_or_default();
    let letters = time.chars().filter(|c| c.is_alphabetic()).count();
    parts == 3 && years == 1 && letters <= 4 && (time.is_empty() || time.contains(':'))
}

/// `(2 rows)`, `2 rows affected`, `(1 row)`, `2 rows in set`: what a database's client says at the
/// end.
fn is_row_count(text: &str) -> bool {
    let mut words = text.trim_matches(['(', ')', '.']).split(' ');
    let is_number = |word: &str| word.bytes().all(|b| b.is_ascii_digit());
    words.next().is_some_and(is_number)
        && matches!(
            words.next(),
            Some("row" | "rows" | "record" | "records" | "lignes" | "Zeilen" | "filas" | "rader")
        )
        && matches!(
            words.next(),
            None | Some("affected" | "in" | "selected" | "found" | "total")
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_and_notices_are_told_from_customers() {
        for footer in [
            "Grand Totals",
            "Copyright 2024 Acme",
            "TOTAL",
            "Summe:",
            "Count of Records: 5",
            "Copyright (c) 2000-2024 salesforce.com, inc.",
            "© 2024 Acme",
            "Confidential Information - Do Not Distribute",
            "Generated By: Jane Doe 3/1/2024",
            "Grand Total: 30",
            "Total (2)",
            "(2 rows)",
            "(2 rows affected)",
            "2 rows in set (0.00 sec)",
            "Page 1 of 2",
            "End of report",
            "Gesamtergebnis",
            "Anzahl: 2",
            "Thursday, Nov 26, 2026 11:00:00 AM GMT-8",
            "Accrual Basis Thursday, 26 November 2026",
            "Accrual basis",
            "Total for Customers",
            "Exported 250 records",
            "Filtered By: Show all accounts",
            "*** End of Report ***",
            "Sum: 250",
            "Exported 2025-11-03 14:40",
            "Generated on 03/11/2025",
            "Report generated by: Jane Roe 11/3/2025 2:40 PM",
            "Seite 1 von 3",
            "Página 1 de 3",
            "第 1 页，共 3 页",
            "Total Records: 4",
            "Count: 4",
            "*** End of File ***",
            "--- Ende ---",
            "Source: CRM",
            "2025/11/03  오후 2:40:55",
            "03.11.2025 14:40",
            "Итого: 30",
            "合计",
            "총계 30",
            "Összesen",
            "Yhteensä 12",
        ] {
            assert!(looks_like_footer(footer), "{footer}");
        }
        for name in [
            "TotalEnergies",
            "Total Wine & More",
            "Summer GmbH",
            "Countess",
            "Generated Bytes",
            "Total 24/7 Security",
            "3 Rows Winery",
            "3M",
            "Page One",
            "Standard",
            "Anzahlung AG",
            "Friday, Inc.",
            "Thursday Group",
            "Exported Goods Ltd",
            "Total Forum",
            "Pagefreezer",
            "Page One Books 2",
            "Sumatra Coffee",
            "Source Code Ltd",
            "Count Basie Theatre",
            "Sidewalk Labs 2",
            "1-2-3 Ltd",
            "Endeavour",
            "***",
            "",
        ] {
            assert!(!looks_like_footer(name), "{name}");
        }
    }

    fn footer_of(rows: &[&[&str]]) -> (Vec<u64>, Vec<u64>) {
        let mut footer = Footer::default();
        let mut kept = Vec::new();
        for (line, cells) in (2..).zip(rows) {
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
            footer_of(&[acme, &["Total", "", "4,500.00"]]),
            (vec![2], vec![3])
        );
        assert_eq!(
            footer_of(&[acme, &["Total", "total.com"]]),
            (vec![2, 3], vec![])
        );
    }
}
