//! A server on the loopback interface that sends bytes, whatever they are.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

/// A server. One case runs at a time.
pub struct Peer {
    port: OnceLock<u16>,
    reads: bool,
    bytes: Mutex<Vec<u8>>,
}

impl Peer {
    /// A server that sends at once, as SMTP's does.
    pub const fn speaks_first() -> Peer {
        Peer { port: OnceLock::new(), reads: false, bytes: Mutex::new(Vec::new()) }
    }

    /// A server that waits for a request, as HTTP's does.
    pub const fn answers() -> Peer {
        Peer { port: OnceLock::new(), reads: true, bytes: Mutex::new(Vec::new()) }
    }

    /// Sets what every client is sent. Returns the port.
    pub fn serve(&'static self, bytes: &[u8]) -> u16 {
        *self.bytes.lock().unwrap_or_else(PoisonError::into_inner) = bytes.to_vec();
        *self.port.get_or_init(|| {
            let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port of the loopback interface");
            let port = listener.local_addr().expect("a listener has an address").port();
            thread::spawn(move || {
                for client in listener.incoming().flatten() {
                    // The client may go away at any time.
                    let _ = self.answer(client);
                }
            });
            port
        })
    }

    fn answer(&self, mut client: TcpStream) -> std::io::Result<()> {
        client.set_read_timeout(Some(Duration::from_secs(2)))?;
        let mut request = Vec::new();
        let mut piece = [0; 4096];
        while self.reads && !request.windows(4).any(|end| end == b"\r\n\r\n") {
            match client.read(&mut piece)? {
                0 => break,
                read => request.extend_from_slice(&piece[..read]),
            }
        }
        let bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner).clone();
        client.write_all(&bytes)?;
        client.shutdown(Shutdown::Write)?;
        // What is unread when a socket closes resets the connection, and the client would lose the bytes.
        while client.read(&mut piece)? > 0 {}
        Ok(())
    }
}
