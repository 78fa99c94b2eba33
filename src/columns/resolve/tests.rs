//! Which columns are taken, by their names and by what they hold.

use super::*;
use crate::table::{Cells, Row};

fn header(columns: &[&str]) -> Vec<String> {
    columns.iter().map(|c| (*c).to_owned()).collect()
}

fn resolve(columns: &[&str], options: &MappingOptions) -> Result<Mapping, Error> {
    Mapping::resolve(&header(columns), Format::Csv, options)
}

#[test]
fn our_own_names_are_found_in_any_spelling() {
    let columns = [
        "Name",
        "DOMAINS",
        "External-Id",
        "metadata.Plan",
        "notes",
        "workos_status",
    ];
    let mapping = resolve(&columns, &MappingOptions::default()).unwrap();
    assert_eq!(mapping.name, "Name");
    assert_eq!(mapping.domains, ["DOMAINS"]);
    assert_eq!(mapping.external_id.as_deref(), Some("External-Id"));
    assert_eq!(mapping.metadata["Plan"], "metadata.Plan");
    assert!(mapping.roles("notes").is_empty());
}

#[test]
fn without_a_name_column_the_columns_found_are_named() {
    let error = resolve(&["foo", "bar"], &MappingOptions::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no column holds the organization's name; columns found: \"foo\", \"bar\""
    );
    assert_eq!(
        error.hint().unwrap(),
        "no column looks like names of organizations: add a column named name; if the header is \
         further down, use --header-row NUMBER"
    );
}

#[test]
fn all_the_rest_becomes_metadata_but_never_a_results_column() {
    let options = MappingOptions {
        metadata_columns: vec!["*".to_owned()],
        ..Default::default()
    };
    let columns = ["name", "plan", "", "Region", "workos_status", "workos"];
    let mapping = resolve(&columns, &options).unwrap();
    assert_eq!(
        mapping.metadata.keys().collect::<Vec<_>>(),
        ["plan", "Region"]
    );
}

#[test]
fn options_override_what_the_headers_suggest() {
    let options = MappingOptions {
        map: vec![
            (Role::Name, "company".to_owned()),
            (Role::Domain, String::new()),
        ],
        external_id_from: Some("domain".to_owned()),
        ..Default::default()
    };
    let mapping = resolve(&["name", "Company", "domain", "external_id"], &options).unwrap();
    assert_eq!(mapping.name, "Company");
    assert!(mapping.domains.is_empty());
    assert_eq!(mapping.external_id, None);
    assert!(mapping.external_id_from_domain);
}

#[test]
fn generated_ids_leave_the_column_of_external_ids_in_place() {
    let options = MappingOptions {
        external_id_from: Some("generated".to_owned()),
        ..Default::default()
    };
    let mapping = resolve(&["name", "external_id"], &options).unwrap();
    assert_eq!(mapping.external_id.as_deref(), Some("external_id"));
    assert!(mapping.external_id_generated);
}

#[test]
fn a_metadata_key_that_is_given_away_is_not_among_the_rest() {
    let options = MappingOptions {
        map: ["plan", "Notes"]
            .map(|key| (Role::MetadataKey(key.to_owned()), String::new()))
            .into(),
        metadata_columns: vec!["*".to_owned()],
        ..Default::default()
    };
    let columns = ["name", "metadata.plan", "Notes", "region"];
    let mapping = resolve(&columns, &options).unwrap();
    assert_eq!(mapping.metadata.keys().collect::<Vec<_>>(), ["region"]);
}

#[test]
fn a_hint_names_the_role_that_was_asked_for_as_a_shell_takes_it() {
    let named = |role: Role| MappingOptions {
        map: vec![(role, "company".to_owned())],
        ..Default::default()
    };
    let quoted = crate::text::shell("metadata.It's $(it)");
    for (role, hint) in [
        (Role::Name, "--map name=COMPANY or --map name=Company"),
        (
            Role::MetadataKey("It's $(it)".to_owned()),
            &format!("--map {quoted}=COMPANY or --map {quoted}=Company"),
        ),
    ] {
        let error = resolve(&["COMPANY", "Company"], &named(role)).unwrap_err();
        let expected = format!("choose one: {hint}");
        assert_eq!(error.hint().unwrap(), expected);
    }
}

