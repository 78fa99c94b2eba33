//! The client against a server that answers in every way a server can.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail as tests do, by a panic"
)]

use bytes::Bytes;
use serde_json::json;
use std::time::{Duration, SystemTime};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wiremock::matchers::{body_json, header, method, path, query_param};
use wiremock::{Mock, MockServer, Respond, ResponseTemplate};
use workos_orgs::workos::{
    Answer, ApiKey, Client, Failure, Lost, Organization, OrganizationsApi, Refusal,
};

const TIMEOUT: Duration = Duration::from_millis(500);

fn client_at(url: &str) -> Client {
    let key = ApiKey::new("sk_test_verysecret", "the test").unwrap();
    Client::new(url.parse().unwrap(), &key, TIMEOUT).unwrap()
}

async fn server(respond: impl Respond + 'static) -> (MockServer, Client) {
    let server = MockServer::start().await;
    Mock::given(wiremock::matchers::any())
        .respond_with(respond)
        .mount(&server)
        .await;
    let client = client_at(&server.uri());
    (server, client)
}

/// What becomes of a creation that is answered so.
async fn created(respond: impl Respond + 'static) -> Result<Answer<Organization>, Failure> {
    let (_server, client) = server(respond).await;
    client.create(Bytes::from_static(b"{}")).await
}

async fn refusal(respond: impl Respond + 'static) -> Refusal {
    match created(respond).await {
        Err(Failure::Refused(refusal)) => *refusal,
        other => panic!("not refused: {other:?}"),
    }
}

async fn lost(respond: impl Respond + 'static) -> Lost {
    match created(respond).await {
        Err(Failure::Lost(lost)) => lost,
        other => panic!("not lost: {other:?}"),
    }
}

fn acme() -> ResponseTemplate {
    ResponseTemplate::new(201)
        .insert_header("x-request-id", "req_1")
        .set_body_json(json!({
            "object": "organization", "id": "org_1", "name": "Acme",
            "domains": [{"domain": "acme.com"}], "metadata": {}, "external_id": null,
            "created_at": "2026-11-23T20:00:00.000Z", "new_field": [1]
        }))
}

#[tokio::test]
async fn a_creation_is_sent_with_the_key_and_its_answer_is_read() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/organizations"))
        .and(header("authorization", "Bearer sk_test_verysecret"))
        .and(header("content-type", "application/json"))
        .and(body_json(json!({"name": "Acme"})))
        .respond_with(acme())
        .expect(1)
        .mount(&server)
        .await;
    let client = client_at(&server.uri());
    let answer = client
        .create(Bytes::from_static(br#"{"name":"Acme"}"#))
        .await
        .unwrap();
    assert_eq!(answer.request_id.as_deref(), Some("req_1"));
    assert_eq!(answer.value.id, "org_1");
    assert_eq!(answer.value.domains, ["acme.com"]);
    let body = answer.value.json.unwrap();
    assert!(String::from_utf8_lossy(&body).contains("new_field"));
    assert!(!format!("{client:?}").contains("verysecret"));
}

#[tokio::test]
async fn an_id_is_one_segment_of_a_path_whatever_it_holds() {
    let (server, client) = server(acme()).await;
    for id in ["crm/1?x=#y", "a b%2F", "..", "ü"] {
        // What comes back does not matter here.
        let _ = client.by_external_id(id).await;
    }
    let requests = server.received_requests().await.unwrap();
    let paths: Vec<_> = requests.iter().map(|it| it.url.as_str()).collect();
    let expected = ["crm%2F1%3Fx=%23y", "a%20b%252F"];
    for (found, expected) in paths.iter().zip(expected) {
        assert!(
            found.ends_with(&format!("/organizations/external_id/{expected}")),
            "{found}"
        );
    }
    for (request, id) in requests.iter().zip(["crm/1?x=#y", "a b%2F"]) {
        assert_eq!(request.url.query(), None, "{id}");
    }
}

#[tokio::test]
async fn a_list_asks_for_whole_pages_newest_first() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/organizations"))
        .and(query_param("limit", "100"))
        .and(query_param("order", "desc"))
        .and(query_param("after", "org_9"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({
            "data": [{"id": "org_8"}], "list_metadata": {"before": "x", "after": "org_8"}
        })))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(query_param("domains", "a.com,b.com"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"data": []})))
        .expect(1)
        .mount(&server)
        .await;
    let client = client_at(&server.uri());
    let page = client.newest(Some("org_9")).await.unwrap().value;
    assert_eq!(page.after(), Some("org_8"));
    let page = client.by_domains(&["a.com", "b.com"]).await.unwrap().value;
    assert!(page.data.is_empty() && page.after().is_none());
}

#[tokio::test]
async fn what_is_not_there_is_an_answer_not_a_failure() {
    let (_server, client) = server(
        ResponseTemplate::new(404)
            .insert_header("x-request-id", "req_404")
            .set_body_json(json!({"message": "Not found"})),
    )
    .await;
    let answer = client.by_id("org_1").await.unwrap();
    assert!(answer.value.is_none());
    assert_eq!(answer.request_id.as_deref(), Some("req_404"));
    assert!(
        client
            .by_external_id("crm-1")
            .await
            .unwrap()
            .value
            .is_none()
    );
    assert!(client.newest(None).await.is_err(), "a list is always there");
}

