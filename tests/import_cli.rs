//! The command line of `import` and `create`, as a script meets it: exit codes, what is said and
//! where, and what is left in the results file.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests fail as tests do, by a panic"
)]

#[expect(dead_code, reason = "every crate of tests uses its own part of it")]
mod support;

use serde_json::{Value, json};
use std::time::Duration;
use support::{Customer, TestEnv, finish, program};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};
use workos_orgs::sandbox::{
    FORBIDDEN_API_KEY, Options, TAKEN_DOMAIN, TAKEN_DOMAIN_OWNER, TAKEN_EXTERNAL_ID,
};

const RESULTS: &str = "customers.results.csv";
const FAST: [&str; 4] = ["import", "customers.csv", "--rate", "unlimited"];

/// A sandbox, and this many customers in `customers.csv`.
fn env(count: usize) -> TestEnv {
    let env = TestEnv::new();
    env.write("customers.csv", Customer::csv(&Customer::list(count)));
    env
}

#[test]
fn every_row_is_imported_and_the_summary_says_so() {
    let env = env(30);
    let finished = env.run(&FAST);
    finished
        .ends_with(0)
        .prints("created")
        .prints("results: customers.results.csv");
    env.rows_and_organizations_agree(&Customer::list(30), RESULTS);
    let header = env.read(RESULTS).lines().next().unwrap().to_owned();
    assert!(header.starts_with("name,domain,external_id,metadata.plan,workos_status,"));
}

#[test]
fn a_list_whose_columns_are_called_otherwise_than_when_its_run_began_is_refused() {
    let env = TestEnv::new();
    env.write(
        "customers.csv",
        "name,domain\nAcme,acme.com\nBluth,bluth.com\n",
    );
    env.run(&[&FAST[..], &["--limit", "1"]].concat())
        .ends_with(0);
    let list = "Company Name;Website\nAcme;acme.com\nBluth;bluth.com\n";
    env.write("customers.csv", list);
    let requests = env.requests().len();
    env.run(&FAST)
        .ends_with(3)
        .tells("the columns of the list have changed since the run in customers.results.csv")
        .tells("caused by: column \"name\" not found; columns found: \"Company Name\"")
        .tells("hint: rename the columns back to resume");
    assert_eq!(env.requests().len(), requests);
}

#[test]
fn a_wrong_key_costs_few_requests_and_is_shown_nowhere() {
    for (key, status) in [("sk_test_verysecret", "401"), (FORBIDDEN_API_KEY, "403")] {
        let env = env(30);
        let finished = finish(env.command(&FAST).env("WORKOS_API_KEY", key));
        finished
            .ends_with(4)
            .tells("error: WorkOS refused the API key")
            .tells(status)
            .tells("hint: ");
        assert!(env.requests().len() <= 2, "{:?}", env.requests());
        assert!(!finished.stdout.contains(key) && !finished.stderr.contains(key));
        for file in env.files() {
            assert!(!env.read(&file).contains(key), "the key stands in {file}");
        }
        // Nothing was tried, so nothing is left that would be in the way of the right key.
        assert!(!env.path(RESULTS).exists());
        env.run(&FAST).ends_with(0);
    }
}

#[test]
fn the_key_stands_in_no_output_and_no_file() {
    let env = TestEnv::with(Options {
        api_key: "sk_test_verysecret".to_owned(),
        ..Options::default()
    });
    env.write("customers.csv", Customer::csv(&Customer::list(5)));
    let finished = env.run(&["import", "customers.csv", "-vvv", "--json"]);
    finished.ends_with(0);
    assert!(!finished.stdout.contains("verysecret") && !finished.stderr.contains("verysecret"));
    for file in env.files() {
        assert!(
            !env.read(&file).contains("verysecret"),
            "the key stands in {file}"
        );
    }
}

