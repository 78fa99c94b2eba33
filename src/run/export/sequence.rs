//! The sequence of an export.

use super::columns::{Columns, Metadata};
use super::render::render;
use super::spool::Spool;
use crate::engine::{Engine, ReadError};
use crate::run::Error;
use crate::run::console::Console;
use crate::run::setting::read_error;
use crate::snapshot::{self, Listing, list};
use crate::storage::{Storage, Unfinished};
use crate::table::Format;
use crate::text::{counted, untrusted};
use crate::workos::{DetailsApi, ListQuery, Organization, OrganizationsApi, Page};
use std::cell::RefCell;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How often a line of progress is written.
const EVERY: Duration = Duration::from_secs(5);

/// What is asked for.
#[derive(Clone, Debug)]
pub struct ExportRequest {
    /// The file to write; standard output where there is none.
    pub output: Option<PathBuf>,
    /// CSV or JSONL.
    pub format: Format,
    /// Whether metadata is written in one column.
    pub metadata_json: bool,
    /// Whether an existing file is replaced.
    pub overwrite: bool,
}

/// What was exported.
#[derive(Clone, Debug, Default)]
pub struct Exported {
    /// How many organizations.
    pub organizations: u64,
    /// What the user should know of the list.
    pub notices: Vec<String>,
}

/// Exports all organizations of an environment. `out` is standard output.
///
/// # Errors
/// When WorkOS does not list them to the end, or the file cannot be written. There is no file then.
pub async fn export<A: OrganizationsApi + DetailsApi>(
    request: &ExportRequest,
    engine: &Engine<A>,
    setting: (&impl Console, &dyn Storage, &str),
    out: &mut dyn Write,
) -> Result<Exported, Error> {
    let (console, storage, api) = setting;
    refuse_unsuitable(request)?;
    let spool = list_all(engine, console, api).await?;
    let count = spool.count();
    let (mut lines, keys) = spool.into_lines().map_err(unwritten)?;
    let columns = Columns::new(keys, request.metadata_json);
    let mut notice = None;
    match &request.output {
        Some(path) => storage
            .replace(path, &mut |file| {
                let mut file = BufWriter::with_capacity(128 * 1024, file);
                notice = render(&mut lines, request.format, &columns, &mut file)?;
                file.flush()
            })
            .map_err(unwritten)?,
        None => match render(&mut lines, request.format, &columns, out) {
            Ok(found) => notice = found,
            // The reader has read enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                return Ok(Exported::default());
            }
            Err(error) => return Err(unwritten(error)),
        },
    }
    let mut notices = Vec::new();
    if request.format == Format::Csv
        && !request.metadata_json
        && columns.metadata == Metadata::Object
    {
        notices.push(
            "the metadata keys cannot be columns, so metadata is one column of JSON objects"
                .to_owned(),
        );
    }
    notices.extend(notice);
    for notice in &notices {
        console.warn(notice);
    }
    let place = request.output.as_ref().map_or_else(String::new, |path| {
        format!(" to {}", untrusted(&path.display().to_string(), 500))
    });
    console.info(&format!(
        "exported {}{place}",
        counted(count, "organization")
    ));
    Ok(Exported {
        organizations: count,
        notices,
    })
}

/// Refuses a file that exists or cannot be written, before anything is listed.
fn refuse_unsuitable(request: &ExportRequest) -> Result<(), Error> {
    let Some(path) = &request.output else {
        return Ok(());
    };
    let shown = || untrusted(&path.display().to_string(), 500);
    if path.exists() && !request.overwrite {
        return Err(Error::Usage {
            message: format!("{} already exists", shown()),
            hint: "use a file name that does not exist yet, or add --overwrite".to_owned(),
        });
    }
    writable(path).map_err(|error| Error::Usage {
        message: format!("cannot write {}: {error}", shown()),
        hint: "use a folder that exists and that you can write to".to_owned(),
    })
}

fn writable(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    Unfinished::beside(path).map(drop)
}

/// Lists all organizations, from both ends at once.
async fn list_all<A: OrganizationsApi + DetailsApi>(
    engine: &Engine<A>,
    console: &impl Console,
    api: &str,
) -> Result<Spool, Error> {
    let spool = RefCell::new((Spool::new().map_err(unwritten)?, Ok(())));
    let last = RefCell::new(Instant::now());
    let fetch = async |query: ListQuery<'_>| -> Result<Page, ReadError> {
        let page = engine.list_details(&query).await?;
        let (spool, written) = &mut *spool.borrow_mut();
        for organization in &page.data {
            if written.is_ok() {
                *written = spool.add(organization, query.order);
            }
        }
        if last.borrow().elapsed() >= EVERY {
            last.replace(Instant::now());
            let so_far = counted(spool.count(), "organization");
            console.info(&format!("{so_far} listed so far"));
        }
        Ok(page.map(Organization::from))
    };
    let listing = list(fetch, None).await;
    let (spool, written) = spool.into_inner();
    written.map_err(unwritten)?;
    match listing {
        Ok(Listing::Complete(_) | Listing::Exceeded { .. }) => Ok(spool),
        Ok(Listing::Unsupported) => Err(Error::Usage {
            message: "there is no list of organizations at this URL".to_owned(),
            hint: "check --base-url or WORKOS_BASE_URL".to_owned(),
        }),
        Err(snapshot::Error::Fetch(error)) => Err(read_error(error, engine.shutdown(), api)),
        Err(error) => Err(Error::Listing(error)),
    }
}

fn unwritten(source: io::Error) -> Error {
    Error::System {
        what: "cannot write the export",
        source,
    }
}
