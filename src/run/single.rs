//! One organization without a list: found, compared as a row of a sync is, and created or changed.

use super::console::Console;
use super::environment::Environment;
use super::setting::read_error;
use super::{Error, confirm};
use crate::engine::{Engine, ReadError, Shutdown, StopReason};
use crate::exit_code;
use crate::organization::{FieldChange, NewOrganization, Patch, SyncOptions, differences_in_words};
use crate::plan::{Create, Hit, Identity, MatchedBy, Operation, Task, Update, identify};
use crate::results::{ErrorName, Record, Status};
use crate::text::quoted;
use crate::workos::{Failure, Organization, OrganizationsApi};

/// What is done where the organization exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfExists {
    /// It is a conflict, unless it equals what is asked for.
    Refuse,
    /// It is returned if it has all values that are asked for.
    Get,
    /// It gets the values that it lacks.
    Update,
}

/// One organization that is asked for.
pub(crate) struct Single<'a, A, C> {
    pub(crate) engine: &'a Engine<A>,
    pub(crate) environment: &'a Environment,
    pub(crate) console: &'a C,
    pub(crate) shutdown: &'a Shutdown,
    pub(crate) if_exists: IfExists,
    /// Whether to ask before anything is changed in production.
    pub(crate) asks: bool,
}

/// Its result.
#[derive(Debug)]
pub(crate) struct Settled {
    pub(crate) record: Record,
    pub(crate) organization: Option<Box<Organization>>,
    /// What was changed, or what differs.
    pub(crate) changes: Vec<FieldChange>,
}

impl Settled {
    /// The outcome in a word, for scripts.
    pub(crate) const fn outcome(&self) -> &'static str {
        match (self.record.status, self.record.error) {
            (Status::Created, _) => "created",
            (Status::Updated, _) => "updated",
            (status, _) if status.is_done() => "existing",
            (Status::Conflict, _) => "conflict",
            (_, Some(ErrorName::InputError | ErrorName::ApiError))
                if !self.record.status.is_retryable() =>
            {
                "invalid"
            }
            _ => "unavailable",
        }
    }

    /// The exit code.
    pub(crate) fn exit_code(&self) -> u8 {
        match self.outcome() {
            "conflict" => exit_code::NEEDS_ATTENTION,
            "invalid" => exit_code::USAGE,
            "unavailable" if self.record.error == Some(ErrorName::AuthError) => {
                exit_code::CREDENTIALS
            }
            "unavailable" => exit_code::UNAVAILABLE,
            _ => exit_code::DONE,
        }
    }
}

