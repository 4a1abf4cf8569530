//~ unused `leyden::subprocess::Run` that must be used
//~ wait()
#![deny(unused_must_use)]
use leyden::prelude::*;

fn main() {
    World::new().batteries().subprocess.run("ls");
}
