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
    /// All rows of a list, also those that are done: each is compared with its organization.
    Sync,
    /// The rows of the results file of a sync that are not done, compared likewise.
    RetrySync(Vec<Status>),
    /// What the runs of a results file have made is taken back; no row is sent.
    Undo,
}

impl Mode {
    /// Whether rows are compared with their organizations, which are then changed.
    pub const fn is_sync(&self) -> bool {
        matches!(self, Self::Sync | Self::RetrySync(_))
    }

    /// Whether the rows are those of a results file.
    pub const fn is_retry(&self) -> bool {
        matches!(self, Self::Retry(_) | Self::RetrySync(_) | Self::Undo)
    }
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
    /// It is compared with what WorkOS has, which leads to one of the others.
    Compare,
    /// Its organization is changed.
    Update,
}

/// How far a row has come, and what the list says of it now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How far it has come.
    pub progress: Progress,
    /// Whether it has an organization, whatever its last outcome.
    pub is_owner: bool,
    /// Whether its content is not what it was when its outcome came about.
    pub is_edited: bool,
    /// Whether rows may have been sent that the journal does not mention.
    pub is_incomplete: bool,
}

/// Decides what is done with a row.
pub fn decide(row: Standing, mode: &Mode) -> Decision {
    let Standing {
        progress,
        is_owner,
        is_edited,
        is_incomplete,
    } = row;
    let is_wanted = match mode {
        Mode::Undo => false,
        Mode::Import | Mode::Sync => true,
        Mode::Retry(only) | Mode::RetrySync(only) => {
            only.is_empty()
                || match progress {
                    Progress::Outcome(status) => only.contains(&status),
                    Progress::InDoubt => only.contains(&Status::Unknown),
                    Progress::Unseen => false,
                }
        }
    };
    match progress {
        _ if progress.is_done() && *mode == Mode::Sync => Decision::Compare,
        _ if progress.is_done() => Decision::Keep,
        _ if !is_wanted => Decision::Leave,
        _ if progress.is_in_doubt() => Decision::LookUp,
        _ if mode.is_sync() => Decision::Compare,
        // Its organization is there; only the change of it failed.
        _ if is_owner => Decision::Keep,
        Progress::Unseen if is_incomplete => Decision::LookUp,
        Progress::Unseen | Progress::Outcome(Status::Unavailable) => Decision::Send,
        _ if is_edited || *mode != Mode::Import => Decision::Send,
        _ => Decision::Leave,
    }
}

/// Decides what a sync does with a row of which WorkOS has no organization.
pub fn decide_missing(row: Standing, mode: &Mode) -> Decision {
    match row.progress {
        // WorkOS would refuse it again.
        Progress::Outcome(Status::Failed | Status::Invalid)
            if !row.is_edited && *mode == Mode::Sync =>
        {
            Decision::Leave
        }
        Progress::Unseen if row.is_incomplete => Decision::LookUp,
        _ => Decision::Send,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(progress: Progress, is_edited: bool, is_incomplete: bool, mode: &Mode) -> Decision {
        let row = Standing {
            progress,
            is_owner: progress.is_done(),
            is_edited,
            is_incomplete,
        };
        super::decide(row, mode)
    }

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

    #[test]
    fn a_row_with_an_organization_is_never_created_because_a_change_of_it_failed() {
        for status in [Status::Failed, Status::Conflict, Status::Unavailable] {
            for is_edited in [false, true] {
                let row = Standing {
                    progress: Progress::Outcome(status),
                    is_owner: true,
                    is_edited,
                    is_incomplete: false,
                };
                for mode in [Mode::Import, Mode::Retry(Vec::new())] {
                    assert_eq!(super::decide(row, &mode), Decision::Keep, "{row:?}");
                }
                for mode in [Mode::Sync, Mode::RetrySync(Vec::new())] {
                    assert_eq!(super::decide(row, &mode), Decision::Compare, "{row:?}");
                }
            }
        }
    }

    #[test]
    fn a_sync_compares_what_is_done_and_looks_up_what_is_in_doubt() {
        let created = Progress::Outcome(Status::Created);
        assert_eq!(
            decide(created, false, false, &Mode::Sync),
            Decision::Compare
        );
        let again = Mode::RetrySync(Vec::new());
        assert_eq!(decide(created, false, false, &again), Decision::Keep);
        for mode in [Mode::Sync, again] {
            assert_eq!(
                decide(Progress::InDoubt, false, false, &mode),
                Decision::LookUp
            );
            assert_eq!(
                decide(Progress::Unseen, false, false, &mode),
                Decision::Compare
            );
        }
    }
}