#[test]
fn a_missing_key_is_told_with_the_way_to_give_one() {
    let env = env(3);
    for key in [None, Some(" ")] {
        let mut command = env.command(&FAST);
        match key {
            Some(key) => command.env("WORKOS_API_KEY", key),
            None => command.env_remove("WORKOS_API_KEY"),
        };
        finish(&mut command)
            .ends_with(4)
            .tells("WORKOS_API_KEY")
            .tells("hint: ");
    }
    assert!(env.requests().is_empty());
}

#[test]
fn a_key_may_come_from_a_file() {
    let env = env(3);
    env.write("key", "sk_test_sandbox\n");
    let mut command = env.command(&FAST);
    command
        .env_remove("WORKOS_API_KEY")
        .args(["--api-key-file", "key"]);
    finish(&mut command).ends_with(0);
    env.rows_and_organizations_agree(&Customer::list(3), RESULTS);
}

#[test]
fn what_was_found_in_the_list_is_told_before_anything_is_sent() {
    let env = TestEnv::with(Options {
        api_key: "sk_live_sandbox".to_owned(),
        ..Options::default()
    });
    let list = "name,domain\nAcme,acme.com\n,nameless.com\nBeta,gmail.com\nAcme,acme.de\n";
    env.write("customers.csv", list);
    env.run(&FAST).ends_with(2).tells(
        "  found:   1 row cannot be sent; warnings: 1 × domain_consumer, 1 × name_repeated\n           \
         this command with --dry-run shows them",
    );
    assert!(env.requests().is_empty());

    env.run(&["import", "customers.csv", "--dry-run"])
        .ends_with(1)
        .prints("4 rows: 3 can be sent, 1 cannot")
        .prints("(domain_consumer)")
        .prints("(name_repeated)");

    // Of rows that are not asked for there is nothing to tell.
    let finished = env.run(&[&FAST[..], &["--limit", "1"]].concat());
    finished
        .ends_with(2)
        .tells("customers.csv: CSV, commas, UTF-8, 1 row");
    assert!(!finished.stderr.contains("found:"), "{}", finished.stderr);
}

#[test]
fn a_production_key_is_not_used_where_nobody_can_be_asked() {
    let env = TestEnv::with(Options {
        api_key: "sk_live_sandbox".to_owned(),
        ..Options::default()
    });
    env.write("customers.csv", Customer::csv(&Customer::list(3)));
    let finished = env.run(&FAST);
    finished
        .ends_with(2)
        .tells("production")
        .tells("hint: add --yes");
    assert!(env.requests().is_empty());
    env.run(&[&FAST[..], &["--yes"]].concat()).ends_with(0);
    env.rows_and_organizations_agree(&Customer::list(3), RESULTS);
}

#[test]
fn an_unencrypted_address_is_refused_unless_it_is_this_machine() {
    let env = env(3);
    for (url, reason) in [
        ("http://api.workos.com", "unencrypted"),
        ("http://127.0.0.1.example.com", "unencrypted"),
        ("ftp://api.workos.com", "api.workos.com"),
        ("api.workos.com", "is not a URL"),
        (
            "https://me:secret@api.workos.com",
            "must not hold a user name",
        ),
    ] {
        let finished = env.run(&["import", "customers.csv", "--base-url", url]);
        finished.ends_with(2).tells(reason);
    }
    assert!(env.requests().is_empty());
}

#[test]
fn an_input_that_cannot_be_used_is_told_with_the_columns_found() {
    let env = TestEnv::new();
    env.write("nameless.csv", "Colour,Size\nred,7\n");
    env.write("empty.csv", "");
    env.write("header.csv", "name,domain\n");
    env.run(&["import", "nameless.csv"])
        .ends_with(3)
        .tells("Colour")
        .tells("Size")
        .tells("hint: ");
    env.run(&["import", "empty.csv"])
        .ends_with(3)
        .tells("empty.csv is empty");
    env.run(&["import", "gone.csv"])
        .ends_with(3)
        .tells("gone.csv");
    env.run(&["import", "."]).ends_with(3);
    // No rows are no mistake.
    env.run(&["import", "header.csv"]).ends_with(0);
    assert_eq!(env.count("POST"), 0);
    assert!(!env.path("nameless.results.csv").exists());
    assert!(!env.path("nameless.results.csv.run").exists());
}

