//! Listing: every size, changes meanwhile, and servers that do not keep to the rules.

use super::server::{Quirk, Refused, Server};
use super::{id, organization};
use crate::snapshot::{Error, Listing, Snapshot, list};
use crate::workos::{Client, Cursors, Failure, ListQuery, Order, OrganizationsApi, Page};
use futures::executor::block_on;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn list_all(server: &Server) -> Result<Listing, Error<Refused>> {
    block_on(list(async |query| server.answer(&query), None))
}

/// Lists while the environment changes before each request.
fn list_while(
    server: &Server,
    change: impl Fn(usize, &mut BTreeSet<u32>),
) -> Result<Listing, Error<Refused>> {
    let fetch = async |query: ListQuery<'_>| {
        change(server.request_count(), &mut server.numbers.borrow_mut());
        server.answer(&query)
    };
    block_on(list(fetch, None))
}

fn complete(listing: Result<Listing, Error<Refused>>) -> Snapshot {
    match listing.unwrap() {
        Listing::Complete(snapshot) => snapshot,
        other => panic!("not complete: {other:?}"),
    }
}

fn has(snapshot: &Snapshot, number: u32) -> bool {
    let entry = snapshot.by_external_id(&format!("crm-{number}"));
    entry.is_some_and(|entry| entry.id == id(number))
}

#[test]
fn environments_of_every_size_are_listed_completely() {
    for count in [0, 1, 2, 99, 100, 101, 199, 200, 201, 250, 301, 1000, 10_001] {
        let server = Server::with(count);
        let snapshot = complete(list_all(&server));
        assert_eq!(snapshot.len(), count as usize);
        let numbers = server.numbers.borrow();
        assert!(numbers.iter().all(|number| has(&snapshot, *number)));
        let pages = (count as usize).div_ceil(100).max(1);
        let requests = server.request_count();
        assert!(
            (pages..=pages + 2).contains(&requests),
            "{count}: {requests}"
        );
    }
}

#[test]
fn an_empty_last_page_is_the_end() {
    for count in [0, 100, 250, 1000] {
        let server = Server::with(count).quirk(Quirk::EmptyLastPage);
        assert_eq!(complete(list_all(&server)).len(), count as usize);
    }
}

#[test]
fn organizations_created_meanwhile_hide_no_others() {
    for step in [1, 10, 100, 250] {
        let server = Server::with(1000);
        let before = server.numbers.borrow().clone();
        let snapshot = complete(list_while(&server, |request, numbers| {
            if request < 50 {
                let next = numbers.last().unwrap() + 1;
                numbers.extend(next..next + step);
            }
        }));
        assert!(
            before.iter().all(|number| has(&snapshot, *number)),
            "{step}"
        );
    }
}

#[test]
fn a_deleted_cursor_restarts_the_list_once() {
    for quirk in [
        Quirk::RefusesCursor(400),
        Quirk::RefusesCursor(404),
        Quirk::RefusesCursor(422),
        Quirk::StartsOver,
    ] {
        let server = Server::with(1000).quirk(quirk);
        let delete_newest_cursor = |request: usize, numbers: &mut BTreeSet<u32>| {
            if request == 1 {
                numbers.remove(&(1000 + 900 * 10));
            }
        };
        let snapshot = complete(list_while(&server, delete_newest_cursor));
        assert_eq!(snapshot.len(), 999, "{quirk:?}");
    }
}

#[test]
fn a_cursor_that_is_refused_again_is_an_error() {
    let server = Server::with(1000).quirk(Quirk::RefusesCursor(400));
    let delete_all_cursors = |_: usize, numbers: &mut BTreeSet<u32>| {
        let last = server.requests.borrow().last().cloned();
        if last.is_some_and(|request| request.after.is_none()) {
            let kept = numbers.len() - 100;
            let cursor = numbers.iter().nth(kept).copied();
            numbers.retain(|number| Some(*number) != cursor);
        }
    };
    let error = list_while(&server, delete_all_cursors).unwrap_err();
    assert!(matches!(error, Error::Fetch(Refused(400))), "{error:?}");
    assert!(server.request_count() <= 6);
}

