//! Programs in a rehearsal: refused, run because they only read, or answered.

use std::ffi::OsStr;
use std::io::Result;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::files::{Overlay, REFUSED};
use super::plan::Effect;
use super::{Entry, Log};
use crate::Errno;
use crate::interrupt::Interrupts;
use crate::layers::around::program;
use crate::mock::Script;
use crate::os::mock::Mock as Files;
use crate::subprocess::backend::{Backend, Command, Spawned};
use crate::subprocess::mock::Mock;
use crate::subprocess::{Args, Stdio};

/// What becomes of the programs that a script runs in a rehearsal.
///
/// ```
/// use leyden::layers::Programs;
///
/// let programs = Programs::refuse().allow(["df", "uname"]).assume(["systemctl", "restart"], 0, "");
/// ```
#[derive(Clone, Default)]
pub struct Programs {
    allowed: Vec<String>,
    assumed: Vec<(Vec<String>, i32, Vec<u8>)>,
}

impl std::fmt::Debug for Programs {
    /// Shows the programs, without their arguments and output.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let assumed: Vec<&String> = self.assumed.iter().filter_map(|(words, ..)| words.first()).collect();
        f.debug_struct("Programs").field("allowed", &self.allowed).field("assumed", &assumed).finish()
    }
}

impl Programs {
    /// Every program is refused: `PermissionError` with a reason.
    pub fn refuse() -> Programs {
        Programs::default()
    }

    /// These programs are run for real, because they only read. The name or path is compared exactly as the script gives it.
    pub fn allow<P: Into<String>>(mut self, programs: impl IntoIterator<Item = P>) -> Programs {
        self.allowed.extend(programs.into_iter().map(Into::into));
        self
    }

    /// A program, with its first arguments if there are several words, is not run: it is answered with this exit status and output. The rule
    /// that names the most arguments answers; of the same, the last.
    pub fn assume(mut self, command: impl Into<Args>, returncode: i32, stdout: impl Into<Vec<u8>>) -> Programs {
        let words = command.into().expose().iter().map(|word| word.to_string_lossy().into_owned()).collect();
        self.assumed.push((words, returncode, stdout.into()));
        self
    }

    fn allows(&self, program: &OsStr) -> bool {
        self.allowed.iter().any(|name| program == OsStr::new(name))
    }

    /// The exit status that is assumed, if one is.
    fn assumes(&self, command: &Command) -> Option<i32> {
        let mut words = command.args.iter().map(|arg| arg.expose().to_string_lossy().into_owned()).collect::<Vec<_>>();
        if let Some(first) = words.first_mut() {
            *first = command.program.to_string_lossy().into_owned();
        }
        let matching = self.assumed.iter().filter(|(prefix, ..)| words.starts_with(prefix));
        matching.max_by_key(|(prefix, ..)| prefix.len()).map(|(_, returncode, _)| *returncode)
    }
}

/// The programs of a rehearsal.
#[derive(Debug)]
pub(super) struct Rehearsed {
    inner: Arc<dyn Backend>,
    overlay: Arc<Overlay>,
    fake: Mock,
    programs: Programs,
    log: Arc<Log>,
}

impl Rehearsed {
    pub(super) fn new(inner: Arc<dyn Backend>, overlay: Arc<Overlay>, programs: Programs, log: Arc<Log>) -> Rehearsed {
        let fake = Mock::new(Script::default(), overlay.model().clone());
        for (words, returncode, stdout) in &programs.assumed {
            fake.program(words.clone()).reply(stdout.clone(), *returncode);
        }
        Rehearsed { inner, overlay, fake, programs, log }
    }

    fn note(&self, command: &Command, returncode: Option<i32>) {
        let subject = program(command);
        let crate::layers::Subject::Program { args, cwd, .. } = subject else { return };
        let args = args.into_iter().map(std::borrow::Cow::into_owned).collect();
        let cwd = cwd.map_or_else(|| "/".into(), Path::to_path_buf);
        self.log.push(Entry::Other(Effect::Program { args, cwd, assumed: returncode }));
    }
}

#[deny(clippy::missing_trait_methods)]
impl Backend for Rehearsed {
    fn spawn(&self, command: &Command) -> Result<Spawned> {
        if self.programs.allows(&command.program) {
            let streams = [&command.stdin, &command.stdout, &command.stderr];
            if streams.iter().any(|stream| matches!(stream, Stdio::File(handle) if Files::owns(&**handle))) {
                return Err(Errno::because(REFUSED, "a stream is a file that is only rehearsed"));
            }
            return self.inner.spawn(command);
        }
        if let Some(returncode) = self.programs.assumes(command) {
            let spawned = self.fake.spawn(command)?;
            self.note(command, Some(returncode));
            return Ok(spawned);
        }
        self.note(command, None);
        Err(Errno::because(REFUSED, "not run in a rehearsal: allow the program, or assume its answer"))
    }

    fn check_directory(&self, path: &Path) -> Result<()> {
        if self.overlay.is_pristine() { self.inner.check_directory(path) } else { self.fake.check_directory(path) }
    }

    fn monotonic(&self) -> Duration {
        self.inner.monotonic()
    }

    fn interrupts(&self) -> Interrupts {
        self.inner.interrupts()
    }
}
