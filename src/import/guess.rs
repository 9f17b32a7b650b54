//! What the columns of an unknown table probably mean. In: a header and the first rows. Out: a column map, and fields
//! for the columns that no declaration knows.

use super::cell;
use super::row::{AT, ColumnMap, Target};
use super::table::Row;
use super::words::{FIELDS, KIND_WORDS, slug};
use crate::check::program::Catalog;
use crate::value::{Type, json};
use std::collections::BTreeMap;

/// A column map that was guessed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guess {
    /// The columns whose meaning is clear.
    pub map: ColumnMap,
    /// For the other columns, a field that could be declared for each, and its type.
    pub undeclared: Vec<(String, Target, Type)>,
}

/// Guesses what columns mean: by their names in English, German and Russian, and by their values. `kind` is the event
/// of a row, if somebody said it; `given` are columns whose meaning is known.
#[must_use]
pub fn guess(
    header: &[String],
    rows: &[Row],
    catalog: &Catalog,
    kind: Option<&str>,
    given: &BTreeMap<String, Target>,
) -> Guess {
    let names: Vec<String> = header.iter().map(|name| normalized(name)).collect();
    let kind = kind.map_or_else(|| kind_of(&names), str::to_owned);
    let mut map = ColumnMap { columns: given.clone(), ..ColumnMap::default() };
    let column = |at: usize| rows.iter().filter_map(move |row| row.cells.get(at)).filter(|cell| !cell.is_empty());
    let fits = |at: usize, target: &Target| {
        let moment = Type::DateTime;
        let ty = if target.field == AT { Some(&moment) } else { target.declared(catalog).map(|field| &field.ty) };
        ty.is_some_and(|ty| {
            let read = column(at).filter(|cell| is_part_of(cell, ty, catalog)).count();
            read * 2 >= column(at).count()
        })
    };
    let mut open = Vec::new();
    for (at, name) in
        names.iter().enumerate().filter(|(at, name)| !name.is_empty() && !given.contains_key(&header[*at]))
    {
        let target = named(name, &kind).filter(|target| fits(at, target));
        match target {
            Some(target) => _ = map.columns.insert(header[at].clone(), target),
            None => open.push(at),
        }
    }
    let mut undeclared = Vec::new();
    for at in open {
        let by_value = ["email", "phone"].into_iter().map(client_field).find(|target| {
            let is_free = !map.columns.values().any(|known| known == target);
            is_free && column(at).count() > 0 && fits_all(column(at), target, catalog)
        });
        match by_value {
            Some(target) => _ = map.columns.insert(header[at].clone(), target),
            None => {
                let event = if kind == "client" { "client" } else { kind.as_str() };
                let target = Target { event: event.to_owned(), field: slug(&header[at], at) };
                // A declared field of this name has another type.
                if target.declared(catalog).is_none() {
                    undeclared.push((header[at].clone(), target, type_of(column(at), catalog)));
                }
            }
        }
    }
    Guess { map, undeclared }
}

fn client_field(field: &str) -> Target {
    Target { event: "client".to_owned(), field: field.to_owned() }
}

/// Whether a cell may be a value of a type. A moment may be split into a date and a time.
fn is_part_of(cell: &str, ty: &Type, catalog: &Catalog) -> bool {
    let reads = |ty: &Type| json::read(&cell::json(cell, ty, catalog.local()), ty, catalog.local()).is_ok();
    match ty {
        Type::DateTime => reads(ty) || reads(&Type::Date) || reads(&Type::Time) || cell.contains('/'),
        // Numbers without a country code are probably phone numbers, too, as long as the project names no country.
        Type::Phone => {
            let is_number = cell.chars().all(|c| c.is_ascii_digit() || " +-().".contains(c));
            reads(ty) || (catalog.country.is_none() && is_number && (7..=15).contains(&digits(cell)))
        }
        Type::Date | Type::Anniversary => reads(ty) || cell.contains('/'),
        _ => reads(ty),
    }
}

fn digits(cell: &str) -> usize {
    cell.chars().filter(char::is_ascii_digit).count()
}

fn fits_all<'c>(mut cells: impl Iterator<Item = &'c String>, target: &Target, catalog: &Catalog) -> bool {
    let Some(field) = target.declared(catalog) else { return false };
    cells.all(|cell| digits(cell) != cell.len() && is_part_of(cell, &field.ty, catalog))
}

/// The type of a column that no declaration knows.
fn type_of<'c>(cells: impl Iterator<Item = &'c String>, catalog: &Catalog) -> Type {
    let cells: Vec<_> = cells.collect();
    let is = |ty: &Type| {
        !cells.is_empty()
            && cells.iter().all(|cell| json::read(&cell::json(cell, ty, catalog.local()), ty, catalog.local()).is_ok())
    };
    let is_code = |cell: &&String| cell.starts_with('0') && cell.len() > 1 && !cell.contains(['.', ',']);
    let candidates = [Type::Number, Type::Bool, Type::Money, Type::DateTime, Type::Date, Type::Email, Type::Url];
    let found = candidates.into_iter().find(|ty| is(ty));
    found.filter(|ty| *ty != Type::Number || !cells.iter().any(is_code)).unwrap_or(Type::Text)
}

/// The event of a row by the names of its columns.
fn kind_of(names: &[String]) -> String {
    let scored = KIND_WORDS.iter().map(|(kind, words)| {
        let found =
            names.iter().filter(|name| name.split(' ').any(|word| words.iter().any(|w| word.starts_with(w)))).count();
        (found, *kind)
    });
    // Of equally likely ones, the first in the list.
    let best = scored.rev().max_by_key(|(found, _)| *found).filter(|(found, _)| *found > 0);
    best.map_or("client", |(_, kind)| kind).to_owned()
}

/// The field that a name means in a table of a kind.
fn named(name: &str, kind: &str) -> Option<Target> {
    let of = |event: &'static str| {
        FIELDS
            .iter()
            .filter(move |(of, ..)| *of == event)
            .find(|(.., names)| names.split(", ").any(|known| known == name))
    };
    let found = of(match kind {
        "booking" => "booking",
        "purchase" => "purchase",
        "visit" => "visit",
        "order" => "order",
        "payment" => "payment",
        _ => "client",
    });
    let (event, field, _) = found.or_else(|| of("client"))?;
    Some(Target { event: (*event).to_owned(), field: (*field).to_owned() })
}

/// A name in lower case, with single spaces between its words.
fn normalized(name: &str) -> String {
    let plain: String = name
        .to_lowercase()
        .chars()
        .map(|c| match c {
            'ё' => 'е',
            c if c.is_alphanumeric() => c,
            _ => ' ',
        })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}
