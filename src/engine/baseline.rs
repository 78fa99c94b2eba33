//! What there was before the first run of a list: none of it can be the work of a run.

use super::clock::earlier;
use super::window::CLOCK_MARGIN;
use crate::workos::Organization;
use jiff::Timestamp;

/// The newest organizations of the environment when the first run began.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// When the run began, by the server's clock; `None` if unknown.
    pub at: Option<Timestamp>,
    /// When the newest organization was created; `None` where there was none.
    pub newest: Option<Timestamp>,
    /// The ids of the organizations created about then.
    pub ids: Vec<String>,
    /// Whether the beginning is not known: rows may have been sent before.
    pub is_late: bool,
}

impl Baseline {
    /// The baseline of an environment with these newest organizations.
    ///
    /// It names all that were created within the margin of clocks before the newest: an
    /// organization of the run may seem older than the newest by that much.
    pub(super) fn of_newest(organizations: &[Organization], at: Option<Timestamp>) -> Self {
        let newest = organizations.iter().filter_map(|o| o.created_at).max();
        let is_recent = |organization: &&Organization| match (organization.created_at, newest) {
            (Some(created_at), Some(newest)) => created_at >= earlier(newest, CLOCK_MARGIN),
            _ => true,
        };
        let recent = organizations.iter().filter(is_recent);
        Self {
            at,
            newest,
            ids: recent.map(|organization| organization.id.clone()).collect(),
            is_late: false,
        }
    }

    /// What is older than this cannot be the work of a run; `None` where anything can.
    pub(super) fn start(&self) -> Option<Timestamp> {
        let start = self.newest.or(self.at).filter(|_| !self.is_late);
        start.map(|start| earlier(start, CLOCK_MARGIN))
    }

    /// Whether this organization was there before. Not known where the baseline is late: those that
    /// it names may be the work of an earlier run.
    pub(super) fn names(&self, id: &str) -> bool {
        !self.is_late && self.ids.iter().any(|known| known == id)
    }

    /// Whether an organization can be the work of a run.
    pub(super) fn allows(&self, organization: &Organization) -> bool {
        let is_new = |created_at| self.start().is_none_or(|start| created_at >= start);
        !self.names(&organization.id) && organization.created_at.is_none_or(is_new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn created(id: &str, second: Option<i64>) -> Organization {
        Organization {
            id: id.to_owned(),
            name: String::new(),
            domains: None,
            metadata: None,
            external_id: None,
            created_at: second.map(|second| Timestamp::from_second(second).unwrap()),
            json: None,
        }
    }

    #[test]
    fn what_was_there_is_named_and_what_a_clock_is_behind_is_allowed() {
        let there = [
            created("c", Some(1000)),
            created("b", Some(995)),
            created("a", Some(900)),
        ];
        let baseline = Baseline::of_newest(&there, None);
        assert_eq!(baseline.ids, ["c", "b"]);
        assert!(there.iter().all(|old| !baseline.allows(old)));
        assert!(baseline.allows(&created("d", Some(999))));
        assert!(baseline.allows(&created("e", None)));
        assert!(!baseline.allows(&created("f", Some(980))));
    }

    #[test]
    fn where_the_beginning_is_not_known_anything_is_allowed() {
        let baseline = Baseline {
            is_late: true,
            ..Baseline::of_newest(&[created("c", Some(1000))], None)
        };
        assert_eq!(baseline.start(), None);
        assert!(baseline.allows(&created("a", Some(1))));
        assert!(
            baseline.allows(&created("c", Some(1000))),
            "an earlier run may have created it"
        );
    }
}
