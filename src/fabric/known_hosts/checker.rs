//! [`HostKeyChecker`]: what a connection asks before it sends anything secret.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use sha2::Digest as _;

use super::{KnownHosts, Verdict, entry, lookup_name};
use crate::fabric::backend::{CheckHostKey, OfferedKey};
use crate::fabric::error::{Error, Result};
use crate::os::{Open, Os};

/// What to do with the key of a host that is not known: `StrictHostKeyChecking`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Policy {
    /// Refuse it: `yes`, and `ask`, since a script cannot be asked.
    #[default]
    Strict,
    /// Accept it and write it to the first user's file: `accept-new`. A changed or revoked key is refused.
    AcceptNew,
    /// Accept every key, changed and revoked ones too. The connection can be intercepted.
    DangerouslyAcceptAnyHostKey,
}

/// Checks host keys by `known_hosts` files, and adds to them.
#[derive(Clone, Debug)]
pub struct HostKeyChecker {
    os: Os,
    user_files: Vec<PathBuf>,
    global_files: Vec<PathBuf>,
    policy: Policy,
    hash_names: bool,
    alias: Option<String>,
}

impl HostKeyChecker {
    /// Checks by these files of the user; missing ones count as empty. New keys are added to the first.
    pub fn new(os: Os, user_files: impl IntoIterator<Item = PathBuf>) -> HostKeyChecker {
        HostKeyChecker {
            os,
            user_files: user_files.into_iter().collect(),
            global_files: vec!["/etc/ssh/ssh_known_hosts".into(), "/etc/ssh/ssh_known_hosts2".into()],
            policy: Policy::default(),
            hash_names: false,
            alias: None,
        }
    }

    /// Sets the machine's files. Default: `/etc/ssh/ssh_known_hosts` and `/etc/ssh/ssh_known_hosts2`.
    #[must_use]
    pub fn global_files(mut self, files: impl IntoIterator<Item = PathBuf>) -> HostKeyChecker {
        self.global_files = files.into_iter().collect();
        self
    }

    /// Sets what to do with the key of a host that is not known. Default: refuse it.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> HostKeyChecker {
        self.policy = policy;
        self
    }

    /// Sets whether added lines hide the name of the host: `HashKnownHosts`. Default: no.
    #[must_use]
    pub fn hash_names(mut self, hash: bool) -> HostKeyChecker {
        self.hash_names = hash;
        self
    }

    /// Sets the name to look for instead of host and port: `HostKeyAlias`.
    #[must_use]
    pub fn alias(mut self, alias: Option<String>) -> HostKeyChecker {
        self.alias = alias;
        self
    }

    /// The lines of all files.
    pub fn known_hosts(&self) -> Result<KnownHosts> {
        self.read(None)
    }

    /// The lines of all files; with a host, those that can concern it. A file of thousands of hosts is not parsed as a whole for each of them.
    fn read(&self, host: Option<&str>) -> Result<KnownHosts> {
        let mut known = KnownHosts::new();
        for file in self.user_files.iter().chain(&self.global_files) {
            match self.os.read_bytes(file) {
                Ok(text) => match host {
                    Some(host) => known.add_text(file, relevant(&text, host)),
                    None => known.add_text(file, text),
                },
                Err(crate::os::Error::FileNotFound(_) | crate::os::Error::NotADirectory(_)) => {}
                Err(error) => return Err(failed("read", file, error)),
            }
        }
        Ok(known)
    }

    fn place<'a>(&'a self, host: &'a str, port: u16) -> (&'a str, u16) {
        self.alias.as_deref().map_or((host, port), |alias| (alias, 22))
    }

    /// Adds a line for this host to the first of the user's files, which is made if need be, with its directory.
    ///
    /// The line is appended in one write, under a lock of the file, so that two programs do not lose each other's lines; what a full disk took
    /// of it is cut off again.
    pub fn add(&self, host: &str, port: u16, key: &OfferedKey) -> Result<()> {
        let Some(file) = self.user_files.first() else {
            return Err(Error::Config("accept-new: no known_hosts file to write to (UserKnownHostsFile none)".to_owned()));
        };
        let (host, port) = self.place(host, port);
        let name = lookup_name(host, port);
        let field = if self.hash_names {
            let salt = self.os.urandom(20).map_err(|error| failed("add to", file, error))?;
            entry::hash_field(&salt, &name)
        } else {
            name
        };
        let blob = key.certificate.as_ref().map_or(key.blob.as_slice(), |certificate| &certificate.key_blob);
        let algorithm = entry::inner_algorithm(blob).and_then(|name| std::str::from_utf8(name).ok());
        let algorithm =
            algorithm.ok_or_else(|| Error::Ssh { host: host.to_owned(), reason: "host key is not valid".to_owned() })?;
        let line = format!("{field} {algorithm} {}\n", STANDARD.encode(blob));
        self.append(file, &line).map_err(|error| failed("add to", file, error))
    }

    fn append(&self, file: &Path, line: &str) -> crate::os::Result<()> {
        if let Some(directory) = file.parent().filter(|directory| !directory.as_os_str().is_empty()) {
            self.os.makedirs(crate::os::MakeDirs::new(directory).mode(0o700).exist_ok(true))?;
        }
        let mut open = self.os.open(Open::new(file).mode("a+b").buffering(0).permissions(0o600))?;
        open.lock()?;
        let before = open.stat()?.st_size;
        let ends = before == 0 || open.read_at(1, before - 1)? == b"\n";
        // A file whose last line has no newline would swallow the first of ours.
        let text = if ends { line.to_owned() } else { format!("\n{line}") };
        let written = std::io::Write::write_all(&mut open, text.as_bytes()).and_then(|()| std::io::Write::flush(&mut open));
        if let Err(error) = written {
            let _ = open.truncate(before);
            return Err(crate::os::Error::new("write", &error, Some(file), None));
        }
        Ok(())
    }
}

