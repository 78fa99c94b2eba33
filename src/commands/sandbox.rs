//! `workos-orgs sandbox`: serves a local WorkOS organizations API until Ctrl-C.

use crate::sandbox::{Options, Sandbox};
use std::io::{self, Write};

/// Starts a sandbox, says how to reach it, and serves until Ctrl-C.
///
/// # Errors
///
/// The port is taken, the options contradict themselves, or `err` cannot be written to.
pub async fn run(options: Options, err: &mut dyn Write) -> io::Result<()> {
    let sandbox = Sandbox::start(options).await?;
    announce(&sandbox, err)?;
    tokio::signal::ctrl_c().await?;
    sandbox.stop().await;
    writeln!(err, "\nsandbox stopped; what it held is gone")
}

fn announce(sandbox: &Sandbox, err: &mut dyn Write) -> io::Result<()> {
    let (url, key) = (sandbox.url(), sandbox.api_key());
    writeln!(err, "sandbox at {url}, API key {key}")?;
    writeln!(err, "\nto use it, in another terminal:")?;
    writeln!(err, "  export WORKOS_BASE_URL={url}")?;
    writeln!(err, "  export WORKOS_API_KEY={key}")?;
    writeln!(err, "\nit forgets everything when it stops: Ctrl-C")?;
    err.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_says_how_to_reach_it() {
        let sandbox = Sandbox::start(Options::default()).await.unwrap();
        let mut said = Vec::new();
        announce(&sandbox, &mut said).unwrap();
        let said = String::from_utf8(said).unwrap();
        assert!(said.contains(&format!("export WORKOS_BASE_URL={}\n", sandbox.url())));
        assert!(said.contains("export WORKOS_API_KEY=sk_test_sandbox\n"));
    }
}
