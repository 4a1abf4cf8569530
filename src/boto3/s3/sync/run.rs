//! Runs a sync: lists both sides, compares, executes.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::time::SystemTime;

use super::listing::{self, Listing};
use super::report::{Failed, Item, Operation, Report, Skipped};
use super::rules::{CaseConflict, Entry, Rules, refuse};
use super::{Location, Sync};
use crate::boto3::s3::client::Client;
use crate::boto3::s3::shapes::{DeleteObjectInputBuilder, ListObjectsV2InputBuilder};
use crate::boto3::s3::transfer::{Budget, Copy, Download, Engine, Known, Pool, Settings, Upload};
use crate::boto3::{Error, Result};
use crate::os::backend::{FileTime, Times};
use crate::os::{MakeDirs, Os};
use crate::wait::driver;

const OPERATION: &str = "sync";

pub(super) async fn run(mut sync: Sync) -> Result<Report> {
    sync.config.validate()?;
    let operation = match (&sync.from, &sync.to) {
        (Location::Local(_), Location::S3 { .. }) => Operation::Upload,
        (Location::S3 { .. }, Location::Local(_)) => Operation::Download,
        (Location::S3 { .. }, Location::S3 { .. }) => Operation::Copy,
        (Location::Local(_), Location::Local(_)) => {
            return Err(Error::Value("one side of a sync must be in S3: s3://bucket/prefix".into()));
        }
    };
    let engine = Engine::new(&sync.client, sync.config.clone());
    let budget = Budget::start(&engine.context.time, OPERATION, sync.timeout);
    let blocks = sync.blocks();
    let (source, target) = budget.run(sync.list(&engine)).await?;
    let (mut items, mut report) = plan(&sync, operation, &source, &target);
    if sync.case_conflict != CaseConflict::Ignore && operation == Operation::Download {
        let conflicts = budget.run(sync.case_conflicts(&items, &target, blocks)).await?;
        if let Some(name) = conflicts.iter().next().filter(|_| sync.case_conflict == CaseConflict::Error) {
            return Err(Error::Value(format!("another file's name differs from that of {name:?} by case alone")));
        }
        items.retain(|(item, _)| item.operation == Operation::Delete || !conflicts.contains(&item.name));
        let why = "another file's name differs by case alone";
        report.skipped.extend(conflicts.into_iter().map(|name| Skipped { name, why: why.into() }));
    }
    if sync.dry_run {
        report.done = items.into_iter().map(|(item, _)| item).collect();
        return Ok(report);
    }
    let mut callback = std::mem::take(sync.callback.get_mut().unwrap_or_else(PoisonError::into_inner));
    let job = Arc::new(Job { blocks, sync, engine, budget });
    if let Location::Local(root) = &job.sync.to {
        job.make_directory(root.clone()).await?;
    }
    let lanes = job.engine.config.lanes();
    for items in stages(items) {
        let mut items = items.into_iter().enumerate();
        let (mut pool, mut done, mut failed) = (Pool::new(), Vec::new(), Vec::new());
        loop {
            while pool.len() < lanes {
                let Some((number, (item, listed))) = items.next() else { break };
                let job = job.clone();
                pool.push(
                    number,
                    Engine::lane(job.blocks, async move {
                        let ended = job.one(&item, listed).await;
                        (item, ended)
                    }),
                );
            }
            match pool.next().await {
                Some((number, (item, Ok(())))) => {
                    if let Some(callback) = &mut callback {
                        callback(&item);
                    }
                    done.push((number, item));
                }
                Some((number, (item, Err(error)))) => failed.push((number, Failed { item, error })),
                None => break,
            }
        }
        done.sort_by_key(|(number, _)| *number);
        failed.sort_by_key(|(number, _)| *number);
        report.done.extend(done.into_iter().map(|(_, item)| item));
        report.failed.extend(failed.into_iter().map(|(_, failed)| failed));
    }
    Ok(report)
}

/// An operation, and the listing's data of its object.
type Planned = (Item, Option<Listed>);

struct Listed {
    modified: SystemTime,
    etag: Option<String>,
}

