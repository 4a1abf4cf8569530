//! How a bound [`Run`] ends: `.wait()`, `.await`, `.lines()`.

use std::pin::Pin;

use super::completed::CompletedProcess;
use super::error::{Error, Result};
use super::popen::Popen;
use super::process::{Deadline, Mode, block};
use super::run::{On, Run};
use super::stdio::Stdio;
use super::text::Splitter;

impl<T> Run<On<T>> {
    /// Runs the program and blocks until it has ended. The same as [`Wait::wait`](crate::Wait::wait), and needs no runtime.
    pub fn wait(self) -> Result<T> {
        let backend = self.on.handle.backend.clone();
        block(&*backend, |mode| self.go(mode))
    }

    async fn go(self, mode: Mode) -> Result<T> {
        let Run { mut spec, on } = self;
        (on.prepare)(&mut spec)?;
        let deadline = Deadline::new(&*on.handle.backend, spec.timeout);
        let (popen, input) = Popen::start(&on.handle, &mut spec)?;
        let check = spec.check;
        // What the program was given belongs to it alone now: a pipe of another child must close here.
        drop(spec);
        let completed = popen.complete(input, &deadline, mode).await?;
        (on.finish)(completed.checked(check)?)
    }
}

impl<T: 'static> IntoFuture for Run<On<T>> {
    type Output = Result<T>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

    /// Dropping the future kills the program with all that it has started. Any runtime will do, or none.
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.go(Mode::Async))
    }
}

impl Run<On<CompletedProcess>> {
    /// Runs the program and gives its output line by line, as it comes: what is held in memory is one line.
    ///
    /// The lines are text, without their ends; in text mode `\r` ends one too. After the last line the program is waited for:
    /// with `check` an exit status that is not zero is the last item. `timeout` counts from the start to the end of the program. Dropping
    /// the iterator before that kills the program with all that it has started.
    ///
    /// ```
    /// use leyden::prelude::*;
    ///
    /// let world = World::new();
    /// world.subprocess.program("dmesg").reply("usb 1-1: new device\neth0: up\n", 0);
    ///
    /// for line in world.batteries().subprocess.run("dmesg").check(true).lines()? {
    ///     if line?.starts_with("eth0") {
    ///         break;
    ///     }
    /// }
    /// # Ok::<(), leyden::Error>(())
    /// ```
    pub fn lines(self) -> Result<RunLines> {
        let Run { mut spec, on } = self;
        if !spec.capture_output && spec.stdout.replace(Stdio::Pipe).is_some() {
            return Err(Error::Value("lines() takes the output: stdout may not be given".into()));
        }
        let deadline = Deadline::new(&*on.handle.backend, spec.timeout);
        let (mut popen, input) = Popen::start(&on.handle, &mut spec)?;
        popen.begin(input);
        let splitter = Splitter::new(popen.text().clone());
        Ok(RunLines { popen: Some(popen), deadline, splitter, check: spec.check })
    }
}

/// The lines of a program's output: what [`Run::lines`] gives.
#[derive(Debug)]
pub struct RunLines {
    /// None: it is over.
    popen: Option<Popen>,
    deadline: Deadline,
    splitter: Splitter,
    check: bool,
}

impl RunLines {
    fn pull(&mut self, popen: &mut Popen) -> Option<Result<String>> {
        while popen.begin(Vec::new()).stdout_goes_on() {
            if let Some(line) = self.splitter.next_line() {
                return Some(line);
            }
            let backend = popen.process().backend.clone();
            match block(&*backend, |mode| popen.step(&self.deadline, mode)) {
                Ok(true) => {}
                Ok(false) => return Some(Err(popen.kill_late(&self.deadline))),
                Err(error) => return Some(Err(popen.kill_interrupted(error))),
            }
            if let Some(stdout) = &mut popen.begin(Vec::new()).stdout {
                self.splitter.push(stdout);
                stdout.clear();
            }
        }
        self.splitter.rest()
    }

    fn end(&mut self, popen: &mut Popen) -> Result<()> {
        let backend = popen.process().backend.clone();
        match block(&*backend, |mode| popen.finish(&self.deadline, mode)).map_err(|error| popen.kill_interrupted(error))? {
            None => Err(popen.kill_late(&self.deadline)),
            Some(code) if self.check && code != 0 => {
                let (_, stderr) = popen.written()?;
                Err(Error::CalledProcess { cmd: popen.args().clone(), returncode: code, stdout: None, stderr })
            }
            Some(_) => Ok(()),
        }
    }
}

impl Iterator for RunLines {
    type Item = Result<String>;

    fn next(&mut self) -> Option<Result<String>> {
        // Mostly the line is here already, and the program need not be touched.
        if self.popen.is_some()
            && let Some(line) = self.splitter.next_line()
        {
            return Some(line);
        }
        let mut popen = self.popen.take()?;
        match self.pull(&mut popen) {
            Some(Ok(line)) => {
                self.popen = Some(popen);
                Some(Ok(line))
            }
            // Text that cannot be decoded is one bad line; anything else is the end.
            Some(Err(error @ Error::UnicodeDecode { .. })) => {
                self.popen = Some(popen);
                Some(Err(error))
            }
            Some(Err(error)) => Some(Err(error)),
            None => self.end(&mut popen).err().map(Err),
        }
    }
}
