//! What the columns of a list hold in its first rows.

use super::mapping::Mapping;
use super::names::is_results_column;
use super::role::Role;
use super::sense::{is_called_id, is_email, is_of_person, role, speaks_of_names};
use crate::organization::domain;
use crate::table::{Cells, Object, Row, typed};
use crate::text::trim;
use indexmap::IndexMap;
use std::collections::HashSet;

/// How many rows are looked at, and how many cells and bytes of them at most.
pub(crate) const SAMPLE: usize = 1000;
const MOST_CELLS: usize = 400_000;
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// How many values inside objects are looked at, besides the columns.
const MOST_INNER: usize = 200;
/// The longest text that can be an id.
const LONGEST_ID: usize = 64;

/// The cells of a list's first rows, column by column.
#[derive(Clone, Debug, Default)]
pub struct Content {
    header: Vec<String>,
    rows: usize,
    bytes: usize,
    columns: Vec<Vec<String>>,
    /// Where the values inside objects are: `properties.name`.
    inner: IndexMap<String, Vec<String>>,
}

/// The text of a row in a column, without padding; [`None`] where the row has no such cell.
pub(crate) fn cell(row: &Row, index: usize, header: &str) -> Option<String> {
    match &row.cells {
        Cells::Record(record) => record.get(index).map(|text| trim(text).to_owned()),
        Cells::Object(object) => object.get(header).map(|raw| scalar(raw.get())),
        Cells::Unreadable { .. } => None,
    }
}

impl Content {
    /// Nothing is known yet of the columns of this header.
    pub fn new(header: &[String]) -> Self {
        Self {
            header: header.to_vec(),
            columns: vec![Vec::new(); header.len()],
            ..Self::default()
        }
    }

    /// Whether enough rows were looked at.
    pub fn is_enough(&self) -> bool {
        self.rows >= SAMPLE
            || self.rows * self.header.len() >= MOST_CELLS
            || self.bytes >= MOST_BYTES
    }

    /// Whether anything is known.
    pub(super) const fn has_rows(&self) -> bool {
        self.rows > 0
    }

    /// Looks at a row.
    pub fn add(&mut self, row: &Row) {
        if matches!(row.cells, Cells::Unreadable { .. }) {
            return;
        }
        self.rows += 1;
        for (index, (column, header)) in self.columns.iter_mut().zip(&self.header).enumerate() {
            let text = cell(row, index, header).unwrap_or_default();
            self.bytes += text.len();
            column.push(text);
        }
        if let Cells::Object(object) = &row.cells {
            self.add_inner(object);
        }
    }

    /// A text of this column is repeated in a later row: from now on the first rows show it too.
    pub(crate) fn repeat(&mut self, header: &str) {
        let at = self.header.iter().position(|column| column == header);
        if let Some([first, second, ..]) = at
            .and_then(|at| self.columns.get_mut(at))
            .map(Vec::as_mut_slice)
        {
            second.clone_from(first);
        }
    }

    /// Looks at the values inside the objects of a row.
    fn add_inner(&mut self, object: &Object) {
        for (key, raw) in object {
            let is_plain = !raw.get().starts_with('{') || typed(raw.get()).is_some();
            let inner = if is_plain {
                None
            } else {
                serde_json::from_str::<Object>(raw.get()).ok()
            };
            for (below, raw) in inner.into_iter().flatten() {
                let path = format!("{key}.{below}");
                if self.inner.len() < MOST_INNER || self.inner.contains_key(&path) {
                    let cells = self.inner.entry(path).or_default();
                    cells.resize(self.rows - 1, String::new());
                    cells.push(scalar(raw.get()));
                }
            }
        }
        for cells in self.inner.values_mut() {
            cells.resize(self.rows, String::new());
        }
    }

