//! Deleting what a run has created: only as it was left, and without anything that belongs to it.

use super::server::{Reads, Server, Treat};
use super::support::{TestRun, named, process_all, settings};
use std::time::Duration;
use workos_orgs::organization::{Content, Fingerprint, Left};
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
    process_all(server, vec![deletion(1, ID)]).await.remove(0)
}

fn deletion(row: u64, id: &str) -> Task {
    let delete = Delete {
        organization_id: id.to_owned(),
        left: Left::Created("Acme".to_owned(), acme().fingerprint()),
        name: "Acme".to_owned(),
        external_id: None,
        fingerprint: acme().fingerprint(),
    };
    Task {
        row,
        line: row + 1,
        list: Fingerprint(row),
        cells: None,
        operation: Operation::Delete(Box::new(delete)),
    }
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

#[tokio::test(start_paused = true)]
async fn one_that_is_changed_while_it_waits_for_its_turn_is_left_alone() {
    let ids = ["org_1", "org_2", "org_3", "org_4"];
    let server = holding(&acme()).with(|state| {
        let first = state.organizations[0].clone();
        let others = ids[1..].iter().map(|id| Organization {
            id: (*id).to_owned(),
            ..first.clone()
        });
        state.organizations.extend(others);
    });
    let tasks = (1..).zip(ids).map(|(row, id)| deletion(row, id)).collect();
    let run = TestRun::new(&server, settings()).await;
    tokio::join!(run.run(tasks), async {
        // All were read, and the first was deleted: 50 in a minute is one in 1.2 s.
        while server.state().changes == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        for organization in &mut server.state().organizations {
            organization.name = "Acme by hand".to_owned();
        }
    });
    let records = run.ledger.records();
    let deleted = records.iter().filter(|it| it.status == Status::Deleted);
    // Of the next one WorkOS may be asked before it is known to be stale.
    assert!(deleted.count() <= 2, "{records:?}");
    assert!(server.ids().len() >= 2);
}

#[tokio::test(start_paused = true)]
async fn a_rename_in_another_case_is_a_change() {
    let server = holding(&Content {
        name: "ACME".to_owned(),
        ..acme()
    });
    assert_eq!(delete(&server).await.status, Status::Conflict);
}
