//! How a request to WorkOS fails, by whether it may have succeeded.

use crate::text::one_line;
use jiff::Timestamp;
use serde_json::Value;
use std::fmt;
use std::time::Duration;

/// A failed request.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Failure {
    /// No connection: WorkOS never received the request.
    #[error("no connection to WorkOS: {detail}")]
    NotSent {
        /// What the system said.
        detail: String,
    },
    /// The response was lost: the request may have succeeded.
    #[error("{0}")]
    Lost(Lost),
    /// WorkOS responded with an error status.
    #[error("{0}")]
    Refused(Box<Refusal>),
}

/// A request whose response was lost.
#[derive(Clone, Debug, Default)]
pub struct Lost {
    /// What happened, as a lowercase fragment.
    pub detail: String,
    /// Whether it timed out, so that WorkOS may still be working on it.
    pub timed_out: bool,
    /// The status, if it arrived.
    pub http_status: Option<u16>,
    /// The `X-Request-Id` header, if it arrived; at most 100 characters.
    pub request_id: Option<String>,
    /// The `Date` header, if it arrived: the server's clock, to the second.
    pub date: Option<Timestamp>,
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

/// A response with an error status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub http_status: u16,
    /// The machine-readable `code`, if any; at most 100 characters.
    pub code: Option<String>,
    /// The message of WorkOS with field errors, on one line.
    pub message: String,
    /// The `X-Request-Id` header; at most 100 characters.
    pub request_id: Option<String>,
    /// The `Retry-After` header, else `retry_after` of the body, else, of a 429, the header
    /// `X-RateLimit-Reset`; `None` if missing or invalid.
    pub retry_after: Option<Duration>,
    /// The `Date` header: the server's clock, to the second.
    pub date: Option<Timestamp>,
    /// Whether the body is JSON, as the API's own. A firewall or proxy responds with HTML.
    pub is_json: bool,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (HTTP {})", self.message, self.http_status)
    }
}

impl Failure {
    /// Whether the certificate of the server was not trusted.
    pub fn is_untrusted(&self) -> bool {
        matches!(self, Self::NotSent { detail } if detail.contains("invalid peer certificate"))
    }

    /// Whether a proxy wants a user name and password.
    pub fn is_proxy_login(&self) -> bool {
        matches!(self, Self::NotSent { detail } if detail.contains("proxy authorization required"))
            || self.http_status() == Some(407)
    }

    /// The server's clock, if there was a response.
    pub fn date(&self) -> Option<Timestamp> {
        match self {
            Self::NotSent { .. } => None,
            Self::Lost(lost) => lost.date,
            Self::Refused(refusal) => refusal.date,
        }
    }

    /// The HTTP status, if it arrived.
    pub fn http_status(&self) -> Option<u16> {
        match self {
            Self::NotSent { .. } => None,
            Self::Lost(lost) => lost.http_status,
            Self::Refused(refusal) => Some(refusal.http_status),
        }
    }
}

impl Refusal {
    /// Parses the body of an error response: a documented shape, a JSON string, a proxy's HTML, or
    /// nothing.
    pub fn from_body(http_status: u16, body: &[u8]) -> Self {
        let json = serde_json::from_slice(body);
        let is_json = json.is_ok();
        let mut named = None;
        let (code, message) = match json {
            Ok(Value::Object(object)) => {
                let code = text(object.get("code"));
                let wait = object.get("retry_after");
                named = wait.and_then(|wait| retry_after(wait.to_string().trim_matches('"'), None));
                (code.map(|code| shortened(&code)), messages(&object))
            }
            Ok(Value::String(text)) => (None, text),
            _ => (None, plain_text(body)),
        };
        Self {
            http_status,
            code,
            message: if message.is_empty() {
                format!("WorkOS responded with status {http_status} and no message")
            } else {
                one_line(&message, LONGEST_MESSAGE)
            },
            is_json,
            retry_after: named,
            ..Self::default()
        }
    }
}

/// The longest message that is kept, in characters.
const LONGEST_MESSAGE: usize = 500;

/// The longest code or request id that is kept, in characters. They are copied into files.
const LONGEST_ID: usize = 100;

/// A code or id without control characters, cut at [`LONGEST_ID`].
pub(super) fn shortened(text: &str) -> String {
    let clean = text.chars().filter(|c| !c.is_control());
    clean.take(LONGEST_ID).collect()
}

fn text(value: Option<&Value>) -> Option<String> {
    value.and_then(Value::as_str).map(str::to_owned)
}

/// `message`, else `error_description`, else `error`, followed by the field errors.
fn messages(object: &serde_json::Map<String, Value>) -> String {
    let mut message = ["message", "error_description", "error"]
        .into_iter()
        .find_map(|key| match object.get(key)? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Array(list) if !list.is_empty() => Some(
                list.iter()
                    .map(|item| text(Some(item)).unwrap_or_else(|| item.to_string()))
                    .collect::<Vec<_>>()
                    .join("; "),
            ),
            _ => None,
        })
        .unwrap_or_default();
    if let Some(Value::Array(errors)) = object.get("errors") {
        for error in errors {
            if !message.is_empty() {
                message.push_str("; ");
            }
            message.push_str(&field_error(error));
        }
    }
    message
}

/// One of `{"field", "code", "message"}`, any of them missing, or a plain string.
fn field_error(error: &Value) -> String {
    if let Value::String(text) = error {
        return text.clone();
    }
    let field = text(error.get("field"));
    let what = text(error.get("message")).or_else(|| text(error.get("code")));
    match (field, what) {
        (Some(field), Some(what)) => format!("{field}: {what}"),
        (None, Some(what)) => what,
        (Some(field), None) => field,
        (None, None) => error.to_string(),
    }
}