#[tokio::test]
async fn every_form_of_retry_after_is_read() {
    let in_a_minute = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(60));
    let long_ago = "Wed, 21 Oct 2015 07:28:00 GMT".to_owned();
    let seconds = Duration::from_secs;
    for (text, at_least, at_most) in [
        (Some("7".to_owned()), Some(seconds(7)), seconds(7)),
        (Some("0".to_owned()), Some(seconds(0)), seconds(0)),
        (
            Some("0.5".to_owned()),
            Some(Duration::from_millis(500)),
            seconds(1),
        ),
        (Some(in_a_minute), Some(seconds(55)), seconds(61)),
        (Some(long_ago), Some(seconds(0)), seconds(0)),
        (Some("in a while".to_owned()), None, seconds(0)),
        (Some("-1".to_owned()), None, seconds(0)),
        (Some(String::new()), None, seconds(0)),
        (None, None, seconds(0)),
    ] {
        let mut template = ResponseTemplate::new(429).set_body_string("Ratelimited");
        if let Some(text) = &text {
            template = template.insert_header("retry-after", text.as_str());
        }
        let refusal = refusal(template).await;
        assert_eq!(refusal.http_status, 429);
        assert_eq!(refusal.message, "Ratelimited");
        match (refusal.retry_after, at_least) {
            (Some(found), Some(least)) => {
                assert!((least..=at_most).contains(&found), "{text:?}: {found:?}");
            }
            (found, expected) => assert_eq!(found, expected, "{text:?}"),
        }
    }
}

#[tokio::test]
async fn an_error_status_is_a_refusal_with_its_request_id() {
    for status in [400, 401, 403, 409, 422, 500, 502, 503, 504, 599] {
        let template = ResponseTemplate::new(status)
            .insert_header("x-request-id", "req_7")
            .set_body_string("<html><head><title>Oh no</title></head></html>");
        let refusal = refusal(template).await;
        assert_eq!(refusal.http_status, status);
        assert_eq!(refusal.request_id.as_deref(), Some("req_7"));
        assert!(refusal.message.contains("Oh no"), "{refusal}");
    }
}

#[tokio::test]
async fn a_success_that_cannot_be_read_is_a_lost_answer() {
    for body in [
        "",
        "{\"id\":\"org_1\"",
        "<html></html>",
        "[]",
        "{}",
        "null",
        "{\"id\":7}",
    ] {
        let template = ResponseTemplate::new(201)
            .insert_header("x-request-id", "req_7")
            .set_body_string(body);
        let lost = lost(template).await;
        assert_eq!(lost.http_status, Some(201), "{body:?}");
        assert_eq!(lost.request_id.as_deref(), Some("req_7"));
        assert!(!lost.timed_out);
    }
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_is_lost() {
    let lost = lost(acme().set_delay(TIMEOUT * 20)).await;
    assert!(lost.timed_out);
    assert_eq!(lost.http_status, None);
}

#[tokio::test]
async fn a_redirect_is_a_refusal_and_not_followed() {
    let (elsewhere, _) = server(acme()).await;
    for status in [301, 302, 303, 307, 308] {
        let template = ResponseTemplate::new(status).insert_header("location", elsewhere.uri());
        assert_eq!(refusal(template).await.http_status, status);
    }
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

/// A server that reads a request and then answers with these bytes and the end of the connection.
async fn raw_server(answer: &'static [u8]) -> (Client, tokio::task::JoinHandle<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client_at(&format!("http://{}", listener.local_addr().unwrap()));
    let served = tokio::spawn(async move {
        let mut requests = 0;
        while let Ok(Ok((mut stream, _))) = tokio::time::timeout(TIMEOUT, listener.accept()).await {
            requests += 1;
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(answer).await;
        }
        requests
    });
    (client, served)
}

#[tokio::test]
async fn a_connection_that_breaks_off_loses_the_answer_and_nothing_is_sent_again() {
    for answer in [
        &b""[..],
        b"HTTP/1.1 201 Cre",
        b"HTTP/1.1 201 Created\r\ncontent-length: 500\r\n\r\n{\"id\":",
        b"\x00\xff not HTTP at all\r\n\r\n",
    ] {
        let (client, served) = raw_server(answer).await;
        let failure = client.create(Bytes::from_static(b"{}")).await.unwrap_err();
        assert!(matches!(failure, Failure::Lost(_)), "{failure:?}");
        assert_eq!(served.await.unwrap(), 1, "the client sent it again");
    }
}

#[tokio::test]
async fn an_error_whose_body_breaks_off_is_still_a_refusal() {
    let (client, _served) =
        raw_server(b"HTTP/1.1 422 Oh\r\ncontent-length: 500\r\n\r\n{\"mess").await;
    let failure = client.create(Bytes::from_static(b"{}")).await.unwrap_err();
    match failure {
        Failure::Refused(refusal) => assert_eq!(refusal.http_status, 422),
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn where_nobody_listens_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let failure = client_at(&url)
        .create(Bytes::from_static(b"{}"))
        .await
        .unwrap_err();
    assert!(matches!(failure, Failure::NotSent { .. }), "{failure:?}");
}
