//! What boto3 found in environment and files, for the same environment and files in memory.

use leyden::World;
use leyden::boto3::{ConfigError, Credentials, Error, Meta, RetryMode};
use serde_json::{Value, json};

use crate::support::oracle::{Replay, cases};

fn named(error: &Error) -> Value {
    let name = match error {
        Error::Config(error) => match error {
            ConfigError::NoRegion => "NoRegion",
            ConfigError::ProfileNotFound { .. } => "ProfileNotFound",
            ConfigError::PartialCredentials { .. } => "PartialCredentials",
            ConfigError::ConfigParse { .. } => "ConfigParse",
            ConfigError::InvalidRetryMode { .. } => "InvalidRetryMode",
            ConfigError::InvalidSetting { .. } => "InvalidSetting",
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    json!({ "error": name })
}

fn keys(found: Credentials) -> Value {
    match found {
        Credentials::Static { access_key_id, secret_access_key, session_token } => {
            json!([access_key_id, secret_access_key.expose(), session_token.map(|token| token.expose().to_owned())])
        }
        // Nobody is asked in the oracle: Python found none.
        _ => Value::Null,
    }
}

fn client(service: &str, meta: &Meta) -> Value {
    let config = meta.config();
    let mode = if config.retry_mode == RetryMode::Adaptive { "adaptive" } else { "standard" };
    let region = meta.region_name().filter(|_| service == "ec2");
    json!({ "region": region, "endpoint_url": meta.endpoint_url(), "retries": [config.max_attempts, mode] })
}

#[test]
fn sessions_find_what_boto3_finds() {
    let mut replay = Replay::default();
    for row in cases("boto3_session") {
        let world = World::new();
        let batteries = world.batteries();
        let environ = row["environ"].as_object().unwrap().iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
        world.os.set_environ(environ.chain([("HOME", "/home/me")]));
        for name in ["config", "credentials"] {
            if let Some(text) = row[name].as_str() {
                world.os.write(format!("/home/me/.aws/{name}"), text);
            }
        }
        // DIFFERENCE: a key's name without the key is an error at once. boto3 signs with nothing, and the service refuses.
        let arguments = row["arguments"].as_object().unwrap();
        if arguments.contains_key("aws_access_key_id") && !arguments.contains_key("aws_secret_access_key") {
            continue;
        }
        let mut session = batteries.boto3.session();
        for (name, value) in arguments {
            let value = value.as_str().unwrap();
            session = match name.as_str() {
                "profile_name" => session.profile_name(value),
                "region_name" => session.region_name(value),
                "aws_access_key_id" => session.aws_access_key_id(value),
                _ => session.aws_secret_access_key(value),
            };
        }
        let what = format!("{} {} {} {}", row["config"], row["credentials"], row["environ"], row["arguments"]);
        // Python reads the files when the session is made, leyden when it is asked.
        if !row["session"].is_null() {
            let error = session.client().s3().list_buckets(|list| list).wait_for_error();
            replay.check(&what, named(&error), row["session"].clone());
            continue;
        }
        let region = session.get_region_name().map_or_else(|error| named(&error), |region| json!(region));
        replay.check(format!("{what}: region"), region, row["region"].clone());
        replay.check(format!("{what}: profile"), json!(session.get_profile_name()), row["profile"].clone());
        let profiles = session.available_profiles().map_or_else(|error| named(&error), |profiles| json!(profiles));
        replay.check(format!("{what}: profiles"), profiles, row["profiles"].clone());
        let found = session.get_credentials().map_or_else(|error| named(&error), keys);
        replay.check(format!("{what}: keys"), found, row["keys"].clone());
        for service in ["s3", "ec2"] {
            let (meta, error) = match service {
                "s3" => {
                    let client = session.client().s3();
                    (client.meta(), client.list_buckets(|list| list).config_error())
                }
                _ => {
                    let client = session.client().ec2();
                    (client.meta(), client.describe_regions(|describe| describe).config_error())
                }
            };
            let ours = error.map_or_else(|| client(service, &meta), |error| named(&error));
            let mut python = row[service].clone();
            // Not said: the mode's own number, which botocore looks up later.
            if let Some(attempts) = python.pointer_mut("/retries/0").filter(|attempts| attempts.is_null()) {
                *attempts = json!(3);
            }
            replay.check(format!("{what}: {service}"), ours, python);
        }
    }
    replay.finish(1_400);
}

/// What keeps a client from being made is the answer to its first call.
trait Refused: Sized {
    fn config_error(self) -> Option<Error>;

    fn wait_for_error(self) -> Error {
        self.config_error().unwrap()
    }
}

impl<T: Send + 'static> Refused for leyden::boto3::Call<T> {
    fn config_error(self) -> Option<Error> {
        leyden::Wait::wait(self).err().filter(|error| matches!(error, Error::Config(_)))
    }
}
