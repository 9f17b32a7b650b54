//! `[import.NAME]`: what the columns of tables mean: `columns = { "Phone" = "client.phone" }`.

use super::table::Table;
use crate::check::program::Catalog;
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::import::{ColumnMap, Target};
use crate::say;
use crate::source::Spanned;

/// A field that a column means, with its place.
#[derive(Debug, Clone)]
pub(super) struct NamedField(Spanned<Target>);

impl NamedField {
    /// Reports a field that no declaration knows.
    pub(super) fn check(&self, catalog: &Catalog) -> Option<Diagnostic> {
        let Target { event, field } = &self.0.node;
        let of_event = catalog.events.get(event).map(|event| &event.fields);
        let fields = if event == "client" { Some(&catalog.client) } else { of_event };
        if fields.is_some_and(|fields| field == "at" || fields.contains_key(field)) {
            return None;
        }
        let message = say!("`{field}` is not declared", field = self.0.node.to_string());
        let finding = Diagnostic::new(Code::BadSetting, self.0.span, message, say!("not a declared field"));
        let near = fields.and_then(|fields| suggest::nearest(field, fields.keys().map(String::as_str)));
        Some(match near {
            Some(near) => finding.help(say!("did you mean `{near}`?", near = format!("{event}.{near}"))),
            None => finding.help(say!("declare it in a funnel file, or remove the column from the table")),
        })
    }
}

/// Reads the tables, one for each kind of file; and the fields that their columns mean.
pub(super) fn read(table: &Table<'_>) -> (Vec<ColumnMap>, Vec<NamedField>) {
    let mut fields = Vec::new();
    let read = |(name, table): (Spanned<&str>, Table<'_>)| {
        let mut map = ColumnMap { name: name.node.to_owned(), ..ColumnMap::default() };
        if let Some(columns) = table.table("columns") {
            for (column, value) in columns.entries() {
                let target = value.get_ref().as_str().and_then(Target::parse);
                match target {
                    Some(target) => {
                        fields.push(NamedField(Spanned::new(target.clone(), columns.span_of(value))));
                        map.columns.insert(column.node.to_owned(), target);
                    }
                    None => {
                        let message =
                            say!("`{column}` must mean a field such as \"client.phone\"", column = column.node);
                        let span = columns.span_of(value);
                        let finding =
                            Diagnostic::new(Code::BadSetting, span, message, say!("not an event and a field"));
                        let help = say!("write the event and the field, or `at` for its moment: \"purchase.at\"");
                        columns.findings.push(finding.help(help));
                    }
                }
            }
        } else if !table.has("columns") {
            let message = say!("`{title}` needs `columns`", title = table.title.clone());
            let finding = Diagnostic::new(Code::BadSetting, table.span, message, say!("no columns"));
            let help = say!("name columns and fields, as `funnelc import` proposes them");
            table.findings.push(finding.help(help));
        }
        table.report_unknown_keys();
        map
    };
    let maps = table.tables().into_iter().map(read).collect();
    (maps, fields)
}
