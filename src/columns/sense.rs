//! What the name of a column says: the role that its words suggest, and how surely.

use super::names::{canonical_role, is_results_column, metadata_key};
use super::role::Role;
use super::words::{Word, words};
use crate::text::trim;

/// What the name of a column says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sense {
    pub(super) role: Role,
    /// How surely: 0 for our own names, then less and less.
    pub(super) tier: usize,
    /// Whether it speaks of the organization, so that it is not that of a person.
    pub(super) of_organization: bool,
}

/// The confidence of a header that is known only in part, above that of its part. Such a column
/// serves where no other does.
pub(super) const IN_PART: usize = 10;

/// Ids by how surely they are those of the organization.
pub(super) const EXTERNAL_IDS: usize = 1;

/// Numbers of organizations.
pub(super) const NUMBERS: usize = 4;

/// Ids, from this degree on, of which only such are taken that are complete and unique: they may be
/// those of something else.
pub(crate) const WHERE_UNIQUE: usize = 6;

/// The numbers under which states have organizations, which serve where there is no other id.
pub(super) const REGISTRATION: usize = 2 * IN_PART;

/// The role that a header suggests, and how surely: the less the surer.
pub(crate) fn role(header: &str) -> Option<(Role, usize)> {
    sense(header).map(|sense| (sense.role, sense.tier))
}

/// Whether a header is one that we know.
pub(crate) fn is_known(header: &str) -> bool {
    is_results_column(header) || role(header).is_some()
}

/// What a header says: by itself, or by a part of it.
pub(super) fn sense(header: &str) -> Option<Sense> {
    if let Some(key) = metadata_key(header) {
        return Some(Sense {
            role: Role::MetadataKey(key.to_owned()),
            tier: 0,
            of_organization: true,
        });
    }
    whole(header).or_else(|| {
        let part = noted(header).or_else(|| numbered(header))?;
        Some(Sense {
            tier: part.tier + IN_PART,
            ..part
        })
    })
}

/// Whether a column holds a part of a person's name, or the address of a user, so that another one called `name` is hardly
/// that of a company.
pub(crate) fn is_of_person(header: &str) -> bool {
    let words = words(header).unwrap_or_default();
    let name = |word: &Word| matches!(word, Word::Name | Word::NameOf);
    words.contains(&Word::Person) && words.iter().all(|word| *word == Word::Person || name(word))
        || words.contains(&Word::Given) && words.iter().any(name)
        || words.as_slice() == [Word::User, Word::Email]
}

/// Whether a column holds the name or address of the person whom a row is about: `Contact Name`,
/// `Person - Email`.
pub(crate) fn is_of_contact(header: &str) -> bool {
    let words = words(header).unwrap_or_default();
    let theirs = |word: &Word| matches!(word, Word::Name | Word::NameOf | Word::Email);
    matches!(words.as_slice(), [Word::Contact, rest @ ..] if rest.iter().any(theirs))
        && sense_of(&words).is_none()
}

/// Whether a column holds email addresses.
pub(crate) fn is_email(header: &str) -> bool {
    let is_theirs = |words: &[Word]| words.first() != Some(&Word::Contact);
    words(header).is_some_and(|words| {
        words.contains(&Word::Email) && is_theirs(&words) && sense_of(&words).is_none()
    })
}

/// Whether a column's last word, or its only one, is that of an id or number, whatever it numbers.
pub(super) fn is_called_id(header: &str) -> bool {
    let mut parts = header.split(|c: char| !c.is_alphanumeric());
    let last = parts.rfind(|part| !part.is_empty());
    let is_id = |word: &Word| matches!(word, Word::Id | Word::Number | Word::Code);
    let last = last.and_then(words).unwrap_or_default();
    last.iter().any(is_id) || last.is_empty() && header.ends_with("Id") || header.ends_with("ID")
}

/// Whether a part of a header is a word for a name or an organization.
pub(super) fn speaks_of_names(header: &str) -> bool {
    let parts = header.split(|c: char| !c.is_alphanumeric());
    let mut words = parts.filter_map(words).flatten();
    words.any(|word| {
        matches!(
            word,
            Word::Name | Word::NameOf | Word::Organization | Word::Title
        )
    })
}

/// What the words of a header say together.
fn whole(header: &str) -> Option<Sense> {
    let sense = sense_of(&words(header)?)?;
    let is_ours = canonical_role(header).is_some();
    let tier = match sense.role {
        Role::ExternalId | Role::Metadata => sense.tier,
        _ if is_ours => 0,
        _ => sense.tier.max(1),
    };
    Some(Sense { tier, ..sense })
}

