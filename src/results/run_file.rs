//! The run file: what a results file cannot say of its run, kept so that a crash forgets nothing.
//!
//! It is a JSONL file to which lines are only ever added. Each line is synced to the disk before
//! what it announces is done, so that the last whole line is always true.

use super::{Error, run_file_path};
use crate::table::Format;
use crate::validate::IdShapes as Shapes;
use fs_err::{File, OpenOptions};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// What a run is: written once, when its results file is started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The version of the program that started it.
    pub program: String,
    /// The input as it was named on the command line.
    pub input: String,
    /// The form of the results file.
    pub format: Format,
    /// The original columns, in order.
    pub columns: Vec<String>,
    /// The base URL of the API.
    pub api: String,
    /// The environment of the key: `staging`, `production`, `unknown` or `sandbox`.
    pub environment: String,
    /// The fingerprint of the key.
    pub key: String,
    /// What there was in the environment before the run.
    pub marker: Marker,
    /// How the external ids of the list looked.
    #[serde(default)]
    pub ids: Shapes,
    /// How columns are understood, in the words of the room that reads them.
    pub mapping: serde_json::Value,
}

/// The newest organizations of the environment when a run began: what is older than them the run
/// cannot have created. Both by the server's own clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    /// When the newest one was created; `None` where there was none, or nobody could tell.
    pub created_at: Option<Timestamp>,
    /// The ids of those created in that very millisecond.
    #[serde(default)]
    pub ids: Vec<String>,
    /// Whether rows may have been sent earlier: the run file that said when the run began was lost.
    #[serde(default)]
    pub is_late: bool,
}

impl Marker {
    /// Whether an organization can have been created since.
    pub fn precedes(&self, id: &str, created_at: Option<Timestamp>) -> bool {
        match (self.created_at, created_at) {
            (Some(marker), Some(created)) => {
                created >= marker && !self.ids.iter().any(|known| known == id)
            }
            _ => true,
        }
    }
}

/// What a pass over the rows is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PassKind {
    /// All rows of the input.
    Import,
    /// The rows of the results file that are not done.
    Retry,
}

/// One pass over the rows, finished or interrupted and gone on with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pass {
    /// What it is for.
    pub kind: PassKind,
    /// A digest of the input file's bytes; `None` for standard input.
    #[serde(default)]
    pub digest: Option<String>,
    /// Up to which row number rows may have been sent before the pass began.
    #[serde(default)]
    pub handed_out: u64,
}

/// A line of the run file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Run(Box<Header>),
    Pass(Pass),
    Process { pid: u32, started_at: Timestamp },
    HandedOut(u64),
    AnswerLost(bool),
    Finished(u64),
}

/// What the lines of a run file add up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunState {
    /// What the run is; `None` where its line was lost.
    pub header: Option<Header>,
    /// The last pass.
    pub pass: Option<Pass>,
    /// Up to which row number rows of the last pass may have been sent; [`u64::MAX`] where a crash
    /// has torn the file, so that nobody can tell.
    pub handed_out: u64,
    /// Whether an answer was lost in the last pass.
    pub answer_lost: bool,
    /// How many rows the results file held when the last pass came to its end; `None` while it
    /// has not.
    pub finished: Option<u64>,
    /// Whether the end of the file was torn by a crash, and has been mended.
    pub torn: bool,
    holder: Option<(u32, Timestamp)>,
}

/// An open run file, locked against other processes for as long as it lives.
#[derive(Debug)]
pub struct RunFile {
    file: File,
    path: PathBuf,
    state: RunState,
    is_new: bool,
}

