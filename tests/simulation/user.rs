//! The user: edits the list and the results file, and answers what the program asks.

use crate::command::Command;
use crate::process::{Hazards, Meddling, customers_of, is_same_customer};
use crate::sheet::Sheet;
use crate::story::{Checked, Story};
use crate::writers::Other;
use serde_json::json;
use std::time::Duration;
use tokio::time::sleep;
use workos_orgs::plan::Mode;
use workos_orgs::run::{EditedRows, Error};

/// A kind of edit of the list.
///
/// Between two runs the list gets edits of one kind only, but for rows that are renamed and sorted.
/// Where rows come and go, one in the place of another may be asked about beside one that was
/// renamed, and one option answers for all rows of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edit {
    Insert,
    Delete,
    Correct,
    Sort,
}

impl Edit {
    fn goes_with(self, other: Self) -> bool {
        let of_order = |edit| matches!(edit, Self::Correct | Self::Sort);
        self == other || (of_order(self) && of_order(other))
    }
}

impl Story {
    /// What the user, or somebody else, does to the files between two commands.
    pub(crate) async fn edit(&mut self) -> Checked {
        if self.random.percent(50) {
            self.edit_list();
        }
        if self.random.percent(25) {
            self.edit_results();
        }
        if self.random.percent(8) {
            self.attack_journal().await;
        }
        self.machine.disk.settle();
        Ok(())
    }

    fn edit_list(&mut self) {
        if self.pending.is_some() && self.random.percent(25) {
            self.undo();
            return;
        }
        let kinds = [
            Edit::Insert,
            Edit::Insert,
            Edit::Delete,
            Edit::Correct,
            Edit::Sort,
        ];
        let kind = *self.random.pick(&kinds);
        if self.pending.is_some_and(|pending| !kind.goes_with(pending)) {
            return;
        }
        // Without a reliable journal a renamed row is a new customer.
        if kind == Edit::Correct && self.journal_is_unreliable {
            return;
        }
        if self.before_edits.is_none() {
            self.before_edits = Some((self.list.clone(), self.customers.clone()));
        }
        if self.pending.is_some_and(|pending| pending != kind) {
            self.machine.trace.count("user: sorts and renames at once");
        }
        self.pending = Some(kind);
        self.machine.trace.count("user: edits the list");
        match kind {
            Edit::Insert => {
                let gone: Vec<usize> = (0..self.customers.len())
                    .filter(|customer| !self.list.contains(customer))
                    .collect();
                let customer = if !gone.is_empty() && self.random.percent(30) {
                    *self.random.pick(&gone)
                } else {
                    let new = self.maker.make(&mut self.random, &self.customers);
                    self.customers.push(new);
                    self.customers.len() - 1
                };
                let at = if self.random.percent(50) {
                    self.list.len()
                } else {
                    self.random.index(self.list.len() + 1)
                };
                self.list.insert(at, customer);
                let values = &self.customers[customer].now;
                self.say(format!(
                    "user: inserts customer {customer} at {at}: {values:?}"
                ));
            }
            Edit::Delete if self.list.len() > 2 => {
                let at = self.random.index(self.list.len());
                let customer = self.list.remove(at);
                self.say(format!("user: deletes customer {customer}"));
            }
            Edit::Delete => {}
            Edit::Correct => {
                let customer = *self.random.pick(&self.list);
                let mut values = self.customers[customer].now.clone();
                values.name.push_str(" Inc");
                self.say(format!(
                    "user: renames customer {customer} to {:?}",
                    values.name
                ));
                self.customers[customer].change(values);
                self.corrected.remove(&customer);
            }
            Edit::Sort => {
                self.random.shuffle(&mut self.list);
                self.say(format!("user: sorts the list: {:?}", self.list));
            }
        }
        self.write_list();
    }

    fn undo(&mut self) {
        let Some((list, customers)) = self.before_edits.take() else {
            return;
        };
        self.say(format!("user: undoes the edits: {list:?}"));
        self.machine.trace.count("user: undoes edits");
        for (customer, before) in customers.into_iter().enumerate() {
            self.customers[customer].now = before.now;
        }
        self.list = list;
        self.pending = None;
        self.write_list();
    }

