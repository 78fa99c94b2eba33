//! `create`: one organization from the command line.

use super::server::Server;
use crate::support::{Finished, TestEnv, finish};
use serde_json::Value;
use wiremock::ResponseTemplate;
use workos_orgs::sandbox::{Options, TAKEN_DOMAIN, TAKEN_DOMAIN_OWNER, TAKEN_EXTERNAL_ID};

fn create(env: &TestEnv, arguments: &[&str]) -> Finished {
    env.run(&[&["create"], arguments].concat())
}

#[cfg(target_os = "linux")]
#[test]
fn create_asks_before_it_creates_in_production() {
    let env = TestEnv::with(Options {
        api_key: "sk_live_0123456789abcdef9f3c".to_owned(),
        ..Options::default()
    });
    create(&env, &["--name", "Acme"])
        .exits_with(2)
        .stderr_has("hint: add --yes");
    let mut asked = env.start_at_terminal(&["create", "--name", "Acme"]);
    asked.wait_for_stderr("Create 1 organization in PRODUCTION (");
    asked.wait_for_stderr(", key sk_live_…9f3c)? Type yes:");
    asked.types("y");
    asked
        .wait()
        .exits_with(2)
        .stderr_has("the answer was not yes");
    assert!(env.organizations().is_empty());
    let mut asked = env.start_at_terminal(&["create", "--name", "Acme"]);
    asked.wait_for_stderr("Type yes:");
    asked.types("yes");
    asked.wait().exits_with(0);
    create(&env, &["--name", "Acme 2", "--yes"]).exits_with(0);
    assert_eq!(env.organizations().len(), 2);
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
    finished.exits_with(0);
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
        .exits_with(1)
        .stderr_has("error: InputError: ")
        .stderr_has("hint: ");
    assert!(env.requests().is_empty());
    create(&env, &["--name", "Acme", "--domain", TAKEN_DOMAIN])
        .exits_with(1)
        .stderr_has("error: ConflictError: ")
        .stderr_has(TAKEN_DOMAIN_OWNER)
        .stderr_has("hint: ");
    create(
        &env,
        &["--name", "Acme", "--external-id", TAKEN_EXTERNAL_ID],
    )
    .exits_with(1)
    .stderr_has("error: ConflictError: ");
    let mut command = env.command(&["create", "--name", "Acme"]);
    finish(command.env("WORKOS_API_KEY", "sk_test_wrong"))
        .exits_with(4)
        .stderr_has("API key");
    let server = Server::answering(ResponseTemplate::new(418));
    server
        .run(&env, &["create", "--name", "Acme"])
        .exits_with(1)
        .stderr_has("error: APIError: ");
    create(&env, &["--domain", "acme.com"]).exits_with(2);
    create(&env, &["--name", "Acme", "--metadata", "plan"]).exits_with(2);
    assert_eq!(env.organizations().len(), 2);
}

#[test]
fn create_finds_its_organization_after_a_lost_answer() {
    let env = TestEnv::with_faults(&["drop-after:1"]);
    let finished = create(&env, &["--name", "Acme", "--lookup-pause", "0.2"]);
    finished.exits_with(0).stderr_has("found by looking it up");
    let printed: Value = serde_json::from_str(&finished.stdout).unwrap();
    assert_eq!(printed["id"], env.organizations()[0].id);
    assert_eq!(env.organizations().len(), 1);
}

#[test]
fn create_of_an_existing_organization_creates_nothing() {
    let env = TestEnv::new();
    let arguments = ["--name", "Acme", "--domain", "acme.com"];
    create(&env, &arguments).exits_with(0);
    create(&env, &arguments)
        .exits_with(0)
        .stderr_has("already there with the same values");
    assert_eq!(env.organizations().len(), 1);
}
