//! A mail server without a network: bytes in, bytes out.

mod auth;

use std::collections::VecDeque;
use std::time::Duration;

use super::{Behaviour, Envelope, Planned};
use crate::smtplib::Reply;

/// The destination of mails.
pub(in crate::smtplib) trait Deliver {
    /// Accepts a mail, and returns the server's reply.
    fn deliver(&mut self, mail: Envelope) -> Reply;
}

impl Deliver for Vec<Envelope> {
    fn deliver(&mut self, mail: Envelope) -> Reply {
        self.push(mail);
        Reply::new(250, "OK")
    }
}

/// The session of one client.
#[derive(Debug)]
pub(in crate::smtplib) struct Conversation {
    input: Vec<u8>,
    pub(in crate::smtplib) output: Vec<u8>,
    stage: Stage,
    greeted: bool,
    lmtp: bool,
    pub(in crate::smtplib) encrypted: bool,
    user: Option<String>,
    envelope: Option<Envelope>,
    /// The chunks received by BDAT so far.
    chunks: Vec<u8>,
    /// Whether STARTTLS was accepted: the handshake comes next.
    pub(in crate::smtplib) handshake: bool,
    pub(in crate::smtplib) closed: bool,
    /// The time that the client must wait for the output.
    pub(in crate::smtplib) delay: Duration,
}

#[derive(Debug)]
enum Stage {
    Command,
    Data,
    /// BDAT, with the number of bytes still to come, and whether it is the last chunk.
    Chunk {
        left: usize,
        last: bool,
    },
    /// AUTH, with the challenges and answers so far.
    Auth {
        mechanism: String,
        answers: Vec<Vec<u8>>,
    },
}

impl Conversation {
    pub(in crate::smtplib) fn new(behaviour: &mut Behaviour, encrypted: bool) -> Conversation {
        let mut conversation = Conversation {
            input: Vec::new(),
            output: Vec::new(),
            stage: Stage::Command,
            greeted: false,
            lmtp: false,
            encrypted,
            user: None,
            envelope: None,
            chunks: Vec::new(),
            handshake: false,
            closed: false,
            delay: Duration::ZERO,
        };
        let greeting = format!("{} ESMTP leyden mock", behaviour.hostname);
        conversation.answer_planned(behaviour, "connect", |_| Reply::new(220, greeting));
        conversation
    }

    /// Processes input from the client and replies to each complete command.
    pub(in crate::smtplib) fn feed(&mut self, behaviour: &mut Behaviour, outbox: &mut dyn Deliver, bytes: &[u8]) {
        self.input.extend_from_slice(bytes);
        while !self.closed && !self.handshake {
            if let Stage::Chunk { left, last } = self.stage {
                if self.input.len() < left {
                    return;
                }
                self.chunks.extend(self.input.drain(..left));
                self.chunk(behaviour, outbox, last);
                continue;
            }
            let (end, skip): (&[u8], usize) = if matches!(self.stage, Stage::Data) { (b"\r\n.\r\n", 2) } else { (b"\r\n", 0) };
            // An empty message consists of the dot alone.
            let empty = matches!(self.stage, Stage::Data) && self.input.starts_with(b".\r\n");
            let Some(at) = (if empty { Some(0) } else { find(&self.input, end) }) else { return };
            let taken: Vec<u8> = self.input.drain(..if empty { 3 } else { at + end.len() }).collect();
            let text = &taken[..if empty { 0 } else { at + skip }];
            match &self.stage {
                Stage::Data => {
                    let undotted =
                        text.split_inclusive(|byte| *byte == b'\n').flat_map(|line| line.strip_prefix(b".").unwrap_or(line));
                    let text: Vec<u8> = undotted.copied().collect();
                    self.message(behaviour, outbox, text);
                }
                Stage::Chunk { .. } => {}
                Stage::Auth { .. } => self.answer_to_challenge(behaviour, text),
                Stage::Command => self.command(behaviour, text),
            }
        }
    }

