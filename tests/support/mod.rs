//! Shared by the end-to-end tests: a directory, a sandbox, the built program, and its files.

mod process;
mod rows;

pub(crate) use process::{Finished, Running, finish, program};
pub(crate) use rows::{Customer, ResultRow, csv_rows};

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use workos_orgs::sandbox::{ArrivedRequest, Options, Sandbox, StoredOrganization};
use workos_orgs::workos::{ApiKey, Client, OrganizationChanges as _, OrganizationsApi as _};

/// How long any wait may last before a test gives up.
const DEADLINE: Duration = Duration::from_secs(120);

/// A directory, a sandbox, and the program with an environment of its own.
pub(crate) struct TestEnv {
    directory: TempDir,
    /// For the program's temporary files.
    temporary: TempDir,
    sandbox: Sandbox,
    runtime: Runtime,
    /// Whether the program is called as a person calls it, without an answer about repeated names.
    asks: bool,
}

/// Random numbers, the same for the same seed (splitmix64).
pub(crate) struct Random(u64);

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
            temporary: tempfile::tempdir().unwrap(),
            sandbox,
            runtime,
            asks: false,
        }
    }

    /// The same, where the program is called exactly as the test says.
    pub(crate) fn asking(self) -> Self {
        Self { asks: true, ..self }
    }

    /// A sandbox with these faults: `drop-after:0.1`.
    pub(crate) fn with_faults(faults: &[&str]) -> Self {
        Self::with(Options {
            rate_limit: None,
            faults: faults.iter().map(|fault| fault.parse().unwrap()).collect(),
            fault_delay: Duration::from_millis(1500),
            ..Options::default()
        })
    }

    /// A sandbox that holds back every answer for this long.
    pub(crate) fn slow(milliseconds: u64) -> Self {
        Self::with(Options {
            rate_limit: None,
            latency: Duration::from_millis(milliseconds),
            ..Options::default()
        })
    }

    /// The same directory, and a new sandbox on the same port after the old one has stopped.
    pub(crate) fn with_another_sandbox(mut self, options: Options) -> Self {
        let port = self.url().rsplit(':').next().unwrap().parse().unwrap();
        let options = Options { port, ..options };
        let Self {
            sandbox, runtime, ..
        } = self;
        self.sandbox = runtime.block_on(async {
            sandbox.stop().await;
            Sandbox::start(options).await.unwrap()
        });
        self.runtime = runtime;
        self
    }

    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The folder of the program's temporary files.
    #[cfg(target_os = "linux")]
    pub(crate) fn temporary(&self) -> &Path {
        self.temporary.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    /// Writes these customers to `customers.csv`.
    pub(crate) fn write_customers(&self, customers: &[Customer]) {
        self.write("customers.csv", Customer::csv(customers));
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Replaces text in a file; it must be there.
    #[track_caller]
    pub(crate) fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "no {from:?} in {name}:\n{text}");
        self.write(name, text.replace(from, to));
    }

    pub(crate) fn remove(&self, name: &str) {
        std::fs::remove_file(self.path(name)).unwrap();
    }

    /// The names of all files in the directory.
    pub(crate) fn files(&self) -> BTreeSet<String> {
        let entries = std::fs::read_dir(self.directory()).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    /// Every file in the directory, byte for byte.
    pub(crate) fn contents(&self) -> BTreeMap<String, Vec<u8>> {
        let files = self.files().into_iter();
        files
            .filter(|name| self.path(name).is_file())
            .map(|name| (name.clone(), std::fs::read(self.path(&name)).unwrap()))
            .collect()
    }

    pub(crate) fn url(&self) -> String {
        self.sandbox.url()
    }

    /// The program in the directory, pointed at the sandbox, with nothing else in its environment.
    ///
    /// Many lists of tests repeat names, which is meant: see [`asking`](Self::asking).
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program(arguments);
        command
            .current_dir(self.directory())
            .stdin(Stdio::null())
            .env("WORKOS_API_KEY", self.sandbox.api_key())
            .env("WORKOS_BASE_URL", self.sandbox.url());
        if !self.asks && matches!(arguments, ["import" | "retry", ..]) {
            command.args(["--one-per", "row"]);
        }
        for variable in ["TMPDIR", "TMP", "TEMP"] {
            command.env(variable, self.temporary.path());
        }
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

    /// Starts the program without waiting for its end.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        self.start_command(self.command(arguments))
    }

    /// Starts a command without waiting for its end.
    pub(crate) fn start_command(&self, mut command: Command) -> Running {
        Running::start(&mut command, self.runtime.handle().clone())
    }

    /// Starts the program at a terminal of its own, to which answers can be typed.
    #[cfg(target_os = "linux")]
    pub(crate) fn start_at_terminal(&self, arguments: &[&str]) -> Running {
        self.start_command_at_terminal(self.command(arguments))
    }

    /// Starts a command at a terminal of its own.
    #[cfg(target_os = "linux")]
    pub(crate) fn start_command_at_terminal(&self, command: Command) -> Running {
        Running::start_at_terminal(command, self.runtime.handle().clone())
    }

    pub(crate) fn organizations(&self) -> Vec<StoredOrganization> {
        self.sandbox.organizations()
    }

    /// The names of all organizations, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let organizations = self.organizations().into_iter();
        let mut names: Vec<_> = organizations.map(|it| it.name).collect();
        names.sort();
        names
    }

    /// A client of the sandbox, as another program has one.
    fn client(&self) -> Client {
        let key = ApiKey::new(self.sandbox.api_key(), "the sandbox").unwrap();
        Client::new(self.url().parse().unwrap(), &key, DEADLINE).unwrap()
    }

    /// Creates an organization, as another program does; returns its id.
    pub(crate) fn create(&self, body: &serde_json::Value) -> String {
        let client = self.client();
        let created = client.create(body.to_string().into());
        self.runtime.block_on(created).unwrap().value.id
    }

    /// Changes an organization, as another program does.
    pub(crate) fn update(&self, id: &str, body: &serde_json::Value) {
        let client = self.client();
        let changed = client.update(id, body.to_string().into());
        self.runtime.block_on(changed).unwrap();
    }

    /// Deletes an organization, as a person does in the dashboard.
    pub(crate) fn delete(&self, id: &str) {
        let client = self.client();
        let deleted = self.runtime.block_on(client.delete(id));
        assert!(deleted.unwrap().value, "no organization {id}");
    }

    pub(crate) fn requests(&self) -> Vec<ArrivedRequest> {
        self.sandbox.requests()
    }

    /// How many requests of this method have been answered so far.
    pub(crate) fn count(&self, method: &str) -> usize {
        let requests = self.requests();
        requests.iter().filter(|it| it.method == method).count()
    }

    /// Waits until so many requests have arrived since the sandbox started.
    pub(crate) fn wait_for_arrivals(&self, count: u64) {
        self.runtime.block_on(async {
            let arrived = tokio::time::timeout(DEADLINE, self.sandbox.arrived(count));
            arrived.await.expect("the requests never arrived");
        });
    }

    /// Waits until so many requests have arrived or the program has ended; returns whether it
    /// is still running.
    pub(crate) fn arrives_while_running(&self, count: u64, running: &Running) -> bool {
        self.runtime.block_on(async {
            tokio::select! {
                biased;
                () = running.ended() => false,
                () = self.sandbox.arrived(count) => true,
                () = tokio::time::sleep(DEADLINE) => panic!("neither arrived nor ended"),
            }
        })
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

    /// Each customer is in the results file once, in the order of the list, as created; each is
    /// exactly one organization; and there is no other.
    #[track_caller]
    pub(crate) fn rows_and_organizations_agree(&self, customers: &[Customer], results: &str) {
        let rows = self.results(results);
        for (row, number) in rows.iter().zip(1_u64..) {
            assert_eq!(row.get("workos_row"), number.to_string(), "{row:?}");
        }
        self.each_row_is_one_organization(customers, results, &["created"]);
    }

    /// The same, but the rows may have any of these statuses and any numbers.
    #[track_caller]
    pub(crate) fn each_row_is_one_organization(
        &self,
        customers: &[Customer],
        results: &str,
        statuses: &[&str],
    ) {
        let rows = self.results(results);
        let reported: Vec<Customer> = rows.iter().map(ResultRow::customer).collect();
        assert_eq!(reported.len(), customers.len(), "rows in the results file");
        for (reported, customer) in reported.iter().zip(customers) {
            assert_eq!(reported, customer, "a row is in the wrong place");
        }
        for row in &rows {
            assert!(statuses.contains(&row.status()), "{row:?}");
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

impl Random {
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
