//! Keys and addresses of another environment.

use super::{IMPORT, RESULTS, import, pairs};
use crate::support::{TestEnv, finish};
use workos_orgs::sandbox::Options;

#[test]
fn a_run_of_another_environment_is_not_resumed() {
    let env = TestEnv::new();
    let customers = pairs(4);
    env.write_customers(&customers);
    import(&env).exits_with(0);
    env.write_customers(&pairs(6));
    let other = TestEnv::new();
    let environments = [
        ("WORKOS_BASE_URL", other.url()),
        ("WORKOS_API_KEY", "sk_live_other".to_owned()),
    ];
    let messages = [
        "customers.results.csv belongs to a run against staging at",
        "customers.results.csv was made with a staging key; your key is for production",
    ];
    for ((name, value), message) in environments.into_iter().zip(messages) {
        for arguments in [&IMPORT[..], &["retry", RESULTS]] {
            let finished = finish(env.command(arguments).env(name, &value).arg("--yes"));
            finished
                .exits_with(5)
                .stderr_has(message)
                .stderr_has("hint: use the key and base URL of that run");
        }
    }
    assert!(other.requests().is_empty());
    assert_eq!(env.count("POST"), 4);
}

#[test]
fn a_key_of_another_environment_of_the_same_kind_is_detected() {
    let env = TestEnv::new();
    env.write_customers(&pairs(4));
    import(&env).exits_with(0);
    // All environments of WorkOS have the same address.
    let other = env.with_another_sandbox(Options {
        api_key: "sk_test_other".to_owned(),
        ..Options::default()
    });
    other.write_customers(&pairs(6));
    import(&other)
        .exits_with(5)
        .stderr_has("does not have organization org_")
        .stderr_has("hint: ");
    assert_eq!(other.count("POST"), 0);
}

#[test]
fn the_corrected_results_of_staging_are_the_list_for_production() {
    let env = TestEnv::with(Options {
        rate_limit: None,
        ..Options::default()
    });
    env.write(
        "customers.csv",
        "Firma X;domain;Notes\nAcme;acme.com;a\nBolt;nodomain;b\n",
    );
    let mapped = ["import", "customers.csv", "--map", "name=Firma X"];
    env.run(&mapped).exits_with(1);
    env.edit(RESULTS, "nodomain", "bolt.com");
    let production = TestEnv::with(Options {
        api_key: "sk_live_sandbox".to_owned(),
        ..Options::default()
    });
    let there = |arguments: &[&str]| {
        let mut command = env.command(arguments);
        command.env("WORKOS_BASE_URL", production.url());
        finish(command.env("WORKOS_API_KEY", "sk_live_sandbox"))
    };
    let before = env.read(RESULTS);
    there(&["retry", RESULTS, "--yes"])
        .exits_with(5)
        .stderr_has("workos-orgs import customers.results.csv --as-list");
    there(&["import", RESULTS, "--yes"])
        .exits_with(2)
        .stderr_has("workos-orgs import customers.results.csv --as-list");
    for _ in 0..2 {
        there(&["import", RESULTS, "--as-list", "--yes"]).exits_with(0);
    }
    assert_eq!(production.names(), ["Acme", "Bolt"]);
    assert_eq!(env.read(RESULTS), before);
    let results = env.read("customers.new.results.csv");
    let header = results.lines().next().unwrap();
    assert!(
        header.starts_with("Firma X;domain;Notes;workos_status;"),
        "{header}"
    );
    assert_eq!(header.matches("workos_status").count(), 1);
}
