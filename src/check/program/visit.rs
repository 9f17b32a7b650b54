//! Traversal of checked expressions: their children, the fields they read, and their history expressions.

use super::{Comparison, Content, Expr, FieldRead, Filter, History, Later, Part, Source, TextBranch};

impl Expr {
    /// The direct subexpressions.
    #[must_use]
    pub fn children(&self) -> Vec<&Self> {
        match self {
            Self::Value(_) | Self::Field(_) | Self::Now | Self::Day { .. } | Self::InFunnel(_) | Self::History(_) => {
                Vec::new()
            }
            Self::Text(parts) => parts.iter().flat_map(part_children).collect(),
            Self::List(items) => items.iter().collect(),
            Self::Not(a)
            | Self::Negate(a)
            | Self::Matches(a, _)
            | Self::IsKnown(a)
            | Self::Yearly(_, a)
            | Self::AtTime(a, _) => vec![a],
            Self::DateOf(a, clock) => {
                std::iter::once(&**a).chain(clock.as_ref().and_then(|clock| clock.zone())).collect()
            }
            Self::And(a, b)
            | Self::Or(a, b)
            | Self::Compare(_, a, b)
            | Self::Arithmetic(_, a, b)
            | Self::In(a, b)
            | Self::Contains(a, b)
            | Self::StartsWith(a, b)
            | Self::Range(a, b) => vec![a, b],
        }
    }

    /// The condition under which a `match` takes a case with this value.
    #[must_use]
    pub fn case_condition(subject: &Self, value: &Self) -> Self {
        let compare = |op, value: &Self| Self::Compare(op, Box::new(subject.clone()), Box::new(value.clone()));
        match value {
            Self::Range(from, to) => Self::And(
                Box::new(compare(Comparison::GreaterEqual, from)),
                Box::new(compare(Comparison::LessEqual, to)),
            ),
            value => compare(Comparison::Equal, value),
        }
    }

    /// How deep it nests, filters of the past included.
    #[must_use]
    pub fn depth(&self) -> usize {
        let mut deepest = 0;
        let mut open = vec![(self, 1)];
        while let Some((expr, depth)) = open.pop() {
            deepest = deepest.max(depth);
            open.extend(expr.children().into_iter().map(|child| (child, depth + 1)));
            if let Self::History(history) = expr {
                open.extend(history.query.filter.iter().map(|filter| (&**filter, depth + 1)));
            }
        }
        deepest
    }

    fn children_mut(&mut self) -> Vec<&mut Self> {
        match self {
            Self::Value(_) | Self::Field(_) | Self::Now | Self::Day { .. } | Self::InFunnel(_) | Self::History(_) => {
                Vec::new()
            }
            Self::Text(parts) => parts.iter_mut().flat_map(part_children_mut).collect(),
            Self::List(items) => items.iter_mut().collect(),
            Self::Not(a)
            | Self::Negate(a)
            | Self::Matches(a, _)
            | Self::IsKnown(a)
            | Self::Yearly(_, a)
            | Self::AtTime(a, _) => vec![a],
            Self::DateOf(a, clock) => {
                std::iter::once(&mut **a).chain(clock.as_mut().and_then(|clock| clock.zone_mut())).collect()
            }
            Self::And(a, b)
            | Self::Or(a, b)
            | Self::Compare(_, a, b)
            | Self::Arithmetic(_, a, b)
            | Self::In(a, b)
            | Self::Contains(a, b)
            | Self::StartsWith(a, b)
            | Self::Range(a, b) => vec![a, b],
        }
    }

    /// All field reads in it, except in the moments of `later` fields.
    #[must_use]
    pub fn reads(&self) -> Vec<&FieldRead> {
        let mut reads = Vec::new();
        let mut open = vec![self];
        while let Some(expr) = open.pop() {
            if let Self::Field(read) = expr {
                reads.push(read);
            }
            open.extend(expr.children());
        }
        reads
    }

    /// All history expressions in it.
    #[must_use]
    pub fn histories(&self) -> Vec<&History> {
        let mut histories = Vec::new();
        let mut open = vec![self];
        while let Some(expr) = open.pop() {
            if let Self::History(history) = expr {
                histories.push(history.as_ref());
            }
            open.extend(expr.children());
        }
        histories
    }

    /// The funnels of which it asks whether the client is in them.
    #[must_use]
    pub fn funnels(&self) -> Vec<&str> {
        let mut funnels = Vec::new();
        let mut open = vec![self];
        while let Some(expr) = open.pop() {
            if let Self::InFunnel(funnel) = expr {
                funnels.push(funnel.as_str());
            }
            open.extend(expr.children());
        }
        funnels
    }

    /// Whether it reads the time of evaluation.
    #[must_use]
    pub fn reads_clock(&self) -> bool {
        matches!(self, Self::Now | Self::Day { .. } | Self::Yearly(..))
            || self.children().into_iter().any(Self::reads_clock)
    }

    /// The conditions that `and` joins; the expression itself if there is no `and`.
    #[must_use]
    pub fn conjuncts(&self) -> Vec<&Self> {
        let mut parts = Vec::new();
        let mut open = vec![self];
        while let Some(expr) = open.pop() {
            match expr {
                Self::And(left, right) => open.extend([&**right, &**left]),
                other => parts.push(other),
            }
        }
        parts
    }

