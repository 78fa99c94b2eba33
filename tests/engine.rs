//! The engine against an API without a network, in paused time: what is sent, how often, and to
//! which row each organization comes to belong.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on says so by panicking"
)]

use bytes::Bytes;
use futures::future::join_all;
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;
use workos_orgs::engine::{Engine, Policy, Rate, Settings, Shutdown, StopReason, Task};
use workos_orgs::organization::{DomainData, DomainState, NewOrganization};
use workos_orgs::results::{ErrorName, Marker, Record, Status};
use workos_orgs::table::{Cells, Row};
use workos_orgs::workos::{Answer, Failure, Lost, Organization, OrganizationsApi, Page, Refusal};

/// How the server treats one creation.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Treat {
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
    Limit(Option<u64>),
}

/// A server in memory.
#[derive(Clone, Default)]
struct Server(Arc<Mutex<State>>);

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a whim of its own")]
struct State {
    organizations: Vec<Organization>,
    treats: VecDeque<Treat>,
    latency: Duration,
    unique_domains: bool,
    posts: Vec<Instant>,
    reads: usize,
    reads_fail: bool,
    key_refused: bool,
    tells_no_metadata: bool,
}

impl Server {
    fn treating(treats: impl IntoIterator<Item = Treat>) -> Self {
        let server = Self::default();
        server.0.lock().unwrap().treats = treats.into_iter().collect();
        server
    }

    fn with(self, change: impl FnOnce(&mut State)) -> Self {
        change(&mut self.0.lock().unwrap());
        self
    }

    fn ids(&self) -> Vec<String> {
        let state = self.0.lock().unwrap();
        state.organizations.iter().map(|o| o.id.clone()).collect()
    }

    fn posts(&self) -> usize {
        self.0.lock().unwrap().posts.len()
    }

    fn reads(&self) -> usize {
        self.0.lock().unwrap().reads
    }

    async fn read<T>(&self, find: impl FnOnce(&State) -> T) -> Result<Answer<T>, Failure> {
        let latency = self.0.lock().unwrap().latency;
        tokio::time::sleep(latency).await;
        let mut state = self.0.lock().unwrap();
        state.reads += 1;
        if state.key_refused {
            return Err(refusal(401, None, None));
        }
        if state.reads_fail {
            return Err(lost(false));
        }
        Ok(answer(find(&state)))
    }
}

impl State {
    fn commit(&mut self, body: &Bytes) -> Result<Organization, Failure> {
        #[derive(serde::Deserialize)]
        struct Sent {
            name: String,
            #[serde(default)]
            domain_data: Vec<SentDomain>,
            external_id: Option<String>,
            #[serde(default)]
            metadata: BTreeMap<String, String>,
        }
        #[derive(serde::Deserialize)]
        struct SentDomain {
            domain: String,
        }
        let sent: Sent = serde_json::from_slice(body).unwrap();
        let domains: Vec<_> = sent.domain_data.into_iter().map(|d| d.domain).collect();
        let taken = |o: &&Organization| o.domains.iter().any(|d| domains.contains(d));
        if self.unique_domains && self.organizations.iter().any(|o| taken(&o)) {
            return Err(refusal(409, None, None));
        }
        let same_id =
            |o: &Organization| sent.external_id.is_some() && o.external_id == sent.external_id;
        if self.organizations.iter().any(same_id) {
            return Err(refusal(400, Some("external_id_already_used"), None));
        }
        let organization = Organization {
            id: format!("org_{:026}", self.organizations.len() + 1),
            name: sent.name,
            domains,
            metadata: (!self.tells_no_metadata).then_some(sent.metadata),
            external_id: sent.external_id,
            created_at: Some(clock(self.organizations.len())),
            json: None,
        };
        self.organizations.push(organization.clone());
        Ok(organization)
    }
}

/// A server's clock on which an organization is created every second.
fn clock(second: usize) -> jiff::Timestamp {
    let start = jiff::Timestamp::from_second(1_800_000_000).unwrap();
    start + Duration::from_secs(second as u64)
}

fn answer<T>(value: T) -> Answer<T> {
    Answer {
        value,
        request_id: Some("req_1".to_owned()),
        date: None,
    }
}

fn lost(timed_out: bool) -> Failure {
    Failure::Lost(Lost {
        detail: "the connection was lost".to_owned(),
        timed_out,
        http_status: None,
        request_id: None,
    })
}

