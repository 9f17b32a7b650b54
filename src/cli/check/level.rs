//! Levels from the command line. In: `--deny warnings --allow F0402,past-moment`. Out: what is made of warnings.

use crate::cli::Failure;
use crate::diagnostic::level::{LevelError, Rule};
use crate::diagnostic::{Level, Levels};
use crate::project::nearest_code;
use crate::say;
use clap::Args;

/// The options that set levels.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Make errors of warnings: codes or names of findings, or `warnings` for all of them
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    deny: Vec<String>,

    /// Tell them, and let funnels run
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    warn: Vec<String>,

    /// Do not tell them
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    allow: Vec<String>,
}

impl Options {
    /// What they say; they are stronger than the project file.
    pub(super) fn levels(&self) -> Result<Levels, Failure> {
        let mut levels = Levels::default();
        for (names, level) in [(&self.allow, Level::Allow), (&self.warn, Level::Warn), (&self.deny, Level::Deny)] {
            for name in names {
                levels.set(rule(name.trim())?, level);
            }
        }
        Ok(levels)
    }
}

fn rule(name: &str) -> Result<Rule, Failure> {
    Rule::named(name).map_err(|unfit| match unfit {
        LevelError::Unknown => {
            let failure = Failure::new(say!("no finding has the code `{name}`", name));
            match nearest_code(name) {
                Some(near) => failure.help(say!("did you mean `{near}`?", near)),
                None => failure.help(say!("`funnelc explain --list` shows every code")),
            }
        }
        LevelError::Fixed(code) => Failure::new(say!("`{name}` is an error wherever it is found", name))
            .help(say!("only what is a warning can have another level"))
            .help(say!("`funnelc explain {number}` says how to mend it", number = code.number())),
    })
}
