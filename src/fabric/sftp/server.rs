//! The far side: an SFTP server over an `os` handle, as the fakes of hosts have one.

use std::collections::HashMap;
use std::io;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use tokio::io::AsyncWriteExt as _;

use super::attributes::SftpAttributes;
use super::status::code;
use super::wire::{Reader, Truncated, Writer, kind, open_flag};
use crate::error::errno::{EACCES, EBADF, EFAULT, EINVAL, ELOOP, ENAMETOOLONG, ENOENT, ENOSYS, ENOTDIR, EPERM};
use crate::fabric::backend::BoxStream;
use crate::os::backend::{Entries, FileTime, Handle, OpenFlags, Times};
use crate::os::{Os, StatResult, StatVfsResult};

/// As many handles as OpenSSH's server has, with the usual limit of files.
const MAX_HANDLES: usize = 1000;
const MAX_DATA: u32 = 261_120;
const EXTENSIONS: [(&str, &str); 11] = [
    ("posix-rename@openssh.com", "1"),
    ("statvfs@openssh.com", "2"),
    ("fstatvfs@openssh.com", "2"),
    ("hardlink@openssh.com", "1"),
    ("fsync@openssh.com", "1"),
    ("lsetstat@openssh.com", "1"),
    ("limits@openssh.com", "1"),
    ("expand-path@openssh.com", "1"),
    ("copy-data", "1"),
    ("home-directory", "1"),
    ("users-groups-by-id@openssh.com", "1"),
];

/// Serves one session until the client closes it. Relative paths are below `home`.
///
/// It answers as OpenSSH's `sftp-server` does: its statuses, its extensions, its limits.
pub async fn serve(os: Os, home: PathBuf, mut stream: BoxStream) {
    let mut server = Server { os, home, handles: HashMap::new(), next: 0 };
    while let Ok(Some(packet)) = super::link::packet(&mut stream).await {
        let answer = server.answer(&packet);
        let Some(answer) = answer else { return };
        if stream.write_all(&answer).await.is_err() || stream.flush().await.is_err() {
            return;
        }
    }
}

struct Server {
    os: Os,
    home: PathBuf,
    handles: HashMap<Vec<u8>, Opened>,
    next: u32,
}

enum Opened {
    File { handle: Box<dyn Handle>, append: bool },
    Directory { path: PathBuf, entries: Entries, dots: bool },
}

/// Why a request has no answer of its kind.
enum Refusal {
    Status(u32),
    Os(io::Error),
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Refusal {
        Refusal::Os(error)
    }
}

impl From<Truncated> for Refusal {
    fn from(_: Truncated) -> Refusal {
        Refusal::Status(code::BAD_MESSAGE)
    }
}

type Answer = Result<Option<Writer>, Refusal>;

fn owned(bytes: &[u8]) -> PathBuf {
    PathBuf::from(std::ffi::OsString::from_vec(bytes.to_vec()))
}

impl Server {
    /// None: the session cannot go on.
    fn answer(&mut self, packet: &[u8]) -> Option<Vec<u8>> {
        let mut reader = Reader(packet);
        let kind = reader.byte().ok()?;
        if kind == kind::INIT {
            let hello = Writer::new(kind::VERSION).u32(3);
            let hello = EXTENSIONS.iter().fold(hello, |writer, (name, version)| writer.string(name).string(version));
            return Some(hello.finish());
        }
        let id = reader.u32().ok()?;
        let answer = self.handle(kind, id, &mut reader);
        let status = |code: u32| {
            let text = match code {
                code::OK => "Success",
                code::EOF => "End of file",
                code::NO_SUCH_FILE => "No such file",
                code::PERMISSION_DENIED => "Permission denied",
                code::BAD_MESSAGE => "Bad message",
                code::OP_UNSUPPORTED => "Operation unsupported",
                _ => "Failure",
            };
            Writer::new(kind::STATUS).u32(id).u32(code).string(text).string("").finish()
        };
        Some(match answer {
            Ok(Some(writer)) => writer.finish(),
            Ok(None) => status(code::OK),
            Err(Refusal::Status(code)) => status(code),
            // OpenSSH's `errno_to_portable`.
            Err(Refusal::Os(error)) => status(match error.raw_os_error() {
                Some(ENOENT | ENOTDIR | EBADF | ELOOP) => code::NO_SUCH_FILE,
                Some(EPERM | EACCES | EFAULT) => code::PERMISSION_DENIED,
                Some(ENAMETOOLONG | EINVAL) => code::BAD_MESSAGE,
                Some(ENOSYS) => code::OP_UNSUPPORTED,
                _ => code::FAILURE,
            }),
        })
    }

    /// A path of the client, absolute.
    fn path(&self, reader: &mut Reader<'_>) -> Result<PathBuf, Refusal> {
        let path = owned(reader.string()?);
        Ok(if path.as_os_str().is_empty() { self.home.clone() } else { self.home.join(path) })
    }

