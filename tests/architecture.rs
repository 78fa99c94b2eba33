//! The dependency rule of the rooms, held by reading the sources.

#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    reason = "helpers of tests fail as tests do, by a panic"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, from the top down. A room may use those listed below it, never itself or one above.
const RANKS: [&str; 19] = [
    "main",
    "cli",
    "commands",
    "run",
    "ui",
    "report",
    "sandbox",
    "engine",
    "plan",
    "snapshot",
    "journal",
    "results",
    "validate",
    "input",
    "columns",
    "workos",
    "organization",
    "table",
    "text",
];

/// What anyone may use.
const EVERYBODYS: &str = "exit_code";

/// Crates that live in one place, so that they can be exchanged there.
const OWNED_CRATES: [(&str, &str); 2] = [
    ("indicatif", "src/ui/progress.rs"),
    ("reqwest", "src/workos/"),
];

/// A file of the crate.
struct Source {
    /// Its path from the crate's root, with `/` on every system.
    path: String,
    text: String,
}

impl Source {
    /// The room that the file belongs to: `ui` for `src/ui/text.rs`.
    fn room(&self) -> &str {
        let inner = self.path.strip_prefix("src/").unwrap();
        let first = inner.split('/').next().unwrap();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// How many modules deep the file lies: 1 for `src/ui/mod.rs`, 2 for `src/ui/text.rs`.
    fn depth(&self) -> usize {
        let inner = self.path.strip_prefix("src/").unwrap();
        inner.split('/').filter(|part| *part != "mod.rs").count()
    }

    /// The code, without lines that are comments.
    fn code(&self) -> String {
        let lines = self.text.lines();
        let code = lines.filter(|line| !line.trim_start().starts_with("//"));
        code.collect::<Vec<_>>().join("\n")
    }

    /// The rooms that the code names by a path from the crate's root.
    fn used_rooms(&self) -> BTreeSet<String> {
        let code = self.code();
        let mut used = BTreeSet::new();
        for root in ["crate::", "workos_orgs::"] {
            for (at, _) in code.match_indices(root) {
                let before = code[..at].chars().next_back();
                if !before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
                    used.extend(first_segments(&code[at + root.len()..]));
                }
            }
        }
        used
    }
}

/// `ui` of `ui::text`, and `input` and `results` of `{input, results::{Error, Scan}}`.
fn first_segments(path: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        let text = text.trim_start();
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
        text[..end.unwrap_or(text.len())].to_owned()
    };
    let Some(group) = path.strip_prefix('{') else {
        return vec![word(path)];
    };
    let mut depth = 0_usize;
    let mut found = vec![word(group)];
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => found.push(word(&group[at + 1..])),
            _ => {}
        }
    }
    found.retain(|segment| !segment.is_empty());
    found
}

fn rank(room: &str) -> Option<usize> {
    RANKS.iter().position(|name| *name == room)
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<Source> {
    fn walk(folder: &Path, found: &mut Vec<Source>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let inner = path.strip_prefix(root()).unwrap();
                found.push(Source {
                    path: inner.to_str().unwrap().replace('\\', "/"),
                    text: fs::read_to_string(&path).unwrap(),
                });
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join("src"), &mut found);
    assert!(found.len() > 50, "the sources are where this test looks");
    found
}

/// Fails with all of these at once, so that one run shows all there is to mend.
fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn every_room_uses_only_rooms_below_it() {
    let mut faults = Vec::new();
    for source in sources() {
        let room = source.room();
        if matches!(room, "lib" | EVERYBODYS) {
            continue;
        }
        let Some(own) = rank(room) else {
            faults.push(format!("{}: the room {room} has no rank", source.path));
            continue;
        };
        for used in source.used_rooms() {
            if used == room || used == EVERYBODYS {
                continue;
            }
            match rank(&used) {
                Some(other) if other > own => {}
                Some(_) => faults.push(format!("{}: {room} must not use {used}", source.path)),
                None => faults.push(format!("{}: crate::{used} is no room", source.path)),
            }
        }
    }
    assert_none(&faults);
}

#[test]
fn no_file_leaves_its_room_by_way_of_super() {
    let mut faults = Vec::new();
    for source in sources() {
        let code = source.code();
        let (code, tests) = code.split_once("mod tests {").unwrap_or((&code, ""));
        for (part, depth) in [(code, source.depth()), (tests, source.depth() + 1)] {
            if part.contains(&"super::".repeat(depth)) {
                faults.push(format!(
                    "{}: a super:: reaches out of its room",
                    source.path
                ));
            }
        }
    }
    assert_none(&faults);
}

#[test]
fn every_file_begins_with_what_it_owns() {
    let sources = sources();
    let silent = sources
        .iter()
        .filter(|source| !source.text.starts_with("//! "));
    let faults: Vec<_> = silent
        .map(|source| format!("{}: its first line is no `//!`", source.path))
        .collect();
    assert_none(&faults);
}

#[test]
fn crates_that_could_be_exchanged_live_in_one_place() {
    let mut faults = Vec::new();
    for source in sources() {
        for (name, place) in OWNED_CRATES {
            if !source.path.starts_with(place) && source.code().contains(&format!("{name}::")) {
                faults.push(format!("{}: {name} belongs to {place}", source.path));
            }
        }
    }
    assert_none(&faults);
}

#[test]
fn the_map_of_the_crate_names_every_room() {
    let map = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let mut faults = Vec::new();
    for line in map.lines() {
        let Some(room) = line
            .strip_prefix("pub mod ")
            .map(|m| m.trim_end_matches(';'))
        else {
            continue;
        };
        if !map.contains(&format!("//! | `{room}` | ")) {
            faults.push(format!("src/lib.rs: its table does not name {room}"));
        }
        if room != EVERYBODYS && rank(room).is_none() {
            faults.push(format!("tests/architecture.rs: {room} has no rank"));
        }
    }
    assert_none(&faults);
}

#[test]
fn paths_are_read_as_the_compiler_reads_them() {
    let source = |text: &str| Source {
        path: "src/ui/text.rs".to_owned(),
        text: text.to_owned(),
    };
    let used = |text: &str| source(text).used_rooms().into_iter().collect::<Vec<_>>();
    assert_eq!(used("use crate::results::{Record, Status};"), ["results"]);
    assert_eq!(
        used("use crate::{\n    exit_code, input::{Error, Row}, results,\n};"),
        ["exit_code", "input", "results"]
    );
    assert_eq!(used("fn f(e: &crate::engine::Event) {}"), ["engine"]);
    assert_eq!(used("/// [`crate::cli`]"), Vec::<String>::new());
    assert_eq!(used("use workos_orgs::cli::Cli;"), ["cli"]);
    assert_eq!((source("").room(), source("").depth()), ("ui", 2));
}
