//! Levels: which warnings are reported, and which are treated as errors. Errors in syntax, names and types always
//! stay errors.

use super::{Code, Diagnostic, Severity};
use std::collections::BTreeMap;

/// How a warning is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Do not report it.
    Allow,
    /// Report it as a warning.
    Warn,
    /// Treat it as an error.
    Deny,
}

/// What a level applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// One code.
    Code(Code),
    /// Every warning.
    Warnings,
}

/// Why a level cannot be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LevelError {
    /// No code has this number or slug.
    Unknown,
    /// The code is always an error.
    Fixed(Code),
}

/// The name of the rule for every warning.
pub const WARNINGS: &str = "warnings";

impl Rule {
    /// Parses a number such as `F0402`, a slug such as `unreachable`, or `warnings`.
    ///
    /// # Errors
    /// The name is unknown, or the level of its code is fixed.
    pub fn named(name: &str) -> Result<Self, LevelError> {
        if name == WARNINGS {
            return Ok(Self::Warnings);
        }
        let code = Code::from_number(name).ok_or(LevelError::Unknown)?;
        if code.is_fixed() { Err(LevelError::Fixed(code)) } else { Ok(Self::Code(code)) }
    }
}

/// Levels by rule. The level of a code takes precedence over [`Rule::Warnings`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Levels {
    codes: BTreeMap<Code, Level>,
    warnings: Option<Level>,
}

impl Levels {
    /// Sets a level, replacing an earlier one.
    pub fn set(&mut self, rule: Rule, level: Level) {
        match rule {
            Rule::Code(code) => _ = self.codes.insert(code, level),
            Rule::Warnings => self.warnings = Some(level),
        }
    }

    /// Merges two sets of levels; `stronger` takes precedence. Its level of all warnings also applies to each code
    /// that is set to `Warn` here.
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

    /// The level of a code.
    #[must_use]
    pub fn of(&self, code: Code) -> Level {
        match self.codes.get(&code) {
            Some(level) => *level,
            None if code.is_off() => Level::Allow,
            None => self.warnings.unwrap_or(Level::Warn),
        }
    }

    /// Removes diagnostics that are allowed, and turns denied ones into errors.
    pub fn apply(&self, diagnostics: &mut Vec<Diagnostic>) {
        diagnostics.retain_mut(|diagnostic| match (diagnostic.severity, self.of(diagnostic.code)) {
            (Severity::Error, _) | (_, Level::Warn) => true,
            (_, Level::Allow) => false,
            // A note is not a warning, so only the level of its own code applies.
            (Severity::Note, Level::Deny) if !self.codes.contains_key(&diagnostic.code) => true,
            (_, Level::Deny) => {
                diagnostic.severity = Severity::Error;
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
    fn a_code_overrides_warnings_and_the_stronger_side_overrides_both() {
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
    fn errors_in_syntax_names_and_types_stay_errors() {
        assert_eq!(Rule::named("F0302"), Err(LevelError::Fixed(Code::MaybeMissing)));
        assert_eq!(Rule::named("unreachabel"), Err(LevelError::Unknown));
        assert_eq!(Rule::named("unknown-channel"), Ok(Rule::Code(Code::UnknownChannel)));
    }
}
