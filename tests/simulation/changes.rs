//! The requests that change and delete organizations, and how they go wrong.

use crate::server::{Client, State, TIMEOUT, lost};
use crate::writers::{Marks, states_of};
use bytes::Bytes;
use serde_json::Value;
use std::fmt;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use workos_orgs::workos::{Answer, Dependent, Failure, Organization, OrganizationChanges, Refusal};

/// What happens to a change.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Fine,
    NotReached,
    LostBefore,
    LostAfter,
    TimeoutBefore,
    TimeoutAfter,
    StatusBefore(u16),
    StatusAfter(u16),
    /// Its answer is lost at once, and it is acted on so long after it arrived.
    StatusLate(Duration),
    /// The same, and the client gives up after 30 s.
    TimeoutLate(Duration),
    RateLimited(Option<u64>),
    LockTimeout,
    Blocked,
    Refused,
}

/// What a change does to the organization at a place.
type Act = Box<dyn FnOnce(&mut State, usize) + Send>;

/// A change that is acted on after its answer was lost.
pub(crate) struct LateChange {
    pub(crate) commit_at: Instant,
    sent_at: Instant,
    /// Whether the program did not know then what the application had done.
    is_blind: bool,
    id: String,
    change: Act,
}

impl fmt::Debug for LateChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a change of {} at {:?}", self.id, self.commit_at)
    }
}

impl LateChange {
    /// Whatever the application has done meanwhile is lost, and the program cannot help it.
    pub(crate) fn commit(self, state: &mut State) {
        let Some(at) = state.position(&self.id) else {
            return;
        };
        state.trace.say(format!("  late: {}", self.id));
        let marks = &mut state.organizations[at].marks;
        let is_changed = marks.others_at.is_some_and(|others| others >= self.sent_at);
        marks.is_raced |= is_changed || self.is_blind;
        state.is_late = true;
        (self.change)(state, at);
        state.is_late = false;
    }
}

impl Fate {
    fn of(state: &mut State) -> Self {
        if !state.random.percent(state.weather.change_faults) {
            return Self::Fine;
        }
        match state.random.below(16) {
            0 => Self::NotReached,
            1 | 2 => Self::LostBefore,
            3..=5 => Self::LostAfter,
            6 => Self::TimeoutBefore,
            7 => Self::TimeoutAfter,
            8 => Self::StatusBefore(*state.random.pick(&[500, 502, 503, 504])),
            9 => Self::StatusAfter(*state.random.pick(&[500, 502, 503, 504, 524])),
            10 => Self::RateLimited(*state.random.pick(&[None, Some(0), Some(2), Some(30)])),
            11 => Self::LockTimeout,
            12 => Self::Blocked,
            13 => Self::StatusLate(Duration::from_millis(state.random.between(500, 25_000))),
            14 => Self::TimeoutLate(Duration::from_millis(state.random.between(30_000, 55_000))),
            _ => Self::Refused,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Fine => "change: fine",
            Self::NotReached => "change: not reached",
            Self::LostBefore => "change: lost before commit",
            Self::LostAfter => "change: lost after commit",
            Self::TimeoutBefore => "change: timeout, never acted on",
            Self::TimeoutAfter => "change: timeout, committed",
            Self::StatusBefore(_) => "change: 5xx before commit",
            Self::StatusAfter(_) => "change: 5xx after commit",
            Self::StatusLate(_) => "change: 504, committed later",
            Self::TimeoutLate(_) => "change: timeout, committed later",
            Self::RateLimited(_) => "change: 429",
            Self::LockTimeout => "change: lock_timeout",
            Self::Blocked => "change: 403 of a firewall",
            Self::Refused => "change: 422",
        }
    }

    /// How it fails before anything is changed.
    fn before(self, state: &mut State) -> Option<Failure> {
        Some(match self {
            Self::NotReached => Failure::NotSent {
                detail: "connection refused".to_owned(),
            },
            Self::LostBefore => lost(false),
            Self::TimeoutBefore | Self::TimeoutLate(_) => lost(true),
            Self::StatusBefore(status) => state.refusal(status, None, Some(1)),
            Self::StatusLate(_) => state.refusal(504, None, None),
            Self::RateLimited(wait) => state.refusal(429, None, wait),
            Self::LockTimeout => state.refusal(409, Some("lock_timeout"), None),
            Self::Refused => state.refusal(422, None, None),
            Self::Blocked => {
                let body = b"<html><title>Blocked</title></html>";
                Failure::Refused(Box::new(Refusal::from_body(403, body)))
            }
            _ => return None,
        })
    }

