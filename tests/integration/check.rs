//! What `check` says about each fixture: one dirty list in many dresses, and files that cannot be
//! read. `tests/fixtures/make.py` makes them.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do, by a panic"
)]

use std::error::Error as _;
use std::fmt::Write as _;
use std::path::PathBuf;
use workos_orgs::columns::{MappingOptions, OnePer, Role};
use workos_orgs::commands::Error;
use workos_orgs::commands::check::{self, CheckOptions};
use workos_orgs::input::{ReadOptions, Source};
use workos_orgs::run::{Given, Invocation};

fn options(fixture: &str) -> CheckOptions {
    CheckOptions {
        source: Source::File(PathBuf::from(format!("tests/fixtures/{fixture}"))),
        read: ReadOptions::default(),
        mapping: MappingOptions::default(),
        verbose: true,
        json: false,
        fixed: None,
        report: None,
        show_requests: 0,
        write_mapping: None,
        rate: Some(90.0),
        invocation: called(&format!("tests/fixtures/{fixture}"), &[]),
    }
}

/// A check of a file with these options.
fn called(file: &str, options: &[(&str, Option<&str>)]) -> Invocation {
    let given = |option: Option<&str>, value: Option<&str>| Given {
        option: option.map(str::to_owned),
        value: value.map(str::to_owned),
    };
    let file = std::iter::once(given(None, Some(file)));
    let options = options
        .iter()
        .map(|(option, value)| given(Some(option), *value));
    Invocation::new("workos-orgs", "check", file.chain(options).collect())
}

/// What check tells, its exit code, and the error if it ends with one.
fn told(options: &CheckOptions) -> String {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let result = check::run(options, &mut out, &mut err);
    let out = String::from_utf8(out).unwrap();
    match result {
        Ok(code) => format!("{out}exit code {code}\n"),
        Err(error) => format!(
            "{out}{}exit code {}\n",
            diagnosed(&error),
            error.exit_code()
        ),
    }
}

fn diagnosed(error: &Error) -> String {
    let mut text = format!("error: {error}\n");
    let mut source = error.source();
    while let Some(cause) = source {
        let _ = writeln!(text, "caused by: {cause}");
        source = cause.source();
    }
    if let Some(hint) = error.hint() {
        let _ = writeln!(text, "\nhint: {hint}");
    }
    text
}

macro_rules! check_says {
    ($($fact:ident: $fixture:literal,)*) => { $(
        #[test]
        fn $fact() {
            insta::assert_snapshot!(stringify!($fact), told(&options($fixture)));
        }
    )* };
}

