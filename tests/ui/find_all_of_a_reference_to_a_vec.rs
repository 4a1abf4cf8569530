//~ is not a query
//~ `&names[..]`
use leyden::prelude::*;

fn main() {
    let names = vec!["a", "b"];
    BeautifulSoup::new("<a>").find_all(&names);
}