/// What words say together; `None` where it is nothing that is sent.
fn sense_of(words: &[Word]) -> Option<Sense> {
    use Word::{
        Code, Contact, Domain, Email, External, Filler, Id, Legal, Metadata, Name, NameOf, Number,
        Organization, OrganizationNumber, Party, Product, Registration, Site, System, Title,
        Website,
    };
    // `Contact: Company` is the company of the contact.
    if let [Contact, theirs @ ..] = words {
        return sense_of(theirs).filter(|_| theirs.contains(&Organization));
    }
    let has = |word| words.contains(&word);
    let only = |allowed: &[Word]| {
        let mut words = words.iter().filter(|word| **word != Filler);
        words.all(|word| allowed.contains(word))
    };
    let named = has(Name) || has(NameOf);
    let (role, tier) = if has(Metadata) {
        (Role::Metadata, only(&[Metadata, Organization]).then_some(0))
    } else if [Id, Number, Code, OrganizationNumber, Registration]
        .into_iter()
        .any(has)
    {
        let tier = match () {
            () if has(External) && has(Organization) => 0,
            () if has(External) && has(Id) => EXTERNAL_IDS,
            () if has(Registration) => REGISTRATION,
            () if has(Party) => WHERE_UNIQUE,
            () if has(Product) => 5,
            () if has(Id) && (has(Organization) || has(System)) => 2,
            () if has(Id) || has(External) => 3,
            () if has(Organization) || has(OrganizationNumber) => NUMBERS,
            () if has(Code) && words.len() == 1 => WHERE_UNIQUE + 1,
            () => return None,
        };
        #[rustfmt::skip]
        let ids = [
            Id, Number, Code, OrganizationNumber, Registration, External, Organization, Party,
            System, Product,
        ];
        (Role::ExternalId, only(&ids).then_some(tier))
    } else if has(Domain) {
        let domains = [Domain, Organization, Party, Name, Email, Website];
        let tier = if has(Party) { 4 } else { 1 };
        (Role::Domain, only(&domains).then_some(tier))
    } else if has(Website) || has(Site) {
        let tier = match () {
            () if has(Party) => 4,
            () if has(Site) && !has(Website) => 3,
            () => 2,
        };
        let sites = [Website, Site, Organization, Party];
        (Role::Domain, only(&sites).then_some(tier))
    } else {
        let tier = match () {
            () if has(Title) => (words.len() == 1).then_some(5),
            () if has(Party) => named.then_some(4),
            () if has(Organization) => Some(if has(Legal) { 3 } else { 1 }),
            () => has(Name).then_some(3),
        };
        let allowed = [Name, NameOf, Legal, Organization, Party, Title];
        (Role::Name, tier.filter(|_| only(&allowed)))
    };
    Some(Sense {
        role,
        tier: tier?,
        of_organization: has(Organization) || has(Party) || has(OrganizationNumber),
    })
}

/// Whether the name of a column says both what it holds and whose it is: `company name`, in
/// contrast to `company`, which may hold yes and no.
pub(super) fn is_explicit_name(header: &str) -> bool {
    let words = words(header).unwrap_or_default();
    words.contains(&Word::Organization)
        && (words.contains(&Word::Name) || words.contains(&Word::NameOf))
}

/// The role of a header followed by a note: `Company Name (legal)`. One word is too little for
/// that: `Customer (Yes/No)`, `Name (contact)`.
fn noted(header: &str) -> Option<Sense> {
    let (bare, _) = trim(header).strip_suffix(')')?.rsplit_once('(')?;
    whole(bare).filter(|sense| sense.tier > 0 && trim(bare).contains(' '))
}

/// The role of one of several columns of domains: `Domain 1`, `Domain 2`.
fn numbered(header: &str) -> Option<Sense> {
    whole(unnumbered(header)).filter(|sense| sense.role == Role::Domain)
}