check_says! {
    utf8_is_read: "utf8.csv",
    a_byte_order_mark_is_no_part_of_the_header: "utf8-bom-crlf.csv",
    excels_unicode_text_is_read: "utf16-excel-unicode-text.txt",
    utf16_without_a_mark_is_read: "utf16-big-endian-no-bom.csv",
    a_german_excel_export_is_read: "windows-1252-excel-germany.csv",
    a_japanese_list_is_read: "shift-jis.csv",
    a_russian_list_is_read: "windows-1251.csv",
    the_encoding_is_told_by_the_last_row_if_need_be: "windows-1252-late.csv.gz",
    a_line_that_names_the_separator_is_obeyed: "sep-line.csv",
    pipes_separate: "pipes.txt",
    tabs_separate: "tabs.tsv",
    all_cells_may_be_quoted: "all-quoted-salesforce.csv",
    single_quotes_quote: "single-quotes.csv",
    backslashes_escape: "backslash-escapes.csv",
    backslashes_escape_where_the_cells_would_fit_without: "backslash-escapes-that-fit.csv",
    backslashes_escape_themselves: "backslash-escapes-escaped.csv",
    text_that_postgres_copied_is_read: "postgres-copy.tsv",
    rows_with_stray_quotes_are_invalid: "stray-quotes.csv",
    blanks_may_stand_before_quotation_marks: "spaces-before-quotes.csv",
    a_list_of_an_old_mac_is_read: "mac-roman.csv",
    lines_may_end_as_on_an_old_mac: "old-mac-line-ends.csv",
    line_ends_may_be_mixed: "mixed-line-ends.csv",
    ragged_rows_are_padded_or_refused: "ragged.csv",
    gzip_is_unpacked: "list.csv.gz",
    a_bad_line_of_jsonl_is_one_row: "list.jsonl",
    an_xlsx_workbook_is_read_as_shown: "workbook.xlsx",
    an_ods_workbook_is_read: "workbook.ods",
    an_old_excel_workbook_is_refused: "workbook.xls",
    undecodable_bytes_are_an_error_with_their_place: "undecodable.csv",
    an_unclosed_quote_is_an_error_with_its_line: "unclosed-quote.csv",
    a_list_without_names_is_refused: "no-name.csv",
    ambiguous_columns_are_asked_for: "ambiguous.csv",
    an_empty_file_is_refused: "empty.csv",
    a_json_array_is_read: "array.json",
    a_list_within_an_object_is_read: "list-within.json",
    a_list_within_an_object_that_has_a_name_is_read: "list-within-a-named-object.json",
    several_lists_within_an_object_are_asked_for: "two-lists.json",
    a_list_by_columns_is_read: "columns.json",
    lists_in_cells_are_read: "lists-in-cells.csv",
    python_lists_are_read: "python-lists.csv",
    another_delimiter_is_named: "carets.csv",
    failed_formulas_are_no_names: "failed-formulas.csv",
    missing_values_are_no_names_and_no_ids: "missing-values.csv",
    real_values_are_never_dropped: "real-values.csv",
    lines_below_a_list_are_left_out: "footers.csv",
    a_total_between_rows_is_a_problem: "total-between.csv",
    links_in_cells_are_read: "links-in-cells.csv",
    addresses_that_spaces_split_are_read: "split-addresses.csv",
    words_for_a_domain_are_one_finding: "words-for-domains.csv",
    a_host_that_rows_share_is_no_domain: "shared-host.csv",
    rows_that_quotes_swallow_are_invalid: "swallowed-rows.csv",
    lines_that_are_quoted_as_a_whole_are_read: "whole-lines-quoted.csv",
    the_state_of_domains_is_dropped_with_a_warning: "verified-domains.jsonl",
    notes_above_a_table_are_asked_about: "notes-above.csv",
    a_written_index_is_a_column: "written-index.csv",
    hidden_rows_of_a_workbook_are_asked_about: "hidden-rows.xlsx",
    a_header_without_rows_is_refused: "header-only.csv",
    a_table_below_a_title_is_asked_for: "title-above.csv",
    a_title_that_is_the_name_of_a_column_is_no_header: "title-like-a-column.csv",
    a_list_without_a_header_is_refused: "no-header.csv",
    a_web_page_is_refused: "page.csv",
    an_xml_document_is_refused: "spreadsheet-2003.xls",
    binary_data_is_refused: "not-text.csv",
    the_organizations_of_the_migration_package_are_read: "migration-package.csv",
    in_a_list_of_users_the_organizations_columns_are_read: "user-list.csv",
    a_salesforce_export_needs_no_question: "salesforce-export.csv",
    an_odoo_export_needs_no_question: "odoo-export.csv",
    names_for_machines_give_way_to_titles: "slugs-and-titles.csv",
    headers_of_other_languages_are_known: "korean-headers.csv",
    an_unknown_header_is_proposed_by_its_content: "unknown-headers.csv",
    one_value_in_all_rows_is_no_id: "constant-id.csv",
    one_row_per_contact_is_detected: "leads.csv",
    one_row_per_domain_is_detected: "one-domain-per-row.csv",
    repeated_ids_with_repeated_names_are_detected: "repeated-ids.csv",
    the_numbers_of_a_register_are_ids_where_there_are_no_others: "register-numbers.csv",
    the_names_of_schools_are_not_those_of_their_authorities: "school-register.csv",
    names_of_groups_above_a_header_are_no_header: "groups-above-names.csv",
    line_breaks_that_a_program_wrote_out_separate_domains: "written-line-breaks.csv",
    domains_that_are_objects_are_read: "domain-objects.json",
    the_pages_of_a_list_are_read: "pages.jsonl",
    the_table_of_a_database_dump_is_read: "database-dump.json",
}

