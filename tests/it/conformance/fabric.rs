//! One list of cases for machines in memory, for a server in this process, and for OpenSSH.

use std::time::{Duration, Instant};

use leyden::fabric::{Connect, ConnectKwargs, Connection, Error, Fabric, Hide, Responder};
use leyden::prelude::*;

use crate::support::sshd::Sshd;

/// What each machine has: bash, the usual commands, a home directory that is empty.
fn all(connection: &Connection) {
    streams_and_statuses(connection);
    directories_prefixes_and_variables(connection);
    sequences_on_one_connection(connection);
}

fn streams_and_statuses(c: &Connection) {
    let hi = c.run("echo hi").hide(true).wait().unwrap();
    assert_eq!((hi.stdout.as_str(), hi.stderr.as_str(), hi.exited), ("hi\n", "", Some(0)));
    assert_eq!(format!("{hi:?}"), "<Result cmd='echo hi' exited=0>");
    let error = c.run("exit 3").hide(true).wait().unwrap_err();
    assert!(matches!(&error, Error::UnexpectedExit(result) if result.exited == Some(3)), "{error:?}");
    assert_eq!(c.run("false").warn(true).hide(Hide::Both).wait().unwrap().return_code(), Some(1));
    let missing = c.run("cat no-such-file").hide(true).warn(true).wait().unwrap();
    assert!(missing.failed() && missing.stderr.contains("No such file or directory"), "{missing}");
    assert!(c.is_connected());
}

fn directories_prefixes_and_variables(c: &Connection) {
    c.run("mkdir -p 'a b/c'").hide(true).wait().unwrap();
    let inner = c.cd("a b").cd("c");
    assert!(inner.run("pwd").hide(true).wait().unwrap().stdout.trim_end().ends_with("/a b/c"));
    assert_eq!(inner.cwd(), "a\\ b/c");
    let prefixed = c.prefix("export GREETING=hello");
    assert_eq!(prefixed.run("echo $GREETING").hide(true).wait().unwrap().stdout, "hello\n");
    assert_eq!(c.run("echo $A-$B").env("B", "2").env("A", "1").hide(true).wait().unwrap().stdout, "1-2\n");
    assert_eq!(c.run("echo \"$A\"").env("A", "x").hide(true).wait().unwrap().stdout, "x\n");
    assert!(c.cd("nowhere").run("true").hide(true).wait().unwrap_err().is_failure());
    c.run("rm -rf 'a b'").hide(true).wait().unwrap();
    assert!(matches!(c.run("x\0y").wait().unwrap_err(), Error::Value(_)));
    assert!(matches!(c.run("true").env("A B", "x").wait().unwrap_err(), Error::Value(_)));
}

fn sequences_on_one_connection(c: &Connection) {
    for n in 0..20 {
        assert_eq!(c.run(format!("echo {n}")).hide(true).wait().unwrap().stdout, format!("{n}\n"));
    }
    let promises: Vec<_> = (0..5).map(|n| c.run(format!("echo {n}")).asynchronous().wait().unwrap()).collect();
    for (n, promise) in promises.into_iter().enumerate() {
        assert_eq!(promise.join().wait().unwrap().stdout, format!("{n}\n"));
    }
    c.close().wait();
    assert!(!c.is_connected());
    assert!(c.run("true").hide(true).wait().unwrap().ok(), "it opens again");
}

/// What needs real programs and a real network.
fn real(c: &Connection) {
    let big = c.run("head -c 20000000 /dev/zero | tr '\\0' x").hide(true).wait().unwrap();
    assert_eq!(big.stdout.len(), 20_000_000);
    let input = "line\n".repeat(50_000);
    assert_eq!(c.run("cat").in_stream(input.clone()).hide(true).wait().unwrap().stdout, input);
    let killed = c.run("kill -9 $$").hide(true).warn(true).wait().unwrap();
    assert_eq!((killed.exited, killed.signal.as_deref()), (Some(-1), Some("KILL")));
    let answered = c
        .run("printf 'name? '; read n; echo hi $n")
        .watcher(Responder::new("name\\? ", "Ann\n").unwrap())
        .hide(true)
        .wait()
        .unwrap();
    assert_eq!(answered.stdout, "name? hi Ann\n");
    assert_eq!(c.run("printf '%s' \"$A\"").env("A", "x y; 'z' $HOME").hide(true).wait().unwrap().stdout, "x y; 'z' $HOME");
    let began = Instant::now();
    let error = c.run("echo begun; sleep 300 & sleep 300").hide(true).timeout(Duration::from_secs(1)).wait().unwrap_err();
    assert!(matches!(&error, Error::CommandTimedOut { result, .. } if result.stdout == "begun\n"), "{error:?}");
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    // A channel that nothing reads does not stall the others.
    c.run("head -c 30000000 /dev/zero").disown().wait().unwrap();
    assert_eq!(c.run("echo still here").hide(true).wait().unwrap().stdout, "still here\n");
    let left = c.run("pgrep -f 'sleep 30[0]' | wc -l").hide(true).wait().unwrap();
    assert_eq!(left.stdout.trim(), "0", "the deadline killed what the command had started");
}

