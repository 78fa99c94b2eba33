//! The questions before a run. Each has an option of its own that answers it.

use super::console::{Answer, Console};
use super::environment::Environment;
use super::run_plan::RunPlan;
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
    pub(super) several_rows: Option<&'a SeveralRows>,
}

/// What is typed for yes.
const YES: &str = "yes";

/// A question.
struct Question {
    /// What the user has to know first; blank where nothing.
    explanation: String,
    question: String,
    /// What is typed for yes.
    word: String,
    /// Why nothing is sent if the answer is no, or if there is no terminal to ask at.
    refusal: String,
    /// What to do then.
    hint: String,
}

impl Question {
    /// Asks it.
    ///
    /// # Errors
    /// When the answer is not yes, there is no terminal, or Ctrl-C comes before the answer.
    async fn ask(self, console: &impl Console, shutdown: &Shutdown) -> Result<(), Error> {
        if !self.explanation.is_empty() {
            console.warn(&self.explanation);
        }
        let answer = tokio::select! {
            biased;
            () = shutdown.draining() => return Err(Error::Interrupted),
            answer = console.ask(&self.question, &self.word) => answer,
        };
        match answer {
            Answer::Yes => Ok(()),
            answer => Err(self.refused(answer)),
        }
    }

    fn refused(self, answer: Answer) -> Error {
        let why = match answer {
            Answer::CannotAsk => ". Cannot ask: standard input is not a terminal",
            Answer::Yes | Answer::No => "; the answer was not yes",
        };
        Error::Usage {
            message: format!("nothing was sent: {}{why}", self.refusal),
            hint: self.hint,
        }
    }
}

/// Asks before the one organization of a command is created or changed in production: `what` says
/// so.
///
/// # Errors
/// When the answer is not yes, there is no terminal, or Ctrl-C comes before the answer.
pub(crate) async fn ask_about_one(
    what: &str,
    environment: &Environment,
    console: &impl Console,
    shutdown: &Shutdown,
) -> Result<(), Error> {
    if !environment.is_production() {
        return Ok(());
    }
    let question = Question {
        hint: "add --yes to do it without a question".to_owned(),
        ..creation(environment, what, None)
    };
    question.ask(console, shutdown).await
}

/// Asks before organizations are deleted in production, for their number.
///
/// # Errors
/// When the answer is another one, there is no terminal, or Ctrl-C comes before the answer.
pub(super) async fn ask_to_undo(
    environment: &Environment,
    deletions: u64,
    restored: u64,
    yes_delete: Option<u64>,
    console: &impl Console,
    shutdown: &Shutdown,
) -> Result<(), Error> {
    if !environment.is_production() || yes_delete == Some(deletions) {
        return Ok(());
    }
    let place = environment.in_words();
    let what = format!(
        "{} and restore {} in {place} (key {})",
        counted(deletions, "organization"),
        grouped(restored),
        environment.key_shown
    );
    let question = Question {
        explanation: String::new(),
        question: format!("Delete {what}?"),
        word: deletions.to_string(),
        refusal: "undo deletes organizations in production".to_owned(),
        hint: format!("add --yes-delete {deletions} to answer beforehand"),
    };
    question.ask(console, shutdown).await
}

