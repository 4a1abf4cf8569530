//! Unpacking a zip archive.

use super::Unpack;
use super::sandbox::{self, Attributes, Sandbox};
use crate::os::path::OsPath;
use crate::os::stream::Stream;
use crate::os::{Error, Result};
use std::io::{self, BufReader};
use zip::ZipArchive;
use zip::result::ZipError;

/// Modes and times are left to the system, and links come out as files that hold their target, as in Python.
pub(super) fn unpack(os: &OsPath, what: &Unpack) -> Result<()> {
    let file = sandbox::open(os, &what.filename)?;
    let broken = |error: ZipError| {
        let problem = match &error {
            ZipError::Io(error) if error.raw_os_error().is_some() => {
                return Error::new("read", error, Some(&what.filename), None);
            }
            ZipError::InvalidArchive(_) => format!("it is no zip archive, or a damaged one: {error}"),
            _ => error.to_string(),
        };
        Error::ReadArchive { path: what.filename.clone(), problem }
    };
    let mut archive = ZipArchive::new(BufReader::with_capacity(1 << 16, Stream(&*file))).map_err(broken)?;
    let mut sandbox = Sandbox::new(os, what)?;
    if archive.len() as u64 > what.max_entries {
        return Err(sandbox.too_large(what.max_entries, "entries"));
    }
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).map_err(broken)?;
        sandbox.count()?;
        let name = entry.name().map_err(broken)?.into_owned();
        if name.ends_with('/') {
            sandbox.dir(name.as_bytes(), Attributes::default())?;
        } else {
            sandbox.file(name.as_bytes(), Attributes::default(), &mut entry as &mut dyn io::Read)?;
        }
    }
    sandbox.finish()
}
