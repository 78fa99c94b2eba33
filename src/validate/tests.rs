//! Tests of the validation of rows.

use super::*;
use crate::columns::{Mapping, MappingOptions, OnePer, Role};
use crate::input::{Error, ReadOptions, Reader, Source};
use crate::organization::NewOrganization;
use crate::organization::problem::Problem;
use crate::table::{Cells, Format, Row};
use csv::StringRecord;
use std::borrow::Cow;
use std::sync::Arc;

mod cells;

fn header(columns: &[&str]) -> Vec<String> {
    columns.iter().map(|c| (*c).to_owned()).collect()
}

fn validator(columns: &[&str], options: &MappingOptions) -> Validator {
    let header = header(columns);
    Validator::new(
        Mapping::resolve(&header, Format::Csv, options).unwrap(),
        &header,
    )
}

fn usual() -> Validator {
    validator(
        &[
            "name",
            "domains",
            "external_id",
            "metadata",
            "metadata.plan",
        ],
        &MappingOptions::default(),
    )
}

fn record(line: u64, cells: &[&str]) -> Row {
    Row {
        number: line - 1,
        line,
        cells: Cells::Record(StringRecord::from(cells.to_vec())),
    }
}

fn object(line: u64, json: &str) -> Row {
    Row {
        number: line,
        line,
        cells: Cells::Object(serde_json::from_str(json).unwrap()),
    }
}

fn from_json(keys: &[&str], json: &str) -> Validated<'static> {
    let header = header(keys);
    let mapping = Mapping::resolve(&header, Format::Jsonl, &MappingOptions::default()).unwrap();
    validated(Validator::new(mapping, &header), &object(1, json))
}

/// The result for the only row of a file.
fn validated(mut validator: Validator, row: &Row) -> Validated<'static> {
    let found = validator.validate(row);
    Validated {
        organization: found.organization.map(NewOrganization::into_owned),
        problems: found.problems,
        warnings: found.warnings,
        changes: found.changes.into_iter().map(Change::into_owned).collect(),
        key: found.key,
        repeats_name: found.repeats_name,
        unsent_id: found.unsent_id.map(|id| Cow::Owned(id.into_owned())),
    }
}

fn codes(problems: &[Problem]) -> Vec<&'static str> {
    problems.iter().map(|p| p.code).collect()
}

fn sent(validated: Validated<'_>) -> String {
    assert_eq!(codes(&validated.problems), [""; 0]);
    serde_json::to_string(&validated.organization.unwrap()).unwrap()
}

#[test]
fn a_row_becomes_an_organization_with_only_the_fields_that_are_set() {
    let mut validator = usual();
    assert_eq!(
        sent(validator.validate(&record(2, &["Acme"]))),
        r#"{"name":"Acme"}"#
    );
    let row = record(
        3,
        &[
            "Beta",
            "b.com;B.de",
            "42",
            r#"{"seats": 5, "vip": true, "x": null}"#,
            "pro",
        ],
    );
    assert_eq!(
        sent(validator.validate(&row)),
        r#"{"name":"Beta","domain_data":[{"domain":"b.com","state":"pending"},{"domain":"b.de","state":"pending"}],"external_id":"42","metadata":{"plan":"pro","seats":"5","vip":"true"}}"#
    );
}

