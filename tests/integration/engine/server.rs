//! A WorkOS in memory, under tokio's paused time.

use bytes::Bytes;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::time::Instant;
use workos_orgs::organization::NewOrganization;
use workos_orgs::workos::{
    Answer, Cursors, Dependent, Failure, ListQuery, Lost, Organization, OrganizationChanges,
    OrganizationsApi, Page, Refusal,
};

/// How the server treats one creation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Treat {
    Create,
    /// Creates it after the client has been told that no answer came.
    CreateLater(Duration),
    /// Creates it at once, and answers so late.
    AnswerLate(Duration),
    LoseBefore,
    LoseAfter,
    TimeOutAfter,
    NotReached,
    Refuse(u16),
    RefuseWithCode(u16, &'static str),
    /// Refuses it because an earlier request for the same was acted on just before.
    RefuseAsDone(u16, &'static str),
    /// Refuses it with a page of HTML.
    Firewall,
    Limit(Option<u64>),
    /// 503 with `Retry-After`.
    Busy(u64),
    /// Answers with the id of the first organization.
    WrongId,
}

/// How the server treats what is read.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Reads {
    #[default]
    Answer,
    Fail,
    FailUntil(Duration),
    Refuse(u16),
    /// Knows no listing, but single organizations.
    NoListing(u16),
    SameCursor,
    SamePage,
}

/// The server.
#[derive(Clone)]
pub(crate) struct Server(Arc<Mutex<State>>);

/// What it holds, and its whims.
#[expect(clippy::struct_excessive_bools, reason = "each is a whim of its own")]
pub(crate) struct State {
    pub(crate) organizations: Vec<Organization>,
    /// How creations are treated, in their order.
    pub(crate) treats: VecDeque<Treat>,
    /// How changes are treated, in their order.
    pub(crate) change_treats: VecDeque<Treat>,
    /// How many changes were asked for.
    pub(crate) changes: u64,
    /// Whether connections, directories and members belong to organizations.
    pub(crate) has_dependents: bool,
    /// How creations of a name are treated, before `treats`.
    pub(crate) by_name: HashMap<String, VecDeque<Treat>>,
    pub(crate) latency: Duration,
    pub(crate) unique_domains: bool,
    pub(crate) reads: Reads,
    pub(crate) key_refused: bool,
    pub(crate) lists_no_metadata: bool,
    pub(crate) shows_no_metadata: bool,
    pub(crate) has_no_date: bool,
    pub(crate) shouts_names: bool,
    pub(crate) posts: Vec<(Instant, String)>,
    pub(crate) read_at: Vec<Instant>,
    started: Instant,
}

/// What the server's clock shows at the start of a test: years off from any machine's.
pub(crate) fn epoch() -> Timestamp {
    Timestamp::from_second(1_900_000_000).unwrap()
}

impl Default for Server {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(State {
            organizations: Vec::new(),
            treats: VecDeque::new(),
            change_treats: VecDeque::new(),
            changes: 0,
            has_dependents: false,
            by_name: HashMap::new(),
            latency: Duration::ZERO,
            unique_domains: false,
            reads: Reads::default(),
            key_refused: false,
            lists_no_metadata: false,
            shows_no_metadata: false,
            has_no_date: false,
            shouts_names: false,
            posts: Vec::new(),
            read_at: Vec::new(),
            started: Instant::now(),
        })))
    }
}

impl Server {
    pub(crate) fn treating(treats: impl IntoIterator<Item = Treat>) -> Self {
        Self::default().with(|state| state.treats = treats.into_iter().collect())
    }

    pub(crate) fn with(self, change: impl FnOnce(&mut State)) -> Self {
        change(&mut self.state());
        self
    }

    /// Treats creations of this name so.
    pub(crate) fn treating_name(self, name: &str, treats: impl IntoIterator<Item = Treat>) -> Self {
        self.with(|state| {
            let treats = treats.into_iter().collect();
            state.by_name.insert(name.to_owned(), treats);
        })
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        let state = self.state();
        state.organizations.iter().map(|o| o.id.clone()).collect()
    }

    pub(crate) fn posts(&self) -> usize {
        self.state().posts.len()
    }