#[test]
fn a_refused_key_or_rate_does_not_restart_the_list() {
    for status in [401, 403, 408, 429] {
        let server = Server::with(1000).quirk(Quirk::RefusesCursor(status));
        let result = list_while(&server, |request, numbers| {
            if request == 1 {
                numbers.remove(&(1000 + 900 * 10));
            }
        });
        assert!(matches!(result, Err(Error::Fetch(Refused(it))) if it == status));
        assert_eq!(server.request_count(), 3);
    }
}

#[test]
fn pages_that_lead_in_a_circle_are_an_error() {
    for quirk in [Quirk::IgnoresCursor, Quirk::RepeatsCursor] {
        let server = Server::with(250).quirk(quirk);
        let error = list_all(&server).unwrap_err();
        assert!(
            matches!(error, Error::Repeated { .. }),
            "{quirk:?}: {error:?}"
        );
        // The list is read a second time: one page, then one of each reader.
        assert_eq!(server.request_count(), 6, "{quirk:?}");
    }
}

#[test]
fn the_first_page_again_and_again_is_an_error_also_while_organizations_are_created() {
    for step in [1, 10, 49] {
        let server = Server::with(250).quirk(Quirk::IgnoresCursor);
        let error = list_while(&server, |_, numbers| {
            let next = numbers.last().unwrap() + 1;
            numbers.extend(next..next + step);
        });
        assert!(matches!(error, Err(Error::Repeated { .. })), "{step}");
        assert!(server.request_count() <= 10);
    }
}

#[test]
fn a_server_that_ignores_or_refuses_ascending_order_is_listed_by_one_reader() {
    for quirk in [
        Quirk::IgnoresOrder,
        Quirk::TurnsPageAround,
        Quirk::RefusesOrder,
        Quirk::FindsNothingAscending,
        Quirk::EndsAscending,
    ] {
        for count in [101, 102, 250, 1001] {
            let server = Server::with(count).quirk(quirk);
            assert_eq!(
                complete(list_all(&server)).len(),
                count as usize,
                "{quirk:?}"
            );
            let pages = (count as usize).div_ceil(100);
            assert!(server.request_count() <= pages + 1, "{quirk:?}");
        }
    }
}

#[test]
fn an_ignored_order_is_noticed_when_many_organizations_are_created_after_the_first_page() {
    for created in [98, 99, 100, 150, 250] {
        let server = Server::with(1000).quirk(Quirk::IgnoresOrder);
        let before = server.numbers.borrow().clone();
        let snapshot = complete(list_while(&server, |request, numbers| {
            if request == 1 {
                let next = numbers.last().unwrap() + 1;
                numbers.extend(next..next + created);
            }
        }));
        assert!(
            before.iter().all(|number| has(&snapshot, *number)),
            "{created}"
        );
    }
}

#[test]
fn a_budget_of_pages_is_never_exceeded() {
    for (budget, count, expected_seen) in [
        (0, 50, 0),
        (1, 101, 100),
        (2, 250, 200),
        // Two readers, one page each.
        (3, 1000, 300),
        (20, 10_001, 2000),
    ] {
        let server = Server::with(count);
        let listing = block_on(list(async |query| server.answer(&query), Some(budget)));
        assert_eq!(server.request_count() as u64, budget);
        match listing.unwrap() {
            Listing::Exceeded { seen } => assert_eq!(seen, expected_seen),
            other => panic!("{budget} pages of {count}: {other:?}"),
        }
    }
}

#[test]
fn a_budget_that_is_just_enough_is_enough() {
    for (budget, count) in [(1, 0), (1, 100), (4, 250), (11, 1000)] {
        let server = Server::with(count);
        let listing = block_on(list(async |query| server.answer(&query), Some(budget)));
        assert_eq!(complete(listing).len(), count as usize);
    }
}

