//! The order in which rows are dispatched and sent.

use super::server::{Server, Treat};
use super::support::{
    MemoryLedger, TestRun, at_90, clock, doubtful, each_has_its_own, invalid, named, settings,
    task, tasks,
};
use std::convert::Infallible;
use std::time::Duration;
use tokio::time::Instant;
use workos_orgs::engine::{Feed, Rate, StopReason};
use workos_orgs::plan::Doubt;
use workos_orgs::results::Status;

#[tokio::test(start_paused = true)]
async fn a_row_is_dispatched_in_a_small_block_before_it_is_sent() {
    let server = Server::default().with(|state| state.latency = Duration::from_millis(300));
    let run = TestRun::new(&server, at_90()).await;
    let summary = run.run(tasks(1..=500)).await;
    assert!(summary.is_complete, "{summary:?}");
    each_has_its_own(&server, &run.ledger.records());
    let entries = run.ledger.entries();
    for (at, rows, server_time) in &entries.blocks {
        assert!(rows.len() <= 45, "{}", rows.len());
        assert!(server_time.is_some());
        for row in rows {
            let name = format!("Row {row}");
            let state = server.state();
            let sent = state.posts.iter().find(|(_, sent)| *sent == name).unwrap();
            assert!(sent.0 >= *at && sent.0 <= *at + Duration::from_secs(1));
        }
    }
    assert!(entries.ticks > 10);
}

#[tokio::test(start_paused = true)]
async fn a_crash_leaves_the_rows_in_flight_and_one_block_in_doubt() {
    let server = Server::default().with(|state| state.latency = Duration::from_secs(1));
    let run = TestRun::new(&server, at_90()).await;
    let crash = tokio::time::timeout(Duration::from_secs(5), run.run(tasks(1..=5000))).await;
    assert!(crash.is_err());
    let in_doubt = run.ledger.dispatched().len() - run.ledger.records().len();
    assert!(in_doubt <= 92 + 45, "{in_doubt} in doubt");
}

#[tokio::test(start_paused = true)]
async fn an_invalid_row_needs_neither_the_throttle_nor_a_dispatch() {
    let server = Server::default();
    let run = TestRun::new(&server, at_90()).await;
    let start = Instant::now();
    let summary = run.run((1..=1000).map(invalid).collect()).await;
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert!(summary.is_complete);
    assert_eq!(run.ledger.record(1000).status, Status::Invalid);
    assert!(run.ledger.dispatched().is_empty());
}

#[tokio::test(start_paused = true)]
async fn rows_in_doubt_do_not_hold_up_fresh_rows() {
    let server = Server::default().with(|state| state.latency = Duration::from_millis(100));
    let run = TestRun::new(&server, at_90()).await;
    let until = run.engine.server_now();
    let doubt = Some(Doubt {
        since: until,
        until,
        ..Doubt::default()
    });
    let mut rows: Vec<_> = (1..=600)
        .map(|row| doubtful(row, named(&format!("Row {row}")), doubt.clone()))
        .collect();
    rows.extend(tasks(601..=700));
    let start = Instant::now();
    let summary = run.run(rows).await;
    assert!(summary.is_complete && summary.trusted_at.is_some());
    each_has_its_own(&server, &run.ledger.records());
    assert_eq!(server.posts(), 700);
    let posts = server.state().posts.clone();
    assert!(posts[0].0 - start < Duration::from_millis(100));
    assert_eq!(posts[0].1, "Row 601");
    let patience = Duration::from_secs(60);
    let in_doubt = posts.iter().filter(|(at, _)| *at - start >= patience);
    assert_eq!(in_doubt.count(), 600, "rows in doubt wait for the patience");
    // They are dispatched again, several at once.
    assert_eq!(run.ledger.dispatched().len(), 700);
    let blocks = run.ledger.entries().blocks.len();
    assert!(blocks < 60, "{blocks} blocks");
}

#[tokio::test(start_paused = true)]
async fn what_was_sent_long_ago_needs_one_lookup_and_no_wait() {
    let server = Server::default();
    let run = TestRun::new(&server, at_90()).await;
    let long_ago = run
        .engine
        .server_now()
        .map(|now| now - Duration::from_secs(3600));
    let doubt = Some(Doubt {
        since: long_ago,
        until: long_ago,
        ..Doubt::default()
    });
    let start = Instant::now();
    let reads = server.reads();
    run.run(vec![doubtful(1, named("A"), doubt)]).await;
    each_has_its_own(&server, &run.ledger.records());
    assert!(start.elapsed() < Duration::from_secs(1));
    assert_eq!(server.reads() - reads, 1);
}