    fn keep(&mut self, id: u32, opened: Opened) -> Answer {
        if self.handles.len() >= MAX_HANDLES {
            return Err(Refusal::Status(code::FAILURE));
        }
        self.next = self.next.wrapping_add(1);
        // Handles need not be text: OpenSSH's are four bytes.
        let name = self.next.to_be_bytes().to_vec();
        self.handles.insert(name.clone(), opened);
        Ok(Some(Writer::new(kind::HANDLE).u32(id).string(name)))
    }

    fn file(&self, reader: &mut Reader<'_>) -> Result<(&dyn Handle, bool), Refusal> {
        match self.handles.get(reader.string()?) {
            Some(Opened::File { handle, append }) => Ok((&**handle, *append)),
            _ => Err(Refusal::Status(code::FAILURE)),
        }
    }

    fn handle(&mut self, kind: u8, id: u32, reader: &mut Reader<'_>) -> Answer {
        let backend = self.os.backend().clone();
        let attributes = |stat: &StatResult| Writer::new(kind::ATTRS).u32(id).attributes(&SftpAttributes::from_stat(stat, None));
        let name = |path: &Path| {
            let bytes = path.as_os_str().as_bytes();
            Writer::new(kind::NAME).u32(id).u32(1).string(bytes).string(bytes).attributes(&SftpAttributes::new())
        };
        match kind {
            kind::OPEN => {
                let path = self.path(reader)?;
                let flags = reader.u32()?;
                let attributes = SftpAttributes::unpack(reader)?;
                let has = |flag| flags & flag != 0;
                let open = OpenFlags {
                    read: has(open_flag::READ) || !has(open_flag::WRITE),
                    write: has(open_flag::WRITE),
                    append: has(open_flag::APPEND),
                    create: has(open_flag::CREATE),
                    truncate: has(open_flag::TRUNCATE),
                    exclusive: has(open_flag::EXCLUSIVE),
                    ..OpenFlags::default()
                };
                let handle = backend.open(&path, open, attributes.st_mode.unwrap_or(0o666) & 0o7777)?;
                self.keep(id, Opened::File { handle, append: open.append })
            }
            kind::OPENDIR => {
                let path = self.path(reader)?;
                let entries = backend.read_dir(&path)?;
                self.keep(id, Opened::Directory { path, entries, dots: true })
            }
            kind::CLOSE => match self.handles.remove(reader.string()?) {
                Some(_) => Ok(None),
                None => Err(Refusal::Status(code::FAILURE)),
            },
            kind::READ => {
                let (handle, _) = self.file(reader)?;
                let (offset, length) = (reader.u64()?, reader.u32()?.min(MAX_DATA));
                let mut bytes = vec![0; length as usize];
                let count = handle.read_at(&mut bytes, offset)?;
                if count == 0 && length > 0 {
                    return Err(Refusal::Status(code::EOF));
                }
                Ok(Some(Writer::new(kind::DATA).u32(id).string(bytes.get(..count).unwrap_or_default())))
            }
            kind::WRITE => {
                let (handle, append) = self.file(reader)?;
                let offset = reader.u64()?;
                let mut bytes = reader.string()?;
                let mut at = offset;
                while !bytes.is_empty() {
                    let count = if append { handle.write(bytes)? } else { handle.write_at(bytes, at)? };
                    bytes = bytes.get(count..).unwrap_or_default();
                    at = next(at, count)?;
                }
                Ok(None)
            }
            kind::STAT | kind::LSTAT => {
                let path = self.path(reader)?;
                Ok(Some(attributes(&backend.stat(&path, kind == kind::STAT)?)))
            }
            kind::FSTAT => {
                let (handle, _) = self.file(reader)?;
                Ok(Some(attributes(&handle.stat()?)))
            }
            kind::SETSTAT => {
                let path = self.path(reader)?;
                self.set(&path, &SftpAttributes::unpack(reader)?, true)
            }
            kind::FSETSTAT => {
                let (handle, _) = self.file(reader)?;
                let wanted = SftpAttributes::unpack(reader)?;
                if let Some(size) = wanted.st_size {
                    handle.truncate(size)?;
                }
                if let Some(mode) = wanted.st_mode {
                    handle.chmod(mode & 0o7777)?;
                }
                if let Some(times) = times(&wanted) {
                    handle.utime(times)?;
                }
                if let Some((uid, gid)) = wanted.st_uid.zip(wanted.st_gid) {
                    handle.chown(Some(uid), Some(gid))?;
                }
                Ok(None)
            }
            kind::READDIR => self.read_dir(id, reader),
            kind::REMOVE => Ok(backend.unlink(&self.path(reader)?).map(|()| None)?),
            kind::MKDIR => {
                let path = self.path(reader)?;
                let mode = SftpAttributes::unpack(reader)?.st_mode.unwrap_or(0o777);
                backend.mkdir(&path, mode & 0o7777)?;
                Ok(None)
            }
            kind::RMDIR => Ok(backend.rmdir(&self.path(reader)?).map(|()| None)?),
            kind::REALPATH => {
                let path = self.path(reader)?;
                Ok(Some(name(&self.real_path(&path)?)))
            }
            kind::RENAME => {
                let (from, to) = (self.path(reader)?, self.path(reader)?);
                // The draft's rename does not replace. OpenSSH links and unlinks, so that nothing can come between.
                let stat = backend.stat(&from, false)?;
                if stat.is_file() {
                    backend.link(&from, &to, false)?;
                    backend.unlink(&from)?;
                } else if backend.stat(&to, false).is_ok() {
                    return Err(Refusal::Status(code::FAILURE));
                } else {
                    backend.rename(&from, &to)?;
                }
                Ok(None)
            }
            kind::READLINK => Ok(Some(name(&backend.readlink(&self.path(reader)?)?))),
            kind::SYMLINK => {
                let target = owned(reader.string()?);
                let link = self.path(reader)?;
                backend.symlink(&target, &link)?;
                Ok(None)
            }
            kind::EXTENDED => self.extended(id, reader),
            _ => Err(Refusal::Status(code::OP_UNSUPPORTED)),
        }
    }

