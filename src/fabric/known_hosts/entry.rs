//! One line of a `known_hosts` file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

use crate::fabric::ssh_config::pattern;

/// What a line says about its key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Marker {
    /// It is the host's key.
    #[default]
    None,
    /// `@cert-authority`: it signs certificates of these hosts.
    CertAuthority,
    /// `@revoked`: it must not be accepted, neither as a key nor as an authority.
    Revoked,
}

/// The hosts that a line is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Hosts {
    /// Patterns separated by commas.
    Patterns(String),
    /// One name, hashed: salt and HMAC-SHA1.
    Hashed { salt: Vec<u8>, hash: Vec<u8> },
}

/// A valid line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The number of the line; the first is 1.
    pub line: usize,
    /// What the line says about the key.
    pub marker: Marker,
    pub(super) hosts: Hosts,
    /// The key's type: `ssh-ed25519`.
    pub algorithm: String,
    /// The key in SSH's wire format.
    pub blob: Vec<u8>,
    /// What follows the key.
    pub comment: String,
}

impl Entry {
    /// Parses a line. None for an empty line, a comment, and a line that is not valid: OpenSSH passes over those too.
    pub fn parse(text: &str, line: usize) -> Option<Entry> {
        let text = text.trim_start_matches(BLANK);
        if text.is_empty() || text.starts_with('#') {
            return None;
        }
        let (marker, text) = marker(text)?;
        let (hosts, rest) = word(text)?;
        let (algorithm, rest) = word(rest)?;
        let (encoded, comment) = word(rest).unwrap_or((rest, ""));
        let blob = STANDARD.decode(encoded).ok()?;
        if inner_algorithm(&blob)? != algorithm.as_bytes() {
            return None;
        }
        let hosts = match hosts.strip_prefix("|1|") {
            Some(hashed) => {
                let (salt, hash) = hashed.split_once('|')?;
                let (salt, hash) = (STANDARD.decode(salt).ok()?, STANDARD.decode(hash).ok()?);
                (salt.len() == 20 && hash.len() == 20).then_some(Hosts::Hashed { salt, hash })?
            }
            None => Hosts::Patterns(hosts.to_owned()),
        };
        let comment = comment.trim_matches(BLANK).to_owned();
        Some(Entry { line, marker, hosts, algorithm: algorithm.to_owned(), blob, comment })
    }

    /// Whether the line is for this name, as [`lookup_name`](super::lookup_name) writes it.
    pub fn matches(&self, name: &str) -> bool {
        match &self.hosts {
            Hosts::Patterns(patterns) => pattern::hostname_matches(name, patterns),
            // Names are hashed in lower case, and `lookup_name` gives that.
            Hosts::Hashed { salt, hash } => hashed(salt, name) == *hash,
        }
    }

    /// True if the line does not show which host it is for.
    pub fn is_hashed(&self) -> bool {
        matches!(self.hosts, Hosts::Hashed { .. })
    }
}

const BLANK: [char; 2] = [' ', '\t'];

fn word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches(BLANK).trim_end_matches(['\r', '\n']);
    if text.is_empty() || text.starts_with('#') {
        return None;
    }
    let end = text.find(BLANK).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    Some((word, rest.trim_start_matches(BLANK)))
}

fn marker(text: &str) -> Option<(Marker, &str)> {
    if !text.starts_with('@') {
        return Some((Marker::None, text));
    }
    // OpenSSH ends a marker at the first space of the line, and at a tab only where there is no space.
    let (name, rest) = text.split_once(' ').or_else(|| text.split_once('\t'))?;
    let rest = rest.trim_start_matches(BLANK);
    let marker = match name {
        "@cert-authority" => Marker::CertAuthority,
        "@revoked" => Marker::Revoked,
        _ => return None,
    };
    // One marker a line.
    (!rest.starts_with('@')).then_some((marker, rest))
}

/// The type that a key in wire format names.
pub(super) fn inner_algorithm(blob: &[u8]) -> Option<&[u8]> {
    let (length, rest) = blob.split_first_chunk::<4>()?;
    rest.get(..usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

/// HMAC-SHA1 of a name.
pub(super) fn hashed(salt: &[u8], name: &str) -> Vec<u8> {
    // An HMAC takes a key of any length.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(salt) else { return Vec::new() };
    mac.update(name.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// The field of a hashed name: `|1|salt|hash`.
pub(super) fn hash_field(salt: &[u8], name: &str) -> String {
    format!("|1|{}|{}", STANDARD.encode(salt), STANDARD.encode(hashed(salt, name)))
}
