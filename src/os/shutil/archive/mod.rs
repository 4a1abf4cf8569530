//! Archives: making them, unpacking them, and the registry of formats.
//!
//! ```
//! use leyden::os::shutil::archive::{MakeArchive, Unpack};
//! let os = leyden::World::new().batteries().os;
//! # for dir in ["/srv", "/srv/site", "/srv/site/css"] { os.mkdir(dir)?; }
//! let path = os.shutil.make_archive("/backup/site", MakeArchive::new("gztar").root_dir("/srv").base_dir("site"))?;
//! assert_eq!(path.as_os_str(), "/backup/site.tar.gz");
//! os.shutil.unpack_archive(Unpack::new(path).extract_dir("/restored"))?;
//! assert!(os.path.isdir("/restored/site/css"));
//! # Ok::<(), leyden::os::Error>(())
//! ```
//!
//! The formats are Python's: `tar`, `gztar`, `bztar`, `xztar` (pax format) and `zip` (deflate),
//! with the same entries and names. All are written and read as streams: memory does not grow with
//! the archive.
//!
//! # Safe unpacking
//!
//! Archives are untrusted. Every entry is written through open directories that follow no link, so
//! no entry can be written outside the target:
//!
//! - an absolute name, or one with a `..` in it, is [`Error::UnsafeEntry`];
//! - so is a name that leads through a link, including one from the archive;
//! - so is a link that leads or could lead out of the target: its target may begin with `..`, but
//!   not contain one further on;
//! - so are devices and named pipes;
//! - set-user-id, set-group-id and sticky bits, and write permission for others, are removed;
//!   owners are not set;
//! - an existing file is replaced, never written through;
//! - overlapping entries of a zip are [`Error::ReadArchive`];
//! - a path longer than 4,095 bytes, which no call accepts, is [`Error::UnsafeEntry`];
//! - unpacking stops with [`Error::ArchiveTooLarge`] at [`Unpack::max_entries`] and
//!   [`Unpack::max_bytes`]. Implied directories count as entries.
//!
//! DIFFERENCE: Python 3.11 trusts a tar archive by default, strips the slash of an absolute name,
//! and silently skips such entries of a zip. [`Filter`] has Python's `data` (the default here) and
//! `tar`, but not `fully_trusted`.
//!
//! DIFFERENCE: a hard link in a tar archive is unpacked as a copy.
//!
//! DIFFERENCE: an archive that is written into the directory that it contains excludes itself in
//! every format (Python: only in tar). A zip contains each time twice: local time, as Python writes
//! it, and UTC in the extended timestamp field. A file from before 1980 or after 2107 is
//! [`Error::Value`]; in Python it is a `ValueError` or a `struct.error`.

mod pack;
mod registry;
mod sandbox;
mod steady;
mod tar_pack;
mod tar_unpack;
mod zip_pack;
mod zip_unpack;

pub(super) use registry::Registry;
pub use registry::{ArchiveFormat, UnpackFormat};

use super::OsShutil;
use crate::error::errno::ENOTDIR;
use crate::os::{Error, Result};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The argument of [`OsShutil::make_archive`]: a format, alone or with options.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MakeArchive {
    /// The format's name.
    pub format: String,
    /// The directory that names in the archive are relative to; `None` is the working directory.
    pub root_dir: Option<PathBuf>,
    /// The directory or file to pack, relative to `root_dir`; `None` is all of it.
    pub base_dir: Option<PathBuf>,
    /// Whether nothing is written.
    pub dry_run: bool,
    /// The owner of entries of a tar archive.
    pub owner: Option<OsString>,
    /// The group of entries of a tar archive.
    pub group: Option<OsString>,
}

impl MakeArchive {
    /// Packs the working directory as `"tar"`, `"gztar"`, `"bztar"`, `"xztar"`, `"zip"`, or a
    /// registered format.
    pub fn new(format: impl Into<String>) -> MakeArchive {
        MakeArchive { format: format.into(), root_dir: None, base_dir: None, dry_run: false, owner: None, group: None }
    }