/// The question before anything is created in production, or in what may be production.
fn creation(environment: &Environment, what: &str, listed: Option<u64>) -> Question {
    let address = environment.api.trim_start_matches("https://");
    let (place, why) = if environment.is_unknown() {
        (
            "an UNKNOWN environment, which may be PRODUCTION",
            "the key does not begin with sk_test_, so it counts as a production key",
        )
    } else {
        ("PRODUCTION", "this key creates organizations in production")
    };
    let there = listed.map_or_else(String::new, |count| {
        format!(", {} there now", counted(count, "organization"))
    });
    let key = &environment.key_shown;
    Question {
        explanation: String::new(),
        question: format!("{what} in {place} ({address}, key {key}{there})?"),
        word: YES.to_owned(),
        refusal: why.to_owned(),
        hint: "add --yes to create them. To try a few rows first, add --limit 10; for a test run without WorkOS, add --sandbox".to_owned(),
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
            question.ask(console, shutdown).await?;
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
        if self.plan.added > 0 && !answers.added_rows {
            open.push(self.added());
        }
        if self.plan.deleted > 0 && answers.deleted_rows.is_none() {
            open.push(self.deleted());
        }
        if !self.plan.renamed.is_empty() && answers.edited_rows.is_none() {
            open.push(self.renamed());
        }
        if let Some(several) = self.several_rows {
            open.push(Self::several_rows(several));
        }
        let changes = self.plan.to_send() + self.plan.adopted;
        if self.environment.is_production() && !answers.yes && changes > 0 {
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
            word: YES.to_owned(),
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
            word: YES.to_owned(),
            refusal: format!("external ids were changed ({example})"),
            hint: format!(
                "restore them as they are in {}, and format their column as text in the spreadsheet. If the change is intended, add --changed-ids",
                "the list"
            ),
        }
    }

    fn deleted(&self) -> Question {
        let rows = counted(self.plan.deleted, "row");
        Question {
            explanation: String::new(),
            question: format!("Create {rows} again that undo has deleted?"),
            word: YES.to_owned(),
            refusal: format!("undo has deleted the organizations of {rows}"),
            hint: "to create them again, add --deleted-rows create; to leave them deleted, add --deleted-rows keep".to_owned(),
        }
    }

    fn renamed(&self) -> Question {
        let renamed = &self.plan.renamed;
        let first: Vec<_> = renamed
            .iter()
            .take(3)
            .map(super::renamed::Renamed::in_words)
            .collect();
        let first = first.join("; ");
        let more = renamed.len().saturating_sub(3);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        let update = if self.request.is_sync() {
            "; to give it the values of the row, add --edited-rows update"
        } else {
            ""
        };
        Question {
            explanation: String::new(),
            question: "Keep these organizations as they are?".to_owned(),
            word: YES.to_owned(),
            refusal: format!("{first}{more}"),
            hint: format!(
                "if it is the same customer, add --edited-rows keep (its organization is not changed){update}; if it is another customer, add --edited-rows create"
            ),
        }
    }

    fn added(&self) -> Question {
        let rows = counted(self.plan.added, "row");
        let results = untrusted(&self.results.display().to_string(), 200);
        Question {
            explanation: format!(
                "{results} has {rows} that the last run did not have. If a spreadsheet has changed the \
                 column workos_row, these are not new customers"
            ),
            question: format!("Create organizations for {rows} added to the results file?"),
            word: YES.to_owned(),
            refusal: format!("{rows} added to {results}"),
            hint: "if they are new customers, add --added-rows; otherwise remove them".to_owned(),
        }
    }

    fn several_rows(several: &SeveralRows) -> Question {
        Question {
            explanation: format!("{several} {}", several.answers()),
            question: format!(
                "Create an organization for each of the {}?",
                counted(several.rows, "row")
            ),
            word: YES.to_owned(),
            refusal: several.to_string().trim_end_matches('?').to_owned(),
            hint: several.answers(),
        }
    }

    fn production(&self) -> Question {
        let updates = self.plan.updates;
        let create = self.plan.to_send().saturating_sub(updates);
        let at_most = if self.plan.in_doubt > 0 { "up to " } else { "" };
        let created = format!("reate {at_most}{}", counted(create, "organization"));
        let adopted = counted(self.plan.adopted, "organization");
        let what = match (create, updates) {
            (0, 0) => format!("Take {adopted} as they are"),
            (_, 0) => format!("C{created}"),
            (0, _) => format!("Update {}", counted(updates, "organization")),
            _ => format!("Update {} and c{created}", counted(updates, "organization")),
        };
        creation(self.environment, &what, self.plan.listed)
    }
}