#[test]
fn an_input_that_cannot_be_read_to_its_end_is_refused_before_the_first_row() {
    let env = TestEnv::new();
    let mut content = Customer::csv(&Customer::list(500)).into_bytes();
    content.extend(b"M\xfcller,,,\n");
    content.extend(b"After,,,\n");
    env.write("customers.csv", &content);
    let as_utf8 = [&FAST[..], &["--encoding", "utf-8", "--limit", "5"]].concat();
    env.run(&as_utf8)
        .ends_with(3)
        .tells("customers.csv:502")
        .tells("not UTF-8");
    assert_eq!(env.count("POST"), 0);
    assert!(!env.path(RESULTS).exists());
    let whole = String::from_utf8_lossy(&content).replace('\u{fffd}', "ü");
    env.write("customers.csv", whole);
    env.run(&FAST)
        .ends_with(0)
        .tells("customers.csv: CSV, commas, UTF-8, 502 rows");
    assert_eq!(env.results(RESULTS).len(), 502);
}

#[test]
fn results_are_never_kept_in_what_is_something_else() {
    let env = env(3);
    let workbook = b"PK\x03\x04 sheets of a user";
    env.write("book.csv", workbook);
    env.write("other.csv", "name,city\nAcme,Rome\n");
    env.write("other.jsonl", "{\"name\":\"Acme\"}");
    for (results, told, hint) in [
        (
            "results.xlsx",
            "results.xlsx is a workbook",
            "save it as results.csv",
        ),
        ("book.csv", "book.csv is a workbook", "kept as CSV"),
        ("r.csv.gz", "r.csv.gz is a gzip archive", "kept as CSV"),
        (".", "is a directory", "name a file in it"),
        (
            "customers.csv",
            "is the input itself",
            "name another file with --results",
        ),
        (
            "other.csv",
            "other.csv is no results file",
            "workos-orgs import other.csv",
        ),
        (
            "other.jsonl",
            "other.jsonl is no results file",
            "import other.jsonl",
        ),
    ] {
        let before = env.files();
        let finished = env.run(&[&FAST[..], &["--results", results]].concat());
        finished.tells(told).tells(hint);
        assert!(matches!(finished.code, Some(2 | 5)), "{finished:?}");
        if results != "customers.csv" && results != "results.xlsx" && results != "r.csv.gz" {
            env.run(&["retry", results])
                .ends_with(5)
                .tells(told)
                .tells(hint);
        }
        assert_eq!(env.files(), before);
    }
    assert_eq!(std::fs::read(env.path("book.csv")).unwrap(), workbook);
    assert_eq!(env.read("other.jsonl"), "{\"name\":\"Acme\"}");
    assert!(env.requests().is_empty());
}

#[test]
fn the_results_of_a_list_from_a_spreadsheet_can_be_opened_in_it() {
    let text = "name,domain\nMüller,müller.de\nBäcker,nodomain\n";
    let ansi = text.chars().map(|c| u8::try_from(c).unwrap());
    for (list, content, is_marked) in [
        ("plain", text.as_bytes().to_vec(), false),
        ("marked", format!("\u{feff}{text}").into_bytes(), true),
        ("ansi", ansi.collect(), true),
    ] {
        let env = TestEnv::new();
        env.write(&format!("{list}.csv"), content);
        let results = format!("{list}.results.csv");
        env.run(&["import", &format!("{list}.csv"), "--rate", "unlimited"])
            .ends_with(1);
        let written = env.read(&results);
        assert_eq!(written.starts_with('\u{feff}'), is_marked, "{list}");
        assert!(written.contains("\nMüller,müller.de,created,"));
        // It stays so, whoever writes it: a retry, or an import of a list that has changed.
        env.write(&results, written.replace("nodomain", ""));
        env.run(&["retry", &results]).ends_with(0);
        assert_eq!(
            env.read(&results).starts_with('\u{feff}'),
            is_marked,
            "{list}"
        );
        env.write(&format!("{list}.csv"), "name,domain\nMüller,müller.de\n");
        env.run(&["import", &format!("{list}.csv")]).ends_with(0);
        assert_eq!(
            env.read(&results).starts_with('\u{feff}'),
            is_marked,
            "{list}"
        );
        assert_eq!(env.results(&results).len(), 2);
    }
}

