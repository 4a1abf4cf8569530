//! A mail server on a socket that answers as its script says: the same one as in `tests/oracle/smtp_wire.py`.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// An answer.
#[derive(Clone, Debug)]
pub enum Answer {
    Reply(i32, String),
    Raw(String),
    HangUp,
}

/// A server for one client on a port of its own.
pub struct Scripted {
    pub port: u16,
    wire: Arc<Mutex<Vec<String>>>,
    thread: JoinHandle<()>,
}

impl Scripted {
    /// Starts it. Each verb has its queue of answers, the last of which stays.
    pub fn start(replies: BTreeMap<String, VecDeque<Answer>>) -> Scripted {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let wire = Arc::new(Mutex::new(Vec::new()));
        let log = wire.clone();
        let thread = std::thread::spawn(move || {
            let (client, _) = listener.accept().unwrap();
            // A client that goes away in the middle is no mistake of the server's.
            let _ = serve(client, replies, &log);
        });
        Scripted { port, wire, thread }
    }

    /// What the client sent, line by line, once it has gone.
    pub fn finish(self) -> Vec<String> {
        self.thread.join().unwrap();
        std::mem::take(&mut self.wire.lock().unwrap())
    }
}

fn serve(
    mut client: TcpStream,
    mut replies: BTreeMap<String, VecDeque<Answer>>,
    wire: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    let mut stream = BufReader::new(client.try_clone()?);
    let mut read = || -> std::io::Result<String> {
        let mut line = Vec::new();
        stream.read_until(b'\n', &mut line)?;
        let line: String = line.iter().map(|byte| char::from(*byte)).collect();
        if !line.is_empty() {
            wire.lock().unwrap().push(line.clone());
        }
        Ok(line)
    };
    let mut answer = |verb: &str| {
        let queue = replies.entry(verb.to_owned()).or_insert_with(|| [Answer::Reply(500, "what?".into())].into());
        if queue.len() > 1 { queue.pop_front().unwrap() } else { queue[0].clone() }
    };
    let mut verb = "connect".to_owned();
    let mut reply = answer(&verb);
    loop {
        let code = match &reply {
            Answer::HangUp => return client.shutdown(Shutdown::Both),
            Answer::Raw(text) => {
                client.write_all(text.as_bytes())?;
                0
            }
            Answer::Reply(code, text) => {
                let lines: Vec<&str> = text.split('\n').collect();
                for (number, line) in lines.iter().enumerate() {
                    let mark = if number + 1 < lines.len() { '-' } else { ' ' };
                    client.write_all(format!("{code}{mark}{line}\r\n").as_bytes())?;
                }
                *code
            }
        };
        if verb == "data" && code == 354 {
            while !matches!(read()?.as_str(), "" | ".\r\n") {}
            verb = "message".into();
            reply = answer(&verb);
            continue;
        }
        if verb == "quit" || code == 421 {
            return Ok(());
        }
        let line = read()?;
        if line.is_empty() {
            return Ok(());
        }
        verb = if code == 334 { "answer".into() } else { line.split_whitespace().next().unwrap_or("").to_lowercase() };
        reply = answer(&verb);
    }
}
