//! The sandbox: a WorkOS organizations API on this machine, over real HTTP.
//!
//! It is a stage for rehearsals (try an import before it touches WorkOS) and a test bed (every
//! rule, limit and mishap of the real API, on demand). It forgets everything when it stops.
//!
//! ```
//! use workos_orgs::sandbox::{Options, Sandbox};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let sandbox = Sandbox::start(Options {
//!     faults: vec!["drop-after:0.05".parse().expect("a known fault")],
//!     ..Options::default()
//! })
//! .await?;
//! // Point a client at sandbox.url() with sandbox.api_key() …
//! assert!(sandbox.organizations().is_empty());
//! sandbox.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! # What it answers
//!
//! | call | success |
//! |---|---|
//! | `POST /organizations` | 201 and the organization |
//! | `GET /organizations` | 200 and a page: `limit`, `order`, `before`, `after`, `domains`, `search` |
//! | `GET /organizations/{id}` | 200 and the organization |
//! | `GET /organizations/external_id/{external_id}` | 200 and the organization |
//! | `PUT /organizations/{id}` | 200 and the organization; metadata is merged |
//! | `DELETE /organizations/{id}` | 202 and the text `Accepted` |
//!
//! # What it stands on
//!
//! Shapes and limits come from WorkOS's published API description; errors from recorded answers.
//! What WorkOS does not document is a switch in [`Options`], so that a client can be tried against
//! either behaviour. Every request passes, in this order: the key (401, 403), the rate limit
//! (429), the faults, then the rules of the endpoint. [`Options::latency`] delays the answer, not the work:
//! whoever gives up waiting leaves an organization behind, as in real life.
//!
//! # The files
//!
//! | file | what it owns |
//! |---|---|
//! | `server` | sockets, and the handle to a running sandbox |
//! | `gate` | what every request passes |
//! | `routes` | the endpoints |
//! | `rules` | what a body may hold |
//! | `store`, `stored`, `pages` | who owns what, an organization as it is stored, and the lists |
//! | `answer` | response bodies, refusals included |
//! | `faults`, `mishaps` | what can go wrong and when, and what it does to an answer |
//! | `rate_limit` | the sliding window |
//! | `log` | what arrived |
//! | `options`, `examples`, `random` | what can be set, what exists from the start, and chance |

mod answer;
mod examples;
mod faults;
mod gate;
mod log;
mod mishaps;
mod options;
mod pages;
mod random;
mod rate_limit;
mod routes;
mod rules;
mod server;
mod store;
mod stored;

pub use examples::{TAKEN_DOMAIN, TAKEN_DOMAIN_OWNER, TAKEN_EXTERNAL_ID, TAKEN_EXTERNAL_ID_OWNER};
pub use faults::{Fault, FaultKind, FaultScope, ParseFaultError};
pub use log::ArrivedRequest;
pub use options::{DEFAULT_API_KEY, FORBIDDEN_API_KEY, Options};
pub use rate_limit::{ParseRateLimitError, RateLimit};
pub use server::Sandbox;
pub use stored::{StoredDomain, StoredDomainState, StoredOrganization};
