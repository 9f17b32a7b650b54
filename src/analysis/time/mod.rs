//! Moments and times of day that a funnel waits for.

mod distance;
mod held;
mod moment;
mod night;
mod outside_hours;

pub(super) use held::held_messages;
pub(super) use moment::{endless_waits, moments};
pub(super) use night::at_night;
pub(super) use outside_hours::outside_hours;