/// The stages, one after the other. Files come before deletions, except deletions in a file's way:
/// a file where a directory is required, and everything in a directory where a file is required.
fn stages(items: Vec<Planned>) -> [Vec<Planned>; 3] {
    let (files, deletions): (Vec<_>, Vec<_>) = items.into_iter().partition(|(item, _)| item.operation != Operation::Delete);
    let downloads = || files.iter().filter(|(item, _)| item.operation == Operation::Download && !deletions.is_empty());
    let directories: HashSet<&str> = downloads().flat_map(|(item, _)| above(&item.name)).collect();
    let names: HashSet<&str> = downloads().map(|(item, _)| item.name.as_str()).collect();
    let (in_the_way, deletions) = deletions.into_iter().partition(|(item, _)| {
        directories.contains(item.name.as_str()) || above(&item.name).any(|directory| names.contains(directory))
    });
    [in_the_way, files, deletions]
}

/// Iterates over the parent directories of a name.
fn above(name: &str) -> impl Iterator<Item = &str> {
    name.match_indices('/').filter_map(|(slash, _)| name.get(..slash))
}

/// Returns the planned operations in the order of the names.
fn plan(sync: &Sync, operation: Operation, source: &Listing, target: &Listing) -> (Vec<Planned>, Report) {
    let Sync { rules, .. } = sync;
    let mut report = Report::default();
    let takes = |rules: &Rules, name: &str, entry: &Entry| rules.takes(name, &entry.whole);
    let skipped = source.skipped.iter().chain(&target.skipped);
    report.skipped.extend(skipped.filter(|skipped| rules.takes(&skipped.name, &skipped.name)).cloned());
    let mut items = Vec::new();
    // The directories that downloads need. A name among them cannot be a file as well.
    let taken = source.entries.iter().filter(|(name, entry)| takes(rules, name, entry) && refuse(name).is_none());
    let parents: HashSet<&str> = match operation {
        Operation::Download => taken.flat_map(|(name, _)| above(name)).collect(),
        _ => HashSet::new(),
    };
    for (name, entry) in source.entries.iter().filter(|(name, entry)| takes(rules, name, entry)) {
        // If a file and a directory have the same name, the directory wins, because it contains
        // more.
        if parents.contains(name.as_str()) {
            report.skipped.push(Skipped { name: name.clone(), why: "other objects need a directory of this name".into() });
            continue;
        }
        // An excluded entry of the target does not exist for the comparison, as in aws-cli.
        let there = target.entries.get(name).filter(|there| takes(rules, name, there));
        if there.is_some_and(|there| !rules.differs(operation, entry, there)) {
            report.unchanged += 1;
            continue;
        }
        if entry.archived && !sync.force_glacier_transfer {
            if !sync.ignore_glacier_warnings {
                let why = "it is archived: restore it, or force_glacier_transfer";
                report.skipped.push(Skipped { name: name.clone(), why: why.into() });
            }
            continue;
        }
        let why = match operation {
            Operation::Download => refuse(name).or_else(|| target.blocks(name)),
            _ => None,
        };
        let why = why.or_else(|| {
            let occupied = operation == Operation::Download && sync.delete && target.directories.contains(name);
            let stays = |beneath: &str| {
                !target.directories.contains(beneath)
                    && !target.is_linked(beneath)
                    && target.entries.get(beneath).is_none_or(|entry| !goes(sync, source, target, beneath, entry))
            };
            (occupied && target.beneath(name).any(stays)).then_some("a directory is in its place, with files that stay")
        });
        match why {
            Some(why) => report.skipped.push(Skipped { name: name.clone(), why: why.into() }),
            None => items.push((
                Item { operation, name: name.clone(), size: entry.size },
                Some(Listed { modified: entry.modified, etag: entry.etag.clone() }),
            )),
        }
    }
    if sync.delete {
        let gone = target.entries.iter().filter(|(name, entry)| {
            // A file in the place of a required directory is removed, even if an object has its
            // name.
            goes(sync, source, target, name, entry) || (parents.contains(name.as_str()) && takes(rules, name, entry))
        });
        items.extend(gone.map(|(name, _)| (Item { operation: Operation::Delete, name: name.clone(), size: 0 }, None)));
    }
    (items, report)
}

