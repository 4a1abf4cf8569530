//! The TLS settings of a route, for rustls.

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use crate::requests::backend::{Failure, Pem, Route, Trust};
use crate::tls;

pub(super) fn config(route: &Route) -> Result<ClientConfig, Failure> {
    let bad = |error: rustls::Error| Failure::Certificate(error.to_string());
    let builder = match &route.verify {
        Trust::Roots => tls::client(Some(tls::mozilla())),
        Trust::Bundle(pem) => {
            let (roots, certificates) = roots(pem)?;
            tls::client_that_pins(roots, certificates)
        }
        Trust::Anybody => tls::client(None),
    };
    let builder = builder.map_err(bad)?;
    let mut config = match &route.cert {
        None => builder.with_no_client_auth(),
        Some(pem) => {
            let chain = tls::certificates(pem.as_bytes()).map_err(|error| Failure::ClientCertificate(error.to_string()))?;
            if chain.is_empty() {
                return Err(Failure::ClientCertificate("it contains no certificate".into()));
            }
            let key = PrivateKeyDer::from_pem_slice(pem.as_bytes())
                .map_err(|_| Failure::ClientKey("it contains no private key".into()))?;
            builder.with_client_auth_cert(chain, key).map_err(|error| Failure::ClientKey(error.to_string()))?
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Skips entries of a bundle that are not root certificates, as OpenSSL does. A bundle without any
/// is an error.
fn roots(pem: &Pem) -> Result<(RootCertStore, Vec<CertificateDer<'static>>), Failure> {
    let certificates = tls::certificates(pem.as_bytes()).map_err(|error| Failure::Certificate(error.to_string()))?;
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(certificates.iter().cloned());
    if added == 0 {
        return Err(Failure::Certificate("it contains no certificate".into()));
    }
    Ok((roots, certificates))
}
