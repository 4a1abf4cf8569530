//~ `&str` is not an error that a backend gives
//~ `std::io::Error` for os
use leyden::prelude::*;

fn main() {
    World::new().script().fail_next("os.mkdir", "the disk is full");
}
