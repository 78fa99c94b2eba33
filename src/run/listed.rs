//! Listing the environment once for a sync: organizations that may be a row's are kept on the disk
//! with all their values.

use super::existing::Failed;
use super::memory::Memory;
use super::{Error, SyncRequest};
use crate::engine::{Engine, ReadError};
use crate::plan::{Hit, Keys, MatchedBy, hash_of};
use crate::snapshot::{Listing, Spool, list};
use crate::workos::{ListQuery, Organization, OrganizationsApi};
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

/// How many organizations that the list does not have are kept to be shown.
const SHOWN: usize = 1000;

/// What listing the environment has shown of the rows.
pub(super) struct Listed<'a> {
    keys: &'a Keys,
    memory: &'a Memory,
    matches_names: bool,
    pub(super) spool: Spool,
    pub(super) hits: Vec<Hit>,
    /// Rows that have the name of an organization that is there.
    pub(super) namesakes: HashSet<u32>,
    shows_others: bool,
    /// Organizations that are no row's, as (id, name), by the hash of the id.
    pub(super) others: HashMap<u64, (String, String)>,
    /// Organizations that the listing did not tell fully.
    partly: Vec<String>,
}

impl<'a> Listed<'a> {
    pub(super) fn new(
        keys: &'a Keys,
        memory: &'a Memory,
        sync: &SyncRequest,
    ) -> std::io::Result<Self> {
        Ok(Self {
            keys,
            memory,
            matches_names: sync.options.match_name,
            spool: Spool::new()?,
            hits: Vec::new(),
            namesakes: HashSet::new(),
            shows_others: sync.show_missing,
            others: HashMap::new(),
            partly: Vec::new(),
        })
    }

    /// Lists everything; returns how many organizations there are.
    pub(super) async fn list<A: OrganizationsApi>(
        &mut self,
        engine: &Engine<A>,
    ) -> Result<u64, Failed> {
        let seen = Mutex::new((&mut *self, None));
        let fetch = async |query: ListQuery<'_>| {
            let page = engine.list(&query).await?;
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            let (listed, error) = &mut *seen;
            for organization in &page.data {
                if let Err(failed) = listed.see(organization) {
                    error.get_or_insert(failed);
                }
            }
            Ok::<_, ReadError>(page)
        };
        let listing = list(fetch, None).await?;
        let (_, error) = seen.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = error {
            return Err(temporary(error).into());
        }
        let Listing::Complete(snapshot) = listing else {
            return Err(Failed::List(Error::Usage {
                message: "WorkOS does not list organizations here, so there is nothing to compare the list with".to_owned(),
                hint: "use workos-orgs import, which creates organizations without a list of those that are there".to_owned(),
            }));
        };
        for id in std::mem::take(&mut self.partly) {
            let organization = engine.organization(&id).await.map_err(Failed::Read)?;
            if let Some(organization) = organization {
                self.spool.add(&organization).map_err(temporary)?;
            }
        }
        Ok(snapshot.len() as u64)
    }

    pub(super) fn see(&mut self, organization: &Organization) -> std::io::Result<()> {
        let found = self.rows_of(organization);
        if found.is_empty() {
            if self.shows_others && self.others.len() < SHOWN {
                let shown = (organization.id.clone(), organization.name.clone());
                self.others.insert(hash_of(Some(&organization.id)), shown);
            }
            return Ok(());
        }
        if !organization.is_fully_listed() {
            self.partly.push(organization.id.clone());
        }
        let place = self.spool.add(organization)?;
        self.hits.extend(found.into_iter().map(|(by, row)| Hit {
            by,
            row,
            organization: place,
        }));
        Ok(())
    }

    /// The rows that an organization may be, and by what. The name alone counts only where that is
    /// asked for.
    fn rows_of(&mut self, organization: &Organization) -> Vec<(MatchedBy, u32)> {
        let id = hash_of(Some(&organization.id));
        let mut found = self.keys.rows_of(organization, self.memory.is_owned(id));
        if !self.matches_names {
            let of_name = found.extract_if(.., |(by, _)| *by == MatchedBy::Name);
            self.namesakes.extend(of_name.map(|(_, row)| row));
        }
        found
    }
}

pub(super) fn temporary(source: std::io::Error) -> Error {
    Error::System {
        what: "cannot use a temporary file",
        source,
    }
}
