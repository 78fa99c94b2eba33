//! Tests of cells as people and programs write them.

use super::*;

/// The domains of a cell, or the codes of its problems.
fn domains_of(cell: &str) -> String {
    let found = validated(usual(), &record(2, &["A", cell]));
    match found.organization {
        Some(organization) => {
            let names = organization.domain_data.into_iter().map(|data| data.domain);
            names.collect::<Vec<_>>().join(" ")
        }
        None => codes(&found.problems).join(" "),
    }
}

#[test]
fn lists_of_programs_and_people_are_read() {
    for cell in [
        "{a.com,b.com}",
        r#"["a.com", "b.com"]"#,
        "['a.com', 'b.com']",
        "a.com|b.com",
        "a.com\nb.com",
        "a.com / b.com",
        "a.com & b.com",
        "a.com or b.com",
        "a.com und b.com",
        "a.com (old), b.com (since 2020)",
    ] {
        assert_eq!(domains_of(cell), "a.com b.com", "{cell}");
    }
    for blank in ["{}", "[]"] {
        assert_eq!(domains_of(blank), "", "{blank}");
    }
}

#[test]
fn web_addresses_are_read_as_people_write_them() {
    for cell in [
        "http:// www.a.com",
        "https:// a.com",
        "www. a.com",
        "www a.com",
        "www,a,com",
        "www.a,com",
        "#http://www.a.com/#",
        "Our page#http://www.a.com/index.htm#",
        r#"=HYPERLINK("https://a.com","A")"#,
        "[a.com](https://a.com/)",
        r#"<a href="https://a.com">A</a>"#,
        "A Inc (https://a.com)",
        "Website: https://a.com",
        "www.a.com;",
        "www.a.com (closed)",
    ] {
        assert_eq!(domains_of(cell), "a.com", "{cell}");
    }
    for doubtful in [
        "http://www.up silon.com",
        "acme b.com",
        "www,a",
        "a,com",
        "(old)",
        "and",
    ] {
        assert!(domains_of(doubtful).starts_with("domain_"), "{doubtful}");
    }
}

#[test]
fn a_page_on_a_platform_is_left_out_and_listed() {
    let cell = "https://www.linkedin.com/company/acme; acme.com acme.notion.site";
    let found = validated(usual(), &record(2, &["A", cell]));
    let left_out: Vec<_> = found
        .changes
        .iter()
        .filter(|change| change.code == "domain_of_platform")
        .map(|change| (change.from.as_ref(), change.to.as_ref()))
        .collect();
    assert_eq!(
        left_out,
        [
            ("https://www.linkedin.com/company/acme", ""),
            ("acme.notion.site", "")
        ]
    );
    assert_eq!(domains_of(cell), "acme.com");
    let found = validated(usual(), &record(2, &["LinkedIn", "linkedin.com"]));
    assert_eq!(codes(&found.warnings), ["domain_platform"]);
    assert!(found.organization.is_some());
}

#[test]
fn a_host_that_several_rows_share_is_left_out_where_a_page_is_named() {
    let mut options = MappingOptions::default();
    options
        .cells
        .shared_hosts
        .insert("clubs.example.com".to_owned());
    let mut validator = validator(&["name", "domain"], &options);
    for (line, cell, expected) in [
        (2, "http://clubs.example.com/a", r#"{"name":"A"}"#),
        (3, "http://clubs.example.com/b", r#"{"name":"A"}"#),
        (
            4,
            "clubs.example.com",
            r#"{"name":"A","domain_data":[{"domain":"clubs.example.com","state":"pending"}]}"#,
        ),
    ] {
        assert_eq!(
            sent(validator.validate(&record(line, &["A", cell]))),
            expected
        );
    }
}

#[test]
fn a_domain_of_several_rows_is_sent_when_told_to() {
    let mut options = MappingOptions::default();
    options.cells.shared_domains = true;
    let mut validator = validator(&["name", "domain"], &options);
    sent(validator.validate(&record(2, &["A", "a.com"])));
    sent(validator.validate(&record(3, &["B", "a.com"])));
}

#[test]
fn a_real_value_of_metadata_is_never_dropped() {
    for value in ["NA", "none", "-", "0", "False", "null", "nan"] {
        let found = validated(usual(), &record(2, &["A", "", "", "", value]));
        let organization = found.organization.unwrap();
        assert_eq!(organization.metadata["plan"], value);
    }
    let json = format!(
        r#"{{"name":"A","metadata":{{"country":"NA","x":{}}}}}"#,
        "null"
    );
    assert_eq!(
        sent(from_json(&["name", "metadata"], &json)),
        r#"{"name":"A","metadata":{"country":"NA"}}"#
    );
    let mut options = MappingOptions::default();
    options.cells.placeholders = vec!["-".to_owned(), "na".to_owned()];
    let validator = validator(&["name", "metadata.plan"], &options);
    let found = validated(validator, &record(2, &["A", "NA"]));
    assert_eq!(found.changes[0].code, "placeholder");
    assert_eq!(sent(found), r#"{"name":"A"}"#);
}

#[test]
fn failed_formulas_and_missing_values_are_no_names_and_no_ids() {
    for name in [
        "#N/A",
        "#NV",
        "#SPILL!",
        "Loading...",
        "0",
        "NaN",
        "nan",
        "<NA>",
        "NaT",
    ] {
        let found = validated(usual(), &record(2, &[name]));
        assert!(found.organization.is_none(), "{name}");
    }
    for name in ["None", "NA", "True", "NULL Ltd"] {
        let found = validated(usual(), &record(2, &[name, "a.com"]));
        assert!(found.organization.is_some(), "{name}");
    }
    for id in ["#N/A", "#NV", "Loading...", "1.23457E+11"] {
        let found = validated(usual(), &record(2, &["A", "", id]));
        assert!(found.organization.is_none(), "{id}");
    }
    for id in ["NaN", "nan", "<NA>", "NaT", "NA"] {
        let found = validated(usual(), &record(2, &["A", "", id]));
        assert_eq!(sent(found), r#"{"name":"A"}"#, "{id}");
    }
}

#[test]
fn a_name_that_is_a_link_is_the_text_that_it_shows() {
    let link = r#"=HYPERLINK("https://a.com","A Inc")"#;
    let found = validated(usual(), &record(2, &[link, link]));
    assert_eq!(
        sent(found),
        r#"{"name":"A Inc","domain_data":[{"domain":"a.com","state":"pending"}]}"#
    );
}

#[test]
fn the_state_of_a_domain_that_workos_listed_is_dropped_with_a_warning() {
    let json = r#"{"name":"A","domains":[{"domain":"a.com","state":"verified"},{"domain":"b.com","state":"pending"}]}"#;
    let found = from_json(&["name", "domains"], json);
    assert_eq!(codes(&found.warnings), ["domain_state_dropped"]);
    let header = header(&["name", "domains"]);
    let options = MappingOptions {
        domain_state: Some(crate::organization::DomainState::Verified),
        ..MappingOptions::default()
    };
    let mapping = Mapping::resolve(&header, Format::Jsonl, &options).unwrap();
    let found = validated(Validator::new(mapping, &header), &object(1, json));
    assert!(found.warnings.is_empty());
}
