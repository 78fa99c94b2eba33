//! Ids in edited files: one that is not an id of an organization never becomes part of a path.

use crate::support::TestEnv;

const BAD: [&str; 5] = [
    "..",
    "org_x/../y",
    "org_01EHZNVPK2QXHMVWCEDQEKY69A/../../secrets",
    "org_01EHZNVPK2QXHMVWCEDQEKY69A?x=1",
    "%2e%2e",
];

/// The paths that the program has any reason to ask for.
fn assert_known_paths(env: &TestEnv, since: usize) {
    let is_id = |id: &str| {
        id.strip_prefix("org_")
            .is_some_and(|rest| rest.len() == 26 && rest.bytes().all(|b| b.is_ascii_alphanumeric()))
    };
    for request in env.requests().iter().skip(since) {
        let path = request.path.split('?').next().unwrap();
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let is_known = match parts[..] {
            ["organizations", id] => is_id(id),
            ["organizations", "external_id", id] => id == "a-1",
            ["user_management", "organization_memberships"] => true,
            [list] => !list.contains(".."),
            _ => false,
        };
        assert!(is_known, "{} {}", request.method, request.path);
    }
}

#[test]
fn an_id_that_is_none_never_reaches_a_path() {
    for bad in BAD {
        let env = TestEnv::new();
        env.write("list.csv", "name,domain\nAcme,acme.com\nBeta,beta.com\n");
        env.run(&["import", "list.csv"]).exits_with(0);
        let acme = env.organizations();
        let acme = acme.iter().find(|it| it.name == "Acme").unwrap();
        let since = env.requests().len();
        // A column of ids in a list.
        env.write("crm.csv", format!("workos_id,name\n{bad},Acme 2\n"));
        env.run(&["plan", "crm.csv"]);
        env.run(&["sync", "crm.csv"]);
        // An export.
        env.run(&["export", "--output", "all.csv"]).exits_with(0);
        env.edit("all.csv", &acme.id, bad);
        env.run(&["sync", "all.csv"]);
        // A results file, whose journal is there, or is not.
        env.edit("list.results.csv", &acme.id, bad);
        for command in [
            &["retry", "list.results.csv"][..],
            &["retry", "list.results.csv", "--adopt"],
            &["verify", "list.results.csv"],
            &["undo", "list.results.csv", "--dry-run"],
            &["sync", "list.csv"],
        ] {
            env.run(command);
        }
        let journal = env.read("list.results.journal");
        env.remove("list.results.journal");
        for command in [
            &["retry", "list.results.csv", "--without-journal"][..],
            &["sync", "list.csv", "--without-journal", "--discard-edits"],
        ] {
            env.run(command);
        }
        // The journal.
        env.write("list.results.journal", journal.replace(&acme.id, bad));
        for command in [
            &["verify", "list.results.csv"][..],
            &["sync", "list.csv"],
            &["retry", "list.results.csv"],
            &["undo", "list.results.csv"],
        ] {
            env.run(command);
        }
        // The results file alone says what is there; then the journal is whole again.
        env.write("list.results.journal", journal);
        env.run(&["undo", "list.results.csv"]).exits_with(0);
        assert_known_paths(&env, since);
    }
}

#[test]
fn an_id_of_a_conflict_that_is_none_never_reaches_a_path() {
    for bad in BAD {
        let env = TestEnv::new();
        env.run(&["create", "--name", "Acme", "--external-id", "a-1"])
            .exits_with(0);
        env.write("list.csv", "name,external_id\nAcme Inc.,a-1\n");
        env.run(&["import", "list.csv"]).exits_with(1);
        let since = env.requests().len();
        env.edit("list.results.csv", &env.organizations()[0].id, bad);
        env.run(&["retry", "list.results.csv"]);
        env.run(&["retry", "list.results.csv", "--adopt"]);
        env.run(&["retry", "list.results.csv", "--adopt=update"]);
        env.run(&["undo", "list.results.csv"]);
        assert_known_paths(&env, since);
    }
}

#[test]
fn an_edited_id_in_a_plan_is_refused_before_any_request() {
    let env = TestEnv::new();
    env.run(&["create", "--name", "Acme", "--external-id", "a-1"])
        .exits_with(0);
    env.write("crm.csv", "name,external_id\nAcme Inc.,a-1\n");
    env.run(&["plan", "crm.csv", "--output", "plan.json"])
        .exits_with(0);
    let since = env.requests().len();
    env.edit("plan.json", &env.organizations()[0].id, "org_x/../y");
    env.run(&["sync", "crm.csv", "--plan", "plan.json"])
        .exits_with(3);
    assert_eq!(env.requests().len(), since);
}
