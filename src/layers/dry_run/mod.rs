//! [`DryRun`]: runs a script for real up to the point where it would change something.
//!
//! ```
//! # #[cfg(feature = "subprocess")] {
//! use leyden::layers::{DryRun, Programs};
//! use leyden::prelude::*;
//!
//! fn publish(Batteries { os, subprocess, .. }: &Batteries) -> leyden::Result<()> {
//!     let text = os.read_text("/srv/motd")?;
//!     os.write_text("/srv/motd", text.replace("old", "new"))?;
//!     assert_eq!(os.read_text("/srv/motd")?, "new\n"); // the script sees what it did
//!     subprocess.run(["systemctl", "reload", "motd"]).check(true).wait()?;
//!     Ok(())
//! }
//!
//! let world = World::new();
//! world.os.write("/srv/motd", "old\n");
//! let rehearsal = DryRun::over(&world.batteries()).programs(Programs::refuse().assume("systemctl", 0, ""));
//! publish(&rehearsal.batteries()).unwrap();
//! assert_eq!(world.os.read_text("/srv/motd").unwrap(), "old\n"); // nothing happened
//! assert_eq!(rehearsal.plan().to_string(), "\
//! ~ /srv/motd (4 -> 4 bytes)
//!     --- /srv/motd
//!     +++ /srv/motd
//!     @@ -1 +1 @@
//!     -old
//!     +new
//! ! systemctl reload motd (in /; not run, assumed exit status 0)
//!
//! Plan: 0 to create, 1 to change, 0 to remove, 1 other effect.");
//! # }
//! ```
//!
//! # What is rehearsed, and how
//!
//! | effect | in a rehearsal |
//! |---|---|
//! | files | read for real; written, renamed, linked, removed in memory above, with the model's permissions and errors. Full disks and read-only mounts count |
//! | environment, directory | a copy: the caller's batteries keep theirs |
//! | pauses | take no time; the clocks show as if they had |
//! | `schedule` | a scheduler of its own, without jobs; the caller's keeps its jobs |
//! | standard streams | real: a rehearsal prints |
//! | programs | by [`Programs`]: refused, run because they only read, or answered |
//! | HTTP | GET, HEAD, OPTIONS and TRACE are sent; the rest by [`Http`]: refused or answered |
//! | mail | taken by a server in memory that accepts everything |
//! | S3, EC2 | what only reads is sent; the rest is refused with `AccessDenied`, or answered for S3: [`DryRun::assume_s3`] |
//! | other machines | `fabric` connects; commands, transfers and forwards are refused, except the lines of [`DryRun::commands`]. `DryRun::over(&connection.batteries())` rehearses there |
//! | signals, priorities, sessions, the clock's setting | refused: `EPERM` with a reason |
//! | devices, pipes, sockets | read for real; written only where nothing is kept (`/dev/null`) |
//!
//! What cannot be rehearsed is an error that says so, never a silent success.
//!
//! # Limits
//!
//! A file that is changed in part is copied into memory: 256 MiB at most, else `EFBIG`. A file that was opened for reading before the first write
//! keeps showing what is beneath; its mode, owner and times can be changed until it is renamed or replaced. A program that is allowed to run sees
//! the files beneath, not the changes. Of a file with several names, the plan shows those that the script has used.

mod clock;
mod files;
#[cfg(feature = "requests")]
mod http;
mod machine;
#[cfg(feature = "smtplib")]
mod mail;
mod only_read;
mod plan;
#[cfg(feature = "subprocess")]
mod programs;
#[cfg(feature = "s3")]
mod s3;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[cfg(feature = "requests")]
pub use http::Http;
pub use plan::{Effect, FileAction, FileEffect, FileState, Plan};
#[cfg(feature = "subprocess")]
pub use programs::Programs;

use crate::Batteries;
use files::Overlay;

/// A rehearsal: real reads, no writes. See the [module](self).
#[derive(Clone, Debug)]
#[must_use = "end with `.batteries()`"]
pub struct DryRun {
    batteries: Batteries,
    #[cfg(feature = "subprocess")]
    programs: Programs,
    #[cfg(feature = "requests")]
    http: Http,
    #[cfg(feature = "fabric")]
    commands: Vec<String>,
    #[cfg(feature = "s3")]
    s3: Vec<String>,
    stage: Arc<Mutex<Option<Stage>>>,
    log: Arc<Log>,
}

/// The state of one rehearsal.
#[derive(Clone, Debug)]
struct Stage {
    batteries: Batteries,
    overlay: Arc<Overlay>,
}

impl DryRun {
    /// A rehearsal over these batteries.
    pub fn over(batteries: &Batteries) -> DryRun {
        DryRun {
            batteries: batteries.clone(),
            #[cfg(feature = "subprocess")]
            programs: Programs::refuse(),
            #[cfg(feature = "requests")]
            http: Http::refuse(),
            #[cfg(feature = "fabric")]
            commands: Vec::new(),
            #[cfg(feature = "s3")]
            s3: Vec::new(),
            stage: Arc::default(),
            log: Arc::default(),
        }
    }

