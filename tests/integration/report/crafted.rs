//! Results and journals made by hand.

use super::Folder;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// A row of a crafted run.
#[derive(Clone, Debug, Default)]
pub(super) struct CraftedRow {
    pub(super) name: String,
    pub(super) domain: String,
    pub(super) external_id: String,
    /// `None` where it was not sent yet.
    pub(super) status: Option<&'static str>,
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
    pub(super) attempts: u32,
    /// Milliseconds after the start.
    pub(super) at: u64,
}

/// A results file and its journal.
#[derive(Debug)]
pub(super) struct Crafted {
    pub(super) environment: &'static str,
    pub(super) has_ended: bool,
    /// Rows that were dispatched and have no outcome, by number.
    pub(super) in_flight: Vec<usize>,
    pub(super) rows: Vec<CraftedRow>,
}

/// The crafted results file.
pub(super) const RESULTS: &str = "customers.results.csv";
/// Its journal.
pub(super) const JOURNAL: &str = "customers.results.journal";

impl Default for Crafted {
    fn default() -> Self {
        Self {
            environment: "production",
            has_ended: true,
            in_flight: Vec::new(),
            rows: Vec::new(),
        }
    }
}

impl CraftedRow {
    pub(super) fn new(number: usize, status: &'static str) -> Self {
        Self {
            name: format!("Customer {number}"),
            domain: format!("customer{number}.example.com"),
            external_id: format!("crm-{number}"),
            status: Some(status),
            attempts: 1,
            at: number as u64 * 11,
            ..Self::default()
        }
    }

    fn has_organization(&self) -> bool {
        matches!(
            self.status,
            Some("created" | "unchanged" | "updated" | "merged" | "deleted")
        )
    }
}

fn time(milliseconds: u64) -> String {
    let at = jiff::Timestamp::from_millisecond(1_795_000_000_000).unwrap();
    (at + jiff::SignedDuration::from_millis(i64::try_from(milliseconds).unwrap())).to_string()
}

impl Crafted {
    /// Writes both files.
    pub(super) fn write(&self, folder: &Folder) {
        folder.write(RESULTS, &self.results());
        folder.write(JOURNAL, &self.journal());
    }

    fn results(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let header = [
            "name",
            "domain",
            "external_id",
            "workos_status",
            "workos_row",
        ];
        writer.write_record(header).unwrap();
        for (number, row) in (1..).zip(&self.rows) {
            let number = number.to_string();
            let status = row.status.unwrap_or_default();
            let cells = [&row.name, &row.domain, &row.external_id, status, &number];
            writer.write_record(cells).unwrap();
        }
        String::from_utf8(writer.into_inner().unwrap()).unwrap()
    }

    fn journal(&self) -> String {
        let mut text =
            "{\"journal\":{\"schema\":1,\"program\":\"workos-orgs 0.1.0\"}}\n".to_owned();
        let mut add = |event: Value| writeln!(text, "{event}").unwrap();
        add(json!({"run": {
            "command": "import", "is_whole": true, "program": "workos-orgs 0.1.0", "pid": 1,
            "at": time(0), "api": if self.environment == "sandbox" { "sandbox" } else { "https://api.workos.com" },
            "environment": self.environment, "key": "0123456789ab",
            "list": {"name": "customers.csv", "digest": "", "read": {}, "read_as": "CSV, commas, UTF-8",
                "format": "csv", "columns": ["name", "domain", "external_id"]},
            "mapping": {"name": "name", "domains": ["domain"], "external_id": "external_id",
                "domain_state": "pending"},
            "numbering": [[1, 1, self.rows.len()]],
            "baseline": {"at": time(0), "newest": null, "ids": []},
        }}));
        for number in &self.in_flight {
            let row = &self.rows[number - 1];
            add(json!({"dispatched": {"at": time(row.at), "rows": [{
                "row": number, "list": "0000000000000001", "name": row.name,
            }]}}));
        }
        for (number, row) in (1..).zip(&self.rows) {
            let Some(status) = row.status.filter(|_| !self.in_flight.contains(&number)) else {
                continue;
            };
            let mut outcome = json!({
                "row": number, "list": format!("{number:016x}"), "name": row.name,
                "external_id": row.external_id, "status": status, "attempts": row.attempts,
                "request_id": format!("req-{number}"), "finished_at": time(row.at),
            });
            if row.has_organization() {
                outcome["organization_id"] = json!(format!("org_{number:026}"));
            }
            if let Some(code) = &row.code {
                outcome["code"] = json!(code);
            }
            if let Some(message) = &row.message {
                outcome["message"] = json!(message);
            }
            add(json!({"outcome": outcome}));
        }
        if self.has_ended {
            let at = self.rows.iter().map(|row| row.at).max().unwrap_or(0);
            add(json!({"ended": {"at": time(at), "is_finished": true, "is_verified": true}}));
        }
        text
    }
}
