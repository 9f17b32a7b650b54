//! Where editors look for plugins. In: the environment. Out: a folder.

use std::env;
use std::path::PathBuf;

/// A folder that an editor looks into, on each system.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    /// The syntaxes of bat.
    Bat,
    /// The folder of Emacs.
    Emacs,
    /// The folder of Helix.
    Helix,
    /// The colours of KDE's editors.
    Kate,
    /// The settings of Kate's client of language servers.
    KateSettings,
    /// The packages of Neovim.
    Neovim,
    /// The packages of Sublime Text.
    Sublime,
    /// The packages of Vim.
    Vim,
    /// A folder of ours, for what an editor is given by hand.
    Data(&'static str),
}

impl Place {
    /// The folder, unless nothing says where the user's home is.
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

/// A folder that a variable names.
fn named(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute())
}

/// The user's settings.
fn settings() -> Option<PathBuf> {
    if cfg!(windows) {
        return named("APPDATA");
    }
    named("XDG_CONFIG_HOME").or_else(|| Some(env::home_dir()?.join(".config")))
}

/// The user's data.
fn data() -> Option<PathBuf> {
    if cfg!(windows) {
        return named("LOCALAPPDATA");
    }
    named("XDG_DATA_HOME").or_else(|| Some(env::home_dir()?.join(".local/share")))
}

/// The user's data, as programs see it that follow the rules of their system.
fn shared_data() -> Option<PathBuf> {
    if cfg!(target_os = "macos") { support() } else { data() }
}

/// What programs of macOS keep for the user.
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

/// Emacs takes the old folder where there is one.
fn emacs() -> Option<PathBuf> {
    let home = if cfg!(windows) { named("APPDATA")? } else { env::home_dir()? };
    let (old, new) = (home.join(".emacs.d"), settings()?.join("emacs"));
    Some(if !old.is_dir() && new.is_dir() { new } else { old })
}
