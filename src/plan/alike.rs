//! Which new rows are probably customers whose rows are gone: renamed, and moved at the same time.
//!
//! Two customers are alike where they have the same domain, or where their names differ only in case,
//! accents, punctuation, spaces or legal form, or in one letter of one long word. A number that
//! differs makes another customer, and so do two external ids.

use super::facts::hash_of;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use std::collections::VecDeque;

/// A customer whose row is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// Its id in the journal.
    pub id: u32,
    /// The name with which it was sent.
    pub name: String,
    /// The hash of its domain; 0 where it has none or it is not known.
    pub domain: u64,
    /// Whether it has an external id.
    pub has_id: bool,
}

/// By what two customers are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Domain,
    Name,
    OneLetter,
}

impl By {
    /// The surest first.
    const ALL: [Self; 3] = [Self::Domain, Self::Name, Self::OneLetter];
}

/// What is compared of a customer.
#[derive(Debug)]
struct Customer {
    words: Vec<String>,
    domains: Vec<u64>,
    has_id: bool,
}

/// Keys that customers who are alike have in common, with the places of these.
type Keys = Vec<(u32, u32)>;

/// Finds new rows that are like customers whose rows are gone.
#[derive(Debug)]
pub struct Alike {
    /// The customers, with their ids.
    gone: Vec<(u32, Customer)>,
    /// For each [`By`], their keys.
    keys_of_gone: [Keys; 3],
    /// Rows that may be like one of them, with their places in the list.
    rows: Vec<(usize, Customer)>,
    keys_of_rows: [Keys; 3],
}

impl Alike {
    /// Looks for these customers.
    pub fn new(customers: impl IntoIterator<Item = Gone>) -> Self {
        let mut gone = Vec::new();
        let mut keys_of_gone = [const { Vec::new() }; 3];
        for (at, customer) in (0..).zip(customers) {
            let id = customer.id;
            let customer = Customer::new(&customer.name, [customer.domain], customer.has_id);
            for (by, keys) in By::ALL.into_iter().zip(&mut keys_of_gone) {
                customer.for_each_key(by, |key| keys.push((key, at)));
            }
            gone.push((id, customer));
        }
        for keys in &mut keys_of_gone {
            keys.sort_unstable();
        }
        Self {
            gone,
            keys_of_gone,
            rows: Vec::new(),
            keys_of_rows: [const { Vec::new() }; 3],
        }
    }

    /// Takes a new row at a place in the list: its name, the hashes of its domains, and whether it
    /// has an external id.
    pub fn add(
        &mut self,
        index: usize,
        name: &str,
        domains: impl IntoIterator<Item = u64>,
        has_id: bool,
    ) {
        let customer = Customer::new(name, domains, has_id);
        let at = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        let mut is_candidate = false;
        let keys = self.keys_of_gone.iter().zip(&mut self.keys_of_rows);
        for (by, (gone, rows)) in By::ALL.into_iter().zip(keys) {
            customer.for_each_key(by, |key| {
                if gone.binary_search_by_key(&key, |(key, _)| *key).is_ok() {
                    rows.push((key, at));
                    is_candidate = true;
                }
            });
        }
        if is_candidate {
            self.rows.push((index, customer));
        }
    }

    /// The rows that are like a customer whose row is gone, with its id: each row and each customer
    /// at most once, in the order of the rows.
    pub fn pairs(&self) -> Vec<(usize, u32)> {
        let mut pairs = Vec::new();
        let mut is_row_open = vec![true; self.rows.len()];
        let mut is_free = vec![true; self.gone.len()];
        let keys = self.keys_of_gone.iter().zip(&self.keys_of_rows);
        for (by, (gone, rows)) in By::ALL.into_iter().zip(keys) {
            let mut rows = rows.clone();
            rows.sort_unstable();
            for group in rows.chunk_by(|one, next| one.0 == next.0) {
                let key = group.first().map_or(0, |(key, _)| *key);
                let start = gone.partition_point(|(other, _)| *other < key);
                let end = gone.partition_point(|(other, _)| *other <= key);
                let there = gone.get(start..end).unwrap_or_default().iter();
                let there = there.map(|(_, at)| *at as usize);
                let mut free: VecDeque<usize> = there.filter(|at| is_set(&is_free, *at)).collect();
                for row in group.iter().map(|(_, row)| *row as usize) {
                    let open = self.rows.get(row).filter(|_| is_set(&is_row_open, row));
                    let found = open.and_then(|(index, row)| {
                        let at = free.iter().position(|at| self.is_like(by, row, *at))?;
                        Some((*index, free.remove(at)?))
                    });
                    let Some((index, at)) = found else {
                        continue;
                    };
                    clear(&mut is_row_open, row);
                    clear(&mut is_free, at);
                    pairs.extend(self.gone.get(at).map(|(id, _)| (index, *id)));
                }
            }
        }
        pairs.sort_unstable();
        pairs
    }

    /// Different keys may look equal.
    fn is_like(&self, by: By, row: &Customer, at: usize) -> bool {
        let gone = self.gone.get(at);
        gone.is_some_and(|(_, gone)| row.is_like(gone, by))
    }
}

