//! [`Guard`]: allows what its rules name, and refuses the rest.

#[cfg(feature = "os")]
use std::ffi::{OsStr, OsString};
#[cfg(feature = "os")]
use std::io;
use std::path::PathBuf;
#[cfg(feature = "os")]
use std::path::{Component, Path};
use std::sync::Arc;

use super::hook::{Call, Effect, Failure, Hook, Refused, Subject, Verdict};
use crate::Batteries;
use crate::error::errno::ELOOP;

/// A policy for scripts that are not trusted fully: what no rule allows is refused before it is done.
///
/// A refusal is `PermissionError` (`EACCES`) for files and programs, an invalid request for `requests`, `AccessDenied` for AWS. Its text
/// names the missing rule.
///
/// ```
/// # #[cfg(feature = "os")] {
/// use leyden::layers::Guard;
/// use leyden::prelude::*;
///
/// let world = World::new();
/// world.os.write("/etc/shadow", "root:x");
/// world.os.symlink("/etc", "/srv/link");
/// let Batteries { os, .. } = Guard::over(&world.batteries()).allow_write("/srv").batteries();
/// os.write_text("/srv/report.txt", "fine").unwrap();
/// let error = os.read_text("/srv/link/shadow").unwrap_err(); // a link does not lead out
/// assert!(error.to_string().contains("no rule allows reading /etc/shadow"), "{error}");
/// # }
/// ```
///
/// # What is always allowed
///
/// The standard streams, sleeping and clocks, facts of the machine (`platform`, `os.uname`, the environment), looking at the directories
/// on the way to an allowed path (`stat`, never their entries), and calls on files that are open already.
///
/// # What it is not
///
/// A path is checked with its links resolved, and then used. Another process that swaps a directory for a link in between can lead a
/// call astray: a guard bounds what a script does, not what an attacker on the same machine does. A program that is allowed
/// does what it likes: allow `df`, not `sh`.
///
/// # What rules mean
///
/// - A path is taken when [`Guard::batteries`] is called, with its links resolved. What the script makes of it later moves no rule.
/// - A program is the one that its name means then: with another `PATH`, another `LD_` variable, or from another directory, it is refused.
/// - A proxy needs [`Guard::allow_requests`] for its host, and so does an endpoint of S3 that is not Amazon's.
/// - `os.mknod` and `s3.sdk` need [`Guard::allow_operation`]: a device leads to all files of a disk, and a presigned URL is used by anyone.
#[derive(Clone, Debug)]
#[must_use = "end with `.batteries()`"]
pub struct Guard {
    batteries: Batteries,
    rules: Rules,
}

#[derive(Clone, Debug, Default)]
struct Rules {
    read: Vec<PathBuf>,
    write: Vec<PathBuf>,
    programs: Vec<String>,
    get: Vec<String>,
    requests: Vec<String>,
    mail: Vec<String>,
    read_buckets: Vec<String>,
    write_buckets: Vec<String>,
    operations: Vec<String>,
}

impl Guard {
    /// The batteries with everything refused.
    pub fn over(batteries: &Batteries) -> Guard {
        Guard { batteries: batteries.clone(), rules: Rules::default() }
    }

    /// Allows reading this file, or all files beneath this directory.
    pub fn allow_read(mut self, path: impl Into<PathBuf>) -> Guard {
        self.rules.read.push(path.into());
        self
    }

    /// Allows reading, writing, making and removing beneath this directory, or of this file.
    pub fn allow_write(mut self, path: impl Into<PathBuf>) -> Guard {
        self.rules.write.push(path.into());
        self
    }

    /// Allows running this program: the name or path exactly as the script gives it.
    pub fn allow_program(mut self, program: impl Into<String>) -> Guard {
        self.rules.programs.push(program.into());
        self
    }

    /// Allows the safe methods of HTTP (GET, HEAD, OPTIONS, TRACE) on this host. `*.example.com` stands for all hosts beneath.
    pub fn allow_get(mut self, host: impl Into<String>) -> Guard {
        self.rules.get.push(host.into());
        self
    }

    /// Allows every method of HTTP on this host.
    pub fn allow_requests(mut self, host: impl Into<String>) -> Guard {
        self.rules.requests.push(host.into());
        self
    }

    /// Allows mail over this server.
    pub fn allow_mail(mut self, host: impl Into<String>) -> Guard {
        self.rules.mail.push(host.into());
        self
    }

