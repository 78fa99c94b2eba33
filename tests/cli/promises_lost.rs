//! Lost answers: what is found, adopted, compared, and reported as a duplicate.

use super::proxy::{Fate, Proxy, is_creation};
use super::{IMPORT, RESULTS, import, named, pairs, statuses};
use crate::support::{Customer, TestEnv};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Removes organizations with this name from a listing.
fn hide(name: &'static str) -> Fate {
    Fate::Change(Box::new(move |answer: &mut Value| {
        if let Some(Value::Array(data)) = answer.get_mut("data") {
            data.retain(|organization| organization["name"] != name);
        }
    }))
}

/// Committed at once, and visible only in the second lookup.
#[test]
fn an_organization_that_is_listed_late_is_found() {
    for customers in [named(3), Customer::list(3)] {
        let env = TestEnv::new();
        env.write_customers(&customers);
        let name = if customers[1].external_id.is_empty() {
            "Customer 1"
        } else {
            "Customer 2"
        };
        let mut lookups = None;
        let proxy = Proxy::new(&env, move |asked| {
            if is_creation(asked) && asked.number == 2 {
                lookups = Some(0);
                return Fate::PassAndAnswer(504);
            }
            let (Some(before), false) = (lookups, is_creation(asked)) else {
                return Fate::Pass;
            };
            lookups = Some(before + 1);
            match before {
                0 if asked.path.contains("external_id") => Fate::Answer(404, &[], String::new()),
                0 => hide(name),
                _ => Fate::Pass,
            }
        });
        // A gateway gave up: WorkOS may still be at work for as long as the timeout.
        let patience = ["--timeout", "4", "--concurrency", "1"];
        let arguments = [&IMPORT[..4], &patience].concat();
        proxy.run(&env, &arguments).exits_with(0);
        env.rows_and_organizations_agree(&customers, RESULTS);
        assert_eq!(env.count("POST"), 3, "each row was sent once");
    }
}

#[test]
fn an_organization_that_every_lookup_misses_is_found_by_the_comparison_at_the_end() {
    let env = TestEnv::new();
    let customers = named(2);
    env.write_customers(&customers);
    // The answer is lost, and all later requests fail until the run gives up on the row.
    let is_down = Arc::new(AtomicBool::new(false));
    let down = Arc::clone(&is_down);
    let proxy = Proxy::new(&env, move |asked| {
        if is_creation(asked) && asked.body.contains("Customer 1") {
            down.store(true, Ordering::Relaxed);
            return Fate::PassAndAnswer(502);
        }
        let is_lookup = asked.method == "GET" && down.load(Ordering::Relaxed);
        if is_lookup {
            hide("Customer 1")
        } else {
            Fate::Pass
        }
    });
    let once = [&IMPORT[..], &["--max-attempts", "1"]].concat();
    proxy.run(&env, &once).exits_with(6);
    assert_eq!(
        statuses(&env.results(RESULTS)),
        BTreeSet::from(["created", "unavailable"])
    );
    assert_eq!(env.names(), ["Customer 0", "Customer 1"]);
    drop(is_down);
}

#[test]
fn duplicates_are_reported_in_every_later_run_until_they_are_gone() {
    let env = TestEnv::new();
    let mut customers = named(3);
    env.write_customers(&customers);
    // The first request takes effect when it was already sent again.
    let proxy = Proxy::new(&env, |asked| match asked.number {
        2 if is_creation(asked) => Fate::Answer(500, &[], String::new()),
        3 if is_creation(asked) => Fate::PassTwice,
        _ => Fate::Pass,
    });
    let one_by_one = [&IMPORT[..], &["--concurrency", "1"]].concat();
    let duplicate = "2 organizations match row 2 (\"Customer 1\"). Owned by these rows: org_";
    for _ in 0..3 {
        proxy
            .run(&env, &one_by_one)
            .exits_with(1)
            .stdout_has(duplicate);
    }
    assert_eq!(
        env.names(),
        ["Customer 0", "Customer 1", "Customer 1", "Customer 2"]
    );
    customers.push(Customer::named("Newcomer"));
    env.write_customers(&customers);
    proxy
        .run(&env, &one_by_one)
        .exits_with(1)
        .stdout_has(duplicate);
    assert_eq!(env.organizations().len(), 5);
    // Removed in the dashboard: the next run is the last to look.
    let rows = env.results(RESULTS);
    let owned: BTreeSet<_> = rows
        .iter()
        .map(|it| it.get("workos_organization_id"))
        .collect();
    let unowned = env
        .organizations()
        .into_iter()
        .find(|it| !owned.contains(&*it.id));
    env.delete(&unowned.unwrap().id);
    proxy.run(&env, &one_by_one).exits_with(0);
    let requests = env.requests().len();
    proxy.run(&env, &one_by_one).exits_with(0);
    assert_eq!(env.requests().len(), requests);
}

