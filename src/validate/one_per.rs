//! What the rows of one organization have in common.

use super::cells::{Cell, Column};
use super::validated::Change;
use super::values::{is_placeholder, says_nothing};
use crate::columns::OnePer;
use crate::organization::{NewOrganization, domain, name_key};
use crate::table::Row;
use crate::text::trim;
use icu_normalizer::ComposingNormalizerBorrowed;
use std::borrow::Cow;
use xxhash_rust::xxh3::xxh3_64;

/// What is compared.
#[derive(Clone, Debug)]
pub(super) enum Key {
    Name,
    ExternalId,
    Column(Column),
    /// Nothing: each row is an organization.
    Nothing,
}

impl Key {
    pub(super) fn new(one_per: &OnePer, header: &[String]) -> Self {
        match one_per {
            OnePer::Row => Self::Nothing,
            OnePer::Name => Self::Name,
            OnePer::ExternalId => Self::ExternalId,
            OnePer::Column(column) => Self::Column(Column::new(column, header)),
        }
    }

    /// The hash of a row's text, as it is compared; 0 where it is blank or says nothing.
    pub(super) fn of(&self, row: &Row, organization: &NewOrganization<'_>) -> u64 {
        let text: Cow<'_, str> = match self {
            Self::Nothing => Cow::Borrowed(""),
            Self::Name => Cow::Borrowed(organization.name.as_ref()),
            Self::ExternalId => organization.external_id.clone().unwrap_or_default(),
            Self::Column(column) => match column.cell(row) {
                Cell::Text(text) => Cow::Owned(trim(&text).to_owned()),
                Cell::Nested(raw) => Cow::Owned(raw.get().to_owned()),
            },
        };
        if text.is_empty() || is_placeholder(&text) || says_nothing(&text) {
            return 0;
        }
        let compared = match self {
            Self::Name => Cow::Owned(name_key(&text)),
            // WorkOS compares ids byte by byte.
            Self::ExternalId | Self::Nothing => text,
            Self::Column(_) => ComposingNormalizerBorrowed::new_nfc()
                .normalize(&text)
                .into_owned()
                .into(),
        };
        xxh3_64(compared.as_bytes()).max(1)
    }
}

/// Anyone can have a mail account there, so these say nothing of the organization.
pub(super) fn leave_out_consumer_domains<'a>(
    organization: &mut NewOrganization<'a>,
    changes: &mut Vec<Change<'a>>,
) {
    organization.domain_data.retain(|data| {
        let is_consumer = domain::is_consumer_domain(&data.domain);
        if is_consumer {
            changes.push(Change {
                code: "domain_consumer_left_out",
                column: Cow::Borrowed("domain"),
                from: data.domain.clone(),
                to: Cow::Borrowed(""),
            });
        }
        !is_consumer
    });
}