#[test]
fn a_results_column_cannot_be_mapped() {
    let options = MappingOptions {
        map: vec![(Role::ExternalId, "workos_row".to_owned())],
        ..Default::default()
    };
    let error = resolve(&["name", "workos_row"], &options).unwrap_err();
    assert!(matches!(error, Error::ResultsColumn { .. }));
}

#[test]
fn a_crm_export_needs_no_options() {
    let columns = [
        "Account ID",
        "Account Name",
        "Website",
        "Id",
        "Account Owner",
    ];
    let mapping = resolve(&columns, &MappingOptions::default()).unwrap();
    assert_eq!(mapping.name, "Account Name");
    assert_eq!(mapping.domains, ["Website"]);
    assert_eq!(mapping.external_id.as_deref(), Some("Account ID"));
}

#[test]
fn equally_likely_columns_are_asked_for() {
    let columns = ["Company Name", "Account Name", "Website", "URL"];
    let error = resolve(&columns, &MappingOptions::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "several columns could be the name: \"Company Name\", \"Account Name\""
    );
    assert_eq!(
        error.hint().unwrap(),
        "choose one: --map name=\"Company Name\" or --map name=\"Account Name\""
    );
    let options = MappingOptions {
        map: vec![
            (Role::Name, "account name".to_owned()),
            (Role::Domain, "Website".to_owned()),
            (Role::Domain, "URL".to_owned()),
        ],
        ..Default::default()
    };
    let mapping = resolve(&columns, &options).unwrap();
    assert_eq!(mapping.name, "Account Name");
    assert_eq!(mapping.domains, ["Website", "URL"]);
}

#[test]
fn numbered_columns_of_domains_are_taken_together_where_no_other_serves() {
    let columns = ["name", "Domain 1", "Domain 2", "Website 1"];
    let mapping = resolve(&columns, &MappingOptions::default()).unwrap();
    assert_eq!(mapping.domains, ["Domain 1", "Domain 2"]);
    let columns = ["name", "Website", "Website 2", "domain.1"];
    let mapping = resolve(&columns, &MappingOptions::default()).unwrap();
    assert_eq!(mapping.domains, ["Website"]);
    let columns = ["name", "Website", "URL"];
    let error = resolve(&columns, &MappingOptions::default()).unwrap_err();
    assert!(matches!(error, Error::Ambiguous { .. }), "{error}");
}

#[test]
fn the_column_that_says_name_is_proposed_first() {
    let error = resolve(&["Customer", "Name"], &MappingOptions::default()).unwrap_err();
    assert_eq!(
        error.hint().unwrap(),
        "choose one: --map name=Name or --map name=Customer"
    );
    let mapping = resolve(&["Account", "Account Name"], &MappingOptions::default()).unwrap();
    assert_eq!(mapping.name, "Account Name");
}

#[test]
fn two_columns_of_the_same_name_are_not_chosen_between() {
    let error = resolve(&["name", "domain", "domain"], &MappingOptions::default()).unwrap_err();
    assert_eq!(error.to_string(), "several columns are named \"domain\"");
    let error = resolve(&["name", "Name"], &MappingOptions::default()).unwrap_err();
    assert!(matches!(error, Error::Ambiguous { .. }), "{error}");
}

