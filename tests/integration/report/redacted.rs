//! A redacted report holds nothing of a customer.

use super::Folder;
use super::crafted::{Crafted, CraftedRow, RESULTS};

fn secret_run() -> Crafted {
    let row = |number, status| CraftedRow {
        name: "SECRETname".to_owned(),
        domain: "https://SECRETdomain.example.com".to_owned(),
        external_id: "SECRETid".to_owned(),
        code: Some("SECRET code".to_owned()),
        message: Some("The domain SECRETdomain is taken".to_owned()),
        ..CraftedRow::new(number, status)
    };
    let statuses = ["created", "unchanged", "conflict", "invalid", "unknown"];
    Crafted {
        rows: (1..).zip(statuses).map(|(n, s)| row(n, s)).collect(),
        ..Crafted::default()
    }
}

#[test]
fn no_format_holds_a_name_a_domain_or_an_id() {
    let folder = Folder::new();
    secret_run().write(&folder);
    for format in ["html", "md", "json"] {
        let options = ["report", RESULTS, "--redact", "--format", format, "-o", "-"];
        let text = folder.run(0, &options);
        assert!(text.contains("2 of 5 customers"), "counts stay");
        let lower = text.to_lowercase();
        for secret in ["secret", "org_0", "req-", "customers.csv", "0123456789ab"] {
            assert!(!lower.contains(secret), "{format} holds {secret}");
        }
    }
}

#[test]
fn lines_causes_and_counts_stay() {
    let folder = Folder::new();
    secret_run().write(&folder);
    let options = ["report", RESULTS, "--redact", "--format", "json"];
    let facts: serde_json::Value = serde_json::from_str(&folder.run(0, &options)).unwrap();
    assert_eq!(facts["is_redacted"], true);
    assert_eq!(facts["rows"][2]["line"], 4);
    assert_eq!(facts["rows"][2]["status"], "conflict");
    assert_eq!(facts["causes"].as_array().unwrap().len(), 3);
    let page = folder.html(RESULTS, &["--redact"]);
    assert!(page.contains("Redacted: no customer data"));
}

#[test]
fn a_page_says_that_it_is_confidential() {
    let folder = Folder::new();
    secret_run().write(&folder);
    assert!(
        folder
            .html(RESULTS, &[])
            .contains("Confidential: contains customer data")
    );
}
