//! `workos-orgs check`: checks a list for errors without sending anything.

mod json;
mod next;
mod outputs;
mod text;
mod titles;
mod unmapped;

use super::Error;
use super::opening::mapping_of;
use crate::columns::{Mapping, MappingOptions};
use crate::engine::is_results;
use crate::exit_code;
use crate::input::{ReadOptions, Reader, Source};
use crate::results::began;
use crate::text::quoted;
use crate::validate::{LateKey, Validated, ValidationSummary, Validator};
use outputs::Cleaned;
use std::io::{self, Write};
use std::path::PathBuf;
use unmapped::Unmapped;

/// How many examples of each kind are shown.
const EXAMPLES: usize = 3;

/// What to check, and what to print.
#[derive(Clone, Debug)]
pub struct CheckOptions {
    /// The list.
    pub source: Source,
    /// How to read it.
    pub read: ReadOptions,
    /// Which column means what.
    pub mapping: MappingOptions,
    /// Whether every finding is listed, row by row.
    pub verbose: bool,
    /// Whether the findings are printed as one JSON object.
    pub json: bool,
    /// Where to write the list with its cells cleaned.
    pub fixed: Option<PathBuf>,
    /// Where to write the mapping.
    pub write_mapping: Option<PathBuf>,
    /// Requests per second, for the expected time; `None` if there is no limit.
    pub rate: Option<f64>,
    /// The words by which the program was called, its own name first: what to run next is said
    /// with the same options.
    pub called: Vec<String>,
}

/// A list that was looked through.
struct Checked<'a> {
    options: &'a CheckOptions,
    reader: &'a Reader,
    mapping: &'a Mapping,
    summary: &'a ValidationSummary,
    late_keys: &'a [LateKey],
    unmapped: &'a Unmapped,
}

impl Checked<'_> {
    /// How many seconds the import will take at least; `None` without a limit.
    fn expected_seconds(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "no list has 2^52 rows")]
        let valid = self.summary.valid as f64;
        self.options.rate.map(|rate| valid / rate)
    }
}

/// Checks a list and prints the result to `out`, and the written files to `err`. Returns
/// the exit code: 1 if there are rows that cannot be sent.
///
/// # Errors
/// When the list cannot be read, or something cannot be written.
pub fn run(
    options: &CheckOptions,
    out: &mut (dyn Write + Send),
    err: &mut dyn Write,
) -> Result<u8, Error> {
    outputs::judge(options)?;
    let mut reader = Reader::open(&options.source, &options.read)?;
    let mapping = mapping(options, &reader)?;
    let fixed = options.fixed.as_deref();
    let mut fixed = fixed
        .map(|path| Cleaned::begin(path, &reader, &mapping))
        .transpose()?;
    if let Some(path) = &options.write_mapping {
        mapping.save(path)?;
        print(err, &format!("mapping written to {}", path.display()))?;
    }
    let mut summary = ValidationSummary::new(match (options.verbose, options.json) {
        // Each finding is listed where it occurs.
        (true, false) => 0,
        (true, true) => usize::MAX,
        (false, _) => EXAMPLES,
    });
    let mut validator = Validator::of_input(mapping.clone(), &reader);
    let mut unmapped = Unmapped::new(reader.header(), &mapping);
    if !options.json {
        written(text::opening(out, options, &reader, &mapping))?;
    }
    validator.examine_all(&mut reader, |row, found| -> Result<(), Error> {
        summary.add(row.line, found);
        unmapped.sample(row);
        if let Some(fixed) = &mut fixed {
            fixed.write(row, &found.changes)?;
        }
        if options.verbose && !options.json {
            written(text::findings(out, options, row.line, found))?;
        }
        Ok(())
    })?;
    if let (Some(fixed), Some(path)) = (fixed, &options.fixed) {
        fixed.finish()?;
        print(err, &format!("cleaned list written to {}", path.display()))?;
    }
    let checked = Checked {
        options,
        reader: &reader,
        mapping: &mapping,
        summary: &summary,
        late_keys: validator.late_keys(),
        unmapped: &unmapped,
    };
    written(if options.json {
        json::write(out, &checked)
    } else {
        text::closing(out, &checked)
    })?;
    written(out.flush())?;
    let clean = summary.invalid() == 0;
    Ok(if clean {
        exit_code::DONE
    } else {
        exit_code::NEEDS_ATTENTION
    })
}

/// Which column means what: for a results file as in its run, and so as a retry takes it.
fn mapping(options: &CheckOptions, reader: &Reader) -> Result<Mapping, Error> {
    let began = match &options.source {
        Source::File(path) if is_results(reader) => began(path),
        _ => None,
    };
    let options = MappingOptions {
        base: began.as_ref().and_then(mapping_of),
        ..options.mapping.clone()
    };
    Ok(Mapping::resolve(
        reader.header(),
        reader.format(),
        &options,
    )?)
}

fn print(err: &mut dyn Write, line: &str) -> Result<(), Error> {
    written(writeln!(err, "{line}"))
}

/// A broken pipe is not an error.
fn written(result: io::Result<()>) -> Result<(), Error> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::System {
            what: "cannot write the findings",
            source: error,
        }),
        _ => Ok(()),
    }
}
