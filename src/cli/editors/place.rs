//! Where editors look for plugins. In: the environment. Out: a folder.

use std::env;
use std::path::PathBuf;

/// A folder where an editor looks for plugins or settings, on each operating system.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    /// The syntax folder of bat.
    Bat,
    /// The configuration folder of Emacs.
    Emacs,
    /// The configuration folder of Helix.
    Helix,
    /// The syntax folder of KDE's editors.
    Kate,
    /// The settings folder of Kate's LSP client.
    KateSettings,
    /// The package folder of Neovim.
    Neovim,
    /// The package folder of Sublime Text.
    Sublime,
    /// The package folder of Vim.
    Vim,
    /// A data folder of funnelc, for plugins that are added to the editor by hand.
    Data(&'static str),
}

impl Place {
    /// Returns the path; `None` if the home folder is unknown.
    pub(super) fn folder(self) -> Option<PathBuf> {
        let plugin = "pack/funnel/start/funnel";
        Some(match self {
            Self::Bat => settings()?.join("bat/syntaxes"),
            Self::Emacs => emacs()?,
            Self::Helix => settings()?.join("helix"),
            Self::Kate => shared_data()?.join("org.kde.syntax-highlighting/syntax"),
            Self::KateSettings => kate()?.join("kate/lspclient"),
            Self::Neovim => data()?.join(if cfg!(windows) { "nvim-data" } else { "nvim" }).join("site").join(plugin),
            Self::Sublime => sublime()?.join("Packages/Funnel"),
            Self::Vim => env::home_dir()?.join(if cfg!(windows) { "vimfiles" } else { ".vim" }).join(plugin),
            Self::Data(name) => data()?.join("funnelc").join(name),
        })
    }
}

/// The absolute path in an environment variable.
fn named(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute())
}

/// The user's configuration folder.
fn settings() -> Option<PathBuf> {
    if cfg!(windows) {
        return named("APPDATA");
    }
    named("XDG_CONFIG_HOME").or_else(|| Some(env::home_dir()?.join(".config")))
}

/// The user's data folder; XDG on macOS too.
fn data() -> Option<PathBuf> {
    if cfg!(windows) {
        return named("LOCALAPPDATA");
    }
    named("XDG_DATA_HOME").or_else(|| Some(env::home_dir()?.join(".local/share")))
}

/// The user's data folder by the conventions of the operating system.
fn shared_data() -> Option<PathBuf> {
    if cfg!(target_os = "macos") { support() } else { data() }
}

/// The application support folder of macOS.
fn support() -> Option<PathBuf> {
    Some(env::home_dir()?.join("Library/Application Support"))
}

fn kate() -> Option<PathBuf> {
    if cfg!(windows) {
        named("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        Some(env::home_dir()?.join("Library/Preferences"))
    } else {
        settings()
    }
}

fn sublime() -> Option<PathBuf> {
    Some(if cfg!(target_os = "macos") {
        support()?.join("Sublime Text")
    } else if cfg!(windows) {
        settings()?.join("Sublime Text")
    } else {
        settings()?.join("sublime-text")
    })
}

/// The configuration folder of Emacs, which prefers the old one if it exists.
fn emacs() -> Option<PathBuf> {
    let home = if cfg!(windows) { named("APPDATA")? } else { env::home_dir()? };
    let (old, new) = (home.join(".emacs.d"), settings()?.join("emacs"));
    Some(if !old.is_dir() && new.is_dir() { new } else { old })
}
