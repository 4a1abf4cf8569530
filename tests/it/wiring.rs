//! A set of batteries in which some are replaced: what is not replaced is made over what is, and never over the machine's own.

#![allow(unused_imports, reason = "a battery alone has few of the cases")]

use leyden::prelude::*;

/// A real program sees the environment and the directory of the replaced `os`.
#[cfg(all(feature = "os", feature = "subprocess"))]
#[test]
fn subprocess_takes_the_environment_of_a_replaced_os() {
    let world = World::new();
    world.os.set_environ([("ONLY", "here")]);
    let Batteries { subprocess, os, .. } = Batteries::builder().os(world.os.handle()).build();
    os.chdir("/tmp").unwrap();
    let env = subprocess.run(["/usr/bin/env"]).capture_output(true).wait().unwrap();
    assert_eq!(env.stdout_text().unwrap(), "ONLY=here\n");
    let pwd = subprocess.run(["/bin/pwd"]).capture_output(true).wait().unwrap();
    assert_eq!(pwd.stdout_text().unwrap(), "/tmp\n");
}

/// The zone of the replaced environment.
#[cfg(all(feature = "os", feature = "time"))]
#[test]
fn time_takes_the_environment_of_a_replaced_os() {
    let world = World::new();
    world.os.set_environ([("TZ", "XYZ-7")]);
    let Batteries { time, .. } = Batteries::builder().os(world.os.handle()).build();
    assert_eq!(time.strftime("%Z %z", &time.localtime(0).unwrap()).unwrap(), "XYZ +0700");
}

/// The proxy of the replaced environment, which refuses: the URL's host is never asked.
#[cfg(feature = "requests")]
#[test]
fn requests_takes_the_environment_of_a_replaced_os() {
    let world = World::new();
    world.os.set_environ([("http_proxy", "http://127.0.0.1:1")]);
    let Batteries { requests, .. } = Batteries::builder().os(world.os.handle()).build();
    let error = requests.get("http://leyden.invalid/").wait().unwrap_err();
    assert!(matches!(error, leyden::requests::Error::Proxy(_)), "{error:?}");
}

/// The profiles of the replaced files, and none of the machine's.
#[cfg(feature = "s3")]
#[test]
fn boto3_takes_the_files_of_a_replaced_os() {
    let world = World::new();
    world.os.write("/root/.aws/config", "[profile only]\nregion = eu-west-1\n");
    let Batteries { boto3, .. } = Batteries::builder().os(world.os.handle()).build();
    assert_eq!(boto3.session().available_profiles().unwrap(), ["only"]);
}

/// The clock of the replaced time: a signed URL bears its date.
#[cfg(feature = "s3")]
#[test]
fn boto3_takes_the_clock_of_a_replaced_time() {
    let world = World::new();
    world.os.set_environ([("AWS_ACCESS_KEY_ID", "AKID"), ("AWS_SECRET_ACCESS_KEY", "secret"), ("AWS_REGION", "eu-west-1")]);
    let Batteries { boto3, .. } = Batteries::builder().os(world.os.handle()).time(world.time.handle()).build();
    let s3 = boto3.client().s3();
    let url = s3.generate_presigned_url().get_object(|get| get.bucket("b").key("k")).wait().unwrap();
    assert!(url.url.contains("X-Amz-Date=20260101T000000Z"), "{}", url.url);
}
