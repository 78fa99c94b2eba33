//! More violations that the simulation has found, and what a crash or a lost file leaves to be found.

use crate::check;
use crate::folder;
use crate::found::{WRITES, dies_at, undisturbed, without_journal};
use crate::process::Ended;
use crate::story::{in_calm, tell_united};
use std::time::Duration;
use tokio::time::sleep;
use workos_orgs::columns::OnePer;
use workos_orgs::journal::State;
use workos_orgs::plan::Mode;
use workos_orgs::results::Status;

/// A journal without what came of the rows that were dispatched: as after a crash.
fn without_outcomes(journal: &str) -> String {
    let is_kept = |line: &&str| !line.contains("\"outcome\"") && !line.contains("\"ended\"");
    let kept: Vec<&str> = journal.lines().filter(is_kept).collect();
    kept.join("\n") + "\n"
}

#[test]
fn an_old_results_file_is_read_by_its_own_numbers_though_some_rows_fit_those_of_the_last_run() {
    let names = ["Firm 0", "Firm 1", "Firm 2", "Firm 3", "Firm 4"];
    in_calm(&names, async |story| {
        let mut import = story.import();
        import.limit = Some(1);
        undisturbed(story, &import).await?;
        story.import_a_copy().await?;
        let results = std::fs::read(story.results()).unwrap();
        story.list = vec![0, 1, 4, 2, 3];
        story.write_list();
        import.limit = None;
        undisturbed(story, &import).await?;
        // Of that run, only the beginning of the journal has reached the disk.
        let journal = std::fs::read_to_string(story.journal()).unwrap();
        let run = journal.rfind("{\"run\"").unwrap();
        let lines = journal[run..].split_inclusive('\n').take(3);
        let length = run + lines.map(str::len).sum::<usize>();
        std::fs::write(story.journal(), &journal[..length]).unwrap();
        std::fs::write(story.results(), results).unwrap();
        story.list = vec![0, 1, 2, 3, 4];
        story.write_list();
        story.finish().await?;
        story.has_organizations(5)?;
        check::all(story)
    });
}

#[test]
fn a_row_in_the_place_of_a_deleted_one_shows_its_own_cells_though_the_journal_was_lost() {
    in_calm(&["Firm", "Firm", "Firm", "Other"], async |story| {
        let import = story.import();
        undisturbed(story, &import).await?;
        // The disk was full before the results file had the last row.
        story.change_results(|sheet| {
            let columns = sheet.header.iter().enumerate();
            let own = columns.filter(|(_, name)| {
                name.starts_with("workos_") && *name != "workos_row" && *name != "workos_line"
            });
            let own: Vec<usize> = own.map(|(column, _)| column).collect();
            for column in own {
                sheet.rows[2][column].clear();
            }
        });
        std::fs::remove_file(story.journal()).unwrap();
        story.journal_is_unreliable = true;
        sleep(Duration::from_secs(120)).await;
        let mut retry = without_journal(story.retry());
        retry.mode = Mode::Retry(vec![Status::Failed]);
        undisturbed(story, &retry).await?;
        story.list = vec![0, 2, 3];
        story.write_list();
        story.finish().await?;
        story.has_organizations(4)?;
        check::all(story)
    });
}

#[test]
fn an_organization_that_turns_up_at_the_end_of_a_run_is_in_the_journal_and_in_the_summary() {
    in_calm(&["Firm 0", "Firm 1"], async |story| {
        let import = story.import();
        undisturbed(story, &import).await?;
        let journal = std::fs::read_to_string(story.journal()).unwrap();
        std::fs::write(story.journal(), without_outcomes(&journal)).unwrap();
        // Nothing has the first row any more, so it is not looked up.
        std::fs::remove_file(story.results()).unwrap();
        story.list = vec![1];
        story.write_list();
        sleep(Duration::from_secs(120)).await;
        match undisturbed(story, &import).await? {
            Ended::Concluded(conclusion)
                if conclusion.run.iter().any(|it| it == (Status::Created, 2)) => {}
            ended => return Err(format!("{ended:?}")),
        }
        let state = State::read(&story.journal()).unwrap().unwrap();
        assert_eq!(state.owned().count(), 2);
        story.has_organizations(2)?;
        check::all(story)
    });
}

#[test]
fn a_customer_who_was_renamed_in_the_list_is_not_a_correction_where_rows_are_united() {
    for at in 0..WRITES {
        in_calm(&["Firm 0", "Firm 1", "Firm 2"], async |story| {
            story.one_per = OnePer::Column("Tag".to_owned());
            let import = story.import();
            story.run(&import, dies_at(at)).await?;
            story.rename(1, "Firm 1 Inc");
            match undisturbed(story, &import).await? {
                Ended::Refused(error) if error.to_string().contains("was edited") => {
                    return Err(format!("after a crash at write {at}: {error}"));
                }
                _ => {}
            }
            story.finish().await?;
            story.has_organizations(3)?;
            check::all(story)
        });
    }
}

#[test]
fn seeds_that_once_broke_a_promise_where_rows_are_united_keep_it() {
    let (_held, folder) = folder();
    for seed in [378, 533, 795, 893] {
        let told = tell_united(seed, &folder);
        assert_eq!(told.violation, None, "seed {seed}\n{}", told.trace);
    }
}