#[test]
fn a_name_that_may_be_a_persons_or_a_machines_is_asked_for() {
    for columns in [
        ["id", "name", "display_name"],
        ["Name", "Email", "Company"],
        ["Name", "Website", "Customer"],
    ] {
        let error = resolve(&columns, &MappingOptions::default()).unwrap_err();
        assert!(matches!(error, Error::Ambiguous { .. }), "{error}");
    }
    for columns in [
        ["First Name", "Last Name", "Name"],
        ["First Name", "Last Name", "Title"],
        ["First Name", "Name", "Legal Name"],
    ] {
        let error = resolve(&columns, &MappingOptions::default()).unwrap_err();
        assert!(matches!(error, Error::NamesOfPersons { .. }), "{error}");
    }
    for company in ["Company", "Legal Name"] {
        let columns = ["First Name", "Last Name", company];
        let mapping = resolve(&columns, &MappingOptions::default()).unwrap();
        assert_eq!(mapping.name, company);
    }
    for columns in [
        ["First Name", "Name", "Account Name"],
        ["Name", "Site", "Account Name"],
    ] {
        let mapping = resolve(&columns, &MappingOptions::default()).unwrap();
        assert_eq!(mapping.name, "Account Name");
    }
    let columns = ["Name", "Legal name", "Account ID"];
    assert_eq!(
        resolve(&columns, &MappingOptions::default()).unwrap().name,
        "Name"
    );
}

#[test]
fn a_role_is_given_once() {
    let options = MappingOptions {
        map: vec![(Role::Name, "A".to_owned()), (Role::Name, "B".to_owned())],
        ..Default::default()
    };
    let error = resolve(&["A", "B"], &options).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the name is mapped twice: \"A\" and \"B\""
    );
}

#[test]
fn a_misspelt_column_is_guessed_in_the_hint() {
    let options = MappingOptions {
        map: vec![(Role::Name, "Compny name".to_owned())],
        ..Default::default()
    };
    let error = resolve(&["Company name", "B"], &options).unwrap_err();
    let hint = error.hint().unwrap();
    assert!(hint.starts_with("did you mean \"Company name\"?"), "{hint}");
}