    /// Sets the directory that names in the archive are relative to. Default: the working
    /// directory.
    #[must_use]
    pub fn root_dir(self, root_dir: impl Into<PathBuf>) -> MakeArchive {
        MakeArchive { root_dir: Some(root_dir.into()), ..self }
    }

    /// Sets the directory or file to pack, relative to the root directory; names begin with it.
    /// Default: `.`, all of it.
    #[must_use]
    pub fn base_dir(self, base_dir: impl Into<PathBuf>) -> MakeArchive {
        MakeArchive { base_dir: Some(base_dir.into()), ..self }
    }

    /// Sets whether nothing is written, and only the path is returned. Default: false.
    #[must_use]
    pub fn dry_run(self, dry_run: bool) -> MakeArchive {
        MakeArchive { dry_run, ..self }
    }

    /// Sets the owner of entries of a tar archive. Default: the files' own.
    #[must_use]
    pub fn owner(self, owner: impl Into<OsString>) -> MakeArchive {
        MakeArchive { owner: Some(owner.into()), ..self }
    }

    /// Sets the group of entries of a tar archive. Default: the files' own.
    #[must_use]
    pub fn group(self, group: impl Into<OsString>) -> MakeArchive {
        MakeArchive { group: Some(group.into()), ..self }
    }
}

impl From<&str> for MakeArchive {
    fn from(format: &str) -> MakeArchive {
        MakeArchive::new(format)
    }
}

/// Restrictions for entries of a tar archive: Python's extraction filters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Filter {
    /// `"data"`: files are readable and writable for their owner, and executable if they are for
    /// their owner; directories are created according to the umask.
    #[default]
    Data,
    /// `"tar"`: files and directories have the archive's mode, without the dangerous bits.
    Tar,
}

/// The argument of [`OsShutil::unpack_archive`]: an archive's path, alone or with options.
#[derive(Clone, Debug)]
pub struct Unpack {
    filename: PathBuf,
    extract_dir: PathBuf,
    format: Option<String>,
    filter: Filter,
    max_entries: u64,
    max_bytes: u64,
}

/// 4 GiB: fits on the disk of a small machine.
const MAX_BYTES: u64 = 4 << 30;

impl Unpack {
    /// Unpacks `filename` into the working directory.
    pub fn new(filename: impl Into<PathBuf>) -> Unpack {
        Unpack {
            filename: filename.into(),
            extract_dir: ".".into(),
            format: None,
            filter: Filter::Data,
            max_entries: 1_000_000,
            max_bytes: MAX_BYTES,
        }
    }

    /// Sets the target directory, which is created if it does not exist. Default: the working
    /// directory.
    #[must_use]
    pub fn extract_dir(self, extract_dir: impl Into<PathBuf>) -> Unpack {
        Unpack { extract_dir: extract_dir.into(), ..self }
    }

    /// Sets the format's name. Default: determined by the file name's extension.
    #[must_use]
    pub fn format(self, format: impl Into<String>) -> Unpack {
        Unpack { format: Some(format.into()), ..self }
    }

    /// Sets the restrictions for entries of a tar archive. Default: [`Filter::Data`].
    #[must_use]
    pub fn filter(self, filter: Filter) -> Unpack {
        Unpack { filter, ..self }
    }

    /// Sets the maximum number of entries, including implied directories. Default: 1,000,000.
    #[must_use]
    pub fn max_entries(self, max_entries: u64) -> Unpack {
        Unpack { max_entries, ..self }
    }

    /// Sets the maximum total size of the unpacked entries in bytes. Default: 4 GiB.
    #[must_use]
    pub fn max_bytes(self, max_bytes: u64) -> Unpack {
        Unpack { max_bytes, ..self }
    }
}

impl<P: AsRef<Path>> From<P> for Unpack {
    fn from(filename: P) -> Unpack {
        Unpack::new(filename.as_ref())
    }
}