#[test]
fn organizations_of_one_instant_may_come_in_the_same_sequence_in_both_orders() {
    for (together, count) in [2, 7, 30, 99, 100, 101, 400]
        .into_iter()
        .flat_map(|together| (700..1000).step_by(67).map(move |count| (together, count)))
    {
        let oldest_first: Vec<u32> = (0..count).collect();
        let instants = oldest_first.chunks(together).rev();
        let newest_first: Vec<u32> = instants.flatten().copied().collect();
        let fetch = async |query: ListQuery<'_>| {
            let all = match query.order {
                Order::Descending => &newest_first,
                Order::Ascending => &oldest_first,
            };
            Ok(page_of(all, query.after))
        };
        let snapshot = complete(block_on(list(fetch, None)));
        assert_eq!(snapshot.len(), count as usize, "{together}");
    }
}

/// The page of this list that follows a cursor.
fn page_of(all: &[u32], after: Option<&str>) -> Page {
    let is_cursor = |number: &u32| Some(id(*number)).as_deref() == after;
    let start = all.iter().position(is_cursor).map_or(0, |at| at + 1);
    let page = &all[start..all.len().min(start + 100)];
    let last = page.last().filter(|_| start + 100 < all.len());
    Page {
        data: page.iter().map(|number| organization(*number)).collect(),
        list_metadata: Cursors::new(last.map(|number| id(*number))),
    }
}

#[test]
fn a_server_without_a_list_is_no_error() {
    for status in [404, 405] {
        let server = Server::with(0).quirk(Quirk::Answers(status));
        assert!(matches!(list_all(&server).unwrap(), Listing::Unsupported));
        assert_eq!(server.request_count(), 1);
    }
}

#[test]
fn other_failures_end_the_list() {
    for status in [0, 400, 401, 403, 422, 429, 500] {
        let server = Server::with(0).quirk(Quirk::Answers(status));
        let error = list_all(&server).unwrap_err();
        assert!(matches!(error, Error::Fetch(Refused(found)) if found == status));
        assert_eq!(server.request_count(), 1);
    }
}

#[test]
fn an_organization_that_changes_while_it_is_listed_counts_once() {
    let mut snapshot = Snapshot::default();
    snapshot.push(&organization(1));
    let mut renamed = organization(1);
    renamed.name = "New name".to_owned();
    snapshot.push(&renamed);
    snapshot.freeze();
    assert_eq!(snapshot.len(), 1);
}

#[test]
fn a_listing_through_the_client_can_be_spawned() {
    fn is_send<T: Send>(_: &T) {}
    let key = crate::workos::ApiKey::new("sk_test_a", "test").unwrap();
    let url = "http://127.0.0.1:1".parse().unwrap();
    let client = Client::new(url, &key, std::time::Duration::from_secs(1)).unwrap();
    let fetch = async move |query: ListQuery<'_>| -> Result<Page, Failure> {
        Ok(client.list(&query).await?.value)
    };
    is_send(&list(fetch, None));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_that_existed_throughout_is_missed(
        count in 0_u32..700,
        changes in proptest::collection::vec((any::<bool>(), 0_u32..8000, 1_u32..60), 0..12),
    ) {
        let server = Server::with(count);
        let kept = std::cell::RefCell::new(server.numbers.borrow().clone());
        let snapshot = complete(list_while(&server, |request, numbers| {
            let Some((creates, at, many)) = changes.get(request).copied() else { return };
            if creates {
                let next = numbers.last().map_or(1000, |last| last + 1);
                numbers.extend(next..next + many);
            } else {
                let gone: Vec<u32> = numbers.range(at..).take(many as usize).copied().collect();
                for number in gone {
                    numbers.remove(&number);
                    kept.borrow_mut().remove(&number);
                }
            }
        }));
        for number in kept.borrow().iter() {
            prop_assert!(has(&snapshot, *number), "{} is missing", number);
        }
    }
}
