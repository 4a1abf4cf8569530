//! Machines in memory: what scripts see of them.

use leyden::fabric::config::{Config, Dict};
use leyden::fabric::mock::Host;
use leyden::fabric::{Connect, Connection, Error, Gateway, Hide, Out, Responder, Stream};
use leyden::prelude::*;
use std::sync::{Arc, Mutex};

#[test]
fn a_thousand_hosts_take_the_time_of_one() {
    let world = World::new();
    let names: Vec<String> = (0..1000).map(|n| format!("web{n}")).collect();
    for name in &names {
        world.fabric.host(name).latency(secs(1)).shell("uptime").reply("up\n", 0);
    }
    world.fabric.host("web7").refuse();
    world.fabric.host("web8").shell("uptime").reply("no\n", 3);
    let group = world.batteries().fabric.group(&names).limit(1000);
    let failed = group.run("uptime").hide(true).wait().unwrap_err();
    let others: Vec<String> = failed.result.failed().map(|(_, error)| error.to_string()).take(6).collect();
    assert_eq!(failed.result.succeeded().count(), 998, "{others:?} at {:?}", world.clock().elapsed());
    let failures: Vec<_> = failed.result.failed().map(|(web, error)| (web.host().to_owned(), error.to_string())).collect();
    assert_eq!(failures[0].0, "web7");
    assert!(failures[0].1.starts_with("cannot connect to web7:22"), "{failures:?}");
    assert_eq!(failures[1].1, "web8: 'uptime' exited with 3");
    assert_eq!(world.clock().elapsed(), secs(2));
    assert_eq!(leyden::Error::from(failed).to_string().split(':').next(), Some("2 of 1000 hosts failed"));
}

#[test]
fn hosts_by_the_hundred() {
    for count in [50, 200, 500] {
        let world = World::new();
        let names: Vec<String> = (0..count).map(|n| format!("web{n}")).collect();
        for name in &names {
            world.fabric.host(name).latency(secs(1)).shell("uptime").reply("up\n", 0);
        }
        let group = world.batteries().fabric.group(&names).limit(1000);
        let result = group.run("uptime").hide(true).wait();
        let others = result.as_ref().err().map(|failed| failed.to_string());
        assert!(result.is_ok(), "{count}: {others:?} at {:?}", world.clock().elapsed());
    }
}

#[test]
fn a_limit_makes_rounds() {
    let world = World::new();
    for name in ["a", "b", "c", "d"] {
        world.fabric.host(name).latency(secs(1)).shell("true");
    }
    let group = world.batteries().fabric.group(["a", "b", "c", "d"]).limit(2);
    group.run("true").wait().unwrap();
    assert_eq!(world.clock().elapsed(), secs(4));
}

#[test]
fn the_deadline_of_a_group_holds() {
    let world = World::new();
    world.fabric.host("a").shell("job").reply("done\n", 0);
    world.fabric.host("b").stall();
    world.fabric.host("c").shell("job").answer(leyden::subprocess::mock::Reply::new().stdout("half\n").delay(secs(500)));
    let group = world.batteries().fabric.group(["a", "b", "c"]).deadline(secs(10));
    let result = group.run("job").hide(true).wait().unwrap_err().result;
    assert_eq!(world.clock().elapsed(), secs(10));
    assert_eq!(result.succeeded().count(), 1);
    let errors: Vec<&Error> = result.failed().map(|(_, error)| error).collect();
    assert!(matches!(errors[0], Error::GroupTimeout { .. }), "{errors:?}");
    assert!(matches!(errors[1], Error::CommandTimedOut { result, .. } if result.stdout == "half\n"), "{errors:?}");
    assert!(world.fabric.host("c").subprocess.processes().is_empty(), "the command was killed");
}

#[test]
fn sudo_answers_its_prompt() {
    let world = World::new();
    let host = world.fabric.host("web1");
    host.sudoers("deploy", "hunter2").user("www");
    host.os.mkdir("/srv/app");
    let web = world.batteries().fabric.connection("deploy@web1");
    assert_eq!(web.sudo("whoami").password("hunter2").hide(true).wait().unwrap().stdout, "root\n");
    assert_eq!(web.cd("/srv/app").sudo("pwd").password("hunter2").hide(true).wait().unwrap().stdout, "/srv/app\n");
    assert_eq!(web.sudo("whoami").user("www").password("hunter2").hide(true).wait().unwrap().stdout, "www\n");
    let wrong = web.sudo("whoami").password("wrong").hide(true).wait().unwrap_err();
    assert!(matches!(&wrong, Error::AuthFailure { prompt, .. } if prompt == "[sudo] password: "), "{wrong:?}");
    assert_eq!(wrong.python_str().unwrap(), "The password submitted to prompt '[sudo] password: ' was rejected.");
    let none = web.sudo("whoami").hide(true).wait().unwrap_err();
    assert!(none.to_string().contains("none is set"), "{none}");
    assert_eq!(host.lines()[0], "sudo -S -p '[sudo] password: ' whoami");
}

