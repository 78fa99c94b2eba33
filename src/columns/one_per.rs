//! What there is one organization for: a row, or all rows that have something in common.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What the rows of one organization have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnePer {
    /// Nothing: each row is an organization of its own.
    Row,
    /// The name.
    Name,
    /// The external id.
    ExternalId,
    /// The text in this column.
    Column(String),
}

impl FromStr for OnePer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim() {
            "" => Err("expected row, name, external_id or a column".to_owned()),
            "row" => Ok(Self::Row),
            "name" => Ok(Self::Name),
            "external_id" => Ok(Self::ExternalId),
            _ => Ok(Self::Column(text.to_owned())),
        }
    }
}

impl fmt::Display for OnePer {
    /// As the option has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Row => "row",
            Self::Name => "name",
            Self::ExternalId => "external_id",
            Self::Column(column) => column,
        })
    }
}

/// What is sent where the rows of one organization differ in a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Differing {
    /// Nothing: it is a problem of all these rows.
    #[default]
    Problem,
    /// The value of the first row that has one.
    First,
    /// All values of a metadata key, joined by commas; of names and external ids the first.
    Join,
}

impl Differing {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde calls it with a reference"
    )]
    pub(super) fn is_problem(&self) -> bool {
        *self == Self::Problem
    }
}

impl FromStr for Differing {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim() {
            "first" => Ok(Self::First),
            "join" => Ok(Self::Join),
            _ => Err("expected first or join".to_owned()),
        }
    }
}
