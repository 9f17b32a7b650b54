//! Included files. In: paths as written, and the result of loading them. Out: the files, or why there are none.

use crate::check::checker::Checker;
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::say;
use crate::source::{FileId, IncludeTarget, Span};
use crate::syntax::ast::{self, ItemKind};
use crate::syntax::{IncludeKind, MAX_TEXT_BYTES, TextFormat};

impl Checker<'_> {
    /// Checks the path of every `use`. Its declarations are known already: all files are checked together.
    pub(in crate::check) fn check_uses(&mut self, files: &[&ast::File]) {
        for item in files.iter().flat_map(|file| &file.items) {
            if let ItemKind::Use(path) = &item.kind {
                self.attachment(path, IncludeKind::Declarations);
            }
        }
    }

    /// The file that contains the text of a message, and its kind.
    pub(super) fn text_file(&mut self, file: &ast::TextFile) -> Option<(FileId, TextFormat)> {
        let id = self.attachment(&file.path, IncludeKind::Text)?;
        Some((id, TextFormat::of(&file.path.plain()?)?))
    }

    /// The file that a path names.
    fn attachment(&mut self, path: &ast::Text, of: IncludeKind) -> Option<FileId> {
        let span = path.span;
        let wrong = |message: Phrase, label: Phrase| Diagnostic::new(Code::WrongFile, span, message, label);
        let Some(written) = path.plain() else {
            let finding = wrong(say!("a file path cannot contain placeholders"), say!("must be known at compile time"));
            return self.fail(finding.help(say!("write one template for each file")));
        };
        if written.trim().is_empty() {
            let finding = Diagnostic::new(Code::MissingFile, span, say!("empty path"), say!("no file name"));
            return self.fail(finding.help(say!("use a path relative to this file: `\"emails/welcome.mjml\"`")));
        }
        if !of.accepts(&written) {
            return self.fail(unsuited(&written, of, span));
        }
        let sources = self.sources;
        let finding = match sources.include(span) {
            Some(IncludeTarget::Text(file)) => return Some(*file),
            Some(IncludeTarget::Refused) => return self.poison(),
            Some(IncludeTarget::TooLarge) => {
                let message = say!(
                    "`{written}` is larger than {size} MiB, the limit for a message",
                    written,
                    size = MAX_TEXT_BYTES / (1024 * 1024)
                );
                Diagnostic::new(Code::FileTooLarge, span, message, say!("too large"))
                    .help(say!("put pictures on a web server and link to them"))
            }
            Some(IncludeTarget::Folder) => {
                let message = say!("`{written}` is a folder", written);
                Diagnostic::new(Code::MissingFile, span, message, say!("not a file")).help(say!("use a file inside it"))
            }
            Some(IncludeTarget::Unreadable(why)) => {
                let message = say!("cannot read `{written}`: {why}", written, why);
                Diagnostic::new(Code::MissingFile, span, message, say!("cannot be read"))
            }
            Some(IncludeTarget::Outside) => {
                let message = say!("`{written}` is outside the project", written);
                wrong(message, say!("outside the project")).help(say!("move the file into the folder of `funnel.toml`"))
            }
            Some(IncludeTarget::Absolute) => {
                let message = say!("`{written}` is an absolute path", written);
                wrong(message, say!("not a relative path")).help(say!("use a path relative to this file"))
            }
            Some(IncludeTarget::Backslash) => {
                let right = self.slice(span).replace("\\\\", "/").replace('\\', "/");
                wrong(say!("paths must use `/`"), say!("has a backslash")).help(say!("write `{right}`", right)).fix(
                    say!("change it to `{right}`", right),
                    span,
                    right,
                )
            }
            Some(IncludeTarget::Missing { near }) => missing(&written, near.as_deref(), span),
            None => missing(&written, None, span),
        };
        self.fail(finding)
    }
}

fn missing(written: &str, near: Option<&str>, span: Span) -> Diagnostic {
    let finding =
        Diagnostic::new(Code::MissingFile, span, say!("file `{written}` not found", written), say!("no such file"));
    match near {
        Some(near) => finding.help(say!("did you mean `{near}`?", near)).respell(
            say!("change `{written}` to `{near}`", written, near),
            (written, near),
            span,
            format!("\"{near}\""),
        ),
        None => finding.help(say!("paths are relative to the file that contains them")),
    }
}

fn unsuited(written: &str, of: IncludeKind, span: Span) -> Diagnostic {
    let name = written.rsplit('/').next().unwrap_or(written);
    match of {
        IncludeKind::Declarations => {
            let message = say!("`use` expects a funnel, found `{name}`", name);
            Diagnostic::new(Code::WrongFile, span, message, say!("not a `.funnel` file"))
                .help(say!("use a `.funnel` file; to include message text, use `file`"))
        }
        IncludeKind::Text => {
            let message = say!("`{name}` is not a file type that a message can use", name);
            Diagnostic::new(Code::WrongFile, span, message, say!("unknown kind of file"))
                .help(say!("an email must be a `.mjml`, `.html` or `.txt` file, any other message a `.txt` file"))
        }
    }
}
