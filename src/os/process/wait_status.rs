//! The status of a child that has ended, stopped or gone on: `os.WIFEXITED` and its relatives as methods.

use crate::os::backend::WaitStatus;
use crate::os::{CLD_CONTINUED, CLD_DUMPED, CLD_EXITED, CLD_KILLED, CLD_STOPPED, Error, Result};

impl WaitStatus {
    /// It ended of its own accord. <https://docs.python.org/3/library/os.html#os.WIFEXITED>
    #[doc(alias("os.WIFEXITED", "WIFEXITED"))]
    pub fn exited(self) -> bool {
        self.signal() == 0
    }

    /// The code that it ended with, 0 to 255. Of use only if it [`exited`](WaitStatus::exited).
    #[doc(alias("os.WEXITSTATUS", "WEXITSTATUS"))]
    pub fn exit_status(self) -> i32 {
        (self.0 >> 8) & 0xff
    }

    /// A signal ended it.
    #[doc(alias("os.WIFSIGNALED", "WIFSIGNALED"))]
    pub fn signaled(self) -> bool {
        !matches!(self.signal(), 0 | 0x7f)
    }

    /// The signal that ended it. Of use only if it was [`signaled`](WaitStatus::signaled).
    #[doc(alias("os.WTERMSIG", "WTERMSIG"))]
    pub fn term_signal(self) -> i32 {
        self.signal()
    }

    /// It left a core dump. Of use only if it was [`signaled`](WaitStatus::signaled).
    #[doc(alias("os.WCOREDUMP", "WCOREDUMP"))]
    pub fn core_dumped(self) -> bool {
        self.0 & 0x80 != 0
    }

    /// A signal stopped it.
    #[doc(alias("os.WIFSTOPPED", "WIFSTOPPED"))]
    pub fn stopped(self) -> bool {
        self.0 & 0xff == 0x7f
    }

    /// The signal that stopped it. Of use only if it is [`stopped`](WaitStatus::stopped).
    #[doc(alias("os.WSTOPSIG", "WSTOPSIG"))]
    pub fn stop_signal(self) -> i32 {
        self.exit_status()
    }

    /// It goes on after a stop.
    #[doc(alias("os.WIFCONTINUED", "WIFCONTINUED"))]
    pub fn continued(self) -> bool {
        self.0 == 0xffff
    }

    /// The exit code, or less than zero: the signal that ended it. <https://docs.python.org/3/library/os.html#os.waitstatus_to_exitcode>
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

/// What [`Os::waitid`](crate::os::Os::waitid) gives. <https://docs.python.org/3/library/os.html#os.waitid_result>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias = "os.waitid_result")]
pub struct WaitidResult {
    /// The child.
    #[doc(alias = "os.waitid_result.si_pid")]
    pub si_pid: u32,
    /// Always `SIGCHLD`.
    #[doc(alias = "os.waitid_result.si_signo")]
    pub si_signo: i32,
    /// The exit code or, as `si_code` says, the signal.
    #[doc(alias = "os.waitid_result.si_status")]
    pub si_status: i32,
    /// What has become of it: [`CLD_EXITED`] and so on.
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
