//! `known_hosts`: the keys that hosts are known by, after sshd(8), SSH_KNOWN_HOSTS FILE FORMAT.
//!
//! ```
//! use leyden::fabric::known_hosts::{KnownHosts, Verdict};
//! # use leyden::fabric::backend::OfferedKey;
//! let blob = [0, 0, 0, 11, b's', b's', b'h', b'-', b'e', b'd', b'2', b'5', b'5', b'1', b'9', 1, 2, 3];
//! let mut known = KnownHosts::new();
//! known.add_text("known_hosts", "web*,!web9 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AQID\n");
//! let key = OfferedKey::new("ssh-ed25519", blob);
//! assert!(matches!(known.check("web1", 22, &key), Verdict::Known { line: 1, .. }));
//! assert_eq!(known.check("web9", 22, &key), Verdict::Unknown);
//! ```
//!
//! Plain and hashed names (HMAC-SHA1), `*`, `?` and `!`, `[host]:port`, `@cert-authority`, `@revoked`, several keys a host, several files. The verdict is
//! OpenSSH's: a revoked key is refused, wherever else it is known; a key counts as changed if none of the host's keys equals it, also
//! where the known ones are of another type.
//!
//! [`HostKeyChecker`] is what a connection asks: it reads the files, and adds a new host's key where the policy says so.
//!
//! # DIFFERENCE
//!
//! paramiko's `HostKeys` knows neither `@revoked` nor `@cert-authority`, and takes a second type of key for a new host; fabric reads no such file and
//! accepts every key. Here keys are checked, and [`Policy::DangerouslyAcceptAnyHostKey`] has to be chosen.

mod checker;
mod entry;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use checker::{HostKeyChecker, Policy};
pub use entry::{Entry, Marker};

use super::backend::{HostCertificate, OfferedKey};

/// What the files say about a key that a host shows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// It is the host's key, or a certificate by an authority for the host.
    Known {
        /// The file that has it.
        file: PathBuf,
        /// The line.
        line: usize,
    },
    /// No line is for this host.
    Unknown,
    /// The host is known by other keys.
    Changed {
        /// The file that has another.
        file: PathBuf,
        /// The line.
        line: usize,
    },
    /// The key, or the authority of its certificate, is revoked.
    Revoked {
        /// The file that says so.
        file: PathBuf,
        /// The line.
        line: usize,
    },
}

/// The valid lines of one or several files.
#[derive(Clone, Debug, Default)]
pub struct KnownHosts {
    entries: Vec<(Arc<Path>, Entry)>,
}

/// The name under which a host's keys are looked up: `host`, or `[host]:port` where the port is not 22.
pub fn lookup_name(host: &str, port: u16) -> String {
    let host = host.to_ascii_lowercase();
    if port == 22 { host } else { format!("[{host}]:{port}") }
}

impl KnownHosts {
    /// No lines.
    pub fn new() -> KnownHosts {
        KnownHosts::default()
    }

    /// Adds the lines of a file. Lines that are not valid are passed over.
    pub fn add_text(&mut self, file: impl AsRef<Path>, text: impl AsRef<[u8]>) {
        let file: Arc<Path> = file.as_ref().into();
        for (index, line) in text.as_ref().split(|byte| *byte == b'\n').enumerate() {
            // A comment may hold any bytes; what matters is ASCII.
            let line = String::from_utf8_lossy(line);
            self.entries.extend(Entry::parse(&line, index + 1).map(|entry| (file.clone(), entry)));
        }
    }

    /// The lines for this name, as [`lookup_name`] writes it: what `ssh-keygen -F` finds.
    pub fn find(&self, name: &str) -> Vec<(&Path, &Entry)> {
        self.entries.iter().filter(|(_, entry)| entry.matches(name)).map(|(file, entry)| (&**file, entry)).collect()
    }

