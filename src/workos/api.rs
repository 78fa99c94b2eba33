//! The calls of the organizations API, as a trait: the engine sees nothing else of WorkOS.

use super::{Answer, Failure, ListQuery, Organization, Page};
use bytes::Bytes;
use std::future::Future;

/// The calls of the organizations API that this program needs.
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

    /// `GET /organizations`: one page.
    fn list(
        &self,
        query: &ListQuery<'_>,
    ) -> impl Future<Output = Result<Answer<Page>, Failure>> + Send;
}

/// What can belong to an organization. It is deleted with the organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dependent {
    /// An SSO connection.
    Connection,
    /// A directory.
    Directory,
    /// A membership of a user: active, inactive or pending.
    Membership,
}

impl Dependent {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Connection, Self::Directory, Self::Membership];
}

/// The calls that change an organization or delete it, and what to look at before.
///
/// An id that is not WorkOS's own (`org_` or `org_domain_` and 26 digits and capital letters) is
/// never sent: such a call is refused with 404 without a request.
pub trait OrganizationChanges: Send + Sync {
    /// `PUT /organizations/{id}` with this JSON body: fields that it lacks stay.
    fn update(
        &self,
        id: &str,
        body: Bytes,
    ) -> impl Future<Output = Result<Answer<Organization>, Failure>> + Send;

    /// `DELETE /organizations/{id}`: `true` when deleted or accepted for deletion, `false` where
    /// there is none. Connections, directories and memberships are deleted with it.
    fn delete(&self, id: &str) -> impl Future<Output = Result<Answer<bool>, Failure>> + Send;

    /// `POST /organization_domains`: adds a pending domain and leaves the others alone.
    fn add_domain(
        &self,
        organization_id: &str,
        domain: &str,
    ) -> impl Future<Output = Result<Answer<()>, Failure>> + Send;

    /// `DELETE /organization_domains/{id}`: `true` when removed, `false` where there is none. The
    /// other domains stay. See [`Organization::domain_details`] for the ids.
    fn remove_domain(
        &self,
        domain_id: &str,
    ) -> impl Future<Output = Result<Answer<bool>, Failure>> + Send;

    /// `GET /connections`, `/directories` or `/user_management/organization_memberships`: whether
    /// the organization has any.
    fn has_dependents(
        &self,
        organization_id: &str,
        kind: Dependent,
    ) -> impl Future<Output = Result<Answer<bool>, Failure>> + Send;
}
