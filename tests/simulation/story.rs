//! A story: somebody imports a list while everything goes wrong, and ends by doing it undisturbed.

use crate::check;
use crate::command::Command;
use crate::customers::{Customer, Ids, Maker, write_list};
use crate::disk::SimulatedDisk;
use crate::process::{Ended, Hazards, Machine, files};
use crate::random::Random;
use crate::server::{Server, Weather};
use crate::sheet::Sheet;
use crate::trace::{Counts, Trace};
use crate::user::Edit;
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use workos_orgs::columns::OnePer;
use workos_orgs::engine::StopReason;
use workos_orgs::journal::{State, journal_path};
use workos_orgs::plan::Mode;
use workos_orgs::run::{Answers, SyncRequest, UndoRequest};

/// What was found wrong; the story ends.
pub(crate) type Checked<T = ()> = Result<T, String>;

/// A story and everything that takes part in it.
#[derive(Debug)]
pub(crate) struct Story {
    pub(crate) random: Random,
    pub(crate) machine: Machine,
    pub(crate) folder: PathBuf,
    pub(crate) maker: Maker,
    pub(crate) customers: Vec<Customer>,
    /// The customers of the list, in its order.
    pub(crate) list: Vec<usize>,
    pub(crate) separator: u8,
    /// What kind of edit the list has that no run has taken in yet.
    pub(crate) pending: Option<Edit>,
    /// The list before these edits.
    pub(crate) before_edits: Option<(Vec<usize>, Vec<Customer>)>,
    /// Customers whose rows the user dropped from the results file.
    pub(crate) dropped: BTreeSet<usize>,
    /// Names that the user corrected in the results file.
    pub(crate) corrected: BTreeMap<usize, String>,
    /// Whether rows may have organizations that the journal does not know: from then on nothing
    /// but an external id or the values of a row can tell whose they are.
    pub(crate) journal_is_unreliable: bool,
    /// Earlier states of the journal.
    pub(crate) backups: Vec<Vec<u8>>,
    pub(crate) is_production: bool,
    /// A row each: stories have rows that are equal, to see that none is mistaken for another. Or the
    /// rows of each tag, which are united, though each has one.
    pub(crate) one_per: OnePer,
}

/// What came of a story.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) counts: Counts,
    pub(crate) violation: Option<String>,
    pub(crate) trace: String,
}

/// Tells the story of a seed in a folder, which is emptied before. In one of fifteen, rows are united.
pub(crate) fn tell(seed: u64, folder: &Path) -> Told {
    if seed % 15 == 13 {
        return tell_united(seed, folder);
    }
    tell_with(seed, folder, OnePer::Row)
}

/// The same story with rows that are united.
pub(crate) fn tell_united(seed: u64, folder: &Path) -> Told {
    tell_with(seed, folder, OnePer::Column("Tag".to_owned()))
}

fn tell_with(seed: u64, folder: &Path, one_per: OnePer) -> Told {
    in_virtual_time(seed, folder, async || {
        let mut story = Story::new(seed, folder);
        story.one_per = one_per;
        let trace = story.machine.trace.clone();
        (trace, story.tell().await.err())
    })
}

/// Empties the folder, and tells a story there. It returns its trace and its violation.
pub(crate) fn in_virtual_time(
    seed: u64,
    folder: &Path,
    tell: impl AsyncFnOnce() -> (Trace, Option<String>),
) -> Told {
    fastrand::seed(seed);
    let _ = std::fs::remove_dir_all(folder);
    std::fs::create_dir_all(folder).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let (trace, violation) = tell().await;
        Told {
            counts: trace.counts(),
            violation,
            trace: trace.text(),
        }
    })
}

/// Tells a story in which nothing goes wrong by itself, of customers with these names.
pub(crate) fn in_calm(names: &[&str], story: impl AsyncFnOnce(&mut Story) -> Checked) {
    let (_held, folder) = crate::folder();
    std::fs::create_dir_all(&folder).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut calm = Story::new(0, &folder);
        calm.machine.server.calm();
        calm.machine.server.state().weather.lag = Duration::ZERO;
        calm.is_production = false;
        calm.customers = names.iter().map(|name| Customer::named(name)).collect();
        calm.list = (0..names.len()).collect();
        calm.write_list();
        let told = story(&mut calm).await;
        assert_eq!(told, Ok(()), "{}", calm.machine.trace.text());
    });
}

