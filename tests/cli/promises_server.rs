//! Servers that refuse, list little, or ask to wait, and runs that are cut off.

use super::proxy::{Fate, Proxy, is_creation};
use super::{
    IMPORT, JOURNAL, RESULTS, caught_in_the_middle, env, finishes, import_with, named, pairs,
    statuses,
};
use crate::support::{Customer, TestEnv, finish};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use workos_orgs::sandbox::Options;

#[test]
fn a_row_refused_by_a_firewall_fails_and_is_named_and_the_others_go_on() {
    let env = env(12);
    let proxy = Proxy::new(&env, |asked| {
        if is_creation(asked) && asked.body.contains("\"Customer 4\"") {
            let page = "<html><body>Request blocked</body></html>".to_owned();
            Fate::Answer(403, &[("content-type", "text/html")], page)
        } else {
            Fate::Pass
        }
    });
    proxy
        .run(&env, &IMPORT)
        .exits_with(1)
        .stderr_has("customers.csv:5: failed")
        .stderr_has("\"Customer 4\"");
    let rows = env.results(RESULTS);
    assert_eq!(
        (rows[3].status(), rows[3].get("workos_http_status")),
        ("failed", "403")
    );
    assert_eq!(env.organizations().len(), 11);
}

#[test]
fn a_server_that_lists_nothing_never_gets_duplicates_of_rows_with_ids() {
    for code in [404, 405] {
        let env = TestEnv::with_faults(&["drop-after:0.4"]);
        let customers = Customer::list(12);
        env.write_customers(&customers);
        let proxy = Proxy::new(&env, move |asked| {
            if asked.method == "GET" && asked.path.starts_with("/organizations?") {
                Fate::Answer(code, &[], String::new())
            } else {
                Fate::Pass
            }
        });
        let finished = proxy.run(&env, &IMPORT);
        assert!(matches!(finished.code, Some(0 | 1 | 6)), "{finished:?}");
        assert_eq!(env.organizations().len(), 12);
        assert_eq!(statuses(&env.results(RESULTS)), BTreeSet::from(["created"]));
    }
}

#[test]
fn rows_without_ids_are_unknown_where_a_server_lists_nothing() {
    let env = TestEnv::with_faults(&["drop-after:1"]);
    env.write_customers(&named(3));
    let proxy = Proxy::new(&env, |asked| {
        if asked.method == "GET" && asked.path.starts_with("/organizations") {
            Fate::Answer(404, &[], String::new())
        } else {
            Fate::Pass
        }
    });
    let finished = proxy.run(&env, &IMPORT);
    assert!(matches!(finished.code, Some(1 | 6)), "{finished:?}");
    let rows = env.results(RESULTS);
    assert_eq!(statuses(&rows), BTreeSet::from(["unknown"]));
    for row in &rows {
        let message = row.get("workos_message");
        assert!(
            message.contains("WorkOS does not list its organizations"),
            "{message}"
        );
    }
    assert_eq!(env.count("POST"), 3, "each row was sent once");
}

#[test]
fn listings_without_domains_and_metadata_lead_to_no_duplicate() {
    let env = TestEnv::with_faults(&["drop-after:0.4"]);
    let mut customers = pairs(12);
    for (number, customer) in customers.iter_mut().enumerate() {
        customer.plan = if number % 2 == 0 { "pro" } else { "free" }.to_owned();
        customer.domain = format!("customer{number}.example.com");
    }
    env.write_customers(&customers);
    let proxy = Proxy::new(&env, |asked| {
        if asked.method != "GET" || !asked.path.starts_with("/organizations?") {
            return Fate::Pass;
        }
        Fate::Change(Box::new(|answer: &mut Value| {
            for organization in answer["data"].as_array_mut().into_iter().flatten() {
                let organization = organization.as_object_mut().unwrap();
                organization.remove("domains");
                organization.remove("metadata");
            }
        }))
    });
    proxy.run(&env, &IMPORT).exits_with(0);
    env.rows_and_organizations_agree(&customers, RESULTS);
}

#[test]
fn names_that_the_server_normalizes_lead_to_no_duplicate() {
    let env = TestEnv::with_faults(&["drop-after:0.4"]);
    let customers: Vec<_> = (0..10)
        .map(|n| Customer::named(format!("Straße & Söhne {n}")))
        .collect();
    env.write_customers(&customers);
    let proxy = Proxy::new(&env, |asked| {
        if asked.method != "GET" {
            return Fate::Pass;
        }
        Fate::Change(Box::new(|answer: &mut Value| {
            for organization in answer["data"].as_array_mut().into_iter().flatten() {
                let name = organization["name"].as_str().unwrap().to_uppercase();
                organization["name"] = json!(name.replace("STRASSE", "STRAßE"));
            }
        }))
    });
    let finished = proxy.run(&env, &IMPORT);
    assert!(matches!(finished.code, Some(0 | 1 | 6)), "{finished:?}");
    // Each row owns one, or is named as a row whose outcome is not known.
    let owned = env.results(RESULTS);
    let owned = owned.iter().filter(|row| row.status() == "created").count();
    let unknown = 10 - owned;
    assert!(env.organizations().len() <= 10 + unknown);
    for row in env.results(RESULTS) {
        assert!(
            ["created", "unknown", "unavailable"].contains(&row.status()),
            "{row:?}"
        );
    }
}

