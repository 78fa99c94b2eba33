//! Options of a sandbox, also for behaviour that WorkOS does not document.

use super::{Fault, RateLimit};
use std::io;
use std::time::Duration;

/// The default key of a sandbox.
pub const DEFAULT_API_KEY: &str = "sk_test_sandbox";

/// A key without permissions: each request with it gets a 403.
pub const FORBIDDEN_API_KEY: &str = "sk_test_forbidden";

/// How a sandbox behaves. [`Options::default`] is WorkOS as documented, without failures.
#[derive(Clone, Debug)]
pub struct Options {
    /// The port on 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// How many requests the key may make; `None` for any number. WorkOS: 6,000 in 60 s.
    pub rate_limit: Option<RateLimit>,
    /// How many organizations the key may delete; `None` for any number. WorkOS: 50 in 60 s.
    pub delete_rate_limit: Option<RateLimit>,
    /// Delays every response. The work itself is done at once.
    pub latency: Duration,
    /// What fails, and how often. The probabilities of a request add up to at most 1.
    pub faults: Vec<Fault>,
    /// The delay of `delay` faults.
    pub fault_delay: Duration,
    /// The seed of ids, tokens and faults: the same requests in the same order have the same faults.
    pub seed: u64,
    /// The key that is accepted.
    pub api_key: String,
    /// Whether two organizations exist from the start, so that a test run has conflicts: see
    /// [`TAKEN_DOMAIN`](super::TAKEN_DOMAIN) and [`TAKEN_EXTERNAL_ID`](super::TAKEN_EXTERNAL_ID).
    /// Both are in use: one has a connection and a directory, the other a membership.
    pub examples: bool,
    /// How many of the latest requests [`Sandbox::requests`](super::Sandbox::requests) has; 0 for none.
    pub request_log: usize,

    /// Unknown at WorkOS: whether a domain may belong to one organization only (409 for the
    /// second), or to several.
    pub unique_domains: bool,
    /// Unknown at WorkOS: with which status consumer domains such as gmail.com are refused.
    pub consumer_domain_status: u16,
    /// Unknown at WorkOS: whether unknown fields, `null` where the call gives it no meaning, and
    /// unknown query parameters are refused (422) or ignored.
    pub refuses_unknown_fields: bool,
    /// Recorded at WorkOS as 202, documented as 200 or 204 too: the status of a deletion.
    pub delete_status: u16,
    /// Unknown at WorkOS: how long a deleted organization is still found.
    pub delete_delay: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            rate_limit: Some(RateLimit::WORKOS),
            delete_rate_limit: Some(RateLimit::WORKOS_DELETE),
            latency: Duration::ZERO,
            faults: Vec::new(),
            fault_delay: Duration::from_secs(5),
            seed: 0,
            api_key: DEFAULT_API_KEY.to_owned(),
            examples: false,
            request_log: 200_000,
            unique_domains: true,
            consumer_domain_status: 422,
            refuses_unknown_fields: true,
            delete_status: 202,
            delete_delay: Duration::ZERO,
        }
    }
}

impl Options {
    /// Refuses impossible options.
    pub(super) fn check(&self) -> io::Result<()> {
        let invalid = |what: String| Err(io::Error::new(io::ErrorKind::InvalidInput, what));
        if let Some((scope, sum)) = super::faults::overfull(&self.faults) {
            return invalid(format!(
                "the probabilities of {scope} faults add up to {sum}: expected at most 1"
            ));
        }
        if !(400..=499).contains(&self.consumer_domain_status) {
            return invalid(format!(
                "invalid status {} for consumer domains: expected 400 to 499",
                self.consumer_domain_status
            ));
        }
        if ![200, 202, 204].contains(&self.delete_status) {
            return invalid(format!(
                "invalid status {} for a deletion: expected 200, 202 or 204",
                self.delete_status
            ));
        }
        Ok(())
    }
}
