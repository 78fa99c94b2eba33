//! What must hold on the second day while nothing goes wrong but a crash: a sync does exactly what was
//! planned, the same sync again does nothing, and neither does the sync of an export.

use crate::process::{Ended, Hazards};
use crate::second_day::SecondDay;
use crate::story::Checked;
use crate::taken_back;
use std::time::Duration;
use tokio::time::sleep;
use workos_orgs::plan::Mode;
use workos_orgs::run::{DeletedRows, EditedRows, Planned};

pub(crate) async fn check(day: &mut SecondDay) -> Checked {
    let mut sync = day.command(Mode::Sync);
    sync.answers.edited_rows = Some(EditedRows::Update);
    sync.answers.deleted_rows = Some(DeletedRows::Create);
    sync.answers.discard_edits = true;
    let mut plan = sync.clone();
    plan.is_dry_run = true;
    let planned = match day.run(&plan, Hazards::default()).await? {
        Ended::Concluded(conclusion) => conclusion.planned,
        _ => None,
    };
    let before = day.machine.server.state().organizations.clone();
    let mut carried_out = sync.clone();
    if let Some(planned) = planned.as_ref().filter(|_| day.random.percent(50)) {
        day.machine.trace.count("second day: plan from its file");
        carried_out.sync.plan_file = Some(write(day, planned));
    }
    if day.random.percent(50) {
        let hazards = Hazards {
            crash_at_poll: Some(day.random.between(1, 400)),
            is_power_loss: day.random.percent(50),
            ..Hazards::default()
        };
        day.run(&carried_out, hazards).await?;
    }
    let code = day.run_to_the_end(carried_out).await?;
    if let Some(planned) = planned.filter(|plan| plan.look_up == 0) {
        let is_clear = planned.conflicts + planned.invalid + planned.left == 0;
        if is_clear && code != 0 {
            return Err(format!(
                "exit code {code} of a sync that nothing is in the way of"
            ));
        }
        if code == 0 {
            day.machine
                .trace
                .count("second day: plan compared with sync");
            taken_back::as_planned(day, &planned, &before)?;
        }
    }
    if day.run_to_the_end(sync.clone()).await? == 0 {
        // What the list does not show yet is read alone.
        sleep(Duration::from_secs(10)).await;
        day.machine.trace.count("second day: sync repeated");
        changes_nothing(day, &sync, "the same sync again").await?;
    }
    if day.random.percent(50) {
        // Its text is an organization's value there.
        sync.sync.options.clear = None;
        sync.path = day.machine.export(&day.folder.join("export")).await?;
        day.machine.trace.count("second day: export synced");
        changes_nothing(day, &sync, "the sync of an export").await?;
    }
    Ok(())
}

/// Writes a plan to its file.
fn write(day: &SecondDay, planned: &Planned) -> std::path::PathBuf {
    let path = day.folder.join("plan.json");
    let mut file = std::fs::File::create(&path).unwrap();
    planned.write_json("customers.csv", 0, &mut file).unwrap();
    path
}

/// Runs a command for which nothing is to do: it lists, and sends nothing else.
async fn changes_nothing(
    day: &mut SecondDay,
    command: &crate::command::Command,
    what: &str,
) -> Checked {
    let counts = |day: &SecondDay| {
        let state = day.machine.server.state();
        (state.posts, state.watch.changes, state.watch.reads)
    };
    let before = counts(day);
    if let Ended::Refused(error) = day.run(command, Hazards::default()).await? {
        return Err(format!("{what} is refused: {error}"));
    }
    let now = counts(day);
    if now == before {
        return Ok(());
    }
    Err(format!("{what}: {before:?} became {now:?}"))
}
