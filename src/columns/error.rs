//! Why the columns of a list cannot be understood, or a mapping file not be used.

use super::role::Role;
use crate::table::Format;
use crate::text::{listed, quoted};
use std::path::Path;

/// Columns that cannot be understood, or a mapping file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The mapping file cannot be read, written or understood.
    #[error("cannot {action} the mapping file {path}")]
    MappingFile {
        /// `read` or `write`.
        action: &'static str,
        /// The file.
        path: String,
        /// What is wrong.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The mapping file does not fit the list.
    #[error("the mapping file {path} does not fit this list")]
    OtherColumns {
        /// The file.
        path: String,
        /// Which column is missing, or is there twice.
        #[source]
        source: Box<Self>,
    },
    /// The list has other columns than when the run began.
    #[error("the columns of the list have changed since the run in {results}")]
    ColumnsChanged {
        /// The results file of the run.
        results: String,
        /// Which column is missing, or is there twice.
        #[source]
        source: Box<Self>,
    },
    /// No column can serve as the name.
    #[error("no column holds the organization's name; {}", columns_found(.header))]
    NoNameColumn {
        /// The columns that are there.
        header: Vec<String>,
        /// The form of the rows.
        format: Format,
        /// The column that probably does, by what it holds.
        likely: Option<String>,
    },
    /// Rows are to be united by their external id, and no column has one.
    #[error("no column holds the external id by which rows are united; {}", columns_found(.header))]
    NoIdColumn {
        /// The columns that are there.
        header: Vec<String>,
    },
    /// A column that the options name is not there.
    #[error("column {} not found; {}", quoted(.column), columns_found(.header))]
    NoSuchColumn {
        /// The column asked for.
        column: String,
        /// The columns that are there.
        header: Vec<String>,
    },
    /// Several columns could serve equally.
    #[error("several columns could be the {role}: {}", listed(.columns))]
    Ambiguous {
        /// What they could serve as.
        role: Role,
        /// Their headers.
        columns: Vec<String>,
    },
    /// The column of the name seems to hold those of persons.
    #[error("column {} looks like people's names: the list has columns about persons", quoted(.column))]
    NamesOfPersons {
        /// Its header.
        column: String,
        /// A column that may hold those of companies, by what it holds.
        likely: Option<String>,
    },
    /// The options give a role to two columns.
    #[error("the {role} is mapped twice: {}", columns.iter().map(|c| quoted(c)).collect::<Vec<_>>().join(" and "))]
    MappedTwice {
        /// The role.
        role: String,
        /// Their headers.
        columns: Vec<String>,
    },
    /// Several columns have the same header.
    #[error("several columns are named {}", quoted(.column))]
    RepeatedColumn {
        /// Their header.
        column: String,
    },
    /// A column of the results file was asked for as input.
    #[error("{} is a column of the results file, not of the customer list", quoted(.column))]
    ResultsColumn {
        /// Its header.
        column: String,
    },
}

impl Error {
    /// The error of columns that are not chosen between.
    pub(super) fn ambiguous(role: &Role, columns: Vec<String>) -> Self {
        match columns.first() {
            Some(first) if columns.iter().all(|column| column == first) => Self::RepeatedColumn {
                column: first.clone(),
            },
            _ => Self::Ambiguous {
                role: role.clone(),
                columns,
            },
        }
    }

    /// The same, about a run that began with a column which the list no longer has.
    #[must_use]
    pub fn in_run(self, results: &Path) -> Self {
        Self::ColumnsChanged {
            results: results.display().to_string(),
            source: Box::new(self),
        }
    }

    /// The same, about a mapping file whose column is not that of the list.
    pub(super) fn in_mapping_file(self, path: &Path) -> Self {
        Self::OtherColumns {
            path: path.display().to_string(),
            source: Box::new(self),
        }
    }
}

/// A clause that lists the columns of a file.
fn columns_found(header: &[String]) -> String {
    if header.is_empty() {
        "no columns were found".to_owned()
    } else {
        format!("columns found: {}", listed(header))
    }
}
