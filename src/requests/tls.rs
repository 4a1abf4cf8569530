//! [`Verify`] and [`Cert`]: the certificates that TLS trusts, and the client certificate.

use std::path::PathBuf;

/// The certificates to trust: `verify(true)`, `verify("ca.pem")`, `verify(false)`.
///
/// True is Mozilla's list of roots, compiled in, like Python's certifi. No file of the machine
/// changes it, except through `REQUESTS_CA_BUNDLE` and `CURL_CA_BUNDLE` in a session that trusts
/// its environment. A file that was replaced is read again. DIFFERENCE: all files in a directory of
/// certificates are read; their names need not be hashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verify {
    /// Mozilla's roots.
    Yes,
    /// Any certificate. An attacker on the network can then read and change everything.
    No,
    /// Only the certificates in this file or directory.
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

/// A client certificate: one PEM file with the chain and the key, or one file for each.
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

/// The path of the trusted roots. In Python, `certs.where()` is certifi's file; here they are
/// compiled in, so there is none.
#[doc(alias("requests.certs.where", "requests.utils.DEFAULT_CA_BUNDLE_PATH"))]
pub const DEFAULT_CA_BUNDLE_PATH: Option<&str> = None;
