//! What may be sent again: the one place where that is decided.
//!
//! `POST /organizations` has no idempotency. A request whose first sending may have been acted on
//! must therefore never be sent again before a lookup.

use crate::workos::{Failure, Refusal};

/// What to do about a `POST /organizations` that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Refused for its rate, nothing done: all requests pause, then it is sent again. This does
    /// not count as an attempt.
    Pause,
    /// It certainly was not acted on: send it again after a backoff.
    SendAgain,
    /// It may have been acted on: look up its organization before anything else.
    LookFirst {
        /// Whether WorkOS may still be working on it.
        still_running: bool,
    },
    /// Something that it claims belongs to another organization.
    Conflict,
    /// Refused for what it is; sending it again changes nothing.
    Final,
    /// The key was refused, or this request was refused by a firewall: find out which.
    CheckKey,
}

/// The decision table of `POST /organizations`.
pub(super) fn after_create(failure: &Failure) -> Next {
    match failure {
        Failure::NotSent { .. } => Next::SendAgain,
        Failure::Lost(lost) => Next::LookFirst {
            still_running: lost.timed_out || lost.http_status.is_some_and(is_slow),
        },
        Failure::Refused(refusal) => after_refusal(refusal),
    }
}

fn after_refusal(refusal: &Refusal) -> Next {
    let code = refusal.code.as_deref();
    match refusal.http_status {
        401 | 403 => Next::CheckKey,
        429 => Next::Pause,
        409 if matches!(code, Some("lock_timeout" | "concurrent_request")) => Next::SendAgain,
        409 => Next::Conflict,
        400 if code == Some("external_id_already_used") => Next::Conflict,
        status if is_slow(status) => Next::LookFirst {
            still_running: true,
        },
        500.. => Next::LookFirst {
            still_running: false,
        },
        _ => Next::Final,
    }
}

/// Whether a status says that a gateway or an edge gave up waiting, or that the request took too
/// long to arrive: WorkOS may still be working on it.
const fn is_slow(status: u16) -> bool {
    matches!(status, 408 | 504 | 520..=526 | 530)
}

/// What to do about a `GET` that failed: it may always be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NextRead {
    /// All requests pause, then it is sent again, however often.
    Pause,
    /// Send it again after a backoff.
    ReadAgain,
    /// The server refuses to answer.
    GiveUp,
}

/// The decision table of everything that only reads.
pub(super) fn after_read(failure: &Failure) -> NextRead {
    match failure {
        Failure::NotSent { .. } | Failure::Lost(_) => NextRead::ReadAgain,
        Failure::Refused(refusal) => match refusal.http_status {
            429 => NextRead::Pause,
            408 | 500.. => NextRead::ReadAgain,
            _ => NextRead::GiveUp,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workos::Lost;
    use std::time::Duration;

    fn refused(http_status: u16, code: Option<&str>) -> Failure {
        Failure::Refused(Box::new(Refusal {
            http_status,
            code: code.map(str::to_owned),
            retry_after: Some(Duration::from_secs(7)),
            ..Refusal::default()
        }))
    }

    fn lost(timed_out: bool) -> Failure {
        Failure::Lost(Lost {
            detail: String::new(),
            timed_out,
            http_status: None,
            request_id: None,
            date: None,
        })
    }

    fn not_sent() -> Failure {
        Failure::NotSent {
            detail: String::new(),
        }
    }

    #[test]
    fn only_what_never_arrived_or_was_refused_for_its_rate_is_sent_again_unseen() {
        assert_eq!(after_create(&not_sent()), Next::SendAgain);
        assert_eq!(after_create(&refused(429, None)), Next::Pause);
        for status in 100..600 {
            let unseen = matches!(
                after_create(&refused(status, None)),
                Next::SendAgain | Next::Pause
            );
            assert_eq!(unseen, status == 429, "{status}");
        }
    }

    #[test]
    fn whatever_may_have_been_acted_on_is_looked_for_first() {
        for (failure, still_running) in [
            (lost(true), true),
            (lost(false), false),
            (refused(500, None), false),
            (refused(502, None), false),
            (refused(503, None), false),
            (refused(504, None), true),
            (refused(408, None), true),
            (refused(599, None), false),
            (refused(520, None), true),
            (refused(526, None), true),
            (refused(530, None), true),
        ] {
            assert_eq!(
                after_create(&failure),
                Next::LookFirst { still_running },
                "{failure:?}"
            );
        }
    }

    #[test]
    fn a_claim_on_what_is_taken_is_a_conflict() {
        assert_eq!(after_create(&refused(409, None)), Next::Conflict);
        let taken = refused(400, Some("external_id_already_used"));
        assert_eq!(after_create(&taken), Next::Conflict);
        for code in ["lock_timeout", "concurrent_request"] {
            assert_eq!(after_create(&refused(409, Some(code))), Next::SendAgain);
        }
    }

    #[test]
    fn other_refusals_are_final() {
        for status in [400, 402, 404, 405, 413, 415, 422, 301, 307] {
            assert_eq!(after_create(&refused(status, None)), Next::Final);
        }
        let metadata = refused(400, Some("invalid_metadata"));
        assert_eq!(after_create(&metadata), Next::Final);
    }

    #[test]
    fn a_refusal_that_may_be_of_the_key_is_checked() {
        for status in [401, 403] {
            assert_eq!(after_create(&refused(status, None)), Next::CheckKey);
            assert_eq!(after_read(&refused(status, None)), NextRead::GiveUp);
        }
    }

    #[test]
    fn a_read_is_repeated_unless_the_server_understood_and_refused_it() {
        for failure in [
            not_sent(),
            lost(true),
            refused(500, None),
            refused(503, None),
        ] {
            assert_eq!(after_read(&failure), NextRead::ReadAgain);
        }
        for status in [400, 404, 422] {
            assert_eq!(after_read(&refused(status, None)), NextRead::GiveUp);
        }
    }
}
