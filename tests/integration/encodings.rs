//! In which encoding a list is read that does not say so: whole lists in the languages of the
//! world, and Western ones with an accented letter here and there.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do, by a panic"
)]

use encoding_rs::{
    BIG5, EUC_KR, Encoding, GBK, ISO_2022_JP, MACINTOSH, SHIFT_JIS, WINDOWS_1250, WINDOWS_1251,
    WINDOWS_1252, WINDOWS_1253, WINDOWS_1254, WINDOWS_1257,
};
use std::fmt::Write as _;
use workos_orgs::input::{Error, ReadAs, ReadOptions, Reader, Source};

/// A list of 300 customers into which some names are strewn.
fn list(names: &[&str], ending: &str) -> String {
    let mut text = "name,domain,external_id\n".to_owned();
    for row in 0..300 {
        let name = match (row * names.len()) % 300 {
            place if place < names.len() => names.get(row * names.len() / 300).unwrap(),
            _ => &"Acme Trading",
        };
        writeln!(text, "{name} {row},customer-{row}.{ending},c-{row}").unwrap();
    }
    text
}

fn open(bytes: &[u8]) -> Result<ReadAs, Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.csv");
    fs_err::write(&path, bytes).unwrap();
    let reader = Reader::open(&Source::File(path), &ReadOptions::default())?;
    Ok(reader.read_as().clone())
}

