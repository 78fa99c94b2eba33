//! Violations that the simulation has found: each a story of a few lines.

use crate::command::Command;
use crate::customers::Customer;
use crate::process::{Ended, Hazards};
use crate::story::{Checked, Story, in_calm, tell};
use crate::{check, folder};
use std::time::Duration;
use tokio::time::sleep;
use workos_orgs::journal::State;
use workos_orgs::plan::Mode;
use workos_orgs::run::Answers;

/// Runs a command undisturbed.
pub(crate) async fn undisturbed(story: &mut Story, command: &Command) -> Checked<Ended> {
    story.run(command, Hazards::default()).await
}

pub(crate) fn without_journal(command: Command) -> Command {
    Command {
        answers: Answers {
            without_journal: true,
            ..Answers::default()
        },
        ..command
    }
}

#[test]
fn rows_of_a_run_that_has_lost_its_journal_are_found_though_they_are_the_newest_there_are() {
    in_calm(&["Firm 0", "Firm 1", "Firm 2"], async |story| {
        let import = story.import();
        undisturbed(story, &import).await?;
        // The results file still shows no row as done.
        std::fs::remove_file(story.journal()).unwrap();
        story.change_results(|sheet| {
            for name in ["workos_status", "workos_organization_id"] {
                let column = sheet.column(name).unwrap();
                for row in &mut sheet.rows {
                    row[column].clear();
                }
            }
        });
        sleep(Duration::from_secs(120)).await;
        let import = without_journal(story.import());
        undisturbed(story, &import).await?;
        story.has_organizations(3)
    });
}

#[test]
fn a_journal_that_was_cut_in_its_first_line_is_begun_anew() {
    in_calm(&["Firm 0", "Firm 1"], async |story| {
        let import = story.import();
        undisturbed(story, &import).await?;
        let journal = std::fs::read(story.journal()).unwrap();
        std::fs::write(story.journal(), &journal[..20]).unwrap();
        sleep(Duration::from_secs(120)).await;
        let import = without_journal(story.import());
        undisturbed(story, &import).await?;
        story.has_organizations(2)?;
        check::all(story)
    });
}

#[test]
fn an_import_with_nothing_left_to_send_is_finished_so_that_its_failed_row_can_be_retried() {
    in_calm(&["Firm 0", "Firm 1", "Firm 2"], async |story| {
        story
            .machine
            .server
            .state()
            .blocked
            .insert("Firm 0".to_owned());
        let mut import = story.import();
        undisturbed(story, &import).await?;
        // The list becomes shorter, and is imported with a limit.
        story.list = vec![1, 0];
        story.write_list();
        import.limit = Some(1);
        undisturbed(story, &import).await?;
        story.finish().await?;
        story.has_organizations(3)
    });
}

#[test]
fn a_row_that_is_sent_like_others_keeps_its_own_cells_when_another_one_is_inserted() {
    in_calm(&["Firm", "Firm", "Firm"], async |story| {
        let import = story.import();
        undisturbed(story, &import).await?;
        story.list = vec![2, 0];
        story.write_list();
        undisturbed(story, &import).await?;
        story.list = vec![1, 2, 0];
        story.write_list();
        undisturbed(story, &import).await?;
        story.has_organizations(3)?;
        check::all(story)
    });
}

#[test]
fn a_row_in_the_place_of_a_deleted_one_that_was_sent_alike_shows_its_own_cells() {
    in_calm(&["Firm", "Firm", "Firm"], async |story| {
        let mut import = story.import();
        import.limit = Some(2);
        undisturbed(story, &import).await?;
        story.list = vec![0, 2];
        story.write_list();
        story.finish().await?;
        story.has_organizations(2)?;
        check::all(story)
    });
}

#[test]
fn a_results_file_that_was_cut_in_a_row_is_not_taken_for_a_correction() {
    in_calm(&["Firm 0", "Firm 1"], async |story| {
        story
            .machine
            .server
            .state()
            .blocked
            .insert("Firm 1".to_owned());
        let import = story.import();
        undisturbed(story, &import).await?;
        let bytes = std::fs::read(story.results()).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let end = text.find("Firm 1").unwrap() + 4;
        std::fs::write(story.results(), &text[..end]).unwrap();
        let retry = story.retry();
        undisturbed(story, &retry).await?;
        story.has_organizations(1)?;
        std::fs::remove_file(story.results()).unwrap();
        story.finish().await?;
        check::all(story)
    });
}

#[test]
fn an_organization_of_a_row_with_an_external_id_is_not_taken_by_a_row_without_one() {
    in_calm(&["Firm", "Firm"], async |story| {
        story.customers[1].now.external_id = "crm-1".to_owned();
        story.customers[1].versions = vec![story.customers[1].now.clone()];
        story.list = vec![1];
        story.write_list();
        let import = story.import();
        undisturbed(story, &import).await?;
        std::fs::remove_file(story.journal()).unwrap();
        std::fs::remove_file(story.results()).unwrap();
        story.list = vec![0, 1];
        story.write_list();
        undisturbed(story, &import).await?;
        story.has_organizations(2)?;
        check::all(story)
    });
}

