//! What to do after a run, step by step, and the commands for it.

use super::conclusion::{Conclusion, Subject, needs_person};
use super::next_command::Invocation;
use crate::plan::Mode;
use crate::results::Status;
use crate::text::{counted, untrusted};

impl Conclusion {
    /// What to do next, step by step, and the commands for it.
    pub(super) fn next(&self, subject: &Subject<'_>) -> Vec<(String, Vec<String>)> {
        let invocation = subject.invocation;
        let is_retry = subject.request.is_retry();
        if subject.environment.is_sandbox() {
            let step = (!is_retry).then(|| after_test_run(invocation, self.file.not_done() > 0));
            return step.into_iter().collect();
        }
        let plan_again = || {
            let request = subject.request;
            invocation.plan_again_of(&request.read, request.results.as_deref())
        };
        let is_partial = subject.request.limit.is_some() && self.unsent > 0;
        if is_partial && self.stopped.is_none() && self.error.is_none() {
            let rows = counted(self.unsent, "row");
            if subject.request.sync.plan.is_some() {
                let what = format!("to plan the other {rows}:");
                return vec![(what, vec![plan_again()])];
            }
            let what = format!("to import the other {rows}:");
            return vec![(what, vec![invocation.whole()])];
        }
        if self.stopped.is_some() || self.error.is_some() {
            return vec![("to resume:".to_owned(), vec![invocation.again()])];
        }
        let mut steps = Vec::new();
        if !self.skipped.is_empty() {
            let rows = counted(self.skipped.len() as u64, "row");
            let what = format!("{rows} skipped: look at a new plan:");
            steps.push((what, vec![plan_again()]));
        }
        let unavailable = self.count(Status::is_retryable);
        let unavailable = unavailable.saturating_sub(self.unlisted);
        if self.unlisted > 0 {
            let rows = counted(self.unlisted, "row");
            let what = format!(
                "{rows} of the results file failed because WorkOS was unavailable, and the list does not have them:"
            );
            steps.push((what, vec![invocation.retry(&subject.results)]));
        }
        if unavailable > 0 {
            let rows = counted(unavailable, "row");
            let what = format!(
                "{rows} failed because WorkOS was unavailable. Run the same command again:"
            );
            steps.push((what, vec![invocation.again()]));
        }
        let to_fix = self.count(needs_person);
        if to_fix > 0 && self.is_undo {
            let left = if to_fix == 1 {
                "was left as it is"
            } else {
                "were left as they are"
            };
            let what = format!(
                "{} {left}: the reasons are in the column workos_message",
                counted(to_fix, "organization")
            );
            steps.push((what, Vec::new()));
        } else if to_fix > 0 {
            let results = untrusted(&subject.results.display().to_string(), 500);
            let what = format!(
                "fix the {} with status {} in {results}, then:",
                counted(to_fix, "row"),
                self.statuses_to_fix(),
            );
            steps.push((what, vec![invocation.retry(&subject.results)]));
        }
        let has_conflicts = self.count(|status| status == Status::Conflict) > 0;
        let is_of_creations = matches!(subject.request.mode, Mode::Import | Mode::Retry(_));
        if has_conflicts && is_of_creations {
            let what =
                "if a conflict is with an organization of the same customer, take it as it is:";
            let adopt = format!("{} --adopt", invocation.retry(&subject.results));
            steps.push((what.to_owned(), vec![adopt]));
            if !is_retry {
                let what = "or compare the whole list, and update what differs:".to_owned();
                steps.push((what, vec![invocation.carry_out("sync")]));
            }
        }
        steps
    }

    /// `conflict or failed`.
    fn statuses_to_fix(&self) -> String {
        let counts = self.file.iter();
        let open = counts.filter(|(status, count)| *count > 0 && needs_person(*status));
        let names: Vec<_> = open.map(|(status, _)| status.name()).collect();
        names.join(" or ")
    }
}

fn after_test_run(invocation: &Invocation, has_open_rows: bool) -> (String, Vec<String>) {
    let fix = if has_open_rows {
        "fix the rows that failed in the list itself, then import it into WorkOS:"
    } else {
        "to import into WorkOS:"
    };
    let set = crate::text::set_variable("WORKOS_API_KEY", "sk_…");
    let what = format!("this was a test run in a local sandbox; {fix}");
    (what, vec![set, invocation.without_sandbox()])
}
