//! Changing organizations: sent once, settled by reading, and never over a change of somebody else.

use super::server::{Server, Treat};
use super::support::{named, process_all, with_plan};
use std::collections::BTreeSet;
use workos_orgs::organization::{Content, Fingerprint};
use workos_orgs::plan::{Operation, Task, Update};
use workos_orgs::results::{Record, Status};
use workos_orgs::workos::Organization;

const ID: &str = "org_1";

fn content(name: &str, plan: &str, domains: &[&str]) -> Content {
    Content {
        metadata: [("plan".to_owned(), plan.to_owned())].into(),
        domains: domains.iter().map(|&domain| domain.to_owned()).collect(),
        ..Content::from(&named(name))
    }
}

fn stored(content: &Content) -> Organization {
    Organization {
        id: ID.to_owned(),
        name: content.name.clone(),
        domains: Some(content.domains.iter().cloned().collect()),
        metadata: Some(content.metadata.clone()),
        external_id: content.external_id.clone(),
        created_at: None,
        json: None,
    }
}

fn before() -> Content {
    content("Acme", "free", &["a.com"])
}

fn after() -> Content {
    content("Acme Inc.", "pro", &["a.com", "b.com"])
}

async fn update(server: &Server) -> Record {
    let update = Update {
        organization_id: ID.to_owned(),
        before: before(),
        after: after(),
        verified: BTreeSet::new(),
        fingerprint: with_plan("Acme Inc.", "pro").fingerprint(),
        external_id: None,
        is_restoring: false,
    };
    let task = Task {
        row: 1,
        line: 2,
        list: Fingerprint(1),
        operation: Operation::Update(Box::new(update)),
    };
    process_all(server, vec![task]).await.remove(0)
}

fn holding(content: &Content) -> Server {
    Server::default().with(|state| state.organizations.push(stored(content)))
}

fn held(server: &Server) -> Content {
    server.state().organizations[0].content()
}

#[tokio::test(start_paused = true)]
async fn what_differs_is_sent_and_what_it_was_is_told() {
    let server = holding(&before());
    let record = update(&server).await;
    assert_eq!(record.status, Status::Updated, "{record:?}");
    assert_eq!(record.organization_id.as_deref(), Some(ID));
    assert_eq!(
        record.changes.as_deref(),
        Some(
            "name: \"Acme\" → \"Acme Inc.\"; metadata.plan: \"free\" → \"pro\"; \
             domains: \"a.com\" → \"a.com, b.com\""
        )
    );
    assert_eq!(held(&server), after());
    assert_eq!(
        server.state().changes,
        2,
        "one for the fields, one for the domain"
    );
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_settled_by_reading() {
    for (treat, changes) in [
        (Treat::LoseAfter, 2),
        (Treat::LoseBefore, 3),
        (Treat::NotReached, 3),
        (Treat::Refuse(503), 3),
        (Treat::Limit(Some(1)), 3),
    ] {
        let server = holding(&before()).with(|state| state.change_treats.push_back(treat));
        let record = update(&server).await;
        assert_eq!(record.status, Status::Updated, "{treat:?} {record:?}");
        assert_eq!(held(&server), after(), "{treat:?}");
        assert_eq!(server.state().changes, changes, "{treat:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_organization_that_was_changed_since_the_plan_is_left_alone() {
    let theirs = content("Acme Ltd.", "free", &["a.com"]);
    let server = holding(&theirs);
    let record = update(&server).await;
    assert_eq!(record.status, Status::Conflict);
    let message = record.message.unwrap();
    assert!(message.contains("\"Acme\" → \"Acme Ltd.\""), "{message}");
    assert_eq!((held(&server), server.state().changes), (theirs, 0));
}

#[tokio::test(start_paused = true)]
async fn a_part_of_the_change_that_is_there_already_is_not_sent_again() {
    let server = holding(&content("Acme Inc.", "pro", &["a.com"]));
    let record = update(&server).await;
    assert_eq!(record.status, Status::Updated);
    assert_eq!((held(&server), server.state().changes), (after(), 1));
}

#[tokio::test(start_paused = true)]
async fn an_organization_that_is_gone_is_a_conflict() {
    let record = update(&Server::default()).await;
    assert_eq!(record.status, Status::Conflict);
    assert!(record.message.unwrap().contains("deleted"));
}

#[tokio::test(start_paused = true)]
async fn what_workos_refuses_fails_and_an_outage_does_not() {
    let refused =
        holding(&before()).with(|state| state.change_treats.push_back(Treat::Refuse(422)));
    assert_eq!(update(&refused).await.status, Status::Failed);
    let blocked = holding(&before()).with(|state| state.change_treats.push_back(Treat::Firewall));
    assert_eq!(update(&blocked).await.status, Status::Failed);
    let down =
        holding(&before()).with(|state| state.change_treats = vec![Treat::Refuse(503); 50].into());
    assert_eq!(update(&down).await.status, Status::Unavailable);
    assert_eq!(held(&down), before());
}
