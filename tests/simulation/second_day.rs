//! A story of the second day: a list is synced with what is there and taken back, while everything
//! goes wrong and the customer's own application changes organizations too.

use crate::calm;
use crate::command::Command;
use crate::disk::SimulatedDisk;
use crate::process::{Ended, Hazards, Machine};
use crate::random::Random;
use crate::server::{Server, Weather};
use crate::story::{Checked, Told, in_virtual_time};
use crate::taken_back;
use crate::trace::Trace;
use crate::writers::{Other, Phase};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use workos_orgs::columns::OnePer;
use workos_orgs::journal::{State, journal_path};
use workos_orgs::organization::{SyncDomains, SyncOptions};
use workos_orgs::plan::Mode;
use workos_orgs::results::Status;
use workos_orgs::run::{Adopt, Answers, DeletedRows, EditedRows, Error, SyncRequest, UndoRequest};

/// A customer as the list says it.
#[derive(Clone, Debug)]
struct Account {
    name: String,
    domains: Vec<String>,
    external_id: String,
    plan: String,
}

/// A story and everything that takes part in it.
#[derive(Debug)]
pub(crate) struct SecondDay {
    pub(crate) random: Random,
    pub(crate) machine: Machine,
    pub(crate) folder: PathBuf,
    accounts: Vec<Account>,
    options: SyncOptions,
    is_production: bool,
    /// Makes every value of the application another one.
    writes: u64,
}

/// Tells the story of a seed in a folder, which is emptied before.
pub(crate) fn tell(seed: u64, folder: &Path) -> Told {
    in_virtual_time(seed, folder, async || {
        let mut story = SecondDay::new(seed, folder);
        let trace = story.machine.trace.clone();
        (trace, story.tell().await.err())
    })
}

impl SecondDay {
    fn new(seed: u64, folder: &Path) -> Self {
        let mut random = Random::new(seed);
        let trace = Trace::new();
        let weather = weather(&mut random);
        trace.say(format!("seed {seed}: {weather:?}"));
        let server = Server::new(weather, random.fork(), trace.clone());
        let disk = SimulatedDisk::new(random.fork(), trace.clone());
        let options = SyncOptions {
            domains: *random.pick(&[SyncDomains::Add, SyncDomains::Exact, SyncDomains::Ignore]),
            clear: random.percent(40).then(|| "#N/A".to_owned()),
            match_name: random.percent(30),
            only_external_id: false,
        };
        let accounts = random.between(3, 10);
        Self {
            accounts: (0..accounts).map(|n| account(n, &mut random)).collect(),
            is_production: random.percent(20),
            random,
            machine: Machine {
                server,
                disk,
                trace,
                started: Instant::now(),
            },
            folder: folder.to_owned(),
            options,
            writes: 0,
        }
    }

    fn say(&self, text: impl AsRef<str>) {
        self.machine.trace.say(text);
    }

    pub(crate) fn results(&self) -> PathBuf {
        self.folder.join("customers.results.csv")
    }

    async fn tell(&mut self) -> Checked {
        self.machine.trace.count("stories of the second day");
        self.machine.server.state().watch.journal = journal_path(&self.results());
        self.say(format!("{:?}", self.options));
        self.settle_tenant();
        self.write_list();
        for _ in 0..self.random.between(1, 5) {
            let pause = *self.random.pick(&[0, 1, 20, 4000]);
            sleep(Duration::from_secs(pause)).await;
            if self.random.percent(50) {
                self.edit_list();
            }
            for _ in 0..self.random.below(3) {
                let (other, pick) = self.other();
                self.machine.server.state().write(&other, pick);
            }
            self.disturbed_command().await?;
        }
        self.machine.server.calm();
        sleep(Duration::from_secs(200)).await;
        self.say("-- undisturbed from here on");
        if self.random.percent(50) {
            calm::check(self).await?;
        }
        self.undo_to_the_end().await?;
        taken_back::check(self)
    }

    /// What is there before the program comes.
    fn settle_tenant(&mut self) {
        for (n, account) in self.accounts.clone().into_iter().enumerate() {
            if !self.random.percent(65) {
                continue;
            }
            let body = self.old(n, &account);
            self.machine.server.state().put(&body);
        }
        for n in 0..self.random.below(4) {
            let body = json!({"name": format!("Other {n}"), "metadata": {"app0": "x"}});
            self.machine.server.state().put(&body);
        }
    }

