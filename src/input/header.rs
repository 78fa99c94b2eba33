//! The names of columns: how they are compared, and what each usually means.

use super::mapping::Role;
use crate::organization::text::{is_padding, trim};

/// A header as it is compared: without case, spaces, `-` and `_`.
pub(super) fn folded(header: &str) -> String {
    header
        .chars()
        .filter(|c| !is_padding(*c) && !matches!(c, '-' | '_'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether a column or key belongs to the results file and never to the customer list: the
/// `workos_…` columns of CSV, the `workos` key of JSONL.
pub fn is_results_column(header: &str) -> bool {
    let header = trim(header);
    header.eq_ignore_ascii_case("workos")
        || header
            .get(..7)
            .is_some_and(|start| start.eq_ignore_ascii_case("workos_"))
}

/// The metadata key in a header of the form `metadata.KEY`, as written.
pub(super) fn metadata_key(header: &str) -> Option<&str> {
    let header = trim(header);
    let (prefix, key) = header.split_once('.')?;
    let key = trim(key);
    (prefix.trim().eq_ignore_ascii_case("metadata") && !key.is_empty()).then_some(key)
}

/// The role that a header has by our own names for the columns.
pub(super) fn canonical_role(header: &str) -> Option<Role> {
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
    fn a_metadata_key_is_kept_as_written() {
        assert_eq!(metadata_key("Metadata.Sales Region"), Some("Sales Region"));
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
