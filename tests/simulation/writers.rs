//! Who changes organizations: the program, whose changes are watched, and the customer's own
//! application, of which nothing may be lost.

use crate::server::{State, Stored};
use bytes::Bytes;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::Instant;
use workos_orgs::organization::Content;
use workos_orgs::workos::Organization;

/// What the program is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Phase {
    #[default]
    Import,
    Sync,
    Undo,
}

/// What is watched of the program's requests.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    pub(crate) phase: Phase,
    /// Counts the commands.
    pub(crate) run: u64,
    pub(crate) journal: PathBuf,
    /// The first thing that must not happen.
    pub(crate) violation: Option<String>,
    /// How many changes were asked for.
    pub(crate) changes: u64,
    /// How many single organizations were read.
    pub(crate) reads: u64,
    /// The environment as it would be without the program: contents and states of domains.
    pub(crate) shadow: BTreeMap<String, (Content, BTreeMap<String, String>)>,
}

impl Watch {
    /// Whether the journal says that an organization held this before a change.
    fn has_recorded(&self, id: &str, content: &Content) -> bool {
        let journal = std::fs::read_to_string(&self.journal).unwrap_or_default();
        let events = journal.lines();
        let events = events.filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let mut events = events.filter(|event| event["dispatched"].is_object());
        events.any(|event| {
            let mut rows = event["dispatched"]["rows"].as_array().into_iter().flatten();
            rows.any(|row| {
                let update = &row["update"];
                let before = serde_json::from_value::<Content>(update["before"].clone());
                update["organization_id"] == *id && before.ok().as_ref() == Some(content)
            })
        })
    }
}

/// What is remembered of an organization.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marks {
    pub(crate) in_use: bool,
    /// From when on it is gone.
    pub(crate) gone_at: Option<Instant>,
    /// When the program last read it alone.
    pub(crate) read_at: Option<Instant>,
    /// When the application last changed it.
    pub(crate) others_at: Option<Instant>,
    /// The command that has last changed it.
    changed_in: Option<u64>,
    /// What it was when the program last listed it, or made of it since.
    expected: Option<Content>,
    /// What the program has last made of it.
    left: Option<Content>,
    /// The program has changed it just when the application did.
    pub(crate) is_raced: bool,
    /// The application has changed it after the program did.
    pub(crate) is_disputed: bool,
}

/// How long the program cannot know of a change: from its last look to its own request.
const BLIND: Duration = Duration::from_millis(2_500);

impl Marks {
    pub(crate) fn of_new(organization: &Organization, by_program: bool) -> Self {
        Self {
            left: by_program.then(|| organization.content()),
            ..Self::default()
        }
    }

    pub(crate) fn shown(&mut self, organization: &Organization) {
        self.expected = Some(organization.content());
    }

    pub(crate) fn read(&mut self, organization: &Organization) {
        self.read_at = Some(Instant::now());
        self.expected.get_or_insert_with(|| organization.content());
    }

    /// Whether the program cannot have seen the last change of the application.
    pub(crate) fn is_blind(&self) -> bool {
        self.others_at
            .is_some_and(|at| at.elapsed() < BLIND || self.read_at.is_none_or(|read| read <= at))
    }
}

/// What the application does to an organization.
#[derive(Clone, Debug)]
pub(crate) enum Other {
    Create(Value),
    Rename(u64),
    SetPlan(u64),
    SetKey(u64),
    AddDomain(u64),
    /// The first domain becomes verified.
    Verify,
    /// Somebody becomes a member.
    Use,
    Delete,
}

/// The states of the domains in the body of a creation.
pub(crate) fn states_of(body: &Bytes) -> BTreeMap<String, String> {
    let body: Value = serde_json::from_slice(body).unwrap();
    let domains = body["domain_data"].as_array().into_iter().flatten();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    domains
        .map(|data| (text(&data["domain"]), text(&data["state"])))
        .filter(|(_, state)| state != "pending")
        .collect()
}

impl Stored {
    /// The organization with the JSON of which it is read.
    pub(crate) fn shown(&self) -> Organization {
        let id = &self.organization.id;
        let domains = self.organization.domains.iter().flatten().map(|domain| {
            let state = self.states.get(domain).map_or("pending", String::as_str);
            json!({"id": format!("{id} {domain}"), "domain": domain, "state": state})
        });
        let json = json!({"id": id, "domains": domains.collect::<Vec<_>>()});
        Organization {
            json: Some(json.to_string().into()),
            ..self.organization.clone()
        }
    }

    pub(crate) fn content(&self) -> Content {
        self.organization.content()
    }

    /// Does what the application does, to it and to its shadow.
    fn write(&mut self, other: &Other) {
        let domains = self.organization.domains.get_or_insert_default();
        let metadata = self.organization.metadata.get_or_insert_default();
        match other {
            Other::Rename(n) => self.organization.name = format!("By hand {n}"),
            Other::SetPlan(n) => drop(metadata.insert("plan".to_owned(), format!("by hand {n}"))),
            Other::SetKey(n) => drop(metadata.insert(format!("app{}", n % 3), format!("{n}"))),
            Other::AddDomain(n) => domains.push(format!("by-hand-{n}.org")),
            Other::Verify => {
                if let Some(first) = domains.first() {
                    self.states.insert(first.clone(), "verified".to_owned());
                }
            }
            Other::Use => self.marks.in_use = true,
            Other::Create(_) | Other::Delete => {}
        }
    }
}

