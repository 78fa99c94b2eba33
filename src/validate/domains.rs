//! The domains of a row.

use super::cells::{Cell, ColumnPath, nested};
use super::validated::Validated;
use super::values::{is_placeholder, says_no_domain, telling};
use crate::columns::CellRules;
use crate::organization::domain::{self, Normalized};
use crate::organization::problem::Problem;
use crate::organization::{DomainData, DomainState};
use crate::table::Object;
use crate::text::{quoted, trim};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The longest text of domains, in bytes: each is compared with all others of the row.
const LONGEST: usize = 16 * 1024;

/// The domains of a row, as they are found.
pub(super) struct Domains<'a> {
    pub(super) list: Vec<DomainData<'a>>,
    state: DomainState,
    rules: &'a CellRules,
}

/// The pieces of a cell that are no domains.
#[derive(Default)]
struct Rest<'t> {
    /// Those that only join or note others, and placeholders.
    joints: Vec<&'t str>,
    wrong: Vec<(&'t str, Problem)>,
    /// How many pieces are domains, and whether one of them is written as a URL.
    domains: usize,
    is_linked: bool,
}

impl<'a> Domains<'a> {
    /// No domains yet; each that is found will be created in this state.
    pub(super) fn new(state: DomainState, rules: &'a CellRules) -> Self {
        Self {
            list: Vec::new(),
            state,
            rules,
        }
    }

    /// Adds the domains of a cell, which may be a JSON array or object too.
    pub(super) fn add(
        &mut self,
        column: &ColumnPath<'a>,
        cell: Cell<'a>,
        found: &mut Validated<'a>,
    ) {
        match cell {
            Cell::Text(text) => self.add_text(column, text, found),
            Cell::Nested(raw) => {
                let items = serde_json::from_str::<Vec<&RawValue>>(raw.get());
                for item in items.unwrap_or_else(|_| vec![raw]) {
                    match Cell::of_json(item) {
                        Cell::Text(text) => self.add_text(column, text, found),
                        Cell::Nested(raw) => match ListedDomain::of(raw) {
                            Some(listed) => self.add_listed(column, listed, found),
                            None => found.problems.push(nested(raw, column)),
                        },
                    }
                }
            }
        }
    }

    /// Adds a domain of a list with states. Its state is not kept: that it was verified once proves
    /// nothing of another environment.
    fn add_listed(
        &mut self,
        column: &ColumnPath<'a>,
        listed: ListedDomain,
        found: &mut Validated<'a>,
    ) {
        if listed.is_verified && self.state == DomainState::Pending {
            let message = format!(
                "{} is verified in the list, and will be created as pending: use --domain-state \
                 verified to mark all domains as verified WITHOUT a check",
                quoted(&listed.domain)
            );
            let warning = Problem::new("domain_state_dropped", message);
            found.warnings.push(warning.in_column(column));
        }
        self.add_text(column, Cow::Owned(listed.domain), found);
    }

    /// Adds the domains of a text, each once.
    fn add_text(&mut self, column: &ColumnPath<'a>, text: Cow<'a, str>, found: &mut Validated<'a>) {
        match telling(text, column, found) {
            None => {}
            Some(Cow::Borrowed(text)) => self.add_list(column, text, Cow::Borrowed, found),
            Some(Cow::Owned(text)) => {
                self.add_list(column, &text, |part| Cow::Owned(part.to_owned()), found);
            }
        }
    }

    /// Adds the domains of a text, of whose parts those are kept that are needed longer.
    fn add_list<'t>(
        &mut self,
        column: &ColumnPath<'a>,
        text: &'t str,
        kept: impl Fn(&'t str) -> Cow<'a, str>,
        found: &mut Validated<'a>,
    ) {
        if text.len() > LONGEST {
            found.problems.push(too_long(text).in_column(column));
            return;
        }
        let noted = found.changes.len() + found.problems.len();
        let bare = trim(text);
        let mut rest = Rest::default();
        for piece in domain::split(bare) {
            match domain::normalize(piece) {
                Ok(normalized) => {
                    rest.domains += 1;
                    rest.is_linked |= piece.contains("://") || piece.starts_with("www.");
                    self.add_one(column, piece, normalized, &kept, found);
                }
                Err(_) if is_placeholder(piece) => {
                    found.note("placeholder", column, kept(piece), Cow::Borrowed(""));
                }
                Err(_) if domain::is_joint(piece) => rest.joints.push(piece),
                Err(problem) => rest.wrong.push((piece, problem)),
            }
        }
        if !(rest.joints.is_empty() && rest.wrong.is_empty()) {
            self.add_rest(column, bare, rest, &kept, found);
        }
        // Padding is worth a note only where nothing else was done to the cell.
        if !bare.is_empty()
            && bare.len() < text.len()
            && noted == found.changes.len() + found.problems.len()
        {
            found.note("trimmed", column, kept(text), kept(bare));
        }
    }

    /// Finds out what the pieces of a cell are that are no domains: words that belong to it, or one
    /// problem of the whole cell.
    fn add_rest<'t>(
        &mut self,
        column: &ColumnPath<'a>,
        cell: &'t str,
        rest: Rest<'t>,
        kept: &impl Fn(&'t str) -> Cow<'a, str>,
        found: &mut Validated<'a>,
    ) {
        if rest.domains == 0 && says_no_domain(cell) {
            found.note("placeholder", column, kept(cell), Cow::Borrowed(""));
            return;
        }
        if rest.domains == 0
            && let Some(normalized) = with_dots(cell)
        {
            found.note("domain_repaired", column, kept(cell), normalized.clone());
            self.push(column, normalized, found);
            return;
        }
        // A label before a link or a domain: `Our page: https://acme.com`, `Web: acme.com`.
        let is_label = |(piece, _): &(&str, Problem)| {
            (rest.is_linked || piece.ends_with([':', '：']))
                && !piece.contains(['.', '@', '/', '#', '_'])
        };
        let are_labels = rest.wrong.iter().all(is_label);
        if rest.domains > 0 && (rest.wrong.is_empty() || are_labels) {
            let words = rest.wrong.iter().map(|(piece, _)| *piece);
            for word in rest.joints.iter().copied().chain(words) {
                found.note("domain_word_removed", column, kept(word), Cow::Borrowed(""));
            }
            return;
        }
        let problem = problem_of(cell, rest);
        found.problems.push(problem.in_column(column));
    }

