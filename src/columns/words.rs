//! The words of which column names are made, in all languages that we know.

use super::names::folded;
use std::cell::LazyCell;
use std::collections::HashSet;
use std::sync::LazyLock;

/// What a word in the name of a column speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// A customer, where nothing else is said: `company`.
    Organization,
    /// An organization that may be another one than the customer: `supplier`.
    Party,
    /// A name of anything.
    Name,
    /// A name, of a person if nothing else is said.
    NameOf,
    /// A kind of name: `legal`.
    Legal,
    /// A title, which may be a name.
    Title,
    /// A domain.
    Domain,
    /// A website.
    Website,
    /// A website or a place.
    Site,
    /// An email address.
    Email,
    /// An id.
    Id,
    /// A number, of anything.
    Number,
    /// A code, of anything; by itself it may be an id.
    Code,
    /// The number of an organization.
    OrganizationNumber,
    /// The number under which a state has an organization.
    Registration,
    /// What makes an id that of another system.
    External,
    /// Metadata.
    Metadata,
    /// Where ids come from: `crm`.
    System,
    /// A product that may be one of several with ids of their own: `stripe`.
    Product,
    /// A person, where the organization's name that follows is theirs: `contact: company`.
    Contact,
    /// A part of a person's name.
    Person,
    /// Somebody who signs in.
    User,
    /// Which part of a person's name: `first`.
    Given,
    /// A word that changes nothing: `of the`, `primary`.
    Filler,
}

use Word::{
    Code, Contact, Domain, Email, External, Filler, Given, Id, Legal, Metadata, Name, NameOf,
    Number, Organization, OrganizationNumber, Party, Person, Product, Registration, Site, System,
    Title, User, Website,
};

/// The most characters of a name that is taken apart.
const LONGEST: usize = 60;

/// The words of a column's name, as few as possible; `None` if there is a part that we do not know.
/// Where words begin does not matter: `company_name`, `CompanyName` and `公司名称` are two words each.
/// Only the shortest Latin ones are words by themselves: there is no `de` in `node_id`.
pub(super) fn words(header: &str) -> Option<Vec<Word>> {
    let text = folded(header);
    if text.is_empty() || text.chars().nth(LONGEST).is_some() {
        return None;
    }
    let boundaries = LazyCell::new(|| boundaries(header));
    // For each place, the fewest words that lead to it.
    let mut ways: Vec<Option<Vec<Word>>> = vec![None; text.len() + 1];
    if let Some(start) = ways.first_mut() {
        *start = Some(Vec::new());
    }
    for (start, _) in text.char_indices() {
        let Some(way) = ways.get(start).cloned().flatten() else {
            continue;
        };
        for (part, word) in words_at(text.get(start..)?) {
            let end = start + part.len();
            // An article joins words: `Nom de l'entreprise`. By itself it may be anything: `LA (name)`.
            let is_short = part.len() <= 2 && part.is_ascii();
            let is_inside = start > 0 && end < text.len();
            if is_short && word == Filler && !is_inside {
                continue;
            }
            let is_number = matches!(word, Id | Number);
            let is_between = || boundaries.contains(&start) && boundaries.contains(&end);
            if is_short && part.len() == 2 && !is_number && !is_between() {
                continue;
            }
            let there = ways.get_mut(end)?;
            if there
                .as_ref()
                .is_none_or(|there| way.len() + 1 < there.len())
            {
                *there = Some(way.iter().copied().chain([word]).collect());
            }
        }
    }
    ways.pop().flatten()
}

/// The words with which a text begins, the shortest first.
fn words_at(text: &str) -> Vec<(&str, Word)> {
    let mut found = Vec::new();
    // Those that begin like the text as far as it was looked at.
    let mut alike = TABLE.as_slice();
    for (place, letter) in text.char_indices() {
        let part = text.get(..place + letter.len_utf8()).unwrap_or_default();
        let before = alike.partition_point(|(word, _)| word.as_str() < part);
        alike = alike.get(before..).unwrap_or_default();
        let more = alike.partition_point(|(word, _)| word.starts_with(part));
        alike = alike.get(..more).unwrap_or_default();
        match alike.first() {
            None => break,
            Some((word, kind)) if word == part => found.push((part, *kind)),
            Some(_) => {}
        }
    }
    found
}

/// Where parts of a name begin and end in its folded form: at punctuation, and at a capital letter
/// that follows a small one.
fn boundaries(header: &str) -> HashSet<usize> {
    let mut all = HashSet::from([0]);
    let mut length = 0;
    let mut part = String::new();
    let mut last = ' ';
    for letter in header.chars().chain([' ']) {
        if !letter.is_alphanumeric() || last.is_lowercase() && letter.is_uppercase() {
            length += folded(&part).len();
            all.insert(length);
            part.clear();
        }
        if letter.is_alphanumeric() {
            part.push(letter);
        }
        last = letter;
    }
    all
}

/// The words by the form in which they are compared, sorted.
static TABLE: LazyLock<Vec<(String, Word)>> = LazyLock::new(|| {
    let words = WORDS.iter();
    let mut words: Vec<_> = words.map(|(word, kind)| (folded(word), *kind)).collect();
    words.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    words
});

