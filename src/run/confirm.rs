//! The questions before a run. Each has an option of its own that answers it.

use super::console::{Answer, Console};
use super::environment::Environment;
use super::planning::RunPlan;
use super::{Error, Request};
use crate::engine::Shutdown;
use crate::text::{counted, grouped, untrusted};
use crate::validate::SeveralRows;
use std::path::Path;

/// What the questions are about.
pub(super) struct Questions<'a> {
    pub(super) request: &'a Request,
    pub(super) environment: &'a Environment,
    pub(super) plan: &'a RunPlan,
    pub(super) results: &'a Path,
    /// The journal, where it is missing and the results file is not.
    pub(super) missing_journal: Option<&'a Path>,
    /// External ids that a spreadsheet has probably changed: the id before, the one now.
    pub(super) changed_ids: &'a [(String, String)],
    /// Whether several rows seem to be one customer.
    pub(super) several_rows: Option<SeveralRows>,
}

/// A question.
struct Question {
    /// What the user has to know first; blank where nothing.
    explanation: String,
    question: String,
    /// Why nothing is sent if the answer is no, or if there is no terminal to ask at.
    refusal: String,
    /// What to do then.
    hint: String,
}

impl Question {
    fn refused(self, answer: Answer) -> Error {
        let why = match answer {
            Answer::CannotAsk => ". Cannot ask: standard input is not a terminal",
            Answer::Yes | Answer::No => "",
        };
        Error::Usage {
            message: format!("nothing was sent: {}{why}", self.refusal),
            hint: self.hint,
        }
    }
}

impl Questions<'_> {
    /// Asks whatever has not been answered.
    ///
    /// # Errors
    /// When an answer is no, a question cannot be asked, or Ctrl-C comes before the answer.
    pub(super) async fn ask(
        &self,
        console: &impl Console,
        shutdown: &Shutdown,
    ) -> Result<(), Error> {
        for question in self.open() {
            if !question.explanation.is_empty() {
                console.warn(&question.explanation);
            }
            let answer = tokio::select! {
                biased;
                () = shutdown.draining() => return Err(Error::Interrupted),
                answer = console.ask(&question.question) => answer,
            };
            if answer != Answer::Yes {
                return Err(question.refused(answer));
            }
        }
        Ok(())
    }

    /// Whether a question has no answer yet.
    pub(super) fn are_open(&self) -> bool {
        !self.open().is_empty()
    }

    /// Refuses where questions are open and cannot be asked, with all of them in one message.
    ///
    /// # Errors
    /// When a question is open.
    pub(super) fn refuse(&self, console: &impl Console) -> Result<(), Error> {
        let mut open = self.open().into_iter();
        let Some(first) = open.next() else {
            return Ok(());
        };
        let all = open.fold(first, |mut all, next| {
            all.explanation = [all.explanation, next.explanation].join("\n");
            all.refusal = format!("{}; {}", all.refusal, next.refusal);
            all.hint = format!("{}. {}", all.hint, next.hint);
            all
        });
        let explanation = all.explanation.trim();
        if !explanation.is_empty() {
            console.warn(explanation);
        }
        Err(all.refused(Answer::CannotAsk))
    }

    /// The questions that no option has answered.
    fn open(&self) -> Vec<Question> {
        let answers = &self.request.answers;
        let mut open = Vec::new();
        if let Some(journal) = self.missing_journal.filter(|_| !answers.without_journal) {
            open.push(self.without_journal(journal));
        }
        if !self.changed_ids.is_empty() && !answers.changed_ids {
            open.push(self.changed_ids());
        }
        if !self.plan.renamed.is_empty() && answers.edited_rows.is_none() {
            open.push(self.renamed());
        }
        if let Some(several) = self.several_rows {
            open.push(Self::several_rows(several));
        }
        if self.environment.is_production() && !answers.yes && self.plan.to_send() > 0 {
            open.push(self.production());
        }
        open
    }

    fn without_journal(&self, journal: &Path) -> Question {
        let results = untrusted(&self.results.display().to_string(), 200);
        let journal = untrusted(&journal.display().to_string(), 200);
        Question {
            explanation: format!(
                "{journal} is missing: it records what earlier runs have done. Without it\n  \
                 {} with an organization id in {results} count as done\n  \
                 all other rows ({}) are looked up in WorkOS before they are sent\n  \
                 columns and the state of domains are taken from this command, not from the earlier runs",
                counted(self.plan.done, "row"),
                grouped(self.plan.in_doubt),
            ),
            question: "Continue without the journal?".to_owned(),
            refusal: format!("{journal} is missing"),
            hint: format!(
                "restore {journal} next to the results file. To continue without it, as described above, add --without-journal"
            ),
        }
    }

    fn changed_ids(&self) -> Question {
        let (was, is) = self.changed_ids.first().cloned().unwrap_or_default();
        let example = format!(
            "\"{}\" became \"{}\"",
            untrusted(&was, 60),
            untrusted(&is, 60)
        );
        Question {
            explanation: format!(
                "{} in the results file have other external ids than before ({example}); a spreadsheet has probably changed them",
                counted(self.changed_ids.len() as u64, "row")
            ),
            question: "Send the ids as they are now?".to_owned(),
            refusal: format!("external ids were changed ({example})"),
            hint: format!(
                "restore them as they are in {}, and format their column as text in the spreadsheet. If the change is intended, add --changed-ids",
                "the list"
            ),
        }
    }

    fn renamed(&self) -> Question {
        let renamed = &self.plan.renamed;
        let first: Vec<_> = renamed
            .iter()
            .take(3)
            .map(super::planning::Renamed::in_words)
            .collect();
        let first = first.join("; ");
        let more = renamed.len().saturating_sub(3);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        Question {
            explanation: String::new(),
            question: "Keep these organizations as they are?".to_owned(),
            refusal: format!("{first}{more}"),
            hint: "if it is the same customer, add --edited-rows keep (its organization is not changed); if it is another customer, add --edited-rows create".to_owned(),
        }
    }

    fn several_rows(several: SeveralRows) -> Question {
        Question {
            explanation: String::new(),
            question: format!(
                "{several} Create an organization for each of the {}?",
                counted(several.rows, "row")
            ),
            refusal: several.to_string().trim_end_matches('?').to_owned(),
            hint: "keep one row per customer in the list; if each row is a customer of its own, add --one-per row".to_owned(),
        }
    }

    fn production(&self) -> Question {
        let rows = grouped(self.plan.to_send());
        let noun = if self.plan.to_send() == 1 {
            "organization"
        } else {
            "organizations"
        };
        Question {
            explanation: String::new(),
            question: format!(
                "Create up to {rows} {noun} in PRODUCTION ({}, key {})?",
                self.environment.api, self.environment.key
            ),
            refusal: "this key creates organizations in production".to_owned(),
            hint: "add --yes to create them. To try a few rows first, add --limit 10; for a test run without WorkOS, add --sandbox".to_owned(),
        }
    }
}
