//! A message to a channel, as the engine decides on it and the outbox stores it.

use super::id::{ClientId, MessageId, RunId};
use super::record::Fields;
use super::silence::reason;
use crate::graph::ElementId;
use crate::value::{Timestamp, Zone};
use serde::{Deserialize, Serialize};

/// A message to send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its id; a retry keeps it.
    pub id: MessageId,
    /// The run that sends it.
    pub run: RunId,
    /// The IANA name of the run's zone, for the lines about the message.
    pub zone: String,
    /// The client of the run.
    pub client: ClientId,
    /// The funnel.
    pub funnel: String,
    /// The element.
    pub element: ElementId,
    /// `sms`, `email`, ..; `task`, `call` and `do` for what does not go to the client.
    pub channel: String,
    /// The address. For a call it is the URL, for a `do` the action, for a task the assignee.
    pub to: String,
    /// The content.
    pub content: Rendered,
    /// Whether it is marketing, which needs an unsubscribe link.
    pub marketing: bool,
    /// The topic of a marketing message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// The entry of the consent log that allows a marketing message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// When the engine decided on it.
    pub at: Timestamp,
    /// The moment from which it is too late to send it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest: Option<Timestamp>,
    /// Whether the run waits for the outcome.
    pub outcome_expected: bool,
    /// Whether the run reads the answer, so that a request without one has failed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub answer_expected: bool,
}

impl Message {
    /// Why it is not sent at its last moment or later.
    #[must_use]
    pub fn too_late(&self) -> Option<String> {
        Some(reason::too_late(&Zone::named(&self.zone).unwrap_or(Zone::UTC), self.latest?))
    }

    /// Whether it goes to the client, and not to a system or a colleague.
    #[must_use]
    pub fn is_to_client(&self) -> bool {
        !matches!(self.channel.as_str(), "task" | "call" | "do")
    }

    /// The queue that it is sent through. Other systems have separate queues, so that a slow one does not delay the
    /// rest: one for each action of `do`, one for each host of `call`.
    #[must_use]
    pub fn lane(&self) -> String {
        match self.channel.as_str() {
            "do" => format!("do {}", self.to),
            "call" => {
                let after_scheme = self.to.split_once("://").map_or("", |(_, rest)| rest);
                format!("call {}", after_scheme.split(['/', '?', '#']).next().unwrap_or(""))
            }
            channel => channel.to_owned(),
        }
    }
}

/// The content of a message, with all placeholders filled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rendered {
    /// Plain text.
    Text(String),
    /// The body of a request, as JSON.
    Json(Fields),
    /// A task for a person.
    Task {
        /// What to do.
        text: String,
        /// The deadline (RFC 3339).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<String>,
    },
    /// An email with a plain part, an HTML part, or both.
    Email {
        /// The subject line.
        subject: String,
        /// The plain part.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        /// The HTML part.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        html: Option<String>,
    },
}
