//! Request bodies: from memory, a file or a reader, and whether they can be sent again.

use std::fmt;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use crate::os::Os;
use crate::os::backend::{Handle, OpenFlags};

/// A request body.
#[derive(Clone, Default)]
pub enum Body {
    /// No body.
    #[default]
    Empty,
    /// In memory. Can be sent again.
    Bytes(Bytes),
    /// Read while it is sent, in constant memory.
    Stream(Stream),
}

impl Body {
    /// Returns the number of bytes, if known.
    #[doc(alias = "requests.utils.super_len")]
    pub fn len(&self) -> Option<u64> {
        match self {
            Body::Empty => Some(0),
            Body::Bytes(bytes) => Some(bytes.len() as u64),
            Body::Stream(stream) => stream.len(),
        }
    }

    /// Returns true if the body is known to be empty.
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }

    /// Returns the bytes, if they are in memory.
    pub fn as_bytes(&self) -> Option<&Bytes> {
        match self {
            Body::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Body::Empty => f.write_str("Empty"),
            body => write!(f, "Body({:?} bytes)", body.len()),
        }
    }
}

/// A body of several pieces, each in memory, in a file, or from a reader. Multipart forms use it.
#[derive(Clone, Debug, Default)]
pub struct Stream {
    pieces: Vec<Piece>,
}

#[derive(Clone)]
enum Piece {
    Bytes(Bytes),
    File {
        os: Os,
        path: PathBuf,
        len: u64,
    },
    Reader(Arc<Reader>),
    #[cfg(feature = "record")]
    Observed {
        stream: Stream,
        observer: Observer,
    },
}

/// Called with each chunk that is read, and with `None` when reading restarts.
#[cfg(feature = "record")]
pub(crate) type Observer = Arc<dyn Fn(Option<&[u8]>) + Send + Sync>;

/// A reader can be consumed once; `len` is the length that the caller declared.
struct Reader {
    reader: Mutex<Option<Box<dyn Read + Send>>>,
    len: Option<u64>,
}

impl Stream {
    pub(super) fn push_bytes(&mut self, bytes: impl Into<Bytes>) {
        self.pieces.push(Piece::Bytes(bytes.into()));
    }

    /// Appends a file. Its length is read now, for Content-Length.
    pub(super) fn push_file(&mut self, os: &Os, path: PathBuf) -> Result<(), crate::os::Error> {
        let file = open(os, &path)?;
        let stat = file.stat().map_err(|error| crate::os::Error::new("fstat", &error, Some(&path), None))?;
        self.pieces.push(Piece::File { os: os.clone(), path, len: stat.st_size });
        Ok(())
    }

    pub(super) fn push_reader(&mut self, reader: Box<dyn Read + Send>, len: Option<u64>) {
        self.pieces.push(Piece::Reader(Arc::new(Reader { reader: Mutex::new(Some(reader)), len })));
    }

    /// Returns the same body with an observer for the chunks that are read.
    #[cfg(feature = "record")]
    pub(crate) fn observed(self, observer: Observer) -> Stream {
        Stream { pieces: vec![Piece::Observed { stream: self, observer }] }
    }

    /// Returns the total length, if the lengths of all pieces are known.
    pub fn len(&self) -> Option<u64> {
        self.pieces.iter().try_fold(0u64, |sum, piece| sum.checked_add(piece.len()?))
    }

    /// Returns true if the body is known to be empty.
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }

    /// Returns the body as one buffer, if all pieces are in memory.
    pub(in crate::requests) fn into_bytes(self) -> Result<Bytes, Stream> {
        let mut all = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Bytes(bytes) => all.extend_from_slice(bytes),
                _ => return Err(self),
            }
        }
        Ok(all.into())
    }

    /// Returns false after a reader was consumed, because it cannot be rewound.
    pub fn can_be_sent(&self) -> bool {
        self.pieces.iter().all(|piece| match piece {
            Piece::Reader(reader) => reader.reader.lock().unwrap_or_else(PoisonError::into_inner).is_some(),
            #[cfg(feature = "record")]
            Piece::Observed { stream, .. } => stream.can_be_sent(),
            _ => true,
        })
    }

    /// Opens a reader over all pieces, from the start. It consumes the readers among them: see
    /// [`Stream::can_be_sent`].
    pub fn open(&self) -> Box<dyn Read + Send> {
        Box::new(Pieces { rest: self.pieces.clone().into_iter(), current: None })
    }
}

impl Piece {
    fn len(&self) -> Option<u64> {
        match self {
            Piece::Bytes(bytes) => Some(bytes.len() as u64),
            Piece::File { len, .. } => Some(*len),
            Piece::Reader(reader) => reader.len,
            #[cfg(feature = "record")]
            Piece::Observed { stream, .. } => stream.len(),
        }
    }

    fn open(self) -> io::Result<Box<dyn Read + Send>> {
        Ok(match self {
            Piece::Bytes(bytes) => Box::new(io::Cursor::new(bytes)),
            // If the file grows meanwhile, do not send more bytes than announced.
            Piece::File { os, path, len } => Box::new(FileReader(open(&os, &path).map_err(io::Error::from)?).take(len)),
            Piece::Reader(reader) => {
                let taken = reader.reader.lock().unwrap_or_else(PoisonError::into_inner).take();
                taken.ok_or_else(|| io::Error::other("the reader was already consumed"))?
            }
            #[cfg(feature = "record")]
            Piece::Observed { stream, observer } => {
                observer(None);
                Box::new(Observing { reader: stream.open(), observer })
            }
        })
    }
}

impl fmt::Debug for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Piece::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Piece::File { path, len, .. } => write!(f, "{} ({len} bytes)", path.display()),
            Piece::Reader(reader) => write!(f, "a reader ({:?} bytes)", reader.len),
            #[cfg(feature = "record")]
            Piece::Observed { stream, .. } => stream.fmt(f),
        }
    }
}

struct Pieces {
    rest: std::vec::IntoIter<Piece>,
    current: Option<Box<dyn Read + Send>>,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(current) = &mut self.current {
                match current.read(buffer)? {
                    0 if !buffer.is_empty() => self.current = None,
                    read => return Ok(read),
                }
            } else {
                match self.rest.next() {
                    Some(piece) => self.current = Some(piece.open()?),
                    None => return Ok(0),
                }
            }
        }
    }
}

#[cfg(feature = "record")]
struct Observing {
    reader: Box<dyn Read + Send>,
    observer: Observer,
}

#[cfg(feature = "record")]
impl Read for Observing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        (self.observer)(buffer.get(..read));
        Ok(read)
    }
}

struct FileReader(Box<dyn Handle>);

impl Read for FileReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

fn open(os: &Os, path: &std::path::Path) -> Result<Box<dyn Handle>, crate::os::Error> {
    let flags = OpenFlags { read: true, ..OpenFlags::default() };
    let opened = os.backend().open(&os.ambient().resolve(path), flags, 0);
    opened.map_err(|error| crate::os::Error::new("open", &error, Some(path), None))
}

/// Reads a whole small file: certificates, `.netrc`, saved cookies.
pub(in crate::requests) fn read_file(os: &Os, path: &std::path::Path) -> Result<Vec<u8>, crate::os::Error> {
    let mut bytes = Vec::new();
    let read = FileReader(open(os, path)?).read_to_end(&mut bytes);
    read.map_err(|error| crate::os::Error::new("read", &error, Some(path), None))?;
    Ok(bytes)
}
