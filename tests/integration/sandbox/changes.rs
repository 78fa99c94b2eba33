//! Domains one by one, what makes an organization in use, deletions, and events.

use super::{Answer, Api, domain};
use serde_json::{Value, json};
use std::time::Duration;
use workos_orgs::sandbox::{Options, RateLimit};

impl Api {
    async fn add_domain(&self, organization: &str, domain: &str) -> Answer {
        let body = json!({"organization_id": organization, "domain": domain});
        let path = "/organization_domains";
        self.send("POST", path, Some(body)).await.unwrap()
    }

    async fn remove_domain(&self, id: &str) -> Answer {
        let path = format!("/organization_domains/{id}");
        self.send("DELETE", &path, None).await.unwrap()
    }

    /// How many items a list has on its first page.
    async fn count(&self, path: &str) -> usize {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["data"].as_array().unwrap().len()
    }

    /// How many connections, directories, active memberships and memberships an organization has.
    async fn usage(&self, id: &str) -> [usize; 4] {
        let memberships = "user_management/organization_memberships";
        [
            self.count(&format!("/connections?organization_id={id}"))
                .await,
            self.count(&format!("/directories?organization_id={id}"))
                .await,
            self.count(&format!("/{memberships}?organization_id={id}"))
                .await,
            self.count(&format!(
                "/{memberships}?organization_id={id}&statuses=active,inactive,pending"
            ))
            .await,
        ]
    }
}

#[tokio::test]
async fn a_domain_is_added_and_removed_and_the_others_stay() {
    let api = Api::new().await;
    let body =
        json!({"name": "Acme", "domain_data": [{"domain": "a.example", "state": "verified"}]});
    let id = api.create_from(body).await;
    let added = api.add_domain(&id, "B.example").await;
    assert_eq!(added.status, 201);
    let added = added.json();
    assert_eq!(added["object"], "organization_domain");
    assert_eq!(
        (&added["domain"], &added["state"]),
        (&json!("b.example"), &json!("pending"))
    );
    assert_eq!(added["organization_id"], json!(id));
    let domain_id = added["id"].as_str().unwrap();
    let path = format!("/organization_domains/{domain_id}");
    assert_eq!(api.get(&path).await.json(), added);

    let organization = api.get(&format!("/organizations/{id}")).await.json();
    assert_eq!(organization["domains"][0]["state"], "verified");
    assert_eq!(organization["domains"][1], added);
    assert_eq!(api.count("/organizations?domains=b.example").await, 1);

    assert_eq!(api.remove_domain(domain_id).await.status, 204);
    assert_eq!(api.remove_domain(domain_id).await.status, 404);
    assert_eq!(api.get(&path).await.status, 404);
    let organization = api.get(&format!("/organizations/{id}")).await.json();
    assert_eq!(organization["domains"].as_array().unwrap().len(), 1);
    assert_eq!(api.count("/organizations?domains=b.example").await, 0);
    api.create_from(json!({"name": "Other", "domain_data": domain("b.example")}))
        .await;
}

#[tokio::test]
async fn a_domain_that_is_there_cannot_be_added() {
    let api = Api::new().await;
    let one = api
        .create_from(json!({"name": "One", "domain_data": domain("a.example")}))
        .await;
    let two = api.create("Two").await;
    for id in [&one, &two] {
        let answer = api.add_domain(id, "a.example").await;
        assert_eq!(answer.status, 409);
        assert_eq!(answer.json()["code"], "domain_already_exists");
    }
    assert_eq!(api.add_domain(&two, "gmail.com").await.status, 422);
    assert_eq!(api.add_domain(&two, "nonsense").await.status, 422);
    assert_eq!(api.add_domain("org_none", "b.example").await.status, 404);

    let shared = Api::with(Options {
        unique_domains: false,
        ..Options::default()
    })
    .await;
    let one = shared.create("One").await;
    let two = shared.create("Two").await;
    assert_eq!(shared.add_domain(&one, "a.example").await.status, 201);
    assert_eq!(shared.add_domain(&two, "a.example").await.status, 201);
    assert_eq!(shared.add_domain(&two, "a.example").await.status, 409);
}

