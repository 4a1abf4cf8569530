//! A fresh directory, in memory or on this machine, and what the cases do with it over and over.

use crate::support::layer::layered;
use leyden::Batteries;
use std::ffi::{OsStr, OsString};
use std::fmt::Debug;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::support::alone;
use leyden::World;
use leyden::os::Os;
use leyden::os::backend::{Backend, Dir, Handle, OpenFlags, StatResult};

pub const EPERM: i32 = 1;
pub const ENOENT: i32 = 2;
pub const ESRCH: i32 = 3;
pub const ENXIO: i32 = 6;
pub const E2BIG: i32 = 7;
pub const EBADF: i32 = 9;
pub const ECHILD: i32 = 10;
pub const EAGAIN: i32 = 11;
pub const EACCES: i32 = 13;
pub const EBUSY: i32 = 16;
pub const EEXIST: i32 = 17;
pub const EXDEV: i32 = 18;
pub const ENOTDIR: i32 = 20;
pub const EISDIR: i32 = 21;
pub const EINVAL: i32 = 22;
pub const ENOSPC: i32 = 28;
pub const ESPIPE: i32 = 29;
pub const EROFS: i32 = 30;
pub const EPIPE: i32 = 32;
pub const ERANGE: i32 = 34;
pub const ENAMETOOLONG: i32 = 36;
pub const ENOTEMPTY: i32 = 39;
pub const ELOOP: i32 = 40;
pub const ENODATA: i32 = 61;
pub const EOPNOTSUPP: i32 = 95;

/// A user that is nobody, on every machine.
pub const NOBODY: u32 = 65_534;

pub const READ: OpenFlags = OpenFlags { read: true, ..NONE };
pub const WRITE: OpenFlags = OpenFlags { write: true, ..NONE };
pub const BOTH: OpenFlags = OpenFlags { read: true, write: true, ..NONE };
pub const CREATE: OpenFlags = OpenFlags { write: true, create: true, ..NONE };
pub const NEW: OpenFlags = OpenFlags { exclusive: true, ..CREATE };
pub const APPEND: OpenFlags = OpenFlags { append: true, ..CREATE };
pub const NONE: OpenFlags = OpenFlags {
    read: false,
    write: false,
    append: false,
    truncate: false,
    create: false,
    exclusive: false,
    nofollow: false,
    directory: false,
    nonblock: false,
    sync: false,
    dsync: false,
    noatime: false,
    noctty: false,
};

/// What cannot be done over SSH: the table of `fabric::remote` has it.
pub const NOT_REMOTE: &[&str] = &[
    // Hundreds of single writes, each a round trip.
    "pieces_at_odd_places_come_back",
    // Locks.
    "a_failed_upgrade_loses_the_lock",
    "a_lock_can_be_upgraded",
    "a_lock_does_not_stop_a_writer",
    "a_lock_ends_with_its_handle",
    "a_lock_ends_with_its_handle_though_a_copy_lives",
    "a_lock_excludes_another",
    "a_lock_is_on_the_file_not_the_name",
    "a_lock_taken_twice_by_one_handle",
    "a_lock_that_is_waited_for",
    "an_exclusive_lock_waits_for_shared_ones",
    "shared_locks_go_together",
    "unlock_without_a_lock",
    // Allocation, flags that the protocol does not have, device errors, terminals.
    "allocate_keeps_contents",
    "allocate_lengthens",
    "allocate_nothing",
    "allocate_without_write",
    "allocate_within_leaves_the_length",
    "dev_full",
    "noatime_leaves_atime",
    "not_a_terminal",
    // Open directories are paths; inode numbers of entries; times of open files have seconds.
    "a_directory_removed_while_open_takes_no_names",
    "entries_tell_type_and_inode",
    "open_dir_stays_when_another_takes_its_name",
    "open_dir_stays_when_it_is_renamed",
    "within_an_open_directory",
    "open_in_a_directory_never_follows",
    "utime_to_the_nanosecond",
    "a_name_can_be_taken_again_while_the_old_file_is_open",
    // A fifo's open waits on the server; sockets are not made.
    "mknod_fifo_and_socket",
    // The server's mask, and what belongs to this process: its users, children, groups, processors and times.
    "unset_umask_comes_back",
    "open_create_may_write_what_nobody_may",
    "access_of_what_is_there",
    "a_child_is_reaped_once",
    "a_stopped_child",
    "a_leader_starts_no_session",
    "a_user_may_only_go_back",
    "affinity_of_no_process",
    "affinity_of_this_process",
    "affinity_to_no_processor",
    "groups_and_sessions_of_this_process",
    "killing_a_child",
    "killing_a_group",
    "killing_a_zombie",
    "moving_a_child_into_a_group",
    "pids_are_consistent",
    "processors_are_counted",
    "times_pass",
    "waiting_for_a_child_that_ended",
    "waiting_for_a_group",
    "waiting_for_any_child",
    "waiting_without_waiting",
    // Wrong errno still: of ps(1) and kill(1) for processes that are not there, of rights checked after the copy, of mknod.
    "copy_range_needs_the_rights",
    "groups_of_no_process",
    "priorities_of_no_process",
    "priorities_of_this_process",
    "signal_zero_asks",
    "signalling_no_process",
    "mknod_of_a_directory",
    // Thousands of files, some round trips each: minutes.
    "trees_200_deep",
    "ten_thousand_names",
    "names_removed_while_listing",
    "names_added_while_listing",
    "every_stable_name_is_listed_whatever_changes",
];

