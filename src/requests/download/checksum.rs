//! [`Checksum`]: the expected checksum of a download.

use sha2::Digest as _;

use crate::requests::auth::hex;

/// The expected checksum of a download, in hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Checksum {
    /// MD5: protects against accidental changes only.
    Md5(String),
    /// SHA-1: protects against accidental changes only.
    Sha1(String),
    /// SHA-256.
    Sha256(String),
    /// SHA-512.
    Sha512(String),
}

impl Checksum {
    pub(super) fn digits(&self) -> &str {
        match self {
            Checksum::Md5(digits) | Checksum::Sha1(digits) | Checksum::Sha256(digits) | Checksum::Sha512(digits) => digits,
        }
    }
}

pub(super) enum Hash {
    Md5(md5::Md5),
    Sha1(sha1::Sha1),
    Sha256(sha2::Sha256),
    Sha512(sha2::Sha512),
}

impl Hash {
    pub(super) fn new(checksum: &Checksum) -> Hash {
        match checksum {
            Checksum::Md5(_) => Hash::Md5(md5::Md5::new()),
            Checksum::Sha1(_) => Hash::Sha1(sha1::Sha1::new()),
            Checksum::Sha256(_) => Hash::Sha256(sha2::Sha256::new()),
            Checksum::Sha512(_) => Hash::Sha512(sha2::Sha512::new()),
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Hash::Md5(hash) => hash.update(bytes),
            Hash::Sha1(hash) => hash.update(bytes),
            Hash::Sha256(hash) => hash.update(bytes),
            Hash::Sha512(hash) => hash.update(bytes),
        }
    }

    pub(super) fn digits(self) -> String {
        match self {
            Hash::Md5(hash) => hex(&hash.finalize()),
            Hash::Sha1(hash) => hex(&hash.finalize()),
            Hash::Sha256(hash) => hex(&hash.finalize()),
            Hash::Sha512(hash) => hex(&hash.finalize()),
        }
    }
}
