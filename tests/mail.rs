//! Email against a real mail server (aiosmtpd) in a separate process, which parses emails independently.

use crate::channel::message;
use crate::support::event::event;
use crate::support::mail_server::MailServer;
use crate::support::program::run_funnelc;
use funnelc::channel::{Channel, Failure, Limits, OnUnknown, Secret, Smtp, SmtpSettings, SmtpTls, Unsubscribe, sign};
use funnelc::engine::{Message, Rendered};
use serde_json::{Value, json};
use std::time::Duration;

fn settings(port: u16) -> SmtpSettings {
    SmtpSettings {
        host: "localhost".to_owned(),
        port,
        tls: SmtpTls::None,
        login: None,
        ca: None,
        insecure: false,
        from: "Клиника «Улыбка» <hello@smile.example>".to_owned(),
        reply_to: Some("desk@smile.example".to_owned()),
        unsubscribe: None,
        timeout: Duration::from_secs(20),
        on_unknown: OnUnknown::Resend,
        limits: Limits::default(),
    }
}

fn mail(to: &str, text: Option<&str>, html: Option<&str>) -> Message {
    let (text, html) = (text.map(str::to_owned), html.map(str::to_owned));
    message("email", to, Rendered::Email { subject: "Ждём вас, Anna".to_owned(), text, html })
}

fn header<'e>(email: &'e Value, name: &str) -> Vec<&'e str> {
    let headers = email["headers"].as_array().unwrap();
    headers.iter().filter(|pair| pair[0] == name).map(|pair| pair[1].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_email_arrives_intact() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = MailServer::start(folder.path(), &[]) else { return };
    let smtp = Smtp::new(settings(server.port)).unwrap();
    let html = "<p>Ждём вас, <b>Anna</b>. <a href=\"https://x.example\">Адрес</a></p>";
    let mut first = mail("anna@client.example", None, Some(html));
    first.topic = Some("news".to_owned());
    smtp.deliver(&first).await.unwrap();
    smtp.deliver(&mail("anna@client.example", Some("Только текст\n.\nи точка"), None)).await.unwrap();
    let emails = server.emails();
    let [both, plain] = &emails[..] else { panic!("two emails: {emails:?}") };
    assert_eq!((&both["from"], &both["to"][0]), (&"hello@smile.example".into(), &"anna@client.example".into()));
    assert_eq!(header(both, "Subject"), ["Ждём вас, Anna"]);
    assert_eq!(header(both, "From"), ["Клиника «Улыбка» <hello@smile.example>"]);
    assert_eq!(header(both, "To"), ["anna@client.example"]);
    assert_eq!(header(both, "Reply-To"), ["desk@smile.example"]);
    assert_eq!(header(both, "Message-ID"), ["<msg-1@smile.example>"]);
    assert_eq!(header(both, "Date"), ["Sun, 01 Mar 2026 07:00:00 +0000"]);
    assert_eq!(header(both, "List-Unsubscribe"), [""; 0]);
    assert_eq!(both["type"], "multipart/alternative");
    let part = |email: &Value, at: usize| {
        let content = email["parts"][at][1].as_str().unwrap().replace("\r\n", "\n").trim_end().to_owned();
        (email["parts"][at][0].as_str().unwrap().to_owned(), content)
    };
    let words = "Ждём вас, Anna. Адрес (https://x.example)";
    assert_eq!(part(both, 0), ("text/plain".to_owned(), words.to_owned()));
    assert_eq!(part(both, 1), ("text/html".to_owned(), html.to_owned()));
    assert_eq!(plain["type"], "text/plain");
    assert_eq!(part(plain, 0).1, "Только текст\n.\nи точка");
    assert_eq!(both["peer"], plain["peer"], "the connection was not reused");
}

const EMAIL_BODY: &str = r#"<mjml>
  <mj-head>
    <mj-preview>Только для {{ client.name | default("вас") }}</mj-preview>
    <mj-style>.name { color: {{ client.city | default("red") }} }</mj-style>
  </mj-head>
  <mj-body>
    <mj-section>
      <mj-column>
        <mj-text><p class="name">Здравствуйте, {{ client.name | default("гость") }}!</p></mj-text>
        <mj-button href="https://smile.example/b?id={{ booking.id }}">Изменить</mj-button>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
"#;

