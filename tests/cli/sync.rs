//! `sync` and `plan`: WorkOS is made to agree with a list, and nothing else is touched.

use crate::support::TestEnv;
use std::collections::BTreeMap;
use workos_orgs::sandbox::{Options, StoredOrganization};

const LIST: &str = "name,domain,external_id,metadata.plan\n\
                    Acme,acme.com,a-1,free\n\
                    Beta,beta.com,b-1,free\n\
                    Gamma,gamma.com,,\n";

/// What an organization holds, as a test compares it.
type Held = (
    String,
    Vec<String>,
    Option<String>,
    BTreeMap<String, String>,
);

pub(crate) fn held(env: &TestEnv) -> Vec<Held> {
    let mut held: Vec<Held> = env.organizations().into_iter().map(content).collect();
    held.sort();
    held
}

fn content(organization: StoredOrganization) -> Held {
    let mut domains: Vec<_> = organization
        .domains
        .into_iter()
        .map(|it| it.domain)
        .collect();
    domains.sort();
    (
        organization.name,
        domains,
        organization.external_id,
        organization.metadata,
    )
}

pub(crate) fn org(
    name: &str,
    domains: &[&str],
    external_id: Option<&str>,
    plan: Option<&str>,
) -> Held {
    (
        name.to_owned(),
        domains.iter().map(|&domain| domain.to_owned()).collect(),
        external_id.map(str::to_owned),
        plan.map(|plan| ("plan".to_owned(), plan.to_owned()))
            .into_iter()
            .collect(),
    )
}

pub(crate) fn imported() -> TestEnv {
    let env = TestEnv::new();
    env.write("first.csv", LIST);
    env.run(&["import", "first.csv"]).exits_with(0);
    env
}

fn sync(env: &TestEnv, options: &[&str]) -> crate::support::Finished {
    let arguments = [&["sync", "crm.csv", "--rate", "unlimited"], options].concat();
    env.run(&arguments)
}

#[test]
fn what_is_missing_is_created_and_of_the_others_only_what_differs_is_sent() {
    let env = imported();
    env.write(
        "crm.csv",
        "name,domain,external_id,metadata.plan\n\
         Acme Inc.,acme.com;acme.de,a-1,pro\n\
         Beta,beta.com,b-1,\n\
         Gamma,gamma.com,g-1,free\n\
         Delta,delta.com,d-1,free\n",
    );
    let before = env.requests().len();
    env.run(&["plan", "crm.csv", "--detailed-exit-code"])
        .exits_with(10)
        .stdout_has("+ line 5: Delta [d-1]")
        .stdout_has("name: \"Acme\" → \"Acme Inc.\"")
        .stdout_has("domains: \"acme.com\" → \"acme.com, acme.de\"")
        .stdout_has("external_id: (none) → \"g-1\"")
        .stdout_has(
            "1 to create, 2 to update, 1 unchanged; 0 other organizations exist. Nothing was sent.",
        )
        .stdout_has(" sync crm.csv");
    let planned = env.requests().len() - before;
    assert!(
        env.requests()
            .iter()
            .skip(before)
            .all(|it| it.method == "GET")
    );
    sync(&env, &[]).exits_with(0);
    assert_eq!(
        held(&env),
        [
            org(
                "Acme Inc.",
                &["acme.com", "acme.de"],
                Some("a-1"),
                Some("pro")
            ),
            org("Beta", &["beta.com"], Some("b-1"), Some("free")),
            org("Delta", &["delta.com"], Some("d-1"), Some("free")),
            org("Gamma", &["gamma.com"], Some("g-1"), Some("free")),
        ]
    );
    let results = env.results("crm.results.csv");
    let statuses: Vec<_> = results.iter().map(|row| row.status().to_owned()).collect();
    assert_eq!(statuses, ["updated", "unchanged", "updated", "created"]);
    assert!(
        results[0]
            .get("workos_changes")
            .contains("\"free\" → \"pro\"")
    );
    let before = env.requests().len();
    sync(&env, &[]).exits_with(0).stdout_has("nothing to send");
    let repeated = env.requests().len() - before;
    assert!(
        repeated <= planned,
        "only the listing is sent again: {repeated} > {planned}"
    );
    env.run(&["plan", "crm.csv", "--detailed-exit-code"])
        .exits_with(0);
}