#[test]
fn all_problems_of_a_row_are_named_at_once() {
    let row = record(2, &[" ", "acme; co.uk", "ü", "[]", &"x".repeat(601), " "]);
    let validated = validated(usual(), &row);
    assert!(validated.organization.is_none());
    assert_eq!(
        codes(&validated.problems),
        [
            "name_missing",
            "domain_invalid",
            "external_id_not_ascii",
            "metadata_not_an_object",
            "metadata_value_too_long"
        ]
    );
    assert!(
        validated.problems[1]
            .to_string()
            .starts_with(r#"column "domains": "acme" is not"#)
    );
}

#[test]
fn of_a_row_with_shifted_cells_only_that_is_told() {
    let row = record(2, &["", "acme", "ü", "", "", "left", "over"]);
    let validated = validated(usual(), &row);
    assert_eq!(codes(&validated.problems), ["too_many_cells"]);
    let surplus = validated.problems[0].to_string();
    assert!(
        surplus.contains(r#"extra cells: "left", "over""#),
        "{surplus}"
    );
}

#[test]
fn blank_cells_beyond_the_header_are_no_surplus() {
    let row = record(2, &["A", "", "", "", "", "", "\u{a0}"]);
    assert_eq!(sent(validated(usual(), &row)), r#"{"name":"A"}"#);
}

#[test]
fn a_row_that_lacks_cells_is_sent_with_a_warning_where_cells_are_counted() {
    let columns = ["name", "domain", "external_id", "notes", " "];
    let validator = validator(&columns, &MappingOptions::default());
    let short = record(2, &["Acme"]);
    assert!(
        validated(validator.clone(), &short).warnings.is_empty(),
        "a workbook has no blank cells at the end of its rows"
    );
    let mut validator = validator;
    Arc::make_mut(&mut validator.layout).count_cells();
    let found = validator.validate(&short);
    assert_eq!(codes(&found.warnings), ["too_few_cells"]);
    assert!(found.organization.is_some());
    let whole = record(3, &["Beta", "a.com", "1"]);
    assert!(validated(validator, &whole).warnings.is_empty());
}

#[test]
fn text_below_no_name_has_shifted_the_row() {
    let row = record(2, &["acme.com", "Acme", " Inc."]);
    let columns = ["domain", "name", "", " "];
    let found = validated(validator(&columns, &MappingOptions::default()), &row);
    assert_eq!(codes(&found.problems), ["too_many_cells"]);
    let row = record(2, &["acme.com", "Acme", "", " "]);
    let found = validated(validator(&columns, &MappingOptions::default()), &row);
    assert!(found.problems.is_empty());
}

#[test]
fn a_header_inside_the_list_is_a_problem() {
    let row = record(2, &["\u{feff}Name", "domain ", "x"]);
    let options = MappingOptions::default();
    let found = validated(validator(&["name", "domain", "notes"], &options), &row);
    assert_eq!(codes(&found.problems), ["header_repeated"]);
    let row = record(2, &["name", "a.com", "notes"]);
    let found = validated(validator(&["name", "domain", "notes"], &options), &row);
    assert!(found.problems.is_empty());
}

#[test]
fn a_total_between_the_rows_is_a_problem_and_one_with_other_cells_is_warned_of() {
    let total = record(2, &["Count of Records: 5"]);
    let found = validated(usual(), &total);
    assert_eq!(codes(&found.problems), ["looks_like_footer"]);
    let mut options = MappingOptions::default();
    options.cells.keep_footer = true;
    let found = validated(validator(&["name"], &options), &total);
    assert_eq!(codes(&found.warnings), ["looks_like_footer"]);
    let found = validated(usual(), &record(2, &["Total", "total.com"]));
    assert_eq!(codes(&found.warnings), ["looks_like_footer"]);
    let found = validated(usual(), &record(2, &["5", "", "Grand Totals"]));
    assert_eq!(
        codes(&found.warnings),
        ["name_is_number", "looks_like_footer"]
    );
}

#[test]
fn tricks_that_keep_zeros_in_a_spreadsheet_are_undone_openly() {
    for typed in [r#"="00042""#, "'00042"] {
        let found = validated(usual(), &record(2, &["A", "", typed]));
        let changes: Vec<_> = found
            .changes
            .iter()
            .map(|c| (c.code, c.from.as_ref(), c.to.as_ref()))
            .collect();
        assert_eq!(changes, [("formula_text", typed, "00042")]);
        let organization = found.organization.unwrap();
        assert_eq!(organization.external_id.as_deref(), Some("00042"));
    }
    let found = validated(usual(), &record(2, &["'t Hart BV", "", ""]));
    assert!(found.changes.is_empty());
}

#[test]
fn values_that_a_spreadsheet_could_not_show_are_a_problem() {
    let found = validated(
        usual(),
        &record(2, &["A", "#BEZUG!", "########", "", "Err:502"]),
    );
    assert_eq!(
        codes(&found.problems),
        ["formula_failed", "value_not_shown", "formula_failed"]
    );
}

#[test]
fn a_text_that_holds_no_domains_is_one_finding() {
    let text = "one two three four five";
    let found = validated(usual(), &record(2, &["A", text]));
    assert_eq!(codes(&found.problems), ["domain_invalid"]);
    assert!(
        found.problems[0]
            .message
            .starts_with("\"one two three four five\" is not a domain")
    );
    let found = validated(usual(), &record(2, &["A", "a.com; b_c.com; d_e.com"]));
    assert_eq!(codes(&found.problems), ["domain_invalid"]);
    let message = &found.problems[0].message;
    assert!(
        message.contains("\"b_c.com\" is not") && message.contains("1 more like it"),
        "{message}"
    );
}

#[test]
fn words_that_say_there_is_no_domain_count_as_blank() {
    let found = validated(usual(), &record(2, &["A", "not available"]));
    assert_eq!(found.changes[0].code, "placeholder");
    assert_eq!(sent(found), r#"{"name":"A"}"#);
}

#[test]
fn a_row_that_is_not_sent_is_not_warned_of() {
    let found = validated(usual(), &record(2, &["M?ller", "nodomain"]));
    assert_eq!(codes(&found.problems), ["domain_invalid"]);
    assert!(found.warnings.is_empty());
}

#[test]
fn a_repeated_domain_or_external_id_names_the_first_line() {
    let mut validator = usual();
    sent(validator.validate(&record(2, &["A", "a.com", "1"])));
    let row = record(3, &["B", "A.com", "1"]);
    let again = validator.validate(&row);
    assert_eq!(
        codes(&again.problems),
        ["external_id_repeated", "domain_repeated"]
    );
    assert!(again.problems[1].message.contains("is also on line 2"));
    sent(validator.validate(&record(4, &["C", "a.com.au", "1a"])));
}

#[test]
fn an_invalid_row_does_not_make_a_later_row_a_repetition() {
    let mut validator = usual();
    assert_eq!(
        validator
            .validate(&record(2, &["", "a.com", "1"]))
            .problems
            .len(),
        1
    );
    sent(validator.validate(&record(3, &["A", "a.com", "1"])));
}

#[test]
fn rows_alike_in_name_only_are_sent_with_a_warning() {
    let mut validator = usual();
    sent(validator.validate(&record(2, &["Acme", "a.com"])));
    let row = record(3, &["ACME", "b.com"]);
    let second = validator.validate(&row);
    assert_eq!(codes(&second.warnings), ["name_repeated"]);
    assert!(second.organization.is_some());
}

#[test]
fn what_is_cleaned_is_noted() {
    let row = record(
        2,
        &[
            " Acme\u{a0}",
            "https://www.Acme.com/about, ACME.com",
            "n/a",
            "",
            " pro ",
        ],
    );
    let validated = validated(usual(), &row);
    let changes: Vec<_> = validated
        .changes
        .iter()
        .map(|c| (c.code, c.from.as_ref(), c.to.as_ref()))
        .collect();
    assert_eq!(
        changes,
        [
            ("trimmed", " Acme\u{a0}", "Acme"),
            ("domain_from_url", "https://www.Acme.com/about", "acme.com"),
            ("domain_lower_cased", "ACME.com", "acme.com"),
            ("domain_repeated", "ACME.com", ""),
            ("placeholder", "n/a", ""),
            ("trimmed", " pro ", "pro"),
        ]
    );
    assert_eq!(validated.organization.unwrap().external_id, None);
}

#[test]
fn strict_turns_every_change_into_a_problem() {
    let options = MappingOptions {
        strict: true,
        ..Default::default()
    };
    let strict = validator(&["name", "domain"], &options);
    let validated = validated(strict, &record(2, &["A ", "WWW.a.com"]));
    assert_eq!(codes(&validated.problems), ["not_clean", "not_clean"]);
    assert!(validated.problems[1].message.ends_with(r#"write "a.com""#));
}

#[test]
fn columns_are_found_by_name_wherever_they_stand() {
    let columns = ["name", "domain", "plan"];
    let options = MappingOptions {
        map: vec![(Role::MetadataKey("tier".to_owned()), "plan".to_owned())],
        ..Default::default()
    };
    let mapping = Mapping::resolve(&header(&columns), Format::Csv, &options).unwrap();
    let mut validator = Validator::new(mapping, &header(&["workos_row", "plan", "domain", "name"]));
    assert_eq!(
        sent(validator.validate(&record(2, &["1", "pro", "a.com", "A"]))),
        r#"{"name":"A","domain_data":[{"domain":"a.com","state":"pending"}],"metadata":{"tier":"pro"}}"#
    );
}

#[test]
fn the_first_domain_can_be_the_external_id() {
    let options = MappingOptions {
        external_id_from: Some("domain".to_owned()),
        ..Default::default()
    };
    let mut validator = validator(&["name", "domain"], &options);
    let row = record(2, &["A", "A.com"]);
    let first = validator.validate(&row);
    assert_eq!(
        first.organization.unwrap().external_id.as_deref(),
        Some("a.com")
    );
    let row = record(3, &["A", "a.com"]);
    let again = validator.validate(&row);
    assert_eq!(codes(&again.problems), ["domain_repeated"]);
}

#[test]
fn objects_give_the_same_organizations_as_records() {
    let validated = from_json(
        &["name", "domains", "external_id", "metadata"],
        r#"{"name":"Beta","domains":["b.com","B.de"],"external_id":42,"metadata":{"seats":5.50,"x":null},"workos":{"status":"failed"}}"#,
    );
    assert_eq!(
        sent(validated),
        r#"{"name":"Beta","domain_data":[{"domain":"b.com","state":"pending"},{"domain":"b.de","state":"pending"}],"external_id":"42","metadata":{"seats":"5.50"}}"#
    );
}

#[test]
fn an_organization_is_read_as_the_api_writes_it() {
    let validated = from_json(
        &["id", "name", "domains"],
        r#"{"name":"Beta","domains":[{"object":"organization_domain","domain":"b.com","state":"verified"},{"domain":"b.de"}]}"#,
    );
    assert_eq!(
        sent(validated),
        r#"{"name":"Beta","domain_data":[{"domain":"b.com","state":"pending"},{"domain":"b.de","state":"pending"}]}"#
    );
}

#[test]
fn a_piece_that_is_no_domain_is_told_with_its_cell() {
    let row = record(2, &["A", "c145 corp.com", ""]);
    let found = validated(
        validator(&["name", "domain", "notes"], &MappingOptions::default()),
        &row,
    );
    let message = &found.problems[0].message;
    assert!(message.contains("it has no dot"), "{message}");
    assert!(
        message.ends_with("(the cell holds \"c145 corp.com\")"),
        "{message}"
    );
}

#[test]
fn nested_values_are_a_problem() {
    let validated = from_json(
        &["name"],
        r#"{"name":["A"],"domain":[{}],"metadata":{"a":{"b":1}}}"#,
    );
    assert_eq!(codes(&validated.problems), ["value_nested"; 3]);
}

#[test]
fn a_key_that_first_appears_late_is_still_understood() {
    let validated = from_json(
        &["name"],
        r#"{"name":"A","domain":"a.com","external_id":"1","metadata.plan":"pro","note":"x"}"#,
    );
    assert_eq!(
        sent(validated),
        r#"{"name":"A","domain_data":[{"domain":"a.com","state":"pending"}],"external_id":"1","metadata":{"plan":"pro"}}"#
    );
}

#[test]
fn objects_whose_keys_are_values_are_told() {
    let header = header(&["name"]);
    let mapping = Mapping::resolve(&header, Format::Jsonl, &MappingOptions::default()).unwrap();
    let mut validator = Validator::new(mapping, &header);
    let many: Vec<_> = (0..16_384).map(|key| format!("\"{key}\":1")).collect();
    let row = object(1, &format!("{{\"name\":\"A\",{}}}", many.join(",")));
    assert!(validator.validate(&row).problems.is_empty());
    let row = object(2, r#"{"name":"B","0":1}"#);
    assert!(validator.validate(&row).problems.is_empty());
    let row = object(3, r#"{"name":"C","x":1}"#);
    assert_eq!(codes(&validator.validate(&row).problems), ["too_many_keys"]);
}

#[test]
fn a_domain_where_a_page_would_stand_is_warned_of() {
    let found = validated(usual(), &record(2, &["A", "acme.com/acme.de"]));
    assert_eq!(codes(&found.warnings), ["domain_after_slash"]);
    let found = validated(usual(), &record(2, &["A", "acme.com/about"]));
    assert!(found.warnings.is_empty());
}

#[test]
fn a_cell_of_domains_has_an_end() {
    let cell = "a.com ".repeat(3000);
    let found = validated(usual(), &record(2, &["A", &cell]));
    assert_eq!(codes(&found.problems), ["domain_invalid"]);
    assert!(found.problems[0].message.contains("has 18000 bytes"));
}

#[test]
fn long_rows_are_judged_like_others() {
    let long = "x".repeat(3 * 1024 * 1024);
    let list = format!("name,note\nA,{long}\nB,{long}\nC,{long}\nD\n");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.csv");
    fs_err::write(&path, list).unwrap();
    let mut reader = Reader::open(&Source::File(path), &ReadOptions::default()).unwrap();
    let mut names = Vec::new();
    validator(&["name", "note"], &MappingOptions::default())
        .validate_all(&mut reader, |_, found| -> Result<(), Error> {
            names.push(
                found
                    .organization
                    .as_ref()
                    .unwrap()
                    .name
                    .clone()
                    .into_owned(),
            );
            Ok(())
        })
        .unwrap();
    assert_eq!(names, ["A", "B", "C", "D"]);
}

#[test]
fn a_late_key_is_known_by_the_names_of_other_programs() {
    let header = header(&["name"]);
    let mapping = Mapping::resolve(&header, Format::Jsonl, &MappingOptions::default()).unwrap();
    let mut validator = Validator::new(mapping, &header);
    let row = object(
        150,
        r#"{"name":"A","URL":"b.com","Website":"x","Id":"0","Account ID":"1"}"#,
    );
    assert_eq!(
        sent(validator.validate(&row)),
        r#"{"name":"A","domain_data":[{"domain":"b.com","state":"pending"}],"external_id":"1"}"#
    );
    let row = object(
        151,
        r#"{"name":"B","domain":"late.com","Website":"x","Id":"0"}"#,
    );
    assert_eq!(
        sent(validator.validate(&row)),
        r#"{"name":"B"}"#,
        "once taken, a role keeps its key"
    );
    let late: Vec<_> = validator
        .late_keys()
        .iter()
        .map(|late| (late.key.as_str(), late.line, late.role.clone()))
        .collect();
    assert_eq!(
        late,
        [
            ("URL", 150, Some(Role::Domain)),
            ("Website", 150, None),
            ("Account ID", 150, Some(Role::ExternalId)),
            ("Id", 150, None),
            ("domain", 151, None),
        ]
    );
}

#[test]
fn a_late_key_gets_no_role_that_the_user_has_given_away() {
    let header = header(&["name"]);
    let options = MappingOptions {
        map: vec![(Role::Domain, String::new())],
        external_id_from: Some("name".to_owned()),
        ..Default::default()
    };
    let mapping = Mapping::resolve(&header, Format::Jsonl, &options).unwrap();
    let json = r#"{"name":"A","domain":"a.com","external_id":"1"}"#;
    assert_eq!(
        sent(validated(
            Validator::new(mapping, &header),
            &object(1, json)
        )),
        r#"{"name":"A","external_id":"A"}"#
    );
    // Nor one that was given away when the mapping of an earlier run was taken over.
    let base = Mapping::resolve(&header, Format::Jsonl, &MappingOptions::default()).unwrap();
    let options = MappingOptions {
        base: Some(base),
        map: vec![
            (Role::Domain, String::new()),
            (Role::MetadataKey("plan".to_owned()), String::new()),
        ],
        metadata_columns: vec!["*".to_owned()],
        ..Default::default()
    };
    let mapping = Mapping::resolve(&header, Format::Jsonl, &options).unwrap();
    let json = r#"{"name":"A","external_id":"1","metadata.plan":"p","metadata.x":"y","plan":"q"}"#;
    assert_eq!(
        sent(validated(
            Validator::new(mapping, &header),
            &object(1, json)
        )),
        r#"{"name":"A","external_id":"1","metadata":{"x":"y"}}"#
    );
}

#[test]
fn all_other_keys_are_metadata_if_asked_for_except_nested_ones() {
    let header = header(&["name", "plan", "address"]);
    let options = MappingOptions {
        metadata_columns: vec!["*".to_owned()],
        ..Default::default()
    };
    let mapping = Mapping::resolve(&header, Format::Jsonl, &options).unwrap();
    let json = r#"{"name":"A","plan":"pro","address":{"city":"X"},"late":1,"workos":{}}"#;
    let found = validated(Validator::new(mapping, &header), &object(1, json));
    assert_eq!(codes(&found.warnings), ["metadata_nested"]);
    assert_eq!(
        sent(found),
        r#"{"name":"A","metadata":{"late":"1","plan":"pro"}}"#
    );
}

#[test]
fn the_values_of_a_database_are_unwrapped_and_reached_by_their_path() {
    let header = header(&["_id", "company", "seats"]);
    let options = MappingOptions {
        map: vec![
            (Role::Name, "company.legal.name".to_owned()),
            (Role::MetadataKey("seats".to_owned()), "seats".to_owned()),
        ],
        ..Default::default()
    };
    let mapping = Mapping::resolve(&header, Format::Jsonl, &options).unwrap();
    let shown = mapping.table(&header).pop();
    assert_eq!(
        shown,
        Some(("company.legal.name".to_owned(), vec![Role::Name]))
    );
    let json = r#"{"_id":{"$oid":"65e1"},"company":{"legal":{"name":"Acme"}},"seats":{ "$numberLong": "55" }}"#;
    assert_eq!(
        sent(validated(
            Validator::new(mapping, &header),
            &object(1, json)
        )),
        r#"{"name":"Acme","external_id":"65e1","metadata":{"seats":"55"}}"#
    );
}

#[test]
fn an_unreadable_row_has_one_problem() {
    let cells = Cells::Unreadable {
        text: "{oops".to_owned(),
        reason: "not JSON".to_owned(),
    };
    let row = Row {
        number: 1,
        line: 2,
        cells,
    };
    let validated = validated(usual(), &row);
    assert_eq!(codes(&validated.problems), ["row_unreadable"]);
    assert_eq!(validated.problems[0].to_string(), r#"not JSON: "{oops""#);
}

#[test]
fn consumer_mail_domains_are_sent_with_a_warning() {
    let validated = validated(usual(), &record(2, &["A", "joe@gmail.com"]));
    assert_eq!(codes(&validated.warnings), ["domain_consumer"]);
    assert!(validated.organization.is_some());
}

#[test]
fn a_failed_formula_is_a_problem_and_a_failed_lookup_a_blank() {
    let validated = validated(usual(), &record(2, &["#REF!", "#N/A", "#VALUE!"]));
    assert_eq!(
        codes(&validated.problems),
        ["formula_failed", "formula_failed"]
    );
    assert_eq!(validated.changes.len(), 1);
}

#[test]
fn what_is_no_object_of_metadata_is_said_without_jargon() {
    let columns = ["name", "metadata"];
    for (json, fault) in [
        ("region=EU", "it does not start with {"),
        ("{'a': 'b'}", "JSON requires double quotes"),
        (r#"["a"]"#, "it is JSON, but not an object"),
        (r#"{"a": 1"#, "it ends before the object is closed"),
        (r#"{"a": 1,, }"#, "unexpected character at position 9"),
        (
            r#"{"plan":"free","plan":"pro"}"#,
            "the key \"plan\" occurs twice in the object",
        ),
    ] {
        let validator = validator(&columns, &MappingOptions::default());
        let found = validated(validator, &record(2, &["A", json]));
        assert_eq!(codes(&found.problems), ["metadata_not_an_object"]);
        let message = &found.problems[0].message;
        let expected = format!("is not a JSON object: {fault}; expected");
        assert!(message.contains(&expected), "{message}");
    }
}

#[test]
fn a_repeated_domain_that_is_nobodys_own_is_said_to_be() {
    let mut validator = usual();
    validator.validate(&record(2, &["A", "a@gmail.com"]));
    let row = record(3, &["B", "b@gmail.com"]);
    let found = validator.validate(&row);
    assert_eq!(codes(&found.problems), ["domain_consumer"]);
    assert_eq!(codes(&found.warnings), Vec::<&str>::new());
    let message = &found.problems[0].message;
    assert!(!message.contains("line 2"), "{message}");
    validator.validate(&record(4, &["C", "linkedin.com"]));
    let row = record(5, &["D", "linkedin.com"]);
    let found = validator.validate(&row);
    assert_eq!(codes(&found.problems), ["domain_repeated"]);
    let message = &found.problems[0].message;
    assert!(message.contains("is a platform"), "{message}");
}

#[test]
fn rows_equal_in_every_cell_are_a_problem_unless_they_are_meant() {
    let header = header(&["name", "domain", "note", "workos_row"]);
    let validated = |one_per_row: bool| {
        let options = MappingOptions {
            one_per: one_per_row.then_some(OnePer::Row),
            ..Default::default()
        };
        let mapping = Mapping::resolve(&header, Format::Csv, &options).unwrap();
        let mut validator = Validator::new(mapping, &header).without_name_warnings();
        let rows = [
            ["Acme", "", "x", "1"],
            ["Acme", "", "y", "2"],
            ["Acme", "", "x", "3"],
            ["Acme", "", "x", "4"],
        ];
        let rows = (2..).zip(rows).map(|(line, cells)| record(line, &cells));
        let rows: Vec<_> = rows.collect();
        let found = rows
            .iter()
            .map(|row| codes(&validator.validate(row).problems));
        found.collect::<Vec<_>>()
    };
    assert_eq!(
        validated(false),
        [vec![], vec![], vec!["row_repeated"], vec!["row_repeated"]]
    );
    assert_eq!(validated(true), [[""; 0]; 4]);
}

#[test]
fn a_second_reading_that_knows_what_is_repeated_finds_the_same() {
    let columns = ["name", "domain", "external_id"];
    let rows: Vec<_> = (2..)
        .zip([
            ["Acme", "a.com", "1"],
            ["Globex", "b.com", "2"],
            ["ACME", "c.com", "3"],
            ["Initech", "a.com", "4"],
            ["Hooli", "d.com", "2"],
            ["Vandelay", "d.com", "6"],
            ["Soylent", "not a domain", "6"],
        ])
        .map(|(line, cells)| record(line, &cells))
        .collect();
    let validate = |validator: &mut Validator| {
        let found = rows.iter().map(|row| {
            let found = validator.validate(row);
            (found.problems, found.warnings)
        });
        found.collect::<Vec<_>>()
    };
    let mut first = validator(&columns, &MappingOptions::default());
    let found = validate(&mut first);
    assert_eq!(codes(&found[2].1), ["name_repeated"]);
    assert_eq!(codes(&found[3].0), ["domain_repeated"]);
    assert_eq!(codes(&found[4].0), ["external_id_repeated"]);
    let repeats = first.repeats().few().unwrap();
    assert_eq!(repeats.len(), 4, "a name, a domain, two ids");
    let second = validator(&columns, &MappingOptions::default());
    let mut second = second.expecting(RepeatedTexts::kept(repeats));
    assert_eq!(validate(&mut second), found);
    // The texts that only one row has are not remembered.
    assert!(second.repeats().few().unwrap().len() == 4 && second.remembers() == 4);
}
