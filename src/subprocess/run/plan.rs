//! Turns the settings of a [`Run`](super::Run) into a [`Command`], after checking them.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::sync::Arc;

use super::super::args::Arg;
use super::super::backend::Command;
use super::super::error::{Error, Result};
use super::super::shell::through_shell;
use super::super::stdio::Stdio;
use super::super::text::Text;
use super::Spec;
use crate::ambient::{Ambient, Variables};
use crate::text::{Encoding, Errors};

/// The result of checking a spec.
pub(in crate::subprocess) struct Plan {
    pub(in crate::subprocess) command: Command,
    pub(in crate::subprocess) text: Text,
    pub(in crate::subprocess) input: Option<Vec<u8>>,
}

impl Spec {
    /// Translates `run(capture_output=, input=)` into settings of `Popen`. Takes the input out,
    /// since it may be large.
    pub(in crate::subprocess) fn plan(&mut self, ambient: &Ambient) -> Result<Plan> {
        if self.input.is_some() && self.stdin.is_some() {
            return Err(value("stdin and input arguments may not both be used"));
        }
        if self.capture_output && (self.stdout.is_some() || self.stderr.is_some()) {
            return Err(value("stdout and stderr arguments may not be used with capture_output"));
        }
        let captured = || self.capture_output.then_some(Stdio::Pipe);
        let stdin = self.input.as_ref().map(|_| Stdio::Pipe).or_else(|| self.stdin.clone()).unwrap_or_default();
        let stdout = captured().or_else(|| self.stdout.clone()).unwrap_or_default();
        let stderr = captured().or_else(|| self.stderr.clone()).unwrap_or_default();
        if matches!(stdin, Stdio::Stdout) || matches!(stdout, Stdio::Stdout) {
            return Err(value("STDOUT can only be used for stderr"));
        }
        if self.restore_signals == Some(false) {
            return Err(Error::NotImplemented { operation: "restore_signals(false)".into() });
        }
        if self.standing.user.is_some() && self.standing.extra_groups.is_some() {
            return Err(Error::NotImplemented { operation: "user together with extra_groups".into() });
        }
        let text = self.text()?;
        let input = self.input.take().map(|input| text.encode(input)).transpose()?;
        let (program, args) = self.argv()?;
        let command = Command {
            program,
            args,
            environ: self.environ(ambient)?,
            cwd: self.cwd(ambient)?,
            stdin,
            stdout,
            stderr,
            standing: self.standing.clone(),
            pipesize: self.pipesize,
            pass_fds: self.pass_fds.clone(),
        };
        Ok(Plan { command, text, input })
    }

    fn argv(&self) -> Result<(OsString, Vec<Arg>)> {
        let mut args = self.args.0.clone();
        if self.shell {
            through_shell(&mut args, self.executable.as_deref());
        }
        let Some(first) = args.first() else {
            return Err(value("no program given"));
        };
        let program = self.executable.clone().unwrap_or_else(|| first.expose().to_owned());
        if has_nul(&program) || args.iter().any(|arg| has_nul(arg.expose())) {
            return Err(value("embedded null byte in the arguments"));
        }
        Ok((program, args))
    }

    pub(in crate::subprocess) fn text(&self) -> Result<Text> {
        let unknown = |what: &'static str, name: &str| Error::Lookup { what, name: name.into() };
        Ok(Text {
            on: self.text == Some(true) || self.encoding.is_some() || self.errors.is_some(),
            encoding: self
                .encoding
                .as_deref()
                .map_or(Ok(Encoding::default()), |name| Encoding::named(name).ok_or_else(|| unknown("encoding", name)))?,
            errors: self
                .errors
                .as_deref()
                .map_or(Ok(Errors::default()), |name| Errors::named(name).ok_or_else(|| unknown("error handler", name)))?,
        })
    }

    pub(in crate::subprocess) fn text_on(&mut self) {
        self.text = Some(true);
    }

    pub(in crate::subprocess) fn encoding_name(&self) -> Option<&str> {
        self.encoding.as_deref()
    }

    pub(in crate::subprocess) fn errors_name(&self) -> Option<&str> {
        self.errors.as_deref()
    }

    fn environ(&self, ambient: &Ambient) -> Result<Option<Arc<Variables>>> {
        if self.environ.is_none() && self.update.is_empty() {
            return Ok(ambient.changed_environ());
        }
        let mut environ = if self.environ.is_some() { Variables::new() } else { (*ambient.environ()).clone() };
        for (name, value) in self.environ.iter().flatten().chain(&self.update) {
            if name.as_encoded_bytes().contains(&b'=') {
                return Err(Error::Value(format!("illegal environment variable name '{}'", name.display())));
            }
            if has_nul(name) || has_nul(value.expose()) {
                return Err(Error::Value(format!("embedded null byte in the environment variable '{}'", name.display())));
            }
            environ.insert(name.clone(), value.expose().to_owned());
        }
        Ok(Some(Arc::new(environ)))
    }

    fn cwd(&self, ambient: &Ambient) -> Result<Option<PathBuf>> {
        match &self.cwd {
            Some(cwd) if has_nul(cwd.as_os_str()) => Err(value("embedded null byte in the directory")),
            Some(cwd) => Ok(Some(ambient.resolve(cwd).into_owned())),
            None => Ok(ambient.cwd().map(|cwd| cwd.to_path_buf())),
        }
    }
}

fn value(text: &str) -> Error {
    Error::Value(text.into())
}

fn has_nul(text: &OsStr) -> bool {
    text.as_encoded_bytes().contains(&0)
}
