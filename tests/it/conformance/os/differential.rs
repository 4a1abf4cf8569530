//! Thousands of random calls, made on the machine in memory and on this one: each must have the same outcome on both.

use std::ffi::OsStr;
use std::io::{self, SeekFrom};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use leyden::os::backend::{Access, Backend, Dir, FileTime, FileType, Handle, OpenFlags, StatResult, Times};

use super::fixture::*;

/// So deep below the fixture's directory that no path and no chain of 40 links climbs out of it.
const DEPTH: usize = 50;

const STEPS: usize = 120;

struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (word ^ (word >> 31)) % n
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }

    fn name(&mut self) -> &'static str {
        self.pick(&["a", "b", "c", "l"])
    }

    fn path(&mut self) -> String {
        let mut climbs = 0;
        let parts: Vec<&str> = (0..=self.below(4))
            .map(|_| match self.below(12) {
                0 => ".",
                1 if climbs < 3 => {
                    climbs += 1;
                    ".."
                }
                _ => self.name(),
            })
            .collect();
        let slash = if self.one_in(12) { "/" } else { "" };
        format!("{}{slash}", parts.join("/"))
    }

    fn target(&mut self) -> String {
        let up = if self.one_in(4) { "../" } else { "" };
        let deeper = if self.one_in(3) { format!("/{}", self.name()) } else { String::new() };
        format!("{up}{}{deeper}{}", self.name(), if self.one_in(8) { "/" } else { "" })
    }

    fn mode(&mut self) -> u32 {
        self.pick(&[0o777, 0o755, 0o700, 0o644, 0o600, 0o500, 0o400, 0o300, 0o200, 0o100, 0, 0o1777, 0o4755, 0o2755, 0o2644])
    }

    fn flags(&mut self) -> OpenFlags {
        OpenFlags {
            read: self.one_in(2),
            write: self.one_in(2),
            append: self.one_in(6),
            truncate: self.one_in(5),
            create: self.one_in(2),
            exclusive: self.one_in(6),
            nofollow: self.one_in(6),
            directory: self.one_in(10),
            nonblock: true, // else a pipe would wait for its other side
            ..NONE
        }
    }

    fn step(&mut self) -> Step {
        match self.below(34) {
            0..=4 => Step::Open(self.path(), self.flags(), self.mode()),
            5..=7 => Step::Mkdir(self.path(), self.mode()),
            8 => Step::Rmdir(self.path()),
            9 => Step::Unlink(self.path()),
            10..=12 => Step::Rename(self.path(), self.path()),
            13 => Step::Link(self.path(), self.path(), self.one_in(2)),
            14..=15 => Step::Symlink(self.target(), self.path()),
            16 => Step::Readlink(self.path()),
            17..=18 => Step::Stat(self.path(), self.one_in(2)),
            19 => Step::Chmod(self.path(), self.mode(), self.one_in(2)),
            20 => Step::Truncate(self.path(), self.below(20_000)),
            21 => Step::Access(self.path(), self.below(8), self.one_in(2)),
            22 => Step::List(self.path()),
            23 => Step::Mknod(self.path(), self.pick(&[FileType::File, FileType::Fifo, FileType::Socket]), self.mode()),
            24 => Step::Utime(self.path(), self.below(1 << 32), self.one_in(2)),
            25..=26 => Step::Write(self.below(8), self.below(9_000) as usize),
            27 => Step::Read(self.below(8), self.below(9_000) as usize),
            28 => Step::Seek(self.below(8), self.below(3), self.below(20_000) as i64 - 10_000),
            29 => Step::Cut(self.below(8), self.below(20_000)),
            30 => Step::Lock(self.below(8), self.one_in(2)),
            31 => Step::Close(self.below(8)),
            32 => Step::OpenDir(self.path(), self.one_in(2)),
            _ => Step::InDir(self.below(3), self.below(6), self.name(), self.name()),
        }
    }
}

