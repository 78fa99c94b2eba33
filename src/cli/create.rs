//! `workos-orgs create`: its options.

use super::connection::ConnectionArgs;
use super::run::ThrottleArgs;
use crate::commands::create::CreateOptions;
use crate::organization::DomainState;
use clap::Args;

/// Create one organization and print it as JSON.
///
/// Errors are named InputError, ConflictError, AuthError or APIError.
#[derive(Args, Clone, Debug)]
pub(super) struct CreateArgs {
    /// The name
    #[arg(long)]
    name: String,

    /// A domain; can be given several times
    #[arg(long = "domain", value_name = "DOMAIN")]
    domains: Vec<String>,

    /// The customer's id in your own system, unique in the WorkOS environment
    #[arg(long)]
    external_id: Option<String>,

    /// A metadata key and its value; can be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_value)]
    metadata: Vec<(String, String)>,

    /// The state in which domains are created: pending or verified
    #[arg(long, value_name = "STATE", default_value = "pending")]
    domain_state: DomainState,

    #[command(flatten)]
    connection: ConnectionArgs,

    #[command(flatten)]
    throttle: ThrottleArgs,
}

fn key_value(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .ok_or_else(|| "expected KEY=VALUE".to_owned())
}

impl From<CreateArgs> for CreateOptions {
    fn from(args: CreateArgs) -> Self {
        Self {
            name: args.name,
            domains: args.domains,
            external_id: args.external_id,
            metadata: args.metadata,
            domain_state: args.domain_state,
            settings: args.throttle.settings(args.connection.timeout, 1),
            connection: args.connection.options(false),
        }
    }
}
