//! [`SshConfigDict`]: what a lookup answers.

use std::path::PathBuf;
use std::time::Duration;

use super::error::Error;
use super::forward::Forward;
use super::jump::Jump;

/// `paramiko.SSHConfigDict`: the values for one host, by keyword in lower case.
///
/// Only what the files configure is there, and `hostname` always. The accessors give OpenSSH's defaults where they say so.
///
/// <https://docs.paramiko.org/en/stable/api/config.html#paramiko.config.SSHConfigDict>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[doc(alias = "paramiko.SSHConfigDict")]
pub struct SshConfigDict {
    pub(super) values: Vec<(&'static str, Vec<String>)>,
}

impl SshConfigDict {
    /// The value of a keyword, the first if there are several. The keyword's case does not count.
    pub fn get(&self, keyword: &str) -> Option<&str> {
        self.get_all(keyword).first().map(String::as_str)
    }

    /// All values of a keyword: of `IdentityFile`, `SendEnv`, `LocalForward`, ..
    pub fn get_all(&self, keyword: &str) -> &[String] {
        self.values.iter().find(|(name, _)| name.eq_ignore_ascii_case(keyword)).map_or(&[], |(_, values)| values)
    }

    /// True if the keyword has a value.
    pub fn contains(&self, keyword: &str) -> bool {
        self.get(keyword).is_some()
    }

    /// The keywords and their values, in the order in which they were found.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.values.iter().map(|(name, values)| (*name, values.as_slice()))
    }

    /// How many keywords have a value.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// True if no keyword has a value.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The value as a truth: `yes` is true, all else false. [`Error::Key`] if there is none.
    #[doc(alias = "paramiko.SSHConfigDict.as_bool")]
    pub fn as_bool(&self, keyword: &str) -> Result<bool, Error> {
        Ok(self.required(keyword)?.eq_ignore_ascii_case("yes"))
    }

    /// The value as a number. [`Error::Key`] if there is none, [`Error::Value`] if it is not a number.
    #[doc(alias = "paramiko.SSHConfigDict.as_int")]
    pub fn as_int(&self, keyword: &str) -> Result<i64, Error> {
        let value = self.required(keyword)?;
        let wrong = |_| Error::Value { keyword: keyword.to_ascii_lowercase(), value: value.to_owned(), expected: "a number" };
        value.trim().parse().map_err(wrong)
    }

    fn required(&self, keyword: &str) -> Result<&str, Error> {
        self.get(keyword).ok_or_else(|| Error::Key { keyword: keyword.to_ascii_lowercase() })
    }

    /// `HostName`: where to connect to.
    #[doc(alias = "fabric.ssh_config.HostName")]
    pub fn hostname(&self) -> &str {
        self.get("hostname").unwrap_or_default()
    }

    /// `User`: the remote user.
    #[doc(alias = "fabric.ssh_config.User")]
    pub fn user(&self) -> Option<&str> {
        self.get("user")
    }

    /// `Port`. OpenSSH's default is 22.
    #[doc(alias = "fabric.ssh_config.Port")]
    pub fn port(&self) -> Option<u16> {
        self.get("port")?.parse().ok()
    }

    /// `IdentityFile`: the keys to try, in order. None if the files name none; empty with `IdentityFile none`, which switches the default keys off.
    #[doc(alias = "fabric.ssh_config.IdentityFile")]
    pub fn identity_files(&self) -> Option<Vec<PathBuf>> {
        self.files("identityfile")
    }

    /// `CertificateFile`: the certificates to offer.
    pub fn certificate_files(&self) -> Vec<PathBuf> {
        self.files("certificatefile").unwrap_or_default()
    }

    /// `UserKnownHostsFile`: the files of known hosts; None: `~/.ssh/known_hosts` and `~/.ssh/known_hosts2`. Empty with `none`.
    pub fn user_known_hosts_files(&self) -> Option<Vec<PathBuf>> {
        self.files("userknownhostsfile")
    }

