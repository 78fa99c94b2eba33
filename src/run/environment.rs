//! Which API to talk to, with which key.

use super::{Error, key_source};
use crate::sandbox::{self, Sandbox};
use crate::workos::{self, ApiKey, BaseUrl, Client, KeyError};
use std::path::PathBuf;
use std::time::Duration;

/// How to reach WorkOS.
#[derive(Clone, Debug)]
pub struct ConnectionOptions {
    /// A file that holds the key; otherwise it is in the environment.
    pub api_key_file: Option<PathBuf>,
    /// A command that prints the key.
    pub api_key_command: Option<String>,
    /// The base URL of the API; otherwise it is in the environment, or WorkOS's own.
    pub base_url: Option<String>,
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
    /// What the user should know about the key.
    pub warning: Option<String>,
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

    /// The last four characters of the key, unless it is so short that they would be much of it.
    pub(super) fn key_hint(&self) -> Option<String> {
        let (_, last) = self.key_shown.split_once('…')?;
        (!last.is_empty()).then(|| last.to_owned())
    }

    /// Whether the key does not say for which environment it is.
    pub(super) fn is_unknown(&self) -> bool {
        self.name == UNKNOWN
    }

    /// What the key is for, in words.
    pub(super) fn kind_of_key(&self) -> &str {
        if self.is_unknown() {
            return "an unknown environment (it does not begin with sk_test_ or sk_live_)";
        }
        &self.name
    }

    /// Whether it is a temporary sandbox, which is gone when the run ends.
    pub fn is_sandbox(&self) -> bool {
        self.name == SANDBOX
    }

    /// The end of the key, `…9f3c`; of a key too short to show any of it, its fingerprint.
    pub(super) fn key_end(&self) -> &str {
        let start = self.key_shown.find('…');
        let end = start.and_then(|start| self.key_shown.get(start..));
        end.filter(|end| *end != "…").unwrap_or(&self.key)
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
        let base_url = base_url(options)?;
        key_source::forbid_core_dumps();
        let (key, warning) = key(options)?;
        refuse_elsewhere(options, &base_url, &key)?;
        Ok(Self {
            warning,
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
        .map_err(Error::system("cannot start the sandbox"))?;
        let key = ApiKey::new(sandbox.api_key(), "the sandbox")?;
        Ok(Self {
            client: Client::new(sandbox.url().parse()?, &key, timeout)?,
            environment: Environment {
                api: SANDBOX.to_owned(),
                name: SANDBOX.to_owned(),
                key: key.fingerprint(),
                key_shown: key.shown(),
            },
            warning: None,
            _sandbox: Some(sandbox),
        })
    }
}

/// The variable that holds the base URL where no option says otherwise.
const BASE_URL: &str = "WORKOS_BASE_URL";

fn base_url(options: &ConnectionOptions) -> Result<BaseUrl, Error> {
    if let Some(url) = &options.base_url {
        return Ok(url.parse()?);
    }
    let set = std::env::var_os(BASE_URL).filter(|url| !url.is_empty());
    let url = set.map(|url| url.to_string_lossy().into_owned());
    Ok(url.as_deref().unwrap_or(BaseUrl::WORKOS).parse()?)
}

/// A key for production is sent elsewhere than to WorkOS only if the command says so: a variable
/// that was set for a test is soon forgotten.
fn refuse_elsewhere(options: &ConnectionOptions, url: &BaseUrl, key: &ApiKey) -> Result<(), Error> {
    let is_production = key.environment() == workos::Environment::Production;
    if !is_production || options.base_url.is_some() || url.is_workos() || url.is_loopback() {
        return Ok(());
    }
    Err(Error::Usage {
        message: format!(
            "the variable {BASE_URL} would send the production key to {url}, which is not WorkOS"
        ),
        hint: format!("remove the variable; or, if that is what you want, add --base-url {url}"),
    })
}

fn key(options: &ConnectionOptions) -> Result<(ApiKey, Option<String>), KeyError> {
    if let Some(path) = &options.api_key_file {
        return key_source::from_file(path);
    }
    let key = match &options.api_key_command {
        Some(command) => key_source::from_command(command)?,
        None => key_source::from_environment()?,
    };
    Ok((key, None))
}
