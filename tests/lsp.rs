//! The language server as an editor sees it, in this process and as the real program.

mod edits;
mod everything;
mod feature;
mod outline;
mod trouble;

use crate::support::editor::{Editor, uri};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A project: `ask.funnel` sends a template of `words.funnel` and the text of `long.txt`.
pub(crate) fn project() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "funnel.toml", "timezone = \"Europe/Berlin\"\n");
    write(&folder, "words.funnel", "template sms hello = \"Hello\"\n");
    write(&folder, "ask.funnel", "on visit -> send sms hello -> wait 1d -> send sms file \"long.txt\"\n");
    write(&folder, "long.txt", "Come back\n");
    folder
}

pub(crate) fn write(folder: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path
}

pub(crate) fn at(folder: &TempDir, name: &str) -> String {
    uri(&folder.path().join(name))
}

pub(crate) fn range(from: (u32, u32), to: (u32, u32)) -> Value {
    let place = |(line, character): (u32, u32)| json!({ "line": line, "character": character });
    json!({ "start": place(from), "end": place(to) })
}

#[test]
fn columns_use_the_negotiated_encoding() {
    // Tabs, a letter of two bytes, an emoji of two UTF-16 units, and CRLF line endings.
    let text = "on visit\r\n\t-> send sms \"é 😀\" -> tag \"x\" -> set client.cty = \"é\"\r\n";
    for (offered, agreed, column) in [
        (&["utf-16", "utf-8"][..], "utf-8", 48),
        (&["utf-16"], "utf-16", 45),
        (&[], "utf-16", 45),
        (&["utf-32", "utf-16"], "utf-32", 44),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut editor = Editor::memory(&[folder.path()], offered);
        assert_eq!(editor.initialize_result["capabilities"]["positionEncoding"], agreed);
        let file = at(&folder, "a.funnel");
        editor.open(&file, 1, text);
        assert_eq!(editor.codes(&file), ["F0202"]);
        let found = &editor.published[&file].findings[0];
        assert_eq!(found["range"], range((1, column), (1, column + 3)), "{agreed}: {found}");
        // Fixes and changes use the same columns: two edits correct the name.
        assert_eq!(found["data"]["fixes"][0]["edits"][0]["range"], found["range"]);
        editor.change(&file, 2, json!([{ "range": range((1, column + 1), (1, column + 1)), "text": "i" }]));
        assert_eq!(editor.codes(&file), [""; 0]);
        editor.change(&file, 3, json!([{ "range": range((1, column), (1, column + 4)), "text": "name" }]));
        assert_eq!(editor.codes(&file), [""; 0]);
        assert_eq!(editor.leave(), 0);
    }
}

#[test]
fn diagnostics_have_all_that_an_editor_can_show() {
    let folder = project();
    write(&folder, "words.funnel", "template sms hello = \"Hello\"\ntemplate sms hello = \"Ho\"\n");
    let mut editor = Editor::memory(&[folder.path()], &["utf-8"]);
    // No file is open, yet the whole project is reported.
    let file = at(&folder, "words.funnel");
    assert_eq!(editor.codes(&file), ["F0206"]);
    let double = editor.published[&file].findings[0].clone();
    assert_eq!((&double["severity"], &double["source"]), (&json!(1), &json!("funnelc")));
    assert_eq!(double["relatedInformation"][0]["location"], json!({ "uri": file, "range": range((0, 13), (0, 18)) }));
    assert!(double["message"].as_str().unwrap().contains("`hello`"), "{double}");
    assert_eq!(editor.published[&file].version, None);
    write(&folder, "words.funnel", "template sms hello = \"Hello\"\ntemplate sms x = \"x\"\n");
    editor.watched(&[(&file, 2)]);
    assert_eq!(editor.codes(&file), ["F0216"]);
    let unused = &editor.published[&file].findings[0];
    assert_eq!((&unused["severity"], &unused["tags"]), (&json!(2), &json!([1])));
}