#[test]
fn a_comparison_that_failed_is_made_by_the_next_command() {
    let env = TestEnv::new();
    let customers = named(4);
    env.write_customers(&customers);
    let is_down = Arc::new(AtomicBool::new(true));
    let down = Arc::clone(&is_down);
    let mut created = 0;
    let proxy = Proxy::new(&env, move |asked| {
        if is_creation(asked) {
            created = asked.number;
            return if created == 2 {
                Fate::PassAndAnswer(502)
            } else {
                Fate::Pass
            };
        }
        // All rows are sent: what is asked now is the comparison.
        if created == 4 && down.load(Ordering::Relaxed) {
            Fate::Answer(500, &[], String::new())
        } else {
            Fate::Pass
        }
    });
    let one_by_one = [&IMPORT[..], &["--concurrency", "1", "--max-attempts", "2"]].concat();
    proxy
        .run(&env, &one_by_one)
        .exits_with(6)
        .stderr_has("could not check for duplicates")
        .stderr_has("run the same command again");
    is_down.store(false, Ordering::Relaxed);
    let gets = env.count("GET");
    proxy.run(&env, &one_by_one).exits_with(0);
    assert!(env.count("GET") > gets, "it compared");
    env.rows_and_organizations_agree(&customers, RESULTS);
    // Now it is finished.
    let gets = env.count("GET");
    proxy.run(&env, &one_by_one).exits_with(0);
    assert_eq!((env.count("GET"), env.count("POST")), (gets, 4));
}

#[test]
fn rows_alike_and_organizations_of_the_customers_own_application_are_no_duplicates() {
    let env = TestEnv::with_faults(&["drop-after:0.3"]);
    let customers = pairs(20);
    env.write_customers(&customers);
    let finished = import(&env);
    finished.exits_with(0);
    assert!(!finished.stdout.contains("warning:"), "{}", finished.stdout);
    env.rows_and_organizations_agree(&customers, RESULTS);
}

#[test]
fn a_lost_answer_adopts_no_namesake_that_was_there_before() {
    let env = TestEnv::new();
    env.write("old.csv", "name\nAcme\nAcme\n");
    env.run(&["import", "old.csv"]).exits_with(0);
    let old: BTreeSet<_> = env.organizations().into_iter().map(|it| it.id).collect();
    env.write(
        "customers.csv",
        "name,domain,metadata.plan\nAcme,acme.com,pro\n",
    );
    // Nothing is created, and the answer is lost.
    let proxy = Proxy::new(&env, |asked| {
        if is_creation(asked) && asked.number == 1 {
            Fate::Answer(502, &[], String::new())
        } else {
            Fate::Pass
        }
    });
    proxy.run(&env, &IMPORT).exits_with(0);
    let row = &env.results(RESULTS)[0];
    assert_eq!(row.status(), "created");
    assert!(!old.contains(row.get("workos_organization_id")));
    assert_eq!(env.names(), ["Acme", "Acme", "Acme"]);
}

#[test]
fn a_lost_answer_adopts_nothing_that_lacks_the_domain_or_metadata_of_the_row() {
    let env = TestEnv::new();
    env.write(
        "customers.csv",
        "name,domain,metadata.plan\nAcme,acme.com,pro\n",
    );
    // While the answer is on its way, the customer's application creates a namesake.
    let proxy = Proxy::new(&env, |asked| {
        if is_creation(asked) && asked.number == 1 {
            Fate::Answer(502, &[], String::new())
        } else {
            Fate::Pass
        }
    });
    let running = proxy.start(&env, &[&IMPORT[..6], &["--lookup-pause", "3"]].concat());
    // The preflight, the comparison before the run, and the first lookup.
    env.wait_for_arrivals(2);
    env.run(&["create", "--name", "Acme", "--metadata", "plan=pro"])
        .exits_with(0);
    running.wait().exits_with(0);
    let row = &env.results(RESULTS)[0];
    let id = row.get("workos_organization_id");
    let organizations = env.organizations();
    let owned = organizations.iter().find(|it| it.id == id).unwrap();
    assert_eq!(owned.domains.len(), 1);
    assert_eq!(organizations.len(), 2);
}
