//! Pages of organizations with everything that WorkOS shows of them.

use super::caller::ReadError;
use super::pipeline::Engine;
use super::shutdown::Shutdown;
use crate::workos::{DetailsApi, ListQuery, OrganizationDetails, OrganizationsApi, Page};

impl<A: OrganizationsApi + DetailsApi> Engine<A> {
    /// A page of the organizations of the environment.
    ///
    /// # Errors
    /// When WorkOS cannot be reached, or refuses the key or the query.
    pub async fn list_details(
        &self,
        query: &ListQuery<'_>,
    ) -> Result<Page<OrganizationDetails>, ReadError> {
        let caller = &self.processor.caller;
        let api = caller.api();
        Ok(caller.read(|| api.list_details(query)).await?.value)
    }

    /// The signal to stop.
    pub const fn shutdown(&self) -> &Shutdown {
        &self.processor.shutdown
    }
}
