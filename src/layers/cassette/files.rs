//! Files: what a script looks at is recorded as it was before the script changed it, and laid out in memory for a replay.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::deck::{Deck, bytes_to_value, redacted, value_to_bytes};
use super::error::Error;
use super::vault::{HIDDEN, Vault};
use crate::error::errno::{EIO, ENOENT};
use crate::layers::hook::{Call, Effect, Failure, Hook, Outcome, Subject, Verdict};
use crate::os::backend::{Backend, FileTime, FileType, OpenFlags, StatResult, Times};

/// As many links as the kernel follows.
const LINKS: usize = 40;

/// Calls on what is open already: opening it was seen.
const OPEN: &[&str] = &[
    "os.read",
    "os.write",
    "os.lseek",
    "os.pread",
    "os.pwrite",
    "os.fstat",
    "os.fstatvfs",
    "os.posix_fallocate",
    "os.posix_fadvise",
    "os.ftruncate",
    "os.fsync",
    "os.fchmod",
    "os.fchown",
    "os.futimens",
    "os.flock",
    "os.copy_range",
    "os.next_entries",
];

/// Calls whose answers are neither recorded nor modelled.
const REFUSED: &[&str] = &["os.statvfs", "os.pathconf"];

/// One path as it was when it was first looked at.
#[derive(Clone, Debug)]
enum Seen {
    Absent,
    Failed(i32),
    There { stat: StatResult, target: Option<PathBuf>, content: Content, names: Option<Vec<OsString>> },
}

#[derive(Clone, Debug)]
enum Content {
    NotRead,
    TooLarge,
    Failed(i32),
    Bytes(Vec<u8>),
    /// It is another name of this file.
    Same(PathBuf),
}

#[derive(Default)]
struct State {
    seen: BTreeMap<PathBuf, Seen>,
    /// Where what the script has moved or linked was before; None: the script has made or removed it.
    origins: BTreeMap<PathBuf, Option<PathBuf>>,
    /// The first name of each file with several names that was seen, by device and inode.
    linked: HashMap<(u64, u64), PathBuf>,
}

impl State {
    /// What is recorded of a path, when it is first seen.
    fn there(&mut self, path: &Path, stat: &StatResult, target: Option<PathBuf>) -> Seen {
        if stat.is_file() && stat.st_nlink > 1 {
            let first = self.linked.entry((stat.st_dev, stat.st_ino)).or_insert_with(|| path.to_owned()).clone();
            if first != path
                && let Some(Seen::There { stat, .. }) = self.seen.get(&first)
            {
                return Seen::There { stat: *stat, target: None, content: Content::Same(first), names: None };
            }
        }
        Seen::There { stat: *stat, target, content: Content::NotRead, names: None }
    }

    /// Where this path was before the script changed anything. None: it is of the script's making.
    fn origin(&self, path: &Path) -> Option<PathBuf> {
        let Some((at, origin)) = path.ancestors().find_map(|at| Some((at, self.origins.get(at)?))) else {
            return Some(path.to_owned());
        };
        let origin = origin.as_ref()?;
        path.strip_prefix(at).ok().map(|rest| if rest.as_os_str().is_empty() { origin.clone() } else { origin.join(rest) })
    }

    /// The script has made or removed a path.
    fn made(&mut self, path: &Path) {
        self.forget_beneath(path);
        self.origins.insert(path.to_owned(), None);
    }

    fn forget_beneath(&mut self, path: &Path) -> Vec<(PathBuf, Option<PathBuf>)> {
        // Paths are in the order of their components: what is beneath follows.
        let beneath = self.origins.range(path.to_owned()..).take_while(|(other, _)| other.starts_with(path));
        let beneath: Vec<PathBuf> = beneath.map(|(other, _)| other.clone()).collect();
        beneath.into_iter().filter_map(|other| self.origins.remove_entry(&other)).collect()
    }

    /// The script has moved a path.
    fn moved(&mut self, from: &Path, to: &Path) {
        let origin = self.origin(from);
        let beneath = self.forget_beneath(from);
        self.forget_beneath(to);
        for (path, origin) in beneath {
            if let Ok(rest) = path.strip_prefix(from) {
                self.origins.insert(to.join(rest), origin);
            }
        }
        self.origins.insert(to.to_owned(), origin);
        self.origins.insert(from.to_owned(), None);
    }

