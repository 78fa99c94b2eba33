//! A short sentence for each kind of finding.

/// Each code of a finding and what it says, sorted by code.
const TITLES: &[(&str, &str)] = &[
    ("domain_after_slash", "a second domain may follow a slash"),
    ("domain_consumer", "the domain is that of an email provider"),
    (
        "domain_consumer_left_out",
        "the domain of an email provider is not sent",
    ),
    ("domain_dot_removed", "a trailing dot was removed"),
    (
        "domain_from_email",
        "the domain was taken from an email address",
    ),
    ("domain_from_url", "the domain was taken from a URL"),
    ("domain_invalid", "the domain is invalid"),
    (
        "domain_invisible_removed",
        "invisible characters were removed",
    ),
    ("domain_is_suffix", "the domain is a public suffix"),
    (
        "domain_lower_cased",
        "the domain was converted to lower case",
    ),
    (
        "domain_of_platform",
        "a page on another company's platform is not sent",
    ),
    ("domain_platform", "the domain is that of a platform"),
    ("domain_repaired", "a typing error in a domain was repaired"),
    ("domain_repeated", "the domain is used more than once"),
    (
        "domain_state_dropped",
        "a verified domain will be created as pending",
    ),
    ("domain_suffix_unknown", "the domain has an unknown ending"),
    ("domain_to_ascii", "the domain was converted to ASCII"),
    (
        "domain_word_removed",
        "words that belong to no domain were removed",
    ),
    ("domain_www_removed", "www. was removed"),
    (
        "external_id_control_characters",
        "the external id contains control characters",
    ),
    (
        "external_id_decimal",
        "the external id looks like a converted number",
    ),
    (
        "external_id_long",
        "the external id is longer than documented",
    ),
    ("external_id_not_ascii", "the external id is not ASCII"),
    (
        "external_id_of_workos",
        "the external id looks like one that WorkOS gave",
    ),
    (
        "external_id_repeated",
        "the external id is used more than once",
    ),
    ("external_id_rounded", "the external id was rounded"),
    ("external_id_too_long", "the external id is too long"),
    ("external_id_truth_value", "the external id is a boolean"),
    ("formula_failed", "a formula has no result"),
    ("formula_text", "the text was taken out of a formula"),
    ("header_repeated", "the row repeats the header"),
    ("looks_like_footer", "the row looks like a total or a note"),
    ("metadata_key_missing", "a metadata key is empty"),
    ("metadata_key_repeated", "a metadata key has two values"),
    ("metadata_key_too_long", "a metadata key is too long"),
    ("metadata_many_keys", "more metadata keys than documented"),
    ("metadata_nested", "metadata contains an array or object"),
    (
        "metadata_not_an_object",
        "the metadata is not a JSON object",
    ),
    ("metadata_not_ascii", "the metadata is not ASCII"),
    ("metadata_too_many_keys", "too many metadata keys"),
    ("metadata_value_too_long", "a metadata value is too long"),
    (
        "name_control_characters",
        "the name contains control characters",
    ),
    ("name_damaged", "the name lost letters"),
    (
        "name_invisible_characters",
        "the name contains invisible characters",
    ),
    ("name_is_code", "the name contains HTML or a formula"),
    ("name_is_date", "the name is a date"),
    ("name_is_email", "the name is an email address"),
    ("name_is_number", "the name is a number"),
    ("name_is_phone", "the name is a phone number"),
    ("name_is_url", "the name is a URL"),
    ("name_lost_letters", "the name probably lost letters"),
    ("name_missing", "the name is missing"),
    ("name_mojibake", "the name has the wrong encoding"),
    ("name_placeholder", "the name looks like a placeholder"),
    ("name_repeated", "the name is used more than once"),
    ("name_too_long", "the name is too long"),
    ("not_clean", "the cell needs cleaning"),
    ("placeholder", "a placeholder was treated as empty"),
    ("row_in_one_cell", "a whole line is in one cell"),
    ("row_repeated", "the row is equal to an earlier one"),
    ("row_unreadable", "the row cannot be read"),
    ("rows_differ", "rows of one organization differ"),
    ("rows_in_a_cell", "a cell contains whole rows"),
    ("too_few_cells", "the row has too few cells"),
    ("too_many_cells", "the row has too many cells"),
    ("too_many_keys", "the list has too many keys"),
    ("trimmed", "spaces were removed"),
    (
        "united_row_invalid",
        "a row of the same organization is invalid",
    ),
    ("value_nested", "the cell contains an array or object"),
    ("value_not_shown", "the value is not shown"),
];

/// What a kind of finding says; `None` if it is not known here.
pub(crate) fn title_of(code: &str) -> Option<&'static str> {
    let found = TITLES.iter().find(|(known, _)| *known == code);
    found.map(|(_, title)| *title)
}

/// The code that was written as this text; `None` if it is not known here.
pub(super) fn code_of(code: &str) -> Option<&'static str> {
    let found = TITLES.iter().find(|(known, _)| *known == code);
    found.map(|(known, _)| *known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_a_title() {
        assert!(TITLES.is_sorted());
        assert_eq!(title_of("name_missing"), Some("the name is missing"));
        assert_eq!(title_of("no_such_code"), None);
    }
}
