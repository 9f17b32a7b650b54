//! Files that are checked together while they change, on disk and unsaved in an editor.

use funnelc::diagnostic::Code;
use funnelc::project::{Workspace, canonical_path};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A project: `ask.funnel` sends a template of `words.funnel` and the text of `long.txt`.
fn project() -> (TempDir, Workspace) {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    file("funnel.toml", "timezone = \"Europe/Berlin\"\n");
    file("words.funnel", "template sms hello = \"Hello\"\n");
    file("ask.funnel", "on visit -> send sms hello -> wait 1d -> send sms file \"long.txt\"\n");
    file("long.txt", "Come back\n");
    let mut workspace = Workspace::open(Some(&folder.path().join("funnel.toml")), folder.path()).unwrap();
    for name in ["ask.funnel", "words.funnel"] {
        workspace.add(&folder.path().join(name), name).unwrap();
    }
    (folder, workspace)
}

fn codes(workspace: &mut Workspace) -> Vec<Code> {
    workspace.compile().diagnostics.iter().map(|found| found.code).collect()
}

fn at(folder: &TempDir, name: &str) -> PathBuf {
    canonical_path(&folder.path().join(name))
}

/// Sets the unsaved text of a file, or removes it.
fn edit(workspace: &mut Workspace, path: &Path, text: Option<&str>) -> bool {
    workspace.edit(path, text.map(Into::into)).unwrap()
}

#[test]
fn an_unsaved_text_affects_every_file() {
    let (folder, mut workspace) = project();
    assert_eq!(codes(&mut workspace), []);
    let words = at(&folder, "words.funnel");
    assert!(edit(&mut workspace, &words, Some("template sms hallo = \"Hello\"\n")));
    assert_eq!(codes(&mut workspace), [Code::UnknownTemplate]);
    assert!(!workspace.refresh(&words).unwrap(), "the file on disk is ignored while the editor has it open");
    assert!(edit(&mut workspace, &words, None));
    assert_eq!(codes(&mut workspace), []);
    // The text of a message.
    let long = at(&folder, "long.txt");
    assert!(edit(&mut workspace, &long, Some("Come back, {{ client.nmae }}\n")));
    assert_eq!(codes(&mut workspace), [Code::UnknownField]);
    assert!(edit(&mut workspace, &long, None));
    // The project file.
    let settings = at(&folder, "funnel.toml");
    assert!(edit(&mut workspace, &settings, Some("timezone = \"Europe/Berlim\"\n")));
    assert_eq!(codes(&mut workspace), [Code::BadSetting]);
    assert!(edit(&mut workspace, &settings, None));
    assert_eq!(codes(&mut workspace), []);
}

#[test]
fn created_and_deleted_text_files_are_noticed() {
    let (folder, mut workspace) = project();
    assert_eq!(codes(&mut workspace), []);
    let long = at(&folder, "long.txt");
    std::fs::remove_file(&long).unwrap();
    assert!(workspace.refresh(&long).unwrap());
    assert_eq!(codes(&mut workspace), [Code::MissingFile]);
    std::fs::write(&long, "Come, {{ client.nmae }}\n").unwrap();
    assert_eq!(codes(&mut workspace), [Code::UnknownField]);
    std::fs::write(&long, b"Come \xff\n").unwrap();
    assert!(workspace.refresh(&long).unwrap());
    assert_eq!(codes(&mut workspace), [Code::NotUtf8]);
    let sources = workspace.sources.iter().count();
    assert_eq!(codes(&mut workspace), [Code::NotUtf8]);
    assert_eq!(workspace.sources.iter().count(), sources, "a file that is not UTF-8 is read once");
    assert!(!workspace.refresh(&long).unwrap());
    std::fs::remove_file(&long).unwrap();
    // A text that was never on disk.
    assert!(edit(&mut workspace, &long, Some("Come back\n")));
    assert_eq!(codes(&mut workspace), []);
}

#[test]
fn a_funnel_is_read_once_it_is_valid_utf8() {
    let (folder, mut workspace) = project();
    let ask = at(&folder, "ask.funnel");
    std::fs::write(&ask, b"on visit -> send sms \xff\n").unwrap();
    assert_eq!(workspace.reload().unwrap().len(), 1);
    assert_eq!(workspace.reload().unwrap().len(), 0);
    assert_eq!(codes(&mut workspace), [Code::NotUtf8]);
    std::fs::write(&ask, "on visit -> send sms hello\n").unwrap();
    assert_eq!(workspace.reload().unwrap().len(), 1);
    assert_eq!(codes(&mut workspace), []);
    let words = workspace.file(&at(&folder, "words.funnel")).unwrap();
    workspace.remove(words);
    assert_eq!(codes(&mut workspace), [Code::UnknownTemplate]);
}
