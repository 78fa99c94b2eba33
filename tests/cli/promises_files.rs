//! What people do to lists and results files: nothing twice, nothing lost.

use super::{RESULTS, finishes, import, import_with, named, pairs, retry, statuses};
use crate::spreadsheets::{REORDERED, saved_by_a_spreadsheet};
use crate::support::{Customer, ResultRow, TestEnv, finish};
use std::collections::BTreeSet;

/// The names in a results file, in its order.
fn names(rows: &[ResultRow]) -> Vec<&str> {
    rows.iter().map(|row| row.get("name")).collect()
}

#[test]
fn moved_columns_of_a_results_file_scramble_nothing() {
    let env = TestEnv::new();
    let mut customers = Customer::list(6);
    customers[3].domain = "not a domain".to_owned();
    env.write_customers(&customers);
    import(&env).exits_with(1);
    let rows = env.results(RESULTS);
    env.write(RESULTS, saved_by_a_spreadsheet(&REORDERED, &rows));
    // An import has nothing to do.
    import(&env).exits_with(1);
    let after = env.results(RESULTS);
    assert_eq!(names(&after), names(&rows));
    assert!(
        after
            .iter()
            .zip(&customers)
            .all(|(row, it)| row.customer() == *it)
    );
    // A retry sends the corrected row under its own name.
    let mut rows = env.results(RESULTS);
    rows[3].set("domain", "fourth.example.com");
    env.write(RESULTS, saved_by_a_spreadsheet(&REORDERED, &rows));
    retry(&env, &[]).exits_with(0);
    customers[3].domain = "fourth.example.com".to_owned();
    env.rows_and_organizations_agree(&customers, RESULTS);
    assert_eq!(env.count("POST"), 6);
}

#[test]
fn a_list_edited_before_a_refused_start_and_restored_loses_nothing() {
    let env = TestEnv::new();
    let customers = named(6);
    env.write_customers(&customers);
    import(&env).exits_with(0);
    let original = env.contents();
    // Two rows are lost by mistake, one is added, and the key is wrong.
    let mut edited = customers.clone();
    edited.drain(1..3);
    edited.push(Customer::named("Mistake"));
    env.write_customers(&edited);
    let before = env.contents();
    for key in ["sk_test_wrong", ""] {
        let mut command = env.command(&super::IMPORT);
        finish(command.env("WORKOS_API_KEY", key)).exits_with(4);
        assert_eq!(env.contents(), before);
    }
    env.write_customers(&customers);
    assert_eq!(env.contents(), original);
    finishes(&env, &customers);
    assert_eq!(env.count("POST"), 6);
}

/// The same with a production key, at whose question the user says no, leaves, or is cut off.
#[cfg(target_os = "linux")]
#[test]
fn a_declined_or_interrupted_question_changes_no_file() {
    use workos_orgs::sandbox::Options;
    let env = TestEnv::with(Options {
        api_key: "sk_live_sandbox".to_owned(),
        rate_limit: None,
        ..Options::default()
    });
    let customers = named(6);
    env.write_customers(&customers);
    import_with(&env, &["--yes"]).exits_with(0);
    let mut edited = customers.clone();
    edited.drain(1..3);
    edited.push(Customer::named("Mistake"));
    env.write_customers(&edited);
    let before = env.contents();
    let asked = || {
        let running = env.start_at_terminal(&super::IMPORT);
        running.wait_for_stderr("Create 1 organization in PRODUCTION (");
        running.wait_for_stderr("6 organizations there now)? Type yes:");
        running
    };
    let mut declined = asked();
    declined.types("n");
    declined.wait().exits_with(2);
    assert_eq!(env.contents(), before, "after no");
    for (signal, code) in [("INT", 130), ("TERM", 130)] {
        let running = asked();
        running.signal(signal);
        running.wait().exits_with(code);
        assert_eq!(env.contents(), before, "after SIG{signal}");
    }
    asked().kill();
    assert_eq!(env.contents(), before, "after SIGKILL");
    assert_eq!(env.count("POST"), 6);
    env.write_customers(&customers);
    import_with(&env, &["--yes"]).exits_with(0);
    env.rows_and_organizations_agree(&customers, RESULTS);
    assert_eq!(env.count("POST"), 6);
}

