//! Units of layout: in, the pieces of a step or an item; out, its lines, broken at braces where they do not fit.

use super::comments::{Blank, Page, WIDTH};
use super::line::Words;
use crate::source::Span;
use crate::syntax::ast::{Block, Chain, Entry, Field, Record, Setting, Step, TestStep};
use std::ops::Range;

/// A part of a unit: words that stay on one line, or something in braces that may open over lines.
pub(super) enum Piece<'t> {
    Words(String),
    Record(&'t Record),
    Block(&'t Block),
    Fields(Range<usize>, &'t [Field]),
    Cases(Range<usize>, Vec<Case<'t>>),
    Funnel(Range<usize>, &'t [Setting], &'t [Entry]),
    Test(Range<usize>, &'t [TestStep]),
}

/// A chain under a head: an entry under its trigger, a path under its `case`.
pub(super) struct Case<'t> {
    pub(super) head: String,
    pub(super) place: Range<usize>,
    pub(super) chain: &'t Chain,
}

impl Piece<'_> {
    /// The place of the braces and what is between them.
    fn braces(&self) -> Option<Range<usize>> {
        match self {
            Piece::Words(_) => None,
            Piece::Record(record) => Some(record.span.range()),
            Piece::Block(block) => Some(block.span.range()),
            Piece::Fields(place, _) | Piece::Cases(place, _) | Piece::Funnel(place, _, _) | Piece::Test(place, _) => {
                Some(place.clone())
            }
        }
    }

    /// The piece on one line, when it has such a form.
    fn flat(&self, page: &Page<'_>) -> Option<String> {
        if self.braces().is_some_and(|place| page.has_comment(place)) {
            return None;
        }
        match self {
            Piece::Words(words) => Some(words.clone()),
            Piece::Record(record) => Some(Words::new(page.source).record(record).take()),
            Piece::Block(block) => flat_chain(page, &block.chain).map(|chain| format!("{{ {chain} }}")),
            Piece::Fields(_, []) | Piece::Funnel(_, [], []) | Piece::Test(_, []) => Some("{}".to_owned()),
            Piece::Fields(_, [field]) => Some(format!("{{ {} }}", Words::new(page.source).field(field).take())),
            Piece::Fields(..) | Piece::Cases(..) | Piece::Funnel(..) | Piece::Test(..) => None,
        }
    }
}

/// Steps on one line, when none of them has a block.
fn flat_chain(page: &Page<'_>, chain: &Chain) -> Option<String> {
    let steps: Option<Vec<String>> = chain.steps.iter().map(|step| flat_step(page, step)).collect();
    steps.map(|steps| steps.join(" -> "))
}

fn flat_step(page: &Page<'_>, step: &Step) -> Option<String> {
    let pieces = super::step::pieces(page, step);
    if pieces.iter().any(|piece| matches!(piece, Piece::Block(_) | Piece::Cases(..))) {
        return None;
    }
    flat(page, &pieces)
}

fn flat(page: &Page<'_>, pieces: &[Piece<'_>]) -> Option<String> {
    let pieces: Option<Vec<String>> = pieces.iter().map(|piece| piece.flat(page)).collect();
    pieces.map(|pieces| pieces.join(" "))
}

fn fits(indent: usize, text: &str) -> bool {
    !text.contains('\n') && indent + text.chars().count() <= WIDTH
}

/// Whether the pieces stand on one line at the top level.
pub(super) fn is_flat(page: &Page<'_>, pieces: &[Piece<'_>]) -> bool {
    let words_only = pieces.iter().all(|piece| piece.braces().is_none());
    flat(page, pieces).is_some_and(|line| fits(0, &line) || words_only && !line.contains('\n'))
}

/// Writes a unit: on one line when it fits, else with its braces opened.
pub(super) fn unit(page: &mut Page<'_>, indent: usize, arrow: &str, place: Span, pieces: &[Piece<'_>], blank: Blank) {
    let base = indent + arrow.len();
    let whole = place.range();
    match flat(page, pieces).filter(|line| fits(base, line)) {
        Some(line) => {
            page.begin(indent, whole.start, std::slice::from_ref(&whole), blank);
            page.put(arrow);
            page.put(&line);
        }
        None => opened(page, indent, arrow, &whole, pieces, blank),
    }
    page.end(whole.end);
}

