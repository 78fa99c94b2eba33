//! What an interrupt ends, and what it leaves.

use super::server::{Reads, Server, Treat};
use super::support::{TestRun, at_90, doubtful, named, settings, task, tasks};
use std::time::Duration;
use tokio::time::Instant;
use workos_orgs::engine::StopReason;
use workos_orgs::plan::Doubt;
use workos_orgs::results::Status;

const A_DAY: u64 = 24 * 3600;

#[tokio::test(start_paused = true)]
async fn an_interrupt_ends_a_pause_of_a_day() {
    let server = Server::treating([Treat::LoseAfter, Treat::Limit(Some(A_DAY))])
        .with(|state| state.latency = Duration::from_millis(100));
    let run = TestRun::new(&server, at_90()).await;
    let start = Instant::now();
    let summary = run
        .interrupted_after(Duration::from_secs(10), tasks(1..=100))
        .await;
    assert!(start.elapsed() < Duration::from_secs(11));
    assert_eq!(summary.stop_reason, Some(StopReason::Interrupted));
    assert!(!summary.is_complete && summary.not_tried > 0);
    // Row 1 could not be looked up under the pause.
    for record in run.ledger.records() {
        let expected = if record.row == 1 {
            Status::Unknown
        } else {
            Status::Created
        };
        assert_eq!(record.status, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_pause_of_more_than_a_day_stops_the_run() {
    let server = Server::treating([Treat::Limit(Some(A_DAY + 1))])
        .with(|state| state.latency = Duration::from_millis(100));
    let run = TestRun::new(&server, at_90()).await;
    let start = Instant::now();
    let summary = run.run(tasks(1..=100)).await;
    assert!(start.elapsed() < Duration::from_secs(60));
    let pause = Duration::from_secs(A_DAY + 1);
    assert_eq!(summary.stop_reason, Some(StopReason::LongPause(pause)));
    assert!(summary.not_tried > 0);
}

#[tokio::test(start_paused = true)]
async fn a_row_whose_answer_is_lost_when_the_run_stops_under_a_pause_is_unknown() {
    let server = Server::default()
        .treating_name("Row 1", [Treat::LoseBefore])
        .treating_name("Row 2", [Treat::Limit(Some(A_DAY))]);
    let run = TestRun::new(&server, settings()).await;
    let start = Instant::now();
    run.interrupted_after(Duration::from_secs(10), tasks(1..=2))
        .await;
    assert_eq!(start.elapsed(), Duration::from_secs(10));
    let record = run.ledger.record(1);
    assert_eq!(record.status, Status::Unknown);
    let message = record.message.unwrap();
    assert!(message.contains("Run the same command again"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn a_row_that_waits_for_its_patience_is_looked_up_once_more_when_the_run_stops() {
    for (treat, status) in [
        (Treat::CreateLater(Duration::from_secs(5)), Status::Created),
        (Treat::CreateLater(Duration::from_secs(25)), Status::Unknown),
    ] {
        let server = Server::treating([treat]);
        let run = TestRun::new(&server, settings()).await;
        let start = Instant::now();
        run.interrupted_after(Duration::from_secs(10), vec![task(1, named("A"))])
            .await;
        assert_eq!(start.elapsed(), Duration::from_secs(10));
        assert_eq!(run.ledger.record(1).status, status);
        assert_eq!(server.posts(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn an_interrupt_ends_lookups_that_fail_and_backoffs() {
    let server = Server::default()
        .treating_name("Row 1", [Treat::LoseAfter])
        .treating_name("Row 2", [Treat::NotReached; 9]);
    let run = TestRun::new(&server, settings()).await;
    server.state().reads = Reads::Fail;
    let start = Instant::now();
    let summary = run
        .interrupted_after(Duration::from_secs(2), tasks(1..=2))
        .await;
    assert_eq!(start.elapsed(), Duration::from_secs(2));
    assert_eq!(run.ledger.record(1).status, Status::Unknown);
    assert_eq!(summary.not_tried, 1);
}

#[tokio::test(start_paused = true)]
async fn rows_in_doubt_that_were_not_looked_up_yet_keep_no_outcome() {
    let server = Server::default().with(|state| state.latency = Duration::from_millis(500));
    let run = TestRun::new(&server, at_90()).await;
    let rows = (1..=2000)
        .map(|row| doubtful(row, named(&format!("Row {row}")), Some(Doubt::default())))
        .collect();
    let start = Instant::now();
    let summary = run.interrupted_after(Duration::from_secs(3), rows).await;
    assert!(start.elapsed() < Duration::from_secs(6));
    let records = run.ledger.records();
    assert!(
        records
            .iter()
            .all(|record| record.status == Status::Unknown)
    );
    assert!(summary.not_tried > 0 && !summary.is_complete);
    assert_eq!(server.posts(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_preflight_can_be_interrupted() {
    let server = Server::default().with(|state| state.reads = Reads::Fail);
    let shutdown = workos_orgs::engine::Shutdown::default();
    let engine = super::support::engine(&server, &shutdown);
    let start = Instant::now();
    let (baseline, ()) = tokio::join!(engine.preflight(), async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        shutdown.interrupt();
    });
    assert!(baseline.is_err());
    assert_eq!(start.elapsed(), Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn rows_that_an_interrupt_cuts_off_do_not_count_as_failures() {
    let server = Server::treating([Treat::LoseBefore; 100]);
    let run = TestRun::new(&server, settings()).await;
    let summary = run
        .interrupted_after(Duration::from_secs(2), tasks(1..=100))
        .await;
    let records = run.ledger.records();
    assert!(records.len() >= 50, "{}", records.len());
    assert!(records.iter().all(|it| it.status == Status::Unknown));
    assert_eq!(summary.stop_reason, Some(StopReason::Interrupted));
}
