//! A state in a file, over the `os` battery.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::journal::{self, Change, Parsed};
use super::lock::LockInfo;
use super::snapshot::Snapshot;
use super::store::{Held, Store};
use crate::Batteries;
use crate::infra::error::{Error, Result};
use crate::infra::random_hex;
use crate::os::{File, Open, Os};

/// True if a state without an extension has a file of this ending beside it: the backup, and one with a line that was cut off.
pub(super) fn is_taken(ending: &str) -> bool {
    ending == "backup" || ending.strip_prefix("cut-").is_some_and(|serial| serial.chars().all(|c| c.is_ascii_digit()))
}

pub(super) struct FileStore {
    batteries: Batteries,
    base: PathBuf,
    path: PathBuf,
    place: String,
}

impl FileStore {
    pub(super) fn new(batteries: &Batteries, base: &Path, workspace: &str) -> FileStore {
        let path = match workspace {
            "default" => base.to_path_buf(),
            name => {
                let stem = base.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                let extension = base.extension().map(|extension| format!(".{}", extension.to_string_lossy()));
                base.with_file_name(format!("{stem}.{name}{}", extension.unwrap_or_default()))
            }
        };
        FileStore { batteries: batteries.clone(), base: base.to_path_buf(), place: path.display().to_string(), path }
    }

    fn beside(&self, prefix: &str, suffix: &str) -> PathBuf {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        self.path.with_file_name(format!("{prefix}{name}{suffix}"))
    }

    fn failed(&self, what: &str, error: crate::os::Error) -> Error {
        Error::State { place: self.place.clone(), problem: format!("{what}: {error}"), source: Some(error.into()) }
    }

    fn holder(&self) -> LockInfo {
        let text = self.batteries.os.read_bytes(self.beside(".", ".lock.info")).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }
}

impl Store for FileStore {
    fn place(&self) -> &str {
        &self.place
    }

    fn load(&self) -> Result<Option<Parsed>> {
        match self.batteries.os.read_bytes(&self.path) {
            Ok(text) => journal::read(&self.place, &text).map(Some),
            Err(crate::os::Error::FileNotFound(_)) => Ok(None),
            Err(error) => Err(self.failed("cannot read the state", error)),
        }
    }

    fn lock(&self, operation: &str) -> Result<Box<dyn Held>> {
        let os = &self.batteries.os;
        let path = self.beside(".", ".lock.info");
        if let Some(directory) = self.path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
            let made = os.makedirs(crate::os::MakeDirs::new(directory).exist_ok(true));
            made.map_err(|error| self.failed("cannot make the directory", error))?;
        }
        // The kernel's lock ends with the process, so a crash leaves no lock behind. The file is removed while the lock is held:
        // who waited for it with an open file has to look whether the name still means that file.
        let mut file = loop {
            let flags = crate::os::O_RDWR | crate::os::O_CREAT | crate::os::O_CLOEXEC;
            let open = Open::new(&path).flags(flags).permissions(0o600).buffering(0);
            let mut file = os.open(open).map_err(|error| self.failed("cannot open the lock", error))?;
            if !file.try_lock().map_err(|error| self.failed("cannot lock", error))? {
                return Err(Error::Locked { place: self.place.clone(), holder: Box::new(self.holder()) });
            }
            let mine = file.stat().map_err(|error| self.failed("cannot lock", error))?;
            match os.stat(&path) {
                Ok(found) if (found.st_dev, found.st_ino) == (mine.st_dev, mine.st_ino) => break file,
                Ok(_) | Err(crate::os::Error::FileNotFound(_)) => {}
                Err(error) => return Err(self.failed("cannot lock", error)),
            }
        };
        let info = LockInfo::new(&self.batteries, random_hex(16)?, operation, &self.place);
        let text = serde_json::to_vec(&info).map_err(|error| Error::state(&self.place, error))?;
        let written = file.truncate(0).and_then(|()| file.write_at(&text, 0));
        let held = HeldFile {
            lock: path,
            file,
            os: os.clone(),
            state: self.path.clone(),
            place: self.place.clone(),
            journal: None,
            known: None,
            saved: false,
        };
        written.map_err(|error| self.failed("cannot write the lock", error))?;
        Ok(Box::new(held))
    }

    fn break_lock(&self, id: &str) -> Result<()> {
        let holder = self.holder();
        if holder.id != id || id.is_empty() {
            return Err(Error::Locked { place: self.place.clone(), holder: Box::new(holder) });
        }
        // The holder keeps a lock on a file without a name; the next one makes a new file.
        let removed = self.batteries.os.unlink(self.beside(".", ".lock.info"));
        removed.map_err(|error| self.failed("cannot remove the lock", error))
    }

    fn workspaces(&self) -> Result<Vec<String>> {
        let os = &self.batteries.os;
        let directory = self.base.parent().filter(|directory| !directory.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let names = match os.listdir(directory) {
            Ok(names) => names,
            Err(crate::os::Error::FileNotFound(_)) => Vec::new(),
            Err(error) => return Err(self.failed("cannot list workspaces", error)),
        };
        let stem = format!("{}.", self.base.file_stem().unwrap_or_default().to_string_lossy());
        let end = self.base.extension().map(|extension| format!(".{}", extension.to_string_lossy())).unwrap_or_default();
        let name = |file: std::ffi::OsString| {
            let file = file.into_string().ok()?;
            let name = file.strip_prefix(&stem)?.strip_suffix(&end)?;
            let backup = end.is_empty() && is_taken(name);
            (!name.is_empty() && !name.contains('.') && !backup).then(|| name.to_owned())
        };
        let mut found: Vec<String> = names.into_iter().filter_map(name).collect();
        found.sort_unstable();
        Ok(found)
    }

    fn remove(&self) -> Result<()> {
        match self.batteries.os.unlink(&self.path) {
            Ok(()) | Err(crate::os::Error::FileNotFound(_)) => Ok(()),
            Err(error) => Err(self.failed("cannot remove the state", error)),
        }
    }
}

