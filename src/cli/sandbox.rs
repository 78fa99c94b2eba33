//! `workos-orgs sandbox`: its options.

use crate::sandbox::{Fault, Options, RateLimit};
use clap::Args;
use std::str::FromStr;
use std::time::Duration;

/// Serve a local fake of the WorkOS organizations API, for test runs.
///
/// It has WorkOS's rules and limits, needs no WorkOS account, and sends nothing over the network.
/// Everything it stores is lost when it stops (Ctrl-C).
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Args, Clone, Debug)]
pub struct SandboxArgs {
    /// Port on 127.0.0.1; 0 for any free one
    #[arg(long, value_name = "PORT", default_value_t = 4680)]
    pub port: u16,

    /// Requests allowed per number of seconds, or `unlimited`
    #[arg(long, value_name = "N/SECONDS", default_value = "6000/60")]
    pub rate_limit: Limit,

    /// The same for deletions of organizations
    #[arg(long, value_name = "N/SECONDS", default_value = "50/60")]
    pub delete_rate_limit: Limit,

    /// Delay every response by this many milliseconds
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub latency: u64,

    /// Make a share of the creations fail; can be repeated
    ///
    /// KIND is one of:
    ///   drop-before, drop-after    the connection closes without a response
    ///   5xx-before, 5xx-after      500, 502, 503 or 504
    ///   delay-before, delay-after  the response comes late: see --fault-delay
    ///   garbage                    it took effect, but the response is unreadable
    ///   429                        rate limited, with all forms of Retry-After
    ///   refuse                     a new connection is reset
    /// "before": nothing was changed. "after": the request took effect. PROBABILITY is a number from
    /// 0 to 1. Use `reads:KIND:PROBABILITY` for GET requests, `updates:…` for changes of
    /// organizations and their domains, `deletes:…` for deletions, `all:…` for everything.
    #[arg(long = "fault", value_name = "KIND:PROBABILITY", verbatim_doc_comment)]
    pub faults: Vec<Fault>,

    /// Milliseconds by which a delay fault delays a response
    #[arg(long, value_name = "MS", default_value_t = 5000)]
    pub fault_delay: u64,

    /// Seed that decides which requests fail
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub seed: u64,

    /// Start with two organizations, so that a test run has conflicts
    ///
    /// "Globex Corporation" has the domain globex.example.com, "Initech" the external id
    /// crm-existing-001. Both are in use: Globex has a connection and a directory, Initech a
    /// membership.
    #[arg(long)]
    pub examples: bool,

    /// Allow several organizations with the same domain
    ///
    /// WorkOS's documentation and API description differ on this.
    #[arg(long)]
    pub shared_domains: bool,

    /// Ignore unknown and null fields instead of refusing them
    ///
    /// WorkOS does not document which it does.
    #[arg(long)]
    pub lenient_fields: bool,

    /// HTTP status that refuses consumer domains (gmail.com …)
    ///
    /// WorkOS does not document which one it sends.
    #[arg(
        long,
        value_name = "STATUS",
        default_value_t = 422,
        value_parser = clap::value_parser!(u16).range(400..500)
    )]
    pub consumer_domain_status: u16,

    /// HTTP status of a deletion: 200, 202 or 204
    #[arg(long, value_name = "STATUS", default_value = "202", value_parser = parse_delete_status)]
    pub delete_status: u16,

    /// Milliseconds for which a deleted organization is still found
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub delete_delay: u64,

    /// Print one JSON object with URL and API key when it is ready, in every ending
    #[arg(long)]
    pub json: bool,
}

/// A rate limit, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(pub Option<RateLimit>);

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "unlimited" {
            return Ok(Self(None));
        }
        match text.parse() {
            Ok(limit) => Ok(Self(Some(limit))),
            Err(_) => {
                Err("expected REQUESTS/SECONDS, for example 6000/60, or unlimited".to_owned())
            }
        }
    }
}

fn parse_delete_status(text: &str) -> Result<u16, String> {
    match text {
        "200" => Ok(200),
        "202" => Ok(202),
        "204" => Ok(204),
        _ => Err("expected 200, 202 or 204".to_owned()),
    }
}

impl From<SandboxArgs> for Options {
    fn from(args: SandboxArgs) -> Self {
        Self {
            port: args.port,
            rate_limit: args.rate_limit.0,
            delete_rate_limit: args.delete_rate_limit.0,
            latency: Duration::from_millis(args.latency),
            faults: args.faults,
            fault_delay: Duration::from_millis(args.fault_delay),
            seed: args.seed,
            examples: args.examples,
            request_log: 0,
            unique_domains: !args.shared_domains,
            refuses_unknown_fields: !args.lenient_fields,
            consumer_domain_status: args.consumer_domain_status,
            delete_status: args.delete_status,
            delete_delay: Duration::from_millis(args.delete_delay),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::{FaultKind, TAKEN_DOMAIN, TAKEN_EXTERNAL_ID};
    use clap::{CommandFactory, Parser};

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        sandbox: SandboxArgs,
    }

    fn options(args: &[&str]) -> Result<Options, clap::Error> {
        let args = ["sandbox"].iter().chain(args);
        Program::try_parse_from(args).map(|program| program.sandbox.into())
    }

    #[test]
    fn the_definitions_hold_together() {
        Program::command().debug_assert();
    }

    #[test]
    fn without_options_the_sandbox_is_workos_as_documented() {
        let ours = options(&[]).unwrap();
        let documented = Options::default();
        assert_eq!(ours.rate_limit, documented.rate_limit);
        assert_eq!(ours.delete_rate_limit, documented.delete_rate_limit);
        assert_eq!(ours.fault_delay, documented.fault_delay);
        assert!(ours.unique_domains && ours.refuses_unknown_fields && !ours.examples);
    }

    #[test]
    fn several_faults_can_be_given() {
        let faults = options(&["--fault", "drop-after:0.05", "--fault", "429:0.1"]).unwrap();
        assert_eq!(
            faults.faults,
            [
                Fault::new(FaultKind::DropAfter, 0.05),
                Fault::new(FaultKind::TooManyRequests, 0.1)
            ]
        );
        let error = options(&["--fault", "fire:1"]).unwrap_err().to_string();
        assert!(error.contains("5xx-after"), "{error}");
    }

    #[test]
    fn a_rate_limit_can_be_lifted() {
        assert_eq!(
            options(&["--rate-limit", "unlimited"]).unwrap().rate_limit,
            None
        );
        assert!(options(&["--rate-limit", "fast"]).is_err());
    }

    #[test]
    fn the_help_names_every_fault_and_the_examples() {
        let help = Program::command().render_long_help().to_string();
        for kind in FaultKind::ALL {
            assert!(help.contains(kind.name()), "{kind}");
        }
        assert!(help.contains(TAKEN_DOMAIN) && help.contains(TAKEN_EXTERNAL_ID));
    }
}
