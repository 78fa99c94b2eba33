//! What the end-to-end tests share: a directory, a sandbox, the built program, and its files.

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use workos_orgs::sandbox::{ArrivedRequest, Options, Sandbox, StoredOrganization};

/// How long any wait may last before a test gives up.
const PATIENCE: Duration = Duration::from_secs(120);

/// A directory, a sandbox, and the program with an environment of its own.
pub(crate) struct TestEnv {
    directory: TempDir,
    sandbox: Sandbox,
    runtime: Runtime,
}

/// What a finished program left.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A program that was started; killed when dropped.
pub(crate) struct Running {
    child: Child,
    output: TempDir,
}

/// A row of an input.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Customer {
    pub(crate) name: String,
    pub(crate) domain: String,
    pub(crate) external_id: String,
    pub(crate) plan: String,
}

/// A row of a results file, CSV or JSONL: each cell by its column; `workos_` columns likewise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ResultRow(BTreeMap<String, String>);

/// Numbers by chance, the same ones for the same seed (splitmix64).
pub(crate) struct Chance(u64);

impl TestEnv {
    pub(crate) fn new() -> Self {
        Self::with(Options {
            rate_limit: None,
            ..Options::default()
        })
    }

    pub(crate) fn with(options: Options) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let sandbox = runtime.block_on(Sandbox::start(options)).unwrap();
        Self {
            directory: tempfile::tempdir().unwrap(),
            sandbox,
            runtime,
        }
    }

    /// A sandbox whose requests of these kinds go wrong this often: `drop-after:0.1`.
    pub(crate) fn with_faults(faults: &[&str]) -> Self {
        Self::with(Options {
            rate_limit: None,
            faults: faults.iter().map(|fault| fault.parse().unwrap()).collect(),
            fault_delay: Duration::from_millis(1500),
            ..Options::default()
        })
    }

    /// The same directory, and a new sandbox after the old one has stopped.
    pub(crate) fn with_another_sandbox(self, options: Options) -> Self {
        let Self {
            directory,
            sandbox,
            runtime,
        } = self;
        let sandbox = runtime.block_on(async {
            sandbox.stop().await;
            Sandbox::start(options).await.unwrap()
        });
        Self {
            directory,
            sandbox,
            runtime,
        }
    }

    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// The names of all files in the directory.
    pub(crate) fn files(&self) -> BTreeSet<String> {
        let entries = std::fs::read_dir(self.directory()).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    pub(crate) fn url(&self) -> String {
        self.sandbox.url()
    }

    /// The program in the directory, pointed at the sandbox, with nothing else in its environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program(arguments);
        command
            .current_dir(self.directory())
            .env("WORKOS_API_KEY", self.sandbox.api_key())
            .env("WORKOS_BASE_URL", self.sandbox.url());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Finished {
        finish(&mut self.command(arguments))
    }

    /// Runs the program with this on its standard input.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Finished {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), input).unwrap();
        let mut command = self.command(arguments);
        finish(command.stdin(File::open(file.path()).unwrap()))
    }

    /// Starts the program and goes on without waiting for it.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        let output = tempfile::tempdir().unwrap();
        let file = |name| File::create(output.path().join(name)).unwrap();
        let child = self
            .command(arguments)
            .stdin(Stdio::null())
            .stdout(file("stdout"))
            .stderr(file("stderr"))
            .spawn()
            .unwrap();
        Running { child, output }
    }

    pub(crate) fn organizations(&self) -> Vec<StoredOrganization> {
        self.sandbox.organizations()
    }

    pub(crate) fn requests(&self) -> Vec<ArrivedRequest> {
        self.sandbox.requests()
    }

    /// How many requests of this method have been settled so far.
    pub(crate) fn count(&self, method: &str) -> usize {
        let requests = self.requests();
        requests.iter().filter(|it| it.method == method).count()
    }

    /// Waits until so many requests have arrived since the sandbox started.
    pub(crate) fn wait_for_arrivals(&self, count: u64) {
        self.runtime.block_on(async {
            let arrived = tokio::time::timeout(PATIENCE, self.sandbox.arrived(count));
            arrived.await.expect("the requests never arrived");
        });
    }

    /// Waits until so many requests have arrived or the program has ended; returns whether it
    /// still runs.
    pub(crate) fn arrives_while_running(&self, count: u64, running: &mut Running) -> bool {
        let look_every = Duration::from_millis(10);
        loop {
            if running.has_ended() {
                return false;
            }
            let arrived = self.runtime.block_on(async {
                let arrived = tokio::time::timeout(look_every, self.sandbox.arrived(count));
                arrived.await.is_ok()
            });
            if arrived {
                return true;
            }
        }
    }

    /// The rows of a results file, CSV or JSONL by its extension.
    pub(crate) fn results(&self, name: &str) -> Vec<ResultRow> {
        let text = self.read(name);
        match Path::new(name).extension() {
            Some(extension) if extension == "jsonl" => {
                text.lines().map(ResultRow::from_json).collect()
            }
            _ => csv_rows(&text),
        }
    }

    /// Each customer stands in the results file once, in input order, as created; each of them is
    /// exactly one organization; and there is no other.
    #[track_caller]
    pub(crate) fn rows_and_organizations_agree(&self, customers: &[Customer], results: &str) {
        let rows = self.results(results);
        let said: Vec<Customer> = rows.iter().map(ResultRow::customer).collect();
        assert_eq!(said.len(), customers.len(), "rows in the results file");
        for (said, customer) in said.iter().zip(customers) {
            assert_eq!(said, customer, "a row out of place");
        }
        for (row, number) in rows.iter().zip(1_u64..) {
            assert_eq!(row.get("workos_status"), "created", "{row:?}");
            assert_eq!(row.get("workos_row"), number.to_string(), "{row:?}");
        }
        let organizations = self.organizations();
        let mut found: Vec<Customer> = organizations.iter().map(Customer::from).collect();
        let mut wanted = customers.to_vec();
        found.sort();
        wanted.sort();
        let twice: Vec<_> = found.windows(2).filter(|pair| pair[0] == pair[1]).collect();
        assert_eq!(found.len(), wanted.len(), "organizations; alike: {twice:?}");
        assert_eq!(found, wanted);
        let by_id: BTreeMap<&str, &StoredOrganization> = organizations
            .iter()
            .map(|organization| (organization.id.as_str(), organization))
            .collect();
        let mut owned = BTreeSet::new();
        for (row, customer) in rows.iter().zip(customers) {
            let id = row.get("workos_organization_id");
            let organization = by_id.get(id).unwrap_or_else(|| panic!("no {id}: {row:?}"));
            assert_eq!(&Customer::from(*organization), customer, "{row:?}");
            assert!(owned.insert(id), "{id} belongs to two rows");
        }
    }
}