    /// What a column holds, or a path to a value inside its objects; blank where there is nothing to
    /// go by.
    pub(super) fn of(&self, header: &str) -> Values<'_> {
        let at = self.header.iter().position(|column| column == header);
        let cells = at.and_then(|at| self.columns.get(at));
        let cells = cells.or_else(|| self.inner.get(header));
        Values(cells.map_or(&[], Vec::as_slice))
    }

    /// The paths to values inside objects, each as the column and the key in its objects.
    pub(super) fn inner(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        let paths = self.inner.keys();
        paths.filter_map(|path| {
            path.split_once('.')
                .map(|(column, key)| (path.as_str(), column, key))
        })
    }

    /// The likeliest column of names among those without a role.
    pub(crate) fn likely_name<'s>(&'s self, but: &'s [&'s str]) -> Option<&'s str> {
        let free = self
            .free(but)
            .filter(|c| !is_of_person(c) && !is_email(c) && !is_called_id(c));
        let mut likely: Vec<_> = free
            .map(|column| (self.of(column), column))
            .filter(|(values, _)| values.is_mostly_filled() && values.are_names())
            .collect();
        // One that is called like a name, that holds no codes, and whose names repeat least; the first
        // of several.
        likely.sort_by_key(|(values, column)| {
            std::cmp::Reverse((
                speaks_of_names(column),
                !values.are_codes(),
                values.distinct() * 10 / values.0.len(),
            ))
        });
        likely.first().map(|(_, column)| *column)
    }

    /// A column without a role that holds domains, or addresses and URLs with them: not always the
    /// same one, as of a place where logos are kept or of a CRM.
    pub(crate) fn likely_domain<'s>(&'s self, mapping: &'s Mapping) -> Option<&'s str> {
        let free = self.without_role(mapping);
        let likely = free.map(|column| (self.of(column), column));
        let likely = likely.filter(|(values, _)| values.is_mostly_filled() && values.are_domains());
        let mut likely: Vec<_> = likely
            .map(|(values, c)| (values.filled().count(), c))
            .collect();
        likely.sort_by_key(|(filled, _)| std::cmp::Reverse(*filled));
        likely.first().map(|(_, column)| *column)
    }

    /// A column without a role that is called an id or number and holds another short text in every
    /// row.
    pub(crate) fn likely_id<'s>(&'s self, mapping: &'s Mapping) -> Option<&'s str> {
        let is_other = |column: &&str| {
            let column = column.to_lowercase();
            let others = [
                "phone", "fax", "zip", "postal", "vat", "tax", "parent", "owner", "contact",
                "user", "post", "plz",
            ];
            !others.iter().any(|other| column.contains(other))
        };
        let mut free = self
            .without_role(mapping)
            .filter(|column| is_called_id(column));
        // What has the name of an external id and is none was passed over for a reason.
        let is_known = |column: &str| matches!(role(column), Some((Role::ExternalId, _)));
        free.find(|column| is_other(column) && !is_known(column) && self.of(column).are_ids())
    }

    /// Columns that are called ids, have no role, and hold the same in all rows.
    pub(crate) fn constant_ids<'s>(&'s self, mapping: &'s Mapping) -> Vec<&'s str> {
        let columns = self.without_role(mapping);
        let ids = columns.filter(|c| matches!(role(c), Some((Role::ExternalId, _))));
        ids.filter(|column| self.of(column).is_constant()).collect()
    }

    fn without_role<'s>(&'s self, mapping: &'s Mapping) -> impl Iterator<Item = &'s str> {
        self.free(&[])
            .filter(|column| mapping.roles(column).is_empty())
    }

    /// The columns that can be selected: a repeated header cannot.
    fn free<'s>(&'s self, but: &'s [&'s str]) -> impl Iterator<Item = &'s str> {
        let is_only = |column: &&String| self.header.iter().filter(|c| c == column).count() == 1;
        let columns = self.header.iter().filter(is_only).chain(self.inner.keys());
        let columns = columns.map(String::as_str);
        columns.filter(|c| !trim(c).is_empty() && !is_results_column(c) && !but.contains(c))
    }

    /// Whether each text of a column goes with one text of another, as an id with a name.
    pub(super) fn determines(&self, one: &str, other: &str) -> bool {
        let (one, other) = (self.of(one), self.of(other));
        let pairs = one.0.iter().zip(other.0).filter(|(one, _)| !one.is_empty());
        let pairs: HashSet<_> = pairs
            .map(|(one, other)| (one, other.to_lowercase()))
            .collect();
        pairs.len() == one.distinct()
    }
}

/// The cells of a column in the first rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Values<'a>(&'a [String]);

