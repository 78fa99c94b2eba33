//! Options that import and retry have in common.

use super::connection::{ConnectionArgs, seconds};
use crate::commands::RunOptions;
use crate::engine::{Policy, Rate, Settings};
use clap::Args;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::str::FromStr;
use std::time::Duration;

#[derive(Args, Clone, Debug)]
pub(super) struct RunArgs {
    /// Rehearse: talk to a sandbox on this machine that lives as long as this run, not to WorkOS
    #[arg(long, conflicts_with = "api_key_file")]
    sandbox: bool,

    /// Stop handing out rows after so many failures in a row
    #[arg(long, value_name = "N", default_value = "50", value_parser = from_one::<NonZeroU64>)]
    max_failures: NonZeroU64,

    /// Do not ask before creating organizations in production, or retrying without a run file
    #[arg(long, short)]
    yes: bool,

    /// Print the summary as one JSON object on standard output
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    connection: ConnectionArgs,

    #[command(flatten)]
    throttle: ThrottleArgs,
}

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Speed and patience")]
pub(super) struct ThrottleArgs {
    /// Requests per second, all kinds together; or `auto`, or `unlimited`
    ///
    /// WorkOS allows a key 6,000 requests per 60 seconds, and your own application counts
    /// against the same key. `auto` begins at 90 and finds what the key can bear.
    #[arg(long, value_name = "N", default_value = "90")]
    rate: Rate,

    /// How many rows are under way at once; by default what the rate needs
    #[arg(long, value_name = "N", value_parser = from_one::<NonZeroUsize>)]
    concurrency: Option<NonZeroUsize>,

    /// How often a row is sent at most; refusals for the rate do not count
    #[arg(long, value_name = "N", default_value = "5", value_parser = from_one::<NonZeroU32>)]
    max_attempts: NonZeroU32,

    /// After a lost answer, how many seconds until a search that finds nothing is believed
    ///
    /// After a timeout it is at least as long as the timeout.
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    lookup_pause: Duration,
}

/// A number of things of which there has to be one at least.
pub(super) fn from_one<T: FromStr>(text: &str) -> Result<T, String> {
    let number = text.parse();
    number.map_err(|_| "expected a whole number from 1".to_owned())
}

impl ThrottleArgs {
    pub(super) fn settings(&self, timeout: Duration, max_failures: u64) -> Settings {
        Settings {
            rate: self.rate,
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

impl From<RunArgs> for RunOptions {
    fn from(args: RunArgs) -> Self {
        Self {
            settings: args
                .throttle
                .settings(args.connection.timeout, args.max_failures.get()),
            connection: args.connection.options(args.sandbox),
            yes: args.yes,
            json: args.json,
        }
    }
}