struct HeldFile {
    lock: PathBuf,
    file: File,
    os: Os,
    state: PathBuf,
    place: String,
    /// Open for appending, after the first change.
    journal: Option<File>,
    /// The device and inode of the state that this holder wrote last.
    known: Option<(u64, u64)>,
    /// What was there before is in the backup.
    saved: bool,
}

impl HeldFile {
    fn failed(&self, what: &str, error: crate::os::Error) -> Error {
        Error::State { place: self.place.clone(), problem: format!("{what}: {error}"), source: Some(error.into()) }
    }

    /// Fails if the lock's file is not the one that this holder locked: it was broken by force.
    fn check_lock(&mut self) -> Result<()> {
        let lost = |place: &str, problem: String| Error::LostLock { place: place.to_owned(), id: String::new(), problem };
        let mine = self.file.stat().map_err(|error| lost(&self.place, error.to_string()))?;
        match self.os.stat(&self.lock) {
            Ok(found) if (found.st_dev, found.st_ino) == (mine.st_dev, mine.st_ino) => Ok(()),
            Ok(_) => Err(lost(&self.place, "another run has taken it".into())),
            Err(error) => Err(lost(&self.place, error.to_string())),
        }
    }

    fn append(&mut self, line: &[u8]) -> crate::os::Result<()> {
        if self.journal.is_none() {
            let flags = crate::os::O_WRONLY | crate::os::O_APPEND | crate::os::O_CLOEXEC;
            self.journal = Some(self.os.open(Open::new(&self.state).flags(flags).buffering(0))?);
        }
        let Some(journal) = &mut self.journal else { return Ok(()) };
        journal.write_all(line).map_err(|error| crate::os::Error::new("write", &error, Some(&self.state), None))?;
        journal.sync_data()
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let name = self.state.file_name().unwrap_or_default().to_string_lossy();
        self.state.with_file_name(format!("{name}.{suffix}"))
    }

    /// The state before this run becomes the backup. One with a line that was cut off is kept under a name that no later run replaces.
    fn keep_what_is_there(&mut self) -> Result<()> {
        match self.os.read_bytes(&self.state) {
            Ok(before) => {
                let keep = |path: PathBuf| self.os.write_bytes(Open::new(path).permissions(0o600), &before).map(drop);
                let cut = journal::read(&self.place, &before).map(|found| (found.cut > 0).then_some(found.snapshot.serial));
                let kept = match cut {
                    Ok(Some(serial)) => keep(self.beside(&format!("cut-{serial}"))),
                    _ => Ok(()),
                };
                let kept = kept.and_then(|()| keep(self.beside("backup")));
                kept.map_err(|error| self.failed("cannot write the backup", error))?;
            }
            Err(crate::os::Error::FileNotFound(_)) => {}
            Err(error) => return Err(self.failed("cannot read the state", error)),
        }
        self.saved = true;
        Ok(())
    }
}

impl Held for HeldFile {
    fn record(&mut self, change: &Change, after: &Snapshot) -> Result<()> {
        self.check_lock()?;
        if self.journal.is_none() && self.known.is_none() {
            // The first change of this run: a clean snapshot, which is appended to.
            return self.replace(after);
        }
        let line = journal::write_change(&self.place, after.serial, change)?;
        if let Err(error) = self.append(&line) {
            // A part of the line may be there: only a whole new file can follow.
            self.journal = None;
            self.known = None;
            return self.replace(after).map_err(|_| self.failed("cannot write the state", error));
        }
        Ok(())
    }

    fn replace(&mut self, snapshot: &Snapshot) -> Result<()> {
        self.check_lock()?;
        if self.known.is_none() && self.journal.is_none() && !self.saved {
            self.keep_what_is_there()?;
        }
        let text = journal::write(&self.place, snapshot)?;
        self.journal = None;
        let open = Open::new(&self.state).permissions(0o600).sync(true);
        let written = self.os.write_bytes(open, &text);
        written.map_err(|error| self.failed("cannot write the state", error))?;
        let stat = self.os.stat(&self.state).map_err(|error| self.failed("cannot write the state", error))?;
        self.known = Some((stat.st_dev, stat.st_ino));
        Ok(())
    }

    fn release(mut self: Box<Self>, snapshot: &Snapshot) -> Result<()> {
        if self.journal.is_some()
            && let Err(error @ Error::LostLock { .. }) = self.replace(snapshot)
        {
            return Err(error);
        }
        // Otherwise the journal is whole without it, and the next run makes it one line.
        Ok(())
    }
}

impl Drop for HeldFile {
    fn drop(&mut self) {
        if self.check_lock().is_ok() {
            // While the lock is held the name is this holder's. Without the file, nothing is left to read; with it, the kernel's
            // lock decides. So a failure here harms no one.
            let _ = self.os.unlink(&self.lock);
        }
    }
}
