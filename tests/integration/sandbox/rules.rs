//! What may be created and changed, and how the rest is refused.

use super::{Api, domain};
use futures::future::join_all;
use serde_json::{Value, json};
use std::sync::Arc;
use workos_orgs::sandbox::{
    FORBIDDEN_API_KEY, Options, TAKEN_DOMAIN, TAKEN_DOMAIN_OWNER, TAKEN_EXTERNAL_ID,
    TAKEN_EXTERNAL_ID_OWNER,
};

#[tokio::test]
async fn a_created_organization_has_the_published_shape() {
    let api = Api::new().await;
    let answer = api
        .post(json!({
            "name": "Foo Corp",
            "domain_data": [
                {"domain": "foo-corp.com", "state": "pending"},
                {"domain": "foo.example", "state": "verified"},
            ],
            "external_id": "ext_12345",
            "metadata": {"tier": "diamond"},
        }))
        .await;
    assert_eq!(answer.status, 201);
    assert!(
        answer
            .header("x-request-id")
            .is_some_and(|id| id.len() == 36)
    );
    assert!(answer.header("date").is_some());

    let body = answer.json();
    let id = body["id"].as_str().unwrap();
    assert!(id.starts_with("org_") && id.len() == 30, "{id}");
    assert_eq!(body["object"], "organization");
    assert_eq!(body["name"], "Foo Corp");
    assert_eq!(body["external_id"], "ext_12345");
    assert_eq!(body["metadata"], json!({"tier": "diamond"}));
    assert_eq!(
        body["created_at"].as_str().unwrap().len(),
        "2026-01-15T12:00:00.000Z".len()
    );
    assert_eq!(body["created_at"], body["updated_at"]);

    let pending = &body["domains"][0];
    assert_eq!(pending["object"], "organization_domain");
    assert!(pending["id"].as_str().unwrap().starts_with("org_domain_"));
    assert_eq!(pending["organization_id"], id);
    assert_eq!(pending["domain"], "foo-corp.com");
    assert_eq!(pending["state"], "pending");
    assert_eq!(pending["verification_strategy"], "dns");
    assert!(pending["verification_token"].is_string());
    assert_eq!(body["domains"][1]["verification_strategy"], "manual");
}

#[tokio::test]
async fn an_organization_needs_no_more_than_a_name() {
    let api = Api::new().await;
    let body = api.post(json!({"name": "Acme"})).await.json();
    assert_eq!(body["external_id"], Value::Null);
    assert_eq!(body["domains"], json!([]));
    assert_eq!(body["metadata"], json!({}));
}

#[tokio::test]
async fn an_organization_is_found_by_its_id_and_its_external_id() {
    let api = Api::new().await;
    let id = api
        .create_from(json!({"name": "Acme", "external_id": "a/b?c=d e%"}))
        .await;
    let by_id = api.get(&format!("/organizations/{id}")).await;
    assert_eq!((by_id.status, &by_id.json()["name"]), (200, &json!("Acme")));
    let path = "/organizations/external_id/a%2Fb%3Fc%3Dd%20e%25";
    assert_eq!(api.get(path).await.json(), by_id.json());
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let api = Api::new().await;
    for id in [
        "org_01EHWNCE74X7JSDV0X3SZ3KJNY",
        "nonsense",
        "external_id/none",
    ] {
        let answer = api.get(&format!("/organizations/{id}")).await;
        assert_eq!(answer.status, 404);
        assert_eq!(answer.json()["code"], "entity_not_found");
    }
    assert_eq!(api.put("org_none", json!({"name": "x"})).await.status, 404);
    assert_eq!(api.delete("org_none").await.status, 404);
    assert_eq!(api.get("/users").await.status, 404);
    let patch = api.send("PATCH", "/organizations", None).await.unwrap();
    assert_eq!(patch.json()["message"], "Cannot PATCH /organizations");
}

