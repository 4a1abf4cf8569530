//~ `{integer}` is not a query
//~ pass a name (`"a"`)
use leyden::prelude::*;

fn main() {
    BeautifulSoup::new("<a>").find_all(3);
}
