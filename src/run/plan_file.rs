//! A plan as a file: what `plan --json` and `plan --output plan.json` write, and what
//! `sync --plan` reads again to carry out just that.
//!
//! A plan says what is changed in WorkOS, so it is believed only if it is exactly what this program
//! wrote: a checksum over all its values shows that it was not edited.

use super::Error;
use super::environment::{Environment, in_words};
use super::key_source;
use super::object::SCHEMA;
use super::planned::PlannedRow;
use super::understood::Understood;
use crate::organization::{Fingerprint, SyncOptions};
use crate::text::untrusted;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use xxhash_rust::xxh3::Xxh3;

/// The program and its version, which reads only its own plans.
const PROGRAM: &str = concat!("workos-orgs ", env!("CARGO_PKG_VERSION"));

/// A plan as it is in a file: the object of `plan --json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanFile<'a> {
    schema: u32,
    command: Cow<'a, str>,
    environment: Place<'a>,
    error: Option<Cow<'a, str>>,
    exit_code: u8,
    /// The program that made it.
    program: Cow<'a, str>,
    /// The list.
    input: Cow<'a, str>,
    /// The fingerprint of the key.
    key: Cow<'a, str>,
    /// How the list was understood.
    pub(super) understood: Cow<'a, Understood>,
    /// How rows were compared with organizations.
    pub(super) comparison: Cow<'a, SyncOptions>,
    pub(super) counts: Counts,
    pub(super) other_organizations: Option<u64>,
    pub(super) not_in_list: Vec<Other<'a>>,
    /// The rows for which something is to do.
    pub(super) planned: Cow<'a, [PlannedRow]>,
    /// Over all the values before.
    checksum: Fingerprint,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place<'a> {
    name: Cow<'a, str>,
    api: Cow<'a, str>,
}

/// How many rows of each kind a plan has.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Counts {
    pub(super) create: u64,
    pub(super) update: u64,
    pub(super) unchanged: u64,
    pub(super) conflict: u64,
    pub(super) invalid: u64,
    pub(super) look_up: u64,
    pub(super) left: u64,
}

/// An organization that the list does not have.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Other<'a> {
    pub(super) id: Cow<'a, str>,
    pub(super) name: Cow<'a, str>,
}

/// What a plan is recognized by, whatever else is in the file.
#[derive(Deserialize)]
struct Head {
    schema: Option<u32>,
    command: Option<String>,
    program: Option<String>,
    error: Option<serde::de::IgnoredAny>,
}

impl<'a> PlanFile<'a> {
    /// The plan of a list in which nothing is to do.
    pub(super) fn of(
        environment: &'a Environment,
        list: &'a str,
        understood: &'a Understood,
        exit_code: u8,
    ) -> Self {
        Self {
            schema: SCHEMA,
            command: "plan".into(),
            environment: Place {
                name: (&*environment.name).into(),
                api: (&*environment.api).into(),
            },
            error: None,
            exit_code,
            program: PROGRAM.into(),
            input: list.into(),
            key: (&*environment.key).into(),
            understood: Cow::Borrowed(understood),
            comparison: Cow::default(),
            counts: Counts::default(),
            other_organizations: None,
            not_in_list: Vec::new(),
            planned: Cow::default(),
            checksum: Fingerprint(0),
        }
    }

    /// Writes the plan, as it is made, with its checksum.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn write(mut self, out: &mut dyn Write) -> io::Result<()> {
        self.checksum = self.sum()?;
        let mut out = BufWriter::new(out);
        serde_json::to_writer(&mut out, &self)?;
        out.flush()
    }
}

impl PlanFile<'_> {
    /// Reads a plan. `again` is the command that makes it again.
    ///
    /// # Errors
    /// When it is no plan, not whole, edited, or of another version.
    pub fn read(path: &Path, again: &str) -> Result<PlanFile<'static>, Error> {
        let refused = |what: &str| refused(path, again, what);
        let bytes =
            std::fs::read(path).map_err(|source| refused(&format!("cannot be read: {source}")))?;
        parse(&key_source::text(&bytes)).map_err(|what| refused(&what))
    }

    /// Refuses to carry the plan out in another environment than it was made for.
    ///
    /// # Errors
    /// When it was.
    pub(super) fn refuse_elsewhere(&self, environment: &Environment) -> Result<(), Error> {
        let Place { name, api } = &self.environment;
        let is_same_place = *name == environment.name && *api == environment.api;
        if is_same_place && self.key == environment.key {
            return Ok(());
        }
        let (was, is) = if is_same_place {
            let is = &environment.key;
            (
                format!("key {}", untrusted(&self.key, 60)),
                format!("key {is}"),
            )
        } else {
            let was = in_words(name, api);
            (untrusted(&was, 200), environment.in_words())
        };
        Err(Error::Mismatch {
            message: format!("the plan was made for {was}, and this is {is}: nothing was sent"),
            hint:
                "use the key and base URL of the plan, or make the plan again with workos-orgs plan"
                    .to_owned(),
        })
    }

    /// The checksum of a plan whose own checksum is 0.
    fn sum(&self) -> serde_json::Result<Fingerprint> {
        let mut sum = Checksum(Xxh3::new());
        serde_json::to_writer(BufWriter::new(&mut sum), self)?;
        Ok(Fingerprint(sum.0.digest()))
    }
}