#[test]
fn a_row_that_the_journal_has_from_the_results_file_keeps_its_name_and_external_id() {
    in_calm(&["Firm 0", "Firm 1"], async |story| {
        story.customers[0].now.external_id = "crm-0".to_owned();
        story.customers[0].versions = vec![story.customers[0].now.clone()];
        story.write_list();
        let import = story.import();
        undisturbed(story, &import).await?;
        std::fs::remove_file(story.journal()).unwrap();
        let again = without_journal(story.import());
        undisturbed(story, &again).await?;
        // Renamed and moved: only the external id tells whose organization it is.
        story.list = vec![1, 0];
        story.rename(0, "Firm 0 Inc");
        story.finish().await?;
        story.has_organizations(2)?;
        check::all(story)
    });
}

#[test]
fn a_correction_that_a_retry_has_sent_survives_a_later_import_of_the_list() {
    in_calm(&["Firm 0", "Firm 1"], async |story| {
        let server = &story.machine.server;
        server.state().blocked.insert("Firm 1".to_owned());
        let import = story.import();
        undisturbed(story, &import).await?;
        story.correct_in_results(1, "Firm 1 Ltd");
        // The first retry is refused as well.
        let server = &story.machine.server;
        server.state().blocked.insert("Firm 1 Ltd".to_owned());
        let retry = story.retry();
        undisturbed(story, &retry).await?;
        story.machine.server.calm();
        undisturbed(story, &retry).await?;
        let new = Customer::named("Firm 2");
        story.customers.push(new);
        story.list = vec![2, 0, 1];
        story.write_list();
        story.finish().await?;
        story.has_organizations(3)?;
        check::all(story)
    });
}

#[test]
fn rows_that_were_there_are_found_again_after_a_crash_has_cut_the_first_journal() {
    in_calm(&["Firm 0", "Firm 1"], async |story| {
        let import = story.import();
        undisturbed(story, &import).await?;
        std::fs::remove_file(story.journal()).unwrap();
        std::fs::remove_file(story.results()).unwrap();
        sleep(Duration::from_secs(120)).await;
        undisturbed(story, &import).await?;
        // Of what was found, only the beginning has reached the disk.
        let journal = std::fs::read_to_string(story.journal()).unwrap();
        let outcome = journal.find("\"outcome\"").unwrap();
        std::fs::write(story.journal(), &journal[..outcome + 20]).unwrap();
        std::fs::remove_file(story.results()).unwrap();
        sleep(Duration::from_secs(120)).await;
        undisturbed(story, &import).await?;
        story.has_organizations(2)?;
        check::all(story)
    });
}

#[test]
fn an_unsent_row_whose_number_a_spreadsheet_has_changed_is_not_one_that_the_user_has_added() {
    for is_removed in [false, true] {
        in_calm(&["Firm 0", "Firm 1", "Firm 2"], async |story| {
            let mut import = story.import();
            import.limit = Some(1);
            undisturbed(story, &import).await?;
            story.change_results(|sheet| {
                let column = sheet.column("workos_row").unwrap();
                for row in &mut sheet.rows {
                    if is_removed {
                        row[column].clear();
                    } else {
                        row[column].push_str(",00");
                    }
                }
            });
            story.rename(2, "Firm 2 Inc");
            story.finish().await?;
            story.has_organizations(3)?;
            check::all(story)
        });
    }
}

/// A process that dies at its `at`-th write.
pub(crate) fn dies_at(at: u64) -> Hazards {
    let mut hazards = Hazards::default();
    hazards.disk.crash_at = Some(at);
    hazards
}

/// How many writes there are in a run of a few rows, at least.
pub(crate) const WRITES: u64 = 16;

#[test]
fn a_row_does_not_get_the_organization_of_a_deleted_one_with_the_same_name_and_another_id() {
    in_calm(&["Firm", "Firm"], async |story| {
        for (customer, it) in story.customers.iter_mut().enumerate() {
            it.now.external_id = format!("crm-{customer}");
            it.versions = vec![it.now.clone()];
        }
        story.write_list();
        let mut import = story.import();
        import.limit = Some(1);
        undisturbed(story, &import).await?;
        story.list = vec![1];
        story.write_list();
        story.finish().await?;
        story.has_organizations(2)?;
        check::all(story)
    });
}

#[test]
fn a_copy_that_is_imported_while_rows_are_in_doubt_creates_nothing_twice() {
    for at in 0..WRITES {
        in_calm(&["Firm 0", "Firm 1", "Firm 1"], async |story| {
            let import = story.import();
            story.run(&import, dies_at(at)).await?;
            story.import_a_copy().await?;
            story.finish().await?;
            story.has_organizations(3)?;
            check::all(story)
        });
    }
}