#[test]
fn a_broken_connection_keeps_what_was_printed() {
    let world = World::new();
    let host = world.fabric.host("web1");
    host.shell("dmesg").reply("x".repeat(5000), 0);
    host.drop_after(100);
    let error = world.batteries().fabric.connection("web1").run("dmesg").hide(true).wait().unwrap_err();
    assert!(matches!(error, Error::Interrupted { .. }), "{error:?}");
    assert_eq!(error.result().unwrap().stdout.len(), 100);
}

#[test]
fn two_factors_and_keys() {
    let world = World::new();
    world.fabric.host("vault").two_factor("ops", "pw", "123456");
    let fabric = world.batteries().fabric;
    let error = fabric.connection(Connect::new("ops@vault").password("pw")).run("true").wait().unwrap_err();
    assert!(matches!(&error, Error::Authentication { accepted, .. } if accepted == &["keyboard-interactive"]), "{error}");
    let kwargs =
        leyden::fabric::ConnectKwargs::new().password("pw").ask(|prompt| prompt.contains("code").then(|| "123456".into()));
    fabric.connection(Connect::new("ops@vault").connect_kwargs(kwargs)).run("true").wait().unwrap();
    world.os.write("/root/.ssh/id_ed25519", "KEY");
    world.fabric.host("web").authorized_key("ops", "KEY");
    fabric.connection("ops@web").run("true").wait().unwrap();
}

#[test]
fn output_is_copied_hidden_and_captured() {
    let world = World::new();
    let host = world.fabric.host("web1");
    host.shell("job").answer(leyden::subprocess::mock::Reply::new().stdout("out\n").stderr("err\n"));
    let web = world.batteries().fabric.connection("web1");
    let shown = web.run("job").echo(true).wait().unwrap();
    assert_eq!((shown.stdout.as_str(), shown.stderr.as_str()), ("out\n", "err\n"));
    assert_eq!(world.fabric.stdout(), "\x1b[1;37mjob\x1b[0m\nout\n");
    assert_eq!(world.fabric.stderr(), "err\n");
    let buffer = Arc::new(Mutex::new(Vec::new()));
    let hidden = web.run("job").hide(Hide::Both).out_stream(Out::shared(&buffer)).wait().unwrap();
    assert_eq!(hidden.hide, [Stream::Stderr]);
    assert_eq!(*buffer.lock().unwrap(), b"out\n");
    assert_eq!(world.fabric.stderr(), "err\n");
    let dry = web.run("rm -rf /").dry(true).wait().unwrap();
    assert!(dry.ok());
    assert_eq!(host.lines().len(), 2);
}

#[test]
fn watchers_promises_and_standard_input() {
    let world = World::new();
    let host = world.fabric.host("web1");
    host.program("cat").runs(|call| leyden::subprocess::mock::Reply::new().stdout(call.stdin.clone()));
    host.program("ask").each_line(|line| format!("got {line}\n"));
    let web = world.batteries().fabric.connection("web1");
    assert_eq!(web.run("cat").in_stream("text\n").hide(true).wait().unwrap().stdout, "text\n");
    let promise = web.run("cat").in_stream("later").asynchronous().wait().unwrap();
    assert_eq!(promise.command, "cat");
    assert_eq!(promise.join().wait().unwrap().stdout, "later");
    let _unused = Responder::new("x", "y").unwrap();
    web.run("true").disown().wait().unwrap();
}

