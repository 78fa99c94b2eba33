//! What is done with a row, by how far it has come and by what was asked for.

use super::known::Progress;
use crate::results::Status;

/// What a run is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// All rows of a list: those that have no outcome yet, and those that WorkOS or the network
    /// kept from one.
    Import,
    /// The rows of a results file that are not done; where statuses are named, only those.
    Retry(Vec<Status>),
}

/// What is done with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Nothing: it is done.
    Keep,
    /// Nothing in this run: it has an outcome that needs a person.
    Leave,
    /// It is sent, because it certainly was not sent before, or was refused.
    Send,
    /// It may have been sent before: it is looked up first.
    LookUp,
}

/// Decides what is done with a row. `is_edited` says that its content is not what it was when its
/// outcome came about, `is_incomplete` that rows may have been sent that the journal does not
/// mention.
pub fn decide(progress: Progress, is_edited: bool, is_incomplete: bool, mode: &Mode) -> Decision {
    let is_wanted = match (mode, progress) {
        (Mode::Import, _) => true,
        (Mode::Retry(only), _) if only.is_empty() => true,
        (Mode::Retry(only), Progress::Outcome(status)) => only.contains(&status),
        (Mode::Retry(only), Progress::InDoubt) => only.contains(&Status::Unknown),
        (Mode::Retry(_), Progress::Unseen) => false,
    };
    match progress {
        _ if progress.is_done() => Decision::Keep,
        _ if !is_wanted => Decision::Leave,
        Progress::Unseen if is_incomplete => Decision::LookUp,
        Progress::Unseen => Decision::Send,
        _ if progress.is_in_doubt() => Decision::LookUp,
        Progress::Outcome(Status::Unavailable) => Decision::Send,
        _ if is_edited || *mode != Mode::Import => Decision::Send,
        _ => Decision::Leave,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_row_with_an_organization_is_ever_sent() {
        for status in Status::ALL.into_iter().filter(|status| status.is_done()) {
            for mode in [
                Mode::Import,
                Mode::Retry(Vec::new()),
                Mode::Retry(vec![status]),
            ] {
                for is_edited in [false, true] {
                    let decision = decide(Progress::Outcome(status), is_edited, false, &mode);
                    assert_eq!(decision, Decision::Keep, "{status} {mode:?}");
                }
            }
        }
    }

    #[test]
    fn a_row_that_may_have_been_sent_is_looked_up_first() {
        for progress in [Progress::InDoubt, Progress::Outcome(Status::Unknown)] {
            for is_edited in [false, true] {
                assert_eq!(
                    decide(progress, is_edited, false, &Mode::Import),
                    Decision::LookUp
                );
                let retry = Mode::Retry(Vec::new());
                assert_eq!(decide(progress, is_edited, false, &retry), Decision::LookUp);
            }
        }
    }

    #[test]
    fn a_row_that_an_incomplete_journal_does_not_mention_is_looked_up_first() {
        for (is_incomplete, decision) in [(true, Decision::LookUp), (false, Decision::Send)] {
            let decided = decide(Progress::Unseen, false, is_incomplete, &Mode::Import);
            assert_eq!(decided, decision);
        }
        let created = Progress::Outcome(Status::Created);
        assert_eq!(decide(created, false, true, &Mode::Import), Decision::Keep);
    }

    #[test]
    fn an_import_leaves_refused_rows_to_a_retry_unless_they_were_corrected() {
        for status in [Status::Failed, Status::Conflict, Status::Invalid] {
            let progress = Progress::Outcome(status);
            assert_eq!(
                decide(progress, false, false, &Mode::Import),
                Decision::Leave
            );
            assert_eq!(decide(progress, true, false, &Mode::Import), Decision::Send);
            let retry = Mode::Retry(Vec::new());
            assert_eq!(decide(progress, false, false, &retry), Decision::Send);
        }
        let unavailable = Progress::Outcome(Status::Unavailable);
        assert_eq!(
            decide(unavailable, false, false, &Mode::Import),
            Decision::Send
        );
    }

    #[test]
    fn a_retry_sends_only_the_statuses_that_are_named() {
        let only = Mode::Retry(vec![Status::Failed]);
        let failed = Progress::Outcome(Status::Failed);
        assert_eq!(decide(failed, false, false, &only), Decision::Send);
        for other in [
            Progress::Outcome(Status::Conflict),
            Progress::InDoubt,
            Progress::Unseen,
        ] {
            assert_eq!(
                decide(other, true, false, &only),
                Decision::Leave,
                "{other:?}"
            );
        }
    }
}
