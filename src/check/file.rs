//! Files that a text names. In: paths as written, and what was found at their ends. Out: the texts, or why there is none.

use super::checker::Checker;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Attached, FileId, Span};
use crate::syntax::ast::{self, ItemKind};
use crate::syntax::{Mentioned, TEXT_BYTES, TextKind, suits};

impl Checker<'_> {
    /// Checks what every `use` names. What the files declare is known already: they are checked together.
    pub(super) fn uses(&mut self, files: &[&ast::File]) {
        for item in files.iter().flat_map(|file| &file.items) {
            if let ItemKind::Use(path) = &item.kind {
                self.attached(path, Mentioned::Declarations);
            }
        }
    }

    /// The text of a message that stands in a file, and what kind of file it is.
    pub(super) fn text_file(&mut self, file: &ast::TextFile) -> Option<(FileId, TextKind)> {
        let id = self.attached(&file.path, Mentioned::Text)?;
        Some((id, TextKind::of(&file.path.plain()?)?))
    }

    /// A file where none can stand.
    pub(super) fn stray_file<T>(&mut self, file: &ast::TextFile) -> Option<T> {
        let finding =
            Diagnostic::new(Code::WrongFile, file.span, "a file can only be what a message says", "not a message");
        self.fail(finding.help("name it in a template or a send: `send sms file \"reminder.txt\"`"))
    }

    /// The file at the end of a path.
    fn attached(&mut self, path: &ast::Text, of: Mentioned) -> Option<FileId> {
        let span = path.span;
        let wrong = |message: String, label: &str| Diagnostic::new(Code::WrongFile, span, message, label);
        let Some(written) = path.plain() else {
            let finding = wrong("the path of a file cannot have a hole".to_owned(), "known before anything runs");
            return self.fail(finding.help("write one template for each file"));
        };
        if written.trim().is_empty() {
            let finding = Diagnostic::new(Code::MissingFile, span, "a path is empty", "names no file");
            return self.fail(finding.help("name a file in the folder of this one: `\"emails/welcome.mjml\"`"));
        }
        if !suits(&written, of) {
            return self.fail(unsuited(&written, of, span));
        }
        let sources = self.sources;
        let finding = match sources.attached(span) {
            Some(Attached::Text(file)) => return Some(*file),
            Some(Attached::Refused) => return self.poison(),
            Some(Attached::TooLarge) => {
                let message = format!("`{written}` is larger than the {} MiB of a message", TEXT_BYTES / (1024 * 1024));
                Diagnostic::new(Code::FileTooLarge, span, message, "too large")
                    .help("put pictures on a web server and link to them")
            }
            Some(Attached::Folder) => {
                let message = format!("`{written}` is a folder");
                Diagnostic::new(Code::MissingFile, span, message, "not a file").help("name a file in it")
            }
            Some(Attached::Unreadable(why)) => {
                let message = format!("`{written}` cannot be read: {why}");
                Diagnostic::new(Code::MissingFile, span, message, "cannot be read")
            }
            Some(Attached::Outside) => {
                let message = format!("`{written}` is outside of the project");
                wrong(message, "outside of the project").help("move the file into the folder of `funnel.toml`")
            }
            Some(Attached::Absolute) => {
                let message = format!("`{written}` begins at the root of one machine");
                wrong(message, "not from this folder").help("write the path from the folder of this file")
            }
            Some(Attached::Backslash) => {
                let right = self.slice(span).replace("\\\\", "/").replace('\\', "/");
                wrong("a path is written with `/`".to_owned(), "has a backslash").help(format!("write `{right}`")).fix(
                    format!("change it to `{right}`"),
                    span,
                    right,
                )
            }
            Some(Attached::Missing { near }) => missing(&written, near.as_deref(), span),
            None => missing(&written, None, span),
        };
        self.fail(finding)
    }
}

fn missing(written: &str, near: Option<&str>, span: Span) -> Diagnostic {
    let finding = Diagnostic::new(Code::MissingFile, span, format!("there is no file `{written}`"), "no such file");
    match near {
        Some(near) => finding.help(format!("did you mean `{near}`?")).fix(
            format!("change `{written}` to `{near}`"),
            span,
            format!("\"{near}\""),
        ),
        None => finding.help("a path begins in the folder of the file that says it"),
    }
}

fn unsuited(written: &str, of: Mentioned, span: Span) -> Diagnostic {
    let name = written.rsplit('/').next().unwrap_or(written);
    match of {
        Mentioned::Declarations => {
            let message = format!("`use` takes a funnel, and `{name}` is none");
            Diagnostic::new(Code::WrongFile, span, message, "not a `.funnel` file")
                .help("name a `.funnel` file; the words of a message are named by `file`")
        }
        Mentioned::Text => {
            let message = format!("`{name}` is not a kind of file that a message can be");
            Diagnostic::new(Code::WrongFile, span, message, "unknown kind of file")
                .help("an email is a `.mjml`, `.html` or `.txt` file, any other message a `.txt`")
        }
    }
}
