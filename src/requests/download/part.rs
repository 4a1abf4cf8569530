//! The `.part` of a download, and its `.part.meta` file.

use std::io::SeekFrom;
use std::path::{Path, PathBuf};

use flate2::Crc;
use serde_json::{Value, json};
use sha2::Digest as _;

use super::checksum::{Checksum, Hash};
use super::range::ContentRange;
use crate::os::Os;
use crate::os::backend::{Handle, OpenFlags, StatResult};
use crate::requests::auth::hex;
use crate::requests::error::{Error, Result};
use crate::requests::response::Response;
use crate::requests::url::Split;
use crate::secret::url::redact;

/// The target and the source of a download.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) os: Os,
    pub(super) path: PathBuf,
    pub(super) source: String,
}

/// Returns a digest of the URL, because a URL may hold secrets; without the query, which differs
/// between signed links.
pub(super) fn source(url: &str) -> String {
    let mut url = Split::new(url);
    if let Some((_, host)) = url.netloc.rsplit_once('@') {
        url.netloc = host.to_owned();
    }
    url.query.clear();
    url.fragment.clear();
    hex(&sha2::Sha256::digest(url.unsplit()))
}

/// The server's identifier of a version of the file. The rest must be of the same version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) validator: String,
    pub(super) total: Option<u64>,
}

impl Version {
    /// Returns the version of a response, if `If-Range` accepts it.
    pub(super) fn of(response: &Response) -> Option<Version> {
        let header = |name: &str| response.headers.get(name).map(String::as_str);
        if header("Content-Encoding").is_some() {
            return None;
        }
        let strong = header("ETag").filter(|etag| !etag.starts_with("W/"));
        // A file that was modified in the current second may change again within it.
        let dated = || header("Last-Modified").filter(|&modified| header("Date") != Some(modified));
        let validator = strong.or_else(dated)?.to_owned();
        let total = match response.status_code {
            206 => header("Content-Range").and_then(ContentRange::parse).and_then(|range| range.total),
            _ => header("Content-Length").and_then(|length| length.parse().ok()),
        };
        Some(Version { validator, total })
    }

    pub(super) fn same_as(&self, other: &Version) -> bool {
        self.validator == other.validator && self.total.zip(other.total).is_none_or(|(one, other)| one == other)
    }
}

/// The incomplete file.
pub(super) struct PartFile {
    place: Place,
    path: PathBuf,
    file: Box<dyn Handle>,
    pub(super) size: u64,
    pub(super) version: Option<Version>,
    hash: Option<Hash>,
    checksum: Option<Checksum>,
    /// The CRC of the whole file.
    crc: Crc,
    /// The number of bytes that the meta file covers.
    noted: u64,
    finished: bool,
}

impl PartFile {
    /// Opens the part of an earlier call if it can be resumed, otherwise a new file.
    ///
    /// A new file is always created by this call. A link or a file that another user placed under
    /// the name is neither written to nor renamed to the target.
    pub(super) fn open(place: Place, resume: bool, checksum: Option<Checksum>) -> Result<PartFile> {
        let path = beside(&place.path, ".part");
        let note = resume.then(|| Note::read(&place)).flatten();
        let goes_on = note.is_some() || resume && checksum.is_some();
        let kept = if goes_on { open_own(&place.os, &path, true).map_err(|error| failed("open", &path, &error))? } else { None };
        let hash = checksum.as_ref().map(Hash::new);
        let part = |place: Place, file| PartFile {
            place,
            path: path.clone(),
            file,
            size: 0,
            version: None,
            hash,
            checksum,
            crc: Crc::new(),
            noted: 0,
            finished: false,
        };
        let Some(file) = kept else {
            unlink(&place.os, &beside(&place.path, NOTE))?;
            let file = create_own(&place.os, &path)?;
            return Ok(part(place, file));
        };
        let mut part = part(place, file);
        part.take_in(note.as_ref())?;
        Ok(part)
    }

