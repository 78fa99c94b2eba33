//! The engine against an API without a network, in paused time: what is sent, how often, and to
//! which row each organization comes to belong.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on says so by panicking"
)]

mod adoption;
mod comparison;
mod conflicts;
mod deletions;
mod dispatch;
mod refusals;
mod server;
mod shutdown;
mod support;
mod updates;

use server::{Reads, Server, Treat};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::{
    clock, doubtful, each_has_its_own, engine, named, process, process_all, settings, task,
    with_domain, with_external_id, with_plan,
};
use tokio::time::Instant;
use workos_orgs::engine::{Baseline, Engine, Event, Observer, Shutdown, StopReason};
use workos_orgs::plan::Doubt;
use workos_orgs::results::{ErrorName, Status};

#[tokio::test(start_paused = true)]
async fn a_lost_answer_after_the_commit_is_found_not_sent_again() {
    for new in [
        named("A"),
        with_domain("A", "a.com"),
        with_external_id("A", "1"),
    ] {
        for treat in [Treat::LoseAfter, Treat::TimeOutAfter] {
            let server = Server::treating([treat]);
            let record = process(&server, new.clone()).await;
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
        let record = process(&server, new).await;
        each_has_its_own(&server, std::slice::from_ref(&record));
        assert_eq!((server.posts(), server.reads()), (2, 2));
        assert_eq!(record.attempts, 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_commit_that_comes_after_the_first_look_is_found_by_the_second() {
    for new in [named("A"), with_external_id("A", "1")] {
        let server = Server::treating([Treat::CreateLater(Duration::from_secs(20))]);
        let record = process(&server, new).await;
        each_has_its_own(&server, std::slice::from_ref(&record));
        assert_eq!(server.posts(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn server_errors_are_looked_up_like_lost_answers() {
    for status in [500, 502, 503, 504, 408, 520, 522, 530] {
        let server = Server::treating([Treat::Refuse(status)]);
        let record = process(&server, named("A")).await;
        each_has_its_own(&server, &[record]);
        assert_eq!((server.posts(), server.reads()), (2, 2), "{status}");
    }
}

/// What was said of an outage.
#[derive(Clone, Default)]
struct Troubles(Arc<Mutex<Vec<String>>>);

impl Observer for Troubles {
    fn observe(&mut self, event: &Event<'_>) {
        let said = match event {
            Event::Trouble(what) => (*what).to_owned(),
            Event::Answered => "answered".to_owned(),
            _ => return,
        };
        self.0.lock().unwrap().push(said);
    }
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_named_until_workos_answers_again() {
    for (treat, what) in [
        (Treat::Refuse(503), Some("WorkOS answers 503")),
        (Treat::Busy(3), Some("WorkOS answers 503")),
        (Treat::Refuse(408), Some("WorkOS answers 408")),
        (Treat::NotReached, Some("cannot reach WorkOS")),
        (Treat::Refuse(422), None),
    ] {
        let server = Server::treating([treat]);
        let troubles = Troubles::default();
        let observers: Vec<Box<dyn Observer>> = vec![Box::new(troubles.clone())];
        let (shutdown, clock) = (Shutdown::default(), clock());
        let engine = Engine::new(server, settings(), observers, shutdown, clock);
        engine.process_one(task(1, named("A"))).await.unwrap();
        let said = troubles.0.lock().unwrap().clone();
        let expected = what.map(|what| vec![what.to_owned(), "answered".to_owned()]);
        assert_eq!(said, expected.unwrap_or_default());
    }
}

#[tokio::test(start_paused = true)]
async fn what_never_arrived_is_sent_again_without_a_look() {
    let server = Server::treating([Treat::NotReached, Treat::NotReached]);
    let record = process(&server, named("A")).await;
    each_has_its_own(&server, std::slice::from_ref(&record));
    assert_eq!((server.posts(), server.reads(), record.attempts), (3, 0, 3));
}

#[tokio::test(start_paused = true)]
async fn attempts_end() {
    let server = Server::treating([Treat::NotReached; 9]);
    let record = process(&server, named("A")).await;
    assert_eq!(record.status, Status::Unavailable);
    assert_eq!(record.error, Some(ErrorName::NetworkError));
    assert_eq!(record.attempts, 5);

    let server = Server::treating([Treat::Refuse(500); 9]);
    let record = process(&server, named("A")).await;
    assert_eq!((record.status, record.attempts), (Status::Unavailable, 5));
    assert_eq!(record.error, Some(ErrorName::ApiError));
}

#[tokio::test(start_paused = true)]
async fn refusals_for_the_rate_do_not_count_as_attempts() {
    let forms = [Some(3), Some(0), None];
    let server = Server::treating(forms.into_iter().cycle().take(30).map(Treat::Limit));
    let record = process(&server, named("A")).await;
    each_has_its_own(&server, std::slice::from_ref(&record));
    assert_eq!((server.posts(), record.attempts), (31, 1));
}

#[tokio::test(start_paused = true)]
async fn nobody_sends_before_the_time_that_one_was_told() {
    let server = Server::treating([Treat::Limit(Some(30))]).with(|state| {
        state.latency = Duration::from_millis(10);
    });
    let tasks: Vec<_> = (1..=40).map(|n| task(n, named(&format!("{n}")))).collect();
    let start = Instant::now();
    let records = process_all(&server, tasks).await;
    each_has_its_own(&server, &records);
    let posts = server.state().posts.clone();
    let told = start + Duration::from_millis(10);
    let allowed = told + Duration::from_secs(30);
    assert!(posts.iter().all(|(at, _)| *at <= told || *at >= allowed));
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
        let tasks: Vec<_> = (1..=4).map(|n| task(n, named("Alike"))).collect();
        let records = process_all(&server, tasks).await;
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
        let tasks = vec![task(1, named("Alike")), task(2, named("Alike"))];
        let records = process_all(&server, tasks).await;
        each_has_its_own(&server, &records);
    }
}

#[tokio::test(start_paused = true)]
async fn rows_alike_but_for_metadata_are_told_apart_even_where_answers_do_not_tell_it() {
    for lists_no_metadata in [false, true] {
        let server = Server::treating([Treat::LoseAfter, Treat::LoseBefore]).with(|state| {
            state.latency = Duration::from_millis(50);
            state.lists_no_metadata = lists_no_metadata;
        });
        let tasks = vec![task(1, named("A")), task(2, with_plan("A", "pro"))];
        let records = process_all(&server, tasks).await;
        each_has_its_own(&server, &records);
    }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_lost_answers_share_their_listings() {
    let server = Server::treating(vec![Treat::LoseAfter; 1000]).with(|state| {
        state.latency = Duration::from_millis(50);
    });
    let tasks: Vec<_> = (1..=1000)
        .map(|n| task(n, named(&format!("{n}"))))
        .collect();
    let records = process_all(&server, tasks).await;
    each_has_its_own(&server, &records);
    assert!(server.reads() < 60, "{} reads", server.reads());
}

#[tokio::test(start_paused = true)]
async fn rows_in_doubt_are_looked_up_before_anything_is_sent() {
    let server = Server::default();
    for name in ["A", "A", "B"] {
        server.put(&named(name), Duration::ZERO);
    }
    let names = ["A", "A", "A", "B", "C"];
    let tasks: Vec<_> = (1..)
        .zip(names)
        .map(|(n, name)| doubtful(n, named(name), Some(Doubt::default())))
        .collect();
    let records = process_all(&server, tasks).await;
    each_has_its_own(&server, &records);
    assert_eq!(server.posts(), 2, "the third A and the C");
}

#[tokio::test(start_paused = true)]
async fn what_another_row_owns_is_never_adopted() {
    let server = Server::treating([Treat::LoseBefore]);
    let owned = server.put(&named("A"), Duration::ZERO);
    let shutdown = Shutdown::default();
    let hash = xxhash_rust::xxh3::xxh3_64(owned.id.as_bytes());
    let engine = engine(&server, &shutdown).with_baseline(Baseline::default(), vec![hash]);
    let row = task(2, named("A"));
    let (record, _) = engine.process_one(row).await.unwrap();
    assert_ne!(record.organization_id.as_ref(), Some(&owned.id));
    assert_eq!(server.ids().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_was_there_before_the_run_is_never_adopted() {
    let server = Server::treating([Treat::LoseBefore]);
    let old = server.put(&named("A"), Duration::ZERO);
    let shutdown = Shutdown::default();
    let engine = engine(&server, &shutdown);
    let baseline = engine.preflight().await.unwrap();
    assert_eq!(baseline.ids, std::slice::from_ref(&old.id));
    assert_eq!(baseline.newest, old.created_at);
    let engine = engine.with_baseline(baseline, Vec::new());
    let row = task(1, named("A"));
    let (record, _) = engine.process_one(row).await.unwrap();
    assert_eq!(record.status, Status::Created);
    assert_ne!(record.organization_id, Some(old.id));
}

#[tokio::test(start_paused = true)]
async fn a_row_whose_lookup_fails_is_unknown_not_failed() {
    let server = Server::treating([Treat::LoseAfter]).with(|state| state.reads = Reads::Fail);
    let record = process(&server, named("A")).await;
    assert_eq!(record.status, Status::Unknown);
    assert_eq!(server.posts(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refused_key_stops_the_run_and_marks_nothing_as_failed() {
    let server = Server::default().with(|state| state.key_refused = true);
    let shutdown = Shutdown::default();
    let engine = engine(&server, &shutdown);
    for row in 1..=2 {
        let row = task(row, named("A"));
        assert!(engine.process_one(row).await.is_none());
    }
    assert!(matches!(shutdown.reason(), Some(StopReason::KeyRefused(_))));
    assert_eq!(server.posts(), 1, "nothing is sent after the refusal");
}

#[tokio::test(start_paused = true)]
async fn an_id_that_the_server_gives_twice_is_not_counted_for_two_rows() {
    let server = Server::treating([Treat::Create, Treat::WrongId]);
    let shutdown = Shutdown::default();
    let engine = engine(&server, &shutdown);
    let mut records = Vec::new();
    for row in [task(1, named("A")), task(2, named("B"))] {
        records.push(engine.process_one(row).await.unwrap().0);
    }
    each_has_its_own(&server, &records);
    let message = records[1].message.as_deref().unwrap();
    assert!(
        message.contains("an organization of another row"),
        "{message}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_second_interrupt_leaves_a_row_in_flight_unknown_and_others_untried() {
    let server = Server::default().with(|state| state.latency = Duration::from_secs(10));
    let shutdown = Shutdown::default();
    let engine = engine(&server, &shutdown);
    let (sent, unsent) = (task(1, named("A")), task(2, named("A")));
    let (sent, unsent, ()) = tokio::join!(
        engine.process_one(sent),
        engine.process_one(unsent),
        async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            shutdown.interrupt();
            shutdown.interrupt();
        }
    );
    assert_eq!(sent.unwrap().0.status, Status::Unknown);
    assert!(unsent.is_none());
}