#[test]
fn the_plan_counts_the_rows_of_the_list_not_those_that_are_gone_from_it() {
    let env = env(10);
    env.run(&FAST).ends_with(0);
    let mut customers = Customer::list(14);
    customers.remove(2);
    env.write("customers.csv", Customer::csv(&customers));
    env.run(&[&FAST[..], &["--limit", "12"]].concat())
        .ends_with(0)
        .tells("3 rows to go, 9 rows done before");
    env.run(&FAST)
        .ends_with(0)
        .tells("1 row to go, 12 rows done before");
    assert_eq!(env.count("POST"), 14);
}

#[test]
fn the_plan_says_what_is_vouched_for_and_names_few_of_many_columns() {
    let env = TestEnv::new();
    let carried: Vec<_> = (1..=20).map(|number| format!("c{number}")).collect();
    env.write(
        "customers.csv",
        format!("name,{}\nAcme\n", carried.join(",")),
    );
    env.run(&[&FAST[..], &["--domain-state", "verified"]].concat())
        .tells("domains: created as verified")
        .tells("carried along: c1, c2, c3, c4, c5, c6, c7, c8 and 12 more\n");
    env.run(&[&FAST[..], &["--limit", "0"]].concat())
        .ends_with(2)
        .tells("expected a whole number from 1");
}

#[test]
fn what_a_user_has_corrected_after_a_rehearsal_is_set_aside_not_deleted() {
    let env = TestEnv::new();
    env.write("list.csv", "name,domain\nAcme,acme.com\nBeta,nodomain\n");
    env.run(&["import", "list.csv", "--sandbox"])
        .ends_with(1)
        .prints("correct the rows that are not done in the list itself");
    let corrected = env.read("list.results.csv").replace("nodomain", "beta.com");
    env.write("list.results.csv", &corrected);
    env.run(&["retry", "list.results.csv"])
        .ends_with(5)
        .tells("hint: correct the list itself, then import it: workos-orgs import list.csv");
    env.run(&["import", "list.csv"])
        .ends_with(1)
        .tells("set aside as list.results.rehearsal.csv");
    assert_eq!(env.read("list.results.rehearsal.csv"), corrected);
    assert_eq!(env.organizations().len(), 1);
}

#[test]
fn jsonl_in_is_jsonl_out() {
    let env = TestEnv::new();
    let line = r#"{"z":[1, 2.50],"name":"Acme","domains":["acme.com"],"note":"ü \u00fc","metadata":{"plan":"pro"}}"#;
    env.write("customers.ndjson", format!("{line}\n"));
    env.run(&["import", "customers.ndjson"]).ends_with(0);
    let result = env.read("customers.results.jsonl");
    let untouched = line.strip_suffix('}').unwrap();
    assert!(result.starts_with(untouched), "{result}");
    let result: Value = serde_json::from_str(&result).unwrap();
    assert_eq!(result["workos"]["status"], "created");
    assert_eq!(result["workos"]["row"], 1);
    let organization = &env.organizations()[0];
    assert_eq!(result["workos"]["organization_id"], organization.id);
    assert_eq!(organization.domains[0].domain, "acme.com");
    assert_eq!(organization.metadata["plan"], "pro");
}

#[test]
fn an_indented_array_gives_one_line_of_results_for_each_object() {
    let env = TestEnv::new();
    let list = serde_json::json!([
        {"name": "Acme", "metadata": {"plan": "pro", "note": "a\n b"}},
        {"name": "Globex", "domains": ["not a domain"], "tags": [{"a": 1}]},
    ]);
    env.write("list.json", serde_json::to_string_pretty(&list).unwrap());
    env.run(&["import", "list.json"]).ends_with(1);
    let results = env.read("list.results.jsonl");
    assert_eq!(results.lines().count(), 2, "{results}");
    assert_eq!(env.organizations()[0].metadata["note"], "a\n b");
    env.write(
        "list.results.jsonl",
        results.replace("not a domain", "globex.com"),
    );
    env.run(&["retry", "list.results.jsonl"]).ends_with(0);
    assert_eq!(env.organizations().len(), 2);
    env.run(&["import", "list.json"])
        .ends_with(0)
        .prints("nothing is left to do");
}

