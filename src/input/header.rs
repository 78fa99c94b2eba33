//! The names of columns: how they are compared, and what each usually means.

use super::role::Role;
use crate::organization::text::{is_padding, trim};

/// A header as it is compared: without case, spaces, punctuation, and a note that it is required.
pub(super) fn folded(header: &str) -> String {
    // What separates cells is no punctuation: a header that was not split is no header's other
    // spelling. Nor is `#`, which means a number.
    let is_punctuation = |c: char| c.is_ascii_punctuation() && !matches!(c, ',' | ';' | '|' | '#');
    let text: String = header
        .chars()
        .filter(|c| !is_padding(*c) && !is_punctuation(*c))
        .flat_map(char::to_lowercase)
        .collect();
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

/// The header among these that another text is probably a slip of the pen for.
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
pub fn is_results_column(header: &str) -> bool {
    let header = trim(header);
    header.eq_ignore_ascii_case("workos")
        || header
            .get(..7)
            .is_some_and(|start| start.eq_ignore_ascii_case("workos_"))
}

/// The metadata key in a header of the form `metadata.KEY` or `KEY (metadata)`, as written.
pub(super) fn metadata_key(header: &str) -> Option<&str> {
    let header = trim(header);
    let is_metadata = |word: &str| trim(word).eq_ignore_ascii_case("metadata");
    let before = header.split_once('.').filter(|(word, _)| is_metadata(word));
    let behind = || {
        let (key, word) = header.strip_suffix(')')?.rsplit_once('(')?;
        is_metadata(word).then_some(key)
    };
    let key = trim(before.map(|(_, key)| key).or_else(behind)?);
    (!key.is_empty()).then_some(key)
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
                "account", "accountname", "bedrijf", "bedrijfsnaam", "business", "businessname",
                "client", "clientname", "company", "companyname", "customer", "customername",
                "empresa", "entreprise", "firma", "firmenname", "företag", "företagsnamn", "kunde",
                "kundenname", "nazwafirmy", "nomdelentreprise", "nombredelaempresa",
                "nomedaempresa", "org", "organisation", "organisationname", "organization",
                "organizationname", "orgname", "ragionesociale", "raisonsociale", "razónsocial",
                "razãosocial", "société", "tenant", "tenantname", "unternehmen",
                "unternehmensname", "workspace", "workspacename", "yritys", "会社名",
            ],
            &[
                "displayname", "legalname", "naam", "namn", "nazwa", "nom", "nombre", "nome",
                "title",
            ],
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
                "accountwebsite", "companyurl", "companywebsite", "homepage", "internetadresse",
                "site", "siteinternet", "siteweb", "sitioweb", "sitoweb", "stronainternetowa",
                "stronawww", "url", "web", "webaddress", "webbplats", "webpage", "webseite",
                "website", "websiteurl", "www",
            ],
        ],
    ),
    (
        Role::ExternalId,
        [
            &["externalid"],
            &[
                "accountid", "clientid", "companyid", "crmaccountid", "crmid", "customerid",
                "idclient", "idcliente", "iddecliente", "kundenid", "organisationid",
                "organizationid", "orgid", "recordid", "salesforceid", "tenantid", "workspaceid",
            ],
            &[
                "accountno", "accountnumber", "clientno", "clientnumber", "códigodocliente",
                "customerno", "customernumber", "id", "klantnummer", "kundennr", "kundennummer",
                "kundnummer", "n°client", "numerklienta", "numéroclient", "uid", "uuid",
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
    known_as(header).or_else(|| {
        // A report over several tables says of which one a column is: `Account: Website`.
        let (table, column) = header.split_once(':')?;
        let (role, tier) = known_as(column)?;
        matches!(known_as(table), Some((Role::Name, 1))).then_some((role, tier.max(1)))
    })
}

/// The role of a header by its own words.
fn known_as(header: &str) -> Option<(Role, usize)> {
    let header = folded(header);
    ALIASES.iter().find_map(|(role, tiers)| {
        let tier = tiers
            .iter()
            .position(|names| names.contains(&header.as_str()))?;
        Some((role.clone(), tier))
    })
}

/// Whether a column holds a part of a person's name, so that another one called `name` is hardly
/// that of a company.
pub(super) fn is_of_person(header: &str) -> bool {
    #[rustfmt::skip]
    const PARTS: &[&str] = &[
        "firstname", "lastname", "givenname", "familyname", "surname", "vorname", "nachname",
        "prénom", "nombredepila", "apellido", "apellidos", "voornaam", "achternaam",
    ];
    PARTS.contains(&folded(header).as_str())
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
    fn punctuation_and_notes_do_not_matter() {
        for (header, known) in [
            ("Company Name*", (Role::Name, 1)),
            ("Company Name (required)", (Role::Name, 1)),
            ("Company Name [required]", (Role::Name, 1)),
            ("Website (URL)", (Role::Domain, 2)),
            ("Domain(s)", (Role::Domain, 0)),
            ("Account: Website", (Role::Domain, 2)),
            ("Account ID #", (Role::ExternalId, 1)),
            ("Customer #", (Role::ExternalId, 2)),
            ("Customer No.", (Role::ExternalId, 2)),
            ("Kunden-Nr.", (Role::ExternalId, 2)),
            ("Razão Social", (Role::Name, 1)),
            ("Nom de l'entreprise", (Role::Name, 1)),
        ] {
            assert_eq!(role(header), Some(known), "{header}");
        }
        for header in ["#", "Contact: Name", "Required", "Account;ID", ""] {
            assert_eq!(role(header), None, "{header}");
        }
    }

    #[test]
    fn a_slip_of_the_pen_is_understood() {
        let header = ["Company name", "Website", ""].map(str::to_owned);
        assert_eq!(closest("Compnay nmae", &header), Some("Company name"));
        assert_eq!(closest("Plan", &header), None);
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
