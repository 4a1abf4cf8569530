//! Programs in memory. The test defines each of them.
//!
//! ```
//! use leyden::prelude::*;
//! use leyden::subprocess::mock::Reply;
//!
//! let world = World::new();
//! world.subprocess.program("df").reply("/dev/sda1  91%\n", 0);
//! world.subprocess.program(["git", "fetch"]).answer(Reply::new().delay(secs(90)).stderr("fatal: no route\n").code(128));
//! world.subprocess.program("sort").runs(|call| {
//!     let mut lines: Vec<&[u8]> = call.stdin.split_inclusive(|byte| *byte == b'\n').collect();
//!     lines.sort();
//!     Reply::new().stdout(lines.concat())
//! });
//!
//! let subprocess = world.batteries().subprocess;
//! assert_eq!(subprocess.check_output("df").wait()?, b"/dev/sda1  91%\n");
//! assert_eq!(subprocess.check_output("sort").input("b\na\n").wait()?, b"a\nb\n");
//! assert!(subprocess.run(["git", "fetch"]).timeout(secs(60)).wait().unwrap_err().is_timeout()); // at once
//! assert_eq!(world.subprocess.calls().len(), 3);
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! # What is modelled
//!
//! | the machine | in memory |
//! |---|---|
//! | programs | what [`Mock::program`] says; any other is `ENOENT`, or `EACCES` for a file of the mock's file system that is not executable; an executable file without an answer is an explicit error |
//! | `PATH` | looked up in the child's environment; a program defined by a bare name is in `/usr/bin` (and `/bin`) |
//! | the shell | a program like any other: `/bin/sh` with `-c` and the line ([`Mock::shell`]) |
//! | the directory | must be one in the mock's file system |
//! | pipes | of 65536 bytes (or `pipesize`): a writer waits for the reader when the pipe is full, and gets SIGPIPE when the reading end is closed |
//! | inherited streams | input is empty; output is in [`Ran::stdout`] and [`Ran::stderr`], like all output |
//! | time | virtual: waiting moves the clock of the world |
//! | signals | SIGKILL, SIGSTOP, SIGCONT, those ignored by default, and [`Reply::on_signal`]; others kill |
//! | processes that a program starts | [`Reply::background`]; they hold its pipes and belong to its tree |
//! | files as streams | those of the mock's file system; descriptors of the kernel are an explicit error |
//! | user, group, umask, session, `pass_fds` | recorded in [`Ran`]; the only effect is that a group or session is killed as a whole |
//!
//! A wait without a deadline for something that cannot happen (input that is never closed) is
//! `EDEADLK`. Another thread has a fifth of a second to make it happen.

mod machine;
mod process;
mod program;

use std::io::Result;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub use program::{Call, Program, Ran, Reply};

use super::Subprocess;
use super::args::Args;
use super::backend::{Backend, Command, Spawned};
use crate::error::errno::{EACCES, ENOTDIR};
use crate::interrupt::Interrupts;
use crate::mock::Script;
use crate::os::backend::FileType;
use machine::Shared;

/// Programs in memory. Clones share them.
#[derive(Clone, Debug)]
pub struct Mock {
    script: Script,
    os: crate::os::mock::Mock,
    machine: Arc<Shared>,
}

impl Mock {
    /// Creates a machine without programs that records its calls in `script`. Its files are those
    /// of `os`.
    pub fn new(script: Script, os: crate::os::mock::Mock) -> Mock {
        let machine = Arc::new(Shared::new(script.clock().clone()));
        os.keeps_processes(machine.window());
        Mock { script, os, machine }
    }

    /// Returns the battery on this machine.
    pub fn handle(&self) -> Subprocess {
        Subprocess::new(Arc::new(self.clone()), self.os.ambient().clone())
    }

    /// Defines a program: by its name (`"df"`, found in `/usr/bin`), by its path (`"/opt/tool"`),
    /// or with its first arguments (`["git", "fetch"]`). The definition with the most matching
    /// arguments answers; among equals, the last one.
    ///
    /// Without an answer the program ends at once with exit status 0.
    pub fn program(&self, argv: impl Into<Args>) -> Program {
        self.machine.program(argv.into().expose())
    }

    /// Returns true if a program has an answer for these arguments.
    #[cfg(feature = "fabric")]
    pub(crate) fn knows(&self, argv: &[&str]) -> bool {
        let Some((program, args)) = argv.split_first() else { return false };
        let args: Vec<&std::ffi::OsStr> = args.iter().map(std::ffi::OsStr::new).collect();
        self.machine.knows(std::ffi::OsStr::new(program), &args)
    }

    /// Defines the answer to a shell command line: `/bin/sh -c line`.
    pub fn shell(&self, line: impl AsRef<str>) -> Program {
        self.program(["sh", "-c", line.as_ref()])
    }

    /// Returns every program that was started, in order, with its state so far.
    pub fn calls(&self) -> Vec<Ran> {
        self.machine.calls()
    }

    /// Returns the ids of the processes that have not ended or were not reaped, for tests that none
    /// is left.
    pub fn processes(&self) -> Vec<u32> {
        self.machine.processes()
    }
}

impl Backend for Mock {
    fn spawn(&self, command: &Command) -> Result<Spawned> {
        self.script.enter::<std::io::Error>("subprocess.spawn", Args(command.args.clone()))?;
        if let Some(cwd) = &command.cwd {
            self.check_directory(cwd)?;
        }
        self.machine.spawn(command, &self.os)
    }

    fn check_directory(&self, path: &Path) -> Result<()> {
        match self.os.look_at(path)? {
            (stat, _) if stat.file_type() != FileType::Dir => Err(std::io::Error::from_raw_os_error(ENOTDIR)),
            (_, false) => Err(std::io::Error::from_raw_os_error(EACCES)),
            (_, true) => Ok(()),
        }
    }

    fn monotonic(&self) -> Duration {
        self.script.clock().elapsed()
    }

    fn interrupts(&self) -> Interrupts {
        self.script.clock().interrupts().clone()
    }
}
