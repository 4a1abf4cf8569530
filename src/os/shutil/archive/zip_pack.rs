//! Creates zip archives with the same entries as Python's shutil.

use super::MakeArchive;
use super::pack::{self, Output};
use super::steady::{Failed, Steady};
use crate::error::errno::ENOENT;
use crate::os::backend::{OpenFlags, StatResult};
use crate::os::fs::stream::Stream;
use crate::os::path::{OsPath, join, normpath};
use crate::os::text::bytes;
use crate::os::{Error, Result};
use crate::time::{LocalTime, bundled_zone};
use std::ffi::OsStr;
use std::io::{self, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

pub(super) fn pack(os: &OsPath, base_name: &Path, archive: &MakeArchive) -> Result<PathBuf> {
    pack::write(os, base_name, ".zip", archive, |output| {
        let failed = Failed::default();
        let file = BufWriter::with_capacity(1 << 16, Stream(output.target.handle()));
        let writer = ZipWriter::new(Steady::new(file, failed.clone()));
        let zone = local_time(os).map_err(|error| Error::Value(format!("make_archive '{}': {error}", output.path.display())))?;
        let mut zip = Zip { os, output, zone, writer, failed };
        zip.fill(archive)?;
        let Zip { writer, failed, .. } = zip;
        let mut file = writer.finish().map_err(|error| broken(output, error))?;
        file.flush().and_then(|()| failed.check()).map_err(|error| broken(output, error.into()))
    })
}

fn broken(output: &Output, error: ZipError) -> Error {
    Error::new("make_archive", &io::Error::from(error), Some(&output.path), None)
}

struct Zip<'a> {
    os: &'a OsPath,
    output: &'a Output,
    zone: LocalTime,
    writer: ZipWriter<Steady<BufWriter<Stream<'a>>>>,
    failed: Failed,
}

impl Zip<'_> {
    fn fill(&mut self, archive: &MakeArchive) -> Result<()> {
        let (path, name) = pack::base(archive);
        let (path, name) = (normpath(path), normpath(name));
        let is_root = name.as_os_str() == ".";
        let stat = self.os.stat(&path)?;
        if !is_root {
            self.add(&path, &name, &stat)?;
        }
        let mut todo = Vec::new();
        if stat.is_dir() {
            todo.push((path, if is_root { PathBuf::new() } else { name }));
        }
        while let Some((path, name)) = todo.pop() {
            // For each directory, first its subdirectories, then its files, then their contents.
            let (mut dirs, mut files) = (Vec::new(), Vec::new());
            for entry in pack::sorted(self.os, &path)? {
                let (path, name) = (join(&path, &entry.name), join(&name, &entry.name));
                match self.os.stat(&path) {
                    Ok(stat) if stat.is_dir() => dirs.push((path, name, stat)),
                    Ok(stat) => files.push((path, name, stat)),
                    Err(_) if self.os.lstat(&path)?.is_symlink() => {} // dangling: not a file, as in Python
                    Err(error) => return Err(error),
                }
            }
            for (path, name, stat) in dirs.iter().chain(&files) {
                self.add(path, name, stat)?;
            }
            for (path, name, _) in dirs.into_iter().rev() {
                if !self.os.lstat(&path)?.is_symlink() {
                    todo.push((path, name));
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, path: &Path, name: &Path, stat: &StatResult) -> Result<()> {
        if !(stat.is_file() || stat.is_dir()) || self.output.is(self.os, stat) {
            return Ok(());
        }
        let text = std::str::from_utf8(bytes(name).strip_prefix(b"/").unwrap_or(bytes(name)));
        let text =
            text.map_err(|error| Error::UnicodeDecode { path: path.into(), encoding: "utf-8", position: error.valid_up_to() })?;
        let output = self.output;
        let failed = |error: ZipError| broken(output, error);
        let options = SimpleFileOptions::default()
            .unix_permissions(stat.permissions())
            .last_modified_time(date(&self.zone, path, stat)?)
            .large_file(stat.st_size >= u64::from(u32::MAX));
        // The entry's own field is local time with a resolution of two seconds; this one is UTC
        // within 32 bits.
        let since = stat.st_mtime.duration_since(SystemTime::UNIX_EPOCH).ok();
        let moment = since.and_then(|since| i32::try_from(since.as_secs()).ok()).map(i32::cast_unsigned);
        let options = match moment {
            Some(moment) => options.with_extended_timestamp(Some(moment), None, None).map_err(failed)?,
            None => options.into_full_options(),
        };
        if stat.is_dir() {
            self.writer.add_directory(text, options.compression_method(CompressionMethod::Stored)).map_err(failed)?;
        } else {
            self.writer.start_file(text, options.compression_method(CompressionMethod::Deflated)).map_err(failed)?;
            let writer = &mut self.writer;
            pack::with_file(self.os, path, |file| io::copy(file, writer))?;
        }
        self.failed.check().map_err(|error| broken(output, error.into()))
    }
}

/// Returns the local time with a resolution of two seconds, from 1980 to 2107, the range of zip.
/// Python fails beyond these years too.
fn date(zone: &LocalTime, path: &Path, stat: &StatResult) -> Result<DateTime> {
    let failed = |why: String| Error::Value(format!("make_archive '{}': {why}", path.display()));
    let t = zone.at(stat.st_mtime).map_err(|error| failed(error.to_string()))?;
    if t.tm_year < 1980 {
        return Err(failed("ZIP does not support timestamps before 1980".into()));
    }
    if t.tm_year > 2107 {
        return Err(failed("ZIP does not support timestamps after 2107".into()));
    }
    let small = |number: i32| u8::try_from(number).map_err(|_| failed("invalid time".into()));
    let year = u16::try_from(t.tm_year).map_err(|_| failed("invalid time".into()))?;
    // A leap second does not fit into two-second steps.
    let date = DateTime::from_date_and_time(
        year,
        small(t.tm_mon)?,
        small(t.tm_mday)?,
        small(t.tm_hour)?,
        small(t.tm_min)?,
        small(t.tm_sec.min(59))?,
    );
    date.map_err(|error| failed(error.to_string()))
}

/// Returns the zone of the handle's `TZ` on the handle's machine.
fn local_time(os: &OsPath) -> crate::time::Result<LocalTime> {
    const ZONES: &str = "/usr/share/zoneinfo";
    let read = |name: Option<&Path>| {
        let path = name.map_or_else(|| PathBuf::from("/etc/localtime"), |name| Path::new(ZONES).join(name));
        let file = os.backend().open(&path, OpenFlags { read: true, ..OpenFlags::default() }, 0);
        match (file, name) {
            (Ok(file), _) => {
                let mut data = Vec::new();
                Stream(&*file).read_to_end(&mut data)?;
                Ok(data)
            }
            (Err(error), Some(name)) if error.raw_os_error() == Some(ENOENT) && !name.is_absolute() && !os.exists(ZONES) => {
                bundled_zone(name)
            }
            (Err(error), _) => Err(error),
        }
    };
    let tz = os.ambient().var("TZ");
    LocalTime::find(tz.as_deref().map(OsStr::new), &read)
}
