//! Mishaps: what the client sees, and what was done all the same.

use super::{Answer, Api};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use workos_orgs::sandbox::Options;

/// A sandbox in which something always goes wrong.
async fn always(fault: &str) -> Api {
    Api::with(Options {
        faults: vec![format!("{fault}:1").parse().unwrap()],
        fault_delay: Duration::from_millis(20),
        ..Options::default()
    })
    .await
}

/// Creates `a`, and answers what the client saw.
async fn create(api: &Api) -> Result<Answer, reqwest::Error> {
    let body = Some(json!({"name": "a", "external_id": "crm-1"}));
    api.send("POST", "/organizations", body).await
}

#[tokio::test]
async fn a_connection_dropped_before_leaves_nothing_behind() {
    let api = always("drop-before").await;
    for _ in 0..2 {
        let error = create(&api).await.unwrap_err();
        assert!(!error.is_timeout() && !error.is_connect(), "{error:?}");
    }
    api.sandbox.finished(2).await;
    assert!(api.names().is_empty());
    assert!(api.sandbox.requests().iter().all(|it| it.status.is_none()));
}

#[tokio::test]
async fn a_connection_dropped_after_leaves_exactly_one_organization_behind() {
    let api = always("drop-after").await;
    for _ in 0..2 {
        // The second is refused inside, as its external id is taken; no one hears of it.
        create(&api).await.unwrap_err();
    }
    api.sandbox.finished(2).await;
    assert_eq!(api.names(), ["a"]);
    assert_eq!(
        api.get("/organizations/external_id/crm-1").await.status,
        200
    );
}

#[tokio::test]
async fn a_server_error_before_leaves_nothing_behind() {
    let api = always("5xx-before").await;
    let mut statuses = BTreeSet::new();
    for _ in 0..4 {
        let answer = create(&api).await.unwrap();
        let is_html = answer.header("content-type") == Some("text/html");
        assert_eq!(is_html, answer.text.starts_with("<html>"));
        assert_eq!(is_html, [502, 504].contains(&answer.status));
        statuses.insert(answer.status);
    }
    assert_eq!(statuses, BTreeSet::from([500, 502, 503, 504]));
    assert!(api.names().is_empty());
}

#[tokio::test]
async fn a_server_error_after_leaves_exactly_one_organization_behind() {
    let api = always("5xx-after").await;
    for _ in 0..4 {
        assert!(create(&api).await.unwrap().status >= 500);
    }
    assert_eq!(api.names(), ["a"]);
}

#[tokio::test]
async fn garbage_is_a_success_that_cannot_be_read() {
    let api = always("garbage").await;
    for n in 0..4 {
        let body = Some(json!({ "name": n.to_string() }));
        match api.send("POST", "/organizations", body).await {
            Ok(answer) => {
                assert_eq!(answer.status, 201);
                let body = serde_json::from_str::<serde_json::Value>(&answer.text);
                assert!(body.is_err(), "{answer:?}");
            }
            // The head came, the body broke off.
            Err(error) => assert!(
                n == 3 && (error.is_body() || error.is_decode()),
                "{error:?}"
            ),
        }
    }
    assert_eq!(api.names(), ["0", "1", "2", "3"]);
}

#[tokio::test]
async fn a_storm_of_429_shows_every_form_of_retry_after() {
    let api = always("429").await;
    let mut forms = Vec::new();
    for _ in 0..5 {
        let answer = create(&api).await.unwrap();
        assert_eq!(answer.status, 429);
        forms.push(answer.header("retry-after").map(str::to_owned));
    }
    assert_eq!(forms[0].as_deref(), Some("1"));
    assert_eq!(forms[1].as_deref(), Some("0"));
    assert!(httpdate::parse_http_date(forms[2].as_deref().unwrap()).is_ok());
    assert_eq!(forms[3], None);
    assert_eq!(forms[4].as_deref(), Some("in a little while"));
    assert!(api.names().is_empty());
}

#[tokio::test]
async fn a_delayed_answer_comes_in_the_end() {
    for fault in ["delay", "delay-before", "delay-after"] {
        let api = always(fault).await;
        assert_eq!(create(&api).await.unwrap().status, 201);
        assert_eq!(api.names(), ["a"]);
    }
}

#[tokio::test]
async fn a_delay_after_has_taken_effect_while_the_client_still_waits() {
    let api = Api::with(Options {
        faults: vec!["delay-after:1".parse().unwrap()],
        fault_delay: Duration::from_secs(3600),
        ..Options::default()
    })
    .await;
    tokio::select! {
        answer = create(&api) => panic!("answered: {answer:?}"),
        () = api.sandbox.finished(1) => {}
    }
    assert_eq!(api.names(), ["a"]);
}

