//! Rows, engines and a ledger in memory.

use super::server::Server;
use futures::future::join_all;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashSet};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::time::Instant;
use workos_orgs::engine::{Clock, Engine, Feed, Ledger, Policy, Rate, Settings, Shutdown, Summary};
use workos_orgs::organization::Problem;
use workos_orgs::organization::{DomainData, DomainState, Fingerprint, NewOrganization};
use workos_orgs::plan::{Create, Doubt, Operation, Task};
use workos_orgs::results::{Record, Status};

pub(crate) fn settings() -> Settings {
    Settings {
        rate: Rate::Unlimited,
        concurrency: None,
        policy: Policy::default(),
        max_failures: 50,
    }
}

pub(crate) fn at_90() -> Settings {
    Settings {
        rate: Rate::PerSecond(90.0),
        ..settings()
    }
}

/// This machine's clock, which knows nothing of the server's.
pub(crate) fn clock() -> Clock {
    Clock::simulated(Timestamp::from_second(1_000_000_000).unwrap())
}

pub(crate) fn engine_with(
    server: &Server,
    settings: Settings,
    shutdown: &Shutdown,
) -> Engine<Server> {
    Engine::new(
        server.clone(),
        settings,
        Vec::new(),
        shutdown.clone(),
        clock(),
    )
}

pub(crate) fn engine(server: &Server, shutdown: &Shutdown) -> Engine<Server> {
    engine_with(server, settings(), shutdown)
}

pub(crate) fn named(name: &str) -> NewOrganization<'static> {
    NewOrganization {
        name: name.to_owned().into(),
        domain_data: Vec::new(),
        external_id: None,
        metadata: BTreeMap::new(),
    }
}

pub(crate) fn with_domain(name: &str, domain: &str) -> NewOrganization<'static> {
    NewOrganization {
        domain_data: vec![DomainData {
            domain: domain.to_owned().into(),
            state: DomainState::Pending,
        }],
        ..named(name)
    }
}

pub(crate) fn with_external_id(name: &str, external_id: &str) -> NewOrganization<'static> {
    NewOrganization {
        external_id: Some(external_id.to_owned().into()),
        ..named(name)
    }
}

pub(crate) fn with_plan(name: &str, plan: &str) -> NewOrganization<'static> {
    NewOrganization {
        metadata: BTreeMap::from([("plan".to_owned().into(), plan.to_owned().into())]),
        ..named(name)
    }
}

pub(crate) fn doubtful(row: u64, new: NewOrganization<'static>, doubt: Option<Doubt>) -> Task {
    Task {
        row,
        line: row + 1,
        list: Fingerprint(row),
        cells: None,
        operation: Operation::Create(Box::new(Create::new(new, doubt))),
    }
}

pub(crate) fn task(row: u64, new: NewOrganization<'static>) -> Task {
    doubtful(row, new, None)
}

pub(crate) fn invalid(row: u64) -> Task {
    Task {
        row,
        line: row + 1,
        list: Fingerprint(row),
        cells: None,
        operation: Operation::Reject(vec![Problem::new("name_missing", "no name")].into()),
    }
}

/// Rows with names of their own.
pub(crate) fn tasks(rows: std::ops::RangeInclusive<u64>) -> Vec<Task> {
    rows.map(|row| task(row, named(&format!("Row {row}"))))
        .collect()
}

pub(crate) async fn process(server: &Server, new: NewOrganization<'static>) -> Record {
    let shutdown = Shutdown::default();
    let engine = engine(server, &shutdown);
    let processed = engine.process_one(task(1, new)).await;
    processed.expect("the row has an outcome").0
}

/// Processes all rows at once with one engine.
pub(crate) async fn process_all(server: &Server, tasks: Vec<Task>) -> Vec<Record> {
    let shutdown = Shutdown::default();
    let engine = engine(server, &shutdown);
    let processed = join_all(tasks.into_iter().map(|task| engine.process_one(task))).await;
    processed
        .into_iter()
        .map(|processed| processed.unwrap().0)
        .collect()
}