#[test]
fn a_missing_file_is_refused() {
    let text = told(&options("missing.csv"));
    assert!(
        text.starts_with("error: cannot open tests/fixtures/missing.csv\ncaused by: "),
        "{text}"
    );
    assert!(text.ends_with("exit code 3\n"), "{text}");
}

#[test]
fn a_sheet_is_chosen_by_name_or_number() {
    let mut options = options("workbook.xlsx");
    for sheet in ["Old customers", "2"] {
        options.read.sheet = Some(sheet.to_owned());
        let text = told(&options);
        assert!(text.contains("sheet \"Old customers\" of 2"), "{text}");
        assert!(text.contains("1 row, all can be sent"), "{text}");
    }
    options.read.sheet = Some("Orders".to_owned());
    insta::assert_snapshot!(told(&options));
}

#[test]
fn the_header_may_be_named() {
    let mut options = options("title-above.csv");
    options.read.header_row = Some(3);
    let text = told(&options);
    assert!(text.contains("CSV, semicolons"), "{text}");
    assert!(text.contains("2 rows, all can be sent"), "{text}");
}

#[test]
fn the_summary_shows_the_first_examples_of_each_kind() {
    let mut options = options("utf8.csv");
    options.verbose = false;
    options.mapping.metadata_columns = vec!["*".to_owned()];
    insta::assert_snapshot!(told(&options));
}

#[test]
fn the_messy_sample_is_explained() {
    let mut options = options("");
    options.source = Source::File(PathBuf::from("sample-data/messy.csv"));
    options.verbose = false;
    insta::assert_snapshot!(told(&options));
}

#[test]
fn the_findings_can_be_had_as_json() {
    let mut options = options("utf8.csv");
    options.json = true;
    let text = told(&options);
    let json: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&json).unwrap());
}

#[test]
fn every_dress_of_the_list_gives_the_same_verdict() {
    let verdict = |fixture: &str| {
        let mut options = options(fixture);
        options.json = true;
        let text = told(&options);
        let json: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        let codes = |key: &str| {
            json[key]
                .as_array()
                .unwrap()
                .iter()
                .map(|k| k["code"].clone())
                .collect::<Vec<_>>()
        };
        (
            json["rows"].clone(),
            json["valid"].clone(),
            codes("problems"),
            codes("warnings"),
        )
    };
    let expected = verdict("utf8.csv");
    for fixture in [
        "utf8-bom-crlf.csv",
        "utf16-excel-unicode-text.txt",
        "utf16-big-endian-no-bom.csv",
        "windows-1252-excel-germany.csv",
        "sep-line.csv",
        "pipes.txt",
        "tabs.tsv",
        "all-quoted-salesforce.csv",
        "old-mac-line-ends.csv",
        "list.csv.gz",
        "workbook.xlsx",
        "workbook.ods",
    ] {
        assert_eq!(verdict(fixture), expected, "{fixture}");
    }
}

#[test]
fn the_cleaned_list_needs_no_cleaning() {
    let folder = tempfile::tempdir().unwrap();
    let fixed = folder.path().join("fixed.csv");
    let mut options = options("windows-1252-excel-germany.csv");
    options.fixed = Some(fixed.clone());
    let before = told(&options);
    assert!(before.contains(": fixed: "), "{before}");
    let again = CheckOptions {
        source: Source::File(fixed),
        fixed: None,
        ..options
    };
    let after = told(&again);
    assert!(after.contains("CSV, commas, UTF-8"), "{after}");
    assert!(!after.contains("cleaned:"), "{after}");
    let verdict = |text: &str| {
        text.lines()
            .find(|l| l.contains("can be sent"))
            .map(str::to_owned)
    };
    assert_eq!(verdict(&after), verdict(&before));
}

/// What check tells about a list of this text, called with these words.
fn told_of(file: &str, text: &str, change: impl FnOnce(&mut CheckOptions)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(file);
    fs_err::write(&path, text).unwrap();
    let mut options = options("");
    options.invocation = called(&path.display().to_string(), &[]);
    options.source = Source::File(path);
    options.verbose = false;
    change(&mut options);
    let folder = format!("{}{}", folder.path().display(), std::path::MAIN_SEPARATOR);
    // In quotes where the temporary folder needs them.
    let told = told(&options).replace(&format!("\"{folder}{file}\""), file);
    told.replace(&folder, "")
}

