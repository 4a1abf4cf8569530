//! Creates tar archives in the pax format, with the same names as Python's tarfile.

use super::MakeArchive;
use super::pack::{self, Compression, Output};
use crate::os::backend::{FileType, StatResult};
use crate::os::fs::stream::Stream;
use crate::os::machine::accounts;
use crate::os::path::{OsPath, join};
use crate::os::text::bytes;
use crate::os::{Error, Result};
use std::collections::HashMap;
use std::ffi::OsString;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tar::{Builder, EntryType, Header};

pub(super) fn pack(os: &OsPath, base_name: &Path, archive: &MakeArchive, compression: Compression) -> Result<PathBuf> {
    let ending = match compression {
        Compression::None => ".tar",
        Compression::Gzip => ".tar.gz",
        Compression::Bzip2 => ".tar.bz2",
        Compression::Xz => ".tar.xz",
    };
    pack::write(os, base_name, ending, archive, |output| {
        let written = |error: io::Error| Error::new("make_archive", &error, Some(&output.path), None);
        let file = BufWriter::with_capacity(1 << 16, Stream(output.target.handle()));
        match compression {
            Compression::None => fill(os, archive, output, file)?.flush().map_err(written),
            Compression::Gzip => {
                let encoder = flate2::write::GzEncoder::new(file, flate2::Compression::default());
                fill(os, archive, output, encoder)?.finish().and_then(|mut file| file.flush()).map_err(written)
            }
            Compression::Bzip2 => {
                let encoder = bzip2::write::BzEncoder::new(file, bzip2::Compression::best());
                fill(os, archive, output, encoder)?.finish().and_then(|mut file| file.flush()).map_err(written)
            }
            Compression::Xz => {
                let encoder = lzma_rust2::XzWriter::new(file, lzma_rust2::XzOptions::with_preset(6)).map_err(written)?;
                fill(os, archive, output, encoder)?.finish().and_then(|mut file| file.flush()).map_err(written)
            }
        }
    })
}

fn fill<W: Write>(os: &OsPath, archive: &MakeArchive, output: &Output, sink: W) -> Result<W> {
    let mut tar = Tar::new(os, archive, output, sink);
    let (path, name) = pack::base(archive);
    let mut todo = vec![(path, name.to_path_buf())];
    while let Some((path, name)) = todo.pop() {
        if tar.add(&path, &name)? {
            let entries = pack::sorted(os, &path)?;
            todo.extend(entries.iter().rev().map(|entry| (join(&path, &entry.name), join(&name, &entry.name))));
        }
    }
    tar.builder.into_inner().map_err(|error| Error::new("make_archive", &error, Some(&output.path), None))
}

struct Tar<'a, W: Write> {
    os: &'a OsPath,
    output: &'a Output,
    builder: Builder<W>,
    users: HashMap<u32, OsString>,
    groups: HashMap<u32, OsString>,
    /// The owner and group for all entries, if set.
    owner: Option<(u32, OsString)>,
    group: Option<(u32, OsString)>,
    /// Files with several names, and their first name in the archive.
    linked: HashMap<(u64, u64), Vec<u8>>,
}

impl<'a, W: Write> Tar<'a, W> {
    fn new(os: &'a OsPath, archive: &MakeArchive, output: &'a Output, sink: W) -> Self {
        // As in Python, an unknown name has no effect.
        let named = |names: &HashMap<u32, OsString>, wanted: &Option<OsString>| {
            let wanted = wanted.as_ref()?;
            names.iter().find(|(_, name)| *name == wanted).map(|(id, name)| (*id, name.clone()))
        };
        let users = accounts::users(os.backend()).into_iter().map(|user| (user.uid, user.name)).collect();
        let groups = accounts::groups(os.backend()).into_iter().map(|(name, gid)| (gid, name)).collect();
        let (owner, group) = (named(&users, &archive.owner), named(&groups, &archive.group));
        Tar { os, output, builder: Builder::new(sink), users, groups, owner, group, linked: HashMap::new() }
    }

