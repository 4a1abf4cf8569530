//! `ssh_config` as `ssh -G` understands it.

use crate::support::oracle::{Replay, cases};
use leyden::World;
use leyden::fabric::ssh_config::{Error, Local, SshConfig, SshConfigDict};
use leyden::os::Os;
use leyden::subprocess::Subprocess;
use serde_json::Value;
use std::collections::BTreeMap;

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|value| text(value).to_owned()).collect()
}

/// One spelling for what `ssh -G` writes in several, and leyden in one.
fn normal(key: &str, values: &[String]) -> Vec<String> {
    let values = values.iter().map(|value| match (key, value.as_str()) {
        ("loglevel", "QUIET") => "SILENT".to_owned(),
        ("remoteforward", value) => value.strip_suffix(" [socks]:0").unwrap_or(value).to_owned(),
        ("tunnel", "yes" | "true") => "point-to-point".to_owned(),
        ("requesttty" | "controlmaster", "true") => "yes".to_owned(),
        ("addkeystoagent", value) => match value.strip_prefix("true ").or_else(|| value.strip_prefix("confirm ")) {
            // A time alone; a confirmation keeps its word.
            Some(seconds) if value.starts_with("true") => seconds.to_owned(),
            Some(seconds) => format!("confirm {seconds}"),
            None => truth(value),
        },
        (_, value) => truth(value),
    });
    let values: Vec<String> = values.collect();
    match key {
        // One line there.
        "canonicaldomains"
        | "canonicalizepermittedcnames"
        | "globalknownhostsfile"
        | "ipqos"
        | "permitremoteopen"
        | "rekeylimit"
        | "userknownhostsfile"
        | "addkeystoagent"
        | "revokedhostkeys"
        | "logverbose" => vec![values.join(" ")],
        _ => values,
    }
}

fn truth(value: &str) -> String {
    match value {
        "true" => "yes".into(),
        "false" => "no".into(),
        _ => value.into(),
    }
}

/// A machine with these files. Commands of `Match exec` run on the real one, as they did for `ssh`.
fn world(facts: &Value, case: &Value) -> (World, Os) {
    let world = World::new();
    for (path, content) in case["files"].as_object().unwrap() {
        world.os.write(path, text(content));
        world.os.chmod(path, 0o600);
    }
    let os = world.batteries().os;
    for (name, value) in facts["variables"].as_object().unwrap() {
        os.environ.set(name, text(value)).unwrap();
    }
    os.environ.set("SHELL", "/bin/sh").unwrap();
    (world, os)
}

fn lookup(facts: &Value, case: &Value) -> Result<SshConfigDict, Error> {
    let (_world, os) = world(facts, case);
    let local = Local {
        user: text(&facts["user"]).into(),
        uid: facts["uid"].as_u64().unwrap() as u32,
        home: text(&facts["home"]).into(),
        hostname: text(&facts["hostname"]).into(),
    };
    let mut config = SshConfig::new(&os).local(local).subprocess(Subprocess::native(os.ambient().clone()));
    config.add_path("/tmp/leyden-ssh/config")?;
    config.lookup(text(&case["host"]))
}

/// What `ssh -G` shows of a lookup: forwardings without their address are shown so, names of algorithms are resolved there.
fn not_compared(key: &str) -> bool {
    matches!(
        key,
        "ciphers" | "macs" | "kexalgorithms" | "hostkeyalgorithms" | "ignoreunknown" | "casignaturealgorithms" | "protocol"
            // Not shown by `ssh -G`, or shown in a form that has lost what was written.
            | "clearallforwardings" | "identityfile" | "proxycommand" | "proxyjump" | "certificatefile" | "localcommand"
            | "controlpersist" | "pkcs11provider" | "escapechar" | "setenv" | "syslogfacility" | "dynamicforward"
    )
}

