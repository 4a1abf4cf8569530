//! The first entry: what the machine and the process were when the recording began.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::deck::{bytes_to_value, value_to_bytes};
use super::files::time_of;
use super::vault::{HIDDEN, Vault};
use crate::os::backend::UnameResult;
use crate::{Batteries, World};

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

pub(super) fn entry(vault: &Vault, batteries: &Batteries) -> Value {
    let (os, time) = (&batteries.os, &batteries.time);
    let backend = os.backend();
    let environment = os.ambient().environ();
    let environment = environment.iter().map(|(name, value)| {
        let (name, value) = (name.to_string_lossy().into_owned(), value.as_bytes());
        let value = match std::str::from_utf8(value) {
            _ if vault.is_secret(&name) => HIDDEN.into(),
            Ok(text) => vault.text(text).into(),
            Err(_) => bytes_to_value(value),
        };
        (name, value)
    });
    let environment: serde_json::Map<String, Value> = environment.collect();
    let uname = backend.uname();
    let link = backend.readlink(Path::new("/etc/localtime")).ok();
    let zone = link.as_deref().and_then(Path::to_str).and_then(|link| Some(link.split_once("zoneinfo/")?.1.to_owned()));
    json!({
        "kind": "start",
        "version": 1,
        "time_ns": time.time_ns(),
        "zone": zone,
        "cwd": os.getcwd().ok().map(|cwd| bytes_to_value(cwd.as_os_str().as_bytes())),
        "user": [backend.getresuid().1, backend.getresgid().1],
        "groups": backend.getgroups().ok(),
        "cpus": backend.cpu_count(),
        "load": backend.getloadavg().ok(),
        "uname": [uname.sysname, uname.nodename, uname.release, uname.version, uname.machine],
        "environment": environment,
    })
}

/// Makes a world like that.
pub(super) fn arrange(world: &World, entry: &Value) {
    if let Some(now) = entry["time_ns"].as_i64() {
        world.clock().set(time_of(now));
    }
    if let Some(zone) = entry["zone"].as_str() {
        world.time.set_zone(zone);
    }
    let environment = entry["environment"].as_object().into_iter().flatten();
    world
        .os
        .set_environ(environment.filter_map(|(name, value)| Some((name.clone(), OsString::from_vec(value_to_bytes(value)?)))));
    if let Some(cwd) =
        value_to_bytes(&entry["cwd"]).map(|cwd| PathBuf::from(OsString::from_vec(cwd))).filter(|cwd| cwd.is_absolute())
    {
        world.os.ambient().chdir(&cwd);
        let backend = world.batteries().os.backend().clone();
        let mut ancestors: Vec<&Path> = cwd.ancestors().collect();
        ancestors.reverse();
        for directory in ancestors {
            // Most are there: the recorded files were laid out before.
            let _ = backend.mkdir(directory, 0o755);
        }
    }
    let number = |value: &Value| value.as_u64().and_then(|number| u32::try_from(number).ok());
    if let (Some(user), Some(group)) = (number(&entry["user"][0]), number(&entry["user"][1])) {
        world.os.set_user(user, group);
        world.os.set_groups(entry["groups"].as_array().into_iter().flatten().filter_map(number));
    }
    world.os.set_cpu_count(entry["cpus"].as_u64().and_then(|cpus| usize::try_from(cpus).ok()));
    if let Some(load) = entry["load"].as_array().filter(|load| load.len() == 3) {
        let at = |index: usize| load.get(index).and_then(Value::as_f64).unwrap_or(0.0);
        world.os.set_loadavg([at(0), at(1), at(2)]);
    }
    if entry["uname"].is_array() {
        let [sysname, nodename, release, version, machine] =
            [0, 1, 2, 3, 4].map(|index| entry["uname"][index].as_str().unwrap_or_default().to_owned());
        world.os.set_uname(UnameResult { sysname, nodename, release, version, machine });
    }
}
