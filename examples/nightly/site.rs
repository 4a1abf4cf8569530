//! A small site on loopback, for a run without `--url`.
#![allow(clippy::disallowed_methods, reason = "this is the other end of the network, not the job")]

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

pub struct Site(SocketAddr);

impl Site {
    /// Serves until the process ends.
    pub fn serve() -> std::io::Result<Site> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                thread::spawn(move || drop(answer(&stream)));
            }
        });
        Ok(Site(address))
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.0)
    }
}

fn answer(mut stream: &TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let path = line.split_whitespace().nth(1).unwrap_or("/").to_owned();
        while line.trim() != "" {
            line.clear();
            reader.read_line(&mut line)?;
        }
        let (status, headers, body) = page(&path);
        // In one write: the second of several small ones would wait for the delayed acknowledgement of the first, 40 ms.
        let answer = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len());
        stream.write_all(answer.as_bytes())?;
    }
}

fn page(path: &str) -> (&'static str, &'static str, String) {
    const HTML: &str = "Content-Type: text/html; charset=utf-8\r\n";
    let html = |title: &str, body: &str| ("200 OK", HTML, format!("<!doctype html><title>{title}</title><h1>{title}</h1>{body}"));
    match path {
        "/" => html("Leyden jars", "<p><a href=/history>History</a> <a href=/shop/>Shop</a> <a href=/old>Old address</a>"),
        "/history" => html(
            "History",
            "<p>A jar holds a charge; a row of jars is a battery. <a href=/>Home</a> <a href=/history/1745>1745</a>",
        ),
        "/history/1745" => {
            html("1745", "<p>Kleist, then Musschenbroek. <a href=/history>Back</a> <a href=/kleist.txt>Letter</a>")
        }
        "/kleist.txt" => ("200 OK", "Content-Type: text/plain\r\n", "There was a spark.\n".to_owned()),
        "/shop/" => html("Shop", "<p><a href=jars>Jars</a> <a href=chains>Chains</a> <a href=https://example.com/>Elsewhere</a>"),
        "/shop/jars" => html("Jars", "<p>Glass, foil, water. <a href=/shop/>Back</a>"),
        "/shop/chains" => html("Chains", "<p>TODO. <a href=/shop/rods>Rods</a>"),
        "/old" => ("301 Moved Permanently", "Location: /history\r\n", String::new()),
        _ => ("404 Not Found", HTML, "<!doctype html><title>Not found</title>".to_owned()),
    }
}
