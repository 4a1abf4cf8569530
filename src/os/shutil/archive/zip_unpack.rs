//! Unpacks zip archives.

use super::Unpack;
use super::sandbox::{self, Attributes, Sandbox};
use crate::os::fs::stream::Stream;
use crate::os::path::OsPath;
use crate::os::{Error, Result};
use std::io::{self, BufReader};
use zip::ZipArchive;
use zip::result::ZipError;

/// As in Python, modes and times are the system's defaults, and links become files that contain
/// their target.
pub(super) fn unpack(os: &OsPath, what: &Unpack) -> Result<()> {
    let file = sandbox::open(os, &what.filename)?;
    let broken = |error: ZipError| {
        let problem = match &error {
            ZipError::Io(error) if error.raw_os_error().is_some() => {
                return Error::new("read", error, Some(&what.filename), None);
            }
            ZipError::InvalidArchive(_) => format!("not a zip archive, or a damaged one: {error}"),
            _ => error.to_string(),
        };
        Error::ReadArchive { path: what.filename.clone(), problem }
    };
    let mut archive = ZipArchive::new(BufReader::with_capacity(1 << 16, Stream(&*file))).map_err(broken)?;
    let mut sandbox = Sandbox::new(os, what)?;
    if archive.len() as u64 > what.max_entries {
        return Err(sandbox.too_large(what.max_entries, "entries"));
    }
    check_overlap(&mut archive, what)?;
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

/// Entries that share bytes let a small file unpack to any size (CVE-2024-0450): each must end
/// before the next begins, and the last before the central directory.
fn check_overlap<R: io::Read + io::Seek>(archive: &mut ZipArchive<R>, what: &Unpack) -> Result<()> {
    let broken = |problem: String| Error::ReadArchive { path: what.filename.clone(), problem };
    let mut spans = Vec::with_capacity(archive.len());
    let mut directory = u64::MAX;
    for at in 0..archive.len() {
        let entry = archive.by_index_raw(at).map_err(|error| broken(error.to_string()))?;
        let start = entry.header_start();
        let data = entry.data_start().unwrap_or(start);
        let end = data.checked_add(entry.compressed_size()).ok_or_else(|| broken("invalid size of an entry".into()))?;
        directory = directory.min(entry.central_header_start());
        spans.push((start, end, at));
    }
    spans.sort_unstable();
    for (place, (_, end, at)) in spans.iter().enumerate() {
        let next = spans.get(place + 1).map_or(directory, |(start, ..)| *start);
        if *end > next {
            let entry = archive.by_index_raw(*at).map_err(|error| broken(error.to_string()))?;
            let name = entry.name().map(std::borrow::Cow::into_owned).unwrap_or_default();
            return Err(broken(format!("overlapping entries: '{name}'")));
        }
    }
    Ok(())
}