    /// Whether the nearest directory that is recorded was not there, or was listed without this name.
    fn is_known_absent(&self, path: &Path) -> bool {
        let nearest = path.ancestors().skip(1).find_map(|dir| self.seen.get(dir));
        matches!(nearest, Some(Seen::Absent | Seen::There { names: Some(_), .. }))
    }
}

/// The hook that records files, or refuses those that are not recorded. It refuses the services that a cassette does not record.
pub(super) struct Files {
    /// What is beneath the hook: the machine, or the model of a replay.
    inner: Arc<dyn Backend>,
    ambient: crate::Ambient,
    deck: Arc<Deck>,
    records: bool,
    state: Mutex<State>,
}

impl std::fmt::Debug for Files {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Files").field("records", &self.records).finish_non_exhaustive()
    }
}

impl Hook for Files {
    fn before(&self, call: &Call<'_>) -> Verdict {
        let refuse = |why: String| Verdict::fail(Failure::NotRecorded(why.into()));
        match call.battery() {
            "os" if OPEN.contains(&call.operation) => Verdict::go(),
            "os" if REFUSED.contains(&call.operation) => refuse(format!("a cassette does not record {call}")),
            "os" => match &call.subject {
                Subject::Path { path, follow } => self.check(call, path, *follow),
                Subject::Paths(from, to) => {
                    let verdict = self.check(call, from, false);
                    if matches!(verdict.fate, crate::layers::Fate::Go) { self.check(call, to, false) } else { verdict }
                }
                _ => Verdict::go(),
            },
            "s3" | "ec2" | "sts" | "fabric" => refuse(format!("a cassette does not record {call}")),
            _ => Verdict::go(),
        }
    }

    fn after(&self, call: &Call<'_>, outcome: &Outcome) {
        if outcome.error.is_some() || call.effect != Effect::Change {
            return;
        }
        match (&call.subject, call.operation) {
            (Subject::Paths(from, to), "os.rename") => {
                let (from, to) = (self.place(from, false), self.place(to, false));
                // rename(2): between two names of one file it does nothing.
                if self.inner.stat(&from, false).is_err() {
                    self.lock().moved(&from, &to);
                }
            }
            (Subject::Paths(from, to), "os.link") => {
                let (from, to) = (self.place(from, false), self.place(to, false));
                let mut state = self.lock();
                let origin = state.origin(&from);
                state.origins.insert(to, origin);
            }
            (Subject::Path { path, .. }, "os.mkdir" | "os.rmdir" | "os.unlink" | "os.symlink" | "os.mknod" | "os.mkfifo") => {
                let path = self.place(path, false);
                self.lock().made(&path);
            }
            (Subject::Path { path, follow }, "os.open") => {
                let path = self.place(path, *follow);
                let mut state = self.lock();
                // A file that was there before is the same file.
                if state.origin(&path).is_some_and(|origin| !matches!(state.seen.get(&origin), Some(Seen::There { .. }))) {
                    state.made(&path);
                }
            }
            _ => {}
        }
    }
}

impl Files {
    pub(super) fn recording(inner: Arc<dyn Backend>, ambient: crate::Ambient, deck: Arc<Deck>) -> Files {
        Files { inner, ambient, deck, records: true, state: Mutex::default() }
    }