fn failed(operation: &'static str, file: &Path, error: crate::os::Error) -> Error {
    Error::Os { operation, path: file.display().to_string(), source: error.into() }
}

/// Algorithm and SHA-256, as `ssh-keygen -l` writes them: `ED25519 SHA256:..`.
pub(in crate::fabric) fn fingerprint(key: &OfferedKey) -> String {
    let blob = key.certificate.as_ref().map_or(key.blob.as_slice(), |certificate| &certificate.key_blob);
    let algorithm = entry::inner_algorithm(blob).map(String::from_utf8_lossy).unwrap_or_default();
    let short = match &*algorithm {
        "ssh-rsa" => "RSA",
        "ssh-dss" => "DSA",
        "ssh-ed25519" => "ED25519",
        "sk-ssh-ed25519@openssh.com" => "ED25519-SK",
        "sk-ecdsa-sha2-nistp256@openssh.com" => "ECDSA-SK",
        name if name.starts_with("ecdsa-") => "ECDSA",
        name => name,
    };
    format!("{short} SHA256:{}", STANDARD_NO_PAD.encode(sha2::Sha256::digest(blob)))
}

impl CheckHostKey for HostKeyChecker {
    fn check(&self, host: &str, port: u16, key: &OfferedKey) -> Result<()> {
        if self.policy == Policy::DangerouslyAcceptAnyHostKey {
            return Ok(());
        }
        let (name, at) = self.place(host, port);
        let shown = || lookup_name(name, at);
        match self.read(Some(name))?.check(name, at, key) {
            Verdict::Known { .. } => Ok(()),
            Verdict::Unknown if self.policy == Policy::AcceptNew => self.add(host, port, key),
            Verdict::Unknown => {
                let files = self.user_files.iter().chain(&self.global_files).map(|file| file.display().to_string());
                Err(Error::UnknownHostKey { host: shown(), fingerprint: fingerprint(key), files: files.collect() })
            }
            Verdict::Changed { file, line } => {
                Err(Error::BadHostKey { host: shown(), fingerprint: fingerprint(key), file: file.display().to_string(), line })
            }
            Verdict::Revoked { file, line } => Err(Error::RevokedHostKey {
                host: shown(),
                fingerprint: fingerprint(key),
                file: file.display().to_string(),
                line,
            }),
        }
    }

    fn algorithms(&self, host: &str, port: u16) -> Vec<String> {
        let (name, at) = self.place(host, port);
        // A file that cannot be read fails in `check`, where there is an error to give.
        self.read(Some(name)).map(|known| known.algorithms(name, at)).unwrap_or_default()
    }
}

/// The lines that can concern a host: with its name, hashed, with a pattern or a marker. The others are empty, so that the numbers stay.
fn relevant(text: &[u8], host: &str) -> Vec<u8> {
    let host = host.as_bytes();
    let mut out = Vec::new();
    for line in text.split(|byte| *byte == b'\n') {
        let begin = line.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(line.len());
        let line = &line[begin..];
        let end = line.iter().position(u8::is_ascii_whitespace).unwrap_or(line.len());
        let names = &line[..end];
        let concerns = matches!(names.first(), Some(b'|' | b'@'))
            || names.iter().any(|byte| matches!(byte, b'*' | b'?' | b'!'))
            || names.len() >= host.len() && names.windows(host.len().max(1)).any(|part| part.eq_ignore_ascii_case(host));
        if concerns {
            out.extend_from_slice(line);
        }
        out.push(b'\n');
    }
    out
}
