//! What a project makes of warnings. In: codes and what is wanted of them. Out: which findings are told, and how bad
//! they are. What is wrong with a text, a name or a type stays an error.

use super::{Code, Diagnostic, Severity};
use std::collections::BTreeMap;

/// What is made of a finding that is no error by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// It is not told.
    Allow,
    /// It is told, and the funnel runs.
    Warn,
    /// It is an error: nothing runs.
    Deny,
}

/// What a level is set for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// One code.
    Code(Code),
    /// Whatever is a warning by its code.
    Warnings,
}

/// Why a level cannot be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LevelError {
    /// No code has such a number or name.
    Unknown,
    /// It is an error wherever it is found.
    Fixed(Code),
}

/// The word for every warning.
pub const WARNINGS: &str = "warnings";

impl Rule {
    /// What a number such as `F0402`, a name such as `unreachable` or the word `warnings` stands for.
    ///
    /// # Errors
    /// Nothing is called so, or the level of its code is fixed.
    pub fn named(name: &str) -> Result<Self, LevelError> {
        if name == WARNINGS {
            return Ok(Self::Warnings);
        }
        let code = Code::from_number(name).ok_or(LevelError::Unknown)?;
        if code.is_fixed() { Err(LevelError::Fixed(code)) } else { Ok(Self::Code(code)) }
    }
}

/// The levels that someone set. A code by itself counts for more than [`Rule::Warnings`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Levels {
    codes: BTreeMap<Code, Level>,
    warnings: Option<Level>,
}

impl Levels {
    /// Sets a level. The last one counts.
    pub fn set(&mut self, rule: Rule, level: Level) {
        match rule {
            Rule::Code(code) => _ = self.codes.insert(code, level),
            Rule::Warnings => self.warnings = Some(level),
        }
    }

    /// These levels where `stronger` says nothing. What it says of all warnings counts for each code that is a warning
    /// here.
    #[must_use]
    pub fn overridden_by(&self, stronger: &Self) -> Self {
        let mut merged = self.clone();
        if let Some(level) = stronger.warnings {
            let warnings = merged.codes.values_mut().filter(|own| **own == Level::Warn);
            warnings.for_each(|own| *own = level);
            merged.warnings = Some(level);
        }
        merged.codes.extend(&stronger.codes);
        merged
    }

    /// What is made of the warnings of a code.
    #[must_use]
    pub fn of(&self, code: Code) -> Level {
        match self.codes.get(&code) {
            Some(level) => *level,
            None if code.is_off() => Level::Allow,
            None => self.warnings.unwrap_or(Level::Warn),
        }
    }

    /// Leaves out what is not to be told, and makes errors of what is to be one.
    pub fn apply(&self, findings: &mut Vec<Diagnostic>) {
        findings.retain_mut(|finding| match (finding.severity, self.of(finding.code)) {
            (Severity::Error, _) | (_, Level::Warn) => true,
            (_, Level::Allow) => false,
            // What is only worth knowing is no warning, so only its own code makes an error of it.
            (Severity::Note, Level::Deny) if !self.codes.contains_key(&finding.code) => true,
            (_, Level::Deny) => {
                finding.severity = Severity::Error;
                true
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(rules: &[(&str, Level)]) -> Levels {
        let mut levels = Levels::default();
        rules.iter().for_each(|(name, level)| levels.set(Rule::named(name).unwrap(), *level));
        levels
    }

    #[test]
    fn a_code_counts_for_more_than_the_word_for_all_and_the_stronger_side_for_more_than_both() {
        let file = levels(&[("warnings", Level::Deny), ("unreachable", Level::Allow), ("F0403", Level::Warn)]);
        let of =
            |levels: &Levels| [Code::Unreachable, Code::PastMoment, Code::AskedTooEarly].map(|code| levels.of(code));
        assert_eq!(of(&file), [Level::Allow, Level::Warn, Level::Deny]);
        let line = |rules: &[(&str, Level)]| of(&file.overridden_by(&levels(rules)));
        assert_eq!(line(&[("warnings", Level::Warn)]), [Level::Allow, Level::Warn, Level::Warn]);
        assert_eq!(line(&[("warnings", Level::Deny)]), [Level::Allow, Level::Deny, Level::Deny]);
        assert_eq!(
            line(&[("warnings", Level::Allow), ("F0402", Level::Deny)]),
            [Level::Deny, Level::Allow, Level::Allow]
        );
    }

    #[test]
    fn errors_of_texts_names_and_types_stay_errors() {
        assert_eq!(Rule::named("F0302"), Err(LevelError::Fixed(Code::MaybeMissing)));
        assert_eq!(Rule::named("unreachabel"), Err(LevelError::Unknown));
        assert_eq!(Rule::named("unknown-channel"), Ok(Rule::Code(Code::UnknownChannel)));
    }
}