    /// An organization that a customer has already, more or less as in the list.
    fn old(&mut self, n: usize, account: &Account) -> Value {
        let random = &mut self.random;
        let mut metadata = json!({"app0": format!("old {n}")});
        match random.below(3) {
            0 => metadata["plan"] = json!("free"),
            1 if !account.plan.is_empty() => metadata["plan"] = json!(account.plan),
            _ => {}
        }
        let mut domains = Vec::new();
        for domain in &account.domains {
            if random.percent(70) {
                domains.push(domain.clone());
            }
        }
        if random.percent(40) {
            domains.push(format!("extra{n}.net"));
        }
        let domains = domains.into_iter().map(|domain| {
            let states = [
                "pending",
                "verified",
                "verified",
                "failed",
                "legacy_verified",
            ];
            json!({"domain": domain, "state": *random.pick(&states)})
        });
        let mut body = json!({"domain_data": domains.collect::<Vec<_>>(), "metadata": metadata});
        body["name"] = if random.percent(50) {
            json!(account.name)
        } else {
            json!(format!("Old {n}"))
        };
        if !account.external_id.is_empty() && random.percent(70) {
            body["external_id"] = json!(account.external_id);
        }
        body
    }

    fn write_list(&self) {
        let path = self.folder.join("customers.csv");
        let mut out = csv::Writer::from_path(path).unwrap();
        out.write_record(["Name", "Domain", "External ID", "metadata.plan", "Tag"])
            .unwrap();
        for (n, account) in self.accounts.iter().enumerate() {
            let Account {
                name,
                domains,
                external_id,
                plan,
            } = account;
            let tag = crate::customers::tag(n);
            out.write_record([name, &domains.join(";"), external_id, plan, &tag])
                .unwrap();
        }
        out.flush().unwrap();
    }

    fn edit_list(&mut self) {
        self.machine.trace.count("user: edits the list");
        for _ in 0..self.random.between(1, 3) {
            let n = self.random.index(self.accounts.len());
            let kind = self.random.below(6);
            let next = self.accounts.len() as u64;
            let random = &mut self.random;
            let account = &mut self.accounts[n];
            match kind {
                0 if !account.external_id.is_empty() => account.name.push_str(" Inc"),
                1 => {
                    let plan = *random.pick(&["pro", "basic", "#N/A", ""]);
                    plan.clone_into(&mut account.plan);
                }
                2 if account.domains.len() > 1 => drop(account.domains.pop()),
                3 => account
                    .domains
                    .push(format!("new{n}-{}.com", random.below(3))),
                4 if random.percent(50) => {
                    let new = self::account(next, random);
                    self.accounts.push(new);
                }
                _ => {}
            }
            self.accounts[n].domains.dedup();
        }
        self.say(format!("user: edits the list: {:?}", self.accounts));
        self.write_list();
    }

    /// Something that the application does, and to which organization.
    fn other(&mut self) -> (Other, u64) {
        self.writes += 1;
        let n = self.writes;
        let other = match self.random.below(12) {
            0 => Other::Create(json!({
                "name": format!("Application {n}"),
                "metadata": {"app0": format!("{n}")},
            })),
            1 | 2 => Other::Rename(n),
            3 => Other::SetPlan(n),
            4..=6 => Other::SetKey(n),
            7 => Other::AddDomain(n),
            8 => Other::Verify,
            9 | 10 => Other::Use,
            _ => Other::Delete,
        };
        (other, self.random.below(1_000))
    }

    fn hazards(&mut self) -> Hazards {
        let mut hazards = Hazards {
            is_power_loss: self.random.percent(50),
            ..Hazards::default()
        };
        match self.random.below(5) {
            0 | 1 => {
                let scale = *self.random.pick(&[10, 60, 300, 1_000]);
                hazards.crash_at_poll = Some(self.random.between(1, scale));
            }
            2 => {
                let scale = *self.random.pick(&[5, 12, 40]);
                hazards.disk.crash_at = Some(self.random.below(scale));
            }
            3 => {
                let (start, length) = (self.random.below(20), self.random.between(1, 8));
                hazards.disk.full = start..start + length;
            }
            _ => {}
        }
        for _ in 0..self.random.below(4) {
            let scale = *self.random.pick(&[1_000, 5_000, 60_000]);
            let at = Duration::from_millis(self.random.below(scale));
            let (other, pick) = self.other();
            hazards.application.push((at, other, pick));
        }
        if self.random.percent(12) {
            let at = Duration::from_millis(self.random.below(8_000));
            hazards.interrupts.push(at);
        }
        hazards
    }

