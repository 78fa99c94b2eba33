//! Changing organizations: sent once, settled by reading, and never over a change of somebody else.

use super::server::{Server, Treat};
use super::support::{TestRun, named, process_all, settings, with_plan};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use workos_orgs::engine::{Rate, Settings};
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
    let task = change(1, ID);
    process_all(server, vec![task]).await.remove(0)
}

fn change(row: u64, id: &str) -> Task {
    let update = Update {
        organization_id: id.to_owned(),
        before: before(),
        after: after(),
        partly: Vec::new(),
        verified: BTreeSet::new(),
        domain_states: BTreeMap::new(),
        fingerprint: with_plan("Acme Inc.", "pro").fingerprint(),
        external_id: None,
        is_restoring: false,
    };
    Task {
        row,
        line: row + 1,
        list: Fingerprint(row),
        cells: None,
        operation: Operation::Update(Box::new(update)),
    }
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

/// WorkOS may act on it later, over what has followed it.
#[tokio::test(start_paused = true)]
async fn of_a_lost_change_the_ledger_knows_until_when_it_may_take_effect() {
    for (treat, lost) in [(Treat::LoseBefore, 1), (Treat::NotReached, 0)] {
        let server = holding(&before()).with(|state| state.change_treats.push_back(treat));
        let run = TestRun::new(&server, settings()).await;
        run.run(vec![change(1, ID)]).await;
        assert_eq!(run.ledger.entries().lost.len(), lost, "{treat:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_domain_that_a_lost_request_has_added_meanwhile_is_no_conflict() {
    let server = holding(&before()).with(|state| {
        let refused = Treat::RefuseAsDone(409, "domain_already_exists");
        state.change_treats.extend([Treat::Create, refused]);
    });
    let record = update(&server).await;
    assert_eq!(record.status, Status::Updated, "{record:?}");
    assert_eq!(held(&server), after());
    let server = holding(&before()).with(|state| {
        let refused = Treat::RefuseWithCode(409, "domain_already_exists");
        state
            .change_treats
            .extend([Treat::Create, refused, refused]);
    });
    let record = update(&server).await;
    assert_eq!(record.status, Status::Conflict, "another one has it");
    assert_eq!(server.state().changes, 3);
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

#[tokio::test(start_paused = true)]
async fn an_organization_is_read_again_where_its_turn_comes_late() {
    let server = holding(&before()).with(|state| {
        let other = Organization {
            id: "org_2".to_owned(),
            ..stored(&before())
        };
        state.organizations.push(other);
    });
    let slow = Settings {
        rate: Rate::PerSecond(0.2),
        ..settings()
    };
    let run = TestRun::new(&server, slow).await;
    let tasks = vec![change(1, ID), change(2, "org_2")];
    let theirs = content("Acme Ltd.", "free", &["a.com"]);
    tokio::join!(run.run(tasks), async {
        // Both were read by then, and none was changed.
        while server.reads() < 3 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        for organization in &mut server.state().organizations {
            organization.name.clone_from(&theirs.name);
        }
    });
    let records = run.ledger.records();
    for record in &records {
        assert_eq!(record.status, Status::Conflict, "{record:?}");
        assert_eq!(record.attempts, 0);
    }
    assert_eq!((held(&server), server.state().changes), (theirs, 0));
}

#[tokio::test(start_paused = true)]
async fn a_part_of_an_earlier_change_may_be_there_when_it_is_taken_back() {
    let earlier = content("Acme GmbH", "free", &["a.com"]);
    let update = |partly| {
        let Operation::Update(update) = change(1, ID).operation else {
            unreachable!()
        };
        let update = Update {
            before: after(),
            after: before(),
            partly,
            is_restoring: true,
            ..*update
        };
        Task {
            operation: Operation::Update(Box::new(update)),
            ..change(1, ID)
        }
    };
    for (partly, status) in [
        (Vec::new(), Status::Conflict),
        (vec![earlier.clone()], Status::Unchanged),
    ] {
        let server = holding(&earlier);
        let record = process_all(&server, vec![update(partly)]).await.remove(0);
        assert_eq!(record.status, status, "{record:?}");
    }
}
