//! sudo of a host in memory.

use super::super::error::Result;
use super::builtins::Output;
use super::shell::{Action, Shell};
use crate::Secret;
use crate::os::shlex;

/// What a user may do.
#[derive(Clone, Debug)]
pub(super) enum Sudoer {
    NoPassword,
    Password(Secret),
    Denied,
}

/// sudo asks for a password and then runs a command.
pub(super) struct Question {
    pub(super) prompt: String,
    pub(super) password: Secret,
    pub(super) shell: Box<Shell>,
    pub(super) command: String,
    pub(super) tries: u32,
}

/// `sudo -S -p prompt --preserve-env=A,B -H -u user -n -- command ..`.
pub(super) fn start(shell: &Shell, _line: &str, args: &[&str]) -> Result<Action> {
    let (mut prompt, mut user, mut keep, mut ask) =
        (format!("[sudo] password for {}: ", shell.user), "root".to_owned(), Vec::new(), true);
    let mut rest = args;
    loop {
        match rest {
            ["-S" | "-H" | "-i" | "-E", tail @ ..] => rest = tail,
            ["-n", tail @ ..] => {
                ask = false;
                rest = tail;
            }
            ["-p", text, tail @ ..] => {
                prompt = (*text).to_owned();
                rest = tail;
            }
            ["-u", name, tail @ ..] => {
                user = (*name).to_owned();
                rest = tail;
            }
            ["--", tail @ ..] => {
                rest = tail;
                break;
            }
            [option, tail @ ..] if option.starts_with("--preserve-env=") => {
                keep.extend(option["--preserve-env=".len()..].split(',').map(str::to_owned));
                rest = tail;
            }
            [option, ..] if option.starts_with('-') => {
                return Ok(Action::Done(Output::failed(1, format!("sudo: unrecognized option '{option}'\n"))));
            }
            _ => break,
        }
    }
    if rest.is_empty() {
        return Ok(Action::Done(Output::failed(1, "usage: sudo -h | -K | -k | -V\n".to_owned())));
    }
    let command = shlex::join(rest).map_err(|error| super::super::error::Error::Value(error.to_string()))?;
    if shell.host.account(&user).is_none() {
        let text = format!("sudo: unknown user {user}\nsudo: error initializing audit plugin sudoers_audit\n");
        return Ok(Action::Done(Output::failed(1, text)));
    }
    let inner = Box::new(shell.become_user(&user, &keep));
    match shell.host.sudoer(&shell.user) {
        _ if shell.user == "root" => Ok(Action::Nested(inner, command)),
        Sudoer::NoPassword => Ok(Action::Nested(inner, command)),
        Sudoer::Denied => Ok(Action::Done(Output::failed(1, format!("{} is not in the sudoers file.\n", shell.user)))),
        Sudoer::Password(_) if !ask => Ok(Action::Done(Output::failed(1, "sudo: a password is required\n".to_owned()))),
        Sudoer::Password(password) => Ok(Action::Sudo(Question { prompt, password, shell: inner, command, tries: 0 })),
    }
}