impl Story {
    /// Changes the results file as a spreadsheet would.
    pub(crate) fn change_results(&self, change: impl FnOnce(&mut Sheet)) {
        let mut sheet = Sheet::read(&self.results()).unwrap();
        change(&mut sheet);
        sheet.write(&self.results());
    }

    /// Renames a customer in the list.
    pub(crate) fn rename(&mut self, customer: usize, name: &str) {
        let mut values = self.customers[customer].now.clone();
        name.clone_into(&mut values.name);
        self.customers[customer].change(values);
        self.write_list();
    }

    /// Corrects the name of a customer in the results file.
    pub(crate) fn correct_in_results(&mut self, customer: usize, name: &str) {
        self.change_results(|sheet| {
            let column = sheet.column("Name").unwrap();
            let row = (0..sheet.rows.len()).find(|row| sheet.customer(*row) == Some(customer));
            name.clone_into(&mut sheet.rows[row.unwrap()][column]);
        });
        let mut values = self.customers[customer].now.clone();
        name.clone_into(&mut values.name);
        self.customers[customer].versions.push(values);
        self.corrected.insert(customer, name.to_owned());
    }

    /// The program has created so many organizations.
    pub(crate) fn has_organizations(&self, count: usize) -> Checked {
        let there = self.machine.server.state().organizations.len();
        if there == count {
            Ok(())
        } else {
            Err(format!("{there} organizations"))
        }
    }

    fn new(seed: u64, folder: &Path) -> Self {
        let mut random = Random::new(seed);
        let trace = Trace::new();
        let weather = weather(&mut random);
        trace.say(format!("seed {seed}: {weather:?}"));
        let ids = *random.pick(&[Ids::None, Ids::None, Ids::Some, Ids::All]);
        let mut maker = Maker {
            ids,
            has_twins: random.percent(40),
            made: 0,
        };
        let mut customers = Vec::new();
        for _ in 0..random.between(3, 10) {
            let customer = maker.make(&mut random, &customers);
            customers.push(customer);
        }
        let server = Server::new(weather, random.fork(), trace.clone());
        let disk = SimulatedDisk::new(random.fork(), trace.clone());
        let separator = if random.percent(20) { b';' } else { b',' };
        Self {
            list: (0..customers.len()).collect(),
            is_production: random.percent(20),
            random,
            machine: Machine {
                server,
                disk,
                trace,
                started: Instant::now(),
            },
            folder: folder.to_owned(),
            maker,
            customers,
            separator,
            pending: None,
            before_edits: None,
            dropped: BTreeSet::new(),
            corrected: BTreeMap::new(),
            journal_is_unreliable: false,
            backups: Vec::new(),
            one_per: OnePer::Row,
        }
    }

    pub(crate) fn say(&self, text: impl AsRef<str>) {
        self.machine.trace.say(text);
    }

    pub(crate) fn list_path(&self) -> PathBuf {
        self.folder.join("customers.csv")
    }

    pub(crate) fn results(&self) -> PathBuf {
        self.folder.join("customers.results.csv")
    }

    pub(crate) fn journal(&self) -> PathBuf {
        journal_path(&self.results())
    }

    pub(crate) fn write_list(&self) {
        write_list(
            &self.list_path(),
            &self.customers,
            &self.list,
            self.separator,
        );
    }

    async fn tell(&mut self) -> Checked {
        self.write_list();
        for (customer, it) in self.customers.iter().enumerate() {
            self.say(format!("customer {customer}: {:?}", it.now));
        }
        if self.random.percent(5) {
            // More than one page.
            for n in 0..self.random.between(95, 230) {
                let other = serde_json::json!({"name": format!("Other {n}")});
                self.machine.server.state().put(&other);
            }
        }
        for _ in 0..self.random.below(3) {
            let namesake = self.namesake();
            self.machine.server.state().put(&namesake);
        }
        for _ in 0..self.random.between(1, 6) {
            let pause = match self.random.below(3) {
                0 => 0,
                1 => self.random.below(20),
                _ => self.random.below(4000),
            };
            sleep(Duration::from_secs(pause)).await;
            self.edit().await?;
            self.disturbed_command().await?;
            if self.random.percent(6) {
                self.import_a_copy().await?;
            }
        }
        self.finish().await?;
        check::all(self)?;
        self.once_more().await
    }

