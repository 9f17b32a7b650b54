//! The editors that there are plugins for. In: the files of `editors/` and `grammar/`, which are part of the program.
//! Out: which file goes where.

use super::place::Place;
use std::borrow::Cow;

/// A file of a plugin.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// Its path below the folder of the plugin.
    pub(super) to: Cow<'static, str>,
    /// What is in it.
    pub(super) bytes: Cow<'static, [u8]>,
}

/// What has to be done besides writing files.
#[derive(Debug, Clone, Copy)]
pub(super) enum Work {
    /// Nothing.
    Nothing,
    /// The files become one archive.
    Archive { name: &'static str },
    /// The parser is built from its source, into a library for the machine.
    Parser { source: &'static str, library: &'static str },
    /// The grammar becomes a git repository in that folder.
    Repository { source: &'static str },
}

/// A settings file that belongs to the user: it is written where there is none, and never changed.
#[derive(Debug)]
pub(super) struct Own {
    /// The folder where it stands.
    pub(super) place: Place,
    /// Its name.
    pub(super) name: &'static str,
    /// What is in it where there is none.
    pub(super) bytes: &'static [u8],
    /// What stands in it when it knows of funnels.
    pub(super) sign: &'static str,
}

impl Own {
    /// Whether a file knows of funnels already.
    pub(super) fn is_in(&self, bytes: &[u8]) -> bool {
        String::from_utf8_lossy(bytes).contains(self.sign)
    }
}

/// An editor.
#[derive(Debug)]
pub(super) struct Editor {
    /// What it is called on the command line.
    pub(super) name: &'static str,
    /// What it is called.
    pub(super) title: &'static str,
    /// Where it looks for plugins.
    pub(super) place: Place,
    /// The files of its plugin.
    pub(super) files: &'static [Part],
    /// A settings file of the user's that the plugin needs.
    pub(super) own: Option<Own>,
    /// What has to be done besides.
    pub(super) work: Work,
}

macro_rules! parts {
    ($($to:literal = $from:literal),* $(,)?) => {
        &[$(Part { to: Cow::Borrowed($to), bytes: Cow::Borrowed(include_bytes!(concat!("../../../", $from))) }),*]
    };
}

/// The source of the parser.
const GRAMMAR: &[Part] = parts![
    "parser.c" = "grammar/tree-sitter/src/parser.c",
    "tree_sitter/parser.h" = "grammar/tree-sitter/src/tree_sitter/parser.h",
];

/// Every editor, by name.
pub(super) const EDITORS: &[Editor] = &[
    Editor {
        name: "bat",
        title: "bat",
        place: Place::Bat,
        files: parts!["Funnel.sublime-syntax" = "editors/sublime/Funnel.sublime-syntax"],
        own: None,
        work: Work::Nothing,
    },
    Editor {
        name: "emacs",
        title: "Emacs 28 and newer",
        place: Place::Emacs,
        files: parts![
            "lisp/funnel/funnel-mode.el" = "editors/emacs/funnel-mode.el",
            "lisp/funnel/highlights.scm" = "grammar/tree-sitter/queries/highlights.scm",
            "lisp/funnel/README.md" = "editors/emacs/README.md",
        ],
        own: None,
        work: Work::Parser { source: "lisp/funnel/src", library: "tree-sitter/libtree-sitter-funnel" },
    },
    Editor {
        name: "helix",
        title: "Helix 25.01 and newer",
        place: Place::Helix,
        files: parts![
            "runtime/queries/funnel/highlights.scm" = "grammar/tree-sitter/queries-helix/highlights.scm",
            "runtime/queries/funnel/indents.scm" = "grammar/tree-sitter/queries-helix/indents.scm",
            "runtime/queries/funnel/injections.scm" = "grammar/tree-sitter/queries-helix/injections.scm",
            "runtime/queries/funnel/locals.scm" = "grammar/tree-sitter/queries-helix/locals.scm",
            "runtime/queries/funnel/tags.scm" = "grammar/tree-sitter/queries-helix/tags.scm",
            "runtime/queries/funnel/textobjects.scm" = "grammar/tree-sitter/queries-helix/textobjects.scm",
            "funnel-languages.toml" = "editors/helix/languages.toml",
        ],
        own: Some(Own {
            place: Place::Helix,
            name: "languages.toml",
            bytes: include_bytes!("../../../editors/helix/languages.toml"),
            sign: "\"funnel\"",
        }),
        work: Work::Parser { source: "runtime/grammars/sources/funnel/src", library: "runtime/grammars/funnel" },
    },
    Editor {
        name: "jetbrains",
        title: "IDEs of JetBrains",
        place: Place::Ours("jetbrains"),
        files: parts![
            "README.md" = "editors/jetbrains/README.md",
            "textmate/package.json" = "editors/jetbrains/package.json",
            "textmate/language-configuration.json" = "editors/vscode/language-configuration.json",
            "textmate/syntaxes/funnel.tmLanguage.json" = "grammar/textmate/funnel.tmLanguage.json",
            "lsp4ij/template.json" = "editors/jetbrains/lsp4ij/template.json",
            "lsp4ij/settings.json" = "editors/jetbrains/lsp4ij/settings.json",
            "lsp4ij/clientSettings.json" = "editors/jetbrains/lsp4ij/clientSettings.json",
            "lsp4ij/initializationOptions.json" = "editors/jetbrains/lsp4ij/initializationOptions.json",
        ],
        own: None,
        work: Work::Nothing,
    },
    Editor {
        name: "kate",
        title: "Kate, KWrite, KDevelop",
        place: Place::Kate,
        files: parts!["funnel.xml" = "editors/kate/funnel.xml", "lspclient.json" = "editors/kate/lspclient.json"],
        own: Some(Own {
            place: Place::KateSettings,
            name: "settings.json",
            bytes: include_bytes!("../../../editors/kate/lspclient.json"),
            sign: "funnelc",
        }),
        work: Work::Nothing,
    },
    Editor {
        name: "neovim",
        title: "Neovim 0.10 and newer",
        place: Place::Neovim,
        files: parts![
            "compiler/funnelc.vim" = "editors/vim/compiler/funnelc.vim",
            "doc/funnel.txt" = "editors/neovim/doc/funnel.txt",
            "ftdetect/funnel.lua" = "editors/neovim/ftdetect/funnel.lua",
            "ftplugin/funnel.lua" = "editors/neovim/ftplugin/funnel.lua",
            "indent/funnel.vim" = "editors/vim/indent/funnel.vim",
            "lsp/funnelc.lua" = "editors/neovim/lsp/funnelc.lua",
            "lua/funnel/init.lua" = "editors/neovim/lua/funnel/init.lua",
            "package.json" = "editors/neovim/package.json",
            "plugin/funnel.lua" = "editors/neovim/plugin/funnel.lua",
            "queries/funnel/folds.scm" = "grammar/tree-sitter/queries/folds.scm",
            "queries/funnel/highlights.scm" = "grammar/tree-sitter/queries/highlights.scm",
            "queries/funnel/indents.scm" = "grammar/tree-sitter/queries/indents.scm",
            "queries/funnel/injections.scm" = "grammar/tree-sitter/queries/injections.scm",
            "queries/funnel/locals.scm" = "grammar/tree-sitter/queries/locals.scm",
            "queries/funnel/textobjects.scm" = "grammar/tree-sitter/queries/textobjects.scm",
            "README.md" = "editors/neovim/README.md",
            "snippets/funnel.json" = "editors/snippets/funnel.json",
            "syntax/funnel.vim" = "editors/vim/syntax/funnel.vim",
        ],
        own: None,
        work: Work::Parser { source: "src", library: "parser/funnel" },
    },
    Editor {
        name: "sublime",
        title: "Sublime Text 4",
        place: Place::Sublime,
        files: parts![
            "Comments.tmPreferences" = "editors/sublime/Comments.tmPreferences",
            "Funnel.sublime-build" = "editors/sublime/Funnel.sublime-build",
            "Funnel.sublime-settings" = "editors/sublime/Funnel.sublime-settings",
            "Funnel.sublime-syntax" = "editors/sublime/Funnel.sublime-syntax",
            "LSP-funnel.json" = "editors/sublime/LSP-funnel.json",
            "README.md" = "editors/sublime/README.md",
        ],
        own: None,
        work: Work::Nothing,
    },
    Editor {
        name: "vim",
        title: "Vim 8.2 and newer",
        place: Place::Vim,
        files: parts![
            "compiler/funnelc.vim" = "editors/vim/compiler/funnelc.vim",
            "ftdetect/funnel.vim" = "editors/vim/ftdetect/funnel.vim",
            "ftplugin/funnel.vim" = "editors/vim/ftplugin/funnel.vim",
            "indent/funnel.vim" = "editors/vim/indent/funnel.vim",
            "plugin/funnel.vim" = "editors/vim/plugin/funnel.vim",
            "README.md" = "editors/vim/README.md",
            "syntax/funnel.vim" = "editors/vim/syntax/funnel.vim",
        ],
        own: None,
        work: Work::Nothing,
    },
    Editor {
        name: "vscode",
        title: "Visual Studio Code, VSCodium, code-server",
        place: Place::Ours("vscode"),
        files: parts![
            "[Content_Types].xml" = "editors/vscode/content-types.xml",
            "extension.vsixmanifest" = "editors/vscode/extension.vsixmanifest",
            "extension/dist/extension.js" = "editors/vscode/dist/extension.js",
            "extension/dist/licences.txt" = "editors/vscode/dist/licences.txt",
            "extension/language-configuration.json" = "editors/vscode/language-configuration.json",
            "extension/package.json" = "editors/vscode/package.json",
            "extension/readme.md" = "editors/vscode/README.md",
            "extension/snippets/funnel.json" = "editors/snippets/funnel.json",
            "extension/syntaxes/funnel.tmLanguage.json" = "grammar/textmate/funnel.tmLanguage.json",
        ],
        own: None,
        work: Work::Archive { name: "funnel.vsix" },
    },
    Editor {
        name: "zed",
        title: "Zed",
        place: Place::Ours("zed"),
        files: parts![
            "Cargo.toml" = "editors/zed/manifest.toml",
            "extension.toml" = "editors/zed/extension.toml",
            "languages/funnel/brackets.scm" = "editors/zed/languages/funnel/brackets.scm",
            "languages/funnel/config.toml" = "editors/zed/languages/funnel/config.toml",
            "languages/funnel/highlights.scm" = "grammar/tree-sitter/queries/highlights.scm",
            "languages/funnel/injections.scm" = "grammar/tree-sitter/queries/injections.scm",
            "languages/funnel/outline.scm" = "editors/zed/languages/funnel/outline.scm",
            "languages/funnel/textobjects.scm" = "grammar/tree-sitter/queries-helix/textobjects.scm",
            "README.md" = "editors/zed/README.md",
            "snippets/funnel.json" = "editors/snippets/funnel.json",
            "src/lib.rs" = "editors/zed/src/lib.rs",
        ],
        own: None,
        work: Work::Repository { source: "grammar" },
    },
];

/// The source of the parser, as files of a folder.
pub(super) fn grammar(folder: &str) -> Vec<Part> {
    let below = |part: &Part| Part { to: Cow::Owned(format!("{folder}/{}", part.to)), bytes: part.bytes.clone() };
    GRAMMAR.iter().map(below).collect()
}