fn is_set(flags: &[bool], at: usize) -> bool {
    flags.get(at) == Some(&true)
}

fn clear(flags: &mut [bool], at: usize) {
    if let Some(flag) = flags.get_mut(at) {
        *flag = false;
    }
}

impl Customer {
    fn new(name: &str, domains: impl IntoIterator<Item = u64>, has_id: bool) -> Self {
        let domains = domains.into_iter().filter(|domain| *domain != 0);
        Self {
            words: words(name),
            domains: domains.collect(),
            has_id,
        }
    }

    fn is_like(&self, other: &Self, by: By) -> bool {
        if self.has_id && other.has_id {
            return false;
        }
        match by {
            By::Domain => self.domains.iter().any(|it| other.domains.contains(it)),
            By::Name => self.words.concat() == other.words.concat(),
            By::OneLetter => differ_in_one_letter(&self.words, &other.words),
        }
    }

    fn for_each_key(&self, by: By, mut add: impl FnMut(u32)) {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a part of a hash is one, too"
        )]
        let mut add = |hash: u64| add(hash as u32);
        let name = self.words.concat();
        match by {
            By::Domain => self.domains.iter().for_each(|domain| add(*domain)),
            By::Name if name.is_empty() => {}
            By::Name => add(hash_of(Some(&name))),
            By::OneLetter if self.words.iter().all(|word| !is_long(word)) => {}
            // Names that differ in one letter are equal without it.
            By::OneLetter => {
                add(hash_of(Some(&name)));
                for (at, letter) in name.char_indices() {
                    let (before, rest) = name.split_at(at);
                    let after = rest.get(letter.len_utf8()..).unwrap_or_default();
                    add(hash_of(Some(&format!("{before}{after}"))));
                }
            }
        }
    }
}

/// Whether a word has so many letters that one of them may be a typo.
fn is_long(word: &str) -> bool {
    word.chars().count() >= 5
}

fn differ_in_one_letter(one: &[String], other: &[String]) -> bool {
    let differing = one.iter().zip(other).filter(|(one, other)| one != other);
    let digits = |word: &str| -> String { word.chars().filter(char::is_ascii_digit).collect() };
    let is_typo = |(one, other): &(&String, &String)| {
        is_long(one)
            && is_long(other)
            && digits(one) == digits(other)
            && strsim::osa_distance(one, other) == 1
    };
    let differing: Vec<_> = differing.collect();
    one.len() == other.len() && differing.len() == 1 && differing.iter().all(is_typo)
}

/// Words at the end of a name that say only what kind of company it is.
const LEGAL_FORMS: &str = "ab ad ag aps as asa bv bvba co company corp corporation cv dd doo eg eireli eood ev gbr gmbh \
    inc incorporated kft kg kgaa kk limited llc llp lp ltd ltda mbh nv nyrt oao ohg ood ooo oy oyj pao plc pllc \
    private pte pty pvt sa sapi sarl sas se sl slu spa srl sro ug vof zao zrt ао зао оао ооо пао";

/// Words between legal forms, as in `S.A. de C.V.` and `Sp. z o.o.`.
const LINKS: &str = "de oo sp z";

/// Words for `&`.
const AND: &str = "and et und y";

/// Words at the beginning of a name that say nothing of who it is.
const FIRST: &str = "ooo pt the ооо";

/// The same in languages that do not separate words.
const CJK_FORMS: [&str; 6] = [
    "株式会社",
    "有限会社",
    "合同会社",
    "股份有限公司",
    "有限公司",
    "주식회사",
];

fn is_among(words: &str, word: &str) -> bool {
    words.split_whitespace().any(|other| other == word)
}

/// The words of a name without case, accents, punctuation and legal form.
fn words(name: &str) -> Vec<String> {
    let plain = without_accents(name).replace(['.', '\'', '’', '`'], "");
    let words = plain.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty() && !is_among(AND, word));
    let mut words: Vec<String> = words.map(bare).collect();
    let is_cjk_form = |word: &String| CJK_FORMS.contains(&word.as_str());
    let is_first = |word: &String| is_among(FIRST, word) || is_cjk_form(word);
    if words.len() > 1 && words.first().is_some_and(is_first) {
        words.remove(0);
    }
    let is_form = |word: &String| {
        [LEGAL_FORMS, LINKS].iter().any(|it| is_among(it, word)) || is_cjk_form(word)
    };
    while words.len() > 1 && words.last().is_some_and(is_form) {
        words.pop();
    }
    words
}

/// A name in lower case without the accents of Latin letters.
fn without_accents(name: &str) -> String {
    let is_accent = |c: &char| matches!(c, '\u{300}'..='\u{36f}');
    let plain = DecomposingNormalizerBorrowed::new_nfkd().normalize_iter(name.chars());
    let plain = plain.filter(|c| !is_accent(c)).flat_map(char::to_lowercase);
    ComposingNormalizerBorrowed::new_nfc()
        .normalize_iter(plain)
        .collect()
}

