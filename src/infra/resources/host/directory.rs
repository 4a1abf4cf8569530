//! [`Directory`]: a directory with mode and owner.

use serde::{Deserialize, Serialize};

use super::account::{Access, mode_text};
use super::{batteries, check_path, expect_kind, look, on_host, path_id, path_of};
use crate::infra::resource::{Field, Id, Live, Resource, Scope, Token};
use crate::os::{FileType, MakeDirs};

/// A directory, made with those above it: `Directory::new("/srv/app").mode(0o750)`.
///
/// Deleting it fails while something is in it, unless [`Directory::delete_contents`] was declared.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Directory {
    host: Option<String>,
    path: String,
    delete_contents: Option<bool>,
    #[serde(flatten)]
    access: Access,
}

on_host!(Directory);

impl Directory {
    /// A directory at an absolute path.
    pub fn new(path: impl Into<String>) -> Directory {
        Directory { host: None, path: path.into(), delete_contents: Some(false), access: Access::default() }
    }

    /// Its permission bits.
    #[must_use]
    pub fn mode(mut self, mode: u32) -> Directory {
        self.access.mode = Some(mode_text(mode));
        self
    }

    /// Its owner.
    #[must_use]
    pub fn owner(mut self, user: impl Into<String>) -> Directory {
        self.access.owner = Some(user.into());
        self
    }

    /// Its group.
    #[must_use]
    pub fn group(mut self, group: impl Into<String>) -> Directory {
        self.access.group = Some(group.into());
        self
    }

    /// When it is deleted, so is everything in it.
    #[must_use]
    pub fn delete_contents(self) -> Directory {
        Directory { delete_contents: Some(true), ..self }
    }
}

impl Resource for Directory {
    const TYPE: &'static str = "host.directory";
    type Out = ();

    const FIELDS: &'static [Field] = &[
        Field::new("host").force_new(),
        Field::new("path").force_new(),
        Field::new("mode").computed(),
        Field::new("owner").computed(),
        Field::new("group").computed(),
    ];

    fn validate(&self) -> crate::Result<()> {
        self.access.mode_bits()?;
        check_path(&self.path)
    }

    fn natural_id(&self) -> Option<Id> {
        Some(path_id(self.host.as_ref(), &self.path))
    }

    async fn read(scope: &Scope, id: &Id, was: Option<&Live<Directory>>) -> crate::Result<Option<Live<Directory>>> {
        let (host, path) = path_of(id);
        let there = batteries(scope, host.as_ref())?;
        let Some(stat) = look(&there, path)? else { return Ok(None) };
        expect_kind(path, stat.file_type(), FileType::Dir)?;
        // How it is deleted is the declaration's alone.
        let delete_contents = was.map_or(Some(false), |was| was.inputs.delete_contents);
        let access = Access::like(&there, &stat, was.map(|was| &was.inputs.access));
        Ok(Some(Live::new(Directory { host, path: path.to_owned(), delete_contents, access }, ())))
    }

    async fn create(&self, scope: &Scope, _: &Token) -> crate::Result<(Id, ())> {
        let there = batteries(scope, self.host.as_ref())?;
        there.os.makedirs(MakeDirs::new(&self.path).mode(self.access.mode_bits()?.unwrap_or(0o755)).exist_ok(true))?;
        self.access.set(&there, &self.path)?;
        Ok((path_id(self.host.as_ref(), &self.path), ()))
    }

    async fn update(&self, scope: &Scope, _: &Id, _: &Live<Directory>) -> crate::Result<()> {
        let there = batteries(scope, self.host.as_ref())?;
        self.access.set(&there, &self.path)
    }

    async fn delete(scope: &Scope, id: &Id, was: &Live<Directory>) -> crate::Result<()> {
        let (host, path) = path_of(id);
        let there = batteries(scope, host.as_ref())?;
        let Some(stat) = look(&there, path)? else { return Ok(()) };
        expect_kind(path, stat.file_type(), FileType::Dir)?;
        match was.inputs.delete_contents {
            Some(true) => there.os.shutil.rmtree(path)?,
            _ => there.os.rmdir(path)?,
        }
        Ok(())
    }
}