#[test]
fn a_mark_behind_blanks_that_cannot_be_explained_is_never_sent() {
    let list = "id,name\n1, \"Best\" Foods\n2,B\n3,C\n";
    let text = told_of("list.csv", list, |_| ());
    assert!(text.contains("2 can be sent, 1 cannot"), "{text}");
    assert!(
        text.contains("list.csv:2: a quote follows spaces"),
        "{text}"
    );
}

#[test]
fn what_comes_next_is_said_with_the_options_that_were_given() {
    let text = told_of("list.csv", "Firma X,id\nA,1\n", |options| {
        options.mapping.map = vec![(Role::Name, "Firma X".to_owned())];
        let given = [
            ("map", Some("name=Firma X")),
            ("verbose", None),
            ("json", None),
        ];
        options.invocation = called(&options.source.to_string(), &given);
    });
    let next = "next: workos-orgs import list.csv --map \"name=Firma X\"\n";
    assert!(text.contains(next), "{text}");
}

#[test]
fn a_list_without_rows_is_said_to_have_none() {
    for (file, list) in [
        ("list.csv", "name,domain\n\n"),
        ("list.json", "[]"),
        ("list.csv", ""),
    ] {
        let text = told_of(file, list, |_| ());
        assert!(text.ends_with("exit code 3\n"), "{text}");
    }
    // A results file may have lost all rows that were done.
    let text = told_of("list.csv", "name,domain,workos_status\n", |_| ());
    assert!(text.contains("the list has a header but no rows"), "{text}");
    assert!(!text.contains("next:"), "{text}");
}

#[test]
fn rows_of_one_organization_are_united() {
    let united = |fixture: &str, one_per: &str| {
        let mut options = options(fixture);
        options.mapping.one_per = Some(one_per.parse().unwrap());
        options.show_requests = 9;
        told(&options)
    };
    insta::assert_snapshot!(united("leads.csv", "name"));
    insta::assert_snapshot!(united("one-domain-per-row.csv", "Organization name"));
    insta::assert_snapshot!(united("repeated-ids.csv", "external_id"));
    insta::assert_snapshot!(united("user-list.csv", "external_id"));
}

#[test]
fn what_keeps_united_rows_from_being_sent_is_said_once() {
    let list =
        "name,domain,plan\nAcme,acme.com,pro\nBeta,x y,\nAcme,no domain,free\nGamma,acme.com,\n";
    let text = told_of("list.csv", list, |options| {
        options.mapping.one_per = Some(OnePer::Name);
        options.mapping.metadata_columns = vec!["plan".to_owned()];
    });
    insta::assert_snapshot!(text);
}

#[test]
fn repeated_names_that_are_meant_are_no_question() {
    let mut options = options("leads.csv");
    options.mapping.one_per = Some(OnePer::Row);
    let text = told(&options);
    assert!(text.contains("5 rows, all can be sent"), "{text}");
    assert!(!text.contains("one row per contact"), "{text}");
    assert!(text.ends_with("exit code 0\n"), "{text}");
}

#[test]
fn equal_rows_are_not_sent() {
    let list = "name,plan\nAcme,pro\nBeta,pro\nAcme,pro\n";
    let text = told_of("list.csv", list, |_| ());
    let error = "list.csv:4: the row is equal to line 2 in every cell";
    assert!(text.contains(error), "{text}");
    let text = told_of("list.csv", list, |options| {
        options.mapping.one_per = Some(OnePer::Row);
    });
    assert!(text.contains("3 rows, all can be sent"), "{text}");
}

#[test]
fn what_is_said_about_cells_counts() {
    let list = "name,domain,metadata.plan\nA,a.com,-\nB,a.com,pro\nTotal: 2,,\n";
    let text = told_of("list.csv", list, |options| {
        options.mapping.cells.shared_domains = true;
        options.mapping.cells.placeholders = vec!["-".to_owned()];
        options.mapping.cells.keep_footer = true;
        options.read.keep_footer = true;
    });
    assert!(text.contains("3 rows, all can be sent"), "{text}");
    assert!(
        text.contains("1 × a placeholder was treated as empty"),
        "{text}"
    );
}