    /// How its answer is lost after that.
    fn after(self, state: &mut State) -> Option<Failure> {
        Some(match self {
            Self::LostAfter => lost(false),
            Self::TimeoutAfter => lost(true),
            Self::StatusAfter(status) => state.refusal(status, None, None),
            _ => return None,
        })
    }
}

impl Client {
    /// Changes an organization. The client may die before and after that.
    async fn change<T>(
        &self,
        id: &str,
        what: &str,
        change: impl FnOnce(&mut State, usize) -> Result<T, Failure> + Send + 'static,
    ) -> Result<Answer<T>, Failure> {
        self.stop_if_dead().await;
        let (there, back, fate) = {
            let mut state = self.server.state();
            state.watch.changes += 1;
            let there = Duration::from_millis(state.random.between(5, 300));
            let back = Duration::from_millis(state.random.between(5, 300));
            (there, back, Fate::of(&mut state))
        };
        sleep(there).await;
        let result = {
            let mut state = self.server.state();
            if self.has_wrong_key {
                return Err(state.refusal(401, None, None));
            }
            let trace = state.trace.clone();
            if fate == Fate::Fine {
                trace.say(format!("  {what} {id}"));
            } else {
                trace.fault(fate.name(), format!("{what} {id} {fate:?}"));
            }
            if let Some(failure) = fate.before(&mut state) {
                if let Fate::StatusLate(after) | Fate::TimeoutLate(after) = fate {
                    let now = Instant::now();
                    let at = state.position(id);
                    let marks = at.map(|at| &state.organizations[at].marks);
                    let is_blind = marks.is_some_and(Marks::is_blind);
                    state.late_changes.push(LateChange {
                        commit_at: now + after,
                        sent_at: now,
                        is_blind,
                        id: id.to_owned(),
                        change: Box::new(|state, at| drop(change(state, at))),
                    });
                }
                Err(failure)
            } else {
                match state.position(id) {
                    Some(at) => change(&mut state, at),
                    None => Err(state.refusal(404, None, None)),
                }
            }
        };
        let is_timeout = matches!(
            fate,
            Fate::TimeoutBefore | Fate::TimeoutAfter | Fate::TimeoutLate(_)
        );
        sleep(if is_timeout { TIMEOUT } else { back }).await;
        let mut state = self.server.state();
        if let Some(failure) = fate.after(&mut state) {
            return Err(failure);
        }
        result.map(|value| state.answer(value))
    }
}

impl OrganizationChanges for Client {
    async fn update(&self, id: &str, body: Bytes) -> Result<Answer<Organization>, Failure> {
        let what = format!("PUT {}", body.escape_ascii());
        self.change(id, &what, move |state, at| {
            state.guard(at, "PUT", true);
            put(state, at, &body)?;
            state.changed(at);
            Ok(state.organizations[at].shown())
        })
        .await
    }

    async fn delete(&self, id: &str) -> Result<Answer<bool>, Failure> {
        let deleted = self.change(id, "DELETE", move |state, at| {
            state.guard(at, "delete", true);
            // 202: it is gone some time later.
            let later = match state.random.below(6) {
                _ if state.weather.change_faults == 0 => 0,
                0 => state.random.below(6_000),
                1 => state.random.below(200_000),
                _ => 0,
            };
            if later > 0 {
                state.trace.fault("delete: 202", format!("{later} ms"));
            }
            let gone_at = Instant::now() + Duration::from_millis(later);
            state.organizations[at].marks.gone_at = Some(gone_at);
            Ok(true)
        });
        match deleted.await {
            Err(Failure::Refused(refusal)) if refusal.http_status == 404 => {
                Ok(self.server.state().answer(false))
            }
            other => other,
        }
    }

