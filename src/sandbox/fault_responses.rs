//! The responses of injected faults: an error, an unreadable body, or none.

use super::answer;
use super::faults::InjectedFault;
use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_LENGTH, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use futures::{StreamExt, stream};
use serde_json::json;
use std::io;
use std::time::{Duration, SystemTime};

/// Marks a response that is not sent: the connection closes instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sandbox closed the connection on purpose")]
pub(super) struct HangUp {
    /// Whether by a reset; otherwise by a normal close.
    pub(super) is_reset: bool,
}

impl InjectedFault {
    /// The response of `5xx-before` and `5xx-after`.
    pub(super) fn server_error(self) -> Response {
        match self.count % 4 {
            0 => answer::json(
                StatusCode::INTERNAL_SERVER_ERROR,
                &json!({"message": "Internal server error"}),
            ),
            1 => answer::html(StatusCode::BAD_GATEWAY),
            2 => answer::json(
                StatusCode::SERVICE_UNAVAILABLE,
                &json!({"message": "Service temporarily unavailable"}),
            ),
            _ => answer::html(StatusCode::GATEWAY_TIMEOUT),
        }
    }

    /// No response.
    pub(super) fn hang_up(self) -> Response {
        let mut response = Response::new(Body::empty());
        response.extensions_mut().insert(HangUp {
            is_reset: self.count.is_multiple_of(2),
        });
        response
    }

    /// A 429.
    pub(super) fn too_many_requests(self) -> Response {
        let mut response = if self.count.is_multiple_of(2) {
            let body = answer::too_many_requests_body();
            answer::json(StatusCode::TOO_MANY_REQUESTS, &body)
        } else {
            answer::text(StatusCode::TOO_MANY_REQUESTS, "Ratelimited")
        };
        let retry_after = match self.count % 5 {
            0 => Some(HeaderValue::from_static("1")),
            1 => Some(HeaderValue::from_static("0")),
            2 => {
                let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(2));
                HeaderValue::from_str(&date).ok()
            }
            3 => None,
            _ => Some(HeaderValue::from_static("in a little while")),
        };
        if let Some(retry_after) = retry_after {
            response.headers_mut().insert(RETRY_AFTER, retry_after);
        }
        response
    }

    /// Makes the body of a response unreadable.
    pub(super) async fn garble(self, response: Response) -> Response {
        let (mut head, body) = response.into_parts();
        head.headers.remove(CONTENT_LENGTH);
        let bytes = axum::body::to_bytes(body, usize::MAX)
            .await
            .unwrap_or_default();
        let half = bytes.slice(..bytes.len() / 2);
        match self.count % 4 {
            0 => Response::from_parts(head, Body::from(half)),
            1 => answer::html(head.status),
            2 => Response::from_parts(head, Body::empty()),
            _ => {
                // Yields, so that the first half is sent before the connection breaks.
                let broken = stream::iter([Ok(half)]).chain(stream::once(async {
                    tokio::task::yield_now().await;
                    Err::<Bytes, _>(io::Error::from(io::ErrorKind::ConnectionAborted))
                }));
                Response::from_parts(head, Body::from_stream(broken))
            }
        }
    }
}