fn opened(page: &mut Page<'_>, indent: usize, arrow: &str, whole: &Range<usize>, pieces: &[Piece<'_>], blank: Blank) {
    let base = indent + arrow.len();
    let open = which_open(page, base, pieces);
    let mut braces = pieces.iter().zip(&open).filter(|(_, open)| **open).filter_map(|(piece, _)| piece.braces());
    let outside = match (braces.next(), braces.next_back()) {
        (None, _) => vec![whole.clone()],
        (Some(only), None) => vec![whole.start..only.start, only.end..whole.end],
        (Some(first), Some(last)) => vec![whole.start..first.start, last.end..whole.end],
    };
    page.begin(indent, whole.start, &outside, blank);
    page.put(arrow);
    for (i, (piece, open)) in pieces.iter().zip(open).enumerate() {
        if i > 0 {
            page.put(" ");
        }
        match (piece.braces(), piece.flat(page)) {
            (Some(place), _) if open => braces_opened(page, base, piece, &place),
            (_, line) => page.put(&line.unwrap_or_default()),
        }
    }
}

/// Which pieces open: everything in braces but records, and the records that have comments or do not fit.
fn which_open(page: &Page<'_>, base: usize, pieces: &[Piece<'_>]) -> Vec<bool> {
    let mut column = base;
    let mut open = Vec::new();
    for (i, piece) in pieces.iter().enumerate() {
        let line = piece.flat(page).filter(|line| !line.contains('\n'));
        let opens = match (piece, &line) {
            (Piece::Words(_), _) => false,
            (Piece::Record(_), Some(line)) => column + line.chars().count() + tail(&pieces[i + 1..]) > WIDTH,
            (_, Some(line)) => line != "{}",
            (_, None) => true,
        };
        column = if opens { base + 2 } else { column + line.map_or(0, |line| line.chars().count()) + 1 };
        open.push(opens);
    }
    open
}

/// The columns that what follows takes on the same line, up to the next brace.
fn tail(pieces: &[Piece<'_>]) -> usize {
    match pieces {
        [] => 0,
        [Piece::Words(words), rest @ ..] => words.chars().count() + 1 + tail(rest),
        [..] => 2,
    }
}

fn braces_opened(page: &mut Page<'_>, base: usize, piece: &Piece<'_>, place: &Range<usize>) {
    let inner = base + 2;
    page.open(place.start);
    match piece {
        Piece::Words(_) => {}
        Piece::Record(record) => record_lines(page, inner, record),
        Piece::Block(block) => chain(page, inner, &block.chain),
        Piece::Fields(_, fields) => super::item::fields(page, inner, fields),
        Piece::Cases(_, cases) => cases.iter().for_each(|case| headed(page, inner, case, Blank::Kept)),
        Piece::Funnel(_, settings, entries) => super::funnel::body(page, inner, settings, entries),
        Piece::Test(_, steps) => super::item::test_steps(page, inner, steps),
    }
    page.close(base, place.end - 1);
}

fn record_lines(page: &mut Page<'_>, indent: usize, record: &Record) {
    for entry in &record.entries {
        let place = entry.name.span.start as usize..entry.value.span.end as usize;
        page.begin(indent, place.start, std::slice::from_ref(&place), Blank::Kept);
        let line = Words::new(page.source).entry(entry).take();
        page.put(&line);
        page.end(place.end);
    }
}

/// Writes the chain of a block: on one line when it has no block of its own and fits.
fn chain(page: &mut Page<'_>, indent: usize, chain: &Chain) {
    let [first, rest @ ..] = chain.steps.as_slice() else { return };
    let end = rest.last().unwrap_or(first).span.end as usize;
    let between = first.span.end as usize..end;
    match flat_chain(page, chain).filter(|line| fits(indent, line) && !page.has_comment(between)) {
        Some(line) => {
            page.begin(indent, first.span.start as usize, &[first.span.range()], Blank::Kept);
            page.put(&line);
            page.end(end);
        }
        None => {
            step(page, indent, "", first);
            rest.iter().for_each(|next| step(page, indent, "-> ", next));
        }
    }
}

/// Writes a head and its chain: `on booking -> stop` on one line, or every step on its own under the head.
pub(super) fn headed(page: &mut Page<'_>, indent: usize, case: &Case<'_>, blank: Blank) {
    let Case { head, place, chain } = case;
    let end = chain.steps.last().map_or(place.end, |step| step.span.end as usize);
    let line = flat_chain(page, chain).map(|chain| format!("{head} -> {chain}"));
    let line = line.filter(|line| fits(indent, line) && !page.has_comment(place.end..end));
    page.begin(indent, place.start, std::slice::from_ref(place), blank);
    match line {
        Some(line) => {
            page.put(&line);
            page.end(end);
        }
        None => {
            page.put(head);
            page.end(place.end);
            chain.steps.iter().for_each(|next| step(page, indent + 2, "-> ", next));
        }
    }
}

fn step(page: &mut Page<'_>, indent: usize, arrow: &str, step: &Step) {
    let pieces = super::step::pieces(page, step);
    unit(page, indent, arrow, step.span, &pieces, Blank::Kept);
}
