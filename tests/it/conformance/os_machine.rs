//! This process, its children, the machine.

use crate::support::site::Site;
use leyden::os::*;

conformance!(
    mock = Site::mock,
    native = Site::native,
    [
        ids_agree_with_each_other,
        groups,
        signals_to_nobody,
        waiting_without_children,
        niceness,
        affinity,
        machine_facts,
        random_bytes,
        descriptors_that_are_no_terminal,
        configuration_values,
        setting_ids_to_what_they_are,
        devices,
        umask_gives_the_one_before,
    ]
);

fn errno(result: Result<impl Sized, Error>) -> i32 {
    result.err().and_then(|error| error.errno()).unwrap_or(0)
}

fn ids_agree_with_each_other(Site { os, .. }: &Site) {
    assert!(os.getpid() > 0);
    assert_eq!(os.getpgid(os.getpid()).unwrap(), os.getpgrp().unwrap());
    assert_eq!(os.getsid(os.getpid()).unwrap(), os.getsid(0).unwrap());
    assert_eq!(os.getresuid().0, os.getuid());
    assert_eq!(os.getresuid().1, os.geteuid());
    assert_eq!(os.getresgid().0, os.getgid());
    assert_eq!(os.getresgid().1, os.getegid());
    os.kill(os.getpid(), 0).unwrap();
    assert_ne!(os.getppid(), os.getpid());
}

fn groups(Site { os, .. }: &Site) {
    os.getgroups().unwrap();
    assert_eq!(os.getgrouplist("no such user", 77), [77]);
}

fn signals_to_nobody(Site { os, .. }: &Site) {
    let nobody = 2_147_483_000_u32;
    assert!(matches!(os.kill(nobody, 0), Err(Error::ProcessLookup(_))));
    assert!(matches!(os.kill(nobody, 15), Err(Error::ProcessLookup(_))));
    assert!(matches!(os.kill(-i64::from(nobody), 0), Err(Error::ProcessLookup(_))));
    assert!(matches!(os.killpg(nobody, 0), Err(Error::ProcessLookup(_))));
    assert!(matches!(os.kill(u32::MAX, 0), Err(Error::ProcessLookup(_))));
    assert!(matches!(os.kill(-1, 15), Err(Error::Value(_))));
    assert_eq!(errno(os.kill(os.getpid(), 999)), 22);
    assert!(matches!(os.getpgid(nobody), Err(Error::ProcessLookup(_))));
    assert!(matches!(os.getpriority(PriorityOf::Process(nobody)), Err(Error::ProcessLookup(_))));
}

fn waiting_without_children(Site { os, .. }: &Site) {
    // Other tests of this process may have children: only ask for one that is nobody's.
    assert!(matches!(os.waitpid(2_147_483_000_u32, WNOHANG), Err(Error::ChildProcess(_))));
    assert!(matches!(os.waitpid(os.getppid(), WNOHANG | WUNTRACED), Err(Error::ChildProcess(_))));
    assert!(matches!(os.waitid(Who::Pid(os.getppid()), WEXITED | WNOHANG), Err(Error::ChildProcess(_))));
}

fn niceness(Site { os, .. }: &Site) {
    let now = os.getpriority(PriorityOf::Process(0)).unwrap();
    assert_eq!(os.nice(0).unwrap(), now);
    os.setpriority(PriorityOf::Process(os.getpid()), now).unwrap();
}

fn affinity(Site { os, .. }: &Site) {
    let cpus = os.sched_getaffinity(0).unwrap();
    assert!(!cpus.is_empty() && cpus.len() <= os.cpu_count().unwrap());
    os.sched_setaffinity(0, &cpus).unwrap();
    assert_eq!(errno(os.sched_setaffinity(0, [])), 22);
    assert_eq!(errno(os.sched_setaffinity(0, [100_000])), 22);
    os.sched_yield();
}

fn machine_facts(Site { os, .. }: &Site) {
    let uname = os.uname();
    assert_eq!(uname.sysname, "Linux");
    assert!(!uname.machine.is_empty() && !uname.release.is_empty());
    assert!(os.getloadavg().unwrap().iter().all(|load| *load >= 0.0));
    let (before, after) = (os.times().unwrap(), os.times().unwrap());
    assert!(after.elapsed >= before.elapsed && after.user >= before.user);
    assert_eq!(os.ctermid().as_os_str(), "/dev/tty");
}

fn random_bytes(Site { os, .. }: &Site) {
    assert!(os.urandom(0).unwrap().is_empty());
    let (one, other) = (os.urandom(1000).unwrap(), os.getrandom(1000).unwrap());
    assert_eq!((one.len(), other.len()), (1000, 1000));
    assert_ne!(one, other);
}

fn descriptors_that_are_no_terminal(Site { os, .. }: &Site) {
    assert!(!os.isatty(99));
    assert_eq!(errno(os.get_terminal_size(99)), 9);
    assert_eq!(errno(os.ttyname(99)), 9);
    assert_eq!(os.device_encoding(99), None);
}

fn configuration_values(Site { os, .. }: &Site) {
    let page = os.sysconf("SC_PAGE_SIZE").unwrap().unwrap();
    assert!(page >= 4096 && page & (page - 1) == 0);
    assert_eq!(os.sysconf("SC_PAGESIZE").unwrap(), Some(page));
    assert_eq!(os.sysconf("SC_NPROCESSORS_ONLN").unwrap(), os.cpu_count().map(|count| count as i64));
    assert!(matches!(os.sysconf("SC_NONSENSE"), Err(Error::Value(_))));
    assert_eq!(errno(os.sysconf(99_999)), 22);
}

fn setting_ids_to_what_they_are(Site { os, root, real, .. }: &Site) {
    // The ids are set in every thread at once, and other tests have threads of other users.
    if *real && !crate::support::alone::alone(root) {
        return;
    }
    os.seteuid(os.geteuid()).unwrap();
    os.setegid(os.getegid()).unwrap();
    os.setreuid(None, None).unwrap();
    os.setregid(os.getgid(), None).unwrap();
    os.setresuid(None, os.geteuid(), None).unwrap();
    os.setresgid(None, None, None).unwrap();
}

fn devices(Site { os, .. }: &Site) {
    let null = os.stat(DEVNULL).unwrap();
    assert_eq!(null.file_type(), FileType::CharDevice);
    assert_eq!((major(null.st_rdev), minor(null.st_rdev)), (1, 3));
    assert_eq!(makedev(1, 3), null.st_rdev);
    // What is no regular file is written to as it stands, not replaced.
    os.write_text(DEVNULL, "x").unwrap();
    assert_eq!(os.stat(DEVNULL).unwrap().file_type(), FileType::CharDevice);
    assert_eq!(os.read_bytes(DEVNULL).unwrap(), b"");
}

fn umask_gives_the_one_before(Site { os, real, .. }: &Site) {
    if *real {
        // It is the whole process's, and other tests make files meanwhile: set it to what it is.
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let mask = status.lines().find_map(|line| line.strip_prefix("Umask:")).unwrap();
        let mask = u32::from_str_radix(mask.trim(), 8).unwrap();
        assert_eq!(os.umask(mask), mask);
        return;
    }
    let before = os.umask(0o077);
    os.write_text("a", "").unwrap();
    os.mkdir("d").unwrap();
    assert_eq!((os.stat("a").unwrap().permissions(), os.stat("d").unwrap().permissions()), (0o600, 0o700));
    assert_eq!(os.umask(before), 0o077);
}
