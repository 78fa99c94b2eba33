//! Lists that change between two runs.

use super::{
    IMPORT, RESULTS, env_with_examples, import, import_with, named, pairs, retry, statuses,
};
use crate::support::{Customer, ResultRow, TestEnv};
use std::collections::BTreeSet;

#[test]
fn a_list_that_is_already_there_is_unchanged() {
    let env = env_with_examples();
    let customers = Customer::list(30);
    env.write_customers(&customers);
    import(&env).exits_with(0);
    let sent = env.organizations().len();
    let arguments = ["import", "customers.csv", "--results", "again.csv"];
    env.run(&arguments).exits_with(0);
    let rows = env.results("again.csv");
    assert_eq!(statuses(&rows), BTreeSet::from(["unchanged"]));
    assert!(
        rows.iter()
            .all(|row| row.get("workos_organization_id").starts_with("org_"))
    );
    assert_eq!(env.organizations().len(), sent);
}

#[test]
fn a_second_run_creates_nothing() {
    let env = TestEnv::new();
    env.write_customers(&Customer::list(30));
    import(&env).exits_with(0);
    let (requests, results) = (env.requests().len(), env.read(RESULTS));
    import(&env)
        .exits_with(0)
        .stdout_has("nothing to send: all 30 rows have a result");
    assert_eq!(env.requests().len(), requests, "it asked WorkOS something");
    assert_eq!(env.read(RESULTS), results);
}

#[test]
fn rows_of_a_changed_list_are_recognized_by_their_content() {
    let env = TestEnv::new();
    let mut customers = pairs(20);
    env.write_customers(&customers);
    import(&env).exits_with(0);

    // One row in the middle more: it alone is sent.
    customers.insert(9, Customer::named("Newcomer"));
    env.write_customers(&customers);
    import(&env)
        .exits_with(0)
        .stderr_has("rows:    20 already done, 1 new\n");
    env.rows_and_organizations_agree(&customers, RESULTS);
    assert_eq!(env.count("POST"), 21);

    // One row less: its organization is still there, and so is its row, at the end.
    let gone = customers.remove(3);
    env.write_customers(&customers);
    import(&env)
        .exits_with(0)
        .stderr_has("1 organization created earlier is no longer in the list: \"Customer 1\"");
    assert_eq!(env.count("POST"), 21);
    customers.push(gone);
    env.rows_and_organizations_agree(&customers, RESULTS);

    // One row renamed: nothing is sent before the user has answered.
    let old = customers.pop().unwrap();
    let edited = std::mem::replace(&mut customers[8], Customer::named("Edited"));
    env.write_customers(&customers);
    import(&env)
        .exits_with(2)
        .stderr_has("line 10: \"Edited\" was created as \"Newcomer\"");
    assert_eq!(env.count("POST"), 21);
    // Another customer: it is created, and the old row stays at the end.
    import_with(&env, &["--edited-rows", "create"]).exits_with(0);
    assert_eq!(env.count("POST"), 22);
    customers.extend([old, edited]);
    let mut after: Vec<_> = env
        .results(RESULTS)
        .iter()
        .map(ResultRow::customer)
        .collect();
    let (mut gone, mut wanted) = (after.split_off(20), customers.split_off(20));
    assert_eq!(after, customers);
    gone.sort();
    wanted.sort();
    assert_eq!(gone, wanted);
    import(&env).exits_with(0).stdout_has("nothing to send");
}

#[test]
fn a_list_changed_after_a_kill_sends_nothing_twice() {
    let env = TestEnv::slow(30);
    let mut customers = pairs(40);
    env.write_customers(&customers);
    let running = env.start(&["import", "customers.csv", "--concurrency", "4"]);
    env.wait_for_arrivals(16);
    running.kill();
    customers.insert(2, Customer::named("Newcomer"));
    env.write_customers(&customers);
    import(&env).exits_with(0).stderr_has("to check first");
    env.rows_and_organizations_agree(&customers, RESULTS);
    assert_eq!(env.count("POST"), 41, "each row was sent once");
}

#[test]
fn dropped_done_rows_and_a_changed_list_send_nothing_twice() {
    let env = TestEnv::new();
    let mut customers = named(20);
    env.write_customers(&customers);
    import(&env).exits_with(0);
    let results = env.read(RESULTS);
    let kept: Vec<_> = results.lines().take(8).collect();
    env.write(RESULTS, kept.join("\n") + "\n");
    customers.push(Customer::named("Newcomer"));
    env.write_customers(&customers);
    import(&env).exits_with(0);
    env.rows_and_organizations_agree(&customers, RESULTS);
    assert_eq!(env.count("POST"), 21, "each row was sent once");
}

const REPLACED: &str =
    "line 2: \"Acme\" (external id a-9) was created as \"Acme\" (external id a-1)";

/// Two customers, of whom the first was replaced by another one with the same name.
fn env_with_a_replaced_row() -> TestEnv {
    let env = TestEnv::new();
    env.write("customers.csv", "name,external_id\nAcme,a-1\nBeta,b-1\n");
    import(&env).exits_with(0);
    env.write("customers.csv", "name,external_id\nAcme,a-9\nBeta,b-1\n");
    import(&env).exits_with(2).stderr_has(REPLACED);
    assert_eq!(env.count("POST"), 2);
    env
}

