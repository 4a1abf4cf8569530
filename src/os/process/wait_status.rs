//! The status of a child that has ended, stopped or continued: `os.WIFEXITED` and related functions
//! as methods.

use crate::os::backend::WaitStatus;
use crate::os::{CLD_CONTINUED, CLD_DUMPED, CLD_EXITED, CLD_KILLED, CLD_STOPPED, Error, Result};

impl WaitStatus {
    /// Returns true if the child exited. <https://docs.python.org/3/library/os.html#os.WIFEXITED>
    #[doc(alias("os.WIFEXITED", "WIFEXITED"))]
    pub fn exited(self) -> bool {
        self.signal() == 0
    }

    /// Returns the exit code, 0 to 255. Meaningful only if the child
    /// [`exited`](WaitStatus::exited).
    #[doc(alias("os.WEXITSTATUS", "WEXITSTATUS"))]
    pub fn exit_status(self) -> i32 {
        (self.0 >> 8) & 0xff
    }

    /// Returns true if a signal killed the child.
    #[doc(alias("os.WIFSIGNALED", "WIFSIGNALED"))]
    pub fn signaled(self) -> bool {
        !matches!(self.signal(), 0 | 0x7f)
    }

    /// Returns the signal that killed the child. Meaningful only if it was
    /// [`signaled`](WaitStatus::signaled).
    #[doc(alias("os.WTERMSIG", "WTERMSIG"))]
    pub fn term_signal(self) -> i32 {
        self.signal()
    }

    /// Returns true if there was a core dump. Meaningful only if the child was
    /// [`signaled`](WaitStatus::signaled).
    #[doc(alias("os.WCOREDUMP", "WCOREDUMP"))]
    pub fn core_dumped(self) -> bool {
        self.0 & 0x80 != 0
    }

    /// Returns true if a signal stopped the child.
    #[doc(alias("os.WIFSTOPPED", "WIFSTOPPED"))]
    pub fn stopped(self) -> bool {
        self.0 & 0xff == 0x7f
    }

    /// Returns the signal that stopped the child. Meaningful only if it is
    /// [`stopped`](WaitStatus::stopped).
    #[doc(alias("os.WSTOPSIG", "WSTOPSIG"))]
    pub fn stop_signal(self) -> i32 {
        self.exit_status()
    }

    /// Returns true if the child continued after a stop.
    #[doc(alias("os.WIFCONTINUED", "WIFCONTINUED"))]
    pub fn continued(self) -> bool {
        self.0 == 0xffff
    }

    /// Returns the exit code, or the negative number of the signal that killed the child.
    /// <https://docs.python.org/3/library/os.html#os.waitstatus_to_exitcode>
    ///
    /// # Errors
    /// [`Error::Value`] if it has not ended.
    #[doc(alias = "os.waitstatus_to_exitcode")]
    pub fn exit_code(self) -> Result<i32> {
        if self.exited() {
            Ok(self.exit_status())
        } else if self.signaled() {
            Ok(-self.term_signal())
        } else if self.stopped() {
            Err(Error::Value(format!("process stopped by delivery of signal {}", self.stop_signal())))
        } else {
            Err(Error::Value(format!("invalid wait status: {}", self.0)))
        }
    }

    fn signal(self) -> i32 {
        self.0 & 0x7f
    }
}

/// The result of [`Os::waitid`](crate::os::Os::waitid).
/// <https://docs.python.org/3/library/os.html#os.waitid_result>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias = "os.waitid_result")]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct WaitidResult {
    /// The child.
    #[doc(alias = "os.waitid_result.si_pid")]
    pub si_pid: u32,
    /// Always `SIGCHLD`.
    #[doc(alias = "os.waitid_result.si_signo")]
    pub si_signo: i32,
    /// The exit code or the signal, depending on `si_code`.
    #[doc(alias = "os.waitid_result.si_status")]
    pub si_status: i32,
    /// The kind of change: [`CLD_EXITED`] and so on.
    #[doc(alias = "os.waitid_result.si_code")]
    pub si_code: i32,
}

impl WaitidResult {
    pub(in crate::os) fn new(pid: u32, status: WaitStatus) -> WaitidResult {
        const SIGCHLD: i32 = 17;
        const SIGCONT: i32 = 18;
        let (si_code, si_status) = if status.continued() {
            (CLD_CONTINUED, SIGCONT)
        } else if status.stopped() {
            (CLD_STOPPED, status.stop_signal())
        } else if status.exited() {
            (CLD_EXITED, status.exit_status())
        } else {
            (if status.core_dumped() { CLD_DUMPED } else { CLD_KILLED }, status.term_signal())
        };
        WaitidResult { si_pid: pid, si_signo: SIGCHLD, si_status, si_code }
    }
}
