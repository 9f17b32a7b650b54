//! Promotion in service funnels. In: checked funnels. Out: diagnostics about service messages that promote something,
//! because the client has not consented to them.

use super::{sends, texts, with_template};
use crate::check::program::{
    Arithmetic, Content, Declared, Expr, Filter, Funnel, Part, Program, Purpose, Send, Source, Step,
};
use crate::check::{Context, MessageSettings};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::value::Value;
use std::collections::BTreeMap;

/// Phrases that only promotions use; each must start a word of the text. `% off` must also follow a number.
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

/// A placeholder for an unknown value.
const UNKNOWN: &str = "\u{fffc}";

/// Checks the messages of a service funnel; `declared` is what all files declare.
pub(super) fn promo_in_service(funnel: &Funnel, declared: &[Declared], context: &Context) -> Vec<Diagnostic> {
    if is_marketing(funnel) {
        return Vec::new();
    }
    let name = &funnel.name;
    let promoted = sends(funnel).filter_map(|(step, send)| {
        let word = promotes(&context.messages, &send.content)?;
        let message = say!("`{word}` is promotional, but `{name}` is a service funnel", word, name);
        let found = Diagnostic::new(Code::PromoInService, step.span, message, say!("promotion without consent"));
        Some(with_help(with_business(with_template(found, declared, send), send, context)))
    });
    promoted.collect()
}

/// Finds service messages whose template another funnel sends as marketing.
pub(in crate::analysis) fn marketing_in_service(program: &Program, context: &Context) -> Vec<Diagnostic> {
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
            // Promotional wording is already reported.
            let Some((template, (marketing, other))) =
                elsewhere.filter(|_| promotes(&context.messages, &send.content).is_none())
            else {
                continue;
            };
            let name = &funnel.name;
            let message =
                say!("template `{template}` is used for marketing, but `{name}` is a service funnel", template, name);
            let found = Diagnostic::new(Code::PromoInService, step.span, message, say!("marketing without consent"));
            let as_marketing = say!("`{marketing}` sends it as marketing", marketing = &marketing.name);
            findings.push(with_help(found.related(other.span, as_marketing)));
        }
    }
    findings
}

fn is_marketing(funnel: &Funnel) -> bool {
    matches!(funnel.settings.purpose, Purpose::Marketing { .. })
}

fn with_help(found: Diagnostic) -> Diagnostic {
    found
        .help(say!("declare the funnel as `purpose marketing` to require consent"))
        .help(say!("or remove the promotion from this message"))
}

/// Adds the `business` field that contains the promotional wording.
fn with_business(found: Diagnostic, send: &Send, context: &Context) -> Diagnostic {
    let mut open = texts(&send.content);
    while let Some(expr) = open.pop() {
        if let Expr::Field(read) = expr
            && let Some(field) =
                context.business.get(&read.name).filter(|_| promotes_in(&context.messages, expr).is_some())
        {
            return found.related(field.span, say!("its text is here"));
        }
        open.extend(expr.children());
    }
    found
}

/// Returns the first promotional word of a message.
fn promotes(settings: &MessageSettings, content: &Content) -> Option<String> {
    texts(content).into_iter().find_map(|text| promotes_in(settings, text))
}

fn promotes_in(settings: &MessageSettings, text: &Expr) -> Option<String> {
    promo_word(&words(settings, text)?.to_lowercase().replace(" %", "%"))
}

/// The known text, with a mark for each unknown value; `None` if nothing is known.
fn words(settings: &MessageSettings, text: &Expr) -> Option<String> {
    match text {
        Expr::Value(Value::Text(text)) => Some(text.clone()),
        Expr::Text(parts) => Some(parts.iter().map(|part| part_words(settings, part)).collect()),
        Expr::Arithmetic(Arithmetic::Add, left, right) => {
            let (left, right) = (words(settings, left), words(settings, right));
            let mark = || UNKNOWN.to_owned();
            (left.is_some() || right.is_some()).then(|| left.unwrap_or_else(mark) + &right.unwrap_or_else(mark))
        }
        Expr::Field(read) if read.source == Source::Business => settings.business.get(&read.name).cloned(),
        _ => None,
    }
}

fn part_words(settings: &MessageSettings, part: &Part) -> String {
    let (expr, filters) = match part {
        Part::Text(text) => return text.clone(),
        Part::If { branches, otherwise } => {
            let of_branch = |parts: &[Part]| parts.iter().map(|part| part_words(settings, part)).collect::<String>();
            return Part::alternatives(branches, otherwise).map(of_branch).collect::<Vec<_>>().join(UNKNOWN);
        }
        Part::Placeholder(expr, filters) => (expr, filters),
    };
    let other = || {
        filters.iter().find_map(|filter| {
            let Filter::Default(other) = filter else { return None };
            words(settings, other)
        })
    };
    words(settings, expr).or_else(other).unwrap_or_else(|| UNKNOWN.to_owned())
}

/// Returns the first promotional word of a lower-case text, up to its end: the list has stems, which people do not write.
fn promo_word(text: &str) -> Option<String> {
    let mut before = None;
    let mut begun: Vec<&str> = Vec::new();
    for (at, char) in text.char_indices() {
        let after_number = before.is_some_and(|c: char| c.is_ascii_digit() || UNKNOWN.contains(c));
        let begins = if char == '%' { after_number } else { !before.is_some_and(char::is_alphanumeric) };
        if begins && (char == '%' || char.is_alphabetic()) {
            begun.extend(text.get(at..));
        }
        before = Some(char);
    }
    let here = |rest: &str, word: &str| {
        let after = rest.strip_prefix(word)?;
        let (ending, _) = after.split_at(after.find(|c: char| !c.is_alphanumeric()).unwrap_or(after.len()));
        (!word.starts_with('%') || ending.is_empty()).then(|| format!("{word}{ending}"))
    };
    WORDS.iter().find_map(|word| begun.iter().find_map(|rest| here(rest, word)))
}

#[cfg(test)]
mod tests {
    use super::promo_word;

    #[test]
    fn words_count_only_where_a_word_begins() {
        let promotes = |text: &str| promo_word(text).is_some();
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
