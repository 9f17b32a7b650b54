//! The catalog of supported editors: the files of each plugin, built into the program from `editors/` and `grammar/`, and
//! where they go.

use super::place::Place;
use std::borrow::Cow;

/// A file of a plugin.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// The path relative to the plugin folder.
    pub(super) to: Cow<'static, str>,
    /// The contents.
    pub(super) bytes: Cow<'static, [u8]>,
}

/// What an installation needs besides writing files.
#[derive(Debug, Clone, Copy)]
pub(super) enum Extra {
    /// Nothing.
    Nothing,
    /// Pack the files into one archive.
    Archive { name: &'static str },
    /// Compile the parser from its source to a shared library.
    Parser { source: &'static str, library: &'static str },
    /// Create a git repository of the grammar in the source folder.
    Repository { source: &'static str },
}

/// A settings file of the user's that a plugin needs: it is created if missing, and never changed.
#[derive(Debug)]
pub(super) struct UserSettings {
    /// The folder of the file.
    pub(super) place: Place,
    /// The file name.
    pub(super) name: &'static str,
    /// The contents of a new file.
    pub(super) bytes: &'static [u8],
    /// A string that an existing file contains if it is already configured for funnels.
    pub(super) sign: &'static str,
}

impl UserSettings {
    /// Whether the contents of an existing file are already configured for funnels.
    pub(super) fn is_configured(&self, bytes: &[u8]) -> bool {
        String::from_utf8_lossy(bytes).contains(self.sign)
    }
}

/// A supported editor.
#[derive(Debug)]
pub(super) struct Editor {
    /// The name on the command line.
    pub(super) name: &'static str,
    /// The display name.
    pub(super) title: &'static str,
    /// Where the plugin goes.
    pub(super) place: Place,
    /// The files of its plugin.
    pub(super) files: &'static [Part],
    /// The settings file that the plugin needs.
    pub(super) settings: Option<UserSettings>,
    /// What the installation needs besides writing files.
    pub(super) extra: Extra,
}

/// Lists the files of a plugin as `target folder <- source folder: file, ..`; `as` renames a file.
macro_rules! parts {
    ($($to:literal <- $from:literal: $($name:literal $(as $other:literal)?),+;)+) => {
        &[$($(Part {
            to: Cow::Borrowed(concat!($to, parts!(@path $name $($other)?))),
            bytes: Cow::Borrowed(include_bytes!(concat!("../../../", $from, $name))),
        },)+)+]
    };
    (@path $name:literal) => { $name };
    (@path $name:literal $other:literal) => { $other };
}

/// The source files of the parser.
const GRAMMAR: &[Part] = parts!["" <- "grammar/tree-sitter/src/": "parser.c", "tree_sitter/parser.h";];

/// The defaults of an editor that needs nothing but its files.
const PLAIN: Editor =
    Editor { name: "", title: "", place: Place::Bat, files: &[], settings: None, extra: Extra::Nothing };

/// All supported editors, by name.
pub(super) const EDITORS: &[Editor] = &[
    Editor {
        name: "bat",
        title: "bat",
        place: Place::Bat,
        files: parts!["" <- "editors/sublime/": "Funnel.sublime-syntax";],
        ..PLAIN
    },
    Editor {
        name: "emacs",
        title: "Emacs 28 and newer",
        place: Place::Emacs,
        files: parts![
            "lisp/funnel/" <- "editors/emacs/": "funnel-mode.el", "README.md";
            "lisp/funnel/" <- "grammar/tree-sitter/queries/": "highlights.scm";
        ],
        extra: Extra::Parser { source: "lisp/funnel/src", library: "tree-sitter/libtree-sitter-funnel" },
        ..PLAIN
    },
    Editor {
        name: "helix",
        title: "Helix 25.01 and newer",
        place: Place::Helix,
        files: parts![
            "runtime/queries/funnel/" <- "grammar/tree-sitter/queries-helix/":
                "highlights.scm", "indents.scm", "injections.scm", "locals.scm", "tags.scm", "textobjects.scm";
            "funnel-" <- "editors/helix/": "languages.toml";
        ],
        settings: Some(UserSettings {
            place: Place::Helix,
            name: "languages.toml",
            bytes: include_bytes!("../../../editors/helix/languages.toml"),
            sign: "\"funnel\"",
        }),
        extra: Extra::Parser { source: "runtime/grammars/sources/funnel/src", library: "runtime/grammars/funnel" },
    },
    Editor {
        name: "jetbrains",
        title: "JetBrains IDEs",
        place: Place::Data("jetbrains"),
        files: parts![
            "" <- "editors/jetbrains/": "README.md";
            "textmate/" <- "editors/jetbrains/": "package.json";
            "textmate/" <- "editors/vscode/": "language-configuration.json";
            "textmate/syntaxes/" <- "grammar/textmate/": "funnel.tmLanguage.json";
            "lsp4ij/" <- "editors/jetbrains/lsp4ij/":
                "template.json", "settings.json", "clientSettings.json", "initializationOptions.json";
        ],
        ..PLAIN
    },
    Editor {
        name: "kate",
        title: "Kate, KWrite, KDevelop",
        place: Place::Kate,
        files: parts!["" <- "editors/kate/": "funnel.xml", "lspclient.json";],
        settings: Some(UserSettings {
            place: Place::KateSettings,
            name: "settings.json",
            bytes: include_bytes!("../../../editors/kate/lspclient.json"),
            sign: "funnelc",
        }),
        ..PLAIN
    },
    Editor {
        name: "neovim",
        title: "Neovim 0.10 and newer",
        place: Place::Neovim,
        files: parts![
            "" <- "editors/neovim/":
                "after/queries/funnel/highlights.scm", "doc/funnel.txt", "ftdetect/funnel.lua", "ftplugin/funnel.lua",
                "lsp/funnelc.lua", "lua/funnel/init.lua", "package.json", "plugin/funnel.lua", "README.md";
            "" <- "editors/vim/": "compiler/funnelc.vim", "indent/funnel.vim", "syntax/funnel.vim";
            "queries/funnel/" <- "grammar/tree-sitter/queries/":
                "folds.scm", "highlights.scm", "indents.scm", "injections.scm", "locals.scm", "textobjects.scm";
            "" <- "editors/": "snippets/funnel.json";
        ],
        extra: Extra::Parser { source: "src", library: "parser/funnel" },
        ..PLAIN
    },
    Editor {
        name: "sublime",
        title: "Sublime Text 4",
        place: Place::Sublime,
        files: parts![
            "" <- "editors/sublime/":
                "Comments.tmPreferences", "Funnel.sublime-build", "Funnel.sublime-settings", "Funnel.sublime-syntax",
                "LSP-funnel.json", "README.md";
        ],
        ..PLAIN
    },
    Editor {
        name: "vim",
        title: "Vim 8.2 and newer",
        place: Place::Vim,
        files: parts![
            "" <- "editors/vim/":
                "compiler/funnelc.vim", "ftdetect/funnel.vim", "ftplugin/funnel.vim", "indent/funnel.vim",
                "plugin/funnel.vim", "README.md", "syntax/funnel.vim";
        ],
        ..PLAIN
    },
    Editor {
        name: "vscode",
        title: "Visual Studio Code, VSCodium, code-server",
        place: Place::Data("vscode"),
        files: parts![
            "" <- "editors/vscode/": "content-types.xml" as "[Content_Types].xml", "extension.vsixmanifest";
            "extension/" <- "editors/vscode/":
                "dist/extension.js", "dist/licences.txt", "language-configuration.json", "package.json",
                "README.md" as "readme.md";
            "extension/" <- "editors/": "snippets/funnel.json";
            "extension/syntaxes/" <- "grammar/textmate/": "funnel.tmLanguage.json";
        ],
        extra: Extra::Archive { name: "funnel.vsix" },
        ..PLAIN
    },
    Editor {
        name: "zed",
        title: "Zed",
        place: Place::Data("zed"),
        files: parts![
            "" <- "editors/zed/":
                "manifest.toml" as "Cargo.toml", "extension.toml", "languages/funnel/brackets.scm",
                "languages/funnel/config.toml", "languages/funnel/outline.scm", "README.md", "src/lib.rs";
            "languages/funnel/" <- "grammar/tree-sitter/queries/": "highlights.scm", "injections.scm";
            "languages/funnel/" <- "grammar/tree-sitter/queries-helix/": "textobjects.scm";
            "" <- "editors/": "snippets/funnel.json";
        ],
        extra: Extra::Repository { source: "grammar" },
        ..PLAIN
    },
];

/// Returns the source files of the parser, placed in a folder.
pub(super) fn grammar(folder: &str) -> Vec<Part> {
    let below = |part: &Part| Part { to: Cow::Owned(format!("{folder}/{}", part.to)), bytes: part.bytes.clone() };
    GRAMMAR.iter().map(below).collect()
}
