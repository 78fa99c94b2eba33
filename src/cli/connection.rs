//! Options for the connection to WorkOS.

use crate::commands::ConnectionOptions;
use clap::Args;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "WorkOS")]
pub(super) struct ConnectionArgs {
    /// File with the key (default: WORKOS_API_KEY)
    #[arg(long, value_name = "FILE")]
    pub(super) api_key_file: Option<PathBuf>,

    /// Command that prints the API key, for example `op read …`
    #[arg(long, value_name = "COMMAND", conflicts_with = "api_key_file")]
    pub(super) api_key_command: Option<String>,

    /// URL of the API: https, or http to this machine (default: the variable `WORKOS_BASE_URL`, or
    /// that of WorkOS)
    #[arg(long, value_name = "URL")]
    pub(super) base_url: Option<String>,

    /// Also trust the certificate authorities in this PEM file (default: those of the system)
    #[arg(long, value_name = "FILE")]
    pub(super) ca_file: Option<PathBuf>,

    /// Seconds to wait for a response
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub(super) timeout: Duration,
}

impl ConnectionArgs {
    pub(super) fn options(self, sandbox: bool) -> ConnectionOptions {
        ConnectionOptions {
            api_key_file: self.api_key_file,
            api_key_command: self.api_key_command,
            base_url: self.base_url,
            ca_file: self.ca_file,
            sandbox,
            timeout: self.timeout,
        }
    }
}

/// Parses a duration in seconds.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    text.parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|time| !time.is_zero() && *time <= Duration::from_secs(86_400))
        .ok_or_else(|| "expected a number of seconds such as 30".to_owned())
}
