//! One lookup: a first pass over the files, canonical names, perhaps a second pass, tokens.

use super::SshConfig;
use super::dict::SshConfigDict;
use super::error::Error;
use super::expand::{self, Tokens};
use super::keyword::Kind;
use super::local::Resolver;
use super::matching::{Criterion, What};
use super::parse::{File, Include, Located, Statement};
use super::pattern;

/// A pass over the files.
struct Pass<'a> {
    config: &'a SshConfig,
    original: &'a str,
    host: String,
    second: bool,
    wants_second: bool,
    found: SshConfigDict,
}

pub(super) fn lookup(config: &SshConfig, original: &str) -> Result<SshConfigDict, Error> {
    let mut pass =
        Pass { config, original, host: original.to_owned(), second: false, wants_second: false, found: SshConfigDict::default() };
    pass.run()?;
    let mut host = pass.effective_host()?;
    if host.parse::<std::net::IpAddr>().is_err() {
        host.make_ascii_lowercase();
    }
    let canonicalize = pass.found.get("canonicalizehostname").unwrap_or("no").to_owned();
    if canonicalize != "no" {
        if let Some(canonical) = canonical(config, &pass.found, &host, canonicalize == "always")? {
            host = canonical;
        }
        pass.wants_second = true;
    }
    if pass.wants_second {
        pass.found.replace("hostname", host.clone());
        pass.host.clone_from(&host);
        pass.second = true;
        pass.run()?;
    }
    pass.found.replace("hostname", host);
    if pass.found.get("connectionattempts") == Some("0") {
        return Err(Error::Value { keyword: "connectionattempts".into(), value: "0".into(), expected: "a positive number" });
    }
    pass.expanded()
}