/// A directory that everybody may use, and an `Os` that stands in it.
pub struct Fixture {
    pub os: Os,
    pub dir: PathBuf,
    pub world: Option<World>,
}

impl Fixture {
    pub fn mock() -> Fixture {
        let world = World::new();
        let dir = PathBuf::from("/tmp/case");
        world.os.mkdir(&dir);
        world.os.chmod(&dir, 0o777);
        let os = layered(world.batteries()).os;
        os.ambient().chdir(&dir);
        Fixture { os, dir, world: Some(world) }
    }

    pub fn native() -> Fixture {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        if let Some(dir) = alone::dir().map(PathBuf::from) {
            let os = layered(Batteries::included()).os;
            os.ambient().chdir(&dir);
            return Fixture { os, dir, world: None };
        }
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("leyden-os-{}-{number}", std::process::id()));
        std::fs::create_dir(&dir).unwrap();
        std::fs::set_permissions(&dir, PermissionsExt::from_mode(0o777)).unwrap();
        let os = layered(Batteries::included()).os;
        os.ambient().chdir(&dir);
        Fixture { os, dir, world: None }
    }

    /// A directory of this machine, reached over SSH.
    #[cfg(feature = "fabric")]
    pub fn remote() -> Fixture {
        let mut fixture = Fixture::native();
        let os = crate::support::remote::batteries(&fixture.dir).os;
        os.ambient().chdir(&fixture.dir);
        fixture.os = os;
        fixture
    }

    pub fn kernel(&self) -> &Arc<dyn Backend> {
        self.os.backend()
    }

    /// A path in the directory.
    pub fn at(&self, name: impl AsRef<Path>) -> PathBuf {
        self.dir.join(name)
    }

    pub fn open(&self, name: impl AsRef<Path>, flags: OpenFlags) -> io::Result<Box<dyn Handle>> {
        self.kernel().open(&self.at(name), flags, 0o666)
    }

    pub fn open_dir(&self, name: impl AsRef<Path>) -> Box<dyn Dir> {
        self.kernel().open_dir(&self.at(name), true).unwrap()
    }

    pub fn write(&self, name: impl AsRef<Path>, contents: impl AsRef<[u8]>) {
        let file = self.open(name, OpenFlags { truncate: true, ..CREATE }).unwrap();
        write_all(&*file, contents.as_ref());
    }

    pub fn read(&self, name: impl AsRef<Path>) -> Vec<u8> {
        read_all(&*self.open(name, READ).unwrap())
    }

    pub fn mkdir(&self, name: impl AsRef<Path>) {
        self.kernel().mkdir(&self.at(name), 0o755).unwrap();
    }

    pub fn symlink(&self, target: impl AsRef<Path>, name: impl AsRef<Path>) {
        self.kernel().symlink(target.as_ref(), &self.at(name)).unwrap();
    }

    pub fn chmod(&self, name: impl AsRef<Path>, mode: u32) {
        self.kernel().chmod(&self.at(name), mode, true).unwrap();
    }

    /// What is known of a file, of a link itself.
    pub fn stat(&self, name: impl AsRef<Path>) -> StatResult {
        self.kernel().stat(&self.at(name), false).unwrap()
    }

    pub fn exists(&self, name: impl AsRef<Path>) -> bool {
        match self.kernel().stat(&self.at(name), false) {
            Ok(_) => true,
            Err(error) if error.raw_os_error() == Some(ENOENT) => false,
            Err(error) => panic!("{error}"),
        }
    }

    /// The names in a directory, sorted.
    pub fn names(&self, name: impl AsRef<Path>) -> Vec<OsString> {
        let mut names: Vec<_> = self.kernel().read_dir(&self.at(name)).unwrap().map(|entry| entry.unwrap().name).collect();
        names.sort();
        names
    }

    /// Lets enough time pass for two time stamps to differ.
    pub fn tick(&self) {
        match &self.world {
            Some(world) => world.clock().advance(Duration::from_millis(30)),
            None => std::thread::sleep(Duration::from_millis(30)),
        }
    }

    /// Does something as nobody. Where the tests do not run as root, as the user who runs them.
    pub fn as_nobody<T: Send>(&self, job: impl FnOnce() -> T + Send) -> T {
        self.as_user(NOBODY, NOBODY, &[], job)
    }

    /// Does something as a user of these groups.
    pub fn as_user<T: Send>(&self, uid: u32, gid: u32, groups: &[u32], job: impl FnOnce() -> T + Send) -> T {
        let Some(world) = &self.world else {
            return in_a_thread(|| {
                if rustix::process::geteuid().is_root() {
                    use rustix::thread::{Gid, Uid, set_thread_groups, set_thread_res_gid, set_thread_res_uid};
                    let (uid, gid) = (Uid::from_raw(uid), Gid::from_raw(gid));
                    let groups: Vec<Gid> = groups.iter().copied().map(Gid::from_raw).collect();
                    set_thread_groups(&groups).unwrap();
                    set_thread_res_gid(gid, gid, gid).unwrap();
                    set_thread_res_uid(uid, uid, uid).unwrap();
                }
                job()
            });
        };
        world.os.set_user(uid, gid);
        world.os.set_groups(groups.iter().copied());
        let result = job();
        world.os.set_user(0, 0);
        result
    }

    /// Does something with a umask of its own.
    #[allow(deprecated, reason = "the newer one is unsafe for the sake of descriptors, which stay shared here")]
    pub fn with_umask<T: Send>(&self, mask: u32, job: impl FnOnce() -> T + Send) -> T {
        in_a_thread(|| {
            if self.world.is_none() {
                rustix::thread::unshare(rustix::thread::UnshareFlags::FS).unwrap();
            }
            let before = self.kernel().umask(mask);
            let result = job();
            assert_eq!(self.kernel().umask(before), mask);
            result
        })
    }

    /// Mounts an empty file system of this size on a new directory. Needs root.
    pub fn mount(&self, name: &str, bytes: u64) {
        self.mkdir(name);
        match &self.world {
            Some(world) => {
                world.os.mount(self.at(name));
                world.os.set_capacity_of(self.at(name), bytes);
                world.os.chmod(self.at(name), 0o777);
            }
            None => run("mount", &["-t", "tmpfs", "-o", &format!("size={bytes},mode=777"), "leyden-test"], &self.at(name)),
        }
    }

    pub fn set_read_only(&self, name: &str) {
        match &self.world {
            Some(world) => world.os.set_read_only(self.at(name), true),
            None => run("mount", &["-o", "remount,ro"], &self.at(name)),
        }
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        if self.world.is_none() && alone::dir().is_none() {
            let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
            for mount in
                mounts.lines().filter_map(|line| line.split(' ').nth(1)).filter(|at| Path::new(at).starts_with(&self.dir))
            {
                let _ = Command::new("umount").arg("-l").arg(mount).status();
            }
            // Deep trees, odd names and forbidden directories: rm is used to them.
            let _ = Command::new("chmod").args(["-R", "u+rwX"]).arg(&self.dir).stderr(std::process::Stdio::null()).status();
            let _ = Command::new("rm").arg("-rf").arg(&self.dir).status();
        }
    }
}

