//! Email over SMTP (RFC 5321): one message, one recipient, one transaction, on a connection kept for the next one.
//! The steps are taken one by one, because what a broken connection means depends on whether the letter had gone out.

use super::secret::{Secret, redact};
use super::smtp_message::{Sender, write};
use super::unsubscribe::Unsubscribe;
use super::{Channel, Delivery, Failure, Limits, OnUnknown, Receipt};
use crate::diagnostic::Phrase;
use crate::engine::Message;
use crate::say;
use lettre::Message as Email;
use lettre::message::Mailbox;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The longest time to connect to a server.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest a kept connection may take to answer: it may be dead without our knowing.
const IDLE_TIMEOUT: Duration = Duration::from_secs(10);

/// How a mail server is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpSettings {
    /// Its name; certificates are checked against it.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: SmtpTls,
    /// User and password.
    pub login: Option<(String, Secret)>,
    /// Certificates (PEM) that are trusted besides those of the machine.
    pub ca: Option<Vec<u8>>,
    /// Whether a connection in the open to another machine is allowed.
    pub insecure: bool,
    /// The sender: `Name <name@domain>`.
    pub from: String,
    /// Where answers go.
    pub reply_to: Option<String>,
    /// The unsubscribe address of marketing messages.
    pub unsubscribe: Option<Unsubscribe>,
    /// The longest time for one step of the conversation.
    pub timeout: Duration,
    /// What to do when nobody can tell.
    pub on_unknown: OnUnknown,
    /// How fast it may be driven.
    pub limits: Limits,
}

/// How a connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpTls {
    /// Not at all.
    None,
    /// From its second step on; a server that cannot do so is refused.
    Starttls,
    /// From its first byte.
    Tls,
}

/// Checks a sender: `name@domain` or `Name <name@domain>`.
///
/// # Errors
/// Says what is wrong with it.
pub fn check_mailbox(text: &str) -> Result<(), Phrase> {
    mailbox(text).map(|_| ())
}

fn mailbox(text: &str) -> Result<Mailbox, Phrase> {
    if text.chars().any(char::is_control) {
        return Err(say!("has a line break in it"));
    }
    text.parse().map_err(|_| say!("is not an email address"))
}

/// Whether a host is this machine.
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Email over SMTP.
pub struct Smtp {
    settings: SmtpSettings,
    sender: Sender,
    tls: Option<TlsParameters>,
    idle: Mutex<Vec<AsyncSmtpConnection>>,
}

impl Smtp {
    /// Makes the channel; no connection is opened yet.
    ///
    /// # Errors
    /// Says which setting is wrong.
    pub fn new(settings: SmtpSettings) -> Result<Self, Phrase> {
        super::http::install_tls_provider();
        if settings.tls == SmtpTls::None && !settings.insecure && !is_loopback(&settings.host) {
            return Err(say!("`tls = \"none\"` needs a host on this machine, or `insecure = true`"));
        }
        let from = mailbox(&settings.from).map_err(|fault| say!("`{key}` {fault}", key = "from", fault))?;
        let reply_to = settings.reply_to.as_deref().map(mailbox).transpose();
        let reply_to = reply_to.map_err(|fault| say!("`{key}` {fault}", key = "reply_to", fault))?;
        let sender = Sender { from, reply_to, unsubscribe: settings.unsubscribe.clone() };
        let tls = match settings.tls {
            SmtpTls::None => None,
            SmtpTls::Starttls | SmtpTls::Tls => Some(tls_parameters(&settings)?),
        };
        Ok(Self { settings, sender, tls, idle: Mutex::default() })
    }