impl RunFile {
    /// Opens and locks the run file of a results file, and reads it; an empty one is made where
    /// there is none.
    ///
    /// # Errors
    /// When another process holds it, or it cannot be read or written.
    pub fn open(results: &Path) -> Result<Self, Error> {
        let path = run_file_path(results);
        let is_new = !path.exists();
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(&path)?;
        match file.file().try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => {
                let holder = read(&mut file).ok().and_then(|(state, _)| state.holder);
                return Err(Error::Locked {
                    results: results.to_owned(),
                    holder: holder.map_or_else(String::new, |(pid, since)| {
                        format!(" (process {pid}, since {since:.0})")
                    }),
                });
            }
            Err(std::fs::TryLockError::Error(error)) => return Err(error.into()),
        }
        super::replace::remove_unfinished(results);
        let (state, end) = read(&mut file)?;
        let torn = state.torn;
        let mut run_file = Self {
            file,
            path,
            state,
            is_new,
        };
        if torn {
            run_file.file.set_len(end)?;
            run_file.hand_out(u64::MAX)?;
        }
        Ok(run_file)
    }

    /// What the lines add up to.
    pub const fn state(&self) -> &RunState {
        &self.state
    }

    /// Writes what the run is.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn start(&mut self, header: Header) -> Result<(), Error> {
        self.add(&[Line::Run(Box::new(header))])?;
        super::replace::sync_directory(&self.path)?;
        Ok(())
    }

    /// Begins a pass: nothing of it has been handed out.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn begin(&mut self, pass: Pass) -> Result<(), Error> {
        self.add(&[Line::Pass(pass)])
    }

    /// Says which process is at work, for another one that finds the file locked.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn sign(&mut self) -> Result<(), Error> {
        self.add(&[Line::Process {
            pid: std::process::id(),
            started_at: Timestamp::now(),
        }])
    }

    /// Says that rows up to this number may be sent from now on, and returns when the disk knows.
    ///
    /// # Errors
    /// When the file cannot be written; the rows must then not be sent.
    pub fn hand_out(&mut self, up_to_row: u64) -> Result<(), Error> {
        self.add(&[Line::HandedOut(up_to_row)])
    }

    /// Says that an answer was lost, so that the end of the pass looks for duplicates, whichever
    /// process comes to it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn answer_lost(&mut self) -> Result<(), Error> {
        if self.state.answer_lost {
            return Ok(());
        }
        self.add(&[Line::AnswerLost(true)])
    }

    /// Says that the pass has come to its end, with so many rows in the results file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn finish(&mut self, rows: u64) -> Result<(), Error> {
        self.add(&[Line::Finished(rows)])
    }

    /// Forgets everything, to start over.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn clear(&mut self) -> Result<(), Error> {
        self.file.set_len(0)?;
        self.state = RunState::default();
        Ok(())
    }

    fn add(&mut self, lines: &[Line]) -> Result<(), Error> {
        let mut bytes = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut bytes, line).map_err(std::io::Error::from)?;
            bytes.push(b'\n');
        }
        let before = self.file.metadata()?.len();
        if let Err(error) = self
            .file
            .write_all(&bytes)
            .and_then(|()| self.file.sync_data())
        {
            // Half a line would spoil the next one.
            let _ = self.file.set_len(before);
            return Err(error.into());
        }
        for line in std::mem::take(&mut bytes).split(|&byte| byte == b'\n') {
            if let Ok(line) = serde_json::from_slice(line) {
                self.state.take(line);
            }
        }
        Ok(())
    }
}

/// A file that this process made and wrote nothing of a run to is removed again.
impl Drop for RunFile {
    fn drop(&mut self) {
        if self.is_new && self.state.header.is_none() {
            let _ = fs_err::remove_file(&self.path);
        }
    }
}

impl RunState {
    fn take(&mut self, line: Line) {
        match line {
            Line::Run(header) => self.header = Some(*header),
            Line::Pass(pass) => {
                self.handed_out = pass.handed_out;
                self.pass = Some(pass);
                self.answer_lost = false;
                self.finished = None;
            }
            Line::Process { pid, started_at } => self.holder = Some((pid, started_at)),
            Line::HandedOut(row) => {
                self.handed_out = row;
                self.finished = None;
            }
            Line::AnswerLost(lost) => self.answer_lost = lost,
            Line::Finished(rows) => self.finished = Some(rows),
        }
    }
}

/// What the run is that wrote a results file, if its run file tells. Nothing is locked for that.
pub fn began(results: &Path) -> Option<Header> {
    let mut file = File::open(run_file_path(results)).ok()?;
    read(&mut file).ok()?.0.header
}

/// Reads all whole lines; returns what they add up to and where they end.
fn read(file: &mut File) -> Result<(RunState, u64), Error> {
    file.seek(SeekFrom::Start(0))?;
    let mut reader = BufReader::new(file.file());
    let mut state = RunState::default();
    let mut end = 0;
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        let parsed = serde_json::from_slice(&line);
        match parsed {
            Ok(parsed) if line.ends_with(b"\n") => state.take(parsed),
            _ => {
                state.torn = true;
                break;
            }
        }
        end += line.len() as u64;
        line.clear();
    }
    Ok((state, end))
}
