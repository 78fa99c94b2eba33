//! A command as the user types it.

use std::path::PathBuf;
use workos_orgs::columns::{CellRules, MappingOptions, OnePer};
use workos_orgs::engine::{Policy, Rate, Settings};
use workos_orgs::input::{ReadOptions, Source};
use workos_orgs::plan::Mode;
use workos_orgs::run::{Answers, Request, SyncRequest, UndoRequest};

/// What the user types.
#[derive(Clone, Debug)]
pub(crate) struct Command {
    /// The list, or the results file of a retry.
    pub(crate) path: PathBuf,
    pub(crate) mode: Mode,
    pub(crate) one_per: OnePer,
    pub(crate) limit: Option<u64>,
    pub(crate) sync: SyncRequest,
    pub(crate) undo: UndoRequest,
    pub(crate) is_dry_run: bool,
    pub(crate) answers: Answers,
    pub(crate) has_wrong_key: bool,
    pub(crate) is_production: bool,
    /// What is answered to a question; nothing where there is no terminal.
    pub(crate) says: Option<bool>,
    /// The names and external ids that each customer has and had: the user knows who is who.
    pub(crate) names: Vec<Vec<(String, String)>>,
    pub(crate) max_failures: u64,
}

pub(crate) fn request(command: &Command) -> Request {
    Request {
        source: Source::File(command.path.clone()),
        read: ReadOptions::default(),
        mapping: MappingOptions {
            one_per: Some(command.one_per.clone()),
            cells: CellRules {
                clear: command.sync.options.clear.clone(),
                ..CellRules::default()
            },
            ..MappingOptions::default()
        },
        results: None,
        mode: command.mode.clone(),
        limit: command.limit,
        sync: command.sync.clone(),
        undo: command.undo.clone(),
        corrections: None,
        rate_file: None,
        is_dry_run: command.is_dry_run,
        settings: Settings {
            rate: Rate::PerSecond(90.0),
            concurrency: None,
            policy: Policy::default(),
            max_failures: command.max_failures,
        },
        answers: command.answers.clone(),
        json: false,
        is_test_run: false,
    }
}