    pub(crate) fn reads(&self) -> usize {
        self.state().read_at.len()
    }

    /// Puts an organization there, created so long before the test began.
    pub(crate) fn put(&self, new: &NewOrganization<'_>, before: Duration) -> Organization {
        let body = serde_json::to_vec(new).unwrap().into();
        let mut state = self.state();
        let mut organization = state.commit(&body).unwrap();
        organization.created_at = Some(epoch() - before);
        *state.organizations.last_mut().unwrap() = organization.clone();
        let created_at = |o: &Organization| o.created_at;
        state.organizations.sort_by_key(created_at);
        organization
    }

    async fn read<T>(&self, find: impl FnOnce(&State) -> T) -> Result<Answer<T>, Failure> {
        let latency = self.state().latency;
        tokio::time::sleep(latency).await;
        let mut state = self.state();
        state.read_at.push(Instant::now());
        if state.key_refused {
            return Err(refusal(401, None, None));
        }
        match state.reads {
            Reads::Fail => return Err(lost(false)),
            Reads::FailUntil(until) if state.started.elapsed() < until => {
                return Err(refusal(500, None, None));
            }
            Reads::Refuse(status) => return Err(refusal(status, None, None)),
            _ => {}
        }
        Ok(state.answer(find(&state)))
    }
}

impl State {
    pub(crate) fn now(&self) -> Timestamp {
        epoch() + self.started.elapsed()
    }

    fn answer<T>(&self, value: T) -> Answer<T> {
        let date = Timestamp::from_second(self.now().as_second()).unwrap();
        Answer {
            value,
            request_id: Some("req_1".to_owned()),
            date: Some(date).filter(|_| !self.has_no_date),
            rest: None,
        }
    }

    fn commit(&mut self, body: &Bytes) -> Result<Organization, Failure> {
        let sent: serde_json::Value = serde_json::from_slice(body).unwrap();
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        let domains = sent["domain_data"].as_array().into_iter().flatten();
        let domains: Vec<_> = domains.map(|d| text(&d["domain"]).unwrap()).collect();
        let external_id = text(&sent["external_id"]);
        let mut all = self.organizations.iter();
        let is_taken = |o: &Organization| o.domains.iter().flatten().any(|d| domains.contains(d));
        if self.unique_domains && all.clone().any(is_taken) {
            return Err(refusal(409, None, None));
        }
        if external_id.is_some() && all.any(|o| o.external_id == external_id) {
            return Err(refusal(400, Some("external_id_already_used"), None));
        }
        let pairs = sent["metadata"].as_object().into_iter().flatten();
        let metadata: BTreeMap<_, _> = pairs
            .map(|(key, value)| (key.clone(), text(value).unwrap()))
            .collect();
        let name = text(&sent["name"]).unwrap();
        let organization = Organization {
            id: format!("org_{:026}", self.organizations.len() + 1),
            name: if self.shouts_names {
                format!(" {} ", name.to_uppercase())
            } else {
                name
            },
            domains: Some(domains),
            metadata: Some(metadata),
            external_id,
            created_at: Some(self.now()),
            json: None,
        };
        self.organizations.push(organization.clone());
        Ok(organization)
    }

    fn listed(&self, organization: &Organization) -> Organization {
        let mut listed = organization.clone();
        if self.lists_no_metadata {
            listed.metadata = None;
        }
        listed
    }

    fn repeats_itself(&self) -> bool {
        matches!(self.reads, Reads::SameCursor | Reads::SamePage)
    }

    fn page(&self, query: &ListQuery<'_>) -> Page {
        let has = |o: &&Organization| {
            let mut domains = o.domains.iter().flatten();
            query.domains.is_empty() || domains.any(|d| query.domains.contains(&d.as_str()))
        };
        let newest_first = self.organizations.iter().rev().filter(has);
        let mut rest = newest_first.map(|o| self.listed(o)).peekable();
        if let Some(after) = query.after.filter(|_| !self.repeats_itself()) {
            while rest.next().is_some_and(|o| o.id != after) {}
        }
        let data: Vec<_> = rest.by_ref().take(usize::from(query.limit)).collect();
        let last = data.last().map(|o| o.id.clone());
        let cursor = match self.reads {
            Reads::SameCursor => Some("org_1".to_owned()),
            Reads::SamePage => Some(format!("cursor_{}", self.read_at.len())),
            _ => last.filter(|_| rest.peek().is_some()),
        };
        Page {
            list_metadata: Cursors::new(cursor),
            data,
        }
    }