#[test]
fn a_list_inside_an_object_is_chosen() {
    let list = r#"{"old":[{"name":"A"}],"new":[{"name":"B"},{"name":"C"}]}"#;
    let text = told_of("list.json", list, |options| {
        options.read.list = Some("new".to_owned());
    });
    assert!(text.contains("2 rows, all can be sent"), "{text}");
}

#[test]
fn where_every_row_fails_alike_the_mapping_is_doubted() {
    let list = "name,domain\nA,red shoes\nB,blue\n";
    let text = told_of("list.csv", list, |_| ());
    let next = "next: all rows fail for the same reason: column \"domain\" is probably not the domain: choose the right one with --map, or none with --map domain=\n";
    assert!(text.contains(next), "{text}");
}

#[test]
fn what_the_list_lacks_is_looked_for_in_other_columns() {
    let list = "Customer,Contact Email,Ref No.\nA,bob@a.com,7\nB,al@b.com,8\n";
    let text = told_of("list.csv", list, |_| ());
    assert!(text.contains("--map \"domain=Contact Email\""), "{text}");
    assert!(text.contains("--external-id-from \"Ref No.\""), "{text}");
    let list = "name,domain,Web link\nA,,a.com\nB,,b.com\n";
    let text = told_of("list.csv", list, |_| ());
    assert!(
        text.contains("no row has a domain: column \"domain\" is empty in all of them; use --map"),
        "{text}"
    );
    // Where the logos are kept is nobody's domain.
    let list = "name,logo\nA,https://img.cdn.com/a.png\nB,https://img.cdn.com/b.png\n";
    let text = told_of("list.csv", list, |_| ());
    assert!(!text.contains("--map"), "{text}");
}

#[test]
fn a_list_of_one_column_without_a_header_keeps_its_first_customer() {
    let text = told_of("list.txt", "Acme\nGlobex\nInitech\n", |_| ());
    let hint = "hint: if that is a customer, add a header line above it: name; ";
    assert!(text.contains(hint), "{text}");
    let text = told_of("list.jsonl", "{\"title_of\": \"Acme\"}\n", |_| ());
    assert!(text.contains("--map name=title_of\n"), "{text}");
    let text = told_of("list.jsonl", "{\"plan\": {\"name\": \"Pro\"}}\n", |_| ());
    assert!(text.contains("--map name=plan.name\n"), "{text}");
}

#[test]
fn tables_that_programs_draw_are_read_without_their_rules() {
    for list in [
        "+----+------+\n| id | name |\n+----+------+\n|  1 | Acme |\n+----+------+\n",
        " id | name\n----+------\n  1 | Acme\n(1 row)\n",
        "| id | name |\n|---|:---|\n| 1 | Acme |\n",
    ] {
        let text = told_of("list.txt", list, |_| ());
        assert!(text.contains("1 row, all can be sent"), "{text}");
    }
}

#[test]
fn names_inside_objects_are_shown_with_their_path() {
    let list = "{\"id\":1,\"properties\":{\"name\":\"Acme\",\"domain\":\"acme.com\"}}\n";
    let text = told_of("list.jsonl", list, |_| ());
    assert!(text.contains("properties.name    → name"), "{text}");
    assert!(
        text.contains("1 of 1 have a domain, 1 of 1 have an external id"),
        "{text}"
    );
}

#[test]
fn a_row_that_holds_the_names_of_columns_is_no_header() {
    let list = "Company Name (legal),Type,Origin\nAcme,Customer,Website\n";
    let text = told_of("list.csv", list, |_| ());
    assert!(text.contains("Company Name (legal)  → name"), "{text}");
    let list = "Bezeichnung,Type,Origin\nAcme,Customer,Website\n";
    let text = told_of("list.csv", list, |options| {
        options.mapping.map = vec![(Role::Name, "Bezeichnung".to_owned())];
    });
    assert!(text.contains("1 row, all can be sent"), "{text}");
}

