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
    create(
        &env,
        &["--name", " ", "--domain", "nodomain", "--metadata", "=x"],
    )
    .exits_with(2)
    .stderr_has("error: InputError: --name: ")
    .stderr_has("; --domain: ")
    .stderr_lacks("column")
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
        .exits_with(2)
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

/// What a sign-up flow gets: the one object of a call, and its exit code.
fn said(env: &TestEnv, arguments: &[&str]) -> (Option<i32>, Value) {
    let finished = create(env, &[arguments, &["--json"]].concat());
    let object = serde_json::from_str(&finished.stdout);
    let object = object.unwrap_or_else(|_| panic!("{}{}", finished.stdout, finished.stderr));
    (finished.code, object)
}

const ACME: [&str; 6] = [
    "--name",
    "Acme",
    "--external-id",
    "a-1",
    "--metadata",
    "plan=pro",
];

#[test]
fn get_or_create_returns_the_organization_that_is_there_and_changes_nothing() {
    let env = TestEnv::new();
    let get = |more: &[&str]| said(&env, &[&ACME, more, &["--get-or-create"]].concat());
    let (code, created) = get(&["--domain", "acme.com"]);
    assert_eq!((code, &created["outcome"]), (Some(0), &"created".into()));
    assert!(created["existing_organization_id"].is_null());
    for more in [&["--domain", "acme.com"][..], &[]] {
        let (code, existing) = get(more);
        assert_eq!((code, &existing["outcome"]), (Some(0), &"existing".into()));
        assert_eq!(existing["organization"], created["organization"]);
        let id = &created["organization"]["id"];
        assert_eq!(&existing["existing_organization_id"], id);
    }
    let (code, differs) = get(&["--domain", "acme.org"]);
    assert_eq!((code, &differs["outcome"]), (Some(1), &"conflict".into()));
    assert_eq!(differs["error"]["name"], "ConflictError");
    let message = differs["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("domains: \"acme.com, acme.org\", in WorkOS \"acme.com\""),
        "{message}"
    );
    assert!(
        differs["error"]["hint"]
            .as_str()
            .unwrap()
            .contains("--update")
    );
    assert_eq!(
        differs["existing_organization_id"],
        created["organization"]["id"]
    );
    assert!(differs["organization"].is_null());
    let requests = env.requests();
    let sent: Vec<_> = requests.iter().filter(|it| it.method != "GET").collect();
    assert_eq!(sent.len(), 1, "only the first call has changed something");
    create(&env, &["--name", "Acme", "--get-or-create"])
        .exits_with(2)
        .stderr_has("--external-id");
}

#[test]
fn update_makes_the_organization_so_and_leaves_the_rest_of_it() {
    let env = TestEnv::new();
    let existing = [
        &ACME[..],
        &["--metadata", "seats=5", "--domain", "acme.com"],
    ]
    .concat();
    create(&env, &existing).exits_with(0);
    let wanted = [
        "--name",
        "Acme Inc.",
        "--external-id",
        "a-1",
        "--metadata",
        "plan=free",
    ];
    let (code, updated) = said(&env, &[&wanted[..], &["--update"]].concat());
    assert_eq!(
        (code, &updated["outcome"]),
        (Some(0), &"updated".into()),
        "{updated}"
    );
    assert_eq!(updated["organization"]["name"], "Acme Inc.");
    assert_eq!(updated["organization"]["metadata"]["seats"], "5");
    assert_eq!(updated["organization"]["metadata"]["plan"], "free");
    assert_eq!(updated["changes"][0]["field"], "name");
    assert_eq!(updated["changes"][0]["before"], "Acme");
    let (code, again) = said(&env, &[&wanted[..], &["--update"]].concat());
    assert_eq!((code, &again["outcome"]), (Some(0), &"existing".into()));
    // By a domain it is recognized as well, but it is another customer's.
    let other = [
        "--name",
        "Other",
        "--domain",
        "acme.com",
        "--external-id",
        "b-1",
    ];
    let (code, conflict) = said(&env, &[&other[..], &["--update"]].concat());
    assert_eq!((code, &conflict["outcome"]), (Some(1), &"conflict".into()));
    let message = conflict["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("its external id is \"a-1\", not \"b-1\""),
        "{message}"
    );
    let (code, new) = said(&env, &["--name", "New", "--external-id", "c-1", "--update"]);
    assert_eq!((code, &new["outcome"]), (Some(0), &"created".into()));
    assert_eq!(env.organizations().len(), 2);
}

#[test]
fn an_organization_that_appears_meanwhile_is_found_after_all() {
    let env = TestEnv::with_faults(&["drop-after:1"]);
    let update = [
        "--name",
        "Acme",
        "--external-id",
        "a-1",
        "--update",
        "--lookup-pause",
        "0.1",
    ];
    let (code, created) = said(&env, &update);
    assert_eq!((code, &created["outcome"]), (Some(0), &"created".into()));
    assert_eq!(env.organizations().len(), 1);
}

#[test]
fn every_ending_has_an_outcome_and_the_documented_exit_code() {
    let env = TestEnv::new();
    let (code, invalid) = said(&env, &["--name", " ", "--external-id", "a"]);
    assert_eq!((code, &invalid["outcome"]), (Some(2), &"invalid".into()));
    let (code, usage) = said(&env, &["--external-id", "a"]);
    assert_eq!((code, &usage["outcome"]), (Some(2), &"invalid".into()));
    assert_eq!(usage["command"], "create");
    let mut command = env.command(&["create", "--name", "A", "--json"]);
    let refused = finish(command.env("WORKOS_API_KEY", "sk_test_wrong"));
    let object: Value = serde_json::from_str(&refused.stdout).unwrap();
    assert_eq!(
        (refused.code, &object["outcome"]),
        (Some(4), &"unavailable".into())
    );
    assert_eq!(object["error"]["name"], "AuthError");
    let server = Server::answering(ResponseTemplate::new(422));
    let refused = server.run(&env, &["create", "--name", "Acme", "--json"]);
    let object: Value = serde_json::from_str(&refused.stdout).unwrap();
    assert_eq!(
        (refused.code, &object["outcome"]),
        (Some(2), &"invalid".into())
    );
    assert_eq!(object["error"]["name"], "APIError");
}

#[test]
fn a_network_that_is_down_is_told_with_a_line_that_says_it_waits() {
    let env = TestEnv::new();
    let mut command = env.command(&["create", "--name", "A", "--json", "--timeout", "1"]);
    // Nothing listens on this port.
    let down = finish(command.env("WORKOS_BASE_URL", "http://127.0.0.1:9"));
    let object: Value = serde_json::from_str(&down.stdout).unwrap();
    assert_eq!(
        (down.code, &object["outcome"]),
        (Some(6), &"unavailable".into())
    );
    assert_eq!(object["error"]["name"], "NetworkError");
    down.stderr_has("cannot reach WorkOS")
        .stderr_has("trying again");
    // The refusal of a key is nothing to wait for.
    create(&env, &["--name", "A"]).stderr_lacks("trying again");
}
