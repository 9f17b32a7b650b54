//! The options that all channels share, and the conversion of complete settings into a channel.

use super::table::Table;
use crate::channel::{Channel, Limits, OnUnknown};
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::say;
use crate::source::Span;
use std::sync::Arc;
use std::time::Duration;

/// Options of every channel.
#[derive(Debug, Clone, Copy)]
pub(super) struct ChannelOptions {
    pub(super) limits: Limits,
    pub(super) on_unknown: OnUnknown,
    pub(super) timeout: Duration,
}

impl ChannelOptions {
    /// Reads the keys that every provider accepts.
    pub(super) fn read(table: &Table<'_>, email: bool) -> Self {
        let unset = Limits::default();
        let concurrency = table.number("concurrency", 1..=1000).and_then(|n| usize::try_from(n).ok());
        let per_second = table.number("per_second", 1..=100_000).and_then(|n| u32::try_from(n).ok());
        let on_unknown = match table.choice("on_unknown", &["skip", "resend"]) {
            Some("skip") => OnUnknown::Skip,
            Some(_) => OnUnknown::Resend,
            // A mail server can detect a duplicate by its Message-ID, a phone cannot.
            None if email => OnUnknown::Resend,
            None => OnUnknown::Skip,
        };
        let timeout = table.number("timeout_seconds", 1..=600).unwrap_or(if email { 60 } else { 30 });
        Self {
            limits: Limits { concurrency: concurrency.unwrap_or(unset.concurrency), per_second },
            on_unknown,
            timeout: Duration::from_secs(timeout),
        }
    }
}

/// Wraps a channel, or reports the setting that makes it impossible.
pub(super) fn into_channel<C: Channel + 'static>(
    span: Span,
    channel: Result<C, Phrase>,
) -> Result<Arc<dyn Channel>, Vec<Diagnostic>> {
    match channel {
        Ok(channel) => Ok(Arc::new(channel)),
        Err(fault) => Err(vec![Diagnostic::new(Code::BadSetting, span, fault, say!("cannot be set up"))]),
    }
}
