//! What to do about columns that cannot be understood.

use super::error::Error;
use super::names::{closest, folded, is_known};
use super::role::Role;
use crate::table::Format;
use crate::text::{is_digits, quoted, shell};

impl Error {
    /// What to do about it, if there is something to say.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::MappingFile {
                action: "write", ..
            } => Some(
"name a file that does not exist yet, or remove this one first".to_owned()),
            Self::MappingFile { .. } => Some(
"workos-orgs check FILE --write-mapping map.toml writes one to start from".to_owned()),
            Self::OtherColumns { source, .. } => source.hint(),
            Self::ColumnsChanged { .. } => Some(
                "give the columns the names that they had, and the run goes on; a new import, with \
                 another file named by --results, creates rows without an external id once more"
                    .to_owned(),
            ),
            Self::NamesOfPersons { column } => Some(format!(
                "say which column holds the companies' names, with --map name=COLUMN; if it is this \
                 one: --map name={}",
                shell(column)
            )),
            Self::MappedTwice { .. } => Some("give it once".to_owned()),
            Self::NoNameColumn { header, format } => Some(no_name(header, *format)),
            Self::NoSuchColumn { column, header } => {
                let compared = "column names are compared without case, accents, spaces and punctuation";
                Some(match closest(column, header) {
                    Some(other) => format!("did you mean {}? {compared}", quoted(other)),
                    None => compared.to_owned(),
                })
            }
            Self::Ambiguous { role, columns } => Some(format!(
                "say which one it is: {}",
                each_mapped(role, columns)
            )),
            Self::RepeatedColumn { .. } => {
                Some("give them different names in the file's header".to_owned())
            }
            Self::ResultsColumn { .. } => {
                Some("the workos_ columns hold outcomes; name another column".to_owned())
            }
        }
    }
}

/// What to do where no column is taken as the name.
fn no_name(header: &[String], format: Format) -> String {
    match header {
        _ if format == Format::Jsonl => {
            "say which one it is with --map name=KEY, or name=KEY.KEY for one in an object"
                .to_owned()
        }
        header if header.iter().any(|cell| is_data(cell)) => {
            "the first line seems to be a row of the list: put a line above it that names the \
             columns, for example name,domain,external_id"
                .to_owned()
        }
        [only] if !is_known(only) => format!(
            "if that is a customer, put a line above it that names the column: name; if it is the \
             column's name: --map name={}",
            shell(only)
        ),
        _ => "say which one it is with --map name=COLUMN; if the table begins further down, with \
              --header-row NUMBER"
            .to_owned(),
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
