//! `workos-orgs retry`: the rows of a results file that are not done are run again.

use super::conclusion::Conclusion;
use super::connection::Connection;
use super::judged::Judged;
use super::opening::{self, mapping_of};
use super::plan::{Answer, Plan, ask, columns, confirm};
use super::run::{Run, Watched};
use super::{Error, RunOptions};
use crate::columns::{Mapping, MappingOptions};
use crate::engine::{Edited, Event, Originals, Progress, RetryRows, refuse_others};
use crate::input::{ReadOptions, Reader, Source};
use crate::organization::DomainState;
use crate::results::{self, Header, Marker, Pass, PassKind, RunFile, Status, Writer};
use crate::text::counted;
use crate::text::shell;
use crate::ui::Printer;
use crate::validate::IdShapes as Shapes;
use std::path::PathBuf;

/// What to retry and how.
#[derive(Clone, Debug)]
pub struct RetryOptions {
    /// The results file.
    pub results: PathBuf,
    /// Which statuses to retry; all that are not done where none is named.
    pub only: Vec<Status>,
    /// How to read the results file, where its user has changed its form.
    pub read: ReadOptions,
    /// How to understand the columns, where no run file tells.
    pub mapping: MappingOptions,
    /// What import and retry are told alike.
    pub run: RunOptions,
}

/// Retries the rows of a results file; returns the exit code.
///
/// # Errors
/// When the run cannot be made at all. Rows that fail are in the results file.
pub async fn run(options: RetryOptions, printer: Printer) -> Result<u8, Error> {
    let results = &options.results;
    results::refuse_unsuitable(results)?;
    // As the user has left it, and so as it is told.
    let reader = Reader::open(&Source::File(results.clone()), &options.read)?;
    refuse_others(&reader, results)?;
    let connection = Connection::open(&options.run.connection).await?;
    let run_file = RunFile::open(results)?;
    may_retry(&run_file, &options, &connection)?;
    let began = run_file.state().header.clone();
    let edited = Edited::open(results, &options.read)?;
    let mapping = mapping(&options, began.as_ref(), edited.header(), edited.format())?;
    let file = results.display().to_string();
    let watched = Watched::new(&connection, options.run.settings, &file, printer);
    if began.is_none() {
        without_run_file(&options, &watched, &columns(&reader, &mapping)).await?;
    }
    let originals = originals(&edited, &connection, &watched).await?;
    let tidied = edited.tidy(&originals)?;
    if tidied.new_rows > 0 {
        let rows = counted(tidied.new_rows, "row");
        printer.tell(&format!("{rows} added since the last run"));
    }
    let run = Run {
        kind: PassKind::Retry,
        file,
        results: results.clone(),
        format: tidied.format,
        header: tidied.header,
        mapping,
        run_file: opening::shared(run_file),
        is_whole: true,
        printer,
        json: options.run.json,
    };
    let retry = Retry {
        options: &options,
        connection: &connection,
        run: &run,
        began,
        has_new_numbers: tidied.renumbered > 0,
    };
    retry.go(watched, &reader).await
}

/// Says what nobody knows without the run file, and goes on only if that is wanted.
async fn without_run_file(
    options: &RetryOptions,
    watched: &Watched,
    columns: &str,
) -> Result<(), Error> {
    let run_file = results::run_file_path(&options.results);
    let state = options.mapping.domain_state.unwrap_or_default();
    let state = match state {
        DomainState::Pending => "pending",
        DomainState::Verified => "verified",
    };
    watched.printer.insist(&format!(
        "{} is not there, which says how the import was made. Without it\n  \
         columns are guessed:     {columns}\n  \
         domains are created as:  {state}\n  \
         the WorkOS environment of the import is not known",
        run_file.display()
    ));
    if confirm(watched, &options.run, "Go on without it?").await? == Answer::Yes {
        return Ok(());
    }
    Err(Error::Usage {
        message: format!("nothing was sent: {} is not there", run_file.display()),
        hint: "put it back beside the results file, under that name. Or, if what is said above is what you want, add --yes; --map, --mapping and --domain-state change it".to_owned(),
    })
}

/// Asks WorkOS which of several copies of a row is the one whose organization it is.
async fn originals(
    edited: &Edited,
    connection: &Connection,
    watched: &Watched,
) -> Result<Originals, Error> {
    let mut originals = Originals::default();
    for copied in edited.copies()? {
        let organization = watched.engine.organization(&copied.organization_id).await;
        let organization = organization.map_err(|failure| watched.error(&connection.api, failure));
        if let Some(organization) = organization? {
            originals.tell(&copied, &organization);
        }
    }
    Ok(originals)
}

fn may_retry(
    run_file: &RunFile,
    options: &RetryOptions,
    connection: &Connection,
) -> Result<(), Error> {
    let state = run_file.state();
    let Some(header) = &state.header else {
        return Ok(());
    };
    opening::refuse_other_environment(header, &options.results, connection)?;
    let kind = state.pass.as_ref().map(|pass| pass.kind);
    if kind == Some(PassKind::Import) && state.finished.is_none() {
        return Err(results::Error::Unfinished {
            results: options.results.clone(),
            input: shell(&header.input),
        }
        .into());
    }
    Ok(())
}

fn mapping(
    options: &RetryOptions,
    began: Option<&Header>,
    header: &[String],
    format: crate::table::Format,
) -> Result<Mapping, Error> {
    let resolve = |options: &MappingOptions| Mapping::resolve(header, format, options);
    let Some(base) = began.and_then(mapping_of) else {
        return Ok(resolve(&options.mapping)?);
    };
    let changed = MappingOptions {
        base: Some(base),
        ..options.mapping.clone()
    };
    resolve(&changed).map_err(|error| {
        // With options it may be about a column that they name.
        if options.mapping == MappingOptions::default() {
            error.in_run(&options.results).into()
        } else {
            error.into()
        }
    })
}

