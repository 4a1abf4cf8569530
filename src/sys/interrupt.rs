//! [`Sys::on_interrupt`]: a script that cleans up after Ctrl-C and SIGTERM.

use super::{Error, Result, Sys};
use crate::interrupt::KeyboardInterrupt;

impl Sys {
    /// From now on, Ctrl-C (SIGINT) and SIGTERM do not end the process at once: they end its waits early, with an error that travels up by
    /// `?`. So values are dropped on the way: temporary directories are removed, child processes are killed, `stdout` is flushed.
    ///
    /// A second signal ends the process at once, as without this call. Without this call, the first one does.
    ///
    /// ```
    /// # #[cfg(all(feature = "os", feature = "subprocess"))] {
    /// use leyden::{Signal, prelude::*};
    ///
    /// fn script(Batteries { os, subprocess, .. }: &Batteries) -> leyden::Result<()> {
    ///     let work = os.tempfile.temporary_directory(())?;
    ///     subprocess.run(["rsync", "-a", "backup:/srv"]).cwd(work.path()).check(true).wait()?;
    ///     Ok(())
    /// }
    ///
    /// // fn main() -> std::process::ExitCode {
    /// //     let batteries = Batteries::included();
    /// //     let result = batteries.sys.on_interrupt().map_err(Into::into).and_then(|()| script(&batteries));
    /// //     batteries.sys.finish(result) // 130 after SIGINT, 143 after SIGTERM
    /// // }
    ///
    /// let world = World::new();
    /// world.os.mkdir("/tmp");
    /// world.subprocess.program("rsync").answer(leyden::subprocess::mock::Reply::new().delay(secs(3600)));
    /// let batteries = world.batteries();
    /// batteries.sys.on_interrupt()?;
    /// world.interrupt_at(secs(60), Signal::Sigterm);
    /// assert_eq!(batteries.sys.status_of(script(&batteries)), 143);
    /// assert!(batteries.os.listdir("/tmp")?.is_empty());
    /// # }
    /// # Ok::<(), leyden::Error>(())
    /// ```
    ///
    /// # What an interrupt ends
    ///
    /// | call | after the first signal |
    /// |---|---|
    /// | `time.sleep(..).wait()`, `.await` | returns early, and leaves the report to the next call below |
    /// | `time.sleep(..).interruptible().wait()?` | [`KeyboardInterrupt`] |
    /// | `subprocess.run(..)`, `lines()`, pipelines | `subprocess::Error::KeyboardInterrupt`; the programs are killed as at a deadline |
    /// | `Popen::wait`, `communicate` | the same error; the program goes on until the `Popen` is dropped |
    /// | reading a pipe of a `Popen`, `sys.stdin` | an I/O error with the interrupt inside |
    /// | `sys.check_interrupt()` | [`KeyboardInterrupt`] |
    /// | `requests`, downloads, `boto3`, `smtplib` | their own `Error::KeyboardInterrupt`; the connection of the call is closed |
    /// | the body of a streamed response, read by hand | unchanged: its timeouts end it |
    /// | `fabric` | unchanged: its timeouts end it |
    /// | `schedule.serve()` | ends as by a `Stop`: `Ok`, once the runs that go on have ended |
    /// | `schedule.run_pending()` | a job that the interrupt ended is a failed run, and the interrupt is pending again for the loop around it |
    /// | files, and all other calls that do not wait | unchanged |
    ///
    /// All waits that are in progress end, in every thread. If there are none, the interrupt is *pending*, and the next of these calls reports it.
    /// It is reported once: after that, waits work again, so that a script can clean up. [`Error::interrupt`](crate::Error::interrupt) finds it
    /// in an error. A script that handles it and goes on calls `on_interrupt` again, so that the next signal is a first one.
    ///
    /// A signal that the process was started to ignore (`nohup`, `script &` in a shell script) stays ignored, as in Python.
    ///
    /// # DIFFERENCE
    ///
    /// - SIGTERM interrupts as SIGINT does. Python dies of SIGTERM without cleaning up.
    /// - Python's `KeyboardInterrupt` can come out of any line. Here it comes out of calls that wait; a loop that only computes asks
    ///   [`Sys::check_interrupt`].
    /// - Python ends by sending SIGINT to itself. Here the process exits with the code that a shell shows for that.
    /// - A second Ctrl-C ends the process even if the first one was handled, until `on_interrupt` is called again.
    ///
    /// # Errors
    /// [`Error::Interrupts`] if the handlers cannot be installed.
    ///
    /// <https://docs.python.org/3/library/exceptions.html#KeyboardInterrupt>
    #[doc(alias("KeyboardInterrupt", "signal.signal", "signal.default_int_handler"))]
    pub fn on_interrupt(&self) -> Result<()> {
        self.backend().on_interrupt().map_err(Error::Interrupts)
    }

    /// Reports a pending interrupt: for loops that compute and never wait.
    ///
    /// ```
    /// use leyden::{Signal, prelude::*};
    ///
    /// let world = World::new();
    /// let sys = world.batteries().sys;
    /// sys.on_interrupt()?;
    /// sys.check_interrupt()?;
    /// world.interrupt(Signal::Sigint);
    /// assert_eq!(sys.check_interrupt().unwrap_err().signal(), Signal::Sigint);
    /// # Ok::<(), leyden::Error>(())
    /// ```
    ///
    /// # Errors
    /// The interrupt. The next call succeeds.
    pub fn check_interrupt(&self) -> Result<(), KeyboardInterrupt> {
        self.backend().interrupts().check()
    }
}
