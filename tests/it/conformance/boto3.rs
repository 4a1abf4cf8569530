//! What all clients of `boto3` promise, whatever the service: before anything is sent, and when nobody answers. On the machine the
//! endpoint is a port of loopback where nobody listens.

use leyden::boto3::{Boto3, Config, ConfigError, Error};
use leyden::prelude::*;
use std::net::TcpListener;

struct Fixture {
    boto3: Boto3,
    os: leyden::os::Os,
    /// Where nobody is. None in memory, where everybody is.
    nowhere: Option<String>,
}

conformance!(
    mock = Fixture::mock,
    native = Fixture::native,
    [
        no_region,
        a_region_that_is_none,
        no_such_profile,
        half_of_the_credentials,
        an_endpoint_that_is_no_url,
        a_ca_bundle_that_is_not_there,
        what_a_client_knows_of_itself,
        a_default_session,
        nothing_is_sent_before_it_is_waited_for,
        nobody_listens,
        secrets_do_not_show,
    ]
);

impl Fixture {
    fn mock() -> Fixture {
        let batteries = World::new().batteries();
        batteries.os.environ.set("HOME", "/nobody").unwrap();
        Fixture { boto3: batteries.boto3, os: batteries.os, nowhere: None }
    }

    fn native() -> Fixture {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let nowhere = format!("http://{}", listener.local_addr().unwrap());
        let batteries = Batteries::included();
        for name in
            batteries.os.environ.keys().collect::<Vec<_>>().iter().filter(|name| name.to_string_lossy().starts_with("AWS_"))
        {
            batteries.os.environ.remove(name);
        }
        batteries.os.environ.set("HOME", "/nobody").unwrap();
        Fixture { boto3: batteries.boto3, os: batteries.os, nowhere: Some(nowhere) }
    }
}

#[cfg(feature = "ec2")]
fn a_default_session(f: &Fixture) {
    let (mut boto3, before) = (f.boto3.clone(), f.boto3.clone());
    boto3.setup_default_session(|session| session.region_name("eu-west-3").aws_access_key_id("AKIA").aws_secret_access_key("x"));
    let region = |boto3: &Boto3| boto3.client().ec2().meta().region_name().map(str::to_owned);
    assert_eq!(region(&boto3).as_deref(), Some("eu-west-3"));
    assert_eq!(boto3.resource().ec2().meta().client().meta().region_name(), Some("eu-west-3"));
    assert_eq!(boto3.client().region_name("us-east-2").ec2().meta().region_name(), Some("us-east-2"));
    // Told nothing, a session of its own knows nothing of it; nor do the handles of before.
    assert_eq!((boto3.session().get_region_name().unwrap(), region(&before)), (None, None));
}

#[cfg(not(feature = "ec2"))]
fn a_default_session(_: &Fixture) {}

fn config(error: Error) -> ConfigError {
    match error {
        Error::Config(error) => error,
        other => panic!("{other:?}"),
    }
}

fn no_region(f: &Fixture) {
    let error = f.boto3.client().ec2().describe_instances(|describe| describe).wait().unwrap_err();
    assert_eq!(config(error), ConfigError::NoRegion);
    assert_eq!(f.boto3.client().s3().meta().region_name(), Some("us-east-1"), "S3 has one always");
}

fn a_region_that_is_none(f: &Fixture) {
    let error = f.boto3.client().region_name("eu west/1").s3().list_buckets(|list| list).wait().unwrap_err();
    assert_eq!(config(error), ConfigError::InvalidRegion { region_name: "eu west/1".into() });
}

