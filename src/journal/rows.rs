//! What a journal says of each row, in 32 bytes a row.

use crate::organization::Fingerprint;
use crate::results::Status;
use xxhash_rust::xxh3::xxh3_64;

/// How many rows a journal can hold. Ids count rows from 1, so a larger one is a mistake.
pub(super) const MAX_ROWS: u64 = 50_000_000;

/// The hash by which the journal's memory knows an id; never 0.
pub fn id_hash(id: &str) -> u64 {
    bytes_hash(id.as_bytes())
}

/// See [`id_hash`].
pub(super) fn bytes_hash(id: &[u8]) -> u64 {
    xxh3_64(id).max(1)
}

/// How far a row has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The journal does not mention it.
    Unseen,
    /// It was dispatched and has no outcome since.
    Dispatched,
    /// Its last outcome.
    Outcome(Status),
}

impl Progress {
    /// Whether it may have been sent and what came of it is not known.
    pub const fn is_in_doubt(self) -> bool {
        matches!(self, Self::Dispatched | Self::Outcome(Status::Unknown))
    }

    /// Whether the same command sends the row again: its outcome is not known, or WorkOS or the
    /// network failed.
    pub const fn is_retryable(self) -> bool {
        self.is_in_doubt() || matches!(self, Self::Outcome(Status::Unavailable))
    }

    /// The status of its last outcome.
    pub const fn status(self) -> Option<Status> {
        match self {
            Self::Outcome(status) => Some(status),
            Self::Unseen | Self::Dispatched => None,
        }
    }

    const fn code(self) -> u64 {
        match self {
            Self::Unseen => 0,
            Self::Dispatched => 1,
            Self::Outcome(status) => 2 + status as u64,
        }
    }

    fn from_code(code: u64) -> Self {
        match code {
            0 => Self::Unseen,
            1 => Self::Dispatched,
            _ => Status::ALL
                .into_iter()
                .map(Self::Outcome)
                .find(|progress| progress.code() == code)
                .unwrap_or(Self::Unseen),
        }
    }
}

/// A row as the journal knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownRow {
    /// The row as it is in the list.
    pub list: Fingerprint,
    /// What was sent; the same as `list` where nothing else is known.
    pub sent: Fingerprint,
    /// The [hash](id_hash) of the external id that was sent.
    pub external_id: Option<u64>,
    /// The [hash](id_hash) of the organization that it owns, also where a later outcome failed.
    pub organization: Option<u64>,
    /// How far it has come.
    pub progress: Progress,
}

/// A row in 32 bytes. Hashes are 0 where there is no id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) list: u64,
    pub(super) external_id: u64,
    pub(super) organization: u64,
    packed: u64,
}

const CODE_BITS: u32 = 8;

impl Slot {
    pub(super) fn progress(self) -> Progress {
        Progress::from_code(self.packed & ((1 << CODE_BITS) - 1))
    }

    /// Where the last line that mentions the row begins, in bytes from the start of the file.
    pub(super) const fn offset(self) -> u64 {
        self.packed >> CODE_BITS
    }

    pub(super) const fn set(&mut self, progress: Progress, offset: u64) {
        self.packed = offset << CODE_BITS | progress.code();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_takes_32_bytes() {
        assert_eq!(size_of::<Slot>(), 32);
    }

    #[test]
    fn progress_and_offset_share_a_word() {
        let all = Status::ALL.into_iter().map(Progress::Outcome);
        for progress in all.chain([Progress::Unseen, Progress::Dispatched]) {
            let mut slot = Slot::default();
            slot.set(progress, (1 << 50) + 7);
            assert_eq!((slot.progress(), slot.offset()), (progress, (1 << 50) + 7));
        }
    }
}
