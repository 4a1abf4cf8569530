//~ method cannot be called on `Result<(), leyden::os::Error>` due to unsatisfied trait bounds
use leyden::prelude::*;

fn main() {
    World::new().batteries().os.mkdir("/out").wait().unwrap();
}
