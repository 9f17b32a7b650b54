//! Completion items, and their documentation on request.

use super::position_features::Cursor;
use super::request_error::RequestError;
use super::state::State;
use crate::ide::{Completion, CompletionKind as Kind};
use gen_lsp_types::{
    CompletionItem, CompletionItemKind, CompletionOptions, CompletionResponse, Documentation, InsertTextFormat,
    MarkupContent, MarkupKind, TextDocumentPositionParams, TextEdit,
};
use serde_json::{from_value, to_value};
use std::collections::BTreeSet;

/// The characters after which an editor requests completion.
const TRIGGER_CHARACTERS: [&str; 5] = [".", "{", "|", "\"", "/"];

/// The completion capability.
pub(super) fn options() -> CompletionOptions {
    CompletionOptions {
        trigger_characters: Some(TRIGGER_CHARACTERS.map(str::to_owned).to_vec()),
        resolve_provider: Some(true),
        ..CompletionOptions::default()
    }
}

/// Returns the completion items for a position.
pub(super) fn complete(
    state: &State,
    params: &TextDocumentPositionParams,
) -> Result<Option<CompletionResponse>, RequestError> {
    let Some(cursor) = Cursor::of(state, params)? else { return Ok(None) };
    let mut found = cursor.subject.project.view().complete(cursor.place);
    if !state.client.snippets {
        strip_snippets(&mut found);
    }
    let place = to_value(params).ok();
    let items = found.into_iter().enumerate().map(|(number, found)| {
        let range = cursor.context(state).range(found.replace);
        CompletionItem {
            label: found.label,
            kind: Some(kind(found.kind)),
            detail: Some(found.detail).filter(|detail| !detail.is_empty()),
            sort_text: Some(format!("{:03}{number:05}", found.rank)),
            insert_text_format: found.is_snippet.then_some(InsertTextFormat::Snippet),
            text_edit: Some(TextEdit { range, new_text: found.insert }.into()),
            data: place.clone().filter(|_| !found.docs.is_empty()),
            ..CompletionItem::default()
        }
    });
    Ok(Some(CompletionResponse::CompletionItemList(items.collect())))
}

/// Replaces snippets by their labels, for an editor that does not support snippets.
fn strip_snippets(found: &mut Vec<Completion>) {
    for piece in found.iter_mut().filter(|found| found.is_snippet) {
        (piece.insert, piece.is_snippet) = (piece.label.clone(), false);
    }
    let mut known = BTreeSet::new();
    found.retain(|found| known.insert(found.label.clone()));
}

/// Adds the documentation to an item, if it can still be found at its position.
pub(super) fn resolve(state: &State, mut item: CompletionItem) -> Result<CompletionItem, RequestError> {
    let Some(place) = item.data.clone().and_then(|place| from_value(place).ok()) else { return Ok(item) };
    let Some(cursor) = Cursor::of(state, &place)? else { return Ok(item) };
    let same = |found: &Completion| found.label == item.label && Some(kind(found.kind)) == item.kind;
    let found = cursor.subject.project.view().complete(cursor.place).into_iter().find(same);
    item.documentation = found
        .map(|found| Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value: found.docs }));
    Ok(item)
}

fn kind(kind: Kind) -> CompletionItemKind {
    match kind {
        Kind::Keyword => CompletionItemKind::Keyword,
        Kind::Snippet => CompletionItemKind::Snippet,
        Kind::Event => CompletionItemKind::Event,
        Kind::Field => CompletionItemKind::Field,
        Kind::Variable => CompletionItemKind::Variable,
        Kind::Constant => CompletionItemKind::Constant,
        Kind::Segment => CompletionItemKind::Class,
        Kind::Template => CompletionItemKind::Text,
        Kind::Function => CompletionItemKind::Function,
        Kind::Funnel => CompletionItemKind::Module,
        Kind::Label => CompletionItemKind::Reference,
        Kind::Choice => CompletionItemKind::EnumMember,
        Kind::Type => CompletionItemKind::Struct,
        Kind::Value => CompletionItemKind::Value,
        Kind::Unit => CompletionItemKind::Unit,
    }
}
