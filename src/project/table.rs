//! Typed access to TOML tables. Reports values that are invalid or missing, and keys that were never requested as
//! unknown.

use crate::diagnostic::{Code, Diagnostic, Phrase, suggest};
use crate::say;
use crate::source::{FileId, Span, Spanned};
use std::cell::RefCell;
use std::ops::RangeInclusive;
use toml::de::{DeTable, DeValue};

/// A TOML value with its place.
pub(super) type Entry<'t> = toml::Spanned<DeValue<'t>>;

/// Collects the findings of one project file.
pub(super) struct TableFindings {
    pub(super) file: FileId,
    found: RefCell<Vec<Diagnostic>>,
}

impl TableFindings {
    pub(super) fn new(file: FileId) -> Self {
        Self { file, found: RefCell::default() }
    }

    pub(super) fn push(&self, diagnostic: Diagnostic) {
        self.found.borrow_mut().push(diagnostic);
    }

    /// Reports an invalid setting (F0603).
    pub(super) fn bad_setting(&self, span: Span, message: Phrase, label: Phrase) {
        self.push(Diagnostic::new(Code::BadSetting, span, message, label));
    }

    pub(super) fn span(&self, range: std::ops::Range<usize>) -> Span {
        Span::new(self.file, range.start, range.end)
    }

    /// Returns the findings, ordered by place.
    pub(super) fn into_sorted(self) -> Vec<Diagnostic> {
        let mut found = self.found.into_inner();
        found.sort_by_key(|diagnostic| diagnostic.span);
        found
    }
}

/// A table, which tracks the keys that were requested.
pub(super) struct Table<'t> {
    pub(super) findings: &'t TableFindings,
    /// Its name for people: `[channels.sms]`.
    pub(super) title: String,
    /// The place of its key.
    pub(super) span: Span,
    entries: &'t DeTable<'t>,
    requested: RefCell<Vec<&'static str>>,
}

impl<'t> Table<'t> {
    pub(super) fn new(findings: &'t TableFindings, title: String, span: Span, entries: &'t DeTable<'t>) -> Self {
        Self { findings, title, span, entries, requested: RefCell::default() }
    }

    /// Returns every key with its place and value.
    pub(super) fn entries(&self) -> impl Iterator<Item = (Spanned<&'t str>, &'t Entry<'t>)> + use<'_, 't> {
        self.entries.iter().map(|(key, value)| (Spanned::new(key.get_ref().as_ref(), self.span_of(key)), value))
    }

    pub(super) fn span_of<T>(&self, value: &toml::Spanned<T>) -> Span {
        self.findings.span(value.span())
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.entries().any(|(name, _)| name.node == key)
    }

    pub(super) fn get(&self, key: &'static str) -> Option<&'t Entry<'t>> {
        self.requested.borrow_mut().push(key);
        self.entries().find(|(name, _)| name.node == key).map(|(_, value)| value)
    }

    pub(super) fn text(&self, key: &'static str) -> Option<Spanned<String>> {
        let value = self.get(key)?;
        match value.get_ref().as_str() {
            Some("") => self.wrong_type(value, key, say!("a non-empty string")),
            Some(text) => Some(Spanned::new(text.to_owned(), self.span_of(value))),
            None => self.wrong_type(value, key, say!("a quoted string")),
        }
    }

    pub(super) fn flag(&self, key: &'static str) -> bool {
        let Some(value) = self.get(key) else { return false };
        value.get_ref().as_bool().or_else(|| self.wrong_type(value, key, say!("true or false"))).unwrap_or(false)
    }

    pub(super) fn number(&self, key: &'static str, range: RangeInclusive<u64>) -> Option<u64> {
        let value = self.get(key)?;
        let number = value.get_ref().as_integer().and_then(|n| u64::from_str_radix(n.as_str(), n.radix()).ok());
        number.filter(|n| range.contains(n)).or_else(|| {
            self.wrong_value(
                value,
                key,
                say!("a number from {low} to {high}", low = *range.start(), high = *range.end()),
            )
        })
    }

