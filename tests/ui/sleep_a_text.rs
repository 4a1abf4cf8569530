//~ the trait bound `Seconds: From<&str>` is not satisfied
use leyden::prelude::*;

fn main() {
    World::new().batteries().time.sleep("5").wait();
}
