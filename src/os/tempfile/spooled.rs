//! [`SpooledTemporaryFile`]: in memory while it is small.

use super::{OsTempfile, Temp};
use crate::error::errno::EBADF;
use crate::os::{Error, File, Result};
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

/// The maximum size of a [`SpooledTemporaryFile`] in memory, alone or with the place of its file.
#[derive(Clone, Debug, Default)]
pub struct Spool {
    pub(super) max_size: u64,
    pub(super) temp: Temp,
}

impl Spool {
    /// Keeps up to this many bytes in memory; 0 means no limit, until
    /// [`SpooledTemporaryFile::rollover`].
    pub fn new(max_size: u64) -> Spool {
        Spool { max_size, temp: Temp::new() }
    }

    /// Sets directory and name of the file, whose name is removed at once. Default: as for
    /// [`OsTempfile::mkstemp`].
    #[must_use]
    pub fn temp(self, temp: impl Into<Temp>) -> Spool {
        Spool { temp: temp.into(), ..self }
    }
}

impl From<u64> for Spool {
    fn from(max_size: u64) -> Spool {
        Spool::new(max_size)
    }
}

/// A temporary file that is kept in memory up to a size, or until its file is requested.
///
/// ```
/// use std::io::{Read as _, Seek as _, Write as _};
/// let os = leyden::World::new().batteries().os;
/// # os.mkdir("/tmp").ok();
/// let mut spool = os.tempfile.spooled_temporary_file(8);
/// spool.write_all(b"small")?;
/// assert!(!spool.is_rolled());
/// spool.write_all(b", then large")?;
/// assert!(spool.is_rolled());
/// spool.rewind()?;
/// let mut text = String::new();
/// spool.read_to_string(&mut text)?;
/// assert_eq!(text, "small, then large");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// <https://docs.python.org/3/library/tempfile.html#tempfile.SpooledTemporaryFile>
#[derive(Debug)]
pub struct SpooledTemporaryFile {
    pub(super) os: OsTempfile,
    pub(super) max_size: u64,
    pub(super) temp: Temp,
    pub(super) at: Place,
}

#[derive(Debug)]
pub(super) enum Place {
    Memory(Cursor<Vec<u8>>),
    File(File),
}

impl SpooledTemporaryFile {
    /// Returns true if it is a file.
    pub fn is_rolled(&self) -> bool {
        matches!(self.at, Place::File(_))
    }

    /// Converts it to a file now; the position does not change.
    ///
    /// # Errors
    /// Those of [`OsTempfile::temporary_file`] and of writing. On failure it stays in memory.
    #[doc(alias = "tempfile.SpooledTemporaryFile.rollover")]
    pub fn rollover(&mut self) -> Result<()> {
        self.file().map(drop)
    }

    /// Returns the file, converting it first if it is in memory: for locks, text and functions that
    /// take a [`File`].
    ///
    /// # Errors
    /// Same as [`SpooledTemporaryFile::rollover`].
    #[doc(alias = "tempfile.SpooledTemporaryFile.fileno")]
    pub fn file(&mut self) -> Result<&mut File> {
        if let Place::Memory(memory) = &self.at {
            let mut file = self.os.temporary_file(self.temp.clone())?;
            let failed = |error: io::Error| Error::new("rollover", &error, None, None);
            file.write_all(memory.get_ref()).map_err(failed)?;
            file.seek(SeekFrom::Start(memory.position())).map_err(failed)?;
            self.at = Place::File(file);
        }
        match &mut self.at {
            Place::File(file) => Ok(file),
            Place::Memory(_) => Err(Error::new("rollover", &io::Error::from_raw_os_error(EBADF), None, None)),
        }
    }

    /// Truncates it, or extends it with zeros; `None` means at the position, which does not change.
    /// A length beyond the size in memory converts it to a file.
    ///
    /// # Errors
    /// Same as [`SpooledTemporaryFile::rollover`].
    #[doc(alias = "tempfile.SpooledTemporaryFile.truncate")]
    pub fn truncate(&mut self, length: impl Into<Option<u64>>) -> Result<()> {
        let length = length.into();
        if length.is_some_and(|length| length > self.max_size) {
            self.rollover()?;
        }
        match &mut self.at {
            Place::File(file) => file.truncate(length).map(drop),
            Place::Memory(memory) => {
                // As in Python, the part in memory is truncated and never extended.
                let length = usize::try_from(length.unwrap_or_else(|| memory.position())).unwrap_or(usize::MAX);
                memory.get_mut().truncate(length);
                Ok(())
            }
        }
    }
}

impl Read for SpooledTemporaryFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.at {
            Place::Memory(memory) => memory.read(buffer),
            Place::File(file) => file.read(buffer),
        }
    }
}

impl Write for SpooledTemporaryFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Place::Memory(memory) = &self.at
            && self.max_size > 0
            && memory.position().saturating_add(bytes.len() as u64) > self.max_size
        {
            // First the file: if it cannot be created, nothing is added in memory either.
            self.rollover()?;
        }
        match &mut self.at {
            Place::Memory(memory) => memory.write(bytes),
            Place::File(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.at {
            Place::Memory(_) => Ok(()),
            Place::File(file) => file.flush(),
        }
    }
}

impl Seek for SpooledTemporaryFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match &mut self.at {
            Place::Memory(memory) => memory.seek(to),
            Place::File(file) => file.seek(to),
        }
    }
}