    /// What becomes of programs. Refused without it.
    #[cfg(feature = "subprocess")]
    pub fn programs(mut self, programs: Programs) -> DryRun {
        self.programs = programs;
        self
    }

    /// What becomes of requests that could change something. Refused without it.
    #[cfg(feature = "requests")]
    pub fn http(mut self, http: Http) -> DryRun {
        self.http = http;
        self
    }

    /// Runs these command lines on other machines for real, because they only read. The line is compared as a whole; every other line is
    /// refused.
    ///
    /// ```
    /// use leyden::layers::DryRun;
    /// use leyden::prelude::*;
    ///
    /// let world = World::new();
    /// world.fabric.host("web1").shell("uptime").reply(" 12:00  up 3 days\n", 0);
    /// let rehearsal = DryRun::over(&world.batteries()).commands(["uptime"]);
    /// let web1 = rehearsal.batteries().fabric.connection("web1");
    /// assert!(web1.run("uptime").hide(true).wait()?.ok());
    /// assert!(web1.run("reboot").hide(true).wait().is_err());
    /// # Ok::<(), leyden::Error>(())
    /// ```
    #[cfg(feature = "fabric")]
    pub fn commands(mut self, lines: impl IntoIterator<Item = impl Into<String>>) -> DryRun {
        self.commands.extend(lines.into_iter().map(Into::into));
        self
    }

    /// Answers these operations of S3 with an empty output instead of refusing them: `put_object`, `delete_object`. They are not sent. What
    /// they would have written is not seen by later reads.
    ///
    /// ```
    /// use leyden::layers::DryRun;
    /// use leyden::prelude::*;
    ///
    /// let world = World::new();
    /// let rehearsal = DryRun::over(&world.batteries()).assume_s3(["delete_object"]);
    /// let s3 = rehearsal.batteries().boto3.client().region_name("eu-central-1").s3();
    /// s3.delete_object(|delete| delete.bucket("logs").key("old.log")).wait()?;
    /// assert_eq!(rehearsal.plan().to_string(), "! s3.delete_object logs/old.log (not sent)\n\nPlan: 0 to create, 0 to change, 0 to remove, 1 other effect.");
    /// # Ok::<(), leyden::Error>(())
    /// ```
    #[cfg(feature = "s3")]
    pub fn assume_s3(mut self, operations: impl IntoIterator<Item = impl Into<String>>) -> DryRun {
        self.s3.extend(operations.into_iter().map(Into::into));
        self
    }

    /// The batteries for the script. All clones see one rehearsal.
    ///
    /// # Panics
    ///
    /// If the machine beneath cannot even tell what `/` is.
    pub fn batteries(&self) -> Batteries {
        self.stage().batteries
    }

    /// What the script would have done so far, in the order of its doing. A path that changed several times appears once.
    pub fn plan(&self) -> Plan {
        let stage = self.stage();
        #[cfg(feature = "smtplib")]
        self.log.collect_mail(&mut self.log.entries());
        Plan::new(&stage.overlay, &self.log)
    }

    fn stage(&self) -> Stage {
        let mut stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        stage.get_or_insert_with(|| self.build()).clone()
    }

