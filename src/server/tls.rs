//! TLS for connections. In: a certificate and its key, as PEM. Out: encrypted streams. Renewed files are used without a
//! restart.

use rustls::ServerConfig;
use rustls::crypto::ring as provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How often to look whether the files were renewed.
const PERIOD: Duration = Duration::from_secs(10);

/// A certificate with those that lead to it, and its key, both as PEM.
pub type Pem = (Vec<u8>, Vec<u8>);

/// Reads the files, or says why they cannot be read.
pub type ReadPem = Arc<dyn Fn() -> Result<Pem, String> + Send + Sync>;

/// Encrypts connections; clones are the same.
#[derive(Clone)]
pub(super) struct Tls {
    acceptor: TlsAcceptor,
    current: Arc<Current>,
    read: ReadPem,
}

/// The certificate in use.
#[derive(Debug)]
struct Current(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Tls {
    /// Reads the certificate.
    ///
    /// # Errors
    /// The reason why it cannot be used.
    pub(super) fn new(read: ReadPem) -> Result<Self, String> {
        let current = Arc::new(Current(RwLock::new(Arc::new(certified(&read()?)?))));
        let config = ServerConfig::builder_with_provider(Arc::new(provider::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_no_client_auth();
        let resolver: Arc<dyn ResolvesServerCert> = Arc::clone(&current) as _;
        let mut config = config.with_cert_resolver(resolver);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), current, read })
    }

    /// Encrypts a connection; `None` if the other side does not speak TLS.
    pub(super) async fn accept(&self, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
        self.acceptor.accept(stream).await.ok()
    }

    /// Uses the files again whenever they have changed.
    pub(super) async fn follow(self) {
        let mut known = (self.read)().ok();
        loop {
            tokio::time::sleep(PERIOD).await;
            let read = (self.read)();
            if read.as_ref().ok() == known.as_ref() {
                continue;
            }
            match read.as_ref().map_err(Clone::clone).and_then(certified) {
                Ok(renewed) => {
                    *self.current.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(renewed);
                    tracing::info!("the certificate was renewed");
                }
                // Between two writes the files do not belong together.
                Err(reason) => {
                    tracing::warn!(reason, "the certificate has changed and cannot be used; the previous one stays")
                }
            }
            known = read.ok();
        }
    }
}

fn certified((certificate, key): &Pem) -> Result<CertifiedKey, String> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate).collect();
    let chain = chain.map_err(|error| format!("the certificate is not PEM: {error}"))?;
    if chain.is_empty() {
        return Err("the file has no certificate".to_owned());
    }
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| format!("the key is not PEM: {error}"))?;
    let key = provider::default_provider().key_provider.load_private_key(key).map_err(|error| error.to_string())?;
    let certified = CertifiedKey::new(chain, key);
    certified.keys_match().map_err(|_| "the key does not belong to the certificate".to_owned())?;
    Ok(certified)
}
