//! The sandbox: a local WorkOS organizations API over real HTTP.
//!
//! For test runs and tests: the rules and limits of the real API, and simulated failures. Everything
//! it stores is lost when it stops.
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
//! # Endpoints
//!
//! | call | success |
//! |---|---|
//! | `POST /organizations` | 201 and the organization |
//! | `GET /organizations` | 200 and a page: `limit`, `order`, `before`, `after`, `domains`, `search` |
//! | `GET /organizations/{id}` | 200 and the organization |
//! | `GET /organizations/external_id/{external_id}` | 200 and the organization |
//! | `PUT /organizations/{id}` | 200 and the organization; metadata is merged |
//! | `DELETE /organizations/{id}` | 202 and the text `Accepted`; also what belongs to it |
//! | `POST /organization_domains` | 201 and the domain, pending |
//! | `GET /organization_domains/{id}` | 200 and the domain |
//! | `DELETE /organization_domains/{id}` | 204 |
//! | `GET /connections`, `/directories` | 200 and a page: `organization_id`, `limit`, `after` |
//! | `GET /user_management/organization_memberships` | the same, and `user_id`, `statuses` |
//! | `POST /user_management/organization_memberships` | 201 and the membership, active |
//! | `GET /events` | 200 and a page: `events`, `organization_id`, `range_start`, `range_end`, `limit`, `after` |
//!
//! # Sources
//!
//! Shapes and limits come from WorkOS's published API description, errors from recorded responses.
//! What WorkOS does not document is an option in [`Options`], so that a client can be tested against
//! both behaviours. Every request passes, in this order: the key (401, 403), the rate limit (429), the
//! faults, then the rules of the endpoint. [`Options::latency`] delays the response, not the work: a
//! client that times out has created an organization, as in real life.
//!
//! # The files
//!
//! | file | what it owns |
//! |---|---|
//! | `server` | sockets, and the handle to a running sandbox |
//! | `middleware` | what every request passes |
//! | `routes` | the endpoints |
//! | `rules` | valid request bodies |
//! | `store`, `stored`, `pages` | the organizations, and lists of them |
//! | `in_use`, `events` | what belongs to organizations, and what happened to them |
//! | `answer` | response bodies, refusals included |
//! | `faults`, `fault_responses` | simulated failures, and their responses |
//! | `rate_limit` | the sliding window |
//! | `log` | the requests |
//! | `options`, `examples`, `random` | options, example organizations, random numbers |

mod answer;
mod events;
mod examples;
mod fault_responses;
mod faults;
mod in_use;
mod log;
mod middleware;
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
