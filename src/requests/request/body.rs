//! Bodies: what is sent, from memory, a file or a reader, and how often it can be.

use std::fmt;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use crate::os::Os;
use crate::os::backend::{Handle, OpenFlags};

/// A body as it goes out.
#[derive(Clone, Default)]
pub enum Body {
    /// None at all.
    #[default]
    Empty,
    /// In memory. Can be sent again.
    Bytes(Bytes),
    /// Read while it is sent, in constant memory.
    Stream(Stream),
}

impl Body {
    /// The number of bytes, where it is known.
    #[doc(alias = "requests.utils.super_len")]
    pub fn len(&self) -> Option<u64> {
        match self {
            Body::Empty => Some(0),
            Body::Bytes(bytes) => Some(bytes.len() as u64),
            Body::Stream(stream) => stream.len(),
        }
    }

    /// True if it is known to have no byte.
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }

    /// The bytes, if they are in memory.
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

/// A body in pieces, each in memory, in a file, or from a reader. Multipart forms are made of several.
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

/// Gets each piece that is read, and None when reading begins from the start.
#[cfg(feature = "record")]
pub(crate) type Observer = Arc<dyn Fn(Option<&[u8]>) + Send + Sync>;

/// A reader can be taken once; `len` is what its owner promised.
struct Reader {
    reader: Mutex<Option<Box<dyn Read + Send>>>,
    len: Option<u64>,
}

impl Stream {
    pub(super) fn push_bytes(&mut self, bytes: impl Into<Bytes>) {
        self.pieces.push(Piece::Bytes(bytes.into()));
    }

    /// A file's contents. Its length is taken now: that is what Content-Length will say.
    pub(super) fn push_file(&mut self, os: &Os, path: PathBuf) -> Result<(), crate::os::Error> {
        let file = open(os, &path)?;
        let stat = file.stat().map_err(|error| crate::os::Error::new("fstat", &error, Some(&path), None))?;
        self.pieces.push(Piece::File { os: os.clone(), path, len: stat.st_size });
        Ok(())
    }

    pub(super) fn push_reader(&mut self, reader: Box<dyn Read + Send>, len: Option<u64>) {
        self.pieces.push(Piece::Reader(Arc::new(Reader { reader: Mutex::new(Some(reader)), len })));
    }

    /// The same body. What is read of it passes an observer.
    #[cfg(feature = "record")]
    pub(crate) fn observed(self, observer: Observer) -> Stream {
        Stream { pieces: vec![Piece::Observed { stream: self, observer }] }
    }

    /// The sum of its pieces, if all are known.
    pub fn len(&self) -> Option<u64> {
        self.pieces.iter().try_fold(0u64, |sum, piece| sum.checked_add(piece.len()?))
    }

    /// True if it is known to have no byte.
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }

    /// All of it as one piece of memory, if no piece is elsewhere.
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

    /// False once a reader in it was read: nobody can wind it back.
    pub fn can_be_sent(&self) -> bool {
        self.pieces.iter().all(|piece| match piece {
            Piece::Reader(reader) => reader.reader.lock().unwrap_or_else(PoisonError::into_inner).is_some(),
            #[cfg(feature = "record")]
            Piece::Observed { stream, .. } => stream.can_be_sent(),
            _ => true,
        })
    }

    /// A reader over everything, from the start. It takes the readers in it: see [`Stream::can_be_sent`].
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
            // A file that grows meanwhile must not push more bytes into the connection than were announced.
            Piece::File { os, path, len } => Box::new(FileReader(open(&os, &path).map_err(io::Error::from)?).take(len)),
            Piece::Reader(reader) => {
                let taken = reader.reader.lock().unwrap_or_else(PoisonError::into_inner).take();
                taken.ok_or_else(|| io::Error::other("the reader was read already"))?
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

/// A whole small file: certificates, `.netrc`, saved cookies.
pub(in crate::requests) fn read_file(os: &Os, path: &std::path::Path) -> Result<Vec<u8>, crate::os::Error> {
    let mut bytes = Vec::new();
    let read = FileReader(open(os, path)?).read_to_end(&mut bytes);
    read.map_err(|error| crate::os::Error::new("read", &error, Some(path), None))?;
    Ok(bytes)
}