    fn read_dir(&mut self, id: u32, reader: &mut Reader<'_>) -> Answer {
        let backend = self.os.backend().clone();
        let Some(Opened::Directory { path, entries, dots }) = self.handles.get_mut(reader.string()?) else {
            return Err(Refusal::Status(code::FAILURE));
        };
        let mut names: Vec<Vec<u8>> = Vec::new();
        if std::mem::take(dots) {
            names.extend([b".".to_vec(), b"..".to_vec()]);
        }
        while names.len() < 100 {
            match entries.next() {
                Some(entry) => names.push(entry?.name.into_vec()),
                None => break,
            }
        }
        if names.is_empty() {
            return Err(Refusal::Status(code::EOF));
        }
        let mut found: Vec<(Vec<u8>, SftpAttributes)> = Vec::new();
        for name in names {
            // A file that is gone since is passed over.
            if let Ok(stat) = backend.stat(&path.join(owned(&name)), false) {
                found.push((name, SftpAttributes::from_stat(&stat, None)));
            }
        }
        let writer = Writer::new(kind::NAME).u32(id).u32(u32::try_from(found.len()).unwrap_or(0));
        let add = |writer: Writer, (name, attributes): &(Vec<u8>, SftpAttributes)| {
            let mut longname = format!("{:o} ", attributes.st_mode.unwrap_or(0)).into_bytes();
            longname.extend(name);
            writer.string(name).string(longname).attributes(attributes)
        };
        Ok(Some(found.iter().fold(writer, add)))
    }

    fn set(&self, path: &Path, wanted: &SftpAttributes, follow: bool) -> Answer {
        let backend = self.os.backend();
        if let Some(size) = wanted.st_size {
            backend.truncate(path, size)?;
        }
        if let Some(mode) = wanted.st_mode {
            backend.chmod(path, mode & 0o7777, follow)?;
        }
        if let Some(times) = times(wanted) {
            backend.utime(path, times, follow)?;
        }
        if let Some((uid, gid)) = wanted.st_uid.zip(wanted.st_gid) {
            backend.chown(path, Some(uid), Some(gid), follow)?;
        }
        Ok(None)
    }

    /// `sftp_realpath`: links are followed; the last part need not be there.
    fn real_path(&self, path: &Path) -> Result<PathBuf, Refusal> {
        let refused = |error: crate::os::Error| io::Error::from_raw_os_error(error.errno().unwrap_or(2));
        match self.os.path.realpath(crate::os::path::RealPath::new(path).strict(true)) {
            Ok(real) => Ok(real),
            Err(_) => {
                let parent = path.parent().ok_or_else(|| io::Error::from_raw_os_error(ENOENT))?;
                let name = path.file_name().ok_or_else(|| io::Error::from_raw_os_error(ENOENT))?;
                let parent = self.os.path.realpath(crate::os::path::RealPath::new(parent).strict(true)).map_err(refused)?;
                Ok(parent.join(name))
            }
        }
    }

