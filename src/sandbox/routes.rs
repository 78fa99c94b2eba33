//! The endpoints.

use super::StoredOrganization;
use super::answer::{self, Page, Refusal};
use super::events::{EventQuery, StoredEvent};
use super::in_use::{Kind, MembershipDraft, UsageQuery};
use super::middleware::{self as requests, Shared};
use super::pages::ListQuery;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{Method, StatusCode, Uri};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use serde_json::Value;
use std::sync::Arc;

/// All endpoints.
pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/organizations", get(list).post(create))
        .route("/organizations/{id}", get(find).put(update).delete(delete))
        .route(
            "/organizations/external_id/{external_id}",
            get(find_by_external_id),
        )
        .route("/organization_domains", post(add_domain))
        .route(
            "/organization_domains/{id}",
            get(find_domain).delete(remove_domain),
        )
        .route("/connections", usage(Kind::Connection))
        .route("/directories", usage(Kind::Directory))
        .route(
            "/user_management/organization_memberships",
            usage(Kind::Membership).post(add_membership),
        )
        .route("/events", get(events))
        .fallback(no_such_endpoint)
        .method_not_allowed_fallback(no_such_endpoint)
        .layer(middleware::from_fn_with_state(
            Arc::clone(&shared),
            requests::handle,
        ))
        .with_state(shared)
}

/// An organization, found.
struct Found(Arc<StoredOrganization>);

impl IntoResponse for Found {
    fn into_response(self) -> Response {
        answer::json(StatusCode::OK, self.0.as_ref())
    }
}

/// An organization, just created.
struct Created(Arc<StoredOrganization>);

impl IntoResponse for Created {
    fn into_response(self) -> Response {
        answer::json(StatusCode::CREATED, self.0.as_ref())
    }
}

// Every handler that changes something does so between two awaits: once the lock is taken, no
// lost connection can stop it halfway.

async fn create(State(shared): State<Arc<Shared>>, body: Bytes) -> Result<Created, Refusal> {
    let draft = shared.rules.draft(&body)?;
    shared.store().create(draft).map(Created)
}

async fn list(
    State(shared): State<Arc<Shared>>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Page<StoredOrganization>, Refusal> {
    let query = ListQuery::parse(pairs, shared.rules.refuses_unknown_fields)?;
    Ok(shared.store().list(&query))
}

async fn find(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Result<Found, Refusal> {
    shared.store().get(&id).map(Found)
}

async fn find_by_external_id(
    State(shared): State<Arc<Shared>>,
    Path(external_id): Path<String>,
) -> Result<Found, Refusal> {
    shared.store().get_by_external_id(&external_id).map(Found)
}

async fn update(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Found, Refusal> {
    let change = shared.rules.change(&body)?;
    shared.store().update(&id, change).map(Found)
}

async fn delete(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    if shared.delete_delay.is_zero() {
        shared.store().delete(&id)?;
    } else {
        shared
            .store()
            .get(&id)
            .map_err(|_| Refusal::NothingToDelete)?;
        delete_later(Arc::clone(&shared), id);
    }
    Ok(if shared.delete_status == StatusCode::ACCEPTED {
        answer::text(StatusCode::ACCEPTED, "Accepted")
    } else {
        shared.delete_status.into_response()
    })
}

/// Deletes an organization after the delay.
fn delete_later(shared: Arc<Shared>, id: String) {
    tokio::spawn(async move {
        tokio::time::sleep(shared.delete_delay).await;
        // It may be gone: a client may have asked twice.
        let _ = shared.store().delete(&id);
    });
}

async fn add_domain(State(shared): State<Arc<Shared>>, body: Bytes) -> Result<Response, Refusal> {
    let addition = shared.rules.addition(&body)?;
    let domain = shared.store().add_domain(addition)?;
    Ok(answer::json(StatusCode::CREATED, &domain))
}

async fn find_domain(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let domain = shared.store().get_domain(&id)?;
    Ok(answer::json(StatusCode::OK, &domain))
}

async fn remove_domain(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    shared.store().remove_domain(&id)?;
    Ok(StatusCode::NO_CONTENT)
}

/// The list of what of this kind organizations have.
fn usage(kind: Kind) -> MethodRouter<Arc<Shared>> {
    get(
        async move |State(shared): State<Arc<Shared>>,
                    Query(pairs): Query<Vec<(String, String)>>| {
            let query = UsageQuery::parse(kind, pairs)?;
            let page: Page<Value> = shared.store().in_use.list(kind, &query);
            Ok::<_, Refusal>(page)
        },
    )
}

async fn add_membership(
    State(shared): State<Arc<Shared>>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let draft = MembershipDraft::parse(&body)?;
    let membership = shared.store().add_membership(&draft, "active")?;
    Ok(answer::json(StatusCode::CREATED, membership.as_ref()))
}

async fn events(
    State(shared): State<Arc<Shared>>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Page<StoredEvent>, Refusal> {
    let query = EventQuery::parse(pairs)?;
    Ok(shared.store().events.list(&query))
}

async fn no_such_endpoint(method: Method, uri: Uri) -> Refusal {
    Refusal::NoSuchEndpoint {
        method: method.to_string(),
        path: uri.path().to_owned(),
    }
}
