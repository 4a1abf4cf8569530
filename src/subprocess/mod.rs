//! `subprocess`: running programs.

mod args;
pub mod backend;
mod call;
mod completed;
mod error;
pub mod mock;
pub mod native;
mod pipe;
mod pipeline;
mod popen;
mod process;
mod run;
mod shell;
mod signal;
mod stdio;
mod text;

use std::sync::Arc;

pub use args::{Arg, Args, list2cmdline};
pub use backend::{Backend, Id, WaitStatus};
pub use call::RunLines;
pub use completed::CompletedProcess;
pub use error::{Error, OsError, Result};
pub use pipe::{PipeReader, PipeWriter};
pub use pipeline::Pipeline;
pub use popen::{Communicate, Communicated, Popen};
pub use run::{On, Run, Start};
pub use shell::ShellPipe;
pub use stdio::{DEVNULL, PIPE, STDOUT, Stdio};
pub use text::Lines;

use crate::ambient::Ambient;
use run::Spec;

/// The handle: Python's module `subprocess` as a value. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Subprocess {
    backend: Arc<dyn Backend>,
    ambient: Ambient,
}

impl Subprocess {
    /// This machine's. Programs get the environment and the directory of this `Ambient`.
    pub fn native(ambient: Ambient) -> Subprocess {
        Subprocess::new(Arc::new(native::Native), ambient)
    }

    /// Any.
    pub fn new(backend: Arc<dyn Backend>, ambient: Ambient) -> Subprocess {
        Subprocess { backend, ambient }
    }

    fn on<T>(
        &self,
        run: impl Into<Run>,
        prepare: fn(&mut Spec) -> Result<()>,
        finish: fn(CompletedProcess) -> Result<T>,
    ) -> Run<On<T>> {
        run.into().bind(On { handle: self.clone(), prepare, finish })
    }

    /// Runs a program to its end. <https://docs.python.org/3/library/subprocess.html#subprocess.run>
    #[doc(alias = "subprocess.run")]
    pub fn run(&self, run: impl Into<Run>) -> Run<On<CompletedProcess>> {
        self.on(run, |_| Ok(()), Ok)
    }

    /// Starts a program that runs beside its caller: `subprocess.Popen(..)`. `.spawn()` starts it.
    ///
    /// <https://docs.python.org/3/library/subprocess.html#subprocess.Popen>
    #[doc(alias = "subprocess.Popen")]
    pub fn popen(&self, run: impl Into<Run>) -> Run<Start> {
        run.into().bind(Start(self.clone()))
    }

    /// Runs a program to its end and gives the exit status. <https://docs.python.org/3/library/subprocess.html#subprocess.call>
    #[doc(alias = "subprocess.call")]
    pub fn call(&self, run: impl Into<Run>) -> Run<On<i32>> {
        self.on(run, |_| Ok(()), |completed| Ok(completed.returncode))
    }

    /// Runs a program to its end; an exit status that is not zero is an error.
    ///
    /// <https://docs.python.org/3/library/subprocess.html#subprocess.check_call>
    #[doc(alias = "subprocess.check_call")]
    pub fn check_call(&self, run: impl Into<Run>) -> Run<On<()>> {
        let check = |spec: &mut Spec| {
            spec.check = true;
            Ok(())
        };
        self.on(run, check, |_| Ok(()))
    }

    /// Runs a program to its end and gives what it has written; an exit status that is not zero is an error.
    ///
    /// <https://docs.python.org/3/library/subprocess.html#subprocess.check_output>
    #[doc(alias = "subprocess.check_output")]
    pub fn check_output(&self, run: impl Into<Run>) -> Run<On<Vec<u8>>> {
        let output = |spec: &mut Spec| {
            if spec.stdout.is_some() {
                return Err(Error::Value("stdout argument not allowed, it will be overridden".into()));
            }
            if !spec.capture_output {
                spec.stdout = Some(Stdio::Pipe);
            }
            spec.check = true;
            Ok(())
        };
        self.on(run, output, |completed| Ok(completed.stdout.unwrap_or_default()))
    }

    /// The text that a shell's line writes to output and error, without one newline at the end, whatever its exit status.
    ///
    /// What is put into the line must be quoted, or it is run. <https://docs.python.org/3/library/subprocess.html#subprocess.getoutput>
    #[doc(alias = "subprocess.getoutput")]
    pub fn getoutput(&self, line: impl Into<Arg>) -> Run<On<String>> {
        self.on(Run::shell_line(line), merged, |completed| Ok(status_and_output(&completed)?.1))
    }

    /// The exit status and the text of a shell's line: as [`Subprocess::getoutput`].
    ///
    /// <https://docs.python.org/3/library/subprocess.html#subprocess.getstatusoutput>
    #[doc(alias = "subprocess.getstatusoutput")]
    pub fn getstatusoutput(&self, line: impl Into<Arg>) -> Run<On<(i32, String)>> {
        self.on(Run::shell_line(line), merged, |completed| status_and_output(&completed))
    }

    /// Programs in a row: `subprocess.pipe("dmesg").to(["grep", "hda"])`.
    ///
    /// <https://docs.python.org/3/library/subprocess.html#replacing-shell-pipeline>
    pub fn pipe(&self, first: impl Into<Run>) -> Pipeline {
        Pipeline::new(self.clone(), first.into())
    }

    /// Runs a shell's line to its end and gives the wait status (not the exit status). What is put into the line must be quoted,
    /// or it is run.
    ///
    /// <https://docs.python.org/3/library/os.html#os.system>
    #[doc(alias = "os.system")]
    pub fn system(&self, line: impl Into<Arg>) -> Run<On<WaitStatus>> {
        self.on(Run::shell_line(line), |_| Ok(()), |completed| Ok(shell::wait_status(completed.returncode)))
    }

    /// Starts a shell's line and gives a pipe to it: mode `"r"` reads its output, `"w"` writes its input. What is put into the
    /// line must be quoted, or it is run.
    ///
    /// <https://docs.python.org/3/library/os.html#os.popen>
    #[doc(alias = "os.popen")]
    pub fn shell_pipe(&self, line: impl Into<Arg>, mode: &str) -> Result<ShellPipe> {
        let popen = self.popen(Run::shell_line(line));
        match mode {
            "r" => Ok(ShellPipe(popen.stdout(PIPE).spawn()?)),
            "w" => Ok(ShellPipe(popen.stdin(PIPE).spawn()?)),
            _ => Err(Error::Value(format!("invalid mode '{mode}'"))),
        }
    }
}

fn merged(spec: &mut Spec) -> Result<()> {
    spec.stdout = Some(Stdio::Pipe);
    spec.stderr = Some(Stdio::Stdout);
    spec.text_on();
    Ok(())
}

fn status_and_output(completed: &CompletedProcess) -> Result<(i32, String)> {
    let mut text = completed.stdout_text()?;
    if text.ends_with('\n') {
        text.pop();
    }
    Ok((completed.returncode, text))
}
