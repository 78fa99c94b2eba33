//! Checks the dependency rule of the rooms by reading the sources.

#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do, by a panic"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, from the top down. A room may use those listed below it, never itself or one above.
const RANKS: [&str; 20] = [
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
    "storage",
    "text",
];

/// What every room may use.
const COMMON: &str = "exit_code";

/// Crates that only one place uses, so that they can be exchanged there.
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

    /// Its module, from the crate's root down: `ui`, `text` for `src/ui/text.rs`.
    fn module(&self) -> Vec<String> {
        let inner = self.path.strip_prefix("src/").unwrap();
        let inner = inner.strip_suffix(".rs").unwrap();
        let parts = inner
            .split('/')
            .filter(|part| !matches!(*part, "mod" | "lib"));
        parts.map(str::to_owned).collect()
    }

    /// The code that is no test.
    fn code_without_tests(&self) -> String {
        let code = self.code();
        let end = code.find("mod tests {").unwrap_or(code.len());
        code[..end].to_owned()
    }

    /// Whether it only declares modules and passes on what they hold. Such a file is no part of a
    /// circle: what is taken from it is taken from the file that it comes from.
    fn only_declares(&self) -> bool {
        let code = self.code_without_tests();
        let mut statements = code.split_inclusive(';').map(str::trim);
        self.path.ends_with("/mod.rs")
            && statements.all(|statement| {
                let bare = statement.trim_start_matches("#[cfg(test)]").trim_start();
                let bare = bare.trim_start_matches("pub").trim_start_matches("(crate)");
                let bare = bare.trim_start_matches("(super)").trim_start();
                bare.is_empty() || bare.starts_with("use ") || bare.starts_with("mod ")
            })
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

/// Fails with all faults at once, so that one run shows everything to fix.
fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn every_room_uses_only_rooms_below_it() {
    let mut faults = Vec::new();
    for source in sources() {
        let room = source.room();
        if matches!(room, "lib" | COMMON) {
            continue;
        }
        let Some(own) = rank(room) else {
            faults.push(format!("{}: the room {room} has no rank", source.path));
            continue;
        };
        for used in source.used_rooms() {
            if used == room || used == COMMON {
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

/// The modules of the crate, by their paths, for finding the file that a path leads to.
struct Modules<'s>(BTreeMap<Vec<String>, &'s Source>);

impl<'s> Modules<'s> {
    fn new(sources: &'s [Source]) -> Self {
        let files = sources.iter().filter(|source| source.path != "src/main.rs");
        Self(files.map(|source| (source.module(), source)).collect())
    }

    /// The files of its own room that the code of a file needs.
    fn needed_by(&self, source: &Source) -> BTreeSet<&'s str> {
        let module = source.module();
        let mut paths = Vec::new();
        let code = source.code_without_tests();
        for root in ["crate", "super", "self"] {
            paths.extend(paths_from(&code, root));
        }
        for child in self.children(&module) {
            paths.extend(paths_from(&code, child));
        }
        let needed = paths.iter().filter_map(|path| self.file(&module, path, 0));
        let own_room = needed.filter(|other| other.room() == source.room());
        own_room
            .map(|other| other.path.as_str())
            .filter(|path| *path != source.path)
            .collect()
    }

    /// The names of the modules right below one.
    fn children<'m>(&'m self, module: &'m [String]) -> impl Iterator<Item = &'m str> {
        let below = self.0.keys().filter(move |m| m.len() == module.len() + 1);
        below.filter_map(move |m| m.strip_prefix(module)?.first().map(String::as_str))
    }

    /// The file in which what a path leads to is defined, as seen from a module. What a module
    /// passes on is looked for where it comes from.
    fn file(&self, from: &[String], path: &[String], depth: usize) -> Option<&'s Source> {
        let mut at = from.to_vec();
        let mut rest = path;
        if path.first().is_some_and(|segment| segment == "crate") {
            at.clear();
            rest = &path[1..];
        }
        while let Some((segment, deeper)) = rest.split_first() {
            let mut below = at.clone();
            below.push(segment.clone());
            let passed_on = |module: &[String]| {
                let wanted = self.0.get(module)?.code_without_tests();
                let own = self.children(module).map(str::to_owned);
                let roots = ["crate", "super", "self"].map(str::to_owned);
                let mut exports = own
                    .chain(roots)
                    .flat_map(|root| exports_from(&wanted, &root));
                exports
                    .find(|(name, _)| name == segment)
                    .map(|(_, path)| path)
            };
            match segment.as_str() {
                "self" => {}
                "super" => {
                    at.pop();
                }
                _ if self.0.contains_key(&below) && !deeper.is_empty() => at = below,
                _ => {
                    return match passed_on(&at).filter(|_| depth < 5) {
                        Some(path) if at != from || depth > 0 => self.file(&at, &path, depth + 1),
                        _ => self.0.get(&below).or_else(|| self.0.get(&at)).copied(),
                    };
                }
            }
            rest = deeper;
        }
        self.0.get(&at).copied()
    }
}

/// The paths in a code that begin with a word, with the groups of `use` taken apart.
fn paths_from(code: &str, root: &str) -> Vec<Vec<String>> {
    let begins = format!("{root}::");
    let mut paths = Vec::new();
    for (at, _) in code.match_indices(&begins) {
        let before = code[..at].chars().next_back();
        if !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | ':')) {
            paths.extend(expanded(&code[at..]).into_iter().map(|(path, _)| path));
        }
    }
    paths
}