    /// Allows reading this bucket and its objects, also as the source of a copy.
    pub fn allow_read_bucket(mut self, bucket: impl Into<String>) -> Guard {
        self.rules.read_buckets.push(bucket.into());
        self
    }

    /// Allows every operation on this bucket and its objects.
    pub fn allow_write_bucket(mut self, bucket: impl Into<String>) -> Guard {
        self.rules.write_buckets.push(bucket.into());
        self
    }

    /// Allows operations by name, whatever they are called on: `"ec2.describe_*"`, `"os.kill"`, `"s3.list_buckets"`.
    pub fn allow_operation(mut self, pattern: impl Into<String>) -> Guard {
        self.rules.operations.push(pattern.into());
        self
    }

    /// The batteries for the script.
    pub fn batteries(&self) -> Batteries {
        let policy = Policy {
            rules: self.rules.clone(),
            #[cfg(feature = "os")]
            read: self.places(&self.rules.read),
            #[cfg(feature = "os")]
            write: self.places(&self.rules.write),
            #[cfg(feature = "os")]
            start: Start::of(&self.batteries.os),
            #[cfg(feature = "os")]
            files: self.batteries.os.backend().clone(),
        };
        super::over(&self.batteries, Arc::new(policy))
    }

    /// The paths of rules without links, as they are before the script runs: it could make a link of what a rule names.
    #[cfg(feature = "os")]
    fn places(&self, rules: &[PathBuf]) -> Vec<PathBuf> {
        let os = &self.batteries.os;
        let place = |rule: &PathBuf| {
            let rule = os.ambient().resolve(rule);
            resolve(&**os.backend(), &rule, true).unwrap_or_else(|_| rule.into_owned())
        };
        rules.iter().map(place).collect()
    }
}

/// What decides which program a name means, as it is before the script runs.
#[cfg(feature = "os")]
#[derive(Debug)]
struct Start {
    environ: Arc<crate::ambient::Variables>,
    cwd: Option<PathBuf>,
}

#[cfg(feature = "os")]
impl Start {
    fn of(os: &crate::os::Os) -> Start {
        Start { environ: os.ambient().environ(), cwd: os.getcwd().ok() }
    }

