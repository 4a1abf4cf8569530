//! [`Verify`] and [`Cert`]: which servers TLS trusts, and the certificate of the client.

use std::path::PathBuf;

/// Which certificates to trust: `verify(true)`, `verify("ca.pem")`, `verify(false)`.
///
/// True is Mozilla's list of roots, compiled in, as Python's certifi has it: no file of the machine changes it, but for
/// `REQUESTS_CA_BUNDLE` and `CURL_CA_BUNDLE` in a session that trusts its environment. A file that is replaced is read again. DIFFERENCE: a
/// directory of certificates is read whole, its names need not be hashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verify {
    /// Mozilla's roots.
    Yes,
    /// Any certificate. An attacker on the network can then read and change everything.
    No,
    /// The certificates in this file or directory, and no others.
    Bundle(PathBuf),
}

impl From<bool> for Verify {
    fn from(verify: bool) -> Verify {
        if verify { Verify::Yes } else { Verify::No }
    }
}

impl From<&str> for Verify {
    fn from(bundle: &str) -> Verify {
        Verify::Bundle(bundle.into())
    }
}

impl From<PathBuf> for Verify {
    fn from(bundle: PathBuf) -> Verify {
        Verify::Bundle(bundle)
    }
}

impl From<&std::path::Path> for Verify {
    fn from(bundle: &std::path::Path) -> Verify {
        Verify::Bundle(bundle.into())
    }
}

/// A client's certificate: one PEM file with the chain and the key, or one of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cert {
    pub(super) cert: PathBuf,
    pub(super) key: Option<PathBuf>,
}

impl From<&str> for Cert {
    fn from(cert: &str) -> Cert {
        Cert { cert: cert.into(), key: None }
    }
}

impl From<PathBuf> for Cert {
    fn from(cert: PathBuf) -> Cert {
        Cert { cert, key: None }
    }
}

impl From<&std::path::Path> for Cert {
    fn from(cert: &std::path::Path) -> Cert {
        Cert { cert: cert.into(), key: None }
    }
}

impl<C: Into<PathBuf>, K: Into<PathBuf>> From<(C, K)> for Cert {
    fn from((cert, key): (C, K)) -> Cert {
        Cert { cert: cert.into(), key: Some(key.into()) }
    }
}

/// Where the trusted roots are: Python's `certs.where()` is the path of certifi's file. Here they are compiled in, and there is none.
#[doc(alias("requests.certs.where", "requests.utils.DEFAULT_CA_BUNDLE_PATH"))]
pub const DEFAULT_CA_BUNDLE_PATH: Option<&str> = None;
