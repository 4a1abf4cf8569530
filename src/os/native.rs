//! Answers ENOSYS until it is filled.
use super::backend::*;
use crate::ambient::Variables;
use std::ffi::{OsStr, OsString};
use std::io::Result;
use std::path::{Path, PathBuf};
use std::time::Duration;
/// This machine.
#[derive(Clone, Debug, Default)]
pub struct Native;
impl Files for Native {
    fn open(&self, _path: &Path, _flags: OpenFlags, _mode: u32) -> Result<Box<dyn Handle>> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn open_dir(&self, _path: &Path, _follow: bool) -> Result<Box<dyn Dir>> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn read_dir(&self, _path: &Path) -> Result<Entries> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn stat(&self, _path: &Path, _follow: bool) -> Result<StatResult> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn access(&self, _path: &Path, _access: Access, _effective: bool, _follow: bool) -> Result<bool> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn mkdir(&self, _path: &Path, _mode: u32) -> Result<()> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn rmdir(&self, _path: &Path) -> Result<()> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn unlink(&self, _path: &Path) -> Result<()> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn rename(&self, _from: &Path, _to: &Path) -> Result<()> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn link(&self, _original: &Path, _link: &Path, _follow: bool) -> Result<()> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn symlink(&self, _target: &Path, _link: &Path) -> Result<()> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn readlink(&self, _path: &Path) -> Result<PathBuf> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn chmod(&self, _path: &Path, _mode: u32, _follow: bool) -> Result<()> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn chown(&self, _path: &Path, _uid: Option<u32>, _gid: Option<u32>, _follow: bool) -> Result<()> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn utime(&self, _path: &Path, _times: Times, _follow: bool) -> Result<()> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn truncate(&self, _path: &Path, _length: u64) -> Result<()> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn mknod(&self, _path: &Path, _file_type: FileType, _mode: u32, _device: u64) -> Result<()> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn statvfs(&self, _path: &Path) -> Result<StatVfsResult> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn getxattr(&self, _path: &Path, _name: &OsStr, _follow: bool) -> Result<Vec<u8>> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn setxattr(&self, _path: &Path, _name: &OsStr, _value: &[u8], _create: bool, _replace: bool, _follow: bool) -> Result<()> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn listxattr(&self, _path: &Path, _follow: bool) -> Result<Vec<OsString>> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn removexattr(&self, _path: &Path, _name: &OsStr, _follow: bool) -> Result<()> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn copy_range(&self, _from: &dyn Handle, _to: &dyn Handle, _length: u64) -> Result<u64> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn sync(&self) {}
    fn umask(&self, _mask: u32) -> u32 {
        0
    }
}
impl Machine for Native {
    fn environ(&self) -> Variables {
        Variables::new()
    }
    fn getcwd(&self) -> Result<PathBuf> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn getresuid(&self) -> (u32, u32, u32) {
        (0, 0, 0)
    }
    fn getresgid(&self) -> (u32, u32, u32) {
        (0, 0, 0)
    }
    fn getgroups(&self) -> Result<Vec<u32>> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn getpid(&self) -> u32 {
        0
    }
    fn getppid(&self) -> u32 {
        0
    }
    fn getpgid(&self, _pid: u32) -> Result<u32> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn getsid(&self, _pid: u32) -> Result<u32> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn setpgid(&self, _pid: u32, _pgid: u32) -> Result<()> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn setsid(&self) -> Result<u32> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn kill(&self, _pid: u32, _signal: i32) -> Result<()> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn killpg(&self, _pgid: u32, _signal: i32) -> Result<()> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn waitpid(&self, _who: Who, _nohang: bool) -> Result<Option<(u32, WaitStatus)>> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn getpriority(&self, _of: PriorityOf) -> Result<i32> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn setpriority(&self, _of: PriorityOf, _priority: i32) -> Result<()> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn sched_getaffinity(&self, _pid: u32) -> Result<Vec<usize>> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn sched_setaffinity(&self, _pid: u32, _cpus: &[usize]) -> Result<()> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn sched_yield(&self) {}
    fn cpu_count(&self) -> Option<usize> {
        None
    }
    fn getloadavg(&self) -> Result<[f64; 3]> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn uname(&self) -> UnameResult {
        UnameResult {
            sysname: String::new(),
            nodename: String::new(),
            release: String::new(),
            version: String::new(),
            machine: String::new(),
        }
    }
    fn times(&self) -> Result<TimesResult> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn uptime(&self) -> Result<Duration> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn urandom(&self, _buffer: &mut [u8]) -> Result<()> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn isatty(&self, _fd: u32) -> bool {
        false
    }
    fn terminal_size(&self, _fd: u32) -> Result<(u16, u16)> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn ttyname(&self, _fd: u32) -> Result<PathBuf> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn getlogin(&self) -> Result<String> {
        Err(std::io::Error::from_raw_os_error(38))
    }
    fn sysconf(&self, _name: i32) -> Result<Option<i64>> {
        Err(std::io::Error::from_raw_os_error(38))
    }
}