#[test]
fn a_failed_row_never_adopts_the_organization_of_a_dropped_row_with_its_name() {
    let env = TestEnv::new();
    // The second "Acme" is refused at first.
    env.write(
        "customers.csv",
        "name,domain\nAcme,\nAcme,not a domain\nBolt,\n",
    );
    import(&env).exits_with(1);
    let rows = env.read(RESULTS);
    let kept: Vec<_> = rows
        .lines()
        .filter(|line| !line.contains(",created,"))
        .collect();
    assert_eq!(kept.len(), 2);
    env.write(RESULTS, kept.join("\n").replace("not a domain", "") + "\n");
    retry(&env, &["--allow-duplicates"]).exits_with(0);
    assert_eq!(env.names(), ["Acme", "Acme", "Bolt"]);
    // The rows that were dropped are still known.
    env.write("customers.csv", "name,domain\nAcme,\nAcme,\nBolt,\n");
    import(&env).exits_with(0);
    let rows = env.results(RESULTS);
    let owned: BTreeSet<_> = rows
        .iter()
        .map(|it| it.get("workos_organization_id"))
        .collect();
    assert_eq!((rows.len(), owned.len()), (3, 3));
    assert_eq!(env.names(), ["Acme", "Acme", "Bolt"]);
}

/// WorkOS is out of order, then the resumed run is killed, then a customer is appended.
fn survives_an_outage_a_kill_and_an_appended_row(mut customers: Vec<Customer>, newcomer: Customer) {
    use workos_orgs::sandbox::Options;
    let out_of_order = Options {
        rate_limit: None,
        faults: vec!["5xx-before:1".parse().unwrap()],
        ..Options::default()
    };
    let env = TestEnv::with(out_of_order);
    env.write_customers(&customers);
    let options = ["--max-failures", "5", "--max-attempts", "1"];
    import_with(&env, &options).exits_with(6);
    assert!(env.organizations().is_empty());
    let env = env.with_another_sandbox(Options {
        rate_limit: None,
        latency: std::time::Duration::from_millis(50),
        ..Options::default()
    });
    super::caught_in_the_middle(&env).kill();
    customers.push(newcomer);
    env.write_customers(&customers);
    finishes(&env, &customers);
    assert_eq!(env.count("POST"), customers.len(), "each row was sent once");
}

#[test]
fn rows_without_ids_survive_an_outage_a_kill_and_an_appended_row() {
    survives_an_outage_a_kill_and_an_appended_row(pairs(40), Customer::named("Newcomer"));
}

#[test]
fn rows_with_ids_survive_an_outage_a_kill_and_an_appended_row() {
    let mut customers = Customer::list(41);
    let newcomer = customers.pop().unwrap();
    survives_an_outage_a_kill_and_an_appended_row(customers, newcomer);
}

#[test]
fn rows_corrected_by_a_retry_are_not_created_again_when_the_list_grows() {
    let env = TestEnv::new();
    let mut customers = named(5);
    customers[1].domain = "nodomain".to_owned();
    customers[3].domain = "nodomain".to_owned();
    env.write_customers(&customers);
    import(&env).exits_with(1);
    env.edit(RESULTS, "nodomain", "");
    env.edit(RESULTS, "Customer 3", "Customer Three");
    retry(&env, &[]).exits_with(0);
    assert_eq!(env.count("POST"), 5);
    // The list still has the rows as they were.
    customers.push(Customer::named("Newcomer"));
    env.write_customers(&customers);
    import(&env).exits_with(0);
    assert_eq!(env.count("POST"), 6);
    let rows = env.results(RESULTS);
    assert_eq!(statuses(&rows), BTreeSet::from(["created"]));
    assert_eq!(rows.len(), 6);
    let names: BTreeSet<_> = env.names().into_iter().collect();
    assert!(names.contains("Customer Three") && !names.contains("Customer 3"));
}