    /// Whether the program is what its name meant at the start: it is searched and loaded in the same way.
    fn means(&self, program: &OsStr, cwd: Option<&Path>, environ: Option<&crate::ambient::Variables>) -> Result<(), String> {
        let name = Path::new(program);
        let is_relative = name.is_relative() && name.components().nth(1).is_some();
        if is_relative && cwd.is_some() && cwd != self.cwd.as_deref() {
            return Err(format!("{} in another directory", program.display()));
        }
        // ld.so(8): LD_PRELOAD and the like load code into any program.
        let decides = |name: &OsStr| name == "PATH" || name.to_string_lossy().starts_with("LD_");
        let of = |all: &crate::ambient::Variables| -> Vec<(OsString, OsString)> {
            all.iter().filter(|(name, _)| decides(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
        };
        match environ {
            Some(environ) if of(environ).iter().any(|(name, value)| self.environ.get(name) != Some(value)) => {
                Err(format!("{} with another PATH or LD_ variable", program.display()))
            }
            _ => Ok(()),
        }
    }
}

#[derive(Debug)]
struct Policy {
    rules: Rules,
    /// The places that the rules name.
    #[cfg(feature = "os")]
    read: Vec<PathBuf>,
    #[cfg(feature = "os")]
    write: Vec<PathBuf>,
    #[cfg(feature = "os")]
    start: Start,
    /// The files beneath, for links on the way of a path.
    #[cfg(feature = "os")]
    files: Arc<dyn crate::os::backend::Backend>,
}

/// Why a call is refused: the rule that is missing.
type Missing = String;

/// Calls that only look at one entry: allowed on the way to an allowed path.
const ON_THE_WAY: &[&str] = &["os.stat", "os.readlink", "os.access"];

/// Calls on a file that was opened under the rules.
const OPEN_ALREADY: &[&str] = &[
    "os.read",
    "os.write",
    "os.pread",
    "os.pwrite",
    "os.lseek",
    "os.fstat",
    "os.fstatvfs",
    "os.fsync",
    "os.ftruncate",
    "os.flock",
    "os.posix_fallocate",
    "os.posix_fadvise",
    "os.copy_range",
    "requests.read",
    "smtplib.send",
    "smtplib.receive",
    "smtplib.start_tls",
    "subprocess.wait",
    "subprocess.kill_tree",
    "subprocess.send_signal",
];

/// Calls without a path that change nothing outside this process.
const HARMLESS: &[&str] = &["os.umask", "os.waitpid", "os.sync", "subprocess.check_directory"];

impl Policy {
    fn check(&self, call: &Call<'_>) -> Result<(), Missing> {
        let operation = call.operation;
        if OPEN_ALREADY.contains(&operation)
            || HARMLESS.contains(&operation)
            || self.rules.operations.iter().any(|pattern| is_like(pattern, operation))
        {
            return Ok(());
        }
        match (call.battery(), &call.subject) {
            ("sys" | "platform", _) => Ok(()),
            ("time", _) if call.effect == Effect::Look => Ok(()),
            // A device leads to all files of a disk, wherever it is made.
            ("os", Subject::Path { .. }) if operation == "os.mknod" => Err(format!("no rule allows {operation}")),
            // A socket is written to.
            ("smtplib", Subject::Path { path, follow }) => self.path(operation, path, *follow, Effect::Change),
            ("os" | "subprocess", Subject::Path { path, follow }) => self.path(operation, path, *follow, call.effect),
            ("os", Subject::Paths(from, to)) => {
                self.path(operation, from, false, call.effect)?;
                self.path(operation, to, false, call.effect)
            }
            #[cfg(feature = "os")]
            ("subprocess", Subject::Program { program, cwd, environ, .. }) => {
                let allowed = self.rules.programs.iter().any(|name| program.to_str() == Some(name));
                let means = if allowed { self.start.means(program, *cwd, *environ) } else { Err(program.display().to_string()) };
                means.map_err(|what| format!("no rule allows running {what}"))
            }
            ("requests", Subject::Request { method, url, proxy }) => {
                self.request(method, url)?;
                proxy.map_or(Ok(()), |proxy| self.through(proxy))
            }
            ("smtplib", Subject::Host { host, .. }) => {
                let allowed = self.rules.mail.iter().any(|rule| is_host(rule, host));
                allowed.then_some(()).ok_or_else(|| format!("no rule allows mail over {host}"))
            }
            ("s3", Subject::Resource { name, source, through }) => {
                self.bucket(operation, name, call.effect)?;
                if let Some(source) = source {
                    let source = crate::secret::percent::unquote(source);
                    self.bucket(operation, source.trim_start_matches('/'), Effect::Look)?;
                }
                through.iter().try_for_each(|url| self.through(url))
            }
            ("os", _) if call.effect == Effect::Look => Ok(()),
            _ => Err(format!("no rule allows {operation}")),
        }
    }

    fn request(&self, method: &str, url: &str) -> Result<(), Missing> {
        let host = host_of(url);
        let safe = matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE");
        let mut rules = self.rules.requests.iter().chain(self.rules.get.iter().filter(|_| safe));
        rules.any(|rule| is_host(rule, &host)).then_some(()).ok_or_else(|| format!("no rule allows {method} on {host}"))
    }

    /// A proxy, or an endpoint that is not Amazon's: it sees what is sent, and answers.
    fn through(&self, url: &str) -> Result<(), Missing> {
        let host = host_of(url);
        let allowed = self.rules.requests.iter().any(|rule| is_host(rule, &host));
        allowed.then_some(()).ok_or_else(|| format!("no rule allows requests through {host}"))
    }

    fn bucket(&self, operation: &str, name: &str, effect: Effect) -> Result<(), Missing> {
        let bucket = name.split('/').next().unwrap_or("");
        if bucket.is_empty() {
            return Err(format!("no rule allows {operation}"));
        }
        let look = effect == Effect::Look;
        let mut rules = self.rules.write_buckets.iter().chain(self.rules.read_buckets.iter().filter(|_| look));
        let verb = if look { "reading" } else { "changing" };
        rules.any(|rule| rule == bucket).then_some(()).ok_or_else(|| format!("no rule allows {verb} bucket {bucket}"))
    }

    #[cfg(feature = "os")]
    fn path(&self, operation: &str, path: &Path, follow: bool, effect: Effect) -> Result<(), Missing> {
        // What cannot be resolved is judged as it is written: the call itself then says why.
        let real = resolve(&*self.files, path, follow).unwrap_or_else(|_| path.to_path_buf());
        let look = effect == Effect::Look;
        let on_the_way = look && ON_THE_WAY.contains(&operation);
        // A file is replaced through one beside it: what allows the file allows that.
        let target = replaced(&real);
        let beneath =
            |rule: &PathBuf| real.starts_with(rule) || target.as_ref() == Some(rule) || (on_the_way && rule.starts_with(&real));
        let mut rules = self.write.iter().chain(self.read.iter().filter(|_| look));
        let verb = if on_the_way {
            "access to"
        } else if look {
            "reading"
        } else {
            "writing"
        };
        rules.any(beneath).then_some(()).ok_or_else(|| format!("no rule allows {verb} {}", real.display()))
    }

    #[cfg(not(feature = "os"))]
    fn path(&self, operation: &str, _: &std::path::Path, _: bool, _: Effect) -> Result<(), Missing> {
        Err(format!("no rule allows {operation}"))
    }
}

impl Hook for Policy {
    #[cfg(feature = "os")]
    fn opened(&self, path: &Path, follow: bool) -> Option<PathBuf> {
        resolve(&*self.files, path, follow).ok()
    }

    fn before(&self, call: &Call<'_>) -> Verdict {
        match self.check(call) {
            Ok(()) => Verdict::go(),
            Err(rule) => {
                let rule = format!("refused by the guard: {rule}").into();
                Verdict::fail(Failure::Refused(Refused { call: call.to_string().into(), rule }))
            }
        }
    }
}

/// An absolute path without links, `.` and `..`; what does not exist is taken as written. With `follow`, a link in the last part is
/// followed too.
#[cfg(feature = "os")]
fn resolve(files: &dyn crate::os::backend::Backend, path: &Path, follow: bool) -> io::Result<PathBuf> {
    // The kernel's own limit: path_resolution(7).
    const MOST_LINKS: u32 = 40;
    let mut real = if path.is_absolute() { PathBuf::from("/") } else { files.getcwd()? };
    let mut parts: Vec<PathBuf> = split(path);
    // path_resolution(7): a slash at the end follows a link; `components` drops it, and a `.` there.
    let bytes = path.as_os_str().as_encoded_bytes();
    let follow = follow || bytes.ends_with(b"/") || bytes.ends_with(b"/.");
    let mut links = 0;
    while let Some(part) = parts.pop() {
        if part.as_os_str() == ".." {
            real.pop();
            continue;
        }
        if part.is_absolute() {
            real = PathBuf::from("/");
            continue;
        }
        let next = real.join(&part);
        let is_link = || files.stat(&next, false).is_ok_and(|stat| stat.st_mode & 0o170_000 == 0o120_000);
        if (follow || !parts.is_empty()) && is_link() {
            links += 1;
            if links > MOST_LINKS {
                return Err(io::Error::from_raw_os_error(ELOOP));
            }
            parts.extend(split(&files.readlink(&next)?));
        } else {
            real = next;
        }
    }
    Ok(real)
}

/// The file that a temporary one of `write_text` is to replace: `/srv/motd` for `/srv/.motd.0123456789abcdef.tmp`.
#[cfg(feature = "os")]
fn replaced(path: &Path) -> Option<PathBuf> {
    let (name, random) = path.file_name()?.to_str()?.strip_prefix('.')?.strip_suffix(".tmp")?.rsplit_once('.')?;
    let is_random = random.len() == 16 && random.bytes().all(|b| b.is_ascii_hexdigit());
    (is_random && !name.is_empty()).then(|| path.with_file_name(name))
}

/// The parts of a path, the last first.
#[cfg(feature = "os")]
fn split(path: &Path) -> Vec<PathBuf> {
    let parts = path.components().filter(|part| *part != Component::CurDir).map(|part| PathBuf::from(part.as_os_str()));
    let mut parts: Vec<PathBuf> = parts.collect();
    parts.reverse();
    parts
}

/// The host of a URL, in lower case, without user and port.
fn host_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or("");
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or(""),
        None => host.split(':').next().unwrap_or(""),
    };
    host.trim_end_matches('.').to_ascii_lowercase()
}

/// `example.com` is itself; `*.example.com` is every host beneath it.
fn is_host(rule: &str, host: &str) -> bool {
    let (rule, host) = (rule.to_ascii_lowercase(), host.trim_end_matches('.').to_ascii_lowercase());
    match rule.strip_prefix("*.") {
        Some(domain) => host.strip_suffix(domain).is_some_and(|front| front.ends_with('.')),
        None => rule == host,
    }
}

/// A name with one `*` at its end, or none.
fn is_like(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == name, |prefix| name.starts_with(prefix))
}
