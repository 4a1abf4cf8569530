//! Tokens (`%h`), variables (`${HOME}`) and `~` of values.

use sha1::Digest as _;
use std::path::Path;

use super::error::Error;
use super::local::Local;
use crate::os::Os;

/// What the tokens mean for one host.
#[derive(Debug)]
pub(super) struct Tokens<'a> {
    pub(super) os: &'a Os,
    pub(super) local: &'a Local,
    /// `%n`
    pub(super) original: &'a str,
    /// `%h`
    pub(super) host: &'a str,
    /// `%p`
    pub(super) port: &'a str,
    /// `%r`
    pub(super) user: &'a str,
    /// `%j`
    pub(super) jump: &'a str,
    /// `%k`
    pub(super) key_alias: &'a str,
}

/// Which tokens a keyword takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Accepts {
    pub(super) tokens: &'static str,
    pub(super) variables: bool,
    pub(super) tilde: bool,
}

/// The usual tokens. <https://man.openbsd.org/ssh_config#TOKENS>
const USUAL: &str = "CLdhijklnpru";

/// What a keyword accepts; None: its values are taken as they are.
pub(super) fn accepts(keyword: &str) -> Option<Accepts> {
    let accepts = |tokens, variables, tilde| Some(Accepts { tokens, variables, tilde });
    match keyword {
        "hostname" => accepts("h", false, false),
        "proxycommand" | "proxyjump" => accepts("hnpr", false, false),
        "user" => accepts("Ldhijklnpu", true, false),
        "certificatefile" | "controlpath" | "forwardagent" | "identityagent" | "identityfile" | "revokedhostkeys"
        | "userknownhostsfile" => accepts(USUAL, true, true),
        "globalknownhostsfile" => accepts("", false, true),
        "localforward" | "remoteforward" => accepts(USUAL, true, false),
        "remotecommand" => accepts(USUAL, false, false),
        _ => None,
    }
}

impl Tokens<'_> {
    /// Expands a value of `Match exec` or `Include`.
    pub(super) fn usual(&self, keyword: &str, value: &str, variables: bool) -> Result<String, Error> {
        self.expand(keyword, value, Accepts { tokens: USUAL, variables, tilde: false })
    }

    /// Expands a value of a keyword.
    pub(super) fn expand(&self, keyword: &str, value: &str, accepts: Accepts) -> Result<String, Error> {
        let error = |problem: String| Error::Expand { keyword: keyword.to_owned(), value: value.to_owned(), problem };
        let tilde;
        let text = if accepts.tilde && value.starts_with('~') {
            let path = self.local.tilde(value, self.os).ok_or_else(|| error("no such user".into()))?;
            tilde = utf8(&path).ok_or_else(|| error("home directory is not UTF-8".into()))?.to_owned();
            &tilde
        } else {
            value
        };
        if accepts.tokens.is_empty() && !accepts.variables {
            return Ok(text.to_owned());
        }
        let mut expanded = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(['%', '$']) {
            let (plain, special) = rest.split_at(at);
            expanded.push_str(plain);
            if special.starts_with('%') {
                let mut chars = special.chars();
                chars.next();
                let token = chars.next().ok_or_else(|| error("'%' at the end".into()))?;
                if token == '%' {
                    expanded.push('%');
                } else if accepts.tokens.contains(token) {
                    self.push(token, &mut expanded).ok_or_else(|| error(format!("%{token} is not UTF-8")))?;
                } else if accepts.tokens.is_empty() {
                    expanded.push('%');
                    expanded.push(token);
                } else {
                    return Err(error(format!("unknown token %{token}")));
                }
                rest = chars.as_str();
            } else if let Some(braced) = special.strip_prefix("${").filter(|_| accepts.variables) {
                let (name, tail) = braced.split_once('}').ok_or_else(|| error("environment variable without '}'".into()))?;
                if name.is_empty() {
                    return Err(error("empty name of an environment variable".into()));
                }
                let value = self.os.getenv(name).ok_or_else(|| error(format!("environment variable {name} is not set")))?;
                expanded.push_str(value.to_str().ok_or_else(|| error(format!("environment variable {name} is not UTF-8")))?);
                rest = tail;
            } else {
                expanded.push('$');
                rest = special.get(1..).unwrap_or_default();
            }
        }
        expanded.push_str(rest);
        Ok(expanded)
    }

    fn push(&self, token: char, text: &mut String) -> Option<()> {
        let hostname = &self.local.hostname;
        match token {
            'C' => text.push_str(&self.connection_hash()),
            'L' => text.push_str(hostname.split('.').next().unwrap_or_default()),
            'd' => text.push_str(utf8(&self.local.home)?),
            'h' => text.push_str(self.host),
            'i' => text.push_str(&self.local.uid.to_string()),
            'j' => text.push_str(self.jump),
            'k' => text.push_str(self.key_alias),
            'l' => text.push_str(hostname),
            'n' => text.push_str(self.original),
            'p' => text.push_str(self.port),
            'r' => text.push_str(self.user),
            'u' => text.push_str(&self.local.user),
            _ => {}
        }
        Some(())
    }

    /// `%C`: the SHA-1 of `%l%h%p%r%j`, in hexadecimal.
    fn connection_hash(&self) -> String {
        let mut hash = sha1::Sha1::new();
        for part in [self.local.hostname.as_str(), self.host, self.port, self.user, self.jump] {
            hash.update(part.as_bytes());
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn utf8(path: &Path) -> Option<&str> {
    path.to_str()
}
