//! Thousands of edits as editors send them: the server keeps the text of the editor, and reports the same as a server that
//! opens that text for the first time. `FUNNELC_EDITS` sets the number of edits.

use super::{at, write};
use crate::support::editor::{Editor, Published};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tempfile::TempDir;

/// The files that are edited.
const FILES: [(&str, &str); 4] = [
    (
        "names.funnel",
        "const big = 50 EUR\r\nsegment vip = client.spent is known and client.spent > big\r\n\
         event order { key id: text\r\n total: money\r\n note: text? }\r\n",
    ),
    (
        "words.funnel",
        "template sms hello = \"Hi {{ client.name | default(\"дру́г 😀\") }}\"\ntemplate sms long = file \"long.txt\"\n",
    ),
    (
        "order.funnel",
        "funnel order_paid {\n\ton order where total > big\n\t\t-> send sms hello # é\n\t\t-> wait 1d -> send sms long\n\
         \t\t-> if client in vip { tag \"😀\" } else { send sms \"👩‍👩‍👧 {{ order.note }}\" -> tag \"x\" }\n}\n",
    ),
    ("long.txt", "Dear {{ client.name | default(\"friend\") }}, 👋 {{ client.city | default(\"there\") }}\r\n"),
];

/// Texts that the edits insert.
const PIECES: &[&str] = &[
    "a",
    "é",
    "😀",
    "\t",
    " ",
    "\n",
    "\r\n",
    "{",
    "}",
    "\"",
    "{{ client.name }}",
    "big",
    "hello",
    "order",
    "vip",
    "-> stop",
    "\nconst big = 3 EUR\n",
    "\ntemplate sms hello = \"Ho\"\n",
    "# ж",
    "",
    "",
    "if",
    "else",
    "->",
    "1d",
    "text",
];

/// A random number generator that is the same on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % n.max(1)
    }
}

/// The line and column of an offset, in the encoding of the editor.
fn position(text: &str, offset: usize, utf16: bool) -> Value {
    let before = &text[..offset];
    let line = before.matches('\n').count();
    let tail = before.rsplit('\n').next().unwrap();
    json!({ "line": line, "character": if utf16 { tail.encode_utf16().count() } else { tail.len() } })
}

/// Replaces a random piece of a text and returns the change as an editor sends it.
fn edit(dice: &mut Dice, text: &mut String, utf16: bool) -> Value {
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    // No editor puts the cursor inside a CRLF.
    let places: Vec<usize> = places.into_iter().filter(|at| !text[..*at].ends_with('\r')).collect();
    let from = dice.below(places.len());
    let to = (from + [0, 0, 1, 3, 40][dice.below(5)]).min(places.len() - 1);
    let piece = PIECES[dice.below(PIECES.len())];
    let (start, end) = (places[from], places[to]);
    let range = json!({ "start": position(text, start, utf16), "end": position(text, end, utf16) });
    text.replace_range(start..end, piece);
    json!({ "range": range, "text": piece })
}

/// The reported findings of the files that have any.
fn reported(editor: &mut Editor) -> BTreeMap<String, Vec<Value>> {
    editor.settle();
    let some = editor.published.iter().filter(|(_, published)| !published.findings.is_empty());
    some.map(|(uri, Published { findings, .. })| (uri.clone(), findings.clone())).collect()
}

/// An editor whose server sees the texts for the first time.
fn fresh_editor(folder: &TempDir, texts: &BTreeMap<String, String>, encoding: &str) -> Editor {
    let mut editor = Editor::memory(&[folder.path()], &[encoding]);
    texts.iter().for_each(|(uri, text)| editor.open(uri, 1, text));
    editor
}

/// The symbols, tokens and folds of a text.
fn features(editor: &mut Editor, uri: &str) -> Vec<Value> {
    let about = json!({ "textDocument": { "uri": uri } });
    ["textDocument/documentSymbol", "textDocument/semanticTokens/full", "textDocument/foldingRange"]
        .map(|method| {
            let mut answer = editor.ask(method, about.clone()).unwrap();
            // Result ids differ from server to server.
            if let Value::Object(fields) = &mut answer {
                fields.remove("resultId");
            }
            answer
        })
        .to_vec()
}

fn compare_after_edits(encoding: &str, seed: u64, edits: usize) {
    let utf16 = encoding == "utf-16";
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "funnel.toml", "timezone = \"Europe/Berlin\"\ncurrency = \"EUR\"\n");
    for (name, text) in FILES {
        write(&folder, name, text);
    }
    let mut texts: BTreeMap<String, String> =
        FILES.iter().map(|(name, text)| (at(&folder, name), (*text).to_owned())).collect();
    let mut editor = fresh_editor(&folder, &texts, encoding);
    let mut dice = Dice(seed);
    let (mut done, mut version) = (0, 1);
    while done < edits {
        let (name, original) = FILES[dice.below(FILES.len())];
        let uri = at(&folder, name);
        let text = texts.get_mut(&uri).unwrap();
        version += 1;
        if dice.below(12) == 0 {
            *text = original.to_owned();
            editor.replace(&uri, version, original);
            done += 1;
        } else {
            let changes: Vec<Value> = (0..=dice.below(4)).map(|_| edit(&mut dice, text, utf16)).collect();
            done += changes.len();
            editor.change(&uri, version, json!(changes));
        }
        if dice.below(25) == 0 || done >= edits {
            let mut fresh = fresh_editor(&folder, &texts, encoding);
            assert_eq!(reported(&mut editor), reported(&mut fresh), "after {done} edits: {texts:#?}");
            assert_eq!(
                features(&mut editor, &uri),
                features(&mut fresh, &uri),
                "after {done} edits of {uri}: {texts:#?}"
            );
            assert_eq!(fresh.leave(), 0);
        }
    }
    assert!(editor.log.is_empty(), "{:?}", editor.log);
    assert_eq!(editor.leave(), 0);
}

/// The number of edits.
fn edits() -> usize {
    std::env::var("FUNNELC_EDITS").ok().and_then(|edits| edits.parse().ok()).unwrap_or(600)
}

#[test]
fn many_edits_in_utf8() {
    compare_after_edits("utf-8", 0x9e37_79b9_7f4a_7c15, edits() / 2);
}

#[test]
fn many_edits_in_utf16() {
    compare_after_edits("utf-16", 0xbf58_476d_1ce4_e5b9, edits() / 2);
}
