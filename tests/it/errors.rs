//! `leyden::Error`: one line that says what failed, on what, and why.

use leyden::prelude::*;
use leyden::{Error, Result};
use std::error::Error as _;

fn read(Batteries { os, .. }: &Batteries) -> Result<String> {
    os.read_text("/etc/app.conf").context("reading the settings")
}

#[test]
fn a_context_names_the_step_and_hides_nothing() {
    let error = read(&World::new().batteries()).context(format_args!("starting {}", "app")).unwrap_err();
    let line = "starting app: reading the settings: read_text '/etc/app.conf': no such file or directory (errno 2)";
    assert_eq!((error.to_string(), format!("{error:#}"), format!("{error:?}")), (line.into(), line.into(), line.into()));
    assert_eq!(error.python_name(), "FileNotFoundError");
    assert!(error.is_os_error() && !error.is_timeout() && !error.is_client_error("NoSuchKey"));
    assert!(error.is::<leyden::os::Error>() && error.source().is_none());
    let whole = error.downcast::<Never>().unwrap_err();
    assert_eq!(whole.to_string(), line, "a failed downcast keeps the steps");
    assert!(matches!(whole.downcast(), Ok(leyden::os::Error::FileNotFound(_))));
}

#[derive(Debug, thiserror::Error)]
#[error("never")]
struct Never;

#[derive(Debug, thiserror::Error)]
#[error("cannot load the plan")]
struct Outer(#[source] Middle);

#[derive(Debug, thiserror::Error)]
#[error("line 3: {0}")]
struct Middle(#[source] std::num::ParseIntError);

#[test]
fn causes_are_named_once() {
    let number = "x".parse::<i32>().unwrap_err();
    let error = Error::other(Outer(Middle(number)));
    assert_eq!(error.to_string(), "cannot load the plan");
    assert_eq!(format!("{error:#}"), "cannot load the plan: line 3: invalid digit found in string");
    assert_eq!(format!("{error:?}"), "cannot load the plan\n  caused by: line 3: invalid digit found in string");
}

#[test]
fn other_takes_any_error_and_wraps_none_twice() {
    fn script() -> Result<u8> {
        let number: u8 = serde_json::from_str("7")?;
        let doubled = number.checked_mul(2).ok_or("too large").other()?;
        let again: Result<u8> = Err(Error::from("300".parse::<u8>().unwrap_err()).context("parsing"));
        Ok(again.other().unwrap_or(doubled))
    }
    assert_eq!(script().unwrap(), 14);
    let error = Error::other(Error::other("it burns").context("cooking")).context("dinner");
    assert_eq!(error.to_string(), "dinner: cooking: it burns");
}

#[test]
fn a_missing_file_to_upload_is_named() {
    let Batteries { requests, .. } = World::new().batteries();
    let error = requests.post("https://a.test/").data(leyden::requests::Data::file("/none.bin")).wait().unwrap_err();
    assert!(error.to_string().contains("'/none.bin': no such file or directory (errno 2)"), "{error}");
    assert_eq!(error.python_name(), "FileNotFoundError");
    assert!(error.is_os_error() && !error.is_request_exception() && error.source().is_none());
}

#[test]
fn a_failed_name_lookup_says_so() {
    let Batteries { requests, smtplib, .. } = Batteries::included();
    let error = requests.get("http://no-such-host.invalid/").wait().unwrap_err();
    let line = error.to_string();
    assert!(line.starts_with("GET http://no-such-host.invalid/: ") && line.contains("lookup"), "{line}");
    let error = smtplib.smtp("no-such-host.invalid", 25).wait().unwrap_err();
    let line = error.to_string();
    assert!(line.starts_with("cannot connect to no-such-host.invalid:25: ") && line.contains("lookup"), "{line}");
}

#[test]
fn a_timeout_names_the_host() {
    let world = World::new();
    let Batteries { requests, .. } = world.batteries();
    world.script().fail_next("requests.send", leyden::requests::Failure::ConnectTimeout);
    let error = Error::from(requests.get("http://slow.test/").wait().unwrap_err());
    assert_eq!(error.to_string(), "GET http://slow.test/: connecting timed out");
    assert!(error.is_timeout());
}
