//! Response bodies: organizations, pages and refusals.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// A JSON answer.
pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => with_type(status, "application/json; charset=utf-8", Body::from(bytes)),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The page that a proxy shows when its server fails.
pub(super) fn html(status: StatusCode) -> Response {
    let page = format!(
        "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<center><h1>{status}</h1>\
         </center>\r\n<hr><center>sandbox</center>\r\n</body>\r\n</html>\r\n"
    );
    with_type(status, "text/html", Body::from(page))
}

pub(super) fn text(status: StatusCode, text: &'static str) -> Response {
    with_type(status, "text/plain; charset=utf-8", Body::from(text))
}

pub(super) fn with_type(status: StatusCode, content_type: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// One page of a list.
#[derive(Debug, PartialEq)]
pub(super) struct Page<T> {
    pub(super) data: Vec<Arc<T>>,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
}

impl<T: Serialize> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Body<'a, T> {
            object: &'static str,
            data: Vec<&'a T>,
            list_metadata: Cursors<'a>,
        }
        #[derive(Serialize)]
        struct Cursors<'a> {
            before: Option<&'a str>,
            after: Option<&'a str>,
        }
        json(
            StatusCode::OK,
            &Body {
                object: "list",
                data: self.data.iter().map(AsRef::as_ref).collect(),
                list_metadata: Cursors {
                    before: self.before.as_deref(),
                    after: self.after.as_deref(),
                },
            },
        )
    }
}

/// Why a request is refused, in WorkOS's shapes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Refusal {
    /// 401: no key, or not this sandbox's.
    Unauthorized,
    /// 403: the key may do nothing.
    Forbidden,
    /// 404: no such organization.
    NotFound {
        /// What was asked for.
        id: String,
    },
    /// 404: no such organization domain.
    NoSuchDomain {
        /// What was asked for.
        id: String,
    },
    /// 404: no such organization to delete.
    NothingToDelete,
    /// 404: no such endpoint.
    NoSuchEndpoint { method: String, path: String },
    /// 400: the body is not JSON.
    MalformedJson { message: String },
    /// 400: metadata beyond its limits.
    InvalidMetadata { message: String },
    /// 400: another organization has this external id.
    ExternalIdTaken,
    /// 409: another organization has this domain.
    DomainTaken { domain: String },
    /// 409: the domain cannot be added once more.
    DomainExists { domain: String },
    /// 422 (or, for consumer domains, as the options say): a field is wrong.
    Invalid {
        status: u16,
        field: String,
        code: &'static str,
        message: String,
    },
    /// 429: over the rate limit.
    TooManyRequests { retry_after: Duration },
}

impl Refusal {
    /// A 422 about one field.
    pub(super) fn invalid(field: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid {
            status: 422,
            field: field.to_owned(),
            code,
            message: message.into(),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound { .. }
            | Self::NoSuchDomain { .. }
            | Self::NothingToDelete
            | Self::NoSuchEndpoint { .. } => StatusCode::NOT_FOUND,
            Self::MalformedJson { .. } | Self::InvalidMetadata { .. } | Self::ExternalIdTaken => {
                StatusCode::BAD_REQUEST
            }
            Self::DomainTaken { .. } | Self::DomainExists { .. } => StatusCode::CONFLICT,
            Self::Invalid { status, .. } => {
                StatusCode::from_u16(*status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY)
            }
            Self::TooManyRequests { .. } => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    fn body(&self) -> Value {
        match self {
            Self::Unauthorized => json!({"message": "Unauthorized"}),
            Self::Forbidden => json!({
                "message": "This API key does not have permission to access organizations."
            }),
            Self::NotFound { id } => json!({
                "message": format!("Organization not found: '{id}'."),
                "code": "entity_not_found",
                "entity_id": id,
            }),
            Self::NoSuchDomain { id } => json!({
                "message": format!("Organization Domain not found: '{id}'."),
                "code": "entity_not_found",
                "entity_id": id,
            }),
            Self::NothingToDelete => json!({"message": "Not Found"}),
            Self::NoSuchEndpoint { method, path } => json!({
                "message": format!("Cannot {method} {path}"),
                "error": "Not Found",
            }),
            Self::MalformedJson { message } => json!({
                "message": message,
                "error": "Bad Request",
            }),
            Self::InvalidMetadata { message } => json!({
                "code": "invalid_metadata",
                "message": message,
            }),
            Self::ExternalIdTaken => json!({
                "code": "external_id_already_used",
                "message": "The external_id provided has already been assigned to another organization.",
            }),
            Self::DomainTaken { domain } => json!({
                "message": format!("An Organization with the domain {domain} already exists."),
            }),
            Self::DomainExists { domain } => json!({
                "message": format!("The domain {domain} already exists."),
                "code": "domain_already_exists",
            }),
            Self::Invalid {
                field,
                code,
                message,
                ..
            } => json!({
                "message": message,
                "code": "unprocessable_entity",
                "errors": [{"field": field, "code": code, "message": message}],
            }),
            Self::TooManyRequests { .. } => too_many_requests_body(),
        }
    }
}

/// The body of a 429.
pub(super) fn too_many_requests_body() -> Value {
    json!({"message": "Too many requests.", "code": "rate_limit_exceeded"})
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = json(self.status(), &self.body());
        if let Self::TooManyRequests { retry_after } = self {
            // Whole seconds, rounded up: after them, the request is allowed.
            let seconds = retry_after.as_secs() + u64::from(retry_after.subsec_nanos() > 0);
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        response
    }
}
