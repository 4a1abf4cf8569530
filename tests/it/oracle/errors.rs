//! Python's exception classes: each `python_name` is one, and the predicates agree with what Python derives it from.

use leyden::{os, requests, smtplib, subprocess, sys};
use std::collections::BTreeMap;
use std::io;

use crate::support::oracle::{Replay, cases};

#[test]
fn an_errno_is_of_pythons_class() {
    let mut replay = Replay::default();
    for case in cases("errors") {
        let Some(errno) = case["errno"].as_i64() else { continue };
        let errno = i32::try_from(errno).unwrap();
        let raw = io::Error::from_raw_os_error(errno);
        let class = case["class"].as_str().unwrap();
        replay.check(&case, os::Error::new("open", &raw, None, None).python_name(), class);
        replay.check(&case, leyden::Error::from(raw).python_name(), class);
    }
    replay.finish(2 * 133);
}

#[test]
fn names_and_predicates_are_pythons() {
    let classes: BTreeMap<(String, String), Vec<String>> = cases("errors")
        .iter()
        .filter(|case| !case["module"].is_null())
        .map(|case| {
            let text = |field: &str| case[field].as_str().unwrap().to_owned();
            let bases = case["bases"].as_array().unwrap().iter().map(|base| base.as_str().unwrap().to_owned()).collect();
            ((text("module"), text("name")), bases)
        })
        .collect();
    let mut replay = Replay::default();
    for (module, name, error) in errors() {
        let line = format!("{error}");
        assert!(!line.is_empty() && !line.contains('\n') && format!("{error:#}").lines().count() == 1, "{error:?}");
        assert_eq!(error.python_name(), name, "{error:?}");
        let bases = classes.get(&(module.to_owned(), name.to_owned())).unwrap_or_else(|| panic!("Python has no {module}.{name}"));
        let derives = |base: &str| bases.iter().any(|own| own == base);
        replay.check(format!("{name} OSError"), error.is_os_error(), derives("builtins.OSError"));
        let request = derives("requests.exceptions.RequestException");
        replay.check(format!("{name} RequestException"), error.is_request_exception(), request);
        replay.check(format!("{name} SMTPException"), error.is_smtp_exception(), derives("smtplib.SMTPException"));
        let timeout = ["builtins.TimeoutError", "requests.exceptions.Timeout", "subprocess.TimeoutExpired"];
        replay.check(format!("{name} timeout"), error.is_timeout(), timeout.iter().any(|base| derives(base)));
    }
    replay.finish(4 * 40);
}