    /// Reads one of several words.
    pub(super) fn choice(&self, key: &'static str, words: &[&'static str]) -> Option<&'static str> {
        let value = self.get(key)?;
        let written = value.get_ref().as_str();
        let found = words.iter().find(|word| Some(**word) == written).copied();
        if found.is_none() {
            let all: Vec<_> = words.iter().map(|word| format!("`\"{word}\"`")).collect();
            let span = self.span_of(value);
            let message = say!("`{key}` must be one of {all}", key, all = all.join(", "));
            let mut diagnostic = Diagnostic::new(Code::BadSetting, span, message, say!("not one of these values"));
            if let Some(written) = written
                && let Some(near) = suggest::nearest(written, words.iter().copied())
            {
                let title = say!("change it to `\"{near}\"`", near);
                diagnostic = diagnostic.respell(title, (written, near), span, format!("\"{near}\""));
            }
            self.findings.push(diagnostic);
        }
        found
    }

    pub(super) fn table(&self, key: &'static str) -> Option<Table<'t>> {
        let value = self.get(key)?;
        match value.get_ref() {
            DeValue::Table(entries) => {
                let span = self.entries().find(|(name, _)| name.node == key).map_or(self.span, |(name, _)| name.span);
                Some(Table::new(self.findings, self.child_title(key), span, entries))
            }
            _ => self.wrong_type(value, key, say!("a table")),
        }
    }

    /// Reads every entry as a table, for keys that the author chooses.
    pub(super) fn tables(&self) -> Vec<(Spanned<&'t str>, Table<'t>)> {
        let table = |(name, value): (Spanned<&'t str>, &'t Entry<'t>)| match value.get_ref() {
            DeValue::Table(entries) => {
                let title = self.child_title(name.node);
                Some((name.clone(), Table::new(self.findings, title, name.span, entries)))
            }
            _ => self.wrong_type(value, name.node, say!("a table")),
        };
        self.entries().filter_map(table).collect()
    }

    /// Reads a list of strings.
    pub(super) fn texts(&self, key: &'static str) -> Option<Vec<Spanned<String>>> {
        let value = self.get(key)?;
        let Some(items) = value.get_ref().as_array() else {
            return self.wrong_type(value, key, say!("a list of strings"));
        };
        let text = |item: &Entry<'_>| match item.get_ref().as_str() {
            Some(text) => Some(Spanned::new(text.to_owned(), self.span_of(item))),
            None => self.wrong_type(item, key, say!("a list of strings")),
        };
        Some(items.iter().filter_map(text).collect())
    }

    pub(super) fn child_title(&self, key: &str) -> String {
        match self.title.strip_suffix(']') {
            Some(own) => format!("{own}.{key}]"),
            None => format!("[{key}]"),
        }
    }

    /// Reports a required key that is absent. One that is present but invalid has been reported already.
    pub(super) fn require<T>(&self, key: &'static str, value: Option<T>) -> Option<T> {
        if !self.has(key) {
            self.findings.bad_setting(
                self.span,
                say!("`{title}` needs `{key}`", title = self.title, key),
                say!("missing `{key}`", key),
            );
        }
        value
    }

    /// Reports a value of the wrong type.
    pub(super) fn wrong_type<T>(&self, value: &Entry<'_>, key: &str, expected: Phrase) -> Option<T> {
        let label = say!("found {kind}", kind = kind(value.get_ref()));
        self.findings.bad_setting(self.span_of(value), say!("`{key}` must be {expected}", key, expected), label);
        None
    }

    /// Reports a value that has the wrong type, or the right type and invalid content.
    pub(super) fn wrong_value<T>(&self, value: &Entry<'_>, key: &str, expected: Phrase) -> Option<T> {
        match value.get_ref() {
            DeValue::String(_) | DeValue::Integer(_) => {
                self.findings.bad_setting(
                    self.span_of(value),
                    say!("`{key}` must be {expected}", key, expected),
                    say!("not a valid value"),
                );
                None
            }
            DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => {
                self.wrong_type(value, key, expected)
            }
        }
    }

    /// Reports each key that was not requested.
    pub(super) fn report_unknown_keys(&self) {
        let known = self.requested.borrow();
        for (key, _) in self.entries().filter(|(key, _)| !known.contains(&key.node)) {
            self.unknown(&key, &known);
        }
    }

    /// Reports an unknown key (F0602).
    pub(super) fn unknown(&self, key: &Spanned<&str>, known: &[&str]) {
        let message = say!("unknown key `{key}` in {table}", key = key.node, table = self.title_in_words());
        let mut diagnostic = Diagnostic::new(Code::UnknownKey, key.span, message, say!("unknown key"));
        if let Some(near) = suggest::nearest(key.node, known.iter().copied()) {
            diagnostic = diagnostic.help(say!("did you mean `{near}`?", near)).respell(
                say!("change `{key}` to `{near}`", key = key.node, near),
                (key.node, near),
                key.span,
                near,
            );
        }
        self.findings.push(diagnostic);
    }

    fn title_in_words(&self) -> Phrase {
        if self.title.starts_with('[') {
            Phrase::verbatim(format!("`{}`", self.title))
        } else {
            say!("the project file")
        }
    }
}

/// The type of a value, for people.
fn kind(value: &DeValue<'_>) -> Phrase {
    match value {
        DeValue::String(text) if text.is_empty() => say!("an empty string"),
        DeValue::String(_) => say!("a string"),
        DeValue::Integer(_) => say!("a number"),
        DeValue::Float(_) => say!("a decimal number"),
        DeValue::Boolean(true) => Phrase::verbatim("`true`"),
        DeValue::Boolean(false) => Phrase::verbatim("`false`"),
        DeValue::Datetime(_) => say!("a date or time"),
        DeValue::Array(_) => say!("a list"),
        DeValue::Table(_) => say!("a table"),
    }
}