    /// Reads the existing part. If there is a meta file, only the bytes that it covers count.
    fn take_in(&mut self, note: Option<&Note>) -> Result<()> {
        let most = note.map_or(u64::MAX, |note| note.bytes);
        let mut buffer = vec![0; 64 * 1024];
        while self.size < most {
            let room = buffer.len().min(usize::try_from(most - self.size).unwrap_or(usize::MAX));
            let read = self.file.read(&mut buffer[..room]).map_err(|error| failed("read", &self.path, &error))?;
            if read == 0 {
                break;
            }
            self.size += read as u64;
            self.update(&buffer[..read]);
        }
        let Some(note) = note else { return Ok(()) };
        // Truncated, overwritten or never written to disk: the meta file does not match the part.
        if self.size != note.bytes || self.crc.sum() != note.crc32 {
            return self.restart(None);
        }
        self.file.truncate(self.size).map_err(|error| failed("ftruncate", &self.path, &error))?;
        self.file.seek(SeekFrom::Start(self.size)).map_err(|error| failed("lseek", &self.path, &error))?;
        self.version = Some(note.version.clone());
        self.noted = self.size;
        Ok(())
    }

    pub(super) fn can_go_on(&self) -> bool {
        self.size == 0 || self.version.is_some() || self.checksum.is_some()
    }

    fn update(&mut self, bytes: &[u8]) {
        self.crc.update(bytes);
        if let Some(hash) = &mut self.hash {
            hash.update(bytes);
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        write_all(&*self.file, bytes).map_err(|error| failed("write", &self.path, &error))?;
        self.size += bytes.len() as u64;
        self.update(bytes);
        if self.size - self.noted >= self.noted.clamp(FIRST_NOTE, LAST_NOTE) {
            self.note()?;
        }
        Ok(())
    }

    /// Starts over with this version. The old meta file is removed first, so that it never
    /// describes another part, whenever the process ends.
    pub(super) fn restart(&mut self, version: Option<Version>) -> Result<()> {
        unlink(&self.place.os, &beside(&self.place.path, NOTE))?;
        if self.size > 0 {
            self.file.truncate(0).map_err(|error| failed("ftruncate", &self.path, &error))?;
            self.file.seek(SeekFrom::Start(0)).map_err(|error| failed("lseek", &self.path, &error))?;
        }
        (self.size, self.noted, self.crc) = (0, 0, Crc::new());
        self.hash = self.checksum.as_ref().map(Hash::new);
        self.version = version;
        self.note()
    }

    /// Writes the meta file for the bytes so far, if the server identifies versions.
    fn note(&mut self) -> Result<()> {
        self.noted = self.size;
        let Some(version) = &self.version else { return Ok(()) };
        Note { version: version.clone(), bytes: self.size, crc32: self.crc.sum() }.write(&self.place)
    }

    pub(super) fn finish(&mut self, url: &str) -> Result<u64> {
        let (os, path, note) = (self.place.os.clone(), self.place.path.clone(), beside(&self.place.path, NOTE));
        if let (Some(hash), Some(checksum)) = (self.hash.take(), &self.checksum) {
            let (expected, actual) = (checksum.digits().to_lowercase(), hash.digits());
            if expected != actual {
                // Nothing to resume.
                self.finished = true;
                self.check(&self.path)?;
                unlink(&os, &self.path)?;
                unlink(&os, &note)?;
                return Err(Error::Checksum { url: redact(url), expected, actual });
            }
        }
        self.file.sync(true).map_err(|error| failed("fdatasync", &self.path, &error))?;
        self.check(&self.path)?;
        let renamed = os.backend().rename(&os.ambient().resolve(&self.path), &os.ambient().resolve(&path));
        renamed.map_err(|error| failed("rename", &path, &error))?;
        self.check(&path)?;
        self.finished = true;
        unlink(&os, &note)?;
        Ok(self.size)
    }

    /// Fails unless the path refers to the file that was written: another process or user may have
    /// replaced it.
    fn check(&self, path: &Path) -> Result<()> {
        let os = &self.place.os;
        let own = self.file.stat().map_err(|error| failed("fstat", path, &error))?;
        let there = os.backend().stat(&os.ambient().resolve(path), false).map_err(|error| failed("lstat", path, &error))?;
        if (own.st_dev, own.st_ino) == (there.st_dev, there.st_ino) {
            return Ok(());
        }
        Err(failed("rename", path, &std::io::Error::other("another file has taken its place")))
    }
}

impl Drop for PartFile {
    /// A call that failed or was cancelled leaves a meta file for all its bytes.
    fn drop(&mut self) {
        if !self.finished && self.size > self.noted {
            let _ = self.note();
        }
    }
}

/// The suffix of the meta file.
const NOTE: &str = ".part.meta";
/// The number of bytes between two updates of the meta file: few at first, for small files, then as
/// many as are in the file, up to a maximum.
const FIRST_NOTE: u64 = 64 << 10;
const LAST_NOTE: u64 = 8 << 20;
/// The largest meta file that is read.
const LARGEST_NOTE: u64 = 64 << 10;

/// The meta data of a part: its version, and the number of bytes written with a checksum. After a
/// crash a file can be shorter than before, or full of zeros.
struct Note {
    version: Version,
    bytes: u64,
    crc32: u32,
}

impl Note {
    /// Reads the meta file of an earlier call, if it has the same source. An unreadable one is
    /// ignored.
    fn read(place: &Place) -> Option<Note> {
        let path = beside(&place.path, NOTE);
        let file = open_own(&place.os, &path, false).ok()??;
        let mut text = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            let read = file.read(&mut buffer).ok()?;
            text.extend_from_slice(&buffer[..read]);
            match read {
                0 => break,
                _ if text.len() as u64 > LARGEST_NOTE => return None,
                _ => {}
            }
        }
        let note: Value = serde_json::from_slice(&text).ok()?;
        let of_this = note.get("source")?.as_str()? == place.source;
        let validator = note.get("validator")?.as_str()?.to_owned();
        let total = note.get("total").and_then(Value::as_u64);
        let (bytes, crc32) = (note.get("bytes")?.as_u64()?, note.get("crc32")?.as_u64()?.try_into().ok()?);
        let fits = total.is_none_or(|total| bytes <= total);
        (of_this && fits).then_some(Note { version: Version { validator, total }, bytes, crc32 })
    }