#[test]
fn a_header_row_beyond_the_end_is_said_to_be_so() {
    let text = told_of("list.csv", "name\nA\n", |options| {
        options.read.header_row = Some(u64::MAX);
    });
    let error = "error: list.csv ends before line 18446744073709551615, which --header-row \
                 names\n";
    assert!(text.starts_with(error), "{text}");
}

#[test]
fn more_columns_than_a_spreadsheet_has_are_refused() {
    let list_of = |count: usize, beside: &str| {
        let columns: Vec<_> = (1..count).map(|n| format!("c{n}")).collect();
        format!("name,{}{beside}\nA\n", columns.join(","))
    };
    let text = told_of("list.csv", &list_of(16_385, ""), |_| ());
    let error = "error: list.csv has 16385 columns; the maximum is 16384\n";
    assert!(text.starts_with(error), "{text}");
    // Those of the results come on top.
    let text = told_of("list.csv", &list_of(16_384, ",workos_status"), |_| ());
    assert!(text.ends_with("exit code 0\n"), "{text}");
}

#[test]
fn a_results_file_is_to_be_retried() {
    let list = "name,workos_status,workos_row,workos_organization_id\nA,failed,1,\n";
    let text = told_of("list.results.csv", list, |_| ());
    assert!(
        text.contains("workos-orgs retry list.results.csv"),
        "{text}"
    );
    let list = "{\"name\":\"A\",\"workos\":{\"status\":\"failed\",\"row\":1}}\n";
    let text = told_of("list.results.jsonl", list, |_| ());
    assert!(text.contains("retry list.results.jsonl"), "{text}");
}

#[test]
fn a_cleaned_list_is_not_written_over_anything() {
    let list = "name\nA\n";
    for fixed in ["-", "clean.xlsx", "Cargo.toml"] {
        let text = told_of("list.csv", list, |options| {
            options.fixed = Some(PathBuf::from(fixed));
        });
        assert!(text.starts_with("error: "), "{text}");
        assert!(text.contains("hint: "), "{text}");
        assert!(text.ends_with("exit code 2\n"), "{text}");
    }
}

#[test]
fn of_a_list_that_cannot_be_read_to_its_end_no_part_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let fixed = folder.path().join("clean.csv");
    let mut options = options("undecodable.csv");
    options.fixed = Some(fixed.clone());
    let text = told(&options);
    assert!(text.ends_with("exit code 3\n"), "{text}");
    assert_eq!(fs_err::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_cleaned_list_that_cannot_be_written_is_a_wrong_command_line() {
    let text = told_of("list.csv", "name\nA\n", |options| {
        options.fixed = Some(PathBuf::from("no-such-folder/clean.csv"));
    });
    let error = "error: cannot write no-such-folder/clean.csv: ";
    assert!(text.starts_with(error), "{text}");
    assert!(text.ends_with("exit code 2\n"), "{text}");
}

#[test]
fn a_column_that_is_blank_in_all_rows_is_named() {
    let list = "{\"name\":\"A\",\"domains\":[\"a.com\"],\"id\":null}\n";
    let text = told_of("list.jsonl", list, |options| {
        options.mapping.map = vec![(Role::Domain, "domains.nix".to_owned())];
    });
    let domain = "no row has a domain: column \"domains.nix\" is empty in all of them; use --map domain=domains\n";
    assert!(text.contains(domain), "{text}");
    let id = "no row has an external id: column \"id\" is empty in all of them; with one (";
    assert!(text.contains(id), "{text}");
}

#[test]
fn a_list_of_one_column_whose_cells_hold_commas_has_a_way_out() {
    let list = "Name\nAcme\nGlobex, Inc.\nInitech\n";
    let text = told_of("list.csv", list, |_| ());
    assert!(text.contains("no row contains: --delimiter tab"), "{text}");
}

#[test]
fn keys_that_appear_late_are_shown_and_sent() {
    let mut list = String::new();
    for number in 0..120 {
        let _ = writeln!(list, "{{\"name\": \"A{number}\"}}");
    }
    list.push_str("{\"name\": \"Z\", \"Website\": \"z.com\", \"Account ID\": 7}\n");
    let text = told_of("list.jsonl", &list, |_| ());
    assert!(
        text.contains("  Website  → domain, from line 121\n"),
        "{text}"
    );
    assert!(
        text.contains("1 of 121 have a domain, 1 of 121 have an external id"),
        "{text}"
    );
}

#[test]
fn a_written_mapping_can_be_changed_and_used() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("map.toml");
    let mut options = options("utf8.csv");
    options.write_mapping = Some(path.clone());
    told(&options);
    let text = fs_err::read_to_string(&path).unwrap();
    insta::assert_snapshot!(text);
    fs_err::write(&path, text.replace("external_id = \"Account ID\"\n", "")).unwrap();
    options.write_mapping = None;
    options.mapping.file = Some(path);
    let after = told(&options);
    assert!(after.contains("Account ID    not sent"), "{after}");
}

