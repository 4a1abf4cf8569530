//! Parses `~/.aws/config` and `~/.aws/credentials` like botocore.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::error::ConfigError;
use crate::ambient::Variables;
use crate::os::{Error as OsError, Os};

/// The settings of one section, by lower-case name. A setting indented below a name is
/// `name.inner`.
pub(super) type Section = BTreeMap<String, String>;

/// The contents of both files.
#[derive(Debug, Default)]
pub(super) struct Profiles {
    /// By name. The credentials file takes precedence over the configuration file.
    pub(super) profiles: BTreeMap<String, Section>,
    /// The profiles of the configuration file.
    pub(super) config: BTreeMap<String, Section>,
    /// The profiles of the credentials file.
    pub(super) shared: BTreeMap<String, Section>,
    /// The `[services ..]` sections.
    pub(super) services: BTreeMap<String, Section>,
    /// The `[sso-session ..]` sections.
    pub(super) sso_sessions: BTreeMap<String, Section>,
    /// The files that were read, as configured.
    pub(super) files: [PathBuf; 2],
    /// Files that exist but could not be read. As in botocore, they count as empty; errors about
    /// missing settings list them.
    pub(super) unreadable: Vec<String>,
}

impl Profiles {
    /// Reads both files from the places that the environment sets. A missing or unreadable file
    /// counts as empty: a user without a readable home directory may have keys in the environment.
    pub(super) fn load(os: &Os, environ: &Variables) -> Result<Profiles, ConfigError> {
        let files = [
            place(environ, "AWS_CONFIG_FILE", "~/.aws/config"),
            place(environ, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
        ];
        let mut found = Profiles { files, ..Profiles::default() };
        let [config, shared] = found.files.clone();
        for (section, settings) in found.read(os, environ, &config)? {
            match kind(&section) {
                Kind::Profile(name) => drop(found.config.insert(name, settings)),
                Kind::Services(name) => drop(found.services.insert(name, settings)),
                Kind::SsoSession(name) => drop(found.sso_sessions.insert(name, settings)),
                Kind::Other => {}
            }
        }
        found.profiles = found.config.clone();
        found.shared = found.read(os, environ, &shared)?;
        for (name, settings) in &found.shared {
            found.profiles.entry(name.clone()).or_default().extend(settings.clone());
        }
        Ok(found)
    }

    fn read(&mut self, os: &Os, environ: &Variables, named: &Path) -> Result<BTreeMap<String, Section>, ConfigError> {
        let path = expanded(environ, named);
        let text = match os.read_bytes(&path) {
            Ok(bytes) => String::from_utf8(bytes).map_err(|_| parse_error(&path, 1, "is not UTF-8"))?,
            Err(OsError::FileNotFound(_) | OsError::NotADirectory(_) | OsError::IsADirectory(_)) => return Ok(BTreeMap::new()),
            Err(error) => {
                self.unreadable.push(error.to_string());
                return Ok(BTreeMap::new());
            }
        };
        parse(&text).map_err(|(line, reason)| parse_error(&path, line, reason))
    }
}

/// Returns the file that a variable sets, or the default.
fn place(environ: &Variables, variable: &str, default: &str) -> PathBuf {
    environ.get(std::ffi::OsStr::new(variable)).map_or_else(|| default.into(), PathBuf::from)
}

/// Replaces `~` by the home directory of the environment.
pub(super) fn expanded(environ: &Variables, path: impl AsRef<Path>) -> PathBuf {
    let path = path.as_ref();
    match (path.strip_prefix("~"), environ.get(std::ffi::OsStr::new("HOME"))) {
        (Ok(rest), Some(home)) => Path::new(home).join(rest),
        _ => path.to_owned(),
    }
}

fn parse_error(path: &Path, line: usize, reason: &str) -> ConfigError {
    ConfigError::ConfigParse { path: path.to_owned(), line, reason: reason.to_owned() }
}

/// Parses like Python's `RawConfigParser`, as far as these files need it. An error is a line number
/// and the reason.
fn parse(text: &str) -> Result<BTreeMap<String, Section>, (usize, &'static str)> {
    let mut sections: BTreeMap<String, Section> = BTreeMap::new();
    let mut section: Option<String> = None;
    // The option that an indented line continues, and its own indentation.
    let mut option: Option<(String, usize)> = None;
    for (at, line) in text.lines().enumerate() {
        let number = at + 1;
        let content = line.trim();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        if let (Some(name), Some((option, outer))) = (&section, &option)
            && indent > *outer
        {
            let settings = sections.entry(name.clone()).or_default();
            match content.split_once('=').filter(|_| settings.get(option).is_some_and(String::is_empty)) {
                Some((inner, value)) => drop(settings.insert(format!("{option}.{}", inner.trim()), value.trim().to_owned())),
                None => settings.entry(option.clone()).or_default().push_str(&format!("\n{content}")),
            }
            continue;
        }
        if let Some(name) = content.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            if sections.contains_key(name.0) {
                return Err((number, "repeated section"));
            }
            sections.insert(name.0.to_owned(), Section::new());
            (section, option) = (Some(name.0.to_owned()), None);
            continue;
        }
        let Some(name) = &section else { return Err((number, "a setting before the first section")) };
        let Some((key, value)) = content.split_once(['=', ':']) else { return Err((number, "neither a section nor a setting")) };
        let key = key.trim_end().to_lowercase();
        let settings = sections.entry(name.clone()).or_default();
        if settings.insert(key.clone(), value.trim().to_owned()).is_some() {
            return Err((number, "repeated setting"));
        }
        option = Some((key, indent));
    }
    Ok(sections)
}

enum Kind {
    Profile(String),
    Services(String),
    SsoSession(String),
    Other,
}

fn kind(section: &str) -> Kind {
    if section == "default" {
        return Kind::Profile(section.to_owned());
    }
    match crate::os::shlex::split(section).as_deref() {
        Ok([kind, name]) if kind.starts_with("profile") => Kind::Profile(name.clone()),
        Ok([kind, name]) if kind.starts_with("services") => Kind::Services(name.clone()),
        Ok([kind, name]) if kind.starts_with("sso-session") => Kind::SsoSession(name.clone()),
        _ => Kind::Other,
    }
}
