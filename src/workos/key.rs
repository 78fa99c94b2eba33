//! The API key: never shown, and taken out of what comes back.

use bytes::Bytes;
use reqwest::header::HeaderValue;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::path::PathBuf;

/// A WorkOS API key.
#[derive(Clone, Debug)]
pub struct ApiKey(SecretString);

/// The environment of a key, by its prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// `sk_test_`: a staging environment.
    Staging,
    /// `sk_live_`: production.
    Production,
    /// Any other prefix.
    Unknown,
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Staging => "staging",
            Self::Production => "production",
            Self::Unknown => "unknown environment",
        })
    }
}

/// Why there is no usable key. Never contains the key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Neither the variable nor a file is set.
    #[error("no API key: the environment variable WORKOS_API_KEY is not set")]
    Missing,
    /// The key file could not be read.
    #[error("cannot read the API key file {path}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The key was given where the name of a file belongs.
    #[error("--api-key-file takes the name of a file, not the key")]
    NoFile,
    /// The command that prints the key could not be run.
    #[error("cannot run the command of --api-key-command")]
    Command {
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The command that prints the key failed.
    #[error("the command of --api-key-command failed ({status})")]
    CommandFailed {
        /// How it ended.
        status: std::process::ExitStatus,
    },
    /// It is empty.
    #[error("the API key from {from} is empty")]
    Blank {
        /// The variable or file.
        from: String,
    },
    /// It cannot be sent as a header.
    #[error(
        "the API key from {from} contains a character that is not allowed in a key (for example a space, line break or quote)"
    )]
    Malformed {
        /// The variable or file.
        from: String,
    },
}

impl KeyError {
    /// What to do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Missing => "set the environment variable WORKOS_API_KEY",
            Self::NoFile | Self::File { .. } => {
                "name a file that contains nothing but the key, and that you can read"
            }
            Self::Command { .. } | Self::CommandFailed { .. } => {
                "run that command by itself: it must print the key, and nothing else, and exit with 0"
            }
            Self::Blank { .. } | Self::Malformed { .. } => {
                "copy the key again, without quotes or line breaks, from the WorkOS dashboard under API Keys"
            }
        }
    }
}

impl ApiKey {
    /// A key from `text`, which was read from `from`; surrounding white space is ignored.
    ///
    /// # Errors
    /// When it is empty, or contains a character that is not allowed.
    pub fn new(text: &str, from: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        let from = || from.to_owned();
        if text.is_empty() {
            return Err(KeyError::Blank { from: from() });
        }
        if !text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
        {
            return Err(KeyError::Malformed { from: from() });
        }
        Ok(Self(SecretString::from(text)))
    }

    /// The environment of the key.
    pub fn environment(&self) -> Environment {
        let key = self.0.expose_secret();
        if key.starts_with("sk_test_") {
            Environment::Staging
        } else if key.starts_with("sk_live_") {
            Environment::Production
        } else {
            Environment::Unknown
        }
    }

    /// Twelve hexadecimal digits that identify the key and do not reveal it: the start of its SHA-256.
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::digest(self.0.expose_secret().as_bytes());
        digest.iter().take(6).fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }

    /// What a person recognizes the key by: its prefix and last four characters, `sk_live_…9f3c`. Of a
    /// key so short that this would be much of it, only the prefix.
    pub fn shown(&self) -> String {
        let key = self.0.expose_secret();
        let prefix = match self.environment() {
            Environment::Staging => "sk_test_",
            Environment::Production => "sk_live_",
            Environment::Unknown => "",
        };
        let secret = key.len() - prefix.len();
        let last = key.get(key.len().saturating_sub(4)..);
        let last = last.filter(|_| secret >= 16).unwrap_or_default();
        format!("{prefix}…{last}")
    }

    /// The text without the key: a server may repeat the header that it got.
    pub(super) fn redacted<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let key = self.0.expose_secret();
        if key.len() < SHORTEST || !text.contains(key) {
            return Cow::Borrowed(text);
        }
        Cow::Owned(text.replace(key, REDACTED))
    }

    /// The same for the bytes of a body.
    pub(super) fn redacted_body(&self, body: Bytes) -> Bytes {
        let key = self.0.expose_secret().as_bytes();
        if key.len() < SHORTEST || memchr::memmem::find(&body, key).is_none() {
            return body;
        }
        let text = String::from_utf8_lossy(&body);
        Bytes::from(self.redacted(&text).into_owned())
    }

    /// The `Authorization` header, marked as sensitive.
    pub(super) fn authorization(&self) -> HeaderValue {
        let bearer = Zeroizing::new(format!("Bearer {}", self.0.expose_secret()));
        let mut value = HeaderValue::from_str(&bearer)
            .unwrap_or_else(|_| unreachable!("the characters of a key are checked on the way in"));
        value.set_sensitive(true);
        value
    }
}

/// What is in the place of a key that came back.
const REDACTED: &str = "[API key]";

/// A shorter key may be part of any word.
const SHORTEST: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_shows_the_environment() {
        let environment = |key| ApiKey::new(key, "test").unwrap().environment();
        assert_eq!(environment("sk_test_a"), Environment::Staging);
        assert_eq!(environment("sk_live_a"), Environment::Production);
        assert_eq!(environment("key_a"), Environment::Unknown);
    }

    #[test]
    fn a_person_recognizes_a_key_by_its_last_four_characters() {
        let shown = |key| ApiKey::new(key, "test").unwrap().shown();
        assert_eq!(shown("sk_live_0123456789abcdef9f3c"), "sk_live_…9f3c");
        assert_eq!(shown("0123456789abcdef9f3c"), "…9f3c");
        assert_eq!(shown("sk_live_short"), "sk_live_…");
    }

    #[test]
    fn debug_output_and_fingerprint_do_not_hold_the_key() {
        let key = ApiKey::new("sk_live_verysecret", "test").unwrap();
        assert!(!format!("{key:?} {}", key.fingerprint()).contains("verysecret"));
        assert!(!format!("{:?}", key.authorization()).contains("verysecret"));
    }

    #[test]
    fn a_key_that_comes_back_is_replaced() {
        let key = ApiKey::new("sk_live_verysecret", "test").unwrap();
        assert_eq!(
            key.redacted("Bearer sk_live_verysecret!"),
            "Bearer [API key]!"
        );
        assert_eq!(key.redacted("Bearer"), "Bearer");
        let body = Bytes::from_static(b"\xff sk_live_verysecret");
        assert_eq!(
            key.redacted_body(body).as_ref(),
            "\u{fffd} [API key]".as_bytes()
        );
        let short = ApiKey::new("key", "test").unwrap();
        assert_eq!(short.redacted("a key"), "a key");
    }

    #[test]
    fn a_key_with_a_line_break_inside_is_refused_without_being_shown() {
        let error = ApiKey::new("sk_live_very\nsecret", "WORKOS_API_KEY").unwrap_err();
        assert!(!error.to_string().contains("very"));
    }
}