#[test]
fn deadlines_kill_and_can_be_lifted() {
    let world = World::new();
    let host = world.fabric.host("web1");
    host.shell("slow").answer(leyden::subprocess::mock::Reply::new().stdout("begun\n").delay(secs(7200)).stdout("ended\n"));
    let web = world.batteries().fabric.connection("web1");
    let error = web.run("slow").hide(true).timeout(secs(5)).wait().unwrap_err();
    assert_eq!(error.python_repr().unwrap(), "<CommandTimedOut: cmd='slow' timeout=5>");
    assert_eq!(error.result().unwrap().stdout, "begun\n");
    assert!(web.run("slow").hide(true).wait().unwrap_err().is_timeout(), "an hour by default");
    assert_eq!(web.run("slow").hide(true).timeout(None).wait().unwrap().stdout, "begun\nended\n");
}

#[test]
fn an_error_is_one_line_with_its_reason() {
    use std::error::Error as _;
    let world = World::new();
    let web = world.fabric.host("web1");
    web.os.mkdir("/srv");
    world.os.write("/app", "12345678");
    let fabric = world.batteries().fabric;
    let c = fabric.connection("root@web1");
    let line = |error: Error| {
        assert!(error.source().is_none(), "{error}: {:?}", error.source());
        error.to_string()
    };
    assert_eq!(line(c.put("/nope", "/srv/").wait().unwrap_err()), "put /nope -> /srv/: no such file or directory");
    assert!(line(c.put("/app", "/no/where").wait().unwrap_err()).starts_with("put /app -> /no/where: no such file or directory"));
    assert!(line(c.get("/nope", "/new/d/").wait().unwrap_err()).starts_with("get /nope -> /new/d/: no such file or directory"));
    assert!(!world.os.exists("/new"), "a failed get leaves no directory");
    web.os.write("/srv/file", "x");
    world.os.mkdir("/target");
    assert_eq!(line(c.get("/srv/file", "/target").wait().unwrap_err()), "get /srv/file -> /target: is a directory");
    web.os.set_capacity(1 << 16);
    world.os.write("/big", vec![b'x'; 100_000]);
    assert_eq!(line(c.put("/big", "/srv/big").wait().unwrap_err()), "put /big -> /srv/big: no space left on device");
    world.fabric.host("web2").refuse();
    world.fabric.host("web3").unreachable();
    let refused = |name: &str| line(fabric.connection(name).open().wait().unwrap_err());
    assert_eq!(refused("web2"), "cannot connect to web2:22: connection refused");
    assert_eq!(refused("web3"), "cannot connect to web3:22: no route to host");
    assert_eq!(refused("web9"), "cannot connect to web9:22: name or service not known");
    let local = line(fabric.context().run("true").shell("/no/shell").wait().unwrap_err());
    assert_eq!(local, "run /no/shell: no such file or directory");
}

#[test]
fn a_group_shows_each_reason_once() {
    use std::error::Error as _;
    let world = World::new();
    world.fabric.host("web1");
    world.fabric.host("web4").shell("job").answer(leyden::subprocess::mock::Reply::new().stderr("boom\n").code(3));
    let failed = world.batteries().fabric.group(["web1", "web4"]).run("job").hide(true).wait();
    let failed = failed.unwrap_err();
    assert_eq!(failed.to_string().matches("web4").count(), 1, "{failed}");
    assert!(failed.source().unwrap().downcast_ref::<Error>().is_some());
}

#[test]
fn a_connection_acts_as_its_user() {
    let world = World::new();
    let host = world.fabric.host("web1");
    host.os.write("/root/secret", "s3cret");
    host.os.chmod("/root/secret", 0o600);
    host.os.chmod("/root", 0o755);
    let fabric = world.batteries().fabric;
    let deploy = fabric.connection("deploy@web1");
    let denied = deploy.run("cat /root/secret").hide(true).warn(true).wait().unwrap();
    assert_eq!(denied.stderr, "cat: /root/secret: Permission denied\n");
    assert!(deploy.get("/root/secret", "/tmp/s").wait().unwrap_err().to_string().contains("permission denied"));
    let there = deploy.batteries().wait().unwrap();
    assert_eq!((there.os.getuid(), there.os.getgid()), (1000, 1000));
    assert_eq!(there.os.environ.get("HOME").unwrap(), "/home/deploy");
    assert_eq!(there.os.read_text("/root/secret").unwrap_err().errno(), Some(13));
    there.os.write_text("mine", "x").unwrap();
    assert_eq!(deploy.run("id -u").hide(true).wait().unwrap().stdout, "1000\n");
    assert_eq!(deploy.run("cat mine").hide(true).wait().unwrap().stdout, "x");
    assert_eq!(deploy.sudo("cat /root/secret").hide(true).wait().unwrap().stdout, "s3cret");
    let root = fabric.connection("root@web1");
    assert_eq!(root.batteries().wait().unwrap().os.stat("/home/deploy/mine").unwrap().st_uid, 1000);
    assert_eq!(root.run("cat /root/secret").hide(true).wait().unwrap().stdout, "s3cret");
}

