//! What TLS a route asks for, in rustls' terms.

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use crate::requests::backend::{Failure, Pem, Route, Trust};
use crate::tls;

pub(super) fn config(route: &Route) -> Result<ClientConfig, Failure> {
    let bad = |error: rustls::Error| Failure::Certificate(error.to_string());
    let roots = match &route.verify {
        Trust::Roots => Some(tls::mozilla()),
        Trust::Bundle(pem) => Some(roots(pem)?),
        Trust::Anybody => None,
    };
    let builder = tls::client(roots).map_err(bad)?;
    let mut config = match &route.cert {
        None => builder.with_no_client_auth(),
        Some(pem) => {
            let chain = certificates(pem)?;
            if chain.is_empty() {
                return Err(Failure::Certificate("there is no certificate in it".into()));
            }
            let key = PrivateKeyDer::from_pem_slice(pem.as_bytes())
                .map_err(|_| Failure::Certificate("there is no private key in it".into()))?;
            builder.with_client_auth_cert(chain, key).map_err(bad)?
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// What is no root certificate in a bundle is passed over, as OpenSSL does; a bundle without any is an error.
fn roots(pem: &Pem) -> Result<RootCertStore, Failure> {
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(certificates(pem)?);
    if added == 0 {
        return Err(Failure::Certificate("there is no certificate in it".into()));
    }
    Ok(roots)
}

fn certificates(pem: &Pem) -> Result<Vec<CertificateDer<'static>>, Failure> {
    tls::certificates(pem.as_bytes()).map_err(|error| Failure::Certificate(error.to_string()))
}
