//! Debug logs.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

/// Logs to standard error: nothing by default, more with each `-v`. `RUST_LOG` overrides.
pub fn log(verbosity: u8) {
    let default = match verbosity {
        0 => "off",
        1 => "workos_orgs=info",
        2 => "workos_orgs=debug",
        _ => "workos_orgs=trace,hyper_util=debug",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .finish();
    // It fails where a test has set one already.
    let _ = subscriber.try_init();
}