#[test]
fn standard_input_is_read_where_the_file_is_a_hyphen() {
    let env = TestEnv::new();
    let customers = Customer::list(12);
    let csv = Customer::csv(&customers);
    env.run_with_input(&["import", "-"], &csv).ends_with(0);
    env.rows_and_organizations_agree(&customers, "stdin.results.csv");
    // The same again: nothing is left.
    env.run_with_input(&["import", "-"], &csv).ends_with(0);
    env.rows_and_organizations_agree(&customers, "stdin.results.csv");
    assert_eq!(env.count("POST"), 12);
    let jsonl = Customer::jsonl(&Customer::list(13)[12..]);
    env.run_with_input(&["import", "-", "--format", "jsonl"], &jsonl)
        .ends_with(0);
    assert_eq!(env.results("stdin.results.jsonl").len(), 1);
}

#[test]
fn a_limit_sends_the_first_rows_and_the_next_run_the_rest() {
    let env = env(20);
    let finished = env.run(&[&FAST[..], &["--limit", "5"]].concat());
    finished
        .ends_with(0)
        .prints("workos-orgs import customers.csv");
    assert_eq!(env.results(RESULTS).len(), 5);
    assert_eq!(env.count("POST"), 5);
    env.run(&FAST).ends_with(0);
    env.rows_and_organizations_agree(&Customer::list(20), RESULTS);
    assert_eq!(env.count("POST"), 20);
}

#[test]
fn json_is_one_object_on_standard_output() {
    let env = env(4);
    let arguments = [&FAST[..], &["--json"]].concat();
    for this_run in [4, 0] {
        let finished = env.run(&arguments);
        finished.ends_with(0);
        let summary: Value = serde_json::from_str(&finished.stdout).unwrap();
        assert_eq!(summary["command"], "import");
        assert_eq!(summary["rows"], 4);
        assert_eq!(summary["counts"]["created"], 4);
        assert_eq!(summary["this_run"]["created"], this_run);
        assert_eq!(summary["exit_code"], 0);
        assert_eq!(summary["stopped"], Value::Null);
        assert_eq!(summary["results"], RESULTS);
    }
}

#[test]
fn quiet_says_nothing_where_nothing_is_wrong() {
    let env = env(4);
    let finished = env.run(&[&FAST[..], &["--quiet"]].concat());
    finished.ends_with(0);
    assert_eq!((&*finished.stdout, &*finished.stderr), ("", ""));
    let finished = env.run(&["import", "gone.csv", "--quiet"]);
    finished.ends_with(3).tells("error: ");
}

#[test]
fn other_columns_are_carried_untouched() {
    let env = TestEnv::new();
    let cells = ["  Acme  ", "=SUM(A1)", "a \"b\"\nc", "", "ü,;\t"];
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record(["name", "formula", "two lines", "blank", "rest"])
        .unwrap();
    writer.write_record(cells).unwrap();
    env.write("customers.csv", writer.into_inner().unwrap());
    env.run(&FAST).ends_with(0);
    let row = &env.results(RESULTS)[0];
    for (column, cell) in ["name", "formula", "two lines", "blank", "rest"]
        .iter()
        .zip(cells)
    {
        assert_eq!(row.get(column), cell);
    }
    let organization = &env.organizations()[0];
    assert_eq!(organization.name, "Acme");
    assert!(organization.metadata.is_empty());
}

