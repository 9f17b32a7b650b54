//! Rows of tables as events. In: a header, the declarations, the column maps of the project. Out: what each column
//! means, and the events of each row.

use super::cell;
use super::table::Row;
use crate::check::program::{Catalog, FieldType};
use crate::check::written_form;
use crate::diagnostic::Phrase;
use crate::say;
use crate::value::json::{self, Locale};
use crate::value::{Type, Value};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// The members of an event that a column of the same name means.
const MEMBERS: [&str; 6] = ["type", "id", "client", "at", "source", "import"];

/// The field of a client that identifies them.
const ID: &str = "id";

/// Stands for the moment of an event in a column map: `purchase.at`.
pub(super) const AT: &str = "at";

/// What a column means: `client.phone`, `booking.at`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// `client`, or a declared event.
    pub event: String,
    /// One of its fields, or `at` for the moment of the event.
    pub field: String,
}

impl Target {
    /// Reads `client.phone`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (event, field) = text.split_once('.')?;
        let is_name = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        (is_name(event) && is_name(field)).then(|| Self { event: event.to_owned(), field: field.to_owned() })
    }

    /// The type of the field; `None` if nothing declares it.
    #[must_use]
    pub fn declared<'c>(&self, catalog: &'c Catalog) -> Option<&'c FieldType> {
        if self.event == "client" {
            return catalog.client.get(&self.field);
        }
        catalog.events.get(&self.event)?.fields.get(&self.field)
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.event, self.field)
    }
}

/// What the columns of a kind of table mean: `[import.clients]` of the project file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnMap {
    /// Its name.
    pub name: String,
    /// The columns that are read, by their header.
    pub columns: BTreeMap<String, Target>,
}

impl ColumnMap {
    /// The map whose columns a header has; of several, the one with the most columns.
    ///
    /// # Errors
    /// Why there is none.
    pub fn of_header<'m>(header: &[String], maps: &'m [Self]) -> Result<&'m Self, Unmapped> {
        let fits = |map: &&Self| !map.columns.is_empty() && map.columns.keys().all(|name| header.contains(name));
        let fitting: Vec<&Self> = maps.iter().filter(fits).collect();
        let most = fitting.iter().map(|map| map.columns.len()).max().ok_or(Unmapped::None)?;
        let best: Vec<&Self> = fitting.into_iter().filter(|map| map.columns.len() == most).collect();
        match best[..] {
            [map] => Ok(map),
            _ => Err(Unmapped::Several(best.iter().map(|map| map.name.clone()).collect())),
        }
    }
}

/// Why nobody knows what the columns of a table mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unmapped {
    /// No map fits.
    None,
    /// Several maps fit equally well.
    Several(Vec<String>),
}

