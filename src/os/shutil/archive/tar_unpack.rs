//! Unpacks tar archives with any compression.

use super::sandbox::{self, Attributes, Sandbox};
use super::{Filter, Unpack};
use crate::os::fs::stream::Stream;
use crate::os::path::OsPath;
use crate::os::{Error, Result};
use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::rc::Rc;
use std::time::{Duration, SystemTime};
use tar::{Archive, Entry, EntryType};

/// The limit for data between two entries (long names, pax records), so that an archive cannot fill
/// the memory.
const BETWEEN: u64 = 1 << 20;

/// The memory limit for xz archives in KiB. The highest preset takes 64 MiB.
const XZ_MEMORY: u32 = 256 << 10;

pub(super) fn unpack(os: &OsPath, what: &Unpack) -> Result<()> {
    let file = sandbox::open(os, &what.filename)?;
    let no_tar = |problem: &str| Error::ReadArchive { path: what.filename.clone(), problem: problem.into() };
    let read = |error: &io::Error| match error.raw_os_error() {
        Some(_) => Error::new("read", error, Some(&what.filename), None),
        None => no_tar("it is not a tar archive"),
    };
    let mut reader = BufReader::with_capacity(1 << 16, Stream(&*file));
    // The contents determine the compression: as in Python, whatever the format's name.
    let mut plain: Box<dyn Read> = match reader.fill_buf().map_err(|error| read(&error))? {
        [0x1f, 0x8b, ..] => Box::new(flate2::bufread::MultiGzDecoder::new(reader)),
        [b'B', b'Z', b'h', ..] => Box::new(bzip2::bufread::MultiBzDecoder::new(reader)),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Box::new(lzma_rust2::XzReader::new_mem_limit(reader, true, XZ_MEMORY)),
        _ => Box::new(reader),
    };
    let mut first = Vec::new();
    plain.by_ref().take(512).read_to_end(&mut first).map_err(|error| read(&error))?;
    if first.len() < 512 || !is_header(&first) {
        return Err(no_tar("it is not a tar archive"));
    }
    let budget = Rc::new(Cell::new(BETWEEN));
    let metered = Metered { inner: Cursor::new(first).chain(plain), budget: budget.clone() };
    let mut sandbox = Sandbox::new(os, what)?;
    let mut archive = Archive::new(metered);
    let mut entries = archive.entries().map_err(|error| sandbox.broken(&error))?;
    loop {
        budget.set(BETWEEN);
        let entry = match entries.next() {
            None => break,
            Some(Ok(entry)) => entry,
            Some(Err(_)) if budget.get() == 0 => return Err(no_tar("the header of an entry is too long")),
            Some(Err(error)) => return Err(sandbox.broken(&error)),
        };
        budget.set(u64::MAX); // the sandbox counts what is unpacked
        add(&mut sandbox, entry, what.filter)?;
    }
    budget.set(BETWEEN);
    verify(archive.into_inner()).map_err(|error| sandbox.broken(&error))?;
    sandbox.finish()
}

/// Reads to the end after the last entry, where a compressed archive has its checksum. Other bytes
/// may follow it, as `gzip` allows; a damaged part of the archive may not.
fn verify(mut rest: impl Read) -> io::Result<()> {
    let is_damage = |error: &io::Error| {
        let text = error.to_string();
        error.kind() == io::ErrorKind::UnexpectedEof
            || error.raw_os_error().is_some()
            || ["checksum", "corrupt"].iter().any(|word| text.contains(word))
    };
    match io::copy(&mut rest, &mut io::sink()) {
        Err(error) if is_damage(&error) => Err(error),
        _ => Ok(()),
    }
}

/// Returns true for a block of zeros, or one with a valid checksum.
fn is_header(block: &[u8]) -> bool {
    let mut header = tar::Header::new_old();
    header.as_mut_bytes().copy_from_slice(block);
    let sum: u32 =
        block.iter().enumerate().map(|(at, byte)| u32::from(if (148..156).contains(&at) { b' ' } else { *byte })).sum();
    block.iter().all(|byte| *byte == 0) || header.cksum().is_ok_and(|said| said == sum)
}

fn add<R: Read>(sandbox: &mut Sandbox<'_>, mut entry: Entry<'_, R>, filter: Filter) -> Result<()> {
    let name = entry.path_bytes().into_owned();
    let mtime = mtime(&mut entry);
    let mode = entry.header().mode().ok().map(|mode| mode & 0o755);
    let mut kind = entry.header().entry_type();
    if kind == EntryType::XGlobalHeader {
        return Ok(());
    }
    if kind == EntryType::Regular && name.ends_with(b"/") {
        kind = EntryType::Directory; // as in very old archives
    }
    sandbox.count()?;
    let of_file = match filter {
        Filter::Data => mode.map(|mode| (if mode & 0o100 == 0 { mode & !0o111 } else { mode }) | 0o600),
        Filter::Tar => mode,
    };
    let of_dir = if filter == Filter::Tar { mode } else { None };
    let link = || entry.link_name_bytes().map(std::borrow::Cow::into_owned).unwrap_or_default();
    match kind {
        EntryType::Directory => sandbox.dir(&name, Attributes { mode: of_dir, mtime }),
        EntryType::Symlink => sandbox.symlink(&name, &link(), Attributes { mode: None, mtime }),
        EntryType::Link => sandbox.again(&name, &link(), Attributes { mode: of_file, mtime }),
        EntryType::Fifo | EntryType::Char | EntryType::Block => Err(sandbox.refused(&name, "is a device or a named pipe")),
        _ => {
            let left = entry.size();
            sandbox.file(&name, Attributes { mode: of_file, mtime }, &mut Whole { entry, left })
        }
    }
}

/// Returns the entry's time, with the fraction of a pax record.
fn mtime<R: Read>(entry: &mut Entry<'_, R>) -> Option<SystemTime> {
    let exact = entry.pax_extensions().ok().flatten().and_then(|records| {
        let record = records.flatten().find(|record| record.key_bytes() == b"mtime")?;
        let (seconds, fraction) = record.value().ok()?.split_once('.')?;
        let digits = format!("{fraction:0<9}");
        Some(Duration::new(seconds.parse().ok()?, digits.get(..9)?.parse().ok()?))
    });
    let since = exact.or_else(|| entry.header().mtime().ok().map(Duration::from_secs))?;
    SystemTime::UNIX_EPOCH.checked_add(since)
}

/// Fails for a truncated entry, instead of creating a shorter file.
struct Whole<R> {
    entry: R,
    left: u64,
}

impl<R: Read> Read for Whole<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.entry.read(buffer)?;
        self.left = self.left.saturating_sub(read as u64);
        if read == 0 && self.left > 0 && !buffer.is_empty() {
            return Err(io::Error::other("it ends within a file"));
        }
        Ok(read)
    }
}

/// Limits the data to the budget.
struct Metered<R> {
    inner: R,
    budget: Rc<Cell<u64>>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.budget.get();
        if left == 0 {
            return Err(io::Error::other("too much between two entries"));
        }
        let most = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let read = self.inner.read(buffer.get_mut(..most).unwrap_or_default())?;
        self.budget.set(left - read as u64);
        Ok(read)
    }
}
