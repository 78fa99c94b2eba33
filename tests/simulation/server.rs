//! A WorkOS that loses answers, commits late, lists late and has clocks of its own.

use crate::changes::LateChange;
use crate::random::Random;
use crate::trace::Trace;
use crate::writers::{Marks, Watch, states_of};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use workos_orgs::workos::{
    Answer, Cursors, DetailsApi, Failure, ListQuery, Lost, Order, Organization,
    OrganizationDetails, OrganizationsApi, Page, Refusal,
};

/// How the server behaves in a story.
#[derive(Clone, Debug)]
pub(crate) struct Weather {
    /// Of a hundred creations, how many go wrong.
    pub(crate) post_faults: u64,
    /// Of a hundred reads, how many go wrong.
    pub(crate) read_faults: u64,
    /// Of a hundred changes and deletions, how many go wrong.
    pub(crate) change_faults: u64,
    /// How long after its creation an organization is listed at the latest. Shorter than the
    /// pause after which the program trusts a search that finds nothing: a longer lag can make
    /// duplicates of rows without external id, as the docs say.
    pub(crate) lag: Duration,
    /// How far the server's clock is from this machine's.
    pub(crate) skew: SignedDuration,
    pub(crate) unique_domains: bool,
    /// Whether times of creation are cut to the second.
    pub(crate) whole_seconds: bool,
    pub(crate) has_date: bool,
}

/// An organization on the server.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) organization: Organization,
    pub(crate) by_program: bool,
    pub(crate) listed_at: Instant,
    /// The states of its domains; where there is none, it is pending.
    pub(crate) states: BTreeMap<String, String>,
    pub(crate) marks: Marks,
}

/// A creation that the server has received.
#[derive(Debug)]
struct Post {
    body: Bytes,
    commit_at: Instant,
    created_at: Timestamp,
    result: Option<Result<Organization, Failure>>,
    is_void: bool,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) weather: Weather,
    pub(crate) organizations: Vec<Stored>,
    pub(crate) posts: u64,
    pub(crate) watch: Watch,
    /// Names of rows that a firewall refuses.
    pub(crate) blocked: BTreeSet<String>,
    received: Vec<Post>,
    pub(crate) late_changes: Vec<LateChange>,
    /// Whether one of them is acted on.
    pub(crate) is_late: bool,
    /// How many organizations were ever created.
    made: u64,
    pub(crate) random: Random,
    started: Instant,
    pub(crate) trace: Trace,
}

/// The server.
#[derive(Clone, Debug)]
pub(crate) struct Server(Arc<Mutex<State>>);

/// The connection of one process.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) server: Server,
    is_dead: Arc<AtomicBool>,
    pub(crate) has_wrong_key: bool,
}

/// What happens to a creation.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Fine,
    NotReached,
    /// Never arrives, and no answer comes.
    LostBefore,
    LostAfter,
    TimeoutBefore,
    /// Is acted on so long after it arrived; the client gives up after 30 s.
    TimeoutLate(Duration),
    StatusBefore(u16),
    StatusAfter(u16),
    StatusLate(u16, Duration),
    RateLimited(Option<u64>),
    Blocked,
    LockTimeout,
    Refused,
}

/// What the server's clock shows at the start of a story, but for its skew.
fn epoch() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

/// How long after it was sent a creation may still be acted on, whether its client has given up,
/// or has died, or not.
const LATEST: Duration = Duration::from_secs(55);

/// After how long the client gives up.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);

impl Server {
    pub(crate) fn new(weather: Weather, random: Random, trace: Trace) -> Self {
        Self(Arc::new(Mutex::new(State {
            weather,
            organizations: Vec::new(),
            posts: 0,
            watch: Watch::default(),
            blocked: BTreeSet::new(),
            received: Vec::new(),
            late_changes: Vec::new(),
            is_late: false,
            made: 0,
            random,
            started: Instant::now(),
            trace,
        })))
    }

