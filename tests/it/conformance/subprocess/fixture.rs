//! A machine with a few programs: `/bin/sh` scripts on the real one, scripted answers of the same in memory.

use crate::support::layer::layered;
use leyden::os::Os;
use leyden::prelude::*;
use leyden::subprocess::Subprocess;
use leyden::subprocess::mock::{Program, Reply};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// What cannot be done over SSH: the table of `fabric::remote` has it.
pub const NOT_REMOTE: &[&str] = &[
    // Rows of programs need local pipes.
    "a_row_can_be_awaited",
    "a_row_fails_with_any_of_them",
    "a_row_has_one_deadline",
    "a_row_with_input",
    "a_row_whose_second_is_missing_leaves_nothing",
    "a_row_without_check_tells_all",
    "sigpipe_is_no_failure_of_a_row",
    "the_output_of_one_is_the_input_of_the_next",
    "three_in_a_row",
    // Local files as streams, another name for the program.
    "executable_replaces_the_program",
    "stdin_from_a_file",
    "stdout_into_a_file",
    // The channel's buffers are not the kernel's pipes.
    "a_full_pipe_holds_it_up",
    "one_that_nobody_reads_dies_of_sigpipe",
    "the_capacity_of_a_pipe_can_be_set",
    "detached_it_goes_on",
];

pub struct Fixture {
    pub subprocess: Subprocess,
    pub os: Os,
    /// None on the real machine.
    pub world: Option<World>,
    /// A directory for the case alone; the batteries stand in it.
    pub dir: PathBuf,
}

impl Fixture {
    pub fn mock() -> Fixture {
        let world = World::new();
        world.os.mkdir("/case");
        let Batteries { os, subprocess, .. } = layered(world.batteries());
        os.ambient().chdir(Path::new("/case"));
        Fixture { subprocess, os, world: Some(world), dir: "/case".into() }
    }

