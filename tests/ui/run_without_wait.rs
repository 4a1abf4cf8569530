//~ unused `leyden::prelude::Run` that must be used
//~ nothing runs until `.wait()`
#![deny(unused_must_use)]
use leyden::prelude::*;

fn main() {
    World::new().batteries().subprocess.run("ls");
}