#[test]
fn metadata_comes_from_columns_and_cells() {
    let env = TestEnv::new();
    env.write(
        "customers.csv",
        "name,metadata,metadata.plan,Region\nAcme,\"{\"\"seats\"\":\"\"5\"\"}\",pro,EU\n",
    );
    env.run(&[&FAST[..], &["--metadata-columns", "Region"]].concat())
        .ends_with(0);
    let organization = &env.organizations()[0];
    let metadata = serde_json::to_value(&organization.metadata).unwrap();
    assert_eq!(
        metadata,
        json!({"seats": "5", "plan": "pro", "Region": "EU"})
    );
}

#[test]
fn an_external_id_may_come_from_a_column() {
    let env = TestEnv::new();
    env.write("customers.csv", "name,Account No\nAcme,0042\nBolt,0043\n");
    env.run(&[&FAST[..], &["--external-id-from", "account_no"]].concat())
        .ends_with(0);
    let organizations = env.organizations();
    let mut ids: Vec<_> = organizations
        .iter()
        .filter_map(|it| it.external_id.as_deref())
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, ["0042", "0043"]);
}

#[test]
fn a_row_that_breaks_rules_is_recorded_with_every_problem_and_stops_no_other() {
    let env = TestEnv::new();
    env.write(
        "customers.csv",
        "name,domain,external_id,metadata\n,not a domain,ü,[1]\nAcme,acme.com,,\n",
    );
    env.run(&FAST)
        .ends_with(1)
        .tells("customers.csv:2: invalid");
    let rows = env.results(RESULTS);
    assert_eq!(rows[0].status(), "invalid");
    assert_eq!(rows[0].get("workos_error"), "input_error");
    assert_eq!(rows[0].get("workos_attempts"), "0");
    for column in ["name", "domain", "external_id", "metadata"] {
        let named = format!("column \"{column}\"");
        assert!(
            rows[0].get("workos_message").contains(&named),
            "{:?}",
            rows[0]
        );
    }
    assert_eq!(rows[1].status(), "created");
    assert_eq!(env.count("POST"), 1);
}

#[test]
fn a_results_file_is_not_imported() {
    let env = env(2);
    env.run(&FAST).ends_with(0);
    env.run(&["import", RESULTS])
        .ends_with(2)
        .tells("is a results file")
        .tells("hint: to rerun the rows that are not done: workos-orgs retry");
    assert_eq!(env.count("POST"), 2);
}

/// A server of our own, for answers that no sandbox gives.
struct Server {
    runtime: tokio::runtime::Runtime,
    mock: MockServer,
}

impl Server {
    /// It lists nothing and answers every creation so.
    fn answering(template: ResponseTemplate) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let mock = runtime.block_on(async {
            let mock = MockServer::start().await;
            Mock::given(method("GET"))
                .and(path("/organizations"))
                .respond_with(ResponseTemplate::new(200).set_body_json(json!({
                    "data": [], "list_metadata": {"before": null, "after": null}
                })))
                .mount(&mock)
                .await;
            Mock::given(method("POST"))
                .respond_with(template)
                .mount(&mock)
                .await;
            mock
        });
        Self { runtime, mock }
    }

    fn count(&self, wanted: &str) -> usize {
        let requests = self
            .runtime
            .block_on(self.mock.received_requests())
            .unwrap();
        requests
            .iter()
            .filter(|it| it.method.as_str() == wanted)
            .count()
    }

    fn run(&self, env: &TestEnv, arguments: &[&str]) -> support::Finished {
        finish(
            env.command(arguments)
                .env("WORKOS_BASE_URL", self.mock.uri()),
        )
    }
}

#[test]
fn a_key_that_is_refused_in_the_middle_stops_the_run_and_fails_no_row() {
    let env = env(50);
    let template = ResponseTemplate::new(401).set_body_json(json!({"message": "Unauthorized"}));
    let server = Server::answering(template);
    let finished = server.run(&env, &[&FAST[..], &["--concurrency", "3"]].concat());
    finished
        .ends_with(4)
        .tells("error: WorkOS refused the API key: Unauthorized (HTTP 401)");
    assert!(server.count("POST") <= 3);
    assert!(env.results(RESULTS).is_empty());
}

