//! [`File`]: a regular file with its contents.

use serde::{Deserialize, Serialize};

use super::account::{Access, mode_text};
use super::{batteries, check_path, expect_kind, look, on_host, path_id, path_of};
use crate::infra::Input;
use crate::infra::resource::{Field, Id, Live, Resource, Scope, Token};
use crate::os::{FileType, Open};

/// A regular file with its contents: `File::new("/etc/motd", "hi\n").mode(0o644)`. Replaced in one step, never half-written.
///
/// A secret is given as [`Input::secret`]; the plan then shows no contents, and the state has a salted hash. Mode, owner and group that are not
/// declared stay as they are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct File {
    host: Option<String>,
    path: String,
    content: Input<String>,
    #[serde(flatten)]
    access: Access,
}

on_host!(File);

impl File {
    /// A file at an absolute path.
    pub fn new(path: impl Into<String>, content: impl Into<Input<String>>) -> File {
        File { host: None, path: path.into(), content: content.into(), access: Access::default() }
    }

    /// Its permission bits.
    #[must_use]
    pub fn mode(mut self, mode: u32) -> File {
        self.access.mode = Some(mode_text(mode));
        self
    }

    /// Its owner, by name, or by number for a user without a name.
    #[must_use]
    pub fn owner(mut self, user: impl Into<String>) -> File {
        self.access.owner = Some(user.into());
        self
    }

    /// Its group.
    #[must_use]
    pub fn group(mut self, group: impl Into<String>) -> File {
        self.access.group = Some(group.into());
        self
    }
}

impl Resource for File {
    const TYPE: &'static str = "host.file";
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

    async fn read(scope: &Scope, id: &Id, was: Option<&Live<File>>) -> crate::Result<Option<Live<File>>> {
        let (host, path) = path_of(id);
        let there = batteries(scope, host.as_ref())?;
        let Some(stat) = look(&there, path)? else { return Ok(None) };
        expect_kind(path, stat.file_type(), FileType::File)?;
        let content = match String::from_utf8(there.os.read_bytes(path)?) {
            Ok(text) => text,
            // Equal to no text that can be declared without meaning this very file.
            Err(error) => format!("(not UTF-8, {} bytes, sha256 {})", stat.st_size, sha256(error.as_bytes())),
        };
        let access = Access::like(&there, &stat, was.map(|was| &was.inputs.access));
        Ok(Some(Live::new(File { host, path: path.to_owned(), content: content.into(), access }, ())))
    }

    async fn create(&self, scope: &Scope, _: &Token) -> crate::Result<(Id, ())> {
        let there = batteries(scope, self.host.as_ref())?;
        let permissions = self.access.mode_bits()?.unwrap_or(0o644);
        there.os.write_bytes(Open::new(&self.path).permissions(permissions), self.content.required("content")?)?;
        self.access.set(&there, &self.path)?;
        Ok((path_id(self.host.as_ref(), &self.path), ()))
    }

    async fn update(&self, scope: &Scope, _: &Id, was: &Live<File>) -> crate::Result<()> {
        let there = batteries(scope, self.host.as_ref())?;
        if self.content.get() != was.inputs.content.get() {
            // The old contents may be a secret that the new mode would show, the new ones one that the old mode would. Meanwhile the file has
            // only the permissions that both give, and its owner's.
            let now = there.os.lstat(self.path.as_str())?.permissions();
            let both = now & (self.access.mode_bits()?.unwrap_or(now) | 0o700);
            if both != now {
                there.os.chmod(self.path.as_str(), both)?;
            }
            there.os.write_bytes(self.path.as_str(), self.content.required("content")?)?;
        }
        self.access.set(&there, &self.path)
    }

    async fn delete(scope: &Scope, id: &Id, _: &Live<File>) -> crate::Result<()> {
        let (host, path) = path_of(id);
        let there = batteries(scope, host.as_ref())?;
        let Some(stat) = look(&there, path)? else { return Ok(()) };
        expect_kind(path, stat.file_type(), FileType::File)?;
        Ok(there.os.unlink(path)?)
    }
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    crate::infra::value::hex(&sha2::Sha256::digest(bytes))
}
