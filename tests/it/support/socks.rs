//! A SOCKS5 proxy in process, on port 0: connects to where it is told, or to where a test says, and keeps a log.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What a client asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// A name or an address, as the client gave it.
    pub host: String,
    pub port: u16,
    pub login: Option<(String, String)>,
}

/// The proxy. It lives as long as the process.
pub struct Socks {
    pub port: u16,
    log: Arc<Mutex<Vec<Asked>>>,
}

impl Socks {
    /// Connects names to this machine. With a login, nobody else gets in.
    pub fn start(login: Option<(&'static str, &'static str)>) -> Socks {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let socks = Socks { port: listener.local_addr().unwrap().port(), log: Arc::default() };
        let log = socks.log.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let log = log.clone();
                thread::spawn(move || serve(client, login, &log));
            }
        });
        socks
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.log.lock().unwrap().clone()
    }
}

fn take<const N: usize>(from: &mut TcpStream) -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn text(from: &mut TcpStream) -> std::io::Result<String> {
    let [length] = take(from)?;
    let mut bytes = vec![0; length.into()];
    from.read_exact(&mut bytes)?;
    Ok(String::from_utf8(bytes).unwrap())
}

/// RFC 1928 and, for the login, RFC 1929.
fn serve(mut client: TcpStream, login: Option<(&str, &str)>, log: &Mutex<Vec<Asked>>) -> std::io::Result<()> {
    let [5, methods] = take(&mut client)? else { return Ok(()) };
    let mut offered = vec![0; methods.into()];
    client.read_exact(&mut offered)?;
    let method = if login.is_some() { 2 } else { 0 };
    if !offered.contains(&method) {
        return client.write_all(&[5, 0xff]);
    }
    client.write_all(&[5, method])?;
    let mut given = None;
    if let Some((user, password)) = login {
        let [1] = take(&mut client)? else { return Ok(()) };
        let own = (text(&mut client)?, text(&mut client)?);
        let wrong = own != (user.to_owned(), password.to_owned());
        client.write_all(&[1, wrong.into()])?;
        if wrong {
            return Ok(());
        }
        given = Some(own);
    }
    let [5, 1, 0, kind] = take(&mut client)? else { return client.write_all(&[5, 7, 0, 1, 0, 0, 0, 0, 0, 0]) };
    let host = match kind {
        1 => Ipv4Addr::from(take::<4>(&mut client)?).to_string(),
        3 => text(&mut client)?,
        _ => return client.write_all(&[5, 8, 0, 1, 0, 0, 0, 0, 0, 0]),
    };
    let port = u16::from_be_bytes(take(&mut client)?);
    log.lock().unwrap().push(Asked { host: host.clone(), port, login: given });
    // Every name is this machine: none of them need exist.
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else {
        return client.write_all(&[5, 5, 0, 1, 0, 0, 0, 0, 0, 0]);
    };
    client.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 0])?;
    let (mut back, mut to) = (server.try_clone()?, client.try_clone()?);
    thread::spawn(move || std::io::copy(&mut back, &mut to));
    let mut server = server;
    std::io::copy(&mut client, &mut server).map(drop)
}
