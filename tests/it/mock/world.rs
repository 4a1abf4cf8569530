//! Worlds: apart from each other, and from the machine.
#![cfg(feature = "os")]

use leyden::World;

#[test]
fn two_worlds_share_nothing() {
    let (one, two) = (World::new(), World::new());
    one.os.write("/a", "1");
    one.batteries().os.mkdir("/d").unwrap();
    one.clock().advance(std::time::Duration::from_secs(5));
    assert!(!two.os.exists("/a") && !two.os.exists("/d"));
    assert!(two.script().calls().is_empty());
    assert_eq!(two.clock().elapsed().as_secs(), 0);
}

#[test]
fn all_batteries_of_a_world_are_one_machine() {
    let world = World::new();
    let (one, two) = (world.batteries(), world.batteries());
    one.os.mkdir("/d").unwrap();
    two.os.rmdir("/d").unwrap();
    one.os.ambient().chdir(std::path::Path::new("/tmp"));
    two.os.mkdir("beneath_tmp").unwrap();
    assert!(world.os.exists("/tmp/beneath_tmp"));
    world.clone().os.write("/shared", "");
    assert!(world.os.exists("/shared"));
}

#[test]
fn nothing_reaches_the_machine() {
    let world = World::new();
    let name = format!("/tmp/leyden-world-{}", std::process::id());
    world.batteries().os.mkdir(&name).unwrap();
    assert!(!std::path::Path::new(&name).exists());
    assert_eq!(world.batteries().os.environ.get("CARGO_MANIFEST_DIR"), None);
    assert_eq!(world.batteries().os.environ.get("HOME").unwrap(), "/root");
}

#[test]
fn every_run_sees_the_same_world() {
    let listing = || {
        let world = World::new();
        for n in 0..100 {
            world.os.write(format!("/d/file-{n}"), "");
        }
        let mut random = [0; 16];
        world.batteries().os.backend().urandom(&mut random).unwrap();
        let names = world.batteries().os.backend().read_dir(std::path::Path::new("/d")).unwrap();
        (names.map(|entry| entry.unwrap().name).collect::<Vec<_>>(), random, world.clock().now())
    };
    assert_eq!(listing(), listing());
    let sorted = {
        let mut names = listing().0;
        names.sort();
        names
    };
    assert_ne!(listing().0, sorted, "a script must not rely on sorted listings");
}