impl<'a> Values<'a> {
    fn filled(self) -> impl Iterator<Item = &'a str> {
        let cells = self.0.iter().map(String::as_str);
        cells.filter(|cell| !cell.is_empty())
    }

    fn distinct(self) -> usize {
        self.filled().collect::<HashSet<_>>().len()
    }

    /// Whether there is nothing to go by.
    pub(super) const fn is_unknown(self) -> bool {
        self.0.is_empty()
    }

    /// Whether there are rows, and this column has nothing in any.
    pub(super) fn is_blank(self) -> bool {
        !self.is_unknown() && self.filled().next().is_none()
    }

    pub(super) fn is_mostly_filled(self) -> bool {
        self.filled().count() * 2 > self.0.len()
    }

    /// Whether there is another text in each row.
    pub(super) fn is_complete_and_unique(self) -> bool {
        self.0.len() > 1 && self.distinct() == self.0.len()
    }

    /// Whether hardly a row has nothing.
    pub(super) fn is_nearly_complete(self) -> bool {
        self.filled().count() * 10 >= self.0.len() * 9
    }

    /// Whether hardly a text is there twice.
    pub(super) fn is_nearly_unique(self) -> bool {
        self.distinct() * 10 >= self.filled().count() * 9
    }

    /// Whether there is a text in several rows, and another one too.
    pub(super) fn is_repeated(self) -> bool {
        let different = self.distinct();
        different > 1 && different < self.filled().count()
    }

    /// Whether there is the same text in each of several rows.
    pub(super) fn is_constant(self) -> bool {
        self.0.len() > 1 && self.distinct() == 1 && self.filled().count() == self.0.len()
    }

    /// Whether all texts say yes or no.
    pub(super) fn are_booleans(self) -> bool {
        #[rustfmt::skip]
        const BOOLEANS: &[&str] = &[
            "0", "1", "t", "f", "true", "false", "y", "n", "yes", "no", "ja", "nein", "oui", "non",
            "si", "sí", "nee", "nej", "wahr", "falsch", "vrai", "faux", "x", "on", "off", "да", "нет",
            "是", "否", "はい", "いいえ", "예", "아니오", "evet", "hayır", "tak", "nie", "ano", "ne",
        ];
        let is_boolean = |text: &str| BOOLEANS.contains(&text.to_lowercase().as_str());
        !self.is_unknown() && !self.is_blank() && self.filled().all(is_boolean)
    }

    /// Whether all texts are numbers.
    pub(super) fn are_numbers(self) -> bool {
        let is_number = |text: &str| {
            text.bytes()
                .all(|b| b.is_ascii_digit() || b".,-+% ".contains(&b))
        };
        !self.is_blank() && !self.is_unknown() && self.filled().all(is_number)
    }

    /// Whether all texts are web addresses.
    pub(super) fn are_links(self) -> bool {
        let is_link = |text: &str| text.contains("://") || text.starts_with("www.");
        !self.is_unknown() && !self.is_blank() && self.filled().all(is_link)
    }

    /// Whether all texts are short capital letters and digits: `MMM`.
    fn are_codes(self) -> bool {
        let is_code = |text: &str| text.len() <= 6 && !text.contains(|c: char| c.is_lowercase());
        self.filled().all(is_code)
    }

    /// Whether all texts are short names for machines: `city-of-lund`.
    pub(super) fn are_slugs(self) -> bool {
        let is_slug = |text: &str| {
            let letter =
                |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b);
            text.bytes().all(letter)
        };
        let joined = |text: &str| text.contains(['-', '_']);
        !self.is_unknown() && self.filled().all(is_slug) && self.filled().any(joined)
    }

    /// Whether nearly all texts are domains, or hold them, and mostly different ones.
    fn are_domains(self) -> bool {
        let (count, different) = self.domains();
        count > 0 && count * 10 >= self.filled().count() * 9 && different * 2 > count
    }

    /// Whether hardly a text is a domain, or several are and all the same, as links into a CRM.
    pub(super) fn are_no_domains(self) -> bool {
        let (count, different) = self.domains();
        !self.is_unknown() && (count * 2 < self.filled().count() || count > 1 && different == 1)
    }

    /// Whether there are texts, and none is a domain.
    pub(super) fn hold_no_domain(self) -> bool {
        !self.is_unknown() && !self.is_blank() && self.domains().0 == 0
    }

    /// How many texts hold nothing but domains of their own, and how many different ones come first
    /// in them.
    fn domains(self) -> (usize, usize) {
        let mut first = HashSet::new();
        let mut count = 0;
        for text in self.filled() {
            let names = domain::split(text).map(|name| {
                let own = domain::normalize(name).ok();
                own.filter(|found| !found.is_page(name))
            });
            if let Some(names) = names.collect::<Option<Vec<_>>>() {
                count += 1;
                first.extend(names.into_iter().next().map(|it| it.name.into_owned()));
            }
        }
        (count, first.len())
    }

    /// Whether every row has another short text without spaces.
    fn are_ids(self) -> bool {
        let is_id =
            |text: &str| text.len() <= LONGEST_ID && text.bytes().all(|b| b.is_ascii_graphic());
        self.is_complete_and_unique() && self.filled().all(is_id)
    }

    /// Whether all texts have the form of the ids that WorkOS gives to organizations.
    pub(super) fn are_workos_ids(self) -> bool {
        let is_one = |text: &str| crate::organization::external_id::is_workos_id(text);
        !self.is_unknown() && !self.is_blank() && self.filled().all(is_one)
    }

    /// Whether all texts are objects of JSON, in which the values are.
    pub(super) fn are_objects(self) -> bool {
        let is_object = |text: &str| text.starts_with('{');
        !self.is_unknown() && !self.is_blank() && self.filled().all(is_object)
    }

    /// Whether these may be names: words, mostly different ones.
    fn are_names(self) -> bool {
        let is_word = |text: &str| {
            text.chars().any(char::is_alphabetic)
                && !text.starts_with(['{', '['])
                && !text.contains(['@', '/'])
                && text.chars().count() <= 120
                && !(text.contains('.') && domain::normalize(text).is_ok())
        };
        let words = self.filled().filter(|text| is_word(text)).count();
        words * 10 >= self.filled().count() * 9
            && self.distinct() * 5 >= self.filled().count()
            && !self.are_booleans()
            && !self.are_slugs()
    }
}