#[test]
fn an_email_from_a_file_arrives_escaped_with_plain_text_subject_and_preheader() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = MailServer::start(folder.path(), &[]) else { return };
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let port = server.port;
    file(
        "funnel.toml",
        &format!(
            "timezone = \"Europe/Moscow\"\n[channels.email]\nprovider = \"smtp\"\nhost = \"localhost\"\nport = {port}\n\
             tls = \"none\"\nfrom = \"Клиника <hello@smile.example>\"\n"
        ),
    );
    file("letter.mjml", EMAIL_BODY);
    file(
        "hello.funnel",
        "on booking -> send email { subject: \"Привет, {{ client.name | default(\"гость\") }}\", body: file \"letter.mjml\" }\n",
    );
    let name = "Анна <script>alert('1')</script> & \"Ко\"";
    let client = event("client").id("e1").at("2026-03-01T10:00:00+03:00").data(json!({
        "name": name, "email": "anna@client.example", "city": "blue}</style><script>",
    }));
    let booking = event("booking").id("e2").at("2026-03-01T10:01:00+03:00").data(json!({
        "id": "b 1&\"><script>", "starts_at": "2026-03-02T12:00:00+03:00",
    }));
    file("events.ndjson", &format!("{client}\n{booking}\n"));
    let at = |name: &str| folder.path().join(name).into_os_string();
    let args = [
        "run".into(),
        at(""),
        "--events".into(),
        at("events.ndjson"),
        "--fast-forward".into(),
        "--store".into(),
        at("s.db"),
    ];
    let ran = run_funnelc(args);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let emails = server.emails();
    let [email] = &emails[..] else { panic!("one email: {emails:?}") };
    assert_eq!(header(email, "Subject"), [format!("Привет, {name}")]);
    assert_eq!(email["type"], "multipart/alternative");
    let part = |at: usize| email["parts"][at][1].as_str().unwrap().replace("\r\n", "\n");
    let link = "https://smile.example/b?id=b%201%26%22%3E%3Cscript%3E";
    assert_eq!(part(0).trim(), format!("Здравствуйте, {name}!\n\nИзменить ({link})"));
    let safe = "Анна &lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;Ко&quot;";
    let html = part(1);
    let (preheader, words) =
        (html.find(&format!(">Только для {safe}</div>")), html.find(&format!("Здравствуйте, {safe}!")));
    assert!(preheader.is_some() && preheader < words, "{html}");
    assert!(html.contains(&format!("href=\"{link}\"")), "{html}");
    assert!(html.contains(".name { color: bluestylescript }"), "{html}");
    assert!(!html.contains("<script"), "{html}");
}

#[tokio::test]
async fn marketing_emails_have_one_click_unsubscribe_headers() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = MailServer::start(folder.path(), &[]) else { return };
    let secret = Secret::new("unsubscribe-key");
    let url = "https://smile.example/u?c={client}&m={message}&t={topic}&s={signature}".to_owned();
    let unsubscribe = Some(Unsubscribe { url, secret: Some(secret.clone()) });
    let smtp = Smtp::new(SmtpSettings { unsubscribe, ..settings(server.port) }).unwrap();
    let mut offer = mail("anna@client.example", Some("Hi"), None);
    (offer.marketing, offer.topic) = (true, Some("news".to_owned()));
    smtp.deliver(&offer).await.unwrap();
    let email = &server.emails()[0];
    let signature = sign(&secret, "c1", "msg-1", "news");
    let expected = format!("<https://smile.example/u?c=c1&m=msg-1&t=news&s={signature}>");
    assert_eq!(header(email, "List-Unsubscribe"), [expected]);
    assert_eq!(header(email, "List-Unsubscribe-Post"), ["List-Unsubscribe=One-Click"]);
}