fn read_as(text: &str, encoding: &'static Encoding) -> &'static str {
    let (bytes, _, unmappable) = encoding.encode(text);
    assert!(!unmappable, "{text}");
    open(&bytes).unwrap().encoding.unwrap()
}

/// Names with letters and marks as they occur in Western lists.
const WESTERN: [&str; 38] = [
    "Müller GmbH",
    "Crème Brûlée",
    "¡Hola! Sistemas",
    "naïve",
    "Œuvre",
    "L’Oréal",
    "Ÿ Systems",
    "£ Shop",
    "«Étoile»",
    "¥ Trading",
    "København",
    "Peña & Hijos",
    "Smørrebrød",
    "Société",
    "Garçon",
    "Ñandú",
    "São Paulo",
    "Åkerlund",
    "Weiß",
    "Æon",
    "Ærø",
    "Þorsteinn",
    "Malmö",
    "Reykjavík",
    "Zürich",
    "Über",
    "Café",
    "Coöp",
    "Straße",
    "Señor",
    "Õun",
    "Élan",
    "Øst",
    "Jürgen’s",
    "Acme™",
    "5° Nord",
    "Citroën",
    "Škoda",
];

#[test]
fn one_accented_name_in_a_list_is_read_as_windows_1252() {
    for name in WESTERN {
        let text = list(&[name], "com");
        assert_eq!(read_as(&text, WINDOWS_1252), "windows-1252", "{name}");
    }
}

#[test]
fn a_few_accented_names_in_a_list_are_read_as_windows_1252() {
    for count in 2..7 {
        for start in 0..WESTERN.len() - count {
            let names = &WESTERN[start..start + count];
            let found = read_as(&list(names, "com"), WINDOWS_1252);
            assert_eq!(found, "windows-1252", "{names:?}");
        }
    }
}

#[test]
fn a_list_in_another_language_is_read_in_its_encoding() {
    let polish = [
        "Spółka Łódź",
        "Źródło Życia",
        "Kraków Śląsk",
        "Gdańsk Wągrowiec",
        "Święty Księżyc",
    ];
    let czech = [
        "Příliš žluťoučký",
        "Kůň úpěl",
        "Ďábelské ódy",
        "Škoda Plzeň",
        "Třebíč Řeznictví",
    ];
    let russian = ["Общество Ромашка", "Завод Восток"];
    let greek = ["Αθήνα Εταιρεία", "Θεσσαλονίκη Ναυτιλία"];
    let turkish = [
        "İstanbul Şirketi",
        "Güneş Işık",
        "Çağrı Müşteri",
        "Dağcılık Kulübü",
    ];
    let lithuanian = [
        "Žalgiris Šiauliai",
        "Ąžuolas Įmonė",
        "Ūkininkų Sąjunga",
        "Klaipėdos Uostas",
    ];
    let japanese = ["株式会社テスト", "東京ソフトウェア"];
    let korean = ["주식회사 한국", "서울 소프트웨어"];
    let chinese = ["北京科技有限公司", "上海贸易集团"];
    let taiwanese = ["台北科技股份有限公司", "高雄貿易集團"];
    for (names, encoding) in [
        (&polish[..], WINDOWS_1250),
        (&czech, WINDOWS_1250),
        (&russian, WINDOWS_1251),
        (&greek, WINDOWS_1253),
        (&turkish, WINDOWS_1254),
        (&lithuanian, WINDOWS_1257),
        (&japanese, SHIFT_JIS),
        (&japanese, ISO_2022_JP),
        (&korean, EUC_KR),
        (&chinese, GBK),
        (&taiwanese, BIG5),
    ] {
        let text = list(&names.repeat(40), "com");
        assert_eq!(read_as(&text, encoding), encoding.name(), "{names:?}");
    }
    // A few words are enough where the domains say in which country the customers are.
    assert_eq!(
        read_as(&list(&["Kůň", "Dvořák"], "cz"), WINDOWS_1250),
        "windows-1250"
    );
}

#[test]
fn a_list_of_customers_all_over_europe_is_read_in_the_encoding_that_has_all_letters() {
    let customers = [
        ("Société Générale d'Étude", "fr"),
        ("Łódź Węgiel", "pl"),
        ("Weiß Optik", "de"),
        ("Jäger GmbH", "de"),
        ("Kraków Śnieżka", "pl"),
        ("Bäckerei Köhler", "de"),
        ("Müller & Söhne KG", "de"),
        ("Hôtel de l'Île", "fr"),
        ("Größmann AG", "de"),
        ("Příbram strojírny", "cz"),
    ];
    let text: String = customers
        .map(|(name, ending)| list(&[name; 40], ending))
        .concat();
    assert_eq!(read_as(&text, WINDOWS_1250), "windows-1250");
    let western = [
        "Œuvre & Cie",
        "Hôtel de l’Île",
        "Müller",
        "España",
        "São",
        "CO² GmbH",
        "5£ Store",
    ];
    let text = list(&western.repeat(40), "com");
    assert_eq!(read_as(&text, WINDOWS_1252), "windows-1252");
}

#[test]
fn mac_roman_is_told_by_the_letters_within_words() {
    for names in [
        &["Smørrebrød", "Müller"][..],
        &["Sørensen"],
        &["Jürgen Weiß", "Malmö"],
    ] {
        let found = read_as(&list(names, "com"), MACINTOSH);
        assert_eq!(found, "macintosh", "{names:?}");
    }
}

#[test]
fn short_western_lists_are_read_in_the_encoding_that_makes_sense_of_them() {
    let windows = [
        &["Müller"][..],
        &["Joe’s Diner", "Smith’s"],
        &["Acme™"],
        &["Acme™Pro"],
        &["Acme®"],
        &["“Best” Foods"],
        &["„Best“"],
        &["‘Best’"],
        &["Acme – West"],
        &["Köln–Bonn"],
        &["Wait…"],
        &["Nº 5"],
        &["Mª José", "1ª"],
        &["5 €"],
        &["£5", "¥en"],
        &["Acme\u{a0}Inc"],
        &["Joe´s"],
        &["Le «Bon»"],
        &["CAFÉ NOIR"],
        &["CAFÉs"],
        &["LEÕES", "SÃO"],
        &["BioÖl"],
        &["Kalle OÜ"],
        &["OÖVersicherung"],
        &["À la carte"],
        &["L’HAŸ"],
        &["Rock ‘n’ Roll"],
        &["GUÐMUND"],
        &["Miloš", "Hršak"],
        &["Škoda"],
        &["ÆRØ"],
        &["VÕRU"],
        &["Ñandú"],
    ];
    let mac = [
        &["Joe’s Diner"][..],
        &["Crème Co", "Joe’s"],
        &["Joe’s Diner", "Café Noir"],
        &["Crème Brûlée", "Nestlé", "“Best” Foods"],
        &["O’Neill"],
        &["Acme – West"],
        &["Nestlé"],
        &["Wait… What"],
        &["Señor Taco"],
        &["Acme\u{a0}Inc"],
        &["Björk"],
        &["Köln"],
        &["“Best” Foods"],
        &["Foo™"],
        &["Acme®"],
        &["Müller", "Große"],
        &["MÜLLER"],
        &["Café de l’Été", "Société"],
        &["Åkes", "Île"],
        &["España", "São"],
    ];
    let central = [
        &["Žižkov", "Poľana"][..],
        &["Byť", "Hršak"],
        &["Żabka"],
        &["Źrebiec"],
        &["Ťažký"],
    ];
    for (lists, encoding) in [
        (&windows[..], WINDOWS_1252),
        (&mac, MACINTOSH),
        (&central, WINDOWS_1250),
    ] {
        for names in lists {
            for ending in ["com", "org"] {
                let found = read_as(&list(names, ending), encoding).to_lowercase();
                let expected = encoding.name().to_lowercase();
                assert_eq!(found, expected, "{names:?}");
            }
        }
    }
}

#[test]
fn lines_that_end_in_returns_alone_speak_for_a_mac() {
    for name in ["“BEST”", "JOE’S DINER", "Bäckerei", "5 €"] {
        let text = list(&[name], "com").replace('\n', "\r");
        assert_eq!(read_as(&text, MACINTOSH), "macintosh", "{name}");
    }
    let text = list(&["Müller"], "com").replace('\n', "\r");
    assert_eq!(read_as(&text, WINDOWS_1252), "windows-1252");
}

#[test]
fn a_few_words_of_the_far_east_are_no_western_text() {
    for (name, encoding) in [
        ("ソニー", SHIFT_JIS),
        ("東京ソフトウェア", SHIFT_JIS),
        ("北京科技有限公司", GBK),
        ("高雄貿易", BIG5),
        ("주식회사 한국", EUC_KR),
    ] {
        let found = read_as(&format!("name,domain\n{name},a.com\n"), encoding);
        assert_eq!(found, encoding.name(), "{name}");
    }
}

#[test]
fn text_that_was_utf8_so_far_is_said_to_be_joined_from_two_files() {
    let bytes = "name,domain\nCafé Größe,a.com\nZürich,z.ch\n".as_bytes();
    let path = tempfile::NamedTempFile::new().unwrap();
    let joined = [bytes, b"M\xfcller,m.de\n"].concat();
    fs_err::write(path.path(), joined).unwrap();
    let source = Source::File(path.path().to_owned());
    let reader = Reader::open(&source, &ReadOptions::default()).unwrap();
    let error = reader.last().unwrap().unwrap_err();
    let hint = error.hint().unwrap();
    assert!(
        hint.starts_with("the file is UTF-8 up to this line"),
        "{hint}"
    );
}

#[test]
fn code_pages_of_dos_are_refused() {
    for name in [
        &b"M\x81ller & S\x94hne"[..],
        b"S\x94hne",
        b"Cr\x8ame Br\x96l\x82e",
    ] {
        let bytes = [b"name,domain\n", name, b",a.com\n"].concat();
        let error = open(&bytes).unwrap_err();
        assert!(
            error.to_string().ends_with(
                "is text in a DOS code page (437, 850 or similar), which is not supported"
            ),
            "{error}"
        );
        assert_eq!(
            error.hint().unwrap(),
            "save the file again as UTF-8; if it comes from a Mac, read it with --encoding macintosh"
        );
    }
}

#[test]
fn a_guessed_encoding_is_shown_with_words_of_the_list() {
    let (bytes, ..) = WINDOWS_1252.encode("name,domain\nMüller GmbH,a.com\nCrème,b.com\n");
    assert_eq!(
        open(&bytes).unwrap().to_string(),
        "CSV, commas, Windows-1252 (guessed from \"Müller\", \"Crème\")"
    );
}

#[test]
fn encodings_have_more_names_than_the_standard_ones() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.csv");
    fs_err::write(&path, "name\nAB\n").unwrap();
    let read = |label: &str| {
        let options = ReadOptions {
            encoding: Some(label.to_owned()),
            ..ReadOptions::default()
        };
        Reader::open(&Source::File(path.clone()), &options)
    };
    for (label, name) in [
        ("ansi", "windows-1252"),
        ("latin1", "windows-1252"),
        ("CP1252", "windows-1252"),
        ("win-1250", "windows-1250"),
        ("1251", "windows-1251"),
        ("MacRoman", "macintosh"),
        ("mac-roman", "macintosh"),
        ("utf8", "UTF-8"),
        ("latin-1", "windows-1252"),
        ("iso-8859_1", "windows-1252"),
        ("cp-1252", "windows-1252"),
        ("win1252", "windows-1252"),
        ("Shift.JIS", "Shift_JIS"),
        ("euckr", "EUC-KR"),
    ] {
        assert_eq!(
            read(label).unwrap().read_as().encoding,
            Some(name),
            "{label}"
        );
    }
    // In this one the text is a single line.
    let error = read("utf16").unwrap_err();
    assert!(error.to_string().ends_with("has a header but no rows"));
    let error = read("cp850").unwrap_err();
    assert_eq!(error.to_string(), "unknown text encoding \"cp850\"");
    assert_eq!(error.hint().unwrap(), "save the file again as UTF-8");
}
