//! [`SftpAttributes`]: what a server says of a file.

use std::ffi::OsString;
use std::fmt;

use super::wire::{Reader, Truncated, Writer};
use crate::os::{FileType, StatResult};
use crate::time::Time;

const SIZE: u32 = 1;
const UIDGID: u32 = 2;
const PERMISSIONS: u32 = 4;
const TIMES: u32 = 8;
const EXTENDED: u32 = 0x8000_0000;

/// `paramiko.SFTPAttributes`: what a server says of a file, or what it is to set. A field that is None is not sent, or stays as it is.
///
/// `Debug` is Python's `repr()`.
///
/// <https://docs.paramiko.org/en/stable/api/sftp.html#paramiko.sftp_attr.SFTPAttributes>
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias = "paramiko.SFTPAttributes")]
pub struct SftpAttributes {
    /// Bytes.
    pub st_size: Option<u64>,
    /// The owner's number.
    pub st_uid: Option<u32>,
    /// The group's number.
    pub st_gid: Option<u32>,
    /// File type and permission bits.
    pub st_mode: Option<u32>,
    /// Last read, in seconds since 1970.
    pub st_atime: Option<u32>,
    /// Last change of the contents, in seconds since 1970.
    pub st_mtime: Option<u32>,
    /// Extensions of the server: name and value.
    pub attr: Vec<(Vec<u8>, Vec<u8>)>,
    /// The name, of an entry of a listing.
    pub filename: Option<OsString>,
    /// The server's own line about the entry, as `ls -l` has it. For people to read.
    pub longname: Option<Vec<u8>>,
}

impl SftpAttributes {
    /// Every field is None.
    pub fn new() -> SftpAttributes {
        SftpAttributes::default()
    }

    /// `SFTPAttributes.from_stat`: what a local file has.
    #[doc(alias = "paramiko.SFTPAttributes.from_stat")]
    pub fn from_stat(stat: &StatResult, filename: Option<OsString>) -> SftpAttributes {
        SftpAttributes {
            st_size: Some(stat.st_size),
            st_uid: Some(stat.st_uid),
            st_gid: Some(stat.st_gid),
            st_mode: Some(stat.st_mode),
            st_atime: Some(super::wire::seconds(stat.st_atime)),
            st_mtime: Some(super::wire::seconds(stat.st_mtime)),
            filename,
            ..SftpAttributes::default()
        }
    }

    /// Only a size: what `truncate` sets.
    pub(super) fn of_size(size: u64) -> SftpAttributes {
        SftpAttributes { st_size: Some(size), ..SftpAttributes::default() }
    }

    /// Only permissions.
    pub(super) fn of_mode(mode: u32) -> SftpAttributes {
        SftpAttributes { st_mode: Some(mode), ..SftpAttributes::default() }
    }

    /// Only owner and group.
    pub(super) fn of_owner(uid: u32, gid: u32) -> SftpAttributes {
        SftpAttributes { st_uid: Some(uid), st_gid: Some(gid), ..SftpAttributes::default() }
    }

    /// Only times.
    pub(super) fn of_times(atime: u32, mtime: u32) -> SftpAttributes {
        SftpAttributes { st_atime: Some(atime), st_mtime: Some(mtime), ..SftpAttributes::default() }
    }

    /// What kind of file it is, if the server says so.
    pub fn file_type(&self) -> Option<FileType> {
        self.st_mode.filter(|mode| mode & 0o170_000 != 0).map(FileType::of_mode)
    }

    /// True if it is a directory.
    pub fn is_dir(&self) -> bool {
        self.file_type() == Some(FileType::Dir)
    }

    /// True if it is a symbolic link.
    pub fn is_symlink(&self) -> bool {
        self.file_type() == Some(FileType::Symlink)
    }

    pub(super) fn unpack(reader: &mut Reader<'_>) -> Result<SftpAttributes, Truncated> {
        let flags = reader.u32()?;
        let mut found = SftpAttributes::default();
        if flags & SIZE != 0 {
            found.st_size = Some(reader.u64()?);
        }
        if flags & UIDGID != 0 {
            found.st_uid = Some(reader.u32()?);
            found.st_gid = Some(reader.u32()?);
        }
        if flags & PERMISSIONS != 0 {
            found.st_mode = Some(reader.u32()?);
        }
        if flags & TIMES != 0 {
            found.st_atime = Some(reader.u32()?);
            found.st_mtime = Some(reader.u32()?);
        }
        if flags & EXTENDED != 0 {
            for _ in 0..reader.u32()? {
                found.attr.push((reader.string()?.to_vec(), reader.string()?.to_vec()));
            }
        }
        Ok(found)
    }

