//! Fault S8 as a kind: planted secrets are in no `Debug`, no `Display`, no error and no log of any battery.

use std::sync::{Arc, Mutex};

use leyden::prelude::*;

/// Part of every planted secret; as bytes it has a form of its own in `Debug`.
const SECRET: &str = "hunter2";

/// Fails if a text shows the secret: as text, as bytes in `Debug`, or in base64.
#[track_caller]
fn hidden(what: &str, shown: impl AsRef<str>) {
    let shown = shown.as_ref();
    for form in [SECRET, "104, 117, 110, 116, 101, 114", "aHVudGVyMg", "odW50ZXIy", "h1bnRlcj"] {
        assert!(!shown.contains(form), "{what}: {shown}");
    }
}

#[track_caller]
fn debug_hidden(what: &str, value: &impl std::fmt::Debug) {
    hidden(what, format!("{value:?}"));
    hidden(what, format!("{value:#?}"));
}

#[track_caller]
fn error_hidden<E: Into<leyden::Error> + std::error::Error>(what: &str, error: E) {
    hidden(what, format!("{error} {error:?} {error:#?}"));
    let error: leyden::Error = error.into();
    hidden(what, format!("{error} {error:#} {error:?}"));
}

const VARIABLES: [&str; 4] = ["AWS_SECRET_ACCESS_KEY", "DB_PASSWORD", "GITHUB_TOKEN", "PLAIN"];

fn world() -> World {
    let world = World::new();
    world.os.ambient().edit(|environ| {
        for name in VARIABLES {
            environ.insert(name.into(), SECRET.into());
        }
    });
    world
}

/// What every battery leaves behind it in a world, its log and its layers.
fn check_world(world: &World, batteries: &Batteries) {
    debug_hidden("World", world);
    debug_hidden("Batteries", batteries);
    debug_hidden("calls", &world.script().calls());
    for call in world.script().calls() {
        hidden("Call", call.to_string());
    }
}

#[test]
fn the_environment_is_shown_by_name() {
    let world = world();
    let batteries = world.batteries();
    check_world(&world, &batteries);
    assert!(format!("{:?}", world.os.ambient()).contains("GITHUB_TOKEN"));
    debug_hidden("environ", &batteries.os.environ);
    batteries.os.environ.set("API_TOKEN", SECRET).unwrap();
    check_world(&world, &batteries);
}

#[test]
fn programs_hide_variables_input_and_secret_arguments() {
    use leyden::subprocess::Run;
    use leyden::subprocess::mock::Reply;
    let world = world();
    let subprocess = world.batteries().subprocess;
    let secret = Secret::new(SECRET);
    world.subprocess.program("login").answer(Reply::new().stderr("no such user\n").code(1));
    world.subprocess.program("slow").answer(Reply::new().stdout(SECRET).delay(secs(60)));
    let run = Run::new("login").arg(&secret).env([("OTHER", SECRET)]).input(SECRET);
    debug_hidden("Run", &run);
    error_hidden("CalledProcess", subprocess.run(run.clone()).capture_output(true).check(true).wait().unwrap_err());
    for argument in
        ["--password=hunter2", "DB_PASSWORD=hunter2", "https://u:hunter2@h.test/?api_key=hunter2", "--token='a hunter2'"]
    {
        let run = Run::new("login").arg(argument);
        debug_hidden(argument, &run);
        error_hidden(argument, subprocess.run(run).check(true).wait().unwrap_err());
    }
    error_hidden("FileNotFound", subprocess.run(Run::new("nothing").arg(&secret)).wait().unwrap_err());
    let shell = Run::new("TOKEN=hunter2 login").shell(true).check(true);
    world.subprocess.shell("TOKEN=hunter2 login").reply("", 1);
    error_hidden("shell", subprocess.run(shell).wait().unwrap_err());
    let slow = Run::new("slow").arg(&secret).timeout(secs(1));
    hidden("TimeoutExpired", subprocess.run(slow).wait().unwrap_err().to_string());
    let mut popen = subprocess.popen(Run::new("login").arg(&secret).stdin(leyden::subprocess::PIPE)).spawn().unwrap();
    debug_hidden("Popen", &popen);
    debug_hidden("Communicate", &popen.communicate().input(SECRET));
    popen.communicate().input(SECRET).wait().unwrap();
    debug_hidden("Pipeline", &subprocess.pipe(Run::new("login").arg(&secret)).to("login").input(SECRET));
    debug_hidden("Ran", &world.subprocess.calls());
    debug_hidden("Reply", &Reply::new().stdout(SECRET));
    let seen = Arc::new(Mutex::new(String::new()));
    let log = seen.clone();
    world.subprocess.program("look").runs(move |call| {
        log.lock().unwrap().push_str(&format!("{call:?}"));
        Reply::new()
    });
    subprocess.run(Run::new("look").arg(&secret).input(SECRET)).wait().unwrap();
    hidden("Call", seen.lock().unwrap().as_str());
    assert!(seen.lock().unwrap().contains("GITHUB_TOKEN"));
    check_world(&world, &world.batteries());
}