    fn edit_results(&mut self) {
        let path = self.results();
        let Some(mut sheet) = Sheet::read(&path) else {
            return;
        };
        // What is left of a row that was cut would be an edit once the file is saved again.
        if !std::fs::read(&path).unwrap().ends_with(b"\n") {
            return;
        }
        self.machine.trace.count("user: edits the results file");
        match self.random.below(8) {
            0 => {
                self.say("user: moves columns of the results file");
                let mut order: Vec<usize> = (0..sheet.header.len()).collect();
                self.random.shuffle(&mut order);
                sheet.header = in_order(&sheet.header, &order);
                let rows = sheet.rows.iter();
                sheet.rows = rows.map(|row| in_order(row, &order)).collect();
            }
            1 => {
                self.say("user: sorts the results file");
                self.random.shuffle(&mut sheet.rows);
            }
            2 => {
                self.say("user: removes workos_row");
                if let Some(column) = sheet.column("workos_row") {
                    sheet.header.remove(column);
                    for row in &mut sheet.rows {
                        row.remove(column);
                    }
                }
            }
            3 => {
                let done = |row: &usize| !sheet.cell(*row, "workos_organization_id").is_empty();
                let done: Vec<usize> = (0..sheet.rows.len()).filter(done).collect();
                for row in done.into_iter().rev() {
                    if self.random.percent(60) {
                        let customer = sheet.customer(row);
                        self.say(format!("user: drops the done row of {customer:?}"));
                        self.dropped.extend(customer);
                        sheet.rows.remove(row);
                    }
                }
            }
            4 => {
                self.say("user: saves the results file as a spreadsheet does");
                sheet.has_mark = true;
                sheet.has_crlf = true;
                sheet.separator = b';';
                for name in ["workos_row", "workos_attempts", "workos_http_status"] {
                    let column = sheet.column(name);
                    for row in &mut sheet.rows {
                        if let Some(cell) = column.and_then(|at| row.get_mut(at))
                            && !cell.is_empty()
                        {
                            cell.push_str(",00");
                        }
                    }
                }
            }
            5 => self.correct_results(&mut sheet),
            6 => {
                self.say("user: deletes the results file");
                self.corrected.clear();
                std::fs::remove_file(&path).unwrap();
                return;
            }
            _ => {
                let bytes = std::fs::read(&path).unwrap();
                let length = self.random.index(bytes.len() + 1);
                self.say(format!(
                    "user: truncates the results file to {length} bytes"
                ));
                self.corrected.clear();
                std::fs::write(&path, &bytes[..length]).unwrap();
                return;
            }
        }
        sheet.write(&path);
    }

    /// Corrects the names of rows that failed.
    fn correct_results(&mut self, sheet: &mut Sheet) {
        if self.journal_is_unreliable {
            return;
        }
        for row in 0..sheet.rows.len() {
            let status = sheet.cell(row, "workos_status").to_owned();
            if !["failed", "conflict", "invalid"].contains(&status.as_str()) {
                continue;
            }
            let (Some(customer), Some(column)) = (sheet.customer(row), sheet.column("Name")) else {
                continue;
            };
            let name = format!("{} Ltd", sheet.cell(row, "Name"));
            self.say(format!(
                "user: corrects customer {customer} in the results file: {name:?}"
            ));
            let mut values = self.customers[customer].now.clone();
            values.name.clone_from(&name);
            self.customers[customer].versions.push(values);
            self.corrected.insert(customer, name.clone());
            sheet.rows[row][column] = name;
        }
    }

    /// Loses the journal or a part of it.
    ///
    /// Only while no row was ever renamed: after that a row of the list is not like its
    /// organization, so without the journal and without an external id it is a new customer, and
    /// with one it is in conflict with its own. And only when the server lists everything: a row
    /// that the journal does not mention is compared with the listing once, without patience.
    async fn attack_journal(&mut self) {
        let path = self.journal();
        let (Ok(bytes), true) = (std::fs::read(&path), self.can_lose_journal()) else {
            return;
        };
        self.journal_is_unreliable = true;
        sleep(Duration::from_secs(120)).await;
        match self.random.below(3) {
            0 => {
                self.machine.trace.fault("journal: deleted", "");
                std::fs::remove_file(&path).unwrap();
            }
            1 => {
                let length = self.random.index(bytes.len() + 1);
                self.machine
                    .trace
                    .fault("journal: truncated", format!("to {length} bytes"));
                std::fs::write(&path, &bytes[..length]).unwrap();
            }
            _ => {
                let Some(backup) =
                    (!self.backups.is_empty()).then(|| self.random.pick(&self.backups).clone())
                else {
                    return;
                };
                self.machine.trace.fault("journal: older copy restored", "");
                std::fs::write(&path, backup).unwrap();
            }
        }
    }

    pub(crate) fn can_lose_journal(&self) -> bool {
        !self
            .customers
            .iter()
            .any(crate::customers::Customer::was_edited)
    }