#[test]
fn a_mapping_survives_being_written_down() {
    let options = MappingOptions {
        metadata_columns: vec!["*".to_owned()],
        strict: true,
        ..Default::default()
    };
    let mapping = resolve(&["name", "domain", "Sales Region"], &options).unwrap();
    let text = toml::to_string(&mapping).unwrap();
    assert_eq!(toml::from_str::<Mapping>(&text).unwrap(), mapping);
    let json = serde_json::to_string(&mapping).unwrap();
    assert_eq!(serde_json::from_str::<Mapping>(&json).unwrap(), mapping);
    let mapping = Mapping::resolve(&header(&["name", "plan"]), Format::Jsonl, &options);
    let mapping = mapping.unwrap();
    let text = toml::to_string(&mapping).unwrap();
    assert!(
        text.contains(r#"late = ["domain", "external_id", "metadata"]"#),
        "{text}"
    );
    assert_eq!(toml::from_str::<Mapping>(&text).unwrap(), mapping);
}

/// The mapping of a list: its header is the first row.
fn of_list(rows: &[&[&str]]) -> Result<Mapping, Error> {
    let (columns, rows) = rows.split_first().unwrap();
    let header = header(columns);
    let mut content = Content::new(&header);
    for cells in rows {
        content.add(&Row {
            cells: Cells::Record(csv::StringRecord::from(cells.to_vec())),
            ..Row::default()
        });
    }
    Mapping::of_list(&header, Format::Csv, &content, &MappingOptions::default())
}

#[test]
fn in_a_list_of_persons_plain_columns_are_theirs() {
    let mapping = of_list(&[
        &[
            "email",
            "first_name",
            "last_name",
            "external_id",
            "metadata",
            "org_external_id",
            "org_name",
        ],
        &[
            "ann@acme.com",
            "Ann",
            "Lee",
            "auth0|1",
            "{}",
            "org_acme",
            "Acme Inc",
        ],
        &[
            "bob@acme.com",
            "Bob",
            "Ray",
            "auth0|2",
            "{}",
            "org_acme",
            "Acme Inc",
        ],
    ])
    .unwrap();
    assert_eq!(mapping.name, "org_name");
    assert_eq!(mapping.external_id.as_deref(), Some("org_external_id"));
    assert!(mapping.metadata_objects.is_empty());
    let mapping = of_list(&[
        &["Name", "Email", "Company", "id"],
        &["Ann Lee", "ann@acme.com", "Acme Inc", "1"],
        &["Bob Ray", "bob@beta.io", "Beta LLC", "2"],
    ]);
    let mapping = mapping.unwrap();
    assert_eq!(
        (mapping.name.as_str(), mapping.external_id),
        ("Company", None)
    );
}

#[test]
fn the_id_is_complete_and_unique() {
    let id = |column: &str, cells: [&str; 3]| {
        let rows: [&[&str]; 4] = [
            &["id", column, "name"],
            &["1", cells[0], "Acme"],
            &["2", cells[1], "Beta"],
            &["3", cells[2], "Gamma"],
        ];
        of_list(&rows).unwrap().external_id.unwrap()
    };
    assert_eq!(id("company_id", ["7", "8", "9"]), "company_id");
    assert_eq!(id("company_id", ["7", "7", "9"]), "id");
    assert_eq!(id("company_id", ["", "8", "9"]), "id");
    assert_eq!(id("company_id", ["7", "7", "7"]), "id");
    assert_eq!(id("parent_id", ["7", "8", "9"]), "id");
    assert_eq!(id("Account Number", ["7", "8", "9"]), "id");
    // What is called so is one, also where not every row has it.
    assert_eq!(id("external_id", ["7", "", "9"]), "external_id");
    assert_eq!(id("external_id", ["7", "7", "7"]), "id");
    let only = |cells: [&str; 3]| {
        let rows: [&[&str]; 4] = [
            &["company_id", "name"],
            &[cells[0], "Acme"],
            &[cells[1], "Beta"],
            &[cells[2], "Gamma"],
        ];
        of_list(&rows).unwrap().external_id
    };
    assert_eq!(only(["7", "7", "7"]), None);
    assert_eq!(only(["7", "7", "8"]), None);
    assert_eq!(only(["7", "", "8"]).as_deref(), Some("company_id"));
}

#[test]
fn an_id_that_goes_with_one_name_is_the_organizations() {
    let mapping = of_list(&[
        &["Account ID", "Account Name", "Domain"],
        &["7", "Acme", "acme.com"],
        &["7", "Acme", "acme.de"],
        &["8", "Beta", "beta.io"],
    ]);
    assert_eq!(mapping.unwrap().external_id.as_deref(), Some("Account ID"));
}

#[test]
fn ids_that_workos_gave_are_taken_where_there_is_no_other() {
    let rows = |column: &'static str| -> [[&'static str; 3]; 3] {
        [
            ["org_id", column, "name"],
            ["org_01A", "1", "Acme"],
            ["org_01B", "2", "Beta"],
        ]
    };
    let of = |rows: [[&str; 3]; 3]| {
        let rows: Vec<&[&str]> = rows.iter().map(<[&str; 3]>::as_slice).collect();
        of_list(&rows).unwrap().external_id.unwrap()
    };
    assert_eq!(of(rows("id")), "id");
    assert_eq!(of(rows("plan")), "org_id");
}

#[test]
fn booleans_are_never_names() {
    let mapping = of_list(&[&["Customer", "Name"], &["yes", "Acme"], &["no", "Beta"]]);
    assert_eq!(mapping.unwrap().name, "Name");
    let error =
        of_list(&[&["Customer", "Firmenbez."], &["t", "Acme"], &["f", "Beta"]]).unwrap_err();
    assert_eq!(
        error.hint().unwrap(),
        "the likeliest column is \"Firmenbez.\": --map name=Firmenbez.; if the header is further \
         down, use --header-row NUMBER"
    );
}

/// The mapping of a list of objects.
fn of_objects(rows: &[&str]) -> Result<Mapping, Error> {
    let objects: Vec<crate::table::Object> = rows
        .iter()
        .map(|row| serde_json::from_str(row).unwrap())
        .collect();
    let header: Vec<String> = objects[0].keys().cloned().collect();
    let mut content = Content::new(&header);
    for object in objects {
        content.add(&Row {
            cells: Cells::Object(object),
            ..Row::default()
        });
    }
    Mapping::of_list(&header, Format::Jsonl, &content, &MappingOptions::default())
}