    /// Describes the data for the log of calls: the verb with its argument, without passwords and
    /// messages.
    pub(in crate::smtplib) fn subject(&self, bytes: &[u8]) -> String {
        match self.stage {
            Stage::Data | Stage::Chunk { .. } => format!("{} bytes of message", bytes.len()),
            Stage::Auth { .. } => "***".into(),
            Stage::Command => {
                let line = String::from_utf8_lossy(bytes.split(|byte| *byte == b'\r').next().unwrap_or_default()).into_owned();
                let words: Vec<&str> = line.splitn(3, ' ').collect();
                match words[..] {
                    [verb, mechanism, _] if verb.eq_ignore_ascii_case("auth") => format!("{verb} {mechanism} ***"),
                    _ => line,
                }
            }
        }
    }

    /// After the handshake all state is discarded (RFC 3207).
    pub(in crate::smtplib) fn restart_encrypted(&mut self) {
        self.handshake = false;
        self.encrypted = true;
        self.greeted = false;
        self.user = None;
        self.envelope = None;
        self.input.clear();
    }

    fn say(&mut self, reply: &Reply) {
        let lines: Vec<&[u8]> = reply.message.split(|byte| *byte == b'\n').collect();
        for (number, line) in lines.iter().enumerate() {
            let mark = if number + 1 < lines.len() { '-' } else { ' ' };
            self.output.extend_from_slice(format!("{}{mark}", reply.code).as_bytes());
            self.output.extend_from_slice(line);
            self.output.extend_from_slice(b"\r\n");
        }
    }

    /// How many answers the server has just given to a mail: LMTP's has one for each recipient.
    #[cfg(feature = "lettre")]
    pub(in crate::smtplib) fn answers_to_a_mail(&self, mail: &Envelope) -> usize {
        if self.lmtp { mail.rcpt_to.len() } else { 1 }
    }

    /// Puts this reply in the place of the last answers, each of which has one line.
    #[cfg(feature = "lettre")]
    pub(in crate::smtplib) fn answer_instead(&mut self, answers: usize, reply: &Reply) {
        let mut lines: Vec<&[u8]> = self.output.split_inclusive(|byte| *byte == b'\n').collect();
        lines.truncate(lines.len().saturating_sub(answers));
        self.output = lines.concat();
        for _ in 0..answers {
            self.say(reply);
        }
    }

    /// Replies as the test has planned for this verb, or as a server would.
    fn answer_planned(&mut self, behaviour: &mut Behaviour, verb: &str, usual: impl FnOnce(&mut Conversation) -> Reply) -> i32 {
        let planned = behaviour.take(verb);
        let reply = match planned {
            None => usual(self),
            Some(Planned::Reply(reply, delay)) => {
                self.delay += delay;
                reply
            }
            Some(Planned::Hangup) => {
                self.closed = true;
                return 0;
            }
            Some(Planned::Raw(bytes)) => {
                self.output.extend_from_slice(&bytes);
                return 0;
            }
        };
        self.say(&reply);
        if reply.code == 421 {
            self.closed = true;
        }
        reply.code
    }

