//! The `.part` of a download, and beside it the note that tells what it is a part of.

use std::io::SeekFrom;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::Digest as _;

use super::checksum::{Checksum, Hash};
use crate::os::Os;
use crate::os::backend::{Handle, OpenFlags};
use crate::requests::auth::hex;
use crate::requests::body::read_file;
use crate::requests::error::{Error, Result};
use crate::requests::response::Response;
use crate::requests::url::{Split, redact};

/// Where a download goes, and where it comes from.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) os: Os,
    pub(super) path: PathBuf,
    pub(super) source: String,
}

/// The URL's digest, for a URL may hold secrets; without what differs from one signed link to the next.
pub(super) fn source(url: &str) -> String {
    let mut url = Split::new(url);
    if let Some((_, host)) = url.netloc.rsplit_once('@') {
        url.netloc = host.to_owned();
    }
    url.query.clear();
    url.fragment.clear();
    hex(&sha2::Sha256::digest(url.unsplit()))
}

/// What the server calls this version of the file: the rest must be of the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) validator: String,
    total: Option<u64>,
}

impl Version {
    /// As the response has it, if it is good enough for `If-Range`.
    pub(super) fn of(response: &Response) -> Option<Version> {
        let header = |name: &str| response.headers.get(name).map(String::as_str);
        if header("Content-Encoding").is_some() {
            return None;
        }
        let strong = header("ETag").filter(|etag| !etag.starts_with("W/"));
        // A file that was changed in this very second may be changed again in it.
        let dated = || header("Last-Modified").filter(|&modified| header("Date") != Some(modified));
        let validator = strong.or_else(dated)?.to_owned();
        let total = match response.status_code {
            206 => super::range_total(header("Content-Range").unwrap_or_default()),
            _ => header("Content-Length").and_then(|length| length.parse().ok()),
        };
        Some(Version { validator, total })
    }

    pub(super) fn same_as(&self, other: &Version) -> bool {
        self.validator == other.validator && self.total.zip(other.total).is_none_or(|(one, other)| one == other)
    }
}

/// The file that is not whole yet.
pub(super) struct PartFile {
    place: Place,
    path: PathBuf,
    file: Box<dyn Handle>,
    pub(super) size: u64,
    pub(super) version: Option<Version>,
    hash: Option<Hash>,
    checksum: Option<Checksum>,
}

impl PartFile {
    pub(super) fn open(place: Place, resume: bool, checksum: Option<Checksum>) -> Result<PartFile> {
        let path = beside(&place.path, ".part");
        let version = resume.then(|| noted(&place)).flatten();
        let goes_on = version.is_some() || resume && checksum.is_some();
        let flags = OpenFlags { read: true, write: true, create: true, truncate: !goes_on, ..OpenFlags::default() };
        let file = place.os.backend().open(&place.os.ambient().resolve(&path), flags, 0o666);
        let file = file.map_err(|error| failed("open", &path, &error))?;
        let hash = checksum.as_ref().map(Hash::new);
        let mut part = PartFile { place, path, file, size: 0, version, hash, checksum };
        // What is there already is part of the checksum.
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = part.file.read(&mut buffer).map_err(|error| failed("read", &part.path, &error))?;
            if read == 0 {
                return Ok(part);
            }
            part.size += read as u64;
            part.update(&buffer[..read]);
        }
    }

    pub(super) fn can_go_on(&self) -> bool {
        self.size == 0 || self.version.is_some() || self.checksum.is_some()
    }

    fn update(&mut self, bytes: &[u8]) {
        if let Some(hash) = &mut self.hash {
            hash.update(bytes);
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        write_all(&*self.file, bytes).map_err(|error| failed("write", &self.path, &error))?;
        self.size += bytes.len() as u64;
        self.update(bytes);
        Ok(())
    }

    /// From the beginning, with this version. The old bytes go before the note of the new version comes: whenever this is cut off, no note stands beside what it is not about.
    pub(super) fn restart(&mut self, version: Option<Version>) -> Result<()> {
        if self.size > 0 {
            self.file.truncate(0).map_err(|error| failed("ftruncate", &self.path, &error))?;
            self.file.seek(SeekFrom::Start(0)).map_err(|error| failed("lseek", &self.path, &error))?;
            self.size = 0;
            self.hash = self.checksum.as_ref().map(Hash::new);
        }
        self.version = version;
        let note = beside(&self.place.path, ".part.meta");
        match &self.version {
            None => self.unlink(&note),
            Some(version) => {
                let text = json!({ "source": self.place.source, "validator": version.validator, "total": version.total });
                let os = &self.place.os;
                let flags = OpenFlags { write: true, create: true, truncate: true, ..OpenFlags::default() };
                let file = os.backend().open(&os.ambient().resolve(&note), flags, 0o666);
                let written = file.and_then(|file| write_all(&*file, text.to_string().as_bytes()));
                written.map_err(|error| failed("write", &note, &error))
            }
        }
    }

    pub(super) fn finish(&mut self, url: &str) -> Result<u64> {
        if let (Some(hash), Some(checksum)) = (self.hash.take(), &self.checksum) {
            let (expected, actual) = (checksum.digits().to_lowercase(), hash.digits());
            if expected != actual {
                // Nothing to go on with.
                self.unlink(&self.path)?;
                self.unlink(&beside(&self.place.path, ".part.meta"))?;
                return Err(Error::Checksum { url: redact(url), expected, actual });
            }
        }
        self.file.sync(true).map_err(|error| failed("fdatasync", &self.path, &error))?;
        let (os, path) = (&self.place.os, &self.place.path);
        let renamed = os.backend().rename(&os.ambient().resolve(&self.path), &os.ambient().resolve(path));
        renamed.map_err(|error| failed("rename", path, &error))?;
        self.unlink(&beside(path, ".part.meta"))?;
        Ok(self.size)
    }

    /// It may be gone already.
    fn unlink(&self, path: &Path) -> Result<()> {
        let os = &self.place.os;
        match os.backend().unlink(&os.ambient().resolve(path)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed("unlink", path, &error)),
            _ => Ok(()),
        }
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// The version that the part of an earlier call is of, if it came from the same place. A note that cannot be read is none.
fn noted(place: &Place) -> Option<Version> {
    let text = read_file(&place.os, &beside(&place.path, ".part.meta")).ok()?;
    let note: Value = serde_json::from_slice(&text).ok()?;
    let of_this = note.get("source")?.as_str()? == place.source;
    let validator = note.get("validator")?.as_str()?.to_owned();
    of_this.then(|| Version { validator, total: note.get("total").and_then(Value::as_u64) })
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
