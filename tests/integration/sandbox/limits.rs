//! Rate limits, options, the log, and the end.

use super::Api;
use serde_json::json;
use std::time::Duration;
use workos_orgs::sandbox::{Options, RateLimit, Sandbox};

fn limit(requests: u32) -> RateLimit {
    RateLimit {
        requests,
        window: Duration::from_secs(3600),
    }
}

#[tokio::test]
async fn requests_beyond_the_rate_limit_are_refused_whatever_they_ask() {
    let api = Api::with(Options {
        rate_limit: Some(limit(3)),
        ..Options::default()
    })
    .await;
    let stranger = api.send_as(None, "GET", "/organizations", None).await;
    assert_eq!(stranger.unwrap().status, 401);
    api.create("a").await;
    api.get("/organizations").await;
    api.get("/organizations/org_none").await;
    let answer = api.post(json!({"name": "b"})).await;
    assert_eq!(answer.status, 429);
    assert_eq!(
        answer.json(),
        json!({"message": "Too many requests.", "code": "rate_limit_exceeded"})
    );
    let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=3600).contains(&seconds), "{seconds}");
    assert_eq!(api.get("/organizations").await.status, 429);
    assert_eq!(api.names(), ["a"]);
}

#[tokio::test]
async fn the_window_slides_on() {
    let api = Api::with(Options {
        rate_limit: Some("1/0.2".parse().unwrap()),
        ..Options::default()
    })
    .await;
    while api.post(json!({"name": "a"})).await.status == 201 {}
    while api.post(json!({"name": "b"})).await.status == 429 {}
    assert_eq!(api.names().last().unwrap(), "b");
}

#[tokio::test]
async fn deletions_have_a_limit_of_their_own() {
    let api = Api::with(Options {
        delete_rate_limit: Some(limit(1)),
        ..Options::default()
    })
    .await;
    let [one, two] = [api.create("one").await, api.create("two").await];
    assert_eq!(api.delete(&one).await.status, 202);
    assert_eq!(api.delete(&two).await.status, 429);
    assert_eq!(api.get("/organizations").await.status, 200);
    assert_eq!(api.names(), ["two"]);
}

#[tokio::test]
async fn the_log_tells_what_arrived_and_what_was_answered() {
    let api = Api::new().await;
    api.create("a").await;
    api.get("/organizations?search=a").await;
    api.post(json!({})).await;
    let log: Vec<_> = api
        .sandbox
        .requests()
        .into_iter()
        .map(|request| format!("{} {} {:?}", request.method, request.path, request.status))
        .collect();
    assert_eq!(
        log,
        [
            "POST /organizations Some(201)",
            "GET /organizations?search=a Some(200)",
            "POST /organizations Some(422)",
        ]
    );
    assert!(
        api.sandbox
            .requests()
            .is_sorted_by_key(|request| request.arrived)
    );
}

#[tokio::test]
async fn the_log_keeps_the_latest_requests_only() {
    for (kept, expected) in [
        (2, vec!["/organizations/y", "/organizations/z"]),
        (0, vec![]),
    ] {
        let api = Api::with(Options {
            request_log: kept,
            ..Options::default()
        })
        .await;
        for path in ["x", "y", "z"] {
            api.get(&format!("/organizations/{path}")).await;
        }
        let paths: Vec<_> = api
            .sandbox
            .requests()
            .into_iter()
            .map(|it| it.path)
            .collect();
        assert_eq!(paths, expected);
    }
}

#[tokio::test]
async fn ids_and_times_grow_with_every_creation() {
    let api = Api::new().await;
    for _ in 0..50 {
        api.create("a").await;
    }
    let stored = api.sandbox.organizations();
    assert!(stored.is_sorted_by(|a, b| a.id < b.id && a.created_at <= b.created_at));
}

#[tokio::test]
async fn a_stopped_sandbox_frees_its_port_and_closes_its_connections() {
    let api = Api::new().await;
    api.create("a").await;
    let port = api
        .sandbox
        .url()
        .rsplit(':')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    api.sandbox.stop().await;
    let options = Options {
        port,
        ..Options::default()
    };
    let next = Sandbox::start(options.clone()).await.unwrap();
    assert!(next.organizations().is_empty());
    let taken = Sandbox::start(options).await.unwrap_err();
    assert_eq!(taken.kind(), std::io::ErrorKind::AddrInUse);
}

#[tokio::test]
async fn options_that_contradict_themselves_are_refused() {
    for options in [
        Options {
            faults: vec![
                "429:0.6".parse().unwrap(),
                "all:garbage:0.6".parse().unwrap(),
            ],
            ..Options::default()
        },
        Options {
            consumer_domain_status: 200,
            ..Options::default()
        },
        Options {
            delete_status: 500,
            ..Options::default()
        },
    ] {
        let error = Sandbox::start(options).await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
    }
}