/// What the columns of one table mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The name of the map; `None` if the columns are named like the members of events.
    pub name: Option<String>,
    /// The meaning of each column.
    columns: Vec<Option<Column>>,
    /// The events of a row, `client` first; empty if a column says it.
    events: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Column {
    /// A member of the event.
    Member(&'static str),
    /// A field of the event that another column names.
    Data(String),
    /// A field.
    Field(Target),
}

/// A cell that has no meaning as its field.
#[derive(Debug, Clone, PartialEq)]
pub struct BadCell {
    /// The first column of the field.
    pub column: usize,
    /// Its text.
    pub value: String,
    /// What is wrong.
    pub reason: Phrase,
}

impl Mapping {
    /// The meaning of a header: by the names of members if it has `type` and `client`, else by the map whose columns it
    /// has; of several, by the one with the most columns.
    ///
    /// # Errors
    /// Why there is none.
    pub fn of_header(header: &[String], maps: &[ColumnMap]) -> Result<Self, Unmapped> {
        if Self::has_members(header) {
            return Ok(Self {
                name: None,
                columns: header.iter().map(|name| member(name)).collect(),
                events: Vec::new(),
            });
        }
        ColumnMap::of_header(header, maps).map(|map| Self::of_map(header, map))
    }

    /// Whether each column is named like a member of events, so that the table contains events already.
    #[must_use]
    pub fn has_members(header: &[String]) -> bool {
        ["type", "client"].iter().all(|name| header.iter().any(|column| column == name))
    }

    /// The meaning of a header by a map.
    #[must_use]
    pub fn of_map(header: &[String], map: &ColumnMap) -> Self {
        let target = |name: &String| map.columns.get(name).cloned();
        let mut events: Vec<String> = Vec::new();
        for event in map.columns.values().map(|target| &target.event) {
            if !events.contains(event) {
                events.push(event.clone());
            }
        }
        events.sort_by_key(|event| event != "client");
        // The id alone says nothing about the client.
        let about_client = |target: &Target| target.event == "client" && target.field != ID;
        if !map.columns.values().any(about_client) && events.len() > 1 {
            events.retain(|event| event != "client");
        }
        let columns = header.iter().map(|name| target(name).map(Column::Field)).collect();
        Self { name: Some(map.name.clone()), columns, events }
    }

    /// The field of a column, if it is read as one.
    #[must_use]
    pub fn target(&self, column: usize) -> Option<&Target> {
        match self.columns.get(column)?.as_ref()? {
            Column::Field(target) => Some(target),
            Column::Member(_) | Column::Data(_) => None,
        }
    }

    /// The events of a row, and the cells that have no meaning. These are texts in the events.
    #[must_use]
    pub fn events(&self, row: &Row, catalog: &Catalog) -> (Vec<Json>, Vec<BadCell>) {
        let mut bad = Vec::new();
        if self.events.is_empty() {
            return (vec![self.event_by_members(row, catalog)], bad);
        }
        let fields = self.fields(row);
        let mut client = Map::new();
        for (target, text, column) in fields.iter().filter(|(target, ..)| target.event == "client") {
            client.insert(target.field.clone(), read(target, text, *column, catalog, &mut bad));
        }
        let id = client_id(&mut client, catalog);
        let mut events = Vec::new();
        for name in &self.events {
            let mut event = Map::from_iter([("type".to_owned(), Json::String(name.clone()))]);
            event.extend(id.clone().map(|id| ("client".to_owned(), id)));
            let mut data = if name == "client" { client.clone() } else { Map::new() };
            for (target, text, column) in fields.iter().filter(|(target, ..)| target.event == *name && name != "client")
            {
                data.insert(target.field.clone(), read(target, text, *column, catalog, &mut bad));
            }
            event.extend(data.remove(AT).map(|at| (AT.to_owned(), at)));
            add_key(name, &id, &event, &mut data, catalog);
            event.insert("data".to_owned(), Json::Object(data));
            events.push(Json::Object(event));
        }
        (events, bad)
    }

    /// The fields of a row with their texts and first columns. Several columns of one field are joined by a space, such
    /// as those of a date and a time.
    fn fields(&self, row: &Row) -> Vec<(&Target, String, usize)> {
        let mut fields: Vec<(&Target, String, usize)> = Vec::new();
        for (at, cell) in row.cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            let Some(target) = self.target(at) else { continue };
            match fields.iter_mut().find(|(known, ..)| *known == target) {
                Some((_, text, _)) => *text = format!("{text} {cell}"),
                None => fields.push((target, cell.clone(), at)),
            }
        }
        fields
    }

    /// The event of a row that has a column for each member of it.
    fn event_by_members(&self, row: &Row, catalog: &Catalog) -> Json {
        let (mut event, mut data) = (Map::new(), Map::new());
        let kind = self.columns.iter().position(|column| *column == Some(Column::Member("type")));
        let kind = kind.and_then(|at| row.cells.get(at)).cloned().unwrap_or_default();
        for (column, text) in self.columns.iter().zip(&row.cells).filter(|(_, text)| !text.is_empty()) {
            match column {
                Some(Column::Member("import")) => {
                    event.insert("import".to_owned(), cell::json(text, &Type::Bool, Locale::default()));
                }
                Some(Column::Member(name)) => {
                    event.insert((*name).to_owned(), Json::String(text.clone()));
                }
                Some(Column::Data(name)) => {
                    let target = Target { event: kind.clone(), field: name.clone() };
                    data.insert(name.clone(), read(&target, text, 0, catalog, &mut Vec::new()));
                }
                Some(Column::Field(_)) | None => {}
            }
        }
        event.insert("data".to_owned(), Json::Object(data));
        Json::Object(event)
    }
}

