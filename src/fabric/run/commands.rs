//! Command lines: what `cd`, `prefix`, `env` and `sudo` make of a command.
//!
//! Where every text is plain (letters, digits, blanks in paths) the lines are those of fabric, byte for byte.

use std::collections::BTreeMap;

use crate::fabric::error::{Error, Result};
use crate::fabric::texts::python_repr;
use crate::os::shlex;

/// The directories of `cd` and the commands of `prefix`, outermost first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::fabric) struct Scope {
    pub(in crate::fabric) cwds: Vec<String>,
    pub(in crate::fabric) prefixes: Vec<String>,
}

impl Scope {
    /// `Context.cwd`: the directories since the last absolute one, joined and escaped; empty without any.
    pub(in crate::fabric) fn cwd(&self) -> String {
        let from = self.cwds.iter().rposition(|path| path.starts_with(['~', '/'])).unwrap_or(0);
        let mut joined = String::new();
        for path in self.cwds.get(from..).unwrap_or_default() {
            let path = escape_path(path);
            // os.path.join
            if path.starts_with('/') {
                joined.clear();
            } else if !joined.is_empty() && !joined.ends_with('/') {
                joined.push('/');
            }
            joined.push_str(&path);
        }
        joined
    }

    /// `Context._prefix_commands`.
    pub(in crate::fabric) fn apply(&self, command: &str) -> String {
        let mut parts = self.chain();
        parts.push(command.to_owned());
        parts.join(" && ")
    }

    fn chain(&self) -> Vec<String> {
        let cwd = self.cwd();
        let cd = (!cwd.is_empty()).then(|| format!("cd {cwd}"));
        cd.into_iter().chain(self.prefixes.iter().cloned()).collect()
    }

    /// `Context.sudo`'s line.
    ///
    /// DIFFERENCE: inside `cd` and `prefix` fabric sends `sudo .. cd /x && command`, which fails. Here a shell under sudo runs the chain.
    pub(in crate::fabric) fn sudo(&self, command: &str, prompt: &str, user: Option<&str>, env: &[&str]) -> Result<String> {
        check(command, "command")?;
        if let Some(at) = open_line_break(command) {
            return Err(Error::Value(format!(
                "sudo: line break at byte {at} of {}: what follows would run without sudo; quote it, or run a shell: sudo(\"sh -c '..'\")",
                python_repr(command)
            )));
        }
        check(prompt, "prompt")?;
        let mut line = format!("sudo -S -p '{}' ", prompt.replace('\'', "'\\''"));
        if !env.is_empty() {
            line.push_str(&format!("--preserve-env='{}' ", env.join(",")));
        }
        if let Some(user) = user {
            if user.is_empty() || user.starts_with('-') || user.contains(char::is_control) {
                return Err(Error::Value(format!("sudo: invalid user name {}", python_repr(user))));
            }
            line.push_str(&format!("-H -u {} ", quote(user)?));
        }
        if self.chain().is_empty() {
            line.push_str(command);
        } else {
            line.push_str(&format!("/bin/sh -c {}", quote(&self.apply(command))?));
        }
        Ok(line)
    }
}

/// `export A=1 B=2 && command`. DIFFERENCE: values are quoted where they need it; fabric sends `A=x y` as it is.
pub(in crate::fabric) fn exported(command: &str, env: &BTreeMap<String, String>) -> Result<String> {
    let mut parts = Vec::with_capacity(env.len());
    for (name, value) in env {
        check_name(name)?;
        check(value, name)?;
        let quoted = if value.is_empty() { String::new() } else { quote(value)? };
        parts.push(format!("{name}={quoted}"));
    }
    Ok(format!("export {} && {command}", parts.join(" ")))
}

/// A variable that a shell can export.
pub(in crate::fabric) fn check_name(name: &str) -> Result<()> {
    let mut characters = name.chars();
    let first = characters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    if first && characters.all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Ok(());
    }
    Err(Error::Value(format!("invalid variable name {}", python_repr(name))))
}

/// No shell and no exec can carry a NUL.
pub(in crate::fabric) fn check(text: &str, what: &str) -> Result<()> {
    match text.find('\0') {
        Some(at) => Err(Error::Value(format!("{what}: NUL at byte {at} of {}", python_repr(text)))),
        None => Ok(()),
    }
}

fn quote(text: &str) -> Result<String> {
    shlex::quote(text).map(std::borrow::Cow::into_owned).map_err(|error| Error::Value(error.to_string()))
}

/// A path for `cd`. Blanks are escaped as in fabric; variables and patterns are left to the shell as in fabric.
///
/// DIFFERENCE: what would end the command, start another or open a quote is escaped too.
fn escape_path(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for (at, c) in path.char_indices() {
        if matches!(c, ' ' | '\t' | ';' | '&' | '|' | '<' | '>' | '(' | ')' | '\'' | '"' | '`') || (c == '#' && at == 0) {
            out.push('\\');
        }
        // A backslash before a line break removes both: only quotes keep it.
        if matches!(c, '\n' | '\r') { out.extend(['\'', c, '\'']) } else { out.push(c) }
    }
    out
}

/// The position of a line break outside of quotes.
fn open_line_break(command: &str) -> Option<usize> {
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in command.trim_end_matches(['\n', '\r']).char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (None | Some('"'), '\\') => escaped = true,
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, '\n' | '\r') => return Some(at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_join_from_the_last_absolute_one() {
        let scope = |cwds: &[&str]| Scope { cwds: cwds.iter().map(|cwd| (*cwd).to_owned()).collect(), prefixes: Vec::new() };
        assert_eq!(scope(&["/var", "www", "site one"]).apply("ls"), "cd /var/www/site\\ one && ls");
        assert_eq!(scope(&["a", "/b", "c"]).cwd(), "/b/c");
        assert_eq!(scope(&["/b", "~/c", "d/"]).cwd(), "~/c/d/");
        assert_eq!(scope(&["it's; rm -r $HOME"]).cwd(), r"it\'s\;\ rm\ -r\ $HOME");
    }

    #[test]
    fn a_line_break_ends_the_line_of_sudo() {
        let scope = Scope::default();
        assert!(scope.sudo("id\nreboot", "p", None, &[]).is_err());
        assert_eq!(scope.sudo("sh -c 'id\nid'", "p", None, &[]).unwrap(), "sudo -S -p 'p' sh -c 'id\nid'");
    }
}