/// The program with a cleared environment.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_workos-orgs"));
    command.args(arguments).env_clear();
    // Windows opens no socket without it.
    if let Some(root) = std::env::var_os("SystemRoot") {
        command.env("SystemRoot", root);
    }
    command
}

/// Runs a command to its end.
pub(crate) fn finish(command: &mut Command) -> Finished {
    let output = command.output().unwrap();
    Finished {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Finished {
    /// Fails the test, with all that was said, unless the program ended so.
    #[track_caller]
    pub(crate) fn ends_with(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "\n{}\n{}", self.stdout, self.stderr);
        self
    }

    /// Fails the test unless standard error holds this.
    #[track_caller]
    pub(crate) fn tells(&self, text: &str) -> &Self {
        assert!(
            self.stderr.contains(text),
            "no {text:?} in:\n{}",
            self.stderr
        );
        self
    }

    /// Fails the test unless standard output holds this.
    #[track_caller]
    pub(crate) fn prints(&self, text: &str) -> &Self {
        assert!(
            self.stdout.contains(text),
            "no {text:?} in:\n{}",
            self.stdout
        );
        self
    }
}

impl Running {
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// SIGKILL, or what comes closest to it.
    pub(crate) fn kill(mut self) -> Finished {
        // It may have ended already.
        let _ = self.child.kill();
        self.wait()
    }

    /// Sends a signal by its name: `INT`, `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let status = Command::new("kill").args(["-s", name, &id]).status();
        assert!(status.unwrap().success());
    }

    /// What it has said on standard error so far.
    pub(crate) fn stderr(&self) -> String {
        std::fs::read_to_string(self.output.path().join("stderr")).unwrap()
    }

    /// Waits until standard error holds this.
    pub(crate) fn wait_until_it_tells(&mut self, text: &str) {
        self.wait_until(|running| running.stderr().contains(text), text);
    }

    /// Waits until something has come about; `what` names it.
    pub(crate) fn wait_until(&mut self, mut is_so: impl FnMut(&Self) -> bool, what: &str) {
        let start = std::time::Instant::now();
        while !is_so(self) {
            assert!(
                !self.has_ended() || is_so(self),
                "it ended before {what:?}: {}",
                self.stderr()
            );
            assert!(start.elapsed() < PATIENCE, "never: {what:?}");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits for its end.
    pub(crate) fn wait(mut self) -> Finished {
        let start = std::time::Instant::now();
        let status: ExitStatus = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "it never ended: {}",
                self.stderr()
            );
            std::thread::sleep(Duration::from_millis(2));
        };
        let read = |name| std::fs::read_to_string(self.output.path().join(name)).unwrap();
        Finished {
            code: status.code(),
            stdout: read("stdout"),
            stderr: read("stderr"),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Customer {
    /// A customer with nothing but a name.
    pub(crate) fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// So many customers, all different, with a domain and an external id each.
    pub(crate) fn list(count: usize) -> Vec<Self> {
        (1..=count)
            .map(|number| Self {
                name: format!("Customer {number}"),
                domain: format!("customer{number}.example.com"),
                external_id: format!("crm-{number}"),
                plan: String::new(),
            })
            .collect()
    }

    /// The columns of [`csv`](Self::csv).
    pub(crate) const COLUMNS: [&str; 4] = ["name", "domain", "external_id", "metadata.plan"];

    /// A CSV file.
    pub(crate) fn csv(customers: &[Self]) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(Self::COLUMNS).unwrap();
        for customer in customers {
            let Self {
                name,
                domain,
                external_id,
                plan,
            } = customer;
            writer
                .write_record([name, domain, external_id, plan])
                .unwrap();
        }
        String::from_utf8(writer.into_inner().unwrap()).unwrap()
    }

    /// A JSONL file.
    pub(crate) fn jsonl(customers: &[Self]) -> String {
        let mut text = String::new();
        for customer in customers {
            let mut object = Map::new();
            let mut set = |key: &str, value: &str| {
                if !value.is_empty() {
                    object.insert(key.to_owned(), value.into());
                }
            };
            set("name", &customer.name);
            set("domain", &customer.domain);
            set("external_id", &customer.external_id);
            set("metadata.plan", &customer.plan);
            text.push_str(&Value::Object(object).to_string());
            text.push('\n');
        }
        text
    }
}

impl From<&StoredOrganization> for Customer {
    fn from(organization: &StoredOrganization) -> Self {
        let domains = organization.domains.iter();
        let domains: Vec<_> = domains.map(|it| it.domain.as_str()).collect();
        Self {
            name: organization.name.clone(),
            domain: domains.join(";"),
            external_id: organization.external_id.clone().unwrap_or_default(),
            plan: organization
                .metadata
                .get("plan")
                .cloned()
                .unwrap_or_default(),
        }
    }
}

/// The rows of a CSV text, whatever its line ends.
pub(crate) fn csv_rows(text: &str) -> Vec<ResultRow> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            let cells = header.iter().zip(&record);
            ResultRow(cells.map(|(k, v)| (k.to_owned(), v.to_owned())).collect())
        })
        .collect()
}