    /// Adds the domain that a piece of text is, unless it is there.
    fn add_one<'t>(
        &mut self,
        column: &ColumnPath<'a>,
        piece: &'t str,
        normalized: Normalized<'t>,
        kept: &impl Fn(&'t str) -> Cow<'a, str>,
        found: &mut Validated<'a>,
    ) {
        let is_page = normalized.is_page(piece);
        let name = match normalized.name {
            Cow::Borrowed(name) => kept(name),
            Cow::Owned(name) => Cow::Owned(name),
        };
        if is_page || self.is_shared(piece, &name) {
            found.note("domain_of_platform", column, kept(piece), Cow::Borrowed(""));
            return;
        }
        if let Some(code) = normalized.change {
            found.note(code, column, kept(piece), name.clone());
            let warning = behind_slash(piece, &name).filter(|_| code != "domain_repaired");
            found.warnings.extend(warning.map(|w| w.in_column(column)));
        }
        if self.list.iter().any(|data| data.domain == name) {
            found.note("domain_repeated", column, kept(piece), Cow::Borrowed(""));
            return;
        }
        self.push(column, name, found);
    }

    /// Whether a URL names a page of a host of which other rows name other pages.
    fn is_shared(&self, piece: &str, name: &str) -> bool {
        let hosts = &self.rules.shared_hosts;
        !hosts.is_empty() && domain::has_path(piece) && hosts.contains(name)
    }

    fn push(&mut self, column: &ColumnPath<'a>, name: Cow<'a, str>, found: &mut Validated<'a>) {
        let warning = domain::warning(&name);
        found.warnings.extend(warning.map(|w| w.in_column(column)));
        self.list.push(DomainData {
            domain: name,
            state: self.state,
        });
    }
}

/// A web address with commas in place of its dots: `www,acme,com`.
fn with_dots<'a>(cell: &str) -> Option<Cow<'a, str>> {
    let is_address = ["www", "http"].iter().any(|start| {
        let begins = cell.get(..start.len());
        begins.is_some_and(|begins| begins.eq_ignore_ascii_case(start))
    });
    if !is_address || !cell.contains(',') || cell.contains(char::is_whitespace) {
        return None;
    }
    let dotted = cell.replace(',', ".");
    let found = domain::normalize(&dotted).ok()?;
    (!found.is_page(&dotted)).then(|| Cow::Owned(found.name.into_owned()))
}

/// The one problem of a cell with pieces that are no domains.
fn problem_of(cell: &str, rest: Rest<'_>) -> Problem {
    let others = rest.wrong.len().saturating_sub(1);
    let mut wrong = rest.wrong.into_iter();
    let (piece, mut problem) = match wrong.next() {
        Some(first) => first,
        None => (cell, no_domain(cell)),
    };
    let is_text = rest.domains == 0
        && others > 0
        && problem.code == "domain_invalid"
        && wrong.all(|(_, other)| other.code == "domain_invalid");
    if is_text {
        problem = no_domain(cell);
    } else if piece.len() < cell.len() {
        let more = match others {
            0 => String::new(),
            others => format!(", with {others} more like it"),
        };
        let cell = format!(" (the cell holds {}{more})", quoted(cell));
        problem.message.push_str(&cell);
    }
    problem
}

/// The problem of a cell that holds words and no domain.
fn no_domain(cell: &str) -> Problem {
    let message = format!(
        "{} is not a domain: expected a name such as acme.com, or several separated by ; or , or \
         spaces",
        quoted(cell)
    );
    Problem::new("domain_invalid", message)
}

/// The problem of a text that would take too long to be looked through.
fn too_long(text: &str) -> Problem {
    let message = format!(
        "{} has {} bytes; the maximum for a domain cell is {LONGEST}",
        quoted(text),
        text.len()
    );
    Problem::new("domain_invalid", message)
}

/// The warning of a page that is called like a domain, which may be meant.
fn behind_slash(piece: &str, name: &str) -> Option<Problem> {
    let other = domain::domain_after_slash(piece)?;
    let message = format!(
        "{} is read as a page of {name}: if {} is also a domain, separate them with ;",
        quoted(piece),
        quoted(other)
    );
    Some(Problem::new("domain_after_slash", message))
}

/// A domain in the list of an organization's domains that `WorkOS` gives, or another service.
struct ListedDomain {
    domain: String,
    is_verified: bool,
}

impl ListedDomain {
    fn of(raw: &RawValue) -> Option<Self> {
        const NAMES: &[&str] = &[
            "domain",
            "domain_name",
            "domainName",
            "name",
            "value",
            "host",
            "hostname",
        ];
        let object: Object = serde_json::from_str(raw.get()).ok()?;
        let text = |key: &str| serde_json::from_str::<String>(object.get(key)?.get()).ok();
        let state = text("state").or_else(|| text("status"));
        let says_verified = |state: &str| state.ends_with("verified") && state != "unverified";
        let verified = object.get("verified").map(|raw| raw.get());
        Some(Self {
            domain: NAMES.iter().find_map(|key| text(key))?,
            is_verified: verified == Some("true") || state.as_deref().is_some_and(says_verified),
        })
    }
}
