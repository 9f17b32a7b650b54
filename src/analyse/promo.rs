//! Promotion in a service funnel's clothes. In: checked funnels. Out: findings about service messages that promote, for
//! nobody asked the client's consent for them.

use super::steps::every;
use crate::check::program::{
    Arithmetic, Content, Declared, Declares, Element, Expr, Filter, Funnel, Part, Program, Purpose, Send, Source, Step,
};
use crate::check::{Context, Reach};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::value::Value;
use std::collections::BTreeMap;

/// Words that only promotion uses; each begins a word of the text. A number of percent before `off` counts too.
const WORDS: &[&str] = &[
    "% off",
    "black friday",
    "clearance sale",
    "discount",
    "flash sale",
    "limited offer",
    "limited time offer",
    "on sale now",
    "promo code",
    "promocode",
    "special offer",
    "акция",
    "акции",
    "акцию",
    "в подарок при",
    "выгодное предложение",
    "промокод",
    "распродаж",
    "скидк",
    "скидок",
    "специальное предложение",
    "спецпредложени",
    "черная пятница",
    "чёрная пятница",
];

/// What stands for a value that nobody knows.
const MARK: &str = "\u{fffc}";

/// Looks through the messages of a service funnel; `declared` is what all files declare.
pub(super) fn promo_in_service(funnel: &Funnel, declared: &[Declared], context: &Context) -> Vec<Diagnostic> {
    if is_marketing(funnel) {
        return Vec::new();
    }
    let name = &funnel.name;
    let promoted = sends(funnel).filter_map(|(step, send)| {
        let word = promotes(&context.reach, &send.content)?;
        let message = say!("`{word}` is promotion, and `{name}` is a service funnel", word, name);
        let found = Diagnostic::new(Code::PromoInService, step.span, message, say!("promotion without consent"));
        Some(helped(with_business(with_template(found, declared, send), send, context)))
    });
    promoted.collect()
}

/// Looks for service messages whose template another funnel sends as marketing.
pub(super) fn marketing_in_service(program: &Program, context: &Context) -> Vec<Diagnostic> {
    let mut promoted: BTreeMap<(&str, &str), (&Funnel, &Step)> = BTreeMap::new();
    for funnel in program.funnels.iter().filter(|funnel| is_marketing(funnel)) {
        for (step, send) in sends(funnel) {
            if let Some(template) = &send.template {
                promoted.entry((&send.channel, template)).or_insert((funnel, step));
            }
        }
    }
    let mut findings = Vec::new();
    if promoted.is_empty() {
        return findings;
    }
    for funnel in program.funnels.iter().filter(|funnel| !is_marketing(funnel)) {
        for (step, send) in sends(funnel) {
            let shared = send.template.as_ref().filter(|template| *template != "default");
            let elsewhere = shared.and_then(|template| promoted.get(&(&send.channel, template)).map(|p| (template, p)));
            // What promotes by its words is told of already.
            let Some((template, (marketing, other))) =
                elsewhere.filter(|_| promotes(&context.reach, &send.content).is_none())
            else {
                continue;
            };
            let name = &funnel.name;
            let message =
                say!("the template `{template}` is marketing, and `{name}` is a service funnel", template, name);
            let found = Diagnostic::new(Code::PromoInService, step.span, message, say!("marketing without consent"));
            let as_marketing = say!("`{marketing}` sends it as marketing", marketing = &marketing.name);
            findings.push(helped(found.related(other.span, as_marketing)));
        }
    }
    findings
}

fn is_marketing(funnel: &Funnel) -> bool {
    matches!(funnel.settings.purpose, Purpose::Marketing { .. })
}

fn helped(found: Diagnostic) -> Diagnostic {
    found
        .help(say!("say what the funnel is for: `purpose marketing`, so that consent is asked for"))
        .help(say!("or leave the promotion out of this message"))
}

/// Shows where the words of a template stand.
pub(super) fn with_template(found: Diagnostic, declared: &[Declared], send: &Send) -> Diagnostic {
    let kind = Declares::Template(send.channel.clone());
    let declared = declared.iter().find(|d| d.kind == kind && Some(&d.name) == send.template.as_ref());
    match declared {
        Some(declared) => found.related(declared.span, say!("its words stand here")),
        None => found,
    }
}

/// The sends of a funnel.
pub(super) fn sends(funnel: &Funnel) -> impl Iterator<Item = (&Step, &Send)> {
    every(funnel).into_iter().filter_map(|step| {
        let Element::Send { send, .. } = &step.element else { return None };
        Some((step, send.as_ref()))
    })
}