    pub(crate) fn client(&self, is_dead: Arc<AtomicBool>, has_wrong_key: bool) -> Client {
        Client {
            server: self.clone(),
            is_dead,
            has_wrong_key,
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.0.lock().unwrap();
        state.settle();
        state
    }

    /// From now on nothing goes wrong.
    pub(crate) fn calm(&self) {
        let mut state = self.state();
        state.weather.post_faults = 0;
        state.weather.read_faults = 0;
        state.weather.change_faults = 0;
        state.blocked.clear();
    }
}

impl State {
    /// This moment as one of the servers sees it: they differ by up to 0.2 s.
    fn now(&mut self) -> Timestamp {
        let differs = SignedDuration::from_millis(i64::try_from(self.random.below(200)).unwrap());
        epoch() + self.started.elapsed() + self.weather.skew - differs
    }

    pub(crate) fn answer<T>(&mut self, value: T) -> Answer<T> {
        Answer {
            value,
            request_id: Some("req_1".to_owned()),
            date: self.date(),
            rest: None,
        }
    }

    fn date(&mut self) -> Option<Timestamp> {
        let date = Timestamp::from_second(self.now().as_second()).unwrap();
        Some(date).filter(|_| self.weather.has_date)
    }

    fn created_at(&mut self) -> Timestamp {
        let now = self.now();
        if self.weather.whole_seconds {
            Timestamp::from_second(now.as_second()).unwrap()
        } else {
            Timestamp::from_millisecond(now.as_millisecond()).unwrap()
        }
    }

    /// Acts on everything whose time has come.
    fn settle(&mut self) {
        let now = Instant::now();
        let mut changes = std::mem::take(&mut self.late_changes);
        changes.sort_by_key(|change| change.commit_at);
        for change in changes {
            if change.commit_at <= now {
                change.commit(self);
            } else {
                self.late_changes.push(change);
            }
        }
        self.organizations
            .retain(|stored| stored.marks.gone_at.is_none_or(|at| at > now));
        let mut due: Vec<usize> = (0..self.received.len())
            .filter(|at| {
                let post = &self.received[*at];
                post.result.is_none() && !post.is_void && post.commit_at <= now
            })
            .collect();
        due.sort_by_key(|at| self.received[*at].commit_at);
        for at in due {
            let (body, created_at) = {
                let post = &self.received[at];
                (post.body.clone(), post.created_at)
            };
            let when = self.received[at].commit_at;
            let result = self.commit(&body, created_at, when, true);
            self.received[at].result = Some(result);
        }
    }

    fn commit(
        &mut self,
        body: &Bytes,
        created_at: Timestamp,
        when: Instant,
        by_program: bool,
    ) -> Result<Organization, Failure> {
        let sent: serde_json::Value = serde_json::from_slice(body).unwrap();
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        let domains = sent["domain_data"].as_array().into_iter().flatten();
        let domains: Vec<_> = domains.map(|d| text(&d["domain"]).unwrap()).collect();
        let external_id = text(&sent["external_id"]);
        let pairs = sent["metadata"].as_object().into_iter().flatten();
        let metadata: BTreeMap<_, _> = pairs
            .map(|(key, value)| (key.clone(), text(value).unwrap()))
            .collect();
        let all = || self.organizations.iter().map(|stored| &stored.organization);
        let is_taken = |o: &Organization| o.domains.iter().flatten().any(|d| domains.contains(d));
        if self.weather.unique_domains && all().any(is_taken) {
            return Err(self.refusal(409, None, None));
        }
        if external_id.is_some() && all().any(|o| o.external_id == external_id) {
            return Err(self.refusal(400, Some("external_id_already_used"), None));
        }
        let name = text(&sent["name"]).unwrap();
        let lag = self.weather.lag.as_millis();
        let lag = self.random.below(u64::try_from(lag).unwrap() + 1);
        let organization = Organization {
            id: format!("org_{:026}", self.made + 1),
            name: name.clone(),
            domains: Some(domains),
            metadata: Some(metadata),
            external_id,
            created_at: Some(created_at),
            json: None,
        };
        let who = if by_program {
            "created"
        } else {
            "the application creates"
        };
        self.trace
            .say(format!("  * {who} {name:?} as {}", self.made + 1));
        self.made += 1;
        self.organizations.push(Stored {
            organization: organization.clone(),
            by_program,
            listed_at: when + Duration::from_millis(lag),
            states: BTreeMap::new(),
            marks: Marks::of_new(&organization, by_program),
        });
        Ok(organization)
    }

