//! The organizations of the rows of a sync, as they were when the rows were compared with them.

use crate::organization::{NewOrganization, SyncOptions};
use crate::plan::Update;
use crate::snapshot::Spooled;
use std::collections::HashMap;

/// The organizations of the rows of a sync, with all their values.
#[derive(Debug)]
pub(super) struct Matched {
    spooled: Spooled,
    /// The place of the organization of each row, by the place of the row.
    of: HashMap<u32, u32>,
    /// The hashes of their ids.
    ids: Vec<u64>,
    options: SyncOptions,
}

impl Matched {
    pub(super) fn new(
        spooled: Spooled,
        of: HashMap<u32, u32>,
        ids: Vec<u64>,
        options: SyncOptions,
    ) -> Self {
        Self {
            spooled,
            of,
            ids,
            options,
        }
    }

    /// The hashes of the ids of the organizations that are changed.
    pub(super) fn ids(&self) -> impl Iterator<Item = u64> {
        self.ids.iter().copied()
    }

    /// The change of the organization of a row.
    pub(super) fn update(
        &mut self,
        index: usize,
        row: &NewOrganization<'_>,
    ) -> std::io::Result<Option<Update>> {
        let place = u32::try_from(index).ok();
        let Some(organization) = place.and_then(|place| self.of.get(&place)) else {
            return Ok(None);
        };
        let organization = self.spooled.get(*organization)?;
        let before = organization.content();
        let target = self.options.target(&before, row);
        let update = |after| Update::new(organization.id, before, after, row);
        Ok(target.ok().map(update))
    }

    /// What is created for a row without an organization.
    pub(super) fn to_create<'a>(&self, row: NewOrganization<'a>) -> NewOrganization<'a> {
        self.options.without_cleared(row)
    }
}
