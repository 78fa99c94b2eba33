//! `workos-orgs sandbox`: serves a local WorkOS organizations API until Ctrl-C.

use super::Error;
use crate::engine::Shutdown;
use crate::exit_code;
use crate::run::sandbox_object;
use crate::sandbox::{Options, Sandbox};
use crate::text::set_variable;
use crate::ui::Printer;

/// Starts a sandbox, prints how to use it, and serves until Ctrl-C; returns the exit code. With `json`,
/// how to use it is one object on standard output.
///
/// # Errors
/// When the port is in use, the options are inconsistent, or nothing can be printed.
pub async fn run(
    options: Options,
    json: bool,
    printer: Printer,
    shutdown: Shutdown,
) -> Result<u8, Error> {
    let port = options.port;
    let sandbox = Sandbox::start(options).await;
    let sandbox = sandbox.map_err(|error| Error::Usage {
        message: format!("cannot serve the sandbox on port {port}: {error}"),
        hint: "use another port, or any free one with --port 0".to_owned(),
    })?;
    if json {
        let object = sandbox_object(&sandbox.url(), sandbox.api_key());
        let written = printer.result(&object);
        written.map_err(Error::system("cannot write how to use the sandbox"))?;
    }
    printer.info(&how_to_use(&sandbox));
    shutdown.draining().await;
    sandbox.stop().await;
    printer.info("\nsandbox stopped; its organizations are gone");
    Ok(exit_code::DONE)
}

fn how_to_use(sandbox: &Sandbox) -> String {
    let (url, key) = (sandbox.url(), sandbox.api_key());
    [
        format!("sandbox at {url}, API key {key}"),
        "\nto use it, in another terminal:".to_owned(),
        format!("  {}", set_variable("WORKOS_BASE_URL", &url)),
        format!("  {}", set_variable("WORKOS_API_KEY", key)),
        "\nstop it with Ctrl-C; everything it stores is then lost".to_owned(),
    ]
    .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_says_how_to_use_it() {
        let sandbox = Sandbox::start(Options::default()).await.unwrap();
        let text = how_to_use(&sandbox);
        let url = set_variable("WORKOS_BASE_URL", &sandbox.url());
        assert!(text.contains(&format!("  {url}\n")));
        let key = set_variable("WORKOS_API_KEY", "sk_test_sandbox");
        assert!(text.contains(&format!("  {key}\n")));
    }
}
