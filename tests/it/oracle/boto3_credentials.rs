//! Who signed where the real boto3 was asked, for the same environment, files and services on this machine. The fake services are
//! those of `tests/oracle/boto3_credentials.py`.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Arc, Mutex};

use leyden::Wait as _;
use leyden::boto3::{Boto3, ConfigError, Error};
use leyden::os::Os;
use serde_json::{Value, json};

use crate::support::http::{Answer, Seen, Server};
use crate::support::oracle::{Replay, cases};
use crate::support::s3::directory;

const FAR: &str = "2099-01-01T00:00:00Z";
const PAST: &str = "2001-01-01T00:00:00Z";

type Trail = Arc<Mutex<Vec<String>>>;

/// The access key of a signature.
fn key(seen: &Seen) -> String {
    let signed = seen.header("authorization").and_then(|text| text.split_once("Credential=")?.1.split_once('/'));
    signed.map_or("None", |(key, _)| key).to_owned()
}

fn document(key: &str, end: &str) -> Answer {
    let text = json!({ "Code": "Success", "AccessKeyId": key, "SecretAccessKey": "secret", "Token": "t", "Expiration": end });
    Answer::new(200).body(text.to_string())
}

fn unquoted(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'%' {
            bytes.push(u8::from_str_radix(std::str::from_utf8(&after[..2]).unwrap(), 16).unwrap());
            rest = &after[2..];
        } else {
            bytes.push(if byte == b'+' { b' ' } else { byte });
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn sts(seen: &Seen, trail: &Trail) -> Answer {
    let text = String::from_utf8(seen.body.clone()).unwrap();
    let form: BTreeMap<_, _> =
        text.split('&').filter_map(|pair| pair.split_once('=')).map(|(k, v)| (unquoted(k), unquoted(v))).collect();
    let (action, role) = (&form["Action"], form["RoleArn"].rsplit('/').next().unwrap());
    let name = &form["RoleSessionName"];
    let mut line = format!("{action} {role} by {}", key(seen));
    if !name.starts_with("botocore-session-") {
        line += &format!(" as {name}");
    }
    for extra in ["ExternalId", "DurationSeconds"] {
        line += &form.get(extra).map(|value| format!(" {extra}={value}")).unwrap_or_default();
    }
    trail.lock().unwrap().push(line);
    let refusal = match action.as_str() {
        "AssumeRoleWithWebIdentity" if form["WebIdentityToken"] != "web-token" => Some((400, "InvalidIdentityToken")),
        _ if role == "DENIED" => Some((403, "AccessDenied")),
        _ => None,
    };
    if let Some((status, code)) = refusal {
        let body =
            format!("<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>");
        return Answer::new(status).header("Content-Type", "text/xml").body(body);
    }
    let keys = format!(
        "<Credentials><AccessKeyId>KEY{role}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>t</SessionToken>\
         <Expiration>{FAR}</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>A:b</AssumedRoleId>\
         <Arn>arn:aws:sts::123456789012:assumed-role/{role}/s</Arn></AssumedRoleUser>"
    );
    let body = format!(
        "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result>{keys}</{action}Result></{action}Response>"
    );
    Answer::new(200).header("Content-Type", "text/xml").body(body)
}

fn fake(seen: &Seen, trail: &Trail) -> Answer {
    let note = |line: String| trail.lock().unwrap().push(line);
    let path = seen.path().to_owned();
    if seen.method == "CONNECT" {
        note(format!("CONNECT {path}"));
        return Answer::new(502);
    }
    if path.starts_with("/sts") {
        return sts(seen, trail);
    }
    if path == "/token" {
        let asked: Value = serde_json::from_slice(&seen.body).unwrap();
        note(format!("token {}", asked["refreshToken"].as_str().unwrap()));
        let fresh = json!({ "accessToken": "good", "expiresIn": 3600, "refreshToken": "next" });
        return Answer::new(200).body(fresh.to_string());
    }
    if path.starts_with("/s3") {
        note(format!("s3 by {}", key(seen)));
        let all = "<ListAllMyBucketsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Buckets/></ListAllMyBucketsResult>";
        return Answer::new(200).header("Content-Type", "application/xml").body(all);
    }
    note(format!("{} {path}", seen.method));
    match path.as_str() {
        "/federation/credentials" if seen.header("x-amz-sso_bearer_token") == Some("good") => {
            let keys = json!({ "accessKeyId": "SSOKEY", "secretAccessKey": "secret", "sessionToken": "t", "expiration": 4_070_908_800_000_u64 });
            Answer::new(200).body(json!({ "roleCredentials": keys }).to_string())
        }
        "/federation/credentials" => Answer::new(401).header("x-amzn-errortype", "UnauthorizedException"),
        "/container/ok" => document("CONTAINERKEY", FAR),
        "/container/token" if seen.header("authorization") == Some("let me in") => document("CONTAINERKEY", FAR),
        "/container/token" => Answer::new(403),
        "/container/expired" => document("CONTAINERKEY", PAST),
        _ => match path.strip_prefix("/imds/").and_then(|rest| rest.split_once('/')) {
            Some(("v1", "latest/api/token")) => Answer::new(404),
            Some((_, "latest/api/token")) => Answer::new(200).body("imds-token"),
            Some((kind, _)) if kind != "v1" && seen.header("x-aws-ec2-metadata-token") != Some("imds-token") => Answer::new(401),
            Some(("norole", _)) => Answer::new(404),
            Some((_, "latest/meta-data/iam/security-credentials/")) => Answer::new(200).body("the-role"),
            Some(("error", _)) => Answer::new(200).body("{\"Code\": \"AssumeRoleUnauthorizedAccess\", \"Message\": \"no\"}"),
            Some(("expired", _)) => document("INSTANCEKEY", PAST),
            Some(_) => document("INSTANCEKEY", FAR),
            None => Answer::new(500),
        },
    }
}

fn named(error: &Error) -> Value {
    match error {
        Error::Config(ConfigError::InvalidConfig { .. }) => "InvalidConfig".into(),
        Error::Config(ConfigError::InfiniteLoop { .. }) => "InfiniteLoop".into(),
        Error::Config(ConfigError::PartialCredentials { .. }) => "PartialCredentials".into(),
        Error::Config(ConfigError::ProfileNotFound { .. }) => "ProfileNotFound".into(),
        Error::Config(ConfigError::InvalidSetting { .. }) => "InvalidSetting".into(),
        Error::NoCredentials { .. } => "NoCredentials".into(),
        Error::CredentialRetrieval { .. } => "CredentialRetrieval".into(),
        Error::Client(refusal) => format!("Client {}", refusal.code).into(),
        other => format!("{other:?}").into(),
    }
}

/// T1, T4, T5, T12, T13, B3.
#[test]
fn the_same_identity_signs() {
    let mut replay = Replay::default();
    for row in cases("boto3_credentials") {
        let trail = Trail::default();
        let server = {
            let trail = trail.clone();
            Server::start(move |seen| fake(seen, &trail))
        };
        let home = directory("credentials");
        let host = format!("127.0.0.1:{}", server.port);
        let fill = |text: &str| {
            let text = text.replace("{url}", &format!("http://{host}")).replace("{proxy}", &format!("http://{host}"));
            text.replace("{proxy_host}", &host).replace("{home}", home.to_str().unwrap())
        };
        let own = [(".aws/config", &row["config"]), (".aws/credentials", &row["credentials"])];
        let files = row["files"].as_object().unwrap().iter().map(|(name, text)| (name.as_str(), text));
        for (name, text) in own.into_iter().chain(files) {
            let path = home.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, fill(text.as_str().unwrap())).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
        }
        // Nothing of this process but its PATH.
        let mut environ = BTreeMap::from([
            ("AWS_ENDPOINT_URL_STS", fill("{url}/sts")),
            ("AWS_ENDPOINT_URL_SSO", fill("{url}")),
            ("AWS_ENDPOINT_URL_SSO_OIDC", fill("{url}")),
            ("HOME", home.display().to_string()),
            ("PATH", std::env::var("PATH").unwrap()),
        ]);
        environ
            .extend(row["environ"].as_object().unwrap().iter().map(|(name, text)| (name.as_str(), fill(text.as_str().unwrap()))));
        environ.retain(|_, text| !text.is_empty());
        let os = Os::native();
        os.ambient().edit(|variables| {
            variables.clear();
            variables.extend(environ.iter().map(|(name, text)| ((*name).into(), text.into())));
        });
        let time = leyden::time::Time::native_with(os.ambient().clone());
        let mut session = Boto3::native(os, time).session();
        if let Some(profile) = row["profile"].as_str() {
            session = session.profile_name(profile);
        }
        let client = session.client().endpoint_url(server.url("/s3")).region_name("us-east-1").s3();
        let error = client.list_buckets(|list| list).wait().err();
        let what = row["what"].as_str().unwrap();
        let shown = format!("{error:#?} {error:?} {client:?} {session:?}");
        assert!(!shown.contains("secret\"") && !shown.contains("let me in"), "{what}: {shown}");
        replay.check(what, error.as_ref().map_or(Value::Null, named), row["error"].clone());
        // Python asks twice where the first answer has ended already.
        let mut asked = trail.lock().unwrap().clone();
        let mut python: Vec<String> =
            row["seen"].as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect();
        asked.dedup();
        python.dedup();
        replay.check(format!("{what}: {error:?}"), asked, python);
        drop(std::fs::remove_dir_all(&home));
    }
    replay.finish(180);
}