    /// `GlobalKnownHostsFile`: the machine's files; None: `/etc/ssh/ssh_known_hosts` and `/etc/ssh/ssh_known_hosts2`. Empty with `none`.
    pub fn global_known_hosts_files(&self) -> Option<Vec<PathBuf>> {
        self.files("globalknownhostsfile")
    }

    fn files(&self, keyword: &str) -> Option<Vec<PathBuf>> {
        let files = self.get_all(keyword);
        let named = files.iter().filter(|file| !file.eq_ignore_ascii_case("none")).map(PathBuf::from);
        (!files.is_empty()).then(|| named.collect())
    }

    /// `ProxyJump`: the hosts on the way, the first hop first. None without one, and for `none`.
    #[doc(alias = "fabric.ssh_config.ProxyJump")]
    pub fn proxy_jump(&self) -> Option<Vec<Jump>> {
        let way = self.get("proxyjump").filter(|way| !way.eq_ignore_ascii_case("none"))?;
        way.split(',').map(Jump::parse).collect()
    }

    /// `ProxyCommand`: the program whose input and output are the connection. None without one, and for `none`.
    #[doc(alias = "fabric.ssh_config.ProxyCommand")]
    pub fn proxy_command(&self) -> Option<&str> {
        self.get("proxycommand").filter(|command| !command.eq_ignore_ascii_case("none"))
    }

    /// `ForwardAgent`: whether programs there may use the agent. A path or variable of another agent's socket counts as yes.
    #[doc(alias = "fabric.ssh_config.ForwardAgent")]
    pub fn forward_agent(&self) -> Option<bool> {
        self.get("forwardagent").map(|value| value != "no")
    }

    /// `ConnectTimeout`. None without one, and for `none`.
    #[doc(alias = "fabric.ssh_config.ConnectTimeout")]
    pub fn connect_timeout(&self) -> Option<Duration> {
        self.get("connecttimeout")?.parse().ok().map(Duration::from_secs)
    }

    /// `LocalForward`, `RemoteForward` and `DynamicForward`, by that keyword.
    pub fn forwards(&self, keyword: &str) -> Vec<Forward> {
        let remote = keyword.eq_ignore_ascii_case("remoteforward");
        let parse = |value: &String| {
            let (spec, dynamic) =
                value.split_once(' ').map_or((value.clone(), true), |(from, to)| (format!("{from}:{to}"), false));
            Forward::parse(&spec, dynamic, remote)
        };
        self.get_all(keyword).iter().filter_map(parse).collect()
    }

    pub(super) fn set_first(&mut self, keyword: &'static str, values: &[String]) {
        if !self.contains(keyword) && !values.is_empty() {
            self.values.push((keyword, values.to_vec()));
        }
    }

    /// Adds those that are not there yet.
    pub(super) fn append(&mut self, keyword: &'static str, values: &[String], distinct: bool) {
        let known = match self.values.iter_mut().find(|(name, _)| *name == keyword) {
            Some((_, known)) => known,
            None => {
                self.values.push((keyword, Vec::new()));
                match self.values.last_mut() {
                    Some((_, known)) => known,
                    None => return,
                }
            }
        };
        for value in values {
            if !distinct || !known.contains(value) {
                known.push(value.clone());
            }
        }
    }

    pub(super) fn replace(&mut self, keyword: &'static str, value: String) {
        match self.values.iter_mut().find(|(name, _)| *name == keyword) {
            Some((_, values)) => *values = vec![value],
            None => self.values.push((keyword, vec![value])),
        }
    }

    /// Takes values back that match; a keyword without any goes too.
    pub(super) fn remove_matching(&mut self, keyword: &str, pattern: &str) {
        for (name, values) in &mut self.values {
            if *name == keyword {
                values.retain(|value| !super::pattern::matches(value, pattern));
            }
        }
        self.values.retain(|(_, values)| !values.is_empty());
    }
}

impl<'a> IntoIterator for &'a SshConfigDict {
    type Item = (&'a str, &'a [String]);
    type IntoIter = Box<dyn Iterator<Item = (&'a str, &'a [String])> + 'a>;

    fn into_iter(self) -> Self::IntoIter {
        Box::new(self.iter())
    }
}
