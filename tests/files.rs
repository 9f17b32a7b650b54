//! Files that funnels refer to, through the real program: `use`, templates in files, the file that a finding is in, and
//! files that must not be read or changed.

use crate::support::program::{Finished, run_funnelc, run_with_stdin};
use serde_json::Value;
use std::path::Path;

const CLIENT: &str = r#"{"type":"client","id":"e1","client":"c1","at":"2026-03-01T10:00:00+03:00","data":{"name":"Анна <script>","phone":"+79990000001","email":"anna@client.example","city":"\"' onclick=x &"}}"#;
const BOOKING: &str = r#"{"type":"booking","id":"e2","client":"c1","at":"2026-03-01T10:01:00+03:00","data":{"id":"b 1&x=y","starts_at":"2026-03-02T12:00:00+03:00"}}"#;

/// A temporary folder with files.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            folder.put(name, text);
        }
        folder.put("events.ndjson", format!("{CLIENT}\n{BOOKING}\n"));
        folder
    }

    fn put(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    /// The messages that `simulate` sends.
    fn sent(&self, name: &str) -> Vec<Value> {
        let finished =
            run_funnelc(["simulate", &self.path(name), "--events", &self.path("events.ndjson"), "--format", "json"]);
        assert_eq!(finished.code, Some(0), "{finished:?}");
        let lines = finished.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line["kind"] == "send").collect()
    }

    fn found(&self, name: &str) -> Vec<(String, String)> {
        findings(&run_funnelc(["check", &self.path(name), "--format", "json"]))
    }
}

/// The code and the file of each finding of `check`.
fn findings(checked: &Finished) -> Vec<(String, String)> {
    let lines = checked.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let file = |finding: &Value| {
        Path::new(finding["file"].as_str().unwrap()).file_name().unwrap().to_str().unwrap().to_owned()
    };
    lines.map(|finding| (finding["code"].as_str().unwrap().to_owned(), file(&finding))).collect()
}

fn assert_found(found: Vec<(String, String)>, expected: &[(&str, &str)]) {
    let expected: Vec<_> = expected.iter().map(|(code, file)| ((*code).to_owned(), (*file).to_owned())).collect();
    assert_eq!(found, expected);
}

#[test]
fn use_is_transitive_in_a_lone_file() {
    let folder = Folder::new(&[
        (
            "deep/main.funnel",
            "use \"../common.funnel\"\nuse \"../common.funnel\"\n\non booking -> send sms soon -> if client.spent is missing or client.spent > big -> send sms \"{{ client.pet }}\"\n",
        ),
        (
            "common.funnel",
            "use \"deep/more.funnel\"\nclient { pet: text }\nconst big = 2 RUB\n\non booking -> send sms \"not from here\"\n",
        ),
        // A cycle, and a file that uses itself.
        ("deep/more.funnel", "use \"main.funnel\"\nuse \"more.funnel\"\ntemplate sms soon(booking) = \"soon\"\n"),
    ]);
    assert_found(folder.found("deep/main.funnel"), &[]);
    folder.put("events.ndjson", format!("{}\n{BOOKING}\n", CLIENT.replace("\"city\"", "\"pet\":\"Rex\",\"city\"")));
    let sent: Vec<_> = folder.sent("deep/main.funnel").into_iter().map(|line| line["text"].clone()).collect();
    assert_eq!(sent, ["soon", "Rex"]);
    let graphs = run_funnelc(["graph", &folder.path("deep/main.funnel"), "--format", "json"]);
    assert!(!graphs.out.contains("not from here"), "{}", graphs.out);
}

#[test]
fn errors_in_used_files_are_reported_for_a_lone_file() {
    let folder = Folder::new(&[
        ("main.funnel", "use \"common.funnel\"\n\non booking -> send sms soon\n"),
        (
            "common.funnel",
            "template sms soon(booking) = \"{{ client.nmae }}\"\n\non booking -> stop -> send sms \"never\"\n",
        ),
    ]);
    // Warnings about the funnels of the other file are not reported.
    assert_found(folder.found("main.funnel"), &[("F0202", "common.funnel")]);
    assert_found(folder.found("common.funnel"), &[("F0202", "common.funnel"), ("F0402", "common.funnel")]);
}

