//! Runs in every state, and every status.

use super::Folder;
use super::crafted::{Crafted, CraftedRow, RESULTS};

fn crafted(rows: Vec<CraftedRow>) -> Crafted {
    Crafted {
        rows,
        ..Crafted::default()
    }
}

#[test]
fn every_status_is_in_one_group_of_the_verdict() {
    let statuses = [
        "created",
        "unchanged",
        "updated",
        "merged",
        "deleted",
        "conflict",
        "failed",
        "unavailable",
        "invalid",
        "unknown",
    ];
    let rows = (1..)
        .zip(statuses)
        .map(|(n, status)| CraftedRow::new(n, status));
    let mut rows: Vec<_> = rows.collect();
    rows.push(CraftedRow {
        status: None,
        ..CraftedRow::new(11, "created")
    });
    let folder = Folder::new();
    crafted(rows).write(&folder);
    let facts = folder.json(RESULTS);
    let totals = &facts["totals"];
    let groups = ["done", "deleted", "attention", "again", "unsent"].map(|g| totals[g].as_u64());
    assert_eq!(groups, [4, 1, 3, 2, 1].map(Some));
    let kept: Vec<_> = facts["kept"].as_array().unwrap().iter().collect();
    let kept: Vec<_> = kept
        .iter()
        .map(|kept| kept["status"].as_str().unwrap())
        .collect();
    assert_eq!(kept, ["unchanged", "updated", "deleted", "merged"]);
    let page = folder.html(RESULTS, &[]);
    for word in ["Left alone", "Updated", "Deleted", "Merged"] {
        assert!(page.contains(word), "{word}");
    }
}

#[test]
fn an_interrupted_run_says_so_and_how_to_resume() {
    let rows = (1..=5).map(|n| CraftedRow::new(n, "created")).collect();
    let run = Crafted {
        has_ended: false,
        in_flight: vec![4, 5],
        ..crafted(rows)
    };
    let folder = Folder::new();
    run.write(&folder);
    let facts = folder.json(RESULTS);
    assert_eq!(facts["state"], "interrupted");
    assert_eq!(facts["counts"]["unknown"], 2);
    assert_eq!(facts["next"]["command"], "workos-orgs import customers.csv");
    assert!(
        facts["timeline"]["runs"][0]["is_interrupted"]
            .as_bool()
            .unwrap()
    );
}

#[test]
fn an_incomplete_last_line_is_no_obstacle() {
    let folder = Folder::new();
    let rows = (1..=3).map(|n| CraftedRow::new(n, "created")).collect();
    crafted(rows).write(&folder);
    let journal = folder.read(super::crafted::JOURNAL);
    folder.write(super::crafted::JOURNAL, &journal[..journal.len() - 20]);
    assert_eq!(folder.json(RESULTS)["state"], "interrupted");
}

#[test]
fn pauses_are_seen_where_no_row_finished() {
    let mut rows: Vec<_> = (1..=20).map(|n| CraftedRow::new(n, "created")).collect();
    for row in &mut rows[10..] {
        row.at += 30_000;
        row.attempts = 2;
    }
    let folder = Folder::new();
    crafted(rows).write(&folder);
    let facts = folder.json(RESULTS);
    let quiet = &facts["timeline"]["runs"][0]["quiet"];
    assert_eq!(quiet.as_array().unwrap().len(), 1);
    assert!(quiet[0]["seconds"].as_f64().unwrap() > 29.0);
    assert_eq!(facts["requests"]["attempts"], 30);
    assert_eq!(facts["requests"]["repeated_rows"], 10);
    assert_eq!(facts["requests"]["limit"], 6_000);
    let page = folder.html(RESULTS, &[]);
    assert!(page.contains("no results for 30 s"), "the chart says it");
}

#[test]
fn a_row_that_its_user_added_or_removed_is_counted_once() {
    let folder = Folder::new();
    let rows = (1..=3).map(|n| CraftedRow::new(n, "created")).collect();
    crafted(rows).write(&folder);
    let text = folder.read(RESULTS);
    let kept: Vec<_> = text
        .lines()
        .filter(|line| !line.contains("Customer 2"))
        .collect();
    folder.write(
        RESULTS,
        &format!("{}\nNew Customer,new.example.com,,,\n", kept.join("\n")),
    );
    let facts = folder.json(RESULTS);
    assert_eq!(facts["totals"]["rows"], 4);
    assert_eq!(facts["totals"]["done"], 3);
    assert_eq!(facts["counts"]["not_sent"], 1);
}

#[test]
fn organizations_are_linked_only_in_workos_itself() {
    let folder = Folder::new();
    let rows = vec![CraftedRow::new(1, "created")];
    crafted(rows.clone()).write(&folder);
    let page = folder.html(RESULTS, &[]);
    assert_eq!(
        super::data(&page)["dashboard"],
        "https://dashboard.workos.com/organizations/"
    );
    let test_run = Crafted {
        environment: "sandbox",
        ..crafted(rows)
    };
    test_run.write(&folder);
    let page = folder.html(RESULTS, &[]);
    assert_eq!(super::data(&page)["dashboard"], "");
}
