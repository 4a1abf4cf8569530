//! The options of [`Run`], one method each.

use std::marker::PhantomData;
use std::sync::Arc;

use super::{Command, Disowned, Finished, Hide, In, Out, Promised, Run, RunOptions, Single, StreamWatcher, SudoCommand};
use crate::{Secret, TimeLimit};

/// What `shell` takes too.
impl<W, K> Run<W, K> {
    fn set(mut self, change: impl FnOnce(&mut RunOptions)) -> Self {
        change(&mut self.options);
        self
    }

    /// A variable of the command. It may be called several times.
    #[doc(alias = "invoke.run(env=)")]
    pub fn env(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.set(|options| {
            let (name, value) = (name.into(), value.into());
            let env = options.env.get_or_insert_with(Vec::new);
            match env.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = value,
                None => env.push((name, value)),
            }
        })
    }

    /// Several variables.
    pub fn envs<N: Into<String>, V: Into<String>>(self, env: impl IntoIterator<Item = (N, V)>) -> Self {
        env.into_iter().fold(self, |run, (name, value)| run.env(name, value))
    }

    /// Whether the variables are the whole environment of a local command. Remote commands get theirs from the server. Default: false.
    #[doc(alias = "invoke.run(replace_env=)")]
    pub fn replace_env(self, replace: bool) -> Self {
        self.set(|options| options.replace_env = Some(replace))
    }

    /// What standard input is: text, bytes, [`In::reader`], [`In::Stdin`]. Default: empty.
    #[doc(alias = "invoke.run(in_stream=)")]
    pub fn in_stream(self, input: impl Into<In>) -> Self {
        self.set(|options| options.in_stream = Some(input.into()))
    }

    /// A watcher more. Those of the configuration no longer apply.
    #[doc(alias = "invoke.run(watchers=)")]
    pub fn watcher(self, watcher: impl StreamWatcher + 'static) -> Self {
        self.set(|options| options.watchers.get_or_insert_with(Vec::new).push(Arc::new(watcher)))
    }

    /// How output becomes text, by Python's name of the encoding. Default: UTF-8; what is not valid becomes U+FFFD.
    #[doc(alias = "invoke.run(encoding=)")]
    pub fn encoding(self, encoding: impl Into<String>) -> Self {
        self.set(|options| options.encoding = Some(encoding.into()))
    }
}

/// The options of commands.
impl<W: Command, K> Run<W, K> {
    /// Which streams are not copied to the local terminal: `true`, [`Hide::Both`], [`Hide::Out`]. Default: none.
    #[doc(alias = "invoke.run(hide=)")]
    pub fn hide(self, hide: impl Into<Hide>) -> Self {
        self.set(|options| options.hide = Some(hide.into()))
    }

    /// Whether a status other than 0 is accepted. Default: false, it is an error.
    #[doc(alias = "invoke.run(warn=)")]
    pub fn warn(self, warn: bool) -> Self {
        self.set(|options| options.warn = Some(warn))
    }

    /// Whether the command has a terminal. Its errors are then part of its output. Default: false.
    #[doc(alias = "invoke.run(pty=)")]
    pub fn pty(self, pty: bool) -> Self {
        self.set(|options| options.pty = Some(pty))
    }

    /// Whether a local command for which there is no terminal runs without one. Default: true.
    #[doc(alias = "invoke.run(fallback=)")]
    pub fn fallback(self, fallback: bool) -> Self {
        self.set(|options| options.fallback = Some(fallback))
    }

    /// The shell of a local command. Remote ones are run by the user's login shell. Default: `/bin/bash`.
    #[doc(alias = "invoke.run(shell=)")]
    pub fn shell(self, shell: impl Into<String>) -> Self {
        self.set(|options| options.shell = Some(shell.into()))
    }

    /// Whether the command is printed first. Default: false.
    #[doc(alias = "invoke.run(echo=)")]
    pub fn echo(self, echo: bool) -> Self {
        self.set(|options| options.echo = Some(echo))
    }

    /// How it is printed; `{command}` is the command. Default: bold.
    #[doc(alias = "invoke.run(echo_format=)")]
    pub fn echo_format(self, format: impl Into<String>) -> Self {
        self.set(|options| options.echo_format = Some(format.into()))
    }

    /// Whether what is read from `in_stream` is copied to standard output. Default: false; a terminal does so itself.
    #[doc(alias = "invoke.run(echo_stdin=)")]
    pub fn echo_stdin(self, echo: bool) -> Self {
        self.set(|options| options.echo_stdin = Some(echo))
    }

    /// Where standard output is copied, [`Out::writer`] or [`Out::shared`]; `hide` does not hide it there.
    #[doc(alias = "invoke.run(out_stream=)")]
    pub fn out_stream(self, out: Out) -> Self {
        self.set(|options| options.out_stream = Some(out))
    }

    /// Where standard error is copied.
    #[doc(alias = "invoke.run(err_stream=)")]
    pub fn err_stream(self, err: Out) -> Self {
        self.set(|options| options.err_stream = Some(err))
    }

    /// The deadline; `None` lifts it. Default: the configuration's `timeouts.command`, then one hour. When it comes, the command is killed
    /// with all that it has started, as far as the machine can find it.
    ///
    /// DIFFERENCE: Python has no deadline by default, and closes the channel of a remote command, which goes on.
    #[doc(alias = "invoke.run(timeout=)")]
    pub fn timeout(self, timeout: impl Into<TimeLimit>) -> Self {
        self.set(|options| options.timeout = Some(timeout.into().into()))
    }

    /// Whether the command is only printed: the result is empty and its status 0. Default: false.
    #[doc(alias = "invoke.run(dry=)")]
    pub fn dry(self, dry: bool) -> Self {
        self.set(|options| options.dry = Some(dry))
    }
}

impl<W: Command + Single> Run<W, Finished> {
    /// Starts the command and gives a [`Promise`](super::Promise) of its result. Nothing is shown, and there is no standard input unless
    /// [`in_stream`](Run::in_stream) is set.
    #[doc(alias = "invoke.run(asynchronous=)")]
    pub fn asynchronous(self) -> Run<W, Promised> {
        Run { what: self.what, options: self.options, kind: PhantomData }
    }

    /// Starts the command and leaves it alone: neither its output nor its status is looked at.
    #[doc(alias = "invoke.run(disown=)")]
    pub fn disown(self) -> Run<W, Disowned> {
        Run { what: self.what, options: self.options, kind: PhantomData }
    }
}

impl<K> Run<SudoCommand, K> {
    /// The password. Default: the configuration's `sudo.password`. If sudo asks and there is none, the command fails.
    #[doc(alias = "invoke.sudo(password=)")]
    pub fn password(mut self, password: impl Into<Secret>) -> Self {
        self.what.password = Some(password.into());
        self
    }

    /// The user to become, with their home directory. Default: the configuration's `sudo.user`, then root.
    #[doc(alias = "invoke.sudo(user=)")]
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.what.user = Some(user.into());
        self
    }
}