    /// Adds one entry. Returns true for a directory, whose entries follow.
    fn add(&mut self, path: &Path, name: &Path) -> Result<bool> {
        let stat = self.os.lstat(path)?;
        if self.output.is(self.os, &stat) {
            return Ok(false);
        }
        let mut header = Header::new_ustar();
        let mut pax = Pax::default();
        let mut link = Vec::new();
        let mut stored = bytes(name).strip_prefix(b"/").unwrap_or(bytes(name)).to_vec();
        let kind = match stat.file_type() {
            FileType::File => {
                let first = self.linked.get(&(stat.st_dev, stat.st_ino)).cloned();
                match first {
                    Some(first) if stat.st_nlink > 1 => {
                        link = first;
                        EntryType::Link
                    }
                    _ => {
                        if stat.st_nlink > 1 {
                            self.linked.insert((stat.st_dev, stat.st_ino), stored.clone());
                        }
                        EntryType::Regular
                    }
                }
            }
            FileType::Dir => {
                stored.push(b'/');
                EntryType::Directory
            }
            FileType::Symlink => {
                let target = self.os.backend().readlink(&self.os.resolve(path));
                link = bytes(&target.map_err(|error| Error::new("readlink", &error, Some(path), None))?).to_vec();
                EntryType::Symlink
            }
            FileType::Fifo => EntryType::Fifo,
            FileType::CharDevice => EntryType::Char,
            FileType::BlockDevice => EntryType::Block,
            FileType::Socket => return Ok(false), // not supported in archives
        };
        header.set_entry_type(kind);
        let is_file = kind == EntryType::Regular;
        header.set_size(if is_file { stat.st_size } else { 0 });
        self.describe(&mut header, &mut pax, &stat, &stored, &link)?;
        let failed = |error: io::Error| Error::new("make_archive", &error, Some(&self.output.path), None);
        let records = pax.records.iter().map(|(key, value)| (*key, value.as_slice()));
        self.builder.append_pax_extensions(records).map_err(failed)?;
        header.set_cksum();
        if is_file {
            let builder = &mut self.builder;
            pack::with_file(self.os, path, |file| {
                let mut exactly = Exactly { file, left: stat.st_size };
                builder.append(&header, &mut exactly)
            })?;
        } else {
            self.builder.append(&header, io::empty()).map_err(failed)?;
        }
        Ok(kind == EntryType::Directory)
    }

    fn describe(&self, header: &mut Header, pax: &mut Pax, stat: &StatResult, name: &[u8], link: &[u8]) -> Result<()> {
        let since = stat.st_mtime.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
        if since.subsec_nanos() > 0 {
            let text = format!("{}.{:09}", since.as_secs(), since.subsec_nanos());
            pax.records.push(("mtime", text.trim_end_matches('0').into()));
        }
        let (uid, user) = match &self.owner {
            Some((uid, name)) => (*uid, Some(name)),
            None => (stat.st_uid, self.users.get(&stat.st_uid)),
        };
        let (gid, group) = match &self.group {
            Some((gid, name)) => (*gid, Some(name)),
            None => (stat.st_gid, self.groups.get(&stat.st_gid)),
        };
        header.set_mode(stat.permissions());
        header.set_mtime(since.as_secs());
        header.set_uid(u64::from(uid));
        header.set_gid(u64::from(gid));
        if let FileType::CharDevice | FileType::BlockDevice = stat.file_type() {
            let number = |error: io::Error| Error::new("make_archive", &error, None, None);
            let dev = stat.st_rdev; // the C library's makedev()
            header.set_device_major(((dev >> 8) & 0xfff | (dev >> 32) & !0xfff) as u32).map_err(number)?;
            header.set_device_minor((dev & 0xff | (dev >> 12) & !0xff) as u32).map_err(number)?;
        }
        let Some(ustar) = header.as_ustar_mut() else { return Ok(()) };
        pax.put("path", name, &mut ustar.name);
        pax.put("linkpath", link, &mut ustar.linkname);
        pax.put("uname", user.map_or(&[], |name| bytes(name)), &mut ustar.uname);
        pax.put("gname", group.map_or(&[], |name| bytes(name)), &mut ustar.gname);
        Ok(())
    }
}

/// Values that do not fit into the old header.
#[derive(Default)]
struct Pax {
    records: Vec<(&'static str, Vec<u8>)>,
}

impl Pax {
    fn put(&mut self, key: &'static str, value: &[u8], field: &mut [u8]) {
        if !value.is_ascii() || value.len() > field.len() {
            self.records.push((key, value.to_vec()));
        }
        for (place, byte) in field.iter_mut().zip(value) {
            *place = if byte.is_ascii() { *byte } else { b'?' };
        }
    }
}

/// Returns exactly as many bytes as the header announces, even if the file changes meanwhile: one
/// that grew is truncated, one that shrank is an error.
struct Exactly<'a> {
    file: &'a mut dyn Read,
    left: u64,
}

impl Read for Exactly<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Ok(0);
        }
        let most = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let read = self.file.read(buffer.get_mut(..most).unwrap_or_default())?;
        if read == 0 {
            return Err(io::Error::other("the file became shorter while it was read"));
        }
        self.left -= read as u64;
        Ok(read)
    }
}
