//! How values are written for people. In: a language, and a date, a time, a number or an amount. Out: its text, by the
//! data of Unicode CLDR.

mod calendar;
mod currency;

pub use calendar::DateStyle;

use super::{Decimal, Money};
use icu_decimal::options::{DecimalFormatterOptions, GroupingStrategy};
use icu_decimal::{DecimalFormatter, input};
use icu_locale_core::Locale;
use icu_locale_core::subtags::{language, region};
use icu_plurals::{PluralCategory, PluralRuleType, PluralRules};

/// The plural categories, in the order in which their words are written.
const CATEGORIES: [(PluralCategory, &str); 6] = [
    (PluralCategory::Zero, "zero"),
    (PluralCategory::One, "one"),
    (PluralCategory::Two, "two"),
    (PluralCategory::Few, "few"),
    (PluralCategory::Many, "many"),
    (PluralCategory::Other, "other"),
];

/// The largest number that is tried to find the plural forms of a language: languages with a form for millions only
/// use it for written numbers such as `2 million`.
const LARGEST_TRIED: u32 = 200;

/// The conventions of one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    locale: Locale,
}

impl Wording {
    /// Returns the conventions of a language, in the spelling of any system: `de`, `DE`, `de-AT`, `de_AT`. A language
    /// that is not known is written like English.
    #[must_use]
    pub fn of(language: &str) -> Self {
        let read = Self::read(language).filter(|read| calendar::has_names(&read.locale));
        read.unwrap_or_else(|| Self { locale: international() })
    }

    /// Whether dates and amounts can be written in a language.
    #[must_use]
    pub fn knows(language: &str) -> bool {
        Self::read(language).is_some_and(|read| calendar::has_names(&read.locale))
    }

    fn read(language: &str) -> Option<Self> {
        let locale: Locale = language.trim().replace('_', "-").parse().ok()?;
        let is_english = locale.id.language == language!("en") && locale.id.region.is_none();
        Some(Self { locale: if is_english { international() } else { locale } })
    }

    /// Its code, such as `de-AT`.
    #[must_use]
    pub fn code(&self) -> String {
        self.locale.to_string()
    }

    /// The code of its language, without a country: `de`.
    #[must_use]
    pub fn language(&self) -> String {
        self.locale.id.language.to_string()
    }

    /// Writes a number: `1.5`, `1,5`, `12 500`. Digits are grouped from five before the point on.
    #[must_use]
    pub fn number(&self, number: Decimal) -> String {
        self.digits(&number.normalize().to_string(), GroupingStrategy::Min2)
    }

    /// Writes an amount with its currency: `€1,234.50`, `1.234,50 €`. A fraction has two digits.
    #[must_use]
    pub fn money(&self, money: &Money) -> String {
        let amount = money.amount.abs().round_dp(2).normalize();
        let plain = if amount.is_integer() { amount.to_string() } else { format!("{amount:.2}") };
        let number = self.digits(&plain, GroupingStrategy::Auto);
        let text = currency::with_currency(&self.locale, &number, &money.currency);
        let is_negative = money.amount.is_sign_negative() && !amount.is_zero();
        if is_negative { format!("-{text}") } else { text }
    }

    /// The names of the plural forms of whole numbers, in the order in which their words are written.
    #[must_use]
    pub fn plural_forms(&self) -> Vec<&'static str> {
        let used = self.used_categories();
        CATEGORIES.into_iter().filter(|(category, _)| used.contains(category)).map(|(_, name)| name).collect()
    }

    /// An example of a whole number for each plural form.
    #[must_use]
    pub fn plural_examples(&self) -> Vec<u32> {
        let Some(rules) = self.plural_rules() else { return vec![1] };
        let first = |category| (1..=LARGEST_TRIED).chain([0]).find(|n| rules.category_for(*n) == category);
        CATEGORIES.into_iter().filter_map(|(category, _)| first(category)).collect()
    }

    /// The position of the form of a number among [`Wording::plural_forms`]. A fraction in a category of its own takes
    /// the form of a few, or else the last.
    #[must_use]
    pub fn plural_form(&self, number: Decimal) -> usize {
        let used = self.used_categories();
        let last = used.len().saturating_sub(1);
        let (Some(rules), Ok(number)) = (self.plural_rules(), number.normalize().to_string().parse::<input::Decimal>())
        else {
            return last;
        };
        let at = |category: PluralCategory| used.iter().position(|used| *used == category);
        at(rules.category_for(&number)).or_else(|| at(PluralCategory::Few)).unwrap_or(last)
    }

    /// The categories of whole numbers.
    fn used_categories(&self) -> Vec<PluralCategory> {
        let Some(rules) = self.plural_rules() else { return vec![PluralCategory::Other] };
        let used: Vec<PluralCategory> = (0..=LARGEST_TRIED).map(|number| rules.category_for(number)).collect();
        CATEGORIES.into_iter().map(|(category, _)| category).filter(|category| used.contains(category)).collect()
    }

    fn plural_rules(&self) -> Option<PluralRules> {
        PluralRules::try_new((&self.locale).into(), PluralRuleType::Cardinal.into()).ok()
    }

    /// Writes plain digits with the separators of the language.
    fn digits(&self, plain: &str, grouping: GroupingStrategy) -> String {
        let mut options = DecimalFormatterOptions::default();
        options.grouping_strategy = Some(grouping);
        let formatter = DecimalFormatter::try_new((&self.locale).into(), options);
        match (formatter, plain.parse::<input::Decimal>()) {
            (Ok(formatter), Ok(number)) => typeable(&formatter.format(&number).to_string()),
            _ => plain.to_owned(),
        }
    }
}

/// English of no country: the day comes before the month.
fn international() -> Locale {
    let mut locale = Locale::from(language!("en"));
    locale.id.region = Some(region!("001"));
    locale
}

/// Replaces the spaces and the minus that nobody types: an SMS would need twice the room for them, and nobody would find
/// the text again.
fn typeable(text: &str) -> String {
    text.replace(['\u{a0}', '\u{202f}', '\u{2009}'], " ").replace('\u{2212}', "-")
}