#[test]
fn names_inside_objects_are_found_where_only_one_object_has_them() {
    let mapping = of_objects(&[
        r#"{"id":1,"properties":{"name":"Acme","domain":"acme.com","plan":{"name":"pro"}}}"#,
        r#"{"id":2,"properties":{"name":"Beta","domain":"beta.io"}}"#,
    ]);
    let mapping = mapping.unwrap();
    assert_eq!(mapping.name, "properties.name");
    assert_eq!(mapping.domains, ["properties.domain"]);
    assert_eq!(mapping.external_id.as_deref(), Some("id"));
    let mapping = of_objects(&[
        r#"{"id":1,"company":{"id":"c1","name":"Acme"},"contact":{"name":"Ann"}}"#,
        r#"{"id":2,"company":{"id":"c2","name":"Beta"},"contact":{"name":"Bob"}}"#,
    ]);
    let mapping = mapping.unwrap();
    assert_eq!(mapping.name, "company.name");
    assert_eq!(mapping.external_id.as_deref(), Some("company.id"));
    let mapping = of_objects(&[
        r#"{"Item":{"id":{"S":"1"},"name":{"S":"Acme"}}}"#,
        r#"{"Item":{"id":{"S":"2"},"name":{"S":"Beta"}}}"#,
    ]);
    assert_eq!(mapping.unwrap().name, "Item.name");
}

#[test]
fn names_inside_several_objects_are_not_chosen_between() {
    let error = of_objects(&[
        r#"{"customer":{"name":"Acme"},"account":{"name":"Acme 1"}}"#,
        r#"{"customer":{"name":"Beta"},"account":{"name":"Beta 1"}}"#,
    ]);
    let hint = error.unwrap_err().hint().unwrap();
    assert!(hint.contains("--map name=customer.name or"), "{hint}");
    let error = of_objects(&[
        r#"{"id":1,"plan":{"name":"Pro"}}"#,
        r#"{"id":2,"plan":{"name":"Free"}}"#,
    ]);
    let hint = error.unwrap_err().hint().unwrap();
    assert!(hint.ends_with("--map name=plan.name"), "{hint}");
}

#[test]
fn a_code_is_the_id_where_nothing_else_is() {
    let id = |columns: [&str; 3], first: [&str; 3], second: [&str; 3]| {
        of_list(&[&columns, &first, &second]).unwrap().external_id
    };
    let found = id(
        ["Code", "Naam", "Land"],
        ["1", "Acme", "NL"],
        ["2", "Beta", "NL"],
    );
    assert_eq!(found.as_deref(), Some("Code"));
    let found = id(
        ["Code", "Naam", "Id"],
        ["1", "Acme", "a"],
        ["2", "Beta", "b"],
    );
    assert_eq!(found.as_deref(), Some("Id"));
    assert_eq!(
        id(
            ["Code", "Naam", "Land"],
            ["1", "Acme", "NL"],
            ["1", "Beta", "NL"]
        ),
        None
    );
    let found = id(
        ["id", "name", "salesforce_id"],
        ["1", "Acme", "a"],
        ["2", "Beta", "b"],
    );
    assert_eq!(found.as_deref(), Some("id"));
}

#[test]
fn names_for_machines_give_way_to_titles() {
    let mapping = of_list(&[
        &["name", "title"],
        &["ministry-of-health", "Ministry of Health"],
        &["city-of-lund", "City of Lund"],
    ]);
    assert_eq!(mapping.unwrap().name, "title");
}

