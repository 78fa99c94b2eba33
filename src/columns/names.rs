//! The names of columns: how they are compared, and what each usually means.

use super::role::Role;
use crate::text::trim;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use std::str::FromStr;

/// A header as it is compared: without case, accents, spaces, punctuation, and a note that it is
/// required.
pub(super) fn folded(header: &str) -> String {
    // What separates cells is no punctuation: a header that was not split is no header's other
    // spelling. Nor is `#`, which means a number.
    let is_kept = |c: &char| c.is_alphanumeric() || matches!(c, ',' | ';' | '|' | '#');
    let text = without_accents(header).filter(is_kept);
    let text: String = text.flat_map(char::to_lowercase).collect();
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

/// The characters of a text without the accents of Latin letters, and full-width letters as usual
/// ones. Marks that make another letter, as in Japanese, stay.
fn without_accents(text: &str) -> impl Iterator<Item = char> {
    let is_accent = |c: &char| ('\u{300}'..='\u{36f}').contains(c);
    let decomposed = DecomposingNormalizerBorrowed::new_nfkd().normalize_iter(text.chars());
    ComposingNormalizerBorrowed::new_nfc().normalize_iter(decomposed.filter(move |c| !is_accent(c)))
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
    role(header)
        .filter(|(_, tier)| *tier == 0)
        .map(|(role, _)| role)
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        canonical_role(text).ok_or_else(|| {
            format!("{text:?} is not one of name, domain, external_id, metadata, metadata.KEY")
        })
    }
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
                "empresa", "entreprise", "firma", "firmenname", "foretag", "foretagsnamn", "kunde",
                "kundenname", "name1", "nameofcompany", "nameofcustomer", "nazwafirmy",
                "nomdelentreprise", "nombredelaempresa",
                "nomedaempresa", "org", "organisation", "organisationname", "organization",
                "organizationname", "orgname", "ragionesociale", "raisonsociale", "razonsocial",
                "razaosocial", "societe", "tenant", "tenantname", "unternehmen",
                "unternehmensname", "workspace", "workspacename", "yritys", "会社名", "顧客名",
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
                "domainname", "domainnames", "domaine", "dominio", "domane", "emaildomain",
                "emaildomains", "maildomain", "organizationdomain", "primarydomain", "ssodomain",
                "verifieddomain", "verifieddomains", "ドメイン",
            ],
            &[
                "accountwebsite", "companyurl", "companywebsite", "homepage", "internetadresse",
                "paginaweb", "site", "siteinternet", "siteweb", "sitioweb", "sitoweb", "stronainternetowa",
                "stronawww", "url", "web", "webaddress", "webbplats", "webpage", "webseite",
                "website", "websiteurl", "www", "ウェブサイト", "ホームページ",
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
                "顧客id",
            ],
            &[
                "accountcode", "accountno", "accountnumber", "accountreference", "clientcode",
                "clientno", "clientnumber", "codigodecliente", "codigodocliente", "customercode",
                "customerno", "customernumber", "debitor", "debitorennummer", "id", "kdnr",
                "klantnummer", "kundennr", "kundennummer", "kundnummer", "kunnr", "nclient",
                "numerklienta", "numeroclient", "uid", "uuid",
            ],
        ],
    ),
    (Role::Metadata, [&["metadata"], &[], &[]]),
];

/// The most columns of a list, which is how many a spreadsheet has.
pub(crate) const MAX_COLUMNS: usize = 16_384;

/// Number of confidence levels: those of [`ALIASES`], and the same again for names that
/// are known only in part. These serve where no other column does.
pub(super) const TIERS: usize = 6;
/// The first confidence level of partial matches.
pub(super) const IN_PART: usize = 3;

/// The role that a header suggests, and how surely: 0 for our own names, then up to [`TIERS`].
pub(crate) fn role(header: &str) -> Option<(Role, usize)> {
    if let Some(key) = metadata_key(header) {
        return Some((Role::MetadataKey(key.to_owned()), 0));
    }
    let of_table = |separator| {
        // A report over several tables says of which one a column is: `Account: Website`.
        let (table, column) = header.split_once(separator)?;
        let (role, tier) = known_as(column)?;
        matches!(known_as(table), Some((Role::Name, 1))).then_some((role, tier.max(1)))
    };
    let whole = known_as(header).or_else(|| of_table(":"));
    whole.or_else(|| {
        let part = of_table(" - ").or_else(|| of_table("/"));
        let part = part.or_else(|| noted(header)).or_else(|| numbered(header));
        part.map(|(role, tier)| (role, tier + IN_PART))
    })
}

/// The role of a header followed by a note: `Company Name (legal)`. One word is too little for
/// that: `Customer (Yes/No)`, `Name (contact)`.
fn noted(header: &str) -> Option<(Role, usize)> {
    let (bare, _) = trim(header).strip_suffix(')')?.rsplit_once('(')?;
    let is_sure = |(_, tier): &(Role, usize)| *tier > 0 && trim(bare).contains(' ');
    known_as(bare).filter(is_sure)
}

/// The role of one of several columns of domains: `Domain 1`, `Domain 2`.
fn numbered(header: &str) -> Option<(Role, usize)> {
    known_as(unnumbered(header)).filter(|(role, _)| *role == Role::Domain)
}

/// A header without the number at its end.
pub(super) fn unnumbered(header: &str) -> &str {
    trim(header).trim_end_matches(|c: char| c.is_ascii_digit())
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
        "prenom", "nombredepila", "apellido", "apellidos", "voornaam", "achternaam",
    ];
    PARTS.contains(&folded(header).as_str())
}

/// Whether a header is one that we know.
pub(crate) fn is_known(header: &str) -> bool {
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
            ("Nom de l’entreprise", (Role::Name, 1)),
            ("Account Name  ↑", (Role::Name, 1)),
            ("*Name", (Role::Name, 0)),
            ("account_code", (Role::ExternalId, 2)),
        ] {
            assert_eq!(role(header), Some(known), "{header}");
        }
        for header in ["#", "Contact: Name", "Required", "Account;ID", ""] {
            assert_eq!(role(header), None, "{header}");
        }
    }

    #[test]
    fn accents_may_be_missing_and_letters_be_wide() {
        for (header, known) in [
            ("Societe", (Role::Name, 1)),
            ("Société", (Role::Name, 1)),
            ("Razon Social", (Role::Name, 1)),
            ("foretag", (Role::Name, 1)),
            ("Código de cliente", (Role::ExternalId, 2)),
            ("顧客ＩＤ", (Role::ExternalId, 1)),
            ("ﾄﾞﾒｲﾝ", (Role::Domain, 1)),
        ] {
            assert_eq!(role(header), Some(known), "{header}");
        }
        assert_ne!(folded("ハ"), folded("バ"));
    }

    #[test]
    fn a_name_known_in_part_is_less_sure() {
        for (header, known) in [
            ("Company Name (legal)", (Role::Name, 4)),
            ("Company/Organization", (Role::Name, 4)),
            ("Customer No. (#)", (Role::ExternalId, 5)),
            ("Organization - Website", (Role::Domain, 5)),
            ("Domain 1", (Role::Domain, 3)),
            ("Website 2", (Role::Domain, 5)),
        ] {
            assert_eq!(role(header), Some(known), "{header}");
        }
        for header in [
            "Customer (Yes/No)",
            "Name (contact)",
            "Name 2",
            "Person - Name",
        ] {
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