#[test]
fn a_redirect_is_not_followed() {
    let env = env(3);
    let elsewhere = Server::answering(ResponseTemplate::new(201));
    let location = format!("{}/organizations", elsewhere.mock.uri());
    let template = ResponseTemplate::new(307).insert_header("location", location);
    let server = Server::answering(template);
    server.run(&env, &FAST).ends_with(1);
    assert_eq!(elsewhere.count("POST"), 0);
    let rows = env.results(RESULTS);
    assert!(rows.iter().all(|row| row.status() == "failed"));
    assert!(
        rows.iter()
            .all(|row| row.get("workos_http_status") == "307")
    );
}

#[test]
fn a_refusal_is_recorded_with_everything_that_was_said() {
    let env = env(1);
    let template = ResponseTemplate::new(422)
        .insert_header("x-request-id", "req_42")
        .set_body_json(json!({
            "message": "Validation failed",
            "code": "unprocessable",
            "errors": [{"field": "name", "code": "too_odd", "message": "is too odd"}]
        }));
    let server = Server::answering(template);
    server
        .run(&env, &FAST)
        .ends_with(1)
        .tells("[request req_42]");
    let row = &env.results(RESULTS)[0];
    assert_eq!(row.status(), "failed");
    assert_eq!(row.get("workos_error"), "api_error");
    assert_eq!(row.get("workos_code"), "unprocessable");
    assert_eq!(row.get("workos_http_status"), "422");
    assert_eq!(row.get("workos_request_id"), "req_42");
    assert_eq!(
        row.get("workos_message"),
        "Validation failed; name: is too odd"
    );
    assert_eq!(row.get("workos_attempts"), "1");
}

#[test]
fn an_outage_does_not_burn_the_list() {
    let env = env(200);
    let server = Server::answering(ResponseTemplate::new(400));
    let arguments = [&FAST[..], &["--max-failures", "10", "--concurrency", "2"]].concat();
    let finished = server.run(&env, &arguments);
    finished
        .ends_with(1)
        .tells("10 rows failed in a row")
        .prints("to go on");
    let failed = env.results(RESULTS).len();
    assert!((10..=12).contains(&failed), "{failed} rows");
}

#[test]
fn an_unreachable_server_is_told_with_a_hint() {
    let env = env(3);
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut command = env.command(&[&FAST[..], &["--max-attempts", "2"]].concat());
    command.env("WORKOS_BASE_URL", format!("http://127.0.0.1:{port}"));
    finish(&mut command)
        .ends_with(1)
        .tells("cannot be reached")
        .tells("hint: ");
    assert!(!env.path(RESULTS).exists());
    env.run(&FAST).ends_with(0);
}

#[test]
fn every_form_of_retry_after_is_waited_for() {
    // In turn: seconds, zero, a date, none, nonsense.
    let env = TestEnv::with_faults(&["429:0.3"]);
    env.write("customers.csv", Customer::csv(&Customer::list(20)));
    let finished = env.run(&[&FAST[..], &["--concurrency", "2"]].concat());
    finished.ends_with(0).prints("WorkOS asked to slow down");
    env.rows_and_organizations_agree(&Customer::list(20), RESULTS);
    let requests = env.requests();
    let refused = requests.iter().filter(|it| it.status == Some(429)).count();
    assert!(refused >= 5, "only {refused} of the forms were met");
    for row in env.results(RESULTS) {
        assert_eq!(
            row.get("workos_attempts"),
            "1",
            "a refusal for the rate is no attempt"
        );
    }
}

fn create(env: &TestEnv, arguments: &[&str]) -> support::Finished {
    env.run(&[&["create"], arguments].concat())
}

