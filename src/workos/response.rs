//! Reads a bounded response into an answer or a failure.

use super::failure::{http_date, reset, retry_after, shortened};
use super::{Answer, ApiKey, Failure, Lost, Refusal};
use bytes::{Bytes, BytesMut};
use jiff::Timestamp;
use reqwest::{Response, StatusCode, header};
use serde::de::DeserializeOwned;
use std::error::Error;
use std::time::Duration;

/// The longest body that is read. A page of 100 organizations with all the metadata that WorkOS
/// allows is about 3.5 MB.
const LONGEST_BODY: usize = 8 * 1024 * 1024;

/// A response, and the key that is taken out of it.
pub(super) struct Reply {
    pub(super) response: Response,
    pub(super) key: ApiKey,
}

/// How many requests the key has left, and when it has all of them again.
const REMAINING: header::HeaderName = header::HeaderName::from_static("x-ratelimit-remaining");
const RESET: header::HeaderName = header::HeaderName::from_static("x-ratelimit-reset");

/// The part of a response that arrives before its body.
struct Head {
    status: StatusCode,
    request_id: Option<String>,
    date: Option<Timestamp>,
    retry_after: Option<Duration>,
    limit: RateLimit,
}

/// What the `X-RateLimit-` headers of a response say.
#[derive(Clone, Copy, Debug, Default)]
struct RateLimit {
    /// Whether no request is left.
    is_used_up: bool,
    /// How long until there are again.
    reset: Option<Duration>,
}

impl Head {
    fn of(Reply { response, key }: &Reply) -> Self {
        let text = |name: header::HeaderName| response.headers().get(name)?.to_str().ok();
        let date = text(header::DATE).and_then(http_date);
        Self {
            status: response.status(),
            request_id: text(header::HeaderName::from_static("x-request-id"))
                .map(|id| shortened(&key.redacted(id))),
            date,
            limit: RateLimit {
                is_used_up: text(REMAINING)
                    .and_then(|left| left.trim().parse::<f64>().ok())
                    .is_some_and(|left| left <= 0.0),
                reset: text(RESET).and_then(|text| reset(text, date)),
            },
            retry_after: text(header::RETRY_AFTER).and_then(|text| retry_after(text, date)),
        }
    }

    fn answer<T>(self, value: T) -> Answer<T> {
        Answer {
            value,
            request_id: self.request_id,
            date: self.date,
            rest: self.limit.reset.filter(|_| self.limit.is_used_up),
        }
    }

    fn lost(self, detail: String, timed_out: bool) -> Failure {
        Failure::Lost(Lost {
            detail,
            timed_out,
            http_status: Some(self.status.as_u16()),
            request_id: self.request_id,
            date: self.date,
        })
    }

    fn refused(self, body: &[u8]) -> Failure {
        let refusal = Refusal::from_body(self.status.as_u16(), body);
        let is_limit = self.status == StatusCode::TOO_MANY_REQUESTS;
        let reset = self.limit.reset.filter(|_| is_limit);
        Failure::Refused(Box::new(Refusal {
            request_id: self.request_id,
            retry_after: self.retry_after.or(refusal.retry_after).or(reset),
            date: self.date,
            ..refusal
        }))
    }
}

/// A body, as far as it was read.
enum Body {
    Whole(Bytes),
    TooLong(Bytes),
    CutOff(Bytes, reqwest::Error),
}

async fn body(Reply { mut response, key }: Reply) -> Body {
    let mut body = BytesMut::new();
    loop {
        match response.chunk().await {
            Ok(None) => return Body::Whole(key.redacted_body(body.freeze())),
            Ok(Some(chunk)) if body.len() + chunk.len() > LONGEST_BODY => {
                return Body::TooLong(key.redacted_body(body.freeze()));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Err(error) => return Body::CutOff(key.redacted_body(body.freeze()), error),
        }
    }
}

/// The value of a success and the body that it was read from.
pub(super) async fn read<T>(reply: Reply) -> Result<Answer<(T, Bytes)>, Failure>
where
    T: DeserializeOwned,
{
    let head = Head::of(&reply);
    if !head.status.is_success() {
        return Err(refusal(head, reply).await);
    }
    let body = match body(reply).await {
        Body::Whole(body) => body,
        Body::TooLong(_) => {
            return Err(head.lost("the response is larger than 8 MiB".to_owned(), false));
        }
        Body::CutOff(_, error) => {
            let detail = format!("the response was cut off ({})", root_cause(&error));
            return Err(head.lost(detail, error.is_timeout()));
        }
    };
    if let Ok(value) = serde_json::from_slice::<T>(&body) {
        return Ok(head.answer((value, body)));
    }
    let status = head.status;
    let detail = format!("HTTP {status}, but the response is unreadable");
    Err(head.lost(detail, false))
}

/// Like [`read`], with `None` for 404.
pub(super) async fn read_if_found<T>(reply: Reply) -> Result<Answer<Option<(T, Bytes)>>, Failure>
where
    T: DeserializeOwned,
{
    if reply.response.status() == StatusCode::NOT_FOUND {
        return Ok(Head::of(&reply).answer(None));
    }
    Ok(read::<T>(reply).await?.map(Some))
}

/// Whether the request succeeded; 404 is `false`. The body of a success is not read: it may not be
/// JSON (recorded: 202 `Accepted`).
pub(super) async fn is_done(reply: Reply) -> Result<Answer<bool>, Failure> {
    let head = Head::of(&reply);
    match head.status {
        StatusCode::NOT_FOUND => Ok(head.answer(false)),
        status if status.is_success() => Ok(head.answer(true)),
        _ => Err(refusal(head, reply).await),
    }
}

/// Requires a success. Its body is not read.
pub(super) async fn succeed(reply: Reply) -> Result<Answer<()>, Failure> {
    let head = Head::of(&reply);
    if head.status.is_success() {
        return Ok(head.answer(()));
    }
    Err(refusal(head, reply).await)
}

/// An error response; the status is enough, so the body may be incomplete.
async fn refusal(head: Head, reply: Reply) -> Failure {
    let (Body::Whole(body) | Body::TooLong(body) | Body::CutOff(body, _)) = body(reply).await;
    head.refused(&body)
}

/// Whether a request never left, or may have arrived.
pub(super) fn failure(error: reqwest::Error) -> Failure {
    let error = error.without_url();
    if error.is_connect() || error.is_builder() {
        return Failure::NotSent {
            detail: root_cause(&error),
        };
    }
    let detail = if error.is_timeout() {
        "no response within the timeout".to_owned()
    } else {
        let cause = root_cause(&error);
        format!("the connection was lost before a response ({cause})")
    };
    Failure::Lost(Lost {
        detail,
        timed_out: error.is_timeout(),
        ..Lost::default()
    })
}

/// The innermost cause, from the operating system or the TLS library.
fn root_cause(error: &reqwest::Error) -> String {
    if error.is_connect() && error.is_timeout() {
        return "no connection within the timeout".to_owned();
    }
    let mut cause: &dyn Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
