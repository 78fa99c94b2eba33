//! Simulated failures between a client and WorkOS.
//!
//! Whether a request fails depends only on the seed and on its number among the requests of its kind
//! ([`RequestKind`]). So the same requests in the same order have the same faults.

use super::random;
use axum::http::Method;
use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

/// A kind of failure, its probability, and which requests it affects.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fault {
    /// What happens.
    pub kind: FaultKind,
    /// How likely it is to happen to one request: 0 to 1.
    pub probability: f64,
    /// Which requests it affects. [`FaultKind::Refuse`] affects connections and ignores this.
    pub scope: FaultScope,
}

impl Fault {
    /// A fault of creations.
    pub const fn new(kind: FaultKind, probability: f64) -> Self {
        Self {
            kind,
            probability,
            scope: FaultScope::Creates,
        }
    }
}

/// What can fail. *Before* means that nothing was done; *after* that the request took effect, although
/// the client cannot know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// `refuse`: a new connection is reset before it is read. Affects connections, not requests.
    Refuse,
    /// `delay-before`: nothing happens for a while; then the request takes effect (even if the
    /// client has disconnected) and is answered.
    DelayBefore,
    /// `delay-after`, or `delay`: the request takes effect at once, the answer comes late.
    DelayAfter,
    /// `5xx-before`: 500, 502, 503 and 504 in turn, 502 and 504 as HTML; nothing took effect.
    ServerErrorBefore,
    /// `5xx-after`: the same answers, but the request took effect.
    ServerErrorAfter,
    /// `drop-before`: the connection closes without an answer (by a reset and by an orderly close
    /// in turn); nothing took effect.
    DropBefore,
    /// `drop-after`: the same, but the request took effect.
    DropAfter,
    /// `garbage`: the request took effect, and its answer has the right status and a body that
    /// cannot be read: cut JSON, HTML, nothing at all, and a body that breaks off, in turn.
    Garbage,
    /// `429`: refused as over the rate limit, with each form of `Retry-After` in turn: seconds,
    /// `0`, an HTTP date, none, and nonsense.
    TooManyRequests,
}

impl FaultKind {
    /// Every kind, in the order of this documentation.
    pub const ALL: [Self; 9] = [
        Self::Refuse,
        Self::DelayBefore,
        Self::DelayAfter,
        Self::ServerErrorBefore,
        Self::ServerErrorAfter,
        Self::DropBefore,
        Self::DropAfter,
        Self::Garbage,
        Self::TooManyRequests,
    ];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::DelayBefore => "delay-before",
            Self::DelayAfter => "delay-after",
            Self::ServerErrorBefore => "5xx-before",
            Self::ServerErrorAfter => "5xx-after",
            Self::DropBefore => "drop-before",
            Self::DropAfter => "drop-after",
            Self::Garbage => "garbage",
            Self::TooManyRequests => "429",
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which requests a fault affects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FaultScope {
    /// `POST /organizations`.
    #[default]
    Creates,
    /// `GET`.
    Reads,
    /// `PUT /organizations/{id}`, and every other write but creations and deletions of
    /// organizations.
    Updates,
    /// `DELETE /organizations/{id}`.
    Deletes,
    /// Every request.
    All,
}

impl FaultScope {
    /// Every scope, in the order of this documentation.
    pub const ALL: [Self; 5] = [
        Self::Creates,
        Self::Reads,
        Self::Updates,
        Self::Deletes,
        Self::All,
    ];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Creates => "creates",
            Self::Reads => "reads",
            Self::Updates => "updates",
            Self::Deletes => "deletes",
            Self::All => "all",
        }
    }

    fn covers(self, kind: RequestKind) -> bool {
        match self {
            Self::Creates => kind == RequestKind::Create,
            Self::Reads => kind == RequestKind::Read,
            Self::Updates => kind == RequestKind::Update,
            Self::Deletes => kind == RequestKind::Delete,
            Self::All => true,
        }
    }
}