    /// A command while things go wrong, and sometimes the answer to its refusal.
    async fn disturbed_command(&mut self) -> Checked {
        let mut command = self.import();
        let is_retry = self.results().exists() && self.random.percent(30);
        if is_retry {
            command = self.retry();
            if self.random.percent(20) {
                use workos_orgs::results::Status::{Conflict, Failed, Unavailable, Unknown};
                let only = *self.random.pick(&[Conflict, Failed, Unavailable, Unknown]);
                command.mode = Mode::Retry(vec![only]);
            }
        } else if self.random.percent(20) {
            command.limit = Some(self.random.between(1, 6));
        }
        command.has_wrong_key = self.random.percent(5);
        command.says = *self
            .random
            .pick(&[None, Some(true), Some(true), Some(false)]);
        command.max_failures = *self.random.pick(&[2, 5, 50]);
        for _ in 0..3 {
            let hazards = self.hazards();
            match self.run(&command, hazards).await? {
                Ended::Refused(error) if self.random.percent(70) => {
                    if !self.respond(&error, &mut command)? {
                        return Ok(());
                    }
                }
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    /// Copies the list to another folder and imports it there.
    ///
    /// Only while no row was ever renamed, as when the journal is lost.
    pub(crate) async fn import_a_copy(&mut self) -> Checked {
        if !self.corrected.is_empty() || !self.can_lose_journal() {
            return Ok(());
        }
        self.machine
            .trace
            .fault("user: imports a copy of the list", "");
        self.journal_is_unreliable = true;
        sleep(Duration::from_secs(120)).await;
        let elsewhere = self.folder.join("copy");
        let _ = std::fs::remove_dir_all(&elsewhere);
        std::fs::create_dir(&elsewhere).unwrap();
        let home = std::mem::replace(&mut self.folder, elsewhere);
        let edits = (self.pending, self.before_edits.clone());
        let dropped = std::mem::take(&mut self.dropped);
        self.write_list();
        let mut command = self.import();
        command.answers.yes = true;
        for _ in 0..6 {
            match self.run(&command, Hazards::default()).await? {
                Ended::Concluded(conclusion) if conclusion.exit_code() == 0 => {
                    check::results_and_organizations(self)?;
                    break;
                }
                Ended::Concluded(_) => {}
                Ended::Refused(error) => {
                    self.respond(&error, &mut command)?;
                }
                Ended::Crashed => return Err("crashed undisturbed".to_owned()),
            }
        }
        self.folder = home;
        (self.pending, self.before_edits) = edits;
        self.dropped = dropped;
        sleep(Duration::from_secs(120)).await;
        Ok(())
    }

    pub(crate) fn import(&self) -> Command {
        Command {
            path: self.list_path(),
            mode: Mode::Import,
            one_per: self.one_per.clone(),
            limit: None,
            sync: SyncRequest::default(),
            undo: UndoRequest::default(),
            is_dry_run: false,
            answers: Answers::default(),
            has_wrong_key: false,
            is_production: self.is_production,
            says: None,
            names: self.names(),
            max_failures: 50,
        }
    }

    pub(crate) fn names(&self) -> Vec<Vec<(String, String)>> {
        let names = |customer: &Customer| {
            let versions = customer.versions.iter();
            let names = versions.map(|it| (it.name.clone(), it.external_id.clone()));
            names.collect()
        };
        self.customers.iter().map(names).collect()
    }

    pub(crate) fn retry(&self) -> Command {
        Command {
            path: self.results(),
            mode: Mode::Retry(Vec::new()),
            ..self.import()
        }
    }

    /// Runs a command, and checks what must hold after every command.
    pub(crate) async fn run(&mut self, command: &Command, hazards: Hazards) -> Checked<Ended> {
        self.say(format!(
            "$ {} {} limit {:?} {:?} says {:?}{}",
            if command.mode == Mode::Import {
                "import"
            } else {
                "retry"
            },
            command.path.file_name().unwrap().display(),
            command.limit,
            command.answers,
            command.says,
            if command.has_wrong_key {
                " with a wrong key"
            } else {
                ""
            },
        ));
        let is_quiet = hazards.disk.full.is_empty()
            && hazards.disk.read_only.is_empty()
            && hazards.meddling.is_empty();
        let before = files(&self.folder);
        let posts = self.machine.server.state().posts;
        let runs = self.runs();
        let ended = self.machine.run(command, hazards, &mut self.random).await;
        self.machine.trace.count("commands");
        match &ended {
            Ended::Concluded(conclusion) => {
                self.machine.trace.count("commands: concluded");
                let stopped = conclusion.stopped.as_ref().map(StopReason::code);
                let error = conclusion.error.as_ref().map(ToString::to_string);
                let counts = conclusion.file.iter().filter(|(_, count)| *count > 0);
                let counts: Vec<_> = counts.map(|(s, count)| format!("{count} {s}")).collect();
                self.say(format!(
                    "= exit code {} {stopped:?} {error:?} {} {:?}",
                    conclusion.exit_code(),
                    counts.join(", "),
                    conclusion.duplicates
                ));
            }
            Ended::Refused(error) => {
                self.machine.trace.count("commands: refused");
                self.say(format!(
                    "= refused: {error} ({})",
                    error.hint().unwrap_or_default()
                ));
                if is_quiet && files(&self.folder) != before {
                    return Err(format!("a refused command changed files: {error}"));
                }
                if self.machine.server.state().posts != posts && !command.has_wrong_key {
                    return Err(format!("a refused command has sent rows: {error}"));
                }
            }
            Ended::Crashed => self.machine.trace.count("commands: crashed"),
        }
        if self.runs() != runs {
            // One that was cut off may not have come to what its user has answered.
            if command.mode == Mode::Import && matches!(ended, Ended::Concluded(_)) {
                self.pending = None;
                self.before_edits = None;
            }
            if let Ok(journal) = std::fs::read(self.journal()) {
                self.backups.push(journal);
            }
        }
        Ok(ended)
    }

    /// How many runs the journal knows.
    fn runs(&self) -> u64 {
        let state = State::read(&self.journal()).ok().flatten();
        state.map_or(0, |state| state.runs())
    }

    /// Undisturbed commands until everything is done.
    pub(crate) async fn finish(&mut self) -> Checked {
        self.machine.server.calm();
        sleep(Duration::from_secs(120)).await;
        self.say("-- undisturbed from here on");
        let mut command = self.import();
        command.answers.yes = true;
        let (mut last, mut stuck) = (0, 0);
        for _ in 0..12 {
            match self.run(&command, Hazards::default()).await? {
                Ended::Concluded(conclusion) if conclusion.exit_code() == 0 => {
                    if command.mode == Mode::Import {
                        return Ok(());
                    }
                    // The list may have rows that the results file has not.
                    command = self.import();
                    command.answers.yes = true;
                }
                Ended::Concluded(conclusion) => {
                    if !conclusion.duplicates.is_empty() && self.journal_is_unreliable {
                        // The organization of a row that was taken off the list, and that the
                        // journal has forgotten, is reported beside that of a row like it. What
                        // there is twice, the checks say.
                        return Ok(());
                    }
                    if !conclusion.duplicates.is_empty() {
                        return Err(format!("duplicates: {:?}", conclusion.duplicates));
                    }
                    // A row that was taken off the list may need a person for good.
                    stuck += usize::from(conclusion.exit_code() == last);
                    if stuck > 4 && last == 1 {
                        return Ok(());
                    }
                    // One in doubt that the results file has stays so until a retry.
                    let is_stuck = conclusion.exit_code() == last;
                    last = conclusion.exit_code();
                    if last == 1 || is_stuck {
                        command = self.retry();
                    } else {
                        command = self.import();
                    }
                    command.answers.yes = true;
                }
                Ended::Refused(error) => {
                    if !self.respond(&error, &mut command)? {
                        return Err(format!("a refusal without a way on: {error}"));
                    }
                }
                Ended::Crashed => return Err("crashed undisturbed".to_owned()),
            }
        }
        Err("the import never ends".to_owned())
    }

    /// The same command once more changes nothing.
    async fn once_more(&mut self) -> Checked {
        let organizations = self.machine.server.state().organizations.len();
        let mut command = self.import();
        command.answers.yes = true;
        for _ in 0..4 {
            match self.run(&command, Hazards::default()).await? {
                Ended::Refused(error) if self.respond(&error, &mut command)? => {}
                Ended::Refused(error) => return Err(format!("refused at the end: {error}")),
                _ => break,
            }
        }
        let now = self.machine.server.state().organizations.len();
        if now != organizations {
            return Err(format!(
                "the same import again created {}",
                now - organizations
            ));
        }
        check::all(self)
    }
}

fn weather(random: &mut Random) -> Weather {
    let hours = i64::try_from(random.below(7)).unwrap() - 3;
    let has_lag = random.percent(30);
    Weather {
        post_faults: *random.pick(&[0, 10, 30, 60]),
        read_faults: *random.pick(&[0, 0, 5, 25]),
        change_faults: 0,
        lag: Duration::from_millis(if has_lag { random.below(4500) } else { 0 }),
        skew: SignedDuration::from_hours(hours) + SignedDuration::from_millis(137),
        unique_domains: random.percent(50),
        whole_seconds: random.percent(30),
        has_date: random.percent(90),
    }
}