#[tokio::test]
async fn one_bad_recipient_neither_blocks_nor_repeats_other_emails() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = MailServer::start(folder.path(), &[]) else { return };
    let smtp = Smtp::new(settings(server.port)).unwrap();
    let mut outcomes = Vec::new();
    for name in ["a", "refuse", "b", "later", "unwanted", "gone", "lost", "no address", "c"] {
        outcomes.push(smtp.deliver(&mail(&format!("{name}@client.example"), Some("Hi"), None)).await);
    }
    let [a, rejected, b, later, unwanted, gone, lost, nobody, c] = &outcomes[..] else { panic!("nine outcomes") };
    assert!(a.is_ok() && b.is_ok() && c.is_ok(), "{outcomes:?}");
    let reason = "the mail server rejected the message: 550 5.1.1 no such user here".to_owned();
    assert_eq!(*rejected, Err(Failure::Permanent { reason }));
    assert!(matches!(later, Err(Failure::Retry { .. })), "{later:?}");
    assert!(matches!(unwanted, Err(Failure::Permanent { .. })), "{unwanted:?}");
    assert!(matches!(gone, Err(Failure::Retry { .. })), "{gone:?}");
    assert!(matches!(lost, Err(Failure::Unknown { .. })), "{lost:?}");
    assert!(matches!(nobody, Err(Failure::Permanent { .. })), "{nobody:?}");
    let emails = server.emails();
    let reached: Vec<_> = emails.iter().map(|email| email["to"][0].as_str().unwrap()).collect();
    assert_eq!(reached, ["a", "b", "lost", "c"].map(|name| format!("{name}@client.example")));
}

#[tokio::test]
async fn a_dropped_connection_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = MailServer::start(folder.path(), &[]) else { return };
    let smtp = Smtp::new(settings(server.port)).unwrap();
    smtp.deliver(&mail("bye@client.example", Some("Hi"), None)).await.unwrap();
    smtp.deliver(&mail("b@client.example", Some("Hi"), None)).await.unwrap();
    let emails = server.emails();
    assert_eq!(emails.len(), 2);
    assert_ne!(emails[0]["peer"], emails[1]["peer"]);
    drop(server);
    let down = smtp.deliver(&mail("c@client.example", Some("Hi"), None)).await;
    assert!(matches!(&down, Err(Failure::Retry { reason, .. }) if reason.contains("cannot reach")), "{down:?}");
}

/// Options for a server with a certificate for `localhost`, and the certificate.
fn tls_options(folder: &std::path::Path, tls: &str) -> (Vec<String>, Vec<u8>) {
    let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    std::fs::write(&cert, own.cert.pem()).unwrap();
    std::fs::write(&key, own.signing_key.serialize_pem()).unwrap();
    let path = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    let options =
        ["--tls".to_owned(), tls.to_owned(), "--cert".to_owned(), path(&cert), "--key".to_owned(), path(&key)];
    (options.to_vec(), own.cert.pem().into_bytes())
}

#[tokio::test]
async fn emails_are_encrypted_and_sent_only_to_a_trusted_server() {
    for (tls, option) in [(SmtpTls::Starttls, "starttls"), (SmtpTls::Tls, "tls")] {
        let folder = tempfile::tempdir().unwrap();
        let (options, ca) = tls_options(folder.path(), option);
        let options: Vec<_> = options.iter().map(String::as_str).collect();
        let Some(server) = MailServer::start(folder.path(), &options) else { return };
        let hi = mail("a@client.example", Some("Hi"), None);
        let trusting = SmtpSettings { tls, ca: Some(ca), ..settings(server.port) };
        Smtp::new(trusting.clone()).unwrap().deliver(&hi).await.unwrap();
        assert_eq!(server.emails()[0]["tls"], true, "{option}");
        let untrusted = Smtp::new(SmtpSettings { ca: None, ..trusting }).unwrap().deliver(&hi).await;
        assert!(matches!(untrusted, Err(Failure::Retry { .. })), "{untrusted:?}");
        assert_eq!(server.emails().len(), 1, "{option}");
    }
}

#[tokio::test]
async fn nothing_is_sent_to_a_server_without_starttls() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = MailServer::start(folder.path(), &[]) else { return };
    let smtp = Smtp::new(SmtpSettings { tls: SmtpTls::Starttls, ..settings(server.port) }).unwrap();
    let rejected = smtp.deliver(&mail("a@client.example", Some("Hi"), None)).await;
    assert!(matches!(&rejected, Err(Failure::Retry { reason, .. }) if reason.contains("STARTTLS")), "{rejected:?}");
    assert!(server.emails().is_empty());
}