    /// The customer's own application creates an organization.
    pub(crate) fn put(&mut self, body: &serde_json::Value) {
        let created_at = self.created_at();
        let body = serde_json::to_vec(body).unwrap().into();
        let created = self.commit(&body, created_at, Instant::now(), false);
        if created.is_ok() {
            self.trace.count("organization of the application");
            let at = self.organizations.len() - 1;
            self.organizations[at].states = states_of(&body);
            self.keep_shadow(at);
        }
    }

    pub(crate) fn refusal(
        &mut self,
        http_status: u16,
        code: Option<&str>,
        wait: Option<u64>,
    ) -> Failure {
        let date = self.date();
        Failure::Refused(Box::new(Refusal {
            http_status,
            code: code.map(str::to_owned),
            message: "No.".to_owned(),
            retry_after: wait.map(Duration::from_secs),
            is_json: true,
            date,
            ..Refusal::default()
        }))
    }

    fn listed(&mut self, query: &ListQuery<'_>) -> Page {
        let page = self.page(query);
        for organization in &page.data {
            let shown = self.organizations.iter_mut();
            for stored in shown.filter(|it| it.organization.id == organization.id) {
                stored.marks.shown(organization);
            }
        }
        page
    }

    fn page(&self, query: &ListQuery<'_>) -> Page {
        let now = Instant::now();
        let mut listed: Vec<&Organization> = self
            .organizations
            .iter()
            .filter(|stored| stored.listed_at <= now)
            .map(|stored| &stored.organization)
            .collect();
        listed.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        if query.order == Order::Descending {
            listed.reverse();
        }
        let search = query.search.map(str::to_lowercase);
        listed.retain(|o| {
            let mut domains = o.domains.iter().flatten();
            let has =
                query.domains.is_empty() || domains.any(|d| query.domains.contains(&d.as_str()));
            has && search
                .as_ref()
                .is_none_or(|text| o.name.to_lowercase().contains(text))
        });
        let start = query
            .after
            .and_then(|after| listed.iter().position(|o| o.id == after));
        let rest = listed.split_off(start.map_or(0, |at| at + 1));
        let data: Vec<_> = rest
            .iter()
            .take(usize::from(query.limit))
            .copied()
            .cloned()
            .collect();
        let after = data.last().map(|o| o.id.clone());
        Page {
            list_metadata: Cursors::new(after.filter(|_| rest.len() > data.len())),
            data,
        }
    }

    /// An organization with everything that WorkOS shows of it.
    fn details(&self, organization: &Organization) -> OrganizationDetails {
        let mut all = self.organizations.iter();
        let stored = all.find(|stored| stored.organization.id == organization.id);
        let shown = stored.unwrap().shown();
        OrganizationDetails {
            domains: shown.domain_details().unwrap(),
            created_at: shown.created_at.map(|at| at.to_string()),
            updated_at: None,
            id: shown.id,
            name: shown.name,
            metadata: shown.metadata.unwrap_or_default(),
            external_id: shown.external_id,
        }
    }

