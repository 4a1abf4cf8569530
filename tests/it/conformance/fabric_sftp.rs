//! The SFTP client against the server in process and, ignored, against OpenSSH's `sftp-server`.

use leyden::fabric::Error;
use leyden::fabric::sftp::{SftpAttributes, SftpClient, SftpError};
use leyden::os::{Os, Whence};
use leyden::{Wait as _, World};
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

/// A session, the far files as their own machine sees them, and an empty directory there and one here.
struct Fixture {
    sftp: SftpClient,
    far: Os,
    here: Os,
    dir: PathBuf,
    local: PathBuf,
    _child: Option<Child>,
}

struct Child(std::process::Child, PathBuf);

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
        let _ = std::fs::remove_dir_all(&self.1);
    }
}

impl Fixture {
    fn mock() -> Fixture {
        let (here, there) = (World::new().batteries().os, World::new().batteries().os);
        let sftp = SftpClient::to_server(here.clone(), there.clone(), "/root").wait().unwrap();
        there.makedirs("/far").unwrap();
        here.makedirs("/here").unwrap();
        Fixture { sftp, far: there, here, dir: "/far".into(), local: "/here".into(), _child: None }
    }

    /// OpenSSH's server as a child, over a pair of sockets.
    fn native() -> Fixture {
        static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("leyden-sftp-{}-{number}", std::process::id()));
        std::fs::create_dir_all(root.join("far")).unwrap();
        std::fs::create_dir_all(root.join("here")).unwrap();
        let (near, end) = std::os::unix::net::UnixStream::pair().unwrap();
        let (input, output): (OwnedFd, OwnedFd) = (end.try_clone().unwrap().into(), end.into());
        let child = Command::new("/usr/lib/openssh/sftp-server")
            .stdin(Stdio::from(input))
            .stdout(Stdio::from(output))
            .current_dir(root.join("far"))
            .spawn()
            .expect("openssh-sftp-server is installed");
        let os = Os::native();
        near.set_nonblocking(true).unwrap();
        let local = os.clone();
        let sftp = async move {
            let stream = tokio::net::UnixStream::from_std(near).unwrap();
            SftpClient::from_stream(Box::new(stream), local).await
        };
        let sftp = sftp.wait().unwrap();
        let (dir, local) = (root.join("far"), root.join("here"));
        Fixture { sftp, far: os.clone(), here: os, dir, local, _child: Some(Child(child, root)) }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn near(&self, name: &str) -> PathBuf {
        self.local.join(name)
    }
}