impl State {
    /// Remembers what an organization would be without the program.
    pub(crate) fn keep_shadow(&mut self, at: usize) {
        let stored = &self.organizations[at];
        let shadow = (stored.content(), stored.states.clone());
        self.watch
            .shadow
            .insert(stored.organization.id.clone(), shadow);
    }

    /// The application does something to one of the organizations.
    pub(crate) fn write(&mut self, other: &Other, pick: u64) {
        if let Other::Create(body) = other {
            return self.put(body);
        }
        if self.organizations.is_empty() {
            return;
        }
        let at = usize::try_from(pick).unwrap() % self.organizations.len();
        if self.organizations[at].marks.gone_at.is_some() {
            return;
        }
        let id = self.organizations[at].organization.id.clone();
        self.trace
            .fault("application: changes", format!("{id} {other:?}"));
        if matches!(other, Other::Delete) {
            self.organizations.remove(at);
            self.watch.shadow.remove(&id);
            return;
        }
        let stored = &mut self.organizations[at];
        let now = stored.clone();
        stored.write(other);
        if stored.content() != now.content() {
            stored.marks.others_at = Some(Instant::now());
        }
        stored.marks.is_disputed |= stored.marks.left.is_some();
        // The shadow has what the program has not touched.
        if let Some((content, states)) = self.watch.shadow.get_mut(&id) {
            let mut shadow = Stored {
                states: states.clone(),
                ..now
            };
            shadow.organization.name.clone_from(&content.name);
            shadow.organization.metadata = Some(content.metadata.clone());
            shadow.organization.domains = Some(content.domains.iter().cloned().collect());
            shadow
                .organization
                .external_id
                .clone_from(&content.external_id);
            let domains = self.organizations[at].organization.domains.clone();
            match other {
                // What is verified is the first domain that is there.
                Other::Verify => {
                    let first = domains.into_iter().flatten().next();
                    if let Some(first) = first.filter(|it| content.domains.contains(it)) {
                        shadow.states.insert(first, "verified".to_owned());
                    }
                }
                other => shadow.write(other),
            }
            *content = shadow.content();
            *states = shadow.states;
        }
    }

    /// Whether the program is in the middle of a change of several requests.
    pub(crate) fn is_changing(&self, at: usize) -> bool {
        self.organizations[at].marks.changed_in == Some(self.watch.run)
    }

    /// The program is about to change an organization: whether it may.
    pub(crate) fn guard(&mut self, at: usize, what: &str, is_first_of_change: bool) {
        if self.is_late {
            return;
        }
        let phase = self.watch.phase;
        let stored = &self.organizations[at];
        let (current, marks) = (stored.content(), &stored.marks);
        let id = stored.organization.id.clone();
        let is_blind = marks.is_blind();
        let expected = match phase {
            Phase::Undo => &marks.left,
            Phase::Import | Phase::Sync => &marks.expected,
        };
        let mut is_as_expected = expected.as_ref() == Some(&current);
        if phase == Phase::Undo && !is_as_expected {
            // A sync has seen the change, and was cut off before it sent its own.
            is_as_expected = self.watch.has_recorded(&id, &current);
        }
        let mut wrong = None;
        if phase == Phase::Import {
            wrong = Some("an import changes an organization".to_owned());
        }
        if what == "delete" {
            if phase != Phase::Undo {
                wrong = Some("deleted by another command than undo".to_owned());
            } else if !stored.by_program {
                wrong = Some("undo deletes what no run has created".to_owned());
            } else if marks.in_use && !is_blind {
                wrong = Some("undo deletes what is in use".to_owned());
            }
        }
        if is_first_of_change && !is_as_expected && !is_blind {
            wrong = Some(format!(
                "{phase:?} {what}: the application has changed it: {current:?}, expected {expected:?}"
            ));
        }
        if what != "delete" && phase != Phase::Undo {
            let journal = std::fs::read_to_string(&self.watch.journal).unwrap_or_default();
            if !journal.contains(&format!("\"update\":{{\"organization_id\":\"{id}\"")) {
                wrong = Some(format!("{what}: what it held is not in the journal"));
            }
        }
        let is_raced = !is_as_expected && is_blind;
        if let Some(wrong) = wrong {
            self.watch.violation.get_or_insert(format!("{id}: {wrong}"));
        }
        self.organizations[at].marks.is_raced |= is_raced;
    }

    /// The program has changed an organization.
    pub(crate) fn changed(&mut self, at: usize) {
        let stored = &mut self.organizations[at];
        let content = stored.content();
        stored.marks.changed_in = Some(self.watch.run);
        stored.marks.expected = Some(content.clone());
        stored.marks.left = Some(content);
    }
}
