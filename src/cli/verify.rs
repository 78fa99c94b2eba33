//! `workos-orgs verify`: its options.

use super::connection::ConnectionArgs;
use super::run::reading;
use crate::commands::verify::VerifyOptions;
use crate::engine::Rate;
use crate::run::VerifyRequest;
use clap::Args;
use std::path::PathBuf;

/// Compare WorkOS with the journal of an import (changes nothing).
///
/// Finds rows whose organization is gone, differs from what was sent or exists twice, and
/// organizations created since the run began that are not in the journal. The list is not needed.
/// Exits with 0 if there are no differences, otherwise with 1.
#[derive(Args, Clone, Debug)]
pub(super) struct VerifyArgs {
    /// Results file, for example customers.results.csv; its journal must be next to it
    results: PathBuf,

    /// Compare the states of domains too
    ///
    /// They change by themselves: a pending domain becomes verified, or fails after 30 days.
    #[arg(long)]
    domain_states: bool,

    /// Print the differences as one JSON object on standard output
    #[arg(long)]
    json: bool,

    /// Requests per second, or `auto`, or `unlimited`
    #[arg(long, value_name = "N", default_value = "90")]
    rate: Rate,

    #[command(flatten)]
    connection: ConnectionArgs,
}

impl From<VerifyArgs> for VerifyOptions {
    fn from(args: VerifyArgs) -> Self {
        Self {
            request: VerifyRequest {
                results: args.results,
                domain_states: args.domain_states,
                json: args.json,
            },
            settings: reading(args.rate, args.connection.timeout),
            connection: args.connection.options(false),
        }
    }
}