/// An invalid fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseFaultError {
    /// Not the right form.
    #[error(
        "invalid fault {text:?}: expected KIND:PROBABILITY or SCOPE:KIND:PROBABILITY, for example \
         drop-after:0.05 or reads:5xx-before:0.1"
    )]
    Form {
        /// What was given.
        text: String,
    },
    /// No such kind.
    #[error("unknown fault {kind:?}: expected one of {}", known_kinds())]
    Kind {
        /// What was given.
        kind: String,
    },
    /// No such scope.
    #[error("unknown scope {scope:?}: expected one of {}", known_scopes())]
    Scope {
        /// What was given.
        scope: String,
    },
    /// Invalid probability.
    #[error("invalid probability {probability:?}: expected a number from 0 to 1")]
    Probability {
        /// What was given.
        probability: String,
    },
}

fn known_kinds() -> String {
    FaultKind::ALL.map(FaultKind::name).join(", ")
}

fn known_scopes() -> String {
    FaultScope::ALL.map(FaultScope::name).join(", ")
}

impl FromStr for Fault {
    type Err = ParseFaultError;

    /// Parses `KIND:PROBABILITY` or `SCOPE:KIND:PROBABILITY`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = text.split(':').map(str::trim).collect();
        let (scope, kind, probability) = match *parts.as_slice() {
            [kind, probability] => (FaultScope::Creates, kind, probability),
            [scope, kind, probability] => {
                let mut known = FaultScope::ALL.into_iter();
                let found = known.find(|known| known.name() == scope);
                let scope = found.ok_or_else(|| ParseFaultError::Scope {
                    scope: scope.to_owned(),
                })?;
                (scope, kind, probability)
            }
            _ => {
                return Err(ParseFaultError::Form {
                    text: text.to_owned(),
                });
            }
        };
        let kind = match kind {
            "delay" => FaultKind::DelayAfter,
            _ => FaultKind::ALL
                .into_iter()
                .find(|known| known.name() == kind)
                .ok_or_else(|| ParseFaultError::Kind {
                    kind: kind.to_owned(),
                })?,
        };
        let probability = probability
            .parse()
            .ok()
            .filter(|p| (0.0..=1.0).contains(p))
            .ok_or_else(|| ParseFaultError::Probability {
                probability: probability.to_owned(),
            })?;
        Ok(Self {
            kind,
            probability,
            scope,
        })
    }
}

/// The kinds of requests, each with faults of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RequestKind {
    Create,
    Read,
    Update,
    Delete,
}

impl RequestKind {
    const ALL: [Self; 4] = [Self::Create, Self::Read, Self::Update, Self::Delete];

    pub(super) fn of(method: &Method, path: &str) -> Self {
        match *method {
            Method::GET => Self::Read,
            Method::POST if path == "/organizations" => Self::Create,
            Method::DELETE if path.starts_with("/organizations/") => Self::Delete,
            _ => Self::Update,
        }
    }

    /// The scope that covers this kind only.
    const fn scope(self) -> FaultScope {
        match self {
            Self::Create => FaultScope::Creates,
            Self::Read => FaultScope::Reads,
            Self::Update => FaultScope::Updates,
            Self::Delete => FaultScope::Deletes,
        }
    }
}

/// The scope whose probabilities add up to more than 1, and their sum.
pub(super) fn overfull(faults: &[Fault]) -> Option<(&'static str, f64)> {
    RequestKind::ALL.into_iter().find_map(|kind| {
        let sum: f64 = faults
            .iter()
            .filter(|fault| fault.kind != FaultKind::Refuse && fault.scope.covers(kind))
            .map(|fault| fault.probability)
            .sum();
        (sum > 1.0 + 1e-9).then_some((kind.scope().name(), sum))
    })
}

/// A fault of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct InjectedFault {
    pub(super) kind: FaultKind,
    /// How many faults of this kind there were before: variants alternate by it.
    pub(super) count: u64,
}

/// Decides which requests fail.
#[derive(Debug)]
pub(super) struct Faults {
    kinds: Vec<Fault>,
    refusal: f64,
    seed: u64,
    requests: [AtomicU64; RequestKind::ALL.len()],
    connections: AtomicU64,
    counts: [AtomicU64; FaultKind::ALL.len()],
}

