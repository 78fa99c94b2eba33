//! Pages: orders, cursors, filters.

use super::{Api, domain};
use serde_json::{Value, json};
use workos_orgs::sandbox::Options;

/// The names on a page, and its two cursors.
async fn page(api: &Api, query: &str) -> (String, Option<String>, Option<String>) {
    let answer = api.get(&format!("/organizations?{query}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let body = answer.json();
    assert_eq!(body["object"], "list");
    let names: Vec<&str> = body["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|organization| organization["name"].as_str().unwrap())
        .collect();
    let cursor = |name: &str| {
        let cursor = &body["list_metadata"][name];
        assert!(cursor.is_string() || cursor.is_null());
        cursor.as_str().map(str::to_owned)
    };
    (names.join(""), cursor("before"), cursor("after"))
}

/// The pages from the first to the last, by a cursor.
async fn walk(api: &Api, query: &str, cursor: &str) -> Vec<String> {
    let mut pages = Vec::new();
    let mut place = String::new();
    loop {
        let (names, before, after) = page(api, &format!("{query}{place}")).await;
        pages.push(names);
        let next = if cursor == "before" { before } else { after };
        match next {
            Some(id) => place = format!("&{cursor}={id}"),
            None => return pages,
        }
    }
}

async fn seven() -> Api {
    let api = Api::new().await;
    for name in ["a", "b", "c", "d", "e", "f", "g"] {
        api.create(name).await;
    }
    api
}

#[tokio::test]
async fn the_newest_come_first_and_after_leads_to_older_ones() {
    let api = seven().await;
    assert_eq!(walk(&api, "limit=3", "after").await, ["gfe", "dcb", "a"]);
    assert_eq!(
        walk(&api, "limit=3&order=desc", "after").await,
        ["gfe", "dcb", "a"]
    );
}

#[tokio::test]
async fn in_ascending_order_after_leads_to_newer_ones() {
    let api = seven().await;
    assert_eq!(
        walk(&api, "limit=3&order=asc", "after").await,
        ["abc", "def", "g"]
    );
}

#[tokio::test]
async fn in_normal_order_the_newest_come_first_and_before_leads_to_older_ones() {
    let api = seven().await;
    assert_eq!(
        walk(&api, "limit=3&order=normal", "before").await,
        ["gfe", "dcb", "a"]
    );
}

#[tokio::test]
async fn every_order_leads_back_the_way_it_came() {
    let api = seven().await;
    for (order, forth, back, middle) in [
        ("desc", "after", "before", "dcb"),
        ("asc", "after", "before", "def"),
        ("normal", "before", "after", "dcb"),
    ] {
        let query = format!("limit=3&order={order}");
        let (first, before, after) = page(&api, &query).await;
        let (next, none) = if forth == "after" {
            (after, before)
        } else {
            (before, after)
        };
        assert_eq!(none, None);
        let place = format!("{query}&{forth}={}", next.unwrap());
        let (names, before, after) = page(&api, &place).await;
        assert_eq!(names, middle, "{order}");
        assert!(before.is_some() && after.is_some());
        let place = if back == "after" { after } else { before }.unwrap();
        let (names, ..) = page(&api, &format!("{query}&{back}={place}")).await;
        assert_eq!(names, first, "{order}");
    }
}

#[tokio::test]
async fn a_page_holds_ten_unless_asked_otherwise() {
    let api = Api::new().await;
    for _ in 0..11 {
        api.create("x").await;
    }
    let (names, before, after) = page(&api, "").await;
    assert_eq!((names.len(), before, after.is_some()), (10, None, true));
    assert_eq!(page(&api, "limit=100").await.0.len(), 11);
}

#[tokio::test]
async fn an_empty_list_has_no_cursors() {
    let api = Api::new().await;
    let body = api.get("/organizations").await.json();
    let expected = json!({
        "object": "list",
        "data": [],
        "list_metadata": {"before": null, "after": null},
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn a_page_can_go_on_from_an_organization_that_was_deleted() {
    let api = Api::new().await;
    api.create("a").await;
    let gone = api.create("b").await;
    api.create("c").await;
    api.delete(&gone).await;
    assert_eq!(page(&api, &format!("after={gone}")).await.0, "a");
}

#[tokio::test]
async fn domains_and_search_filter_and_can_be_combined() {
    let api = Api::new().await;
    for (name, host) in [
        ("Acme", "a.example"),
        ("Bolt", "b.example"),
        ("acme 2", "c.example"),
    ] {
        api.create_from(json!({"name": name, "domain_data": domain(host)}))
            .await;
    }
    let found = async |query: &str| page(&api, query).await.0;
    assert_eq!(found("domains=b.example").await, "Bolt");
    assert_eq!(found("domains=B.example,a.example").await, "BoltAcme");
    assert_eq!(
        found("domains=a.example&domains=b.example").await,
        "BoltAcme"
    );
    assert_eq!(
        found("domains[]=a.example&domains%5B%5D=b.example").await,
        "BoltAcme"
    );
    assert_eq!(found("domains=none.example").await, "");
    assert_eq!(found("search=ACME").await, "acme 2Acme");
    assert_eq!(
        found("search=acme&domains=a.example,b.example").await,
        "Acme"
    );
    assert_eq!(
        walk(&api, "search=acme&limit=1", "after").await,
        ["acme 2", "Acme"]
    );
    assert_eq!(
        walk(
            &api,
            "domains=a.example,b.example,c.example&limit=2&order=asc",
            "after"
        )
        .await,
        ["AcmeBolt", "acme 2"]
    );
}

#[tokio::test]
async fn a_query_that_makes_no_sense_is_refused() {
    let api = Api::new().await;
    let id = api.create("a").await;
    let both = format!("before={id}&after={id}");
    for query in [
        "limit=0",
        "limit=101",
        "limit=ten",
        "order=up",
        "after=acme",
        "name=acme",
        &both,
    ] {
        let answer = api.get(&format!("/organizations?{query}")).await;
        assert_eq!(answer.status, 422, "{query}");
    }
    let lenient = Api::with(Options {
        refuses_unknown_fields: false,
        ..Options::default()
    })
    .await;
    assert_eq!(
        lenient.get("/organizations?name=acme").await.json()["data"],
        Value::Array(vec![])
    );
}
