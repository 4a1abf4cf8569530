//! `client.sync(from, to)`: a directory and a prefix, or two prefixes, made the same: `aws s3 sync`.
//!
//! ```no_run
//! use leyden::prelude::*;
//!
//! let s3 = Batteries::included().boto3.client().s3();
//! let report = s3.sync("site/public", "s3://www.example.com").delete(true).exclude("*.tmp").wait()?.check()?;
//! println!("{} files, {} unchanged", report.done.len(), report.unchanged);
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! | aws-cli | leyden |
//! |---|---|
//! | `aws s3 sync dir s3://bucket/prefix` | `client.sync("dir", "s3://bucket/prefix").wait()?` |
//! | `aws s3 sync s3://bucket/prefix dir`, `s3://one s3://other` | the same with the [`Location`]s the other way round, or both in S3 |
//! | `--delete`, `--size-only`, `--exact-timestamps`, `--dryrun` | [`Sync::delete`], [`Sync::size_only`], [`Sync::exact_timestamps`], [`Sync::dry_run`] |
//! | `--exclude "*" --include "*.html"` | `.exclude("*").include("*.html")`: the last pattern that matches decides |
//! | `--no-follow-symlinks`, `--force-glacier-transfer` | `.follow_symlinks(false)`, `.force_glacier_transfer(true)` |
//! | `--acl public-read`, `--storage-class ..` | `.upload_args(\|put\| put.acl(..))`, [`Sync::copy_args`], [`Sync::download_args`] |
//! | exit status 1 | [`Report::check`] |
//!
//! A file goes if it is not there, if the sizes differ, or by time: one that is uploaded or copied, if it is newer than what is there; one that is
//! downloaded, if what is there is newer than it. A downloaded file gets the object's time. An uploaded one gets the content type of its name.
//!
//! The error of one file does not sink the others; it stands in the [`Report`]. A listing that fails is the error of the whole: nothing was done.
//!
//! # DIFFERENCE
//!
//! - What could not be read of the source is not deleted from the target; aws-cli takes it to be gone.
//! - Objects that have no file's name (`a//b`, `../x`, `/x`) are skipped, and said to be; aws-cli skips those that leave the directory, and
//!   writes the others elsewhere. A link in the target directory is followed, there as here.
//! - Files are deleted when all others are done. Patterns are taken relative to both sides; characters of the root that mean something in a
//!   pattern mean themselves.
//! - Links that lead around in a circle are skipped; aws-cli walks it until the kernel stops it.
//! - Content types come from another table than Python's `mimetypes`.

mod listing;
mod report;
mod rules;
mod run;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub use report::{Failed, Item, Operation, Report, Skipped};

use super::client::Client;
use super::shapes::{CopyObjectInputBuilder, GetObjectInputBuilder, PutObjectInputBuilder};
use super::transfer::{DEFAULT_TIMEOUT, TransferConfig};
use crate::boto3::Result;
use crate::time::backend::BoxFuture;

/// One side of a sync: a directory, or what is beneath a prefix. Text that begins with `s3://` is the latter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Location {
    /// A directory.
    Local(PathBuf),
    /// A prefix, that ends with a slash or is empty.
    S3 {
        /// The bucket, or an access point's ARN.
        bucket: String,
        /// The prefix.
        prefix: String,
    },
}

impl Location {
    /// Beneath a prefix; an empty one is the whole bucket. A missing slash at its end is added, as aws-cli does.
    pub fn s3(bucket: impl Into<String>, prefix: impl Into<String>) -> Location {
        let mut prefix = prefix.into();
        if !prefix.is_empty() && !prefix.ends_with('/') {
            prefix.push('/');
        }
        Location::S3 { bucket: bucket.into(), prefix }
    }
}

impl From<&str> for Location {
    fn from(text: &str) -> Location {
        match text.strip_prefix("s3://") {
            Some(rest) => {
                let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
                Location::s3(bucket, prefix)
            }
            None => Location::Local(text.into()),
        }
    }
}

impl From<String> for Location {
    fn from(text: String) -> Location {
        text.as_str().into()
    }
}

impl From<&String> for Location {
    fn from(text: &String) -> Location {
        text.as_str().into()
    }
}

impl From<PathBuf> for Location {
    fn from(path: PathBuf) -> Location {
        Location::Local(path)
    }
}

impl From<&PathBuf> for Location {
    fn from(path: &PathBuf) -> Location {
        Location::Local(path.clone())
    }
}

impl From<&Path> for Location {
    fn from(path: &Path) -> Location {
        Location::Local(path.to_path_buf())
    }
}

/// Fills in a request, once for each file.
type Args<I> = Option<Arc<dyn Fn(I) -> I + Send + std::marker::Sync>>;

/// What [`Client::sync`] gives: configure it, then end it with `.wait()?` or `.await?`. The answer is a [`Report`].
#[must_use = "nothing is done before `.wait()` or `.await`"]
pub struct Sync {
    client: Client,
    source_client: Option<Client>,
    from: Location,
    to: Location,
    rules: rules::Rules,
    delete: bool,
    dry_run: bool,
    follow_symlinks: bool,
    force_glacier_transfer: bool,
    config: TransferConfig,
    timeout: Option<Duration>,
    upload_args: Args<PutObjectInputBuilder>,
    download_args: Args<GetObjectInputBuilder>,
    copy_args: Args<CopyObjectInputBuilder>,
    callback: Option<Box<dyn FnMut(&Item) + Send>>,
}

