//! `export`: what it writes is what WorkOS has, and what `import` reads.

use super::{RESULTS, TestEnv, env};
use crate::server::Server;
use serde_json::json;
use std::collections::BTreeMap;
use workos_orgs::sandbox::{Options, StoredOrganization};

/// Organizations whose names, metadata and ids a file format or a spreadsheet could damage.
fn hostile() -> [serde_json::Value; 9] {
    let domain = |name: &str, state: &str| json!({"domain": name, "state": state});
    [
        json!({"name": "Comma, \"Quote\" & Söhne; GmbH", "external_id": "000042",
               "domain_data": [domain("b.example.com", "verified"), domain("a.example.com", "pending")],
               "metadata": {"plan": "pro", "note": "a,b;c\"d\n=e"}}),
        json!({"name": "=SUM(A1:A9)", "domain_data": [domain("formula.example.com", "pending")],
               "metadata": {"plan": "@x", "seats": "+1"}}),
        json!({"name": "-Dash", "external_id": "=1+1", "metadata": {"plan": "'quoted'"}}),
        json!({"name": "株式会社サンプル", "external_id": "crm/7?&x=1"}),
        json!({"name": "Пример ООО", "domain_data": [domain("xn--e1afmkfd.com", "pending")]}),
        json!({"name": "شركة المثال", "metadata": {"plan": "أ"}}),
        json!({"name": "😀 Smile\u{301}", "external_id": "1E15", "metadata": {"a.b": "x"}}),
        json!({"name": "Twin"}),
        json!({"name": "Twin"}),
    ]
}

/// What an import carries over: everything but ids, states and times.
type Content = (
    String,
    Vec<String>,
    Option<String>,
    BTreeMap<String, String>,
);

fn content(env: &TestEnv) -> Vec<Content> {
    let of = |it: StoredOrganization| {
        let domains = it.domains.into_iter().map(|domain| domain.domain).collect();
        (it.name, domains, it.external_id, it.metadata)
    };
    let mut all: Vec<_> = env.organizations().into_iter().map(of).collect();
    all.sort();
    all
}

/// A sandbox with the hostile organizations.
fn filled() -> TestEnv {
    let env = TestEnv::new();
    for organization in &hostile() {
        env.create(organization);
    }
    env
}

#[test]
fn an_export_of_one_environment_is_imported_into_another() {
    let from = filled();
    for (file, options) in [
        ("all.csv", &[][..]),
        ("all.csv", &["--metadata-json"][..]),
        ("all.jsonl", &[][..]),
    ] {
        let output = [&["export", "--overwrite", "--output", file], options].concat();
        let exported = from.run(&output);
        exported
            .exits_with(0)
            .stderr_has(&format!("exported 9 organizations to {file}"));
        let to = TestEnv::new();
        to.write(file, from.read(file));
        let imported = to.run(&["import", file, "--rate", "unlimited"]);
        imported.exits_with(0);
        assert_eq!(
            content(&to),
            content(&from),
            "{options:?}\n{}",
            from.read(file)
        );
    }
}

#[test]
fn importing_an_export_into_the_same_environment_creates_nothing() {
    let env = filled();
    env.run(&["export", "-o", "all.csv"]).exits_with(0);
    env.run(&["import", "all.csv"]).exits_with(0);
    assert_eq!(env.organizations().len(), 9);
    assert_eq!(env.results("all.results.csv").len(), 9);
}

/// Its column `workos_organization_id` has the name of one of the results.
#[test]
fn an_export_that_is_imported_elsewhere_in_two_parts_arrives_whole() {
    let from = filled();
    from.run(&["export", "-o", "all.csv"]).exits_with(0);
    let to = TestEnv::new();
    to.write("all.csv", from.read("all.csv"));
    to.run(&["import", "all.csv", "--limit", "2"]);
    assert_eq!(to.organizations().len(), 2);
    to.run(&["import", "all.csv"]).exits_with(0);
    assert_eq!(content(&to), content(&from));
}

#[test]
fn an_export_that_was_edited_and_synced_in_two_parts_is_taken_back_and_nothing_is_deleted() {
    let env = filled();
    let before = content(&env);
    env.run(&["export", "-o", "all.csv"]).exits_with(0);
    env.write("all.csv", env.read("all.csv").replace("Twin", "Twin Ltd."));
    env.run(&["sync", "all.csv", "--limit", "8"]);
    env.run(&["sync", "all.csv"]).exits_with(0);
    let names = env.names();
    let renamed = names.iter().filter(|name| *name == "Twin Ltd.");
    assert_eq!((renamed.count(), names.len()), (2, 9));
    env.run(&["undo", "all.results.csv"])
        .exits_with(0)
        .stderr_has("0 organizations to delete, 2 to restore")
        .stderr_has("name: \"Twin Ltd.\" → \"Twin\"");
    assert_eq!(content(&env), before);
}

