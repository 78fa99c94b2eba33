//! Another rate while a run is at work.

use super::events::{Event, Observers};
use super::pipeline::Engine;
use super::rate::Rate;
use super::throttle::Throttle;
use crate::workos::OrganizationsApi;
use std::sync::Arc;

/// What changes the rate of a run.
#[derive(Clone, Debug)]
pub struct RateControl {
    throttle: Arc<Throttle>,
    observers: Observers,
}

impl<A: OrganizationsApi> Engine<A> {
    /// What changes the rate of its requests.
    pub fn rate_control(&self) -> RateControl {
        RateControl {
            throttle: self.processor.caller.shared_throttle(),
            observers: self.processor.observers.clone(),
        }
    }
}

impl RateControl {
    /// Sends at this rate from now on. A pause that WorkOS asked for still ends when it named.
    pub fn set(&self, rate: Rate) {
        self.throttle.set_rate(rate);
    }

    /// Tells the observers of a change, or why there is none.
    pub fn say(&self, what: &str) {
        self.observers.emit(&Event::RateAsked(what));
    }
}
