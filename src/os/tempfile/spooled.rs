//! [`SpooledTemporaryFile`]: in memory while it is small.

use super::{OsTempfile, Temp};
use crate::error::errno::EBADF;
use crate::os::{Error, File, Result};
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

/// How large a [`SpooledTemporaryFile`] may become in memory, and where it goes then: a number of bytes, alone or with a place.
#[derive(Clone, Debug, Default)]
pub struct Spool {
    pub(super) max_size: u64,
    pub(super) temp: Temp,
}

impl Spool {
    /// In memory up to so many bytes; 0 is no limit, until [`SpooledTemporaryFile::rollover`].
    pub fn new(max_size: u64) -> Spool {
        Spool { max_size, temp: Temp::new() }
    }

    /// Where and under what name the file is made. It loses the name at once. Default: as for [`OsTempfile::mkstemp`].
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

/// A temporary file that is kept in memory until it holds more than a size, or until it is asked for its file.
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
    /// True once it is a file.
    pub fn is_rolled(&self) -> bool {
        matches!(self.at, Place::File(_))
    }

    /// Makes it a file now; the position stays.
    ///
    /// # Errors
    /// Those of [`OsTempfile::temporary_file`] and of writing. It stays in memory then.
    #[doc(alias = "tempfile.SpooledTemporaryFile.rollover")]
    pub fn rollover(&mut self) -> Result<()> {
        self.file().map(drop)
    }

    /// The file, which is made if it is in memory still: for locks, text and whatever takes a [`File`].
    ///
    /// # Errors
    /// As [`SpooledTemporaryFile::rollover`].
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

    /// Cuts it, or lengthens it by zeros; None means: here. The position stays. A length beyond the size in memory makes it a file.
    ///
    /// # Errors
    /// As [`SpooledTemporaryFile::rollover`].
    #[doc(alias = "tempfile.SpooledTemporaryFile.truncate")]
    pub fn truncate(&mut self, length: impl Into<Option<u64>>) -> Result<()> {
        let length = length.into();
        if length.is_some_and(|length| length > self.max_size) {
            self.rollover()?;
        }
        match &mut self.at {
            Place::File(file) => file.truncate(length).map(drop),
            Place::Memory(memory) => {
                // As in Python, what is in memory is cut and never lengthened.
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
            // First the file: what cannot be written is not taken into memory either.
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
