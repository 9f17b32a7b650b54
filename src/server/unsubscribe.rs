//! `/v1/unsubscribe`: what the unsubscribe link of a marketing email leads to (RFC 8058). In: a signed address. Out: a page
//! with a button, because mail scanners follow links; after the button, or one click in a mail program, the withdrawal.

use super::Shared;
use super::auth::{hash, is_same};
use super::connections::Activity;
use super::events::VERDICT_TIMEOUT;
use crate::channel::{Secret, sign};
use crate::inbound::query_of;
use crate::runtime::{IncomingEvent, Verdict};
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::collections::BTreeMap;

/// The source of such withdrawals.
const SOURCE: &str = "unsubscribe";

/// What a page may do: nothing but send its form.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";

/// The words of the pages.
struct Words {
    language: &'static str,
    title: &'static str,
    question: &'static str,
    done: &'static str,
    wrong: &'static str,
    later: &'static str,
}

const WORDS: &[Words] = &[
    Words {
        language: "en",
        title: "Unsubscribe",
        question: "Do you want to stop these emails?",
        done: "You will not receive these emails any more.",
        wrong: "This link is not complete. Please open it from the email again.",
        later: "That did not work. Please try again in a minute.",
    },
    Words {
        language: "ru",
        title: "Отписаться",
        question: "Больше не получать такие письма?",
        done: "Вы отписались и больше не будете получать такие письма.",
        wrong: "Ссылка неполная. Откройте её ещё раз из письма.",
        later: "Не получилось. Попробуйте ещё раз через минуту.",
    },
    Words {
        language: "de",
        title: "Abmelden",
        question: "Möchten Sie diese E-Mails nicht mehr erhalten?",
        done: "Sie erhalten diese E-Mails nicht mehr.",
        wrong: "Dieser Link ist unvollständig. Bitte öffnen Sie ihn noch einmal aus der E-Mail.",
        later: "Das hat nicht geklappt. Bitte versuchen Sie es in einer Minute noch einmal.",
    },
    Words {
        language: "fr",
        title: "Se désabonner",
        question: "Ne plus recevoir ces e-mails ?",
        done: "Vous ne recevrez plus ces e-mails.",
        wrong: "Ce lien est incomplet. Ouvrez-le à nouveau depuis l’e-mail.",
        later: "Cela n’a pas fonctionné. Réessayez dans une minute.",
    },
    Words {
        language: "es",
        title: "Darse de baja",
        question: "¿Quiere dejar de recibir estos correos?",
        done: "Ya no recibirá estos correos.",
        wrong: "Este enlace está incompleto. Ábralo de nuevo desde el correo.",
        later: "No ha funcionado. Inténtelo de nuevo en un minuto.",
    },
    Words {
        language: "it",
        title: "Annulla l’iscrizione",
        question: "Non vuole più ricevere queste e-mail?",
        done: "Non riceverà più queste e-mail.",
        wrong: "Questo link è incompleto. Lo apra di nuovo dall’e-mail.",
        later: "Non ha funzionato. Riprovi tra un minuto.",
    },
    Words {
        language: "pl",
        title: "Wypisz się",
        question: "Czy nie chcesz już otrzymywać tych wiadomości?",
        done: "Nie będziesz już otrzymywać tych wiadomości.",
        wrong: "Ten link jest niepełny. Otwórz go ponownie z wiadomości.",
        later: "Nie udało się. Spróbuj ponownie za minutę.",
    },
];

/// `GET /v1/unsubscribe`: a page with a button.
pub(super) async fn get(State(shared): State<Shared>, RawQuery(query): RawQuery) -> Response {
    let (words, query) = (words(&shared), query_of(query.as_deref().unwrap_or("")));
    match shared.unsubscribe.as_ref().and_then(|secret| Signed::of(secret, &query)) {
        Some(_) => {
            let form = format!("<form method=\"post\"><button>{}</button></form>", words.title);
            page(StatusCode::OK, words, words.question, &form)
        }
        None => page(StatusCode::FORBIDDEN, words, words.wrong, ""),
    }
}

/// `POST /v1/unsubscribe`: withdraws the consent.
pub(super) async fn post(
    State(shared): State<Shared>,
    Extension(activity): Extension<Activity>,
    RawQuery(query): RawQuery,
) -> Response {
    let (words, query) = (words(&shared), query_of(query.as_deref().unwrap_or("")));
    let Some(signed) = shared.unsubscribe.as_ref().and_then(|secret| Signed::of(secret, &query)) else {
        return page(StatusCode::FORBIDDEN, words, words.wrong, "");
    };
    let mut data = json!({"channel": "email", "source": "unsubscribe link"});
    if !signed.topic.is_empty() {
        data["topic"] = signed.topic.into();
    }
    let id = format!("unsubscribe:{}", signed.message);
    let event = json!({"type": "unsubscribed", "id": id, "source": SOURCE, "client": signed.client, "data": data});
    let incoming = IncomingEvent { source: SOURCE.to_owned(), line: None, fallback_id: None, body: Ok(event) };
    let _answering = activity.answering();
    match tokio::time::timeout(VERDICT_TIMEOUT, shared.inbox.submit(vec![incoming])).await {
        Ok(Ok(verdicts)) if verdicts.iter().all(|verdict| !matches!(verdict, Verdict::Rejected(_))) => {
            page(StatusCode::OK, words, words.done, "")
        }
        Ok(Ok(_) | Err(_)) | Err(_) => page(StatusCode::SERVICE_UNAVAILABLE, words, words.later, ""),
    }
}

/// What a signed address says.
struct Signed<'q> {
    client: &'q str,
    message: &'q str,
    topic: &'q str,
}

impl<'q> Signed<'q> {
    /// Reads `c`, `m`, `t` and the signature `s`; `None` if it is wrong.
    fn of(secret: &Secret, query: &'q BTreeMap<String, String>) -> Option<Self> {
        let text = |name: &str| query.get(name).map_or("", String::as_str);
        let (client, message, topic) = (text("c"), text("m"), text("t"));
        let fits = is_same(&hash(&sign(secret, client, message, topic)), &hash(text("s")));
        (fits && !client.is_empty() && !message.is_empty()).then_some(Self { client, message, topic })
    }
}

fn words(shared: &Shared) -> &'static Words {
    let wanted = shared.language.split('-').next().unwrap_or("");
    WORDS.iter().find(|words| words.language == wanted).unwrap_or(&WORDS[0])
}

fn page(status: StatusCode, words: &Words, text: &str, form: &str) -> Response {
    let Words { language, title, .. } = words;
    let style = "body{font:18px/1.5 system-ui,sans-serif;max-width:30em;margin:15vh auto;padding:0 1em;text-align:center}\
                 button{font:inherit;padding:.5em 1.5em;cursor:pointer}";
    let html = format!(
        "<!doctype html>\n<html lang=\"{language}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><meta name=\"robots\" content=\"noindex\">\
         <title>{title}</title><style>{style}</style></head><body><h1>{title}</h1><p>{text}</p>{form}</body></html>\n"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        // The address has the client's id.
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, html).into_response()
}
