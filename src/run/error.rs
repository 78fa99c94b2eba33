//! Why a run failed as a whole, with its exit code and its hint.

use super::near;
use crate::text::set_variable;
use crate::workos::{BaseUrlError, ClientError, Failure, KeyError, Refusal};
use crate::{columns, engine, exit_code, input, journal, report, results, snapshot};
use std::path::PathBuf;

/// Why a command failed as a whole. A row that failed is not such an error.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The list cannot be read.
    #[error(transparent)]
    Input(#[from] input::Error),
    /// The columns cannot be understood.
    #[error(transparent)]
    Columns(#[from] columns::Error),
    /// The results file cannot be used.
    #[error(transparent)]
    Results(#[from] results::Error),
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] journal::Error),
    /// Another process is at work on the same results file.
    #[error("{} is in use by another run{}", results.display(), holder.as_deref().map_or_else(String::new, |it| format!(" ({it})")))]
    Locked {
        /// The results file.
        results: PathBuf,
        /// Who probably holds the lock.
        holder: Option<String>,
    },
    /// The results file belongs to something else than what is asked for.
    #[error("{message}")]
    Mismatch {
        /// What does not fit.
        message: String,
        /// What to do.
        hint: String,
    },
    /// The plan that is to be carried out cannot be used.
    #[error("{message}")]
    Plan {
        /// The file, and what is wrong with it.
        message: String,
        /// What to do.
        hint: String,
    },
    /// Nothing can be reported.
    #[error(transparent)]
    Report(#[from] report::Error),
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
    #[error("cannot reach WorkOS at {api}")]
    Unreachable {
        /// The base URL.
        api: String,
        /// How it failed.
        #[source]
        source: Failure,
    },
    /// WorkOS asked for a pause that is longer than a run waits.
    #[error("{api} asks for a pause of {hours} hours; a run waits 24 at most")]
    LongPause {
        /// The base URL.
        api: String,
        /// How long.
        hours: u64,
    },
    /// The organizations of the environment could not be listed.
    #[error("cannot list the organizations in WorkOS")]
    Listing(#[source] snapshot::Error<engine::ReadError>),
    /// The plan is larger than the command allows.
    #[error("{message}")]
    Excess {
        /// What exceeds which limit.
        message: String,
        /// What to do.
        hint: String,
    },
    /// The command line asks for something that is not possible, or a question was answered no.
    #[error("{message}")]
    Usage {
        /// What is not possible.
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
    /// The run ended, and WorkOS could not be compared with the journal.
    #[error("could not check for duplicates")]
    Unverified(#[source] CompareError),
}

impl Error {
    /// What the system did not allow; for [`Result::map_err`].
    pub fn system(what: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::System { what, source }
    }

    /// The exit code.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Input(_) | Self::Columns(_) | Self::Plan { .. } => exit_code::INPUT,
            Self::Report(error) => error.exit_code(),
            Self::Results(_)
            | Self::Journal(_)
            | Self::Locked { .. }
            | Self::Mismatch { .. }
            | Self::System { .. } => exit_code::RESULTS,
            Self::Key(_) | Self::KeyRefused(_) => exit_code::CREDENTIALS,
            Self::BaseUrl(_) | Self::Client(_) | Self::Usage { .. } | Self::Excess { .. } => {
                exit_code::USAGE
            }
            Self::Interrupted => exit_code::INTERRUPTED,
            Self::Unreachable { .. }
            | Self::LongPause { .. }
            | Self::Listing(_)
            | Self::Unverified(_) => exit_code::UNAVAILABLE,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Input(error) => return near::hint(error).or_else(|| error.hint()),
            Self::Columns(error) => return error.hint(),
            Self::Results(error) | Self::Report(report::Error::Results(error)) => {
                return near::hint_of_results(error).or_else(|| error.hint());
            }
            Self::Report(report::Error::Input(error)) => {
                return near::hint(error).or_else(|| error.hint());
            }
            Self::Report(error) => return error.hint(),
            Self::Journal(error) => return error.hint().map(str::to_owned),
            Self::Usage { hint, .. }
            | Self::Mismatch { hint, .. }
            | Self::Plan { hint, .. }
            | Self::Excess { hint, .. } => {
                return Some(hint.clone());
            }
            Self::Locked { .. } => {
                "wait for the other run to end, or stop it with Ctrl-C; then run the same command again"
            }
            Self::Key(error) => return Some(key_hint(error)),
            Self::KeyRefused(refusal) if refusal.http_status == 403 => {
                "the key is valid but has no permission for this: allow it to write organizations in the WorkOS dashboard, then run the same command again"
            }
            Self::KeyRefused(_) => {
                "check the key (WORKOS_API_KEY or --api-key-file) in the WorkOS dashboard under API Keys, then run the same command again"
            }
            Self::BaseUrl(_) => "check --base-url or WORKOS_BASE_URL",
            Self::LongPause { .. } => "run the same command again when that time has passed",
            Self::Unreachable { source, .. } if source.is_untrusted() => {
                "if a proxy of your company inspects TLS, add its certificate authority with --ca-file or SSL_CERT_FILE; otherwise check the clock and the base URL"
            }
            Self::Unreachable { source, .. } if source.is_proxy_login() => {
                "the proxy (HTTPS_PROXY) wants a user name and password: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT"
            }
            Self::Unreachable { source, .. } => match source.http_status() {
                Some(500..) => {
                    "WorkOS or a proxy has an outage; run the same command again later (https://status.workos.com)"
                }
                Some(_) => {
                    "that server does not answer as WorkOS does: check --base-url or WORKOS_BASE_URL, and the proxy (HTTPS_PROXY)"
                }
                None => CHECK_THE_NETWORK,
            },
            Self::Listing(_) => CHECK_THE_NETWORK,
            Self::Interrupted => "run the same command again to continue",
            Self::Unverified(_) => {
                "run the same command again: it compares WorkOS with the journal of this run"
            }
            Self::Client(error) => return error.hint().map(str::to_owned),
            Self::System { .. } => {
                "free space on the disk or choose another place, then run the same command again"
            }
        };
        Some(hint.to_owned())
    }
}

/// What to do without a usable key.
fn key_hint(error: &KeyError) -> String {
    if let KeyError::Missing | KeyError::NoFile = error {
        return how_to_give_a_key();
    }
    error.hint().to_owned()
}

/// How to give the key, in the words of the user's shell.
fn how_to_give_a_key() -> String {
    let set = set_variable("WORKOS_API_KEY", "sk_…");
    format!(
        "{set}, or name a file that contains the key with --api-key-file, or a command that prints it with --api-key-command. Keys are created in the WorkOS dashboard under API Keys. For a test run without a key, add --sandbox"
    )
}

const CHECK_THE_NETWORK: &str =
    "check the network, the proxy (HTTPS_PROXY) and the base URL, then run the same command again";

/// Why WorkOS could not be compared with the journal.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// WorkOS did not list its organizations.
    #[error(transparent)]
    Read(#[from] engine::ReadError),
    /// The journal could not be read or written.
    #[error(transparent)]
    Journal(#[from] journal::Error),
}