impl Faults {
    pub(super) fn new(faults: &[Fault], seed: u64) -> Self {
        let (refusals, faults): (Vec<Fault>, Vec<Fault>) = faults
            .iter()
            .partition(|fault| fault.kind == FaultKind::Refuse);
        Self {
            kinds: faults,
            refusal: refusals.iter().map(|fault| fault.probability).sum(),
            seed,
            requests: [const { AtomicU64::new(0) }; RequestKind::ALL.len()],
            connections: AtomicU64::new(0),
            counts: [const { AtomicU64::new(0) }; FaultKind::ALL.len()],
        }
    }

    /// Whether a new connection is refused.
    pub(super) fn refuses_connection(&self) -> bool {
        if self.refusal == 0.0 {
            return false;
        }
        let number = self.connections.fetch_add(1, Ordering::Relaxed);
        let stream = RequestKind::ALL.len() as u64;
        random::fraction(random::number(self.seed, stream), number) < self.refusal
    }

    /// The fault of a request, if any.
    pub(super) fn inject(&self, kind: RequestKind) -> Option<InjectedFault> {
        if self.kinds.is_empty() {
            return None;
        }
        let counter = self.requests.get(kind as usize)?;
        let number = counter.fetch_add(1, Ordering::Relaxed);
        let mut drawn = random::fraction(random::number(self.seed, kind as u64), number);
        let fault = self.kinds.iter().find(|fault| {
            if !fault.scope.covers(kind) {
                return false;
            }
            drawn -= fault.probability;
            drawn < 0.0
        })?;
        let count = self
            .counts
            .get(fault.kind as usize)
            .map_or(0, |count| count.fetch_add(1, Ordering::Relaxed));
        Some(InjectedFault {
            kind: fault.kind,
            count,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_parsed_by_its_name() {
        for kind in FaultKind::ALL {
            assert_eq!(format!("{kind}:0.5").parse(), Ok(Fault::new(kind, 0.5)));
        }
        assert_eq!(
            "reads:delay:1".parse(),
            Ok(Fault {
                kind: FaultKind::DelayAfter,
                probability: 1.0,
                scope: FaultScope::Reads,
            })
        );
    }

    #[test]
    fn an_unknown_fault_names_the_known_ones() {
        let message = "fire:1".parse::<Fault>().unwrap_err().to_string();
        assert!(message.contains("drop-after"), "{message}");
        for wrong in [
            "",
            "drop-after",
            "drop-after:2",
            "drop-after:often",
            "x:429:1",
            "a:b:c:1",
        ] {
            assert!(wrong.parse::<Fault>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_same_seed_affects_the_same_requests() {
        let kinds = [
            Fault::new(FaultKind::DropAfter, 0.2),
            Fault::new(FaultKind::Garbage, 0.1),
        ];
        let injected = |seed| {
            let faults = Faults::new(&kinds, seed);
            (0..1_000)
                .map(|_| faults.inject(RequestKind::Create).map(|fault| fault.kind))
                .collect::<Vec<_>>()
        };
        assert_eq!(injected(1), injected(1));
        assert_ne!(injected(1), injected(2));
        let count = |kind| injected(1).iter().filter(|it| **it == Some(kind)).count();
        assert!((150..250).contains(&count(FaultKind::DropAfter)));
        assert!((60..140).contains(&count(FaultKind::Garbage)));
    }

    #[test]
    fn a_scope_covers_its_requests_only() {
        let kinds = [
            (Method::POST, "/organizations"),
            (Method::GET, "/organizations/org_1"),
            (Method::PUT, "/organizations/org_1"),
            (Method::DELETE, "/organizations/org_1"),
            (Method::POST, "/organization_domains"),
            (Method::DELETE, "/organization_domains/org_domain_1"),
        ]
        .map(|(method, path)| RequestKind::of(&method, path));
        let covered = |scope: FaultScope| {
            let fault: Fault = format!("{}:drop-after:1", scope.name()).parse().unwrap();
            let faults = Faults::new(&[fault], 0);
            kinds.map(|kind| faults.inject(kind).is_some())
        };
        for (scope, expected) in FaultScope::ALL.into_iter().zip([
            [true, false, false, false, false, false],
            [false, true, false, false, false, false],
            [false, false, true, false, true, true],
            [false, false, false, true, false, false],
            [true; 6],
        ]) {
            assert_eq!(covered(scope), expected, "{scope:?}");
        }
    }
}
