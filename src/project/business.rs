//! `[business]`: the types and values of `business` in funnels.

use super::table::Table;
use crate::check::program::FieldType;
use crate::check::written_form;
use crate::say;
use crate::source::Span;
use crate::value::{Type, json};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// The fields that every business may have.
const STANDARD: &[(&str, Type)] = &[
    ("name", Type::Text),
    ("phone", Type::Phone),
    ("email", Type::Email),
    ("url", Type::Url),
    ("address", Type::Text),
    ("city", Type::Text),
];

/// The fields of `business` and their values.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Business {
    pub(super) fields: BTreeMap<String, FieldType>,
    pub(super) values: Map<String, Json>,
}

impl Business {
    /// The fields of a project without a `[business]` table.
    pub(super) fn standard() -> Self {
        let field = |ty: &Type| FieldType {
            ty: ty.clone(),
            optional: true,
            later: None,
            span: Span::default(),
            type_span: Span::default(),
        };
        let fields = STANDARD.iter().map(|(name, ty)| ((*name).to_owned(), field(ty))).collect();
        Self { fields, values: Map::new() }
    }

    pub(super) fn read(table: &Table<'_>) -> Self {
        let mut business = Self::standard();
        for (key, value) in table.entries() {
            if !is_name(key.node) {
                let message = say!("`{key}` is not a valid field name for `business`", key = key.node);
                table.findings.bad_setting(key.span, message, say!("use only letters, digits and `_`"));
                continue;
            }
            let ty = STANDARD.iter().find(|(name, _)| *name == key.node).map_or(Type::Text, |(_, ty)| ty.clone());
            let written = value.get_ref().as_str().map(|text| Json::String(text.to_owned()));
            match json::read(&written.clone().unwrap_or_default(), &ty, json::Locale::default()) {
                Ok(value) => {
                    business.values.insert(key.node.to_owned(), json::write(&value));
                }
                Err(expected) => {
                    table.wrong_value::<()>(value, key.node, written_form(expected));
                }
            }
            // A field with an invalid value still exists, so that one mistake is reported once.
            let field = FieldType { ty, optional: false, later: None, span: key.span, type_span: Span::default() };
            business.fields.insert(key.node.to_owned(), field);
        }
        business
    }
}

/// Whether a key is a valid field name in a funnel.
fn is_name(key: &str) -> bool {
    key.starts_with(|c: char| c.is_alphabetic() || c == '_') && key.chars().all(|c| c.is_alphanumeric() || c == '_')
}
