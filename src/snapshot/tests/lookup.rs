//! Lookups by domains: batches, further pages, and servers without the filter.

use super::id;
use super::server::{Quirk, Refused, Server};
use crate::snapshot::{Error, Snapshot, look_up_domains};
use crate::workos::{Client, Failure, ListQuery, OrganizationsApi, Page};
use futures::executor::block_on;

fn look_up(server: &Server, domains: &[String]) -> Result<Snapshot, Error<Refused>> {
    let domains = domains.iter().map(String::as_str);
    block_on(look_up_domains(
        async |query| server.answer(&query),
        domains,
    ))
}

fn domains(numbers: impl Iterator<Item = u32>) -> Vec<String> {
    numbers.map(|number| format!("c{number}.example")).collect()
}

#[test]
fn organizations_are_found_by_their_domains_and_no_others() {
    for count in [0, 1, 49, 50, 51, 1234] {
        let server = Server::with(5000);
        let asked = domains((0..count).map(|number| 1000 + number * 10));
        let mut with_unknown = asked.clone();
        with_unknown.push("unknown.example".to_owned());
        let snapshot = look_up(&server, &with_unknown).unwrap();
        assert_eq!(snapshot.len(), count as usize);
        assert_eq!(server.request_count(), with_unknown.len().div_ceil(50));
        for number in (0..count).map(|number| 1000 + number * 10) {
            let entry = snapshot.by_external_id(&format!("crm-{number}"));
            assert_eq!(entry.unwrap().id, id(number));
        }
    }
}

#[test]
fn no_domains_need_no_request() {
    let server = Server::with(10);
    assert!(look_up(&server, &[]).unwrap().is_empty());
    assert_eq!(server.request_count(), 0);
}

#[test]
fn long_domains_make_smaller_requests() {
    let server = Server::with(10);
    let label = "a".repeat(60);
    let long = |number| format!("{label}.{label}.{label}.c{number}.example");
    let asked: Vec<String> = (0..100).map(long).chain(["ü".repeat(3000)]).collect();
    assert!(look_up(&server, &asked).unwrap().is_empty());
    let requests = server.requests.borrow();
    let sent: Vec<&String> = requests.iter().flat_map(|it| &it.domains).collect();
    assert_eq!(sent, asked.iter().collect::<Vec<_>>());
    let several = || requests.iter().filter(|it| it.domains.len() > 1);
    assert!(several().count() > 4);
    assert!(several().all(|it| it.domains.join("%2C").len() <= 3500));
}

#[test]
fn further_pages_of_a_request_are_read() {
    let server = Server::with(300);
    let asked = domains((0..50).map(|number| 1000 + number * 10));
    let fetch = async |query: ListQuery<'_>| {
        let query = ListQuery { limit: 7, ..query };
        server.answer(&query)
    };
    let asked = asked.iter().map(String::as_str);
    let snapshot = block_on(look_up_domains(fetch, asked)).unwrap();
    assert_eq!(snapshot.len(), 50);
    assert_eq!(server.request_count(), 8);
}

#[test]
fn a_refused_cursor_restarts_a_request_once() {
    for (deletions, is_found) in [(1, true), (2, false)] {
        let server = Server::with(300).quirk(Quirk::RefusesCursor(400));
        let asked = domains((0..50).map(|number| 1000 + number * 10));
        let fetch = async |query: ListQuery<'_>| {
            // Before the second request of each attempt.
            if let Some(cursor) = query.after
                && server.numbers.borrow().len() > 300 - deletions
            {
                let cursor: ulid::Ulid = cursor.trim_start_matches("org_").parse().unwrap();
                server
                    .numbers
                    .borrow_mut()
                    .remove(&u32::try_from(cursor.0).unwrap());
            }
            let query = ListQuery { limit: 7, ..query };
            server.answer(&query)
        };
        let result = block_on(look_up_domains(fetch, asked.iter().map(String::as_str)));
        match result {
            Ok(snapshot) if is_found => assert_eq!(snapshot.len(), 50),
            Err(Error::Fetch(Refused(400))) if !is_found => assert_eq!(server.request_count(), 4),
            other => panic!("{deletions}: {other:?}"),
        }
    }
}

#[test]
fn a_server_that_ignores_the_filter_is_an_error_after_one_page() {
    let server = Server::with(300).quirk(Quirk::IgnoresDomains);
    let error = look_up(&server, &["unknown.example".to_owned()]).unwrap_err();
    assert!(matches!(error, Error::FilterIgnored), "{error:?}");
    assert_eq!(server.request_count(), 1);
}

#[test]
fn a_refused_request_is_an_error() {
    let server = Server::with(1).quirk(Quirk::Answers(404));
    let error = look_up(&server, &["a.example".to_owned()]).unwrap_err();
    assert!(matches!(error, Error::Fetch(Refused(404))), "{error:?}");
}

#[test]
fn a_lookup_through_the_client_can_be_spawned() {
    fn is_send<T: Send>(_: &T) {}
    let key = crate::workos::ApiKey::new("sk_test_a", "test").unwrap();
    let url = "http://127.0.0.1:1".parse().unwrap();
    let client = Client::new(url, &key, std::time::Duration::from_secs(1)).unwrap();
    let fetch = async move |query: ListQuery<'_>| -> Result<Page, Failure> {
        Ok(client.list(&query).await?.value)
    };
    is_send(&look_up_domains(fetch, ["a.example"].into_iter()));
}
