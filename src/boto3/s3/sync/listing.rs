//! The contents of a side.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::report::Skipped;
use super::rules::Entry;
use crate::boto3::s3::client::Client;
use crate::boto3::s3::shapes::ListObjectsV2InputBuilder;
use crate::boto3::s3::transfer::Engine;
use crate::boto3::{Error, Result};
use crate::os::{self, Os, StatResult};
use crate::wait::driver;

/// The files of a side, by their names relative to it.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub(super) entries: BTreeMap<String, Entry>,
    /// Skipped entries, with the reason.
    pub(super) skipped: Vec<Skipped>,
    /// The directories of a local side.
    pub(super) directories: BTreeSet<String>,
    /// Names that must not be written to, nor anything below them: a device, an unreadable
    /// directory, a link out of the root.
    blocked: BTreeMap<String, String>,
    /// Links to directories within the target: the files below them have another name there.
    linked: BTreeSet<String>,
}

impl Listing {
    fn skip(&mut self, name: impl Into<String>, why: impl Into<String>) {
        self.skipped.push(Skipped { name: name.into(), why: why.into() });
    }

    fn block(&mut self, name: String, why: impl Into<String>) {
        let why = why.into();
        self.blocked.insert(name.clone(), why.clone());
        self.skip(name, why);
    }

    /// Returns why a file of this name must not be written, if so.
    pub(super) fn blocks(&self, name: &str) -> Option<&str> {
        let above = name.match_indices('/').filter_map(|(slash, _)| name.get(..slash));
        above.chain([name]).find_map(|name| self.blocked.get(name)).map(String::as_str)
    }

    /// Returns true for a link to another directory of the target, and for everything below it.
    pub(super) fn is_linked(&self, name: &str) -> bool {
        let above = name.match_indices('/').filter_map(|(slash, _)| name.get(..slash));
        above.chain([name]).any(|name| self.linked.contains(name))
    }

    /// Iterates over the names below a directory: files, directories, and skipped entries.
    pub(super) fn beneath<'a>(&'a self, directory: &str) -> impl Iterator<Item = &'a str> {
        let start = format!("{directory}/");
        let skipped = self.skipped.iter().map(|skipped| skipped.name.as_str());
        let all = self.entries.keys().chain(&self.directories).map(String::as_str).chain(skipped);
        all.filter(move |name| name.starts_with(&start))
    }

    /// Returns true for entries that were not read, and everything below them.
    pub(super) fn is_unknown(&self, name: &str) -> bool {
        self.skipped.iter().any(|skipped| {
            let rest = name.strip_prefix(skipped.name.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || skipped.name.is_empty())
        })
    }
}

/// Returns everything below a prefix. Directory markers (empty objects whose key ends with a slash)
/// are left out. A non-empty object whose key is the prefix has an empty name.
pub(super) async fn objects(engine: &Engine, client: &Client, list: ListObjectsV2InputBuilder) -> Result<Listing> {
    let (bucket, prefix) = (list.get_bucket().clone().unwrap_or_default(), list.get_prefix().clone().unwrap_or_default());
    let mut listing = Listing::default();
    let mut token = None;
    loop {
        let list = list.clone().set_continuation_token(token.clone());
        let page = engine.attempts(|| client.backend.list_objects_v2(list.clone())).await?;
        for object in page.contents() {
            let size = object.size().and_then(|size| u64::try_from(size).ok()).unwrap_or_default();
            let Some(key) = object.key() else { continue };
            let Some(name) = key.strip_prefix(prefix.as_str()) else { continue };
            if size == 0 && key.ends_with('/') {
                continue;
            }
            let modified =
                object.last_modified().and_then(|time| SystemTime::try_from(*time).ok()).unwrap_or(SystemTime::UNIX_EPOCH);
            let archived = object.storage_class().is_some_and(|class| matches!(class.as_str(), "GLACIER" | "DEEP_ARCHIVE"));
            listing.entries.insert(
                name.to_owned(),
                Entry { size, modified, etag: object.e_tag().map(str::to_owned), whole: format!("{bucket}/{key}"), archived },
            );
        }
        if page.is_truncated != Some(true) {
            return Ok(listing);
        }
        // Files would be deleted if a partial listing were taken for the whole.
        let next = page.next_continuation_token.filter(|token| !token.is_empty());
        match next {
            None => return Err(cut("it is truncated and does not say where it goes on".to_owned())),
            Some(next) if token.as_ref() == Some(&next) => {
                return Err(cut(format!("The same next token was received twice: {next:?}")));
            }
            Some(next) => token = Some(next),
        }
    }
}

