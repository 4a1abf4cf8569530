//! A cassette: what is recorded is answered with nothing behind, what is not is an error, and no secret is in the file.

use leyden::layers::cassette::Error;
use leyden::layers::{Mode, Recorder, Redact, Replay};
use leyden::prelude::*;
use leyden::requests::mock::Reply;
use leyden::subprocess::mock::Reply as Ran;

const CASSETTE: &str = "/cassettes/job.jsonl";

fn world() -> World {
    let world = World::new();
    world.os.mkdir("/cassettes");
    world.os.mkdir("/srv");
    world
}

fn open(world: &World) -> Replay {
    Replay::open(&world.batteries().os, CASSETTE).unwrap()
}

fn file(world: &World) -> String {
    world.os.read_text(CASSETTE).unwrap()
}

/// A job with all that is recorded; what it saw, as text.
fn job(Batteries { os, time, subprocess, requests, .. }: &Batteries) -> leyden::Result<String> {
    let mut seen = Vec::new();
    let started = time.time();
    seen.push(format!("time {started:?} home {:?} cwd {:?}", os.environ.get("HOME"), os.getcwd()?));
    let config = os.read_text("config/hosts.txt")?;
    seen.push(format!("{:?} {:?}", os.listdir("config")?, os.stat("config/hosts.txt")?.st_mtime));
    seen.push(format!("missing {} link {:?}", os.path.exists("/srv/none"), os.readlink("/srv/link")?));
    for host in config.lines() {
        let reply = requests.get(format!("https://{host}/status")).wait()?;
        seen.push(format!("{host} {} {} {:?}", reply.status_code, reply.text()?, reply.headers.get("X-Kind")));
    }
    let posted = requests.post("https://b.example/jobs").json(&serde_json::json!({ "n": 1 })).wait()?;
    seen.push(format!("{} {:?}", posted.status_code, posted.content()?));
    seen.push(requests.get("https://down.example/").wait().unwrap_err().to_string());
    let df = subprocess.run(["df", "-h"]).capture_output(true).wait()?;
    seen.push(format!("{} {:?} {:?}", df.returncode, df.stdout_text()?, df.stderr_text()?));
    for input in ["b\na\n", "d\nc\n"] {
        seen.push(format!("{:?}", subprocess.check_output("sort").input(input).wait()?));
    }
    seen.push(subprocess.run("no-such-program").wait().unwrap_err().to_string());
    seen.push(subprocess.run(["sleep", "60"]).timeout(secs(5)).wait().unwrap_err().to_string());
    time.sleep(secs(30)).wait();
    os.makedirs(MakeDirs::new("/srv/out/new").exist_ok(true))?;
    os.write_text("/srv/out/new/report", seen.join("\n"))?;
    os.write_text("/srv/log", format!("{}more\n", os.read_text("/srv/log")?))?;
    seen.push(format!("{} {:?}", os.read_text("/srv/log")?, os.listdir("/srv/out/new")?));
    seen.push(format!("took {:?}", time.time().duration_since(started)));
    Ok(seen.join("\n"))
}

fn furnished() -> World {
    let world = world();
    world.os.write("/srv/config/hosts.txt", "a.example\nb.example\n");
    world.os.write("/srv/config/other", [0xff, 0xfe]);
    world.os.write("/srv/log", "one\n");
    world.os.symlink("config/hosts.txt", "/srv/link");
    world.os.ambient().chdir("/srv".as_ref());
    world.clock().advance(secs(86_400.25));
    world.requests.get("https://a.example/status").reply(Reply::new(200).header("X-Kind", "a").body("fine").delay(secs(2)));
    world.requests.get("https://b.example/status").reply(Reply::new(503).body("busy"));
    world.requests.post("https://b.example/jobs").reply(Reply::new(201).body(&[0xff, 0x00, 0xfe][..]));
    world.requests.get("https://down.example/").refuse();
    world.subprocess.program("df").answer(Ran::new().stdout("97%\n").stderr("warning\n").delay(secs(3)).code(1));
    world.subprocess.program("sort").runs(|call| {
        let mut lines: Vec<&[u8]> = call.stdin.split_inclusive(|byte| *byte == b'\n').collect();
        lines.sort();
        Ran::new().stdout(lines.concat())
    });
    world.subprocess.program("sleep").answer(Ran::new().delay(secs(60)));
    world
}