/// A retry that is about to be made.
struct Retry<'a> {
    options: &'a RetryOptions,
    connection: &'a Connection,
    run: &'a Run,
    /// What the run file says of the run, if there is one.
    began: Option<Header>,
    /// Whether rows have other numbers than they had before.
    has_new_numbers: bool,
}

impl Retry<'_> {
    async fn go(self, mut watched: Watched, reader: &Reader) -> Result<u8, Error> {
        let run = self.run;
        let mut progress = Progress::read(&mut run.scan()?)?;
        let only = &self.options.only;
        let judged = self.judge()?;
        let wanted = judged.summary.rows;
        if wanted == 0 {
            return Conclusion::nothing_left(run, &progress).tell();
        }
        let plan = Plan {
            file: &run.file,
            reader,
            mapping: &run.mapping,
            connection: self.connection,
            results: &run.results,
            settings: self.options.run.settings,
            rows: wanted,
            settled: progress.rows().saturating_sub(wanted),
            judged: &judged,
            has_suspects: progress.has_doubtful() || self.goes_on(),
        };
        let opened = self.open(&plan, &mut watched, &mut progress).await;
        let writer = opened.inspect_err(|_| watched.clear())?;
        let suspects_up_to = run.run_file().state().handed_out;
        let rows = RetryRows::new(run.scan()?, run.examiner(), only.clone(), suspects_up_to);
        let rows = rows.up_to(progress.end);
        run.go(watched, rows, writer).await?.tell()
    }

    /// Judges all rows, and says what there is to say of those that are to be tried again.
    fn judge(&self) -> Result<Judged, Error> {
        let path = shell(&self.run.file);
        let mut judged = Judged::new(format!("workos-orgs check {path} shows them"));
        let mut examiner = self.run.examiner();
        for entry in self.run.scan()? {
            let (row, record) = entry?.into_row();
            let found = examiner.examine(&row);
            let status = record.map(|record| record.status);
            if RetryRows::is_wanted(&self.options.only, status) {
                judged.add(&row, &found);
                judged.add_id(&found);
            }
        }
        Ok(judged)
    }

    /// Asks whether external ids are meant that a spreadsheet seems to have changed.
    async fn ask_for_ids(&self, watched: &Watched, now: &Shapes) -> Result<(), Error> {
        let began = self.began.as_ref();
        let Some((began, damage)) = began.and_then(|began| {
            let damage = now.damage_since(&began.ids)?;
            Some((began, damage))
        }) else {
            return Ok(());
        };
        watched.printer.insist(&format!(
            "the external ids {damage}: a spreadsheet has probably taken them for numbers"
        ));
        let question = "Go on with the ids as they are now?";
        if confirm(watched, &self.options.run, question).await? == Answer::Yes {
            return Ok(());
        }
        Err(Error::Usage {
            message: "nothing was sent: the external ids are not those of the import".to_owned(),
            hint: format!(
                "put them back as they stand in {}, and let the spreadsheet take their column as text. Or, if they are meant, add --yes",
                began.input
            ),
        })
    }

    /// Whether an earlier retry was interrupted, and this one goes on with it.
    fn goes_on(&self) -> bool {
        let run_file = self.run.run_file();
        let state = run_file.state();
        let kind = state.pass.as_ref().map(|pass| pass.kind);
        kind == Some(PassKind::Retry) && state.finished.is_none()
    }

    async fn open(
        &self,
        plan: &Plan<'_>,
        watched: &mut Watched,
        progress: &mut Progress,
    ) -> Result<Writer, Error> {
        let (run, connection) = (self.run, self.connection);
        run.printer.tell(&plan.text());
        self.ask_for_ids(watched, &plan.judged.ids).await?;
        ask(watched, &self.options.run, connection).await?;
        let observers = watched.engine.observers();
        observers.tell(&Event::RowsCounted(plan.rows));
        watched.show();
        let now = watched.greet(&connection.api).await?;
        let marker = match &self.began {
            Some(began) => {
                opening::same_key(began, progress, &run.results, connection, watched).await?;
                began.marker.clone()
            }
            None => Marker {
                is_late: true,
                ..now
            },
        };
        let owned = std::mem::take(&mut progress.owned);
        watched.engine.set_out(marker.clone(), owned);
        self.begin(marker, &plan.judged.ids)?;
        let writer = Writer::append(&run.results, run.format, &run.header, progress.end);
        Ok(writer.map_err(results::Error::from)?)
    }

    /// Makes the run file ready for the first row.
    fn begin(&self, marker: Marker, ids: &Shapes) -> Result<(), Error> {
        let run = self.run;
        let goes_on = self.goes_on();
        let mut run_file = run.run_file();
        let began = self.began.as_ref();
        if began.is_none_or(|began| began.columns != run.header) {
            let ids = began.map_or(ids, |began| &began.ids).clone();
            run_file.start(opening::header(run, self.connection, marker, ids))?;
        }
        if !goes_on || self.has_new_numbers {
            // By its new number nobody can tell whether a row was handed out before.
            let all_are_suspects = goes_on && run_file.state().handed_out > 0;
            let pass = run_file.state().pass.as_ref();
            let digest = pass.and_then(|pass| pass.digest.clone());
            run_file.begin(Pass {
                kind: PassKind::Retry,
                digest,
                handed_out: if all_are_suspects { u64::MAX } else { 0 },
            })?;
        }
        run_file.sign()?;
        Ok(())
    }
}