#[test]
fn a_cell_clears_a_key_only_where_it_says_so_and_other_domains_go_only_with_exact() {
    let env = imported();
    env.write(
        "crm.csv",
        "name,domain,external_id,metadata.plan\nAcme,acme.de,a-1,\nBeta,,b-1,#N/A\n",
    );
    sync(&env, &["--clear", "#N/A"]).exits_with(0);
    assert_eq!(
        held(&env)[..2],
        [
            org("Acme", &["acme.com", "acme.de"], Some("a-1"), Some("free")),
            org("Beta", &["beta.com"], Some("b-1"), None),
        ]
    );
    sync(&env, &["--domains", "exact", "--clear", "#N/A"]).exits_with(0);
    assert_eq!(
        held(&env)[..2],
        [
            org("Acme", &["acme.de"], Some("a-1"), Some("free")),
            org("Beta", &["beta.com"], Some("b-1"), None),
        ],
        "a row without a domain leaves those of its organization alone"
    );
}

#[test]
fn another_external_id_is_a_conflict_and_changes_nothing() {
    let env = imported();
    let before = held(&env);
    env.write("crm.csv", "name,domain,external_id\nAcme,acme.com,a-9\n");
    sync(&env, &[])
        .exits_with(1)
        .stderr_has("its external id is \"a-1\", not \"a-9\"");
    assert_eq!(held(&env), before);
    assert_eq!(env.results("crm.results.csv")[0].status(), "conflict");
}

#[test]
fn a_plan_that_is_larger_than_allowed_is_refused_and_leaves_no_file() {
    let env = imported();
    let before = held(&env);
    env.write(
        "crm.csv",
        "name,domain,external_id\nAcme 2,acme.com,a-1\nBeta 2,beta.com,b-1\nNew,new.com,n-1\n",
    );
    let files = env.contents();
    for (options, message) in [
        (
            ["--max-changes", "1"],
            "the plan would update 2 organizations",
        ),
        (
            ["--max-create", "0"],
            "the plan would create 1 organization",
        ),
        (["--expect-min-rows", "4"], "the list has 3 rows"),
    ] {
        sync(&env, &options).exits_with(2).stderr_has(message);
    }
    assert_eq!(held(&env), before);
    assert_eq!(env.contents(), files);
}

#[test]
fn a_column_of_organization_ids_beats_everything_else() {
    let env = imported();
    let acme = env.organizations()[0].id.clone();
    env.write("crm.csv", format!("WorkOS ID,name\n{acme},Acme renamed\n"));
    sync(&env, &[]).exits_with(0);
    assert!(env.names().contains(&"Acme renamed".to_owned()));
    assert_eq!(env.organizations().len(), 3);
}

#[test]
fn a_name_alone_is_recognized_only_where_it_is_asked_for() {
    let env = imported();
    env.write("crm.csv", "name,external_id\nGamma,g-1\n");
    env.run(&["plan", "crm.csv"])
        .exits_with(0)
        .stdout_has("1 to create")
        .stderr_has("add --match name");
    sync(&env, &["--match", "name"]).exits_with(0);
    assert_eq!(env.organizations().len(), 3);
    assert!(held(&env).contains(&org("Gamma", &["gamma.com"], Some("g-1"), None)));
}

#[test]
fn in_production_the_question_names_updates_and_creations() {
    let env = TestEnv::with(Options {
        api_key: "sk_live_0123456789abcdef9f3c".to_owned(),
        rate_limit: None,
        ..Options::default()
    });
    env.write("first.csv", "name,external_id\nAcme,a-1\n");
    env.run(&["import", "first.csv", "--yes"]).exits_with(0);
    env.write("crm.csv", "name,external_id\nAcme Inc.,a-1\nBeta,b-1\n");
    sync(&env, &[]).exits_with(2).stderr_has("production");
    assert_eq!(env.names(), ["Acme"]);
    sync(&env, &["--yes"]).exits_with(0);
    assert_eq!(env.names(), ["Acme Inc.", "Beta"]);
}