    fn command(&mut self, behaviour: &mut Behaviour, line: &[u8]) {
        let line = String::from_utf8_lossy(line).into_owned();
        let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
        let verb = verb.to_ascii_lowercase();
        let rest = rest.trim();
        match verb.as_str() {
            "ehlo" | "lhlo" if !behaviour.extensions.is_empty() || verb == "lhlo" => {
                self.lmtp = verb == "lhlo";
                self.greet(behaviour, &verb, true);
            }
            "helo" => self.greet(behaviour, &verb, false),
            "mail" => self.mail(behaviour, rest),
            "rcpt" => self.rcpt(behaviour, rest),
            "data" => {
                let ready = self.envelope.as_ref().is_some_and(|envelope| !envelope.rcpt_to.is_empty());
                let code = self.answer_planned(behaviour, "data", |_| match ready {
                    true => Reply::new(354, "End data with <CR><LF>.<CR><LF>"),
                    false => Reply::new(503, "Error: need RCPT command"),
                });
                if code == 354 {
                    self.stage = Stage::Data;
                }
            }
            "bdat" if behaviour.offers("chunking", self.encrypted) => {
                let (size, last) = rest.split_once(' ').unwrap_or((rest, ""));
                match size.parse() {
                    Ok(left) => self.stage = Stage::Chunk { left, last: last.eq_ignore_ascii_case("last") },
                    Err(_) => self.say(&Reply::new(501, "Syntax: BDAT size [LAST]")),
                }
            }
            "auth" => self.auth(behaviour, rest),
            "starttls" => {
                let offered = behaviour.offers("starttls", self.encrypted);
                let code = self.answer_planned(behaviour, "starttls", |_| match offered {
                    true => Reply::new(220, "Ready to start TLS"),
                    false => Reply::new(454, "TLS not available"),
                });
                self.handshake = code == 220;
            }
            "rset" => {
                self.answer_planned(behaviour, "rset", |this| {
                    this.envelope = None;
                    Reply::new(250, "OK")
                });
            }
            "quit" => {
                self.answer_planned(behaviour, "quit", |_| Reply::new(221, "Bye"));
                self.closed = true;
            }
            _ => {
                let known = behaviour.mailboxes.as_ref().map(|known| known.contains(&rest.trim_matches(['<', '>']).to_owned()));
                self.answer_planned(behaviour, &verb, |_| match verb.as_str() {
                    "noop" => Reply::new(250, "OK"),
                    "help" => {
                        Reply::new(250, "Supported commands: AUTH DATA EHLO HELO HELP MAIL NOOP QUIT RCPT RSET STARTTLS VRFY")
                    }
                    "vrfy" if known == Some(true) => Reply::new(250, format!("<{rest}>")),
                    "vrfy" if known == Some(false) => Reply::new(550, "No such user"),
                    "vrfy" => Reply::new(252, "Cannot VRFY user, but will accept message and attempt delivery"),
                    "expn" => Reply::new(502, "EXPN not implemented"),
                    _ => Reply::new(500, format!("Error: command \"{}\" not recognized", verb.to_uppercase())),
                });
            }
        }
    }

    fn greet(&mut self, behaviour: &mut Behaviour, verb: &str, extended: bool) {
        let mut text = behaviour.hostname.clone();
        if extended {
            for (name, parameters) in behaviour.offered(self.encrypted) {
                text.push('\n');
                text.push_str(&name);
                if !parameters.is_empty() {
                    text.push(' ');
                    text.push_str(&parameters);
                }
            }
        }
        let code = self.answer_planned(behaviour, verb, |_| Reply::new(250, text));
        self.greeted |= code == 250;
        self.envelope = None;
    }

    fn mail(&mut self, behaviour: &mut Behaviour, rest: &str) {
        let (address, options) = path(rest, "from:");
        let size = options.iter().find_map(|option| option.to_ascii_lowercase().strip_prefix("size=")?.parse::<u64>().ok());
        let too_big = behaviour.size_limit.is_some_and(|limit| size.is_some_and(|size| size > limit));
        let needs_login = behaviour.login_required && self.user.is_none();
        let envelope = Envelope {
            mail_from: address.clone().unwrap_or_default(),
            rcpt_to: Vec::new(),
            mail_options: options,
            rcpt_options: Vec::new(),
            data: Vec::new(),
            encrypted: self.encrypted,
            user: self.user.clone(),
        };
        self.answer_planned(behaviour, "mail", |this| {
            if !this.greeted {
                return Reply::new(503, "Error: send HELO first");
            }
            if this.envelope.is_some() {
                return Reply::new(503, "Error: nested MAIL command");
            }
            if needs_login {
                return Reply::new(530, "5.7.0 Authentication required");
            }
            if address.is_none() {
                return Reply::new(501, "Syntax: MAIL FROM: <address>");
            }
            if too_big {
                return Reply::new(552, "Error: message size exceeds fixed maximum message size");
            }
            this.envelope = Some(envelope);
            Reply::new(250, "OK")
        });
    }

