//~ `.wait()`
use leyden::prelude::*;

fn main() {
    World::new().batteries().os.mkdir("/out").wait().unwrap();
}
