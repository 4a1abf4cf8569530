//! `client.sync(from, to)`: synchronizes a directory and a prefix, or two prefixes: `aws s3 sync`.
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
//! | `aws s3 sync s3://bucket/prefix dir`, `s3://one s3://other` | the same with the [`Location`]s swapped, or both in S3 |
//! | `--delete`, `--size-only`, `--exact-timestamps`, `--dryrun` | [`Sync::delete`], [`Sync::size_only`], [`Sync::exact_timestamps`], [`Sync::dry_run`] |
//! | `--exclude "*" --include "*.html"` | `.exclude("*").include("*.html")`: the last pattern that matches decides |
//! | `--no-follow-symlinks`, `--no-guess-mime-type` | `.follow_symlinks(false)`, `.guess_mime_type(false)` |
//! | `--force-glacier-transfer`, `--ignore-glacier-warnings` | [`Sync::force_glacier_transfer`], [`Sync::ignore_glacier_warnings`] |
//! | `--case-conflict skip`, `--page-size`, `--request-payer`, `--source-region` | [`Sync::case_conflict`], [`Sync::page_size`], [`Sync::request_payer`], [`Sync::source_client`] |
//! | `--acl public-read`, `--storage-class ..` | `.upload_args(\|put\| put.acl(..))`, [`Sync::copy_args`], [`Sync::download_args`] |
//! | exit status 1, 2 | [`Report::check`], [`Report::skipped`] |
//!
//! A file is transferred if it does not exist, if the sizes differ, or by time: for an upload or a
//! copy, if the source is newer than the target; for a download, if the target is newer than the
//! source. A downloaded file gets the object's time. An uploaded one gets the content type of its
//! name.
//!
//! A failed file is recorded in the [`Report`]; the rest continue. A failed listing is an error of
//! the whole, before anything is done.
//!
//! # DIFFERENCE
//!
//! In some 360 situations tested with the real command, these results differ:
//!
//! - Both sides are listed before anything is done. Files are deleted after all others are done,
//!   except those in the place of a required directory. The target directory is created then, not
//!   before the source is known, and not in a dry run.
//! - Parts of the source that could not be read are not deleted from the target; aws-cli treats
//!   them as missing. Excluded entries are not reported as skipped.
//! - A file that is excluded only in the source, by an absolute pattern, is not deleted from the
//!   target. Patterns match names relative to their own side; if one side is within the other,
//!   aws-cli tries both. Special characters in the root match literally.
//! - Objects whose key is not a valid file name (`a//b`, `a/../b`, `../x`, `/x`, and a non-empty
//!   `x/`) are skipped and reported. aws-cli skips those that leave the directory, and writes the
//!   others elsewhere or fails.
//! - Links in the target to directories outside of it are not followed, unless
//!   [`follow_links_out`](Sync::follow_links_out) allows it: their targets are neither written nor
//!   deleted. aws-cli follows them.
//! - With [`delete`](Sync::delete) a file replaces a directory after everything in it was deleted.
//!   If something in it remains (it is excluded), the file is skipped. Of the objects `a` and
//!   `a/b`, only `a/b` is downloaded.
//! - An incomplete listing (truncated without a token, or with the same token twice) is an error of
//!   the whole.
//! - Without [`follow_symlinks`](Sync::follow_symlinks), a directory that is itself a link is
//!   synced; aws-cli treats it as empty.
//! - Cycles of links are skipped; aws-cli follows them until the kernel's limit.
//! - A file in the place of a directory is an error of the whole. So is [`CaseConflict::Error`],
//!   before anything is done. The report lists the files that [`CaseConflict::Skip`] skips.
//!   `--case-conflict warn` is not implemented.
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

/// Sets further parameters of a request, once for each file.
type Args<I> = Option<Arc<dyn Fn(I) -> I + Send + std::marker::Sync>>;

type Callback = Option<Box<dyn FnMut(&Item) + Send>>;

/// A sync: configure it, then run it with `.wait()?` or `.await?`, which return a [`Report`].
/// [`Client::sync`] returns it.
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
    /// In a mutex only because the tasks share this value; they do not use it.
    callback: Mutex<Callback>,
}

impl Client {
    /// Makes the contents of `to` equal to those of `from`: `aws s3 sync`. See [`sync`](self).
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
    /// `--delete`: deletes files that are only in the target, unless they are excluded. Default
    /// false.
    pub fn delete(self, delete: bool) -> Sync {
        Sync { delete, ..self }
    }

    /// Sets whether links in the target to directories outside of it are followed when files are
    /// written and deleted. Default false.
    pub fn follow_links_out(self, follow: bool) -> Sync {
        Sync { follow_links_out: follow, ..self }
    }