    /// Lays the recorded files out in the model and lets a script see only those, and what it makes.
    pub(super) fn replaying(
        model: Arc<dyn Backend>,
        ambient: crate::Ambient,
        deck: Arc<Deck>,
        entries: &[Value],
    ) -> Result<Files, Error> {
        let mut state = State::default();
        for entry in entries.iter().filter(|entry| entry["kind"] == "file") {
            let path = value_to_path(&entry["path"]);
            state.seen.insert(path, seen_of(entry));
        }
        // Parents come first in the order of paths; times of directories are set when their entries are made.
        let is_link = |seen: &Seen| matches!(seen, Seen::There { content: Content::Same(_), .. });
        let (links, files): (Vec<_>, Vec<_>) = state.seen.iter().partition(|(_, seen)| is_link(seen));
        for (path, seen) in files.into_iter().chain(links) {
            lay_out(&*model, path, seen).map_err(|error| Error::File { path: path.clone(), reason: error.to_string() })?;
        }
        for (path, seen) in state.seen.iter().rev() {
            if let Seen::There { stat, target: None, .. } = seen
                && !is_link(seen)
            {
                let times = Times { atime: Some(FileTime::At(stat.st_atime)), mtime: Some(FileTime::At(stat.st_mtime)) };
                let set = model.utime(path, times, false);
                set.map_err(|error| Error::File { path: path.clone(), reason: error.to_string() })?;
            }
        }
        Ok(Files { inner: model, ambient, deck, records: false, state: Mutex::new(state) })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn absolute(&self, path: &Path) -> PathBuf {
        let path = self.ambient.resolve(path);
        match self.inner.getcwd() {
            Ok(cwd) if path.is_relative() => cwd.join(path),
            _ => path.into_owned(),
        }
    }

    fn check(&self, call: &Call<'_>, path: &Path, follow: bool) -> Verdict {
        if path.as_os_str().is_empty() {
            return Verdict::go();
        }
        let change = call.effect == Effect::Change;
        let end = match self.walk(&self.absolute(path), follow, change) {
            Ok(end) => end,
            Err(failure) => return Verdict::fail(failure),
        };
        let wanted = match call.operation {
            "os.open" | "os.truncate" | "os.link" => self.content(&end, change),
            // Whether it is empty decides.
            "os.read_dir" | "os.rmdir" | "os.rename" => self.listing(&end),
            _ => Ok(()),
        };
        wanted.map_or_else(Verdict::fail, |()| Verdict::go())
    }

    /// The physical path, without a record.
    fn place(&self, path: &Path, follow: bool) -> PathBuf {
        let mut todo = parts(&self.absolute(path));
        let mut at = PathBuf::from("/");
        let mut links = 0;
        while let Some(part) = todo.pop_front() {
            if part == ".." {
                at.pop();
                continue;
            }
            let next = at.join(&part);
            let target = if follow || !todo.is_empty() { self.inner.readlink(&next).ok() } else { None };
            match target {
                Some(target) if links < LINKS => {
                    links += 1;
                    if target.is_absolute() {
                        at = PathBuf::from("/");
                    }
                    let mut ahead = parts(&target);
                    ahead.append(&mut todo);
                    todo = ahead;
                }
                _ => at = next,
            }
        }
        at
    }

    /// Looks at each directory on the way, as the kernel does, and gives the physical path at the end.
    fn walk(&self, path: &Path, follow: bool, change: bool) -> Result<PathBuf, Failure> {
        let mut todo: VecDeque<OsString> = parts(path);
        let mut at = PathBuf::from("/");
        let mut links = 0;
        self.visit(&at, false)?;
        while let Some(part) = todo.pop_front() {
            if part == ".." {
                at.pop();
                continue;
            }
            let next = at.join(&part);
            let last = todo.is_empty();
            let target = self.visit(&next, last && change)?;
            match target.filter(|_| !last || follow) {
                Some(target) if links < LINKS => {
                    links += 1;
                    if target.is_absolute() {
                        at = PathBuf::from("/");
                    }
                    let mut ahead = parts(&target);
                    ahead.append(&mut todo);
                    todo = ahead;
                }
                _ => at = next,
            }
        }
        Ok(at)
    }

    /// Looks at one name; gives the target of a link. What is to be made there may be unknown.
    fn visit(&self, path: &Path, makes: bool) -> Result<Option<PathBuf>, Failure> {
        let mut state = self.lock();
        let stat = self.inner.stat(path, false);
        if let Some(origin) = state.origin(path) {
            if self.records {
                if !matches!(state.seen.get(&origin), Some(Seen::Failed(_) | Seen::There { .. })) {
                    let seen = match &stat {
                        Ok(stat) => {
                            let target = if stat.is_symlink() { self.inner.readlink(path).ok() } else { None };
                            Some(state.there(&origin, stat, target))
                        }
                        Err(_) if makes => None,
                        Err(error) if crate::Errno::of(error) == Some(ENOENT) => Some(Seen::Absent),
                        Err(error) => Some(Seen::Failed(crate::Errno::of(error).unwrap_or(EIO))),
                    };
                    state.seen.extend(seen.map(|seen| (origin, seen)));
                }
            } else {
                match state.seen.get(&origin) {
                    Some(Seen::Failed(errno)) => return Err(Failure::Errno(*errno)),
                    Some(_) => {}
                    None if makes || state.is_known_absent(&origin) => {}
                    None => return Err(self.unknown(&state, path)),
                }
            }
        }
        let link = stat.is_ok_and(|stat| stat.is_symlink());
        Ok(if link { self.inner.readlink(path).ok() } else { None })
    }

    fn unknown(&self, state: &State, path: &Path) -> Failure {
        let path_text = path.display().to_string();
        let likeness = |other: &&PathBuf| {
            (similar::TextDiff::from_chars(other.display().to_string(), path_text.clone()).ratio() * 1e6) as u64
        };
        let nearest = state.seen.keys().max_by_key(likeness);
        let nearest = nearest.map_or_else(String::new, |nearest| format!("; nearest recorded: {}", nearest.display()));
        Failure::NotRecorded(format!("not in the cassette: {}{nearest}", path.display()).into())
    }

    fn content(&self, path: &Path, change: bool) -> Result<(), Failure> {
        let mut state = self.lock();
        let Some(origin) = state.origin(path) else { return Ok(()) };
        let limit = self.deck.limit;
        let first = match state.seen.get(&origin) {
            Some(Seen::There { content: Content::Same(first), .. }) => first.clone(),
            _ => origin,
        };
        let Some(Seen::There { stat, content, .. }) = state.seen.get_mut(&first) else { return Ok(()) };
        if !stat.is_file() {
            return Ok(());
        }
        if self.records {
            if matches!(content, Content::NotRead) {
                *content = read(&*self.inner, path, limit);
            }
            return Ok(());
        }
        match content {
            Content::Bytes(_) | Content::Same(_) => Ok(()),
            Content::Failed(errno) => Err(Failure::Errno(*errno)),
            // A file that is emptied or written anew needs no content; the model has an empty one.
            Content::NotRead if change => Ok(()),
            Content::NotRead => {
                Err(Failure::NotRecorded(format!("not in the cassette: the content of {}", path.display()).into()))
            }
            Content::TooLarge => {
                let why = format!("not in the cassette: the content of {}, which is too large", path.display());
                Err(Failure::NotRecorded(why.into()))
            }
        }
    }

    fn listing(&self, path: &Path) -> Result<(), Failure> {
        let Some(origin) = self.lock().origin(path) else { return Ok(()) };
        if !matches!(self.lock().seen.get(&origin), Some(Seen::There { stat, names: None, .. }) if stat.is_dir()) {
            return Ok(());
        }
        if !self.records {
            return Err(Failure::NotRecorded(format!("not in the cassette: the listing of {}", path.display()).into()));
        }
        let Ok(entries) = self.inner.read_dir(path) else { return Ok(()) };
        let mut names: Vec<OsString> = entries.filter_map(Result::ok).map(|entry| entry.name).collect();
        names.sort();
        // What the script made is not what was there before.
        names.retain(|name| self.lock().origin(&path.join(name)).is_some_and(|of| of == origin.join(name)));
        for name in &names {
            self.visit(&path.join(name), false)?;
        }
        if let Some(Seen::There { names: known, .. }) = self.lock().seen.get_mut(&origin) {
            *known = Some(names);
        }
        Ok(())
    }

    /// The entries, in the order of their paths.
    pub(super) fn entries(&self, vault: &Vault) -> Vec<Value> {
        self.lock().seen.iter().map(|(path, seen)| entry_of(vault, path, seen)).collect()
    }
}

fn parts(path: &Path) -> VecDeque<OsString> {
    let part = |component| match component {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some(OsString::from("..")),
        _ => None,
    };
    path.components().filter_map(part).collect()
}

fn read(files: &dyn Backend, path: &Path, limit: usize) -> Content {
    let flags = OpenFlags { read: true, nonblock: true, ..OpenFlags::default() };
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 64 << 10];
    let all = files.open(path, flags, 0).and_then(|handle| {
        loop {
            match handle.read(&mut buffer)? {
                0 => return Ok(()),
                read => bytes.extend_from_slice(buffer.get(..read).unwrap_or_default()),
            }
            if bytes.len() > limit {
                return Ok(());
            }
        }
    });
    match all {
        Err(error) => Content::Failed(crate::Errno::of(&error).unwrap_or(EIO)),
        Ok(()) if bytes.len() > limit => Content::TooLarge,
        Ok(()) => Content::Bytes(bytes),
    }
}

