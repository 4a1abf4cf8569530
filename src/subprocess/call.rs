//! The ways to execute a bound [`Run`]: `.wait()`, `.await`, `.lines()`.

use std::pin::Pin;

use super::completed::CompletedProcess;
use super::error::{Error, Result};
use super::popen::Popen;
use super::process::{Deadline, Mode, block};
use super::run::{On, Run};
use super::stdio::Stdio;
use super::text::Splitter;

impl<T> Run<On<T>> {
    /// Runs the program and blocks until it has ended. Same as [`Wait::wait`](crate::Wait::wait);
    /// needs no async runtime.
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
        // Drop the parent's copies of the streams now: if one is the pipe of another child, its
        // reader must see the end when this child ends.
        drop(spec);
        let completed = popen.complete(input, &deadline, mode).await?;
        (on.finish)(completed.checked(check)?)
    }
}

impl<T: 'static> IntoFuture for Run<On<T>> {
    type Output = Result<T>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

    /// Dropping the future kills the program and everything that it started. Works on any async
    /// runtime, or none.
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.go(Mode::Async))
    }
}

impl Run<On<CompletedProcess>> {
    /// Runs the program and returns its output line by line as it arrives. Memory holds one line at
    /// a time.
    ///
    /// Lines are text without line ends; in text mode `\r` ends a line too. The iterator waits for
    /// the program after the last line. With `check`, a non-zero exit status is the last item.
    /// `timeout` counts from the start of the program to its end. Dropping the iterator before that
    /// kills the program and everything that it started.
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

/// An iterator over the lines of a program's output. [`Run::lines`] returns it.
#[derive(Debug)]
pub struct RunLines {
    /// `None`: the iteration is over.
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
        // Most lines are already buffered, so the program need not be polled.
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
            // A line that cannot be decoded is one error item; any other error ends the iteration.
            Some(Err(error @ Error::UnicodeDecode { .. })) => {
                self.popen = Some(popen);
                Some(Err(error))
            }
            Some(Err(error)) => Some(Err(error)),
            None => self.end(&mut popen).err().map(Err),
        }
    }
}