fn refusal(http_status: u16, code: Option<&str>, retry_after: Option<u64>) -> Failure {
    Failure::Refused(Box::new(Refusal {
        http_status,
        code: code.map(str::to_owned),
        message: "No.".to_owned(),
        request_id: None,
        retry_after: retry_after.map(Duration::from_secs),
    }))
}

impl OrganizationsApi for Server {
    async fn create(&self, body: Bytes) -> Result<Answer<Organization>, Failure> {
        let (treat, latency) = {
            let mut state = self.0.lock().unwrap();
            state.posts.push(Instant::now());
            (
                state.treats.pop_front().unwrap_or(Treat::Create),
                state.latency,
            )
        };
        tokio::time::sleep(latency).await;
        if let Treat::AnswerLate(by) = treat {
            let created = self.0.lock().unwrap().commit(&body);
            tokio::time::sleep(by).await;
            return created.map(answer);
        }
        let mut state = self.0.lock().unwrap();
        if state.key_refused {
            return Err(refusal(401, None, None));
        }
        match treat {
            Treat::Create | Treat::AnswerLate(_) => state.commit(&body).map(answer),
            Treat::CreateLater(after) => {
                let server = self.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(after).await;
                    let _ = server.0.lock().unwrap().commit(&body);
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
            Treat::Limit(retry_after) => Err(refusal(429, None, retry_after)),
        }
    }

    async fn by_id(&self, id: &str) -> Result<Answer<Option<Organization>>, Failure> {
        self.read(|state| state.organizations.iter().find(|o| o.id == id).cloned())
            .await
    }

    async fn by_external_id(
        &self,
        external_id: &str,
    ) -> Result<Answer<Option<Organization>>, Failure> {
        let wanted = Some(external_id.to_owned());
        self.read(|state| {
            let mut all = state.organizations.iter();
            all.find(|o| o.external_id == wanted).cloned()
        })
        .await
    }

    async fn by_domains(&self, domains: &[&str]) -> Result<Answer<Page>, Failure> {
        self.read(|state| Page {
            data: state
                .organizations
                .iter()
                .filter(|o| o.domains.iter().any(|d| domains.contains(&d.as_str())))
                .cloned()
                .collect(),
            list_metadata: workos_orgs::workos::Cursors::new(None),
        })
        .await
    }

    async fn newest(&self, after: Option<&str>) -> Result<Answer<Page>, Failure> {
        self.read(|state| {
            let mut newest_first = state.organizations.iter().rev().cloned().peekable();
            if let Some(after) = after {
                while newest_first.next().is_some_and(|o| o.id != after) {}
            }
            let data: Vec<_> = newest_first.by_ref().take(100).collect();
            let more = newest_first.peek().is_some();
            let last = data.last().map(|o| o.id.clone());
            Page {
                list_metadata: workos_orgs::workos::Cursors::new(last.filter(|_| more)),
                data,
            }
        })
        .await
    }
}

fn settings() -> Settings {
    Settings {
        rate: Rate::Unlimited,
        concurrency: None,
        policy: Policy::default(),
        max_failures: 50,
    }
}

fn engine(server: &Server, shutdown: &Shutdown) -> Engine<Server> {
    Engine::new(server.clone(), settings(), Vec::new(), shutdown.clone())
}

fn named(name: &str) -> NewOrganization<'static> {
    NewOrganization {
        name: name.to_owned().into(),
        domain_data: Vec::new(),
        external_id: None,
        metadata: BTreeMap::new(),
    }
}

fn with_domain(name: &str, domain: &str) -> NewOrganization<'static> {
    NewOrganization {
        domain_data: vec![DomainData {
            domain: domain.to_owned().into(),
            state: DomainState::Pending,
        }],
        ..named(name)
    }
}

fn with_external_id(name: &str, external_id: &str) -> NewOrganization<'static> {
    NewOrganization {
        external_id: Some(external_id.to_owned().into()),
        ..named(name)
    }
}

fn task(number: u64, new: NewOrganization<'static>, is_suspect: bool) -> Task {
    let row = Row {
        number,
        line: number + 1,
        cells: Cells::Record(csv::StringRecord::new()),
    };
    Task::new(row, Ok(new), is_suspect)
}

async fn settle(server: &Server, new: NewOrganization<'static>) -> Record {
    let shutdown = Shutdown::default();
    let engine = engine(server, &shutdown);
    let settled = engine.settle_one(&task(1, new, false)).await;
    settled.expect("the row is settled").0
}

