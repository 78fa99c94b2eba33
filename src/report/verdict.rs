//! What happened, in a sentence or two, and what to do now.

use super::facts::{Next, RunState, Totals};
use crate::text::{counted, grouped};

/// What the verdict is about.
#[derive(Clone, Debug)]
pub(super) struct Situation<'a> {
    pub(super) totals: Totals,
    pub(super) state: RunState,
    /// `staging`, `production`, `sandbox` …; `None` where it is not known.
    pub(super) environment: Option<&'a str>,
    pub(super) duplicates: u64,
    /// The next commands.
    pub(super) retry: &'a str,
    pub(super) again: Option<&'a str>,
    /// The real import after a test run.
    pub(super) import: Option<&'a str>,
}

impl Situation<'_> {
    /// What happened.
    pub(super) fn verdict(&self) -> String {
        let totals = &self.totals;
        let mut sentences = vec![self.first()];
        let mut add = |count: u64, one: &str, many: &str| match count {
            0 => {}
            1 => sentences.push(format!("1 {one}.")),
            _ => sentences.push(format!("{} {many}.", grouped(count))),
        };
        add(totals.attention, "needs a person", "need a person");
        add(
            totals.again,
            "has to be sent again",
            "have to be sent again",
        );
        add(totals.unsent, "was not sent yet", "were not sent yet");
        if totals.done > 0 {
            let (one, many) = ("was deleted by undo", "were deleted by undo");
            add(totals.deleted, one, many);
        }
        sentences.join(" ")
    }

    fn first(&self) -> String {
        let totals = &self.totals;
        let place = match self.environment {
            Some("production") => "in production",
            Some("staging") => "in staging",
            Some("sandbox") => "in the sandbox (a test run)",
            _ => "in WorkOS",
        };
        let done = grouped(totals.done);
        let rows = counted(totals.rows, "customer");
        let (are, now) = match self.state {
            RunState::Running => (if totals.done == 1 { "is" } else { "are" }, " so far"),
            _ => (if totals.done == 1 { "is" } else { "are" }, ""),
        };
        if totals.rows == 0 {
            return "The list has no rows.".to_owned();
        }
        if totals.deleted > 0 && totals.done == 0 {
            let deleted = grouped(totals.deleted);
            let of = if totals.deleted == totals.rows {
                format!("all {rows}")
            } else {
                format!("{deleted} of {rows}")
            };
            return format!("Undo has deleted the organizations of {of}.");
        }
        if totals.done == totals.rows {
            return match totals.rows {
                1 => format!("The only customer is {place}."),
                _ => format!("All {rows} are {place}."),
            };
        }
        format!("{done} of {rows} {are} {place}{now}.")
    }

    /// What to do now.
    pub(super) fn next(&self) -> Next {
        let totals = &self.totals;
        let next = |what: String, command: Option<&str>| Next {
            what,
            command: command.map(str::to_owned),
        };
        if self.state == RunState::Running {
            return next(
                "A run is at work. There is nothing to do yet.".to_owned(),
                None,
            );
        }
        if self.environment == Some("sandbox") {
            let fix = match totals.attention {
                0 => String::new(),
                count => format!("Fix {} in the list. ", counted(count, "row")),
            };
            let what = format!("This was a test run. {fix}Then import the list into WorkOS.");
            return next(what.replace("run. Then import", "run. Import"), self.import);
        }
        if self.state == RunState::Interrupted {
            let what = "The last run was interrupted. Run the same command again to resume. \
                        It looks up what may have been sent.";
            return next(what.to_owned(), self.again);
        }
        if totals.again + totals.unsent > 0 {
            let rows = counted(totals.again + totals.unsent, "row");
            let why = match totals.unsent {
                0 => "",
                _ => "The last run ended before the end of the list. ",
            };
            let what = format!("{why}Run the same command again to send the other {rows}.");
            return next(what, self.again);
        }
        if totals.attention > 0 {
            let these = match totals.attention {
                1 => "Fix the row below in the results file, then send it again.".to_owned(),
                count => format!(
                    "Fix the {} below in the results file, then send them again.",
                    counted(count, "row")
                ),
            };
            return next(these, Some(self.retry));
        }
        if self.duplicates > 0 {
            let what = "Compare the possible duplicates below in the WorkOS dashboard.";
            return next(what.to_owned(), None);
        }
        let after_undo = match totals.deleted {
            0 => "",
            _ => " An import of the list asks before it creates them again.",
        };
        next(format!("Nothing to do.{after_undo}"), None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn situation(done: u64, attention: u64, again: u64, unsent: u64) -> Situation<'static> {
        Situation {
            totals: Totals {
                rows: done + attention + again + unsent,
                done,
                deleted: 0,
                attention,
                again,
                unsent,
            },
            state: RunState::Ended,
            environment: Some("production"),
            duplicates: 0,
            retry: "retry",
            again: Some("again"),
            import: Some("import"),
        }
    }

    #[test]
    fn a_sentence_says_what_happened() {
        for (situation, verdict) in [
            (
                situation(4_993, 7, 0, 0),
                "4,993 of 5,000 customers are in production. 7 need a person.",
            ),
            (
                situation(5_000, 0, 0, 0),
                "All 5,000 customers are in production.",
            ),
            (situation(1, 0, 0, 0), "The only customer is in production."),
            (
                situation(1, 1, 1, 1),
                "1 of 4 customers is in production. 1 needs a person. 1 has to be sent again. 1 was not sent yet.",
            ),
            (situation(0, 0, 0, 0), "The list has no rows."),
        ] {
            assert_eq!(situation.verdict(), verdict);
        }
    }

    #[test]
    fn deleted_organizations_are_not_called_imported() {
        let mut undone = situation(0, 0, 0, 0);
        undone.totals = Totals {
            rows: 5,
            deleted: 5,
            ..Totals::default()
        };
        assert_eq!(
            undone.verdict(),
            "Undo has deleted the organizations of all 5 customers."
        );
        let after = "Nothing to do. An import of the list asks before it creates them again.";
        assert_eq!(undone.next().what, after);
    }

    #[test]
    fn the_next_step_is_the_one_that_helps_most() {
        let command = |situation: Situation<'_>| situation.next().command;
        assert_eq!(command(situation(1, 1, 0, 0)).as_deref(), Some("retry"));
        assert_eq!(command(situation(1, 1, 1, 0)).as_deref(), Some("again"));
        assert_eq!(command(situation(1, 0, 0, 1)).as_deref(), Some("again"));
        assert_eq!(command(situation(1, 0, 0, 0)), None);
        let mut interrupted = situation(1, 0, 0, 0);
        interrupted.state = RunState::Interrupted;
        assert_eq!(command(interrupted).as_deref(), Some("again"));
        let mut test_run = situation(1, 1, 0, 0);
        test_run.environment = Some("sandbox");
        assert_eq!(command(test_run).as_deref(), Some("import"));
    }
}
