//! Random events against a model that knows nothing of files.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
enum Action {
    Begin,
    Dispatch(Vec<u64>, Option<i64>),
    Outcome(u64, Status),
    Alive(Option<i64>),
    AnswerLost(i64, u64),
    End(bool),
}

fn action() -> impl Strategy<Value = Action> {
    let at = || proptest::option::of(0_i64..1000);
    prop_oneof![
        1 => Just(Action::Begin),
        5 => (proptest::collection::vec(1_u64..30, 0..5), at())
            .prop_map(|(rows, at)| Action::Dispatch(rows, at)),
        9 => (1_u64..30, proptest::sample::select(Status::ALL.to_vec()))
            .prop_map(|(row, status)| Action::Outcome(row, status)),
        1 => at().prop_map(Action::Alive),
        1 => (0_i64..1000, 0_u64..60).prop_map(|(at, for_)| Action::AnswerLost(at, for_)),
        1 => any::<bool>().prop_map(Action::End),
    ]
}

/// What a journal says of one row.
#[derive(Clone, Debug)]
struct Row {
    progress: Progress,
    organization: bool,
    /// The times of the dispatches since the last certain outcome.
    dispatches: Vec<Option<i64>>,
    run: usize,
}

#[derive(Debug, Default)]
struct Model {
    rows: BTreeMap<u64, Row>,
    /// The last server time of each run.
    runs: Vec<Option<i64>>,
    is_open: bool,
    is_unverified: bool,
}

impl Model {
    fn row(&mut self, row: u64) -> &mut Row {
        let run = self.runs.len() - 1;
        let row = self.rows.entry(row).or_insert(Row {
            progress: Progress::Unseen,
            organization: false,
            dispatches: Vec::new(),
            run,
        });
        row.run = run;
        row
    }

    fn alive(&mut self, at: Option<i64>) {
        let last = self.runs.last_mut().unwrap();
        *last = at.map(|at| last.unwrap_or(at).max(at));
    }

    fn apply(&mut self, action: &Action) {
        match action {
            Action::Begin => {
                self.is_unverified |= self.is_open;
                self.is_open = false;
                self.runs.push(None);
            }
            Action::Dispatch(rows, at) => {
                self.is_open = true;
                self.alive(*at);
                for row in rows {
                    let row = self.row(*row);
                    row.progress = Progress::Dispatched;
                    row.dispatches.push(*at);
                }
            }
            Action::Outcome(row, status) => {
                let row = self.row(*row);
                row.progress = Progress::Outcome(*status);
                row.organization |= status.is_done();
                if *status == Status::Unknown {
                    // Unknown without a dispatch: since when is not known.
                    if row.dispatches.is_empty() {
                        row.dispatches.push(None);
                    }
                } else {
                    row.dispatches.clear();
                }
            }
            Action::Alive(at) => self.alive(*at),
            Action::AnswerLost(..) => self.is_unverified = true,
            Action::End(is_verified) => {
                self.is_open = false;
                self.is_unverified = !is_verified;
            }
        }
    }

    fn check(&self, state: &State) {
        assert_eq!(state.runs(), self.runs.len() as u64);
        assert_eq!(state.needs_comparison(), self.is_unverified || self.is_open);
        let outcomes = self.rows.values().filter_map(|row| row.progress.status());
        let mut counts = crate::results::Counts::default();
        outcomes.for_each(|status| counts.add(Some(status)));
        assert_eq!(state.counts(), counts);
        for (id, row) in &self.rows {
            let known = state.row(*id).unwrap();
            let own = dispatched_row(*id);
            assert_eq!(known.progress, row.progress);
            assert_eq!(known.list, own.list);
            assert_eq!(known.sent, own.sent.unwrap_or(own.list));
            assert_eq!(known.external_id, own.external_id.as_deref().map(id_hash));
            let organization = row.organization.then(|| id_hash(&format!("org_{id}")));
            assert_eq!(known.organization, organization);
            let doubt = row.progress.is_in_doubt().then(|| Doubt {
                since: row.dispatches.first().copied().flatten().map(second),
                until: self.runs[row.run].map(|at| second(at + 60)),
            });
            assert_eq!(state.doubt(*id), doubt);
        }
        let in_doubt = self
            .rows
            .iter()
            .filter(|(_, row)| row.progress.is_in_doubt());
        assert!(state.rows_in_doubt().eq(in_doubt.map(|(id, _)| *id)));
    }
}

fn carry_out(journal: &mut Journal, action: &Action) {
    match action.clone() {
        Action::Begin => {}
        Action::Dispatch(rows, at) => {
            journal.dispatch(dispatched(&rows, at.map(second))).unwrap();
        }
        Action::Outcome(row, status) => journal.outcome(outcome(row, status)).unwrap(),
        Action::Alive(at) => journal.alive(Alive { at: at.map(second) }).unwrap(),
        Action::AnswerLost(at, patience) => {
            let at = second(at);
            journal.answer_lost(AnswerLost { at, patience }).unwrap();
        }
        Action::End(is_verified) => journal.end(ended(is_verified)).unwrap(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_is_written_is_what_is_read_back(
        actions in proptest::collection::vec(action(), 0..40),
    ) {
        let place = Place::new();
        let mut model = Model::default();
        model.apply(&Action::Begin);
        let mut journal = place.begin();
        for action in &actions {
            if matches!(action, Action::Begin) {
                journal.flush().unwrap();
                drop(journal);
                journal = place.begin();
            }
            carry_out(&mut journal, action);
            model.apply(action);
            model.check(journal.state());
        }
        for row in model.rows.keys() {
            let seen = journal.dispatched_row(*row).unwrap();
            prop_assert_eq!(seen, Some(dispatched_row(*row)));
        }
        journal.flush().unwrap();
        let read = place.read().unwrap();
        prop_assert_eq!(&read, journal.state());
        model.check(&read);
    }
}