#[tokio::test]
async fn only_the_right_key_is_let_in() {
    let api = Api::new().await;
    for key in [None, Some("sk_test_other"), Some("")] {
        let answer = api
            .send_as(key, "GET", "/organizations", None)
            .await
            .unwrap();
        assert_eq!(answer.status, 401, "{key:?}");
        assert_eq!(answer.json(), json!({"message": "Unauthorized"}));
        assert!(answer.header("x-request-id").is_some());
    }
    let body = Some(json!({"name": "Acme"}));
    let answer = api
        .send_as(Some(FORBIDDEN_API_KEY), "POST", "/organizations", body)
        .await
        .unwrap();
    assert_eq!(answer.status, 403);
    assert!(api.names().is_empty());
}

#[tokio::test]
async fn a_taken_external_id_is_refused() {
    let api = Api::new().await;
    let body = json!({"name": "Acme", "external_id": "crm-1"});
    api.create_from(body.clone()).await;
    let answer = api.post(body).await;
    assert_eq!(answer.status, 400);
    assert_eq!(
        answer.json(),
        json!({
            "code": "external_id_already_used",
            "message": "The external_id provided has already been assigned to another organization.",
        })
    );
    assert_eq!(api.names(), ["Acme"]);
}

#[tokio::test]
async fn a_taken_domain_is_refused() {
    let api = Api::new().await;
    api.create_from(json!({"name": "Acme", "domain_data": domain("acme.example")}))
        .await;
    let answer = api
        .post(json!({"name": "Other", "domain_data": domain("ACME.example")}))
        .await;
    assert_eq!(answer.status, 409);
    assert_eq!(
        answer.json(),
        json!({"message": "An Organization with the domain acme.example already exists."})
    );
    assert_eq!(api.names(), ["Acme"]);
}

