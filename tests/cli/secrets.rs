//! The key is in no output and no file, also if a server repeats it.

use super::server::Server;
use super::{FAST, RESULTS, env, statuses};
use crate::support::finish;
use serde_json::json;
use std::collections::BTreeSet;
use wiremock::ResponseTemplate;

const KEY: &str = "sk_live_veryverysecret";

/// A server that repeats the header in each place that the program keeps.
fn repeating() -> ResponseTemplate {
    ResponseTemplate::new(422)
        .insert_header("x-request-id", format!("req {KEY}"))
        .set_body_json(json!({
            "code": format!("bad_{KEY}"),
            "message": format!("Bearer {KEY} may not do this"),
            "errors": [{"field": KEY, "code": KEY}],
        }))
}

#[test]
fn a_key_that_a_server_repeats_is_kept_nowhere() {
    let env = env(2);
    let server = Server::answering(repeating());
    let mut command = env.command(&[&FAST[..], &["--yes", "-vvv", "--json"]].concat());
    command
        .env("WORKOS_BASE_URL", server.mock.uri())
        .env("WORKOS_API_KEY", KEY);
    let finished = finish(&mut command);
    finished.exits_with(1).stderr_has("[API key]");
    assert!(!finished.stdout.contains("verysecret") && !finished.stderr.contains("verysecret"));
    assert_eq!(statuses(&env.results(RESULTS)), BTreeSet::from(["failed"]));
    for file in env.files() {
        assert!(
            !env.read(&file).contains("verysecret"),
            "the key is in {file}"
        );
    }
}

#[test]
fn a_key_in_the_wrong_place_is_not_repeated() {
    let env = env(1);
    let url = format!("https://me:{KEY}@exa mple.com");
    for (arguments, code) in [
        (vec!["import", "customers.csv", "--api-key-file", KEY], 4),
        (vec!["import", "customers.csv", "--base-url", KEY], 2),
        (vec!["import", "customers.csv", "--base-url", &url], 2),
        (vec!["import", "customers.csv", KEY], 2),
        (vec!["import", KEY], 3),
        (vec!["check", KEY], 3),
        (vec!["import", "customers.csv", "--api-key", KEY], 2),
    ] {
        let finished = env.run(&arguments);
        finished.exits_with(code).stderr_lacks("verysecret");
        assert!(!finished.stdout.contains("verysecret"));
    }
}

#[test]
fn a_variable_alone_does_not_lead_a_production_key_elsewhere() {
    let env = env(1);
    let mut command = env.command(&FAST);
    command
        .env("WORKOS_BASE_URL", "https://workos.invalid")
        .env("WORKOS_API_KEY", KEY);
    finish(&mut command)
        .exits_with(2)
        .stderr_has("WORKOS_BASE_URL would send the production key to https://workos.invalid")
        .stderr_has("--base-url https://workos.invalid");
}

#[test]
fn a_key_may_come_from_a_command() {
    let env = env(1);
    let mut command = env.command(&FAST);
    command
        .env_remove("WORKOS_API_KEY")
        .env("PATH", std::env::var_os("PATH").unwrap())
        .args(["--api-key-command", "echo sk_test_sandbox"]);
    finish(&mut command).exits_with(0);
    command.args(["--api-key-file", "key"]);
    finish(&mut command).exits_with(2);
}

#[cfg(unix)]
#[test]
fn a_key_file_that_others_can_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt;
    let env = env(1);
    env.write("key", "sk_test_sandbox\r\n");
    for (mode, is_warned) in [(0o644, true), (0o600, false)] {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(env.path("key"), permissions).unwrap();
        let finished = env.run(&[&FAST[..], &["--api-key-file", "key"]].concat());
        finished.exits_with(0);
        assert_eq!(
            finished.stderr.contains("chmod 600 key"),
            is_warned,
            "{finished:?}"
        );
    }
}

#[test]
fn settings_that_cannot_be_used_are_errors() {
    let env = env(1);
    for (variable, value) in [
        ("HTTPS_PROXY", "ftp://me:verysecret@proxy"),
        ("ALL_PROXY", "http://me:verysecret@proxy:port"),
        ("SSL_CERT_FILE", "missing.pem"),
        ("SSL_CERT_DIR", "missing"),
    ] {
        let mut command = env.command(&FAST);
        command
            .env("WORKOS_BASE_URL", "https://workos.invalid")
            .env(variable, value);
        finish(&mut command)
            .exits_with(2)
            .stderr_has(variable)
            .stderr_has("hint: ")
            .stderr_lacks("verysecret");
    }
    // This machine is reached without a proxy and without certificates.
    let mut command = env.command(&FAST);
    command
        .env("HTTPS_PROXY", "ftp://proxy")
        .env("SSL_CERT_FILE", "missing.pem");
    finish(&mut command).exits_with(0);
}

#[test]
fn an_id_that_is_given_twice_is_not_believed() {
    let env = env(3);
    let organization = json!({"id": "org_1", "name": "Acme", "domains": []});
    let server = Server::answering(ResponseTemplate::new(201).set_body_json(organization));
    let options = ["--max-attempts", "1", "--lookup-pause", "0.1"];
    let finished = server.run(&env, &[&FAST[..], &options].concat());
    assert_ne!(finished.code, Some(0), "{finished:?}");
    let rows = env.results(RESULTS);
    let created = rows
        .iter()
        .filter(|row| row.get("workos_organization_id") == "org_1");
    assert!(created.count() <= 1, "{rows:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_name_does_not_control_the_terminal() {
    let env = env(1);
    let name = "a\u{1b}]0;title\u{7}\u{9b}31m\u{202e}.csv";
    for command in ["check", "import"] {
        let finished = env.run(&[command, name]);
        finished.exits_with(3);
        let is_hostile = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
        assert!(
            !finished.stderr.contains(is_hostile),
            "{:?}",
            finished.stderr
        );
    }
}