#[test]
fn sudo_refuses_unknown_users() {
    let world = World::new();
    world.fabric.host("web1").sudoers("deploy", "pw");
    let fabric = world.batteries().fabric;
    let eve = fabric.connection("eve@web1").run("sudo -n id -u").hide(true).warn(true).wait().unwrap();
    assert_eq!((eve.exited, eve.stderr.as_str()), (Some(1), "eve is not in the sudoers file.\n"));
    let root = fabric.connection("root@web1").run("sudo -u nosuch true").hide(true).warn(true).wait().unwrap();
    assert_eq!(root.exited, Some(1));
    assert!(root.stderr.starts_with("sudo: unknown user nosuch\n"), "{}", root.stderr);
}

#[test]
fn batteries_of_a_host_meet_its_network() {
    let world = World::new();
    let host = world.fabric.host("web1");
    host.os.write("/srv/file", "x".repeat(1000));
    let fabric = world.batteries().fabric;
    let there = fabric.connection("web1").batteries().wait().unwrap();
    host.latency(secs(2));
    let before = world.clock().elapsed();
    there.os.mkdir("/srv/d").unwrap();
    assert_eq!(world.clock().elapsed() - before, secs(2));
    for down in [Host::refuse, Host::unreachable, Host::stall] {
        let there = fabric.connection("web1").batteries().wait().unwrap();
        down(&host);
        assert_eq!(there.os.mkdir("/srv/e").unwrap_err().errno(), Some(104));
        host.up();
        assert!(there.os.mkdir("/srv/e").is_err(), "the connection is broken");
    }
    host.drop_after(100);
    let there = fabric.connection("web1").batteries().wait().unwrap();
    assert_eq!(there.os.read_bytes("/srv/file").unwrap_err().errno(), Some(104));
}

#[test]
fn a_host_has_one_name() {
    let world = World::new();
    world.fabric.host("web1");
    let web = world.batteries().fabric.connection("web1");
    for line in ["hostname", "uname -n"] {
        assert_eq!(web.run(line).hide(true).wait().unwrap().stdout, "web1\n");
    }
    let there = web.batteries().wait().unwrap();
    assert_eq!(there.platform.node(), "web1");
    assert_eq!(there.os.uname().nodename, "web1");
}

/// The way to a connection: host, user and port of each hop, the nearest to the host first.
fn way(connection: &Connection) -> Vec<(String, String, u16)> {
    let mut hops = Vec::new();
    let mut next = connection.gateway().cloned();
    while let Some(Gateway::Jump(hop)) = next {
        hops.push((hop.host().to_owned(), hop.user().to_owned(), hop.port()));
        next = hop.gateway().cloned();
    }
    hops
}

#[test]
fn hops_of_proxy_jump() {
    let cases: [(&str, &[(&str, &str, u16)]); 8] = [
        ("gw", &[("gw", "me", 22)]),
        ("u@gw:2222", &[("gw", "u", 2222)]),
        // OpenSSH reaches gw1 directly and gw2 through it.
        ("gw1, u@gw2:7", &[("gw2", "u", 7), ("gw1", "me", 22)]),
        ("ssh://u@gw:2200", &[("gw", "u", 2200)]),
        ("[2001:db8::1]:2222", &[("2001:db8::1", "me", 2222)]),
        ("u@[2001:db8::1],ssh://[::1]:24/", &[("::1", "me", 24), ("2001:db8::1", "u", 22)]),
        ("none", &[]),
        // The host itself.
        ("web1", &[]),
    ];
    for (jump, expected) in cases {
        let world = World::new();
        world.os.write("/ssh_config", format!("Host web1\n  ProxyJump {jump}\n"));
        let Batteries { fabric, os, .. } = world.batteries();
        let overrides = Dict::new().with("user", "me").with("ssh_config_path", "/ssh_config");
        let config = Config::builder(&os).overrides(overrides).build().unwrap();
        let web = fabric.try_connection(Connect::new("web1").config(config)).unwrap();
        let found = way(&web);
        let found: Vec<_> = found.iter().map(|(host, user, port)| (host.as_str(), user.as_str(), *port)).collect();
        assert_eq!(found, expected, "{jump}");
    }
}

