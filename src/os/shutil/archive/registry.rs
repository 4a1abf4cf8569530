//! The archive formats of a handle.

use super::pack::Compression;
use super::{MakeArchive, Unpack, tar_pack, tar_unpack, zip_pack, zip_unpack};
use crate::os::path::OsPath;
use crate::os::text::bytes;
use crate::os::{Error, Result};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// A format that can be created.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ArchiveFormat {
    /// Its name: `"gztar"`.
    pub name: String,
    /// Its description: `"gzip'ed tar-file"`.
    pub description: String,
}

/// A format that can be unpacked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnpackFormat {
    /// Its name: `"gztar"`.
    pub name: String,
    /// Its file name extensions: `".tar.gz"`, `".tgz"`.
    pub extensions: Vec<String>,
    /// Its description: `"gzip'ed tar-file"`.
    pub description: String,
}

type Packer = Arc<dyn Fn(&OsPath, &Path, &MakeArchive) -> Result<PathBuf> + Send + Sync>;
type Unpacker = Arc<dyn Fn(&OsPath, &Unpack) -> Result<()> + Send + Sync>;

/// Shared only by the clones of a handle.
#[derive(Clone)]
pub(in crate::os::shutil) struct Registry(Arc<RwLock<Formats>>);

struct Formats {
    packers: Vec<(ArchiveFormat, Packer)>,
    unpackers: Vec<(UnpackFormat, Unpacker)>,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<String> = self.read().packers.iter().map(|(format, _)| format.name.clone()).collect();
        f.debug_tuple("Registry").field(&names).finish()
    }
}

impl Default for Registry {
    fn default() -> Registry {
        let registry = Registry(Arc::new(RwLock::new(Formats { packers: Vec::new(), unpackers: Vec::new() })));
        let tars: [(&str, &str, &[&str], Compression); 4] = [
            ("tar", "uncompressed tar file", &[".tar"], Compression::None),
            ("gztar", "gzip'ed tar-file", &[".tar.gz", ".tgz"], Compression::Gzip),
            ("bztar", "bzip2'ed tar-file", &[".tar.bz2", ".tbz2"], Compression::Bzip2),
            ("xztar", "xz'ed tar-file", &[".tar.xz", ".txz"], Compression::Xz),
        ];
        let mut formats = registry.write();
        let mut add = |name: &str, description: &str, extensions: &[&str], packer: Packer, unpacker: Unpacker| {
            let (name, description) = (String::from(name), String::from(description));
            let extensions = extensions.iter().map(|extension| String::from(*extension)).collect();
            formats.packers.push((ArchiveFormat { name: name.clone(), description: description.clone() }, packer));
            formats.unpackers.push((UnpackFormat { name, extensions, description }, unpacker));
        };
        for (name, description, extensions, compression) in tars {
            let packer =
                Arc::new(move |os: &OsPath, base: &Path, archive: &MakeArchive| tar_pack::pack(os, base, archive, compression));
            add(name, description, extensions, packer, Arc::new(tar_unpack::unpack));
        }
        add("zip", "ZIP file", &[".zip"], Arc::new(zip_pack::pack), Arc::new(zip_unpack::unpack));
        drop(formats);
        registry
    }
}

impl Registry {
    pub(super) fn packer(&self, name: &str) -> Option<Packer> {
        self.read().packers.iter().find(|(format, _)| format.name == name).map(|(_, packer)| packer.clone())
    }

    pub(super) fn unpacker(&self, name: &str) -> Option<Unpacker> {
        self.read().unpackers.iter().find(|(format, _)| format.name == name).map(|(_, unpacker)| unpacker.clone())
    }

    pub(super) fn unpacker_for(&self, filename: &Path) -> Option<Unpacker> {
        let ends = |extension: &String| bytes(filename).ends_with(extension.as_bytes());
        let formats = self.read();
        formats.unpackers.iter().find(|(format, _)| format.extensions.iter().any(ends)).map(|(_, unpacker)| unpacker.clone())
    }

    pub(super) fn archive_formats(&self) -> Vec<ArchiveFormat> {
        let mut formats: Vec<ArchiveFormat> = self.read().packers.iter().map(|(format, _)| format.clone()).collect();
        formats.sort_by(|a, b| a.name.cmp(&b.name));
        formats
    }

    pub(super) fn unpack_formats(&self) -> Vec<UnpackFormat> {
        let mut formats: Vec<UnpackFormat> = self.read().unpackers.iter().map(|(format, _)| format.clone()).collect();
        formats.sort_by(|a, b| a.name.cmp(&b.name));
        formats
    }

    pub(super) fn register_packer(
        &self,
        name: String,
        description: String,
        packer: impl Fn(&OsPath, &Path, &MakeArchive) -> Result<PathBuf> + Send + Sync + 'static,
    ) {
        let mut formats = self.write();
        formats.packers.retain(|(format, _)| format.name != name);
        formats.packers.push((ArchiveFormat { name, description }, Arc::new(packer)));
    }

    pub(super) fn unregister_packer(&self, name: &str) -> Result<()> {
        let mut formats = self.write();
        let at = formats.packers.iter().position(|(format, _)| format.name == name).ok_or_else(|| unknown(name))?;
        formats.packers.remove(at);
        Ok(())
    }

    pub(super) fn register_unpacker(
        &self,
        format: UnpackFormat,
        unpacker: impl Fn(&OsPath, &Unpack) -> Result<()> + Send + Sync + 'static,
    ) -> Result<()> {
        let mut formats = self.write();
        for extension in &format.extensions {
            if let Some((other, _)) = formats.unpackers.iter().find(|(other, _)| other.extensions.contains(extension)) {
                return Err(Error::Registry(format!("register_unpack_format: '{extension}' belongs to '{}'", other.name)));
            }
        }
        formats.unpackers.retain(|(other, _)| other.name != format.name);
        formats.unpackers.push((format, Arc::new(unpacker)));
        Ok(())
    }

    pub(super) fn unregister_unpacker(&self, name: &str) -> Result<()> {
        let mut formats = self.write();
        let at = formats.unpackers.iter().position(|(format, _)| format.name == name).ok_or_else(|| unknown(name))?;
        formats.unpackers.remove(at);
        Ok(())
    }

    // A panic while the lock is held cannot leave a list half-changed.
    fn read(&self) -> RwLockReadGuard<'_, Formats> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Formats> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unknown(name: &str) -> Error {
    Error::Lookup(format!("unknown archive format '{name}'"))
}