#[test]
fn machines_in_memory() {
    let world = World::new();
    world.fabric.host("web1").os.mkdir("/root");
    all(&world.batteries().fabric.connection("root@web1"));
}

fn native(world: &World) -> Fabric {
    let batteries = leyden::Batteries::included();
    let _ = world;
    Fabric::native(batteries.os, batteries.subprocess)
}

#[test]
fn a_server_in_this_process() {
    let home = tempfile_dir("leyden-sshd");
    let sshd = Sshd::start(&home);
    std::fs::write(home.join("known_hosts"), &sshd.known_hosts).unwrap();
    let kwargs = || {
        ConnectKwargs::new().allow_agent(false).look_for_keys(false).known_hosts([home.join("known_hosts").display().to_string()])
    };
    let connect = |kwargs: ConnectKwargs| Connect::new("test@127.0.0.1").port(sshd.port).connect_kwargs(kwargs);
    let fabric = native(&World::new());
    let c = fabric.connection(connect(kwargs().password("secret")));
    all(&c);
    real(&c);
    let error = fabric.connection(connect(kwargs().password("wrong"))).run("true").wait().unwrap_err();
    assert!(matches!(&error, Error::Authentication { tried, .. } if tried == &["password"]), "{error:?}");
    assert!(!error.to_string().contains("wrong"), "no secret in {error}");
    // Another key: an error that names file and line.
    let other = Sshd::start(&home);
    std::fs::write(home.join("known_hosts"), other.known_hosts.replace(&other.port.to_string(), &sshd.port.to_string())).unwrap();
    let error = fabric.connection(connect(kwargs().password("secret"))).run("true").wait().unwrap_err();
    assert!(matches!(&error, Error::BadHostKey { line: 1, .. }), "{error:?}");
    std::fs::write(home.join("known_hosts"), "").unwrap();
    let error = fabric.connection(connect(kwargs().password("secret"))).run("true").wait().unwrap_err();
    assert!(matches!(&error, Error::UnknownHostKey { .. }), "{error:?}");
    fabric.connection(connect(kwargs().password("secret")).accept_new_host_keys()).run("true").wait().unwrap();
    assert_eq!(std::fs::read_to_string(home.join("known_hosts")).unwrap().split_whitespace().count(), 3);
    // A jump host: the inner connection runs through the outer one.
    let jump = fabric.connection(connect(kwargs().password("secret")));
    let inner = fabric.connection(connect(kwargs().password("secret")).gateway(&jump));
    assert_eq!(inner.run("echo through").hide(true).wait().unwrap().stdout, "through\n");
    assert!(format!("{inner:?}").ends_with(" gw=proxyjump>"), "{inner:?}");
    let _ = std::fs::remove_dir_all(&home);
}

#[test]
fn nothing_listens_and_names_that_are_not_there() {
    let fabric = native(&World::new());
    let error = fabric.connection(Connect::new("test@127.0.0.1").port(1)).run("true").wait().unwrap_err();
    assert!(matches!(error, Error::Connect { .. }), "{error:?}");
    assert!(fabric.try_connection("-oProxyCommand=x").is_err());
    // A server that never speaks: the budget holds.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let began = Instant::now();
    let error = fabric
        .connection(Connect::new("test@127.0.0.1").port(port).connect_timeout(Duration::from_millis(300)))
        .run("true")
        .wait()
        .unwrap_err();
    assert!(matches!(error, Error::ConnectTimeout { .. }), "{error:?}");
    assert!(began.elapsed() < Duration::from_secs(5));
}

