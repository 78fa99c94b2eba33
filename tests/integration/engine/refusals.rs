//! Refusals of one row, of the key, and failures in a row.

use super::server::{Reads, Server, Treat};
use super::support::{TestRun, engine, invalid, named, settings, task, tasks};
use std::time::Duration;
use workos_orgs::engine::{Shutdown, StopReason};
use workos_orgs::results::{ErrorName, Status};

/// Requests one after the other.
fn one_by_one() -> workos_orgs::engine::Settings {
    workos_orgs::engine::Settings {
        concurrency: Some(1),
        ..settings()
    }
}

#[tokio::test(start_paused = true)]
async fn a_row_that_is_refused_fails_and_the_others_go_on() {
    let refused = [
        (Treat::Firewall, ErrorName::ApiError),
        (Treat::Refuse(403), ErrorName::AuthError),
        (Treat::Refuse(401), ErrorName::AuthError),
        (Treat::Refuse(413), ErrorName::ApiError),
        (Treat::Refuse(422), ErrorName::ApiError),
        (
            Treat::RefuseWithCode(400, "invalid_metadata"),
            ErrorName::ApiError,
        ),
    ];
    for (treat, error) in refused {
        let server = Server::default().treating_name("Row 3", [treat]);
        let run = TestRun::new(&server, one_by_one()).await;
        let summary = run.run(tasks(1..=5)).await;
        assert!(summary.is_complete, "{treat:?}");
        assert_eq!(summary.stop_reason, None);
        let record = run.ledger.record(3);
        assert_eq!((record.status, record.error), (Status::Failed, Some(error)));
        assert_eq!((record.attempts, server.ids().len()), (1, 4));
    }
}

#[tokio::test(start_paused = true)]
async fn five_refusals_in_a_row_are_the_fault_of_the_key_and_leave_no_outcome() {
    let server = Server::treating([Treat::Create].into_iter().chain([Treat::Refuse(403); 50]));
    let run = TestRun::new(&server, one_by_one()).await;
    let mut rows = tasks(1..=3);
    rows.push(invalid(4));
    rows.extend(tasks(5..=50));
    let summary = run.run(rows).await;
    assert!(matches!(
        summary.stop_reason,
        Some(StopReason::KeyRefused(_))
    ));
    assert!(!summary.is_complete);
    let rows: Vec<_> = run.ledger.records().iter().map(|r| r.row).collect();
    assert_eq!(rows, [1, 4]);
    assert_eq!(server.posts(), 6);
}

#[tokio::test(start_paused = true)]
async fn four_refusals_in_a_row_are_recorded_at_the_end() {
    let server = Server::treating([Treat::Firewall; 4]);
    let run = TestRun::new(&server, one_by_one()).await;
    let summary = run.run(tasks(1..=4)).await;
    assert!(summary.is_complete && summary.stop_reason.is_none());
    assert!(
        run.ledger
            .records()
            .iter()
            .all(|r| r.status == Status::Failed)
    );
}

#[tokio::test(start_paused = true)]
async fn a_row_that_is_created_between_refused_ones_shows_that_the_key_is_fine() {
    let four = [Treat::Refuse(403); 4].into_iter();
    let treats = four.clone().chain([Treat::Create]).chain(four);
    let server = Server::treating(treats);
    let run = TestRun::new(&server, one_by_one()).await;
    let summary = run.run(tasks(1..=10)).await;
    assert!(summary.is_complete && summary.stop_reason.is_none());
    assert_eq!(server.posts(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_refused_row_does_not_stop_a_run_where_nothing_is_listed() {
    let server = Server::default()
        .treating_name("Row 2", [Treat::Refuse(403)])
        .with(|state| state.reads = Reads::NoListing(404));
    let run = TestRun::new(&server, one_by_one()).await;
    let summary = run.run(tasks(1..=3)).await;
    assert!(summary.is_complete && summary.stop_reason.is_none());
    assert_eq!(run.ledger.record(2).status, Status::Failed);
    assert_eq!(server.posts(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_revoked_meanwhile_stops_the_run_with_one_check() {
    let server = Server::default().with(|state| state.latency = Duration::from_millis(100));
    let run = TestRun::new(&server, settings()).await;
    let (summary, ()) = tokio::join!(run.run(tasks(1..=1000)), async {
        tokio::time::sleep(Duration::from_millis(550)).await;
        server.state().key_refused = true;
    });
    assert!(matches!(
        summary.stop_reason,
        Some(StopReason::KeyRefused(_))
    ));
    assert_eq!(run.ledger.records().len(), server.ids().len());
    assert!(server.reads() < 70, "{}", server.reads());
}

#[tokio::test(start_paused = true)]
async fn a_refused_preflight_stops_at_once() {
    for status in [401, 403] {
        let server = Server::default().with(|state| state.reads = Reads::Refuse(status));
        let shutdown = Shutdown::default();
        assert!(engine(&server, &shutdown).preflight().await.is_err());
        assert!(matches!(shutdown.reason(), Some(StopReason::KeyRefused(_))));
    }
}

#[tokio::test(start_paused = true)]
async fn failures_in_a_row_stop_the_run_and_a_success_starts_the_count_again() {
    let settings = workos_orgs::engine::Settings {
        max_failures: 3,
        ..one_by_one()
    };
    let (bad, good) = (Treat::Refuse(422), Treat::Create);
    let server = Server::treating([bad, bad, good, bad, bad, bad]);
    let run = TestRun::new(&server, settings).await;
    let mut rows = tasks(1..=5);
    rows.push(invalid(6));
    rows.extend(tasks(7..=20));
    let summary = run.run(rows).await;
    assert_eq!(summary.stop_reason, Some(StopReason::TooManyFailures(3)));
    assert_eq!(server.posts(), 6);
}

#[tokio::test(start_paused = true)]
async fn rows_that_are_unavailable_count_as_failures() {
    let settings = workos_orgs::engine::Settings {
        max_failures: 2,
        ..one_by_one()
    };
    let server = Server::treating([Treat::NotReached; 20]);
    let run = TestRun::new(&server, settings).await;
    let summary = run.run(tasks(1..=9)).await;
    assert_eq!(summary.stop_reason, Some(StopReason::TooManyFailures(2)));
    assert_eq!(run.ledger.record(1).status, Status::Unavailable);
}

#[tokio::test(start_paused = true)]
async fn the_number_of_attempts_does_not_limit_lookups() {
    let mut settings = settings();
    settings.policy.max_attempts = 1;
    let server = Server::treating([Treat::LoseAfter]);
    let run = TestRun::new(&server, settings).await;
    server.state().reads = Reads::FailUntil(Duration::from_secs(20));
    run.run(vec![task(1, named("A"))]).await;
    assert_eq!(run.ledger.record(1).status, Status::Created);

    let server = Server::treating([Treat::LoseAfter]);
    let run = TestRun::new(&server, settings).await;
    server.state().reads = Reads::FailUntil(Duration::from_secs(200));
    run.run(vec![task(1, named("A"))]).await;
    assert_eq!(run.ledger.record(1).status, Status::Unknown);
    assert_eq!(server.posts(), 1);
}