#[cfg(feature = "fabric")]
#[test]
fn connections_hide_passwords_and_remote_variables() {
    use leyden::fabric::backend::Exec;
    use leyden::fabric::config::{Config, Dict, Value};
    use leyden::fabric::{Connect, ConnectKwargs, Responder, RunOptions};
    let world = world();
    let host = world.fabric.host("web1");
    host.password("deploy", SECRET).sudoers("deploy", SECRET).accept_env(["DB_PASSWORD"]);
    host.shell("fail").reply("", 3);
    world.fabric.set_stdin(SECRET);
    let batteries = world.batteries();
    let kwargs = || ConnectKwargs::new().password(SECRET).passphrase(SECRET).pkey(SECRET);
    debug_hidden("ConnectKwargs", &kwargs());
    for inline in [true, false] {
        let connect = Connect::new("deploy@web1").connect_kwargs(kwargs()).inline_ssh_env(inline);
        debug_hidden("Connect", &connect);
        let web = batteries.fabric.connection(connect);
        let run = || web.run("true").env("DB_PASSWORD", SECRET).hide(true);
        debug_hidden("Run", &run());
        let result = run().wait().unwrap();
        debug_hidden("RunResult", &result);
        hidden("RunResult", result.to_string());
        error_hidden("UnexpectedExit", web.run("fail").env("API_TOKEN", SECRET).hide(true).wait().unwrap_err());
        host.shell("TOKEN='a hunter2' fail").reply("", 3);
        error_hidden("command", web.run("TOKEN='a hunter2' fail").hide(true).wait().unwrap_err());
        let sudo = || web.sudo("whoami").password(SECRET).env("DB_PASSWORD", SECRET).hide(true);
        debug_hidden("sudo", &sudo());
        sudo().wait().unwrap();
        error_hidden("AuthFailure", web.sudo("whoami").password("wrong-hunter2").hide(true).wait().unwrap_err());
        debug_hidden("Connection", &web);
        debug_hidden("auth_sources", &web.auth_sources());
        web.close().wait();
    }
    let wrong = Connect::new("deploy@web1").password("wrong-hunter2");
    error_hidden("Authentication", batteries.fabric.connection(wrong).run("true").wait().unwrap_err());
    debug_hidden("Responder", &Responder::new("password:", SECRET).unwrap());
    debug_hidden("Group", &batteries.fabric.group(["deploy@web1"]).run("x").env("DB_PASSWORD", SECRET));
    let mut options = RunOptions::default();
    options.env = Some(vec![("PLAIN".to_owned(), SECRET.to_owned())]);
    debug_hidden("RunOptions", &options);
    let mut exec = Exec::new("export DB_PASSWORD=hunter2 && true");
    exec.env = vec![("PLAIN".to_owned(), SECRET.to_owned())];
    debug_hidden("Exec", &exec);
    debug_hidden("Host", &host);
    let nested = |key: &str, value: Value| Dict::from_iter([(key, value)]);
    let overrides: Dict = Dict::from_iter([
        ("sudo", Value::Dict(nested("password", SECRET.into()))),
        ("connect_kwargs", Value::Dict(Dict::from_iter([("passphrase", SECRET), ("password", SECRET)]))),
        ("run", Value::Dict(nested("env", Value::Dict(nested("PLAIN", SECRET.into()))))),
        ("app", Value::List(vec![Value::Dict(nested("api_key", SECRET.into()))])),
    ]);
    let config = Config::builder(&batteries.os).overrides(overrides).build().unwrap();
    debug_hidden("Config", &config);
    let web = batteries.fabric.connection(Connect::new("deploy@web1").config(config));
    web.run("true").hide(true).wait().unwrap();
    debug_hidden("Connection", &web);
    check_world(&world, &batteries);
}