/// What a module passes on from below a word: each name with its path.
fn exports_from(code: &str, root: &str) -> Vec<(String, Vec<String>)> {
    let mut exports = Vec::new();
    for visible in ["pub use ", "pub(crate) use ", "pub(super) use "] {
        let begins = format!("{visible}{root}::");
        for (at, _) in code.match_indices(&begins) {
            for (path, alias) in expanded(&code[at + visible.len()..]) {
                let name = alias.or_else(|| path.last().cloned()).unwrap();
                exports.push((name, path));
            }
        }
    }
    exports
}

/// All paths at the beginning of a text, each with the name that `as` gives it:
/// `a::b` and `a::c::d` of `a::{b, c::d}`.
fn expanded(text: &str) -> Vec<(Vec<String>, Option<String>)> {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
    let (word, rest) = text.split_at(end.unwrap_or(text.len()));
    let with_word = |(mut path, alias): (Vec<String>, Option<String>)| {
        path.insert(0, word.to_owned());
        (path, alias)
    };
    if let Some(group) = rest.strip_prefix("::{") {
        return members(group)
            .into_iter()
            .flat_map(expanded)
            .map(with_word)
            .collect();
    }
    if let Some(rest) = rest.strip_prefix("::")
        && rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '*'))
    {
        return expanded(rest).into_iter().map(with_word).collect();
    }
    let alias = rest.strip_prefix(" as ").map(|alias| {
        let end = alias.find(|c: char| !c.is_alphanumeric() && c != '_');
        alias[..end.unwrap_or(alias.len())].to_owned()
    });
    vec![(vec![word.to_owned()], alias)]
}

/// The members of a group, without what they hold themselves being taken apart.
fn members(group: &str) -> Vec<&str> {
    let (mut depth, mut start) = (0_usize, 0);
    let mut found = Vec::new();
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '}' | ',' if depth == 0 => {
                found.push(group[start..at].trim());
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    found.retain(|member| !member.is_empty());
    found
}

/// A circle among files, as the paths along it, if there is any.
fn circle<'s>(arrows: &BTreeMap<&'s str, BTreeSet<&'s str>>) -> Option<Vec<&'s str>> {
    fn visit<'s>(
        file: &'s str,
        arrows: &BTreeMap<&'s str, BTreeSet<&'s str>>,
        way: &mut Vec<&'s str>,
        done: &mut BTreeSet<&'s str>,
    ) -> Option<Vec<&'s str>> {
        if let Some(start) = way.iter().position(|earlier| *earlier == file) {
            return Some(way[start..].to_vec());
        }
        if !done.insert(file) {
            return None;
        }
        way.push(file);
        let needed = arrows.get(file).into_iter().flatten();
        let found = needed
            .into_iter()
            .find_map(|other| visit(other, arrows, way, done));
        way.pop();
        found
    }
    let mut done = BTreeSet::new();
    arrows
        .keys()
        .find_map(|file| visit(file, arrows, &mut Vec::new(), &mut done))
}

#[test]
fn no_files_of_a_room_need_each_other_in_a_circle() {
    let sources = sources();
    let modules = Modules::new(&sources);
    let mut arrows = BTreeMap::new();
    for source in &sources {
        let is_test = source.path.ends_with("/tests.rs");
        if !is_test && source.room() != "lib" && !source.only_declares() {
            arrows.insert(source.path.as_str(), modules.needed_by(source));
        }
    }
    let mut faults = Vec::new();
    while let Some(way) = circle(&arrows) {
        faults.push(format!("a circle: {}", way.join(" → ")));
        // Without its last arrow, so that further circles are found.
        let (last, first) = (way[way.len() - 1], way[0]);
        arrows.get_mut(last).unwrap().remove(first);
    }
    assert_none(&faults);
}

#[test]
fn a_path_leads_to_the_file_that_defines_what_it_names() {
    let source = |path: &str, text: &str| Source {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    let sources = [
        source("src/ui/mod.rs", "mod a;\nmod b;\npub use a::{A, c as d};\n"),
        source(
            "src/ui/a.rs",
            "use super::b::{self, B};\n#[cfg(test)]\nmod tests {\nuse super::super::c;",
        ),
        source(
            "src/ui/b.rs",
            "use crate::ui::A;\nfn f() { super::d(); std::self::x; }",
        ),
        source("src/ui/c/mod.rs", "mod e;\nfn f() { e::g(); }"),
        source("src/ui/c/e.rs", "use super::f;"),
    ];
    let modules = Modules::new(&sources);
    let needed = |at: usize| {
        modules
            .needed_by(&sources[at])
            .into_iter()
            .collect::<Vec<_>>()
    };
    assert!(sources[0].only_declares());
    assert!(!sources[3].only_declares());
    assert_eq!(needed(1), ["src/ui/b.rs"]);
    assert_eq!(needed(2), ["src/ui/a.rs"]);
    assert_eq!(needed(3), ["src/ui/c/e.rs"]);
    assert_eq!(needed(4), ["src/ui/c/mod.rs"]);
    let arrows = [1, 2].map(|at| (sources[at].path.as_str(), modules.needed_by(&sources[at])));
    assert_eq!(
        circle(&BTreeMap::from(arrows)),
        Some(vec!["src/ui/a.rs", "src/ui/b.rs"])
    );
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
        if room != COMMON && rank(room).is_none() {
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
