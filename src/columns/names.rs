//! The names of columns: how they are compared, and which of them are our own.

use super::role::Role;
use crate::text::trim;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use std::borrow::Cow;
use std::str::FromStr;

/// A header as it is compared: without case, accents, spaces, punctuation, and a note that it is
/// required.
pub(super) fn folded(header: &str) -> String {
    // What separates cells is no punctuation: a header that was not split is no header's other
    // spelling. Nor is `#`, which means a number.
    let is_kept = |c: &char| c.is_alphanumeric() || matches!(c, ',' | ';' | '|' | '#');
    let text = without_accents(header);
    let text = text.chars().filter(is_kept).flat_map(char::to_lowercase);
    let text: String = text.map(without_stroke).collect();
    let noted = |text: &str| {
        ["required", "optional"].iter().find_map(|note| {
            let bare = text.strip_suffix(note)?;
            header
                .trim_end()
                .ends_with([')', ']'])
                .then(|| bare.to_owned())
        })
    };
    let text = noted(&text).unwrap_or(text);
    match text.strip_suffix('#') {
        None | Some("") => text,
        Some(id) if id.ends_with("id") => id.to_owned(),
        Some(of) => format!("{of}number"),
    }
}

/// The characters of a text without the accents of Latin and Arabic letters, and full-width letters
/// as usual ones. Marks that make another letter, as in Japanese, stay.
fn without_accents(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return text.into();
    }
    let is_accent = |c: &char| matches!(c, '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{655}');
    let decomposed = DecomposingNormalizerBorrowed::new_nfkd().normalize_iter(text.chars());
    let bare = decomposed.filter(|c| !is_accent(c));
    ComposingNormalizerBorrowed::new_nfc()
        .normalize_iter(bare)
        .collect()
}

/// A letter whose accent is a part of it, or that is written in two ways, as the usual letter.
const fn without_stroke(letter: char) -> char {
    match letter {
        'ı' => 'i',
        'ł' => 'l',
        'đ' => 'd',
        'ø' => 'o',
        'ς' => 'σ',
        'ي' | 'ى' => 'ی',
        'ك' => 'ک',
        'ة' => 'ه',
        letter => letter,
    }
}

/// The header that another text is probably a typo of.
pub(super) fn closest<'h>(wanted: &str, header: &'h [String]) -> Option<&'h str> {
    let wanted = folded(wanted);
    let alike = |column: &str| strsim::damerau_levenshtein(&folded(column), &wanted);
    let (distance, column) = header
        .iter()
        .map(|column| (alike(column), column))
        .min_by_key(|(distance, _)| *distance)?;
    (distance * 3 <= wanted.chars().count()).then_some(column)
}

/// Whether a column or key belongs to the results file and never to the customer list: the
/// `workos_…` columns of CSV, the `workos` key of JSONL.
pub(crate) fn is_results_column(header: &str) -> bool {
    let header = trim(header);
    header.eq_ignore_ascii_case("workos")
        || header
            .get(..7)
            .is_some_and(|start| start.eq_ignore_ascii_case("workos_"))
}

/// Whether a column says which organization of WorkOS a row is, as an export does: two rows that
/// differ in nothing else are two organizations.
pub(crate) fn is_organization_id_column(header: &str) -> bool {
    trim(header).eq_ignore_ascii_case("workos_organization_id")
}

/// The metadata key in a header of the form `metadata.KEY` or `KEY (metadata)`, as written.
pub(crate) fn metadata_key(header: &str) -> Option<&str> {
    let header = trim(header);
    let is_metadata = |word: &str| trim(word).eq_ignore_ascii_case("metadata");
    let before = header.split_once('.').filter(|(word, _)| is_metadata(word));
    let following = || {
        let (key, word) = header.strip_suffix(')')?.rsplit_once('(')?;
        is_metadata(word).then_some(key)
    };
    let key = trim(before.map(|(_, key)| key).or_else(following)?);
    (!key.is_empty()).then_some(key)
}

/// The role that a header has by our own names for the columns.
pub(crate) fn canonical_role(header: &str) -> Option<Role> {
    if let Some(key) = metadata_key(header) {
        return Some(Role::MetadataKey(key.to_owned()));
    }
    match folded(header).as_str() {
        "name" => Some(Role::Name),
        "domain" | "domains" => Some(Role::Domain),
        "externalid" => Some(Role::ExternalId),
        "metadata" => Some(Role::Metadata),
        _ => None,
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        canonical_role(text).ok_or_else(|| {
            format!("{text:?} is not one of name, domain, external_id, metadata, metadata.KEY")
        })
    }
}

/// The most columns of a list, which is how many a spreadsheet has.
pub(crate) const MAX_COLUMNS: usize = 16_384;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_spaces_and_dashes_do_not_matter() {
        assert_eq!(folded(" External-ID\u{a0}"), folded("external_id"));
        assert_eq!(canonical_role("External Id"), Some(Role::ExternalId));
        assert_eq!(canonical_role("DOMAINS"), Some(Role::Domain));
        assert_eq!(canonical_role("nome"), None);
    }

    #[test]
    fn a_slip_of_the_pen_is_understood() {
        let header = ["Company name", "Website", ""].map(str::to_owned);
        assert_eq!(closest("Compnay nmae", &header), Some("Company name"));
        assert_eq!(closest("Plan", &header), None);
    }

    #[test]
    fn a_metadata_key_is_kept_as_written() {
        assert_eq!(metadata_key("Metadata.Sales Region"), Some("Sales Region"));
        assert_eq!(metadata_key("tenant_id (metadata)"), Some("tenant_id"));
        assert_eq!(metadata_key("Plan (monthly)"), None);
        assert_eq!(metadata_key("metadata."), None);
        assert_eq!(metadata_key("metadata"), None);
    }

    #[test]
    fn columns_of_the_results_file_are_known() {
        assert!(is_results_column("workos_status"));
        assert!(is_results_column("WorkOS_Row"));
        assert!(is_results_column("workos"));
        assert!(!is_results_column("workosplan"));
    }
}
