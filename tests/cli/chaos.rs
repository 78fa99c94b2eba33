//! Faults and kills at random: whatever the server does and whenever the program is killed, every
//! row ends as exactly one organization and is exactly once in the results file.
//!
//! The built program runs against a sandbox with seeded faults. It is killed at random moments, also
//! while it resumes and while it replaces the results file, and run again until all is done. Then
//! the sandbox's organizations and the results file are compared, row by row and as multisets.

use crate::support::{Customer, Finished, Random, Running, TestEnv};
use std::time::Duration;
use workos_orgs::sandbox::Options;
use workos_orgs::storage::SUFFIX;

/// How an organization can be found again.
#[derive(Clone, Copy, Debug)]
enum Shape {
    ExternalId,
    Domain,
    /// Some rows are exactly alike.
    Name,
}

/// One trial.
#[derive(Clone, Copy, Debug)]
struct Trial {
    seed: u64,
    rows: usize,
    shape: Shape,
    /// Whether the server refuses a second organization with the same domain.
    unique_domains: bool,
    work: Work,
}

/// What is killed and resumed.
#[derive(Clone, Copy, Debug)]
enum Work {
    ImportCsv,
    ImportJsonl,
    /// Every row was invalid first and has been corrected in the results file.
    Retry,
}

const FAULTS: [&str; 10] = [
    "5xx-before:0.04",
    "5xx-after:0.04",
    "drop-before:0.03",
    "drop-after:0.04",
    "garbage:0.03",
    "delay-before:0.01",
    "delay-after:0.01",
    "429:0.004",
    "reads:5xx-before:0.02",
    "reads:drop-before:0.02",
];

const PATIENCE: [&str; 12] = [
    "--rate",
    "unlimited",
    "--concurrency",
    "200",
    "--timeout",
    "1",
    "--lookup-pause",
    "2",
    "--max-attempts",
    "10",
    "--max-failures",
    "1000",
];

impl Work {
    const fn results(self) -> &'static str {
        match self {
            Self::ImportCsv | Self::Retry => "customers.results.csv",
            Self::ImportJsonl => "customers.results.jsonl",
        }
    }

    /// The command that is run again and again.
    fn command(self) -> Vec<&'static str> {
        let command = match self {
            Self::ImportCsv => ["import", "customers.csv"],
            Self::ImportJsonl => ["import", "customers.jsonl"],
            Self::Retry => ["retry", self.results()],
        };
        [&command[..], &PATIENCE].concat()
    }

    fn prepare(self, env: &TestEnv, customers: &[Customer]) {
        match self {
            Self::ImportCsv => env.write("customers.csv", Customer::csv(customers)),
            Self::ImportJsonl => env.write("customers.jsonl", Customer::jsonl(customers)),
            Self::Retry => {
                let csv = Customer::csv(customers);
                let (header, rows) = csv.split_once('\n').unwrap();
                let rows = rows.replace('\n', ",[]\n");
                env.write("customers.csv", format!("{header},metadata\n{rows}"));
                env.run(&["import", "customers.csv"]).exits_with(1);
                assert!(env.organizations().is_empty());
                let corrected = env.read(self.results()).replace(",[],", ",,");
                env.write(self.results(), corrected);
            }
        }
    }
}

impl Shape {
    fn customers(self, count: usize) -> Vec<Customer> {
        (0..count)
            .map(|n| {
                let mut customer = Customer::named(format!("Customer {n}"));
                match self {
                    Self::ExternalId => {
                        customer.external_id = format!("crm-{n}");
                        if n % 2 == 0 {
                            customer.domain = format!("customer{n}.example.com");
                        }
                    }
                    Self::Domain => customer.domain = format!("customer{n}.example.com"),
                    Self::Name => {
                        // Rows in threes of the same name, some of them with the same metadata.
                        if n % 5 < 3 {
                            customer.name = format!("Customer {}", n / 5);
                        }
                        if n % 2 == 0 {
                            customer.plan.push_str("pro");
                        }
                    }
                }
                customer
            })
            .collect()
    }
}

impl Trial {
    /// Runs, kills and resumes until all is done, then compares.
    fn check(self) {
        let env = TestEnv::with(Options {
            rate_limit: None,
            faults: FAULTS.iter().map(|fault| fault.parse().unwrap()).collect(),
            // Longer than the timeout, and over before a search that finds nothing is believed.
            fault_delay: Duration::from_millis(1500),
            seed: self.seed,
            unique_domains: self.unique_domains,
            ..Options::default()
        });
        let customers = self.shape.customers(self.rows);
        self.work.prepare(&env, &customers);
        let mut random = Random::new(self.seed);
        let kills = random.below(11);
        let mut happened = 0;
        for _ in 0..kills {
            let finished = if random.below(4) == 0 {
                self.kill_while_replacing(&env)
            } else {
                self.kill_after_some_requests(&env, &mut random)
            };
            match finished.code {
                None => happened += 1,
                // It was over sooner, so nothing is left to kill.
                Some(0) => break,
                // WorkOS was unavailable for a row ten times in a row: the next run can be killed.
                Some(6) => {}
                _ => panic!("{self:?}: {finished:?}"),
            }
        }
        assert!(happened > 0 || kills == 0, "{self:?}: no run was killed");
        let mut runs = 0;
        loop {
            let finished = env.run(&self.work.command());
            runs += 1;
            match finished.code {
                Some(0) => break,
                // WorkOS was unavailable for a row ten times in a row: the same command resumes.
                Some(6) if runs < 5 => {}
                _ => panic!("{self:?} after {runs} runs: {finished:?}"),
            }
        }
        env.rows_and_organizations_agree(&customers, self.work.results());
    }

