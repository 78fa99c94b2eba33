//! The WorkOS organizations API: its calls, responses and failures.
//!
//! The engine sees only the [`OrganizationsApi`] trait; [`Client`] implements it over HTTP.

mod api;
mod base_url;
mod client;
mod details;
mod failure;
mod key;
mod proxy;
mod query;
mod response;
mod tls;
mod types;

pub use api::{Dependent, OrganizationChanges, OrganizationsApi};
pub use base_url::{BaseUrl, BaseUrlError};
pub use client::{Client, ClientError};
pub use details::{DetailsApi, OrganizationDetails};
pub use failure::{Failure, Lost, Refusal};
pub use key::{ApiKey, Environment, KeyError};
pub use proxy::ProxyError;
pub use query::{ListQuery, Order};
pub use tls::TlsError;
pub use types::{Answer, Cursors, Organization, OrganizationDomain, Page};