#[test]
fn a_row_replaced_by_a_customer_with_the_same_name_and_another_id_is_asked_about() {
    let env = env_with_a_replaced_row();
    import_with(&env, &["--edited-rows", "create"]).exits_with(0);
    let ids: BTreeSet<_> = env
        .organizations()
        .iter()
        .map(|organization| organization.external_id.clone().unwrap())
        .collect();
    assert_eq!(ids, ["a-1", "a-9", "b-1"].map(str::to_owned).into());
    import(&env).exits_with(0).stdout_has("nothing to send");
}

#[test]
fn a_corrected_external_id_creates_nothing_where_its_user_says_that_it_is_the_same_customer() {
    let env = env_with_a_replaced_row();
    import_with(&env, &["--edited-rows", "keep"]).exits_with(0);
    assert_eq!(env.count("POST"), 2);
    import(&env).exits_with(0).stdout_has("nothing to send");
}

#[test]
fn a_deleted_row_does_not_give_its_organization_to_a_namesake_that_was_not_sent_yet() {
    let env = TestEnv::new();
    env.write("customers.csv", "name,external_id\nAcme,a-1\nAcme,a-2\n");
    import_with(&env, &["--limit", "1"]).exits_with(0);
    env.write("customers.csv", "name,external_id\nAcme,a-2\n");
    import(&env)
        .exits_with(2)
        .stderr_has("line 2: \"Acme\" (external id a-2) was created as \"Acme\" (external id a-1)");
    import_with(&env, &["--edited-rows", "create"]).exits_with(0);
    assert_eq!(env.count("POST"), 2);
}

#[test]
fn a_row_replaced_by_a_customer_with_another_name_and_id_is_created_without_a_question() {
    let env = TestEnv::new();
    env.write("customers.csv", "name,external_id\nAcme,a-1\nBeta,b-1\n");
    import(&env).exits_with(0);
    env.write("customers.csv", "name,external_id\nGamma,g-1\nBeta,b-1\n");
    import(&env)
        .exits_with(0)
        .stderr_has("1 organization created earlier is no longer in the list: \"Acme\"");
    assert_eq!(env.count("POST"), 3);
}

#[test]
fn ids_that_a_spreadsheet_has_changed_are_not_asked_about() {
    let env = TestEnv::new();
    env.write(
        "customers.csv",
        "name,external_id\nAcme,000042\nBeta,000043\n",
    );
    import(&env).exits_with(0);
    env.write("customers.csv", "name,external_id\nAcme,42\nBeta,43\n");
    import(&env)
        .exits_with(0)
        .stderr_has("2 rows were changed after the organization was created");
    assert_eq!(env.count("POST"), 2);
}

/// A row whose answer is lost, in an import that is interrupted.
fn env_with_a_row_in_doubt() -> TestEnv {
    let env = TestEnv::slow(2500);
    env.write_customers(&Customer::list(3));
    let import = [&IMPORT[..4], &["--concurrency", "1", "--timeout", "5"]].concat();
    let running = env.start(&import);
    // The preflight, then the first row, whose answer is held back.
    env.wait_for_arrivals(2);
    running.signal("INT");
    running.wait_for_stderr("Ctrl-C again stops now");
    running.signal("INT");
    running.wait().exits_with(130);
    assert_eq!(env.results(RESULTS)[0].status(), "unknown");
    env
}

#[test]
#[cfg_attr(
    windows,
    ignore = "needs a signal: Windows has no program that sends Ctrl-C"
)]
fn a_row_in_doubt_that_was_removed_from_the_list_is_looked_up() {
    let env = env_with_a_row_in_doubt();
    let mut customers = Customer::list(3);
    customers.remove(0);
    env.write_customers(&customers);
    let import = [&IMPORT[..4], &["--timeout", "5", "--lookup-pause", "1"]].concat();
    env.run(&import).exits_with(0);
    let rows = env.results(RESULTS);
    assert_eq!(statuses(&rows), BTreeSet::from(["created"]));
    assert_eq!(rows.len(), env.organizations().len());
    env.run(&["status"])
        .exits_with(0)
        .stdout_has("every row is done");
}

#[test]
fn a_row_that_failed_and_was_removed_from_the_list_leaves_the_results_file() {
    let env = TestEnv::new();
    env.write(
        "customers.csv",
        "name,domain\nAcme,not a domain\nBeta,beta.example.com\n",
    );
    import(&env).exits_with(1);
    env.write("customers.csv", "name,domain\nBeta,beta.example.com\n");
    import(&env).exits_with(0);
    assert_eq!(env.results(RESULTS).len(), 1);
    env.run(&["status"])
        .exits_with(0)
        .stdout_has("every row is done");
}

#[test]
fn a_correction_survives_although_the_list_does_not_have_its_row_any_more() {
    let env = TestEnv::new();
    env.write(
        "customers.csv",
        "name,domain\nAcme,not a domain\nBeta,beta.example.com\n",
    );
    import(&env).exits_with(1);
    let corrected = env
        .read(RESULTS)
        .replacen("not a domain", "acme.example.com", 1);
    env.write(RESULTS, corrected);
    env.write("customers.csv", "name,domain\nBeta,beta.example.com\n");
    import(&env);
    assert!(env.read(RESULTS).contains("acme.example.com"));
    retry(&env, &[]).exits_with(0);
    assert_eq!(env.organizations().len(), 2);
}
