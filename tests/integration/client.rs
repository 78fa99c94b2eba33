//! The client against a server that answers in every way a server can.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do, by a panic"
)]

use bytes::Bytes;
use serde_json::json;
use std::time::{Duration, SystemTime};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wiremock::matchers::{body_json, header, method, path};
use wiremock::{Mock, MockServer, Respond, ResponseTemplate};
use workos_orgs::sandbox::{Options, Sandbox};
use workos_orgs::snapshot::{self, Listing, likeness, look_up_domains};
use workos_orgs::workos::{
    Answer, ApiKey, Client, Dependent, Failure, ListQuery, Lost, Order, Organization,
    OrganizationChanges, OrganizationsApi, Refusal,
};

const TIMEOUT: Duration = Duration::from_millis(500);

const ORG: &str = "org_01EHZNVPK2QXHMVWCEDQEKY69A";
const DOMAIN: &str = "org_domain_01EHZNVPK2QXHMVWCEDQEKY69A";

fn client_at(url: &str) -> Client {
    client_with(url, TIMEOUT)
}

fn client_with(url: &str, timeout: Duration) -> Client {
    let key = ApiKey::new("sk_test_verysecret", "the test").unwrap();
    Client::new(url.parse().unwrap(), &key, timeout).unwrap()
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

/// What happens to a creation that is answered like this.
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
    assert_eq!(answer.value.domains.unwrap(), ["acme.com"]);
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

/// The query string of the one request that this list sends.
async fn listed(query: &ListQuery<'_>) -> String {
    let page =
        json!({"data": [{"id": "org_8"}], "list_metadata": {"before": "org_9", "after": "org_8"}});
    let (server, client) = server(ResponseTemplate::new(200).set_body_json(page)).await;
    let page = client.list(query).await.unwrap().value;
    assert_eq!(
        (page.before(), page.after()),
        (Some("org_9"), Some("org_8"))
    );
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].url.path(), "/organizations");
    requests[0].url.query().unwrap().to_owned()
}

#[tokio::test]
async fn a_list_asks_for_whole_pages_newest_first() {
    assert_eq!(listed(&ListQuery::default()).await, "limit=100&order=desc");
}

#[tokio::test]
async fn a_list_asks_for_what_is_set_and_nothing_else() {
    let query = ListQuery {
        order: Order::Ascending,
        after: Some("org_9"),
        limit: 7,
        domains: &["a.com", "b.com"],
        search: Some("R&D, ü"),
        before: None,
    };
    assert_eq!(
        listed(&query).await,
        "limit=7&order=asc&after=org_9&search=R%26D%2C+%C3%BC&domains=a.com%2Cb.com"
    );
    let query = ListQuery {
        before: Some("org_1"),
        ..ListQuery::default()
    };
    assert_eq!(listed(&query).await, "limit=100&order=desc&before=org_1");
}

