//! Was it created? Finds the organization of a row whose answer was lost.
//!
//! A row with an external id is looked up by it; every other row in the shared [`View`]. What is
//! found is adopted only if
//! - it equals the row in everything that was sent,
//! - no other row owns it, and
//! - it was created while the row's requests can have been acted on, by the server's clock.

use super::baseline::Baseline;
use super::caller::{Caller, ReadError};
use super::clock::earlier;
use super::content::ContentDiff;
use super::owned::OwnedIds;
use super::view::View;
use super::window::{CLOCK_MARGIN, Window};
use crate::organization::NewOrganization;
use crate::plan::Earlier;
use crate::text::quoted;
use crate::workos::{Organization, OrganizationsApi};
use jiff::Timestamp;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a lookup found for a row.
#[derive(Debug)]
pub(super) enum Found {
    /// Its organization, which the row now owns.
    Ours {
        organization: Box<Organization>,
        /// Whether it was created by a request of the row, not before.
        is_new: bool,
        /// What could not be compared, as the end of a message.
        caveat: String,
    },
    /// An organization has the row's external id and is not the row's.
    Taken(Box<Organization>),
    /// Nothing.
    Absent,
}

/// Which organizations there are, and which of them rows own.
#[derive(Debug, Default)]
pub(super) struct Lookup {
    baseline: Baseline,
    owned: Mutex<OwnedIds>,
    view: View,
}

impl Lookup {
    pub(super) fn new(baseline: Baseline, owned: Vec<u64>) -> Self {
        Self {
            baseline,
            owned: Mutex::new(OwnedIds::new(owned)),
            view: View::default(),
        }
    }

    pub(super) const fn baseline(&self) -> &Baseline {
        &self.baseline
    }

    /// Gives an organization to a row; `false` when another row owns it.
    pub(super) fn claim(&self, id: &str) -> bool {
        self.owned().insert(id)
    }

    /// Whether a row owns this organization.
    pub(super) fn is_owned(&self, id: &str) -> bool {
        self.owned().contains(id)
    }

    /// Whether an organization can be the work of requests within these windows.
    pub(super) fn is_new(&self, organization: &Organization, windows: &[Window]) -> bool {
        let is_within = |at: Timestamp| windows.iter().any(|window| window.contains(at));
        self.baseline.allows(organization) && organization.created_at.is_none_or(is_within)
    }

    /// Looks up the organization of a row once, and claims it.
    ///
    /// # Errors
    /// When WorkOS does not answer.
    pub(super) async fn find<A: OrganizationsApi>(
        &self,
        caller: &Caller<A>,
        new: &NewOrganization<'_>,
        earlier: Option<&Earlier>,
        windows: &[Window],
    ) -> Result<Found, ReadError> {
        let earlier = earlier.filter(|earlier| earlier.fingerprint != new.fingerprint());
        if let Some(earlier) = earlier
            && let Some(found) = self.find_earlier(caller, earlier, windows).await?
        {
            return Ok(found);
        }
        match &new.external_id {
            Some(external_id) => {
                let organization = by_external_id(caller, external_id).await?;
                Ok(organization.map_or(Found::Absent, |organization| {
                    self.judge(organization, new, windows)
                }))
            }
            None => self.find_in_view(caller, new, windows).await,
        }
    }

    /// Looks up what was sent for a row before it was edited.
    async fn find_earlier<A: OrganizationsApi>(
        &self,
        caller: &Caller<A>,
        earlier: &Earlier,
        windows: &[Window],
    ) -> Result<Option<Found>, ReadError> {
        let candidates = if let Some(id) = &earlier.external_id {
            by_external_id(caller, id).await?.into_iter().collect()
        } else {
            let (view, baseline) = (&self.view, &self.baseline);
            let created = view.created_since(caller, baseline, &earlier.name, back_to(windows));
            created.await?
        };
        for candidate in candidates {
            if self.is_owned(&candidate.id) || !self.is_new(&candidate, windows) {
                continue;
            }
            let candidate = with_all_fields(caller, candidate).await?;
            if candidate.fingerprint() == earlier.fingerprint && self.claim(&candidate.id) {
                let name = quoted(&candidate.name);
                return Ok(Some(Found::Ours {
                    organization: Box::new(candidate),
                    is_new: true,
                    caveat: format!(". It was created as {name} before the row was edited"),
                }));
            }
        }
        Ok(None)
    }

    /// Decides whether the organization with a row's external id is the row's.
    fn judge(
        &self,
        organization: Organization,
        new: &NewOrganization<'_>,
        windows: &[Window],
    ) -> Found {
        let diff = ContentDiff::between(&organization, new);
        let organization = Box::new(organization);
        if diff.is_equal() && self.claim(&organization.id) {
            Found::Ours {
                is_new: self.is_new(&organization, windows),
                caveat: diff.caveat(),
                organization,
            }
        } else {
            Found::Taken(organization)
        }
    }

    async fn find_in_view<A: OrganizationsApi>(
        &self,
        caller: &Caller<A>,
        new: &NewOrganization<'_>,
        windows: &[Window],
    ) -> Result<Found, ReadError> {
        let candidates =
            self.view
                .created_since(caller, &self.baseline, &new.name, back_to(windows));
        for candidate in candidates.await? {
            if self.is_owned(&candidate.id) || !self.is_new(&candidate, windows) {
                continue;
            }
            let candidate = with_all_fields(caller, candidate).await?;
            let diff = ContentDiff::between(&candidate, new);
            if diff.is_equal() && self.claim(&candidate.id) {
                return Ok(Found::Ours {
                    organization: Box::new(candidate),
                    is_new: true,
                    caveat: diff.caveat(),
                });
            }
        }
        Ok(Found::Absent)
    }

    fn owned(&self) -> MutexGuard<'_, OwnedIds> {
        self.owned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// When the oldest request within these windows can have been acted on; `None` where any time is
/// possible.
fn back_to(windows: &[Window]) -> Option<Timestamp> {
    // `None` is the least: it reaches back the furthest.
    let since = windows.iter().map(|window| window.since).min().flatten();
    since.map(|since| earlier(since, CLOCK_MARGIN))
}

/// The organization with this external id.
pub(super) async fn by_external_id<A: OrganizationsApi>(
    caller: &Caller<A>,
    external_id: &str,
) -> Result<Option<Organization>, ReadError> {
    let api = caller.api();
    let answer = caller
        .read_for_row(|| api.by_external_id(external_id))
        .await?;
    let Some(mut organization) = answer.value else {
        return Ok(None);
    };
    // An answer that leaves it out still was the answer to this question.
    organization
        .external_id
        .get_or_insert_with(|| external_id.to_owned());
    with_all_fields(caller, organization).await.map(Some)
}

/// Fetches an organization by its id where a listing has left fields out. They stay unknown where
/// that answer leaves them out as well.
pub(super) async fn with_all_fields<A: OrganizationsApi>(
    caller: &Caller<A>,
    listed: Organization,
) -> Result<Organization, ReadError> {
    if listed.domains.is_some() && listed.metadata.is_some() {
        return Ok(listed);
    }
    let api = caller.api();
    let answer = caller.read_for_row(|| api.by_id(&listed.id)).await?;
    Ok(match answer.value {
        Some(full) => Organization {
            domains: full.domains.or(listed.domains),
            metadata: full.metadata.or(listed.metadata),
            external_id: full.external_id.or(listed.external_id),
            created_at: full.created_at.or(listed.created_at),
            json: full.json,
            ..listed
        },
        None => listed,
    })
}