    pub(super) fn pack(&self, writer: Writer) -> Writer {
        let owner = self.st_uid.zip(self.st_gid);
        let times = self.st_atime.zip(self.st_mtime);
        let flag = |bit, set: bool| if set { bit } else { 0 };
        let flags = flag(SIZE, self.st_size.is_some())
            | flag(UIDGID, owner.is_some())
            | flag(PERMISSIONS, self.st_mode.is_some())
            | flag(TIMES, times.is_some())
            | flag(EXTENDED, !self.attr.is_empty());
        let mut writer = writer.u32(flags);
        if let Some(size) = self.st_size {
            writer = writer.u64(size);
        }
        if let Some((uid, gid)) = owner {
            writer = writer.u32(uid).u32(gid);
        }
        if let Some(mode) = self.st_mode {
            writer = writer.u32(mode);
        }
        if let Some((atime, mtime)) = times {
            writer = writer.u32(atime).u32(mtime);
        }
        if !self.attr.is_empty() {
            writer = writer.u32(u32::try_from(self.attr.len()).unwrap_or(u32::MAX));
            for (name, value) in &self.attr {
                writer = writer.string(name).string(value);
            }
        }
        writer
    }

    /// `str(attributes)` as bytes: a line as `ls -l` has it, with the local time, or the year of what is older than 180 days.
    #[doc(alias = "paramiko.SFTPAttributes.asbytes")]
    pub fn asbytes(&self, clock: &Time) -> Vec<u8> {
        let kind = match self.st_mode.map(|mode| mode & 0o170_000) {
            None => "?---------".to_owned(),
            Some(kind) => {
                let letter = match kind {
                    0o010_000 => 'p',
                    0o020_000 => 'c',
                    0o040_000 => 'd',
                    0o060_000 => 'b',
                    0o100_000 => '-',
                    0o120_000 => 'l',
                    0o140_000 => 's',
                    _ => '?',
                };
                let mode = self.st_mode.unwrap_or(0);
                let user = rwx(mode >> 6 & 7, mode & 0o4000 != 0, "-xSs");
                let group = rwx(mode >> 3 & 7, mode & 0o2000 != 0, "-xSs");
                format!("{letter}{user}{group}{}", rwx(mode & 7, mode & 0o1000 != 0, "-xTt"))
            }
        };
        let date = match self.st_mtime {
            None | Some(u32::MAX) => "(unknown date)".to_owned(),
            Some(mtime) => {
                let old = super::wire::seconds(clock.time()).abs_diff(mtime) > 15_552_000;
                let format = if old { "%d %b %Y" } else { "%d %b %H:%M" };
                let local = clock.localtime(super::wire::time(mtime));
                local.and_then(|local| clock.strftime(format, &local)).unwrap_or_else(|_| "(unknown date)".to_owned())
            }
        };
        let (uid, gid, size) = (self.st_uid.unwrap_or(0), self.st_gid.unwrap_or(0), self.st_size.unwrap_or(0));
        let mut line = format!("{kind}   1 {uid:<8} {gid:<8} {size:>8} {date:<12} ").into_bytes();
        line.extend(self.filename.as_ref().map_or(&b"?"[..], |name| std::os::unix::ffi::OsStrExt::as_bytes(name.as_os_str())));
        line
    }
}

fn rwx(bits: u32, special: bool, execute: &str) -> String {
    let r = if bits & 4 != 0 { 'r' } else { '-' };
    let w = if bits & 2 != 0 { 'w' } else { '-' };
    let at = usize::from(special) * 2 + (bits & 1) as usize;
    format!("{r}{w}{}", execute.chars().nth(at).unwrap_or('-'))
}

impl fmt::Debug for SftpAttributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<SFTPAttributes: [ ")?;
        if let Some(size) = self.st_size {
            write!(f, "size={size} ")?;
        }
        if let Some((uid, gid)) = self.st_uid.zip(self.st_gid) {
            write!(f, "uid={uid} gid={gid} ")?;
        }
        if let Some(mode) = self.st_mode {
            write!(f, "mode=0o{mode:o} ")?;
        }
        if let Some((atime, mtime)) = self.st_atime.zip(self.st_mtime) {
            write!(f, "atime={atime} mtime={mtime} ")?;
        }
        for (name, value) in &self.attr {
            write!(f, "\"{}\"={:?} ", String::from_utf8_lossy(name), String::from_utf8_lossy(value))?;
        }
        f.write_str("]>")
    }
}