#[tokio::test]
async fn an_update_puts_the_body_and_reads_the_organization() {
    let server = MockServer::start().await;
    Mock::given(method("PUT"))
        .and(path(format!("/organizations/{ORG}")))
        .and(header("content-type", "application/json"))
        .and(body_json(json!({"name": "Acme"})))
        .respond_with(acme())
        .expect(1)
        .mount(&server)
        .await;
    let client = client_at(&server.uri());
    let body = Bytes::from_static(br#"{"name":"Acme"}"#);
    let answer = client.update(ORG, body.clone()).await.unwrap();
    assert_eq!(answer.value.name, "Acme");
    assert!(answer.value.json.is_some());
    let failure = client
        .update("org_01EHZNVPK2QXHMVWCEDQEKY69B", body)
        .await
        .unwrap_err();
    assert!(matches!(failure, Failure::Refused(it) if it.http_status == 404));
}

#[tokio::test]
async fn a_deletion_is_done_whatever_the_body_says() {
    for (status, body, is_done) in [
        (200, "{", true),
        (202, "Accepted", true),
        (204, "", true),
        (404, r#"{"message":"Not Found"}"#, false),
    ] {
        let server = MockServer::start().await;
        Mock::given(method("DELETE"))
            .and(path(format!("/organizations/{ORG}")))
            .respond_with(
                ResponseTemplate::new(status)
                    .insert_header("x-request-id", "req_1")
                    .set_body_string(body),
            )
            .expect(1)
            .mount(&server)
            .await;
        let answer = client_at(&server.uri()).delete(ORG).await.unwrap();
        assert_eq!(answer.value, is_done, "{status}");
        assert_eq!(answer.request_id.as_deref(), Some("req_1"));
    }
    for status in [302, 403, 409, 429, 500] {
        let (_server, client) = server(ResponseTemplate::new(status)).await;
        let failure = client.delete(ORG).await.unwrap_err();
        assert!(matches!(failure, Failure::Refused(it) if it.http_status == status));
    }
}

#[tokio::test]
async fn an_id_that_is_not_of_workos_is_never_sent() {
    let (server, client) = server(acme()).await;
    let lower = ORG.to_lowercase();
    let longer = format!("{ORG}/..");
    for id in [
        "",
        "..",
        ".",
        "org_x/../y",
        "org_x%2F..%2Fy",
        "org_1",
        "org_\n",
        DOMAIN,
        &lower,
        &longer,
    ] {
        assert!(client.delete(id).await.is_err(), "{id:?}");
        let body = Bytes::from_static(b"{}");
        assert!(client.update(id, body).await.is_err(), "{id:?}");
        assert!(client.add_domain(id, "acme.com").await.is_err(), "{id:?}");
        for kind in Dependent::ALL {
            assert!(client.has_dependents(id, kind).await.is_err(), "{id:?}");
        }
        assert!(client.by_id(id).await.unwrap().value.is_none(), "{id:?}");
        let domain = if id == DOMAIN { ORG } else { id };
        assert!(client.remove_domain(domain).await.is_err(), "{domain:?}");
    }
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_domain_is_removed_by_its_id() {
    for (status, is_done) in [(204, true), (404, false)] {
        let server = MockServer::start().await;
        Mock::given(method("DELETE"))
            .and(path(format!("/organization_domains/{DOMAIN}")))
            .respond_with(ResponseTemplate::new(status))
            .expect(1)
            .mount(&server)
            .await;
        let client = client_at(&server.uri());
        assert_eq!(client.remove_domain(DOMAIN).await.unwrap().value, is_done);
    }
}

#[tokio::test]
async fn what_an_organization_has_is_asked_for_with_one_request_each() {
    for (data, expected) in [
        (json!([]), false),
        (json!([{"object": "connection"}]), true),
    ] {
        let page = json!({"object": "list", "data": data, "list_metadata": {"after": null}});
        let (server, client) = server(ResponseTemplate::new(200).set_body_json(page)).await;
        for kind in Dependent::ALL {
            let answer = client.has_dependents(ORG, kind).await.unwrap();
            assert_eq!(answer.value, expected, "{kind:?}");
        }
        let requests = server.received_requests().await.unwrap();
        let sent: Vec<String> = requests
            .iter()
            .map(|it| format!("{}?{}", it.url.path(), it.url.query().unwrap()))
            .collect();
        let memberships = "user_management/organization_memberships";
        let statuses = "&statuses=active%2Cinactive%2Cpending";
        assert_eq!(
            sent,
            [
                format!("/connections?organization_id={ORG}&limit=1"),
                format!("/directories?organization_id={ORG}&limit=1"),
                format!("/{memberships}?organization_id={ORG}&limit=1{statuses}"),
            ]
        );
    }
    // An answer that cannot be read is not an organization that is not in use.
    for body in ["", "{}", "[]", "<html>"] {
        let template = ResponseTemplate::new(200).set_body_string(body);
        let (_server, client) = server(template).await;
        let failure = client.has_dependents(ORG, Dependent::Connection).await;
        assert!(matches!(failure, Err(Failure::Lost(_))), "{body:?}");
    }
}

#[tokio::test]
async fn a_domain_is_added_to_an_organization() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/organization_domains"))
        .and(header("content-type", "application/json"))
        .and(body_json(
            json!({"organization_id": ORG, "domain": "acme.com"}),
        ))
        .respond_with(ResponseTemplate::new(201).set_body_string("not parsed"))
        .expect(1)
        .mount(&server)
        .await;
    let client = client_at(&server.uri());
    client.add_domain(ORG, "acme.com").await.unwrap();
}

#[tokio::test]
async fn a_domain_that_is_taken_is_a_refusal_with_its_code() {
    let body = json!({"code": "domain_already_exists", "message": "Taken."});
    let (_server, client) = server(ResponseTemplate::new(409).set_body_json(body)).await;
    match client.add_domain(ORG, "acme.com").await.unwrap_err() {
        Failure::Refused(refusal) => {
            assert_eq!(refusal.code.as_deref(), Some("domain_already_exists"));
        }
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn what_is_not_there_is_an_answer_not_a_failure() {
    let (_server, client) = server(
        ResponseTemplate::new(404)
            .insert_header("x-request-id", "req_404")
            .set_body_json(json!({"message": "Not found"})),
    )
    .await;
    let answer = client.by_id(ORG).await.unwrap();
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
    let listed = client.list(&ListQuery::default()).await;
    assert!(listed.is_err(), "a list is always there");
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
async fn the_headers_of_the_rate_limit_are_used_where_they_come() {
    let in_a_minute = SystemTime::now() + Duration::from_secs(60);
    let in_a_minute = in_a_minute.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let in_a_minute = in_a_minute.as_secs().to_string();
    for (remaining, reset, wait) in [
        ("0", "7", Some(Duration::from_secs(7))),
        ("0", in_a_minute.as_str(), Some(Duration::from_secs(60))),
        ("3", "7", None),
        ("0", "soon", None),
    ] {
        let limited = |template: ResponseTemplate| {
            let template = template.insert_header("x-ratelimit-remaining", remaining);
            template.insert_header("x-ratelimit-reset", reset)
        };
        let answer = created(limited(acme())).await.unwrap();
        let rounded = |wait: Duration| wait.as_secs_f64().round();
        let close = |wait: Option<Duration>| wait.map(|wait| (rounded(wait) / 5.0).round());
        assert_eq!(close(answer.rest), close(wait), "{remaining} {reset}");
        // A refusal that names no time of its own ends with the limit.
        let refused = refusal(limited(ResponseTemplate::new(429))).await;
        let named = wait.or((remaining == "3").then_some(Duration::from_secs(7)));
        assert_eq!(
            close(refused.retry_after),
            close(named),
            "{remaining} {reset}"
        );
        let named = limited(ResponseTemplate::new(429)).insert_header("retry-after", "2");
        let named = refusal(named).await.retry_after;
        assert_eq!(named, Some(Duration::from_secs(2)));
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
async fn an_answer_with_an_id_that_no_path_can_hold_is_lost() {
    for id in ["", "..", "org_1/connections", "org_1\n", &"o".repeat(101)] {
        let template = ResponseTemplate::new(201).set_body_json(json!({"id": id, "name": "Acme"}));
        assert_eq!(lost(template).await.http_status, Some(201), "{id:?}");
        let page = json!({"data": [{"id": "org_1"}, {"id": id}]});
        let (_server, client) = server(ResponseTemplate::new(200).set_body_json(page)).await;
        let failure = client.list(&ListQuery::default()).await.unwrap_err();
        assert!(matches!(failure, Failure::Lost(_)), "{id:?}");
    }
}

#[tokio::test]
async fn a_body_is_read_up_to_8_mib() {
    const LIMIT: usize = 8 * 1024 * 1024;
    let of_length = |length: usize| {
        let json = r#"{"id":"org_1"}"#;
        format!("{json}{}", " ".repeat(length - json.len()))
    };
    let created = async |status: u16, body: String| {
        let template = ResponseTemplate::new(status)
            .insert_header("x-request-id", "req_7")
            .set_body_string(body);
        let (server, _) = server(template).await;
        // Large bodies take time on a busy machine.
        let client = client_with(&server.uri(), TIMEOUT * 100);
        client.create(Bytes::from_static(b"{}")).await
    };
    assert!(created(201, of_length(LIMIT)).await.is_ok());
    match created(201, of_length(LIMIT + 1)).await.unwrap_err() {
        Failure::Lost(lost) => {
            assert_eq!(lost.detail, "the response is larger than 8 MiB");
            assert_eq!(lost.request_id.as_deref(), Some("req_7"));
        }
        other => panic!("not lost: {other:?}"),
    }
    match created(502, "x".repeat(LIMIT + 1)).await.unwrap_err() {
        Failure::Refused(refusal) => {
            // 500 characters and an ellipsis of three bytes.
            assert_eq!((refusal.http_status, refusal.message.len()), (502, 503));
        }
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn codes_and_request_ids_are_cut() {
    let long = "c".repeat(10_000);
    let template = ResponseTemplate::new(422)
        .insert_header("x-request-id", long.as_str())
        .set_body_json(json!({"code": long, "message": "m"}));
    let refusal = refusal(template).await;
    let expected = Some("c".repeat(100));
    assert_eq!(
        (refusal.code, refusal.request_id),
        (expected.clone(), expected)
    );
}

#[tokio::test]
async fn refusals_and_unreadable_successes_keep_the_server_time() {
    let date = "Wed, 21 Oct 2026 07:28:00 GMT";
    let expected: jiff::Timestamp = "2026-10-21T07:28:00Z".parse().unwrap();
    let template = ResponseTemplate::new(429).insert_header("date", date);
    assert_eq!(refusal(template).await.date, Some(expected));
    let template = ResponseTemplate::new(201).insert_header("date", date);
    assert_eq!(lost(template).await.date, Some(expected));
}

#[tokio::test]
async fn endless_headers_are_a_lost_answer() {
    let many = (0..1000).fold(
        String::from("HTTP/1.1 201 Created\r\n"),
        |headers, number| format!("{headers}x-{number}: y\r\n"),
    );
    let large = format!("HTTP/1.1 201 Created\r\nx: {}\r\n", "y".repeat(2_000_000));
    for head in [many, large] {
        let answer = format!("{head}content-length: 14\r\n\r\n{{\"id\":\"org_1\"}}");
        let (client, _served) = raw_server(Vec::leak(answer.into_bytes())).await;
        let failure = client.create(Bytes::from_static(b"{}")).await.unwrap_err();
        assert!(matches!(failure, Failure::Lost(_)), "{failure:?}");
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

#[tokio::test]
async fn an_environment_is_listed_and_looked_up_from_a_spawned_task() {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let key = ApiKey::new(sandbox.api_key(), "the sandbox").unwrap();
    let client = Client::new(sandbox.url().parse().unwrap(), &key, TIMEOUT * 100).unwrap();
    for number in 0..250 {
        let domain = json!({"domain": format!("c{number}.example"), "state": "pending"});
        let body = json!({"name": format!("Customer {number}"), "domain_data": [domain]});
        client.create(body.to_string().into()).await.unwrap();
    }
    let pages = client.clone();
    let fetch = async move |query: ListQuery<'_>| Ok::<_, Failure>(pages.list(&query).await?.value);
    let listing = tokio::spawn(snapshot::list(fetch, None)).await.unwrap();
    let all = match listing.unwrap() {
        Listing::Complete(snapshot) => snapshot,
        other => panic!("not complete: {other:?}"),
    };
    assert_eq!(all.len(), 250);
    for number in 0..250 {
        let domain = format!("c{number}.example");
        let likeness = likeness(&format!("Customer {number}"), [&*domain].into_iter());
        assert_eq!(all.by_likeness(likeness).count(), 1);
    }

    let fetch =
        async move |query: ListQuery<'_>| Ok::<_, Failure>(client.list(&query).await?.value);
    let domains = ["c7.example", "none.example", "C9.example"].into_iter();
    let some = tokio::spawn(look_up_domains(fetch, domains)).await.unwrap();
    assert_eq!(some.unwrap().len(), 2);
}