    fn rcpt(&mut self, behaviour: &mut Behaviour, rest: &str) {
        let (address, options) = path(rest, "to:");
        let refusal = address.as_deref().and_then(|address| behaviour.refusal(address));
        self.answer_planned(behaviour, "rcpt", |this| {
            let Some(envelope) = &mut this.envelope else { return Reply::new(503, "Error: need MAIL command") };
            let Some(address) = address else { return Reply::new(501, "Syntax: RCPT TO: <address>") };
            if let Some(refusal) = refusal {
                return refusal;
            }
            envelope.rcpt_to.push(address);
            envelope.rcpt_options.push(options);
            Reply::new(250, "OK")
        });
    }

    /// Handles a complete chunk (RFC 3030).
    fn chunk(&mut self, behaviour: &mut Behaviour, outbox: &mut dyn Deliver, last: bool) {
        self.stage = Stage::Command;
        if self.envelope.as_ref().is_none_or(|envelope| envelope.rcpt_to.is_empty()) {
            self.chunks.clear();
            self.say(&Reply::new(503, "Error: need RCPT command"));
        } else if last {
            let text = std::mem::take(&mut self.chunks);
            self.message(behaviour, outbox, text);
        } else {
            let reply = Reply::new(250, format!("{} octets received", self.chunks.len()));
            self.say(&reply);
        }
    }

    fn message(&mut self, behaviour: &mut Behaviour, outbox: &mut dyn Deliver, text: Vec<u8>) {
        self.stage = Stage::Command;
        let Some(mut envelope) = self.envelope.take().filter(|envelope| !envelope.rcpt_to.is_empty()) else {
            return self.say(&Reply::new(554, "Error: no valid recipients"));
        };
        envelope.data = text;
        let too_big = behaviour.size_limit.is_some_and(|limit| envelope.data.len() as u64 > limit);
        // LMTP replies for each recipient.
        let recipients = if self.lmtp { envelope.rcpt_to.clone() } else { vec![String::new()] };
        let taken = |this: &mut Conversation, reply: Reply| recipients.iter().for_each(|_| this.say(&reply));
        match (too_big, behaviour.plans("message")) {
            (true, false) => return taken(self, Reply::new(552, "Error: Too much mail data")),
            (false, false) => return taken(self, outbox.deliver(envelope)),
            _ => {}
        }
        // Planned replies decide which recipients get it.
        let mut delivered = Vec::new();
        for recipient in recipients {
            let code = self.answer_planned(behaviour, "message", |_| match too_big {
                true => Reply::new(552, "Error: Too much mail data"),
                false => Reply::new(250, "OK"),
            });
            if code == 250 {
                delivered.push(recipient);
            }
        }
        if !delivered.is_empty() {
            if self.lmtp {
                envelope.rcpt_to = delivered;
            }
            outbox.deliver(envelope);
        }
    }
}

/// Splits `FROM:<a@b> SIZE=1` into the address and the options.
fn path(text: &str, prefix: &str) -> (Option<String>, Vec<String>) {
    let Some(rest) =
        text.get(..prefix.len()).filter(|start| start.eq_ignore_ascii_case(prefix)).map(|_| text[prefix.len()..].trim())
    else {
        return (None, Vec::new());
    };
    let Some((address, options)) = rest.strip_prefix('<').and_then(|rest| rest.split_once('>')) else {
        return (None, Vec::new());
    };
    (Some(address.to_owned()), options.split_whitespace().map(Into::into).collect())
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    memchr::memmem::find(haystack, needle)
}

/// Takes the oldest planned reply for a verb.
pub(super) fn take(planned: &mut VecDeque<(String, Planned)>, verb: &str) -> Option<Planned> {
    let at = planned.iter().position(|(wanted, _)| wanted == verb)?;
    planned.remove(at).map(|(_, planned)| planned)
}