fn run(program: &str, args: &[&str], path: &Path) {
    let status = Command::new(program).args(args).arg(path).status().unwrap();
    assert!(status.success(), "{program} {args:?} {}: {status}", path.display());
}

/// Runs a job in a thread of its own, so that what the kernel keeps for a thread ends with it.
pub fn in_a_thread<T: Send>(job: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(job).join()).unwrap_or_else(|payload| std::panic::resume_unwind(payload))
}

/// Runs the rest of a case in a process of its own, if it changes what all threads share. False: it did run there, and succeeded.
pub fn alone(fixture: &Fixture) -> bool {
    fixture.world.is_some() || alone::alone(&fixture.dir)
}

/// What has an errno: the backend's errors, and the handle's.
pub trait Errno: std::fmt::Display {
    fn errno(&self) -> Option<i32>;
}

impl Errno for io::Error {
    fn errno(&self) -> Option<i32> {
        self.raw_os_error()
    }
}

impl Errno for leyden::os::Error {
    fn errno(&self) -> Option<i32> {
        leyden::os::Error::errno(self)
    }
}

/// The errno of what must fail.
#[track_caller]
pub fn errno<T, E: Errno>(result: Result<T, E>) -> i32 {
    match result {
        Ok(_) => panic!("it succeeded"),
        Err(error) => error.errno().unwrap_or_else(|| panic!("no errno: {error}")),
    }
}

/// One of several errnos, where the contract leaves the choice.
#[track_caller]
#[allow(clippy::needless_pass_by_value, reason = "reads as assert_eq! does")]
pub fn assert_one_of<T: PartialEq + Debug>(value: T, allowed: &[T]) {
    assert!(allowed.contains(&value), "{value:?} is none of {allowed:?}");
}

pub fn write_all(file: &dyn Handle, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        let written = file.write(bytes).unwrap();
        bytes = &bytes[written..];
    }
}

pub fn read_all(file: &dyn Handle) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 65_536];
    loop {
        match file.read(&mut buffer).unwrap() {
            0 => return bytes,
            read => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}

/// A name that is not UTF-8.
pub fn odd() -> &'static OsStr {
    OsStr::from_bytes(b"\xff\xfe caf\xe9\n")
}
