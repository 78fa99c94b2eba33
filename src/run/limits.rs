//! The limits of a sync: a broken query must not rewrite an environment.

use super::run_plan::RunPlan;
use super::{Error, SyncRequest};
use crate::text::{counted, grouped};

impl SyncRequest {
    /// Refuses a plan that is larger than was expected: a broken query must not change everything.
    ///
    /// # Errors
    /// When it is; nothing was sent then.
    pub(super) fn refuse_excess(&self, plan: &RunPlan) -> Result<(), Error> {
        let create = (plan.new + plan.again).saturating_sub(plan.invalid);
        let limits = [
            (plan.updates, self.max_changes, "update", "--max-changes"),
            (create, self.max_create, "create", "--max-create"),
        ];
        for (count, limit, verb, option) in limits {
            if let Some(limit) = limit.filter(|limit| count > *limit) {
                return Err(Error::Excess {
                    message: format!(
                        "nothing was sent: the plan would {verb} {}, and {option} allows {}",
                        counted(count, "organization"),
                        grouped(limit)
                    ),
                    hint: format!(
                        "look at the plan with workos-orgs plan; if it is right, raise {option}"
                    ),
                });
            }
        }
        let too_few = self.expect_min_rows.filter(|rows| plan.rows < *rows);
        too_few.map_or(Ok(()), |rows| {
            Err(Error::Excess {
                message: format!(
                    "nothing was sent: the list has {}, and --expect-min-rows asks for {}",
                    counted(plan.rows, "row"),
                    grouped(rows)
                ),
                hint: "check how the list was made; if it is complete, lower --expect-min-rows"
                    .to_owned(),
            })
        })
    }
}
