//! Email over SMTP (RFC 5321): one transaction per message, on pooled connections. The protocol steps are separate
//! because the meaning of a lost connection depends on whether the email had been sent.

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

/// The timeout for connecting to a server.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The response timeout of an idle connection, which may be dead without our knowing.
const IDLE_TIMEOUT: Duration = Duration::from_secs(10);

/// The settings of a mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpSettings {
    /// The host name; certificates are checked against it.
    pub host: String,
    /// The port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: SmtpTls,
    /// User and password.
    pub login: Option<(String, Secret)>,
    /// Trusted certificates (PEM), besides those of the machine.
    pub ca: Option<Vec<u8>>,
    /// Whether an unencrypted connection to another machine is allowed.
    pub insecure: bool,
    /// The sender: `Name <name@domain>`.
    pub from: String,
    /// The address for replies.
    pub reply_to: Option<String>,
    /// The unsubscribe URL of marketing messages.
    pub unsubscribe: Option<Unsubscribe>,
    /// The timeout of one protocol step.
    pub timeout: Duration,
    /// What to do when the outcome is unknown.
    pub on_unknown: OnUnknown,
    /// The rate limits.
    pub limits: Limits,
}

/// How a connection to a mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpTls {
    /// Not at all.
    None,
    /// After `STARTTLS`; a server without it is rejected.
    Starttls,
    /// From the first byte.
    Tls,
}

/// Checks a sender: `name@domain` or `Name <name@domain>`.
///
/// # Errors
/// It is not a valid mailbox.
pub fn check_mailbox(text: &str) -> Result<(), Phrase> {
    mailbox(text).map(|_| ())
}

fn mailbox(text: &str) -> Result<Mailbox, Phrase> {
    if text.chars().any(char::is_control) {
        return Err(say!("contains a line break"));
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
    /// Creates the channel without opening a connection.
    ///
    /// # Errors
    /// A setting is invalid.
    pub fn new(settings: SmtpSettings) -> Result<Self, Phrase> {
        super::http::install_tls_provider();
        if settings.tls == SmtpTls::None && !settings.insecure && !is_loopback(&settings.host) {
            return Err(say!("`tls = \"none\"` is only allowed for a host on this machine, or with `insecure = true`"));
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

    /// Performs one transaction and keeps the connection if it is still usable.
    async fn transact(
        &self,
        mut connection: AsyncSmtpConnection,
        email: &Email,
        timeout: Duration,
    ) -> Result<Receipt, AttemptError> {
        match self.envelope(&mut connection, email, timeout).await {
            Ok(()) => {}
            Err(AttemptError::Rejected(error)) => {
                // The connection is only reused if the server has reset the transaction.
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
        Ok(Receipt { detail, ..Receipt::default() })
    }

    /// Sends MAIL, RCPT and DATA; nothing of the email has been sent yet.
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
            // A rejected login or greeting does not concern this message: it can be sent once that is fixed.
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
        let ca = Certificate::from_pem(pem).map_err(|_| say!("`ca_file` contains no certificate"))?;
        builder = builder.add_root_certificate(ca);
    }
    builder.build_rustls().map_err(|e| Phrase::verbatim(error_text(&e)))
}

/// The parameters that the envelope requires: non-ASCII addresses (RFC 6531) and 8-bit content (RFC 6152).
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

/// How an attempt failed.
enum AttemptError {
    /// The server does not support what the email needs.
    Unsupported(String),
    /// No connection was established.
    Connect(StepError),
    /// The server rejected a command.
    Rejected(Error),
    /// The connection was lost before the email was sent.
    Disconnected(StepError),
    /// The connection was lost after the email was sent, before the server confirmed it.
    AfterData(StepError),
}

/// Why a protocol step failed.
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

/// 421 closes the connection (RFC 5321, 3.8), so it is not about this message.
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

/// The server's code and text, or the network error.
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