/// The meaning of a column of a table with a column for each member of events.
fn member(name: &str) -> Option<Column> {
    if name.is_empty() {
        return None;
    }
    let member = MEMBERS.into_iter().find(|member| *member == name).map(Column::Member);
    Some(member.unwrap_or_else(|| Column::Data(name.strip_prefix("data.").unwrap_or(name).to_owned())))
}

/// Reads a cell as its field; adds it to `bad` if it has no meaning there.
fn read(target: &Target, text: &str, column: usize, catalog: &Catalog, bad: &mut Vec<BadCell>) -> Json {
    let declared = target.declared(catalog);
    let (moment, text_type) = (Type::DateTime, Type::Text);
    let ty = match declared {
        Some(field) => &field.ty,
        None if target.field == AT => &moment,
        None => &text_type,
    };
    let value = cell::json(text, ty, catalog.local());
    let reads = |value: &Json| json::read(value, ty, catalog.local()).is_ok();
    if reads(&value) {
        return value;
    }
    // When something was noted down, the day is enough.
    let is_noted = target.field == AT || target.field == "created_at";
    let at_midnight = Json::String(format!("{text} 00:00"));
    if is_noted && reads(&at_midnight) {
        return at_midnight;
    }
    let expected = written_form(ty);
    bad.push(BadCell { column, value: text.to_owned(), reason: reason(text, ty, expected, catalog.local()) });
    value
}

fn reason(text: &str, ty: &Type, expected: Phrase, local: Locale<'_>) -> Phrase {
    let is_shortened = || {
        let lower = text.to_ascii_lowercase();
        lower.split_once("e+").is_some_and(|(digits, zeros)| {
            digits.chars().all(|c| c.is_ascii_digit() || c == ',' || c == '.') && zeros.parse::<u8>().is_ok()
        })
    };
    match ty {
        Type::Phone if is_shortened() => say!("the spreadsheet has shortened the number; format the column as text"),
        Type::Phone if local.country.is_none() && !text.starts_with('+') => {
            say!("without a country code; set `country = \"DE\"` in funnel.toml, or write `+49..`")
        }
        Type::DateTime if local.zone.is_none() => say!("without a UTC offset; set `timezone` in funnel.toml"),
        Type::DateTime | Type::Date | Type::Anniversary if text.parse::<f64>().is_ok() => {
            say!("a day number of the spreadsheet; format the column as a date")
        }
        Type::Date | Type::Anniversary | Type::DateTime if text.contains('/') => {
            say!("day and month may be exchanged; format the column as `2026-03-31`")
        }
        Type::DateTime if json::read(&Json::from(text), &Type::Date, local).is_ok() => say!("a time of day is missing"),
        Type::Number | Type::Money if text.chars().filter(char::is_ascii_digit).count() > 3 => {
            say!("not {expected}, or one with two meanings such as `1,200`", expected)
        }
        _ => say!("not {expected}", expected),
    }
}

/// The id of a row's client: their own, else the phone number, else the email address. Their own is not a field.
fn client_id(client: &mut Map<String, Json>, catalog: &Catalog) -> Option<Json> {
    if let Some(id) = client.remove(ID) {
        return Some(id);
    }
    ["phone", "email"].into_iter().find_map(|name| {
        let ty = catalog.client.get(name).map(|field| &field.ty)?;
        match json::read(client.get(name)?, ty, catalog.local()).ok()? {
            Value::Text(id) => Some(Json::String(id)),
            _ => None,
        }
    })
}

/// Gives an event without a key one of its client and moment, so that the same row is the same record.
fn add_key(
    name: &str,
    client: &Option<Json>,
    event: &Map<String, Json>,
    data: &mut Map<String, Json>,
    catalog: &Catalog,
) {
    let Some(key) = catalog.events.get(name).and_then(|event| event.key.as_ref()) else { return };
    if data.contains_key(key) {
        return;
    }
    let moment = event.get(AT).or_else(|| data.get("starts_at")).and_then(|at| json::instant(at, catalog.local()));
    if let (Some(client), Some(at)) = (client.as_ref().and_then(Json::as_str), moment) {
        let zone = catalog.local().zone.unwrap_or(crate::value::Zone::UTC);
        data.insert(key.clone(), Json::String(format!("{client} {}", zone.rfc3339(at))));
    }
}