    fn extended(&mut self, id: u32, reader: &mut Reader<'_>) -> Answer {
        let backend = self.os.backend().clone();
        let reply = || Writer::new(kind::EXTENDED_REPLY).u32(id);
        let statvfs = |found: StatVfsResult| {
            let fields = [
                found.f_bsize,
                found.f_frsize,
                found.f_blocks,
                found.f_bfree,
                found.f_bavail,
                found.f_files,
                found.f_ffree,
                found.f_favail,
                found.f_fsid,
                found.f_flag,
                found.f_namemax,
            ];
            Ok(Some(fields.into_iter().fold(reply(), Writer::u64)))
        };
        match reader.string()? {
            b"posix-rename@openssh.com" => {
                let (from, to) = (self.path(reader)?, self.path(reader)?);
                Ok(backend.rename(&from, &to).map(|()| None)?)
            }
            b"hardlink@openssh.com" => {
                let (from, to) = (self.path(reader)?, self.path(reader)?);
                Ok(backend.link(&from, &to, false).map(|()| None)?)
            }
            b"fsync@openssh.com" => Ok(self.file(reader)?.0.sync(false).map(|()| None)?),
            b"statvfs@openssh.com" => statvfs(backend.statvfs(&self.path(reader)?)?),
            b"fstatvfs@openssh.com" => statvfs(self.file(reader)?.0.statvfs()?),
            b"lsetstat@openssh.com" => {
                let path = self.path(reader)?;
                self.set(&path, &SftpAttributes::unpack(reader)?, false)
            }
            b"limits@openssh.com" => {
                let limits = [262_144, u64::from(MAX_DATA), u64::from(MAX_DATA), MAX_HANDLES as u64];
                Ok(Some(limits.into_iter().fold(reply(), Writer::u64)))
            }
            b"expand-path@openssh.com" => {
                let path = reader.string()?;
                let path = match path.strip_prefix(b"~") {
                    Some(rest) if rest.is_empty() || rest.starts_with(b"/") => {
                        self.home.join(owned(rest.strip_prefix(b"/").unwrap_or(rest)))
                    }
                    Some(_) => self.os.path.expanduser(owned(path)),
                    None => self.home.join(owned(path)),
                };
                let real = self.real_path(&path)?;
                let bytes = real.as_os_str().as_bytes();
                Ok(Some(Writer::new(kind::NAME).u32(id).u32(1).string(bytes).string(bytes).attributes(&SftpAttributes::new())))
            }
            b"copy-data" => {
                let (from, _) = self.file(reader)?;
                let (mut at, length) = (reader.u64()?, reader.u64()?);
                let (to, _) = self.file(reader)?;
                let mut into = reader.u64()?;
                let mut left = if length == 0 { u64::MAX } else { length };
                let mut buffer = vec![0; 64 << 10];
                while left > 0 {
                    let want = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
                    let count = from.read_at(buffer.get_mut(..want).unwrap_or_default(), at)?;
                    if count == 0 {
                        break;
                    }
                    let mut bytes = buffer.get(..count).unwrap_or_default();
                    while !bytes.is_empty() {
                        let written = to.write_at(bytes, into)?;
                        bytes = bytes.get(written..).unwrap_or_default();
                        into = next(into, written)?;
                    }
                    at = next(at, count)?;
                    left = left.saturating_sub(count as u64);
                }
                Ok(None)
            }
            b"users-groups-by-id@openssh.com" => {
                let ids = |bytes: &[u8]| bytes.chunks_exact(4).filter_map(|id| Reader(id).u32().ok()).collect::<Vec<u32>>();
                let (uids, gids) = (ids(reader.string()?), ids(reader.string()?));
                let groups = crate::os::machine::accounts::groups(&*backend);
                let list = |names: Vec<Vec<u8>>| {
                    let mut bytes = Vec::new();
                    for name in names {
                        bytes.extend(u32::try_from(name.len()).unwrap_or(0).to_be_bytes());
                        bytes.extend(name);
                    }
                    bytes
                };
                let user = |uid: &u32| {
                    crate::os::machine::accounts::user_of_id(&*backend, *uid).map(|user| user.name.into_vec()).unwrap_or_default()
                };
                let group = |gid: &u32| {
                    let found = groups.iter().find(|(_, number)| number == gid);
                    found.map(|(name, _)| name.as_bytes().to_vec()).unwrap_or_default()
                };
                let users = list(uids.iter().map(user).collect());
                let groups = list(gids.iter().map(group).collect());
                Ok(Some(reply().string(users).string(groups)))
            }
            _ => Err(Refusal::Status(code::OP_UNSUPPORTED)),
        }
    }
}

fn times(wanted: &SftpAttributes) -> Option<Times> {
    let (atime, mtime) = wanted.st_atime.zip(wanted.st_mtime)?;
    let at = |seconds: u32| Some(FileTime::At(super::wire::time(seconds)));
    Some(Times { atime: at(atime), mtime: at(mtime) })
}

/// The offset after these bytes. An offset is the client's: it may be near the greatest number.
fn next(at: u64, count: usize) -> Result<u64, Refusal> {
    at.checked_add(count as u64).ok_or(Refusal::Status(code::FAILURE))
}
