//! The promises of `platform::Backend`.

use crate::support::layer::layered;
use leyden::World;
use leyden::platform::{Error, Kernel, Platform, PlatformOptions};
use std::path::Path;

conformance!(
    mock = mock,
    native = Platform::native,
    remote = remote,
    except = NOT_REMOTE,
    [
        uname_holds_what_the_parts_say,
        the_platform_is_one_word,
        the_running_program_is_a_program,
        a_file_that_is_no_program_has_the_words_of_this_build,
        a_program_that_is_not_there_has_no_libc,
        os_release_always_has_three_names,
        python_is_there_or_not,
        the_build_knows_its_compiler,
        linux_has_no_alias,
    ]
);

/// What depends on the program that runs: it is on this side.
const NOT_REMOTE: &[&str] = &[];

#[cfg(feature = "fabric")]
fn remote() -> Platform {
    crate::support::remote::batteries(std::env::temp_dir().as_path()).platform
}

fn mock() -> Platform {
    let world = World::new();
    world.platform.write("/etc/passwd", "root:x:0:0");
    layered(world.batteries()).platform
}

fn uname_holds_what_the_parts_say(platform: &Platform) {
    let uname = platform.uname();
    assert_eq!((uname.system, uname.release), (platform.system(), platform.release()));
    assert_eq!((uname.node, uname.version, uname.machine), (platform.node(), platform.version(), platform.machine()));
    assert_eq!(uname.processor, platform.processor());
    assert!(!platform.machine().is_empty() && uname.processor != "unknown");
}

fn the_platform_is_one_word(platform: &Platform) {
    let text = platform.platform();
    assert!(text.starts_with(&format!("{}-", platform.system())) && !text.contains([' ', '/', '(']), "{text}");
    assert_eq!(text, platform.platform_with(PlatformOptions::new().aliased(true).terse(true)));
    let (lib, version) = platform.libc_ver(None).unwrap();
    assert!(text.ends_with(&format!("-with-{lib}{version}")) || lib.is_empty(), "{text}");
}

fn the_running_program_is_a_program(platform: &Platform) {
    assert_eq!(platform.architecture(None), ("64bit".to_owned(), "ELF".to_owned()));
}

fn a_file_that_is_no_program_has_the_words_of_this_build(platform: &Platform) {
    for path in ["/etc/passwd", "/nowhere"] {
        assert_eq!(platform.architecture(Path::new(path)), ("64bit".to_owned(), String::new()));
    }
}

fn a_program_that_is_not_there_has_no_libc(platform: &Platform) {
    let error = platform.libc_ver(Path::new("/nowhere")).unwrap_err();
    assert!(matches!(error, Error::FileNotFound { .. }));
    assert_eq!(error.to_string(), "cannot read '/nowhere': no such file or directory");
    assert_eq!(platform.libc_ver(Path::new("/etc/passwd")).unwrap(), (String::new(), String::new()));
}

fn os_release_always_has_three_names(platform: &Platform) {
    let info = platform.freedesktop_os_release().unwrap();
    for name in ["NAME", "ID", "PRETTY_NAME"] {
        assert!(!info[name].is_empty());
    }
}

fn python_is_there_or_not(platform: &Platform) {
    let version = platform.python_version().unwrap();
    let tuple = platform.python_version_tuple().unwrap();
    assert_eq!(version, tuple.map(|(major, minor, patch)| format!("{major}.{minor}.{patch}")));
    assert!(version.is_none_or(|version| version.starts_with("3.")));
}

fn the_build_knows_its_compiler(platform: &Platform) {
    assert!(platform.rust_version().unwrap().starts_with("rustc 1."));
    assert_eq!(platform.implementation(), "leyden");
}

fn linux_has_no_alias(platform: &Platform) {
    let same = ("Linux".to_owned(), "6.1".to_owned(), "#1".to_owned());
    assert_eq!(platform.system_alias("Linux", "6.1", "#1"), same);
}

#[test]
fn a_world_has_a_machine_of_its_own() {
    let world = World::new();
    let platform = world.batteries().platform;
    assert_eq!(platform.python_version().unwrap(), None);
    world.platform.set_python("3.13.1");
    assert_eq!(platform.python_version_tuple().unwrap(), Some(("3".into(), "13".into(), "1".into())));
    world.platform.set_processor("x86_64");
    assert_eq!(platform.processor(), "x86_64");
    world.platform.set_processor(None);
    assert_eq!(platform.uname().processor, "");
    world.platform.set_libc(None);
    assert_eq!(platform.libc_ver(None).unwrap(), ("glibc".into(), "2.34".into()), "what the program itself asks for");
    world.platform.set_uname(Kernel { system: "SunOS".into(), release: "5.11".into(), ..Kernel::default() });
    assert_eq!(platform.platform_with(PlatformOptions::new().aliased(true).terse(true)), "Solaris-2.11");
    assert_eq!(platform.platform(), "SunOS-5.11-64bit-ELF");
    world.platform.remove("/etc/os-release");
    assert_eq!(platform.freedesktop_os_release().unwrap_err().errno(), Some(2));
    world.platform.write("/usr/lib/os-release", "ID=other");
    assert_eq!(platform.freedesktop_os_release().unwrap()["ID"], "other");
}

#[test]
fn a_python_that_fails_is_an_error() {
    let world = World::new();
    world.script().fail_next("platform.python", std::io::Error::from_raw_os_error(5));
    let error = world.batteries().platform.python_version().unwrap_err();
    assert_eq!((error.errno(), error.to_string().as_str()), (Some(5), "cannot run python3 --version: input/output error"));
}
