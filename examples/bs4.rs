fn main() {
    use leyden::bs4::*;
    use std::io::Read;
    let mode = std::env::args().nth(1).unwrap_or_default();
    let mut b = Vec::new();
    std::io::stdin().read_to_end(&mut b).unwrap();
    let t = std::time::Instant::now();
    let soup = if mode == "xml" { BeautifulSoup::xml(&b) } else { BeautifulSoup::new(String::from_utf8_lossy(&b).into_owned()) };
    let e = t.elapsed();
    if mode == "time" {
        println!("{e:?} {}", soup.find_all(true).len());
        let t = std::time::Instant::now();
        let l = soup.prettify().len();
        println!("prettify {l} {:?}", t.elapsed());
        let t = std::time::Instant::now();
        drop(soup);
        println!("drop {:?}", t.elapsed());
        return;
    }
    println!("{soup}");
    println!("{}", soup.prettify());
}
