//! `workos-orgs create`: its options.

use super::connection::ConnectionArgs;
use super::run::ThrottleArgs;
use crate::commands::create::CreateOptions;
use crate::organization::DomainState;
use crate::run::IfExists;
use clap::{ArgGroup, Args};

/// Create one organization and print it as JSON.
///
/// Errors are named InputError, ConflictError, AuthError, APIError or `NetworkError`. No journal is kept: with an
/// external id, running the command twice creates one organization. Exit codes: 0 it is there, 1 conflict,
/// 2 invalid, 4 API key, 6 WorkOS or the network is unavailable.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Args, Clone, Debug)]
#[command(group = ArgGroup::new("identity").args(["domains", "external_id"]).multiple(true))]
pub(super) struct CreateArgs {
    /// Name of the organization
    #[arg(long)]
    name: String,

    /// Domain; can be repeated
    #[arg(long = "domain", value_name = "DOMAIN")]
    domains: Vec<String>,

    /// The customer's id in your system
    ///
    /// It is unique in the WorkOS environment, so that WorkOS refuses duplicates.
    #[arg(long, value_name = "ID")]
    external_id: Option<String>,

    /// Metadata key and value; can be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_value)]
    metadata: Vec<(String, String)>,

    /// State of new domains: pending or verified (marks them as verified WITHOUT a check)
    #[arg(long, value_name = "STATE", default_value = "pending")]
    domain_state: DomainState,

    /// Use the organization that has the external id or a domain; a conflict if it differs
    ///
    /// Other metadata keys and domains that it has do not matter.
    #[arg(long, requires = "identity")]
    get_or_create: bool,

    /// The same, but if it differs, change it to these values
    ///
    /// Nothing else of it changes. The JSON object has the values before in `changes`.
    #[arg(long, requires = "identity", conflicts_with = "get_or_create")]
    update: bool,

    /// Print one JSON object, in every ending
    #[arg(long)]
    json: bool,

    /// Create it in production without asking
    #[arg(long, short)]
    yes: bool,

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
            if_exists: match (args.get_or_create, args.update) {
                (_, true) => IfExists::Update,
                (true, _) => IfExists::Get,
                _ => IfExists::Refuse,
            },
            json: args.json,
            yes: args.yes,
            settings: args.throttle.settings(args.connection.timeout, 1, false),
            connection: args.connection.options(false),
        }
    }
}
