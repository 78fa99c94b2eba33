//! The facts as one HTML page that needs nothing else: no network, no font, no other file.

use super::cards;
use super::cards::{
    CauseCard, Chip, CleanedCard, DuplicateCard, KeptCard, RunLine, Segment, StaticRow,
};
use super::chart::{Chart, chart};
use super::data::Data;
use super::facts::Facts;
use super::run_facts::{Fact, run_facts};
use super::words::moment;
use askama::Template;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};
use std::io::{self, Write};

const CSS: &str = include_str!("page/report.css");
const JS: &str = include_str!("page/report.js");

/// The page of an organization.
const DASHBOARD: &str = "https://dashboard.workos.com/organizations/";
/// The API whose organizations have such a page.
const WORKOS: &str = "https://api.workos.com";

/// Writes the page. A live page loads itself again until its run ends.
///
/// # Errors
/// When it cannot be written.
pub fn write(facts: &Facts, is_live: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut out = io::BufWriter::with_capacity(128 * 1024, out);
    Page::new(facts, is_live).write_into(&mut out)?;
    out.flush()
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    facts: &'a Facts,
    is_live: bool,
    csp: String,
    css: &'static str,
    js: &'static str,
    title: String,
    subtitle: &'static str,
    privacy: &'static str,
    privacy_note: &'static str,
    footer: String,
    made_ms: i64,
    segments: Vec<Segment>,
    bar_label: String,
    next_command: Option<&'a str>,
    run_facts: Vec<Fact>,
    causes: Vec<CauseCard>,
    duplicates: Vec<DuplicateCard>,
    more_causes: String,
    chart: Option<Chart>,
    chart_note: String,
    runs: Vec<RunLine>,
    cleaned: Vec<CleanedCard>,
    kept: Vec<KeptCard>,
    static_rows: Vec<StaticRow>,
    static_note: String,
    chips: Vec<Chip>,
    placeholder: &'static str,
    lines_of: &'static str,
    data: Data<'a>,
}

impl<'a> Page<'a> {
    fn new(facts: &'a Facts, is_live: bool) -> Self {
        let api = facts.environment.as_ref().map(|it| it.api.as_str());
        let has_pages = api.is_some_and(|api| api.trim_end_matches('/') == WORKOS);
        let (privacy, privacy_note) = privacy(facts.is_redacted);
        let segments = cards::segments(facts);
        let (static_rows, static_note) = cards::static_rows(facts);
        Self {
            facts,
            is_live,
            csp: content_security_policy(),
            css: CSS,
            js: JS,
            title: format!("{} · workos-orgs report", facts.verdict),
            subtitle: "workos-orgs report",
            privacy,
            privacy_note,
            footer: format!("Made by {} on {}.", facts.program, moment(facts.made_at)),
            made_ms: facts.made_at.as_millisecond(),
            bar_label: cards::bar_label(&segments),
            segments,
            next_command: facts.next.command.as_deref(),
            run_facts: run_facts(facts),
            causes: cards::causes(facts),
            duplicates: cards::duplicates(facts),
            more_causes: cards::more_causes(facts),
            chart: chart(&facts.timeline),
            chart_note: cards::chart_note(facts),
            runs: cards::run_lines(facts),
            cleaned: cards::cleaned(facts),
            kept: cards::kept(facts),
            static_rows,
            static_note,
            chips: cards::chips(facts),
            placeholder: if facts.is_redacted {
                "status:conflict"
            } else {
                "status:conflict acme"
            },
            lines_of: if facts.is_redacted {
                "with the lines of the results file"
            } else {
                "with their lines in the results file"
            },
            data: Data {
                facts,
                dashboard: if has_pages { DASHBOARD } else { "" },
            },
        }
    }
}

/// Only the page's own style and script, by their hashes; nothing from elsewhere.
fn content_security_policy() -> String {
    let hash = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text.as_bytes()));
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(JS),
        hash(CSS)
    )
}

const fn privacy(is_redacted: bool) -> (&'static str, &'static str) {
    if is_redacted {
        (
            "Redacted: no customer data",
            "Redacted: names, domains, ids, metadata and messages are left out. It can be shared outside your company.",
        )
    } else {
        (
            "Confidential: contains customer data",
            "It contains names, domains and ids of customers: share it only with those who may see the list. --redact makes a page for others.",
        )
    }
}