    fn shown(&self, organization: &Organization) -> Organization {
        let mut shown = organization.clone();
        if self.shows_no_metadata {
            shown.metadata = None;
        }
        shown
    }

    /// How this creation is treated.
    fn treat(&mut self, body: &Bytes) -> Treat {
        let sent: serde_json::Value = serde_json::from_slice(body).unwrap();
        let name = sent["name"].as_str().unwrap();
        self.posts.push((Instant::now(), name.to_owned()));
        let mut by_name = self.by_name.get_mut(name);
        by_name
            .as_mut()
            .and_then(|treats| treats.pop_front())
            .or_else(|| self.treats.pop_front())
            .unwrap_or(Treat::Create)
    }
}

pub(crate) fn lost(timed_out: bool) -> Failure {
    Failure::Lost(Lost {
        detail: "the connection was lost".to_owned(),
        timed_out,
        http_status: None,
        request_id: None,
        date: None,
    })
}

pub(crate) fn refusal(http_status: u16, code: Option<&str>, retry_after: Option<u64>) -> Failure {
    Failure::Refused(Box::new(Refusal {
        http_status,
        code: code.map(str::to_owned),
        message: "No.".to_owned(),
        retry_after: retry_after.map(Duration::from_secs),
        is_json: true,
        ..Refusal::default()
    }))
}

fn firewall() -> Failure {
    let body = b"<html><title>Blocked</title></html>";
    Failure::Refused(Box::new(Refusal::from_body(403, body)))
}

impl OrganizationsApi for Server {
    async fn create(&self, body: Bytes) -> Result<Answer<Organization>, Failure> {
        let (treat, latency) = {
            let mut state = self.state();
            (state.treat(&body), state.latency)
        };
        tokio::time::sleep(latency).await;
        if let Treat::AnswerLate(by) = treat {
            let created = self.state().commit(&body);
            tokio::time::sleep(by).await;
            let state = self.state();
            return created.map(|organization| state.answer(organization));
        }
        let mut state = self.state();
        if state.key_refused {
            return Err(refusal(401, None, None));
        }
        match treat {
            Treat::Create | Treat::AnswerLate(_) => {
                let created = state.commit(&body)?;
                Ok(state.answer(created))
            }
            Treat::WrongId => {
                let first = state.organizations.first().cloned().unwrap();
                state.commit(&body)?;
                Ok(state.answer(first))
            }
            Treat::CreateLater(after) => {
                let server = self.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(after).await;
                    let _ = server.state().commit(&body);
                });
                Err(lost(true))
            }
            Treat::LoseBefore => Err(lost(false)),
            Treat::LoseAfter => {
                state.commit(&body)?;
                Err(lost(false))
            }
            Treat::TimeOutAfter => {
                state.commit(&body)?;
                Err(lost(true))
            }
            Treat::NotReached => Err(Failure::NotSent {
                detail: "connection refused".to_owned(),
            }),
            Treat::Refuse(status) => Err(refusal(status, None, None)),
            Treat::RefuseWithCode(status, code) => Err(refusal(status, Some(code), None)),
            Treat::RefuseAsDone(status, code) => {
                state.commit(&body)?;
                Err(refusal(status, Some(code), None))
            }
            Treat::Firewall => Err(firewall()),
            Treat::Limit(retry_after) => Err(refusal(429, None, retry_after)),
            Treat::Busy(retry_after) => Err(refusal(503, None, Some(retry_after))),
        }
    }

    async fn by_id(&self, id: &str) -> Result<Answer<Option<Organization>>, Failure> {
        self.read(|state| {
            let mut all = state.organizations.iter();
            all.find(|o| o.id == id).map(|o| state.shown(o))
        })
        .await
    }

    async fn by_external_id(
        &self,
        external_id: &str,
    ) -> Result<Answer<Option<Organization>>, Failure> {
        let wanted = Some(external_id.to_owned());
        self.read(|state| {
            let mut all = state.organizations.iter();
            all.find(|o| o.external_id == wanted)
                .map(|o| state.shown(o))
        })
        .await
    }

    async fn list(&self, query: &ListQuery<'_>) -> Result<Answer<Page>, Failure> {
        if let Reads::NoListing(status) = self.state().reads {
            return Err(refusal(status, None, None));
        }
        self.read(|state| state.page(query)).await
    }
}