fn tempfile_dir(name: &str) -> std::path::PathBuf {
    static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("{name}-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// `tests/servers/sshd.sh`
fn openssh(kwargs: ConnectKwargs) -> Connect {
    let (host, port) = std::env::var("LEYDEN_SSHD")
        .expect("LEYDEN_SSHD")
        .rsplit_once(':')
        .map(|(h, p)| (h.to_owned(), p.parse().unwrap()))
        .unwrap();
    let kwargs = kwargs.allow_agent(false).look_for_keys(false).known_hosts([path("known_hosts")]);
    let user = if rustix::process::getuid().is_root() { "root".to_owned() } else { std::env::var("USER").unwrap() };
    Connect::new(host).user(user).port(port).connect_kwargs(kwargs)
}

fn path(name: &str) -> String {
    format!("{}/{name}", std::env::var("LEYDEN_SSHD_DIR").expect("LEYDEN_SSHD_DIR"))
}

#[test]
#[ignore = "needs sshd"]
fn sshd_runs_the_same_cases() {
    let fabric = native(&World::new());
    let c = fabric.connection(openssh(ConnectKwargs::new().key_filename(path("client_key"))));
    all(&c);
    real(&c);
    let pty = c.run("test -t 1 && echo terminal").pty(true).hide(true).wait().unwrap();
    assert_eq!(pty.stdout, "terminal\r\n");
    let variables = fabric.connection(openssh(ConnectKwargs::new().key_filename(path("client_key"))).inline_ssh_env(false));
    assert_eq!(variables.run("echo $LEYDEN_A").env("LEYDEN_A", "x").hide(true).wait().unwrap().stdout, "x\n");
}

#[test]
#[ignore = "needs sshd"]
fn sshd_takes_encrypted_keys_and_refuses_others() {
    let fabric = native(&World::new());
    let key = path("client_key_encrypted");
    let c = fabric.connection(openssh(ConnectKwargs::new().key_filename(&key).ask_passphrase(|_| Some("leyden".into()))));
    c.run("true").hide(true).wait().unwrap();
    let error =
        fabric.connection(openssh(ConnectKwargs::new().key_filename(&key).passphrase("wrong"))).run("true").wait().unwrap_err();
    assert!(error.to_string().contains("wrong passphrase"), "{error}");
    let error = fabric.connection(openssh(ConnectKwargs::new().key_filename(&key))).run("true").wait().unwrap_err();
    assert!(error.to_string().contains("no passphrase is set"), "{error}");
    let error = fabric.connection(openssh(ConnectKwargs::new().key_filename("/no/such/key"))).run("true").wait().unwrap_err();
    assert!(error.to_string().contains("/no/such/key"), "{error}");
    // A socket of an agent that never answers does not hang.
    let socket = path("stale-agent");
    let _stale = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let kwargs =
        ConnectKwargs::new().key_filename(path("client_key")).agent_socket(&socket).agent_timeout(Duration::from_millis(200));
    let mut connect = openssh(kwargs.clone());
    connect = connect.connect_kwargs(kwargs.allow_agent(true).look_for_keys(false).known_hosts([path("known_hosts")]));
    fabric.connection(connect).run("true").hide(true).wait().unwrap();
}

#[test]
#[ignore = "needs sshd"]
fn sshd_with_many_at_once() {
    let fabric = native(&World::new());
    let hosts = (0..50).map(|_| openssh(ConnectKwargs::new().key_filename(path("client_key"))));
    let group = fabric.group(hosts).limit(25);
    let result = group.run("echo hi").hide(true).wait().unwrap();
    assert_eq!(result.succeeded().filter(|(_, result)| result.stdout == "hi\n").count(), 50);
    let c = fabric.connection(openssh(ConnectKwargs::new().key_filename(path("client_key"))));
    c.run("true").hide(true).wait().unwrap();
    let began = Instant::now();
    for _ in 0..20 {
        c.run("true").hide(true).wait().unwrap();
    }
    println!("exec: {:?}", began.elapsed() / 20);
    let relay = "python3 -c 'import os,socket,sys,threading\ns=socket.create_connection((sys.argv[1],int(sys.argv[2])))\ndef up():\n  while True:\n    d=os.read(0,65536)\n    if not d: break\n    s.sendall(d)\nthreading.Thread(target=up,daemon=True).start()\nwhile True:\n  d=s.recv(65536)\n  if not d: break\n  os.write(1,d)' %h %p";
    let proxied = fabric.connection(openssh(ConnectKwargs::new().key_filename(path("client_key"))).gateway(relay));
    assert_eq!(proxied.run("echo proxied").hide(true).wait().unwrap().stdout, "proxied\n");
    // Tunnels in both directions.
    let echo = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = echo.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in echo.incoming().flatten() {
            let mut reader = stream.try_clone().unwrap();
            let mut writer = stream;
            std::thread::spawn(move || std::io::copy(&mut reader, &mut writer));
        }
    });
    let speak = |port: u16| {
        use std::io::{Read, Write};
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(b"hello").unwrap();
        let mut answer = [0; 5];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"hello");
    };
    let local = c.forward_local(0).to_port(port).local_host("127.0.0.1").remote_host("127.0.0.1").wait().unwrap();
    speak(local.port());
    local.close().wait().unwrap();
    let remote = c.forward_remote(0).to_port(port).local_host("127.0.0.1").wait().unwrap();
    speak(remote.port());
    remote.close().wait().unwrap();
}
