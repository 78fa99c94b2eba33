//! What scripts get: one JSON object on standard output, whatever the ending. `docs/json.md`
//! describes it, and `docs/json.schema.json` holds it.

use super::Error;
use super::environment::{Environment, SANDBOX};
use crate::exit_code;
use crate::workos::KeyError;
use serde_json::{Value, json};
use std::error::Error as _;

/// The version of the object. It grows when a field is removed or means something else.
pub(super) const SCHEMA: u32 = 1;

/// The fields that every ending has.
pub(crate) fn object(
    command: &str,
    environment: Option<&Environment>,
    error: Option<Value>,
    exit_code: u8,
) -> serde_json::Map<String, Value> {
    let environment =
        environment.map(|environment| json!({"name": environment.name, "api": environment.api}));
    let mut object = serde_json::Map::new();
    object.insert("schema".to_owned(), SCHEMA.into());
    object.insert("command".to_owned(), command.into());
    object.insert("environment".to_owned(), environment.into());
    object.insert("error".to_owned(), error.into());
    object.insert("exit_code".to_owned(), exit_code.into());
    object
}

/// The same with fields of the command's own.
pub(crate) fn object_with(
    command: &str,
    environment: Option<&Environment>,
    error: Option<Value>,
    exit_code: u8,
    own: Value,
) -> String {
    let mut object = object(command, environment, error, exit_code);
    if let Value::Object(own) = own {
        object.extend(own);
    }
    Value::from(object).to_string()
}

/// How a sandbox is used, for a script that has started it.
pub(crate) fn sandbox_object(url: &str, api_key: &str) -> String {
    let own = json!({"environment": {"name": SANDBOX, "api": url}, "api_key": api_key});
    object_with("sandbox", None, None, exit_code::DONE, own)
}

/// The object of a command that has come to nothing.
fn object_of_failure(command: &str, error: Value, exit_code: u8) -> String {
    let mut object = object(command, None, Some(error), exit_code);
    if command == "create" {
        let outcome = match exit_code {
            exit_code::USAGE => "invalid",
            _ => "unavailable",
        };
        object.insert("outcome".to_owned(), outcome.into());
        object.insert("organization".to_owned(), Value::Null);
        object.insert("existing_organization_id".to_owned(), Value::Null);
        object.insert("changes".to_owned(), json!([]));
    }
    Value::from(object).to_string()
}

/// The object of a command that failed as a whole, before it could say more.
pub fn failed(command: &str, error: &Error) -> String {
    object_of_failure(command, error.object(), error.exit_code())
}

/// The object of a command line that was not understood; `text` is what a person reads of it.
pub fn misunderstood(command: &str, text: &str) -> String {
    let mut parts = text.split("\n\n").map(|part| {
        let words: Vec<_> = part.split_whitespace().collect();
        words.join(" ")
    });
    let message = parts.next().unwrap_or_default();
    let message = message.strip_prefix("error: ").unwrap_or(&message);
    let hint = parts
        .find_map(|part| part.strip_prefix("tip: ").map(str::to_owned))
        .unwrap_or_else(|| "see the options with --help".to_owned());
    let error = error_object("UsageError", "usage", message, Some(&hint));
    object_of_failure(command, error, exit_code::USAGE)
}

/// An error as scripts see it.
pub(crate) fn error_object(name: &str, code: &str, message: &str, hint: Option<&str>) -> Value {
    json!({"name": name, "code": code, "message": message, "hint": hint})
}

impl Error {
    /// The error as scripts see it: `name` is its kind, `code` says what happened.
    pub(crate) fn object(&self) -> Value {
        let (name, code) = self.names();
        let mut message = self.to_string();
        let mut source = self.source();
        while let Some(cause) = source {
            message.push_str(": ");
            message.push_str(&cause.to_string());
            source = cause.source();
        }
        error_object(name, code, &message, self.hint().as_deref())
    }

    const fn names(&self) -> (&'static str, &'static str) {
        match self {
            Self::Input(_) => ("InputError", "list_unreadable"),
            Self::Columns(_) => ("InputError", "columns_unclear"),
            Self::Plan { .. } => ("InputError", "plan_unusable"),
            Self::Results(_) => ("ResultsError", "results_unusable"),
            Self::Report(_) => ("ReportError", "report_unusable"),
            Self::Journal(_) => ("ResultsError", "journal_unusable"),
            Self::Locked { .. } => ("ResultsError", "results_in_use"),
            Self::Mismatch { .. } => ("ResultsError", "other_results"),
            Self::Key(KeyError::Missing) => ("AuthError", "key_missing"),
            Self::Key(_) => ("AuthError", "key_unusable"),
            Self::KeyRefused(_) => ("AuthError", "key_refused"),
            Self::BaseUrl(_) => ("UsageError", "base_url_invalid"),
            Self::Usage { .. } => ("UsageError", "usage"),
            Self::Excess { .. } => ("UsageError", "limit_exceeded"),
            Self::Unreachable { .. } => ("NetworkError", "workos_unreachable"),
            Self::LongPause { .. } => ("NetworkError", "long_pause"),
            Self::Listing(_) => ("NetworkError", "listing_failed"),
            Self::Unverified(_) => ("NetworkError", "comparison_failed"),
            Self::Interrupted => ("Interrupted", "interrupted"),
            Self::Client(_) | Self::System { .. } => ("SystemError", "system"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(text: &str) -> Value {
        let object: Value = serde_json::from_str(&misunderstood("import", text)).unwrap();
        object["error"].clone()
    }

    #[test]
    fn a_command_line_that_is_not_understood_says_what_is_missing_and_what_was_meant() {
        let text =
            "error: the following required arguments were not provided:\n  <FILE>\n\nUsage: …";
        let error = error_of(text);
        let message = "the following required arguments were not provided: <FILE>";
        assert_eq!(error["message"], message);
        assert_eq!(error["hint"], "see the options with --help");
        let text = "error: unexpected argument '--limt' found\n\n  tip: a similar argument exists: '--limit'\n";
        let error = error_of(text);
        assert_eq!(error["message"], "unexpected argument '--limt' found");
        assert_eq!(error["hint"], "a similar argument exists: '--limit'");
    }
}