    #[allow(clippy::expect_used, reason = "documented: a machine without a root directory")]
    fn build(&self) -> Stage {
        let Batteries { os, time, .. } = &self.batteries;
        let ambient = os.ambient().fork();
        // Relative paths start where the machine's do: the tree above has no directory of its own.
        if let (None, Ok(cwd)) = (ambient.cwd(), os.getcwd()) {
            ambient.chdir(&cwd);
        }
        let clock: Arc<dyn crate::time::backend::Backend> = Arc::new(clock::Ahead::new(time.backend().clone()));
        let overlay = Overlay::new(os.backend().clone(), ambient.clone(), clock.clone(), self.log.clone());
        let overlay = Arc::new(overlay.expect("the root directory can be looked at"));
        let os = crate::os::Os::new(Arc::new(overlay.clone()), ambient.clone());
        let time = crate::time::Time::new(clock).with_ambient(ambient.clone());
        #[cfg(feature = "smtplib")]
        let mail = self.log.mail.get_or_init(mail::server).clone();
        let mut batteries = self.batteries.clone();
        #[cfg(feature = "subprocess")]
        {
            let inner = batteries.subprocess.backend().clone();
            let rehearsed = programs::Rehearsed::new(inner, overlay.clone(), self.programs.clone(), self.log.clone());
            batteries.subprocess = crate::subprocess::Subprocess::new(Arc::new(rehearsed), ambient);
        }
        #[cfg(feature = "requests")]
        {
            let inner = batteries.requests.backend().clone();
            let rehearsed = http::Rehearsed::new(inner, self.http.clone(), self.log.clone());
            batteries.requests = crate::requests::Requests::new(Arc::new(rehearsed), os.clone(), time.clone());
        }
        #[cfg(feature = "smtplib")]
        {
            batteries.smtplib = mail.handle();
        }
        #[cfg(feature = "aws")]
        {
            let guard = Arc::new(self.read_only());
            batteries.boto3 = super::over(&batteries, guard).boto3.layered(
                os.clone(),
                time.clone(),
                #[cfg(feature = "s3")]
                |service| Arc::new(s3::Rehearsed::new(service, self.s3.clone(), self.log.clone())),
                #[cfg(feature = "ec2")]
                |service| service,
                |service| service,
            );
        }
        #[cfg(feature = "fabric")]
        {
            let guard = Arc::new(self.read_only());
            let inner = super::over(&batteries, guard).fabric.backend().clone();
            batteries.fabric = crate::fabric::Fabric::new(inner, os.clone(), batteries.subprocess.clone());
        }
        // A scheduler of its own: a rehearsed job is not one of the caller's.
        #[cfg(feature = "schedule")]
        {
            batteries.schedule = crate::schedule::Scheduler::unbound(os.clone(), time.clone());
        }
        (batteries.os, batteries.time) = (os, time);
        let batteries = batteries.bound();
        Stage { batteries, overlay }
    }
}

#[cfg(any(feature = "aws", feature = "fabric"))]
impl DryRun {
    fn read_only(&self) -> ReadOnly {
        ReadOnly {
            #[cfg(feature = "fabric")]
            commands: self.commands.clone(),
            log: self.log.clone(),
        }
    }
}

/// What happened, in order.
#[derive(Debug, Default)]
struct Log {
    entries: Mutex<Vec<Entry>>,
    /// The server that takes the mails, and how many of them are in the entries already.
    #[cfg(feature = "smtplib")]
    mail: std::sync::OnceLock<crate::smtplib::mock::Mock>,
    #[cfg(feature = "smtplib")]
    mails: Mutex<usize>,
}

#[derive(Clone, Debug)]
enum Entry {
    /// A path was changed; how is seen at the end.
    Touched(PathBuf),
    /// Its times were set.
    Timed(PathBuf),
    Other(Effect),
}

impl Log {
    fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, entry: Entry) {
        let mut entries = self.entries();
        // What was mailed before comes before.
        #[cfg(feature = "smtplib")]
        self.collect_mail(&mut entries);
        entries.push(entry);
    }

    #[cfg(feature = "smtplib")]
    fn collect_mail(&self, entries: &mut Vec<Entry>) {
        let Some(mail) = self.mail.get() else { return };
        let mut known = self.mails.lock().unwrap_or_else(PoisonError::into_inner);
        let new = mail.outbox_from(*known);
        *known += new.len();
        entries.extend(new.iter().map(|envelope| Entry::Other(mail::effect(envelope))));
    }

    fn touched(&self, path: PathBuf) {
        self.push(Entry::Touched(path));
    }
}

/// Lets through what only reads. It is only over AWS and over other machines: files and programs of a machine in memory are its calls, too.
#[cfg(any(feature = "aws", feature = "fabric"))]
#[derive(Debug)]
struct ReadOnly {
    #[cfg(feature = "fabric")]
    commands: Vec<String>,
    log: Arc<Log>,
}

#[cfg(any(feature = "aws", feature = "fabric"))]
impl ReadOnly {
    /// A command that the caller allowed. The subject is `host: line`; a host name contains no blank.
    #[cfg(feature = "fabric")]
    fn allows(&self, call: &super::Call<'_>) -> bool {
        let subject = call.subject.to_string();
        let line = subject.split_once(": ").map(|(_, line)| line);
        call.operation == "fabric.exec" && line.is_some_and(|line| self.commands.iter().any(|allowed| allowed == line))
    }

    #[cfg(not(feature = "fabric"))]
    fn allows(&self, _: &super::Call<'_>) -> bool {
        false
    }
}

#[cfg(any(feature = "aws", feature = "fabric"))]
impl super::Hook for ReadOnly {
    fn before(&self, call: &super::Call<'_>) -> super::Verdict {
        use super::{Effect as Kind, Failure, Refused, Verdict};
        if call.effect == Kind::Look || self.allows(call) {
            return Verdict::go();
        }
        let (operation, subject) = (call.operation.to_owned(), call.subject.to_string());
        self.log.push(Entry::Other(Effect::Remote { operation, subject, refused: true }));
        let rule = format!("a rehearsal does not send {call}");
        Verdict::fail(Failure::Refused(Refused { call: call.to_string().into(), rule: rule.into() }))
    }
}
