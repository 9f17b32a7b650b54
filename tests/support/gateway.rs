//! A gateway for SMS on this machine that refuses for now, until it is told to accept.

use super::request_body::read_body;
use std::io::Write;
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// A gateway that refuses for now until it is told to accept, and counts what it accepts.
pub(crate) struct Gateway {
    url: String,
    accepts: Arc<AtomicBool>,
    refused: Arc<AtomicUsize>,
    accepted: Arc<Mutex<Vec<String>>>,
}

impl Gateway {
    /// Starts one that refuses.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/send", listener.local_addr().unwrap());
        let gateway = Self { url, accepts: Arc::default(), refused: Arc::default(), accepted: Arc::default() };
        let (accepts, refused, accepted) =
            (Arc::clone(&gateway.accepts), Arc::clone(&gateway.refused), Arc::clone(&gateway.accepted));
        std::thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                let Some(body) = read_body(&stream) else { continue };
                let answer = if accepts.load(Ordering::SeqCst) {
                    accepted.lock().unwrap().push(body);
                    "202 Accepted"
                } else {
                    refused.fetch_add(1, Ordering::SeqCst);
                    "503 Service Unavailable"
                };
                let _ = write!(stream, "HTTP/1.1 {answer}\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{{}}");
            }
        });
        gateway
    }

    /// Accepts from now on.
    pub(crate) fn accept(&self) {
        self.accepts.store(true, Ordering::SeqCst);
    }

    /// How often it refused.
    pub(crate) fn refused(&self) -> usize {
        self.refused.load(Ordering::SeqCst)
    }

    /// How many messages it accepted.
    pub(crate) fn accepted(&self) -> usize {
        self.accepted.lock().unwrap().len()
    }

    /// A project that sends its SMS there.
    pub(crate) fn project(&self) -> String {
        format!(
            "name = \"Salon\"\ntimezone = \"UTC\"\nlanguage = \"en\"\n\n[channels.sms]\nprovider = \"http\"\nurl = \"{}\"\n\
             content_type = \"application/x-www-form-urlencoded\"\nbody = \"{{to}}&{{text}}\"\nallow_private = true\n\
             idempotency_header = \"Idempotency-Key\"\n",
            self.url
        )
    }
}