#[tokio::test]
async fn domains_can_be_shared_where_the_options_say_so() {
    let api = Api::with(Options {
        unique_domains: false,
        ..Options::default()
    })
    .await;
    for name in ["Acme", "Other"] {
        api.create_from(json!({"name": name, "domain_data": domain("acme.example")}))
            .await;
    }
    let list = api.get("/organizations?domains=acme.example").await.json();
    assert_eq!(list["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn names_need_not_be_unique() {
    let api = Api::new().await;
    api.create("Acme").await;
    api.create("Acme").await;
    assert_eq!(api.names(), ["Acme", "Acme"]);
}

#[tokio::test]
async fn a_body_that_breaks_a_rule_is_refused_and_the_field_is_named() {
    let api = Api::new().await;
    let wrong = [
        ("name", json!({})),
        ("name", json!({"name": null})),
        ("name", json!({"name": 7})),
        ("name", json!({"name": "  "})),
        ("name", json!({"name": "n".repeat(256)})),
        ("external_id", json!({"name": "x", "external_id": ""})),
        (
            "external_id",
            json!({"name": "x", "external_id": "e".repeat(129)}),
        ),
        ("external_id", json!({"name": "x", "external_id": "é"})),
        ("external_id", json!({"name": "x", "external_id": null})),
        ("metadata", json!({"name": "x", "metadata": {"seats": 5}})),
        (
            "metadata",
            json!({"name": "x", "metadata": {"seats": null}}),
        ),
        ("metadata", json!({"name": "x", "metadata": "plan=pro"})),
        (
            "domain_data",
            json!({"name": "x", "domain_data": domain("acme")}),
        ),
        (
            "domain_data",
            json!({"name": "x", "domain_data": domain("gmail.com")}),
        ),
        (
            "domain_data",
            json!({"name": "x", "domain_data": [{"domain": "acme.com"}]}),
        ),
        (
            "domain_data",
            json!({"name": "x", "domain_data": ["acme.com"]}),
        ),
        (
            "domain_data",
            json!({"name": "x", "domain_data": [
                {"domain": "acme.com", "state": "pending"},
                {"domain": "acme.com", "state": "verified"},
            ]}),
        ),
        ("domains", json!({"name": "x", "domains": ["acme.com"]})),
        (
            "allow_profiles_outside_organization",
            json!({"name": "x", "allow_profiles_outside_organization": false}),
        ),
        ("plan", json!({"name": "x", "plan": "pro"})),
        ("body", json!(["x"])),
    ];
    for (field, body) in wrong {
        let answer = api.post(body.clone()).await;
        assert_eq!(answer.status, 422, "{body}");
        assert_eq!(answer.json()["errors"][0]["field"], field, "{body}");
        assert!(answer.json()["message"].is_string());
    }
    assert!(api.names().is_empty());
}

#[tokio::test]
async fn the_longest_allowed_values_are_accepted() {
    let api = Api::new().await;
    let pairs: serde_json::Map<String, Value> = (0..50)
        .map(|n| (format!("{n:0>40}"), json!("ü".repeat(600))))
        .collect();
    api.create_from(json!({
        "name": "ü".repeat(255),
        "external_id": "e".repeat(128),
        "metadata": pairs,
    }))
    .await;
}

#[tokio::test]
async fn metadata_beyond_its_limits_is_refused() {
    let api = Api::new().await;
    let pairs: serde_json::Map<String, Value> =
        (0..51).map(|n| (n.to_string(), json!("x"))).collect();
    for metadata in [
        Value::Object(pairs),
        json!({"k".repeat(41): "x"}),
        json!({"key": "v".repeat(601)}),
    ] {
        let answer = api
            .post(json!({"name": "Acme", "metadata": metadata}))
            .await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.json()["code"], "invalid_metadata");
    }
}

#[tokio::test]
async fn a_domain_that_a_check_warns_of_is_refused() {
    let api = Api::new().await;
    for name in ["zoho.com", "hotmail.fr", "GMX.net"] {
        let answer = api
            .post(json!({"name": "Acme", "domain_data": domain(name)}))
            .await;
        assert_eq!(answer.status, 422, "{name}");
        assert_eq!(answer.json()["errors"][0]["code"], "consumer_domain");
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_is_a_bad_request() {
    let api = Api::new().await;
    let response = api
        .http
        .post(format!("{}/organizations", api.sandbox.url()))
        .bearer_auth(api.sandbox.api_key())
        .body("name=Acme")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 400);
}

#[tokio::test]
async fn behaviours_that_workos_does_not_document_can_be_switched() {
    let api = Api::with(Options {
        refuses_unknown_fields: false,
        consumer_domain_status: 400,
        delete_status: 204,
        ..Options::default()
    })
    .await;
    let id = api
        .create_from(json!({"name": "Acme", "external_id": null, "plan": "pro"}))
        .await;
    let consumer = json!({"name": "x", "domain_data": domain("gmail.com")});
    assert_eq!(api.post(consumer).await.status, 400);
    let answer = api.delete(&id).await;
    assert_eq!((answer.status, answer.text.as_str()), (204, ""));
}

#[tokio::test]
async fn an_update_changes_what_it_names_and_nothing_else() {
    let api = Api::new().await;
    let id = api
        .create_from(json!({
            "name": "Acme",
            "external_id": "crm-1",
            "domain_data": domain("acme.example"),
            "metadata": {"plan": "free"},
        }))
        .await;
    let before = api.get(&format!("/organizations/{id}")).await.json();
    let answer = api.put(&id, json!({"name": "Acme Inc."})).await;
    assert_eq!(answer.status, 200);
    let mut expected = before;
    expected["name"] = json!("Acme Inc.");
    expected["updated_at"] = answer.json()["updated_at"].clone();
    assert_eq!(answer.json(), expected);
    assert_eq!(
        api.get(&format!("/organizations/{id}")).await.json(),
        expected
    );
}

#[tokio::test]
async fn an_update_merges_metadata() {
    let api = Api::new().await;
    let id = api
        .create_from(json!({"name": "Acme", "metadata": {"a": "1", "b": "2"}}))
        .await;
    let metadata = async |change: Value| {
        let answer = api.put(&id, json!({ "metadata": change })).await;
        answer.json()["metadata"].clone()
    };
    assert_eq!(
        metadata(json!({"b": "3", "c": "4"})).await,
        json!({"a": "1", "b": "3", "c": "4"})
    );
    assert_eq!(
        metadata(json!({"b": null})).await,
        json!({"a": "1", "c": "4"})
    );
    assert_eq!(metadata(json!({})).await, json!({}));

    let many: serde_json::Map<String, Value> =
        (0..50).map(|n| (n.to_string(), json!("x"))).collect();
    assert_eq!(
        metadata(Value::Object(many))
            .await
            .as_object()
            .unwrap()
            .len(),
        50
    );
    let answer = api.put(&id, json!({"metadata": {"one": "more"}})).await;
    assert_eq!(answer.json()["code"], "invalid_metadata");
}

#[tokio::test]
async fn an_update_replaces_the_domains_and_frees_the_old_ones() {
    let api = Api::new().await;
    let id = api
        .create_from(json!({"name": "Acme", "domain_data": domain("old.example")}))
        .await;
    let answer = api
        .put(&id, json!({"domain_data": domain("new.example")}))
        .await;
    assert_eq!(answer.json()["domains"].as_array().unwrap().len(), 1);
    let other = api
        .create_from(json!({"name": "Other", "domain_data": domain("old.example")}))
        .await;
    let answer = api
        .put(&other, json!({"domain_data": domain("new.example")}))
        .await;
    assert_eq!(answer.status, 409);
    let answer = api.put(&id, json!({"domain_data": []})).await;
    assert_eq!(answer.json()["domains"], json!([]));
    let answer = api
        .put(&other, json!({"domain_data": domain("new.example")}))
        .await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn an_update_can_move_an_external_id_from_one_organization_to_another() {
    let api = Api::new().await;
    let one = api
        .create_from(json!({"name": "One", "external_id": "crm-1"}))
        .await;
    let two = api.create("Two").await;
    let take = json!({"external_id": "crm-1"});
    assert_eq!(
        api.put(&two, take.clone()).await.json()["code"],
        "external_id_already_used"
    );
    assert_eq!(api.put(&one, take.clone()).await.status, 200);
    assert_eq!(
        api.put(&one, json!({"external_id": null})).await.json()["external_id"],
        Value::Null
    );
    assert_eq!(api.put(&two, take).await.json()["external_id"], "crm-1");
}

#[tokio::test]
async fn a_deleted_organization_is_gone_and_leaves_nothing_taken() {
    let api = Api::new().await;
    let body = json!({"name": "Acme", "external_id": "crm-1", "domain_data": domain("a.example")});
    let id = api.create_from(body.clone()).await;
    let answer = api.delete(&id).await;
    assert_eq!((answer.status, answer.text.as_str()), (202, "Accepted"));
    assert_eq!(api.delete(&id).await.status, 404);
    assert_eq!(
        api.get("/organizations/external_id/crm-1").await.status,
        404
    );
    api.create_from(body).await;
}

#[tokio::test]
async fn the_examples_are_in_the_way_of_whoever_wants_their_domain_or_external_id() {
    let api = Api::with(Options {
        examples: true,
        ..Options::default()
    })
    .await;
    assert_eq!(api.names(), [TAKEN_DOMAIN_OWNER, TAKEN_EXTERNAL_ID_OWNER]);
    let answer = api
        .post(json!({"name": "x", "domain_data": domain(TAKEN_DOMAIN)}))
        .await;
    assert_eq!(answer.status, 409);
    let answer = api
        .post(json!({"name": "x", "external_id": TAKEN_EXTERNAL_ID}))
        .await;
    assert_eq!(answer.status, 400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_hundred_creations_with_one_external_id_exactly_one_succeeds() {
    let api = Arc::new(Api::new().await);
    let tasks = (0..200).map(|n| {
        let api = Arc::clone(&api);
        tokio::spawn(async move {
            let name = format!("Acme {n}");
            api.post(json!({"name": name, "external_id": "crm-1"}))
                .await
                .status
        })
    });
    let statuses: Vec<u16> = join_all(tasks)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1);
    assert_eq!(
        statuses.iter().filter(|status| **status == 400).count(),
        199
    );
    assert_eq!(api.sandbox.organizations().len(), 1);
}
