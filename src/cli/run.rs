//! Options shared by import and retry.

use super::connection::{ConnectionArgs, seconds};
use crate::commands::ConnectionOptions;
use crate::commands::import::Outputs;
use crate::engine::{Policy, Rate, Settings};
use crate::run::Answers;
use clap::Args;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Args, Clone, Debug)]
pub(super) struct RunArgs {
    /// Test run: use a temporary local fake of WorkOS
    #[arg(long, conflicts_with_all = ["api_key_file", "api_key_command"])]
    sandbox: bool,

    /// Stop after N failures in a row
    #[arg(long, value_name = "N", default_value = "50", value_parser = from_one::<NonZeroU64>)]
    max_failures: NonZeroU64,

    /// Create in production without asking
    #[arg(long, short)]
    yes: bool,

    /// Continue although the journal of the earlier runs is missing
    #[arg(long)]
    without_journal: bool,

    /// Create rows even if WorkOS already has an organization with the same name and domains
    #[arg(long)]
    allow_duplicates: bool,

    /// Compare the list with WorkOS, even if that takes many requests
    #[arg(long, conflicts_with = "allow_duplicates")]
    compare: bool,

    /// Print one JSON object, in every ending
    #[arg(long)]
    json: bool,

    /// Write a page that follows the run, for a browser
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,

    /// Append what happens to FILE, as JSON lines while it happens
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,

    #[command(flatten)]
    connection: ConnectionArgs,

    #[command(flatten)]
    throttle: ThrottleArgs,

    /// File with the rate, read again when it changes, also during the run
    ///
    /// It holds what --rate takes, and wins over --rate and --share. A file that is missing or holds
    /// something else changes nothing, and the run says so.
    #[arg(long, value_name = "FILE", help_heading = "Rate and retries")]
    rate_file: Option<PathBuf>,
}

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Rate and retries")]
pub(super) struct ThrottleArgs {
    /// Requests per second, `auto` or `unlimited` (default: 75)
    ///
    /// With --sandbox, the default is `unlimited`.
    /// WorkOS allows a key 6,000 requests per 60 seconds (100 per second), including those of your own
    /// application. `auto` starts low and adapts to what the key allows.
    #[arg(long, value_name = "N")]
    rate: Option<Rate>,

    /// Share of WorkOS's documented limit, for example 30%
    #[arg(long, value_name = "PERCENT", conflicts_with = "rate", value_parser = share)]
    share: Option<Rate>,

    /// Parallel requests (default: chosen from --rate)
    #[arg(long, value_name = "N", value_parser = from_one::<NonZeroUsize>)]
    concurrency: Option<NonZeroUsize>,

    /// Maximum attempts per row (429 answers and lookups are not counted)
    #[arg(long, value_name = "N", default_value = "5", value_parser = from_one::<NonZeroU32>)]
    max_attempts: NonZeroU32,

    /// Seconds to wait before a row that was not found in WorkOS is sent again
    ///
    /// After a timeout, at least as long as --timeout.
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    lookup_pause: Duration,
}

/// Parallel requests where the rate may become any that WorkOS allows.
const PARALLEL: usize = 256;

/// Parses a number that is at least 1.
pub(super) fn from_one<T: FromStr>(text: &str) -> Result<T, String> {
    let number = text.parse();
    number.map_err(|_| "expected a whole number from 1".to_owned())
}

/// Parses a share of WorkOS's limit: `30%`.
fn share(text: &str) -> Result<Rate, String> {
    let percent = text.strip_suffix('%').unwrap_or(text).trim();
    percent
        .parse()
        .ok()
        .filter(|percent| (0.1..=100.0).contains(percent))
        .map(|percent| Rate::share(percent / 100.0))
        .ok_or_else(|| "expected a share such as 30%".to_owned())
}

/// The settings of a command that only reads.
pub(super) fn reading(rate: Rate, timeout: Duration) -> Settings {
    Settings {
        rate,
        concurrency: None,
        policy: Policy {
            timeout,
            ..Policy::default()
        },
        max_failures: 1,
    }
}

impl ThrottleArgs {
    pub(super) fn settings(
        &self,
        timeout: Duration,
        max_failures: u64,
        is_test_run: bool,
    ) -> Settings {
        let by_default = if is_test_run {
            Rate::Unlimited
        } else {
            Rate::PerSecond(Rate::DEFAULT)
        };
        Settings {
            rate: self.rate.or(self.share).unwrap_or(by_default),
            concurrency: self.concurrency.map(NonZeroUsize::get),
            policy: Policy {
                max_attempts: self.max_attempts.get(),
                timeout,
                lookup_pause: self.lookup_pause,
            },
            max_failures,
        }
    }
}

impl RunArgs {
    pub(super) const fn is_test_run(&self) -> bool {
        self.sandbox
    }

    pub(super) fn outputs(&self) -> Outputs {
        Outputs {
            report: self.report.clone(),
            events: self.events.clone(),
        }
    }

    pub(super) fn rate_file(&self) -> Option<PathBuf> {
        self.rate_file.clone()
    }

    pub(super) const fn json(&self) -> bool {
        self.json
    }

    pub(super) fn settings(&self) -> Settings {
        let timeout = self.connection.timeout;
        let settings = self
            .throttle
            .settings(timeout, self.max_failures.get(), self.sandbox);
        // A rate that grows later needs more parallel requests than the first one.
        let for_any_rate = self.rate_file.is_some().then_some(PARALLEL);
        Settings {
            concurrency: settings.concurrency.or(for_any_rate),
            ..settings
        }
    }

    /// The questions that the options answer.
    pub(super) fn answers(&self) -> Answers {
        Answers {
            yes: self.yes,
            without_journal: self.without_journal,
            allow_duplicates: self.allow_duplicates,
            compare: self.compare,
            ..Answers::default()
        }
    }

    pub(super) fn connection(self) -> ConnectionOptions {
        self.connection.options(self.sandbox)
    }
}
