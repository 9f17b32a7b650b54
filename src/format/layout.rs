//! Decides where lines break: a step or an item fits on one line, or its braces are opened over several.

use super::line::LineBuilder;
use super::printer::{BlankLine, Printer, WIDTH};
use crate::source::Span;
use crate::syntax::ast::{Block, Chain, Entry, Field, Record, Setting, Step, TestStep};
use std::ops::Range;

/// A part of a step or an item: words that stay on one line, or something in braces that may be broken.
pub(super) enum Piece<'t> {
    Inline(String),
    Record(&'t Record),
    Block(&'t Block),
    Fields(Range<usize>, &'t [Field]),
    Cases(Range<usize>, Vec<Case<'t>>),
    Funnel(Range<usize>, &'t [Setting], &'t [Entry]),
    Test(Range<usize>, &'t [TestStep]),
}

/// A chain after a head: an entry after its trigger, a path after its `case`.
pub(super) struct Case<'t> {
    pub(super) head: String,
    pub(super) place: Range<usize>,
    pub(super) chain: &'t Chain,
}

impl Piece<'_> {
    /// The span of the braces and what is between them.
    fn braces(&self) -> Option<Range<usize>> {
        match self {
            Piece::Inline(_) => None,
            Piece::Record(record) => Some(record.span.range()),
            Piece::Block(block) => Some(block.span.range()),
            Piece::Fields(place, _) | Piece::Cases(place, _) | Piece::Funnel(place, _, _) | Piece::Test(place, _) => {
                Some(place.clone())
            }
        }
    }

    /// The piece on one line, if it can be written so.
    fn flat(&self, printer: &Printer<'_>) -> Option<String> {
        if self.braces().is_some_and(|place| printer.has_comment(place)) {
            return None;
        }
        match self {
            Piece::Inline(line) => Some(line.clone()),
            Piece::Record(record) => Some(LineBuilder::new(printer.source).record(record).take()),
            Piece::Block(block) => flat_chain(printer, &block.chain).map(|chain| format!("{{ {chain} }}")),
            Piece::Fields(_, []) | Piece::Funnel(_, [], []) | Piece::Test(_, []) => Some("{}".to_owned()),
            Piece::Fields(_, [field]) => {
                Some(format!("{{ {} }}", LineBuilder::new(printer.source).field(field).take()))
            }
            Piece::Fields(..) | Piece::Cases(..) | Piece::Funnel(..) | Piece::Test(..) => None,
        }
    }
}

/// The chain on one line, if no step has a block.
fn flat_chain(printer: &Printer<'_>, chain: &Chain) -> Option<String> {
    let steps: Option<Vec<String>> = chain.steps.iter().map(|step| flat_step(printer, step)).collect();
    steps.map(|steps| steps.join(" -> "))
}

fn flat_step(printer: &Printer<'_>, step: &Step) -> Option<String> {
    let pieces = super::step::pieces(printer, step);
    if pieces.iter().any(|piece| matches!(piece, Piece::Block(_) | Piece::Cases(..))) {
        return None;
    }
    flat(printer, &pieces)
}

fn flat(printer: &Printer<'_>, pieces: &[Piece<'_>]) -> Option<String> {
    let pieces: Option<Vec<String>> = pieces.iter().map(|piece| piece.flat(printer)).collect();
    pieces.map(|pieces| pieces.join(" "))
}

fn fits(indent: usize, text: &str) -> bool {
    !text.contains('\n') && indent + text.chars().count() <= WIDTH
}

/// Whether a top-level item fits on one line.
pub(super) fn is_flat(printer: &Printer<'_>, pieces: &[Piece<'_>]) -> bool {
    let words_only = pieces.iter().all(|piece| piece.braces().is_none());
    flat(printer, pieces).is_some_and(|line| fits(0, &line) || words_only && !line.contains('\n'))
}

