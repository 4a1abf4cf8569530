//~ a match cannot be read as `i32`
//~ not a shape of a match
//~ the type of the result chooses the shape
use leyden::prelude::*;

fn main() {
    let numbers: Vec<i32> = re::findall(r"\d+", "1 2").unwrap();
}
