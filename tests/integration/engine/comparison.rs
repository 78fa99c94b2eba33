//! The comparison at the end of a run.

use super::server::{Reads, Server, Treat};
use super::support::{TestRun, clock, named, settings, task, tasks, with_plan};
use std::time::Duration;
use tokio::time::Instant;
use workos_orgs::engine::{KnownRow, KnownRows, ReadError, Window, match_unowned};
use workos_orgs::organization::{Fingerprint, name_key};
use workos_orgs::results::Status;

#[tokio::test(start_paused = true)]
async fn what_is_committed_after_all_lookups_is_found_by_the_comparison() {
    // Longer than the timeout: both lookups come too early, and the row is sent again.
    let server = Server::default().treating_name(
        "Row 2",
        [
            Treat::CreateLater(Duration::from_secs(40)),
            Treat::LoseAfter,
        ],
    );
    server.put(&named("Row 2"), Duration::from_secs(3600));
    let run = TestRun::new(&server, settings()).await;
    let summary = run.run(tasks(1..=3)).await;
    assert!(summary.is_complete && summary.trusted_at.is_some());
    assert_eq!(run.ledger.record(2).status, Status::Created);
    tokio::time::sleep(Duration::from_secs(15)).await;
    server.put(&named("Not ours"), Duration::ZERO);
    let unowned = run
        .engine
        .compare(None, |name| name != name_key("not ours"));
    let unowned = unowned.await.unwrap();
    assert_eq!(unowned.len(), 1, "{unowned:?}");
    assert_eq!(unowned[0].fingerprint, named("Row 2").fingerprint());
}

#[tokio::test(start_paused = true)]
async fn it_waits_for_the_patience_of_the_last_lost_answer_and_of_an_earlier_run() {
    let server = Server::default()
        .treating_name("Row 1", [Treat::TimeOutAfter])
        .with(|state| state.lists_no_metadata = true);
    let run = TestRun::new(&server, settings()).await;
    let start = Instant::now();
    run.run(tasks(1..=1)).await;
    assert_eq!(start.elapsed(), Duration::ZERO, "found at once");
    assert!(run.engine.compare(None, |_| true).await.unwrap().is_empty());
    assert_eq!(start.elapsed(), Duration::from_secs(30));

    server.put(&with_plan("A", "pro"), Duration::ZERO);
    let not_before = clock().now() + Duration::from_secs(60);
    let unowned = run
        .engine
        .compare(Some(not_before), |_| true)
        .await
        .unwrap();
    assert_eq!(start.elapsed(), Duration::from_secs(60));
    // What the listing leaves out is fetched.
    assert_eq!(unowned[0].fingerprint, with_plan("A", "pro").fingerprint());
    assert!(unowned[0].is_fully_listed);
}

#[tokio::test(start_paused = true)]
async fn a_comparison_that_fails_or_is_cut_off_is_an_error() {
    let server = Server::treating([Treat::TimeOutAfter]);
    let run = TestRun::new(&server, settings()).await;
    run.run(vec![task(1, named("A"))]).await;
    server.state().reads = Reads::Fail;
    let failed = run.engine.compare(None, |_| true).await;
    assert!(matches!(failed, Err(ReadError::Failed(_))));
    server.state().reads = Reads::Answer;
    let not_before = clock().now() + Duration::from_secs(3600);
    let (cut_off, ()) = tokio::join!(run.engine.compare(Some(not_before), |_| true), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        run.shutdown.interrupt();
    });
    assert!(matches!(cut_off, Err(ReadError::Interrupted)));
}

struct Rows(Vec<KnownRow>);

impl KnownRows for Rows {
    fn with_sent(&self, sent: Fingerprint) -> Vec<KnownRow> {
        if sent == named("A").fingerprint() {
            self.0.clone()
        } else {
            Vec::new()
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_unknown_row_adopts_its_organization_after_the_run() {
    let server = Server::treating([Treat::LoseAfter]);
    let run = TestRun::new(&server, settings()).await;
    server.state().reads = Reads::Fail;
    run.run(vec![task(1, named("A"))]).await;
    assert_eq!(run.ledger.record(1).status, Status::Unknown);
    server.state().reads = Reads::Answer;
    let unowned = run.engine.compare(None, |_| true).await.unwrap();
    let since = run.ledger.entries().blocks[0].2;
    let rows = Rows(vec![KnownRow {
        row: 1,
        organization_id: None,
        undecided: Some(Window { since, until: None }),
    }]);
    let comparison = match_unowned(unowned, &rows);
    assert_eq!(comparison.adopted[0].organization.id, server.ids()[0]);
    assert!(comparison.duplicates.is_empty());
}