#[test]
fn a_place_or_a_yes_is_no_website() {
    let domains = |column: &str, cells: [&str; 2]| {
        let rows: [&[&str]; 3] = [&["name", column], &["Acme", cells[0]], &["Beta", cells[1]]];
        of_list(&rows).unwrap().domains
    };
    assert!(domains("Site", ["Berlin HQ", "Paris"]).is_empty());
    assert!(domains("Web", ["yes", "no"]).is_empty());
    assert_eq!(domains("Site", ["acme.com", "x"]), ["Site"]);
    assert_eq!(domains("Website", ["acme", "beta"]), ["Website"]);
}

#[test]
fn domains_are_taken_from_the_column_that_has_them() {
    let mapping = of_list(&[
        &["name", "URL", "Website"],
        &["Acme", "https://crm.example.com/1", "acme.com"],
        &["Beta", "https://crm.example.com/2", "beta.io"],
        &["Gamma", "https://crm.example.com/3", ""],
    ]);
    assert_eq!(mapping.unwrap().domains, ["Website"]);
    let mapping = of_list(&[
        &["name", "domain", "Website"],
        &["Acme", "", "acme.com"],
        &["Beta", "", "beta.io"],
    ]);
    assert_eq!(mapping.unwrap().domains, ["Website"]);
    let mapping = of_list(&[
        &["name", "domain", "Website"],
        &["Acme", "acme.com", "acme.com"],
        &["Acme", "acme.com", "acme.de"],
        &["Beta", "n/a", "beta.io"],
        &["Gamma", "gamma.de", "gamma.de"],
    ]);
    assert_eq!(mapping.unwrap().domains, ["domain"]);
}

#[test]
fn an_id_that_persons_of_one_company_share_is_the_companys() {
    let id = |third: &str| {
        let mapping = of_list(&[
            &["First name", "company", "external_id"],
            &["Ann", "Acme", "x1"],
            &["Bob", "Acme", third],
            &["Cy", "Beta", "x2"],
        ]);
        mapping.unwrap().external_id
    };
    assert_eq!(id("x1").as_deref(), Some("external_id"));
    // Each person has one, or two companies have the same.
    assert_eq!(id("x3"), None);
    assert_eq!(id("x2"), None);
}

#[test]
fn numbers_in_a_column_of_customers_are_their_ids() {
    let mapping = of_list(&[
        &["Kunde", "Name", "Ort"],
        &["1001", "Stern GmbH", "Ulm"],
        &["1002", "Fluss AG", "Kiel"],
    ]);
    let mapping = mapping.unwrap();
    assert_eq!(mapping.name, "Name");
    assert_eq!(mapping.external_id.as_deref(), Some("Kunde"));
}

#[test]
fn of_numbers_of_registers_the_first_complete_one_is_the_id() {
    let id = |header: [&str; 4], first: [&str; 4], second: [&str; 4]| {
        of_list(&[&header, &first, &second]).unwrap().external_id
    };
    let (acme, beta) = (["Acme", "1", "11", "A"], ["Beta", "2", "21", "B"]);
    let found = id(["name", "SIREN", "SIRET", "x"], acme, beta);
    assert_eq!(found.as_deref(), Some("SIREN"));
    let found = id(["name", "SIREN", "SIRET", "Code client"], acme, beta);
    assert_eq!(found.as_deref(), Some("Code client"));
    let found = id(["name", "EIN", "y", "x"], acme, ["Beta", "", "21", "B"]);
    assert_eq!(found, None);
}

#[test]
fn web_addresses_are_no_names() {
    let mapping = of_list(&[
        &["company", "company name", "website"],
        &["http://example.org/entity/Q1", "Acme", "acme.com"],
        &["http://example.org/entity/Q2", "Beta", "beta.io"],
    ]);
    assert_eq!(mapping.unwrap().name, "company name");
}

#[test]
fn the_names_shown_of_users_are_those_of_persons() {
    let error = of_list(&[
        &["ID", "user_email", "display_name", "billing_company"],
        &["1", "ann@acme.com", "Ann Lee", "Acme"],
        &["2", "bob@beta.io", "Bob Ray", "Beta"],
    ]);
    let hint = error.unwrap_err().hint().unwrap();
    assert!(hint.contains("--map name=billing_company"), "{hint}");
}