#[test]
fn a_group_gets_each_file_to_a_path_of_its_own() {
    let world = World::new();
    for host in ["web1", "web2"] {
        let far = world.fabric.host(host).os;
        far.write("/srv/f", host);
        far.mkdir("/root");
    }
    world.os.mkdir("/here");
    let Batteries { fabric, os, .. } = world.batteries();
    os.ambient().chdir(std::path::Path::new("/here"));
    let both = fabric.group(["root@web1", "root@web2"]);
    // fabric's default.
    both.get("/srv/f", ()).wait().unwrap();
    assert_eq!(world.os.tree("/here"), "web1/\nweb1/f (4)\nweb2/\nweb2/f (4)\n");
    both.get("/srv/f", "{basename}-{host}").wait().unwrap();
    assert_eq!(world.os.read_text("/here/f-web2").as_deref(), Some("web2"));
    for local in ["one", "{{host}}", "{user}/", "{port}"] {
        let failed = both.get("/srv/f", local).wait().unwrap_err();
        assert!(failed.result.failed().all(|(_, error)| matches!(error, Error::Value(_))), "{local}: {failed:?}");
        assert_eq!(failed.result.failed().count(), 2, "{local}");
    }
    assert!(both.get("/srv/f", leyden::fabric::Destination::writer(Vec::new())).wait().is_err());
    // Two users of one host.
    let users = fabric.group(["root@web1", "ops@web1"]);
    assert!(users.get("/srv/f", "{host}/").wait().is_err(), "both would write web1/f");
    users.get("/srv/f", "users/{user}").wait().unwrap();
    assert_eq!(world.os.read_text("/here/users/root").as_deref(), Some("web1"));
    // The same connection twice writes the same file.
    fabric.group(["root@web1", "root@web1"]).limit(1).get("/srv/f", "same").wait().unwrap();
}

#[test]
fn variables_of_the_configuration_are_shown_as_str_does() {
    let world = World::new();
    let host = world.fabric.host("web1");
    host.shell("export DEBUG=True N=5 RATE=1.5 && job");
    let Batteries { fabric, os, .. } = world.batteries();
    world.os.write("/etc/fabric.yaml", "run:\n  env: {RATE: 1.5, DEBUG: yes, N: 5}\n");
    let config = Config::builder(&os).build().unwrap();
    fabric.connection(Connect::new("web1").config(config)).run("job").hide(true).wait().unwrap();
    assert_eq!(host.lines(), ["export DEBUG=True N=5 RATE=1.5 && job"]);
}

/// What fabric 3.2.3 makes of each value, asked with these files.
#[test]
fn values_of_the_configuration_in_other_types() {
    let cases: [(&str, fn(&Connection)); 9] = [
        ("port: 2222.0", |c| assert_eq!(c.port(), 2222)),
        ("port: '2222'", |c| assert_eq!(c.port(), 2222)),
        ("user: ~", |c| assert_eq!((c.user(), format!("{c:?}").as_str()), ("someone", "<Connection host=web1>"))),
        ("user: 5", |c| assert_eq!(c.user(), "5")),
        ("gateway: 0", |c| assert!(c.gateway().is_none())),
        ("gateway: ''", |c| assert!(c.gateway().is_none())),
        ("inline_ssh_env: ~", |c| assert!(!c.inline_ssh_env())),
        ("run: {hide: 1}", |c| assert_eq!(c.run("job").wait().unwrap().hide, [Stream::Stdout, Stream::Stderr])),
        ("run: {hide: 0}", |c| assert!(c.run("job").wait().unwrap().hide.is_empty())),
    ];
    for (text, check) in cases {
        let world = World::new();
        world.fabric.host("web1").shell("job").reply("out", 0);
        world.os.write("/etc/fabric.yaml", text);
        let Batteries { fabric, os, .. } = world.batteries();
        for name in ["LOGNAME", "USER", "LNAME", "USERNAME"] {
            os.environ.set(name, "someone").unwrap();
        }
        check(&fabric.try_connection("web1").unwrap());
    }
    for text in ["port: 70000", "port: .inf", "gateway: 5", "run: {hide: 2}"] {
        let world = World::new();
        world.os.write("/etc/fabric.yaml", text);
        assert!(world.batteries().fabric.try_connection("web1").is_err(), "{text}");
    }
}
