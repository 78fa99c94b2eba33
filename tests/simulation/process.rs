//! One command: the program's own run, which can die at every await and at every write.

use crate::command::{Command, request};
use crate::disk::{self, SimulatedDisk};
use crate::random::Random;
use crate::server::Server;
use crate::sheet::Sheet;
use crate::trace::Trace;
use crate::writers::Other;
use futures::future::poll_fn;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::{Pin, pin};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use workos_orgs::engine::{
    Clock, Engine, Event, Observer, Policy, Rate, Settings, Shutdown, StopReason,
};
use workos_orgs::run::{
    self, Answer, Conclusion, Console, Environment, Error, ExportRequest, Invocation, Live, Opened,
    Setting,
};
use workos_orgs::storage::{Disk, Storage};
use workos_orgs::table::Format;

/// What happens while it runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hazards {
    /// The process dies when it was polled so often.
    pub(crate) crash_at_poll: Option<u64>,
    pub(crate) disk: disk::Hazards,
    /// Whether a crash is a loss of power.
    pub(crate) is_power_loss: bool,
    /// When Ctrl-C is pressed.
    pub(crate) interrupts: Vec<Duration>,
    /// What somebody does to the files meanwhile, and when.
    pub(crate) meddling: Vec<(Duration, Meddling)>,
    /// What the customer's own application does meanwhile, and to which organization.
    pub(crate) application: Vec<(Duration, Other, u64)>,
}

/// What somebody does to a file during a run.
#[derive(Clone, Debug)]
pub(crate) enum Meddling {
    Delete(PathBuf),
    Truncate(PathBuf, u64),
    Append(PathBuf, String),
}

/// How a command ended.
#[derive(Debug)]
pub(crate) enum Ended {
    Concluded(Box<Conclusion>),
    Refused(Error),
    Crashed,
}

/// The machine on which the commands run.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    pub(crate) server: Server,
    pub(crate) disk: SimulatedDisk,
    pub(crate) trace: Trace,
    pub(crate) started: Instant,
}

#[derive(Debug)]
struct Script {
    says: Option<bool>,
    trace: Trace,
    pause: Duration,
    names: Vec<Vec<(String, String)>>,
    customers: Vec<Option<usize>>,
    /// What the program says of renamed rows.
    renamed: Mutex<Vec<String>>,
}

/// Whether a renamed row, as the program names it, is the customer that it was: `line 2: "Acme"
/// (external id a-9) was created as "Acme" (external id a-1)`. `None` where that cannot be read.
/// `customers` are those of the lines that the user sees.
pub(crate) fn is_same_customer(
    text: &str,
    names: &[Vec<(String, String)>],
    customers: &[Option<usize>],
) -> Option<bool> {
    let quoted: Vec<&str> = text.split('"').collect();
    let now = *quoted.get(1)?;
    let was = *quoted.get(3).unwrap_or(&now);
    let id = |at: usize| {
        let text = quoted.get(at)?.trim_start().strip_prefix("(external id ")?;
        text.split_once(')').map(|(id, _)| id)
    };
    let (now_id, was_id) = (id(2), id(4));
    let is_named = |versions: &[(String, String)], name: &str, id: Option<&str>| {
        let mut versions = versions.iter();
        versions.any(|version| version.0 == name && id.is_none_or(|id| version.1 == id))
    };
    let line = quoted.first()?.trim_end_matches(": ");
    let line: usize = line.rsplit(' ').next()?.parse().ok()?;
    let of_line = customers.get(line.checked_sub(2)?).copied().flatten();
    let mut customers: Vec<_> = of_line.and_then(|at| names.get(at)).into_iter().collect();
    if customers.is_empty() {
        customers = names.iter().collect();
    }
    let mut customers = customers.into_iter();
    Some(customers.any(|it| is_named(it, now, now_id) && is_named(it, was, was_id)))
}

/// The customers of the lines of a file.
pub(crate) fn customers_of(path: &Path) -> Vec<Option<usize>> {
    let sheet = Sheet::read(path);
    let rows = |sheet: Sheet| {
        (0..sheet.rows.len())
            .map(|row| sheet.customer(row))
            .collect()
    };
    sheet.map(rows).unwrap_or_default()
}

