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
    role(header)
        .filter(|(_, tier)| *tier == 0)
        .map(|(role, _)| role)
}

/// The names under which the columns of other programs' exports are known, as they are compared:
/// for each role the surest first. Where several columns of a file qualify, the surer one is taken;
/// two equally sure ones are not chosen between.
#[rustfmt::skip]
const ALIASES: [(Role, [&[&str]; 3]); 4] = [
    (
        Role::Name,
        [
            &["name"],
            &[
                "account", "accountname", "business", "businessname", "client", "clientname",
                "company", "companyname", "customer", "customername", "empresa", "entreprise",
                "firma", "firmenname", "kunde", "kundenname", "nomdelentreprise",
                "nombredelaempresa", "org", "organisation", "organisationname", "organization",
                "organizationname", "orgname", "société", "tenant", "tenantname", "unternehmen",
                "unternehmensname", "会社名",
            ],
            &["displayname", "legalname", "title"],
        ],
    ),
    (
        Role::Domain,
        [
            &["domain", "domains"],
            &[
                "accountdomain", "companydomain", "companydomainname", "customerdomain",
                "domainname", "domainnames", "domaine", "dominio", "domäne", "emaildomain",
                "emaildomains", "maildomain", "organizationdomain", "primarydomain", "ssodomain",
                "verifieddomain", "verifieddomains",
            ],
            &[
                "companyurl", "companywebsite", "homepage", "internetadresse", "site", "siteweb",
                "sitioweb", "url", "web", "webaddress", "webpage", "webseite", "website",
                "websiteurl",
            ],
        ],
    ),
    (
        Role::ExternalId,
        [
            &["externalid"],
            &[
                "accountid", "clientid", "companyid", "crmaccountid", "crmid", "customerid",
                "kundenid", "organisationid", "organizationid", "orgid", "recordid",
                "salesforceid", "tenantid",
            ],
            &[
                "accountnumber", "clientnumber", "customernumber", "id", "kundennr",
                "kundennummer", "uid", "uuid",
            ],
        ],
    ),
    (Role::Metadata, [&["metadata"], &[], &[]]),
];

/// The role that a header suggests, and how surely: 0 for our own names, then 1 and 2.
pub(super) fn role(header: &str) -> Option<(Role, usize)> {
    if let Some(key) = metadata_key(header) {
        return Some((Role::MetadataKey(key.to_owned()), 0));
    }
    let header = folded(header);
    ALIASES.iter().find_map(|(role, tiers)| {
        let tier = tiers
            .iter()
            .position(|names| names.contains(&header.as_str()))?;
        Some((role.clone(), tier))
    })
}

/// Whether a header is one that we know.
pub(super) fn is_known(header: &str) -> bool {
    is_results_column(header) || role(header).is_some()
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
    fn the_headers_of_other_programs_are_known() {
        assert_eq!(role("Company Name"), Some((Role::Name, 1)));
        assert_eq!(role("Web Site"), Some((Role::Domain, 2)));
        assert_eq!(role("Email Domain"), Some((Role::Domain, 1)));
        assert_eq!(role("Account ID"), Some((Role::ExternalId, 1)));
        assert_eq!(role("Id"), Some((Role::ExternalId, 2)));
        assert_eq!(role("Account Owner"), None);
    }

    #[test]
    fn aliases_stand_in_the_form_in_which_they_are_compared() {
        let mut all: Vec<_> = ALIASES
            .iter()
            .flat_map(|(_, tiers)| tiers.concat())
            .collect();
        assert!(all.iter().all(|alias| folded(alias) == **alias));
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn the_documentation_lists_exactly_these_aliases() {
        let page = include_str!("../../docs/spreadsheets.md");
        for (role, tiers) in &ALIASES {
            let row = page
                .lines()
                .find(|line| line.starts_with(&format!("| {role} |")))
                .unwrap();
            for (cell, names) in row.split('|').skip(2).zip(tiers) {
                let mut documented: Vec<_> =
                    cell.split('`').skip(1).step_by(2).map(folded).collect();
                documented.sort_unstable();
                let mut names = names.to_vec();
                names.sort_unstable();
                assert_eq!(documented, names, "{role}");
            }
        }
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