/// Settles all rows at once with one engine.
async fn settle_all(server: &Server, tasks: &[Task]) -> Vec<Record> {
    let shutdown = Shutdown::default();
    let engine = engine(server, &shutdown);
    let settled = join_all(tasks.iter().map(|task| engine.settle_one(task))).await;
    settled
        .into_iter()
        .map(|settled| settled.unwrap().0)
        .collect()
}

/// Every row is created, each with an organization of its own, and there are no others.
fn each_has_its_own(server: &Server, records: &[Record]) {
    for record in records {
        assert_eq!(record.status, Status::Created, "{record:?}");
    }
    let owned: Vec<_> = records
        .iter()
        .map(|r| r.organization_id.clone().unwrap())
        .collect();
    let distinct: HashSet<_> = owned.iter().cloned().collect();
    assert_eq!(distinct.len(), owned.len(), "no organization has two rows");
    assert_eq!(distinct, server.ids().into_iter().collect());
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_after_the_commit_is_found_not_sent_again() {
    for new in [
        named("A"),
        with_domain("A", "a.com"),
        with_external_id("A", "1"),
    ] {
        for treat in [Treat::LoseAfter, Treat::TimeOutAfter] {
            let server = Server::treating([treat]);
            let record = settle(&server, new.clone()).await;
            each_has_its_own(&server, std::slice::from_ref(&record));
            assert_eq!(server.posts(), 1);
            assert!(record.message.unwrap().contains("found by looking it up"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_before_the_commit_is_sent_again_after_two_looks() {
    for new in [named("A"), with_external_id("A", "1")] {
        let server = Server::treating([Treat::LoseBefore]);
        let record = settle(&server, new).await;
        each_has_its_own(&server, std::slice::from_ref(&record));
        assert_eq!((server.posts(), server.reads()), (2, 2));
        assert_eq!(record.attempts, 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_commit_that_comes_after_the_first_look_is_found_by_the_second() {
    for new in [named("A"), with_external_id("A", "1")] {
        let server = Server::treating([Treat::CreateLater(Duration::from_secs(20))]);
        let record = settle(&server, new).await;
        each_has_its_own(&server, std::slice::from_ref(&record));
        assert_eq!(server.posts(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn server_errors_are_looked_up_like_lost_answers() {
    for status in [500, 502, 503, 504, 408] {
        let server = Server::treating([Treat::Refuse(status)]);
        let record = settle(&server, named("A")).await;
        each_has_its_own(&server, &[record]);
        assert_eq!((server.posts(), server.reads()), (2, 2), "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_never_arrived_is_sent_again_without_a_look() {
    let server = Server::treating([Treat::NotReached, Treat::NotReached]);
    let record = settle(&server, named("A")).await;
    each_has_its_own(&server, std::slice::from_ref(&record));
    assert_eq!((server.posts(), server.reads(), record.attempts), (3, 0, 3));
}

#[tokio::test(start_paused = true)]
async fn attempts_end() {
    let server = Server::treating([Treat::NotReached; 9]);
    let record = settle(&server, named("A")).await;
    assert_eq!(record.status, Status::Failed);
    assert_eq!(record.error, Some(ErrorName::NetworkError));
    assert_eq!(record.attempts, 5);

    let server = Server::treating([Treat::Refuse(500); 9]);
    let record = settle(&server, named("A")).await;
    assert_eq!((record.status, record.attempts), (Status::Failed, 5));
    assert_eq!(record.error, Some(ErrorName::ApiError));
    assert!(record.is_worth_another_try());
}

#[tokio::test(start_paused = true)]
async fn refusals_for_the_rate_do_not_count_as_attempts() {
    let forms = [Some(3), Some(0), None];
    let server = Server::treating(forms.into_iter().cycle().take(30).map(Treat::Limit));
    let record = settle(&server, named("A")).await;
    each_has_its_own(&server, std::slice::from_ref(&record));
    assert_eq!((server.posts(), record.attempts), (31, 1));
}

#[tokio::test(start_paused = true)]
async fn nobody_sends_before_the_time_that_one_was_told() {
    let server = Server::treating([Treat::Limit(Some(30))]).with(|state| {
        state.latency = Duration::from_millis(10);
    });
    let tasks: Vec<_> = (1..=40)
        .map(|n| task(n, named(&format!("{n}")), false))
        .collect();
    let start = Instant::now();
    let records = settle_all(&server, &tasks).await;
    each_has_its_own(&server, &records);
    let posts = server.0.lock().unwrap().posts.clone();
    let told = start + Duration::from_millis(10);
    let allowed = told + Duration::from_secs(30);
    assert!(posts.iter().all(|at| *at <= told || *at >= allowed));
}

#[tokio::test(start_paused = true)]
async fn rows_that_are_alike_are_each_created_once() {
    use Treat::{Create, LoseAfter, LoseBefore, TimeOutAfter};
    for pattern in [
        vec![LoseAfter, Create, Create, Create],
        vec![LoseBefore, LoseBefore, LoseAfter, LoseBefore],
        vec![TimeOutAfter, LoseBefore, Create, LoseAfter, LoseBefore],
        vec![LoseBefore; 4],
        vec![LoseAfter; 4],
    ] {
        let server = Server::treating(pattern).with(|state| {
            state.latency = Duration::from_millis(50);
        });
        let tasks: Vec<_> = (1..=4).map(|n| task(n, named("Alike"), false)).collect();
        let records = settle_all(&server, &tasks).await;
        each_has_its_own(&server, &records);
    }
}

#[tokio::test(start_paused = true)]
async fn an_organization_whose_answer_is_on_its_way_is_not_taken_by_a_row_like_its_own() {
    let late = Treat::AnswerLate(Duration::from_secs(20));
    for order in [[Treat::LoseBefore, late], [late, Treat::LoseBefore]] {
        let server = Server::treating(order).with(|state| {
            state.latency = Duration::from_millis(50);
        });
        let tasks = [
            task(1, named("Alike"), false),
            task(2, named("Alike"), false),
        ];
        let records = settle_all(&server, &tasks).await;
        each_has_its_own(&server, &records);
    }
}

#[tokio::test(start_paused = true)]
async fn rows_alike_but_for_metadata_are_told_apart_even_where_answers_do_not_tell_it() {
    for tells_no_metadata in [false, true] {
        let server = Server::treating([Treat::LoseAfter, Treat::LoseBefore]).with(|state| {
            state.latency = Duration::from_millis(50);
            state.tells_no_metadata = tells_no_metadata;
        });
        let mut pro = named("A");
        pro.metadata.insert("plan".into(), "pro".into());
        let tasks = [task(1, named("A"), false), task(2, pro, false)];
        let records = settle_all(&server, &tasks).await;
        each_has_its_own(&server, &records);
    }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_lost_answers_share_their_listings() {
    let server = Server::treating(vec![Treat::LoseAfter; 1000]).with(|state| {
        state.latency = Duration::from_millis(50);
    });
    let tasks: Vec<_> = (1..=1000)
        .map(|n| task(n, named(&format!("{n}")), false))
        .collect();
    let records = settle_all(&server, &tasks).await;
    each_has_its_own(&server, &records);
    assert!(server.reads() < 60, "{} reads", server.reads());
}

#[tokio::test(start_paused = true)]
async fn suspects_of_a_crash_are_looked_up_before_anything_is_sent() {
    let server = Server::default().with(|state| {
        let body = |name| serde_json::to_vec(&named(name)).unwrap().into();
        state.commit(&body("A")).unwrap();
        state.commit(&body("A")).unwrap();
        state.commit(&body("B")).unwrap();
    });
    let names = ["A", "A", "A", "B", "C"];
    let tasks: Vec<_> = (1..)
        .zip(names)
        .map(|(n, name)| task(n, named(name), true))
        .collect();
    let records = settle_all(&server, &tasks).await;
    each_has_its_own(&server, &records);
    assert_eq!(server.posts(), 2, "the third A and the C");
}

#[tokio::test(start_paused = true)]
async fn what_another_row_owns_is_never_adopted() {
    let server = Server::treating([Treat::LoseBefore]);
    let state = server.0.clone();
    let body = serde_json::to_vec(&named("A")).unwrap().into();
    let owned = state.lock().unwrap().commit(&body).unwrap();
    let shutdown = Shutdown::default();
    let mut engine = engine(&server, &shutdown);
    let hash = xxhash_rust::xxh3::xxh3_64(owned.id.as_bytes());
    engine.set_out(Marker::default(), vec![hash]);
    let (record, _) = engine
        .settle_one(&task(2, named("A"), false))
        .await
        .unwrap();
    assert_ne!(record.organization_id.as_ref(), Some(&owned.id));
    assert_eq!(server.ids().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_was_there_before_the_run_is_never_adopted() {
    let server = Server::treating([Treat::LoseBefore]);
    let body = serde_json::to_vec(&named("A")).unwrap().into();
    let old = server.0.lock().unwrap().commit(&body).unwrap();
    let shutdown = Shutdown::default();
    let mut engine = engine(&server, &shutdown);
    let marker = engine.marker().await.unwrap();
    assert_eq!(marker.ids, std::slice::from_ref(&old.id));
    engine.set_out(marker, Vec::new());
    let (record, _) = engine
        .settle_one(&task(1, named("A"), false))
        .await
        .unwrap();
    assert_eq!(record.status, Status::Created);
    assert_ne!(record.organization_id, Some(old.id));
}

#[tokio::test(start_paused = true)]
async fn a_taken_external_id_after_our_own_lost_answer_is_our_own_organization() {
    // The first look comes before the commit, and so does the second; the commit then meets the
    // second sending.
    let late = Policy::default().timeout + Duration::from_secs(1);
    let server = Server::treating([Treat::CreateLater(late)]).with(|state| {
        state.latency = Duration::from_secs(2);
    });
    let record = settle(&server, with_external_id("A", "1")).await;
    each_has_its_own(&server, &[record]);
}

#[tokio::test(start_paused = true)]
async fn an_organization_that_equals_the_row_is_unchanged() {
    for (new, unique_domains) in [
        (with_external_id("A", "1"), false),
        (with_domain("A", "a.com"), true),
    ] {
        let server = Server::default().with(|state| {
            state.unique_domains = unique_domains;
            let body = serde_json::to_vec(&new).unwrap().into();
            state.commit(&body).unwrap();
        });
        let record = settle(&server, new).await;
        assert_eq!(record.status, Status::Unchanged);
        assert_eq!(record.organization_id, server.ids().first().cloned());
    }
}

#[tokio::test(start_paused = true)]
async fn a_conflict_names_the_owner() {
    let server = Server::default().with(|state| {
        state.unique_domains = true;
        let body = serde_json::to_vec(&with_domain("Owner", "a.com")).unwrap();
        state.commit(&body.into()).unwrap();
    });
    let record = settle(&server, with_domain("A", "a.com")).await;
    assert_eq!(record.status, Status::Conflict);
    assert_eq!(record.error, Some(ErrorName::ConflictError));
    assert_eq!(
        record.existing_organization_id,
        server.ids().first().cloned()
    );
    assert!(record.message.unwrap().contains("\"Owner\""));
}

#[tokio::test(start_paused = true)]
async fn a_row_whose_search_fails_is_unknown_not_failed() {
    let server = Server::treating([Treat::LoseAfter]).with(|state| state.reads_fail = true);
    let record = settle(&server, named("A")).await;
    assert_eq!(record.status, Status::Unknown);
    assert!(record.is_worth_another_try());
    assert_eq!(server.posts(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refused_key_stops_the_run_and_marks_nothing_as_failed() {
    let server = Server::default().with(|state| state.key_refused = true);
    let shutdown = Shutdown::default();
    let engine = engine(&server, &shutdown);
    assert!(
        engine
            .settle_one(&task(1, named("A"), false))
            .await
            .is_none()
    );
    assert!(
        engine
            .settle_one(&task(2, named("B"), false))
            .await
            .is_none()
    );
    assert!(matches!(shutdown.reason(), Some(StopReason::KeyRefused(_))));
    assert_eq!(server.posts(), 1, "nothing is sent after the refusal");
}

#[tokio::test(start_paused = true)]
async fn a_second_interrupt_leaves_a_row_in_flight_unknown_and_others_untried() {
    let server = Server::default().with(|state| state.latency = Duration::from_secs(10));
    let shutdown = Shutdown::default();
    let engine = engine(&server, &shutdown);
    let (sent, unsent) = (task(1, named("A"), false), task(2, named("A"), false));
    let (sent, unsent, ()) = tokio::join!(
        engine.settle_one(&sent),
        engine.settle_one(&unsent),
        async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            shutdown.interrupt();
            shutdown.interrupt();
        }
    );
    assert_eq!(sent.unwrap().0.status, Status::Unknown);
    assert!(unsent.is_none());
}
