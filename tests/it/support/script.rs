//! An HTTP server in process that gives answers in a row, whatever it is asked, and keeps what it was asked.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

#[derive(Clone)]
pub struct Script {
    pub url: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    answers: VecDeque<(u16, String)>,
    /// Query and body of each request, in one.
    asked: Vec<String>,
}

impl Script {
    pub fn start() -> Script {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let script = Script { url: format!("http://{}", listener.local_addr().unwrap()), state: Arc::default() };
        let state = script.state.clone();
        thread::spawn(move || {
            for peer in listener.incoming() {
                let state = state.clone();
                thread::spawn(move || serve(peer.unwrap(), &state));
            }
        });
        script
    }

    /// These answers from now on; beyond them it is 410.
    pub fn play(&self, answers: impl IntoIterator<Item = (u16, String)>) {
        *self.state.lock().unwrap() = State { answers: answers.into_iter().collect(), asked: Vec::new() };
    }

    pub fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }
}

/// Until the peer goes; None ends it.
fn serve(stream: TcpStream, state: &Mutex<State>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut writer = stream;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let (head, target) = (line.starts_with("HEAD "), line.split(' ').nth(1)?.to_owned());
        let mut length = 0;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).ok()?;
            let header = header.trim_end().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let query = target.split_once('?').map_or("", |(_, query)| query);
        let (status, text) = {
            let mut state = state.lock().unwrap();
            state.asked.push(format!("{query}&{}", String::from_utf8_lossy(&body)));
            state.answers.pop_front().unwrap_or((410, String::new()))
        };
        let text = if head { String::new() } else { text };
        let answer = format!("HTTP/1.1 {status} x\r\ncontent-type: text/xml\r\ncontent-length: {}\r\n\r\n{text}", text.len());
        writer.write_all(answer.as_bytes()).ok()?;
    }
}
