//! [`Error`]: why a configuration cannot be loaded, merged or changed.

use std::path::PathBuf;

/// An error of the configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `invoke.exceptions.AmbiguousEnvVar`: one variable of the environment could mean several keys.
    #[error("Found >1 source for {name}")]
    #[doc(alias = "invoke.exceptions.AmbiguousEnvVar")]
    AmbiguousEnvVar {
        /// The variable, without its prefix.
        name: String,
    },
    /// `invoke.exceptions.UncastableEnvVar`: the key of a variable has a value that no text can become.
    #[error("environment variable {name}: Can't adapt an environment string into a {class}!")]
    #[doc(alias = "invoke.exceptions.UncastableEnvVar")]
    UncastableEnvVar {
        /// The variable, with its prefix.
        name: String,
        /// Python's class of the value: `<class 'list'>`.
        class: String,
    },
    /// `ValueError`: a variable of the environment is not a number, where the key's value is one.
    #[error("environment variable {name}: {problem}")]
    InvalidEnvVar {
        /// The variable, with its prefix.
        name: String,
        /// Python's text: `invalid literal for int() with base 10: 'x'`.
        problem: String,
    },
    /// `invoke.config.AmbiguousMergeError`: two levels have a mapping and something else under one key.
    #[error("Can't cleanly merge {original} with {update}")]
    #[doc(alias = "invoke.config.AmbiguousMergeError")]
    AmbiguousMerge {
        /// Class and value of the lower level: `<class 'int'> (5)`.
        original: String,
        /// Class and value of the higher level.
        update: String,
    },
    /// `invoke.exceptions.UnknownFileType`: a file's name does not end as any format does.
    #[error("Config files of type {kind:?} (from file {file:?}) are not supported! Please use one of: yaml, yml, json, toml")]
    #[doc(alias = "invoke.exceptions.UnknownFileType")]
    UnknownFileType {
        /// What follows the last dot.
        kind: String,
        /// The file.
        file: PathBuf,
    },
    /// A file cannot be read.
    #[error("read {}: {source}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        source: Box<crate::os::Error>,
    },
    /// A file is not valid, or has what a configuration cannot hold.
    #[error("{}: {problem}", file.display())]
    Parse {
        /// The file.
        file: PathBuf,
        /// What is wrong with it, and where.
        problem: String,
    },
    /// `KeyError`, `AttributeError`: there is no such key.
    #[error("no config key found for '{key}'")]
    Key {
        /// The key, with its parents: `run.echo`.
        key: String,
    },
    /// The key is not below a mapping, or is not one.
    #[error("'{key}' is not a mapping")]
    NotAMapping {
        /// The key, with its parents.
        key: String,
    },
    /// A file of ssh_config cannot be used.
    #[error(transparent)]
    SshConfig(#[from] crate::fabric::ssh_config::Error),
}

crate::error::umbrella!(Error);

impl From<Error> for crate::fabric::Error {
    fn from(error: Error) -> crate::fabric::Error {
        crate::fabric::Error::Config(error.to_string())
    }
}

impl From<crate::fabric::ssh_config::Error> for crate::fabric::Error {
    fn from(error: crate::fabric::ssh_config::Error) -> crate::fabric::Error {
        crate::fabric::Error::Config(error.to_string())
    }
}
