//! [`Symlink`]: a symbolic link.

use serde::{Deserialize, Serialize};

use super::{batteries, check_path, expect_kind, look, on_host, path_id, path_of};
use crate::infra::resource::{Field, Id, Live, Resource, Scope, Token};
use crate::os::FileType;

/// A symbolic link: `Symlink::new("/srv/current", "/srv/releases/42")`. A change of the target is one step, so that no moment is without a link.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Symlink {
    host: Option<String>,
    path: String,
    target: String,
}

on_host!(Symlink);

impl Symlink {
    /// A link at an absolute path, to a target that need not exist.
    pub fn new(path: impl Into<String>, target: impl Into<String>) -> Symlink {
        Symlink { host: None, path: path.into(), target: target.into() }
    }
}

impl Resource for Symlink {
    const TYPE: &'static str = "host.symlink";
    type Out = ();

    const FIELDS: &'static [Field] = &[Field::new("host").force_new(), Field::new("path").force_new()];

    fn validate(&self) -> crate::Result<()> {
        check_path(&self.path)
    }

    fn natural_id(&self) -> Option<Id> {
        Some(path_id(self.host.as_ref(), &self.path))
    }

    async fn read(scope: &Scope, id: &Id, _: Option<&Live<Symlink>>) -> crate::Result<Option<Live<Symlink>>> {
        let (host, path) = path_of(id);
        let there = batteries(scope, host.as_ref())?;
        let Some(stat) = look(&there, path)? else { return Ok(None) };
        expect_kind(path, stat.file_type(), FileType::Symlink)?;
        let target = there.os.readlink(path)?.to_string_lossy().into_owned();
        Ok(Some(Live::new(Symlink { host, path: path.to_owned(), target }, ())))
    }

    async fn create(&self, scope: &Scope, _: &Token) -> crate::Result<(Id, ())> {
        let there = batteries(scope, self.host.as_ref())?;
        there.os.symlink(&self.target, &self.path)?;
        Ok((path_id(self.host.as_ref(), &self.path), ()))
    }

    async fn update(&self, scope: &Scope, _: &Id, _: &Live<Symlink>) -> crate::Result<()> {
        let there = batteries(scope, self.host.as_ref())?;
        let beside = format!("{}.{}.tmp", self.path, crate::infra::random_hex(4)?);
        there.os.symlink(&self.target, &beside)?;
        if let Err(error) = there.os.rename(&beside, &self.path) {
            let _ = there.os.unlink(&beside);
            return Err(error.into());
        }
        Ok(())
    }

    async fn delete(scope: &Scope, id: &Id, _: &Live<Symlink>) -> crate::Result<()> {
        let (host, path) = path_of(id);
        let there = batteries(scope, host.as_ref())?;
        let Some(stat) = look(&there, path)? else { return Ok(()) };
        expect_kind(path, stat.file_type(), FileType::Symlink)?;
        Ok(there.os.unlink(path)?)
    }
}
