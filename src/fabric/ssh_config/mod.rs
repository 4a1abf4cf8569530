//! `ssh_config(5)`: what OpenSSH's configuration files say about a host.
//!
//! ```
//! use leyden::fabric::ssh_config::SshConfig;
//!
//! let os = leyden::World::new().batteries().os;
//! let config = SshConfig::from_text(&os, "Host web*\n  User deploy\n  HostName %h.example.org\n")?;
//! assert_eq!(config.lookup("web1")?.hostname(), "web1.example.org");
//! assert_eq!(config.lookup("web1")?.user(), Some("deploy"));
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! `Host`, `Match`, `Include`, quotes, comments, `=`, tokens, `${VARIABLES}`, `CanonicalizeHostname` and every keyword of
//! [`ssh_config(5)`](https://man.openbsd.org/ssh_config): the first value wins, `IdentityFile` and its siblings add up. `ssh -G` is the judge.
//!
//! | paramiko | leyden |
//! |---|---|
//! | `SSHConfig()`, `.parse(file)` | [`SshConfig::new`], [`SshConfig::parse`] |
//! | `SSHConfig.from_text(t)`, `.from_path(p)`, `.from_file(f)` | [`SshConfig::from_text`], [`SshConfig::from_path`], [`SshConfig::from_file`] |
//! | `config.lookup(host)` | [`SshConfig::lookup`] |
//! | `config.get_hostnames()` | [`SshConfig::get_hostnames`] |
//! | `answer["port"]`, `.as_int("port")`, `.as_bool("..")` | [`SshConfigDict::get`], [`SshConfigDict::as_int`], [`SshConfigDict::as_bool`], [`SshConfigDict::port`] |
//!
//! # What is not here
//!
//! | ssh_config | answer |
//! |---|---|
//! | `Match localnetwork`, `Match version` | [`Error::Parse`] where the result depends on it |
//! | `CanonicalizePermittedCNAMEs` with [`SystemResolver`] | no alias is followed: the standard library's resolver does not give one |
//! | names of algorithms | not checked: what is connected with knows them |
//!
//! # DIFFERENCE
//!
//! paramiko parses less than OpenSSH, and some of it otherwise. Where they differ, OpenSSH is right:
//!
//! - Keywords are checked when the file is read; an unknown one is an error, unless `IgnoreUnknown` names it.
//! - `Include`, `Match tagged`, `Match command`, `Match sessiontype`, `CanonicalizePermittedCNAMEs`, `${VARIABLES}`, `%%`, `%i`, `%j` and `%k` exist; paramiko has none.
//! - An unknown token is an error; paramiko leaves it in the value.
//! - `true` and `false` are `yes` and `no`, and times are seconds: `ConnectTimeout 1m` answers `60`.
//! - `?` and `*` are the only special characters of a pattern; paramiko also takes `[..]`.
//! - `ProxyCommand none` answers `none`, and [`SshConfigDict::proxy_command`] None.
//! - `%C` contains `%j`, as in OpenSSH 9.6 and later.
//! - The host's name is in lower case.

mod dict;
mod error;
mod expand;
mod forward;
mod jump;
mod keyword;
mod lexer;
mod local;
mod lookup;
mod matching;
pub mod native;
mod parse;
pub(in crate::fabric) mod pattern;
mod value;

use std::path::Path;

pub use dict::SshConfigDict;
pub use error::Error;
pub use forward::{End, Forward};
pub use jump::Jump;
pub use local::{Local, Resolved, Resolver};
pub use native::SystemResolver;

use crate::error::errno::ENOENT;
use crate::os::Os;
use crate::subprocess::Subprocess;
use parse::{File, Origin, Reader};

/// Every function of this module gives this.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// `paramiko.SSHConfig`: the rules of one or several files.
///
/// <https://docs.paramiko.org/en/stable/api/config.html>
#[derive(Clone, Debug)]
#[doc(alias = "paramiko.SSHConfig")]
pub struct SshConfig {
    os: Os,
    local: Local,
    subprocess: Option<Subprocess>,
    resolver: Option<lookup::SharedResolver>,
    files: Vec<File>,
}

impl SshConfig {
    /// No rules yet. Included files and the variables of the environment are those of `os`.
    pub fn new(os: &Os) -> SshConfig {
        SshConfig { local: Local::of(os), os: os.clone(), subprocess: None, resolver: None, files: Vec::new() }
    }

    /// Sets who and where the client is. Default: the facts of the machine of `os`.
    #[must_use]
    pub fn local(mut self, local: Local) -> SshConfig {
        self.local = local;
        self
    }

    /// Sets what runs the commands of `Match exec`. Default: nothing; such a line is an error where it would run.
    #[must_use]
    pub fn subprocess(mut self, subprocess: Subprocess) -> SshConfig {
        self.subprocess = Some(subprocess);
        self
    }