#[test]
fn an_unsaved_text_affects_every_file() {
    let folder = project();
    let (words, ask, long) = (at(&folder, "words.funnel"), at(&folder, "ask.funnel"), at(&folder, "long.txt"));
    let mut editor = Editor::memory(&[folder.path()], &["utf-8"]);
    assert_eq!(editor.codes(&ask), [""; 0]);
    editor.open(&words, 7, "template sms hallo = \"Hello\"\n");
    assert_eq!(editor.codes(&ask), ["F0204"]);
    assert_eq!(editor.published[&words].version, Some(7));
    editor.replace(&words, 8, "template sms hello = \"Hello\"\n");
    assert_eq!(editor.codes(&ask), [""; 0]);
    editor.replace(&words, 9, "template sms hullo = \"Hello\"\n");
    assert_eq!(editor.codes(&ask), ["F0204"]);
    // After a close without saving, the file on disk counts again.
    editor.close(&words);
    assert_eq!(editor.codes(&ask), [""; 0]);
    // The text of a message, which is not a funnel.
    editor.open(&long, 1, "Come back, {{ client.nmae }}\n");
    assert_eq!(editor.codes(&long), ["F0202"]);
    editor.close(&long);
    assert_eq!(editor.codes(&long), [""; 0]);
    // A file that was never saved belongs to its project.
    let new = at(&folder, "new.funnel");
    editor.open(&new, 1, "on visit -> send sms hello\non visit -> send sms helo\n");
    assert_eq!(editor.codes(&new), ["F0204"]);
    editor.close(&new);
    assert_eq!(editor.codes(&new), [""; 0]);
    assert_eq!(editor.leave(), 0);
}

#[test]
fn changes_of_the_project_file_take_effect() {
    let folder = project();
    let settings = at(&folder, "funnel.toml");
    let mut editor = Editor::memory(&[folder.path()], &[]);
    editor.open(&settings, 1, "timezone = \"Europe/Berlim\"\n");
    assert_eq!(editor.codes(&settings), ["F0603"]);
    editor.replace(&settings, 2, "timezone = \"Europe/Berlin\"\nname = \"x\"\n[check]\ndeny = [\"F0216\"]\n");
    assert_eq!(editor.codes(&settings), [""; 0]);
    editor.close(&settings);
    let words = write(&folder, "words.funnel", "template sms hello = \"Hello\"\ntemplate sms x = \"x\"\n");
    editor.watched(&[(&uri(&words), 2)]);
    assert_eq!(editor.codes(&uri(&words)), ["F0216"]);
    // Without a project file there is no project, and files that are not open are not reported.
    std::fs::remove_file(folder.path().join("funnel.toml")).unwrap();
    editor.watched(&[(&settings, 3)]);
    assert_eq!(editor.codes(&uri(&words)), [""; 0]);
    write(&folder, "funnel.toml", "timezone = \"Europe/Berlin\"\n[check]\nallow = [\"F0216\"]\n");
    editor.watched(&[(&settings, 1)]);
    assert_eq!(editor.codes(&uri(&words)), [""; 0]);
    write(&folder, "funnel.toml", "timezone = \"Europe/Berlin\"\n[check]\ndeny = [\"F0216\"]\n");
    editor.watched(&[(&settings, 2)]);
    assert_eq!(editor.codes(&uri(&words)), ["F0216"]);
    assert_eq!(editor.published[&uri(&words)].findings[0]["severity"], 1);
}

