//! This machine.
#![allow(clippy::disallowed_methods, reason = "this is the seam")]

use std::ffi::CStr;
use std::io::{Error, Result};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use super::backend::{Backend, Kernel};
use crate::error::errno::EIO;

/// This machine.
#[derive(Clone, Debug, Default)]
pub struct Native;

/// Returns the output of a program. `EIO` if it fails.
fn output(program: &str, argument: &str) -> Result<String> {
    let output = Command::new(program).arg(argument).stdin(Stdio::null()).stderr(Stdio::null()).output()?;
    if !output.status.success() {
        return Err(Error::from_raw_os_error(EIO));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

impl Backend for Native {
    fn uname(&self) -> Kernel {
        let text = |text: &CStr| text.to_string_lossy().into_owned();
        let uname = rustix::system::uname();
        Kernel {
            system: text(uname.sysname()),
            node: text(uname.nodename()),
            release: text(uname.release()),
            version: text(uname.version()),
            machine: text(uname.machine()),
        }
    }

    fn processor(&self) -> Result<String> {
        // Runs the program once, as Python does.
        static ANSWER: OnceLock<String> = OnceLock::new();
        if let Some(answer) = ANSWER.get() {
            return Ok(answer.clone());
        }
        let answer = output("uname", "-p")?;
        Ok(ANSWER.get_or_init(|| answer).clone())
    }

    fn libc(&self) -> Option<(String, String)> {
        crate::glibc::version().map(|version| ("glibc".to_owned(), version))
    }

    fn python(&self) -> Result<String> {
        output("python3", "--version")
    }

    fn executable(&self) -> Result<PathBuf> {
        std::env::current_exe()
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>> {
        std::fs::read(path)
    }
}