impl OsShutil {
    /// Creates an archive of a directory at `base_name` plus the format's extension. Returns its
    /// path, which is absolute if a root directory was set. Missing parents are created. An
    /// existing archive is replaced when the new one is complete.
    ///
    /// # Errors
    /// [`Error::Value`] for an unknown format; errors of reading and writing.
    #[doc(alias = "shutil.make_archive")]
    pub fn make_archive(&self, base_name: impl AsRef<Path>, archive: impl Into<MakeArchive>) -> Result<PathBuf> {
        let archive = archive.into();
        let Some(packer) = self.formats.packer(&archive.format) else {
            return Err(Error::Value(format!("make_archive: unknown archive format '{}'", archive.format)));
        };
        if let Some(root) = &archive.root_dir
            && !self.path.stat(root)?.is_dir()
        {
            return Err(Error::new("make_archive", &std::io::Error::from_raw_os_error(ENOTDIR), Some(root), None));
        }
        packer(&self.path, base_name.as_ref(), &archive)
    }

    /// Unpacks an archive.
    ///
    /// # Errors
    /// [`Error::Value`] for an unknown format; [`Error::ReadArchive`] for a file that is not an
    /// archive, or has an unknown extension; [`Error::UnsafeEntry`] and [`Error::ArchiveTooLarge`],
    /// see the [module](self); errors of writing.
    #[doc(alias = "shutil.unpack_archive")]
    pub fn unpack_archive(&self, archive: impl Into<Unpack>) -> Result<()> {
        let archive = archive.into();
        let unpacker = match &archive.format {
            Some(format) => {
                self.formats.unpacker(format).ok_or_else(|| Error::Value(format!("unpack_archive: unknown format '{format}'")))?
            }
            None => self.formats.unpacker_for(&archive.filename).ok_or_else(|| Error::ReadArchive {
                path: archive.filename.clone(),
                problem: "unknown archive extension".into(),
            })?,
        };
        unpacker(&self.path, &archive)
    }

    /// Returns the formats that can be created, by name.
    #[doc(alias = "shutil.get_archive_formats")]
    pub fn get_archive_formats(&self) -> Vec<ArchiveFormat> {
        self.formats.archive_formats()
    }

    /// Returns the formats that can be unpacked, by name.
    #[doc(alias = "shutil.get_unpack_formats")]
    pub fn get_unpack_formats(&self) -> Vec<UnpackFormat> {
        self.formats.unpack_formats()
    }

    /// Registers a format for this handle and its clones, replacing one of the same name. `make`
    /// gets the base name and the arguments, and returns the path of the archive.
    #[doc(alias = "shutil.register_archive_format")]
    pub fn register_archive_format(
        &self,
        name: impl Into<String>,
        description: impl Into<String>,
        make: impl Fn(&Path, &MakeArchive) -> Result<PathBuf> + Send + Sync + 'static,
    ) {
        self.formats.register_packer(name.into(), description.into(), move |_, base_name, archive| make(base_name, archive));
    }

    /// Unregisters a format.
    ///
    /// # Errors
    /// [`Error::Lookup`] if it is not registered.
    #[doc(alias = "shutil.unregister_archive_format")]
    pub fn unregister_archive_format(&self, name: &str) -> Result<()> {
        self.formats.unregister_packer(name)
    }

    /// Registers a format for this handle and its clones. `unpack` gets the archive's path and the
    /// target directory, and must keep the entries within it.
    ///
    /// # Errors
    /// [`Error::Registry`] if an extension belongs to another format.
    #[doc(alias = "shutil.register_unpack_format")]
    pub fn register_unpack_format<E: Into<String>>(
        &self,
        name: impl Into<String>,
        extensions: impl IntoIterator<Item = E>,
        description: impl Into<String>,
        unpack: impl Fn(&Path, &Path) -> Result<()> + Send + Sync + 'static,
    ) -> Result<()> {
        let format = UnpackFormat {
            name: name.into(),
            extensions: extensions.into_iter().map(Into::into).collect(),
            description: description.into(),
        };
        self.formats.register_unpacker(format, move |_, archive| unpack(&archive.filename, &archive.extract_dir))
    }

    /// Unregisters a format.
    ///
    /// # Errors
    /// [`Error::Lookup`] if it is not registered.
    #[doc(alias = "shutil.unregister_unpack_format")]
    pub fn unregister_unpack_format(&self, name: &str) -> Result<()> {
        self.formats.unregister_unpacker(name)
    }
}