/// Every row is created, each with an organization of its own, and there are no others.
pub(crate) fn each_has_its_own(server: &Server, records: &[Record]) {
    for record in records {
        assert_eq!(record.status, Status::Created, "{record:?}");
    }
    let owned: Vec<_> = records
        .iter()
        .map(|r| r.organization_id.clone().unwrap())
        .collect();
    let distinct: HashSet<_> = owned.iter().cloned().collect();
    assert_eq!(distinct.len(), owned.len(), "no organization has two rows");
    assert_eq!(distinct, server.ids().into_iter().collect());
}

/// What a ledger in memory was told.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    pub(crate) blocks: Vec<(Instant, Vec<u64>, Option<Timestamp>)>,
    pub(crate) records: Vec<Record>,
    pub(crate) lost: Vec<Duration>,
    pub(crate) ticks: usize,
    pub(crate) is_full: bool,
}

/// A ledger in memory, which can be read while a run goes on.
#[derive(Clone, Debug, Default)]
pub(crate) struct MemoryLedger(Arc<Mutex<Entries>>);

impl MemoryLedger {
    pub(crate) fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap()
    }

    pub(crate) fn records(&self) -> Vec<Record> {
        let mut records = self.entries().records.clone();
        records.sort_by_key(|record| record.row);
        records
    }

    pub(crate) fn record(&self, row: u64) -> Record {
        let records = self.records();
        let mut of_row = records.iter().filter(|record| record.row == row);
        let record = of_row.next().expect("the row has an outcome").clone();
        assert!(of_row.next().is_none(), "row {row} has one outcome");
        record
    }

    pub(crate) fn dispatched(&self) -> Vec<u64> {
        let entries = self.entries();
        let rows = entries.blocks.iter().flat_map(|block| block.1.clone());
        rows.collect()
    }
}

impl Ledger for MemoryLedger {
    type Error = &'static str;

    fn dispatch(&mut self, rows: &[&Task], at: Option<Timestamp>) -> Result<(), Self::Error> {
        let mut entries = self.entries();
        if entries.is_full {
            return Err("the disk is full");
        }
        let rows = rows.iter().map(|task| task.row).collect();
        entries.blocks.push((Instant::now(), rows, at));
        Ok(())
    }

    fn finish(&mut self, task: &Task, record: &Record) -> Result<(), Self::Error> {
        assert_eq!(task.row, record.row);
        self.entries().records.push(record.clone());
        Ok(())
    }

    fn answer_lost(&mut self, patience: Duration) -> Result<(), Self::Error> {
        self.entries().lost.push(patience);
        Ok(())
    }

    fn tick(&mut self, _: Option<Timestamp>) -> Result<(), Self::Error> {
        self.entries().ticks += 1;
        Ok(())
    }
}

/// A run after a preflight, of these rows.
pub(crate) struct TestRun {
    pub(crate) engine: Engine<Server>,
    pub(crate) shutdown: Shutdown,
    pub(crate) ledger: MemoryLedger,
}

impl TestRun {
    pub(crate) async fn new(server: &Server, settings: Settings) -> Self {
        let shutdown = Shutdown::default();
        let engine = engine_with(server, settings, &shutdown);
        let baseline = engine.preflight().await.unwrap();
        Self {
            engine: engine.with_baseline(baseline, Vec::new()),
            shutdown,
            ledger: MemoryLedger::default(),
        }
    }

    pub(crate) async fn run(&self, tasks: Vec<Task>) -> Summary<&'static str, Infallible> {
        let feed = Feed::inline(tasks.into_iter().map(Ok::<_, Infallible>));
        self.engine.run(feed, &mut self.ledger.clone()).await
    }

    /// Runs these rows and interrupts the run so much later.
    pub(crate) async fn interrupted_after(
        &self,
        after: Duration,
        tasks: Vec<Task>,
    ) -> Summary<&'static str, Infallible> {
        let (summary, ()) = tokio::join!(self.run(tasks), async {
            tokio::time::sleep(after).await;
            self.shutdown.interrupt();
        });
        summary
    }
}
