//! The promises of a run, kept whatever goes wrong: planner, engine, journal and results in one
//! process and in virtual time, with a WorkOS, a disk and a user that one seed decides.
//!
//! A violation prints its seed and its story. `SIM_SEED=n` tells one story and prints it,
//! `SIM_SEEDS=n` tells so many, `SIM_FIRST=n` begins with another one.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that cannot go on says so by panicking, and counts are for the reader"
)]

mod calm;
mod changes;
mod check;
mod command;
mod customers;
mod disk;
mod found;
mod found_later;
mod process;
mod random;
mod second_day;
mod server;
mod sheet;
mod story;
mod taken_back;
mod trace;
mod user;
mod writers;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use story::{Told, tell, tell_united};
use trace::Counts;

#[test]
fn every_story_keeps_the_promises() {
    all_of(number("SIM_SEEDS").unwrap_or(2_000), tell_any);
}

#[test]
#[ignore = "takes long: for the end of a change"]
fn every_customer_ends_as_exactly_one_organization_in_many_stories() {
    all_of(number("SIM_SEEDS").unwrap_or(100_000), tell);
}

#[test]
#[ignore = "takes long: for the end of a change"]
fn rows_that_are_united_keep_the_promises_in_many_stories() {
    all_of(number("SIM_SEEDS").unwrap_or(20_000), tell_united);
}

#[test]
#[ignore = "takes long: for the end of a change"]
fn an_undo_leaves_what_was_there_before_in_many_stories() {
    all_of(number("SIM_SEEDS").unwrap_or(20_000), second_day::tell);
}

/// Of the first 300 stories, one of eight is of the second day.
fn tell_any(seed: u64, folder: &Path) -> Told {
    if seed < 300 && seed % 8 == 7 {
        second_day::tell(seed, folder)
    } else {
        tell(seed, folder)
    }
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// A folder for the files of the stories that one thread tells, in memory where that is possible.
pub(crate) fn folder() -> (tempfile::TempDir, PathBuf) {
    let memory = Path::new("/dev/shm");
    let inside = if memory.is_dir() {
        memory.to_owned()
    } else {
        std::env::temp_dir()
    };
    let folder = tempfile::tempdir_in(inside).unwrap();
    let path = folder.path().join("files");
    (folder, path)
}

/// Tells so many stories of a kind.
fn all_of(seeds: u64, tell: fn(u64, &Path) -> Told) {
    if let Some(seed) = number("SIM_SEED") {
        let (_held, folder) = folder();
        let told = tell(seed, &folder);
        println!("{}", told.trace);
        assert_eq!(told.violation, None, "seed {seed}");
        return;
    }
    let first = number("SIM_FIRST").unwrap_or(0);
    let next = AtomicU64::new(first);
    let all: Mutex<(Counts, BTreeMap<u64, Told>)> = Mutex::default();
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let (_held, folder) = folder();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + seeds {
                        return;
                    }
                    let told = tell(seed, &folder);
                    let mut all = all.lock().unwrap();
                    for (what, count) in &told.counts {
                        *all.0.entry(what).or_default() += count;
                    }
                    if let Some(violation) = &told.violation {
                        println!("seed {seed}: {violation}");
                        all.1.insert(seed, told);
                    }
                }
            });
        }
    });
    let (counts, violations) = all.into_inner().unwrap();
    println!("{seeds} stories");
    for (what, count) in counts {
        println!("{count:>9} {what}");
    }
    for (seed, told) in &violations {
        println!(
            "seed {seed}: {}",
            told.violation.as_deref().unwrap_or_default()
        );
    }
    if let Some((seed, told)) = violations.first_key_value() {
        panic!(
            "{} violations; the first is of seed {seed}: {}\n{}",
            violations.len(),
            told.violation.as_deref().unwrap_or_default(),
            told.trace
        );
    }
}
