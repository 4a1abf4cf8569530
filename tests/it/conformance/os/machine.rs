//! The kernel beside the file system. On this machine children are `sleep` and `sh`; what changes the whole process runs in one
//! of its own.

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use leyden::os::backend::{PriorityOf, WaitOptions, WaitStatus, Who};
use leyden::os::mock::Process;

use super::fixture::*;

conformance!(
    mock = Fixture::mock,
    native = Fixture::native,
    remote = Fixture::remote,
    except = NOT_REMOTE,
    [
        ids_are_consistent,
        pids_are_consistent,
        groups_and_sessions_of_this_process,
        groups_of_no_process,
        signal_zero_asks,
        signalling_no_process,
        an_unknown_signal,
        killing_a_child,
        killing_a_zombie,
        waiting_for_a_child_that_ended,
        waiting_without_waiting,
        waiting_for_no_child,
        waiting_for_somebody_elses_child,
        waiting_for_any_child,
        waiting_for_a_group,
        a_child_is_reaped_once,
        a_stopped_child,
        killing_a_group,
        killing_a_group_that_is_not,
        moving_a_child_into_a_group,
        a_leader_starts_no_session,
        priorities_of_this_process,
        priorities_of_no_process,
        a_user_may_only_go_back,
        affinity_of_this_process,
        affinity_to_no_processor,
        affinity_of_no_process,
        processors_are_counted,
        loads_are_no_less_than_zero,
        the_kernel_has_a_name,
        times_pass,
        random_bytes_differ,
        random_bytes_fill_the_buffer,
        a_standard_descriptor_beyond_two,
        limits_are_known,
        unknown_limits,
        yield_and_sync_return,
    ]
);

conformance_of_root!([
    a_user_may_not_signal_root,
    ids_are_given_up_for_good,
    ids_can_be_taken_back_while_saved,
    groups_are_set_by_root_alone,
]);

/// A child of the test: it sleeps until it is killed.
enum Sleeper {
    Mock(Process),
    Native(Child),
}

impl Sleeper {
    fn new(f: &Fixture) -> Sleeper {
        match &f.world {
            Some(world) => Sleeper::Mock(world.os.spawn_process()),
            None => Sleeper::Native(Command::new("sleep").arg("1000").spawn().unwrap()),
        }
    }

    /// One in a process group of its own.
    fn leader(f: &Fixture) -> Sleeper {
        match &f.world {
            Some(_) => {
                let sleeper = Sleeper::new(f);
                if let Sleeper::Mock(process) = &sleeper {
                    process.set_group(0);
                }
                sleeper
            }
            None => {
                use std::os::unix::process::CommandExt as _;
                Sleeper::Native(Command::new("sleep").arg("1000").process_group(0).spawn().unwrap())
            }
        }
    }

    /// One that has ended, or soon will, with this code.
    fn ending(f: &Fixture, code: u8) -> Sleeper {
        match &f.world {
            Some(world) => {
                let process = world.os.spawn_process();
                process.exit(code);
                Sleeper::Mock(process)
            }
            None => Sleeper::Native(Command::new("sh").arg("-c").arg(format!("exit {code}")).spawn().unwrap()),
        }
    }

