//! Configuration files: where they are looked for, and their formats.

use std::path::{Path, PathBuf};

use super::error::Error;
use super::value::{Dict, Value};
use super::yaml;
use crate::os::Os;

/// The formats, in the order in which they are looked for.
pub(super) const SUFFIXES: [&str; 4] = ["yaml", "yml", "json", "toml"];

/// One level that is read from a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct FileLevel {
    /// Where to look, without the file's base name and suffix.
    pub(super) prefix: Option<String>,
    /// The file that was found, or the one to read.
    pub(super) path: Option<PathBuf>,
    /// None: not looked for yet.
    pub(super) found: Option<bool>,
    pub(super) data: Dict,
}

impl FileLevel {
    pub(super) fn below(prefix: Option<String>) -> FileLevel {
        FileLevel { prefix, ..FileLevel::default() }
    }

    pub(super) fn at(path: Option<PathBuf>) -> FileLevel {
        FileLevel { path, ..FileLevel::default() }
    }

    /// Looks for the file, unless that was done before. True if there is something new to merge.
    pub(super) fn load(&mut self, os: &Os, base_name: &str, absolute: bool) -> Result<bool, Error> {
        if self.found.is_some() {
            return Ok(false);
        }
        let candidates: Vec<PathBuf> = match (absolute, &self.path, &self.prefix) {
            (true, Some(path), _) => vec![path.clone()],
            (false, _, Some(prefix)) => SUFFIXES.iter().map(|suffix| format!("{prefix}{base_name}.{suffix}").into()).collect(),
            _ => return Ok(false),
        };
        for candidate in candidates {
            let path = os.path.expanduser(&candidate);
            if let Some(data) = read(os, &path)? {
                *self = FileLevel { prefix: self.prefix.take(), path: Some(path), found: Some(true), data };
                return Ok(true);
            }
        }
        if let Some(prefix) = self.prefix.as_ref().filter(|_| !absolute) {
            let python = os.path.expanduser(format!("{prefix}{base_name}.py"));
            if os.path.isfile(&python) {
                let problem = "configuration in Python cannot be run here: write it as TOML".to_owned();
                return Err(Error::Parse { file: python, problem });
            }
        }
        // A runtime file that is missing still has a path: that counts as something to merge, as in Python.
        self.found = self.path.is_none().then_some(false);
        Ok(false)
    }
}

/// The contents of a file. None if it is not there.
fn read(os: &Os, path: &Path) -> Result<Option<Dict>, Error> {
    let kind = os.path.splitext(path).1.to_string_lossy().trim_start_matches('.').to_owned();
    if !SUFFIXES.contains(&kind.as_str()) {
        return Err(Error::UnknownFileType { kind, file: path.to_path_buf() });
    }
    let text = match os.read_bytes(path) {
        Ok(text) => text,
        Err(crate::os::Error::FileNotFound(_)) => return Ok(None),
        Err(source) => return Err(Error::Read { file: path.to_path_buf(), source: Box::new(source) }),
    };
    let invalid = |problem: String| Error::Parse { file: path.to_path_buf(), problem };
    let text =
        String::from_utf8(text).map_err(|error| invalid(format!("byte {} is not UTF-8", error.utf8_error().valid_up_to())))?;
    parse(&kind, &text).map(Some).map_err(invalid)
}

/// A text of one of the formats.
pub(super) fn parse(kind: &str, text: &str) -> Result<Dict, String> {
    let text = text.strip_prefix('\u{feff}').filter(|_| kind != "json").unwrap_or(text);
    let value = match kind {
        "json" => serde_json::from_str::<Value>(text).map_err(|error| format!("not valid JSON: {error}"))?,
        "toml" => {
            // Not its `Display`, which shows the line: that may hold a password.
            toml::from_str::<Value>(text).map_err(|error| {
                let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
                format!("not valid TOML at line {}: {}", before.matches('\n').count() + 1, error.message().replace('\n', " "))
            })?
        }
        _ => yaml::load(text).map_err(|error| format!("not valid YAML: {error}"))?,
    };
    match value {
        Value::Dict(dict) => Ok(dict),
        // `updates or {}`
        value if !value.truth() => Ok(Dict::new()),
        value => Err(format!("the top level is {}, not a mapping", value.class())),
    }
}
