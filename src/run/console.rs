//! What a run says and asks: a terminal in the program, a script in the simulation.

use crate::ui::Printer;
use std::future::Future;

/// The answer to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Yes.
    Yes,
    /// Anything else.
    No,
    /// There is no terminal to ask on.
    CannotAsk,
}

/// Where a run speaks to its user.
pub trait Console: Send + Sync {
    /// Prints a message, unless messages are not wanted.
    fn info(&self, text: &str);

    /// Prints a message in any case.
    fn warn(&self, text: &str);

    /// Whether a question can be asked.
    fn can_ask(&self) -> bool;

    /// Asks a question to which only this word says yes.
    fn ask(&self, question: &str, word: &str) -> impl Future<Output = Answer> + Send;
}

impl Console for Printer {
    fn info(&self, text: &str) {
        (*self).info(text);
    }

    fn warn(&self, text: &str) {
        self.print(text);
    }

    fn can_ask(&self) -> bool {
        (*self).can_ask()
    }

    async fn ask(&self, question: &str, word: &str) -> Answer {
        if !self.can_ask() {
            return Answer::CannotAsk;
        }
        let (printer, question, word) = (*self, question.to_owned(), word.to_owned());
        let answer = tokio::task::spawn_blocking(move || printer.confirm(&question, &word)).await;
        if matches!(answer, Ok(Ok(true))) {
            Answer::Yes
        } else {
            Answer::No
        }
    }
}
