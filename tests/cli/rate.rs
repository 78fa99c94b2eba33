//! The rate, as a server with a sliding window sees it: nothing is refused, and what is allowed is
//! used, whatever the latency. Windows are counted after the run; nothing waits for a clock.

use crate::support::{Customer, TestEnv};
use std::time::{Duration, Instant};
use workos_orgs::sandbox::{Options, RateLimit};

const RATE: u32 = 80;
const WINDOW: Duration = Duration::from_secs(1);

/// When each request arrived, in order, at a sandbox that allows an eighth more than the rate.
fn arrivals(latency: Duration, rows: usize) -> Vec<Instant> {
    let env = TestEnv::with(Options {
        rate_limit: Some(RateLimit {
            requests: RATE + RATE / 8,
            window: WINDOW,
        }),
        latency,
        ..Options::default()
    });
    let customers = Customer::list(rows);
    env.write_customers(&customers);
    env.run(&["import", "customers.csv", "--rate", &RATE.to_string()])
        .exits_with(0);
    env.rows_and_organizations_agree(&customers, "customers.results.csv");
    let requests = env.requests();
    assert!(
        requests.iter().all(|request| request.status != Some(429)),
        "a request was refused for its rate"
    );
    let mut arrivals: Vec<_> = requests.iter().map(|request| request.arrived).collect();
    arrivals.sort();
    arrivals
}

/// How many requests the fullest window of one second saw.
fn fullest_window(arrivals: &[Instant]) -> usize {
    let seen_from = |(first, start): (usize, &Instant)| {
        let after = |at: &&Instant| **at < *start + WINDOW;
        arrivals[first..].iter().take_while(after).count()
    };
    arrivals.iter().enumerate().map(seen_from).max().unwrap()
}

#[test]
#[ignore = "measures real time: run it alone, with --ignored"]
fn the_rate_is_kept_and_used_at_a_low_and_at_a_high_latency() {
    for latency in [Duration::ZERO, Duration::from_millis(800)] {
        let arrivals = arrivals(latency, 240);
        let fullest = fullest_window(&arrivals);
        assert!(fullest >= 75, "{fullest} of 80 at a latency of {latency:?}");
        assert!(fullest <= 84, "{fullest} of 80 at a latency of {latency:?}");
    }
}

#[test]
fn the_rate_file_changes_the_rate_of_a_run_that_is_at_work() {
    let env = TestEnv::slow(1);
    env.write_customers(&Customer::list(400));
    env.write("rate.txt", "fast");
    let import = [
        "import",
        "customers.csv",
        "--rate",
        "1",
        "--rate-file",
        "rate.txt",
    ];
    let running = env.start(&import);
    running.wait_for_stderr("rate.txt: \"fast\" is not a rate (expected ");
    // At one request per second, this list would take seven minutes.
    env.write("rate.txt", "unlimited\n");
    running.wait_for_stderr("rate.txt: no limit from now on");
    running.wait().exits_with(0);
    assert_eq!(env.organizations().len(), 400);
}

#[test]
fn a_rate_file_that_is_missing_is_said_and_changes_nothing() {
    let env = TestEnv::new();
    env.write_customers(&Customer::list(3));
    env.run(&["import", "customers.csv", "--rate-file", "none.txt"])
        .exits_with(0)
        .stderr_has("none.txt: cannot read it: ")
        .stderr_has("the rate stays as it is");
}
