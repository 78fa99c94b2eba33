//! Whether a list, a key and an environment are those of the run that the journal has.

use super::environment::{Environment, in_words};
use super::memory::Memory;
use super::{Error, Opened};
use crate::engine::{Engine, ReadError};
use crate::journal::{self, List, State};
use crate::text::{shell, shell_path, untrusted};
use crate::workos::OrganizationsApi;
use std::collections::HashSet;
use std::path::Path;

impl Memory {
    /// Refuses to resume a run of another API, or of a key of another environment.
    pub(super) fn refuse_other_environment(
        &self,
        opened: &Opened,
        environment: &Environment,
    ) -> Result<(), Error> {
        let Some(run) = self.last_run() else {
            return Ok(());
        };
        if run.api == environment.api && run.environment == environment.name {
            return Ok(());
        }
        let results = &opened.results;
        if self.is_of_sandbox() {
            return Err(Error::Mismatch {
                message: format!(
                    "{} is from a test run in a sandbox that is gone",
                    results.display()
                ),
                hint: format!(
                    "fix the list itself, then import it: workos-orgs import {}; or name another results file with --results",
                    shell(&run.list.name)
                ),
            });
        }
        let (was, is) = (in_words(&run.environment, &run.api), environment.in_words());
        let kinds = if run.api == environment.api {
            format!(
                "was made with a {} key; your key is for {}",
                run.environment,
                environment.kind_of_key()
            )
        } else {
            format!("belongs to a run against {was}, and this one is against {is}")
        };
        Err(Error::Mismatch {
            message: format!("{} {kinds}", results.display()),
            hint: format!(
                "use the key and base URL of that run to resume it. To import its rows, as they are now, with this key: workos-orgs import {} --as-list",
                shell_path(results)
            ),
        })
    }

    /// With another key of the same kind, the organizations of the run must be there; otherwise
    /// the key belongs to another environment.
    pub(super) async fn check_key<A: OrganizationsApi>(
        &self,
        engine: &Engine<A>,
        environment: &Environment,
        results: &Path,
    ) -> Result<Result<(), Error>, ReadError> {
        let Some(run) = self.last_run().filter(|run| run.key != environment.key) else {
            return Ok(Ok(()));
        };
        let Some(example) = self.example() else {
            return Ok(Ok(()));
        };
        if engine.organization(&example).await?.is_some() {
            return Ok(Ok(()));
        }
        let was = in_words(&run.environment, &run.api);
        Ok(Err(Error::Mismatch {
            message: format!(
                "{} belongs to a run against {was} with key {}, and key {} does not have organization {example}",
                results.display(),
                run.key,
                environment.key
            ),
            hint: "use the key of that run, or another key of the same environment; for a new import, name another file with --results".to_owned(),
        }))
    }

    /// An organization that a row of the journal owns.
    fn example(&self) -> Option<String> {
        let state = self.state.as_ref()?;
        let (row, _) = state.owned().next()?;
        let mut reader = journal::Reader::open(&self.path).ok()?;
        reader.outcome(state, row).ok()??.organization_id
    }

    /// Refuses to retry a results file that does not have all rows of an unfinished import: the
    /// others are only in its list. `numbers` are the row numbers that the file has.
    pub(super) fn refuse_unfinished_import(
        &self,
        numbers: &HashSet<u64>,
        opened: &Opened,
    ) -> Result<(), Error> {
        let import = self
            .state
            .as_ref()
            .filter(|state| !state.is_import_finished());
        let Some(import) = import.and_then(State::last_import) else {
            return Ok(());
        };
        let mut rows = import.numbering.iter();
        if rows.all(|(number, _)| numbers.contains(&number)) {
            return Ok(());
        }
        Err(Error::Mismatch {
            message: format!(
                "the import of {} is not finished, and {} does not have all of its rows",
                untrusted(&import.list.name, 200),
                opened.results.display()
            ),
            hint: format!(
                "finish it first: workos-orgs import {}",
                shell(&import.list.name)
            ),
        })
    }

    /// Refuses a list that is another one than that of the journal: another sheet, or a header in
    /// another line.
    pub(super) fn refuse_other_list(&self, list: &List, opened: &Opened) -> Result<(), Error> {
        let Some(import) = self.state.as_ref().and_then(State::last_import) else {
            return Ok(());
        };
        let (was, is) = (&import.list, list);
        if was.sheet.is_some() != is.sheet.is_some()
            && let Some(error) = self.other_file(list, opened)
        {
            return Err(error);
        }
        let what = if was.sheet != is.sheet {
            let name = |sheet: &Option<String>| match sheet {
                Some(sheet) => format!("sheet \"{}\"", untrusted(sheet, 60)),
                None => "no sheet".to_owned(),
            };
            format!(
                "{} of {}, not of {}",
                name(&was.sheet),
                untrusted(&was.name, 200),
                name(&is.sheet)
            )
        } else if was.read.header_row != is.read.header_row {
            let line = |row: Option<u64>| row.map_or("1".to_owned(), |row| row.to_string());
            format!(
                "{} with the header in line {}, not in line {}",
                untrusted(&was.name, 200),
                line(was.read.header_row),
                line(is.read.header_row)
            )
        } else {
            return Ok(());
        };
        Err(other_list(opened, &what))
    }

    /// The refusal of a list from a file of another name than that of the journal.
    pub(super) fn other_file(&self, list: &List, opened: &Opened) -> Option<Error> {
        let import = self.state.as_ref().and_then(State::last_import)?;
        let (was, is) = (Path::new(&import.list.name), Path::new(&list.name));
        let what = format!("it was made from {}", untrusted(&import.list.name, 200));
        (was.file_name() != is.file_name()).then(|| other_list(opened, &what))
    }
}

/// The refusal of another list.
fn other_list(opened: &Opened, what: &str) -> Error {
    Error::Mismatch {
        message: format!(
            "{} has the results of another list: {what}",
            opened.results.display()
        ),
        hint: format!(
            "keep the results of this list in a file of their own: add --results NAME, for example --results {}",
            shell_path(&opened.results.with_extension(format!(
                "2.{}",
                opened.results.extension().unwrap_or_default().to_string_lossy()
            )))
        ),
    }
}