#[test]
fn created_deleted_and_renamed_files_are_noticed() {
    let folder = project();
    let (words, ask, long) = (at(&folder, "words.funnel"), at(&folder, "ask.funnel"), at(&folder, "long.txt"));
    let mut editor = Editor::memory(&[folder.path()], &[]);
    assert_eq!(editor.server_requests.len(), 1, "the server asks to watch files");
    let remove = |name: &str| std::fs::remove_file(folder.path().join(name)).unwrap();
    remove("words.funnel");
    editor.watched(&[(&words, 3)]);
    assert_eq!(editor.codes(&ask), ["F0204"]);
    // The template comes back in another file.
    let other = write(&folder, "deep/other.funnel", "template sms hello = \"Hello {{ client.nmae }}\"\n");
    editor.watched(&[(&uri(&other), 1)]);
    assert_eq!(editor.codes(&ask), [""; 0]);
    assert_eq!(editor.codes(&uri(&other)), ["F0202"]);
    std::fs::rename(&other, folder.path().join("words.funnel")).unwrap();
    editor.watched(&[(&uri(&other), 3), (&words, 1)]);
    assert_eq!(editor.codes(&words), ["F0202"]);
    assert_eq!(editor.codes(&uri(&other)), [""; 0]);
    // A text file that a funnel includes.
    remove("long.txt");
    editor.watched(&[(&long, 3)]);
    assert_eq!(editor.codes(&ask), ["F0213"]);
    write(&folder, "long.txt", "Come {{ client.nmae }}\n");
    editor.watched(&[(&long, 1)]);
    assert_eq!(editor.codes(&ask), [""; 0]);
    assert_eq!(editor.codes(&long), ["F0202"]);
    write(&folder, "long.txt", "Come back\n");
    editor.watched(&[(&long, 2)]);
    assert_eq!(editor.codes(&long), [""; 0]);
    // An open text outlives its deleted file, and a renamed file is another text.
    editor.open(&words, 1, "template sms hello = \"Hello\"\n");
    remove("words.funnel");
    editor.watched(&[(&words, 3)]);
    assert_eq!(editor.codes(&ask), [""; 0]);
    editor.close(&words);
    assert_eq!(editor.codes(&ask), ["F0204"]);
    let moved = at(&folder, "moved.funnel");
    editor.open(&moved, 1, "template sms hello = \"Hello\"\n");
    assert_eq!(editor.codes(&ask), [""; 0]);
}

#[test]
fn created_deleted_and_renamed_folders_are_noticed() {
    let folder = project();
    let (ask, deep) = (at(&folder, "ask.funnel"), at(&folder, "deep"));
    let fill = |name: &str| {
        write(&folder, &format!("{name}/words.funnel"), "template sms deep = \"Deep\"\n");
        write(&folder, &format!("{name}/long.txt"), "Come back\n");
    };
    let remove = |name: &str| std::fs::remove_dir_all(folder.path().join(name)).unwrap();
    fill("deep");
    write(&folder, "ask.funnel", "on visit -> send sms hello -> send sms deep -> send sms file \"deep/long.txt\"\n");
    let mut editor = Editor::memory(&[folder.path()], &[]);
    assert_eq!(editor.codes(&ask), [""; 0]);
    // For a deleted folder, editors report only the folder itself.
    remove("deep");
    editor.watched(&[(&deep, 3)]);
    assert_eq!(editor.codes(&ask), ["F0204", "F0213"]);
    fill("deep");
    editor.watched(&[(&deep, 1)]);
    assert_eq!(editor.codes(&ask), [""; 0]);
    // The same changes, made in the editor.
    remove("deep");
    editor.notify("workspace/didDeleteFiles", json!({ "files": [{ "uri": deep }] }));
    assert_eq!(editor.codes(&ask), ["F0204", "F0213"]);
    fill("deep");
    editor.notify("workspace/didCreateFiles", json!({ "files": [{ "uri": deep }] }));
    assert_eq!(editor.codes(&ask), [""; 0]);
    std::fs::rename(folder.path().join("deep"), folder.path().join("deeper")).unwrap();
    let renamed = json!({ "oldUri": deep, "newUri": at(&folder, "deeper") });
    editor.notify("workspace/didRenameFiles", json!({ "files": [renamed] }));
    assert_eq!(editor.codes(&ask), ["F0213"]);
    // Unrelated files change nothing.
    let before = editor.publish_count;
    editor.watched(&[(&at(&folder, "picture.png"), 1), (&at(&folder, "elsewhere"), 3)]);
    assert_eq!(editor.codes(&ask), ["F0213"]);
    assert_eq!(editor.publish_count, before);
}

