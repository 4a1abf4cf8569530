//! Extended attributes. The temporary directory must be on a file system that has them: ext4, xfs, btrfs, a recent tmpfs.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use leyden::os::XattrFlags;

use super::fixture::*;

conformance!(
    mock = Fixture::mock,
    native = Fixture::native,
    [
        set_get_list_remove,
        values_are_any_bytes,
        missing_attributes,
        create_and_replace,
        attributes_of_directories,
        user_attributes_of_links,
        attributes_through_links,
        unknown_namespaces,
        names_too_long_or_empty,
        values_too_large,
        attributes_of_missing_files,
        setting_changes_ctime,
        attributes_stay_with_the_file,
        reading_needs_read_and_setting_needs_write,
        trusted_attributes_are_roots,
    ]
);

fn name(text: &str) -> &OsStr {
    OsStr::new(text)
}

fn set(f: &Fixture, path: &str, attribute: &str, value: &[u8]) -> std::io::Result<()> {
    f.kernel().setxattr(&f.at(path), name(attribute), value, XattrFlags::Either, true)
}

fn get(f: &Fixture, path: &str, attribute: &str) -> std::io::Result<Vec<u8>> {
    f.kernel().getxattr(&f.at(path), name(attribute), true)
}

/// The names that begin with "user.": a security module may add its own.
fn list(f: &Fixture, path: &str) -> Vec<String> {
    let mut names: Vec<String> =
        f.kernel().listxattr(&f.at(path), true).unwrap().into_iter().map(|name| name.into_string().unwrap()).collect();
    names.retain(|name| name.starts_with("user."));
    names.sort();
    names
}

fn set_get_list_remove(f: &Fixture) {
    f.write("a", "");
    assert!(list(f, "a").is_empty());
    set(f, "a", "user.one", b"1").unwrap();
    set(f, "a", "user.two", b"2").unwrap();
    set(f, "a", "user.one", b"uno").unwrap();
    assert_eq!(get(f, "a", "user.one").unwrap(), b"uno");
    assert_eq!(list(f, "a"), ["user.one", "user.two"]);
    f.kernel().removexattr(&f.at("a"), name("user.one"), true).unwrap();
    assert_eq!(list(f, "a"), ["user.two"]);
}

fn values_are_any_bytes(f: &Fixture) {
    f.write("a", "");
    for value in [&b""[..], b"\0\xff\n", &[7; 3_000]] {
        set(f, "a", "user.x", value).unwrap();
        assert_eq!(get(f, "a", "user.x").unwrap(), value);
    }
    let odd = OsStr::from_bytes(b"user.\xff");
    f.kernel().setxattr(&f.at("a"), odd, b"x", XattrFlags::Either, true).unwrap();
    assert!(f.kernel().listxattr(&f.at("a"), true).unwrap().iter().any(|name| name == odd));
}

fn missing_attributes(f: &Fixture) {
    f.write("a", "");
    assert_eq!(errno(get(f, "a", "user.x")), ENODATA);
    assert_eq!(errno(f.kernel().removexattr(&f.at("a"), name("user.x"), true)), ENODATA);
}

fn create_and_replace(f: &Fixture) {
    f.write("a", "");
    let put = |flags| f.kernel().setxattr(&f.at("a"), name("user.x"), b"v", flags, true);
    assert_eq!(errno(put(XattrFlags::Replace)), ENODATA);
    put(XattrFlags::Create).unwrap();
    assert_eq!(errno(put(XattrFlags::Create)), EEXIST);
    put(XattrFlags::Replace).unwrap();
}

fn attributes_of_directories(f: &Fixture) {
    f.mkdir("d");
    set(f, "d", "user.x", b"v").unwrap();
    assert_eq!(get(f, "d", "user.x").unwrap(), b"v");
}

fn user_attributes_of_links(f: &Fixture) {
    f.symlink("nothing", "l");
    assert_eq!(errno(f.kernel().setxattr(&f.at("l"), name("user.x"), b"", XattrFlags::Either, false)), EPERM);
    assert_eq!(errno(f.kernel().getxattr(&f.at("l"), name("user.x"), false)), ENODATA);
}

fn attributes_through_links(f: &Fixture) {
    f.write("a", "");
    f.symlink("a", "l");
    set(f, "l", "user.x", b"v").unwrap();
    assert_eq!(list(f, "a"), ["user.x"]);
    assert!(!f.kernel().listxattr(&f.at("l"), false).unwrap().contains(&"user.x".into()));
}

fn unknown_namespaces(f: &Fixture) {
    f.write("a", "");
    for attribute in ["plain", "other.x", "x.user."] {
        assert_eq!(errno(set(f, "a", attribute, b"")), EOPNOTSUPP, "{attribute}");
        assert_eq!(errno(get(f, "a", attribute)), EOPNOTSUPP, "{attribute}");
    }
}

fn names_too_long_or_empty(f: &Fixture) {
    f.write("a", "");
    set(f, "a", &format!("user.{}", "n".repeat(250)), b"").unwrap();
    assert_eq!(errno(set(f, "a", &format!("user.{}", "n".repeat(251)), b"")), ERANGE);
    assert_eq!(errno(set(f, "a", "", b"")), ERANGE);
    assert_eq!(errno(set(f, "a", "user.", b"")), EINVAL);
}

fn values_too_large(f: &Fixture) {
    f.write("a", "");
    assert_eq!(errno(set(f, "a", "user.x", &[0; 65_537])), E2BIG);
}

fn attributes_of_missing_files(f: &Fixture) {
    assert_eq!(errno(get(f, "a", "user.x")), ENOENT);
    assert_eq!(errno(set(f, "a", "user.x", b"")), ENOENT);
    assert_eq!(errno(f.kernel().listxattr(&f.at("a"), true)), ENOENT);
}

fn setting_changes_ctime(f: &Fixture) {
    f.write("a", "");
    let before = f.stat("a");
    f.tick();
    set(f, "a", "user.x", b"").unwrap();
    let after = f.stat("a");
    assert!(after.st_ctime > before.st_ctime);
    assert_eq!(after.st_mtime, before.st_mtime);
}

fn attributes_stay_with_the_file(f: &Fixture) {
    f.write("a", "");
    set(f, "a", "user.x", b"v").unwrap();
    f.os.rename("a", "b").unwrap();
    f.os.link("b", "c").unwrap();
    f.write("b", "new contents");
    assert_eq!(get(f, "c", "user.x").unwrap(), b"v");
}

fn reading_needs_read_and_setting_needs_write(f: &Fixture) {
    f.as_nobody(|| {
        f.write("a", "");
        set(f, "a", "user.x", b"v").unwrap();
        f.chmod("a", 0o400);
        assert_eq!(errno(set(f, "a", "user.x", b"w")), EACCES);
        f.chmod("a", 0o200);
        assert_eq!(errno(get(f, "a", "user.x")), EACCES);
        assert_eq!(list(f, "a"), ["user.x"], "the names are no secret");
    });
}

fn trusted_attributes_are_roots(f: &Fixture) {
    f.as_nobody(|| {
        f.write("a", "");
        assert_eq!(errno(set(f, "a", "trusted.x", b"")), EPERM);
        assert_eq!(errno(get(f, "a", "trusted.x")), ENODATA);
    });
}
