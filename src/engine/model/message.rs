//! A message to a channel, as the engine decides on it and the outbox keeps it.

use super::id::{ClientId, MessageId, RunId};
use super::record::Fields;
use crate::graph::ElementId;
use crate::value::Timestamp;
use serde::{Deserialize, Serialize};

/// A message that is to leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its id; never changes on a retry.
    pub id: MessageId,
    /// The run that sends it.
    pub run: RunId,
    /// The IANA name of the run's zone, for the lines about it.
    pub zone: String,
    /// To whom it belongs.
    pub client: ClientId,
    /// The funnel.
    pub funnel: String,
    /// The element.
    pub element: ElementId,
    /// `sms`, `email`, ..; `task`, `call` and `do` for what is not a message to the client.
    pub channel: String,
    /// The address: for a call its URL, for a `do` its action, for a task who does it.
    pub to: String,
    /// What it says.
    pub content: Rendered,
    /// Whether it is marketing, which needs an unsubscribe link.
    pub marketing: bool,
    /// The topic of a marketing message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// The entry of the consent log that allows a marketing message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// When it was decided.
    pub at: Timestamp,
    /// Whether the run waits for its outcome.
    pub outcome_expected: bool,
}

impl Message {
    /// The queue it leaves by. What goes to other systems has one a system, so that none holds back the others: for a
    /// `do` one an action, for a `call` one a host.
    #[must_use]
    pub fn lane(&self) -> String {
        match self.channel.as_str() {
            "do" => format!("do {}", self.to),
            "call" => {
                let behind = self.to.split_once("://").map_or("", |(_, rest)| rest);
                format!("call {}", behind.split(['/', '?', '#']).next().unwrap_or(""))
            }
            channel => channel.to_owned(),
        }
    }
}

/// A message's words, holes filled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rendered {
    /// Text only.
    Text(String),
    /// A request's body, as JSON.
    Json(Fields),
    /// A job for a person, and until when (RFC 3339).
    Task {
        /// What to do.
        text: String,
        /// Until when.
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