/// Whether links in a target must not lead out of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Confined(pub(super) bool);

fn cut(reason: String) -> Error {
    Error::Pagination { operation: "list_objects_v2", reason }
}

/// Returns every file below a directory. In a target, links out of it are not followed, unless
/// allowed. A missing target is empty: it will be created.
pub(super) async fn files(os: &Os, root: &Path, follow: bool, target: Option<Confined>) -> Result<Listing> {
    let failed = |source| Error::File { what: "listing a directory", source };
    match os.stat(root) {
        Err(os::Error::FileNotFound(_)) if target.is_some() => return Ok(Listing::default()),
        Err(error) => return Err(failed(error)),
        Ok(_) => {}
    }
    let blocks = os.backend().blocks();
    let names = os.listdir(root).map_err(failed)?;
    let (os, root) = (os.clone(), root.to_path_buf());
    let walk = move || {
        let inside = target.and_then(|Confined(confined)| Some((os.path.realpath(&root).ok()?, confined)));
        let mut walk = Walk { os: &os, follow, inside, listing: Listing::default(), above: Vec::new() };
        if let Ok(stat) = os.stat(&root) {
            walk.above.push((stat.st_dev, stat.st_ino));
        }
        walk.names(&root, "", names);
        walk.listing
    };
    // In memory it runs at once, so that the order of calls is the same in every run.
    Ok(driver::blocking(blocks, walk).await)
}

struct Walk<'a> {
    os: &'a Os,
    follow: bool,
    /// For a target: its real path, and whether links must not lead out of it.
    inside: Option<(PathBuf, bool)>,
    listing: Listing,
    /// The directories on the path to here, by device and inode.
    above: Vec<(u64, u64)>,
}

impl Walk<'_> {
    fn names(&mut self, dir: &Path, beneath: &str, names: Vec<std::ffi::OsString>) {
        for name in names {
            let path = dir.join(&name);
            let Some(name) = name.to_str() else {
                self.listing.skip(format!("{beneath}{}", name.display()), "its name is not UTF-8");
                continue;
            };
            let name = format!("{beneath}{name}");
            if !self.follow && self.os.path.islink(&path) {
                continue;
            }
            match self.os.stat(&path) {
                Ok(stat) if stat.is_dir() => self.directory(path, name, &stat),
                Ok(stat) if stat.is_file() => self.file(&path, name, &stat),
                Ok(_) => self.listing.block(name, "it is a device, a pipe or a socket"),
                Err(error) => self.listing.skip(name, error.to_string()),
            }
        }
    }

    fn file(&mut self, path: &Path, name: String, stat: &StatResult) {
        if !self.os.access(path, os::R_OK) {
            return self.listing.skip(name, "it may not be read");
        }
        let whole = self.os.ambient().resolve(path).display().to_string();
        self.listing
            .entries
            .insert(name, Entry { size: stat.st_size, modified: stat.st_mtime, etag: None, whole, archived: false });
    }

    fn directory(&mut self, path: PathBuf, name: String, stat: &StatResult) {
        if let Some((root, confined)) = &self.inside
            && self.os.path.islink(&path)
        {
            if self.os.path.realpath(&path).is_ok_and(|real| real.starts_with(root)) {
                self.listing.linked.insert(name.clone());
            } else if *confined {
                return self.listing.block(name, "it is a link out of the directory");
            }
        }
        let here = (stat.st_dev, stat.st_ino);
        if self.above.contains(&here) {
            return self.listing.skip(name, "it is a link to a directory above");
        }
        match self.os.listdir(&path) {
            Ok(names) => {
                self.listing.directories.insert(name.clone());
                self.above.push(here);
                self.names(&path, &format!("{name}/"), names);
                self.above.pop();
            }
            Err(error) => self.listing.block(name, error.to_string()),
        }
    }
}