#[test]
fn a_replay_gives_the_same_outputs_with_nothing_behind() {
    let world = furnished();
    let recorder = Recorder::over(&world.batteries(), CASSETTE);
    let recorded = job(&recorder.batteries().unwrap()).unwrap();
    recorder.finish().unwrap();
    assert_eq!(recorded, job(&furnished().batteries()).unwrap(), "a recording changes nothing");

    let replay = open(&world);
    assert_eq!(job(&replay.batteries()).unwrap(), recorded);
    assert_eq!(replay.unused(), Vec::<String>::new());
    // What the script wrote is in the model, and not on the machine.
    assert_eq!(replay.world().os.read_text("/srv/log").unwrap(), "one\nmore\n");
    assert_eq!(world.os.read_text("/srv/log").unwrap(), "one\nmore\n");
    // The calls of a second run have no answers left.
    assert!(job(&replay.batteries()).is_err());
}

#[test]
fn two_recordings_of_one_run_are_equal() {
    let files = [furnished(), furnished()].map(|world| {
        let recorder = Recorder::over(&world.batteries(), CASSETTE);
        job(&recorder.batteries().unwrap()).unwrap();
        recorder.finish().unwrap();
        file(&world)
    });
    assert_eq!(files[0], files[1]);
    assert!(files[0].lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
}

#[test]
fn an_unknown_call_shows_the_nearest_recorded_one() {
    let world = furnished();
    let recorder = Recorder::over(&world.batteries(), CASSETTE);
    let Batteries { os, requests, subprocess, .. } = recorder.batteries().unwrap();
    requests.get("https://a.example/status").wait().unwrap();
    requests.post("https://b.example/jobs").data("one").wait().unwrap();
    subprocess.run(["df", "-h"]).capture_output(true).wait().unwrap();
    subprocess.check_output("sort").input("b\na\n").wait().unwrap();
    os.read_text("/srv/log").unwrap();
    recorder.finish().unwrap();

    let replay = open(&world);
    let Batteries { os, requests, subprocess, .. } = replay.batteries();
    let why = requests.get("https://a.example/statos").wait().unwrap_err().to_string();
    assert!(
        why.contains("not in the cassette: GET https://a.example/statos; nearest recorded: GET https://a.example/status"),
        "{why}"
    );
    let why = requests.post("https://b.example/jobs").data("two").wait().unwrap_err().to_string();
    assert!(why.contains("it is recorded with another body"), "{why}");
    requests.get("https://a.example/status").wait().unwrap();
    let why = requests.get("https://a.example/status").wait().unwrap_err().to_string();
    assert!(why.contains("(already answered)"), "{why}");
    let why = subprocess.run(["df", "-k"]).capture_output(true).wait().unwrap_err().to_string();
    assert!(why.contains("not in the cassette: df -k (in /srv); nearest recorded: df -h (in /srv)"), "{why}");
    let why = subprocess.run("sort").input("other").capture_output(true).wait().unwrap();
    assert_eq!(why.returncode, 255);
    assert!(why.stderr_text().unwrap().contains("not in the cassette: sort (in /srv) with this input"));
    for (path, unknown) in
        [("/srv/lag", "/srv/lag; nearest recorded: /srv/log"), ("/srv/config", "/srv/config;"), ("/etc/passwd", "/etc;")]
    {
        let why = os.stat(path).unwrap_err().to_string();
        assert!(why.contains(&format!("not in the cassette: {unknown}")), "{why}");
    }
    assert_eq!(replay.unused(), ["POST https://b.example/jobs", "df -h (in /srv)", "sort (in /srv)"]);
}

#[test]
fn no_planted_secret_is_in_the_file() {
    let planted = [
        "planted-env",
        "planted-argv",
        "planted-opt",
        "planted-assign",
        "planted-query",
        "planted-url",
        "planted-bearer",
        "planted/basic+",
        "planted-cookie",
        "planted-set",
        "planted-json",
        "planted-form",
        "planted-file",
        "planted-key-line-0123456789",
        "planted-gzip-token",
        "planted-rule",
        "planted-stdin",
        "planted-proxy",
        "planted-xml",
        "planted-html",
        "planted-field",
        "planted-netrc",
        "planted-part",
        "planted-nested",
        "planted-curl",
        "planted-header",
        "planted-location",
    ];
    let world = world();
    world.os.set_environ([
        ("API_TOKEN", "planted-env"),
        ("DSN_URL", "postgres://ann:planted-url@db/app"),
        ("HOME", "/srv"),
        ("HTTPS_PROXY", ""),
    ]);
    world.os.write("/srv/app.ini", "user = ann\npassword = planted-file\n");
    world.os.write("/srv/.netrc", "machine h login ann password planted-netrc\n");
    world.os.write("/srv/id", "-----BEGIN PRIVATE KEY-----\nplanted-key-line-0123456789\n-----END PRIVATE KEY-----\n");
    let gzip: &[u8] = &[
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 171, 86, 42, 78, 45, 46, 206, 204, 207, 139, 47, 201, 207, 78, 205, 83, 178, 82, 80, 42,
        200, 73, 204, 43, 73, 77, 209, 77, 175, 202, 44, 208, 133, 136, 234, 40, 40, 229, 103, 3, 229, 12, 107, 1, 81, 232, 62,
        121, 48, 0, 0, 0,
    ];
    world.requests.any("https://x.example/zip").reply(Reply::new(200).header("Content-Encoding", "gzip").body(gzip));
    let xml =
        "<R><SecretAccessKey>planted-xml</SecretAccessKey><input type=hidden name=\"csrf_token\" value=\"planted-html\"></R>";
    world.requests.any("https://x.example/xml").reply(Reply::new(200).body(xml));
    world.requests.any("https://x.example/cookie").reply(Reply::new(200).header("Set-Cookie", "sid=planted-set; Path=/"));
    let away = "https://x.example/echo?access_token=planted-location";
    world.requests.any("https://x.example/away").reply(Reply::redirect(302, away));
    world.requests.any("https://x.example/echo").reply_with(|request| {
        // A server that repeats what it got, where no name gives it away.
        Reply::new(200).body(format!("you sent {} {:?} {}", request.url, request.headers, request.text()))
    });
    world.subprocess.program("tool").runs(|call| {
        let args: Vec<String> = call.argv.iter().map(|arg| arg.to_string_lossy().into_owned()).collect();
        Ran::new().stdout(format!("{args:?} {}", String::from_utf8_lossy(&call.stdin)))
    });
    world.subprocess.program("curl").reply("", 0);

    let script = |Batteries { os, requests, subprocess, .. }: &Batteries| -> leyden::Result<Vec<u16>> {
        let url = "https://x.example/echo";
        let mut codes = Vec::new();
        let header = requests.get(url).header("Authorization", "Bearer planted-bearer").header("X-Api-Key", "planted-header");
        codes.push(header.wait()?.status_code);
        codes.push(requests.get(url).auth(("ann", "planted/basic+")).wait()?.status_code);
        codes.push(requests.get(url).params([("token", "planted-query")]).wait()?.status_code);
        codes.push(requests.get(url).header("Cookie", "theme=dark; session=planted-cookie").wait()?.status_code);
        let json = serde_json::json!({ "password": "planted-json", "deep": [{ "secret": { "value": "planted-nested" } }] });
        codes.push(requests.post(url).json(&json).wait()?.status_code);
        codes.push(requests.post(url).data([("user", "ann"), ("passwd", "planted-form")]).wait()?.status_code);
        let part = leyden::requests::Part::bytes("planted-part");
        codes.push(requests.post(url).files([("api_key", part)]).wait()?.status_code);
        for path in ["zip", "xml", "cookie", "away"] {
            codes.push(requests.get(format!("https://x.example/{path}")).wait()?.status_code);
        }
        codes.push(requests.get(url).header("X-Tenant", "planted-field").wait()?.status_code);
        codes.push(requests.post(url).data("planted-rule").wait()?.status_code);
        let args: Vec<leyden::subprocess::Arg> = vec![
            "tool".into(),
            Secret::new("planted-argv").into(),
            "--password".into(),
            "planted-opt".into(),
            "--token=planted-assign".into(),
            "https://ann:planted-proxy@x.example/".into(),
        ];
        subprocess.run(args).input("{\"token\": \"planted-stdin\"}").capture_output(true).wait()?;
        subprocess.run(["curl", "-u", "ann:planted-curl", "https://x.example/"]).capture_output(true).wait()?;
        // A name that says nothing, a value that is known.
        subprocess.run(["tool", "x", "planted-env"]).capture_output(true).wait()?;
        for path in ["/srv/app.ini", "/srv/.netrc", "/srv/id"] {
            os.read_text(path)?;
        }
        Ok(codes)
    };
    let recorder =
        Recorder::over(&world.batteries(), CASSETTE).redact(Redact::name("x_tenant")).redact(Redact::value("planted-rule"));
    let codes = script(&recorder.batteries().unwrap()).unwrap();
    recorder.finish().unwrap();
    let text = file(&world);
    for secret in planted {
        assert!(!text.contains(secret), "{secret} is in the file: {}", text.lines().find(|line| line.contains(secret)).unwrap());
    }
    let base64 = ["cGxhbnRlZC9iYXNpYys", "YW5uOnBsYW50ZWQvYmFzaWMr"];
    assert!(base64.iter().all(|form| !text.contains(form)) && !text.contains("planted%2Fbasic"));
    assert!(!text.to_lowercase().contains("planted"), "{:?}", text.lines().find(|line| line.to_lowercase().contains("planted")));
    // What is not a secret stays readable.
    for kept in ["Bearer ***", "user = ann", "sid=***; Path=/", "theme=***", "login ann password ***"] {
        assert!(text.contains(kept), "{kept} is not in {text}");
    }
    // A script that has the secrets is answered, too: rules apply in a replay with a recorder.
    let again = Recorder::over(&world.batteries(), CASSETTE)
        .mode(Mode::None)
        .redact(Redact::name("x_tenant"))
        .redact(Redact::value("planted-rule"));
    assert_eq!(script(&again.batteries().unwrap()).unwrap(), codes);
    assert_eq!(again.unused(), Vec::<String>::new());
}

#[test]
fn a_secret_that_cannot_be_replaced_stops_the_file() {
    let world = world();
    world.os.set_environ([("API_TOKEN", "planted-env")]);
    // In a body that is not text.
    world.requests.get("https://x.example/").reply(Reply::new(200).body(&b"\xff\xfe planted-env"[..]));
    let recorder = Recorder::over(&world.batteries(), CASSETTE);
    recorder.batteries().unwrap().requests.get("https://x.example/").wait().unwrap();
    let error = recorder.finish().unwrap_err();
    assert!(matches!(error, Error::Leak { .. }));
    let why = error.to_string();
    assert!(why.contains("GET https://x.example/") && !why.contains("planted"), "{why}");
    assert!(!world.os.exists(CASSETTE));
}

#[test]
fn modes_are_those_of_vcr() {
    let world = world();
    let counted = world.requests.get("https://x.example/a").reply(Reply::new(200).body("one"));
    world.requests.get("https://x.example/b").reply(Reply::new(200).body("two"));
    let ask = |mode: Mode, path: &str| -> leyden::Result<String> {
        let recorder = Recorder::over(&world.batteries(), CASSETTE).mode(mode);
        let answer = recorder.batteries()?.requests.get(format!("https://x.example/{path}")).wait().map(|reply| reply.text());
        recorder.finish()?;
        Ok(answer??)
    };
    assert!(ask(Mode::None, "a").unwrap_err().to_string().contains("no such cassette"));
    assert_eq!((ask(Mode::Once, "a").unwrap().as_str(), counted.call_count()), ("one", 1));
    assert_eq!((ask(Mode::Once, "a").unwrap().as_str(), counted.call_count()), ("one", 1));
    assert_eq!((ask(Mode::None, "a").unwrap().as_str(), counted.call_count()), ("one", 1));
    assert!(ask(Mode::Once, "b").is_err() && ask(Mode::None, "b").is_err());
    assert_eq!((ask(Mode::NewEpisodes, "a").unwrap().as_str(), counted.call_count()), ("one", 1));
    assert_eq!(ask(Mode::NewEpisodes, "b").unwrap(), "two");
    assert_eq!(ask(Mode::None, "b").unwrap(), "two");
    assert_eq!((ask(Mode::None, "a").unwrap().as_str(), counted.call_count()), ("one", 1));
    assert_eq!((ask(Mode::All, "a").unwrap().as_str(), counted.call_count()), ("one", 2));
    assert!(ask(Mode::None, "b").is_err(), "`All` replaces the file");
}

#[test]
fn bodies_are_recorded_as_they_are_read() {
    let world = world();
    world.os.write("/srv/big", "x".repeat(5000));
    world.requests.get("https://x.example/long").reply(Reply::new(200).body("y".repeat(5000)));
    world.requests.get("https://x.example/cut").reply(Reply::new(200).header("Content-Length", "99").body("part").cut());
    world.requests.put("https://x.example/up").reply(204);
    let recorder = Recorder::over(&world.batteries(), CASSETTE).limit(1000);
    let Batteries { os, requests, .. } = recorder.batteries().unwrap();
    let long = requests.get("https://x.example/long").wait().unwrap();
    assert_eq!(long.text().unwrap().len(), 5000);
    let cut = requests.get("https://x.example/cut").wait().and_then(|reply| reply.text()).unwrap_err().to_string();
    assert_eq!(os.read_text("/srv/big").unwrap().len(), 5000);
    let up = requests.put("https://x.example/up").data(leyden::requests::Data::file("/srv/big")).wait().unwrap();
    assert_eq!(up.status_code, 204);
    recorder.finish().unwrap();
    assert!(file(&world).len() < 6000, "{}", file(&world).len());

    let Batteries { os, requests, .. } = open(&world).batteries();
    let why = requests.get("https://x.example/long").wait().and_then(|reply| reply.text()).unwrap_err();
    let why = format!("{:?}", leyden::Error::from(why));
    assert!(why.contains("only the first 1000 bytes"), "{why}");
    assert_eq!(requests.get("https://x.example/cut").wait().and_then(|reply| reply.text()).unwrap_err().to_string(), cut);
    assert!(os.read_text("/srv/big").unwrap_err().to_string().contains("too large"));
    assert_eq!(os.stat("/srv/big").unwrap().st_size, 5000);
}

#[test]
fn answers_are_given_once_to_many_threads() {
    let world = world();
    let plan = world.requests.get("https://x.example/n");
    let plan = (0..20).fold(plan, |plan, n| plan.reply(Reply::new(200).body(n.to_string())));
    drop(plan);
    let recorder = Recorder::over(&world.batteries(), CASSETTE);
    let ask = |batteries: Batteries| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let requests = batteries.requests.clone();
                let five = move || {
                    (0..5).map(|_| requests.get("https://x.example/n").wait().unwrap().text().unwrap()).collect::<Vec<_>>()
                };
                std::thread::spawn(five)
            })
            .collect();
        let mut all: Vec<String> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        all.sort();
        all
    };
    let recorded = ask(recorder.batteries().unwrap());
    recorder.finish().unwrap();
    assert_eq!(ask(open(&world).batteries()), recorded);
}

