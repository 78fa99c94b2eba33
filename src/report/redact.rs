//! Facts that can be shown outside: without names, domains, ids, metadata, messages and files.

use super::facts::{Cause, Cleaned, DuplicateFacts, EnvironmentFacts, Facts, Next, RowFacts};

impl Facts {
    /// The same without what identifies customers, organizations or the key. Counts, causes, lines
    /// and times stay.
    #[must_use]
    pub fn redacted(self) -> Self {
        Self {
            is_redacted: true,
            results: None,
            next: Next {
                what: self.next.what,
                command: self.next.command.map(|command| redacted_command(&command)),
            },
            list: None,
            environment: self.environment.map(|environment| EnvironmentFacts {
                name: environment.name,
                api: String::new(),
                key_fingerprint: String::new(),
                key_hint: None,
            }),
            causes: self.causes.into_iter().map(redacted_cause).collect(),
            cleaned: self.cleaned.into_iter().map(redacted_cleaned).collect(),
            duplicates: self
                .duplicates
                .into_iter()
                .map(|duplicate| DuplicateFacts {
                    rows: duplicate.rows,
                    name: None,
                    owned: Vec::new(),
                    unowned: Vec::new(),
                })
                .collect(),
            rows: self.rows.into_iter().map(redacted_row).collect(),
            ..self
        }
    }
}

/// The subcommand stays, its files do not.
fn redacted_command(command: &str) -> String {
    match command.split(' ').nth(1) {
        Some("retry") | None => "workos-orgs retry RESULTS".to_owned(),
        Some(name) => format!("workos-orgs {name} LIST"),
    }
}

/// A code is a word of the API. Anything else could hold a cell.
fn redacted_code(code: Option<String>) -> Option<String> {
    code.filter(|code| {
        code.len() <= 60
            && code
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    })
}

fn redacted_cause(cause: Cause) -> Cause {
    Cause {
        code: redacted_code(cause.code),
        command: cause.command.map(|command| redacted_command(&command)),
        message: None,
        request_ids: Vec::new(),
        ..cause
    }
}

fn redacted_cleaned(mut cleaned: Cleaned) -> Cleaned {
    cleaned.samples.clear();
    cleaned
}

fn redacted_row(row: RowFacts) -> RowFacts {
    RowFacts {
        row: row.row,
        line: row.line,
        status: row.status,
        cause: row.cause,
        error: row.error,
        code: redacted_code(row.code),
        http_status: row.http_status,
        attempts: row.attempts,
        finished_at: row.finished_at,
        ..RowFacts::default()
    }
}