    pub fn native() -> Fixture {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("leyden-subprocess-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let dir = std::env::temp_dir().join(name);
        std::fs::create_dir_all(dir.join("bin")).unwrap();
        let Batteries { os, subprocess, .. } = layered(Batteries::included());
        os.ambient().chdir(&dir);
        let path = format!("{}/bin:/usr/bin:/bin", dir.display());
        os.ambient().edit(|environ| environ.insert("PATH".into(), path.into()));
        Fixture { subprocess, os, world: None, dir }
    }

    /// The programs of this machine, reached over SSH.
    #[cfg(feature = "fabric")]
    pub fn remote() -> Fixture {
        let mut fixture = Fixture::native();
        let Batteries { os, subprocess, .. } = crate::support::remote::batteries(&fixture.dir);
        os.ambient().chdir(&fixture.dir);
        let path = format!("{}/bin:/usr/bin:/bin", fixture.dir.display());
        os.ambient().edit(|environ| environ.insert("PATH".into(), path.into()));
        (fixture.os, fixture.subprocess) = (os, subprocess);
        fixture
    }

    /// A program: this script of the shell on the real machine, these answers in memory.
    pub fn program(&self, name: &str, script: &str, answers: impl FnOnce(Program)) {
        match &self.world {
            Some(world) => answers(world.subprocess.program(name)),
            None => install(&self.dir.join("bin").join(name), script),
        }
    }

    /// A program that does this.
    pub fn does(&self, name: &str, script: &str, reply: Reply) {
        self.program(name, script, |program| drop(program.answer(reply)));
    }

    /// A line of the shell, which every real machine understands.
    pub fn shell(&self, line: &str, reply: Reply) {
        if let Some(world) = &self.world {
            world.subprocess.shell(line).answer(reply);
        }
    }

    /// A program of the real machine, that memory must be told of.
    pub fn real(&self, argv: impl Into<leyden::subprocess::Args>, answers: impl FnOnce(Program)) {
        if let Some(world) = &self.world {
            answers(world.subprocess.program(argv));
        }
    }

    /// `cat`.
    pub fn cat(&self) {
        self.real("cat", |cat| drop(cat.runs(|call| Reply::new().stdout(call.stdin.clone()))));
    }

    /// `sleep 1000`.
    pub fn sleeper(&self) {
        self.real(["sleep", "1000"], |sleep| drop(sleep.answer(Reply::new().ignores_stdin().delay(secs(1000)))));
    }

    /// A program that tells its number, starts another that sleeps, with the same pipes, tells that number, and sleeps (or not).
    pub fn family(&self, stays: bool) {
        let script = "sleep 1000 & echo $$ $!; ".to_owned() + if stays { "sleep 1000; true" } else { "" };
        let reply = Reply::new().background(Reply::new().delay(secs(1000))).stdout("1000 1001\n");
        self.does("family", &script, if stays { reply.delay(secs(1000)) } else { reply });
    }

    pub fn write(&self, name: &str, contents: &str, mode: u32) {
        match &self.world {
            Some(world) => {
                world.os.write(self.dir.join(name), contents);
                world.os.chmod(self.dir.join(name), mode);
            }
            None => {
                use std::os::unix::fs::PermissionsExt;
                std::fs::create_dir_all(self.dir.join(name).parent().unwrap()).unwrap();
                std::fs::write(self.dir.join(name), contents).unwrap();
                std::fs::set_permissions(self.dir.join(name), std::fs::Permissions::from_mode(mode)).unwrap();
            }
        }
    }

    pub fn read(&self, name: &str) -> String {
        match &self.world {
            Some(world) => world.os.read_text(self.dir.join(name)).unwrap(),
            None => std::fs::read_to_string(self.dir.join(name)).unwrap(),
        }
    }

    pub fn mkdir(&self, name: &str) {
        match &self.world {
            Some(world) => world.os.mkdir(self.dir.join(name)),
            None => std::fs::create_dir_all(self.dir.join(name)).unwrap(),
        }
    }

    /// The time since some point, on the clock that the machine has.
    pub fn clock(&self) -> Duration {
        static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
        self.world.as_ref().map_or_else(|| START.get_or_init(Instant::now).elapsed(), |world| world.clock().elapsed())
    }

    /// What may pass beyond a deadline.
    pub fn late(&self) -> Duration {
        crate::support::late(self.world.is_some())
    }

    /// Fails unless these processes have gone, soon, and in memory all.
    pub fn assert_gone(&self, pids: &[u32]) {
        if let Some(world) = &self.world {
            assert_eq!(world.subprocess.processes(), [0_u32; 0], "in memory");
            return;
        }
        for pid in pids {
            let start = Instant::now();
            while state(*pid).is_some_and(|state| state != 'Z' || !orphaned(*pid)) {
                assert!(start.elapsed() < Duration::from_secs(5), "process {pid} is left, in state {:?}", state(*pid));
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }

    /// Fails unless, soon, no process stands in the case's own directory.
    pub fn assert_nobody_is_here(&self) {
        let here = |entry: std::fs::DirEntry| std::fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd == self.dir);
        let start = Instant::now();
        while std::fs::read_dir("/proc").unwrap().flatten().any(here) {
            assert!(start.elapsed() < Duration::from_secs(5), "somebody is left in {}", self.dir.display());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// True if the process is there and not a zombie.
    pub fn runs(&self, pid: u32) -> bool {
        match &self.world {
            Some(world) => world.subprocess.calls().iter().any(|ran| ran.pid == pid && ran.returncode.is_none()),
            None => state(pid).is_some_and(|state| state != 'Z'),
        }
    }
}

/// By another process: one of ours that had the file open for writing while a second thread starts a program would hand that on, and
/// the script could not be run (ETXTBSY).
fn install(path: &Path, script: &str) {
    let write = ["-c", r#"printf '#!/bin/sh\n%s\n' "$2" > "$1" && chmod 755 "$1""#, "sh"];
    let status = std::process::Command::new("/bin/sh").args(write).arg(path).arg(script).status().unwrap();
    assert!(status.success());
}

fn stat(pid: u32) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    Some(text.rsplit_once(')')?.1.split_whitespace().map(Into::into).collect())
}

fn state(pid: u32) -> Option<char> {
    stat(pid)?.first()?.chars().next()
}

/// A dead grandchild may wait for an init that is slow: it is no zombie of ours.
fn orphaned(pid: u32) -> bool {
    stat(pid).is_none_or(|stat| stat.get(1).and_then(|parent| parent.parse().ok()) != Some(std::process::id()))
}

/// The numbers in what `family` writes.
pub fn numbers(text: &[u8]) -> Vec<u32> {
    str::from_utf8(text).unwrap().split_whitespace().map(|number| number.parse().unwrap()).collect()
}

impl Drop for Fixture {
    fn drop(&mut self) {
        if self.world.is_none() {
            // No case leaves anybody behind.
            if !std::thread::panicking() {
                self.assert_nobody_is_here();
            }
            let _ = std::fs::remove_dir_all(&self.dir);
        }
    }
}
