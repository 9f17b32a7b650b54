//! What is kept of one client beside runs: records and fields, consent, the past, messages under limits.

pub(super) mod consent;
pub(super) mod history;
pub(super) mod limit;
pub(super) mod record;
