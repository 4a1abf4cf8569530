//! [`Netrc`]: user names and passwords by host, from `~/.netrc`.

use crate::Secret;

/// A parsed `.netrc`: Python's module of that name.
///
/// requests reads it for every request without auth. DIFFERENCE: here a session reads it only with
/// `session.netrc = true`, looks up the host that is actually connected to, and ignores it for a
/// URL with a user name.
#[derive(Clone, Debug, Default)]
pub struct Netrc {
    hosts: Vec<(String, Entry)>,
}

#[derive(Clone, Debug)]
struct Entry {
    login: String,
    account: String,
    password: Secret,
}

impl Netrc {
    /// Parses the text of a file. The error gives the problem without showing the text.
    pub fn parse(text: &str) -> Result<Netrc, String> {
        let mut lexer = Lexer { chars: text.chars(), line: 1, pushed: None };
        let mut hosts: Vec<(String, Entry)> = Vec::new();
        loop {
            let line = lexer.line;
            let token = lexer.token();
            let name = match token.as_str() {
                "" => return Ok(Netrc { hosts }),
                comment if comment.starts_with('#') => {
                    if lexer.line == line && comment.len() == 1 {
                        lexer.skip_line();
                    }
                    continue;
                }
                "machine" => lexer.token(),
                "default" => "default".into(),
                "macdef" => {
                    lexer.token();
                    lexer.skip_macro()?;
                    continue;
                }
                _ => return Err(format!("bad top-level token in line {}", lexer.line)),
            };
            if name.is_empty() {
                return Err(format!("missing machine name in line {}", lexer.line));
            }
            let entry = lexer.entry()?;
            match hosts.iter_mut().find(|(own, _)| *own == name) {
                Some((_, own)) => *own = entry,
                None => hosts.push((name, entry)),
            }
        }
    }

    /// Returns user name and password for a host, or the default's.
    #[doc(alias = "requests.utils.get_netrc_auth")]
    pub fn auth(&self, host: &str) -> Option<(String, Secret)> {
        let find = |name: &str| self.hosts.iter().find(|(own, _)| own == name).map(|(_, entry)| entry);
        let entry = find(host).or_else(|| find("default"))?;
        let nothing = entry.login.is_empty() && entry.account.is_empty() && entry.password.expose().is_empty();
        let name = if entry.login.is_empty() { &entry.account } else { &entry.login };
        (!nothing).then(|| (name.clone(), entry.password.clone()))
    }
}

struct Lexer<'a> {
    chars: std::str::Chars<'a>,
    line: usize,
    pushed: Option<String>,
}

impl Lexer<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.chars.next();
        self.line += usize::from(c == Some('\n'));
        c
    }

    /// Returns the next word or quoted text; empty at the end. A backslash escapes the next
    /// character.
    fn token(&mut self) -> String {
        if let Some(token) = self.pushed.take() {
            return token;
        }
        let white = |c: char| matches!(c, '\n' | '\t' | '\r' | ' ');
        let mut token = String::new();
        let mut c = self.next();
        while c.is_some_and(white) {
            c = self.next();
        }
        let quoted = c == Some('"');
        if quoted {
            c = self.next();
        }
        while let Some(current) = c {
            if if quoted { current == '"' } else { white(current) } {
                break;
            }
            token.extend(if current == '\\' { self.next() } else { Some(current) });
            c = self.next();
        }
        token
    }

    fn skip_line(&mut self) {
        while self.next().is_some_and(|c| c != '\n') {}
    }

    /// Skips to the empty line that ends a macro.
    fn skip_macro(&mut self) -> Result<(), String> {
        loop {
            let mut length = 0;
            loop {
                match self.next() {
                    Some('\n') if length == 0 => return Ok(()),
                    Some('\n') => break,
                    Some(_) => length += 1,
                    None => return Err("a macro without an empty line after it".into()),
                }
            }
        }
    }

    fn entry(&mut self) -> Result<Entry, String> {
        let (mut login, mut account, mut password) = (String::new(), String::new(), String::new());
        loop {
            let line = self.line;
            let token = self.token();
            match token.as_str() {
                comment if comment.starts_with('#') => {
                    if self.line == line {
                        self.skip_line();
                    }
                }
                "" | "machine" | "default" | "macdef" => {
                    self.pushed = Some(token);
                    return Ok(Entry { login, account, password: Secret::new(password) });
                }
                "login" | "user" => login = self.token(),
                "account" => account = self.token(),
                "password" => password = self.token(),
                _ => return Err(format!("bad follower token in line {}", self.line)),
            }
        }
    }
}
