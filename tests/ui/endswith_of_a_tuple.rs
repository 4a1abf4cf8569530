//~ `(&str, &str)` is not a text or a list of texts
//~ Python's tuple is a list here: `name.endswith([".jpg", ".png"])`
use leyden::prelude::*;

fn main() {
    std::path::Path::new("a.jpg").endswith((".jpg", ".png"));
}