#[tokio::test]
async fn the_login_is_used_and_never_shown_in_errors() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = MailServer::start(folder.path(), &["--user", "clinic", "--password", "pa55word"]) else {
        return;
    };
    let login = |password: &str| Some(("clinic".to_owned(), Secret::new(password)));
    let hi = mail("a@client.example", Some("Hi"), None);
    let smtp = Smtp::new(SmtpSettings { login: login("pa55word"), ..settings(server.port) }).unwrap();
    smtp.deliver(&hi).await.unwrap();
    assert_eq!(server.emails()[0]["login"], "clinic");
    let smtp = Smtp::new(SmtpSettings { login: login("wr0ng-word"), ..settings(server.port) }).unwrap();
    let rejected = smtp.deliver(&hi).await.unwrap_err();
    assert!(matches!(rejected, Failure::Retry { .. }), "{rejected:?}");
    assert!(rejected.reason().contains("535") && !rejected.reason().contains("wr0ng-word"), "{rejected:?}");
}

#[test]
fn unencrypted_email_is_only_allowed_to_this_machine() {
    let elsewhere = SmtpSettings { host: "mail.example".to_owned(), ..settings(25) };
    assert!(Smtp::new(elsewhere.clone()).is_err());
    assert!(Smtp::new(SmtpSettings { insecure: true, ..elsewhere }).is_ok());
}

/// The server refuses a lone CR or LF, NUL, and a line of more than 998 bytes.
#[tokio::test]
async fn what_clients_write_never_breaks_the_lines_of_an_email() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = MailServer::start(folder.path(), &[]) else { return };
    let smtp = Smtp::new(settings(server.port)).unwrap();
    let odd = "one\rtwo\r\nthree\nfour\0\u{7}five\tsix";
    smtp.deliver(&mail("a@client.example", Some(odd), None)).await.unwrap();
    smtp.deliver(&mail("a@client.example", Some(&format!("é{odd}")), Some(&format!("<p>{odd}</p>")))).await.unwrap();
    for word in ["x", "слово ", "long word "] {
        let long = word.repeat(3_000);
        smtp.deliver(&mail("a@client.example", Some(&long), Some(&long))).await.unwrap();
    }
    let emails = server.emails();
    let text = emails[0]["parts"][0][1].as_str().unwrap().replace("\r\n", "\n");
    assert_eq!(text.trim_end(), "one\ntwo\nthree\nfourfive\tsix");
    assert_eq!(emails.len(), 5);
}

#[tokio::test]
async fn a_header_line_that_is_too_long_is_split_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = MailServer::start(folder.path(), &[]) else { return };
    let smtp = Smtp::new(settings(server.port)).unwrap();
    for (word, fits) in [("Тема ", true), ("subject ", true), ("x", false)] {
        let mut email = mail("a@client.example", Some("Hi"), None);
        let subject = word.repeat(1_500);
        email.content = Rendered::Email { subject: subject.clone(), text: Some("Hi".to_owned()), html: None };
        match smtp.deliver(&email).await {
            Ok(_) => {
                let emails = server.emails();
                let found = header(emails.last().unwrap(), "Subject");
                let found: Vec<&str> = found.iter().map(|line| line.trim_end()).collect();
                assert_eq!(found, [subject.trim_end()], "{word}");
            }
            Err(Failure::Permanent { reason }) if !fits => {
                assert!(reason.contains("`Subject` has a line of more than 998 bytes"), "{reason}");
            }
            Err(failure) => panic!("{word}: {failure:?}"),
        }
    }
    let url = format!("https://smile.example/u?x={}&c={{client}}&s={{signature}}", "x".repeat(600));
    let unsubscribe = Some(Unsubscribe { url, secret: Some(Secret::new("key")) });
    let smtp = Smtp::new(SmtpSettings { unsubscribe, ..settings(server.port) }).unwrap();
    let mut email = mail("a@client.example", Some("Hi"), None);
    email.marketing = true;
    email.client = funnelc::engine::ClientId("ü".repeat(128));
    let Err(Failure::Permanent { reason }) = smtp.deliver(&email).await else { panic!("it is refused") };
    assert!(reason.contains("`List-Unsubscribe` has a line of more than 998 bytes"), "{reason}");
    // A client whose id leads out of the path gets no link to elsewhere.
    let unsubscribe = Some(Unsubscribe { url: "https://smile.example/u/{client}/x".to_owned(), secret: None });
    let smtp = Smtp::new(SmtpSettings { unsubscribe, ..settings(server.port) }).unwrap();
    email.client = funnelc::engine::ClientId("..".to_owned());
    let Err(Failure::Permanent { reason }) = smtp.deliver(&email).await else { panic!("it is refused") };
    assert!(reason.contains("path segment"), "{reason}");
}
