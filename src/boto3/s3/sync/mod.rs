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
//! | `--no-follow-symlinks`, `--no-guess-mime-type` | `.follow_symlinks(false)`, `.guess_mime_type(false)` |
//! | `--force-glacier-transfer`, `--ignore-glacier-warnings` | [`Sync::force_glacier_transfer`], [`Sync::ignore_glacier_warnings`] |
//! | `--case-conflict skip`, `--page-size`, `--request-payer`, `--source-region` | [`Sync::case_conflict`], [`Sync::page_size`], [`Sync::request_payer`], [`Sync::source_client`] |
//! | `--acl public-read`, `--storage-class ..` | `.upload_args(\|put\| put.acl(..))`, [`Sync::copy_args`], [`Sync::download_args`] |
//! | exit status 1, 2 | [`Report::check`], [`Report::skipped`] |
//!
//! A file goes if it is not there, if the sizes differ, or by time: one that is uploaded or copied, if it is newer than what is there; one that is
//! downloaded, if what is there is newer than it. A downloaded file gets the object's time. An uploaded one gets the content type of its name.
//!
//! The error of one file does not sink the others; it stands in the [`Report`]. A listing that fails is the error of the whole: nothing was done.
//!
//! # DIFFERENCE
//!
//! Of what the real command did in some 360 situations, these are done otherwise:
//!
//! - Both sides are listed before anything is done, and files are deleted when all others are done, but for those that stand where a directory has
//!   to be. The target directory is made then, not before the source is known, and not in a dry run.
//! - What could not be read of the source is not deleted from the target; aws-cli takes it to be gone. Of what is excluded, nothing is skipped.
//! - A file that is excluded of the source alone, by a pattern that begins at the root, is not deleted from the target. Patterns meet
//!   names as they are beneath their own side; where one side lies within the other, aws-cli tries both. Characters of the root that mean something
//!   in a pattern mean themselves.
//! - Objects that have no file's name (`a//b`, `a/../b`, `../x`, `/x`, and `x/` if it is not empty) are skipped, and said to be; aws-cli skips those
//!   that leave the directory, and writes the others elsewhere or fails.
//! - Links in the target to directories outside of it are not followed, unless [`follow_links_out`](Sync::follow_links_out) allows it: what they lead to is
//!   neither written nor deleted. aws-cli follows them.
//! - With [`delete`](Sync::delete) a file takes the place of a directory, as soon as all in it is deleted. If something in it stays (it is excluded), the
//!   file is skipped. Of the objects `a` and `a/b` only `a/b` is downloaded.
//! - A listing that is cut in the middle (truncated without a token, or with the same token twice) is an error of the whole.
//! - Without [`follow_symlinks`](Sync::follow_symlinks), a directory that is itself a link is synced; aws-cli takes it to be empty.
//! - Links that lead around in a circle are skipped; aws-cli walks it until the kernel stops it.
//! - A file in the place of a directory is an error of the whole. So is [`CaseConflict::Error`], before anything is done; what
//!   [`CaseConflict::Skip`] skips is told in the report. `--case-conflict warn` is not here: nobody would read it.
//! - Content types come from another table than Python's `mimetypes`.

mod listing;
mod location;
mod report;
mod rules;
mod run;

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub use location::Location;
pub use report::{Failed, Item, Operation, Report, Skipped};
pub use rules::CaseConflict;

use super::client::Client;
use super::shapes::{CopyObjectInputBuilder, GetObjectInputBuilder, PutObjectInputBuilder};
use super::transfer::{DEFAULT_TIMEOUT, TransferConfig};
use super::types::RequestPayer;
use crate::boto3::Result;
use crate::wait::BoxFuture;

/// Fills in a request, once for each file.
type Args<I> = Option<Arc<dyn Fn(I) -> I + Send + std::marker::Sync>>;

type Callback = Option<Box<dyn FnMut(&Item) + Send>>;

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
    follow_links_out: bool,
    force_glacier_transfer: bool,
    ignore_glacier_warnings: bool,
    guess_mime_type: bool,
    case_conflict: CaseConflict,
    page_size: Option<i32>,
    request_payer: Option<RequestPayer>,
    config: TransferConfig,
    timeout: Option<Duration>,
    upload_args: Args<PutObjectInputBuilder>,
    download_args: Args<GetObjectInputBuilder>,
    copy_args: Args<CopyObjectInputBuilder>,
    /// In a mutex only because what runs is shared by its tasks; they do not touch it.
    callback: Mutex<Callback>,
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
            follow_links_out: false,
            force_glacier_transfer: false,
            ignore_glacier_warnings: false,
            guess_mime_type: true,
            case_conflict: CaseConflict::default(),
            page_size: None,
            request_payer: None,
            config: TransferConfig::default(),
            timeout: Some(DEFAULT_TIMEOUT),
            upload_args: None,
            download_args: None,
            copy_args: None,
            callback: Mutex::new(None),
        }
    }
}

impl Sync {
    /// `--delete`: what is in the target and not in the source is deleted, unless it is excluded. Default false.
    pub fn delete(self, delete: bool) -> Sync {
        Sync { delete, ..self }
    }

    /// Whether links in the target that lead to directories outside of it are followed, when files are written and deleted. Default false.
    pub fn follow_links_out(self, follow: bool) -> Sync {
        Sync { follow_links_out: follow, ..self }
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

    /// Whether links in the directory are followed. Default true; else they are left out, on either side: not uploaded, not compared with, not
    /// deleted. A download takes the place of a link of its name.
    pub fn follow_symlinks(self, follow_symlinks: bool) -> Sync {
        Sync { follow_symlinks, ..self }
    }

    /// `--force-glacier-transfer`: archived objects are tried, as they may have been restored. Default: they are skipped.
    pub fn force_glacier_transfer(self, force_glacier_transfer: bool) -> Sync {
        Sync { force_glacier_transfer, ..self }
    }

    /// `--ignore-glacier-warnings`: archived objects do not stand among what was skipped. Default false.
    pub fn ignore_glacier_warnings(self, ignore_glacier_warnings: bool) -> Sync {
        Sync { ignore_glacier_warnings, ..self }
    }

    /// Whether an upload gets the content type of its name. Default true; `false` is `--no-guess-mime-type`.
    pub fn guess_mime_type(self, guess_mime_type: bool) -> Sync {
        Sync { guess_mime_type, ..self }
    }

    /// `--case-conflict`: what becomes of a download whose name differs from another's by case alone. Default [`CaseConflict::Ignore`].
    pub fn case_conflict(self, case_conflict: CaseConflict) -> Sync {
        Sync { case_conflict, ..self }
    }

    /// `--page-size`: how many keys each answer of a listing has. Default: the service's, 1000.
    pub fn page_size(self, keys: i32) -> Sync {
        Sync { page_size: Some(keys), ..self }
    }

    /// `--request-payer`: said in each request, listings and deletions included. Without it a bucket whose requester pays refuses all of them.
    pub fn request_payer(self, payer: RequestPayer) -> Sync {
        Sync { request_payer: Some(payer), ..self }
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
        Sync { callback: Mutex::new(Some(Box::new(callback))), ..self }
    }
}

impl IntoFuture for Sync {
    type Output = Result<Report>;
    type IntoFuture = BoxFuture<Result<Report>>;

    fn into_future(self) -> BoxFuture<Result<Report>> {
        let context = self.client.context.clone();
        context.interruptible("sync", crate::wait::driver::on_runtime(run::run(self)))
    }
}

impl fmt::Debug for Sync {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sync").field("from", &self.from).field("to", &self.to).field("rules", &self.rules).finish_non_exhaustive()
    }
}
