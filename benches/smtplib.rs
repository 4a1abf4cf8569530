//! smtplib against raw lettre and Python's smtplib: small mails over one connection, a large attachment, memory.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stdout)]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use criterion::Criterion;
use lettre::Transport as _;
use leyden::prelude::*;
use leyden::smtplib::Smtp;
use leyden::smtplib::email::{Content, EmailMessage};

const MAILS: usize = 1000;
const LARGE: usize = 20 << 20;

/// A server that takes everything, on a thread for each connection: the same for everybody. Gives its port.
fn serve(extensions: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || answer(stream, extensions));
        }
    });
    port
}

fn answer(stream: TcpStream, extensions: &str) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut out = stream.try_clone()?;
    let mut stream = BufReader::with_capacity(256 << 10, stream);
    let mut replies = b"220 bench\r\n".to_vec();
    let mut line = Vec::new();
    loop {
        // What came in one packet is answered in one. Acknowledging at once spares lettre 40 ms a mail: it sends the end of a message by itself, with Nagle's algorithm on.
        if stream.buffer().is_empty() {
            out.write_all(&std::mem::take(&mut replies))?;
            rustix::net::sockopt::set_tcp_quickack(&out, true)?;
        }
        line.clear();
        if stream.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        match &line.to_ascii_lowercase()[..4] {
            b"ehlo" => replies.extend_from_slice(format!("250-bench\r\n{extensions}250 8BITMIME\r\n").as_bytes()),
            b"data" => {
                replies.extend_from_slice(b"354 go on\r\n");
                out.write_all(&std::mem::take(&mut replies))?;
                while line != b".\r\n" {
                    if stream.buffer().is_empty() {
                        rustix::net::sockopt::set_tcp_quickack(&out, true)?;
                    }
                    line.clear();
                    stream.read_until(b'\n', &mut line)?;
                }
                replies.extend_from_slice(b"250 taken\r\n");
            }
            b"bdat" => {
                let size = String::from_utf8_lossy(&line).split(' ').nth(1).unwrap().parse().unwrap();
                std::io::copy(&mut stream.by_ref().take(size), &mut std::io::sink())?;
                replies.extend_from_slice(b"250 taken\r\n");
            }
            b"quit" => return out.write_all(b"221 bye\r\n"),
            _ => replies.extend_from_slice(b"250 fine\r\n"),
        }
    }
}

fn connect(port: u16) -> Smtp {
    Batteries::included().smtplib.smtp("127.0.0.1", port).local_hostname("client.example").wait().unwrap()
}

/// lettre with one connection, as fast as it can: no pool between, no checks.
fn lettre(port: u16) -> lettre::SmtpTransport {
    let pool = lettre::transport::smtp::PoolConfig::new().max_size(1);
    lettre::SmtpTransport::builder_dangerous("127.0.0.1").port(port).pool_config(pool).build()
}

fn lettre_message() -> lettre::Message {
    let message = lettre::Message::builder().from("ann@example.com".parse().unwrap()).to("bob@example.org".parse().unwrap());
    message.subject("disk full").body("97 % of / is in use.\r\n".to_owned()).unwrap()
}

fn message() -> EmailMessage {
    let mut message = EmailMessage::new();
    message.set("From", "ann@example.com").unwrap().set("To", "bob@example.org").unwrap();
    message.set("Subject", "disk full").unwrap().set_content("97 % of / is in use.\n").unwrap();
    message
}

/// Composes a mail with this attachment and sends it.
fn send_large(smtp: &Smtp, data: Vec<u8>) {
    let mut message = message();
    message.add_attachment(Content::bytes(data, "application", "octet-stream").filename("data.bin")).unwrap();
    assert!(smtp.send_message(&message).wait().unwrap().is_empty());
}

/// The most memory that this process ever had, in KiB.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn main() {
    let plain = serve("");
    let pipelining = serve("250-PIPELINING\r\n250-SIZE 99999999\r\n");
    let chunking = serve("250-PIPELINING\r\n250-CHUNKING\r\n250-SIZE 99999999\r\n");

    // Memory first: the peak never falls. The attachment itself counts.
    let smtp = connect(pipelining);
    send_large(&smtp, vec![b'x'; 1 << 10]);
    let before = peak();
    send_large(&smtp, (0..LARGE).map(|number| (number * 31 >> 3) as u8).collect());
    let memory = (peak() - before) as f64 / (LARGE >> 10) as f64;
    println!("RATIO | memory for an attachment of 20 MiB | {memory:.2}x its size");

    let mut criterion = Criterion::default()
        .configure_from_args()
        .sample_size(10)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3));
    let mut python = support::Python::start();
    let compose = "
import smtplib
from email.message import EmailMessage
def message():
    m = EmailMessage()
    m['From'] = 'ann@example.com'
    m['To'] = 'bob@example.org'
    m['Subject'] = 'disk full'
    m.set_content('97 % of / is in use.\\n')
    return m
m = message()
";
    for (name, port) in [("plain", plain), ("pipelining", pipelining), ("chunking", chunking)] {
        let (smtp, message) = (connect(port), message());
        let (transport, lettre_message) = (lettre(port), lettre_message());
        let setup = format!("{compose}\ns = smtplib.SMTP('127.0.0.1', {port}, 'client.example')\n");
        support::compare(
            &mut criterion,
            &mut python,
            &format!("smtplib 1000 mails {name}"),
            || (0..MAILS).for_each(|_| drop(smtp.send_message(&message).wait().unwrap())),
            Some(&mut || (0..MAILS).for_each(|_| drop(transport.send(&lettre_message).unwrap()))),
            (&setup, "for _ in range(1000): s.send_message(m)"),
        );
    }

    let data: Vec<u8> = (0..LARGE).map(|number| (number * 31 >> 3) as u8).collect();
    let (smtp, transport) = (connect(pipelining), lettre(pipelining));
    support::compare(
        &mut criterion,
        &mut python,
        "smtplib 20 MiB attachment",
        || send_large(&smtp, data.clone()),
        Some(&mut || {
            let kind = "application/octet-stream".parse().unwrap();
            let attachment = lettre::message::Attachment::new("data.bin".to_owned()).body(data.clone(), kind);
            let text = lettre::message::SinglePart::plain("97 % of / is in use.\r\n".to_owned());
            let message =
                lettre::Message::builder().from("ann@example.com".parse().unwrap()).to("bob@example.org".parse().unwrap());
            let parts = lettre::message::MultiPart::mixed().singlepart(text).singlepart(attachment);
            transport.send(&message.subject("disk full").multipart(parts).unwrap()).unwrap()
        }),
        (
            &format!(
                "{compose}\ns = smtplib.SMTP('127.0.0.1', {pipelining}, 'client.example')\nd = bytes((n * 31 >> 3) & 255 for n in range({LARGE}))\n"
            ),
            "x = message(); x.add_attachment(d, maintype='application', subtype='octet-stream', filename='data.bin'); s.send_message(x)",
        ),
    );
    criterion.final_summary();
}