/// Every word, sorted.
#[rustfmt::skip]
const WORDS: &[(&str, Word)] = &[
    ("abn", Registration), ("account", Organization), ("acct", Organization), ("achternaam", Person),
    ("acn", Registration), ("ad", NameOf), ("additional domain", Domain), ("additional domains", Domain),
    ("adres email", Email), ("adres strony", Website), ("adres strony internetowej", Website),
    ("adres strony www", Website), ("adres www", Website), ("adressattyp", Filler),
    ("adresse de messagerie", Email), ("adresse du site", Website), ("adresse email", Email),
    ("adresse mail", Email), ("adresse web", Website), ("adresă de email", Email), ("adı", NameOf),
    ("agency", Party), ("airline", Party), ("alamat email", Email), ("alamat web", Website),
    ("alan adı", Domain), ("alias domain", Domain), ("alias domains", Domain), ("allowed domain", Domain),
    ("allowed domains", Domain), ("amplitude", Product), ("apellido", Person), ("apellidos", Person),
    ("apollo", Product), ("approved domain", Domain), ("approved domains", Domain), ("asiakas", Organization),
    ("asiakkaan", Organization), ("associated", Filler), ("association", Party), ("auftraggeber", Organization),
    ("auth0", Product), ("authorized domain", Domain), ("authorized domains", Domain),
    ("auto join domain", Domain), ("auto join domains", Domain), ("azienda", Organization),
    ("aziendale", Organization), ("azonosító", Id), ("azonosítója", Id), ("bank", Party), ("bayi", Party),
    ("bedrift", Organization), ("bedriften", Organization), ("bedrijf", Organization),
    ("bedrijfs", Organization), ("bendrovė", Organization), ("bendrovės", Organization), ("benutzer", User),
    ("betrieb", Organization), ("betriebs", Organization), ("bezeichnung", Title),
    ("billing account", Organization), ("bitrix", Product), ("biz", Organization), ("bolag", Organization),
    ("brand", Party), ("brewery", Party), ("broj", Number), ("business", Organization), ("bên ngoài", External),
    ("cari", Organization), ("carrier", Party), ("chargebee", Product), ("charity", Party),
    ("charity number", Registration), ("church", Party), ("cif", Registration), ("cin", Registration),
    ("claimed domain", Domain), ("claimed domains", Domain), ("clearbit", Product), ("clerk", Product),
    ("client", Organization), ("cliente", Organization), ("clientes", Organization),
    ("clientului", Organization), ("clinic", Party), ("club", Party), ("cnpj", Registration),
    ("co", Organization), ("cod", Code), ("code", Code), ("codi", Code), ("codice", Code), ("codul", Code),
    ("cognom", Person), ("cognome", Person), ("cognoms", Person), ("college", Party), ("comercial", Legal),
    ("commercial", Legal), ("commerciale", Legal), ("companhia", Organization), ("companie", Organization),
    ("companiei", Organization), ("company", Organization), ("company reg no", Registration),
    ("company registration number", Registration), ("compañía", Organization), ("compte", Party),
    ("conta", Party), ("contact", Contact), ("contractor", Party), ("corp", Organization),
    ("corporate", Filler), ("corporation", Organization), ("correo", Email), ("correo electrónico", Email),
    ("council", Party), ("courriel", Email), ("crediteur", Party), ("crm", System), ("crn", Registration),
    ("crunchbase", Product), ("családnév", Person), ("cuenta", Party), ("cui", Registration),
    ("cust", Organization), ("custom", Filler), ("customer", Organization), ("cvr", Registration),
    ("cvr nummer", Registration), ("cég", Organization), ("cégjegyzék", Registration),
    ("cégjegyzékszám", Registration), ("cégnév", Organization), ("código", Code), ("công ty", Organization),
    ("d", Filler), ("da", Filler), ("das", Filler), ("datev", Product), ("de", Filler), ("de la", Filler),
    ("dealer", Party), ("debiteur", Organization), ("debiteuren", Organization),
    ("debiteurennummer", OrganizationNumber), ("debiteurnr", OrganizationNumber),
    ("debiteurnummer", OrganizationNumber), ("debitor", OrganizationNumber),
    ("debitorennummer", OrganizationNumber), ("del", Filler), ("dell", Filler), ("della", Filler),
    ("dello", Filler), ("denominación", Name), ("denominazione", Name), ("denominação", Name),
    ("denumire", Name), ("denumirea", Name), ("der", Filler), ("des", Filler), ("developer", Party),
    ("di", Filler), ("die", Filler), ("display", Legal), ("distributor", Party), ("ditta", Organization),
    ("do", Filler), ("do not modify", Id), ("doanh nghiệp", Organization), ("dobavljač", Party),
    ("dodavatel", Party), ("dodavatele", Party), ("domain", Domain), ("domain list", Domain),
    ("domaine", Domain), ("domaines", Domain), ("domains", Domain), ("domeen", Domain), ("domein", Domain),
    ("domena", Domain), ("domenas", Domain), ("domene", Domain), ("domeniu", Domain), ("domini", Domain),
    ("dominio", Domain), ("dominios", Domain), ("domän", Domain), ("domäne", Domain), ("domæne", Domain),
    ("domén", Domain), ("domény", Domain), ("domēns", Domain), ("donor", Party), ("dos", Filler),
    ("dostawca", Party), ("dostawcy", Party), ("du", Filler), ("duns", Registration), ("dynamics", Product),
    ("dénomination", Name), ("dénomination sociale", Organization), ("désignation", Title), ("dış", External),
    ("e-mail cím", Email), ("e-mailadres", Email), ("e-post", Email), ("e-posta", Email),
    ("e-posta adresi", Email), ("eesnimi", Person), ("efternamn", Person), ("efternavn", Person),
    ("ein", Registration), ("einrichtung", Party), ("ekstern", External), ("eksternal", External),
    ("eksternt", External), ("el", Filler), ("email", Email), ("email address", Email), ("emailadresse", Email),
    ("emailová adresa", Email), ("emails", Email), ("employer", Organization), ("empresa", Organization),
    ("endereço de email", Email), ("enseigne", Party), ("ente", Party), ("enterprise", Party),
    ("entidad", Party), ("entity", Party), ("entreprise", Organization), ("escola", Party), ("escuela", Party),
    ("estabelecimento", Party), ("establecimiento", Party), ("establishment", Party), ("esterna", External),
    ("esterno", External), ("etiquetas de fila", Title), ("etki alanı", Domain), ("etternavn", Person),
    ("ettevõte", Organization), ("ettevõtte", Organization), ("etunimi", Person), ("exhibitor", Party),
    ("ext", External), ("extern", External), ("externa", External), ("external", External),
    ("externe", External), ("externer", External), ("externo", External), ("externí", External),
    ("eメール", Email), ("facility", Party), ("familienname", Person), ("family", Given), ("fantasia", Legal),
    ("firm", Party), ("firma", Organization), ("firmanın", Organization), ("firme", Organization),
    ("firmei", Organization), ("firmen", Organization), ("firmenbuchnummer", Registration),
    ("firmy", Organization), ("first", Given), ("firstname", Person), ("forename", Person), ("fornavn", Person),
    ("fornecedor", Party), ("fornitore", Party), ("foundation", Party), ("fournisseur", Party),
    ("freshdesk", Product), ("furnizor", Party), ("fyrirtæki", Organization), ("företag", Organization),
    ("förnamn", Person), ("gainsight", Product), ("gebruiker", User), ("geschäftspartner", Organization),
    ("gesellschaft", Organization), ("github", Product), ("given", Given), ("google", Product),
    ("grantee", Party), ("group", Party), ("guid", Id), ("handels", Legal),
    ("handelsregisternummer", Registration), ("harici", External), ("hemsida", Website),
    ("hjemmeside", Website), ("homepage", Website), ("honlap", Website), ("hospital", Party), ("hotel", Party),
    ("hrb", Registration), ("hubspot", Product), ("händler", Party), ("họ", Person), ("họ tên", Person),
    ("họ và tên", Person), ("ico number", Registration), ("id", Id), ("identifiant", Id), ("identificador", Id),
    ("identificativo", Id), ("identificator", Id), ("identifier", Id), ("identifikator", Id),
    ("identyfikator", Id), ("ime", NameOf), ("imię", Person), ("impresa", Organization),
    ("indirizzo email", Email), ("inn", Registration), ("insegna", Party), ("instansi", Organization),
    ("instelling", Party), ("institución", Party), ("instituição", Party), ("institute", Party),
    ("institution", Party), ("instituție", Party), ("intercom", Product), ("internet", Site),
    ("internet address", Website), ("internet adresi", Website), ("internet sitesi", Website),
    ("internet stranica", Website), ("internetadresse", Website), ("internetauftritt", Website),
    ("interneto svetainė", Website), ("internetseite", Website), ("internetska stranica", Website),
    ("intitulé", Title), ("isim", NameOf), ("iskola", Party), ("ismi", NameOf), ("istituzione", Party),
    ("ičo", Registration), ("işletme", Organization), ("jednostka", Party), ("jira", Product),
    ("jméno", NameOf), ("kanzlei", Party), ("kdnr", OrganizationNumber), ("kennitala", Registration),
    ("keresztnév", Person), ("key", Number), ("kh", Organization), ("khách hàng", Organization), ("kimlik", Id),
    ("klant", Organization), ("klanten", Organization), ("klien", Organization), ("kliendi", Organization),
    ("klient", Organization), ("klienta", Organization), ("klientas", Organization), ("kliento", Organization),
    ("klients", Organization), ("klijent", Organization), ("klijenta", Organization), ("known domain", Domain),
    ("known domains", Domain), ("kod", Code), ("kodas", Code), ("kode", Code), ("kods", Code), ("kodu", Code),
    ("koduleht", Website), ("kompanija", Organization), ("kompanije", Organization),
    ("kontrahent", Organization), ("kontrahenta", Organization), ("kood", Code), ("koodi", Code),
    ("kotisivu", Website), ("kotisivut", Website), ("krs", Registration), ("kund", Organization),
    ("kunde", Organization), ("kunden", Organization), ("kundens", Organization), ("kunnr", OrganizationNumber),
    ("kupac", Organization), ("kupca", Organization), ("kuruluş", Organization), ("kurum", Organization),
    ("kvk", Registration), ("kvk nummer", Registration), ("kódja", Number), ("külső", External),
    ("křestní jméno", Person), ("l", Filler), ("la", Filler), ("laman", Website), ("laman web", Website),
    ("last", Given), ("lastname", Person), ("le", Filler), ("lead", Contact), ("legal", Legal),
    ("legal entity identifier", Registration), ("lei", Registration), ("lei code", Registration),
    ("leverancier", Party), ("leverandør", Party), ("leverantör", Party), ("libellé", Title),
    ("library", Party), ("lieferant", Party), ("lieferanten", Party), ("linear", Product),
    ("linkedin", Product), ("lloc web", Website), ("mail", Email), ("mail address", Email),
    ("mailadresse", Email), ("main", Filler), ("managed domain", Domain), ("managed domains", Domain),
    ("mandant", Organization), ("mandanten", Organization), ("manufacturer", Party),
    ("matična številka", Registration), ("matični broj", Registration), ("mağaza", Party), ("megnevezés", Name),
    ("megnevezése", Name), ("member", Party), ("meno", NameOf), ("merchant", Party), ("metadata", Metadata),
    ("microsoft", Product), ("middle", Given), ("ministry", Party), ("mitglied", Party), ("mixpanel", Product),
    ("municipality", Party), ("museum", Party), ("mã", Code), ("mã số", Code),
    ("mã số doanh nghiệp", Registration), ("mã số thuế", Registration), ("mã định danh", Id),
    ("müşteri", Organization), ("müşterinin", Organization), ("mājaslapa", Website), ("n", Number),
    ("naam", Name), ("nabywca", Organization), ("nabywcy", Organization), ("nachname", Person), ("nafn", Name),
    ("nama", Name), ("nama belakang", Person), ("nama depan", Person), ("nama lengkap", Person), ("name", Name),
    ("name 1", Organization), ("names", Name), ("namn", Name), ("navn", Name), ("naziv", Name), ("nazwa", Name),
    ("nazwisko", Person), ("ne pas modifier", Id), ("netsuite", Product), ("nettisivu", Website),
    ("nettside", Website), ("nettsted", Website), ("neve", Name), ("nhà cung cấp", Party), ("nicht ändern", Id),
    ("niet wijzigen", Id), ("nif empresa", Registration), ("nimetus", Name), ("nimi", Name),
    ("nip", Registration), ("no", Number), ("no modificar", Id), ("nom", Name), ("nom de domaine", Domain),
    ("nom de famille", Person), ("nombre", Name), ("nombre de dominio", Domain), ("nombre de pila", Person),
    ("nombres", Person), ("nome", Name), ("nomor", Number), ("non modificare", Id), ("nonprofit", Party),
    ("nosaukums", Name), ("nr", Number), ("num", Number), ("numara", Number), ("numarası", Number),
    ("number", Number), ("nume", Name), ("nume de familie", Person), ("numele", Name), ("numer", Number),
    ("numer krs", Registration), ("numer regon", Registration), ("nummer", Number), ("numurs", Number),
    ("numéro", Number), ("număr", Number), ("numărul", Number), ("nzbn", Registration), ("název", Name),
    ("názov", Name), ("não modificar", Id), ("név", Name), ("número de registro", Registration),
    ("obchodné meno", Organization), ("obchodní firma", Organization), ("obchodní jméno", Organization),
    ("obchodní název", Organization), ("odběratel", Organization), ("odběratele", Organization),
    ("odoo", Product), ("of", Filler), ("official", Filler), ("oib", Registration), ("okta", Product),
    ("okul", Party), ("onderneming", Organization), ("operator", Party), ("org", Organization),
    ("organisaatio", Organization), ("organisasi", Organization), ("organisasjon", Organization),
    ("organisasjonsnummer", Registration), ("organisatie", Organization), ("organisation", Organization),
    ("organisations", Organization), ("organisationsnummer", Registration), ("organisme", Party),
    ("organismo", Party), ("organizace", Organization), ("organización", Organization),
    ("organization", Organization), ("organização", Organization), ("organizație", Organization),
    ("organizației", Organization), ("organizzazione", Organization), ("orgnr", Registration),
    ("other domain", Domain), ("other domains", Domain), ("our", Filler), ("pada", Filler), ("paddle", Product),
    ("pagina internet", Website), ("partner", Party), ("partnera", Party), ("pavadinimas", Name),
    ("pavardė", Person), ("payer", Organization), ("pelanggan", Organization), ("pemasok", Party),
    ("pengenal", Id), ("perekonnanimi", Person), ("person", Contact), ("perusahaan", Organization),
    ("pipedrive", Product), ("podjetja", Organization), ("podjetje", Organization), ("podnik", Organization),
    ("poduzeća", Organization), ("poduzeće", Organization), ("posta elettronica", Email), ("practice", Party),
    ("praxis", Party), ("preduzeća", Organization), ("preduzeće", Organization), ("prenume", Person),
    ("prezime", Person), ("priezvisko", Person), ("priimek", Person), ("primary", Filler),
    ("primeiro nome", Person), ("primer apellido", Person), ("producer", Party), ("proveedor", Party),
    ("provider", Party), ("przedsiębiorstwa", Organization), ("przedsiębiorstwo", Organization),
    ("prénom", Person), ("publisher", Party), ("página", Website), ("página de internet", Website),
    ("página web", Website), ("příjmení", Person), ("quickbooks", Product), ("ragione sociale", Organization),
    ("raison sociale", Organization), ("ranah", Domain), ("razão social", Organization),
    ("razón social", Organization), ("raó social", Organization), ("recipient", Party), ("record", System),
    ("recurly", Product), ("ref", Number), ("reference", Number), ("reg no", Registration),
    ("registered", Legal), ("registered charity number", Registration), ("registered number", Registration),
    ("registration no", Registration), ("registration number", Registration),
    ("registreerimisnumber", Registration), ("registrikood", Registration), ("regon", Registration),
    ("relatie", Organization), ("reseller", Party), ("restaurant", Party), ("retailer", Party),
    ("reģistrācijas numurs", Registration), ("row labels", Title), ("s", Filler), ("sage", Product),
    ("sajt", Website), ("salesforce", Product), ("sap", Product), ("school", Party), ("schul", Party),
    ("schule", Party), ("scuola", Party), ("sekolah", Party), ("self provisioning domain", Domain),
    ("self provisioning domains", Domain), ("selskab", Organization), ("selskap", Organization),
    ("shop", Party), ("shopify", Product), ("siren", Registration), ("siret", Registration), ("site", Site),
    ("site de web", Website), ("site internet", Website), ("site web", Website), ("sites web", Website),
    ("siti web", Website), ("sitio", Website), ("sitio web", Website), ("sitios web", Website),
    ("sito", Website), ("sito internet", Website), ("sito web", Website), ("situs", Website),
    ("situs web", Website), ("skola", Party), ("skole", Party), ("sobrenome", Person),
    ("societate", Organization), ("società", Organization), ("societății", Organization),
    ("société", Organization), ("soyad", Person), ("soyadı", Person), ("soyisim", Person),
    ("spletna stran", Website), ("spletno mesto", Website), ("společnost", Organization),
    ("společnosti", Organization), ("spoločnosti", Organization), ("spoločnosť", Organization),
    ("sponsor", Party), ("spółka", Organization), ("spółki", Organization), ("sso", Filler),
    ("sso domains", Domain), ("stabilimento", Party), ("startup", Party), ("store", Party), ("stripe", Product),
    ("strona", Website), ("strona internetowa", Website), ("strona www", Website),
    ("strony internetowe", Website), ("structure", Party), ("stránky", Website), ("sugar", Product),
    ("sukunimi", Person), ("supplier", Party), ("surel", Email), ("surname", Person), ("svetainė", Website),
    ("syarikat", Organization), ("sys", System), ("szervezet", Organization), ("szkoła", Party),
    ("szkoły", Party), ("szállító", Party), ("szám", Number), ("száma", Number), ("sähköposti", Email),
    ("team", Party), ("tedarikçi", Party), ("tenant", Organization), ("the", Filler), ("thư điện tử", Email),
    ("ticaret sicil no", Registration), ("ticaret sicil numarası", Registration),
    ("ticaret unvanı", Organization), ("ticari unvan", Organization), ("tinklalapis", Website),
    ("title", Title), ("toko", Party), ("trade", Legal), ("trading", Legal), ("trang chủ", Website),
    ("trang web", Website), ("trusted domain", Domain), ("trusted domains", Domain), ("träger", Party),
    ("trường", Party), ("tunniste", Id), ("tunnus", Id), ("tussenvoegsel", Person), ("tvrtka", Organization),
    ("tvrtke", Organization), ("tên", Name), ("tên miền", Domain), ("tīmekļa vietne", Website),
    ("tổ chức", Organization), ("uen", Registration), ("uid", Id), ("uid nummer", Registration),
    ("ulkoinen", External), ("unité légale", Organization), ("universidad", Party), ("university", Party),
    ("unternehmen", Organization), ("url", Website), ("urls", Website), ("urn", Registration), ("user", User),
    ("ustanova", Party), ("ustanove", Party), ("usuario", User), ("utente", User), ("utilisateur", User),
    ("utónév", Person), ("uuid", Id), ("uzvārds", Person), ("uzņēmuma", Organization),
    ("uzņēmums", Organization), ("użytkownik", User), ("van", Filler), ("vardas", NameOf),
    ("veebileht", Website), ("vefsíða", Website), ("vendor", Party), ("venue", Party), ("verein", Party),
    ("vereins", Party), ("verified", Filler), ("verified domain", Domain), ("verified domains", Domain),
    ("verkkosivu", Website), ("verkkosivusto", Website), ("verkkosivut", Website), ("verkkotunnus", Domain),
    ("vevő", Organization), ("vezetéknév", Person), ("virksomhed", Organization), ("virksomhet", Organization),
    ("viðskiptavinar", Organization), ("viðskiptavinur", Organization), ("voornaam", Person),
    ("vorname", Person), ("vállalat", Organization), ("vállalkozás", Organization), ("vārds", NameOf),
    ("web", Website), ("web addr", Website), ("web address", Website), ("web adresi", Website),
    ("web page", Website), ("web pages", Website), ("web site", Website), ("web sitesi", Website),
    ("web stranica", Website), ("web stranice", Website), ("web url", Website), ("webadres", Website),
    ("webadresse", Website), ("webauftritt", Website), ("webbadress", Website), ("webbplats", Website),
    ("webbsida", Website), ("webcím", Website), ("webhely", Website), ("weboldal", Website),
    ("webová adresa", Website), ("webová stránka", Website), ("webové stránky", Website), ("webseite", Website),
    ("webseiten", Website), ("webside", Website), ("websider", Website), ("website address", Website),
    ("website urls", Website), ("websiteadresse", Website), ("websites", Website), ("websted", Website),
    ("webstránka", Website), ("webサイト", Website), ("whitelisted domain", Domain),
    ("whitelisted domains", Domain), ("witryna", Website), ("workspace", Organization), ("www", Website),
    ("xero", Product), ("y tunnus", Registration), ("yayasan", Party), ("yhtiö", Organization),
    ("yrityksen", Organization), ("yritys", Organization), ("zeilenbeschriftungen", Title),
    ("zendesk", Product), ("zewnętrzny", External), ("zoho", Product), ("zákazník", Organization),
    ("zákazníka", Organization), ("école", Party), ("établissement", Party), ("établissements", Party),
    ("étiquettes de lignes", Title), ("último nome", Person), ("ügyfél", Organization), ("ünvan", Organization),
    ("ünvanı", Organization), ("číslo", Number), ("đơn vị", Party), ("địa chỉ web", Website), ("định danh", Id),
    ("įmonė", Organization), ("įmonės", Organization), ("şirket", Organization), ("şirketin", Organization),
    ("šifra", Code), ("školy", Party), ("școală", Party), ("școlii", Party), ("αναγνωριστικό", Id),
    ("αριθμός", Number), ("δικτυακός τόπος", Website), ("εξωτερικός", External), ("επιχείρηση", Organization),
    ("επιχείρησης", Organization), ("επωνυμία", Organization), ("επώνυμο", Person), ("εταιρία", Organization),
    ("εταιρίας", Organization), ("εταιρεία", Organization), ("εταιρείας", Organization),
    ("ηλεκτρονική διεύθυνση", Email), ("ηλεκτρονικό ταχυδρομείο", Email), ("ιστοσελίδα", Website),
    ("ιστότοπος", Website), ("ιστότοπου", Website), ("κωδικός", Code), ("ονομασία", Name),
    ("οργανισμού", Organization), ("οργανισμός", Organization), ("πελάτη", Organization),
    ("πελάτης", Organization), ("προμηθευτής", Party), ("σχολείο", Party), ("τησ", Filler), ("τομέας", Domain),
    ("του", Filler), ("όνομα", Name), ("όνομα τομέα", Domain), ("адрес в интернет", Website),
    ("адрес сайта", Website), ("адрес электронной почты", Email), ("адреса сайту", Website), ("айди", Id),
    ("булстат", Registration), ("веб-сайт", Website), ("веб-сторінка", Website), ("внешний", External),
    ("домен", Domain), ("домени", Domain), ("доменне ім'я", Domain), ("доменное имя", Domain),
    ("домены", Domain), ("дружество", Organization), ("дружеството", Organization), ("едрпоу", Registration),
    ("еик", Registration), ("електронна пошта", Email), ("заказчик", Organization), ("заказчика", Organization),
    ("замовник", Organization), ("замовника", Organization), ("зовнішній", External), ("ид", Id),
    ("идентификатор", Id), ("име", NameOf), ("имя", NameOf), ("инн", Registration), ("интернет-сайт", Website),
    ("клиент", Organization), ("клиента", Organization), ("клієнт", Organization), ("клієнта", Organization),
    ("код", Code), ("код єдрпоу", Registration), ("компании", Organization), ("компания", Organization),
    ("компанията", Organization), ("компанія", Organization), ("компанії", Organization),
    ("контрагент", Organization), ("контрагента", Organization), ("корпоративный", Filler), ("на", Filler),
    ("назва", Name), ("название", Name), ("назив", Name), ("наименование", Name), ("найменування", Name),
    ("номер", Number), ("огрн", Registration), ("организации", Organization), ("организация", Organization),
    ("організація", Organization), ("організації", Organization), ("отчество", Person), ("официальный", Filler),
    ("по батькові", Person), ("покупатель", Organization), ("покупателя", Organization), ("пользователь", User),
    ("поставщик", Party), ("поставщика", Party), ("постачальник", Party), ("постачальника", Party),
    ("почта", Email), ("пошта", Email), ("предприятие", Organization), ("предприятия", Organization),
    ("прізвище", Person), ("піб", Person), ("підприємства", Organization), ("підприємство", Organization),
    ("сайт", Website), ("сайта", Website), ("сайту", Website), ("уебсайт", Website), ("установа", Party),
    ("установи", Party), ("учреждение", Party), ("учреждения", Party), ("фамилия", Person), ("фио", Person),
    ("фирма", Organization), ("фирмата", Organization), ("фирмы", Organization), ("фірма", Organization),
    ("фірми", Organization), ("шифра", Code), ("школа", Party), ("школи", Party), ("школы", Party),
    ("эл адрес", Email), ("эл. почта", Email), ("электронная почта", Email),
    ("юридического лица", Organization), ("юридическое лицо", Organization), ("юридична особа", Organization),
    ("юридичної особи", Organization), ("юрлицо", Organization), ("єдрпоу", Registration), ("ід", Id),
    ("ідентифікатор", Id), ("ім'я", NameOf), ("אימייל", Email), ("ארגון", Organization), ("אתר", Website),
    ("אתר אינטרנט", Website), ("בית ספר", Party), ("דוא\"ל", Email), ("דואר אלקטרוני", Email),
    ("דומיין", Domain), ("דומין", Domain), ("הארגון", Organization), ("האתר", Website), ("החברה", Organization),
    ("הלקוח", Organization), ("הספק", Party), ("העסק", Organization), ("ח\"פ", Registration),
    ("חברה", Organization), ("חיצוני", External), ("כתובת אינטרנט", Website), ("כתובת אתר", Website),
    ("לקוח", Organization), ("מזהה", Id), ("מייל", Email), ("מס", Number), ("מספר", Number), ("ספק", Party),
    ("עסק", Organization), ("קוד", Code), ("של", Filler), ("שם", Name), ("שם משפחה", Person),
    ("שם פרטי", Person), ("اسم", Name), ("اسم العائلة", Person), ("اسم النطاق", Domain), ("الاسم", Name),
    ("الاسم الأول", Person), ("الايميل", Email), ("البريد", Email), ("البريد الإلكتروني", Email),
    ("الخارجي", External), ("الدومين", Domain), ("الزبون", Organization), ("السجل التجاري", Registration),
    ("الشركة", Organization), ("العميل", Organization), ("الكنية", Person), ("المؤسسة", Organization),
    ("المدرسة", Party), ("المعرف", Id), ("المنشأة", Organization), ("المنظمة", Organization), ("المورد", Party),
    ("الموقع", Website), ("الموقع الإلكتروني", Website), ("النطاق", Domain), ("ايميل", Email),
    ("بريد إلكتروني", Email), ("خارجي", External), ("دامنه", Domain), ("دومين", Domain),
    ("رابط الموقع", Website), ("رقم", Number), ("رقم السجل", Registration), ("رقم السجل التجاري", Registration),
    ("رمز", Code), ("زبون", Organization), ("سازمان", Organization), ("سایت", Website), ("شركة", Organization),
    ("شرکت", Organization), ("شماره", Number), ("شناسه", Id), ("عميل", Organization), ("كود", Code),
    ("مؤسسة", Organization), ("مدرسة", Party), ("مشتری", Organization), ("معرف", Id), ("منظمة", Organization),
    ("مورد", Party), ("موقع", Website), ("موقع إلكتروني", Website), ("موقع الويب", Website), ("نام", Name),
    ("نام خانوادگی", Person), ("نطاق", Domain), ("وب سایت", Website), ("کد", Code), ("आईडी", Id),
    ("कंपनी", Organization), ("का", Filler), ("की", Filler), ("कोड", Code), ("ग्राहक", Organization),
    ("डोमेन", Domain), ("नाम", Name), ("वेबसाइट", Website), ("संगठन", Organization), ("กิจการ", Organization),
    ("ชื่อ", Name), ("ชื่อโดเมน", Domain), ("นามสกุล", Person), ("บริษัท", Organization), ("ผู้ขาย", Party),
    ("ภายนอก", External), ("รหัส", Code), ("รหัสประจำตัว", Id), ("ร้าน", Party), ("ลูกค้า", Organization),
    ("หน่วยงาน", Party), ("หมายเลข", Number), ("องค์กร", Organization), ("อีเมล", Email), ("เว็บ", Website),
    ("เว็บไซด์", Website), ("เว็บไซต์", Website), ("โดเมน", Domain), ("โรงเรียน", Party),
    ("お客様", Organization), ("の", Filler), ("ウェブサイト", Website), ("コード", Code), ("サイト", Website),
    ("サイトurl", Website), ("ドメイン", Domain), ("ドメイン名", Domain), ("ホームページ", Website),
    ("メール", Email), ("メールアドレス", Email), ("ユーザー", User), ("主页", Website), ("仕入先", Party),
    ("代理商", Party), ("代码", Code), ("代碼", Code), ("代號", Code), ("企业", Organization),
    ("企業", Organization), ("会社", Organization), ("使用者", User), ("供应商", Party), ("供應商", Party),
    ("信箱", Email), ("全称", Name), ("全稱", Name), ("公司", Organization), ("公式", Filler), ("单位", Party),
    ("厂商", Party), ("取引先", Organization), ("号", Number), ("号码", Number), ("名", NameOf),
    ("名前", NameOf), ("名字", NameOf), ("名称", Name), ("名稱", Name), ("品牌", Party), ("商号", Organization),
    ("商戶", Organization), ("商户", Organization), ("商號", Organization), ("單位", Party),
    ("団体", Organization), ("域名", Domain), ("外部", External), ("姓", Person), ("姓名", Person),
    ("姓氏", Person), ("学校", Party), ("學校", Party), ("官方網站", Website), ("官方网站", Website),
    ("官網", Website), ("官网", Website), ("客戶", Organization), ("客户", Organization),
    ("屋号", Organization), ("工商注册号", Registration), ("店", Party), ("店舗", Party), ("店铺", Party),
    ("廠商", Party), ("得意先", Organization), ("御社", Organization), ("机构", Organization), ("标识", Id),
    ("标识符", Id), ("標識", Id), ("機構", Organization), ("氏名", Person), ("法人", Organization),
    ("法人番号", Registration), ("注册号", Registration), ("用户", User), ("电子邮件", Email),
    ("电子邮箱", Email), ("番号", Number), ("的", Filler), ("社", Organization), ("租戶", Organization),
    ("租户", Organization), ("組織", Organization), ("統一編號", Registration), ("統編", Registration),
    ("網址", Website), ("網域", Domain), ("網域名稱", Domain), ("網站", Website), ("編碼", Code),
    ("編號", Number), ("组织", Organization), ("经销商", Party), ("统一信用代码", Registration),
    ("统一社会信用代码", Registration), ("编号", Number), ("编码", Code), ("网址", Website), ("网域", Domain),
    ("网站", Website), ("號碼", Number), ("行ラベル", Title), ("行标签", Title), ("識別子", Id),
    ("識別番号", Id), ("识别码", Id), ("貴社", Organization), ("邮件", Email), ("邮箱", Email),
    ("電子メール", Email), ("電子信箱", Email), ("電子郵件", Email), ("電郵", Email), ("顧客", Organization),
    ("首頁", Website), ("거래처", Organization), ("고객", Organization), ("고객사", Organization),
    ("공급업체", Party), ("공식", Filler), ("기관", Organization), ("기업", Organization), ("누리집", Website),
    ("단위", Party), ("단체", Organization), ("도메인", Domain), ("도메인명", Domain), ("매장", Party),
    ("메일", Email), ("명", NameOf), ("명칭", Name), ("번호", Number), ("법인", Organization),
    ("법인등록번호", Registration), ("사업자등록번호", Registration), ("사업자번호", Registration),
    ("사용자", User), ("사이트", Website), ("상호", Organization), ("성", Person), ("성명", Person),
    ("성함", Person), ("식별자", Id), ("아이디", Id), ("업체", Organization), ("외부", External),
    ("웹사이트", Website), ("이름", NameOf), ("이메일", Email), ("전자우편", Email), ("조직", Organization),
    ("코드", Code), ("학교", Party), ("행 레이블", Title), ("홈페이지", Website), ("홈페이지 주소", Website),
    ("회사", Organization),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_sorted_and_none_is_repeated() {
        assert!(WORDS.is_sorted_by_key(|(word, _)| *word));
        for (word, kind) in WORDS {
            let text = folded(word);
            assert_eq!(words_at(&text).last(), Some(&(&*text, *kind)), "{word}");
        }
        let mut folded: Vec<_> = WORDS.iter().map(|(word, _)| folded(word)).collect();
        folded.sort();
        let repeated: Vec<_> = folded
            .windows(2)
            .filter(|pair| pair[0] == pair[1])
            .collect();
        assert!(repeated.is_empty(), "{repeated:?}");
    }

    #[test]
    fn a_name_is_taken_apart_however_its_words_are_joined() {
        for header in [
            "Company Name",
            "company_name",
            "CompanyName",
            "COMPANYNAME",
            "公司名称",
        ] {
            assert_eq!(words(header), Some(vec![Organization, Name]), "{header}");
        }
        assert_eq!(words("회사명"), Some(vec![Organization, NameOf]));
        assert_eq!(words("Company type"), None);
        assert_eq!(words("node_id"), None);
        assert_eq!(words("LA (name)"), None);
        assert_eq!(words("Co. Name"), Some(vec![Organization, Name]));
        assert_eq!(words("Nombre de la empresa").unwrap().len(), 3);
        assert!(words("Nom de l’entreprise").is_some());
        assert_eq!(words("SID"), None);
        assert_eq!(words(&"name".repeat(1000)), None);
    }
}
