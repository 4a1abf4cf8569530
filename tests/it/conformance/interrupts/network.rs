//! Calls over the network, in a World and against real sockets that never answer.

use super::{interrupted, secs, send};
use crate::support::alone;
use leyden::Signal;
use leyden::prelude::*;
use std::net::TcpListener;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// Sends a signal to this process in a while, and gives the port of a server that accepts and then says nothing.
fn silence() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let mut open = Vec::new();
        while let Ok((stream, _)) = listener.accept() {
            open.push(stream);
        }
    });
    thread::spawn(|| {
        thread::sleep(Duration::from_millis(300));
        send(Signal::Sigint);
    });
    port
}

fn machine(call: impl FnOnce(&Batteries, u16) -> leyden::Error) {
    if !alone::alone(Path::new("/")) {
        return;
    }
    let batteries = Batteries::included();
    batteries.sys.on_interrupt().unwrap();
    let start = Instant::now();
    let error = call(&batteries, silence());
    assert_eq!(interrupted(error), Some(Signal::Sigint));
    assert!(start.elapsed() < secs(20));
    batteries.sys.check_interrupt().unwrap();
}

fn armed() -> (World, Batteries) {
    let world = World::new();
    let batteries = world.batteries();
    batteries.sys.on_interrupt().unwrap();
    world.interrupt_at(secs(3), Signal::Sigterm);
    (world, batteries)
}

#[cfg(feature = "requests")]
#[test]
fn a_request_to_a_silent_server() {
    machine(|batteries, port| batteries.requests.get(format!("http://127.0.0.1:{port}/")).wait().unwrap_err().into());
}

#[cfg(feature = "requests")]
#[test]
fn a_download_from_a_silent_server() {
    machine(|batteries, port| {
        let path = std::env::temp_dir().join(format!("leyden-interrupt-download-{}", std::process::id()));
        batteries.requests.get(format!("http://127.0.0.1:{port}/")).download(path).wait().unwrap_err().into()
    });
}

#[cfg(feature = "requests")]
#[test]
fn a_slow_answer_in_memory() {
    let (world, batteries) = armed();
    let reply = || leyden::requests::mock::Reply::new(200).delay(secs(10));
    world.requests.get("http://slow.test/").reply(reply()).reply(reply());
    let error = batteries.requests.get("http://slow.test/").wait().unwrap_err();
    assert_eq!(error.to_string(), "GET http://slow.test/: ended by SIGTERM");
    assert_eq!((interrupted(error), world.clock().elapsed()), (Some(Signal::Sigterm), secs(3)));
    // It is reported once.
    assert_eq!(batteries.requests.get("http://slow.test/").wait().unwrap().status_code, 200);
}

#[cfg(feature = "smtplib")]
#[test]
fn a_mail_to_a_silent_server() {
    machine(|batteries, port| batteries.smtplib.smtp("127.0.0.1", port).wait().unwrap_err().into());
}

#[cfg(feature = "s3")]
#[test]
fn an_object_of_a_silent_service() {
    machine(|batteries, port| {
        let client = batteries.boto3.client().region_name("us-east-1").endpoint_url(format!("http://127.0.0.1:{port}"));
        let s3 = client.aws_access_key_id("AKIDEXAMPLE").aws_secret_access_key("secret").s3();
        s3.get_object(|get| get.bucket("b").key("k")).wait().unwrap_err().into()
    });
}

#[cfg(feature = "s3")]
#[test]
fn an_upload_to_a_silent_service() {
    machine(|batteries, port| {
        let client = batteries.boto3.client().region_name("us-east-1").endpoint_url(format!("http://127.0.0.1:{port}"));
        let s3 = client.aws_access_key_id("AKIDEXAMPLE").aws_secret_access_key("secret").s3();
        let path = std::env::temp_dir().join(format!("leyden-interrupt-upload-{}", std::process::id()));
        std::fs::write(&path, "data").unwrap();
        let error = s3.upload_file(&path, "b", "k").wait().unwrap_err();
        std::fs::remove_file(path).unwrap();
        error.into()
    });
}

#[cfg(feature = "s3")]
#[test]
fn a_waiter_in_memory() {
    let (world, batteries) = armed();
    let s3 = batteries.boto3.client().s3();
    s3.create_bucket(|create| create.bucket("backups")).wait().unwrap();
    let error = s3.get_waiter().object_exists(|head| head.bucket("backups").key("k")).wait().unwrap_err();
    assert_eq!((interrupted(error), world.clock().elapsed()), (Some(Signal::Sigterm), secs(3)));
}