#[test]
fn rewritten_numbers_dates_and_zeros_make_no_row_new() {
    let env = TestEnv::new();
    let list = "name,Seats,Since,Ref,domain\n\
        Acme,1200.50,2024-01-31,000042,\n\
        Bolt,3,2023-02-01,12345678901234567,nodomain\n\
        Cog,0.10,2022-12-24,7,\n";
    env.write("customers.csv", list);
    import(&env).exits_with(1);
    let rewritten = [
        ("1200.50", "1200.5"),
        ("2024-01-31", "31.01.2024"),
        ("000042", "42"),
        ("12345678901234567", "1.23457E+16"),
        ("2023-02-01", "01/02/2023"),
        ("0.10", "0.1"),
    ];
    for (from, to) in rewritten {
        env.edit(RESULTS, &format!(",{from},"), &format!(",{to},"));
    }
    env.edit(RESULTS, ",nodomain,", ",bolt.example.com,");
    retry(&env, &[]).exits_with(0);
    assert_eq!(env.names(), ["Acme", "Bolt", "Cog"]);
    import(&env).exits_with(0);
    env.write("customers.csv", format!("{list}Dot,,,,\n"));
    import(&env).exits_with(0);
    assert_eq!(env.names(), ["Acme", "Bolt", "Cog", "Dot"]);
    assert_eq!(env.count("POST"), 4);
}

#[test]
fn corrections_in_the_results_file_survive_an_import_of_a_changed_list() {
    let env = TestEnv::new();
    let mut customers = named(4);
    customers[2].domain = "nodomain".to_owned();
    env.write_customers(&customers);
    import(&env).exits_with(1);
    env.edit(RESULTS, "nodomain", "third.example.com");
    let corrected = env.read(RESULTS);
    customers.push(Customer::named("Newcomer"));
    env.write_customers(&customers);
    // Also where the command refuses.
    let mut command = env.command(&super::IMPORT);
    let wrong_key = command.env("WORKOS_API_KEY", "sk_test_wrong");
    finish(wrong_key).exits_with(4);
    assert_eq!(env.read(RESULTS), corrected);
    import(&env).exits_with(1);
    let rows = env.results(RESULTS);
    assert_eq!(rows[2].get("domain"), "third.example.com");
    assert_eq!(rows[4].status(), "created");
    retry(&env, &[]).exits_with(0);
    assert_eq!(env.count("POST"), 5);
    assert_eq!(env.results(RESULTS)[2].status(), "created");
}

#[test]
fn a_name_corrected_after_a_trial_run_is_asked_about() {
    for ids in [["", "", "", ""], ["c-1", "c-2", "c-3", "c-4"]] {
        let env = TestEnv::new();
        let mut customers: Vec<_> = ["Acme", "Bolt", "Cog", "Dot"]
            .into_iter()
            .zip(ids)
            .map(|(name, id)| Customer {
                external_id: id.to_owned(),
                ..Customer::named(name)
            })
            .collect();
        env.write_customers(&customers);
        import_with(&env, &["--limit", "2"]).exits_with(0);
        customers[0].name = "Acme Inc.".to_owned();
        env.write_customers(&customers);
        let before = env.contents();
        import(&env)
            .exits_with(2)
            .stderr_has("line 2: \"Acme Inc.\" was created as \"Acme\"")
            .stderr_has("--edited-rows keep")
            .stderr_has("--edited-rows create");
        assert_eq!(env.contents(), before);
        assert_eq!(env.names(), ["Acme", "Bolt"]);
        import_with(&env, &["--edited-rows", "keep"]).exits_with(0);
        assert_eq!(env.names(), ["Acme", "Bolt", "Cog", "Dot"]);
        let rows = env.results(RESULTS);
        assert_eq!(rows.len(), 4);
        assert_eq!(statuses(&rows), BTreeSet::from(["created"]));
        // The answer is not asked for again.
        import(&env).exits_with(0);
        assert_eq!(env.count("POST"), 4);
    }
}

#[test]
fn a_renamed_row_can_be_another_customer() {
    let env = TestEnv::new();
    let mut customers = named(3);
    env.write_customers(&customers);
    import(&env).exits_with(0);
    customers[1].name = "Somebody Else".to_owned();
    env.write_customers(&customers);
    import_with(&env, &["--edited-rows", "create"]).exits_with(0);
    let expected = ["Customer 0", "Customer 1", "Customer 2", "Somebody Else"];
    assert_eq!(env.names(), expected);
    // The organization of the earlier row is not forgotten.
    let rows = env.results(RESULTS);
    assert_eq!(rows.len(), 4);
    import(&env).exits_with(0);
    assert_eq!(env.count("POST"), 4);
}