#[test]
fn in_a_project_use_only_requires_that_the_file_exists() {
    let folder = Folder::new(&[
        ("funnel.toml", "timezone = \"Europe/Moscow\"\n"),
        (
            "main.funnel",
            "use \"common.funnel\"\nuse \"comon.funnel\"\n\non booking -> send sms soon -> wait 1d -> send sms file \"texts/late.txt\"\n",
        ),
        (
            "common.funnel",
            "template sms soon(booking) = file \"texts/soon.txt\"\ntemplate sms bad(booking) = file \"texts/bad.txt\"\n\non booking -> send sms bad\n",
        ),
        ("texts/soon.txt", "soon\n"),
        ("texts/bad.txt", "{{ client.nmae }}\n"),
        ("texts/late.txt", "{{ client.nmae }}\n"),
    ]);
    assert_found(folder.found("main.funnel"), &[("F0213", "main.funnel"), ("F0202", "late.txt")]);
    assert_found(folder.found("common.funnel"), &[("F0202", "bad.txt")]);
    folder.put("inner/main.funnel", "use \"../../elsewhere.funnel\"\non booking -> send sms soon\n");
    // Both files define the funnel `main`; the one that is checked is the duplicate.
    assert_found(folder.found("inner/main.funnel"), &[("F0312", "main.funnel"), ("F0206", "main.funnel")]);
}

#[cfg(unix)]
#[test]
fn links_out_of_the_project_are_not_followed() {
    let elsewhere = Folder::new(&[("secret.txt", "secret\n")]);
    let folder = Folder::new(&[("funnel.toml", ""), ("main.funnel", "on booking -> send sms file \"link.txt\"\n")]);
    std::os::unix::fs::symlink(elsewhere.path("secret.txt"), folder.path("link.txt")).unwrap();
    assert_found(folder.found("main.funnel"), &[("F0312", "main.funnel")]);
}

#[test]
fn paths_in_standard_input_are_relative_to_its_folder() {
    let folder = Folder::new(&[("texts/soon.txt", "soon\n")]);
    let text = b"on booking -> send sms file \"soon.txt\"\n";
    let name = folder.path("texts/draft.funnel");
    assert_found(findings(&run_with_stdin(["check", "-", "--stdin-filename", &name, "--format", "json"], text)), &[]);
}

const EMAIL: &str = r#"<mjml>
  <mj-head>
    <mj-title>Hello, {{ client.name | default("friend") }}</mj-title>
    <mj-preview>For {{ client.name | default("you") }} &amp; friends</mj-preview>
    <mj-style>.x { color: {{ client.city | default("red") }} }</mj-style>
  </mj-head>
  <mj-body>
    <!-- {{ nobody.reads this }} -->
    <mj-section background-url="{{ business.url | default("https://x.example") }}/bg.png">
      <mj-column>
        <mj-text>Hello, {{ client.name | default("friend") }}! \{{ braces }}
          <a href="{{ business.url | default("https://x.example") }}/book?id={{ booking.id }}&amp;a=b">Book</a>
          <span title="{{ client.city | default("") }}">{{ booking.starts_at | time }}</span>
        </mj-text>
        <mj-button href="https://x.example/{{ booking.id }}/" background-color="{{ client.city | default("red") }}">Go</mj-button>
        <mj-image src="https://x.example/{{ booking.id }}.png" alt="{{ client.name | default("") }}" />
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
"#;

