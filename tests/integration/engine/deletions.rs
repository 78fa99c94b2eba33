//! Deleting what a run has created: only as it was left, and without anything that belongs to it.

use super::server::{Reads, Server, Treat};
use super::support::{named, process_all};
use workos_orgs::organization::{Content, Fingerprint};
use workos_orgs::plan::{Delete, Operation, Task};
use workos_orgs::results::{Record, Status};
use workos_orgs::workos::Organization;

const ID: &str = "org_1";

fn acme() -> Content {
    Content::from(&named("Acme"))
}

fn holding(content: &Content) -> Server {
    let organization = Organization {
        id: ID.to_owned(),
        name: content.name.clone(),
        domains: Some(Vec::new()),
        metadata: Some(content.metadata.clone()),
        external_id: None,
        created_at: None,
        json: None,
    };
    Server::default().with(|state| state.organizations.push(organization))
}

async fn delete(server: &Server) -> Record {
    let delete = Delete {
        organization_id: ID.to_owned(),
        left: acme().fingerprint(),
        name: "Acme".to_owned(),
        external_id: None,
        fingerprint: acme().fingerprint(),
    };
    let task = Task {
        row: 1,
        line: 2,
        list: Fingerprint(1),
        operation: Operation::Delete(Box::new(delete)),
    };
    process_all(server, vec![task]).await.remove(0)
}

#[tokio::test(start_paused = true)]
async fn an_organization_that_is_as_it_was_left_is_deleted() {
    let server = holding(&acme());
    let record = delete(&server).await;
    assert_eq!(record.status, Status::Deleted, "{record:?}");
    assert!(server.ids().is_empty());
    assert_eq!(
        delete(&server).await.status,
        Status::Deleted,
        "it is gone already"
    );
    assert_eq!(server.state().changes, 1, "only one was sent");
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_settled_by_reading() {
    for treat in [
        Treat::LoseAfter,
        Treat::LoseBefore,
        Treat::NotReached,
        Treat::Refuse(503),
        Treat::Limit(Some(1)),
    ] {
        let server = holding(&acme()).with(|state| state.change_treats.push_back(treat));
        let record = delete(&server).await;
        assert_eq!(record.status, Status::Deleted, "{treat:?} {record:?}");
        assert!(server.ids().is_empty(), "{treat:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_was_changed_or_has_members_is_left_alone() {
    let changed = holding(&Content {
        name: "Acme Inc.".to_owned(),
        ..acme()
    });
    let in_use = holding(&acme()).with(|state| state.has_dependents = true);
    for (server, why) in [(changed, "changed"), (in_use, "it has")] {
        let record = delete(&server).await;
        assert_eq!(record.status, Status::Conflict);
        let message = record.message.unwrap();
        assert!(message.contains(why), "{message}");
        assert_eq!((server.ids().len(), server.state().changes), (1, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_is_not_deleted() {
    let server = holding(&acme()).with(|state| state.reads = Reads::Fail);
    assert_eq!(delete(&server).await.status, Status::Unavailable);
    assert_eq!(server.state().changes, 0);
}
