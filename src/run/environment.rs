//! Which API to talk to, with which key.

use super::Error;
use crate::sandbox::{self, Sandbox};
use crate::workos::{self, ApiKey, BaseUrl, Client, KeyError};
use std::path::PathBuf;
use std::time::Duration;

/// How to reach WorkOS.
#[derive(Clone, Debug)]
pub struct ConnectionOptions {
    /// A file that holds the key; otherwise it is in the environment.
    pub api_key_file: Option<PathBuf>,
    /// The base URL of the API.
    pub base_url: String,
    /// A file with certificates that are trusted besides those of the system.
    pub ca_file: Option<PathBuf>,
    /// Whether to start a temporary sandbox and talk to that instead.
    pub sandbox: bool,
    /// How long to wait for an answer.
    pub timeout: Duration,
}

/// Where a run leads, as the journal records it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// The base URL; of a temporary sandbox, whose port changes, the word `sandbox`.
    pub api: String,
    /// `staging`, `production`, `unknown` or `sandbox`.
    pub name: String,
    /// The fingerprint of the key.
    pub key: String,
    /// What a person recognizes the key by: `sk_live_…9f3c`.
    pub key_shown: String,
}

/// A client and where it leads.
#[derive(Debug)]
pub struct Connection {
    /// The client.
    pub client: Client,
    /// Where it leads.
    pub environment: Environment,
    /// Lives as long as the connection does.
    _sandbox: Option<Sandbox>,
}

/// What a temporary sandbox is called in a journal.
pub(super) const SANDBOX: &str = "sandbox";
/// What an environment is called where the key does not say which it is.
const UNKNOWN: &str = "unknown";

impl Environment {
    /// Whether a question is asked before anything is created: where the key is for production, or
    /// may be.
    pub fn is_production(&self) -> bool {
        self.name == "production" || self.name == UNKNOWN
    }

    /// Whether the key does not say for which environment it is.
    pub(super) fn is_unknown(&self) -> bool {
        self.name == UNKNOWN
    }

    /// Whether it is a temporary sandbox, which is gone when the run ends.
    pub fn is_sandbox(&self) -> bool {
        self.name == SANDBOX
    }

    /// The environment in words: `production at https://api.workos.com`.
    pub fn in_words(&self) -> String {
        in_words(&self.name, &self.api)
    }
}

/// An environment and an API in words.
pub(super) fn in_words(name: &str, api: &str) -> String {
    match name {
        SANDBOX => "a local sandbox".to_owned(),
        UNKNOWN => format!("{api} (environment unknown)"),
        _ => format!("{name} at {api}"),
    }
}

impl Connection {
    /// Makes a client; starts a sandbox where one is asked for.
    ///
    /// # Errors
    /// When there is no usable key or address, or the sandbox cannot be started.
    pub async fn open(options: &ConnectionOptions) -> Result<Self, Error> {
        if options.sandbox {
            return Self::to_sandbox(options.timeout).await;
        }
        let base_url: BaseUrl = options.base_url.parse()?;
        let key = key(options)?;
        Ok(Self {
            client: Client::trusting(
                base_url.clone(),
                &key,
                options.timeout,
                options.ca_file.as_deref(),
            )?,
            environment: Environment {
                api: base_url.to_string(),
                name: match key.environment() {
                    workos::Environment::Staging => "staging",
                    workos::Environment::Production => "production",
                    workos::Environment::Unknown => UNKNOWN,
                }
                .to_owned(),
                key: key.fingerprint(),
                key_shown: key.shown(),
            },
            _sandbox: None,
        })
    }

    async fn to_sandbox(timeout: Duration) -> Result<Self, Error> {
        let sandbox = Sandbox::start(sandbox::Options {
            examples: true,
            rate_limit: None,
            ..sandbox::Options::default()
        })
        .await
        .map_err(|source| Error::System {
            what: "cannot start the sandbox",
            source,
        })?;
        let key = ApiKey::new(sandbox.api_key(), "the sandbox")?;
        Ok(Self {
            client: Client::new(sandbox.url().parse()?, &key, timeout)?,
            environment: Environment {
                api: SANDBOX.to_owned(),
                name: SANDBOX.to_owned(),
                key: key.fingerprint(),
                key_shown: key.shown(),
            },
            _sandbox: Some(sandbox),
        })
    }
}

fn key(options: &ConnectionOptions) -> Result<ApiKey, KeyError> {
    if let Some(path) = &options.api_key_file {
        return ApiKey::from_file(path);
    }
    match std::env::var("WORKOS_API_KEY") {
        Ok(key) if !key.trim().is_empty() => ApiKey::new(&key, "WORKOS_API_KEY"),
        Ok(_) | Err(std::env::VarError::NotPresent) => Err(KeyError::Missing),
        Err(std::env::VarError::NotUnicode(_)) => Err(KeyError::Malformed {
            from: "WORKOS_API_KEY".to_owned(),
        }),
    }
}