#[test]
fn a_crash_leaves_at_most_one_block_in_doubt() {
    let env = TestEnv::slow(100);
    let customers = named(600);
    env.write_customers(&customers);
    // At 20 rows per second a block is half a second: 10 rows.
    let slowly = ["import", "customers.csv", "--rate", "20", "--timeout", "1"];
    let running = env.start(&slowly);
    env.wait_for_arrivals(15);
    running.kill();
    let created = env.organizations().len();
    let running = env.start(&IMPORT);
    running.wait_for_stderr("to check first");
    let plan = running.stderr();
    let counted = plan.split("rows:").nth(1).unwrap();
    let in_doubt = counted.split(" to check first").next().unwrap();
    let in_doubt: usize = in_doubt.rsplit([' ', ',']).next().unwrap().parse().unwrap();
    assert!(
        in_doubt <= 10 + 10,
        "{in_doubt} rows in doubt, {created} created"
    );
    running.wait().exits_with(0);
    env.rows_and_organizations_agree(&customers, RESULTS);
    assert_eq!(env.count("POST"), 600, "each row was sent once");
}

#[test]
fn max_attempts_does_not_limit_lookups() {
    let env = TestEnv::with(Options {
        rate_limit: None,
        faults: vec![
            "drop-after:1".parse().unwrap(),
            "reads:5xx-before:0.6".parse().unwrap(),
        ],
        ..Options::default()
    });
    let customers = Customer::list(8);
    env.write_customers(&customers);
    import_with(&env, &["--max-attempts", "1", "--max-failures", "1000"]).exits_with(0);
    env.rows_and_organizations_agree(&customers, RESULTS);
    assert_eq!(env.count("POST"), 8);
}

#[test]
#[cfg_attr(
    windows,
    ignore = "needs a signal: Windows has no program that sends Ctrl-C"
)]
fn an_interrupt_ends_the_wait_after_a_retry_after_of_a_day() {
    let env = env(20);
    let (refused, is_refused) = std::sync::mpsc::channel();
    let proxy = Proxy::new(&env, move |asked| {
        if is_creation(asked) && asked.number > 3 {
            let _ = refused.send(());
            Fate::Answer(429, &[("retry-after", "86400")], String::new())
        } else {
            Fate::Pass
        }
    });
    let running = proxy.start(&env, &[&IMPORT[..], &["--concurrency", "2"]].concat());
    is_refused.recv().unwrap();
    running.signal("INT");
    running.wait().exits_with(130);
    let created = env.organizations().len();
    let rows = env.results(RESULTS);
    assert_eq!(
        rows.iter().filter(|row| row.status() == "created").count(),
        created
    );
}

#[test]
fn statuses_520_to_526_are_looked_up_like_504() {
    for code in 520..=526 {
        let env = TestEnv::new();
        let customers = named(2);
        env.write_customers(&customers);
        let proxy = Proxy::new(&env, move |asked| {
            if is_creation(asked) && asked.number == 1 {
                Fate::PassAndAnswer(code)
            } else {
                Fate::Pass
            }
        });
        proxy.run(&env, &IMPORT).exits_with(0);
        env.rows_and_organizations_agree(&customers, RESULTS);
        assert_eq!(env.count("POST"), 2, "HTTP {code}");
    }
}

#[test]
fn generated_ids_are_in_the_journal_before_the_first_request() {
    let env = TestEnv::with_faults(&["drop-after:0.3"]);
    let mut customers = pairs(12);
    customers[4].external_id = "own-5".to_owned();
    env.write_customers(&customers);
    let generated = [&IMPORT[..], &["--external-id-from", "generated"]].concat();
    let journal = env.path(JOURNAL);
    let is_recorded = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&is_recorded);
    let proxy = Proxy::new(&env, move |asked| {
        if is_creation(asked) && asked.number == 1 {
            let body: Value = serde_json::from_str(&asked.body).unwrap();
            let id = body["external_id"].as_str().unwrap();
            let journal = std::fs::read_to_string(&journal).unwrap();
            seen.store(journal.contains(id), Ordering::Relaxed);
        }
        Fate::Pass
    });
    proxy.run(&env, &generated).exits_with(0);
    assert!(
        is_recorded.load(Ordering::Relaxed),
        "the journal has the id first"
    );
    let organizations = env.organizations();
    let ids: BTreeSet<_> = organizations
        .iter()
        .filter_map(|it| it.external_id.as_deref())
        .collect();
    assert_eq!((organizations.len(), ids.len()), (12, 12));
    assert!(ids.contains("own-5"));
    proxy.run(&env, &generated).exits_with(0);
    assert_eq!(env.organizations().len(), 12);
}

/// The same as a kill, but the server still works on what has arrived.
#[test]
fn requests_that_arrive_after_a_kill_are_found_by_the_next_run() {
    let env = TestEnv::with(Options {
        rate_limit: None,
        latency: Duration::from_millis(40),
        faults: vec!["delay-before:0.3".parse().unwrap()],
        fault_delay: Duration::from_millis(700),
        ..Options::default()
    });
    let customers = pairs(40);
    env.write_customers(&customers);
    caught_in_the_middle(&env).kill();
    finishes(&env, &customers);
}

#[test]
fn a_key_that_may_not_create_stops_the_run_after_a_few_rows() {
    let env = env(60);
    let proxy = Proxy::new(&env, |asked| {
        if is_creation(asked) {
            let body = r#"{"message":"Forbidden"}"#.to_owned();
            Fate::Answer(403, &[("content-type", "application/json")], body)
        } else {
            Fate::Pass
        }
    });
    let finished = proxy.run(&env, &[&IMPORT[..], &["--concurrency", "2"]].concat());
    finished
        .exits_with(4)
        .stderr_has("error: WorkOS refused the API key");
    let rows = env.results(RESULTS);
    assert_eq!(
        statuses(&rows),
        BTreeSet::from([""]),
        "no row fails for the key"
    );
    finish(&mut env.command(&["import", "customers.csv", "--results", "other.csv"])).exits_with(0);
}
