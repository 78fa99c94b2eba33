//! Cells, headers and messages of the API are only ever text.

use super::crafted::{Crafted, CraftedRow, RESULTS};
use super::{Folder, data};
use sha2::{Digest, Sha256};

/// Cells that try to be something else.
pub(super) fn hostile_cells() -> Vec<String> {
    let mut cells = [
        "<script>window.ran=1</script>",
        "</script><script>window.ran=1</script>",
        "</ScRiPt ><img src=x onerror=window.ran=1>",
        "<!--<script>",
        "]]><svg onload=window.ran=1>",
        "\"><a href=javascript:window.ran=1>click</a>",
        "'+window.ran+'",
        "{{7*7}} {% raw %} ${7*7}",
        "=HYPERLINK(\"http://evil.example\",\"x\")",
        "+cmd|' /C calc'!A0",
        "@SUM(1)",
        "\u{202e}gnirts desrever\u{202c}",
        "\u{2066}\u{2067}isolates",
        "שלום עולם Ltd",
        "شركة الأمل",
        "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
        "a\u{0}b\u{7}c\u{1b}[31m",
        "line\u{2028}separator\u{2029}",
        "&lt;b&gt;&amp;",
        "__proto__",
        "constructor",
        "http://evil.example/",
        "\\u003cscript\\u003e",
    ]
    .map(str::to_owned)
    .to_vec();
    cells.push("x".repeat(10_000));
    cells.push("ﷺ".repeat(2_000));
    cells
}

/// A run whose every text is hostile.
pub(super) fn hostile() -> Crafted {
    let rows = (1..).zip(hostile_cells()).map(|(number, cell)| CraftedRow {
        name: cell.clone(),
        domain: cell.clone(),
        external_id: cell.clone(),
        code: Some(cell.clone()),
        message: Some(cell),
        ..CraftedRow::new(number, ["conflict", "failed", "invalid"][number % 3])
    });
    Crafted {
        rows: rows.collect(),
        ..Crafted::default()
    }
}

#[test]
fn a_page_holds_no_element_of_a_cell() {
    let folder = Folder::new();
    hostile().write(&folder);
    let page = folder.html(RESULTS, &[]);
    let lower = page.to_lowercase();
    assert_eq!(lower.matches("<script").count(), 2, "the page's own");
    assert_eq!(lower.matches("</script").count(), 2, "the page's own");
    for tag in ["<img", "<a href=javascript", "<svg onload", "<!--"] {
        assert!(!lower.contains(tag), "{tag}");
    }
    // The only link of the page leads into it.
    assert_eq!(lower.matches("<a ").count(), 1);
    let rows = data(&page)["rows"].clone();
    assert_eq!(rows.as_array().unwrap().len(), hostile_cells().len());
    assert_eq!(rows[1][4], hostile_cells()[1], "the cell is whole");
}

#[test]
fn nothing_in_a_page_reorders_or_controls_text() {
    let folder = Folder::new();
    hostile().write(&folder);
    let page = folder.html(RESULTS, &[]);
    let is_hidden = |c: char| {
        matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            || c.is_control() && c != '\n'
    };
    assert!(!page.contains(is_hidden));
    assert!(!page.contains(&"x".repeat(2_100)), "long cells are cut");
}

#[test]
fn the_policy_allows_only_the_script_and_style_of_the_page() {
    let folder = Folder::new();
    hostile().write(&folder);
    let page = folder.html(RESULTS, &[]);
    let between = |begin: &str, end: &str| {
        let start = page.find(begin).unwrap() + begin.len();
        let length = page[start..].find(end).unwrap();
        page[start..start + length].to_owned()
    };
    let policy = between("Content-Security-Policy\" content=\"", "\"");
    let policy = policy.replace("&#39;", "'");
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
    for text in [
        between("<script>", "</script>"),
        between("<style>", "</style>"),
    ] {
        let hash = base64(&Sha256::digest(text.as_bytes()));
        assert!(policy.contains(&format!("'sha256-{hash}'")), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::prelude::BASE64_STANDARD.encode(bytes)
}

#[test]
fn markdown_of_hostile_cells_holds_no_tag_and_no_mention() {
    let folder = Folder::new();
    hostile().write(&folder);
    let text = folder.run(0, &["report", RESULTS, "--format", "md"]);
    for line in text.lines().filter(|line| line.contains("window.ran")) {
        assert!(line.contains('`'), "not code: {line}");
    }
    assert!(!text.contains('\u{202e}'));
}

#[test]
fn the_columns_of_the_results_never_begin_a_formula() {
    let folder = Folder::new();
    hostile().write(&folder);
    let options = [
        "report",
        RESULTS,
        "--failed-only",
        "failed.csv",
        "-o",
        "p.html",
    ];
    folder.run(0, &options);
    let mut reader = csv::Reader::from_path(folder.path("failed.csv")).unwrap();
    let header = reader.headers().unwrap().clone();
    let mut seen = 0;
    for record in reader.records() {
        let record = record.unwrap();
        let own = header.iter().zip(&record);
        for (column, cell) in own.filter(|(column, _)| column.starts_with("workos_")) {
            let start = cell.trim_start();
            assert!(!start.starts_with(['=', '+', '-', '@']), "{column}: {cell}");
            seen += 1;
        }
    }
    assert!(seen > 100);
}