impl ResultRow {
    fn from_json(line: &str) -> Self {
        let mut object: Map<String, Value> = serde_json::from_str(line).unwrap();
        let said = match object.remove("workos") {
            Some(Value::Object(said)) => said,
            other => panic!("no workos object but {other:?}: {line}"),
        };
        let said = said.into_iter().map(|(k, v)| (format!("workos_{k}"), v));
        let text = |value| match value {
            Value::String(text) => text,
            Value::Null => String::new(),
            other => other.to_string(),
        };
        Self(
            object
                .into_iter()
                .chain(said)
                .map(|(k, v)| (k, text(v)))
                .collect(),
        )
    }

    /// A cell; blank where there is no such column.
    pub(crate) fn get(&self, column: &str) -> &str {
        self.0.get(column).map_or("", String::as_str)
    }

    pub(crate) fn set(&mut self, column: &str, text: &str) {
        self.0.insert(column.to_owned(), text.to_owned());
    }

    pub(crate) fn status(&self) -> &str {
        self.get("workos_status")
    }

    pub(crate) fn customer(&self) -> Customer {
        Customer {
            name: self.get("name").to_owned(),
            domain: self.get("domain").to_owned(),
            external_id: self.get("external_id").to_owned(),
            plan: self.get("metadata.plan").to_owned(),
        }
    }
}

impl Chance {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) const fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 up to, but not including, `end`.
    pub(crate) const fn below(&mut self, end: u64) -> u64 {
        self.number() % end
    }
}