#[test]
fn a_change_that_failed_is_repeated_by_retry_and_never_creates_a_second_organization() {
    let env = imported();
    env.write("crm.csv", "name,domain,external_id\nAcme,beta.com,a-1\n");
    sync(&env, &[]).exits_with(1).stderr_has("beta.com");
    assert_eq!(env.results("crm.results.csv")[0].status(), "conflict");
    env.run(&["import", "crm.csv"]);
    assert_eq!(env.organizations().len(), 3, "it is there");
    env.edit("crm.results.csv", "beta.com,a-1", "acme.org,a-1");
    env.run(&["retry", "crm.results.csv"]).exits_with(0);
    assert!(held(&env).contains(&org(
        "Acme",
        &["acme.com", "acme.org"],
        Some("a-1"),
        Some("free")
    )));
    assert_eq!(env.organizations().len(), 3);
}

#[test]
fn lost_answers_are_settled_and_nothing_is_sent_twice() {
    let env = TestEnv::with_faults(&["drop-after:0.3", "5xx-before:0.2"]);
    let names: Vec<String> = (0..20).map(|n| format!("Company {n},c-{n}")).collect();
    env.write(
        "first.csv",
        format!("name,external_id\n{}\n", names.join("\n")),
    );
    let import = [
        "import",
        "first.csv",
        "--rate",
        "unlimited",
        "--lookup-pause",
        "0.1",
        "--max-attempts",
        "50",
    ];
    env.run(&import).exits_with(0);
    let names: Vec<String> = (0..25).map(|n| format!("Corporation {n},c-{n}")).collect();
    env.write(
        "crm.csv",
        format!("name,external_id\n{}\n", names.join("\n")),
    );
    sync(&env, &["--lookup-pause", "0.1", "--max-attempts", "50"]).exits_with(0);
    let mut all = env.names();
    assert_eq!(all.len(), 25);
    all.retain(|name| !name.starts_with("Corporation"));
    assert_eq!(all, Vec::<String>::new());
}

#[test]
fn an_organization_that_the_listing_lacks_is_read_before_it_is_created_again() {
    let env = TestEnv::new();
    env.write("crm.csv", "name\nAcme\nBeta\n");
    sync(&env, &[]).exits_with(0);
    let acme = env
        .organizations()
        .into_iter()
        .find(|it| it.name == "Acme")
        .unwrap();
    env.delete(&acme.id);
    sync(&env, &[]).exits_with(0);
    assert_eq!(env.names(), ["Acme", "Beta"]);
    let requests = env.requests();
    let read = format!("/organizations/{}", acme.id);
    let read = requests
        .iter()
        .rposition(|it| it.method == "GET" && it.path == read);
    let created = requests.iter().rposition(|it| it.method == "POST");
    assert!(read.is_some() && read < created, "{read:?} {created:?}");
}

#[test]
fn a_list_of_contacts_is_asked_about_before_each_contact_becomes_an_organization() {
    let env = TestEnv::new().asking();
    let contact = |n: u32| format!("Company {0},person{n}@company{0}.example.com\n", n % 7);
    let list: String = (0..60).map(contact).collect();
    env.write("contacts.csv", format!("name,email\n{list}"));
    let question = "60 rows, 7 names: one row per contact";
    env.run(&["plan", "contacts.csv"])
        .exits_with(0)
        .stderr_has(question);
    env.run(&["sync", "contacts.csv"])
        .exits_with(2)
        .stderr_has(question)
        .stderr_has("--one-per name");
    assert!(env.organizations().is_empty());
    env.run(&["sync", "contacts.csv", "--one-per", "name"])
        .exits_with(0);
    assert_eq!(env.organizations().len(), 7);
    // Nothing is left to create, so there is no question.
    env.run(&["sync", "contacts.csv", "--one-per", "name"])
        .exits_with(0);
}

#[test]
fn at_most_20_organizations_that_the_list_lacks_are_shown_in_order() {
    let env = TestEnv::new();
    env.write_customers(&crate::support::Customer::list(26));
    env.run(&["import", "customers.csv"]).exits_with(0);
    env.write("one.csv", "name\nNew\n");
    let plan = env.run(&["plan", "one.csv", "--show-missing"]);
    plan.exits_with(0)
        .stdout_has("and 6 more that are not in the list: see --json")
        .stdout_has("26 other organizations exist");
    let shown = plan
        .stdout
        .lines()
        .filter(|it| it.contains("not in the list: "));
    let shown: Vec<_> = shown.take(20).collect();
    assert_eq!(shown.len(), 20);
    assert!(shown.is_sorted());
}