/// Returns true if a file of the target is to be deleted. The target of a link has another name,
/// which decides.
fn goes(sync: &Sync, source: &Listing, target: &Listing, name: &str, entry: &Entry) -> bool {
    sync.delete
        && !target.is_linked(name)
        && !source.entries.contains_key(name)
        && !source.is_unknown(name)
        && sync.rules.takes(name, &entry.whole)
}

impl Sync {
    async fn list(&self, engine: &Engine) -> Result<(Listing, Listing)> {
        let source_client = self.source_client.as_ref().unwrap_or(&self.client);
        let source = self.side(engine, source_client, &self.from, false).await?;
        let target = self.side(engine, &self.client, &self.to, true).await?;
        Ok((source, target))
    }

    async fn side(&self, engine: &Engine, client: &Client, side: &Location, is_target: bool) -> Result<Listing> {
        match side {
            Location::Local(root) => {
                let target = is_target.then_some(listing::Confined(!self.follow_links_out));
                listing::files(&self.client.context.os, root, self.follow_symlinks, target).await
            }
            Location::S3 { bucket, prefix } => {
                let list = ListObjectsV2InputBuilder::default().bucket(bucket).prefix(prefix);
                let list = list.set_max_keys(self.page_size).set_request_payer(self.request_payer.clone());
                listing::objects(engine, client, list).await
            }
        }
    }

    /// Returns the new files whose names differ only by case from a transferred file's or, on a
    /// case-insensitive file system, from an existing file's.
    async fn case_conflicts(&self, items: &[Planned], target: &Listing, blocks: bool) -> Result<BTreeSet<String>> {
        let Location::Local(root) = &self.to else { return Ok(BTreeSet::new()) };
        let new =
            items.iter().filter(|(item, _)| item.operation == Operation::Download && !target.entries.contains_key(&item.name));
        let new: Vec<String> = new.map(|(item, _)| item.name.clone()).collect();
        let (os, root) = (self.client.context.os.clone(), root.clone());
        let look = move || {
            let mut lowercase = HashSet::new();
            // Files that are not transferred cause no conflict.
            new.into_iter().filter(|name| os.path.exists(root.join(name)) || !lowercase.insert(name.to_lowercase())).collect()
        };
        Ok(driver::blocking(blocks, look).await)
    }

    /// True if calls on the local side may block the thread.
    fn blocks(&self) -> bool {
        let local = matches!((&self.from, &self.to), (Location::Local(_), _) | (_, Location::Local(_)));
        local && self.client.context.os.backend().blocks()
    }
}

struct Job {
    sync: Sync,
    engine: Engine,
    budget: Budget,
    blocks: bool,
}