#[test]
fn what_a_cassette_cannot_hold_is_an_error() {
    let world = world();
    world.subprocess.program("make").reply("", 0);
    let recorder = Recorder::over(&world.batteries(), CASSETTE);
    let Batteries { os, subprocess, .. } = recorder.batteries().unwrap();
    assert!(os.statvfs("/").unwrap_err().to_string().contains("does not record"));
    let mut log = os.open(Open::new("/srv/make.log").mode("w")).unwrap();
    let stdout = leyden::subprocess::Stdio::file(&mut log).unwrap();
    assert!(subprocess.run("make").stdout(stdout).wait().unwrap_err().to_string().contains("use a pipe"));
    drop(recorder);
    for (text, why) in
        [("{\"kind\":\"request\"}\n", "the first entry"), ("no json\n", ":1: not a cassette entry"), ("", "the first entry")]
    {
        world.os.write(CASSETTE, text);
        let error = Replay::open(&world.batteries().os, CASSETTE).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
    world.os.write(CASSETTE, "{\"kind\":\"start\",\"version\":2}\n");
    assert!(Replay::open(&world.batteries().os, CASSETTE).unwrap_err().to_string().contains("unknown version"));
}

#[cfg(feature = "smtplib")]
#[test]
fn mail_dialogues_are_replayed_without_the_password() {
    let world = world();
    world.smtplib.user("ann", "planted-password");
    world.smtplib.refuse("eve@example.org", leyden::smtplib::Reply::new(550, "no such user"));
    let send = |batteries: &Batteries, text: &str| -> leyden::Result<String> {
        let smtp = batteries.smtplib.smtp("mail.example.com", 587).wait()?;
        smtp.starttls().wait()?;
        smtp.login("ann", "planted-password").wait()?;
        let refused = smtp.sendmail("ann@example.com", ["bob@example.org", "eve@example.org"], text).wait()?;
        smtp.quit().wait()?;
        let eve = &refused["eve@example.org"];
        Ok(format!("{} {eve}", refused.len()))
    };
    let recorder = Recorder::over(&world.batteries(), CASSETTE);
    let mail = "Subject: hi\nDate: Thu, 1 Jan 2026 00:00:00 +0000\n\nhi\n";
    let refused = send(&recorder.batteries().unwrap(), mail).unwrap();
    assert!(refused.contains("no such user"));
    recorder.finish().unwrap();
    let text = file(&world);
    assert!(!text.contains("planted") && !text.contains("cGxhbnRlZ") && text.contains("AUTH"), "{text}");

    let later = mail.replace("1 Jan", "2 Jan");
    assert_eq!(send(&open(&world).batteries(), &later).unwrap(), refused);
    let why = send(&open(&world).batteries(), &mail.replace("hi\n", "ho\n")).unwrap_err();
    let why = format!("{why:?}");
    assert!(why.contains("recorded: `"), "{why}");
    assert_eq!(world.smtplib.outbox().len(), 1);
}

/// The machine's own programs, pipes and files: what is wrapped reaches the kernel as it is.
#[test]
fn a_run_of_the_machine_is_replayed_in_memory() {
    let real = Batteries::included();
    let dir = real.os.tempfile.mkdtemp(leyden::os::tempfile::Temp::new()).unwrap();
    let cassette = dir.join("run.jsonl");
    let script = |Batteries { os, subprocess, .. }: &Batteries| -> leyden::Result<String> {
        let input = os.read_text(dir.join("in.txt"))?;
        let mut seen = vec![format!("{input:?}")];
        for line in ["cat; echo err >&2; exit 3", "kill -9 $$"] {
            let run = subprocess.run(["sh", "-c", line]).input(input.as_str()).capture_output(true).wait()?;
            seen.push(format!("{} {:?} {:?}", run.returncode, run.stdout_text()?, run.stderr_text()?));
        }
        let mut upstream = subprocess.popen(["printf", "b\\na\\n"]).stdout(PIPE).spawn()?;
        let piped = upstream.stdout.take().unwrap();
        seen.push(format!("{:?}", subprocess.check_output("sort").stdin(piped).wait()?));
        seen.push(format!("{}", upstream.wait(None)?));
        let late = subprocess.run(["sleep", "60"]).timeout(secs(0.05)).capture_output(true).wait().unwrap_err();
        seen.push(format!("{} {}", late.is_timeout(), os.getuid()));
        os.write_text(dir.join("out.txt"), "made")?;
        os.rename(dir.join("out.txt"), dir.join("moved.txt"))?;
        seen.push(format!("{:?} {}", os.listdir(&dir)?.len(), os.read_text(dir.join("moved.txt"))?));
        Ok(seen.join("\n"))
    };
    real.os.write_text(dir.join("in.txt"), "hello\n").unwrap();
    let before = real.time.time();
    let recorder = Recorder::over(&real, &cassette);
    let recorded = script(&recorder.batteries().unwrap()).unwrap();
    recorder.finish().unwrap();
    let replay = Replay::open(&real.os, &cassette).unwrap();
    real.os.shutil.rmtree(&dir).unwrap();
    let begun = replay.batteries().time.time();
    assert!(begun >= before && begun <= real.time.time(), "{begun:?}");
    assert_eq!(script(&replay.batteries()).unwrap(), recorded);
    assert_eq!(replay.unused(), Vec::<String>::new());
    assert!(!real.os.path.exists(&dir));
}

/// A form with a picture is not text as a whole; its fields are.
#[test]
fn fields_beside_bytes_are_hidden() {
    let world = world();
    world.requests.post("https://x.example/up").reply_with(|request| {
        let sent = &request.body;
        let secrets =
            ["planted-field", "planted-läng"].iter().all(|secret| sent.windows(secret.len()).any(|at| at == secret.as_bytes()));
        Reply::new(if secrets { 200 } else { 400 }).body(&b"\xff\xfe api_key=planted-answer\n"[..])
    });
    world
        .requests
        .get("https://x.example/again")
        .reply(Reply::new(200).body("known by now: planted-field planted-läng planted-answer"));
    world.subprocess.program("dump").reply(&b"\xff\nDB_PASSWORD=planted-dump\n\xfe"[..], 0);
    world.os.write("/srv/mixed", &b"caf\xe9\ntoken: planted-file\n"[..]);
    let script = |Batteries { os, requests, subprocess, .. }: &Batteries| -> leyden::Result<String> {
        let picture = leyden::requests::Part::bytes(&b"\x89PNG\xff\x00"[..]).filename("a.png");
        let post = requests.post("https://x.example/up").data([
            ("user", "ann"),
            ("password", "planted-field"),
            ("token", "planted-läng"),
        ]);
        let posted = post.files([("picture", picture)]).wait()?;
        let code = posted.status_code;
        posted.content()?;
        requests.get("https://x.example/again").wait()?.text()?;
        let dump = subprocess.run("dump").capture_output(true).wait()?.stdout.map_or(0, |bytes| bytes.len());
        Ok(format!("{code} {} {}", dump > 0, os.read_bytes("/srv/mixed").is_ok()))
    };
    let recorder = Recorder::over(&world.batteries(), CASSETTE);
    let recorded = script(&recorder.batteries().unwrap()).unwrap();
    assert_eq!(recorded, "200 true true");
    recorder.finish().unwrap();
    let text = file(&world);
    let mut all = text.clone();
    for entry in text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()) {
        for value in [&entry["request"]["body"], &entry["response"]["body"], &entry["stdout"], &entry["content"]] {
            if let Some(bytes) = value["base64"].as_str() {
                all.push_str(&String::from_utf8_lossy(&base64(bytes)));
            }
        }
    }
    assert!(!all.contains("planted"), "{all}");
    assert!(all.contains("ann") && all.contains("PNG") && all.contains("api_key=***"), "{all}");
    assert_eq!(script(&open(&world).batteries()).unwrap(), recorded);
}