    /// Writes to a temporary file and renames it, so that the meta file is complete or missing.
    fn write(&self, place: &Place) -> Result<()> {
        let text = json!({
            "source": place.source,
            "validator": self.version.validator,
            "total": self.version.total,
            "bytes": self.bytes,
            "crc32": self.crc32,
        });
        let (os, path, new) = (&place.os, beside(&place.path, NOTE), beside(&place.path, ".part.meta.new"));
        let file = create_own(os, &new)?;
        write_all(&*file, text.to_string().as_bytes()).map_err(|error| failed("write", &new, &error))?;
        let renamed = os.backend().rename(&os.ambient().resolve(&new), &os.ambient().resolve(&path));
        renamed.map_err(|error| failed("rename", &path, &error))
    }
}

/// Opens a regular file of this user with a single hard link, without following symbolic links.
/// `None` if the path is missing or anything else.
fn open_own(os: &Os, path: &Path, write: bool) -> std::io::Result<Option<Box<dyn Handle>>> {
    let (backend, path, user) = (os.backend(), os.ambient().resolve(path), os.geteuid());
    let own = |stat: &StatResult| stat.is_file() && stat.st_uid == user && stat.st_nlink == 1;
    let before = match backend.stat(&path, false) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        stat => stat?,
    };
    if !own(&before) {
        return Ok(None);
    }
    let flags = OpenFlags { read: true, write, nofollow: true, nonblock: true, ..OpenFlags::default() };
    let file = backend.open(&path, flags, 0)?;
    let after = file.stat()?;
    let same = own(&after) && (after.st_dev, after.st_ino) == (before.st_dev, before.st_ino);
    Ok(same.then_some(file))
}

/// Creates a new file, after removing whatever has the name, without following links.
fn create_own(os: &Os, path: &Path) -> Result<Box<dyn Handle>> {
    unlink(os, path)?;
    let flags = OpenFlags { read: true, write: true, create: true, exclusive: true, nofollow: true, ..OpenFlags::default() };
    os.backend().open(&os.ambient().resolve(path), flags, 0o666).map_err(|error| failed("open", path, &error))
}

/// A missing file is not an error.
fn unlink(os: &Os, path: &Path) -> Result<()> {
    match os.backend().unlink(&os.ambient().resolve(path)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed("unlink", path, &error)),
        _ => Ok(()),
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn write_all(file: &dyn Handle, bytes: &[u8]) -> std::io::Result<()> {
    let mut rest = bytes;
    while !rest.is_empty() {
        match file.write(rest)? {
            0 => return Err(std::io::ErrorKind::WriteZero.into()),
            written => rest = &rest[written..],
        }
    }
    Ok(())
}

fn failed(operation: &'static str, path: &Path, error: &std::io::Error) -> Error {
    Error::File { what: "writing a download", source: crate::os::Error::new(operation, error, Some(path), None) }
}
