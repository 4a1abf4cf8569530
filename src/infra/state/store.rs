//! [`State`]: where a state is kept, and [`Store`]: what such a place must be able to do.

use std::path::PathBuf;

use super::journal::{Change, Parsed};
use super::snapshot::Snapshot;
use crate::Batteries;
use crate::infra::error::{Error, Result};

/// Where the state of an [`Infra`](crate::infra::Infra) is kept.
///
/// Each workspace but `default` has a place of its own beside it.
#[derive(Clone, Debug)]
pub struct State(pub(in crate::infra) Kind);

#[derive(Clone)]
pub(in crate::infra) enum Kind {
    File(PathBuf),
    #[cfg_attr(not(feature = "s3"), allow(dead_code, reason = "made by State::s3"))]
    S3 {
        bucket: String,
        key: String,
        prefix: String,
        region: Option<String>,
    },
    #[cfg_attr(not(feature = "requests"), allow(dead_code, reason = "made by State::http"))]
    Http {
        address: String,
    },
}

impl std::fmt::Debug for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Kind::File(path) => f.debug_tuple("File").field(path).finish(),
            Kind::S3 { bucket, key, prefix, region } => f
                .debug_struct("S3")
                .field("bucket", bucket)
                .field("key", key)
                .field("prefix", prefix)
                .field("region", region)
                .finish(),
            Kind::Http { address } => f.debug_tuple("Http").field(&crate::secret::url::redact(address)).finish(),
        }
    }
}

impl State {
    /// A file, beside which are its lock `.NAME.lock.info` and its backup `NAME.backup`. Workspace `w` is `STEM.w.EXTENSION`.
    ///
    /// The backup is the state before the last run that changed it. A run that changes nothing writes nothing.
    #[doc(alias("terraform.backend.local", "terraform.lock.local"))]
    #[doc(alias("terraform.state.backup", "terraform.state.no_change_no_write"))]
    pub fn file(path: impl Into<PathBuf>) -> State {
        State(Kind::File(path.into()))
    }

    /// An object in a bucket. The lock is `KEY.tflock`, made by a conditional put. Workspace `w` is `env:/w/KEY`.
    #[cfg(feature = "s3")]
    #[doc(alias("terraform.backend.s3", "terraform.backend.s3.use_lockfile"))]
    pub fn s3(bucket: impl Into<String>, key: impl Into<String>) -> State {
        State(Kind::S3 { bucket: bucket.into(), key: key.into(), prefix: "env:".into(), region: None })
    }

    /// A URL that answers GET and POST, and LOCK and UNLOCK of the same URL, as Terraform's `http` backend. Workspaces other than
    /// `default` are not supported.
    #[cfg(feature = "requests")]
    #[doc(alias = "terraform.backend.http")]
    pub fn http(address: impl Into<String>) -> State {
        State(Kind::Http { address: address.into() })
    }

    /// The prefix of workspaces in a bucket. Default: `env:`.
    #[doc(alias = "terraform.backend.s3.workspace_key_prefix")]
    pub fn workspace_prefix(mut self, to: impl Into<String>) -> State {
        if let Kind::S3 { prefix, .. } = &mut self.0 {
            *prefix = to.into();
        }
        self
    }

    /// The bucket's region. Default: that of the configuration.
    pub fn region(mut self, name: impl Into<String>) -> State {
        if let Kind::S3 { region, .. } = &mut self.0 {
            *region = Some(name.into());
        }
        self
    }

    pub(in crate::infra) fn open(&self, batteries: &Batteries, workspace: &str) -> Result<Box<dyn Store>> {
        // The name becomes a part of a path: one with a slash would reach out of its place.
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if workspace.is_empty() || !workspace.chars().all(plain) {
            let problem = format!("invalid workspace name {workspace:?}: expected letters, digits, '-' and '_'");
            return Err(Error::state(place(self), problem));
        }
        match &self.0 {
            Kind::File(path) if path.extension().is_none() && super::file::is_taken(workspace) => {
                let problem = format!("invalid workspace name {workspace:?}: its file would be the backup of another state");
                Err(Error::state(place(self), problem))
            }
            Kind::File(path) => Ok(Box::new(super::file::FileStore::new(batteries, path, workspace))),
            #[cfg(feature = "s3")]
            Kind::S3 { bucket, key, prefix, region } => {
                Ok(Box::new(super::s3::S3Store::new(batteries, bucket, key, prefix, workspace, region.as_deref())))
            }
            #[cfg(feature = "requests")]
            Kind::Http { address } if workspace == "default" => Ok(Box::new(super::http::HttpStore::new(batteries, address))),
            _ => Err(Error::state(place(self), format!("workspace {workspace:?} is not supported here"))),
        }
    }
}

/// The state's name in errors.
fn place(state: &State) -> String {
    match &state.0 {
        Kind::File(path) => path.display().to_string(),
        Kind::S3 { bucket, key, .. } => format!("s3://{bucket}/{key}"),
        Kind::Http { address } => crate::secret::url::redact(address),
    }
}

/// One state of one workspace. The calls block.
pub(in crate::infra) trait Store: Send + Sync {
    fn place(&self) -> &str;
    /// The state, if there is one.
    fn load(&self) -> Result<Option<Parsed>>;
    /// Takes the lock, or fails with its holder.
    fn lock(&self, operation: &str) -> Result<Box<dyn Held>>;
    /// Removes another's lock if it has this id.
    fn break_lock(&self, id: &str) -> Result<()>;
    /// The names of the workspaces that have a state.
    fn workspaces(&self) -> Result<Vec<String>>;
    /// Removes the state of this workspace.
    fn remove(&self) -> Result<()>;
}

/// A state whose lock is held. Dropping it gives the lock back.
pub(in crate::infra) trait Held: Send {
    /// Writes one change durably; `after` is the state with it.
    fn record(&mut self, change: &Change, after: &Snapshot) -> Result<()>;
    /// Writes the whole state durably.
    fn replace(&mut self, snapshot: &Snapshot) -> Result<()>;
    /// Compacts what was written, and gives the lock back.
    fn release(self: Box<Self>, snapshot: &Snapshot) -> Result<()>;
}