#[test]
fn placeholders_in_mjml_are_escaped_for_their_context() {
    let folder = Folder::new(&[
        (
            "main.funnel",
            "# a lone file\non booking -> send email { subject: \"Hello\", body: file \"emails/hello.mjml\" }\n",
        ),
        ("emails/hello.mjml", EMAIL),
    ]);
    assert_found(folder.found("main.funnel"), &[("F0404", "hello.mjml")]);
    folder.put("funnel.toml", "timezone = \"Europe/Moscow\"\n");
    assert_found(folder.found("main.funnel"), &[]);
    let text = folder.sent("main.funnel")[0]["text"].as_str().unwrap().to_owned();
    assert!(
        text.starts_with("Hello, Анна <script>! {{ braces }} Book (https://x.example/book?id=b%201%26x%3Dy&a=b) 12:00"),
        "{text}"
    );
    let ran = run_funnelc([
        "run",
        &folder.path(""),
        "--events",
        &folder.path("events.ndjson"),
        "--fast-forward",
        "--store",
        &folder.path("s.db"),
    ]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let message = stored(&folder.path("s.db"));
    let html = message["html"].as_str().unwrap();
    let expected = [
        "<title>Hello, Анна &lt;script&gt;</title>",
        "aria-label=\"Hello, Анна &lt;script&gt;\"",
        ">For Анна &lt;script&gt; &amp; friends</div>",
        ".x { color:  onclickx  }",
        "background=\"https://x.example/bg.png\"",
        "url('https://x.example/bg.png')",
        "Hello, Анна &lt;script&gt;! {{ braces }}",
        "href=\"https://x.example/book?id=b%201%26x%3Dy&amp;a=b\"",
        "title=\"&quot;&#39; onclick=x &amp;\"",
        "href=\"https://x.example/b%201&amp;x=y/\"",
        "background: onclickx ;",
        "src=\"https://x.example/b%201&amp;x=y.png\"",
        "alt=\"Анна &lt;script&gt;\"",
    ];
    for part in expected {
        assert!(html.contains(part), "`{part}` is missing in\n{html}");
    }
    assert!(!html.contains("<script>") && !html.contains("nobody"), "{html}");
}

#[test]
fn a_preheader_is_escaped_and_html_is_not() {
    let folder = Folder::new(&[]);
    folder.put("main.funnel", "on booking -> send email {\n  subject: \"<Hello>\"\n  preheader: \"<3 & {{ client.name | default(\"you\") }}\"\n  html: file \"hello.htm\"\n}\n");
    folder.put("hello.htm", "<html><body class=\"a\">Hi &amp; bye</body></html>\n");
    let store = folder.path("s.db");
    let ran = run_funnelc([
        "run",
        &folder.path("main.funnel"),
        "--events",
        &folder.path("events.ndjson"),
        "--fast-forward",
        "--store",
        &store,
    ]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let message = stored(&store);
    assert_eq!(message["subject"], "<Hello>");
    let hidden = "<div style=\"display:none;max-height:0;overflow:hidden\">&lt;3 &amp; Анна &lt;script&gt;</div>";
    let html = format!("<html><body class=\"a\">{hidden}Hi &amp; bye</body></html>\n");
    assert_eq!(message["html"], html);
}

#[test]
fn a_path_without_quotes_is_one_mistake() {
    let folder = Folder::new(&[(
        "main.funnel",
        "template sms soon = file texts/soon.txt\non booking -> send email { subject: \"Hello\", body: file ../emails/no-show.mjml } -> send sms soon\n",
    )]);
    assert_found(folder.found("main.funnel"), &[("F0101", "main.funnel"), ("F0101", "main.funnel")]);
}

/// The content of the only message in a store.
fn stored(store: &str) -> Value {
    let store = rusqlite::Connection::open(store).unwrap();
    let text: String = store.query_row("SELECT message FROM messages", [], |row| row.get(0)).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["content"]["email"].clone()
}

#[test]
fn a_changed_template_file_changes_the_graph() {
    let folder = Folder::new(&[("main.funnel", "on booking -> send sms file \"soon.txt\"\n"), ("soon.txt", "soon\n")]);
    let graph = || run_funnelc(["graph", &folder.path("main.funnel"), "--format", "json"]).out;
    let first = graph();
    folder.put("soon.txt", "very soon\r\n\r\n");
    assert_ne!(first, graph());
    assert_eq!(folder.sent("main.funnel")[0]["text"], "very soon");
}

#[test]
fn files_that_cannot_be_used_as_text_are_reported() {
    let folder = Folder::new(&[
        (
            "main.funnel",
            "on booking -> send sms file \"bytes.txt\" -> wait 1h -> send sms file \"large.txt\" -> wait 1h -> send sms file \"folder.txt\" -> wait 1h -> send sms file \"empty.txt\"\n",
        ),
        ("folder.txt/x", ""),
        ("empty.txt", " \n"),
    ]);
    folder.put("bytes.txt", b"abc\xff\xfedef");
    folder.put("large.txt", vec![b'a'; 1024 * 1024 + 1]);
    assert_found(
        folder.found("main.funnel"),
        &[("F0006", "main.funnel"), ("F0213", "main.funnel"), ("F0411", "main.funnel"), ("F0005", "bytes.txt")],
    );
}

#[test]
fn formatting_does_not_change_other_files() {
    let folder = Folder::new(&[
        (
            "main.funnel",
            "template email hello = {subject:\"Hello\",body:file   \"hello.html\"}\ntemplate sms soon = file  \"soon.txt\"\non booking -> send email hello -> send sms file   \"soon.txt\"\n",
        ),
        ("hello.html", "<p>   {{client.id}}</p>"),
        ("soon.txt", "  {{client.id}}  "),
    ]);
    assert_eq!(run_funnelc(["fmt", &folder.path("")]).code, Some(0));
    let read = |name: &str| std::fs::read_to_string(folder.path(name)).unwrap();
    let expected = "template email hello = { subject: \"Hello\", body: file \"hello.html\" }\ntemplate sms soon = file \"soon.txt\"\n\n\
        on booking -> send email hello -> send sms file \"soon.txt\"\n";
    assert_eq!(read("main.funnel"), expected);
    assert_eq!(
        (read("hello.html").as_str(), read("soon.txt").as_str()),
        ("<p>   {{client.id}}</p>", "  {{client.id}}  ")
    );
}

#[test]
fn file_is_a_name_where_no_path_follows() {
    let folder = Folder::new(&[(
        "main.funnel",
        "template sms file = \"a template\"\nconst file = \"a constant\"\n\non booking -> send sms file -> send sms file to client.phone -> send sms \"{{ file }}\" -> task file\n",
    )]);
    assert_found(folder.found("main.funnel"), &[("F0101", "main.funnel")]);
    folder.put("main.funnel", "template sms file = \"a template\"\nconst file = \"a constant\"\n\non booking -> send sms file -> send sms file to client.phone -> send sms { text: file }\n");
    let sent: Vec<_> = folder.sent("main.funnel").into_iter().map(|line| line["text"].clone()).collect();
    assert_eq!(sent, ["a template", "a template", "a constant"]);
}

#[test]
fn the_tests_of_a_used_file_are_not_run() {
    let test = |name: &str| {
        format!(
            "test \"{name}\" {{\n  client {{ id: \"c1\", phone: \"+79990000001\" }}\n  at 2026-03-01 10:00 booking {{ id: \"b1\", starts_at: 2026-03-02 12:00 }}\n  expect send sms containing \"soon\"\n}}\n"
        )
    };
    let main = format!(
        "use \"common.funnel\"\n\nfunnel mine {{\n  timezone \"Europe/Moscow\"\n\n  on booking -> send sms soon\n}}\n\n{}",
        test("mine")
    );
    let common = format!(
        "template sms soon = file \"soon.txt\"\n\nfunnel theirs {{\n  on visit -> send sms \"hi\"\n}}\n\n{}",
        test("theirs")
    );
    let folder = Folder::new(&[("main.funnel", &main), ("common.funnel", &common), ("soon.txt", "very soon\n")]);
    let tested = run_funnelc(["test", &folder.path("main.funnel")]);
    assert_eq!(tested.code, Some(0), "{tested:?}");
    assert!(tested.out.contains("mine") && !tested.out.contains("theirs"), "{tested:?}");
}