    fn fate(&mut self, name: &str) -> Fate {
        if self.blocked.contains(name) {
            return Fate::Blocked;
        }
        if !self.random.percent(self.weather.post_faults) {
            return Fate::Fine;
        }
        let late = Duration::from_millis(self.random.between(30_000, 55_000));
        match self.random.below(16) {
            0 => Fate::NotReached,
            1 => Fate::LostBefore,
            2 | 3 => Fate::LostAfter,
            4 => Fate::TimeoutBefore,
            5 | 6 => Fate::TimeoutLate(late),
            7 => Fate::StatusBefore(*self.random.pick(&[500, 502, 503, 504, 520])),
            8 => Fate::StatusAfter(*self.random.pick(&[500, 502, 503, 504, 524])),
            9 => Fate::RateLimited(None),
            10 => Fate::RateLimited(Some(*self.random.pick(&[0, 1, 7, 40]))),
            11 => {
                self.blocked.insert(name.to_owned());
                Fate::Blocked
            }
            12 => Fate::LockTimeout,
            13 => Fate::Refused,
            14 => {
                let late = self.random.between(500, 25_000);
                Fate::StatusLate(504, Duration::from_millis(late))
            }
            _ => Fate::TimeoutLate(Duration::from_millis(self.random.between(100, 2_000))),
        }
    }
}

pub(crate) fn lost(timed_out: bool) -> Failure {
    Failure::Lost(Lost {
        detail: "the connection was lost".to_owned(),
        timed_out,
        ..Lost::default()
    })
}

/// A creation on its way. Where the client dies first, it may never arrive.
struct InFlight<'a> {
    server: &'a Server,
    post: usize,
    sent_at: Instant,
    arrives_at: Instant,
    dies_with_client: bool,
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        let now = Instant::now();
        let mut state = self.server.state();
        let post = &mut state.received[self.post];
        if self.dies_with_client && now < self.arrives_at {
            post.is_void = true;
        }
        // A search that finds nothing is trusted 60 s after the request was sent at the earliest.
        // What is acted on even later is a duplicate.
        post.commit_at = post.commit_at.min(self.sent_at + LATEST);
    }
}

impl Client {
    pub(crate) async fn stop_if_dead(&self) {
        if self.is_dead.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
    }

    pub(crate) async fn read<T>(
        &self,
        find: impl FnOnce(&mut State) -> T,
    ) -> Result<Answer<T>, Failure> {
        self.stop_if_dead().await;
        let (latency, fault) = {
            let mut state = self.server.state();
            let chance = state.weather.read_faults;
            let fault = state.random.percent(chance).then(|| state.random.below(5));
            (Duration::from_millis(state.random.between(10, 400)), fault)
        };
        sleep(if fault == Some(4) { TIMEOUT } else { latency }).await;
        let mut state = self.server.state();
        if self.has_wrong_key {
            return Err(state.refusal(401, None, None));
        }
        let trace = state.trace.clone();
        match fault {
            Some(0) => {
                trace.fault("read: not reached", "");
                return Err(Failure::NotSent {
                    detail: "connection refused".to_owned(),
                });
            }
            Some(1) => {
                trace.fault("read: answer lost", "");
                return Err(lost(false));
            }
            Some(2) => {
                trace.fault("read: 503", "");
                return Err(state.refusal(503, None, Some(2)));
            }
            Some(3) => {
                trace.fault("read: 429", "");
                return Err(state.refusal(429, None, Some(3)));
            }
            Some(_) => {
                trace.fault("read: timeout", "");
                return Err(lost(true));
            }
            None => {}
        }
        let value = find(&mut state);
        Ok(state.answer(value))
    }

    /// Sends a creation: when it arrives, and when it is acted on after that.
    fn send(&self, body: &Bytes, acts_after: Duration) -> InFlight<'_> {
        let mut state = self.server.state();
        let arrives_at = Instant::now() + Duration::from_millis(state.random.between(5, 200));
        let created_at = {
            let now = state.created_at();
            now + (arrives_at - Instant::now())
        };
        let created_at = if state.weather.whole_seconds {
            Timestamp::from_second(created_at.as_second()).unwrap()
        } else {
            created_at
        };
        let dies_with_client = state.random.percent(50);
        state.received.push(Post {
            body: body.clone(),
            commit_at: arrives_at + acts_after,
            created_at,
            result: None,
            is_void: false,
        });
        InFlight {
            server: &self.server,
            post: state.received.len() - 1,
            sent_at: Instant::now(),
            arrives_at,
            dies_with_client,
        }
    }
}

impl DetailsApi for Client {
    async fn list_details(
        &self,
        query: &ListQuery<'_>,
    ) -> Result<Answer<Page<OrganizationDetails>>, Failure> {
        self.read(|state| {
            let page = state.listed(query);
            page.map(|organization| state.details(&organization))
        })
        .await
    }
}

