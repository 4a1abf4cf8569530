//~ `i64` does not name a group
//~ groups are numbered by `usize` and named by `&str`
use leyden::prelude::*;

fn main() {
    let found = re::search("a(b)", "ab").unwrap().unwrap();
    found.group(1_i64);
}
