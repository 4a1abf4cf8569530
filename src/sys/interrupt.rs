//! [`Sys::on_interrupt`]: lets a script clean up after Ctrl-C and SIGTERM.

use super::{Error, Result, Sys};
use crate::interrupt::KeyboardInterrupt;

impl Sys {
    /// Makes Ctrl-C (SIGINT) and SIGTERM end waits early instead of ending the process. The wait
    /// fails with an error that propagates with `?`, so values are dropped on the way: temporary
    /// directories are removed, child processes are killed, `stdout` is flushed.
    ///
    /// A second signal ends the process at once, as the first one does without this call.
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
    /// | `time.sleep(..).wait()`, `.await` | returns early; the next call below reports the interrupt |
    /// | `time.sleep(..).interruptible().wait()?` | [`KeyboardInterrupt`] |
    /// | `subprocess.run(..)`, `lines()`, pipelines | `subprocess::Error::KeyboardInterrupt`; the programs are killed as at a deadline |
    /// | `Popen::wait`, `communicate` | the same error; the program runs on until the `Popen` is dropped |
    /// | reading a pipe of a `Popen`, `sys.stdin` | an I/O error with the interrupt inside |
    /// | `sys.check_interrupt()` | [`KeyboardInterrupt`] |
    /// | `requests`, downloads, `boto3`, `smtplib` | their own `Error::KeyboardInterrupt`; the connection of the call is closed |
    /// | the body of a streamed response, read directly | unchanged: its timeouts end it |
    /// | `fabric` | unchanged: its timeouts end it |
    /// | `schedule.serve()` | ends as with a `Stop`: `Ok`, after the runs in progress have ended |
    /// | `schedule.run_pending()` | a job that the interrupt ended is a failed run, and the interrupt is pending again for the surrounding loop |
    /// | files, and all other calls that do not wait | unchanged |
    ///
    /// All waits in progress end, in every thread. If there are none, the interrupt is *pending*,
    /// and the next of these calls reports it. It is reported once: later waits work again, so that
    /// a script can clean up. [`Error::interrupt`](crate::Error::interrupt) finds it in an error. A
    /// script that handles it and continues must call `on_interrupt` again; otherwise the next
    /// signal ends the process.
    ///
    /// A signal that was ignored when the process started (`nohup`, `script &` in a shell script)
    /// stays ignored, as in Python.
    ///
    /// # DIFFERENCE
    ///
    /// - SIGTERM interrupts like SIGINT. In Python, SIGTERM ends the process without cleanup.
    /// - Python's `KeyboardInterrupt` can be raised on any line. Here only calls that wait return
    ///   it; a loop that only computes calls [`Sys::check_interrupt`].
    /// - Python ends by sending SIGINT to itself. Here the process exits with the code that a shell
    ///   shows for that.
    /// - A second Ctrl-C ends the process even if the first one was handled, until `on_interrupt`
    ///   is called again.
    ///
    /// # Errors
    /// [`Error::Interrupts`] if the handlers cannot be installed.
    ///
    /// <https://docs.python.org/3/library/exceptions.html#KeyboardInterrupt>
    #[doc(alias("KeyboardInterrupt", "signal.signal", "signal.default_int_handler"))]
    pub fn on_interrupt(&self) -> Result<()> {
        self.backend().on_interrupt().map_err(Error::Interrupts)
    }

    /// Returns a pending interrupt as an error, for loops that compute and never wait.
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