impl OrganizationsApi for Client {
    async fn create(&self, body: Bytes) -> Result<Answer<Organization>, Failure> {
        self.stop_if_dead().await;
        let sent: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let name = sent["name"].as_str().unwrap().to_owned();
        let (fate, back, trace) = {
            let mut state = self.server.state();
            state.posts += 1;
            let fate = if self.has_wrong_key {
                Fate::Fine
            } else {
                state.fate(&name)
            };
            let back = Duration::from_millis(state.random.between(5, 200));
            (fate, back, state.trace.clone())
        };
        if self.has_wrong_key {
            sleep(back).await;
            return Err(self.server.state().refusal(401, None, None));
        }
        if fate == Fate::Fine {
            trace.say(format!("  POST {name:?}"));
        } else {
            trace.fault(fate.name(), format!("{name:?} {fate:?}"));
        }
        match fate {
            Fate::Fine | Fate::LostAfter | Fate::StatusAfter(_) => {
                let sent = self.send(&body, Duration::from_millis(1));
                tokio::time::sleep_until(sent.arrives_at + back).await;
                let mut state = self.server.state();
                let result = state.received[sent.post].result.clone().unwrap();
                match fate {
                    Fate::LostAfter => Err(lost(false)),
                    Fate::StatusAfter(status) => Err(state.refusal(status, None, None)),
                    _ => result.map(|organization| state.answer(organization)),
                }
            }
            Fate::TimeoutLate(after) => {
                let _sent = self.send(&body, after);
                sleep(TIMEOUT).await;
                Err(lost(true))
            }
            Fate::StatusLate(status, after) => {
                let _sent = self.send(&body, after);
                sleep(Duration::from_millis(300)).await;
                Err(self.server.state().refusal(status, None, None))
            }
            Fate::TimeoutBefore => {
                sleep(TIMEOUT).await;
                Err(lost(true))
            }
            _ => {
                sleep(back).await;
                let mut state = self.server.state();
                Err(match fate {
                    Fate::NotReached => Failure::NotSent {
                        detail: "connection refused".to_owned(),
                    },
                    Fate::LostBefore => lost(false),
                    Fate::StatusBefore(status) => state.refusal(status, None, Some(1)),
                    Fate::RateLimited(wait) => state.refusal(429, None, wait),
                    Fate::LockTimeout => state.refusal(409, Some("lock_timeout"), None),
                    Fate::Refused => state.refusal(422, None, None),
                    _ => {
                        let body = b"<html><title>Blocked</title></html>";
                        Failure::Refused(Box::new(Refusal::from_body(403, body)))
                    }
                })
            }
        }
    }

    async fn by_id(&self, id: &str) -> Result<Answer<Option<Organization>>, Failure> {
        self.read(|state| {
            state.watch.reads += 1;
            let mut all = state.organizations.iter_mut();
            let found = all.find(|stored| stored.organization.id == id)?;
            let organization = found.shown();
            found.marks.read(&organization);
            Some(organization)
        })
        .await
    }

    async fn by_external_id(
        &self,
        external_id: &str,
    ) -> Result<Answer<Option<Organization>>, Failure> {
        self.read(|state| {
            let mut all = state
                .organizations
                .iter()
                .map(|stored| &stored.organization);
            all.find(|o| o.external_id.as_deref() == Some(external_id))
                .cloned()
        })
        .await
    }

    async fn list(&self, query: &ListQuery<'_>) -> Result<Answer<Page>, Failure> {
        self.read(|state| state.listed(query)).await
    }
}

impl Fate {
    const fn name(self) -> &'static str {
        match self {
            Self::Fine => "post: fine",
            Self::NotReached => "post: not reached",
            Self::LostBefore => "post: lost before commit",
            Self::LostAfter => "post: lost after commit",
            Self::TimeoutBefore => "post: timeout, never acted on",
            Self::TimeoutLate(_) => "post: timeout, committed",
            Self::StatusBefore(_) => "post: 5xx before commit",
            Self::StatusAfter(_) => "post: 5xx after commit",
            Self::StatusLate(..) => "post: 504, committed later",
            Self::RateLimited(None) => "post: 429",
            Self::RateLimited(Some(_)) => "post: 429 with Retry-After",
            Self::Blocked => "post: 403 of a firewall",
            Self::LockTimeout => "post: lock_timeout",
            Self::Refused => "post: 422",
        }
    }
}
