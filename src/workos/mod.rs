//! The WorkOS organizations API: what can be asked of it, what it answers, how it fails.
//!
//! The engine sees only the [`OrganizationsApi`] trait; [`Client`] is the real thing behind it.

mod base_url;
mod client;
mod failure;
mod key;
mod types;

pub use base_url::{BaseUrl, BaseUrlError};
pub use client::{Client, ClientError};
pub use failure::{Failure, Lost, Refusal};
pub use key::{ApiKey, Environment, KeyError};
pub use types::{Answer, Cursors, Organization, Page};

use bytes::Bytes;
use std::future::Future;

/// The calls of the organizations API that an import needs.
///
/// No implementation may repeat a request by itself: whether a request may be sent again is the
/// engine's decision, and every request passes its throttle.
pub trait OrganizationsApi: Send + Sync {
    /// `POST /organizations` with this JSON body.
    fn create(
        &self,
        body: Bytes,
    ) -> impl Future<Output = Result<Answer<Organization>, Failure>> + Send;

    /// `GET /organizations/{id}`: `None` where there is none.
    fn by_id(
        &self,
        id: &str,
    ) -> impl Future<Output = Result<Answer<Option<Organization>>, Failure>> + Send;

    /// `GET /organizations/external_id/{external_id}`: `None` where there is none.
    fn by_external_id(
        &self,
        external_id: &str,
    ) -> impl Future<Output = Result<Answer<Option<Organization>>, Failure>> + Send;

    /// `GET /organizations?domains=…`: organizations with any of these domains, at most 100.
    ///
    /// A server that does not know the filter answers with organizations of other domains, so the
    /// caller looks at what came back.
    fn by_domains(
        &self,
        domains: &[&str],
    ) -> impl Future<Output = Result<Answer<Page>, Failure>> + Send;

    /// `GET /organizations`: 100 organizations, newest first, after this cursor.
    fn newest(
        &self,
        after: Option<&str>,
    ) -> impl Future<Output = Result<Answer<Page>, Failure>> + Send;
}
