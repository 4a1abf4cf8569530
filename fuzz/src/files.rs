//! Archives, and the files and lines that configure.

use std::time::{Duration, UNIX_EPOCH};

use leyden::fabric::known_hosts::{Entry, KnownHosts, lookup_name};
use leyden::fabric::ssh_config::{Jump, SshConfig};
use leyden::os::shutil::archive::Unpack;
use leyden::prelude::*;
use leyden::schedule::Cron;

use super::text;

/// An archive of any format.
pub fn archives(data: &[u8]) {
    for format in ["tar", "gztar", "bztar", "xztar", "zip"] {
        let os = World::new().batteries().os;
        let made = os.mkdir("/work").and_then(|()| os.write_bytes("/work/archive", data).map(|_| ()));
        made.expect("a file in memory");
        let outside = |os: &leyden::os::Os| (os.listdir("/").unwrap_or_default(), os.listdir("/work").unwrap_or_default());
        let before = outside(&os);
        let unpack = Unpack::new("/work/archive").format(format).extract_dir("/work/out").max_entries(50).max_bytes(1 << 20);
        let unpacked = os.shutil.unpack_archive(unpack);
        let mut after = outside(&os);
        after.1.retain(|name| name != "out");
        assert_eq!(before, after, "nothing is written outside of the directory");
        if unpacked.is_ok() {
            assert_eq!(os.read_bytes("/work/archive").ok().as_deref(), Some(data), "the archive stays as it is");
        }
    }
}

/// A cron expression.
pub fn cron(data: &[u8]) {
    let text = &*text(data);
    let Ok(cron) = text.parse::<Cron>() else { return };
    assert_eq!(
        cron.to_string().parse::<Cron>().as_ref().ok(),
        Some(&cron),
        "an expression that was written and read is the same"
    );
    let time = World::new().batteries().time;
    let mut last = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let moments = cron.after(&time, Some("Europe/Berlin"), last).expect("a zone of the database");
    for moment in moments.take(3) {
        assert!(last < moment, "moments are in order");
        last = moment;
    }
}

/// A file of `ssh_config`.
pub fn ssh_config(data: &[u8]) {
    let text = text(data);
    let os = World::new().batteries().os;
    let _ = SshConfig::from_file(&os, data);
    if let Ok(config) = SshConfig::from_text(&os, &*text) {
        for host in ["web1", "db.example.com", ""] {
            let _ = config.lookup(host);
        }
        let _ = config.get_hostnames();
    }
    let _ = Jump::parse(&text);
}

/// A file of `known_hosts`.
pub fn known_hosts(data: &[u8]) {
    let mut hosts = KnownHosts::new();
    hosts.add_text("known_hosts", data);
    for (host, port) in [("web1", 22), ("db.example.com", 2222), ("::1", 22), ("*", 22)] {
        let name = lookup_name(host, port);
        for (_, entry) in hosts.find(&name) {
            assert!(!entry.blob.is_empty() && entry.line > 0, "an entry has a key and a line");
        }
    }
    let _ = Entry::parse(&text(data), 1);
}