fn no_such_profile(f: &Fixture) {
    let session = f.boto3.session().profile_name("nightly");
    let error = session.client().s3().list_buckets(|list| list).wait().unwrap_err();
    assert_eq!(error.to_string(), "no profile \"nightly\" in ~/.aws/config and ~/.aws/credentials");
    assert!(matches!(config(error), ConfigError::ProfileNotFound { profile, .. } if profile == "nightly"));
    // B3: the files that were looked at.
    f.os.environ.set("AWS_CONFIG_FILE", "/nowhere/config").unwrap();
    f.os.environ.set("AWS_SHARED_CREDENTIALS_FILE", "/nowhere/keys").unwrap();
    let error = session.client().s3().list_buckets(|list| list).wait().unwrap_err();
    assert_eq!(error.to_string(), "no profile \"nightly\" in /nowhere/config and /nowhere/keys");
}

fn half_of_the_credentials(f: &Fixture) {
    let error = f.boto3.client().aws_access_key_id("AKID").s3().list_buckets(|list| list).wait().unwrap_err();
    assert_eq!(config(error), ConfigError::PartialCredentials { place: "the session", missing: "aws_secret_access_key" });
}

fn an_endpoint_that_is_no_url(f: &Fixture) {
    for url in ["localhost:9000", "http://", ""] {
        let error = f.boto3.client().endpoint_url(url).s3().list_buckets(|list| list).wait().unwrap_err();
        assert_eq!(config(error), ConfigError::InvalidEndpoint { url: url.into() });
    }
}

fn a_ca_bundle_that_is_not_there(f: &Fixture) {
    f.os.environ.set("AWS_CA_BUNDLE", "/nowhere/ca.pem").unwrap();
    let error = f.boto3.client().s3().list_buckets(|list| list).wait().unwrap_err();
    assert!(matches!(config(error), ConfigError::CaBundle { path, .. } if path.ends_with("ca.pem")));
}

fn what_a_client_knows_of_itself(f: &Fixture) {
    f.os.environ.set("AWS_DEFAULT_REGION", "eu-west-3").unwrap();
    let client = f.boto3.client().endpoint_url("http://127.0.0.1:9/base").config(Config::new().max_attempts(2)).ec2();
    let meta = client.meta();
    assert_eq!((meta.service_name(), meta.region_name()), ("ec2", Some("eu-west-3")));
    assert_eq!(meta.endpoint_url(), Some("http://127.0.0.1:9/base/"), "a path ends");
    assert_eq!(meta.config().max_attempts, 2);
    assert_eq!(f.boto3.session().get_partition_for_region("cn-north-1").unwrap(), "aws-cn");
    assert_eq!(f.boto3.session().get_partition_for_region("us-gov-new-7").unwrap(), "aws-us-gov");
    assert!(f.boto3.session().get_partition_for_region("moon").is_err());
    assert!(f.boto3.session().get_available_regions("ec2", "aws").contains(&"eu-central-1"));
}

fn nothing_is_sent_before_it_is_waited_for(f: &Fixture) {
    let client = f.boto3.client().endpoint_url("http://127.0.0.1:9").s3();
    drop(client.create_bucket(|create| create.bucket("never")));
}

fn nobody_listens(f: &Fixture) {
    let Some(nowhere) = &f.nowhere else { return };
    let client = f.boto3.client().endpoint_url(nowhere).aws_access_key_id("AKID").aws_secret_access_key("secret");
    let client = client.config(Config::new().max_attempts(1)).s3();
    let error = client.list_buckets(|list| list).wait().unwrap_err();
    assert!(matches!(&error, Error::EndpointConnection { endpoint, .. } if endpoint == nowhere), "{error:?}");
    assert_eq!(error.to_string(), format!("list_buckets: cannot connect to {nowhere}: connection refused"));
}

fn secrets_do_not_show(f: &Fixture) {
    let session = f.boto3.session().aws_access_key_id("AKID").aws_secret_access_key("hush/hush").aws_session_token("quiet");
    let client = session.client().config(Config::new().proxies([("https", "http://user:word@proxy:1")])).s3();
    let shown = format!("{session:?} {client:?} {:?} {:?}", client.meta(), session.get_credentials());
    assert!(!shown.contains("hush") && !shown.contains("quiet") && !shown.contains("word@"), "{shown}");
}