/// A body that is not JSON: the title of an HTML page, or the text itself.
fn plain_text(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let lower = text.to_ascii_lowercase();
    if !lower.contains("<html") {
        return text.into_owned();
    }
    let title = lower
        .find("<title>")
        .zip(lower.find("</title>"))
        .and_then(|(start, end)| text.get(start + "<title>".len()..end));
    match title {
        Some(title) => format!("an HTML page titled {:?}", one_line(title, LONGEST_MESSAGE)),
        None => "an HTML page, probably from a proxy".to_owned(),
    }
}

/// Parses a `Retry-After` header: seconds, or an HTTP date relative to the server's clock.
///
/// `None` if invalid; zero for a date in the past.
pub(super) fn retry_after(header: &str, server_date: Option<Timestamp>) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let until = http_date(header)?;
    let now = server_date.unwrap_or_else(Timestamp::now);
    let wait = until.duration_since(now);
    Some(Duration::try_from(wait).unwrap_or(Duration::ZERO))
}

/// Parses an `X-RateLimit-Reset` header: seconds from now, or a time in seconds or milliseconds since
/// 1970, relative to the server's clock.
///
/// `None` if invalid or past.
pub(super) fn reset(header: &str, server_date: Option<Timestamp>) -> Option<Duration> {
    /// No wait is so long, and no time that is still to come so early.
    const YEAR_2001: f64 = 1e9;
    let number: f64 = header.trim().parse().ok()?;
    let now = server_date.unwrap_or_else(Timestamp::now).as_millisecond() as f64 / 1000.0;
    let wait = match number {
        number if number >= YEAR_2001 * 1000.0 => number / 1000.0 - now,
        number if number >= YEAR_2001 => number - now,
        number => number,
    };
    let wait = Duration::try_from_secs_f64(wait).ok()?;
    (!wait.is_zero()).then_some(wait)
}

/// Parses an HTTP date.
pub(super) fn http_date(header: &str) -> Option<Timestamp> {
    Timestamp::try_from(httpdate::parse_http_date(header).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(body: &str) -> String {
        Refusal::from_body(422, body.as_bytes()).message
    }

    #[test]
    fn every_known_shape_of_an_error_body_is_parsed() {
        assert_eq!(message(r#"{"message":"No."}"#), "No.");
        assert_eq!(
            message(r#"{"error":"bad","error_description":"Bad."}"#),
            "Bad."
        );
        assert_eq!(
            message(
                r#"{"message":"Validation failed","errors":[{"field":"name","code":"required"},"or so"]}"#
            ),
            "Validation failed; name: required; or so"
        );
        assert_eq!(message(r#"{"message":["a","b"]}"#), "a; b");
        assert_eq!(message(r#""Ratelimited""#), "Ratelimited");
        assert_eq!(message("Bad\r\n gateway\u{1b}[31m"), "Bad gateway");
        assert_eq!(
            message("<html><head><title>502 Bad\nGateway</title></head></html>"),
            r#"an HTML page titled "502 Bad Gateway""#
        );
        assert_eq!(
            message(""),
            "WorkOS responded with status 422 and no message"
        );
        assert_eq!(
            message("{}"),
            "WorkOS responded with status 422 and no message"
        );
    }

    #[test]
    fn the_code_is_kept() {
        let refusal = Refusal::from_body(400, br#"{"code":"invalid_metadata","message":"x"}"#);
        assert_eq!(refusal.code.as_deref(), Some("invalid_metadata"));
    }

    #[test]
    fn a_long_code_is_cut() {
        let body = format!(r#"{{"code":"a\n{}","message":"x"}}"#, "ä".repeat(1000));
        let code = Refusal::from_body(400, body.as_bytes()).code.unwrap();
        assert_eq!(code, format!("a{}", "ä".repeat(99)));
    }

    #[test]
    fn a_body_may_say_when_to_send_again() {
        let wait = |body: &str| Refusal::from_body(429, body.as_bytes()).retry_after;
        assert_eq!(wait(r#"{"retry_after":12}"#), Some(Duration::from_secs(12)));
        assert_eq!(wait(r#"{"retry_after":"3"}"#), Some(Duration::from_secs(3)));
        assert_eq!(wait(r#"{"retry_after":null}"#), None);
        assert_eq!(wait(r#""Ratelimited""#), None);
    }

    #[test]
    fn the_reset_of_a_limit_is_read_in_each_of_its_forms() {
        let now = Timestamp::from_second(1_792_567_680).ok();
        let twelve = Some(Duration::from_secs(12));
        for header in ["12", " 12.0 ", "1792567692", "1792567692000"] {
            assert_eq!(reset(header, now), twelve, "{header}");
        }
        for header in ["0", "-3", "soon", "", "NaN", "1792567680", "1792567600"] {
            assert_eq!(reset(header, now), None, "{header}");
        }
    }

    #[test]
    fn retry_after_is_read_in_each_of_its_forms() {
        let now = http_date("Wed, 21 Oct 2026 07:28:00 GMT");
        assert_eq!(retry_after("12", now), Some(Duration::from_secs(12)));
        assert_eq!(retry_after(" 0 ", now), Some(Duration::ZERO));
        assert_eq!(retry_after("1.5", now), Some(Duration::from_millis(1500)));
        assert_eq!(
            retry_after("Wed, 21 Oct 2026 07:28:30 GMT", now),
            Some(Duration::from_secs(30))
        );
        assert_eq!(
            retry_after("Wed, 21 Oct 2026 07:27:00 GMT", now),
            Some(Duration::ZERO)
        );
        assert_eq!(retry_after("soon", now), None);
        assert_eq!(retry_after("-3", now), None);
        assert_eq!(retry_after("NaN", now), None);
    }
}