impl OrganizationChanges for Server {
    async fn update(&self, id: &str, body: Bytes) -> Result<Answer<Organization>, Failure> {
        let update = |organization: &mut Organization| put(organization, &body);
        self.change(id, update)
    }

    async fn delete(&self, id: &str) -> Result<Answer<bool>, Failure> {
        let deleted = self.change(id, |organization| organization.id.clear());
        self.state().organizations.retain(|it| !it.id.is_empty());
        deleted.map(|answer| answer.map(|_| true))
    }

    async fn add_domain(&self, id: &str, domain: &str) -> Result<Answer<()>, Failure> {
        let add = |organization: &mut Organization| {
            organization
                .domains
                .get_or_insert_default()
                .push(domain.to_owned());
        };
        self.change(id, add).map(|answer| answer.map(|_| ()))
    }

    async fn remove_domain(&self, domain_id: &str) -> Result<Answer<bool>, Failure> {
        let (id, domain) = domain_id.split_once(' ').unwrap();
        let remove = |organization: &mut Organization| {
            organization
                .domains
                .get_or_insert_default()
                .retain(|it| it != domain);
        };
        self.change(id, remove).map(|answer| answer.map(|_| true))
    }

    async fn has_dependents(&self, _: &str, _: Dependent) -> Result<Answer<bool>, Failure> {
        let state = self.state();
        let has_any = state.has_dependents;
        Ok(state.answer(has_any))
    }
}

impl Server {
    /// Changes an organization, as the next treatment says.
    fn change(
        &self,
        id: &str,
        change: impl FnOnce(&mut Organization),
    ) -> Result<Answer<Organization>, Failure> {
        let mut state = self.state();
        state.changes += 1;
        let treat = state.change_treats.pop_front().unwrap_or(Treat::Create);
        let refused = match treat {
            Treat::LoseBefore => Some(lost(false)),
            Treat::NotReached => Some(Failure::NotSent {
                detail: "connection refused".to_owned(),
            }),
            Treat::Refuse(status) => Some(refusal(status, None, None)),
            Treat::RefuseWithCode(status, code) => Some(refusal(status, Some(code), None)),
            Treat::Limit(retry_after) => Some(refusal(429, None, retry_after)),
            Treat::Firewall => Some(firewall()),
            _ => None,
        };
        if let Some(refused) = refused {
            return Err(refused);
        }
        let Some(organization) = state.organizations.iter_mut().find(|it| it.id == id) else {
            return Err(refusal(404, None, None));
        };
        change(organization);
        let changed = organization.clone();
        match treat {
            Treat::LoseAfter => Err(lost(false)),
            Treat::RefuseAsDone(status, code) => Err(refusal(status, Some(code), None)),
            _ => Ok(state.answer(changed)),
        }
    }
}

/// What a `PUT` does.
fn put(organization: &mut Organization, body: &[u8]) {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap();
    if let Some(name) = body["name"].as_str() {
        name.clone_into(&mut organization.name);
    }
    if let Some(id) = body.get("external_id") {
        organization.external_id = id.as_str().map(str::to_owned);
    }
    let metadata = organization.metadata.get_or_insert_default();
    for (key, value) in body["metadata"].as_object().into_iter().flatten() {
        match value.as_str() {
            Some(value) => metadata.insert(key.clone(), value.to_owned()),
            None => metadata.remove(key),
        };
    }
    if let Some(domains) = body["domain_data"].as_array() {
        let names = domains
            .iter()
            .map(|data| data["domain"].as_str().unwrap().to_owned());
        organization.domains = Some(names.collect());
    }
}