impl<A: OrganizationsApi, C: Console> Single<'_, A, C> {
    /// Finds it, and creates or changes it where that is needed.
    ///
    /// # Errors
    /// When WorkOS cannot be asked, the key is refused, or a question is not answered with yes.
    pub(crate) async fn settle(&self, new: NewOrganization<'static>) -> Result<Settled, Error> {
        if let Some(settled) = self.existing(&new).await? {
            return Ok(settled);
        }
        self.ask("Create 1 organization").await?;
        let create = Create::new(new.clone(), None);
        let settled = self.process(Operation::Create(Box::new(create))).await?;
        if settled.record.status == Status::Conflict
            && let Some(existing) = self.existing(&new).await?
        {
            // Somebody has created it meanwhile.
            return Ok(existing);
        }
        Ok(settled)
    }

    /// What is done with the organization that exists; [`None`] where none does, or where it is
    /// not asked for.
    async fn existing(&self, new: &NewOrganization<'static>) -> Result<Option<Settled>, Error> {
        if self.if_exists == IfExists::Refuse {
            return Ok(None);
        }
        let found = self.engine.claimed_by(new).await;
        let found = found.map_err(|error| self.error(error))?;
        let hits = (0_u32..).zip(&found).flat_map(|(place, organization)| {
            let by = matched_by(organization, new).into_iter();
            by.map(move |by| Hit {
                by,
                row: 0,
                organization: place,
            })
        });
        let at = |place: u32| found.get(place as usize).cloned();
        match identify(hits.collect()).remove(&0) {
            Some(Identity::One(place)) => match at(place) {
                Some(organization) => self.compare(organization, new).await.map(Some),
                None => Ok(None),
            },
            Some(Identity::Several(places)) => {
                let candidates = places.iter().filter_map(|place| at(*place));
                let names: Vec<_> = candidates.map(|it| named(&it)).collect();
                let why = format!("it may be any of {}", names.join(", "));
                Ok(Some(conflict(why, "organization_ambiguous", None)))
            }
            Some(Identity::Taken { .. }) | None => Ok(None),
        }
    }

    async fn compare(
        &self,
        organization: Organization,
        new: &NewOrganization<'static>,
    ) -> Result<Settled, Error> {
        let before = organization.content();
        let after = match SyncOptions::default().target(&before, new) {
            Ok(after) => after,
            Err(why) => {
                let why = format!("{} exists: {why}", named(&organization));
                let id = Some(organization.id);
                return Ok(conflict(why, "external_id_differs", id));
            }
        };
        let changes = Patch::between(&before, &after).changes(&before);
        if changes.is_empty() {
            let record = Record {
                organization_id: Some(organization.id.clone()),
                message: Some("already in WorkOS with these values".to_owned()),
                ..Record::new(1, Status::Unchanged)
            };
            return Ok(Settled {
                record,
                organization: Some(Box::new(organization)),
                changes,
            });
        }
        if self.if_exists == IfExists::Get {
            let differing = differences_in_words(&changes);
            let why = format!("{} exists and differs: {differing}", named(&organization));
            let id = Some(organization.id);
            return Ok(Settled {
                changes,
                ..conflict(why, "organization_differs", id)
            });
        }
        self.ask("Update 1 organization").await?;
        let id = organization.id.clone();
        let update = Update::new(organization.id, before, after, new);
        let settled = self.process(Operation::Update(Box::new(update))).await?;
        let is_updated = settled.record.status.is_done();
        let organization = if is_updated {
            let read = self.engine.organization(&id).await;
            read.map_err(|error| self.error(error))?.map(Box::new)
        } else {
            None
        };
        Ok(Settled {
            organization,
            changes: if is_updated { changes } else { Vec::new() },
            ..settled
        })
    }

    async fn ask(&self, what: &str) -> Result<(), Error> {
        if !self.asks {
            return Ok(());
        }
        confirm::ask_about_one(what, self.environment, self.console, self.shutdown).await
    }

    pub(crate) async fn process(&self, operation: Operation) -> Result<Settled, Error> {
        let task = Task {
            row: 1,
            line: 1,
            list: crate::organization::Fingerprint(0),
            cells: None,
            operation,
        };
        match self.engine.process_one(task).await {
            Some((record, organization)) => Ok(Settled {
                organization: organization.filter(|_| record.status.is_done()),
                record,
                changes: Vec::new(),
            }),
            None => Err(match self.shutdown.reason() {
                Some(StopReason::KeyRefused(refusal)) => Error::KeyRefused(refusal),
                Some(StopReason::LongPause(pause)) => Error::LongPause {
                    api: self.environment.api.clone(),
                    hours: pause.as_secs() / 3600,
                },
                _ => Error::Interrupted,
            }),
        }
    }

    fn error(&self, error: ReadError) -> Error {
        match error {
            ReadError::Failed(Failure::Refused(refusal))
                if matches!(refusal.http_status, 401 | 403) =>
            {
                Error::KeyRefused(refusal)
            }
            error => read_error(error, self.shutdown, &self.environment.api),
        }
    }
}

/// What an organization and the one that is asked for have in common.
fn matched_by(organization: &Organization, new: &NewOrganization<'_>) -> Vec<MatchedBy> {
    let mut by = Vec::new();
    if new.external_id.is_some()
        && organization.external_id.as_deref() == new.external_id.as_deref()
    {
        by.push(MatchedBy::ExternalId);
    }
    let mut domains = organization.domains.iter().flatten();
    let is_asked_for = |domain: &String| {
        let mut asked = new.domain_data.iter();
        asked.any(|data| data.domain.eq_ignore_ascii_case(domain))
    };
    if domains.any(is_asked_for) {
        by.push(MatchedBy::Domain);
    }
    by
}

fn named(organization: &Organization) -> String {
    format!("{} ({})", quoted(&organization.name), organization.id)
}

fn conflict(message: String, code: &str, existing: Option<String>) -> Settled {
    Settled {
        record: Record {
            error: Some(ErrorName::ConflictError),
            code: Some(code.to_owned()),
            message: Some(message),
            existing_organization_id: existing,
            ..Record::new(1, Status::Conflict)
        },
        organization: None,
        changes: Vec::new(),
    }
}
