//! Other lists, copies of lists, and journals and results files that are missing, old or replaced.

use super::{
    IMPORT_SLOWLY, JOURNAL, RESULTS, env_with_examples, import, import_with, named, pairs, retry,
    statuses,
};
use crate::spreadsheets::{REORDERED, saved_by_a_spreadsheet};
use crate::support::{Customer, TestEnv, csv_rows};
use std::collections::BTreeSet;
use workos_orgs::sandbox::{TAKEN_DOMAIN, TAKEN_DOMAIN_OWNER};

#[test]
fn another_sheet_or_header_row_is_another_list() {
    let env = TestEnv::new();
    let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    std::fs::copy(fixtures.join("workbook.xlsx"), env.path("customers.xlsx")).unwrap();
    let with = |options: &[&str]| {
        let base = ["import", "customers.xlsx", "--rate", "unlimited"];
        env.run(&[&base[..], options].concat())
    };
    with(&["--sheet", "1"]);
    let posts = env.count("POST");
    assert!(posts > 0);
    with(&["--sheet", "2"])
        .exits_with(5)
        .stderr_has("has the results of another list")
        .stderr_has("--results");
    assert_eq!(env.count("POST"), posts);
    // Another line with the column names.
    env.write("list.csv", "name\nCompany\nAcme\n");
    env.run(&["import", "list.csv"]).exits_with(0);
    env.run(&["import", "list.csv", "--header-row", "2"])
        .exits_with(5)
        .stderr_has("has the results of another list");
}

#[test]
fn another_list_is_not_mixed_with_a_journal() {
    let env = TestEnv::new();
    env.write_customers(&named(3));
    import(&env).exits_with(0);
    env.write("partners.csv", "name\nPartner A\nPartner B\n");
    let before = env.contents();
    env.run(&["import", "partners.csv", "--results", RESULTS])
        .exits_with(5)
        .stderr_has("has the results of another list: it was made from customers.csv")
        .stderr_has("--results");
    assert_eq!(env.contents(), before);
    assert_eq!(env.count("POST"), 3);
}

#[test]
fn a_list_without_ids_creates_nothing_from_another_folder_or_under_another_name() {
    let env = TestEnv::new();
    let mut customers = pairs(10);
    for (number, customer) in customers.iter_mut().enumerate().skip(6) {
        customer.domain = format!("customer{number}.example.com");
    }
    let list = Customer::csv(&customers);
    env.write("customers.csv", &list);
    import(&env).exits_with(0);
    std::fs::create_dir(env.path("other")).unwrap();
    for copy in ["other/customers.csv", "renamed.csv"] {
        env.write(copy, &list);
        env.run(&["import", copy, "--rate", "unlimited"])
            .exits_with(0)
            .stderr_has("10 already in WorkOS with the same name and domains");
        let results = copy.replace(".csv", ".results.csv");
        env.each_row_is_one_organization(&customers, &results, &["unchanged"]);
    }
    for name in [RESULTS, JOURNAL] {
        env.remove(name);
    }
    import(&env).exits_with(0);
    env.each_row_is_one_organization(&customers, RESULTS, &["unchanged"]);
    assert_eq!(env.count("POST"), 10);
    // A user who wants duplicates can have them.
    env.write("twice.csv", "name\nCustomer 0\n");
    env.run(&["import", "twice.csv", "--allow-duplicates"])
        .exits_with(0);
    assert_eq!(env.count("POST"), 11);
}

#[test]
fn the_plan_says_when_a_comparison_would_cost_too_much() {
    let env = TestEnv::new();
    // 1,100 organizations are 11 pages, more than are listed for three rows.
    env.write("many.csv", Customer::csv(&named(1100)));
    env.run(&["import", "many.csv", "--rate", "unlimited"])
        .exits_with(0);
    env.write("few.csv", "name\nCustomer 1\nCustomer 2\nNewcomer\n");
    let few = ["import", "few.csv", "--rate", "unlimited"];
    env.run(&[&few[..], &["--compare"]].concat())
        .exits_with(0)
        .stderr_has("2 already in WorkOS with the same name and domains, 1 new");
    assert_eq!(env.count("POST"), 1101);
    env.write("more.csv", "name\nCustomer 3\n");
    env.run(&["import", "more.csv", "--rate", "unlimited"])
        .exits_with(0)
        .stderr_has("not compared with WorkOS")
        .stderr_has("what is already there is created again")
        .stderr_has("--compare");
}

