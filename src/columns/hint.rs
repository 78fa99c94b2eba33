//! What to do about columns that cannot be understood.

use super::error::Error;
use super::names::{closest, folded};
use super::role::Role;
use super::sense::{is_known, role};
use crate::table::Format;
use crate::text::{is_digits, quoted, shell};

impl Error {
    /// What to do about it, if there is something to say.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::MappingFile {
                action: "write", ..
            } => Some(
                "use a file name that does not exist yet, or delete this file first".to_owned(),
            ),
            Self::MappingFile { .. } => {
                Some("to create one: workos-orgs check FILE --write-mapping map.toml".to_owned())
            }
            Self::OtherColumns { source, .. } => source.hint(),
            Self::ColumnsChanged { .. } => Some(
                "rename the columns back to resume; a new import with another --results file \
                 would create rows without an external id again"
                    .to_owned(),
            ),
            Self::NamesOfPersons { column, likely } => {
                let likely = likely.as_ref().map(|likely| {
                    let likely = shell(likely);
                    format!("if companies are named in another column: --map name={likely}; ")
                });
                Some(format!(
                    "{}if these are names of organizations: --map name={}",
                    likely.unwrap_or_default(),
                    shell(column)
                ))
            }
            Self::NoIdColumn { header } => {
                let is_id = |column: &&String| matches!(role(column), Some((Role::ExternalId, _)));
                let named = header
                    .iter()
                    .find(is_id)
                    .map_or_else(String::new, |column| {
                        format!("if it is {0}: --map external_id={0}; ", shell(column))
                    });
                Some(format!(
                    "{named}--one-per name unites the rows with the same name"
                ))
            }
            Self::MappedTwice { .. } => Some("map it once".to_owned()),
            Self::NoNameColumn {
                header,
                format,
                likely,
            } => Some(no_name(header, *format, likely.as_deref())),
            Self::NoSuchColumn { column, header } => {
                let compared = "case, accents, spaces and punctuation in column names are \
                    ignored";
                Some(match closest(column, header) {
                    Some(other) => format!("did you mean {}? {compared}", quoted(other)),
                    None => compared.to_owned(),
                })
            }
            Self::Ambiguous { role, columns } => {
                Some(format!("choose one: {}", each_mapped(role, columns)))
            }
            Self::RepeatedColumn { .. } => {
                Some("give them different names in the file's header".to_owned())
            }
            Self::ResultsColumn { .. } => {
                Some("the workos_ columns contain results; choose another column".to_owned())
            }
        }
    }
}

/// What to do where no column is taken as the name.
fn no_name(header: &[String], format: Format, likely: Option<&str>) -> String {
    if header.iter().any(|cell| is_data(cell)) {
        return "the first line looks like data: add a header line above it, for example \
            name,domain,external_id"
            .to_owned();
    }
    let further_down = match format {
        Format::Csv => "; if the header is further down, use --header-row NUMBER",
        Format::Jsonl => "; for a value inside an object, --map name=KEY.KEY",
    };
    match (header, likely) {
        ([only], _) if format == Format::Csv && !is_known(only) => format!(
            "if that is a customer, add a header line above it: name; if it is the header: --map \
             name={}",
            shell(only)
        ),
        (_, Some(likely)) => {
            let elsewhere = if format == Format::Csv {
                further_down
            } else {
                ""
            };
            format!(
                "the likeliest column is {}: --map name={}{elsewhere}",
                quoted(likely),
                shell(likely)
            )
        }
        (_, None) => format!(
            "no column looks like names of organizations: add a column named name{further_down}"
        ),
    }
}

/// The options that give a role to each of several columns, for the user to choose from. A column
/// that says so in its name is likelier one of names than one that does not: `Customer` may hold
/// numbers, or yes and no.
fn each_mapped(role: &Role, columns: &[String]) -> String {
    let role = shell(&role.to_string());
    let mut likeliest_first: Vec<_> = columns.iter().collect();
    likeliest_first.sort_by_key(|column| !folded(column).contains("name"));
    let options = likeliest_first
        .into_iter()
        .map(|column| format!("--map {role}={}", shell(column)));
    options.collect::<Vec<_>>().join(" or ")
}

/// Whether a cell is no name of a column: a number, an e-mail address, a domain, a null.
fn is_data(cell: &str) -> bool {
    let cell = cell.trim();
    let is_domain = !cell.contains(char::is_whitespace)
        && cell.rsplit_once('.').is_some_and(|(before, ending)| {
            !before.is_empty() && ["com", "net", "org", "io", "de"].contains(&ending)
        });
    is_digits(cell) || is_domain || cell.contains('@') || cell == "\\N"
}