impl Pass<'_> {
    fn run(&mut self) -> Result<(), Error> {
        for file in &self.config.files {
            self.file(file, true)?;
        }
        Ok(())
    }

    /// A file's statements. `may_match` is false where the `Include` itself does not apply: then only errors matter.
    fn file(&mut self, file: &File, may_match: bool) -> Result<(), Error> {
        let mut active = may_match;
        for located in &file.lines {
            match &located.statement {
                Statement::Host(patterns) => active = may_match && host_matches(patterns, &self.host),
                Statement::Match(criteria) => active = self.criteria(criteria, located, may_match)?,
                Statement::Set { keyword, kind, values } if active => self.set(keyword, *kind, values),
                Statement::Set { .. } => {}
                Statement::Unknown(keyword) => {
                    let ignored = self.found.get("ignoreunknown");
                    if ignored.is_none_or(|patterns| pattern::list_matches(keyword, patterns, true) != Some(true)) {
                        return Err(located.error(format!("bad configuration option: {keyword}")));
                    }
                }
                Statement::Include(includes) => {
                    for include in includes {
                        self.include(include, file, located, active)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn include(&mut self, include: &Include, file: &File, located: &Located, active: bool) -> Result<(), Error> {
        match include {
            Include::Read(files) => files.iter().try_for_each(|file| self.file(file, active)),
            Include::PerHost { pattern, depth } => {
                let path = self.with_tokens(|tokens| tokens.usual("include", pattern, true))?;
                let at = |problem| located.error(problem);
                let files = self.config.reader().included(&path, file.origin, *depth, &at)?;
                files.iter().try_for_each(|file| self.file(file, active))
            }
        }
    }

    fn set(&mut self, keyword: &'static str, kind: Kind, values: &[String]) {
        match (keyword, kind) {
            (_, Kind::Files | Kind::Forward(_)) => self.found.append(keyword, values, true),
            (_, Kind::SendEnv) => {
                for value in values {
                    match value.strip_prefix('-') {
                        Some(pattern) => self.found.remove_matching(keyword, pattern),
                        None => self.found.append(keyword, std::slice::from_ref(value), false),
                    }
                }
            }
            // The first of the two wins, whichever it is. `ProxyJump none` leaves a command alone.
            ("proxyjump", _) => {
                let none = values.first().is_some_and(|value| value == "none");
                if none || !self.found.contains("proxycommand") {
                    self.found.set_first(keyword, values);
                }
            }
            ("proxycommand", _) => {
                let jumps = self.found.get("proxyjump").is_some_and(|way| way != "none");
                if !jumps {
                    self.found.set_first(keyword, values);
                }
            }
            _ => self.found.set_first(keyword, values),
        }
    }

    /// The host that is connected to, as far as it is known.
    fn effective_host(&self) -> Result<String, Error> {
        let configured = self.found.get("hostname");
        match (self.second, configured) {
            (true, Some(host)) => Ok(host.to_owned()),
            (_, None) => Ok(self.host.clone()),
            (false, Some(host)) => {
                let expanded = host.contains('%').then(|| {
                    let config = self.config;
                    let tokens = Tokens {
                        os: &config.os,
                        local: &config.local,
                        original: self.original,
                        host: &self.host,
                        port: "",
                        user: "",
                        jump: "",
                        key_alias: "",
                    };
                    tokens.expand("hostname", host, expand::Accepts { tokens: "h", variables: false, tilde: false })
                });
                expanded.unwrap_or_else(|| Ok(host.to_owned()))
            }
        }
    }

    fn user(&self) -> &str {
        self.found.get("user").unwrap_or(&self.config.local.user)
    }

    fn with_tokens<T>(&self, use_them: impl FnOnce(&Tokens<'_>) -> Result<T, Error>) -> Result<T, Error> {
        let host = self.effective_host()?;
        use_them(&Tokens {
            os: &self.config.os,
            local: &self.config.local,
            original: self.original,
            host: &host,
            port: self.found.get("port").unwrap_or("22"),
            user: self.user(),
            jump: &self.jump_host(),
            key_alias: self.found.get("hostkeyalias").unwrap_or(&host),
        })
    }

    /// `%j`: the host of the last hop.
    fn jump_host(&self) -> String {
        let way = self.found.proxy_jump().unwrap_or_default();
        way.last().map_or_else(String::new, |hop| hop.host.clone())
    }

    fn criteria(&mut self, criteria: &[Criterion], located: &Located, may_match: bool) -> Result<bool, Error> {
        let mut active = true;
        for Criterion { negated, what } in criteria {
            let hit = match what {
                What::All => true,
                What::Final { canonical } => {
                    self.wants_second |= !canonical && !negated && !self.second;
                    self.second
                }
                What::Host(patterns) => pattern::hostname_matches(&self.effective_host()?, patterns),
                What::OriginalHost(patterns) => pattern::hostname_matches(self.original, patterns),
                What::User(patterns) => pattern::list_matches(self.user(), patterns, false) == Some(true),
                What::LocalUser(patterns) => pattern::list_matches(&self.config.local.user, patterns, false) == Some(true),
                What::Tagged(patterns) => text_matches(self.found.get("tag").unwrap_or_default(), patterns),
                What::Command(patterns) => text_matches("", patterns),
                What::SessionType(patterns) => {
                    let session = self.found.get("sessiontype").filter(|session| *session != "default").unwrap_or("shell");
                    pattern::list_matches(session, patterns, false) == Some(true)
                }
                What::Version(_) | What::LocalNetwork(_) if !active || !may_match => false,
                What::Version(_) => {
                    return Err(located.error("Match version: this is not OpenSSH, and has no version of it"));
                }
                What::LocalNetwork(_) => {
                    return Err(located.error("Match localnetwork: the addresses of this machine's interfaces are not known"));
                }
                // A command runs only where everything before it matches.
                What::Exec(_) if !active || !may_match => false,
                What::Exec(command) => {
                    let command = self.with_tokens(|tokens| tokens.usual("match exec", command, false))?;
                    self.run_command(&command, located)?
                }
            };
            active &= hit != *negated;
        }
        Ok(active && may_match)
    }

    /// True if the command ends with 0. It runs by the user's shell, and its output goes nowhere.
    fn run_command(&self, command: &str, located: &Located) -> Result<bool, Error> {
        let Some(subprocess) = &self.config.subprocess else {
            return Err(located.error("Match exec: this configuration was given no subprocess battery to run it with"));
        };
        let shell = self.config.os.getenv("SHELL").filter(|shell| !shell.is_empty()).unwrap_or_else(|| "/bin/sh".into());
        let run = crate::subprocess::Run::new([shell, "-c".into(), command.into()])
            .stdin(crate::subprocess::DEVNULL)
            .stdout(crate::subprocess::DEVNULL);
        let done = subprocess.run(run).wait();
        match done {
            Ok(done) => Ok(done.returncode == 0),
            Err(source) => Err(Error::Exec { command: command.to_owned(), source: Box::new(source) }),
        }
    }

    /// Everything with its tokens expanded.
    fn expanded(mut self) -> Result<SshConfigDict, Error> {
        // The user comes first: the others' tokens contain it.
        let mut order: Vec<usize> = (0..self.found.values.len()).collect();
        order.sort_by_key(|at| self.found.values.get(*at).is_none_or(|(keyword, _)| *keyword != "user"));
        for at in order {
            let Some((keyword, values)) = self.found.values.get(at).cloned() else { continue };
            let Some(mut accepts) = expand::accepts(keyword).filter(|_| keyword != "hostname") else { continue };
            let expanded = values.iter().map(|value| {
                // The name of a variable that holds the path, or a word with a meaning.
                let verbatim = match keyword {
                    "identityagent" | "forwardagent" => value.starts_with('$') && !value.starts_with("${"),
                    "localforward" | "remoteforward" => !value.contains('/'),
                    _ => false,
                };
                if verbatim || value.eq_ignore_ascii_case("none") {
                    return Ok(value.clone());
                }
                accepts.tilde &= value.starts_with('~');
                self.with_tokens(|tokens| tokens.expand(keyword, value, accepts))
            });
            let expanded = expanded.collect::<Result<Vec<_>, _>>()?;
            if let Some(slot) = self.found.values.get_mut(at) {
                slot.1 = expanded;
            }
        }
        Ok(self.found)
    }
}

/// `Host`: one pattern matches, and none that is negated.
fn host_matches(patterns: &[String], host: &str) -> bool {
    let mut active = false;
    for text in patterns {
        match text.strip_prefix('!') {
            Some(negated) if pattern::matches(host, negated) => return false,
            Some(_) => {}
            None => active |= pattern::matches(host, text),
        }
    }
    active
}

fn text_matches(text: &str, patterns: &str) -> bool {
    if text.is_empty() { patterns.is_empty() } else { pattern::list_matches(text, patterns, false) == Some(true) }
}

/// The full name of a short one. <https://man.openbsd.org/ssh_config#CanonicalizeHostname>
fn canonical(config: &SshConfig, found: &SshConfigDict, host: &str, always: bool) -> Result<Option<String>, Error> {
    if host.parse::<std::net::IpAddr>().is_ok() {
        return Ok(host.parse::<std::net::IpAddr>().ok().map(|address| address.to_string()));
    }
    let direct = found.proxy_command().is_none() && found.proxy_jump().is_none();
    if !direct && !always {
        return Ok(None);
    }
    let Some(resolver) = &config.resolver else {
        return Err(Error::Unsupported("CanonicalizeHostname: this configuration was given no resolver".into()));
    };
    let exists = |name: &str| {
        let failed = |error| Error::Unsupported(format!("resolve '{name}': {error}"));
        resolver.resolve(name).map_err(failed)
    };
    if let Some(full) = host.strip_suffix('.') {
        return Ok(exists(host)?.map(|_| full.to_owned()));
    }
    let dots = host.matches('.').count();
    let most = found.get("canonicalizemaxdots").and_then(|dots| dots.parse().ok()).unwrap_or(1);
    if dots > most {
        return Ok(None);
    }
    for domain in found.get_all("canonicaldomains").iter().filter(|domain| *domain != "none") {
        let full = format!("{host}.{domain}");
        if let Some(resolved) = exists(&full)? {
            let followed = resolved.cname.filter(|cname| permitted(found.get_all("canonicalizepermittedcnames"), &full, cname));
            return Ok(Some(followed.unwrap_or(full)));
        }
    }
    if found.get("canonicalizefallbacklocal") == Some("no") {
        return Err(Error::CouldNotCanonicalize { host: host.to_owned() });
    }
    Ok(None)
}

/// Whether an alias may be followed.
fn permitted(rules: &[String], name: &str, cname: &str) -> bool {
    let cname = cname.trim_end_matches('.');
    !cname.eq_ignore_ascii_case(name)
        && rules.iter().any(|rule| match rule.split_once(':') {
            Some((sources, targets)) => pattern::hostname_matches(name, sources) && pattern::hostname_matches(cname, targets),
            None => rule == "*",
        })
}

/// So that `Arc<dyn Resolver>` needs no import where it is a field.
pub(super) type SharedResolver = std::sync::Arc<dyn Resolver>;
