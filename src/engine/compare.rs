//! The comparison that ends a run in which an answer was lost: what WorkOS has, and no row owns.

use super::caller::ReadError;
use super::events::Event;
use super::listing::Listing;
use super::lookup::with_all_fields;
use super::pipeline::Engine;
use super::view::is_past;
use crate::organization::{Fingerprint, name_key};
use crate::workos::{Organization, OrganizationsApi};
use jiff::Timestamp;

/// An organization that no row owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unowned {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its content. What WorkOS did not list is taken as blank.
    pub fingerprint: Fingerprint,
    /// Whether WorkOS listed all of its fields.
    pub is_fully_listed: bool,
    /// When it was created, by the server's clock.
    pub created_at: Option<Timestamp>,
}

impl From<Organization> for Unowned {
    fn from(organization: Organization) -> Self {
        Self {
            fingerprint: organization.fingerprint(),
            is_fully_listed: organization.domains.is_some() && organization.metadata.is_some(),
            id: organization.id,
            name: organization.name,
            created_at: organization.created_at,
        }
    }
}

impl<A: OrganizationsApi> Engine<A> {
    /// Lists everything created since the baseline, and returns the organizations that no row
    /// owns and whose name (as [`name_key`]) is of interest.
    ///
    /// It begins when all lost answers of this run can be trusted, and not before `not_before`
    /// (by this machine's clock), which an earlier run may ask for.
    ///
    /// # Errors
    /// When WorkOS does not list its organizations, and [`ReadError::Interrupted`] as soon as the
    /// run drains. The run is then not finished.
    pub async fn compare(
        &self,
        not_before: Option<Timestamp>,
        is_interesting: impl Fn(&str) -> bool + Send + Sync,
    ) -> Result<Vec<Unowned>, ReadError> {
        tokio::select! {
            biased;
            () = self.processor.shutdown.draining() => Err(ReadError::Interrupted),
            unowned = self.list_unowned(not_before, is_interesting) => unowned,
        }
    }

    async fn list_unowned(
        &self,
        not_before: Option<Timestamp>,
        is_interesting: impl Fn(&str) -> bool + Send + Sync,
    ) -> Result<Vec<Unowned>, ReadError> {
        let processor = &self.processor;
        processor.observers.emit(&Event::Comparing);
        let not_before = not_before.map(|at| processor.clock.instant(at));
        if let Some(trusted_at) = processor.lost.trusted_at().max(not_before) {
            tokio::time::sleep_until(trusted_at).await;
        }
        let baseline = processor.lookup.baseline();
        let mut unowned = Vec::new();
        let mut listing = Listing::new(&processor.caller);
        while let Some(page) = listing.next_page().await? {
            let is_last = is_past(&page, baseline, baseline.start());
            for organization in page {
                if baseline.allows(&organization)
                    && !processor.lookup.is_owned(&organization.id)
                    && is_interesting(&name_key(&organization.name))
                {
                    let organization = with_all_fields(&processor.caller, organization).await?;
                    unowned.push(Unowned::from(organization));
                }
            }
            if is_last {
                break;
            }
        }
        Ok(unowned)
    }
}