    /// Whether a condition says which values a field must have: `status == "paid"`, `status in ["paid", "sent"]`.
    #[must_use]
    pub fn names_values(&self, is_field: &dyn Fn(&FieldRead) -> bool) -> bool {
        let reads = |expr: &Self| matches!(expr, Self::Field(read) if is_field(read));
        let is_fixed = |expr: &Self| match expr {
            Self::List(items) => items.iter().all(|item| matches!(item, Self::Value(_))),
            other => matches!(other, Self::Value(_)),
        };
        match self {
            Self::And(a, b) => a.names_values(is_field) || b.names_values(is_field),
            Self::Or(a, b) => a.names_values(is_field) && b.names_values(is_field),
            Self::Compare(Comparison::Equal, a, b) => (reads(a) && is_fixed(b)) || (is_fixed(a) && reads(b)),
            Self::In(item, list) => reads(item) && is_fixed(list),
            Self::Value(_)
            | Self::Field(_)
            | Self::Now
            | Self::Day { .. }
            | Self::Text(_)
            | Self::List(_)
            | Self::Not(_)
            | Self::Negate(_)
            | Self::Compare(..)
            | Self::Arithmetic(..)
            | Self::Contains(..)
            | Self::StartsWith(..)
            | Self::Matches(..)
            | Self::IsKnown(_)
            | Self::Yearly(..)
            | Self::AtTime(..)
            | Self::DateOf(..)
            | Self::Range(..)
            | Self::InFunnel(_)
            | Self::History(_) => false,
        }
    }

    /// Changes all field reads in it, including those in the moments of `later` fields.
    pub fn change_reads(&mut self, change: &impl Fn(&mut FieldRead)) {
        if let Self::Field(read) = self {
            change(read);
            read.later.iter_mut().flat_map(Later::moments_mut).for_each(|moment| moment.change_reads(change));
        }
        self.children_mut().into_iter().for_each(|child| child.change_reads(change));
    }
}

impl Later {
    /// The same for a reader that knows the event by a name: its moments read that event, too.
    #[must_use]
    pub fn read_by(mut self, name: &str) -> Self {
        let of_reader = |read: &mut FieldRead| {
            if matches!(read.source, Source::Event(_)) {
                read.source = Source::Event(name.to_owned());
            }
        };
        self.moments_mut().for_each(|moment| moment.change_reads(&of_reader));
        self
    }

    /// Its moments, as expressions.
    pub fn moments_mut(&mut self) -> impl Iterator<Item = &mut Expr> {
        [&mut self.from, &mut self.by].into_iter().flatten().map(|moment| &mut **moment)
    }
}

impl Content {
    /// Its texts.
    pub(in crate::check) fn texts(&self) -> Vec<&Expr> {
        match self {
            Self::Text(text) => vec![text],
            Self::Email { subject, preheader, text, html } => {
                [Some(subject), preheader.as_ref(), text.as_ref(), html.as_ref()].into_iter().flatten().collect()
            }
        }
    }

    /// Changes all field reads in it.
    pub(in crate::check) fn change_reads(&mut self, change: &impl Fn(&mut FieldRead)) {
        match self {
            Self::Text(text) => text.change_reads(change),
            Self::Email { subject, preheader, text, html } => {
                subject.change_reads(change);
                [preheader, text, html].into_iter().flatten().for_each(|part| part.change_reads(change));
            }
        }
    }
}

impl Part {
    /// The texts of a conditional part, one of which is shown.
    pub fn alternatives<'p>(branches: &'p [TextBranch], otherwise: &'p [Self]) -> impl Iterator<Item = &'p [Self]> {
        branches.iter().map(|branch| branch.parts.as_slice()).chain([otherwise])
    }

    /// Changes each literal text in it.
    #[must_use]
    pub fn with_texts(self, change: &impl Fn(&str) -> String) -> Self {
        let all = |parts: Vec<Self>| parts.into_iter().map(|part| part.with_texts(change)).collect();
        match self {
            Self::Text(text) => Self::Text(change(&text)),
            Self::Placeholder(expr, filters) => Self::Placeholder(expr, filters),
            Self::If { branches, otherwise } => {
                let branch = |TextBranch { condition, parts }| TextBranch { condition, parts: all(parts) };
                Self::If { branches: branches.into_iter().map(branch).collect(), otherwise: all(otherwise) }
            }
        }
    }
}

fn part_children(part: &Part) -> Vec<&Expr> {
    match part {
        Part::Text(_) => Vec::new(),
        Part::Placeholder(expr, filters) => {
            std::iter::once(expr).chain(filters.iter().flat_map(Filter::arguments)).collect()
        }
        Part::If { branches, otherwise } => {
            let conditions = branches.iter().map(|branch| &branch.condition);
            conditions.chain(Part::alternatives(branches, otherwise).flatten().flat_map(part_children)).collect()
        }
    }
}

fn part_children_mut<'p>(part: &'p mut Part) -> Vec<&'p mut Expr> {
    match part {
        Part::Text(_) => Vec::new(),
        Part::Placeholder(expr, filters) => {
            std::iter::once(expr).chain(filters.iter_mut().flat_map(Filter::arguments_mut)).collect()
        }
        Part::If { branches, otherwise } => {
            let of_branch = |TextBranch { condition, parts }: &'p mut TextBranch| {
                std::iter::once(condition).chain(parts.iter_mut().flat_map(part_children_mut))
            };
            branches.iter_mut().flat_map(of_branch).chain(otherwise.iter_mut().flat_map(part_children_mut)).collect()
        }
    }
}