    /// What the files say about this key of this host.
    ///
    /// A host on another port than 22 that is not known by `[host]:port` is looked up by its name alone: if the key is known
    /// there, it is accepted, as OpenSSH does.
    pub fn check(&self, host: &str, port: u16, key: &OfferedKey) -> Verdict {
        let verdict = self.check_name(&lookup_name(host, port), host, key);
        if verdict == Verdict::Unknown && port != 22 {
            return match self.check_name(&lookup_name(host, 22), host, key) {
                known @ (Verdict::Known { .. } | Verdict::Revoked { .. }) => known,
                _ => Verdict::Unknown,
            };
        }
        verdict
    }

    fn check_name(&self, name: &str, host: &str, key: &OfferedKey) -> Verdict {
        let lines = self.find(name);
        let plain = key.certificate.as_ref().map_or(key.blob.as_slice(), |certificate| &certificate.key_blob);
        let authority = key.certificate.as_ref().map(|certificate| certificate.authority_blob.as_slice());
        for (file, entry) in &lines {
            let revoked = entry.blob == plain || entry.blob == key.blob || Some(entry.blob.as_slice()) == authority;
            if entry.marker == Marker::Revoked && revoked {
                return Verdict::Revoked { file: file.to_path_buf(), line: entry.line };
            }
        }
        if let Some(certificate) = &key.certificate {
            let signs = |entry: &Entry| entry.marker == Marker::CertAuthority && entry.blob == certificate.authority_blob;
            if let Some((file, entry)) = lines.iter().find(|(_, entry)| signs(entry)).filter(|_| names(certificate, host)) {
                return Verdict::Known { file: file.to_path_buf(), line: entry.line };
            }
        }
        // A certificate of an unknown authority counts as the key in it.
        let mut changed = None;
        for (file, entry) in lines.iter().filter(|(_, entry)| entry.marker == Marker::None) {
            if entry.blob == plain {
                return Verdict::Known { file: file.to_path_buf(), line: entry.line };
            }
            changed = Some(Verdict::Changed { file: file.to_path_buf(), line: entry.line });
        }
        changed.unwrap_or(Verdict::Unknown)
    }

    /// The types of key that this host is known by, for the negotiation: those first get a key that can be checked.
    ///
    /// Where an authority is known, the types of certificates; of RSA keys, the signatures with SHA-2 first.
    pub fn algorithms(&self, host: &str, port: u16) -> Vec<String> {
        let mut found = self.algorithms_of(&lookup_name(host, port));
        if found.is_empty() && port != 22 {
            found = self.algorithms_of(&lookup_name(host, 22));
        }
        found
    }

    fn algorithms_of(&self, name: &str) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        let mut push = |algorithm: &str| {
            if !found.iter().any(|known| known == algorithm) {
                found.push(algorithm.to_owned());
            }
        };
        let lines = self.find(name);
        if lines.iter().any(|(_, entry)| entry.marker == Marker::CertAuthority) {
            CERTIFICATES.into_iter().for_each(&mut push);
        }
        for (_, entry) in lines.iter().filter(|(_, entry)| entry.marker == Marker::None) {
            if entry.algorithm == "ssh-rsa" {
                ["rsa-sha2-512", "rsa-sha2-256"].into_iter().for_each(&mut push);
            }
            push(&entry.algorithm);
        }
        found
    }

    /// The lines, in their order.
    pub fn entries(&self) -> impl Iterator<Item = (&Path, &Entry)> {
        self.entries.iter().map(|(file, entry)| (&**file, entry))
    }
}

const CERTIFICATES: [&str; 6] = [
    "ssh-ed25519-cert-v01@openssh.com",
    "ecdsa-sha2-nistp256-cert-v01@openssh.com",
    "ecdsa-sha2-nistp384-cert-v01@openssh.com",
    "ecdsa-sha2-nistp521-cert-v01@openssh.com",
    "rsa-sha2-512-cert-v01@openssh.com",
    "rsa-sha2-256-cert-v01@openssh.com",
];

/// Whether a certificate is for this host: one of its names is equal, or it has none.
fn names(certificate: &HostCertificate, host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    certificate.principals.is_empty() || certificate.principals.contains(&host)
}