#[test]
fn without_the_journal_rows_with_an_organization_are_done_and_others_are_looked_up() {
    let env = env_with_examples();
    let mut customers = named(4);
    TAKEN_DOMAIN.clone_into(&mut customers[2].domain);
    env.write_customers(&customers);
    import(&env).exits_with(1).stderr_has(TAKEN_DOMAIN_OWNER);
    env.remove(JOURNAL);
    let before = env.contents();
    import(&env)
        .exits_with(2)
        .stderr_has("3 rows with an organization id in customers.results.csv count as done")
        .stderr_has("all other rows (1) are looked up")
        .stderr_has("columns and the state of domains are taken from this command")
        .stderr_has("--without-journal");
    assert_eq!(env.contents(), before);
    let posts = env.count("POST");
    env.edit(RESULTS, TAKEN_DOMAIN, "third.example.com");
    retry(&env, &["--without-journal"]).exits_with(0);
    assert_eq!(env.count("POST"), posts + 1);
    assert_eq!(env.organizations().len(), 2 + 4);
    assert_eq!(env.results(RESULTS).len(), 4);
}

#[test]
fn a_journal_that_is_older_than_the_results_file_is_noticed() {
    let env = TestEnv::new();
    let customers = named(12);
    env.write_customers(&customers);
    import_with(&env, &["--limit", "3"]).exits_with(0);
    let backup = std::fs::read(env.path(JOURNAL)).unwrap();
    import_with(&env, &["--limit", "8"]).exits_with(0);
    env.write(JOURNAL, &backup);
    import(&env)
        .exits_with(0)
        .stderr_has("the journal is older than the results file");
    env.each_row_is_one_organization(&customers, RESULTS, &["created", "unchanged"]);
    assert_eq!(env.count("POST"), 12, "each row was sent once");
    // Together with the results file of that time nothing says that it is old.
    env.write(JOURNAL, &backup);
    env.remove(RESULTS);
    import(&env).exits_with(0);
    env.each_row_is_one_organization(&customers, RESULTS, &["created", "unchanged"]);
    assert_eq!(env.count("POST"), 12, "each row was sent once");
}

/// A run that waits for answers while its results file has some rows.
fn with_results_file_during_a_run(disturb: impl Fn(&TestEnv)) -> (TestEnv, String) {
    let env = TestEnv::slow(100);
    let customers = pairs(80);
    env.write_customers(&customers);
    let running = env.start(&IMPORT_SLOWLY);
    let has_rows = || env.path(RESULTS).exists() && env.read(RESULTS).contains(",created,");
    running.wait_for_file(has_rows, "rows in the results file");
    disturb(&env);
    let finished = running.wait();
    finished.exits_with(0);
    env.rows_and_organizations_agree(&customers, RESULTS);
    assert_eq!(env.count("POST"), 80);
    (env, finished.stderr)
}

#[test]
fn a_results_file_deleted_during_a_run_is_written_again() {
    with_results_file_during_a_run(|env| env.remove(RESULTS));
}

#[test]
fn a_results_file_truncated_during_a_run_is_written_again() {
    with_results_file_during_a_run(|env| env.write(RESULTS, ""));
}

#[test]
fn a_results_file_saved_by_another_program_during_a_run_is_kept_under_another_name() {
    let notes = "name,my notes\nAcme,call them\n";
    let (env, stderr) = with_results_file_during_a_run(|env| env.write(RESULTS, notes));
    let kept = "customers.results.edited-1.csv";
    assert!(stderr.contains(kept), "{stderr}");
    assert_eq!(env.read(kept), notes);
}

#[test]
fn sorted_rows_without_numbers_after_a_killed_retry_are_sent_once() {
    let env = TestEnv::slow(30);
    let mut customers = pairs(40);
    for customer in &mut customers {
        customer.domain.push_str("nodomain");
    }
    env.write_customers(&customers);
    import(&env).exits_with(1);
    env.edit(RESULTS, "nodomain", "");
    let slowly = [&["retry", RESULTS][..], &IMPORT_SLOWLY[2..]].concat();
    let running = env.start(&slowly);
    let so_far = env.requests().len() as u64;
    assert!(env.arrives_while_running(so_far + 15, &running));
    running.kill();
    let mut rows = csv_rows(&env.read(RESULTS));
    rows.reverse();
    let columns: Vec<_> = REORDERED
        .into_iter()
        .filter(|column| !["workos_row", "my note"].contains(column))
        .collect();
    env.write(RESULTS, saved_by_a_spreadsheet(&columns, &rows));
    retry(&env, &[]).exits_with(0);
    for customer in &mut customers {
        customer.domain.clear();
    }
    let rows = env.results(RESULTS);
    assert_eq!(statuses(&rows), BTreeSet::from(["created"]));
    let owned: BTreeSet<_> = rows
        .iter()
        .map(|it| it.get("workos_organization_id"))
        .collect();
    assert_eq!((rows.len(), owned.len()), (40, 40));
    assert_eq!(env.organizations().len(), 40);
    assert_eq!(env.count("POST"), 40, "each row was sent once");
}
