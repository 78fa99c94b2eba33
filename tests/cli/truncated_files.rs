//! Results files and journals that were cut off.

use super::{
    IMPORT_SLOWLY, JOURNAL, RESULTS, caught_in_the_middle, finishes, import, import_with, pairs,
};
use crate::support::{Random, TestEnv};
use std::fs::OpenOptions;
use std::path::Path;

/// Cuts a file off at this length.
fn cut(path: &Path, length: u64) {
    let file = OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(length).unwrap();
}

/// Cuts a file of a folder off somewhere after its first line.
fn cut_after_first_line(env: &TestEnv, name: &str, random: &mut Random) {
    let path = env.path(name);
    let first = env.read(name).find('\n').unwrap() as u64 + 1;
    let length = path.metadata().unwrap().len();
    cut(&path, first + random.below(length + 1 - first));
}

#[test]
fn a_truncated_results_file_is_written_again() {
    let mut random = Random::new(7);
    for is_finished in [true, false] {
        let env = TestEnv::slow(if is_finished { 0 } else { 20 });
        let customers = pairs(60);
        env.write_customers(&customers);
        if is_finished {
            import(&env).exits_with(0);
        } else {
            let running = env.start(&IMPORT_SLOWLY);
            let has_rows = || {
                let is_there = env.path(RESULTS).exists();
                is_there && env.read(RESULTS).matches("created").count() > 20
            };
            running.wait_for_file(has_rows, "rows");
            running.kill();
        }
        for _ in 0..25 {
            cut_after_first_line(&env, RESULTS, &mut random);
            finishes(&env, &customers);
        }
        assert_eq!(env.count("POST"), 60, "each row was sent once");
    }
}

#[test]
fn a_truncated_journal_is_repaired_with_a_notice() {
    let mut random = Random::new(8);
    for is_finished in [true, false] {
        let env = TestEnv::slow(if is_finished { 0 } else { 20 });
        let customers = pairs(60);
        env.write_customers(&customers);
        if is_finished {
            import(&env).exits_with(0);
        } else {
            caught_in_the_middle(&env).kill();
        }
        for _ in 0..8 {
            let content = std::fs::read(env.path(JOURNAL)).unwrap();
            let first_line = content.iter().position(|byte| *byte == b'\n').unwrap();
            let inside_a_line: Vec<usize> = (first_line + 2..content.len())
                .filter(|&at| content[at - 1] != b'\n')
                .collect();
            let at = random.below(inside_a_line.len() as u64);
            let at = inside_a_line[usize::try_from(at).unwrap()] as u64;
            cut(&env.path(JOURNAL), at);
            let finished = import_with(&env, &["--without-journal"]);
            finished.exits_with(0);
            // Without the beginning of a run it counts as missing.
            let has_run = content[..usize::try_from(at).unwrap()]
                .iter()
                .filter(|it| **it == b'\n');
            if has_run.count() >= 2 {
                finished.stderr_has("was incomplete (crash or full disk): repaired");
            }
            // Where the beginning of the run is not known, its organizations cannot be distinguished from
            // older ones.
            env.each_row_is_one_organization(&customers, RESULTS, &["created", "unchanged"]);
        }
        assert_eq!(env.count("POST"), 60, "each row was sent once");
    }
}

#[test]
fn a_truncated_journal_and_a_truncated_results_file_send_nothing_twice() {
    let mut random = Random::new(9);
    let env = TestEnv::new();
    let customers = pairs(60);
    env.write_customers(&customers);
    import(&env).exits_with(0);
    for _ in 0..12 {
        for name in [JOURNAL, RESULTS] {
            cut_after_first_line(&env, name, &mut random);
        }
        import_with(&env, &["--without-journal"]).exits_with(0);
        env.each_row_is_one_organization(&customers, RESULTS, &["created", "unchanged"]);
    }
    assert_eq!(env.count("POST"), 60, "each row was sent once");
}
