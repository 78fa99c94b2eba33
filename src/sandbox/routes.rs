//! The endpoints.

use super::StoredOrganization;
use super::answer::{self, Page, Refusal};
use super::middleware::{self as requests, Shared};
use super::pages::ListQuery;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{Method, StatusCode, Uri};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
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
) -> Result<Page, Refusal> {
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
    shared.store().delete(&id)?;
    Ok(if shared.delete_status == StatusCode::ACCEPTED {
        answer::text(StatusCode::ACCEPTED, "Accepted")
    } else {
        shared.delete_status.into_response()
    })
}

async fn no_such_endpoint(method: Method, uri: Uri) -> Refusal {
    Refusal::NoSuchEndpoint {
        method: method.to_string(),
        path: uri.path().to_owned(),
    }
}