#[derive(Debug)]
enum Step {
    Open(String, OpenFlags, u32),
    Mkdir(String, u32),
    Rmdir(String),
    Unlink(String),
    Rename(String, String),
    Link(String, String, bool),
    Symlink(String, String),
    Readlink(String),
    Stat(String, bool),
    Chmod(String, u32, bool),
    Truncate(String, u64),
    Access(String, u64, bool),
    List(String),
    Mknod(String, FileType, u32),
    Utime(String, u64, bool),
    Write(u64, usize),
    Read(u64, usize),
    Seek(u64, u64, i64),
    Cut(u64, u64),
    Lock(u64, bool),
    Close(u64),
    OpenDir(String, bool),
    InDir(u64, u64, &'static str, &'static str),
}

/// One of the two machines.
struct Side<'a> {
    kernel: &'a dyn Backend,
    base: PathBuf,
    files: Vec<Box<dyn Handle>>,
    dirs: Vec<Box<dyn Dir>>,
}

fn facts(stat: &StatResult) -> String {
    let size = if stat.is_dir() { 0 } else { stat.st_size };
    format!("{:?} {:o} links {} size {size}", stat.file_type(), stat.permissions(), stat.st_nlink)
}

fn told<T>(result: io::Result<T>, tell: impl FnOnce(T) -> String) -> String {
    match result {
        Ok(value) => tell(value),
        Err(error) => format!("errno {}", error.raw_os_error().unwrap()),
    }
}

fn done(result: io::Result<()>) -> String {
    told(result, |()| "done".into())
}

