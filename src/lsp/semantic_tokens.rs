//! Semantic tokens for highlighting, in full, for a range, or as a delta to the last answer.

use super::document_features::span_of_range;
use super::encoding::Encoding;
use super::request_error::RequestError;
use super::state::{State, Subject};
use crate::ide::{SemanticKind, SemanticToken as Word};
use crate::source::Span;
use gen_lsp_types::{
    Full, Range, SemanticToken, SemanticTokens, SemanticTokensDelta, SemanticTokensDeltaResponse, SemanticTokensEdit,
    SemanticTokensFullDelta, SemanticTokensLegend, SemanticTokensOptions, SemanticTokensOptionsRange, Uri,
};
use std::collections::BTreeMap;

/// The number of integers that encode a token.
const NUMBERS_PER_TOKEN: usize = 5;

/// The token modifiers; each is a bit.
const MODIFIERS: [&str; 3] = ["declaration", "readonly", "defaultLibrary"];

/// The tokens that were sent last for each file, with their result id.
#[derive(Debug, Default)]
pub(super) struct SentTokens {
    number: u64,
    files: BTreeMap<String, (String, Vec<SemanticToken>)>,
}

impl SentTokens {
    /// Stores the tokens that are being sent and returns their result id.
    fn store(&mut self, uri: &Uri, tokens: Vec<SemanticToken>) -> String {
        self.number += 1;
        let id = self.number.to_string();
        self.files.insert(uri.0.clone(), (id.clone(), tokens));
        id
    }

    /// Removes a closed file.
    pub(super) fn forget(&mut self, uri: &Uri) {
        self.files.remove(&uri.0);
    }
}

/// The semantic tokens capability.
pub(super) fn options() -> SemanticTokensOptions {
    let token_types = SemanticKind::ALL.iter().map(|kind| name(*kind).to_owned()).collect();
    let token_modifiers = MODIFIERS.iter().map(|name| (*name).to_owned()).collect();
    SemanticTokensOptions {
        legend: SemanticTokensLegend { token_types, token_modifiers },
        range: Some(SemanticTokensOptionsRange::Bool(true)),
        full: Some(Full::SemanticTokensFullDelta(SemanticTokensFullDelta { delta: Some(true) })),
        ..SemanticTokensOptions::default()
    }
}

fn name(kind: SemanticKind) -> &'static str {
    match kind {
        SemanticKind::Keyword => "keyword",
        SemanticKind::Event => "event",
        SemanticKind::Property => "property",
        SemanticKind::Variable => "variable",
        SemanticKind::Function => "function",
        SemanticKind::Parameter => "parameter",
        SemanticKind::String => "string",
        SemanticKind::Number => "number",
        SemanticKind::Comment => "comment",
        SemanticKind::Label => "label",
        SemanticKind::EnumMember => "enumMember",
        SemanticKind::Type => "type",
        SemanticKind::Operator => "operator",
    }
}

/// Returns the tokens of a document.
pub(super) fn full(state: &mut State, uri: &Uri) -> Result<Option<SemanticTokens>, RequestError> {
    let Some(tokens) = tokens(state, uri, None)? else { return Ok(None) };
    let result_id = Some(state.tokens.store(uri, tokens.clone()));
    Ok(Some(SemanticTokens { result_id, data: tokens }))
}

/// Returns the tokens in a range.
pub(super) fn range(state: &State, uri: &Uri, range: Range) -> Result<Option<SemanticTokens>, RequestError> {
    let tokens = tokens(state, uri, Some(range))?;
    Ok(tokens.map(|data| SemanticTokens { result_id: None, data }))
}

/// Returns the edits since the previous result, or all tokens when that is unknown.
pub(super) fn delta(
    state: &mut State,
    uri: &Uri,
    previous: &str,
) -> Result<Option<SemanticTokensDeltaResponse>, RequestError> {
    let Some(now) = tokens(state, uri, None)? else { return Ok(None) };
    let before = state.tokens.files.remove(&uri.0).filter(|(id, _)| id == previous);
    let result_id = Some(state.tokens.store(uri, now.clone()));
    Ok(Some(match before {
        None => SemanticTokensDeltaResponse::SemanticTokens(SemanticTokens { result_id, data: now }),
        Some((_, before)) => {
            let edits = edit(&before, &now).into_iter().collect();
            SemanticTokensDeltaResponse::SemanticTokensDelta(SemanticTokensDelta { result_id, edits })
        }
    }))
}