#[test]
fn opening_a_standalone_file_does_not_check_projects_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["one", "two"] {
        write(&folder, &format!("{name}/funnel.toml"), "timezone = \"Europe/Berlin\"\n");
        write(&folder, &format!("{name}/ask.funnel"), "on visit -> send sms helo\n");
    }
    let (standalone, one, two) =
        (at(&folder, "lone.funnel"), at(&folder, "one/ask.funnel"), at(&folder, "two/ask.funnel"));
    let mut editor = Editor::with_file(&[folder.path()], &standalone, "on vist -> stop\n");
    assert_eq!((editor.codes(&standalone).len(), editor.codes(&one).len(), editor.codes(&two).len()), (1, 0, 0));
    // Opening a file of a project checks the whole folder.
    editor.open(&one, 1, "on visit -> send sms \"Hello\"\n");
    assert_eq!((editor.codes(&standalone).len(), editor.codes(&one).len(), editor.codes(&two).len()), (1, 0, 1));
    editor.close(&one);
    assert_eq!((editor.codes(&one).len(), editor.codes(&two).len()), (1, 1));
    assert_eq!(editor.leave(), 0);
    let mut editor = Editor::memory(&[folder.path()], &[]);
    assert_eq!((editor.codes(&one).len(), editor.codes(&two).len()), (1, 1), "nothing to close");
}

#[test]
fn projects_and_standalone_files_can_be_open_together() {
    let (one, two, none) = (project(), project(), tempfile::tempdir().unwrap());
    write(&two, "ask.funnel", "on visit -> send sms helo\n");
    write(&none, "closed.funnel", "on vist -> send sms\n");
    write(&none, "common.funnel", "template sms hi = \"Hi {{ client.nmae }}\"\n");
    let standalone = write(&none, "lone.funnel", "use \"common.funnel\"\non visit -> send sms hi\n");
    let mut editor = Editor::memory(&[one.path(), none.path()], &[]);
    assert_eq!(editor.codes(&at(&one, "ask.funnel")), [""; 0]);
    // A standalone file is reported while it is open, with the errors of the files it uses.
    assert_eq!(editor.codes(&at(&none, "closed.funnel")), [""; 0]);
    editor.open(&uri(&standalone), 1, "use \"common.funnel\"\non visit -> send sms hi\n");
    assert_eq!(editor.codes(&at(&none, "common.funnel")), ["F0202"]);
    editor.open(&at(&none, "common.funnel"), 1, "template sms hi = \"Hi\"\n");
    assert_eq!(editor.codes(&at(&none, "common.funnel")), [""; 0]);
    editor.close(&uri(&standalone));
    // A folder that is added later and removed again.
    let folder = |path: &Path| json!({ "uri": uri(path), "name": "x" });
    let change = |added: &[&Path], removed: &[&Path]| {
        let all = |paths: &[&Path]| paths.iter().map(|path| folder(path)).collect::<Vec<_>>();
        json!({ "event": { "added": all(added), "removed": all(removed) } })
    };
    editor.notify("workspace/didChangeWorkspaceFolders", change(&[two.path()], &[]));
    assert_eq!(editor.codes(&at(&two, "ask.funnel")), ["F0204"]);
    editor.notify("workspace/didChangeWorkspaceFolders", change(&[], &[two.path()]));
    assert_eq!(editor.codes(&at(&two, "ask.funnel")), [""; 0]);
    // Opening a file of a project outside the workspace loads that project.
    editor.open(&at(&two, "words.funnel"), 1, "template sms helo = \"Hello\"\n");
    assert_eq!(editor.codes(&at(&two, "ask.funnel")), [""; 0]);
    editor.replace(&at(&two, "words.funnel"), 2, "template sms hello = \"Hello\"\n");
    assert_eq!(editor.codes(&at(&two, "ask.funnel")), ["F0204"]);
    // An untitled text.
    editor.open("untitled:Untitled-1", 1, "on vist -> send sms\n");
    assert_eq!(editor.codes("untitled:Untitled-1"), ["F0203"]);
    editor.close("untitled:Untitled-1");
    assert_eq!(editor.codes("untitled:Untitled-1"), [""; 0]);
    assert_eq!(editor.leave(), 0);
}
