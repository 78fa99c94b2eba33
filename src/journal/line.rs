//! A line of a journal as replay needs it: ids as hashes, and without what only a reader of one row
//! wants to know.
//!
//! It is as strict as [`Event`](super::Event): an unknown event or field is an error.

use super::{Alive, AnswerLost, Ended, Opening, Paused, Run, Withdrawn, id_hash};
use crate::organization::{Content, Fingerprint};
use crate::results::Status;
use jiff::Timestamp;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::collections::BTreeMap;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    Journal(Opening),
    Run(Box<Run>),
    Dispatched(Dispatched),
    Outcome(Outcome),
    Withdrawn(Withdrawn),
    AnswerLost(AnswerLost),
    Paused(Paused),
    Alive(Alive),
    Ended(Ended),
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Dispatched {
    pub(super) at: Option<Timestamp>,
    pub(super) rows: Vec<DispatchedRow>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DispatchedRow {
    pub(super) row: u64,
    pub(super) list: Fingerprint,
    #[serde(default)]
    pub(super) sent: Option<Fingerprint>,
    #[serde(default, rename = "cells")]
    _cells: IgnoredFingerprint,
    #[serde(rename = "name")]
    _name: IgnoredAny,
    #[serde(default)]
    pub(super) external_id: Option<IdHash>,
    #[serde(default)]
    pub(super) update: Option<UpdateOf>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UpdateOf {
    #[serde(rename = "organization_id")]
    _organization_id: IgnoredAny,
    #[serde(rename = "before")]
    _before: Content,
    #[serde(rename = "after")]
    _after: Content,
    #[serde(default, rename = "domain_states")]
    _domain_states: BTreeMap<String, String>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Outcome {
    pub(super) row: u64,
    pub(super) list: Fingerprint,
    #[serde(default)]
    pub(super) sent: Option<Fingerprint>,
    #[serde(default, rename = "cells")]
    _cells: IgnoredFingerprint,
    #[serde(default, rename = "name")]
    _name: IgnoredAny,
    #[serde(default)]
    pub(super) external_id: Option<IdHash>,
    pub(super) status: Status,
    #[serde(default)]
    pub(super) organization_id: Option<IdHash>,
    #[serde(default, rename = "error")]
    _error: IgnoredAny,
    #[serde(default, rename = "code")]
    _code: IgnoredAny,
    #[serde(default, rename = "message")]
    _message: IgnoredAny,
    #[serde(default, rename = "http_status")]
    _http_status: IgnoredAny,
    #[serde(default, rename = "request_id")]
    _request_id: IgnoredAny,
    #[serde(default, rename = "attempts")]
    _attempts: IgnoredAny,
    #[serde(default, rename = "existing_organization_id")]
    _existing_organization_id: IgnoredAny,
    #[serde(default, rename = "changes")]
    _changes: IgnoredAny,
    #[serde(default, rename = "finished_at")]
    _finished_at: IgnoredAny,
}

/// A fingerprint that only a reader of one row wants to know.
#[derive(Debug, Default, PartialEq)]
pub(super) struct IgnoredFingerprint;

impl<'de> Deserialize<'de> for IgnoredFingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Fingerprint::deserialize(deserializer).map(|_| Self)
    }
}

/// The [hash](super::id_hash) of an id.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct IdHash(pub(super) u64);

impl<'de> Deserialize<'de> for IdHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not a plain `&str`: an id with an escape cannot be borrowed.
        let id = Cow::<'de, str>::deserialize(deserializer)?;
        Ok(Self(id_hash(&id)))
    }
}

impl Outcome {
    pub(super) fn new(
        row: u64,
        (list, sent): (Fingerprint, Option<Fingerprint>),
        external_id: Option<IdHash>,
        status: Status,
        organization_id: Option<IdHash>,
    ) -> Self {
        Self {
            row,
            list,
            sent,
            _cells: IgnoredFingerprint,
            _name: IgnoredAny,
            external_id,
            status,
            organization_id,
            _error: IgnoredAny,
            _code: IgnoredAny,
            _message: IgnoredAny,
            _http_status: IgnoredAny,
            _request_id: IgnoredAny,
            _attempts: IgnoredAny,
            _existing_organization_id: IgnoredAny,
            _changes: IgnoredAny,
            _finished_at: IgnoredAny,
        }
    }
}

impl DispatchedRow {
    pub(super) fn new(
        row: u64,
        (list, sent): (Fingerprint, Option<Fingerprint>),
        external_id: Option<IdHash>,
    ) -> Self {
        Self {
            row,
            list,
            sent,
            _cells: IgnoredFingerprint,
            _name: IgnoredAny,
            external_id,
            update: None,
        }
    }
}