#[test]
fn strict_refuses_what_would_be_cleaned() {
    let mut options = options("utf8.csv");
    options.mapping.strict = true;
    options.verbose = false;
    insta::assert_snapshot!(told(&options));
}

#[test]
fn each_row_that_is_skipped_has_a_line_and_the_verdict_comes_last() {
    let rows: Vec<_> = (0..60)
        .map(|n| format!("Customer {n},no domain {n}\n"))
        .collect();
    let rows = rows.concat();
    let list = format!("name,domain\nFirst,first.com\n{rows}");
    let text = told_of("list.csv", &list, |_| ());
    let problems = text.lines().filter(|line| line.starts_with("  list.csv:"));
    assert_eq!(problems.count(), 50, "{text}");
    let more =
        "  and 10 more rows: all of them with --report problems.csv\n\n61 rows: 1 can be sent";
    assert!(text.contains(more), "{text}");
    assert!(
        text.lines().rev().nth(1).unwrap().starts_with("next: "),
        "{text}"
    );
}

#[test]
fn all_findings_can_be_had_as_a_table_and_rows_with_errors_are_marked_in_the_copy() {
    let folder = tempfile::tempdir().unwrap();
    let (report, fixed) = (folder.path().join("p.csv"), folder.path().join("f.csv"));
    let list = "name,domain\nA,nodomain\n B ,b.com\nC,gmail.com\n";
    told_of("list.csv", list, |options| {
        options.report = Some(report.clone());
        options.fixed = Some(fixed.clone());
    });
    let report = fs_err::read_to_string(report).unwrap();
    let lines: Vec<_> = report.lines().collect();
    assert_eq!(lines[0], "line,severity,code,column,message");
    assert!(
        lines[1].starts_with("2,error,domain_invalid,domain,"),
        "{report}"
    );
    assert!(
        lines[2].starts_with("4,warning,domain_consumer,domain,"),
        "{report}"
    );
    let fixed = fs_err::read_to_string(fixed).unwrap();
    let lines: Vec<_> = fixed.lines().collect();
    assert_eq!(lines[0], "name,domain,workos_problem");
    assert!(lines[1].starts_with("A,nodomain,"), "{fixed}");
    assert!(lines[1].contains("is not a domain"), "{fixed}");
    assert_eq!(lines[2..], ["B,b.com,", "C,gmail.com,"]);
}

#[test]
fn a_cleaned_list_of_objects_says_what_is_still_wrong_too() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("a.jsonl"), folder.path().join("b.jsonl"));
    let list =
        "{\"name\":\"A\",\"domain\":\"nodomain\"}\n{\"name\":\" B \",\"domain\":\"b.com\"}\n";
    told_of("list.jsonl", list, |options| {
        options.fixed = Some(first.clone());
    });
    let fixed = fs_err::read_to_string(&first).unwrap();
    let lines: Vec<_> = fixed.lines().collect();
    let problem = r#"{"name":"A","domain":"nodomain","workos_problem":""#;
    assert!(lines[0].starts_with(problem), "{fixed}");
    assert_eq!(lines[1], r#"{"name":"B","domain":"b.com"}"#);
    // Once it is corrected, nothing is said.
    let corrected = fixed.replace("nodomain", "a.com");
    told_of("list.jsonl", &corrected, |options| {
        options.fixed = Some(second.clone());
    });
    let fixed = fs_err::read_to_string(second).unwrap();
    assert!(!fixed.contains("workos_problem"), "{fixed}");
}