#[tokio::test]
async fn a_domain_that_an_update_removes_has_no_id_any_more() {
    let api = Api::new().await;
    let id = api
        .create_from(json!({"name": "Acme", "domain_data": domain("a.example")}))
        .await;
    let organization = api.get(&format!("/organizations/{id}")).await.json();
    let domain_id = organization["domains"][0]["id"].as_str().unwrap();
    api.put(&id, json!({"domain_data": []})).await;
    assert_eq!(api.remove_domain(domain_id).await.status, 404);
}

#[tokio::test]
async fn the_examples_are_in_use() {
    let api = Api::with(Options {
        examples: true,
        ..Options::default()
    })
    .await;
    let ids: Vec<String> = api
        .sandbox
        .organizations()
        .into_iter()
        .map(|it| it.id)
        .collect();
    assert_eq!(api.usage(&ids[0]).await, [1, 1, 0, 0]);
    // An invitation is not an active membership.
    assert_eq!(api.usage(&ids[1]).await, [0, 0, 0, 1]);
    let unasked = api.get("/user_management/organization_memberships").await;
    assert_eq!(unasked.status, 422);
}

#[tokio::test]
async fn a_deletion_takes_with_it_what_belongs_to_the_organization_and_nothing_else() {
    let api = Api::with(Options {
        examples: true,
        ..Options::default()
    })
    .await;
    let member = api.create("Member").await;
    let path = "/user_management/organization_memberships";
    let body = json!({"user_id": "user_1", "organization_id": member});
    let joined = api.send("POST", path, Some(body)).await.unwrap();
    assert_eq!(
        (joined.status, &joined.json()["status"]),
        (201, &json!("active"))
    );
    let ids: Vec<String> = api
        .sandbox
        .organizations()
        .into_iter()
        .map(|it| it.id)
        .collect();
    assert_eq!(api.usage(&member).await, [0, 0, 1, 1]);
    api.delete(&ids[0]).await;
    assert_eq!(api.usage(&ids[0]).await, [0; 4]);
    assert_eq!(api.usage(&ids[1]).await, [0, 0, 0, 1]);
    assert_eq!(api.usage(&member).await, [0, 0, 1, 1]);
    let none = json!({"user_id": "user_1", "organization_id": ids[0]});
    assert_eq!(
        api.send("POST", path, Some(none)).await.unwrap().status,
        404
    );
}