#[test]
fn the_oldest_organization_comes_first_with_its_id_states_and_times() {
    let env = env(250);
    env.run(&super::FAST).exits_with(0);
    let exported = env.run(&["export"]);
    exported
        .exits_with(0)
        .stderr_has("exported 250 organizations");
    let mut rows = csv::Reader::from_reader(exported.stdout.as_bytes());
    let header = rows.headers().unwrap().clone();
    assert_eq!(&header[0], "name");
    let column = |name: &str| header.iter().position(|it| it == name).unwrap();
    let id = column("workos_organization_id");
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    let stored = env.organizations();
    assert_eq!(rows.len(), stored.len());
    for (row, stored) in rows.iter().zip(&stored) {
        assert_eq!((&row[0], &row[id]), (&*stored.name, &*stored.id));
        assert_eq!(&row[column("workos_domain_states")], "pending");
        let created = format!("{:.3}", stored.created_at);
        assert_eq!(&row[column("workos_created_at")], created);
    }
    assert_eq!(env.read(RESULTS).lines().count(), 251);
}

#[test]
fn an_empty_environment_is_a_list_without_rows() {
    let env = TestEnv::new();
    let exported = env.run(&["export"]);
    exported
        .exits_with(0)
        .stderr_has("exported 0 organizations");
    let header = "name,domains,external_id,workos_organization_id,workos_domain_states,workos_created_at,workos_updated_at\n";
    assert_eq!(exported.stdout, header);
    assert_eq!(env.run(&["export", "--format", "jsonl"]).stdout, "");
}

#[test]
fn what_an_import_would_read_differently_is_said() {
    let env = TestEnv::new();
    for (name, id) in [("Acme", "1E+15"), ("Bolt", "7")] {
        env.create(&json!({"name": name, "external_id": id}));
    }
    let exported = env.run(&["export", "-o", "all.csv"]);
    exported.exits_with(0);
    exported.stderr_has("1 organization would not be imported exactly as WorkOS has them");
    exported.stderr_has("Acme");
    assert!(env.read("all.csv").contains("1E+15"));
}

#[test]
fn an_existing_file_is_replaced_only_when_asked_for() {
    let env = filled();
    env.write("all.csv", "mine");
    let refused = env.run(&["export", "-o", "all.csv"]);
    refused.exits_with(2).stderr_has("--overwrite");
    assert_eq!(env.read("all.csv"), "mine");
    env.run(&["export", "-o", "missing/all.csv"]).exits_with(2);
    let before = env.count("GET");
    env.run(&["export", "-o", "all.csv", "--overwrite"])
        .exits_with(0);
    assert!(env.count("GET") > before);
    assert!(env.read("all.csv").starts_with("name,"));
}

#[test]
fn an_export_survives_lost_answers_and_refusals_for_the_rate() {
    let env = TestEnv::with(Options {
        rate_limit: None,
        faults: ["drop-before", "drop-after", "5xx-before", "garbage", "429"]
            .map(|kind| format!("reads:{kind}:0.05").parse().unwrap())
            .to_vec(),
        ..Options::default()
    });
    for n in 0..350 {
        env.create(&json!({"name": format!("Customer {n}")}));
    }
    env.run(&["export", "-o", "all.jsonl", "--rate", "unlimited"])
        .exits_with(0);
    let names: Vec<String> = env
        .read("all.jsonl")
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["name"].to_string())
        .collect();
    assert_eq!(names.len(), 350);
    assert_eq!(names[349], "\"Customer 349\"");
}

#[test]
fn a_list_that_does_not_end_is_an_error_and_leaves_no_file() {
    let page = json!({
        "data": [{"id": "org_01EHZNVPK2QXHMVWCEDQEKY69A", "name": "Acme"}],
        "list_metadata": {"after": "org_01EHZNVPK2QXHMVWCEDQEKY69A"},
    });
    let server = Server::listing(&page);
    let env = TestEnv::new();
    let finished = server.run(&env, &["export", "-o", "all.csv"]);
    finished.exits_with(6).stderr_has("repeats itself");
    assert!(env.files().is_empty(), "{:?}", env.files());
}