macro_rules! both {
    ($($case:ident),+ $(,)?) => {
        mod mock {
            $(#[test] fn $case() { super::$case(&super::Fixture::mock()) })+
        }
        mod native {
            $(#[test] #[ignore = "needs sftp-server"] fn $case() { super::$case(&super::Fixture::native()) })+
        }
    };
}

both!(
    lists_and_describes,
    names_need_not_be_utf8,
    two_hundred_files_are_open_at_once,
    large_files_go_both_ways,
    a_copy_goes_on_where_it_ended,
    an_atomic_put_leaves_no_half_file,
    errors_have_the_kinds_of_python,
    rename_does_not_replace_and_posix_rename_does,
    links,
    attributes_are_set,
    files_seek_append_and_truncate,
    extensions,
    the_working_directory_is_this_side,
    a_file_whose_size_is_not_known_is_read_to_its_end,
);

fn kind(error: &Error) -> ErrorKind {
    match error {
        Error::Os { source, .. } => source.kind(),
        other => panic!("{other}"),
    }
}

fn lists_and_describes(f: &Fixture) {
    f.far.write_bytes(f.at("a"), "12345").unwrap();
    f.far.mkdir(f.at("d")).unwrap();
    f.far.chmod(f.at("a"), 0o640).unwrap();
    let mut names = f.sftp.listdir(&f.dir).wait().unwrap();
    names.sort();
    assert_eq!(names, ["a", "d"]);
    let stat = f.sftp.stat(f.at("a")).wait().unwrap();
    assert_eq!((stat.st_size, stat.st_mode), (Some(5), Some(0o100_640)));
    assert!(f.sftp.stat(f.at("d")).wait().unwrap().is_dir());
    let entries = f.sftp.listdir_attr(&f.dir).wait().unwrap();
    assert_eq!(entries.iter().filter(|entry| entry.is_dir()).count(), 1);
    let mut listing = f.sftp.listdir_iter(&f.dir).wait().unwrap();
    let mut count = 0;
    while let Some(batch) = listing.next_batch().wait().unwrap() {
        count += batch.len();
    }
    assert_eq!(count, 2);
    let text = format!("{stat:?}");
    assert!(text.starts_with("<SFTPAttributes: [ size=5 uid=") && text.contains(" mode=0o100640 atime="), "{text}");
}

fn names_need_not_be_utf8(f: &Fixture) {
    let name = OsStr::from_bytes(b"\xff\xfe name \x80");
    let path = f.dir.join(name);
    f.sftp.open(&path, "w").wait().unwrap().write(b"x").wait().unwrap();
    assert_eq!(f.sftp.listdir(&f.dir).wait().unwrap(), [name]);
    assert_eq!(f.sftp.normalize(&path).wait().unwrap(), f.far.path.realpath(&path).unwrap());
    f.sftp.remove(&path).wait().unwrap();
    assert!(f.sftp.listdir(&f.dir).wait().unwrap().is_empty());
}

fn two_hundred_files_are_open_at_once(f: &Fixture) {
    let open = |number: usize| {
        let mut file = f.sftp.open(f.at(&format!("{number}")), "w+").wait().unwrap();
        file.write(format!("content {number}").as_bytes()).wait().unwrap();
        file
    };
    let mut files: Vec<_> = (0..200).map(open).collect();
    for (number, file) in files.iter_mut().enumerate() {
        file.seek(0, Whence::Set).wait().unwrap();
        assert_eq!(file.read(None).wait().unwrap(), format!("content {number}").into_bytes());
    }
}

/// Every byte says where it is.
fn pattern(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes()[0]).collect()
}

fn large_files_go_both_ways(f: &Fixture) {
    for size in [0, 1, 32_768, 261_120, 261_121, 9_000_001] {
        let bytes = pattern(size);
        f.here.write_bytes(f.near("up"), &bytes).unwrap();
        let seen = Arc::new(Mutex::new((0, 0)));
        let progress = seen.clone();
        let put = f.sftp.put(f.near("up"), f.at("there")).callback(move |at, of| *progress.lock().unwrap() = (at, of));
        assert_eq!(put.wait().unwrap().st_size, Some(size as u64));
        if size > 0 {
            assert_eq!(*seen.lock().unwrap(), (size as u64, size as u64));
        }
        assert!(f.far.read_bytes(f.at("there")).unwrap() == bytes, "{size} bytes there");
        f.sftp.get(f.at("there"), f.near("down")).wait().unwrap();
        assert!(f.here.read_bytes(f.near("down")).unwrap() == bytes, "{size} bytes here");
        let mut memory = Vec::new();
        assert_eq!(f.sftp.getfo(f.at("there"), &mut memory).wait().unwrap(), size as u64);
        assert!(memory == bytes);
        f.sftp.putfo(&bytes[..], f.at("memory")).wait().unwrap();
        assert!(f.far.read_bytes(f.at("memory")).unwrap() == bytes);
    }
}

fn a_copy_goes_on_where_it_ended(f: &Fixture) {
    let bytes = pattern(700_000);
    f.here.write_bytes(f.near("whole"), &bytes).unwrap();
    f.far.write_bytes(f.at("part"), &bytes[..300_000]).unwrap();
    f.sftp.put(f.near("whole"), f.at("part")).resume(true).wait().unwrap();
    assert!(f.far.read_bytes(f.at("part")).unwrap() == bytes);
    f.here.write_bytes(f.near("part"), &bytes[..123_456]).unwrap();
    f.sftp.get(f.at("part"), f.near("part")).resume(true).wait().unwrap();
    assert!(f.here.read_bytes(f.near("part")).unwrap() == bytes);
    // What is longer than the source cannot be its beginning.
    f.far.write_bytes(f.at("long"), vec![7; 800_000]).unwrap();
    f.sftp.put(f.near("whole"), f.at("long")).resume(true).wait().unwrap();
    assert!(f.far.read_bytes(f.at("long")).unwrap() == bytes);
}

fn an_atomic_put_leaves_no_half_file(f: &Fixture) {
    f.far.write_bytes(f.at("target"), "old").unwrap();
    f.far.chmod(f.at("target"), 0o604).unwrap();
    f.here.write_bytes(f.near("new"), pattern(400_000)).unwrap();
    // A source that fails half-way.
    struct Fails(usize);
    impl std::io::Read for Fails {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.0 += 1;
            if self.0 > 3 { Err(std::io::Error::from_raw_os_error(5)) } else { Ok(buffer.len()) }
        }
    }
    assert!(f.sftp.putfo(Fails(0), f.at("other")).wait().is_err());
    f.sftp.put(f.near("new"), f.at("target")).atomic(true).wait().unwrap();
    assert!(f.far.read_bytes(f.at("target")).unwrap() == pattern(400_000));
    assert_eq!(f.far.stat(f.at("target")).unwrap().permissions(), 0o604);
    // Through a link, and nothing is left beside it.
    f.far.symlink("target", f.at("link")).unwrap();
    f.here.write_bytes(f.near("new"), "newer").unwrap();
    f.sftp.put(f.near("new"), f.at("link")).atomic(true).wait().unwrap();
    assert_eq!(f.far.read_bytes(f.at("target")).unwrap(), b"newer");
    assert!(f.far.path.islink(f.at("link")));
    let mut names = f.far.listdir(&f.dir).unwrap();
    names.sort();
    assert_eq!(names, ["link", "other", "target"]);
    // The other way: a local file stays as it is if the remote one is not there.
    f.here.write_bytes(f.near("kept"), "kept").unwrap();
    assert!(f.sftp.get(f.at("missing"), f.near("kept")).atomic(true).wait().is_err());
    assert!(f.sftp.get(f.at("missing"), f.near("kept")).wait().is_err());
    assert_eq!(f.here.read_bytes(f.near("kept")).unwrap(), b"kept");
    f.sftp.get(f.at("target"), f.near("kept")).atomic(true).wait().unwrap();
    assert_eq!(f.here.listdir(&f.local).unwrap().len(), 2);
}

