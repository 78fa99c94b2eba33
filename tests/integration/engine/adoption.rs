//! Which organization is taken for the work of a request whose answer was lost.

use super::server::{Reads, Server, Treat, epoch};
use super::support::{
    TestRun, at_90, doubtful, each_has_its_own, named, settings, task, with_domain,
    with_external_id, with_plan,
};
use std::time::Duration;
use tokio::time::Instant;
use workos_orgs::organization::NewOrganization;
use workos_orgs::plan::Doubt;
use workos_orgs::results::{Record, Status};

const A_WEEK: Duration = Duration::from_secs(7 * 24 * 3600);
const A_MINUTE: Duration = Duration::from_secs(60);

/// A row whose first answer is lost before it is acted on, a minute into a run.
async fn lost_before(server: &Server, new: NewOrganization<'static>) -> Record {
    let server = server.clone().treating_name(&new.name, [Treat::LoseBefore]);
    let run = TestRun::new(&server, settings()).await;
    tokio::time::sleep(A_MINUTE).await;
    run.run(vec![task(1, new)]).await;
    run.ledger.record(1)
}

#[tokio::test(start_paused = true)]
async fn a_namesake_made_before_the_row_was_dispatched_is_not_adopted() {
    for before in [A_WEEK, Duration::ZERO] {
        let server = Server::default();
        let namesake = server.put(&named("A"), before);
        let record = lost_before(&server, named("A")).await;
        assert_eq!(record.status, Status::Created);
        assert_ne!(record.organization_id, Some(namesake.id));
    }
}

