//! boto3's resources: what each method of each class puts on the wire, and what it makes of the answer, against what boto3 did.
//!
//! The requests of ours go through Amazon's client to a server in process, which gives the answers that boto3 was given.

mod ec2;
mod s3;

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use leyden::Batteries;
use leyden::boto3::Error;
use leyden::boto3::resource::{Model, Resource};
use serde_json::{Value, json};

use crate::support::oracle::{Replay, cases};

/// The attributes of a resource, as text.
pub type Data = Vec<(&'static str, Option<String>)>;
/// The resources that a call gave: how they show themselves, and what they have loaded.
pub type Given = Vec<(String, Option<Data>)>;

pub trait Show: Resource {
    fn data(&self) -> Result<Option<Data>, Error>;
}

pub fn one<R: Show>(given: R) -> Result<Given, Error> {
    all(vec![given])
}

pub fn maybe<R: Show>(given: Option<R>) -> Result<Given, Error> {
    all(given.into_iter().collect())
}

pub fn all<R: Show>(given: Vec<R>) -> Result<Given, Error> {
    given.iter().map(|resource| Ok((format!("{resource:?}"), resource.data()?))).collect()
}

pub fn none<T>(_: T) -> Result<Given, Error> {
    Ok(Vec::new())
}

/// What a class says of itself.
pub struct Class {
    model: Model,
    subresources: Vec<&'static str>,
    repr: String,
    quoted: String,
    collections: Vec<(&'static str, String)>,
}

pub fn class<R: Resource>(
    one: &R,
    subresources: Vec<&'static str>,
    quoted: &R,
    collections: Vec<(&'static str, String)>,
) -> Class {
    Class { model: R::MODEL, subresources, repr: format!("{one:?}"), quoted: format!("{quoted:?}"), collections }
}

/// DIFFERENCE: attributes that Amazon's client for Rust does not know yet.
const ABSENT: &[(&str, &str)] = &[
    ("s3.MultipartUpload", "version_id"),
    ("ec2.Snapshot", "associated_kms_keys"),
    ("ec2.Subnet", "type"),
    ("ec2.VpcPeeringConnection", "multipath_resilience_status"),
];

fn absent(resource: &str, attribute: &str) -> bool {
    ABSENT.iter().any(|(class, name)| *name == attribute && resource.split('(').next() == Some(class))
}

/// Two operations that AWS replaced, and its client for Rust does not have.
fn replaced(operation: &str) -> &str {
    match operation {
        "get_bucket_lifecycle" => "get_bucket_lifecycle_configuration",
        "put_bucket_lifecycle" => "put_bucket_lifecycle_configuration",
        other => other,
    }
}

/// What arrived: the method, the path, the query, and the body or its sorted pairs.
type Wire = Vec<String>;

/// A server that gives the answers it is told, in order, and writes down what was asked.
#[derive(Clone, Default)]
struct Server {
    answers: Arc<Mutex<VecDeque<Value>>>,
    seen: Arc<Mutex<Vec<Wire>>>,
}

impl Server {
    fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = self.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let server = server.clone();
                // A client that has gone is no business of ours.
                std::thread::spawn(move || stream.and_then(|stream| server.serve(&stream)));
            }
        });
        url
    }

    fn serve(&self, stream: &TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream);
        loop {
            let mut first = String::new();
            if reader.read_line(&mut first)? == 0 {
                return Ok(());
            }
            let (mut length, mut form, mut line) = (0, false, String::new());
            while reader.read_line(&mut line)? > 2 {
                let lower = line.to_lowercase();
                if let Some(value) = lower.strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                form |= lower.starts_with("content-type:") && lower.contains("form-urlencoded");
                line.clear();
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body)?;
            let mut words = first.split(' ');
            let (method, target) = (words.next().unwrap().to_owned(), words.next().unwrap().to_owned());
            self.seen.lock().unwrap().push(wire(&method, &target, String::from_utf8(body).unwrap(), form));
            let answer = self.answers.lock().unwrap().pop_front().unwrap_or_else(|| json!({"headers": {}, "body": "unexpected"}));
            let (headers, body) = (answer["headers"].as_object().unwrap(), answer["body"].as_str().unwrap());
            let mut text = String::from("HTTP/1.1 200 OK\r\n");
            for (name, value) in headers {
                text += &format!("{name}: {}\r\n", value.as_str().unwrap());
            }
            if !headers.keys().any(|name| name.eq_ignore_ascii_case("content-length")) {
                text += &format!("content-length: {}\r\n", body.len());
            }
            text += "\r\n";
            text += body;
            (&*stream).write_all(text.as_bytes())?;
        }
    }
}