/// A header without the number at its end: `Domain 1`, `domains[0]`.
pub(super) fn unnumbered(header: &str) -> &str {
    let header = trim(header);
    let number = header.strip_suffix([']', ')']).unwrap_or(header);
    number.trim_end_matches(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_known(headers: &[(&str, Role, usize)]) {
        for (header, known, tier) in headers {
            assert_eq!(role(header), Some((known.clone(), *tier)), "{header}");
        }
    }

    #[test]
    fn the_headers_of_other_programs_are_known() {
        assert_known(&[
            ("Company Name", Role::Name, 1),
            ("Web Site", Role::Domain, 2),
            ("Email Domain", Role::Domain, 1),
            ("Account ID", Role::ExternalId, 2),
            ("Id", Role::ExternalId, 3),
            ("org_external_id", Role::ExternalId, 0),
            ("organization_metadata", Role::Metadata, 0),
            ("supplier name", Role::Name, 4),
            ("school_name", Role::Name, 4),
            ("Company/Organization", Role::Name, 1),
            ("Organization - Website", Role::Domain, 2),
        ]);
        for header in [
            "Account Owner",
            "Parent Account ID",
            "owner_id",
            "Supplier",
            "is_company",
            "Email",
            "Number",
            "Company type",
        ] {
            assert_eq!(role(header), None, "{header}");
        }
    }

    #[test]
    fn punctuation_and_notes_do_not_matter() {
        assert_known(&[
            ("Company Name*", Role::Name, 1),
            ("Company Name (required)", Role::Name, 1),
            ("Company Name [required]", Role::Name, 1),
            ("Website (URL)", Role::Domain, 2),
            ("Domain(s)", Role::Domain, 0),
            ("Account: Website", Role::Domain, 2),
            ("Account ID #", Role::ExternalId, 2),
            ("Customer #", Role::ExternalId, 4),
            ("Customer No.", Role::ExternalId, 4),
            ("Kunden-Nr.", Role::ExternalId, 4),
            ("Razão Social", Role::Name, 1),
            ("Nom de l'entreprise", Role::Name, 1),
            ("Nom de l’entreprise", Role::Name, 1),
            ("Account Name  ↑", Role::Name, 1),
            ("*Name", Role::Name, 0),
            ("account_code", Role::ExternalId, 4),
        ]);
        for header in ["#", "Contact: Name", "Required", "Account;ID", ""] {
            assert_eq!(role(header), None, "{header}");
        }
    }

    #[test]
    fn accents_may_be_missing_and_letters_be_wide() {
        assert_known(&[
            ("Societe", Role::Name, 1),
            ("Société", Role::Name, 1),
            ("Razon Social", Role::Name, 1),
            ("foretag", Role::Name, 1),
            ("Código de cliente", Role::ExternalId, 4),
            ("顧客ＩＤ", Role::ExternalId, 2),
            ("ﾄﾞﾒｲﾝ", Role::Domain, 1),
        ]);
    }

    #[test]
    fn headers_of_many_languages_are_known() {
        for (role, headers) in [
            (
                Role::Name,
                "公司名称 | 公司名稱 | 客户名称 | 회사명 | 업체명 | 会社名 | 企業名 | Наименование | Название компании | \
             Назва компанії | Найменування | שם החברה | שם לקוח | اسم الشركة | اسم العميل | \
             firma_adi | Şirket Adı | Ticaret Unvanı | Επωνυμία | ΕΠΩΝΥΜΙΑ ΕΤΑΙΡΕΙΑΣ | \
             Název firmy | Cégnév | Cég neve | Denumire firmă | Numele companiei | \
             Virksomhedsnavn | Kundenavn | Firmanavn | Bedriftsnavn | Tên công ty | \
             Tên khách hàng | Nama Perusahaan | ชื่อบริษัท | ชื่อลูกค้า | NombreCliente | \
             Nombre de la cuenta | Nazwa klienta | Yrityksen nimi | Cari Ünvanı | Naziv tvrtke | \
             Ime podjetja | Názov spoločnosti | Име на фирмата | Įmonės pavadinimas | \
             Uzņēmuma nosaukums | Ettevõtte nimi | Nom de l'empresa | نام شرکت | कंपनी का नाम | \
             Tên KH | Relatienaam | Nombre comercial | Intitulé",
            ),
            (
                Role::Domain,
                "网站 | 官网 | 域名 | 網站 | 網址 | 홈페이지 | 도메인 | ウェブサイト | ドメイン名 | Сайт | Веб-сайт | Домен | \
             Сайт компании | Вебсайт | אתר | אתר אינטרנט | الموقع الإلكتروني | النطاق | \
             Web Sitesi | Alan Adı | Ιστοσελίδα | Webové stránky | Doména | Weboldal | \
             Honlap | Pagină web | Domeniu | Hjemmeside | Domæne | Nettside | Domene | \
             Trang web | Tên miền | Situs web | เว็บไซต์ | โดเมน | Adres WWW | Webadres | Web Adresi | \
             Web stranica | Spletna stran | Уебсайт | Корпоративный сайт | Svetainė | Mājas lapa | \
             Koduleht | Lloc web | وب سایت | वेबसाइट | الموقع الالكتروني | Internet | web_domain | \
             domain_list",
            ),
            (
                Role::ExternalId,
                "客户编号 | 公司代码 | 客戶編號 | 고객번호 | 顧客番号 | 会社コード | Код клиента | Номер контрагента | \
             Ідентифікатор | מספר לקוח | رقم العميل | Müşteri No | Müşteri Kodu | \
             Κωδικός πελάτη | Číslo zákazníka | Kód klienta | Ügyfél azonosító | Cod client | \
             Kundenummer | Kundenr. | Mã khách hàng | Kode Pelanggan | รหัสลูกค้า | \
             Asiakasnumero | Cari Kodu | Relatiecode | Įmonės kodas | Klienta kods | מס' לקוח | \
             Mã KH | N° compte | Šifra kupca",
            ),
        ] {
            for header in headers.split(" | ") {
                let known = super::role(header).map(|(role, _)| role);
                assert_eq!(known.as_ref(), Some(&role), "{header}");
            }
        }
    }

    #[test]
    fn the_organization_of_a_contact_is_known() {
        assert_known(&[
            ("Person - Organization", Role::Name, 1),
            ("Contact: Account Name", Role::Name, 1),
            ("Associated Company", Role::Name, 1),
            ("Contact Company ID", Role::ExternalId, 2),
        ]);
        for header in [
            "Contact",
            "Contact ID",
            "Lead Name",
            "Contact Email",
            "Contact Domain",
        ] {
            assert_eq!(role(header), None, "{header}");
        }
        assert!(!is_email("Contact Email") && is_email("Email"));
    }

    #[test]
    fn ids_of_other_systems_and_codes_are_less_sure() {
        assert_known(&[
            ("(Do Not Modify) Account", Role::ExternalId, 2),
            ("Salesforce Account ID", Role::ExternalId, 5),
            ("stripe_customer_id", Role::ExternalId, 5),
            ("Organisationsnummer", Role::ExternalId, REGISTRATION),
            ("N° SIRET", Role::ExternalId, REGISTRATION),
            ("统一社会信用代码", Role::ExternalId, REGISTRATION),
            ("CVR-nummer", Role::ExternalId, REGISTRATION),
            ("team_id", Role::ExternalId, WHERE_UNIQUE),
            ("Код", Role::ExternalId, WHERE_UNIQUE + 1),
        ]);
        for header in [
            "(Do Not Modify) Row Checksum",
            "Postal Code",
            "Number",
            "Nr.",
        ] {
            assert_eq!(role(header), None, "{header}");
        }
    }

    #[test]
    fn a_name_known_in_part_is_less_sure() {
        assert_known(&[
            ("Company Name (billing)", Role::Name, IN_PART + 1),
            ("Domain 1", Role::Domain, IN_PART),
            ("Website 2", Role::Domain, IN_PART + 2),
            ("domains[0]", Role::Domain, IN_PART),
        ]);
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
    fn the_parts_of_a_persons_name_are_known() {
        for header in [
            "First Name",
            "lastName",
            "Vorname",
            "Фамилия",
            "姓名",
            "Soyadı",
            "Given name",
            "user_email",
        ] {
            assert!(is_of_person(header), "{header}");
        }
        for header in ["Name", "Last", "Contact Email", "Company"] {
            assert!(!is_of_person(header), "{header}");
        }
        for header in ["Contact Name", "Person - Name", "Lead email"] {
            assert!(is_of_contact(header), "{header}");
        }
        for header in ["Contact: Account Name", "Contact", "Name"] {
            assert!(!is_of_contact(header), "{header}");
        }
    }

    #[test]
    fn the_documentation_names_columns_that_are_recognized() {
        let page = include_str!("../../docs/spreadsheets.md");
        for wanted in [Role::Name, Role::Domain, Role::ExternalId, Role::Metadata] {
            let start = format!("| {wanted} |");
            let row = page.lines().find(|line| line.starts_with(&start)).unwrap();
            let tiers = row.split('|').skip(2).map(|cell| {
                let examples = cell.split('`').skip(1).step_by(2);
                examples.map(|example| {
                    let (role, tier) = role(example).unwrap();
                    assert_eq!(role, wanted, "{example}");
                    tier
                })
            });
            let tiers: Vec<Vec<_>> = tiers.map(Iterator::collect).collect();
            for pair in tiers.windows(2) {
                assert!(
                    pair[0].iter().max() <= pair[1].iter().min().or(Some(&99)),
                    "{wanted}"
                );
            }
        }
    }
}
