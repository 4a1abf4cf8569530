//! The names and numbers of signals on Linux.

const NAMES: &[(i32, &str)] = &[
    (1, "SIGHUP"),
    (2, "SIGINT"),
    (3, "SIGQUIT"),
    (4, "SIGILL"),
    (5, "SIGTRAP"),
    (6, "SIGABRT"),
    (7, "SIGBUS"),
    (8, "SIGFPE"),
    (9, "SIGKILL"),
    (10, "SIGUSR1"),
    (11, "SIGSEGV"),
    (12, "SIGUSR2"),
    (13, "SIGPIPE"),
    (14, "SIGALRM"),
    (15, "SIGTERM"),
    (16, "SIGSTKFLT"),
    (17, "SIGCHLD"),
    (18, "SIGCONT"),
    (19, "SIGSTOP"),
    (20, "SIGTSTP"),
    (21, "SIGTTIN"),
    (22, "SIGTTOU"),
    (23, "SIGURG"),
    (24, "SIGXCPU"),
    (25, "SIGXFSZ"),
    (26, "SIGVTALRM"),
    (27, "SIGPROF"),
    (28, "SIGWINCH"),
    (29, "SIGIO"),
    (30, "SIGPWR"),
    (31, "SIGSYS"),
    (34, "SIGRTMIN"),
    (64, "SIGRTMAX"),
];

/// Returns Python's name of a signal: `SIGKILL`.
pub(crate) fn name(signal: i32) -> Option<&'static str> {
    NAMES.iter().find(|(number, _)| *number == signal).map(|(_, name)| *name)
}

/// Numbers of the signals that this battery sends, or that mocks must know.
pub(super) const SIGKILL: i32 = 9;
pub(super) const SIGPIPE: i32 = 13;
pub(super) const SIGTERM: i32 = 15;
pub(super) const SIGCONT: i32 = 18;
/// SIGSTOP, and the three stop signals of the terminal.
pub(super) const STOPPING: [i32; 4] = [19, 20, 21, 22];
/// Ignored by default: SIGCHLD, SIGURG, SIGWINCH.
pub(super) const IGNORED: [i32; 3] = [17, 23, 28];
/// The highest signal number.
pub(super) const SIGRTMAX: i32 = 64;