#[cfg(feature = "fabric")]
#[test]
fn errors_of_configurations_hide_values() {
    use leyden::fabric::config::Config;
    let files = [
        ("toml", "[sudo]\npassword = \"hunter2\" x\n"),
        ("toml", "[sudo\npassword = \"hunter2\"\n"),
        ("json", "{\"sudo\": {\"password\": \"hunter2\" x}}"),
        ("yaml", "sudo:\n  password: \"hunter2\" x\n y: [\n"),
        ("yaml", "sudo: {password: 'hunter2\n"),
        ("toml", "[sudo.password]\nx = 'hunter2'\n[connect_kwargs]\npassword = ['hunter2']\n"),
        ("toml", "[sudo]\npassword = ['hunter2']\n"),
        ("toml", "[run.env]\nPLAIN = ['hunter2']\n"),
    ];
    for (kind, text) in files {
        let world = World::new();
        world.fabric.host("web1");
        world.os.write(format!("/etc/fabric.{kind}"), text);
        let batteries = world.batteries();
        match Config::builder(&batteries.os).build() {
            Err(error) => error_hidden(text, error),
            Ok(config) => {
                debug_hidden(text, &config);
                let connect = leyden::fabric::Connect::new("web1").config(config);
                if let Err(error) = batteries.fabric.connection(connect).run("true").wait() {
                    error_hidden(text, error);
                }
            }
        }
    }
}

#[cfg(feature = "smtplib")]
#[test]
fn mail_servers_hide_logins() {
    use leyden::smtplib::email::{Content, EmailMessage};
    let world = world();
    world.smtplib.user("ann", SECRET);
    let smtplib = world.batteries().smtplib;
    let connect = || smtplib.smtp("mail.test", 0).dangerously_allow_cleartext_login();
    let smtp = connect().wait().unwrap();
    smtp.set_debuglevel(2);
    debug_hidden("login", &smtp.login("ann", SECRET));
    smtp.login("ann", SECRET).wait().unwrap();
    let other = connect().wait().unwrap();
    other.set_debuglevel(2);
    error_hidden("SMTPAuthenticationError", other.login("ann", "wrong-hunter2").wait().unwrap_err());
    let pool = connect().pool().login("ann", SECRET);
    debug_hidden("Pool", &pool);
    let mut message = EmailMessage::new();
    message.set("From", "ann@a.test").unwrap();
    message.set("To", "bob@b.test").unwrap();
    message.set_content(Content::text("hi\n")).unwrap();
    pool.send_message(&message).wait().unwrap().check().unwrap();
    debug_hidden("Smtp", &smtp);
    debug_hidden("outbox", &world.smtplib.outbox());
    hidden("debug log", world.smtplib.debug_log().join("\n"));
    check_world(&world, &world.batteries());
}

#[cfg(feature = "requests")]
#[test]
fn layers_hide_what_batteries_hide() {
    use leyden::layers::{ChromeTrace, DryRun, Http, Programs, Trace};
    use leyden::subprocess::{Arg, Run};
    let world = world();
    world.requests.any("*").reply(204);
    world.subprocess.program("login").reply("", 0);
    let (events, file) = (Arc::new(Mutex::new(String::new())), ChromeTrace::new());
    let (seen, sink) = (events.clone(), file.sink());
    let trace = Trace::over(&world.batteries(), move |event| {
        seen.lock().unwrap().push_str(&format!("{event} {event:?} {event:#?}\n"));
        sink(event);
    });
    let job = |Batteries { requests, subprocess, .. }: &Batteries| {
        for url in
            ["http://u:hunter2@a.test/", "http://u:hun/hunter2@a.test/", "http://a.test/?a=1;token=hunter2#access_token=hunter2"]
        {
            if let Err(error) = requests.get(url).headers([("X-Api-Key", SECRET), ("Cookie", SECRET)]).wait() {
                error_hidden(url, error);
            }
        }
        for argument in ["--password=hunter2", "http://u:hunter2@a.test/"] {
            if let Err(error) = subprocess.run(Run::new("login").arg(argument).arg(Secret::new(SECRET))).check(true).wait() {
                error_hidden(argument, error);
            }
        }
    };
    job(&trace.batteries());
    hidden("events", events.lock().unwrap().as_str());
    hidden("trace file", file.json());
    debug_hidden("Trace", &trace);
    let programs = Programs::refuse().assume([Arg::from("login"), Arg::from(Secret::new(SECRET))], 0, SECRET);
    debug_hidden("Programs", &programs);
    let http = Http::refuse().assume("GET", "http://u:hunter2@a.test/", 200, SECRET);
    debug_hidden("Http", &http);
    let rehearsal = DryRun::over(&world.batteries()).programs(programs).http(http);
    job(&rehearsal.batteries());
    hidden("Plan", format!("{} {:?}", rehearsal.plan(), rehearsal.plan()));
    debug_hidden("DryRun", &rehearsal);
    check_world(&world, &world.batteries());
}

