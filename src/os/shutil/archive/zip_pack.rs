//! Making a zip archive with the entries that Python's shutil gives it.

use super::MakeArchive;
use super::pack::{self, Output};
use super::steady::{Failed, Steady};
use crate::os::backend::StatResult;
use crate::os::path::{OsPath, join, normpath};
use crate::os::stream::Stream;
use crate::os::text::bytes;
use crate::os::{Error, Result};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

pub(super) fn pack(os: &OsPath, base_name: &Path, archive: &MakeArchive) -> Result<PathBuf> {
    pack::write(os, base_name, ".zip", archive, |output| {
        let failed = Failed::default();
        let file = BufWriter::with_capacity(1 << 16, Stream(output.target.handle()));
        let writer = ZipWriter::new(Steady::new(file, failed.clone()));
        let mut zip = Zip { os, output, writer, failed };
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
            // Of each directory the directories first, then the files; only then what is in them.
            let (mut dirs, mut files) = (Vec::new(), Vec::new());
            for entry in pack::sorted(self.os, &path)? {
                let (path, name) = (join(&path, &entry.name), join(&name, &entry.name));
                match self.os.stat(&path) {
                    Ok(stat) if stat.is_dir() => dirs.push((path, name, stat)),
                    Ok(stat) => files.push((path, name, stat)),
                    Err(_) if self.os.lstat(&path)?.is_symlink() => {} // it leads nowhere: no file, as in Python
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
        if !(stat.is_file() || stat.is_dir()) || self.output.is(self.os, path, stat) {
            return Ok(());
        }
        let text = std::str::from_utf8(bytes(name).strip_prefix(b"/").unwrap_or(bytes(name)));
        let text =
            text.map_err(|error| Error::UnicodeDecode { path: path.into(), encoding: "utf-8", position: error.valid_up_to() })?;
        let output = self.output;
        let failed = |error: ZipError| broken(output, error);
        let options = SimpleFileOptions::default()
            .unix_permissions(stat.permissions())
            .last_modified_time(date(stat))
            .large_file(stat.st_size >= u64::from(u32::MAX));
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

/// The time as a zip can say it: to two seconds, from 1980 to 2107.
fn date(stat: &StatResult) -> DateTime {
    let since = stat.st_mtime.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
    let (day, second) = (since / 86_400, since % 86_400);
    // Days to a date, counted from 0000-03-01: http://howardhinnant.github.io/date_algorithms.html#civil_from_days
    let z = day + 719_468;
    let (era, of_era) = (z / 146_097, z % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let small = |number: u64| u8::try_from(number).unwrap_or(0);
    let year = u16::try_from(year).unwrap_or(u16::MAX);
    let date = DateTime::from_date_and_time(
        year,
        small(month),
        small(day),
        small(second / 3600),
        small(second / 60 % 60),
        small(second % 60),
    );
    date.unwrap_or_default()
}
