//! What is wrong with a row and how to fix it.

use std::fmt;

/// One problem of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// A stable name of the kind of problem, in `snake_case`, for grouping and for the results
    /// file's `workos_code` column: `name_missing`, `domain_invalid`, `external_id_too_long` …
    pub code: &'static str,
    /// The header of the column, as written in the file; `None` where the row as a whole is
    /// meant.
    pub column: Option<String>,
    /// What was found, what is allowed and what to do, as a lowercase fragment with control
    /// characters removed, for example
    /// `"acme" is not a domain: expected a name such as acme.com`.
    pub message: String,
}

impl Problem {
    /// A problem that is not yet tied to a column.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            column: None,
            message: message.into(),
        }
    }

    /// The same problem, tied to the column with this header.
    #[must_use]
    pub fn in_column(mut self, header: &str) -> Self {
        self.column = Some(header.to_owned());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(column) = &self.column {
            write!(f, "column {}: ", crate::text::quoted(column))?;
        }
        f.write_str(&self.message)
    }
}