impl Script {
    fn answer(&self, question: &str) -> Option<bool> {
        if !question.contains("Keep these organizations") {
            return self.says;
        }
        let renamed = self.renamed.lock().unwrap();
        let mut same = renamed
            .iter()
            .map(|line| is_same_customer(line, &self.names, &self.customers));
        self.says.map(|_| same.all(|is_same| is_same == Some(true)))
    }
}

impl Console for Script {
    fn info(&self, text: &str) {
        for line in text.lines().filter(|line| !line.is_empty()) {
            if line.contains("created as \"") {
                self.renamed.lock().unwrap().push(line.to_owned());
            }
            self.trace.say(format!("    | {line}"));
        }
    }

    fn warn(&self, text: &str) {
        self.info(text);
    }

    fn can_ask(&self) -> bool {
        self.says.is_some()
    }

    async fn ask(&self, question: &str, _word: &str) -> Answer {
        sleep(self.pause).await;
        let says = self.answer(question);
        self.trace.say(format!("    ? {question} {says:?}"));
        match says {
            Some(true) => Answer::Yes,
            Some(false) => Answer::No,
            None => Answer::CannotAsk,
        }
    }
}

struct Watch(Trace);

impl Observer for Watch {
    fn observe(&mut self, event: &Event<'_>) {
        if let Event::RowFinished { name, record, .. } = event {
            let id = record.organization_id.as_deref().unwrap_or_default();
            let id = id.trim_start_matches("org_").trim_start_matches('0');
            let message = record.message.as_deref().unwrap_or_default();
            self.0.say(format!(
                "    row {} {name:?}: {} {id} {message}",
                record.row, record.status
            ));
        }
    }
}

/// Every file of a folder but the program's temporary ones.
pub(crate) fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if !path.to_string_lossy().ends_with(".unfinished") {
            found.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
    found
}

impl Machine {
    fn clock(&self) -> Clock {
        let base = Timestamp::from_second(1_700_000_000).unwrap();
        Clock::simulated(base + self.started.elapsed())
    }

    /// Runs a command to its end, or to its death.
    pub(crate) async fn run(
        &self,
        command: &Command,
        hazards: Hazards,
        random: &mut Random,
    ) -> Ended {
        let is_dead = self.disk.begin(hazards.disk.clone());
        let request = match request(command).with_plan(&Invocation::default()) {
            Ok(request) => request,
            Err(error) => return Ended::Refused(error),
        };
        let opened = match Opened::open(&request) {
            Ok(opened) => opened,
            Err(error) => return Ended::Refused(error),
        };
        let key = if command.has_wrong_key {
            "sk_…wrong"
        } else {
            "sk_…right"
        };
        let name = if command.is_production {
            "production"
        } else {
            "staging"
        };
        let environment = Environment {
            api: "https://api.workos.com".to_owned(),
            name: name.to_owned(),
            key: key.to_owned(),
            key_shown: key.to_owned(),
        };
        let console = Script {
            says: command.says,
            trace: self.trace.clone(),
            pause: Duration::from_millis(random.below(3000)),
            names: command.names.clone(),
            customers: customers_of(&command.path),
            renamed: Mutex::default(),
        };
        let shutdown = Shutdown::default();
        let setting = Setting {
            environment: &environment,
            storage: Arc::new(self.disk.clone()),
            console: &console,
            shutdown: shutdown.clone(),
            clock: self.clock(),
            // Its digits are part of what a crash cuts.
            pid: 12_345,
            live: Live::Inline,
        };
        let api = self
            .server
            .client(Arc::clone(&is_dead), command.has_wrong_key);
        let watch = Box::new(Watch(self.trace.clone()));
        let run = Box::pin(run::run(&request, opened, api, watch, setting));
        let happens = pin!(self.happens(&hazards, &shutdown));
        let ended = drive(run, happens, hazards.crash_at_poll, || {
            is_dead.load(Ordering::Relaxed)
        });
        let ended = ended.await;
        is_dead.store(true, Ordering::Relaxed);
        match ended {
            Some(Ok(conclusion)) => Ended::Concluded(Box::new(conclusion)),
            Some(Err(error)) => Ended::Refused(error),
            None => {
                self.trace.fault("crash", "");
                if hazards.is_power_loss {
                    self.trace.fault("crash: power lost", "");
                    self.disk.lose_power();
                }
                Ended::Crashed
            }
        }
    }