    async fn attempt(&self, message: &Message) -> Result<Receipt, Failure> {
        let email = write(message, &self.sender).map_err(|reason| Failure::Permanent { reason })?;
        if let Some(idle) = self.take_idle() {
            match self.transact(idle, &email, IDLE_TIMEOUT.min(self.settings.timeout)).await {
                Err(AttemptError::Disconnected(_)) => {}
                result => return result.map_err(|error| self.failure(error)),
            }
        }
        let fresh = self.connect().await.map_err(|fault| self.failure(AttemptError::Connect(fault)))?;
        self.transact(fresh, &email, self.settings.timeout).await.map_err(|error| self.failure(error))
    }

    /// One transaction; the connection is kept when it is still good.
    async fn transact(
        &self,
        mut connection: AsyncSmtpConnection,
        email: &Email,
        timeout: Duration,
    ) -> Result<Receipt, AttemptError> {
        match self.envelope(&mut connection, email, timeout).await {
            Ok(()) => {}
            Err(AttemptError::Rejected(error)) => {
                // Only a connection that forgets this recipient may serve the next one.
                if within(timeout, connection.command(Rset)).await.is_ok() {
                    self.keep_idle(connection);
                }
                return Err(AttemptError::Rejected(error));
            }
            Err(error) => return Err(error),
        }
        let sent = within(self.settings.timeout, connection.message(&email.formatted())).await;
        let response = sent.map_err(|fault| match fault {
            StepError::Smtp(error) if error.status().is_some() => AttemptError::Rejected(error),
            fault => AttemptError::AfterData(fault),
        })?;
        self.keep_idle(connection);
        let detail = redact(&response_text(&response), self.secrets());
        Ok(Receipt { provider_id: None, detail })
    }

    /// MAIL, RCPT and DATA: up to here nothing of the letter has gone out.
    async fn envelope(
        &self,
        connection: &mut AsyncSmtpConnection,
        email: &Email,
        timeout: Duration,
    ) -> Result<(), AttemptError> {
        let parameters = parameters(connection, email)?;
        let mail = Mail::new(email.envelope().from().cloned(), parameters);
        within(timeout, connection.command(mail)).await.map_err(before_data)?;
        for to in email.envelope().to() {
            let rcpt = Rcpt::new(to.clone(), Vec::new());
            within(self.settings.timeout, connection.command(rcpt)).await.map_err(before_data)?;
        }
        within(self.settings.timeout, connection.command(Data)).await.map_err(before_data)?;
        Ok(())
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, StepError> {
        let SmtpSettings { host, port, timeout, .. } = &self.settings;
        let hello = ClientId::default();
        let wrapped = self.tls.clone().filter(|_| self.settings.tls == SmtpTls::Tls);
        let address = (host.trim_matches(['[', ']']), *port);
        let opening = AsyncSmtpConnection::connect_tokio1(address, Some(CONNECT_TIMEOUT), &hello, wrapped, None);
        let mut connection = within(*timeout, opening).await?;
        if let Some(tls) = self.tls.clone().filter(|_| self.settings.tls == SmtpTls::Starttls) {
            within(*timeout, connection.starttls(tls, &hello)).await?;
        }
        if let Some((user, password)) = &self.settings.login {
            let credentials = Credentials::new(user.clone(), password.reveal().to_owned());
            within(*timeout, connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials)).await?;
        }
        Ok(connection)
    }

    fn take_idle(&self) -> Option<AsyncSmtpConnection> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn keep_idle(&self, connection: AsyncSmtpConnection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if !connection.has_broken() && idle.len() < self.settings.limits.concurrency {
            idle.push(connection);
        }
    }

    fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.settings.login.iter().map(|(_, password)| password)
    }

    fn failure(&self, error: AttemptError) -> Failure {
        let redact = |text: String| redact(&text, self.secrets());
        match error {
            AttemptError::Unsupported(reason) => Failure::Permanent { reason },
            AttemptError::Rejected(error) if error.is_permanent() => Failure::Permanent {
                reason: redact(format!("the mail server rejected the message: {}", error_text(&error))),
            },
            AttemptError::Rejected(error) => Failure::Retry {
                reason: redact(format!("temporary failure of the mail server: {}", error_text(&error))),
                after: None,
            },
            // A refused login or greeting is not about this message: once it is mended, the message can go.
            AttemptError::Connect(fault) => Failure::Retry {
                reason: redact(format!("cannot reach the mail server: {}", fault.error_text())),
                after: None,
            },
            AttemptError::Disconnected(fault) => Failure::Retry {
                reason: redact(format!("connection to the mail server lost: {}", fault.error_text())),
                after: None,
            },
            AttemptError::AfterData(fault) => Failure::Unknown {
                reason: redact(format!("connection to the mail server lost after DATA: {}", fault.error_text())),
            },
        }
    }
}

fn tls_parameters(settings: &SmtpSettings) -> Result<TlsParameters, Phrase> {
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(pem) = &settings.ca {
        let ca = Certificate::from_pem(pem).map_err(|_| say!("`ca_file` holds no certificate"))?;
        builder = builder.add_root_certificate(ca);
    }
    builder.build_rustls().map_err(|e| Phrase::verbatim(error_text(&e)))
}

/// What the server must be told of the letter: non-ASCII addresses (RFC 6531) and bytes (RFC 6152).
fn parameters(connection: &AsyncSmtpConnection, email: &Email) -> Result<Vec<MailParameter>, AttemptError> {
    let server = connection.server_info();
    let envelope = email.envelope();
    if envelope.from().into_iter().chain(envelope.to()).all(|address| AsRef::<str>::as_ref(address).is_ascii()) {
        return Ok(Vec::new());
    }
    if !server.supports_feature(Extension::SmtpUtfEight) {
        return Err(AttemptError::Unsupported("the mail server does not support non-ASCII addresses".to_owned()));
    }
    Ok(vec![MailParameter::SmtpUtfEight, MailParameter::Body(MailBodyParameter::EightBitMime)])
}

/// How far an attempt came.
enum AttemptError {
    /// The letter cannot go through this server.
    Unsupported(String),
    /// No conversation came about.
    Connect(StepError),
    /// The server said no.
    Rejected(Error),
    /// The connection ended before the letter.
    Disconnected(StepError),
    /// The connection ended after the letter, before the server's word on it.
    AfterData(StepError),
}

/// Why a step failed.
enum StepError {
    Smtp(Error),
    Timeout,
}

impl StepError {
    fn error_text(&self) -> String {
        match self {
            Self::Smtp(error) => error_text(error),
            Self::Timeout => "timed out".to_owned(),
        }
    }
}

/// 421 closes the connection (RFC 5321, 3.8), so it is not the server's word on this message.
fn before_data(fault: StepError) -> AttemptError {
    match fault {
        StepError::Smtp(error) if error.status().is_some_and(|code| u16::from(code) != 421) => {
            AttemptError::Rejected(error)
        }
        fault => AttemptError::Disconnected(fault),
    }
}

async fn within<T>(timeout: Duration, step: impl Future<Output = Result<T, Error>>) -> Result<T, StepError> {
    tokio::time::timeout(timeout, step).await.map_err(|_| StepError::Timeout)?.map_err(StepError::Smtp)
}

/// The server's code and words, or those of the network.
fn error_text(error: &Error) -> String {
    let cause = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    error.status().map_or(cause.clone(), |code| format!("{code} {cause}"))
}

fn response_text(response: &Response) -> String {
    format!("{} {}", response.code(), response.message().collect::<Vec<_>>().join(" "))
}

impl Channel for Smtp {
    fn name(&self) -> &'static str {
        "smtp"
    }

    fn deliver<'a>(&'a self, message: &'a Message) -> Delivery<'a> {
        Box::pin(self.attempt(message))
    }

    fn on_unknown(&self) -> OnUnknown {
        self.settings.on_unknown
    }

    fn limits(&self) -> Limits {
        self.settings.limits
    }
}
