//! Why nothing can be reported.

use crate::{columns, exit_code, input, journal, results};

/// Why nothing can be reported.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The results file cannot be read.
    #[error(transparent)]
    Input(#[from] input::Error),
    /// It is not a results file.
    #[error(transparent)]
    Results(#[from] results::Error),
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] journal::Error),
    /// Its columns cannot be understood.
    #[error(transparent)]
    Columns(#[from] columns::Error),
}

impl Error {
    /// The exit code.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Input(_) | Self::Columns(_) => exit_code::INPUT,
            Self::Results(_) | Self::Journal(_) => exit_code::RESULTS,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Input(error) => error.hint(),
            Self::Columns(error) => error.hint(),
            Self::Results(error) => error.hint(),
            Self::Journal(error) => error.hint().map(str::to_owned),
        }
    }
}