    /// What happens during a command.
    pub(crate) fn hazards(&mut self) -> Hazards {
        let mut hazards = Hazards {
            is_power_loss: self.random.percent(50),
            ..Hazards::default()
        };
        match self.random.below(5) {
            0 => {
                let scale = *self.random.pick(&[10, 60, 300]);
                hazards.crash_at_poll = Some(self.random.between(1, scale));
            }
            1 => {
                let scale = *self.random.pick(&[5, 12, 40]);
                hazards.disk.crash_at = Some(self.random.below(scale));
            }
            2 => {
                let (start, length) = (self.random.below(20), self.random.between(1, 8));
                if self.random.percent(50) {
                    hazards.disk.full = start..start + length;
                } else {
                    hazards.disk.read_only = start..start + length;
                }
            }
            _ => {}
        }
        let moment = |random: &mut crate::random::Random| {
            let scale = *random.pick(&[1_000, 5_000, 60_000]);
            Duration::from_millis(random.below(scale))
        };
        if self.random.percent(12) {
            for _ in 0..self.random.between(1, 2) {
                let at = moment(&mut self.random);
                hazards.interrupts.push(at);
            }
            hazards.interrupts.sort_unstable();
        }
        if self.random.percent(12) {
            let at = moment(&mut self.random);
            let results = self.results();
            let meddling = match self.random.below(3) {
                0 => Meddling::Delete(results),
                1 => Meddling::Truncate(results, self.random.below(100)),
                _ => Meddling::Append(results, "\n".to_owned()),
            };
            // What the user had corrected may be gone with it.
            self.corrected.clear();
            hazards.meddling.push((at, meddling));
        }
        if self.random.percent(5) && self.can_lose_journal() {
            let at = moment(&mut self.random);
            let journal = self.journal();
            let meddling = if self.random.percent(50) {
                Meddling::Delete(journal)
            } else {
                Meddling::Truncate(journal, self.random.below(100))
            };
            self.journal_is_unreliable = true;
            hazards.meddling.push((at, meddling));
        }
        for _ in 0..self.random.below(3) {
            let at = moment(&mut self.random);
            let namesake = self.namesake();
            hazards.application.push((at, Other::Create(namesake), 0));
        }
        hazards
    }

    /// An organization of the customer's own application that has the name of a row. It always
    /// has metadata that no row has: one that equals a row in everything, created while the row's
    /// answer is lost, cannot be told from the row's own.
    pub(crate) fn namesake(&mut self) -> serde_json::Value {
        let customer = self.random.index(self.customers.len());
        let values = &self.customers[customer].now;
        let mut domains = Vec::new();
        if self.random.percent(50) {
            domains.push(json!({"domain": format!("app{customer}.org"), "state": "pending"}));
        } else if !values.domain.is_empty() && !self.machine.server.state().weather.unique_domains {
            domains.push(json!({"domain": values.domain, "state": "pending"}));
        }
        json!({"name": values.name, "domain_data": domains, "metadata": {"app": "yes"}})
    }

    /// What the user does about a refusal: changes the command. `false` where nothing can be done
    /// but to try again later.
    pub(crate) fn respond(&mut self, error: &Error, command: &mut Command) -> Checked<bool> {
        let (message, hint) = (error.to_string(), error.hint().unwrap_or_default());
        let answers = &mut command.answers;
        if hint.contains("--edited-rows") {
            if answers.edited_rows.is_some() {
                return Err(format!("asked again: {message}"));
            }
            let answer = self.answer_about(&message, &customers_of(&command.path))?;
            command.answers.edited_rows = Some(answer);
            self.say(format!("user: --edited-rows {answer:?}"));
        } else if hint.contains("--without-journal") && !answers.without_journal {
            answers.without_journal = true;
        } else if hint.contains("--changed-ids") && !answers.changed_ids {
            answers.changed_ids = true;
        } else if hint.contains("--added-rows") && !answers.added_rows {
            answers.added_rows = true;
        } else if hint.contains("--yes") && !answers.yes {
            answers.yes = true;
        } else if hint.contains("finish it first") {
            let answers = command.answers.clone();
            *command = self.import();
            command.answers = answers;
        } else if hint.contains("--discard-edits") && !answers.discard_edits {
            if command.mode == Mode::Import && self.random.percent(50) {
                let answers = command.answers.clone();
                *command = self.retry();
                command.answers = answers;
            } else {
                self.say("user: --discard-edits");
                self.corrected.clear();
                answers.discard_edits = true;
            }
        } else if message.contains("results file")
            || message.contains("customers.results.csv")
                && !message.contains("journal")
                && !message.contains("in use")
        {
            // A results file that was cut, or is gone: the import makes it again.
            self.say("user: removes what is left of the results file");
            let _ = std::fs::remove_file(self.results());
            self.corrected.clear();
            let answers = command.answers.clone();
            *command = self.import();
            command.answers = answers;
        } else if command.has_wrong_key {
            command.has_wrong_key = false;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// Whether renamed rows are the customers that they were, as the user knows.
    fn answer_about(&self, message: &str, customers: &[Option<usize>]) -> Checked<EditedRows> {
        let mut answers = Vec::new();
        let names = self.names();
        for part in message.split("line ").skip(1) {
            let Some(is_same) = is_same_customer(part, &names, customers) else {
                return Err(format!("an unreadable question: {message}"));
            };
            answers.push(if is_same {
                EditedRows::Keep
            } else {
                EditedRows::Create
            });
        }
        let first = answers.first().copied();
        let first = first.ok_or_else(|| format!("an unreadable question: {message}"))?;
        if answers.iter().any(|answer| *answer != first) {
            return Err(format!("one answer for several customers: {message}"));
        }
        Ok(first)
    }
}

/// The cells of a row in another order.
fn in_order(row: &[String], order: &[usize]) -> Vec<String> {
    let cell = |at: &usize| row.get(*at).cloned().unwrap_or_default();
    order.iter().map(cell).collect()
}