#[tokio::test]
async fn what_belongs_to_an_organization_is_listed_in_pages() {
    let api = Api::new().await;
    let id = api.create("Acme").await;
    let path = "/user_management/organization_memberships";
    for n in 0..5 {
        let body = json!({"user_id": format!("user_{n}"), "organization_id": id});
        api.send("POST", path, Some(body)).await.unwrap();
    }
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let page = api
            .get(&format!("{path}?organization_id={id}&limit=2{after}"))
            .await
            .json();
        let users = page["data"].as_array().unwrap().iter();
        seen.extend(users.map(|it| it["user_id"].as_str().unwrap().to_owned()));
        match page["list_metadata"]["after"].as_str() {
            Some(cursor) => after = format!("&after={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, ["user_4", "user_3", "user_2", "user_1", "user_0"]);
}

#[tokio::test]
async fn a_deletion_may_take_a_while() {
    let api = Api::with(Options {
        // Never within this test.
        delete_delay: Duration::from_secs(3600),
        ..Options::default()
    })
    .await;
    let id = api.create("Acme").await;
    assert_eq!(api.delete(&id).await.status, 202);
    assert_eq!(api.get(&format!("/organizations/{id}")).await.status, 200);
    assert_eq!(api.delete("org_none").await.status, 404);

    let api = Api::with(Options {
        delete_delay: Duration::from_millis(1),
        ..Options::default()
    })
    .await;
    let id = api.create("Acme").await;
    api.delete(&id).await;
    while api.get(&format!("/organizations/{id}")).await.status == 200 {}
    let again = api.delete(&id).await;
    assert_eq!(
        (again.status, again.json()),
        (404, json!({"message": "Not Found"}))
    );
}

#[tokio::test]
async fn removals_of_domains_do_not_count_as_deletions_of_organizations() {
    let api = Api::with(Options {
        delete_rate_limit: Some(RateLimit {
            requests: 1,
            window: Duration::from_secs(3600),
        }),
        ..Options::default()
    })
    .await;
    let id = api.create("Acme").await;
    for name in ["a.example", "b.example"] {
        let added = api.add_domain(&id, name).await.json();
        assert_eq!(
            api.remove_domain(added["id"].as_str().unwrap())
                .await
                .status,
            204
        );
    }
    assert_eq!(api.delete(&id).await.status, 202);
    assert_eq!(api.delete(&id).await.status, 429);
}

#[tokio::test]
async fn events_are_listed_oldest_first() {
    let api = Api::new().await;
    for n in 0..5 {
        api.create(&format!("Acme {n}")).await;
    }
    let id = api.create("Bolt").await;
    api.put(&id, json!({"name": "Bolt Inc."})).await;
    api.delete(&id).await;

    let names = |page: &Value| -> Vec<String> {
        let events = page["data"].as_array().unwrap().iter();
        events
            .map(|it| it["data"]["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = api
        .get("/events?events=organization.created&limit=4")
        .await
        .json();
    assert_eq!(names(&first), ["Acme 0", "Acme 1", "Acme 2", "Acme 3"]);
    assert_eq!(first["data"][0]["event"], "organization.created");
    let after = first["list_metadata"]["after"].as_str().unwrap();
    let path = format!("/events?events=organization.created&limit=4&after={after}");
    let second = api.get(&path).await.json();
    // As it was when it was created.
    assert_eq!(names(&second), ["Acme 4", "Bolt"]);
    assert_eq!(second["list_metadata"]["after"], Value::Null);
    let path = "/events?events=organization.updated,organization.deleted";
    assert_eq!(
        names(&api.get(path).await.json()),
        ["Bolt Inc.", "Bolt Inc."]
    );
    let created_at = second["data"][1]["created_at"].as_str().unwrap();
    let path = format!("/events?events=organization.created&range_start={created_at}");
    assert!(names(&api.get(&path).await.json()).contains(&"Bolt".to_owned()));
    let path = "/events?events=organization.created&range_start=2100-01-01T00:00:00Z";
    assert_eq!(api.count(path).await, 0);
    for path in [
        "/events",
        "/events?events=organization.created&range_start=2100-01-01T00:00:00%2B01:00",
    ] {
        assert_eq!(api.get(path).await.status, 422, "{path}");
    }
}

/// What became of an organization that was created with this fault of updates and deletions.
async fn with_fault(fault: &str) -> (Api, String) {
    let api = Api::with(Options {
        faults: vec![
            format!("updates:{fault}:1").parse().unwrap(),
            format!("deletes:{fault}:1").parse().unwrap(),
        ],
        fault_delay: Duration::from_millis(1),
        ..Options::default()
    })
    .await;
    let id = api.create("Acme").await;
    (api, id)
}

#[tokio::test]
async fn every_change_that_loses_its_answer_took_effect_once_or_not_at_all() {
    for fault in [
        "drop-after",
        "5xx-after",
        "garbage",
        "delay-before",
        "delay-after",
    ] {
        let (api, id) = with_fault(fault).await;
        let path = format!("/organizations/{id}");
        let body = json!({"name": "Acme Inc.", "metadata": {"plan": "pro"}});
        // A second time it changes nothing.
        for _ in 0..2 {
            let _ = api.send("PUT", &path, Some(body.clone())).await;
        }
        let added = json!({"organization_id": id, "domain": "a.example"});
        let _ = api.send("POST", "/organization_domains", Some(added)).await;
        let stored = api.get(&path).await.json();
        assert_eq!(stored["name"], "Acme Inc.", "{fault}");
        assert_eq!(stored["metadata"], json!({"plan": "pro"}), "{fault}");
        assert_eq!(stored["domains"].as_array().unwrap().len(), 1, "{fault}");
        for _ in 0..2 {
            let _ = api.send("DELETE", &path, None).await;
        }
        assert_eq!(api.get(&path).await.status, 404, "{fault}");
    }
    for fault in ["drop-before", "5xx-before", "429"] {
        let (api, id) = with_fault(fault).await;
        let path = format!("/organizations/{id}");
        let before = api.get(&path).await.json();
        let _ = api
            .send("PUT", &path, Some(json!({"name": "Acme Inc."})))
            .await;
        let added = json!({"organization_id": id, "domain": "a.example"});
        let _ = api.send("POST", "/organization_domains", Some(added)).await;
        let _ = api.send("DELETE", &path, None).await;
        assert_eq!(api.get(&path).await.json(), before, "{fault}");
    }
}