#[cfg(all(feature = "infra", feature = "requests"))]
#[test]
fn desired_state_hides_secrets() {
    use leyden::infra::host::File;
    use leyden::infra::{Declare, Infra, Input, State};
    let world = world();
    world.requests.any("*").reply(500);
    for state in [State::file("/infra/state.json"), State::http("http://u:hunter2@state.test/prod?token=hunter2")] {
        let remote = format!("{state:?}").contains("Http");
        let infra = Infra::new("test", state);
        debug_hidden("Infra", &infra);
        let declare = |declare: &Declare| {
            declare.add("file", File::new("/secret", Input::secret(SECRET)).mode(0o600))?;
            declare.output("secret", Input::<String>::secret(SECRET))?;
            Ok(())
        };
        debug_hidden("File", &File::new("/secret", Input::secret(SECRET)));
        let batteries = world.batteries();
        debug_hidden("PlanRequest", &infra.plan(&batteries, declare));
        match infra.plan(&batteries, declare).wait() {
            Err(error) if remote => error_hidden("State", error),
            Err(error) => panic!("{error}"),
            Ok(plan) => {
                debug_hidden("Plan", &plan);
                hidden("Plan", format!("{plan} {}", plan.json()));
                let lines = Arc::new(Mutex::new(String::new()));
                let seen = lines.clone();
                let apply = plan.apply(&batteries).progress(move |event| {
                    seen.lock().unwrap().push_str(&format!("{event} {event:?}\n"));
                });
                debug_hidden("Apply", &apply);
                let applied = apply.wait().unwrap();
                debug_hidden("Applied", &applied);
                hidden("Applied", applied.to_string());
                hidden("progress", lines.lock().unwrap().as_str());
                hidden("state", String::from_utf8(world.os.read("/infra/state.json").unwrap()).unwrap());
            }
        }
    }
    debug_hidden("calls", &world.script().calls());
}

#[cfg(feature = "schedule")]
#[test]
fn schedules_hide_the_environment() {
    let world = world();
    let batteries = world.batteries();
    let schedule = &batteries.schedule;
    schedule.journal("/var/lib/ops").unwrap();
    schedule.every(1).seconds().do_(|_| ()).unwrap();
    debug_hidden("Scheduler", schedule);
    check_world(&world, &batteries);
}

/// Bytes of a peer or a file: each parser answers with a value or an error, in time that grows with the input.
#[cfg(all(feature = "fabric", feature = "schedule"))]
#[test]
fn parsers_take_any_bytes_in_linear_time() {
    use leyden::fabric::known_hosts::KnownHosts;
    use leyden::fabric::ssh_config::SshConfig;
    let world = World::new();
    let os = world.batteries().os;
    let known = |text: &str| {
        let mut hosts = KnownHosts::new();
        hosts.add_text("/k", text);
        drop(hosts.find("h"));
    };
    let ssh = |text: &str| {
        if let Ok(config) = SshConfig::from_text(&os, text) {
            drop(config.lookup("h"));
        }
    };
    let cron = |text: &str| drop(text.parse::<leyden::schedule::Cron>());
    let units: [(&str, &dyn Fn(&str), &[&str]); 3] = [
        (
            "known_hosts",
            &known,
            &["|1|", "h ssh-rsa AAAA\n", "@", "@revoked ", "*,", "[h]:99999999999,", "\u{e9}", "h ssh-rsa ////\n"],
        ),
        (
            "ssh_config",
            &ssh,
            &[
                "Host *\n",
                "Port 99999999999999999999\n",
                "ConnectTimeout 9999999999w\n",
                "Host a\n Host b\n",
                "\"",
                "=",
                "%h",
                "*",
                "\u{e9}\n",
                "Match all\n",
            ],
        ),
        ("cron", &cron, &["*", "*/", "0-", "1,", "99999999999999999999 ", "L", "#", "@", "\u{e9} ", "* "]),
    ];
    for (name, parse, units) in units {
        for unit in units {
            let took = |bytes: usize| {
                let text = unit.repeat(bytes / unit.len());
                let start = std::time::Instant::now();
                parse(&text);
                start.elapsed()
            };
            let (one, four) = (took(20_000), took(80_000));
            took(40_000);
            assert!(four < one * 12 + std::time::Duration::from_millis(200), "{name} {unit:?}: {one:?}, {four:?}");
        }
    }
}