fn errors_have_the_kinds_of_python(f: &Fixture) {
    f.far.mkdir(f.at("d")).unwrap();
    f.far.write_bytes(f.at("d/x"), "").unwrap();
    assert_eq!(kind(&f.sftp.stat(f.at("missing")).wait().unwrap_err()), ErrorKind::NotFound);
    assert_eq!(kind(&f.sftp.open(f.at("missing"), "r").wait().unwrap_err()), ErrorKind::NotFound);
    assert_eq!(kind(&f.sftp.listdir(f.at("missing")).wait().unwrap_err()), ErrorKind::NotFound);
    let error = f.sftp.rmdir(f.at("d")).wait().unwrap_err();
    let Error::Os { operation, path, source } = &error else { panic!("{error}") };
    assert_eq!((*operation, path.as_str()), ("rmdir", f.at("d").to_str().unwrap()));
    let status = source.get_ref().and_then(|inner| inner.downcast_ref::<SftpError>()).unwrap();
    assert!(matches!(status, SftpError::Status { code: 4, .. }), "{status:?}");
    assert_eq!(status.to_string(), "failure (SFTP status 4)");
    assert_eq!(kind(&f.sftp.open(f.at("d/x"), "xw").wait().unwrap_err()), ErrorKind::Other);
    assert_eq!(kind(&f.sftp.chdir(Some(f.at("d/x").to_str().unwrap())).wait().unwrap_err()), ErrorKind::NotADirectory);
    f.sftp.close();
    assert!(!f.sftp.is_active());
    assert_eq!(kind(&f.sftp.stat(f.at("d")).wait().unwrap_err()), ErrorKind::ConnectionReset);
}

fn rename_does_not_replace_and_posix_rename_does(f: &Fixture) {
    f.far.write_bytes(f.at("a"), "a").unwrap();
    f.far.write_bytes(f.at("b"), "b").unwrap();
    assert!(f.sftp.rename(f.at("a"), f.at("b")).wait().is_err());
    assert_eq!(f.far.read_bytes(f.at("b")).unwrap(), b"b");
    f.sftp.posix_rename(f.at("a"), f.at("b")).wait().unwrap();
    assert_eq!(f.far.read_bytes(f.at("b")).unwrap(), b"a");
    f.sftp.rename(f.at("b"), f.at("c")).wait().unwrap();
    assert_eq!(f.far.listdir(&f.dir).unwrap(), ["c"]);
    f.sftp.mkdir(f.at("d"), 0o755).wait().unwrap();
    f.sftp.rename(f.at("d"), f.at("e")).wait().unwrap();
    assert!(f.far.path.isdir(f.at("e")));
}

fn links(f: &Fixture) {
    f.far.write_bytes(f.at("a"), "a").unwrap();
    f.sftp.symlink("a", f.at("soft")).wait().unwrap();
    assert_eq!(f.sftp.readlink(f.at("soft")).wait().unwrap(), Path::new("a"));
    assert!(f.sftp.lstat(f.at("soft")).wait().unwrap().is_symlink());
    assert!(!f.sftp.stat(f.at("soft")).wait().unwrap().is_symlink());
    f.sftp.hardlink(f.at("a"), f.at("hard")).wait().unwrap();
    assert_eq!(f.far.stat(f.at("hard")).unwrap().st_nlink, 2);
}

