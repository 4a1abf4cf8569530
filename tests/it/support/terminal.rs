//! A terminal that nobody sits at.

use std::fs::File;
use std::io::Read;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::Stdio;
use std::thread;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// Runs this test in a process of its own, whose standard error is a terminal. What was drawn there.
pub fn run_alone(dir: &Path) -> String {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let terminal = File::options().read(true).write(true).open(std::ffi::OsStr::from_bytes(name.as_bytes())).unwrap();
    let size = rustix::termios::Winsize { ws_row: 24, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0 };
    rustix::termios::tcsetwinsize(&terminal, size).unwrap();
    let reader = thread::spawn(move || {
        let (mut master, mut drawn, mut buffer) = (File::from(master), Vec::new(), [0; 4096]);
        // The end of a terminal is EIO.
        while let Ok(read @ 1..) = master.read(&mut buffer) {
            drawn.extend_from_slice(&buffer[..read]);
        }
        String::from_utf8_lossy(&drawn).into_owned()
    });
    let status = super::alone::command(dir).env("TERM", "xterm").stdout(Stdio::null()).stderr(terminal).status().unwrap();
    let drawn = reader.join().unwrap();
    assert!(status.success(), "{status}: {drawn}");
    drawn
}