/// A file's content without secrets. A file whose name says that it holds one is hidden as a whole.
fn shown(vault: &Vault, path: &Path, bytes: &[u8]) -> Value {
    let name = path.file_name().map(OsStr::to_string_lossy).unwrap_or_default();
    let (stem, extension) = name.split_once('.').unwrap_or((&name, ""));
    let is_source = matches!(extension, "rs" | "py" | "md" | "html" | "json" | "toml" | "yaml" | "yml" | "ini");
    match std::str::from_utf8(bytes) {
        Ok(text) if vault.is_secret(stem) && !is_source && !text.contains(['=', ':']) => {
            text.split_whitespace().for_each(|word| vault.learn(word));
            format!("{HIDDEN}\n").into()
        }
        Ok(text) if matches!(&*name, ".netrc" | "_netrc" | ".pgpass" | ".git-credentials") => {
            let mut words = text.split_inclusive(char::is_whitespace).peekable();
            let mut hidden = String::new();
            while let Some(word) = words.next() {
                hidden.push_str(word);
                if word.trim() == "password"
                    && let Some(secret) = words.next()
                {
                    vault.learn(secret);
                    hidden.push_str(&secret.replace(secret.trim(), HIDDEN));
                }
            }
            let lines = hidden.lines().map(|line| match line.rsplit_once(':').filter(|_| name == ".pgpass") {
                Some((front, secret)) => {
                    vault.learn(secret);
                    format!("{front}:{HIDDEN}\n")
                }
                None => format!("{}\n", vault.text(line)),
            });
            lines.collect::<String>().into()
        }
        _ => redacted(vault, bytes),
    }
}