fn base64(text: &str) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let bits: Vec<u8> =
        text.bytes().filter(|byte| *byte != b'=').flat_map(|byte| (0..6).rev().map(move |at| digit(byte) >> at & 1)).collect();
    bits.chunks_exact(8).map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | bit)).collect()
}

/// A program's own environment is not recorded; what is secret in it is known all the same.
#[test]
fn secrets_of_a_programs_environment_are_hidden() {
    let world = world();
    world.subprocess.program("login").runs(|call| {
        let token = call.environ.get(std::ffi::OsStr::new("API_TOKEN")).cloned().unwrap_or_default();
        Ran::new().stdout(format!("welcome {}", token.to_string_lossy()))
    });
    let script = |Batteries { subprocess, .. }: &Batteries| {
        let run = subprocess.run("login").env_update([("API_TOKEN", "planted-own")]).capture_output(true).wait();
        run.unwrap().returncode
    };
    let recorder = Recorder::over(&world.batteries(), CASSETTE);
    assert_eq!(script(&recorder.batteries().unwrap()), 0);
    recorder.finish().unwrap();
    assert!(!file(&world).contains("planted") && file(&world).contains("welcome ***"), "{}", file(&world));
    assert_eq!(script(&open(&world).batteries()), 0);
}

/// `requests.head(url).headers["Content-Length"]` is how a script learns the size of a download.
#[test]
fn a_length_without_its_body_is_kept() {
    let world = world();
    world.requests.head("https://x.example/big").reply(Reply::new(200).header("Content-Length", "123456"));
    world.requests.get("https://x.example/big").reply(Reply::new(200).body("x".repeat(300)));
    world.requests.get("https://x.example/none").reply(204);
    world.requests.get("https://x.example/same").reply(Reply::new(304).header("Content-Length", "17"));
    let script = |Batteries { requests, .. }: &Batteries| -> leyden::Result<Vec<String>> {
        let mut seen = Vec::new();
        let length =
            |reply: &leyden::requests::Response| format!("{} {:?}", reply.status_code, reply.headers.get("Content-Length"));
        seen.push(length(&requests.head("https://x.example/big").wait()?));
        let streamed = requests.get("https://x.example/big").stream(true).wait()?;
        seen.push(length(&streamed));
        drop(streamed);
        seen.push(length(&requests.get("https://x.example/none").wait()?));
        seen.push(length(&requests.get("https://x.example/same").wait()?));
        Ok(seen)
    };
    let recorder = Recorder::over(&world.batteries(), CASSETTE);
    let recorded = script(&recorder.batteries().unwrap()).unwrap();
    assert!(recorded[0].contains("123456") && recorded[1].contains("300"), "{recorded:?}");
    recorder.finish().unwrap();
    assert_eq!(script(&open(&world).batteries()).unwrap(), recorded);
}

