//! What a row claims belongs to another organization.

use super::server::{Reads, Server, Treat};
use super::support::{
    each_has_its_own, named, process, process_all, task, with_domain, with_external_id,
};
use std::time::Duration;
use workos_orgs::engine::Policy;
use workos_orgs::organization::NewOrganization;
use workos_orgs::results::{ErrorName, Status};

const A_WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

fn holding(organizations: &[NewOrganization<'static>]) -> Server {
    let server = Server::default();
    for new in organizations {
        server.put(new, A_WEEK);
    }
    server.with(|state| state.unique_domains = true)
}

#[tokio::test(start_paused = true)]
async fn a_taken_external_id_after_our_own_lost_answer_is_our_own_organization() {
    // The first lookup comes before the commit, and so does the second; the commit then meets the
    // second sending.
    let late = Policy::default().timeout + Duration::from_secs(1);
    let server = Server::treating([Treat::CreateLater(late)]).with(|state| {
        state.latency = Duration::from_secs(2);
    });
    let record = process(&server, with_external_id("A", "1")).await;
    each_has_its_own(&server, &[record]);
}

#[tokio::test(start_paused = true)]
async fn an_organization_that_equals_the_row_is_unchanged() {
    for new in [with_external_id("A", "1"), with_domain("A", "a.com")] {
        let server = holding(std::slice::from_ref(&new));
        let record = process(&server, new).await;
        assert_eq!(record.status, Status::Unchanged);
        assert_eq!(record.organization_id, server.ids().first().cloned());
    }
}

#[tokio::test(start_paused = true)]
async fn a_conflict_names_the_owner_and_what_differs() {
    for (owner, new, differs) in [
        (
            with_domain("Owner", "a.com"),
            with_domain("A", "a.com"),
            "It differs: name: \"A\", in WorkOS \"Owner\".",
        ),
        (
            with_external_id("Owner", "1"),
            NewOrganization {
                external_id: Some("1".into()),
                ..with_domain("A", "b.com")
            },
            "It differs: name: \"A\", in WorkOS \"Owner\"; domains: \"b.com\", in WorkOS none.",
        ),
    ] {
        let server = holding(&[owner]);
        let record = process(&server, new).await;
        assert_eq!(record.status, Status::Conflict);
        assert_eq!(record.error, Some(ErrorName::ConflictError));
        let owner = server.ids().first().cloned();
        assert_eq!(record.existing_organization_id, owner);
        let message = record.message.unwrap();
        assert!(message.contains("\"Owner\""), "{message}");
        assert!(message.contains(differs), "{message}");
    }
}

#[tokio::test(start_paused = true)]
async fn of_several_owners_of_a_domain_none_is_chosen_unless_it_equals_the_row() {
    let server = Server::default();
    for name in ["B", "C", "D", "E"] {
        server.put(&with_domain(name, "a.com"), A_WEEK);
    }
    let server = server.with(|state| state.unique_domains = true);
    let record = process(&server, with_domain("A", "a.com")).await;
    assert_eq!(record.status, Status::Conflict);
    assert_eq!(record.existing_organization_id, None);
    let message = record.message.unwrap();
    assert!(message.contains("and others"), "{message}");

    let record = process(&server, with_domain("D", "a.com")).await;
    assert_eq!(record.status, Status::Unchanged);
    assert_eq!(record.organization_id, server.ids().get(2).cloned());
}

#[tokio::test(start_paused = true)]
async fn an_owner_that_another_row_owns_is_a_conflict() {
    let server = holding(&[with_domain("A", "a.com")]);
    let rows = vec![
        task(1, with_domain("A", "a.com")),
        task(2, with_domain("A", "a.com")),
    ];
    let records = process_all(&server, rows).await;
    assert_eq!(records[0].status, Status::Unchanged);
    assert_eq!(records[1].status, Status::Conflict);
    let message = records[1].message.as_deref().unwrap();
    assert!(message.contains("another row of the list"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn a_conflict_whose_owner_cannot_be_looked_up_stays_a_conflict() {
    let server = holding(&[with_domain("A", "a.com")]).with(|state| state.reads = Reads::Fail);
    let record = process(&server, with_domain("A", "a.com")).await;
    assert_eq!(record.status, Status::Conflict);
    assert_eq!(record.existing_organization_id, None);
    assert_eq!(record.message.as_deref(), Some("No."));
}

#[tokio::test(start_paused = true)]
async fn a_lock_timeout_is_sent_again_and_is_no_conflict() {
    for code in ["lock_timeout", "concurrent_request"] {
        let server = Server::treating([Treat::RefuseWithCode(409, code); 2]);
        let record = process(&server, named("A")).await;
        each_has_its_own(&server, std::slice::from_ref(&record));
        assert_eq!((record.attempts, server.reads()), (3, 0));
    }
    let server = Server::treating([Treat::RefuseWithCode(409, "lock_timeout"); 9]);
    let record = process(&server, named("A")).await;
    assert_eq!(record.status, Status::Unavailable);
    assert_eq!(record.error, Some(ErrorName::ApiError));
}
