//! The requests that change and delete organizations, and how they go wrong.

use crate::server::{Client, State, TIMEOUT, lost};
use crate::writers::states_of;
use bytes::Bytes;
use serde_json::Value;
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
    RateLimited(Option<u64>),
    LockTimeout,
    Blocked,
    Refused,
}

impl Fate {
    fn of(state: &mut State) -> Self {
        if !state.random.percent(state.weather.change_faults) {
            return Self::Fine;
        }
        match state.random.below(14) {
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
            Self::TimeoutBefore => lost(true),
            Self::StatusBefore(status) => state.refusal(status, None, Some(1)),
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
        change: impl FnOnce(&mut State, usize) -> Result<T, Failure>,
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
                Err(failure)
            } else {
                let mut all = state.organizations.iter();
                let at = all.position(|stored| {
                    stored.organization.id == id && stored.marks.gone_at.is_none()
                });
                match at {
                    Some(at) => change(&mut state, at),
                    None => Err(state.refusal(404, None, None)),
                }
            }
        };
        let is_late = matches!(fate, Fate::TimeoutBefore | Fate::TimeoutAfter);
        sleep(if is_late { TIMEOUT } else { back }).await;
        let mut state = self.server.state();
        if let Some(failure) = fate.after(&mut state) {
            return Err(failure);
        }
        result.map(|value| state.answer(value))
    }
}

impl OrganizationChanges for Client {
    async fn update(&self, id: &str, body: Bytes) -> Result<Answer<Organization>, Failure> {
        self.change(id, &format!("PUT {}", body.escape_ascii()), |state, at| {
            state.guard(at, "PUT", true);
            put(state, at, &body)?;
            state.changed(at);
            Ok(state.organizations[at].shown())
        })
        .await
    }

    async fn delete(&self, id: &str) -> Result<Answer<bool>, Failure> {
        let deleted = self.change(id, "DELETE", |state, at| {
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
        self.change(id, &format!("POST domain {domain}"), |state, at| {
            let is_first = !state.is_changing(at);
            state.guard(at, "add domain", is_first);
            if state.weather.unique_domains && state.is_domain_taken(at, domain) {
                return Err(state.refusal(409, Some("domain_already_exists"), None));
            }
            let organization = &mut state.organizations[at].organization;
            let domains = organization.domains.get_or_insert_default();
            if domains.iter().any(|it| it == domain) {
                return Err(state.refusal(409, Some("domain_already_exists"), None));
            }
            domains.push(domain.to_owned());
            state.organizations[at].states.remove(domain);
            state.changed(at);
            Ok(())
        })
        .await
    }

    async fn remove_domain(&self, domain_id: &str) -> Result<Answer<bool>, Failure> {
        let (id, domain) = domain_id.split_once(' ').unwrap();
        self.change(id, &format!("DELETE domain {domain}"), |state, at| {
            let is_first = !state.is_changing(at);
            state.guard(at, "remove domain", is_first);
            let domains = &mut state.organizations[at].organization.domains;
            domains.get_or_insert_default().retain(|it| it != domain);
            state.organizations[at].states.remove(domain);
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