fn path_to_value(path: &Path) -> Value {
    bytes_to_value(path.as_os_str().as_bytes())
}

fn value_to_path(value: &Value) -> PathBuf {
    OsString::from_vec(value_to_bytes(value).unwrap_or_default()).into()
}

fn entry_of(vault: &Vault, path: &Path, seen: &Seen) -> Value {
    let mut entry = json!({ "kind": "file", "path": path_to_value(path) });
    match seen {
        Seen::Absent => entry["absent"] = true.into(),
        Seen::Failed(errno) => entry["errno"] = (*errno).into(),
        Seen::There { stat, target, content, names } => {
            entry["mode"] = format!("{:o}", stat.st_mode).into();
            entry["owner"] = json!([stat.st_uid, stat.st_gid]);
            entry["mtime_ns"] = nanoseconds(stat.st_mtime).into();
            if let Some(target) = target {
                entry["target"] = path_to_value(target);
            }
            if let Some(names) = names {
                entry["names"] = names.iter().map(|name| bytes_to_value(name.as_bytes())).collect();
            }
            match content {
                Content::NotRead if stat.is_file() => entry["size"] = stat.st_size.into(),
                Content::NotRead => {}
                Content::TooLarge => (entry["size"], entry["over"]) = (stat.st_size.into(), true.into()),
                Content::Failed(errno) => entry["open_errno"] = (*errno).into(),
                Content::Same(first) => entry["link"] = path_to_value(first),
                Content::Bytes(bytes) => entry["content"] = shown(vault, path, bytes),
            }
        }
    }
    entry
}