fn wire(method: &str, target: &str, body: String, form: bool) -> Wire {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    // Amazon's client for Rust says which operation it means; boto3's does not.
    let mut query: Vec<&str> = query.split('&').filter(|part| !part.is_empty() && !part.starts_with("x-id=")).collect();
    query.sort_unstable();
    // Nor does it end a bucket's path with a slash.
    let path = if path == "/" { path } else { path.trim_end_matches('/') };
    let mut wire = vec![method.to_owned(), path.to_owned(), query.join("&")];
    if form {
        let left_out = ["ClientToken", "PresignedUrl", "DestinationRegion"];
        let mut pairs: Vec<String> = body.split('&').map(decoded).collect();
        pairs.retain(|pair| !left_out.contains(&pair.split('=').next().unwrap()));
        pairs.sort();
        wire.extend(pairs);
    } else {
        wire.push(body);
    }
    wire
}

/// `%2F` and `+`, undone.
fn decoded(text: &str) -> String {
    let (bytes, mut out, mut at) = (text.as_bytes(), Vec::new(), 0);
    while at < bytes.len() {
        match bytes[at] {
            b'%' => {
                out.push(u8::from_str_radix(&text[at + 1..at + 3], 16).unwrap());
                at += 2;
            }
            b'+' => out.push(b' '),
            byte => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8(out).unwrap()
}

fn replay<S>(service: &str, of: &S, server: &Server, calls: &[(&str, fn(&S) -> Result<Given, Error>)]) {
    let rows = cases("boto3_resources");
    let answers: BTreeMap<&str, &Value> = rows.iter().filter_map(|row| Some((row["response"].as_str()?, row))).collect();
    let prefix = format!("{}.", service.to_uppercase());
    let mut replay = Replay::default();
    for row in rows.iter().filter(|row| row["case"].as_str().is_some_and(|case| case.starts_with(&prefix))) {
        let case = row["case"].as_str().unwrap();
        let Some((_, call)) = calls.iter().find(|(name, _)| *name == case) else { panic!("nothing calls {case}") };
        let exchanges = row["exchanges"].as_array().unwrap();
        // A key pair has no constructor: it comes of a call, which the row leaves out.
        let making = case.starts_with("EC2.KeyPair.").then(|| (*answers["ec2.create_key_pair"]).clone());
        let made = usize::from(making.is_some());
        let told = exchanges.iter().map(|exchange| (*answers[&*format!("{service}.{}", exchange[0].as_str().unwrap())]).clone());
        *server.answers.lock().unwrap() = making.into_iter().chain(told).collect();
        server.seen.lock().unwrap().clear();
        let given = call(of);
        let seen = json!(server.seen.lock().unwrap()[made..]);
        let sent: Value = exchanges.iter().map(|exchange| json!(exchange.as_array().unwrap()[1..])).collect();
        replay.check(format!("{case}: on the wire"), &seen, &sent);
        match given {
            Ok(given) => {
                let reprs: Value = given.iter().map(|(repr, _)| json!(repr)).collect();
                let gives = row["gives"].as_array().map_or(&[][..], Vec::as_slice);
                replay.check(format!("{case}: gives"), reprs, gives.iter().map(|given| given["repr"].clone()).collect::<Value>());
                for ((repr, data), python) in given.into_iter().zip(gives) {
                    let python = python["data"].as_object().map(|data| {
                        let data = data.iter().filter(|(name, _)| !absent(&repr, name));
                        data.map(|(name, value)| (name.clone(), value.as_str().map(str::to_owned))).collect::<BTreeMap<_, _>>()
                    });
                    let data = data
                        .map(|data| data.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<BTreeMap<_, _>>());
                    // DIFFERENCE: a list that is not there is an empty one.
                    let data = data.map(|data| {
                        let none = |name: &str| python.as_ref().is_some_and(|python| python.get(name) == Some(&None));
                        data.into_iter()
                            .map(
                                |(name, value)| {
                                    if none(&name) && value.as_deref() == Some("[0]") { (name, None) } else { (name, value) }
                                },
                            )
                            .collect()
                    });
                    replay.check(format!("{case}: {repr}"), data, python);
                }
            }
            Err(error) => {
                let kind =
                    if matches!(error, Error::ResourceLoad { .. }) { "ResourceLoad".to_owned() } else { format!("{error:?}") };
                replay.check(format!("{case}: fails"), Some(kind.as_str()), row["error"].as_str());
            }
        }
    }
    replay.finish(200);
}

fn classes<S>(service: &str, of: &S, server: &Server, classes: &[(&str, fn(&S) -> Result<Class, Error>)]) {
    let prefix = format!("{}.", service.to_uppercase());
    let mut replay = Replay::default();
    let rows = cases("boto3_resources");
    for row in rows.iter().filter(|row| row["class"].as_str().is_some_and(|class| class.starts_with(&prefix))) {
        let name = row["class"].as_str().unwrap();
        let Some((_, say)) = classes.iter().find(|(class, _)| *class == name) else { panic!("there is no {name}") };
        if name == "EC2.KeyPair" {
            // It has no constructor: two come of calls, the second with a name that must be quoted.
            let response = |row: &&Value| row["response"] == "ec2.create_key_pair";
            let usual = rows.iter().find(response).unwrap().clone();
            let mut strange = usual.clone();
            strange["body"] = json!(usual["body"].as_str().unwrap().replace("KeyName-6", "name\n'ü\\"));
            *server.answers.lock().unwrap() = [usual, strange].into();
        }
        let Class { model, subresources, repr, quoted, collections } = say(of).unwrap();
        let full = format!("{}.{}", model.service, model.name);
        let attributes =
            row["attributes"].as_array().unwrap().iter().filter(|attribute| !absent(&full, attribute.as_str().unwrap()));
        replay.check(format!("{name}: service"), json!(model.service), row["service_name"].clone());
        replay.check(format!("{name}: identifiers"), json!(model.identifiers), row["identifiers"].clone());
        replay.check(format!("{name}: attributes"), json!(model.attributes), attributes.cloned().collect::<Value>());
        replay.check(format!("{name}: load"), json!(model.load.is_some()), row["load"].clone());
        let actions: Value = row["actions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|action| {
                let targets: Vec<&str> = action[2].as_array().unwrap().iter().map(|param| param[0].as_str().unwrap()).collect();
                json!([action[0], replaced(action[1].as_str().unwrap()), targets])
            })
            .collect();
        let ours = model.actions.iter().map(|action| {
            let targets: Vec<&str> = action.request.params.iter().map(|(target, _)| *target).collect();
            json!([action.name, action.request.operation, targets])
        });
        replay.check(format!("{name}: actions"), ours.collect::<Value>(), actions);
        replay.check(format!("{name}: subresources"), json!(subresources), row["subresources"].clone());
        let references = model.references.iter().map(|relation| json!([relation.name, relation.resource]));
        replay.check(format!("{name}: references"), references.collect::<Value>(), row["references"].clone());
        let listed = model.collections.iter().zip(collections).map(|(collection, (_, shown))| {
            json!([collection.name, collection.request.operation, collection.resource, collection.batch, shown])
        });
        replay.check(format!("{name}: collections"), listed.collect::<Value>(), row["collections"].clone());
        let waiters = model.waiters.iter().map(|waiter| json!([waiter.name, waiter.request.operation]));
        replay.check(format!("{name}: waiters"), waiters.collect::<Value>(), row["waiters"].clone());
        replay.check(format!("{name}: repr"), json!(repr), row["repr"].clone());
        replay.check(format!("{name}: repr, quoted"), json!(quoted), row["quoted"].clone());
    }
    replay.finish(150);
}

fn s3(url: String) -> leyden::boto3::s3::ServiceResource {
    let resource = Batteries::included().boto3.resource().region_name("us-east-1").endpoint_url(url);
    resource.aws_access_key_id("x").aws_secret_access_key("x").s3()
}

fn ec2(url: String) -> leyden::boto3::ec2::ServiceResource {
    let resource = Batteries::included().boto3.resource().region_name("us-east-1").endpoint_url(url);
    resource.aws_access_key_id("x").aws_secret_access_key("x").ec2()
}

#[test]
fn s3_sends_and_makes_what_boto3_does() {
    let server = Server::default();
    replay("s3", &s3(server.start()), &server, s3::CALLS);
}

#[test]
fn ec2_sends_and_makes_what_boto3_does() {
    let server = Server::default();
    replay("ec2", &ec2(server.start()), &server, ec2::CALLS);
}

#[test]
fn s3_has_the_classes_of_boto3() {
    let server = Server::default();
    classes("s3", &s3(server.start()), &server, s3::CLASSES);
}

#[test]
fn ec2_has_the_classes_of_boto3() {
    let server = Server::default();
    classes("ec2", &ec2(server.start()), &server, ec2::CLASSES);
}