impl<'a> Side<'a> {
    fn new(fixture: &'a Fixture, seed: u64) -> Side<'a> {
        let kernel: &dyn Backend = &**fixture.kernel();
        let mut base = fixture.at(seed.to_string());
        kernel.mkdir(&base, 0o755).unwrap();
        for _ in 0..DEPTH {
            base.push("z");
            kernel.mkdir(&base, 0o755).unwrap();
        }
        Side { kernel, base, files: Vec::new(), dirs: Vec::new() }
    }

    /// Does the step, and says what came of it in words that are the same on both machines.
    fn does(&mut self, step: &Step) -> String {
        let kernel = self.kernel;
        let at = |path: &String| self.base.join(path);
        match step {
            Step::Open(path, flags, mode) => match kernel.open(&at(path), *flags, *mode) {
                Ok(file) => {
                    let stat = facts(&file.stat().unwrap());
                    self.files.push(file);
                    if self.files.len() > 8 {
                        self.files.remove(0);
                    }
                    stat
                }
                Err(error) => done(Err(error)),
            },
            Step::Mkdir(path, mode) => done(kernel.mkdir(&at(path), *mode)),
            Step::Rmdir(path) => done(kernel.rmdir(&at(path))),
            Step::Unlink(path) => done(kernel.unlink(&at(path))),
            Step::Rename(from, to) => done(kernel.rename(&at(from), &at(to))),
            Step::Link(from, to, follow) => done(kernel.link(&at(from), &at(to), *follow)),
            Step::Symlink(target, path) => done(kernel.symlink(target.as_ref(), &at(path))),
            Step::Readlink(path) => told(kernel.readlink(&at(path)), |target| target.display().to_string()),
            Step::Stat(path, follow) => told(kernel.stat(&at(path), *follow), |stat| facts(&stat)),
            Step::Chmod(path, mode, follow) => done(kernel.chmod(&at(path), *mode, *follow)),
            Step::Truncate(path, length) => done(kernel.truncate(&at(path), *length)),
            Step::Access(path, bits, follow) => {
                let access = Access { read: bits & 4 != 0, write: bits & 2 != 0, execute: bits & 1 != 0 };
                format!("{:?}", kernel.access(&at(path), access, true, *follow).unwrap())
            }
            Step::List(path) => told(kernel.read_dir(&at(path)), |entries| {
                let mut names: Vec<_> = entries.map(|entry| entry.map(|entry| (entry.name, entry.file_type)).unwrap()).collect();
                names.sort_by(|one, other| one.0.cmp(&other.0));
                format!("{names:?}")
            }),
            Step::Mknod(path, file_type, mode) => done(kernel.mknod(&at(path), *file_type, *mode, 0)),
            Step::Utime(path, seconds, follow) => {
                let time = SystemTime::UNIX_EPOCH + Duration::from_secs(*seconds);
                let times = Times { atime: None, mtime: Some(FileTime::At(time)) };
                done(kernel.utime(&at(path), times, *follow))
            }
            Step::Write(n, length) => self.with_file(*n, |file| told(file.write(&vec![b'w'; *length]), |n| n.to_string())),
            Step::Read(n, length) => self.with_file(*n, |file| {
                let mut buffer = vec![0; *length];
                told(file.read(&mut buffer), |read| format!("{read} {}", buffer.iter().map(|byte| u64::from(*byte)).sum::<u64>()))
            }),
            Step::Seek(n, from, by) => self.with_file(*n, |file| {
                let is_file = file.stat().unwrap().is_file();
                let to = [SeekFrom::Start(by.unsigned_abs()), SeekFrom::Current(*by), SeekFrom::End(*by)][*from as usize];
                // Where a directory's position may go is the file system's own affair.
                told(if is_file { file.seek(to) } else { Ok(0) }, |n| n.to_string())
            }),
            Step::Cut(n, length) => self.with_file(*n, |file| done(file.truncate(*length))),
            Step::Lock(n, exclusive) => self.with_file(*n, |file| done(file.lock(*exclusive, false))),
            Step::Close(n) => {
                if !self.files.is_empty() {
                    let n = *n as usize % self.files.len();
                    drop(self.files.remove(n));
                }
                String::new()
            }
            Step::OpenDir(path, follow) => match kernel.open_dir(&at(path), *follow) {
                Ok(dir) => {
                    let stat = facts(&dir.stat_self().unwrap());
                    self.dirs.push(dir);
                    if self.dirs.len() > 3 {
                        self.dirs.remove(0);
                    }
                    stat
                }
                Err(error) => done(Err(error)),
            },
            Step::InDir(n, what, name, other) => self.in_dir(*n, *what, OsStr::new(name), OsStr::new(other)),
        }
    }

    fn with_file(&self, n: u64, act: impl FnOnce(&dyn Handle) -> String) -> String {
        let n = n as usize % self.files.len().max(1);
        self.files.get(n).map_or_else(String::new, |file| act(&**file))
    }

    fn in_dir(&self, n: u64, what: u64, name: &OsStr, other: &OsStr) -> String {
        let Some(dir) = self.dirs.get(n as usize % self.dirs.len().max(1)) else { return String::new() };
        match what {
            0 => done(dir.mkdir(name, 0o755)),
            1 => done(dir.rmdir(name)),
            2 => done(dir.unlink(name)),
            3 => done(dir.rename(name, other)),
            4 => told(dir.stat(name, true), |stat| facts(&stat)),
            _ => told(dir.open(name, OpenFlags { nonblock: true, ..CREATE }, 0o640), |file| facts(&file.stat().unwrap())),
        }
    }
}

fn compare(native: &Fixture, seeds: std::ops::Range<u64>) {
    let mut steps = 0;
    for seed in seeds {
        let mock = Fixture::mock();
        if let Some(world) = &mock.world {
            let (_, uid, _) = native.kernel().getresuid();
            let (_, gid, _) = native.kernel().getresgid();
            world.os.set_user(uid, gid);
        }
        let (mut ours, mut real) = (Side::new(&mock, seed), Side::new(native, seed));
        let mut random = Random(seed);
        let mut history = String::new();
        for _ in 0..STEPS {
            let step = random.step();
            let (mock, native) = (ours.does(&step), real.does(&step));
            history.push_str(&format!("{step:?}: {native}\n"));
            assert_eq!(mock, native, "seed {seed}, left is the mock; so far:\n{history}");
            steps += 1;
        }
    }
    assert!(steps > 0);
}

#[test]
fn random_calls_have_the_same_outcome() {
    compare(&Fixture::native(), 0..150);
}

#[test]
fn random_calls_of_nobody_have_the_same_outcome() {
    let fixture = Fixture::native();
    fixture.as_nobody(|| compare(&fixture, 1_000..1_150));
}