    /// `--dryrun`: changes nothing; the report lists the planned operations. Default false.
    pub fn dry_run(self, dry_run: bool) -> Sync {
        Sync { dry_run, ..self }
    }

    /// `--exclude`: ignores matching names. `*` also matches slashes. The last pattern that matches
    /// a name decides.
    pub fn exclude(mut self, pattern: impl Into<String>) -> Sync {
        self.rules.patterns.push((false, pattern.into()));
        self
    }

    /// `--include`: includes matching names despite the patterns before.
    pub fn include(mut self, pattern: impl Into<String>) -> Sync {
        self.rules.patterns.push((true, pattern.into()));
        self
    }

    /// `--size-only`: ignores times. Default false.
    pub fn size_only(mut self, size_only: bool) -> Sync {
        self.rules.size_only = size_only;
        self
    }

    /// `--exact-timestamps`: skips a download only if the times are equal. Default false.
    pub fn exact_timestamps(mut self, exact: bool) -> Sync {
        self.rules.exact_timestamps = exact;
        self
    }

    /// Sets whether links in the directory are followed. Default true. Otherwise they are ignored
    /// on either side: not uploaded, compared or deleted. A download replaces a link of its name.
    pub fn follow_symlinks(self, follow_symlinks: bool) -> Sync {
        Sync { follow_symlinks, ..self }
    }

    /// `--force-glacier-transfer`: tries archived objects, which may have been restored. Default:
    /// they are skipped.
    pub fn force_glacier_transfer(self, force_glacier_transfer: bool) -> Sync {
        Sync { force_glacier_transfer, ..self }
    }

    /// `--ignore-glacier-warnings`: does not report archived objects as skipped. Default false.
    pub fn ignore_glacier_warnings(self, ignore_glacier_warnings: bool) -> Sync {
        Sync { ignore_glacier_warnings, ..self }
    }

    /// Sets whether an upload gets the content type of its name. Default true; `false` is
    /// `--no-guess-mime-type`.
    pub fn guess_mime_type(self, guess_mime_type: bool) -> Sync {
        Sync { guess_mime_type, ..self }
    }

    /// `--case-conflict`: sets how to handle downloads whose names differ only by case. Default
    /// [`CaseConflict::Ignore`].
    pub fn case_conflict(self, case_conflict: CaseConflict) -> Sync {
        Sync { case_conflict, ..self }
    }

    /// `--page-size`: sets the number of keys per response of a listing. Default: the service's,
    /// 1000.
    pub fn page_size(self, keys: i32) -> Sync {
        Sync { page_size: Some(keys), ..self }
    }

    /// `--request-payer`: sent with each request, including listings and deletions. Without it a
    /// requester-pays bucket refuses all of them.
    pub fn request_payer(self, payer: RequestPayer) -> Sync {
        Sync { request_payer: Some(payer), ..self }
    }

    /// Sets how files are split into parts. All files together share its
    /// [`max_concurrency`](TransferConfig::max_concurrency).
    pub fn config(self, config: TransferConfig) -> Sync {
        Sync { config, ..self }
    }

    /// Sets the time limit of the whole; `None` means no limit. Default: [`DEFAULT_TIMEOUT`].
    pub fn timeout(self, timeout: impl Into<crate::TimeLimit>) -> Sync {
        Sync { timeout: timeout.into().into(), ..self }
    }

    /// Sets further parameters of each upload, as
    /// [`Upload::extra_args`](super::transfer::Upload::extra_args).
    pub fn upload_args(
        self,
        build: impl Fn(PutObjectInputBuilder) -> PutObjectInputBuilder + Send + std::marker::Sync + 'static,
    ) -> Sync {
        Sync { upload_args: Some(Arc::new(build)), ..self }
    }

    /// Sets further parameters of each download, as
    /// [`Download::extra_args`](super::transfer::Download::extra_args).
    pub fn download_args(
        self,
        build: impl Fn(GetObjectInputBuilder) -> GetObjectInputBuilder + Send + std::marker::Sync + 'static,
    ) -> Sync {
        Sync { download_args: Some(Arc::new(build)), ..self }
    }

    /// Sets further parameters of each copy, as
    /// [`Copy::extra_args`](super::transfer::Copy::extra_args).
    pub fn copy_args(
        self,
        build: impl Fn(CopyObjectInputBuilder) -> CopyObjectInputBuilder + Send + std::marker::Sync + 'static,
    ) -> Sync {
        Sync { copy_args: Some(Arc::new(build)), ..self }
    }

    /// Sets the client of the source bucket, if it is in another region or account.
    pub fn source_client(self, client: &Client) -> Sync {
        Sync { source_client: Some(client.clone()), ..self }
    }

    /// Sets a function that is called after each file.
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
