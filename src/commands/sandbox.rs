//! `workos-orgs sandbox`: serves a local WorkOS organizations API until Ctrl-C.

use crate::sandbox::{Options, Sandbox};
use crate::text::set_variable;
use std::io::{self, Write};

/// Starts a sandbox, prints how to use it, and serves until Ctrl-C.
///
/// # Errors
///
/// When the port is in use, the options are inconsistent, or `err` cannot be written.
pub async fn run(options: Options, err: &mut dyn Write) -> io::Result<()> {
    let sandbox = Sandbox::start(options).await?;
    announce(&sandbox, err)?;
    tokio::signal::ctrl_c().await?;
    sandbox.stop().await;
    writeln!(err, "\nsandbox stopped; its organizations are gone")
}

fn announce(sandbox: &Sandbox, err: &mut dyn Write) -> io::Result<()> {
    let (url, key) = (sandbox.url(), sandbox.api_key());
    writeln!(err, "sandbox at {url}, API key {key}")?;
    writeln!(err, "\nto use it, in another terminal:")?;
    writeln!(err, "  {}", set_variable("WORKOS_BASE_URL", &url))?;
    writeln!(err, "  {}", set_variable("WORKOS_API_KEY", key))?;
    writeln!(
        err,
        "\nstop it with Ctrl-C; everything it stores is then lost"
    )?;
    err.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_prints_how_to_use_it() {
        let sandbox = Sandbox::start(Options::default()).await.unwrap();
        let mut printed = Vec::new();
        announce(&sandbox, &mut printed).unwrap();
        let printed = String::from_utf8(printed).unwrap();
        let url = set_variable("WORKOS_BASE_URL", &sandbox.url());
        assert!(printed.contains(&format!("  {url}\n")));
        let key = set_variable("WORKOS_API_KEY", "sk_test_sandbox");
        assert!(printed.contains(&format!("  {key}\n")));
    }
}