#[test]
fn ssh_g() {
    let mut all = cases("ssh_config").into_iter();
    let facts = all.next().unwrap();
    let mut replay = Replay::default();
    for case in all {
        let what = format!("{} {}", case["host"], case["files"]);
        // OpenSSH 9.2 reads the files again for `Match !final` too; later versions do not.
        if what.to_lowercase().contains("!final") {
            continue;
        }
        let found = lookup(&facts, &case);
        if let Some(place) = case.get("error") {
            let leyden = match &found {
                Err(Error::Parse { file, line, .. }) => Some((file.to_string_lossy().into_owned(), *line)),
                _ => None,
            };
            match place.as_array() {
                Some(place) => replay.check(&what, leyden, Some((text(&place[0]).into(), place[1].as_u64().unwrap() as usize))),
                // An error without a place: an unknown token, too many files.
                None => replay.check(format!("{what}: {place}"), found.is_err(), true),
            }
            continue;
        }
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                replay.check(&what, format!("{error}"), String::new());
                continue;
            }
        };
        let (changed, same) = (case["changed"].as_object().unwrap(), case["same"].as_object().unwrap());
        let expected: BTreeMap<&str, Vec<String>> =
            changed.iter().chain(same).map(|(key, values)| (key.as_str(), normal(key, &texts(values)))).collect();
        for (key, values) in found.iter().filter(|(key, _)| !not_compared(key)) {
            // What is not shown is the default: `none`.
            if let Some(expected) = expected.get(key) {
                replay.check(format!("{what}: {key}"), normal(key, values), expected.clone());
            }
        }
        // What nothing names is derived from something else.
        let everything = case["files"].to_string().to_lowercase();
        for key in changed.keys().filter(|key| !not_compared(key) && everything.contains(key.as_str())) {
            replay.check(format!("{what}: {key} is configured"), found.contains(key), true);
        }
        special(&mut replay, &what, &case, &found);
    }
    replay.finish(800);
}

/// What `ssh -G` shows in another way.
fn special(replay: &mut Replay, what: &str, case: &Value, found: &SshConfigDict) {
    let shown = |key: &str| case["changed"].get(key).or_else(|| case["same"].get(key)).map(texts);
    if let Some(identities) = case.get("identities") {
        let named = found.identity_files();
        if let Some(named) = named {
            let named: Vec<String> = named.iter().map(|path| path.to_string_lossy().into_owned()).collect();
            replay.check(format!("{what}: identities"), named, texts(identities));
        }
    }
    // A `ProxyJump` is shown as one. The first of the two wins.
    if let Some(jump) = shown("proxyjump").filter(|jump| jump != &["none"]) {
        let hops = found.proxy_jump().unwrap_or_default();
        let form = |hop: &leyden::fabric::ssh_config::Jump| {
            let user = hop.user.as_ref().map_or_else(String::new, |user| format!("{user}@"));
            let host = if hop.host.contains(':') { format!("[{}]", hop.host) } else { hop.host.clone() };
            let port = hop.port.map_or_else(String::new, |port| format!(":{port}"));
            format!("{user}{host}{port}")
        };
        let ours: Vec<String> = hops.iter().map(form).collect();
        // The hops before the last are shown as they were written.
        let last = jump[0].rsplit(',').next().unwrap_or_default().to_owned();
        replay.check(format!("{what}: proxyjump"), ours.last().cloned(), Some(last));
        replay.check(format!("{what}: no proxycommand"), found.proxy_command(), None);
    }
    if let Some(command) = shown("proxycommand").filter(|command| command != &["none"]) {
        replay.check(format!("{what}: has a proxycommand"), found.proxy_command().is_some(), true);
        if !command[0].contains('%') {
            replay.check(format!("{what}: proxycommand"), found.proxy_command().map(str::to_owned), Some(command[0].clone()));
        }
    }
    if let Some(persist) = shown("controlpersist") {
        let ours = found.get("controlpersist").unwrap_or("no");
        let ours = if ours == "yes" { "yes" } else { ours };
        replay.check(format!("{what}: controlpersist"), ours == truth(&persist[0]) || (ours == "0" && persist[0] == "yes"), true);
    }
    if let Some(set) = case["changed"].get("setenv") {
        replay.check(format!("{what}: setenv"), found.get_all("setenv").to_vec(), texts(set));
    }
}
