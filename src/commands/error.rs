//! Why a command could not do its work, with the exit code and the hint that go with it.

use crate::engine::RowsError;
use crate::workos::{BaseUrlError, ClientError, Failure, KeyError, Refusal};
use crate::{columns, exit_code, input, results};

/// Why a command failed as a whole. A row that failed is no such error.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The input cannot be read.
    #[error(transparent)]
    Input(#[from] input::Error),
    /// The columns of the input cannot be understood, or the mapping file not be used.
    #[error(transparent)]
    Columns(#[from] columns::Error),
    /// The results file or run file cannot be used.
    #[error(transparent)]
    Results(#[from] results::Error),
    /// There is no usable key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The base URL cannot be used.
    #[error(transparent)]
    BaseUrl(#[from] BaseUrlError),
    /// The HTTP client cannot be set up.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// WorkOS refused the key.
    #[error("WorkOS refused the API key: {0}")]
    KeyRefused(Box<Refusal>),
    /// WorkOS could not be asked anything.
    #[error("WorkOS cannot be reached at {api}")]
    Unreachable {
        /// The base URL.
        api: String,
        /// How it failed.
        #[source]
        source: Failure,
    },
    /// The command line asks for something that cannot be.
    #[error("{message}")]
    Usage {
        /// What cannot be.
        message: String,
        /// What to do instead.
        hint: String,
    },
    /// The system refused something that belongs to no file of the run.
    #[error("{what}")]
    System {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// Ctrl-C or SIGTERM came before anything was sent, or after everything was.
    #[error("interrupted")]
    Interrupted,
    /// The end of the run could not be checked.
    #[error("the run ended, but its end could not be checked")]
    Unverified(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<RowsError> for Error {
    fn from(error: RowsError) -> Self {
        match error {
            RowsError::Input(error) => Self::Input(error),
            RowsError::Results(error) => Self::Results(error),
        }
    }
}

impl Error {
    /// The exit code that tells a script of it.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Input(_) | Self::Columns(_) => exit_code::INPUT,
            Self::Results(_) => exit_code::RESULTS,
            Self::Key(_) | Self::KeyRefused(_) => exit_code::CREDENTIALS,
            Self::BaseUrl(_) | Self::Usage { .. } => exit_code::USAGE,
            Self::Interrupted => exit_code::INTERRUPTED,
            Self::Client(_)
            | Self::Unreachable { .. }
            | Self::System { .. }
            | Self::Unverified(_) => exit_code::NEEDS_ATTENTION,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Input(error) => return error.hint(),
            Self::Columns(error) => return error.hint(),
            Self::Results(error) => return error.hint(),
            Self::Usage { hint, .. } => return Some(hint.clone()),
            Self::Key(_) => {
                "export WORKOS_API_KEY=sk_…, or name a file that holds the key with --api-key-file; keys are made in the WorkOS dashboard under API Keys. To rehearse without a key, add --sandbox"
            }
            Self::KeyRefused(refusal) if refusal.http_status == 403 => {
                "the key is known but may not do this: give it permission for organizations in the WorkOS dashboard, then run the same command again"
            }
            Self::KeyRefused(_) => {
                "check the key (WORKOS_API_KEY or --api-key-file) in the WorkOS dashboard under API Keys, then run the same command again"
            }
            Self::BaseUrl(_) => "check --base-url or WORKOS_BASE_URL",
            Self::Unreachable { .. } => {
                "check the network, a proxy (HTTPS_PROXY) and the base URL, then run the same command again"
            }
            Self::Interrupted => "run the same command again to go on",
            Self::Unverified(_) => {
                "run the same command again: it looks at what was created since the run began"
            }
            Self::Client(_) | Self::System { .. } => return None,
        };
        Some(hint.to_owned())
    }
}
