//! The steps that the user has to do after an installation. In: its result. Out: a sentence for each step.

use super::Installed;
use crate::diagnostic::Phrase;
use crate::say;

/// Returns the remaining steps.
pub(super) fn next_steps(installed: &Installed<'_>) -> Vec<Phrase> {
    let folder = installed.folder.display().to_string();
    let file = |name: &str| installed.folder.join(name).display().to_string();
    match installed.editor.name {
        "bat" => vec![say!("next: `bat cache --build`")],
        "emacs" => vec![say!("next: add to your init file:{code}", code = init(installed))],
        "helix" => match &installed.incomplete {
            Some(own) => {
                let (file, own) = (file("funnel-languages.toml"), own.display().to_string());
                vec![say!("next: add the lines of `{file}` to `{own}`", file, own)]
            }
            None => vec![say!("run `hx --health funnel` to see what Helix finds")],
        },
        "jetbrains" => vec![
            say!("next: Settings, Editor, TextMate Bundles, +: choose `{bundle}`", bundle = file("textmate")),
            say!(
                "next: in the LSP4IJ plugin, import the language server template `{template}`",
                template = file("lsp4ij")
            ),
        ],
        "kate" => kate(installed),
        "neovim" | "vim" if installed.chosen => {
            vec![say!("next: add `{folder}` to your plugin manager or to 'runtimepath'", folder)]
        }
        "neovim" => vec![say!("Neovim loads it on startup; see `:help funnel`")],
        "sublime" => vec![say!(
            "next: install the LSP package and add the contents of `{file}` under `clients` in its settings",
            file = file("LSP-funnel.json")
        )],
        "vim" => {
            vec![say!("Vim loads it on startup; your vimrc needs `syntax on` and `filetype plugin indent on`")]
        }
        "vscode" => vec![say!("next: `code --install-extension {file}`", file = file("funnel.vsix"))],
        "zed" => vec![say!("next: run `zed: install dev extension` in Zed and choose `{folder}`", folder)],
        _ => Vec::new(),
    }
}

/// Returns the lines to add to the init file of Emacs.
fn init(installed: &Installed<'_>) -> String {
    let folder = installed.folder.display().to_string().replace('\\', "/");
    let parser = if installed.chosen {
        format!("  (add-to-list 'treesit-extra-load-path \"{folder}/tree-sitter\")\n")
    } else {
        String::new()
    };
    format!(
        "\n{parser}  (add-to-list 'load-path \"{folder}/lisp/funnel\")\n  (require 'funnel-mode)\n  (add-hook 'funnel-mode-hook #'eglot-ensure)"
    )
}

fn kate(installed: &Installed<'_>) -> Vec<Phrase> {
    let turn_on = say!("next: enable the LSP Client plugin in Kate's settings; highlighting appears after a restart");
    let add = installed.incomplete.as_ref().map(|own| {
        let file = installed.folder.join("lspclient.json").display().to_string();
        say!("next: add the server `funnel` of `{file}` to `{own}`", file, own = own.display().to_string())
    });
    add.into_iter().chain([turn_on]).collect()
}
