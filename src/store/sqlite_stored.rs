//! The JSON in the columns of a store: what is left of a message or a line beside the other columns.

use crate::engine::{Fields, Line, LineKind, Message, Rendered};
use crate::graph::ElementId;
use crate::value::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::borrow::Cow;

/// The part of a message that has no column of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct StoredMessage<'a> {
    pub(super) zone: Cow<'a, str>,
    pub(super) channel: Cow<'a, str>,
    pub(super) content: Cow<'a, Rendered>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) marketing: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) topic: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) latest: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) outcome_expected: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) answer_expected: bool,
}

impl<'a> StoredMessage<'a> {
    pub(super) fn of(message: &'a Message) -> Self {
        Self {
            zone: Cow::Borrowed(&message.zone),
            channel: Cow::Borrowed(&message.channel),
            content: Cow::Borrowed(&message.content),
            marketing: message.marketing,
            topic: message.topic.as_deref().map(Cow::Borrowed),
            latest: message.latest,
            outcome_expected: message.outcome_expected,
            answer_expected: message.answer_expected,
        }
    }
}

/// One line of several in a row.
#[derive(Debug, Serialize)]
pub(super) struct StoredLineRef<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) element: &'a str,
    #[serde(flatten)]
    pub(super) kind: &'a LineKind,
}

/// Reads the lines of a row; `of_row` has what the other columns say.
pub(super) fn parse_lines(text: &str, of_row: &Line) -> serde_json::Result<Vec<Line>> {
    let lines: Vec<Fields> = serde_json::from_str(text)?;
    let read = |mut line: Fields| {
        let element = match line.remove("element") {
            Some(Json::String(element)) => element,
            Some(_) | None => String::new(),
        };
        let kind = serde_json::from_value(Json::Object(line))?;
        Ok(Line { element: ElementId(element), kind, ..of_row.clone() })
    };
    lines.into_iter().map(read).collect()
}