    fn kill_after_some_requests(self, env: &TestEnv, random: &mut Random) -> Finished {
        let so_far = env.requests().len() as u64;
        let running = env.start(&self.work.command());
        let more = 1 + random.below(self.rows as u64 / 8);
        env.arrives_while_running(so_far + more, &running);
        running.kill()
    }

    /// Kills the program while a new results file is being written.
    fn kill_while_replacing(self, env: &TestEnv) -> Finished {
        let running = env.start(&self.work.command());
        // A kill between the file's last byte and its new name leaves it there.
        wait_for_temporary_file(env, &running);
        running.kill()
    }
}

/// Waits until a temporary file of the program appears, or the program ends.
fn wait_for_temporary_file(env: &TestEnv, running: &Running) {
    let unfinished = || -> Vec<String> {
        let files = env.files().into_iter();
        files.filter(|name| name.ends_with(SUFFIX)).collect()
    };
    // Those that an earlier kill has left do not count.
    let before = unfinished();
    while !running.has_ended() {
        if unfinished().iter().any(|name| !before.contains(name)) {
            return;
        }
    }
}

fn trial(seed: u64, shape: Shape, unique_domains: bool) {
    Trial {
        seed,
        rows: 1000,
        shape,
        unique_domains,
        work: Work::ImportCsv,
    }
    .check();
}

/// Each kill hits the program while a new results file is there under its temporary name.
#[test]
fn a_kill_while_the_results_file_is_replaced_leaves_the_old_one_or_the_new_one() {
    let env = TestEnv::slow(20);
    let customers = Shape::Name.customers(400);
    Work::ImportCsv.prepare(&env, &customers);
    let trial = Trial {
        seed: 0,
        rows: 400,
        shape: Shape::Name,
        unique_domains: false,
        work: Work::ImportCsv,
    };
    let mut left_behind = 0;
    for _ in 0..8 {
        let killed = trial.kill_while_replacing(&env);
        assert_eq!(killed.code, None, "it ended before it was killed");
        let has_unfinished = env.files().iter().any(|name| name.ends_with(SUFFIX));
        left_behind += usize::from(has_unfinished);
        if env.path(Work::ImportCsv.results()).exists() {
            assert_eq!(env.results(Work::ImportCsv.results()).len(), 400);
        }
    }
    assert!(left_behind > 0, "no kill came before the new name");
    env.run(&Work::ImportCsv.command()).exits_with(0);
    env.rows_and_organizations_agree(&customers, Work::ImportCsv.results());
    let has_unfinished = env.files().iter().any(|name| name.ends_with(SUFFIX));
    assert!(!has_unfinished, "{:?}", env.files());
}

#[test]
fn rows_with_external_ids_survive_where_domains_are_unique() {
    trial(11, Shape::ExternalId, true);
}

#[test]
fn rows_with_external_ids_survive_where_domains_are_not_unique() {
    trial(12, Shape::ExternalId, false);
}

#[test]
fn rows_with_domains_survive_where_they_are_unique() {
    trial(13, Shape::Domain, true);
}

#[test]
fn rows_with_domains_survive_where_they_are_not_unique() {
    trial(14, Shape::Domain, false);
}

#[test]
fn rows_with_names_alone_survive_where_domains_are_unique() {
    trial(15, Shape::Name, true);
}

#[test]
fn rows_with_names_alone_survive_where_domains_are_not_unique() {
    trial(16, Shape::Name, false);
}

#[test]
fn rows_of_a_jsonl_file_survive() {
    Trial {
        seed: 17,
        rows: 500,
        shape: Shape::Name,
        unique_domains: false,
        work: Work::ImportJsonl,
    }
    .check();
}

#[test]
fn rows_that_were_corrected_survive_a_retry() {
    Trial {
        seed: 18,
        rows: 500,
        shape: Shape::Name,
        unique_domains: false,
        work: Work::Retry,
    }
    .check();
}

/// `CHAOS_SEEDS` is the number of seeds, `CHAOS_FIRST_SEED` the first, `CHAOS_ROWS` the rows of each:
/// `CHAOS_SEEDS=200 cargo test --test cli many_seeds -- --ignored --nocapture`.
#[test]
#[ignore = "takes about ten seconds a seed"]
#[expect(clippy::print_stderr, reason = "one line a seed shows how far it is")]
fn many_seeds_survive() {
    let number = |name, otherwise| {
        let text = std::env::var(name).ok();
        text.map_or(otherwise, |text| text.parse::<u64>().expect("a number"))
    };
    let first = number("CHAOS_FIRST_SEED", 1000);
    let rows = usize::try_from(number("CHAOS_ROWS", 500)).unwrap();
    let mut failing = Vec::new();
    for seed in first..first + number("CHAOS_SEEDS", 20) {
        let trial = Trial {
            seed,
            rows,
            shape: [Shape::ExternalId, Shape::Domain, Shape::Name][(seed % 3) as usize],
            unique_domains: seed % 2 == 0,
            work: match seed % 10 {
                0..=5 => Work::ImportCsv,
                6..=7 => Work::ImportJsonl,
                _ => Work::Retry,
            },
        };
        let start = std::time::Instant::now();
        let survived = std::panic::catch_unwind(|| trial.check()).is_ok();
        let took = start.elapsed().as_secs();
        eprintln!(
            "{} {trial:?} {took} s",
            if survived { "ok  " } else { "FAIL" }
        );
        if !survived {
            failing.push(seed);
        }
    }
    assert!(failing.is_empty(), "failing seeds: {failing:?}");
}