    async fn add_domain(&self, id: &str, domain: &str) -> Result<Answer<()>, Failure> {
        let what = format!("POST domain {domain}");
        let domain = domain.to_owned();
        self.change(id, &what, move |state, at| {
            let is_first = !state.is_changing(at);
            state.guard(at, "add domain", is_first);
            if state.weather.unique_domains && state.is_domain_taken(at, &domain) {
                return Err(state.refusal(409, Some("domain_already_exists"), None));
            }
            let organization = &mut state.organizations[at].organization;
            let domains = organization.domains.get_or_insert_default();
            if domains.contains(&domain) {
                return Err(state.refusal(409, Some("domain_already_exists"), None));
            }
            domains.push(domain.clone());
            state.organizations[at].states.remove(&domain);
            state.changed(at);
            Ok(())
        })
        .await
    }

    async fn remove_domain(&self, domain_id: &str) -> Result<Answer<bool>, Failure> {
        let (id, domain) = domain_id.split_once(' ').unwrap();
        let what = format!("DELETE domain {domain}");
        let domain = domain.to_owned();
        self.change(id, &what, move |state, at| {
            let is_first = !state.is_changing(at);
            state.guard(at, "remove domain", is_first);
            let domains = &mut state.organizations[at].organization.domains;
            domains.get_or_insert_default().retain(|it| *it != domain);
            state.organizations[at].states.remove(&domain);
            state.changed(at);
            Ok(true)
        })
        .await
    }

    async fn has_dependents(&self, id: &str, kind: Dependent) -> Result<Answer<bool>, Failure> {
        self.read(|state| {
            let mut all = state.organizations.iter();
            let found = all.find(|stored| stored.organization.id == id);
            kind == Dependent::Membership && found.is_some_and(|stored| stored.marks.in_use)
        })
        .await
    }
}

impl State {
    /// Where an organization is that is not on its way to be deleted.
    fn position(&self, id: &str) -> Option<usize> {
        let mut all = self.organizations.iter();
        all.position(|stored| stored.organization.id == id && stored.marks.gone_at.is_none())
    }

    fn is_domain_taken(&self, at: usize, domain: &str) -> bool {
        let others = self.organizations.iter().enumerate();
        let mut others = others.filter(|(other, _)| *other != at);
        others.any(|(_, stored)| {
            let mut domains = stored.organization.domains.iter().flatten();
            domains.any(|it| it == domain)
        })
    }
}

/// What a `PUT` does.
fn put(state: &mut State, at: usize, body: &Bytes) -> Result<(), Failure> {
    let sent: Value = serde_json::from_slice(body).unwrap();
    let external_id = sent
        .get("external_id")
        .map(|id| id.as_str().map(str::to_owned));
    if let Some(Some(id)) = &external_id {
        let mut others = state.organizations.iter().enumerate();
        let is_taken = others.any(|(other, stored)| {
            other != at && stored.organization.external_id.as_ref() == Some(id)
        });
        if is_taken {
            return Err(state.refusal(400, Some("external_id_already_used"), None));
        }
    }
    let domains = sent["domain_data"].as_array().map(|domains| {
        let names = domains
            .iter()
            .map(|it| it["domain"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    });
    if state.weather.unique_domains {
        let mut domains = domains.iter().flatten();
        if domains.any(|domain| state.is_domain_taken(at, domain)) {
            return Err(state.refusal(409, None, None));
        }
    }
    let mut foreign = Vec::new();
    let stored = &mut state.organizations[at];
    if let Some(name) = sent["name"].as_str() {
        name.clone_into(&mut stored.organization.name);
    }
    if let Some(id) = external_id {
        stored.organization.external_id = id;
    }
    let metadata = stored.organization.metadata.get_or_insert_default();
    for (key, value) in sent["metadata"].as_object().into_iter().flatten() {
        if key != "plan" {
            foreign.push(key.clone());
        }
        match value.as_str() {
            Some(value) => metadata.insert(key.clone(), value.to_owned()),
            None => metadata.remove(key),
        };
    }
    if let Some(domains) = domains {
        stored.organization.domains = Some(domains);
        stored.states = states_of(body);
    }
    if let Some(key) = foreign.first() {
        let id = &stored.organization.id;
        let violation = format!("{id}: a PUT has the key {key}, which no list has");
        state.watch.violation.get_or_insert(violation);
    }
    Ok(())
}