#[tokio::test(start_paused = true)]
async fn a_namesake_made_within_the_run_and_before_the_row_is_not_adopted() {
    let server = Server::default().treating_name("A", [Treat::LoseBefore]);
    let run = TestRun::new(&server, settings()).await;
    let namesake = server.put(&named("A"), Duration::ZERO);
    tokio::time::sleep(A_MINUTE).await;
    run.run(vec![task(1, named("A"))]).await;
    assert_ne!(run.ledger.record(1).organization_id, Some(namesake.id));
    assert_eq!(server.posts(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_organization_that_lacks_what_was_sent_is_not_adopted() {
    for (row, other) in [
        (with_domain("A", "a.com"), named("A")),
        (named("A"), with_domain("A", "a.com")),
        (with_domain("A", "a.com"), with_domain("A", "b.com")),
        (with_plan("A", "pro"), named("A")),
        (named("A"), with_external_id("A", "1")),
    ] {
        for lists_no_metadata in [false, true] {
            let server = Server::default()
                .treating_name("A", [Treat::LoseBefore])
                .with(|state| state.lists_no_metadata = lists_no_metadata);
            let run = TestRun::new(&server, settings()).await;
            let other = server.put(&other, Duration::ZERO);
            run.run(vec![task(1, row.clone())]).await;
            let record = run.ledger.record(1);
            assert_eq!(record.status, Status::Created);
            assert_ne!(record.organization_id, Some(other.id));
            assert_eq!(server.posts(), 2);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_listing_leaves_out_is_fetched_and_what_nothing_shows_is_said() {
    for shows_no_metadata in [false, true] {
        let server = Server::treating([Treat::LoseAfter]).with(|state| {
            state.lists_no_metadata = true;
            state.shows_no_metadata = shows_no_metadata;
        });
        let run = TestRun::new(&server, settings()).await;
        run.run(vec![task(1, with_plan("A", "pro"))]).await;
        let record = run.ledger.record(1);
        each_has_its_own(&server, std::slice::from_ref(&record));
        assert_eq!(server.posts(), 1);
        let message = record.message.unwrap();
        let says_so = message.contains("WorkOS did not list the metadata");
        assert_eq!(says_so, shows_no_metadata, "{message}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_that_the_server_normalizes_is_recognized() {
    for new in [named("Ab  c"), with_external_id("Ab  c", "1")] {
        let server = Server::treating([Treat::LoseAfter]).with(|state| state.shouts_names = true);
        let run = TestRun::new(&server, settings()).await;
        run.run(vec![task(1, new)]).await;
        each_has_its_own(&server, &run.ledger.records());
        assert_eq!(server.posts(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_without_a_clock_in_its_answers_is_searched_as_well() {
    let server = Server::treating([Treat::Create, Treat::LoseAfter, Treat::LoseBefore])
        .with(|state| state.has_no_date = true);
    let old = server.put(&named("Row 3"), A_WEEK);
    let run = TestRun::new(&server, at_90()).await;
    run.run(vec![
        task(1, named("Row 1")),
        task(2, named("Row 2")),
        task(3, named("Row 3")),
    ])
    .await;
    let records = run.ledger.records();
    assert!(records.iter().all(|r| r.status == Status::Created));
    assert_eq!(server.posts(), 4);
    assert_ne!(records[2].organization_id, Some(old.id));
}

#[tokio::test(start_paused = true)]
async fn an_external_id_of_the_same_content_is_unchanged_where_it_is_older_than_the_row() {
    let new = with_external_id("A", "1");
    for (before, status) in [
        (A_WEEK, Status::Unchanged),
        (Duration::ZERO, Status::Created),
    ] {
        let server = Server::default();
        server.put(&named("Older"), 2 * A_WEEK);
        let run = TestRun::new(&server, settings()).await;
        server.put(&new, before);
        let doubt = Some(Doubt {
            since: Some(epoch()),
            until: Some(epoch()),
            ..Doubt::default()
        });
        run.run(vec![doubtful(1, new.clone(), doubt)]).await;
        assert_eq!(run.ledger.record(1).status, status);
        assert_eq!(server.posts(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_row_in_doubt_takes_an_organization_that_equals_it_only_where_the_plan_names_it() {
    for (is_named, posts) in [(true, 0), (false, 1)] {
        let server = Server::default();
        let equal = server.put(&named("A"), A_WEEK);
        let run = TestRun::new(&server, settings()).await;
        let doubt = Doubt {
            since: run.engine.server_now(),
            until: run.engine.server_now(),
            equal: is_named.then(|| equal.id.clone()).into_iter().collect(),
            ..Doubt::default()
        };
        // Of two rows alike, only one owns it.
        let rows = (1..=2).map(|row| doubtful(row, named("A"), Some(doubt.clone())));
        run.run(rows.collect()).await;
        assert_eq!(server.posts(), posts + 1);
        let statuses = [1, 2].map(|row| run.ledger.record(row).status);
        let unchanged = statuses
            .iter()
            .filter(|status| **status == Status::Unchanged);
        assert_eq!(unchanged.count(), usize::from(is_named));
    }
}

#[tokio::test(start_paused = true)]
async fn what_comes_twenty_seconds_after_a_timeout_behind_newer_ones_is_found() {
    let late = Treat::CreateLater(Duration::from_secs(20));
    let server = Server::default().treating_name("Row 5", [late]);
    let run = TestRun::new(&server, at_90()).await;
    run.run(tasks_at_90()).await;
    each_has_its_own(&server, &run.ledger.records());
    assert_eq!(server.posts(), 4000);
}

fn tasks_at_90() -> Vec<workos_orgs::plan::Task> {
    super::support::tasks(1..=4000)
}

#[tokio::test(start_paused = true)]
async fn patience_is_as_long_as_the_timeout_only_where_the_request_may_still_run() {
    for (treat, seconds) in [
        (Treat::LoseBefore, 5),
        (Treat::Refuse(500), 5),
        (Treat::Refuse(408), 30),
        (Treat::Refuse(504), 30),
        (Treat::Refuse(522), 30),
    ] {
        let server = Server::treating([treat]);
        let run = TestRun::new(&server, settings()).await;
        let start = Instant::now();
        run.run(vec![task(1, named("A"))]).await;
        assert_eq!(start.elapsed().as_secs(), seconds, "{treat:?}");
        assert_eq!(run.ledger.entries().lost.len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_listing_that_never_ends_is_given_up() {
    for reads in [Reads::SameCursor, Reads::SamePage] {
        let server = Server::treating([Treat::LoseBefore]);
        server.put(&named("Other"), Duration::ZERO);
        let run = TestRun::new(&server, settings()).await;
        let server = server.with(|state| {
            state.reads = reads;
            // Otherwise the listing ends where the run began.
            state.organizations[0].id = "org_new".to_owned();
            state.organizations[0].created_at = None;
        });
        run.run(vec![task(1, named("A"))]).await;
        let record = run.ledger.record(1);
        assert_eq!(record.status, Status::Unknown);
        let message = record.message.unwrap();
        assert!(message.contains("does not end"), "{message}");
        assert_eq!(server.posts(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn the_owner_of_a_row_s_external_id_is_not_adopted_where_it_has_another_name() {
    let server = Server::default();
    server.put(&with_external_id("Other", "1"), Duration::ZERO);
    let run = TestRun::new(&server, settings()).await;
    let doubt = Some(Doubt {
        since: Some(epoch()),
        ..Doubt::default()
    });
    let row = doubtful(1, with_external_id("A", "1"), doubt);
    run.run(vec![row]).await;
    let record = run.ledger.record(1);
    assert_eq!(record.status, Status::Conflict);
    assert_eq!((record.organization_id, server.posts()), (None, 0));
}

#[tokio::test(start_paused = true)]
async fn where_nothing_is_listed_a_row_without_an_external_id_is_unknown_and_never_sent_again() {
    for status in [404, 405] {
        let server = Server::default()
            .treating_name("A", [Treat::LoseAfter])
            .treating_name("B", [Treat::LoseBefore])
            .treating_name("C", [Treat::LoseAfter])
            .with(|state| state.reads = Reads::NoListing(status));
        let run = TestRun::new(&server, settings()).await;
        let summary = run
            .run(vec![
                task(1, named("A")),
                task(2, with_external_id("B", "1")),
                task(3, with_external_id("C", "2")),
                task(4, named("D")),
            ])
            .await;
        assert!(summary.is_complete);
        let unknown = run.ledger.record(1);
        assert_eq!(unknown.status, Status::Unknown);
        let message = unknown.message.unwrap();
        assert!(
            message.contains("does not list its organizations"),
            "{message}"
        );
        for row in 2..=4 {
            assert_eq!(run.ledger.record(row).status, Status::Created);
        }
        assert_eq!((server.posts(), server.ids().len()), (5, 4));
    }
}
