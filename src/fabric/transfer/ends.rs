//! What a transfer takes from and gives to: paths, readers, writers.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

/// What can be read and rewound.
pub trait ReadSeek: Read + Seek + Send {}

impl<T: Read + Seek + Send> ReadSeek for T {}

/// What [`put`](crate::fabric::Connection::put) sends: a local path, or a reader.
#[non_exhaustive]
pub enum Source<'a> {
    /// A file.
    Path(PathBuf),
    /// A file-like object. It is read from its start, and its position is restored.
    Reader {
        /// What is read.
        reader: Box<dyn ReadSeek + 'a>,
        /// Python's `.name`: what the file is called in a remote directory.
        name: Option<OsString>,
    },
}

impl<'a> Source<'a> {
    /// A file-like object without a name.
    pub fn reader(reader: impl Read + Seek + Send + 'a) -> Source<'a> {
        Source::Reader { reader: Box::new(reader), name: None }
    }

    /// A file-like object with a name.
    pub fn named(reader: impl Read + Seek + Send + 'a, name: impl Into<OsString>) -> Source<'a> {
        Source::Reader { reader: Box::new(reader), name: Some(name.into()) }
    }
}

/// Where [`get`](crate::fabric::Connection::get) writes: a local path with `{host}` and other fields, a writer, or nothing given.
#[non_exhaustive]
pub enum Destination<'a> {
    /// The remote file's name, in the working directory.
    Default,
    /// A path, in which `{host}`, `{user}`, `{port}`, `{dirname}` and `{basename}` are filled in. One that ends in `/` is a directory.
    Path(OsString),
    /// A file-like object.
    Writer(Box<dyn Write + Send + 'a>),
}

impl<'a> Destination<'a> {
    /// A file-like object: a `&mut Vec<u8>`, an open file.
    pub fn writer(writer: impl Write + Send + 'a) -> Destination<'a> {
        Destination::Writer(Box::new(writer))
    }
}

/// A remote path, or none: the home directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RemotePath(pub(super) Option<PathBuf>);

macro_rules! path_from {
    ($($type:ty),+) => {$(
        impl From<$type> for Source<'_> {
            fn from(path: $type) -> Self {
                Source::Path(PathBuf::from(path))
            }
        }
        impl From<$type> for Destination<'_> {
            fn from(path: $type) -> Self {
                let path: &OsStr = path.as_ref();
                if path.is_empty() { Destination::Default } else { Destination::Path(path.to_owned()) }
            }
        }
        impl From<$type> for RemotePath {
            fn from(path: $type) -> Self {
                let path = PathBuf::from(path);
                RemotePath((!path.as_os_str().is_empty()).then_some(path))
            }
        }
        impl From<Option<$type>> for Destination<'_> {
            fn from(path: Option<$type>) -> Self {
                path.map_or(Destination::Default, Into::into)
            }
        }
        impl From<Option<$type>> for RemotePath {
            fn from(path: Option<$type>) -> Self {
                path.map_or_else(RemotePath::default, Into::into)
            }
        }
    )+};
}

path_from!(&str, String, &Path, PathBuf, &PathBuf, OsString);

impl From<()> for Destination<'_> {
    fn from((): ()) -> Self {
        Destination::Default
    }
}

impl From<()> for RemotePath {
    fn from((): ()) -> Self {
        RemotePath::default()
    }
}

impl fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Path(path) => f.debug_tuple("Path").field(path).finish(),
            Source::Reader { name, .. } => f.debug_struct("Reader").field("name", name).finish_non_exhaustive(),
        }
    }
}

impl fmt::Debug for Destination<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Destination::Default => f.write_str("Default"),
            Destination::Path(path) => f.debug_tuple("Path").field(path).finish(),
            Destination::Writer(_) => f.write_str("Writer"),
        }
    }
}