impl Client {
    /// Makes `to` hold what `from` holds: `aws s3 sync`. See [`sync`](self).
    pub fn sync(&self, from: impl Into<Location>, to: impl Into<Location>) -> Sync {
        Sync {
            client: self.clone(),
            source_client: None,
            from: from.into(),
            to: to.into(),
            rules: rules::Rules::default(),
            delete: false,
            dry_run: false,
            follow_symlinks: true,
            force_glacier_transfer: false,
            config: TransferConfig::default(),
            timeout: Some(DEFAULT_TIMEOUT),
            upload_args: None,
            download_args: None,
            copy_args: None,
            callback: None,
        }
    }
}

impl Sync {
    /// `--delete`: what is in the target and not in the source is deleted, unless it is excluded. Default false.
    pub fn delete(self, delete: bool) -> Sync {
        Sync { delete, ..self }
    }

    /// `--dryrun`: nothing is done; the report tells what would be. Default false.
    pub fn dry_run(self, dry_run: bool) -> Sync {
        Sync { dry_run, ..self }
    }

    /// `--exclude`: names that match are left alone. `*` matches slashes, too. The last pattern that matches a name decides.
    pub fn exclude(mut self, pattern: impl Into<String>) -> Sync {
        self.rules.patterns.push((false, pattern.into()));
        self
    }

    /// `--include`: names that match are not excluded by the patterns before.
    pub fn include(mut self, pattern: impl Into<String>) -> Sync {
        self.rules.patterns.push((true, pattern.into()));
        self
    }

    /// `--size-only`: times do not matter. Default false.
    pub fn size_only(mut self, size_only: bool) -> Sync {
        self.rules.size_only = size_only;
        self
    }

    /// `--exact-timestamps`: a download goes unless the times are the same. Default false.
    pub fn exact_timestamps(mut self, exact: bool) -> Sync {
        self.rules.exact_timestamps = exact;
        self
    }

    /// Whether links in the source directory are followed. Default true; else they are left out.
    pub fn follow_symlinks(self, follow_symlinks: bool) -> Sync {
        Sync { follow_symlinks, ..self }
    }

    /// `--force-glacier-transfer`: archived objects are tried, as they may have been restored. Default: they are skipped.
    pub fn force_glacier_transfer(self, force_glacier_transfer: bool) -> Sync {
        Sync { force_glacier_transfer, ..self }
    }

    /// How files are cut into parts; all files together have its [`max_concurrency`](TransferConfig::max_concurrency).
    pub fn config(self, config: TransferConfig) -> Sync {
        Sync { config, ..self }
    }

    /// The budget of the whole; None lifts it. [`DEFAULT_TIMEOUT`] unless told.
    pub fn timeout(self, timeout: impl Into<Option<Duration>>) -> Sync {
        Sync { timeout: timeout.into(), ..self }
    }

    /// Further parameters of each upload, as [`Upload::extra_args`](super::transfer::Upload::extra_args).
    pub fn upload_args(
        self,
        build: impl Fn(PutObjectInputBuilder) -> PutObjectInputBuilder + Send + std::marker::Sync + 'static,
    ) -> Sync {
        Sync { upload_args: Some(Arc::new(build)), ..self }
    }

    /// Further parameters of each download, as [`Download::extra_args`](super::transfer::Download::extra_args).
    pub fn download_args(
        self,
        build: impl Fn(GetObjectInputBuilder) -> GetObjectInputBuilder + Send + std::marker::Sync + 'static,
    ) -> Sync {
        Sync { download_args: Some(Arc::new(build)), ..self }
    }

    /// Further parameters of each copy, as [`Copy::extra_args`](super::transfer::Copy::extra_args).
    pub fn copy_args(
        self,
        build: impl Fn(CopyObjectInputBuilder) -> CopyObjectInputBuilder + Send + std::marker::Sync + 'static,
    ) -> Sync {
        Sync { copy_args: Some(Arc::new(build)), ..self }
    }

    /// The client of the bucket that is copied from, if it is in another region or account.
    pub fn source_client(self, client: &Client) -> Sync {
        Sync { source_client: Some(client.clone()), ..self }
    }

    /// Called with each file that is done.
    pub fn callback(self, callback: impl FnMut(&Item) + Send + 'static) -> Sync {
        Sync { callback: Some(Box::new(callback)), ..self }
    }
}

impl IntoFuture for Sync {
    type Output = Result<Report>;
    type IntoFuture = BoxFuture<Result<Report>>;

    fn into_future(self) -> BoxFuture<Result<Report>> {
        Box::pin(run::run(self))
    }
}

impl fmt::Debug for Sync {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sync").field("from", &self.from).field("to", &self.to).field("rules", &self.rules).finish_non_exhaustive()
    }
}