#[test]
fn create_prints_the_organization_as_json() {
    let env = TestEnv::new();
    let finished = create(
        &env,
        &[
            "--name",
            "Acme",
            "--domain",
            "acme.com",
            "--domain",
            "acme.org",
            "--external-id",
            "crm-1",
            "--metadata",
            "plan=pro=max",
        ],
    );
    finished.ends_with(0);
    let printed: Value = serde_json::from_str(&finished.stdout).unwrap();
    let organization = &env.organizations()[0];
    assert_eq!(printed["id"], organization.id);
    assert_eq!(printed["object"], "organization");
    assert_eq!(organization.external_id.as_deref(), Some("crm-1"));
    assert_eq!(organization.domains.len(), 2);
    assert_eq!(organization.metadata["plan"], "pro=max");
    assert!(env.files().is_empty(), "create leaves no files");
}

#[test]
fn create_names_its_errors_and_gives_the_fix() {
    let env = TestEnv::with(Options {
        examples: true,
        ..Options::default()
    });
    create(&env, &["--name", " ", "--domain", "nodomain"])
        .ends_with(1)
        .tells("error: InputError: ")
        .tells("hint: ");
    assert!(env.requests().is_empty());
    create(&env, &["--name", "Acme", "--domain", TAKEN_DOMAIN])
        .ends_with(1)
        .tells("error: ConflictError: ")
        .tells(TAKEN_DOMAIN_OWNER)
        .tells("hint: ");
    create(
        &env,
        &["--name", "Acme", "--external-id", TAKEN_EXTERNAL_ID],
    )
    .ends_with(1)
    .tells("error: ConflictError: ");
    let mut command = env.command(&["create", "--name", "Acme"]);
    finish(command.env("WORKOS_API_KEY", "sk_test_wrong"))
        .ends_with(4)
        .tells("API key");
    let server = Server::answering(ResponseTemplate::new(418));
    server
        .run(&env, &["create", "--name", "Acme"])
        .ends_with(1)
        .tells("error: APIError: ");
    create(&env, &["--domain", "acme.com"]).ends_with(2);
    create(&env, &["--name", "Acme", "--metadata", "plan"]).ends_with(2);
    assert_eq!(env.organizations().len(), 2);
}

#[test]
fn create_finds_its_organization_where_the_answer_was_lost() {
    let env = TestEnv::with_faults(&["drop-after:1"]);
    let finished = create(&env, &["--name", "Acme", "--lookup-pause", "0.2"]);
    finished.ends_with(0).tells("found by looking it up");
    let printed: Value = serde_json::from_str(&finished.stdout).unwrap();
    assert_eq!(printed["id"], env.organizations()[0].id);
    assert_eq!(env.organizations().len(), 1);
}

#[test]
fn create_of_what_is_there_says_so_and_creates_nothing() {
    let env = TestEnv::new();
    let arguments = ["--name", "Acme", "--domain", "acme.com"];
    create(&env, &arguments).ends_with(0);
    create(&env, &arguments)
        .ends_with(0)
        .tells("already there with the same values");
    assert_eq!(env.organizations().len(), 1);
}

#[test]
fn an_import_into_the_sandbox_needs_no_key_and_no_server() {
    let env = env(5);
    let mut command = program(&["import", "customers.csv", "--sandbox"]);
    finish(command.current_dir(env.directory())).ends_with(0);
    assert_eq!(env.results(RESULTS).len(), 5);
    assert!(env.requests().is_empty());
}

#[test]
fn help_names_the_exit_codes() {
    finish(&mut program(&["--help"]))
        .ends_with(0)
        .prints("130  interrupted");
    finish(&mut program(&["import", "--no-such-option"])).ends_with(2);
}

#[test]
fn a_slow_answer_does_not_create_a_second_organization() {
    let env = TestEnv::with(Options {
        faults: vec!["delay-after:0.5".parse().unwrap()],
        fault_delay: Duration::from_millis(900),
        ..Options::default()
    });
    let customers: Vec<_> = (0..10)
        .map(|n| Customer::named(format!("C {}", n / 3)))
        .collect();
    env.write("customers.csv", Customer::csv(&customers));
    let patience = [
        "--timeout",
        "0.4",
        "--lookup-pause",
        "0.8",
        "--max-attempts",
        "10",
    ];
    env.run(&[&FAST[..], &patience].concat()).ends_with(0);
    env.rows_and_organizations_agree(&customers, RESULTS);
}
