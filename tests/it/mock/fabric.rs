//! Machines in memory: what scripts see of them.

use leyden::fabric::{Connect, Error, Hide, Out, Responder, Stream};
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
    host.sudoers("deploy", "hunter2");
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