impl Job {
    /// Executes one operation.
    async fn one(&self, item: &Item, listed: Option<Listed>) -> Result<()> {
        // Each ends by itself when the time limit expires, and cleans up.
        let left = self.budget.left()?;
        let name = &item.name;
        match (item.operation, &self.sync.from, &self.sync.to) {
            (Operation::Upload, Location::Local(root), Location::S3 { bucket, prefix }) => {
                let upload = Upload::file(self.settings(), root.join(name), bucket.clone(), format!("{prefix}{name}"));
                let guessed = mime_guess::from_path(name).first_raw().filter(|_| self.sync.guess_mime_type);
                let mut upload = upload.timeout(left).extra_args(|put| {
                    put.set_content_type(guessed.map(str::to_owned)).set_request_payer(self.sync.request_payer.clone())
                });
                if let Some(args) = &self.sync.upload_args {
                    upload = upload.extra_args(|put| args(put));
                }
                upload.await
            }
            (Operation::Download, Location::S3 { bucket, prefix }, Location::Local(root)) => {
                let path = root.join(name);
                if let Some(parent) = path.parent().filter(|parent| parent != root) {
                    self.make_directory(parent.to_path_buf()).await?;
                }
                if self.sync.delete {
                    // Its contents were deleted before, as far as allowed.
                    self.remove_directory(path.clone()).await?;
                }
                let (key, target) = (format!("{prefix}{name}"), path.clone());
                let download = Download::new(self.settings(), bucket.clone(), key, target).timeout(left);
                let mut download = download.extra_args(|get| get.set_request_payer(self.sync.request_payer.clone()));
                let modified = listed.as_ref().map(|listed| listed.modified);
                if let Some(Listed { etag, .. }) = listed {
                    download = download.known(Known { size: item.size, etag });
                }
                if let Some(args) = &self.sync.download_args {
                    download = download.extra_args(|get| args(get));
                }
                download.await?;
                let times = modified.map(|time| Times { atime: Some(FileTime::At(time)), mtime: Some(FileTime::At(time)) });
                match times {
                    Some(times) => self.files("setting a file's time", move |os| os.utime(path, times)).await,
                    None => Ok(()),
                }
            }
            (Operation::Copy, Location::S3 { bucket: from, prefix: before }, Location::S3 { bucket, prefix }) => {
                let source = (from.clone(), format!("{before}{name}")).into();
                let copy = Copy::new(self.settings(), source, bucket.clone(), format!("{prefix}{name}")).timeout(left);
                let mut copy =
                    copy.known_size(item.size).extra_args(|copy| copy.set_request_payer(self.sync.request_payer.clone()));
                if let Some(client) = &self.sync.source_client {
                    copy = copy.source_client(client);
                }
                if let Some(args) = &self.sync.copy_args {
                    copy = copy.extra_args(|copy| args(copy));
                }
                copy.await
            }
            (Operation::Delete, _, Location::Local(root)) => {
                let path = root.join(name);
                let remove = move |os: &Os| match os.remove(path) {
                    // Deleted meanwhile.
                    Err(crate::os::Error::FileNotFound(_)) => Ok(()),
                    done => done,
                };
                self.files("removing a file", remove).await
            }
            (Operation::Delete, _, Location::S3 { bucket, prefix }) => {
                let delete = DeleteObjectInputBuilder::default().bucket(bucket).key(format!("{prefix}{name}"));
                let delete = delete.set_request_payer(self.sync.request_payer.clone());
                let request = self.engine.attempts(|| self.engine.backend.delete_object(delete.clone()));
                self.budget.run(request).await.map(|_| ())
            }
            // `run` has selected the operation by the sides.
            _ => Err(Error::Value(format!("{:?} does not go from {:?} to {:?}", item.operation, self.sync.from, self.sync.to))),
        }
    }

    fn settings(&self) -> Settings {
        Settings::shared(&self.sync.client, &self.engine)
    }

    async fn make_directory(&self, path: PathBuf) -> Result<()> {
        self.files("making a directory", move |os| os.makedirs(MakeDirs::new(path).exist_ok(true))).await
    }

    /// Removes a directory in a file's place, with the empty directories in it. A link to a
    /// directory is itself removed.
    async fn remove_directory(&self, path: PathBuf) -> Result<()> {
        fn empty(os: &Os, path: &Path) -> crate::os::Result<()> {
            for name in os.listdir(path)? {
                let path = path.join(name);
                match os.lstat(&path)? {
                    stat if stat.is_dir() => empty(os, &path)?,
                    stat if stat.is_symlink() && os.path.isdir(&path) => os.unlink(&path)?,
                    _ => {}
                }
            }
            os.rmdir(path)
        }
        let remove = move |os: &Os| match os.lstat(&path) {
            Ok(stat) if stat.is_dir() => empty(os, &path),
            Ok(stat) if stat.is_symlink() && os.path.isdir(&path) => os.unlink(&path),
            _ => Ok(()),
        };
        self.files("removing a directory", remove).await
    }

    /// Runs a blocking file operation.
    async fn files<T: Send + 'static>(
        &self,
        what: &'static str,
        work: impl FnOnce(&Os) -> crate::os::Result<T> + Send + 'static,
    ) -> Result<T> {
        let os = self.engine.context.os.clone();
        let done = driver::blocking(self.blocks, move || work(&os)).await;
        done.map_err(|source| Error::File { what, source })
    }
}