#[tokio::test(start_paused = true)]
async fn rows_alike_do_not_hold_up_others() {
    let server = Server::default().treating_name("Alike", [Treat::LoseBefore]);
    let run = TestRun::new(&server, at_90()).await;
    let mut rows: Vec<_> = (1..=100).map(|row| task(row, named("Alike"))).collect();
    rows.extend(tasks(101..=150));
    let start = Instant::now();
    run.run(rows).await;
    each_has_its_own(&server, &run.ledger.records());
    let posts = server.state().posts.clone();
    let others = posts.iter().filter(|(_, name)| name != "Alike");
    let last = others.map(|(at, _)| *at).max().unwrap();
    assert!(last - start < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_lookup_waits_for_a_second_of_other_requests_at_most() {
    for rate in [2.0, 90.0] {
        let server = Server::default()
            .treating_name("Row 50", [Treat::LoseAfter])
            .treating_name("Row 60", [Treat::LoseAfter; 2])
            .with(|state| state.latency = Duration::from_millis(200));
        let mut settings = at_90();
        settings.rate = Rate::PerSecond(rate);
        settings.concurrency = Some(512);
        let run = TestRun::new(&server, settings).await;
        run.run(tasks(1..=400)).await;
        each_has_its_own(&server, &run.ledger.records());
        let state = server.state();
        for row in [50, 60] {
            let name = format!("Row {row}");
            let sent = state.posts.iter().find(|(_, sent)| *sent == name).unwrap();
            let lost = sent.0 + state.latency;
            let looked = state.read_at.iter().find(|at| **at > lost).unwrap();
            let waited = *looked - state.latency - lost;
            assert!(waited <= Duration::from_secs(1), "{waited:?} at {rate}/s");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_lookup_does_not_wait_for_rows_that_are_sent_again() {
    let server = Server::default()
        .treating_name("Row 1000", [Treat::LoseAfter])
        .with(|state| {
            state.latency = Duration::from_secs(8);
            state.treats = vec![Treat::NotReached; 512].into();
        });
    let mut settings = at_90();
    settings.concurrency = Some(512);
    let run = TestRun::new(&server, settings).await;
    let mut rows = tasks(1..=500);
    rows.push(task(1000, named("Row 1000")));
    run.run(rows).await;
    each_has_its_own(&server, &run.ledger.records());
    let state = server.state();
    let mut posts = state.posts.iter();
    let lost = posts.find(|(_, name)| name == "Row 1000").unwrap().0 + state.latency;
    let looked = state.read_at.iter().find(|at| **at > lost).unwrap();
    assert!(*looked - state.latency - lost <= Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_while_workos_asks_for_a_pause() {
    for treat in [Treat::Limit(Some(20)), Treat::Busy(20)] {
        let server = Server::treating([treat]);
        let run = TestRun::new(&server, at_90()).await;
        let summary = run.run(tasks(1..=10)).await;
        each_has_its_own(&server, &run.ledger.records());
        assert_eq!(summary.pauses, 1);
        let state = server.state();
        let start = state.posts[0].0;
        let mut requests = state.posts.iter().map(|(at, _)| at).chain(&state.read_at);
        let in_between = |at: &Instant| *at > start && *at < start + Duration::from_secs(20);
        assert!(!requests.any(in_between), "{treat:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_429_halves_the_rate() {
    let server = Server::treating([Treat::Limit(Some(1))]);
    let run = TestRun::new(&server, at_90()).await;
    let start = Instant::now();
    run.run(tasks(1..=100)).await;
    let took = start.elapsed();
    assert!(
        took > Duration::from_secs(3),
        "{took:?} instead of 1 + 100/45 s"
    );
}

#[tokio::test(start_paused = true)]
async fn a_429_lowers_a_rate_that_is_learned() {
    let took = async |treats: Vec<Treat>| {
        let server = Server::treating(treats);
        let mut settings = at_90();
        settings.rate = Rate::Auto;
        let run = TestRun::new(&server, settings).await;
        let start = Instant::now();
        run.run(tasks(1..=300)).await;
        start.elapsed()
    };
    let pause = Duration::from_secs(1);
    let (freely, refused) = (took(vec![]).await, took(vec![Treat::Limit(Some(1))]).await);
    assert!(
        refused > freely + pause * 3,
        "{refused:?}, without a 429 {freely:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn records_have_the_time_of_the_clock_that_was_given() {
    let server = Server::default().with(|state| state.latency = Duration::from_secs(3));
    let run = TestRun::new(&server, settings()).await;
    let started = clock().now();
    run.run(vec![task(1, named("A"))]).await;
    let finished_at = run.ledger.record(1).finished_at.unwrap();
    assert_eq!(finished_at, started + Duration::from_secs(6));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_where_the_ledger_cannot_be_written() {
    let server = Server::default();
    let run = TestRun::new(&server, settings()).await;
    run.ledger.entries().is_full = true;
    let summary = run.run(tasks(1..=10)).await;
    assert_eq!(server.posts(), 0);
    assert_eq!(summary.ledger_error, Some("the disk is full"));
    assert_eq!(summary.stop_reason, Some(StopReason::Ledger));
    assert!(!summary.is_complete);
}

#[tokio::test]
async fn rows_are_read_on_a_thread_up_to_an_error_and_what_came_before_is_sent() {
    let server = Server::default();
    let run = TestRun::new(&server, settings()).await;
    let mut ledger = MemoryLedger::default();
    let rows = tasks(1..=1000).into_iter().map(Ok);
    let feed = Feed::on_thread(rows.chain([Err("line 1002 cannot be read")])).unwrap();
    let summary = run.engine.run(feed, &mut ledger).await;
    each_has_its_own(&server, &ledger.records());
    assert_eq!(server.posts(), 1000);
    assert_eq!(summary.rows_error, Some("line 1002 cannot be read"));
    assert_eq!(summary.stop_reason, Some(StopReason::Input));
    assert!(!summary.is_complete);
}

#[tokio::test]
#[should_panic(expected = "a bug in the reader")]
async fn a_panic_of_the_thread_is_not_the_end_of_the_rows() {
    let server = Server::default();
    let run = TestRun::new(&server, settings()).await;
    let mut rows = tasks(1..=3).into_iter();
    let rows = std::iter::from_fn(move || match rows.next() {
        Some(row) => Some(Ok::<_, Infallible>(row)),
        None => panic!("a bug in the reader"),
    });
    let feed = Feed::on_thread(rows).unwrap();
    run.engine.run(feed, &mut MemoryLedger::default()).await;
}
