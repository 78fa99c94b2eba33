//! Keys, addresses, and servers that refuse or fail.

use super::server::Server;
use super::{FAST, RESULTS, env, statuses};
use crate::support::{Customer, TestEnv, finish};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;
use wiremock::ResponseTemplate;
use workos_orgs::sandbox::{FORBIDDEN_API_KEY, Options};

#[test]
fn a_wrong_key_costs_few_requests_and_is_shown_nowhere() {
    for (key, status) in [("sk_test_verysecret", "401"), (FORBIDDEN_API_KEY, "403")] {
        let env = env(30);
        let finished = finish(env.command(&FAST).env("WORKOS_API_KEY", key));
        finished
            .exits_with(4)
            .stderr_has("error: WorkOS refused the API key")
            .stderr_has(status)
            .stderr_has("hint: ");
        assert!(env.requests().len() <= 2, "{:?}", env.requests());
        assert!(!finished.stdout.contains(key) && !finished.stderr.contains(key));
        for file in env.files() {
            assert!(!env.read(&file).contains(key), "the key is in {file}");
        }
        // Nothing was tried, so nothing is left that would be in the way of the right key.
        assert!(!env.path(RESULTS).exists());
        env.run(&FAST).exits_with(0);
    }
}

#[test]
fn the_key_is_in_no_output_and_no_file() {
    let env = TestEnv::with(Options {
        api_key: "sk_test_verysecret".to_owned(),
        ..Options::default()
    });
    env.write_customers(&Customer::list(5));
    let finished = env.run(&["import", "customers.csv", "-vvv", "--json"]);
    finished.exits_with(0);
    assert!(!finished.stdout.contains("verysecret") && !finished.stderr.contains("verysecret"));
    for file in env.files() {
        assert!(
            !env.read(&file).contains("verysecret"),
            "the key is in {file}"
        );
    }
}

