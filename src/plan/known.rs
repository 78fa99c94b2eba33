//! What the journal knows of rows, as planning asks for it.

use crate::organization::Fingerprint;
use crate::results::Status;

/// How far a row has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nothing was ever done for it.
    Unseen,
    /// It may have been sent, and its outcome is not known.
    InDoubt,
    /// It has an outcome.
    Outcome(Status),
}

impl Progress {
    /// Whether the row has an organization, or may have one.
    pub const fn may_own(self) -> bool {
        match self {
            Self::Unseen => false,
            Self::InDoubt => true,
            Self::Outcome(status) => status.is_done() || matches!(status, Status::Unknown),
        }
    }

    /// Whether nothing is left to do for the row.
    pub const fn is_done(self) -> bool {
        matches!(self, Self::Outcome(status) if status.is_done())
    }

    /// Whether it has to be looked up before it is sent.
    pub const fn is_in_doubt(self) -> bool {
        matches!(self, Self::InDoubt | Self::Outcome(Status::Unknown))
    }
}

/// The rows that the journal knows, by their ids from 1.
pub trait KnownRows {
    /// The largest id; 0 where there is none.
    fn last(&self) -> u32;
    /// How far a row has come.
    fn progress(&self, id: u32) -> Progress;
    /// The row as it was in the list.
    fn list(&self, id: u32) -> Fingerprint;
    /// What was sent for it.
    fn sent(&self, id: u32) -> Fingerprint;
    /// The hash of the external id that was sent; 0 where there is none.
    fn external(&self, id: u32) -> u64;
    /// The hash of what the rows of its organization have in common; 0 where it is not known.
    fn key(&self, id: u32) -> u64 {
        let _ = id;
        0
    }
    /// The hash of its organization; 0 where it has none.
    fn owner(&self, id: u32) -> u64;
    /// The hash of its name, where the journal has it. Reads the journal, so it is asked rarely.
    fn name(&self, id: u32) -> Option<u64>;
    /// The hash of its cells as they were in the list; 0 where it is not known. It tells rows apart
    /// that are sent alike. Reads the journal, so it is asked rarely.
    fn content_in_list(&self, id: u32) -> u64;
    /// The same, as the results file has them.
    fn content_in_results(&self, id: u32) -> u64 {
        let _ = id;
        0
    }
    /// Its place in the list of the last run.
    fn number(&self, id: u32) -> u64;
}