#[tokio::test]
async fn a_delay_before_has_not_taken_effect_while_the_client_still_waits() {
    let api = Api::with(Options {
        faults: vec!["delay-before:1".parse().unwrap()],
        fault_delay: Duration::from_secs(3600),
        ..Options::default()
    })
    .await;
    tokio::select! {
        answer = create(&api) => panic!("answered: {answer:?}"),
        () = api.sandbox.arrived(1) => {}
    }
    assert!(api.names().is_empty());
}

/// Sends the creation of `a` and leaves without waiting for an answer.
async fn create_and_leave(api: &Api) {
    let address = api.sandbox.url().replace("http://", "");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = "POST /organizations HTTP/1.1\r\nhost: sandbox\r\nauthorization: Bearer \
                   sk_test_sandbox\r\ncontent-length: 12\r\n\r\n{\"name\":\"a\"}";
    stream.write_all(request.as_bytes()).await.unwrap();
    api.sandbox.arrived(1).await;
}

#[tokio::test]
async fn a_client_that_leaves_does_not_undo_what_is_under_way() {
    for fault in ["delay-before", "delay-after", "5xx-after"] {
        let api = always(fault).await;
        create_and_leave(&api).await;
        api.sandbox.finished(1).await;
        assert_eq!(api.names(), ["a"], "{fault}");
    }
    let api = Api::with(Options {
        latency: Duration::from_millis(20),
        ..Options::default()
    })
    .await;
    create_and_leave(&api).await;
    api.sandbox.finished(1).await;
    assert_eq!(api.names(), ["a"]);
}

#[tokio::test]
async fn a_refused_connection_carries_no_request() {
    let api = always("refuse").await;
    create(&api).await.unwrap_err();
    api.send("GET", "/organizations", None).await.unwrap_err();
    assert!(api.names().is_empty());
    assert!(api.sandbox.requests().is_empty());
}

#[tokio::test]
async fn faults_affect_creations_unless_a_scope_says_otherwise() {
    let api = always("5xx-before").await;
    assert_eq!(api.get("/organizations").await.status, 200);
    let api = always("reads:5xx-before").await;
    let id = api.create("a").await;
    assert_eq!(api.get("/organizations").await.status, 500);
    let api_all = always("all:5xx-before").await;
    assert_eq!(api_all.get("/organizations").await.status, 500);
    assert_eq!(api_all.delete(&id).await.status, 502);
}

#[tokio::test]
async fn the_same_seed_brings_the_same_faults_in_the_same_order() {
    let run = async |seed| {
        let api = Api::with(Options {
            faults: vec![
                "5xx-before:0.3".parse().unwrap(),
                "429:0.2".parse().unwrap(),
            ],
            seed,
            ..Options::default()
        })
        .await;
        let mut statuses = Vec::new();
        for _ in 0..40 {
            // Reads in between change nothing.
            api.get("/organizations").await;
            statuses.push(api.post(json!({"name": "a"})).await.status);
        }
        statuses
    };
    let first = run(7).await;
    assert_eq!(first, run(7).await);
    assert_ne!(first, run(8).await);
    for status in [201, 429, 500] {
        assert!(first.contains(&status), "{first:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_201_is_stored_once_under_every_fault_at_once() {
    let faults = [
        "drop-before",
        "drop-after",
        "5xx-before",
        "5xx-after",
        "garbage",
        "429",
    ];
    let api = Api::with(Options {
        faults: faults
            .map(|kind| format!("{kind}:0.1").parse().unwrap())
            .to_vec(),
        seed: 3,
        ..Options::default()
    })
    .await;
    let requests = (0..300).map(|n| {
        let body = Some(json!({ "name": format!("{n:03}") }));
        let answer = api.send("POST", "/organizations", body);
        async move {
            match answer.await {
                Ok(answer) if answer.status == 201 => Some(format!("{n:03}")),
                _ => None,
            }
        }
    });
    let confirmed = futures::future::join_all(requests).await;
    api.sandbox.finished(300).await;
    let names = api.names();
    let stored: BTreeSet<&String> = names.iter().collect();
    assert_eq!(stored.len(), names.len(), "nothing is stored twice");
    assert!(confirmed.iter().flatten().all(|name| stored.contains(name)));
    assert!(stored.len() > confirmed.iter().flatten().count());
    assert!(stored.len() < 300);
}