/// What a script moves, links or gives another mode is read under its new name as it was.
#[test]
fn what_was_moved_is_replayed_with_its_content() {
    let world = world();
    for (path, text) in
        [("/srv/a", "alpha"), ("/srv/b", "bravo"), ("/srv/c", "charlie"), ("/srv/d/e/f", "deep"), ("/srv/full/x", "x")]
    {
        world.os.write(path, text);
    }
    world.os.link("/srv/a", "/srv/second");
    let script = |Batteries { os, .. }: &Batteries| -> leyden::Result<Vec<String>> {
        let mut seen = Vec::new();
        os.chmod("/srv/b", 0o600)?;
        seen.push(os.read_text("/srv/b")?);
        os.truncate("/srv/c", 5)?;
        seen.push(os.read_text("/srv/c")?);
        seen.push(os.mkdir("/srv/d").unwrap_err().to_string());
        os.chmod("/srv/d", 0o700)?;
        os.rename("/srv/d", "/srv/moved")?;
        seen.push(os.read_text("/srv/moved/e/f")?);
        os.rename("/srv/moved/e", "/srv/again")?;
        seen.push(format!("{:?} {:?}", os.listdir("/srv/again")?, os.listdir("/srv/moved")?));
        os.link("/srv/again/f", "/srv/link")?;
        seen.push(os.read_text("/srv/link")?);
        seen.push(os.rmdir("/srv/full").unwrap_err().to_string());
        seen.push(os.rename("/srv/moved", "/srv/full").unwrap_err().to_string());
        seen.push(format!("{:?}", (os.lstat("/srv/a")?.st_nlink, os.lstat("/srv/second")?.st_nlink).1));
        os.open(Open::new("/srv/a").mode("a"))?.write_text("!")?;
        seen.push(os.read_text("/srv/second")?);
        os.rename("/srv/b", "/srv/b")?;
        os.rename("/srv/second", "/srv/a")?;
        seen.push(format!("{} {}", os.read_text("/srv/b")?, os.read_text("/srv/second")?));
        os.remove("/srv/a")?;
        os.makedirs("/srv/d/e")?;
        seen.push(format!("{} {}", os.path.exists("/srv/d/e/f"), os.path.exists("/srv/a")));
        Ok(seen)
    };
    let recorder = Recorder::over(&world.batteries(), CASSETTE);
    let recorded = script(&recorder.batteries().unwrap()).unwrap();
    recorder.finish().unwrap();
    assert_eq!(script(&open(&world).batteries()).unwrap(), recorded);
}