fn attributes_are_set(f: &Fixture) {
    f.far.write_bytes(f.at("a"), "12345").unwrap();
    f.sftp.chmod(f.at("a"), 0o751).wait().unwrap();
    let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    f.sftp.utime(f.at("a"), (at(1_000_000), at(2_000_000))).wait().unwrap();
    f.sftp.truncate(f.at("a"), 3).wait().unwrap();
    f.sftp.utime(f.at("a"), (at(1_000_000), at(2_000_000))).wait().unwrap();
    let stat = f.far.stat(f.at("a")).unwrap();
    assert_eq!((stat.permissions(), stat.st_size, stat.st_atime, stat.st_mtime), (0o751, 3, at(1_000_000), at(2_000_000)));
    f.sftp.chown(f.at("a"), stat.st_uid, stat.st_gid).wait().unwrap();
    f.far.symlink("a", f.at("link")).unwrap();
    let mut times = SftpAttributes::new();
    (times.st_atime, times.st_mtime) = (Some(5), Some(6));
    f.sftp.lsetstat(f.at("link"), times).wait().unwrap();
    assert_eq!(f.far.lstat(f.at("link")).unwrap().st_mtime, at(6));
    assert_eq!(f.far.stat(f.at("a")).unwrap().st_mtime, at(2_000_000));
}

fn files_seek_append_and_truncate(f: &Fixture) {
    let mut file = f.sftp.open(f.at("a"), "w+").wait().unwrap();
    file.write(b"0123456789").wait().unwrap();
    assert_eq!(file.seek(-3, Whence::End).wait().unwrap(), 7);
    assert_eq!(file.read(2).wait().unwrap(), b"78");
    assert_eq!(file.tell(), 9);
    assert_eq!(file.read(100).wait().unwrap(), b"9");
    assert_eq!(file.read(100).wait().unwrap(), b"");
    file.truncate(4).wait().unwrap();
    file.chmod(0o600).wait().unwrap();
    file.sync().wait().unwrap();
    assert_eq!(file.stat().wait().unwrap().st_size, Some(4));
    file.close().wait().unwrap();
    let mut file = f.sftp.open(f.at("a"), "a").wait().unwrap();
    file.write(b"end").wait().unwrap();
    file.close().wait().unwrap();
    assert_eq!(f.far.read_bytes(f.at("a")).unwrap(), b"0123end");
}

fn extensions(f: &Fixture) {
    f.far.write_bytes(f.at("a"), pattern(100_000)).unwrap();
    assert_eq!(f.sftp.copy_data(f.at("a"), f.at("b")).wait().unwrap(), 100_000);
    assert!(f.far.read_bytes(f.at("b")).unwrap() == pattern(100_000));
    let found = f.sftp.statvfs(&f.dir).wait().unwrap();
    assert_eq!(found.f_namemax, 255);
    assert!(found.f_blocks > 0);
    let home = f.sftp.expand_path("~").wait().unwrap();
    assert!(home.is_absolute());
    assert!(f.sftp.max_open_handles().is_some());
}

fn the_working_directory_is_this_side(f: &Fixture) {
    f.far.mkdir(f.at("d")).unwrap();
    assert_eq!(f.sftp.getcwd(), None);
    f.sftp.chdir(Some(f.dir.to_str().unwrap())).wait().unwrap();
    f.sftp.chdir(Some("d")).wait().unwrap();
    let dir = f.far.path.realpath(f.at("d")).unwrap();
    assert_eq!(f.sftp.getcwd(), Some(dir.clone()));
    f.sftp.open("x", "w").wait().unwrap();
    assert_eq!(f.far.listdir(&dir).unwrap(), ["x"]);
    assert_eq!(f.sftp.normalize(".").wait().unwrap(), dir);
    f.sftp.chdir(None).wait().unwrap();
    assert_eq!(f.sftp.getcwd(), None);
}

fn a_file_whose_size_is_not_known_is_read_to_its_end(f: &Fixture) {
    // `/proc` says 0; in memory the same by reading from an offset beyond what `stat` gave.
    f.far.write_bytes(f.at("a"), pattern(600_000)).unwrap();
    let mut file = f.sftp.open(f.at("a"), "r").wait().unwrap();
    file.seek(599_990, Whence::Set).wait().unwrap();
    assert_eq!(file.read(None).wait().unwrap(), &pattern(600_000)[599_990..]);
    if f.far.path.isfile("/proc/self/status") {
        let mut text = Vec::new();
        f.sftp.getfo("/proc/self/status", &mut text).wait().unwrap();
        assert!(text.starts_with(b"Name:"));
    }
}
