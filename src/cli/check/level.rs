//! Finding levels from the command line. In: `--deny warnings --allow F0402,past-moment`. Out: levels by code.

use crate::cli::Failure;
use crate::diagnostic::level::{LevelError, Rule};
use crate::diagnostic::{Level, Levels};
use crate::project::nearest_code;
use crate::say;
use clap::Args;

/// The options that set levels.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Treat these findings as errors: codes or names, or `warnings` for all warnings
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    deny: Vec<String>,

    /// Report these findings as warnings
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    warn: Vec<String>,

    /// Do not report these findings
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    allow: Vec<String>,
}

impl Options {
    /// Returns the levels, which override those of the project file.
    pub(super) fn levels(&self) -> Result<Levels, Failure> {
        let mut levels = Levels::default();
        for (names, level) in [(&self.allow, Level::Allow), (&self.warn, Level::Warn), (&self.deny, Level::Deny)] {
            for name in names {
                levels.set(parse_rule(name.trim())?, level);
            }
        }
        Ok(levels)
    }
}

fn parse_rule(name: &str) -> Result<Rule, Failure> {
    Rule::named(name).map_err(|unfit| match unfit {
        LevelError::Unknown => {
            let failure = Failure::new(say!("unknown diagnostic code `{name}`", name));
            match nearest_code(name) {
                Some(near) => failure.help(say!("did you mean `{near}`?", near)),
                None => failure.help(say!("run `funnelc explain --list` to see all codes")),
            }
        }
        LevelError::Fixed(code) => Failure::new(say!("`{name}` is always an error", name))
            .help(say!("only warnings can have another level"))
            .help(say!("run `funnelc explain {number}` to see how to fix it", number = code.number())),
    })
}
