//! [`Error`]: what is wrong with an `ssh_config` file, or why a lookup has no answer.

use std::path::PathBuf;

/// A line of a configuration file that cannot be used, or a host name that cannot be made canonical.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `paramiko.ConfigParseError`: a line is not valid.
    #[error("{}:{line}: {problem}", file.display())]
    #[doc(alias = "paramiko.ConfigParseError")]
    Parse {
        /// The file.
        file: PathBuf,
        /// The line; the first is 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// `paramiko.CouldNotCanonicalize`: no domain of `CanonicalDomains` has this host, and `CanonicalizeFallbackLocal` is off.
    #[error("could not canonicalize host name '{host}': no domain of CanonicalDomains has it")]
    #[doc(alias = "paramiko.CouldNotCanonicalize")]
    CouldNotCanonicalize {
        /// The host.
        host: String,
    },
    /// A file cannot be read.
    #[error("read {}: {source}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        source: Box<crate::os::Error>,
    },
    /// A file that others may change. OpenSSH does not use it, and neither does this module.
    #[error("{}: bad owner or permissions: owner {uid}, mode {mode:04o}", file.display())]
    Permissions {
        /// The file.
        file: PathBuf,
        /// The owner.
        uid: u32,
        /// The permission bits.
        mode: u32,
    },
    /// A token (`%h`) or variable (`${HOME}`) of a value that cannot be expanded.
    #[error("expand '{value}' of {keyword}: {problem}")]
    Expand {
        /// The keyword, in lower case.
        keyword: String,
        /// The value.
        value: String,
        /// What cannot be expanded.
        problem: String,
    },
    /// A value that is not of the requested type: of `as_int` and its siblings.
    #[error("{keyword} '{value}': not {expected}")]
    Value {
        /// The keyword, in lower case.
        keyword: String,
        /// The value.
        value: String,
        /// The type.
        expected: &'static str,
    },
    /// `KeyError`: the keyword has no value for this host.
    #[error("ssh_config has no value for '{keyword}'")]
    Key {
        /// The keyword.
        keyword: String,
    },
    /// The command of a `Match exec` could not be run.
    #[error("Match exec '{command}': {source}")]
    Exec {
        /// The command, expanded.
        command: String,
        /// Why.
        source: Box<crate::subprocess::Error>,
    },
    /// What the file asks for needs something that this configuration was not given.
    #[error("{0}")]
    Unsupported(String),
}

crate::error::umbrella!(Error);