/// A word without a legal form that is written together with it.
fn bare(word: &str) -> String {
    let form = |form: &&str| word.strip_prefix(form).or(word.strip_suffix(form));
    let bare = CJK_FORMS.iter().find_map(form);
    bare.filter(|it| !it.is_empty()).unwrap_or(word).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pairs of new rows and customers whose rows are gone: names and domains.
    fn pairs(gone: &[(&str, &str)], rows: &[(&str, &str)]) -> Vec<(usize, u32)> {
        let domain = |domain: &str| hash_of(Some(domain));
        let gone = (1..).zip(gone).map(|(id, it)| Gone {
            id,
            name: it.0.to_owned(),
            domain: domain(it.1),
            has_id: it.1 == "id",
        });
        let mut alike = Alike::new(gone);
        for (index, (name, of)) in rows.iter().enumerate() {
            alike.add(index, name, [domain(of)], *of == "id");
        }
        alike.pairs()
    }

    fn are_alike(one: &str, other: &str) -> bool {
        let there = pairs(&[(one, "")], &[(other, "")]);
        let back = pairs(&[(other, "")], &[(one, "")]);
        assert_eq!(there, back, "{one:?} and {other:?}");
        !there.is_empty()
    }

    #[test]
    fn names_that_differ_only_in_how_they_are_written_are_alike() {
        for (one, other) in [
            ("Acme", "ACME Inc."),
            ("Acme Ltd", "Acme, Limited"),
            ("Müller GmbH", "Muller GmbH & Co. KG"),
            ("Société Générale S.A.", "SOCIETE GENERALE"),
            ("Smith & Sons", "Smith and Sons, LLC"),
            ("WorkOS", "Work-OS"),
            ("Grupo Bimbo", "Grupo Bimbo S.A. de C.V."),
            ("Kowalski", "Kowalski Sp. z o.o."),
            ("O'Reilly Media", "OReilly Media Corp"),
            ("The Home Depot", "Home Depot"),
            ("株式会社日立製作所", "日立製作所"),
            ("삼성전자 주식회사", "삼성전자"),
            ("주식회사 삼성전자", "삼성전자"),
            ("ООО Ромашка", "Ромашка"),
        ] {
            assert!(are_alike(one, other), "{one:?} and {other:?}");
        }
    }

    #[test]
    fn a_typo_in_a_long_word_is_alike() {
        for (one, other) in [
            ("Globex", "Globx"),
            ("Initech Systems", "Intiech Systems"),
            ("Umbrella Corporation", "Umbrela"),
            ("Wayne Enterprises", "Wayne Enterprizes"),
        ] {
            assert!(are_alike(one, other), "{one:?} and {other:?}");
        }
    }

    #[test]
    fn other_customers_are_not_alike() {
        for (one, other) in [
            ("Acme", "Globex"),
            ("Firm 1", "Firm 2"),
            ("Firm 1", "Firm 11"),
            ("Store2024", "Store2025"),
            ("Bank A", "Bank B"),
            ("Acme East", "Acme West"),
            ("Acme", "Acme Labs"),
            ("Acme", "Acne"),
            ("North Star", "South Star"),
            ("GmbH", "AG"),
            ("", ""),
            ("!!!", "???"),
        ] {
            assert!(!are_alike(one, other), "{one:?} and {other:?}");
        }
    }

    #[test]
    fn a_customer_with_the_same_domain_is_alike_whatever_its_name() {
        let gone = [("Acme", "acme.com"), ("Beta", "")];
        assert_eq!(
            pairs(&gone, &[("New", ""), ("Other", "acme.com")]),
            [(1, 1)]
        );
        assert_eq!(pairs(&gone, &[("Gamma", "gamma.com")]), []);
    }

    #[test]
    fn a_customer_with_another_external_id_is_another_one() {
        assert_eq!(pairs(&[("Acme", "id")], &[("Acme Inc", "id")]), []);
        assert_eq!(pairs(&[("Acme", "id")], &[("Acme Inc", "")]), [(0, 1)]);
        assert_eq!(pairs(&[("Acme", "")], &[("Acme Inc", "id")]), [(0, 1)]);
    }

    #[test]
    fn the_surest_likeness_comes_first_and_each_customer_is_taken_once() {
        let gone = [("Globex", "globex.com"), ("Globex Inc", ""), ("Globex", "")];
        let rows = [
            ("Globax", ""),
            ("Globex Ltd", ""),
            ("Globex GmbH", ""),
            ("Hooli", "globex.com"),
            ("Globex AG", ""),
        ];
        assert_eq!(pairs(&gone, &rows), [(1, 2), (2, 3), (3, 1)]);
    }

    #[test]
    fn many_customers_with_one_name_are_paired_in_their_order() {
        let gone = vec![("Acme", ""); 20_000];
        let rows = vec![("Acme Inc", ""); 20_000];
        let pairs = pairs(&gone, &rows);
        assert_eq!(pairs.len(), 20_000);
        assert!(pairs.iter().all(|(index, id)| *index + 1 == *id as usize));
    }
}
