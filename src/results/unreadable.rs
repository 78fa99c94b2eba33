//! Lines of a JSONL list that are not JSON objects, as a results file keeps them.

use crate::table::{Cells, Object};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The key under which a JSONL results file keeps an input line that is not a JSON object.
pub const UNREADABLE_LINE: &str = "unreadable_line";

/// The object of an unreadable line.
pub(super) fn unreadable_object(text: &str, reason: &str) -> serde_json::Result<Object> {
    let line = serde_json::json!({ "text": text, "reason": reason });
    let raw: Box<RawValue> = RawValue::from_string(line.to_string())?;
    Ok(Object::from_iter([(UNREADABLE_LINE.to_owned(), raw)]))
}

/// The cells of an object: an unreadable line comes back as it was in the list.
pub(super) fn readable_or_not(object: Object) -> Cells {
    #[derive(Deserialize)]
    struct Line {
        text: String,
        reason: String,
    }
    match object.get(UNREADABLE_LINE) {
        Some(line) if object.len() == 1 => match serde_json::from_str::<Line>(line.get()) {
            Ok(Line { text, reason }) => Cells::Unreadable { text, reason },
            Err(_) => Cells::Object(object),
        },
        _ => Cells::Object(object),
    }
}