/// The text of a JSON value that is no array or object; blank for null.
fn scalar(json: &str) -> String {
    match json.as_bytes().first() {
        Some(b'"') => {
            let text = serde_json::from_str::<String>(json).unwrap_or_default();
            trim(&text).to_owned()
        }
        Some(b'{') => typed(json).map_or_else(|| json.to_owned(), |inner| scalar(inner.get())),
        _ if json == "null" => String::new(),
        _ => json.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::MappingOptions;
    use crate::table::Format;
    use csv::StringRecord;

    fn content(header: &[&str], rows: &[&[&str]]) -> Content {
        let header: Vec<String> = header.iter().map(|c| (*c).to_owned()).collect();
        let mut content = Content::new(&header);
        for cells in rows {
            content.add(&Row {
                cells: Cells::Record(StringRecord::from(cells.to_vec())),
                ..Row::default()
            });
        }
        content
    }

    #[test]
    fn columns_of_use_are_told_by_what_they_hold() {
        let header = [
            "Customer",
            "Key",
            "Key",
            "Phone Number",
            "Our Places",
            "Ref No.",
        ];
        let content = content(
            &header,
            &[
                &["Acme", "1", "3", "5550100", "acme.com,acme.de", "A-1"],
                &["Bluth", "2", "4", "5550101", "bluth.com", "A-2"],
                &["Cyber", "2", "4", "5550102", "", "A-3"],
            ],
        );
        let header = header.map(str::to_owned);
        let mapping = Mapping::resolve(&header, Format::Csv, &MappingOptions::default()).unwrap();
        assert_eq!(content.likely_domain(&mapping), Some("Our Places"));
        assert_eq!(content.likely_id(&mapping), Some("Ref No."));
    }

    #[test]
    fn the_likeliest_names_are_words_of_which_most_differ() {
        let content = content(
            &["번호", "직원", "회사이름들", "메모", "링크"],
            &[
                &["1", "kim", "에이크미", "", "https://crm.example.com/1"],
                &["2", "kim", "베타", "중요", "https://crm.example.com/2"],
                &["3", "kim", "감마", "", "https://crm.example.com/3"],
            ],
        );
        assert_eq!(content.likely_name(&[]), Some("회사이름들"));
        let content = self::content(
            &["Symbol", "Security"],
            &[
                &["MMM", "3M"],
                &["AOS", "A. O. Smith"],
                &["BRK.B", "Berkshire"],
            ],
        );
        assert_eq!(content.likely_name(&[]), Some("Security"));
    }

    #[test]
    fn the_kinds_of_values_are_told_apart() {
        let column = |cells: &[&str]| {
            let rows: Vec<_> = cells.iter().map(std::slice::from_ref).collect();
            content(&["c"], &rows)
        };
        assert!(column(&["yes", "No", ""]).of("c").are_booleans());
        assert!(!column(&["yes", "Acme"]).of("c").are_booleans());
        assert!(column(&["city-of-lund", "health"]).of("c").are_slugs());
        assert!(!column(&["acme", "beta"]).of("c").are_slugs());
        assert!(column(&["1", "2"]).of("c").is_complete_and_unique());
        assert!(!column(&["1", ""]).of("c").is_complete_and_unique());
        assert!(column(&["7", "7"]).of("c").is_constant());
        assert!(!column(&["7"]).of("c").is_constant());
        assert!(column(&["org_01H8X"]).of("c").are_workos_ids());
        assert!(!column(&["org_acme"]).of("c").are_workos_ids());
    }
}