    /// Exports the environment to a list in a folder of its own.
    pub(crate) async fn export(&self, folder: &Path) -> Result<PathBuf, String> {
        let _ = std::fs::remove_dir_all(folder);
        std::fs::create_dir(folder).unwrap();
        let path = folder.join("organizations.csv");
        let request = ExportRequest {
            output: Some(path.clone()),
            format: Format::Csv,
            metadata_json: false,
            overwrite: false,
        };
        let api = self.server.client(Arc::default(), false);
        let settings = Settings {
            rate: Rate::PerSecond(90.0),
            concurrency: None,
            policy: Policy::default(),
            max_failures: 50,
        };
        let engine = Engine::new(api, settings, Vec::new(), Shutdown::default(), self.clock());
        let console = Script {
            says: None,
            trace: self.trace.clone(),
            pause: Duration::ZERO,
            names: Vec::new(),
            customers: Vec::new(),
            renamed: Mutex::default(),
        };
        let storage: &dyn Storage = &Disk;
        let setting = (&console, storage, "https://api.workos.com");
        let exported = run::export(&request, &engine, setting, &mut Vec::new()).await;
        exported.map_err(|error| format!("export: {error}"))?;
        Ok(path)
    }

    /// What happens beside the run.
    async fn happens(&self, hazards: &Hazards, shutdown: &Shutdown) {
        enum What<'a> {
            Interrupt,
            StopNow,
            Meddle(&'a Meddling),
            Application(&'a Other, u64),
        }
        let mut all = Vec::new();
        for (index, at) in hazards.interrupts.iter().enumerate() {
            all.push((*at, What::Interrupt));
            if index == 0 {
                // As the program does after its first signal.
                all.push((*at + Duration::from_secs(8), What::StopNow));
            }
        }
        all.extend(
            hazards
                .meddling
                .iter()
                .map(|(at, what)| (*at, What::Meddle(what))),
        );
        all.extend(
            hazards
                .application
                .iter()
                .map(|(at, other, pick)| (*at, What::Application(other, *pick))),
        );
        all.sort_by_key(|(at, _)| *at);
        let started = Instant::now();
        for (at, what) in all {
            tokio::time::sleep_until(started + at).await;
            match what {
                What::Interrupt => {
                    self.trace.fault("user: Ctrl-C", "");
                    shutdown.interrupt();
                }
                What::StopNow => {
                    shutdown.drain(StopReason::Interrupted);
                    shutdown.stop_now();
                }
                What::Application(other, pick) => self.server.state().write(other, pick),
                What::Meddle(meddling) => self.meddle(meddling),
            }
        }
    }

    fn meddle(&self, meddling: &Meddling) {
        match meddling {
            Meddling::Delete(path) => {
                if std::fs::remove_file(path).is_ok() {
                    let name = path.file_name().unwrap().display();
                    self.trace
                        .fault("user: deletes a file during a run", name.to_string());
                }
            }
            Meddling::Truncate(path, percent) => {
                if let Ok(file) = std::fs::OpenOptions::new().write(true).open(path) {
                    let length = file.metadata().unwrap().len();
                    file.set_len(length * percent / 100).unwrap();
                    let name = path.file_name().unwrap().display();
                    self.trace
                        .fault("user: truncates a file during a run", name.to_string());
                }
            }
            Meddling::Append(path, text) => {
                let file = std::fs::OpenOptions::new().append(true).open(path);
                if let Ok(mut file) = file {
                    std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
                    self.trace
                        .fault("user: saves the results file during a run", "");
                }
            }
        }
    }
}

/// Polls a run until it ends; `None` where it dies first.
async fn drive<T>(
    run: impl Future<Output = T> + Unpin,
    happens: impl Future<Output = ()> + Unpin,
    crash_at: Option<u64>,
    is_dead: impl Fn() -> bool,
) -> Option<T> {
    let (mut run, mut happens) = (Some(run), Some(happens));
    let mut polls = 0_u64;
    poll_fn(|context| {
        if let Some(beside) = &mut happens
            && Pin::new(beside).poll(context).is_ready()
        {
            happens = None;
        }
        polls += 1;
        let ended = run.as_mut().map(|run| Pin::new(run).poll(context));
        if is_dead() || (crash_at == Some(polls) && !matches!(ended, Some(Poll::Ready(_)))) {
            run = None;
            return Poll::Ready(None);
        }
        match ended {
            Some(Poll::Ready(ended)) => Poll::Ready(Some(ended)),
            _ => Poll::Pending,
        }
    })
    .await
}