#[test]
fn a_row_in_doubt_that_is_in_no_file_any_more_does_not_stay_in_doubt() {
    for at in 0..WRITES {
        in_calm(&["Firm 0", "Firm 1"], async |story| {
            let import = story.import();
            story.run(&import, dies_at(at)).await?;
            let _ = std::fs::remove_file(story.results());
            story.list = vec![1];
            story.write_list();
            story.finish().await?;
            let state = State::read(&story.journal()).unwrap().unwrap();
            if state.rows_in_doubt().next().is_some() {
                return Err(format!("in doubt after a crash at write {at}"));
            }
            match undisturbed(story, &import).await? {
                Ended::Concluded(conclusion) if conclusion.exit_code() == 0 => Ok(()),
                ended => Err(format!("{ended:?}")),
            }
        });
    }
}

#[test]
fn a_failed_row_that_is_in_no_file_any_more_does_not_count() {
    in_calm(&["Firm 0", "Firm 1"], async |story| {
        let server = &story.machine.server;
        server.state().blocked.insert("Firm 0".to_owned());
        let import = story.import();
        undisturbed(story, &import).await?;
        std::fs::remove_file(story.results()).unwrap();
        story.list = vec![1];
        story.write_list();
        for _ in 0..3 {
            match undisturbed(story, &import).await? {
                Ended::Concluded(conclusion) if conclusion.exit_code() == 0 => {}
                ended => return Err(format!("{ended:?}")),
            }
        }
        Ok(())
    });
}

#[test]
fn a_row_whose_edit_was_undone_while_in_doubt_is_not_created_beside_rows_like_it() {
    for at in 0..WRITES {
        in_calm(&["Firm", "Firm", "Firm"], async |story| {
            story.rename(1, "Firm Inc");
            let import = story.import();
            story.run(&import, dies_at(at)).await?;
            story.rename(1, "Firm");
            story.finish().await?;
            story.has_organizations(3)?;
            check::all(story)
        });
    }
}

#[test]
fn a_row_that_was_renamed_and_moved_at_once_is_not_created_again() {
    in_calm(&["Acme", "Beta", "Gamma", "Delta"], async |story| {
        let import = story.import();
        undisturbed(story, &import).await?;
        story.list = vec![3, 1, 0, 2];
        story.rename(0, "Acme Inc");
        story.rename(3, "Dleta");
        let ended = undisturbed(story, &import).await?;
        let Ended::Refused(error) = ended else {
            return Err(format!("not asked: {ended:?}"));
        };
        let message = error.to_string();
        for line in [
            "line 2: \"Dleta\" was created as \"Delta\"",
            "line 4: \"Acme Inc\" was created as \"Acme\"",
        ] {
            if !message.contains(line) {
                return Err(message);
            }
        }
        story.finish().await?;
        story.has_organizations(4)?;
        check::all(story)
    });
}

#[test]
fn a_new_customer_is_created_without_a_question_though_others_are_gone() {
    in_calm(&["Acme", "Beta", "Gamma", "Acme Labs"], async |story| {
        story.list = vec![0, 1, 2];
        story.write_list();
        let import = story.import();
        undisturbed(story, &import).await?;
        story.list = vec![2, 1, 3];
        story.write_list();
        match undisturbed(story, &import).await? {
            Ended::Concluded(_) => story.has_organizations(4),
            ended => Err(format!("{ended:?}")),
        }
    });
}

#[test]
fn seeds_that_once_broke_a_promise_keep_it() {
    let (_held, folder) = folder();
    for seed in [
        10, 12, 21, 42, 51, 66, 67, 114, 115, 131, 137, 175, 207, 245, 704, 880, 1_947, 10_027,
        10_053, 10_075, 10_109, 10_112, 10_194, 10_225, 10_287, 10_329, 10_382, 10_471, 10_749,
        10_793, 924, 1_147, 101_231, 102_244, 102_330, 102_363, 107_987, 1_074, 1_526, 1_001_438,
        1_001_471, 3_002_375, 3_002_792, 3_005_005, 5_004_639,
    ] {
        let told = tell(seed, &folder);
        assert_eq!(told.violation, None, "seed {seed}\n{}", told.trace);
    }
}

#[test]
fn an_undo_finds_and_deletes_what_was_created_without_an_answer() {
    in_calm(&["Firm 0", "Firm 1"], async |story| {
        let import = story.import();
        undisturbed(story, &import).await?;
        // As after a crash: the rows were dispatched, and no outcome was written.
        let journal = std::fs::read_to_string(story.journal()).unwrap();
        let is_kept = |line: &&str| !line.contains("\"outcome\"") && !line.contains("\"ended\"");
        let kept: Vec<&str> = journal.lines().filter(is_kept).collect();
        std::fs::write(story.journal(), kept.join("\n") + "\n").unwrap();
        let undo = Command {
            path: story.results(),
            mode: Mode::Undo,
            ..story.import()
        };
        undisturbed(story, &undo).await?;
        story.has_organizations(0)
    });
}