/// The single edit between the common prefix and the common suffix.
fn edit(before: &[SemanticToken], now: &[SemanticToken]) -> Option<SemanticTokensEdit> {
    let same = |(a, b): &(&SemanticToken, &SemanticToken)| a == b;
    let start = before.iter().zip(now).take_while(same).count();
    let (before, now) = (before.get(start..)?, now.get(start..)?);
    let end = before.iter().rev().zip(now.iter().rev()).take_while(same).count();
    let (gone, new) = (before.len() - end, now.get(..now.len() - end)?);
    let numbers = new.iter().flat_map(|token| {
        [token.delta_line, token.delta_start, token.length, token.token_type, token.token_modifiers_bitset]
    });
    let count = |tokens: usize| super::encoding::number(tokens * NUMBERS_PER_TOKEN);
    let edit = SemanticTokensEdit { start: count(start), delete_count: count(gone), data: Some(numbers.collect()) };
    (gone > 0 || !new.is_empty()).then_some(edit)
}

fn tokens(state: &State, uri: &Uri, range: Option<Range>) -> Result<Option<Vec<SemanticToken>>, RequestError> {
    let Some(subject) = state.subject(uri)? else { return Ok(None) };
    let wanted = range.map(|range| span_of_range(state, subject, range));
    let mut words = subject.project.view().semantic_tokens(subject.file);
    if let Some(part) = wanted {
        let meets = |part: Span, word: Span| word.start < part.end && part.start < word.end;
        words.retain(|word| part.is_some_and(|part| meets(part, word.span)));
    }
    Ok(Some(encode(subject, &words, state.encoding)))
}

/// Encodes each token relative to the previous one.
fn encode(subject: Subject<'_>, words: &[Word], encoding: Encoding) -> Vec<SemanticToken> {
    let Some(source) = subject.project.workspace.sources.get(subject.file) else { return Vec::new() };
    let (mut line, mut column) = (0, 0);
    let tokens = words.iter().map(|word| {
        let at = encoding.position(source, word.span.start as usize);
        let delta_start = if at.line == line { at.character - column } else { at.character };
        let delta_line = at.line - line;
        (line, column) = (at.line, at.character);
        let length = encoding.columns(source.text.get(word.span.range()).unwrap_or(""));
        let kind = SemanticKind::ALL.iter().position(|kind| *kind == word.kind).unwrap_or_default();
        let bits = [word.declaration, word.readonly, word.default_library];
        let token_modifiers_bitset = bits.iter().enumerate().map(|(n, bit)| u32::from(*bit) << n).sum();
        SemanticToken {
            delta_line,
            delta_start,
            length,
            token_type: super::encoding::number(kind),
            token_modifiers_bitset,
        }
    });
    tokens.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_turns_one_result_into_another() {
        let token = |n: u32| SemanticToken {
            delta_line: n,
            delta_start: n,
            length: 1,
            token_type: 0,
            token_modifiers_bitset: 0,
        };
        let tokens = |of: &[u32]| of.iter().map(|n| token(*n)).collect::<Vec<_>>();
        let between = |before: &[u32], now: &[u32]| edit(&tokens(before), &tokens(now));
        assert_eq!(between(&[1, 2, 3], &[1, 2, 3]), None);
        let edit = between(&[1, 2, 3], &[1, 4, 4, 3]).unwrap();
        assert_eq!((edit.start, edit.delete_count, edit.data.map(|data| data.len())), (5, 5, Some(10)));
        let edit = between(&[1, 1], &[1]).unwrap();
        assert_eq!((edit.start, edit.delete_count, edit.data), (5, 5, Some(vec![])));
        assert_eq!(between(&[], &[7]).unwrap().start, 0);
    }
}
