//! Where a transfer writes: the path rules of fabric's `Transfer`.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::fabric::error::{Error, Result};
use crate::os::path::{basename, dirname, join};

/// What a local path may name in braces.
#[derive(Clone, Debug)]
pub(super) struct Fields<'a> {
    pub(super) host: &'a str,
    pub(super) user: &'a str,
    pub(super) port: u16,
    pub(super) remote: &'a Path,
}

/// `str.format` with the fields of a transfer: `{host}`, `{user}`, `{port}`, `{dirname}`, `{basename}`; `{{` and `}}` are braces.
pub(super) fn interpolate(template: &OsStr, fields: &Fields<'_>) -> Result<PathBuf> {
    let shown = || template.to_string_lossy().into_owned();
    let wrong = |problem: &str| Error::Value(format!("local path '{}': {problem}", shown()));
    let mut out = Vec::new();
    let mut rest = template.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        match (byte, rest.first()) {
            (b'{', Some(b'{')) | (b'}', Some(b'}')) => {
                out.push(byte);
                rest = rest.get(1..).unwrap_or_default();
            }
            (b'{', _) => {
                let end = rest.iter().position(|byte| *byte == b'}').ok_or_else(|| wrong("expected '}' before end of string"))?;
                let (name, tail) = rest.split_at(end);
                rest = tail.get(1..).unwrap_or_default();
                match name {
                    b"host" => out.extend(fields.host.as_bytes()),
                    b"user" => out.extend(fields.user.as_bytes()),
                    b"port" => out.extend(fields.port.to_string().as_bytes()),
                    b"dirname" => out.extend(dirname(fields.remote).as_os_str().as_bytes()),
                    b"basename" => out.extend(basename(fields.remote).as_bytes()),
                    _ => {
                        let name = String::from_utf8_lossy(name);
                        return Err(wrong(&format!("no field '{name}': only host, user, port, dirname, basename")));
                    }
                }
            }
            (b'}', _) => return Err(wrong("single '}' encountered in format string")),
            _ => out.push(byte),
        }
    }
    Ok(PathBuf::from(OsStr::from_bytes(&out)))
}

/// Where a download goes: the file, before it is made absolute, and the directory that must be there.
pub(super) fn download(local: Option<&OsStr>, fields: &Fields<'_>) -> Result<(PathBuf, PathBuf)> {
    let name = basename(fields.remote);
    let local = match local.filter(|local| !local.is_empty()) {
        // Its own name, braces and all.
        None => PathBuf::from(name),
        Some(template) => interpolate(template, fields)?,
    };
    if local.as_os_str().as_bytes().ends_with(b"/") {
        let file = join(&local, name);
        return Ok((file, local));
    }
    let directory = dirname(&local).to_path_buf();
    Ok((local, directory))
}

/// Where an upload goes, before it is joined to the remote working directory.
///
/// `name` is the last part of the local path, or the name of what is read.
pub(super) fn upload(remote: Option<&Path>, is_dir: bool, name: Option<&OsStr>, is_stream: bool) -> Result<PathBuf> {
    let name = name.filter(|name| !name.is_empty());
    match (remote, name) {
        (None, _) if is_stream => Err(Error::Value("Must give non-empty remote path when local is a file-like object!".into())),
        (None, name) => Ok(PathBuf::from(name.unwrap_or_default())),
        (Some(remote), Some(name)) if is_dir => Ok(join(remote, name)),
        (Some(_), None) if is_dir && is_stream => {
            Err(Error::Value("Can't put a file-like-object into a directory unless it has a non-empty .name attribute!".into()))
        }
        (Some(remote), None) if is_dir => Err(Error::Value(format!(
            "Somehow got an empty local file basename ('') when uploading to a directory ('{}')!",
            remote.display()
        ))),
        (Some(remote), _) => Ok(remote.to_path_buf()),
    }
}
