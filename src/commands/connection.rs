//! Which API to talk to, with which key.

use super::Error;
use crate::sandbox::{self, Sandbox};
use crate::workos::{ApiKey, BaseUrl, Client, Environment, KeyError};
use std::path::PathBuf;
use std::time::Duration;

/// How to reach WorkOS.
#[derive(Clone, Debug)]
pub struct ConnectionOptions {
    /// A file that holds the key; otherwise it is in the environment.
    pub api_key_file: Option<PathBuf>,
    /// The base URL of the API.
    pub base_url: String,
    /// Whether to start a sandbox and talk to that instead.
    pub sandbox: bool,
    /// How long to wait for an answer.
    pub timeout: Duration,
}

/// A client, and what a run file says of where it leads.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) client: Client,
    /// The base URL; of a sandbox of our own, whose port changes, the word `sandbox`.
    pub(super) api: String,
    /// `staging`, `production`, `unknown` or `sandbox`.
    pub(super) environment: String,
    pub(super) is_production: bool,
    /// The fingerprint of the key.
    pub(super) key: String,
    /// Lives as long as the connection does.
    _sandbox: Option<Sandbox>,
}

/// What a run file says of a sandbox that lived in the process of the run.
pub(super) const SANDBOX: &str = "sandbox";

impl Connection {
    pub(super) async fn open(options: &ConnectionOptions) -> Result<Self, Error> {
        if options.sandbox {
            return Self::to_sandbox(options.timeout).await;
        }
        let base_url: BaseUrl = options.base_url.parse()?;
        let key = key(options)?;
        Ok(Self {
            client: Client::new(base_url.clone(), &key, options.timeout)?,
            api: base_url.to_string(),
            environment: match key.environment() {
                Environment::Staging => "staging",
                Environment::Production => "production",
                Environment::Unknown => "unknown",
            }
            .to_owned(),
            is_production: key.environment() == Environment::Production,
            key: key.fingerprint(),
            _sandbox: None,
        })
    }

    async fn to_sandbox(timeout: Duration) -> Result<Self, Error> {
        let sandbox = Sandbox::start(sandbox::Options {
            examples: true,
            ..sandbox::Options::default()
        })
        .await
        .map_err(|source| Error::System {
            what: "the sandbox cannot be started",
            source,
        })?;
        let key = ApiKey::new(sandbox.api_key(), "the sandbox")?;
        Ok(Self {
            client: Client::new(sandbox.url().parse()?, &key, timeout)?,
            api: SANDBOX.to_owned(),
            environment: SANDBOX.to_owned(),
            is_production: false,
            key: key.fingerprint(),
            _sandbox: Some(sandbox),
        })
    }

    /// The connection in words: `WorkOS production at https://api.workos.com`.
    pub(super) fn in_words(&self) -> String {
        in_words(&self.environment, &self.api)
    }
}

/// An environment and an API in words.
pub(super) fn in_words(environment: &str, api: &str) -> String {
    match environment {
        SANDBOX => "a local sandbox".to_owned(),
        "unknown" => format!("{api} (environment unknown)"),
        _ => format!("{environment} at {api}"),
    }
}

fn key(options: &ConnectionOptions) -> Result<ApiKey, KeyError> {
    if let Some(path) = &options.api_key_file {
        return ApiKey::from_file(path);
    }
    match std::env::var("WORKOS_API_KEY") {
        Ok(key) => ApiKey::new(&key, "WORKOS_API_KEY"),
        Err(std::env::VarError::NotPresent) => Err(KeyError::Missing),
        Err(std::env::VarError::NotUnicode(_)) => Err(KeyError::Malformed {
            from: "WORKOS_API_KEY".to_owned(),
        }),
    }
}