/// One error of each class, as far as a script or a server can cause it here.
fn errors() -> Vec<(&'static str, &'static str, leyden::Error)> {
    use leyden::prelude::*;
    let mut all: Vec<(&'static str, &'static str, leyden::Error)> = Vec::new();

    let world = World::new();
    let Batteries { os, sys, shutil, subprocess, requests, time, platform, .. } = world.batteries();
    world.os.write("/file", b"\xff");
    world.os.write("/bad.tar", "no archive");
    os.mkdir("/dir").unwrap();
    all.extend([
        ("builtins", "FileNotFoundError", os.read_text("/none").unwrap_err().into()),
        ("builtins", "FileExistsError", os.mkdir("/dir").unwrap_err().into()),
        ("builtins", "IsADirectoryError", os.remove("/dir").unwrap_err().into()),
        ("builtins", "NotADirectoryError", os.listdir("/file").unwrap_err().into()),
        ("builtins", "UnicodeDecodeError", os.read_text("/file").unwrap_err().into()),
        ("builtins", "LookupError", os.open(Open::new("/file").encoding("klingon")).unwrap_err().into()),
        ("shutil", "SameFileError", shutil.copy("/file", "/file").unwrap_err().into()),
        ("shutil", "ReadError", shutil.unpack_archive("/bad.tar").unwrap_err().into()),
        ("builtins", "OSError", io::Error::from_raw_os_error(28).into()),
        ("builtins", "ValueError", "x".parse::<i32>().unwrap_err().into()),
        ("json", "JSONDecodeError", serde_json::from_str::<i32>("{").unwrap_err().into()),
        ("builtins", "UnicodeDecodeError", String::from_utf8(vec![0xff]).unwrap_err().into()),
        ("builtins", "Exception", leyden::Error::other("a text")),
        ("builtins", "SystemExit", sys.exit(2).unwrap_err().into()),
        ("builtins", "ValueError", sys::Error::Value("I/O operation on closed file".into()).into()),
        ("io", "UnsupportedOperation", sys::Error::UnsupportedOperation("not readable").into()),
        ("builtins", "OverflowError", time.gmtime(i64::MAX).unwrap_err().into()),
        ("builtins", "FileNotFoundError", platform.libc_ver(std::path::Path::new("/none")).unwrap_err().into()),
    ]);

    world.subprocess.program("false").reply("", 1);
    world.subprocess.program("slow").answer(subprocess::mock::Reply::new().delay(secs(60)));
    all.extend([
        ("subprocess", "CalledProcessError", subprocess.run(["false"]).check(true).wait().unwrap_err().into()),
        ("subprocess", "TimeoutExpired", subprocess.run(["slow"]).timeout(1).wait().unwrap_err().into()),
        ("builtins", "FileNotFoundError", subprocess.run(["none"]).wait().unwrap_err().into()),
        ("builtins", "LookupError", subprocess::Error::Lookup { what: "encoding", name: "klingon".into() }.into()),
    ]);

    use requests::Failure;
    let plan = |failure: Failure| world.script().fail_next("requests.send", failure);
    let mut get = |name: &'static str, failure: Failure| {
        plan(failure);
        all.push(("requests.exceptions", name, requests.get("https://a.test/").wait().unwrap_err().into()));
    };
    get("ConnectionError", Failure::Connect("connection refused".into()));
    get("ConnectTimeout", Failure::ConnectTimeout);
    get("ReadTimeout", Failure::ReadTimeout);
    get("SSLError", Failure::Tls("invalid peer certificate: UnknownIssuer".into()));
    get("ProxyError", Failure::Proxy("connection refused".into()));
    get("InvalidURL", Failure::Invalid("bad host".into()));
    world.requests.any("https://b.test/").reply(404);
    let missing = requests.get("https://b.test/").wait().unwrap();
    let no_json = missing.json::<i32>().unwrap_err();
    let session = requests.session();
    all.extend([
        ("requests.exceptions", "HTTPError", missing.raise_for_status().unwrap_err().into()),
        ("requests.exceptions", "JSONDecodeError", no_json.into()),
        ("requests.exceptions", "MissingSchema", session.get("a.test").wait().unwrap_err().into()),
        ("requests.exceptions", "InvalidSchema", session.get("gopher://a.test").wait().unwrap_err().into()),
        ("requests.exceptions", "InvalidHeader", session.get("https://a.test").header("A", "b\n").wait().unwrap_err().into()),
        ("requests.exceptions", "StreamConsumedError", requests::Error::StreamConsumed.into()),
        ("requests.exceptions", "RequestException", requests::Error::NotRead.into()),
        ("requests.cookies", "CookieConflictError", requests::Error::CookieConflict("id".into()).into()),
    ]);

    let reply = || smtplib::Reply::new(550, "no");
    let host = || "mail.test".to_owned();
    let raw = |errno| io::Error::from_raw_os_error(errno);
    use smtplib::Error as Smtp;
    all.extend([
        (
            "smtplib",
            "SMTPServerDisconnected",
            Smtp::ServerDisconnected { host: host(), what: "connection lost", source: Some(raw(104)) }.into(),
        ),
        ("builtins", "ConnectionRefusedError", Smtp::Connect { target: "mail.test:25".into(), source: raw(111) }.into()),
        ("builtins", "TimeoutError", Smtp::Connect { target: "mail.test:25".into(), source: raw(110) }.into()),
        ("ssl", "SSLError", Smtp::Tls { host: host(), source: io::Error::other("UnknownIssuer") }.into()),
        ("smtplib", "SMTPConnectError", Smtp::ConnectRefused { host: host(), reply: reply() }.into()),
        ("smtplib", "SMTPHeloError", Smtp::Helo(reply()).into()),
        ("smtplib", "SMTPAuthenticationError", Smtp::Authentication(reply()).into()),
        ("smtplib", "SMTPSenderRefused", Smtp::SenderRefused { sender: "a@b.test".into(), reply: reply() }.into()),
        (
            "smtplib",
            "SMTPRecipientsRefused",
            Smtp::RecipientsRefused { recipients: [("a@b.test".to_owned(), reply())].into() }.into(),
        ),
        ("smtplib", "SMTPDataError", Smtp::Data(reply()).into()),
        ("smtplib", "SMTPResponseException", Smtp::Response { command: "mail", reply: reply() }.into()),
        ("smtplib", "SMTPNotSupportedError", Smtp::NotSupported { extension: "STARTTLS" }.into()),
        ("smtplib", "SMTPException", Smtp::CleartextPassword { host: host() }.into()),
        ("builtins", "TimeoutError", Smtp::Timeout { host: host(), operation: "connect", budget: secs(30) }.into()),
        ("builtins", "ValueError", Smtp::Value("bad address".into()).into()),
    ]);
    all
}