/// # Errors
/// What is wrong with the file, as the end of a sentence.
fn parse(text: &str) -> Result<PlanFile<'static>, String> {
    if !text.trim_start().starts_with('{') {
        return Err("is not a plan in JSON".to_owned());
    }
    let head: Head = serde_json::from_str(text).map_err(|error| damage(&error))?;
    head.check()?;
    let mut file: PlanFile<'static> = serde_json::from_str(text).map_err(|error| damage(&error))?;
    let checksum = std::mem::replace(&mut file.checksum, Fingerprint(0));
    if file.sum().map_err(|error| error.to_string())? != checksum {
        let what = "was edited after it was made: its values do not have the checksum at its end";
        return Err(what.to_owned());
    }
    Ok(file)
}

impl Head {
    /// # Errors
    /// When it is not that of a plan of this program.
    fn check(self) -> Result<(), String> {
        let command = self.command.unwrap_or_default();
        if command != "plan" {
            let shown = untrusted(&command, 20);
            return Err(format!(
                "is not a plan (its \"command\" is \"{shown}\", expected \"plan\")"
            ));
        }
        if self.error.is_some() {
            return Err("says why a plan could not be made, and has none".to_owned());
        }
        let program = self.program.unwrap_or_default();
        if program != PROGRAM || self.schema != Some(SCHEMA) {
            let shown = untrusted(&program, 40);
            return Err(format!("was made by \"{shown}\", and this is {PROGRAM}"));
        }
        Ok(())
    }
}

/// Where a file is damaged, and what was expected there.
fn damage(error: &serde_json::Error) -> String {
    let place = format!("line {}, column {}", error.line(), error.column());
    if error.is_eof() {
        return format!("is cut off at {place}: it was not written to its end");
    }
    let what = error.to_string();
    let what = what.split(" at line ").next().unwrap_or_default();
    format!("is damaged at {place}: {}", untrusted(what, 300))
}

fn refused(path: &Path, again: &str, what: &str) -> Error {
    Error::Plan {
        message: format!("{} {what}", untrusted(&path.display().to_string(), 300)),
        hint: format!("make the plan again: {again}"),
    }
}

/// Sums up what is written to it.
struct Checksum(Xxh3);

impl Write for Checksum {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::planned::Action;
    use super::super::understood::usual;
    use super::*;

    fn rows() -> Vec<PlannedRow> {
        vec![PlannedRow {
            line: 2,
            action: Action::Create,
            name: "Acme \u{fc}".to_owned(),
            external_id: Some("a-1".to_owned()),
            organization_id: None,
            changes: Vec::new(),
            reason: None,
            fingerprint: Some(Fingerprint(7)),
        }]
    }

    fn written() -> String {
        let environment = Environment {
            api: "https://api.workos.com/".to_owned(),
            name: "staging".to_owned(),
            key: "0123456789ab".to_owned(),
            key_shown: "sk_test_…".to_owned(),
        };
        let understood = usual();
        let mut file = PlanFile::of(&environment, "crm.csv", &understood, 0);
        file.counts.create = 1;
        file.planned = rows().into();
        let mut out = Vec::new();
        file.write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn refusal(text: &str) -> String {
        parse(text).map(|_| ()).unwrap_err()
    }

    #[test]
    fn a_plan_reads_back_also_where_another_program_has_laid_it_out_otherwise() {
        let text = written();
        assert_eq!(*parse(&text).unwrap().planned, rows());
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        assert_eq!(*parse(&pretty).unwrap().planned, rows());
    }

    #[test]
    fn a_plan_that_is_cut_off_anywhere_is_refused_with_the_place() {
        let text = written();
        for (length, _) in text.char_indices().skip(1) {
            let what = refusal(&text[..length]);
            assert!(what.contains("line 1, column "), "{length}: {what}");
        }
    }

    #[test]
    fn any_other_value_is_noticed() {
        let text = written();
        for (was, is) in [
            ("\"line\":2", "\"line\":3"),
            ("Acme", "Acmf"),
            ("a-1", "a-2"),
            ("create\",\"name", "update\",\"name"),
            ("\"create\":1", "\"create\":2"),
            ("crm.csv", "crm2.csv"),
            ("api.workos.com", "api.workos.org"),
            ("\"domains\":\"add\"", "\"domains\":\"exact\""),
            ("\"limit\":null", "\"limit\":5"),
            ("0000000000000007", "0000000000000008"),
        ] {
            let edited = text.replacen(was, is, 1);
            assert_ne!(edited, text, "{was}");
            assert!(refusal(&edited).contains("was edited"), "{was}");
        }
        let unknown = text.replacen("{\"line\"", "{\"extra\":1,\"line\"", 1);
        assert!(refusal(&unknown).contains("unknown field `extra`"));
    }

    #[test]
    fn what_is_no_plan_of_this_version_is_refused() {
        let text = written();
        let newer = text.replacen(PROGRAM, "workos-orgs 99.0.0", 1);
        assert!(refusal(&newer).contains("was made by \"workos-orgs 99.0.0\""));
        let other = text.replacen("\"command\":\"plan\"", "\"command\":\"import\"", 1);
        assert!(refusal(&other).contains("is not a plan"));
        assert!(refusal("line,action\n2,create\n").contains("is not a plan in JSON"));
        assert!(refusal("{}").contains("is not a plan"));
        assert!(refusal("{\"command\": nope}").contains("is damaged at line 1, column"));
    }
}
