//! [`Archive`]: a directory, packed.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{batteries, check_path, expect_kind, look, on_host, path_id, path_of};
use crate::Batteries;
use crate::infra::resource::{Field, Id, Live, Resource, Scope, Token};
use crate::os::FileType;
use crate::os::shutil::archive::MakeArchive;

/// An archive of a directory: `Archive::new("/srv/app.tar.gz", "/srv/app")`, made anew whenever a name, a mode or the contents below the directory change.
///
/// The format follows from the name: `.zip`, `.tar`, `.tar.gz`, `.tgz`, `.tar.bz2`, `.tar.xz`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Archive {
    host: Option<String>,
    path: String,
    source: String,
    /// `current`, or `outdated` where the directory is not what was packed.
    contents: String,
}

/// The outputs of [`Archive`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ArchiveOut {
    /// SHA-256 of the archive.
    pub sha256: String,
    /// SHA-256 over the names, modes and contents that were packed.
    pub source_sha256: String,
}

on_host!(Archive);

const CURRENT: &str = "current";

impl Archive {
    /// An archive at an absolute path, of the directory at another.
    pub fn new(path: impl Into<String>, source: impl Into<String>) -> Archive {
        Archive { host: None, path: path.into(), source: source.into(), contents: CURRENT.into() }
    }

    /// The name without the format's ending, and the format.
    fn split(&self) -> Option<(&str, &'static str)> {
        const ENDS: &[(&str, &str)] = &[
            (".zip", "zip"),
            (".tar", "tar"),
            (".tar.gz", "gztar"),
            (".tgz", "gztar"),
            (".tar.bz2", "bztar"),
            (".tar.xz", "xztar"),
        ];
        ENDS.iter().find_map(|(end, format)| Some((self.path.strip_suffix(end)?, *format)))
    }

    async fn pack(&self, scope: &Scope) -> crate::Result<ArchiveOut> {
        let there = batteries(scope, self.host.as_ref())?;
        let (base, format) = self.split().ok_or_else(|| crate::Error::other(format!("{}: unknown archive format", self.path)))?;
        // Beside, then renamed: a reader sees the old archive or the new one.
        let beside = format!("{base}.{}", crate::infra::random_hex(4)?);
        let source_sha256 = digest(&there, &self.source)?;
        let mut archive = MakeArchive::new(format);
        archive.root_dir = Some(PathBuf::from(&self.source));
        let made = there.os.shutil.make_archive(&beside, archive)?;
        let done = there.os.read_bytes(made.as_path()).and_then(|bytes| there.os.rename(&made, &self.path).map(|()| bytes));
        match done {
            Ok(bytes) => Ok(ArchiveOut { sha256: super::file::sha256(&bytes), source_sha256 }),
            Err(error) => {
                let _ = there.os.unlink(&made);
                Err(error.into())
            }
        }
    }
}

/// Names, modes and contents below a directory, in one hash.
fn digest(there: &Batteries, source: &str) -> crate::Result<String> {
    let mut hash = Sha256::new();
    let mut add = |bytes: &[u8]| {
        hash.update(bytes.len().to_le_bytes());
        hash.update(bytes);
    };
    let mut todo = vec![PathBuf::from(source)];
    while let Some(directory) = todo.pop() {
        let mut names = there.os.listdir(&directory)?;
        names.sort_unstable();
        for name in names {
            let path = directory.join(name);
            let stat = there.os.lstat(&path)?;
            add(path.as_os_str().as_encoded_bytes());
            add(&stat.st_mode.to_le_bytes());
            match stat.file_type() {
                FileType::Dir => todo.push(path),
                FileType::File => add(&there.os.read_bytes(path.as_path())?),
                FileType::Symlink => add(there.os.readlink(&path)?.as_os_str().as_encoded_bytes()),
                _ => {}
            }
        }
    }
    Ok(crate::infra::value::hex(&hash.finalize()))
}

impl Resource for Archive {
    const TYPE: &'static str = "host.archive";
    type Out = ArchiveOut;

    const FIELDS: &'static [Field] = &[Field::new("host").force_new(), Field::new("path").force_new()];

    fn validate(&self) -> crate::Result<()> {
        check_path(&self.path)?;
        check_path(&self.source)?;
        // Packing it would change what is to be packed: no second plan would be empty.
        let inside = self.path.strip_prefix(self.source.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/'));
        if inside {
            return Err(crate::Error::other(format!("path {:?} is inside of the source {:?}", self.path, self.source)));
        }
        self.split().map(drop).ok_or_else(|| crate::Error::other(format!("{}: unknown archive format", self.path)))
    }

    fn natural_id(&self) -> Option<Id> {
        Some(path_id(self.host.as_ref(), &self.path))
    }

    async fn read(scope: &Scope, id: &Id, was: Option<&Live<Archive>>) -> crate::Result<Option<Live<Archive>>> {
        let (host, path) = path_of(id);
        let there = batteries(scope, host.as_ref())?;
        let Some(stat) = look(&there, path)? else { return Ok(None) };
        expect_kind(path, stat.file_type(), FileType::File)?;
        let sha256 = super::file::sha256(&there.os.read_bytes(path)?);
        let source = was.map(|was| was.inputs.source.clone()).unwrap_or_default();
        let there_is = |packed: &&Live<Archive>| !packed.inputs.source.is_empty() && there.os.path.isdir(&packed.inputs.source);
        let source_sha256 = was.filter(there_is).map(|was| digest(&there, &was.inputs.source)).transpose()?.unwrap_or_default();
        let same = was.is_some_and(|was| was.out.sha256 == sha256 && was.out.source_sha256 == source_sha256);
        let contents = if same { CURRENT } else { "outdated" }.to_owned();
        let packed = was.map_or_else(String::new, |was| was.out.source_sha256.clone());
        let out = ArchiveOut { sha256, source_sha256: packed };
        Ok(Some(Live::new(Archive { host, path: path.to_owned(), source, contents }, out)))
    }

    async fn create(&self, scope: &Scope, _: &Token) -> crate::Result<(Id, ArchiveOut)> {
        Ok((path_id(self.host.as_ref(), &self.path), self.pack(scope).await?))
    }

    async fn update(&self, scope: &Scope, _: &Id, _: &Live<Archive>) -> crate::Result<ArchiveOut> {
        self.pack(scope).await
    }

    async fn delete(scope: &Scope, id: &Id, _: &Live<Archive>) -> crate::Result<()> {
        let (host, path) = path_of(id);
        let there = batteries(scope, host.as_ref())?;
        if look(&there, path)?.is_some() {
            there.os.unlink(path)?;
        }
        Ok(())
    }

    fn changing_outputs(&self, _: &Live<Archive>) -> &'static [&'static str] {
        &["sha256", "source_sha256"]
    }
}