    /// Sets what looks up names for `CanonicalizeHostname`. Default: nothing; a name that would be looked up is an error.
    #[doc(alias = "fabric.ssh_config.CanonicalizeHostname")]
    #[must_use]
    pub fn resolver(mut self, resolver: impl Resolver + 'static) -> SshConfig {
        self.resolver = Some(std::sync::Arc::new(resolver));
        self
    }

    /// The rules of a text.
    #[doc(alias = "paramiko.SSHConfig.from_text")]
    pub fn from_text(os: &Os, text: impl AsRef<str>) -> Result<SshConfig> {
        let mut config = SshConfig::new(os);
        config.parse(text)?;
        Ok(config)
    }

    /// The rules of a file. [`Error::Read`] if it is not there.
    #[doc(alias = "paramiko.SSHConfig.from_path")]
    pub fn from_path(os: &Os, path: impl AsRef<Path>) -> Result<SshConfig> {
        let mut config = SshConfig::new(os);
        config.add_path(path)?;
        Ok(config)
    }

    /// The rules that a reader gives.
    #[doc(alias = "paramiko.SSHConfig.from_file")]
    pub fn from_file(os: &Os, mut file: impl std::io::Read) -> Result<SshConfig> {
        let mut bytes = Vec::new();
        let failed = |error| Error::Read {
            file: "ssh_config".into(),
            source: Box::new(crate::os::Error::new("read", &error, None, None)),
        };
        file.read_to_end(&mut bytes).map_err(failed)?;
        let mut config = SshConfig::new(os);
        let parsed = config.reader().parse(&bytes, Path::new("ssh_config"), Origin::User, 0)?;
        config.files.push(parsed);
        Ok(config)
    }

    /// Adds the rules of a text. What is there already goes first.
    #[doc(alias = "paramiko.SSHConfig.parse")]
    pub fn parse(&mut self, text: impl AsRef<str>) -> Result<()> {
        let file = self.reader().parse(text.as_ref().as_bytes(), Path::new("ssh_config"), Origin::User, 0)?;
        self.files.push(file);
        Ok(())
    }

    /// Adds the rules of a file, as `ssh -F` does. [`Error::Read`] if it is not there.
    pub fn add_path(&mut self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        match self.reader().read(path, Origin::User, false, 0)? {
            Some(file) => self.files.push(file),
            // Asked again, for the error.
            None => {
                let missing = std::io::Error::from_raw_os_error(ENOENT);
                let source = crate::os::Error::new("open", &missing, Some(path), None);
                return Err(Error::Read { file: path.to_path_buf(), source: Box::new(source) });
            }
        }
        Ok(())
    }

    /// Adds the user's file, `~/.ssh/config`, if it is there. [`Error::Permissions`] if others may change it.
    pub fn add_user_file(&mut self, path: impl AsRef<Path>) -> Result<bool> {
        self.add(path.as_ref(), Origin::User, true)
    }

    /// Adds the machine's file, `/etc/ssh/ssh_config`, if it is there. Its relative includes are below `/etc/ssh`.
    pub fn add_system_file(&mut self, path: impl AsRef<Path>) -> Result<bool> {
        self.add(path.as_ref(), Origin::System, false)
    }

    fn add(&mut self, path: &Path, origin: Origin, guarded: bool) -> Result<bool> {
        let file = self.reader().read(path, origin, guarded, 0)?;
        let found = file.is_some();
        self.files.extend(file);
        Ok(found)
    }

    /// What the rules say about a host.
    ///
    /// # Errors
    ///
    /// [`Error::Parse`] names file and line of an unknown keyword; [`Error::Expand`] a token that is not valid; [`Error::Exec`] a command of
    /// `Match exec` that does not start.
    #[doc(alias("paramiko.SSHConfig.lookup", "fabric.ssh_config.Match"))]
    pub fn lookup(&self, hostname: impl AsRef<str>) -> Result<SshConfigDict> {
        lookup::lookup(self, hostname.as_ref())
    }

    /// The patterns of all `Host` lines, in their order and without repetition; `*` is for the lines before the first.
    ///
    /// DIFFERENCE: Python answers a set.
    #[doc(alias("paramiko.SSHConfig.get_hostnames", "fabric.ssh_config.Host"))]
    pub fn get_hostnames(&self) -> Vec<String> {
        let mut names = vec!["*".to_owned()];
        for file in &self.files {
            collect(file, &mut names);
        }
        names
    }

    /// True if no file has been added.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    fn reader(&self) -> Reader<'_> {
        Reader { os: &self.os, local: &self.local }
    }
}

fn collect(file: &File, names: &mut Vec<String>) {
    for located in &file.lines {
        match &located.statement {
            parse::Statement::Host(patterns) => {
                for pattern in patterns {
                    if !names.contains(pattern) {
                        names.push(pattern.clone());
                    }
                }
            }
            parse::Statement::Include(includes) => {
                for include in includes {
                    if let parse::Include::Read(files) = include {
                        files.iter().for_each(|file| collect(file, names));
                    }
                }
            }
            _ => {}
        }
    }
}
