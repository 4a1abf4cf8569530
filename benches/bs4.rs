//! Beautiful Soup beside scraper (html5ever's usual tree) and the real bs4, on a page of 4,000 rows (1 MB), and on 0.1 and 10 MB.
//! `LEYDEN_PYTHON` names a Python with tests/oracle/requirements.txt installed.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, unreachable_pub)]

#[path = "support/mod.rs"]
mod support;

use criterion::{Criterion, criterion_group, criterion_main};
use leyden::bs4::BeautifulSoup;
use support::{Python, compare, compare_on};

fn page(rows: usize) -> String {
    let mut page =
        String::from("<!DOCTYPE html><html><head><title>Rows</title></head><body><div id=main><table class=\"grid wide\">\n");
    for row in 0..rows {
        page.push_str(&format!(
            "<tr class=\"row r{0}\" id=\"row-{1}\"><td class=\"name\"><a href=\"/item/{1}?a=1&amp;b=2\" title=\"Item {1}\">Item number {1}</a></td>\
             <td class=\"num\">{2}</td><td><span class=\"tag t{0}\">caf&eacute; &amp; bar</span> some plain text here</td></tr>\n",
            row % 7,
            row,
            row * 31
        ));
    }
    page.push_str("</table></div></body></html>");
    page
}

const SETUP: &str = "
from bs4 import BeautifulSoup
import warnings; warnings.simplefilter('ignore')
page = '<!DOCTYPE html><html><head><title>Rows</title></head><body><div id=main><table class=\"grid wide\">\\n' + ''.join(
    f'<tr class=\"row r{i % 7}\" id=\"row-{i}\"><td class=\"name\"><a href=\"/item/{i}?a=1&amp;b=2\" title=\"Item {i}\">Item number {i}</a></td>'
    f'<td class=\"num\">{i * 31}</td><td><span class=\"tag t{i % 7}\">caf&eacute; &amp; bar</span> some plain text here</td></tr>\\n'
    for i in range(4000)) + '</table></div></body></html>'
xml = page.replace('<!DOCTYPE html>', '').replace('id=main', 'id=\"main\"').replace('&eacute;', 'é')
soup = BeautifulSoup(page, 'html5lib')
";

fn parse(c: &mut Criterion) {
    let mut python = Python::start();
    let page = page(4_000);
    let selector = scraper::Selector::parse("a").unwrap();
    let leyden = || BeautifulSoup::new(page.as_str()).find_all("a").len();
    let mut raw = || scraper::Html::parse_document(&page).select(&selector).count();
    assert_eq!(leyden(), raw());
    let html5lib = "len(BeautifulSoup(page, 'html5lib').find_all('a'))";
    compare(c, &mut python, "bs4-parse-find_all", leyden, Some(&mut raw), (SETUP, html5lib));
    let lxml = "len(BeautifulSoup(page, 'lxml').find_all('a'))";
    compare(c, &mut python, "bs4-parse-find_all-lxml", leyden, Some(&mut raw), (SETUP, lxml));
    let xml = "len(BeautifulSoup(xml, 'xml').find_all('a'))";
    let page = page.replace("<!DOCTYPE html>", "").replace("id=main", "id='main'").replace("&eacute;", "é");
    let leyden = || BeautifulSoup::xml(page.as_str()).find_all("a").len();
    assert_eq!(leyden(), 4_000);
    compare(c, &mut python, "bs4-parse-xml", leyden, None::<&mut dyn FnMut()>, (SETUP, xml));
}

fn use_it(c: &mut Criterion) {
    let mut python = Python::start();
    let page = page(4_000);
    let soup = BeautifulSoup::new(page.as_str());
    let html = scraper::Html::parse_document(&page);
    let selector = scraper::Selector::parse("tr.r3 > td:nth-child(2)").unwrap();
    let mut raw = || html.select(&selector).count();
    let leyden = || soup.select("tr.r3 > td:nth-child(2)").unwrap().len();
    assert_eq!(leyden(), raw());
    let select = "len(soup.select('tr.r3 > td:nth-child(2)'))";
    compare(c, &mut python, "bs4-select", leyden, Some(&mut raw), (SETUP, select));

    let mut raw = || html.root_element().text().collect::<String>().len();
    compare(c, &mut python, "bs4-get_text", || soup.text().len(), Some(&mut raw), (SETUP, "len(soup.get_text())"));
    let mut raw = || html.html().len();
    compare(c, &mut python, "bs4-str", || soup.to_string().len(), Some(&mut raw), (SETUP, "len(str(soup))"));
    let none = None::<&mut dyn FnMut()>;
    compare(c, &mut python, "bs4-prettify", || soup.prettify().len(), none, (SETUP, "len(soup.prettify())"));

    let edit = "
for row in soup.find_all('tr'):
    row['data-seen'] = '1'
    row.append(soup.new_tag('td', string='new'))
    row.contents[-1].decompose()
";
    // What has been replaced or removed stays in leyden's page as long as the page does: a thousand rounds on one page would be another task.
    let parse = || BeautifulSoup::new(page.as_str());
    let edits = |soup: &mut BeautifulSoup| {
        for row in soup.find_all("tr") {
            row.set("data-seen", "1");
            let cell = row.append(soup.new_tag(leyden::bs4::NewTag::new("td").string("new"))).unwrap();
            cell.decompose();
        }
    };
    compare_on(c, &mut python, "bs4-edit", parse, edits, (SETUP, edit));
}

/// Ten times the input takes ten times as long.
fn scale(c: &mut Criterion) {
    let mut group = c.benchmark_group("bs4-scale");
    group.sample_size(10);
    for rows in [400, 4_000, 40_000] {
        let page = page(rows);
        group.bench_function(criterion::BenchmarkId::from_parameter(rows), |b| b.iter(|| BeautifulSoup::new(page.as_str())));
    }
    let deep = "<div>".repeat(2_000_000);
    group.bench_function("10 MB of div", |b| b.iter(|| BeautifulSoup::new(deep.as_str())));
    group.finish();
    let time = |rows: &str| support::median("bs4-scale", rows).unwrap_or(f64::NAN);
    println!("RATIO | bs4-scale | 10x input {:.1}x, 100x input {:.1}x", time("4000") / time("400"), time("40000") / time("400"));
}

criterion_group! {
    name = benches;
    // Python takes seconds for one page.
    config = Criterion::default().sample_size(10);
    targets = parse, use_it, scale
}
criterion_main!(benches);