    pub(crate) fn command(&self, mode: Mode) -> Command {
        let path = if mode.is_retry() {
            self.results()
        } else {
            self.folder.join("customers.csv")
        };
        Command {
            path,
            one_per: OnePer::Row,
            mode,
            limit: None,
            sync: SyncRequest {
                options: self.options.clone(),
                ..SyncRequest::default()
            },
            undo: UndoRequest::default(),
            is_dry_run: false,
            answers: Answers {
                yes: true,
                ..Answers::default()
            },
            has_wrong_key: false,
            is_production: self.is_production,
            says: None,
            names: Vec::new(),
            max_failures: 50,
        }
    }

    /// `retry --adopt`: the organizations that were in the way of rows become their own.
    fn adopt(&mut self) -> Command {
        let mut command = self.command(Mode::RetrySync(vec![Status::Conflict]));
        command.sync.adopt = Some(*self.random.pick(&[Adopt::Keep, Adopt::Update]));
        command
    }

    async fn disturbed_command(&mut self) -> Checked {
        let has_results = self.results().exists();
        let kind = self.random.below(if has_results { 12 } else { 6 });
        let mut command = match kind {
            0..=4 => self.command(Mode::Sync),
            5 => self.command(Mode::Import),
            6 => self.command(Mode::Retry(Vec::new())),
            7 => self.adopt(),
            _ => self.command(Mode::Undo),
        };
        if command.mode == Mode::Undo {
            match self.random.below(4) {
                0 => {
                    let first = self.random.between(1, 6);
                    let rows = (first, first + self.random.below(3));
                    command.undo.rows = vec![rows];
                }
                1 => {
                    let runs = State::read(&journal_path(&self.results())).ok().flatten();
                    let runs = runs.map_or(0, |state| state.runs());
                    command.undo.run = Some(self.random.between(1, runs.max(1)));
                }
                _ => {}
            }
        } else if !command.mode.is_retry() && self.random.percent(15) {
            command.limit = Some(self.random.between(1, 6));
        }
        command.max_failures = *self.random.pick(&[2, 5, 50]);
        for _ in 0..4 {
            let hazards = self.hazards();
            match self.run(&command, hazards).await? {
                Ended::Refused(error) => {
                    if !self.respond(&error, &mut command) {
                        return Ok(());
                    }
                }
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    /// What the user does about a refusal; `false` where nothing can be done.
    fn respond(&mut self, error: &Error, command: &mut Command) -> bool {
        let hint = error.hint().unwrap_or_default();
        let answers = &mut command.answers;
        if hint.contains("--edited-rows") && answers.edited_rows.is_none() {
            let is_sync = command.mode.is_sync();
            let answer = if is_sync {
                EditedRows::Update
            } else {
                EditedRows::Keep
            };
            answers.edited_rows = Some(answer);
        } else if hint.contains("--deleted-rows") && answers.deleted_rows.is_none() {
            let answer = *self.random.pick(&[DeletedRows::Keep, DeletedRows::Create]);
            answers.deleted_rows = Some(answer);
        } else if let Some((_, number)) = hint.split_once("--yes-delete ") {
            let number = number.split(' ').next().unwrap_or_default();
            command.undo.yes_delete = number.parse().ok();
        } else if hint.contains("--added-rows") && !answers.added_rows {
            answers.added_rows = true;
        } else if hint.contains("--discard-edits") && !answers.discard_edits {
            answers.discard_edits = true;
        } else {
            return false;
        }
        true
    }

    /// Runs a command, and checks what must hold after every command.
    pub(crate) async fn run(&mut self, command: &Command, hazards: Hazards) -> Checked<Ended> {
        let phase = match command.mode {
            Mode::Undo => Phase::Undo,
            Mode::Import => Phase::Import,
            _ => Phase::Sync,
        };
        self.machine
            .trace
            .count(match (&command.mode, command.is_dry_run) {
                (_, true) => "second day: plan",
                (Mode::Undo, _) => "second day: undo",
                (Mode::Import, _) => "second day: import",
                (Mode::Sync, _) => "second day: sync",
                (Mode::RetrySync(_), _) => "second day: retry --adopt",
                _ => "second day: retry",
            });
        self.say(format!(
            "$ {:?} limit {:?} {:?} {:?} dry run {}",
            command.mode, command.limit, command.undo, command.answers, command.is_dry_run
        ));
        {
            let mut state = self.machine.server.state();
            state.watch.phase = phase;
            state.watch.run += 1;
        }
        let ended = self.machine.run(command, hazards, &mut self.random).await;
        match &ended {
            Ended::Concluded(conclusion) => {
                let error = conclusion.error.as_ref().map(ToString::to_string);
                let counts = conclusion.run.iter().filter(|(_, count)| *count > 0);
                let counts: Vec<_> = counts.map(|(s, count)| format!("{count} {s}")).collect();
                let code = conclusion.exit_code();
                self.say(format!(
                    "= exit code {code} {error:?} {}",
                    counts.join(", ")
                ));
            }
            Ended::Refused(error) => self.say(format!(
                "= refused: {error} ({})",
                error.hint().unwrap_or_default()
            )),
            Ended::Crashed => self.say("= crashed"),
        }
        let violation = self.machine.server.state().watch.violation.take();
        violation.map_or(Ok(ended), Err)
    }

    /// Runs a command undisturbed until it has ended, or ends the same way twice.
    pub(crate) async fn run_to_the_end(&mut self, mut command: Command) -> Checked<u8> {
        let mut last = None;
        for _ in 0..20 {
            match self.run(&command, Hazards::default()).await? {
                Ended::Concluded(conclusion) => {
                    let code = conclusion.exit_code();
                    if code == 0 || code == 1 && last == Some(code) {
                        return Ok(code);
                    }
                    last = Some(code);
                }
                Ended::Refused(error) => {
                    if !self.respond(&error, &mut command) {
                        return Err(format!("a refusal without a way on: {error}"));
                    }
                }
                Ended::Crashed => return Err("crashed undisturbed".to_owned()),
            }
        }
        Err(format!("{:?} never ends", command.mode))
    }

    async fn undo_to_the_end(&mut self) -> Checked {
        if !journal_path(&self.results()).exists() {
            return Ok(());
        }
        if !self.results().exists() {
            // It was lost in a crash; an import writes it again.
            let mut import = self.command(Mode::Import);
            import.answers.edited_rows = Some(EditedRows::Keep);
            import.answers.deleted_rows = Some(DeletedRows::Keep);
            self.run_to_the_end(import).await?;
        }
        let undo = self.command(Mode::Undo);
        let code = self.run_to_the_end(undo.clone()).await?;
        let changes = self.machine.server.state().watch.changes;
        self.run_to_the_end(undo).await?;
        if code == 0 && self.machine.server.state().watch.changes != changes {
            return Err("the same undo again changes something".to_owned());
        }
        Ok(())
    }
}

fn account(n: u64, random: &mut Random) -> Account {
    let mut domains = Vec::new();
    if random.percent(70) {
        domains.push(format!("firm{n}.com"));
        if random.percent(30) {
            domains.push(format!("firm{n}.de"));
        }
    }
    Account {
        name: format!("Firm {n}"),
        domains,
        external_id: if random.percent(60) {
            format!("crm-{n}")
        } else {
            String::new()
        },
        plan: (*random.pick(&["pro", "basic", "", "#N/A"])).to_owned(),
    }
}

fn weather(random: &mut Random) -> Weather {
    let hours = i64::try_from(random.below(7)).unwrap() - 3;
    let has_lag = random.percent(20);
    Weather {
        post_faults: *random.pick(&[0, 10, 30]),
        read_faults: *random.pick(&[0, 0, 5, 20]),
        change_faults: *random.pick(&[0, 10, 30, 60]),
        lag: Duration::from_millis(if has_lag { random.below(4500) } else { 0 }),
        skew: SignedDuration::from_hours(hours) + SignedDuration::from_millis(137),
        unique_domains: random.percent(30),
        whole_seconds: random.percent(30),
        has_date: random.percent(90),
    }
}
