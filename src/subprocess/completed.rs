//! [`CompletedProcess`]: the result of `run`.

use super::args::Args;
use super::error::{Error, Result};
use super::text::Text;

/// A program that has ended. <https://docs.python.org/3/library/subprocess.html#subprocess.CompletedProcess>
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias = "subprocess.CompletedProcess")]
pub struct CompletedProcess {
    /// The program and its arguments, as the caller gave them.
    #[doc(alias = "subprocess.CompletedProcess.args")]
    pub args: Args,
    /// The exit status; negative: the signal that killed it.
    #[doc(alias = "subprocess.CompletedProcess.returncode")]
    pub returncode: i32,
    /// The captured output, if any: raw bytes, or in text mode the decoded text as UTF-8.
    #[doc(alias = "subprocess.CompletedProcess.stdout")]
    pub stdout: Option<Vec<u8>>,
    /// The captured standard error, if any, in the same form as `stdout`.
    #[doc(alias = "subprocess.CompletedProcess.stderr")]
    pub stderr: Option<Vec<u8>>,
    text: Text,
}

impl CompletedProcess {
    pub(super) fn new(args: Args, returncode: i32, stdout: Option<Vec<u8>>, stderr: Option<Vec<u8>>, text: Text) -> Self {
        CompletedProcess { args, returncode, stdout, stderr, text }
    }

    /// Returns the output as text with `\n` line ends. Outside text mode the bytes are decoded as
    /// UTF-8.
    ///
    /// Fails with [`Error::UnicodeDecode`] if that is not possible, and with [`Error::Value`] if
    /// the output was not captured.
    pub fn stdout_text(&self) -> Result<String> {
        self.decode("stdout", self.stdout.as_deref())
    }

    /// Returns the standard error as text, like [`CompletedProcess::stdout_text`].
    pub fn stderr_text(&self) -> Result<String> {
        self.decode("stderr", self.stderr.as_deref())
    }

    fn decode(&self, which: &str, bytes: Option<&[u8]>) -> Result<String> {
        let bytes = bytes.ok_or_else(|| Error::Value(format!("{which} of '{}' was not captured", self.args)))?;
        // Text mode has already decoded it to UTF-8.
        Text { on: self.text.on, ..Text::default() }.decode(bytes)
    }

    /// Fails with [`Error::CalledProcess`] if the exit status is not zero.
    ///
    /// <https://docs.python.org/3/library/subprocess.html#subprocess.CompletedProcess.check_returncode>
    #[doc(alias = "subprocess.CompletedProcess.check_returncode")]
    pub fn check_returncode(&self) -> Result<()> {
        if self.returncode == 0 { Ok(()) } else { Err(self.clone().into_error()) }
    }

    pub(super) fn checked(self, check: bool) -> Result<CompletedProcess> {
        if check && self.returncode != 0 { Err(self.into_error()) } else { Ok(self) }
    }

    fn into_error(self) -> Error {
        let CompletedProcess { args, returncode, stdout, stderr, .. } = self;
        Error::CalledProcess { cmd: args, returncode, stdout, stderr }
    }
}

/// With the feature `serde`: the four fields. Secret arguments are `***`, also where the program repeats them in its output. Bytes are text where they are
/// UTF-8, else a sequence of numbers.
#[cfg(feature = "serde")]
impl serde::Serialize for CompletedProcess {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use crate::doors::byte_string::ByteString;
        use crate::doors::serde::Completed;
        let output = |bytes: &Option<Vec<u8>>| bytes.as_ref().map(|bytes| ByteString(self.args.redact_bytes(bytes)));
        let completed = Completed {
            args: self.args.shown().into_iter().map(ByteString).collect(),
            returncode: self.returncode,
            stdout: output(&self.stdout),
            stderr: output(&self.stderr),
        };
        completed.serialize(serializer)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for CompletedProcess {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<CompletedProcess, D::Error> {
        use std::os::unix::ffi::OsStringExt as _;
        let completed = crate::doors::serde::Completed::deserialize(deserializer)?;
        let args = completed.args.into_iter().map(|arg| std::ffi::OsString::from_vec(arg.0)).collect();
        let output = |bytes: Option<crate::doors::byte_string::ByteString>| bytes.map(|bytes| bytes.0);
        Ok(CompletedProcess::new(args, completed.returncode, output(completed.stdout), output(completed.stderr), Text::default()))
    }
}