/// Writes a step or an item: on one line if it fits, else with its braces opened.
pub(super) fn write_pieces(
    printer: &mut Printer<'_>,
    indent: usize,
    arrow: &str,
    place: Span,
    pieces: &[Piece<'_>],
    blank: BlankLine,
) {
    let base = indent + arrow.len();
    let whole = place.range();
    match flat(printer, pieces).filter(|line| fits(base, line)) {
        Some(line) => {
            printer.begin_line(indent, whole.start, std::slice::from_ref(&whole), blank);
            printer.put(arrow);
            printer.put(&line);
        }
        None => write_broken(printer, indent, arrow, &whole, pieces, blank),
    }
    printer.end_line(whole.end);
}

fn write_broken(
    printer: &mut Printer<'_>,
    indent: usize,
    arrow: &str,
    whole: &Range<usize>,
    pieces: &[Piece<'_>],
    blank: BlankLine,
) {
    let base = indent + arrow.len();
    let open = choose_broken(printer, base, pieces);
    let mut braces = pieces.iter().zip(&open).filter(|(_, open)| **open).filter_map(|(piece, _)| piece.braces());
    let outside = match (braces.next(), braces.next_back()) {
        (None, _) => vec![whole.clone()],
        (Some(only), None) => vec![whole.start..only.start, only.end..whole.end],
        (Some(first), Some(last)) => vec![whole.start..first.start, last.end..whole.end],
    };
    printer.begin_line(indent, whole.start, &outside, blank);
    printer.put(arrow);
    for (i, (piece, open)) in pieces.iter().zip(open).enumerate() {
        if i > 0 {
            printer.put(" ");
        }
        match (piece.braces(), piece.flat(printer)) {
            (Some(place), _) if open => write_braces(printer, base, piece, &place),
            (_, line) => printer.put(&line.unwrap_or_default()),
        }
    }
}

/// Which pieces to break: everything in braces, except records that have no comments and fit.
fn choose_broken(printer: &Printer<'_>, base: usize, pieces: &[Piece<'_>]) -> Vec<bool> {
    let mut column = base;
    let mut open = Vec::new();
    for (i, piece) in pieces.iter().enumerate() {
        let line = piece.flat(printer).filter(|line| !line.contains('\n'));
        let opens = match (piece, &line) {
            (Piece::Inline(_), _) => false,
            (Piece::Record(_), Some(line)) => {
                column + line.chars().count() + width_to_next_brace(&pieces[i + 1..]) > WIDTH
            }
            (_, Some(line)) => line != "{}",
            (_, None) => true,
        };
        column = if opens { base + 2 } else { column + line.map_or(0, |line| line.chars().count()) + 1 };
        open.push(opens);
    }
    open
}

/// The columns that the rest of the line needs, up to the next brace.
fn width_to_next_brace(pieces: &[Piece<'_>]) -> usize {
    match pieces {
        [] => 0,
        [Piece::Inline(line), rest @ ..] => line.chars().count() + 1 + width_to_next_brace(rest),
        [..] => 2,
    }
}

fn write_braces(printer: &mut Printer<'_>, base: usize, piece: &Piece<'_>, place: &Range<usize>) {
    let inner = base + 2;
    printer.open_brace(place.start);
    match piece {
        Piece::Inline(_) => {}
        Piece::Record(record) => record_lines(printer, inner, record),
        Piece::Block(block) => chain(printer, inner, &block.chain),
        Piece::Fields(_, fields) => super::item::fields(printer, inner, fields),
        Piece::Cases(_, cases) => cases.iter().for_each(|case| write_case(printer, inner, case, BlankLine::Keep)),
        Piece::Funnel(_, settings, entries) => super::funnel::body(printer, inner, settings, entries),
        Piece::Test(_, steps) => super::item::test_steps(printer, inner, steps),
    }
    printer.close_brace(base, place.end - 1);
}

fn record_lines(printer: &mut Printer<'_>, indent: usize, record: &Record) {
    for entry in &record.entries {
        let place = entry.name.span.start as usize..entry.value.span.end as usize;
        printer.begin_line(indent, place.start, std::slice::from_ref(&place), BlankLine::Keep);
        let line = LineBuilder::new(printer.source).entry(entry).take();
        printer.put(&line);
        printer.end_line(place.end);
    }
}

/// Writes the chain of a block: on one line if no step has a block and it fits.
fn chain(printer: &mut Printer<'_>, indent: usize, chain: &Chain) {
    let [first, rest @ ..] = chain.steps.as_slice() else { return };
    let end = rest.last().unwrap_or(first).span.end as usize;
    let between = first.span.end as usize..end;
    match flat_chain(printer, chain).filter(|line| fits(indent, line) && !printer.has_comment(between)) {
        Some(line) => {
            printer.begin_line(indent, first.span.start as usize, &[first.span.range()], BlankLine::Keep);
            printer.put(&line);
            printer.end_line(end);
        }
        None => {
            step(printer, indent, "", first);
            rest.iter().for_each(|next| step(printer, indent, "-> ", next));
        }
    }
}

/// Writes a head and its chain: on one line as in `on booking -> stop`, or one step per line below the head.
pub(super) fn write_case(printer: &mut Printer<'_>, indent: usize, case: &Case<'_>, blank: BlankLine) {
    let Case { head, place, chain } = case;
    let end = chain.steps.last().map_or(place.end, |step| step.span.end as usize);
    let line = flat_chain(printer, chain).map(|chain| format!("{head} -> {chain}"));
    let line = line.filter(|line| fits(indent, line) && !printer.has_comment(place.end..end));
    printer.begin_line(indent, place.start, std::slice::from_ref(place), blank);
    match line {
        Some(line) => {
            printer.put(&line);
            printer.end_line(end);
        }
        None => {
            printer.put(head);
            printer.end_line(place.end);
            chain.steps.iter().for_each(|next| step(printer, indent + 2, "-> ", next));
        }
    }
}

fn step(printer: &mut Printer<'_>, indent: usize, arrow: &str, step: &Step) {
    let pieces = super::step::pieces(printer, step);
    write_pieces(printer, indent, arrow, step.span, &pieces, BlankLine::Keep);
}