/// Shows the words of the business that promote by themselves.
fn with_business(found: Diagnostic, send: &Send, context: &Context) -> Diagnostic {
    let mut open = texts(&send.content);
    while let Some(expr) = open.pop() {
        if let Expr::Field(read) = expr
            && let Some(field) =
                context.business.get(&read.name).filter(|_| promotes_in(&context.reach, expr).is_some())
        {
            return found.related(field.span, say!("its words stand here"));
        }
        open.extend(expr.children());
    }
    found
}

/// The first word of promotion in a message, as the list has it.
fn promotes(reach: &Reach, content: &Content) -> Option<&'static str> {
    texts(content).into_iter().find_map(|text| promotes_in(reach, text))
}

fn promotes_in(reach: &Reach, text: &Expr) -> Option<&'static str> {
    promoting(&words(reach, text)?.to_lowercase().replace(" %", "%"))
}

/// The texts of a message.
pub(super) fn texts(content: &Content) -> Vec<&Expr> {
    match content {
        Content::Text(text) => vec![text],
        Content::Email { subject, preheader, text, html } => {
            std::iter::once(subject).chain([preheader, text, html].into_iter().flatten()).collect()
        }
    }
}

/// What is sure to be read, with a mark where a value stands; `None` where nothing is sure.
fn words(reach: &Reach, text: &Expr) -> Option<String> {
    match text {
        Expr::Value(Value::Text(text)) => Some(text.clone()),
        Expr::Text(parts) => Some(parts.iter().map(|part| part_words(reach, part)).collect()),
        Expr::Arithmetic(Arithmetic::Add, left, right) => {
            let (left, right) = (words(reach, left), words(reach, right));
            let mark = || MARK.to_owned();
            (left.is_some() || right.is_some()).then(|| left.unwrap_or_else(mark) + &right.unwrap_or_else(mark))
        }
        Expr::Field(read) if read.source == Source::Business => reach.business.get(&read.name).cloned(),
        Expr::Value(_)
        | Expr::Field(_)
        | Expr::Now
        | Expr::Day { .. }
        | Expr::List(_)
        | Expr::Not(_)
        | Expr::Negate(_)
        | Expr::And(..)
        | Expr::Or(..)
        | Expr::Compare(..)
        | Expr::Arithmetic(..)
        | Expr::In(..)
        | Expr::Contains(..)
        | Expr::StartsWith(..)
        | Expr::Matches(..)
        | Expr::IsKnown(_)
        | Expr::History(_) => None,
    }
}

fn part_words(reach: &Reach, part: &Part) -> String {
    let (expr, filters) = match part {
        Part::Text(text) => return text.clone(),
        Part::Placeholder(expr, filters) => (expr, filters),
    };
    let other = || {
        filters.iter().find_map(|filter| match filter {
            Filter::Default(other) => words(reach, other),
            Filter::Time
            | Filter::Date
            | Filter::Money
            | Filter::Upper
            | Filter::Lower
            | Filter::Capitalize
            | Filter::Safe(_) => None,
        })
    };
    words(reach, expr).or_else(other).unwrap_or_else(|| MARK.to_owned())
}

/// The first word of promotion, as the list has it, that begins a word of a text in small letters.
fn promoting(text: &str) -> Option<&'static str> {
    let mut before = None;
    let mut begun: Vec<&str> = Vec::new();
    for (at, char) in text.char_indices() {
        let after_number = before.is_some_and(|c: char| c.is_ascii_digit() || MARK.contains(c));
        let begins = if char == '%' { after_number } else { !before.is_some_and(char::is_alphanumeric) };
        if begins && (char == '%' || char.is_alphabetic()) {
            begun.extend(text.get(at..));
        }
        before = Some(char);
    }
    let here = |rest: &str, word: &str| {
        let after = rest.strip_prefix(word);
        after.is_some_and(|after| !word.starts_with('%') || !after.starts_with(char::is_alphanumeric))
    };
    WORDS.iter().find(|word| begun.iter().any(|rest| here(rest, word))).copied()
}

#[cfg(test)]
mod tests {
    use super::promoting;

    #[test]
    fn words_count_only_where_a_word_begins() {
        let promotes = |text: &str| promoting(text).is_some();
        for text in ["20% off today", "20 % off", "-15% off!", "промокод лето", "наши акции", "discounts for you"]
        {
            assert!(promotes(&text.replace(" %", "%")), "{text}");
        }
        for text in
            ["the heating is off", "100% offline", "реакция на пилинг", "nondiscounted", "payment of 20% failed"]
        {
            assert!(!promotes(text), "{text}");
        }
    }
}
