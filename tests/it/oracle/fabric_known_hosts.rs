//! `known_hosts` files as `ssh-keygen -F` and the ssh client understand them.

use crate::support::oracle::{Replay, cases};
use base64::Engine as _;
use leyden::fabric::backend::{HostCertificate, OfferedKey};
use leyden::fabric::known_hosts::{KnownHosts, Verdict};
use serde_json::Value;

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn decoded(text: &str) -> Vec<u8> {
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

/// Algorithm and blob of `ssh-ed25519 AAAA..`.
fn key(text: &str) -> (&str, Vec<u8>) {
    let (algorithm, blob) = text.split_once(' ').unwrap();
    (algorithm, decoded(blob))
}

#[test]
fn known_hosts() {
    let mut replay = Replay::default();
    for case in cases("known_hosts") {
        let mut known = KnownHosts::new();
        known.add_text("known", text(&case["text"]));
        if let Some(name) = case.get("find") {
            let lines: Vec<u64> = known.find(text(name)).iter().map(|(_, entry)| entry.line as u64).collect();
            let expected: Vec<u64> = case["lines"].as_array().unwrap().iter().map(|line| line.as_u64().unwrap()).collect();
            replay.check(&case, lines, expected);
            continue;
        }
        let (algorithm, blob) = key(text(&case["key"]));
        let mut offered = OfferedKey::new(algorithm, blob.clone());
        if let Some(certificate) = case.get("certificate") {
            let (authority_algorithm, authority) = key(text(&certificate["authority"]));
            let principals = certificate["principals"].as_array().unwrap().iter().map(|name| text(name).to_owned()).collect();
            offered = OfferedKey::new(text(&certificate["algorithm"]), decoded(text(&certificate["blob"])));
            offered.certificate = Some(HostCertificate::new(authority_algorithm, authority, principals, blob));
        }
        let verdict = known.check(text(&case["host"]), case["port"].as_u64().unwrap() as u16, &offered);
        let (name, line) = match verdict {
            Verdict::Known { .. } => ("known", None),
            Verdict::Changed { line, .. } => ("changed", Some(line as u64)),
            Verdict::Revoked { .. } => ("revoked", None),
            _ => ("unknown", None),
        };
        replay.check(&case, (name, line), (text(&case["verdict"]), case["line"].as_u64()));
    }
    replay.finish(550);
}
