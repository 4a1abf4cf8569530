//! An SSH server in this process: it runs commands by the machine's shell and serves SFTP from the machine's files.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use russh::keys::{Algorithm, PrivateKey};
use russh::server::{Auth, ChannelOpenHandle, Config, Handle, Handler, Msg, Session, run_stream};
use russh::{Channel, ChannelId, MethodKind, MethodSet, Sig};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap())
}

/// A server on a free port of loopback.
pub struct Sshd {
    pub port: u16,
    /// What a known_hosts file says of it.
    pub known_hosts: String,
    state: Arc<State>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct State {
    lines: Mutex<Vec<String>>,
    home: std::path::PathBuf,
}

impl Sshd {
    /// The user `test` logs in with the password `secret`; the directory is where commands run.
    pub fn start(home: &std::path::Path) -> Sshd {
        let key = PrivateKey::random(&mut russh::keys::key::safe_rng(), Algorithm::Ed25519).unwrap();
        let public = key.public_key().to_openssh().unwrap();
        let config = Arc::new(Config {
            keys: vec![key],
            methods: MethodSet::from(&[MethodKind::Password][..]),
            auth_rejection_time: Duration::from_millis(1),
            auth_rejection_time_initial: Some(Duration::ZERO),
            nodelay: true,
            ..Config::default()
        });
        let state = Arc::new(State { home: home.to_owned(), ..State::default() });
        let listener = runtime().block_on(TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))).unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = state.clone();
        let task = runtime().spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let _ = stream.set_nodelay(true);
                let (config, state) = (config.clone(), shared.clone());
                tokio::spawn(async move {
                    if let Ok(session) =
                        run_stream(config, stream, Peer { state, env: Vec::new(), input: Vec::new(), channels: Vec::new() }).await
                    {
                        let _ = session.await;
                    }
                });
            }
        });
        let known_hosts = format!("[127.0.0.1]:{port} {}\n", public.split_whitespace().take(2).collect::<Vec<_>>().join(" "));
        Sshd { port, known_hosts, state, task }
    }

    /// The command lines of all channels.
    pub fn lines(&self) -> Vec<String> {
        self.state.lines.lock().unwrap().clone()
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Peer {
    state: Arc<State>,
    env: Vec<(String, String)>,
    input: Vec<(ChannelId, std::sync::mpsc::Sender<Option<Vec<u8>>>, u32)>,
    channels: Vec<(ChannelId, Channel<Msg>)>,
}

impl Peer {
    /// Runs a line; threads copy its streams.
    fn run(&mut self, id: ChannelId, handle: Handle, line: &str) {
        self.state.lines.lock().unwrap().push(line.to_owned());
        let mut child = Command::new("/bin/bash")
            .args(["-c", line])
            .current_dir(&self.state.home)
            .env("HOME", &self.state.home)
            .envs(self.env.drain(..))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let (sender, receiver) = std::sync::mpsc::channel::<Option<Vec<u8>>>();
        self.input.push((id, sender, child.id()));
        let mut stdin = child.stdin.take().unwrap();
        std::thread::spawn(move || {
            while let Ok(Some(bytes)) = receiver.recv() {
                if stdin.write_all(&bytes).and_then(|()| stdin.flush()).is_err() {
                    break;
                }
            }
        });
        let copy = |mut reader: Box<dyn Read + Send>, ext: Option<u32>| {
            let handle = handle.clone();
            std::thread::spawn(move || {
                let mut buffer = vec![0; 32 * 1024];
                while let Ok(count) = reader.read(&mut buffer) {
                    if count == 0 {
                        break;
                    }
                    let bytes = bytes::Bytes::copy_from_slice(&buffer[..count]);
                    let sent = runtime().block_on(async {
                        match ext {
                            Some(ext) => handle.extended_data(id, ext, bytes).await.is_ok(),
                            None => handle.data(id, bytes).await.is_ok(),
                        }
                    });
                    if !sent {
                        break;
                    }
                }
            })
        };
        let out = copy(Box::new(child.stdout.take().unwrap()), None);
        let err = copy(Box::new(child.stderr.take().unwrap()), Some(1));
        std::thread::spawn(move || {
            let status = child.wait().unwrap();
            let _ = (out.join(), err.join());
            runtime().block_on(async {
                match (status.code(), status.signal()) {
                    (Some(code), _) => drop(handle.exit_status_request(id, code as u32).await),
                    (None, Some(number)) => {
                        let name = match number {
                            9 => Sig::KILL,
                            15 => Sig::TERM,
                            1 => Sig::HUP,
                            other => Sig::Custom(other.to_string()),
                        };
                        let _ = handle.exit_signal_request(id, name, false, String::new(), String::new()).await;
                    }
                    _ => {}
                }
                let _ = handle.eof(id).await;
                let _ = handle.close(id).await;
            });
        });
    }
}

impl Handler for Peer {
    type Error = russh::Error;

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, russh::Error> {
        Ok(if (user, password) == ("test", "secret") { Auth::Accept } else { Auth::reject() })
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), russh::Error> {
        reply.accept().await;
        self.channels.push((channel.id(), channel));
        Ok(())
    }

    async fn channel_open_direct_tcpip(
        &mut self,
        channel: Channel<Msg>,
        host: &str,
        port: u32,
        _: &str,
        _: u32,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), russh::Error> {
        if let Ok(mut stream) = tokio::net::TcpStream::connect((host, u16::try_from(port).unwrap())).await {
            reply.accept().await;
            tokio::spawn(async move {
                let mut channel = channel.into_stream();
                let _ = tokio::io::copy_bidirectional(&mut channel, &mut stream).await;
            });
        }
        Ok(())
    }

    async fn env_request(
        &mut self,
        channel: ChannelId,
        name: &str,
        value: &str,
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        if name.starts_with("LEYDEN_") {
            self.env.push((name.to_owned(), value.to_owned()));
        }
        session.channel_success(channel)
    }

    async fn exec_request(&mut self, channel: ChannelId, data: &[u8], session: &mut Session) -> Result<(), russh::Error> {
        session.channel_success(channel)?;
        let line = String::from_utf8_lossy(data).into_owned();
        self.run(channel, session.handle(), &line);
        Ok(())
    }

    async fn subsystem_request(&mut self, channel: ChannelId, name: &str, session: &mut Session) -> Result<(), russh::Error> {
        if name != "sftp" {
            return session.channel_failure(channel);
        }
        session.channel_success(channel)?;
        let Some(at) = self.channels.iter().position(|(id, _)| *id == channel) else { return Ok(()) };
        let (_, channel) = self.channels.remove(at);
        let os = leyden::os::Os::native();
        tokio::spawn(leyden::fabric::sftp::serve(os, self.state.home.clone(), Box::new(channel.into_stream())));
        Ok(())
    }

    async fn data(&mut self, channel: ChannelId, data: &[u8], _: &mut Session) -> Result<(), russh::Error> {
        if let Some((_, sender, _)) = self.input.iter().find(|(id, _, _)| *id == channel) {
            let _ = sender.send(Some(data.to_vec()));
        }
        Ok(())
    }

    async fn channel_eof(&mut self, channel: ChannelId, _: &mut Session) -> Result<(), russh::Error> {
        if let Some((_, sender, _)) = self.input.iter().find(|(id, _, _)| *id == channel) {
            let _ = sender.send(None);
        }
        Ok(())
    }

    async fn signal(&mut self, channel: ChannelId, signal: Sig, _: &mut Session) -> Result<(), russh::Error> {
        if let Some((_, _, pid)) = self.input.iter().find(|(id, _, _)| *id == channel) {
            let _ = Command::new("kill").args([format!("-{signal:?}"), "--".into(), format!("-{pid}")]).status();
        }
        Ok(())
    }
}