    fn pid(&self) -> u32 {
        match self {
            Sleeper::Mock(process) => process.pid(),
            Sleeper::Native(child) => child.id(),
        }
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        if let Sleeper::Native(child) = self {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

const WAIT: WaitOptions = WaitOptions { nohang: false, untraced: false, continued: false };
const LOOK: WaitOptions = WaitOptions { nohang: true, ..WAIT };
const NO_PID: u32 = 4_194_305; // one more than Linux can be told to give out

fn wait(f: &Fixture, pid: u32) -> Option<(u32, WaitStatus)> {
    f.kernel().waitpid(Who::Pid(pid), WAIT).unwrap()
}

fn ids_are_consistent(f: &Fixture) {
    f.as_nobody(|| {
        f.write("a", "");
        let (stat, (_, uid, _), (_, gid, _)) = (f.stat("a"), f.kernel().getresuid(), f.kernel().getresgid());
        assert_eq!((stat.st_uid, stat.st_gid), (uid, gid));
    });
    assert!(f.kernel().getgroups().is_ok());
}

fn pids_are_consistent(f: &Fixture) {
    let kernel = f.kernel();
    assert!(kernel.getpid() > 1 && kernel.getppid() != kernel.getpid());
    assert_eq!(kernel.getpgid(0).unwrap(), kernel.getpgid(kernel.getpid()).unwrap());
    kernel.kill(kernel.getpid(), 0).unwrap();
}

fn groups_and_sessions_of_this_process(f: &Fixture) {
    let child = Sleeper::new(f);
    assert_eq!(f.os.getpgid(child.pid()).unwrap(), f.os.getpgid(0).unwrap());
    assert_eq!(f.os.getsid(child.pid()).unwrap(), f.os.getsid(0).unwrap());
    let leader = Sleeper::leader(f);
    assert_eq!(f.os.getpgid(leader.pid()).unwrap(), leader.pid());
}

fn groups_of_no_process(f: &Fixture) {
    assert_eq!(errno(f.os.getpgid(NO_PID)), ESRCH);
    assert_eq!(errno(f.os.getsid(NO_PID)), ESRCH);
    assert_eq!(errno(f.os.setpgid(NO_PID, 0)), ESRCH);
}

fn signal_zero_asks(f: &Fixture) {
    let child = Sleeper::new(f);
    f.os.kill(child.pid(), 0).unwrap();
    assert_eq!(f.kernel().waitpid(Who::Pid(child.pid()), LOOK).unwrap(), None, "and does nothing");
}

fn signalling_no_process(f: &Fixture) {
    assert_eq!(errno(f.os.kill(NO_PID, 0)), ESRCH);
    assert_eq!(errno(f.os.kill(NO_PID, 15)), ESRCH);
    assert_eq!(errno(f.os.kill(u32::MAX, 15)), ESRCH);
}

fn an_unknown_signal(f: &Fixture) {
    let child = Sleeper::new(f);
    assert_eq!(errno(f.os.kill(child.pid(), 999)), EINVAL);
    assert_eq!(errno(f.os.kill(child.pid(), -1)), EINVAL);
}

fn killing_a_child(f: &Fixture) {
    for signal in [15, 9, 10] {
        let child = Sleeper::new(f);
        f.os.kill(child.pid(), signal).unwrap();
        assert_eq!(wait(f, child.pid()), Some((child.pid(), WaitStatus(signal))));
        assert_eq!(errno(f.os.kill(child.pid(), 0)), ESRCH);
    }
}

fn killing_a_zombie(f: &Fixture) {
    let child = Sleeper::ending(f, 3);
    let start = Instant::now();
    while f.os.kill(child.pid(), 15).is_ok() && start.elapsed() < Duration::from_millis(200) {}
    f.os.kill(child.pid(), 0).unwrap();
    assert_one_of(wait(f, child.pid()).unwrap().1, &[WaitStatus(3 << 8), WaitStatus(15)]);
}

fn waiting_for_a_child_that_ended(f: &Fixture) {
    let child = Sleeper::ending(f, 3);
    assert_eq!(wait(f, child.pid()), Some((child.pid(), WaitStatus(3 << 8))));
    let child = Sleeper::ending(f, 0);
    assert_eq!(wait(f, child.pid()), Some((child.pid(), WaitStatus(0))));
}

fn waiting_without_waiting(f: &Fixture) {
    let child = Sleeper::new(f);
    assert_eq!(f.kernel().waitpid(Who::Pid(child.pid()), LOOK).unwrap(), None);
}

fn waiting_for_no_child(f: &Fixture) {
    assert_eq!(errno(f.kernel().waitpid(Who::Pid(NO_PID), LOOK)), ECHILD);
    assert_eq!(errno(f.kernel().waitpid(Who::Group(NO_PID), LOOK)), ECHILD);
}

fn waiting_for_somebody_elses_child(f: &Fixture) {
    assert_eq!(errno(f.kernel().waitpid(Who::Pid(1), LOOK)), ECHILD);
    assert_eq!(errno(f.kernel().waitpid(Who::Pid(f.kernel().getpid()), LOOK)), ECHILD);
}

fn waiting_for_any_child(f: &Fixture) {
    if !alone(f) {
        return;
    }
    assert_eq!(errno(f.kernel().waitpid(Who::Any, WAIT)), ECHILD);
    let (quick, _slow) = (Sleeper::ending(f, 7), Sleeper::new(f));
    assert_eq!(f.kernel().waitpid(Who::Any, WAIT).unwrap(), Some((quick.pid(), WaitStatus(7 << 8))));
    assert_eq!(f.kernel().waitpid(Who::Any, LOOK).unwrap(), None);
}

fn waiting_for_a_group(f: &Fixture) {
    let (leader, _other) = (Sleeper::leader(f), Sleeper::new(f));
    assert_eq!(f.kernel().waitpid(Who::Group(leader.pid()), LOOK).unwrap(), None);
    f.os.kill(leader.pid(), 9).unwrap();
    assert_eq!(f.kernel().waitpid(Who::Group(leader.pid()), WAIT).unwrap(), Some((leader.pid(), WaitStatus(9))));
    assert_eq!(errno(f.kernel().waitpid(Who::Group(leader.pid()), WAIT)), ECHILD);
}

fn a_child_is_reaped_once(f: &Fixture) {
    let child = Sleeper::ending(f, 0);
    wait(f, child.pid()).unwrap();
    assert_eq!(errno(f.kernel().waitpid(Who::Pid(child.pid()), WAIT)), ECHILD);
}

fn a_stopped_child(f: &Fixture) {
    let child = Sleeper::new(f);
    let who = Who::Pid(child.pid());
    f.os.kill(child.pid(), 19).unwrap();
    let stopped = f.kernel().waitpid(who, WaitOptions { untraced: true, ..WAIT }).unwrap();
    assert_eq!(stopped, Some((child.pid(), WaitStatus(19 << 8 | 0x7f))));
    assert_eq!(f.kernel().waitpid(who, WaitOptions { untraced: true, ..LOOK }).unwrap(), None, "it is told once");
    f.os.kill(child.pid(), 18).unwrap();
    let continued = f.kernel().waitpid(who, WaitOptions { continued: true, ..WAIT }).unwrap();
    assert_eq!(continued, Some((child.pid(), WaitStatus(0xffff))));
    f.os.kill(child.pid(), 9).unwrap();
    assert_eq!(wait(f, child.pid()), Some((child.pid(), WaitStatus(9))));
}

fn killing_a_group(f: &Fixture) {
    let (leader, other) = (Sleeper::leader(f), Sleeper::new(f));
    f.os.killpg(leader.pid(), 15).unwrap();
    assert_eq!(wait(f, leader.pid()), Some((leader.pid(), WaitStatus(15))));
    assert_eq!(f.kernel().waitpid(Who::Pid(other.pid()), LOOK).unwrap(), None);
}

fn killing_a_group_that_is_not(f: &Fixture) {
    assert_eq!(errno(f.os.killpg(NO_PID, 15)), ESRCH);
    let child = Sleeper::new(f);
    assert_eq!(errno(f.os.killpg(child.pid(), 0)), ESRCH);
}

fn moving_a_child_into_a_group(f: &Fixture) {
    // A child that runs another program already may not be moved any more; in memory there is no such moment.
    let leader = Sleeper::leader(f);
    assert_eq!(errno(f.os.setpgid(1, 0)), ESRCH);
    assert_eq!(f.os.getpgid(leader.pid()).unwrap(), leader.pid());
}

fn a_leader_starts_no_session(f: &Fixture) {
    if !alone(f) {
        return;
    }
    let _ = f.os.setpgid(0, 0); // EPERM if it leads a session already
    assert_eq!(f.os.getpgid(0).unwrap(), f.kernel().getpid());
    assert_eq!(errno(f.os.setsid()), EPERM);
}

fn priorities_of_this_process(f: &Fixture) {
    let child = Sleeper::new(f);
    let of = PriorityOf::Process(child.pid());
    let own = f.os.getpriority(PriorityOf::Process(0)).unwrap();
    assert!((-20..=19).contains(&own));
    assert_eq!(f.os.getpriority(of).unwrap(), own);
    f.os.setpriority(of, 7.max(own)).unwrap();
    assert_eq!(f.os.getpriority(of).unwrap(), 7.max(own));
    f.os.setpriority(of, 100).unwrap();
    assert_eq!(f.os.getpriority(of).unwrap(), 19);
    let leader = Sleeper::leader(f);
    f.os.setpriority(PriorityOf::Group(leader.pid()), 11).unwrap();
    assert_eq!(f.os.getpriority(PriorityOf::Group(leader.pid())).unwrap(), 11);
}

fn priorities_of_no_process(f: &Fixture) {
    assert_eq!(errno(f.os.getpriority(PriorityOf::Process(NO_PID))), ESRCH);
    assert_eq!(errno(f.os.setpriority(PriorityOf::Process(NO_PID), 5)), ESRCH);
    assert_eq!(errno(f.os.getpriority(PriorityOf::Group(NO_PID))), ESRCH);
}

fn a_user_may_only_go_back(f: &Fixture) {
    f.as_nobody(|| {
        let child = Sleeper::new(f);
        let of = PriorityOf::Process(child.pid());
        f.os.setpriority(of, 10).unwrap();
        assert_eq!(errno(f.os.setpriority(of, 5)), EACCES);
        assert_eq!(f.os.getpriority(of).unwrap(), 10);
    });
}

fn affinity_of_this_process(f: &Fixture) {
    let child = Sleeper::new(f);
    let all = f.os.sched_getaffinity(child.pid()).unwrap();
    assert!(!all.is_empty());
    f.kernel().sched_setaffinity(child.pid(), &all[..1]).unwrap();
    assert_eq!(f.os.sched_getaffinity(child.pid()).unwrap(), &all[..1]);
    assert_eq!(f.os.sched_getaffinity(0).unwrap(), all);
}

fn affinity_to_no_processor(f: &Fixture) {
    let child = Sleeper::new(f);
    assert_eq!(errno(f.kernel().sched_setaffinity(child.pid(), &[])), EINVAL);
    assert_eq!(errno(f.kernel().sched_setaffinity(child.pid(), &[1_000])), EINVAL);
}

fn affinity_of_no_process(f: &Fixture) {
    assert_eq!(errno(f.os.sched_getaffinity(NO_PID)), ESRCH);
    assert_eq!(errno(f.kernel().sched_setaffinity(NO_PID, &[0])), ESRCH);
}

fn processors_are_counted(f: &Fixture) {
    let cpus = f.os.cpu_count().unwrap();
    assert!(cpus >= 1 && f.os.sched_getaffinity(0).unwrap().len() <= cpus);
}

fn loads_are_no_less_than_zero(f: &Fixture) {
    assert!(f.os.getloadavg().unwrap().iter().all(|load| *load >= 0.0));
}

fn the_kernel_has_a_name(f: &Fixture) {
    let uname = f.os.uname();
    assert_eq!(uname.sysname, "Linux");
    for field in [uname.nodename, uname.release, uname.version, uname.machine] {
        assert!(!field.is_empty());
    }
}

fn times_pass(f: &Fixture) {
    let (times, uptime) = (f.os.times().unwrap(), f.kernel().uptime().unwrap());
    f.tick();
    assert!(f.os.times().unwrap().elapsed >= times.elapsed + Duration::from_millis(20));
    assert!(f.kernel().uptime().unwrap() >= uptime + Duration::from_millis(20));
}

fn random_bytes_differ(f: &Fixture) {
    let (mut one, mut two) = ([0; 32], [0; 32]);
    f.kernel().urandom(&mut one).unwrap();
    f.kernel().urandom(&mut two).unwrap();
    assert_ne!(one, two);
}

fn random_bytes_fill_the_buffer(f: &Fixture) {
    let mut buffer = vec![0; 100_003];
    f.kernel().urandom(&mut buffer).unwrap();
    assert!(buffer.chunks(50).all(|chunk| chunk.len() < 50 || chunk.iter().any(|byte| *byte != 0)));
    f.kernel().urandom(&mut []).unwrap();
}

fn a_standard_descriptor_beyond_two(f: &Fixture) {
    assert_eq!(errno(f.kernel().terminal_size(3)), EBADF);
    assert_eq!(errno(f.os.ttyname(3)), EBADF);
    assert!(!f.os.isatty(3));
    for fd in 0..3 {
        assert_eq!(f.kernel().terminal_size(fd).is_ok(), f.os.isatty(fd));
    }
}

fn limits_are_known(f: &Fixture) {
    let ask = |name| f.kernel().sysconf(name).unwrap().unwrap();
    assert_eq!(ask(30), 4096, "SC_PAGESIZE");
    assert_eq!(ask(2), 100, "SC_CLK_TCK");
    assert_eq!(usize::try_from(ask(84)).unwrap(), f.os.cpu_count().unwrap(), "SC_NPROCESSORS_ONLN");
    assert!(ask(85) > 1_000, "SC_PHYS_PAGES");
}

fn unknown_limits(f: &Fixture) {
    assert_eq!(errno(f.kernel().sysconf(12_345)), EINVAL);
    assert_eq!(errno(f.kernel().sysconf(-1)), EINVAL);
}

fn yield_and_sync_return(f: &Fixture) {
    f.kernel().sched_yield();
}

fn a_user_may_not_signal_root(f: &Fixture) {
    let child = Sleeper::new(f);
    f.as_nobody(|| {
        assert_eq!(errno(f.os.kill(child.pid(), 15)), EPERM);
        assert_eq!(errno(f.os.kill(child.pid(), 0)), EPERM);
        assert_eq!(errno(f.os.setpriority(PriorityOf::Process(child.pid()), 19)), EPERM);
        assert_eq!(errno(f.kernel().sched_setaffinity(child.pid(), &[0])), EPERM);
    });
    assert_eq!(f.kernel().waitpid(Who::Pid(child.pid()), LOOK).unwrap(), None);
}

fn ids_are_given_up_for_good(f: &Fixture) {
    if !alone(f) {
        return;
    }
    f.kernel().setresgid(Some(NOBODY), Some(NOBODY), Some(NOBODY)).unwrap();
    f.kernel().setresuid(Some(NOBODY), Some(NOBODY), Some(NOBODY)).unwrap();
    assert_eq!(f.kernel().getresuid(), (NOBODY, NOBODY, NOBODY));
    assert_eq!(f.kernel().getresgid(), (NOBODY, NOBODY, NOBODY));
    assert_eq!(errno(f.kernel().setresuid(None, Some(0), None)), EPERM);
    assert_eq!(errno(f.kernel().setresgid(Some(0), None, None)), EPERM);
    f.kernel().setresuid(None, None, None).unwrap();
}

fn ids_can_be_taken_back_while_saved(f: &Fixture) {
    if !alone(f) {
        return;
    }
    f.kernel().setresuid(None, Some(NOBODY), None).unwrap();
    assert_eq!(f.kernel().getresuid(), (0, NOBODY, 0));
    f.write("a", "");
    assert_eq!(f.stat("a").st_uid, NOBODY, "what is made belongs to the effective user");
    f.kernel().setresuid(None, Some(0), None).unwrap();
    assert_eq!(f.kernel().getresuid(), (0, 0, 0));
}

fn groups_are_set_by_root_alone(f: &Fixture) {
    if !alone(f) {
        return;
    }
    f.kernel().setgroups(&[5, 7]).unwrap();
    assert_eq!(f.kernel().getgroups().unwrap(), [5, 7]);
    f.kernel().setresuid(Some(NOBODY), Some(NOBODY), Some(NOBODY)).unwrap();
    assert_eq!(errno(f.kernel().setgroups(&[])), EPERM);
}