#[test]
fn a_missing_key_is_reported_with_the_way_to_give_one() {
    let env = env(3);
    for key in [None, Some(" ")] {
        let mut command = env.command(&FAST);
        match key {
            Some(key) => command.env("WORKOS_API_KEY", key),
            None => command.env_remove("WORKOS_API_KEY"),
        };
        finish(&mut command)
            .exits_with(4)
            .stderr_has("WORKOS_API_KEY")
            .stderr_has("hint: ");
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
    finish(&mut command).exits_with(0);
    env.rows_and_organizations_agree(&Customer::list(3), RESULTS);
}

#[test]
fn a_production_key_is_not_used_without_a_terminal_or_yes() {
    let env = TestEnv::with(Options {
        api_key: "sk_live_sandbox".to_owned(),
        ..Options::default()
    });
    env.write_customers(&Customer::list(3));
    let finished = env.run(&FAST);
    finished
        .exits_with(2)
        .stderr_has("production")
        .stderr_has("hint: add --yes");
    assert!(env.requests().is_empty());
    env.run(&[&FAST[..], &["--yes"]].concat()).exits_with(0);
    env.rows_and_organizations_agree(&Customer::list(3), RESULTS);
}

#[test]
fn a_key_of_an_unknown_kind_counts_as_a_production_key() {
    let env = TestEnv::with(Options {
        api_key: "key_0123456789abcdef9f3c".to_owned(),
        ..Options::default()
    });
    env.write_customers(&Customer::list(3));
    let refused = env.run(&FAST);
    refused
        .exits_with(2)
        .stderr_has("the key does not begin with sk_test_, so it counts as a production key");
    assert!(env.requests().is_empty());
    env.run(&[&FAST[..], &["--yes"]].concat()).exits_with(0);
}

#[test]
fn a_blank_variable_counts_as_unset() {
    let env = env(3);
    for variable in [
        "WORKOS_ORGS_RATE",
        "WORKOS_ORGS_TIMEOUT",
        "WORKOS_ORGS_SHARE",
    ] {
        let mut command = env.command(&["import", "customers.csv"]);
        finish(command.env(variable, " ")).exits_with(0);
    }
    let mut command = env.command(&["import", "customers.csv", "--sandbox"]);
    finish(command.env("WORKOS_BASE_URL", "")).exits_with(0);
    let mut command = env.command(&FAST);
    let finished = finish(command.env("WORKOS_API_KEY", ""));
    finished
        .exits_with(4)
        .stderr_has("the environment variable WORKOS_API_KEY is not set");
}

#[test]
fn options_have_variables_and_the_command_line_wins() {
    let env = env(3);
    let import = |arguments: &[&str]| {
        let arguments = [&["import", "customers.csv"], arguments].concat();
        finish(env.command(&arguments).env("WORKOS_ORGS_RATE", "7"))
    };
    let by_variable = import(&["--limit", "1"]);
    by_variable.exits_with(0).stderr_has("at most 7 requests");
    let by_option = import(&["--rate", "500"]);
    by_option.exits_with(0).stderr_has("at most 500 requests");
}

#[test]
fn an_unencrypted_address_is_refused_unless_it_is_this_machine() {
    let env = env(3);
    for (url, reason) in [
        ("http://api.workos.com", "unencrypted"),
        ("http://127.0.0.1.example.com", "unencrypted"),
        ("ftp://api.workos.com", "api.workos.com"),
        ("api.workos.com", "invalid URL"),
        (
            "https://me:secret@api.workos.com",
            "must not contain a user name",
        ),
    ] {
        let finished = env.run(&["import", "customers.csv", "--base-url", url]);
        finished.exits_with(2).stderr_has(reason);
    }
    assert!(env.requests().is_empty());
}

#[test]
fn a_key_that_is_refused_in_the_middle_stops_the_run_and_fails_no_row() {
    let env = env(50);
    let template = ResponseTemplate::new(401).set_body_json(json!({"message": "Unauthorized"}));
    let server = Server::answering(template);
    let finished = server.run(&env, &[&FAST[..], &["--concurrency", "3"]].concat());
    finished
        .exits_with(4)
        .stderr_has("error: WorkOS refused the API key: Unauthorized (HTTP 401)");
    let sent = server.count("POST");
    assert!(sent <= 12, "{sent} requests with a key that is refused");
    assert_eq!(statuses(&env.results(RESULTS)), BTreeSet::from([""]));
}

#[test]
fn a_redirect_is_not_followed() {
    let env = env(3);
    let elsewhere = Server::answering(ResponseTemplate::new(201));
    let location = format!("{}/organizations", elsewhere.mock.uri());
    let template = ResponseTemplate::new(307).insert_header("location", location);
    let server = Server::answering(template);
    server.run(&env, &FAST).exits_with(1);
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
        .exits_with(1)
        .stderr_has("[request req_42]");
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
        .exits_with(1)
        .stderr_has("10 rows failed in a row")
        .stdout_has("next:    to resume:");
    let rows = env.results(RESULTS);
    let failed = rows.iter().filter(|row| row.status() == "failed").count();
    assert!((10..=12).contains(&failed), "{failed} rows");
}

#[test]
fn an_unreachable_server_is_reported_with_a_hint() {
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
        .exits_with(6)
        .stderr_has("error: cannot reach WorkOS at http://127.0.0.1:")
        .stderr_has("hint: ");
    assert!(!env.path(RESULTS).exists());
    env.run(&FAST).exits_with(0);
}

#[test]
fn every_form_of_retry_after_is_obeyed() {
    // In turn: seconds, zero, a date, none, nonsense.
    let env = TestEnv::with_faults(&["429:0.3"]);
    env.write_customers(&Customer::list(20));
    let finished = env.run(&[&FAST[..], &["--concurrency", "2"]].concat());
    finished.exits_with(0).stdout_has("WorkOS limited the rate");
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
    env.write_customers(&customers);
    let patience = [
        "--timeout",
        "0.4",
        "--lookup-pause",
        "0.8",
        "--max-attempts",
        "10",
    ];
    env.run(&[&FAST[..], &patience].concat()).exits_with(0);
    env.rows_and_organizations_agree(&customers, RESULTS);
}