fn seen_of(entry: &Value) -> Seen {
    if entry["absent"] == true {
        return Seen::Absent;
    }
    let errno = |value: &Value| value.as_i64().and_then(|errno| i32::try_from(errno).ok());
    if let Some(errno) = errno(&entry["errno"]) {
        return Seen::Failed(errno);
    }
    let mode = entry["mode"].as_str().and_then(|mode| u32::from_str_radix(mode, 8).ok()).unwrap_or(0o100_644);
    let mut stat = StatResult::empty(FileType::of_mode(mode));
    let id = |value: &Value| value.as_u64().and_then(|id| u32::try_from(id).ok()).unwrap_or(0);
    stat.st_mode = mode;
    (stat.st_uid, stat.st_gid) = (id(&entry["owner"][0]), id(&entry["owner"][1]));
    stat.st_size = entry["size"].as_u64().unwrap_or(0);
    stat.st_mtime = time_of(entry["mtime_ns"].as_i64().unwrap_or(0));
    stat.st_atime = stat.st_mtime;
    let content = match value_to_bytes(&entry["content"]) {
        Some(bytes) => Content::Bytes(bytes),
        None if !entry["link"].is_null() => Content::Same(value_to_path(&entry["link"])),
        None => match errno(&entry["open_errno"]) {
            Some(errno) => Content::Failed(errno),
            None if entry["over"] == true => Content::TooLarge,
            None => Content::NotRead,
        },
    };
    let target = (!entry["target"].is_null()).then(|| value_to_path(&entry["target"]));
    let names = entry["names"].as_array().map(|names| names.iter().map(|name| value_to_path(name).into()).collect());
    Seen::There { stat, target, content, names }
}

fn lay_out(model: &dyn Backend, path: &Path, seen: &Seen) -> std::io::Result<()> {
    let there = model.stat(path, false);
    let Seen::There { stat, target, content, .. } = seen else {
        // A fresh model has a few directories.
        return match there {
            Ok(stat) if stat.is_dir() => remove_dir(model, path),
            Ok(_) => model.unlink(path),
            Err(_) => Ok(()),
        };
    };
    if let Ok(found) = &there
        && found.file_type() != stat.file_type()
    {
        if found.is_dir() { remove_dir(model, path)? } else { model.unlink(path)? }
    }
    if let Content::Same(first) = content {
        if there.is_ok() {
            model.unlink(path)?;
        }
        return model.link(first, path, false);
    }
    match stat.file_type() {
        FileType::Symlink => return model.symlink(target.as_deref().unwrap_or(Path::new("")), path),
        FileType::Dir if there.is_err() => model.mkdir(path, 0o755)?,
        FileType::Dir => {}
        FileType::File => {
            let flags = OpenFlags { write: true, create: true, truncate: true, ..OpenFlags::default() };
            let handle = model.open(path, flags, 0o644)?;
            match content {
                Content::Bytes(bytes) => {
                    let mut rest = bytes.as_slice();
                    while !rest.is_empty() {
                        let written = handle.write(rest)?;
                        rest = rest.get(written.max(1)..).unwrap_or_default();
                    }
                }
                // The size can be asked for.
                _ => handle.truncate(stat.st_size)?,
            }
        }
        special if there.is_err() => model.mknod(path, special, 0o644, 0)?,
        _ => {}
    }
    model.chown(path, Some(stat.st_uid), Some(stat.st_gid), false)?;
    model.chmod(path, stat.permissions(), true)
}

fn remove_dir(model: &dyn Backend, path: &Path) -> std::io::Result<()> {
    for entry in model.read_dir(path)? {
        let inside = path.join(entry?.name);
        if model.stat(&inside, false)?.is_dir() { remove_dir(model, &inside)? } else { model.unlink(&inside)? }
    }
    model.rmdir(path)
}

fn nanoseconds(time: SystemTime) -> i64 {
    let since = |duration: Duration| i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX);
    time.duration_since(SystemTime::UNIX_EPOCH).map_or_else(|before| -since(before.duration()), since)
}

pub(super) fn time_of(nanoseconds: i64) -> SystemTime {
    let duration = Duration::from_nanos(nanoseconds.unsigned_abs());
    let time =
        if nanoseconds < 0 { SystemTime::UNIX_EPOCH.checked_sub(duration) } else { SystemTime::UNIX_EPOCH.checked_add(duration) };
    time.unwrap_or(SystemTime::UNIX_EPOCH)
}
