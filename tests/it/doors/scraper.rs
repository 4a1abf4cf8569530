//! scraper's own beginnings on documents of bs4, its trees there and back, its selectors against its own answers.

use ::scraper::{Html, Selector};
use leyden::bs4::{BeautifulSoup, Error, SoupStrainer, TreeBuilder};

/// scraper's first examples, with the tree in bs4.
#[test]
fn the_first_examples_of_scraper() {
    let html = r#"<!DOCTYPE html><meta charset="utf-8"><title>Hello, world!</title><h1 class="foo">Hello, <i>world!</i></h1>"#;
    let soup = BeautifulSoup::try_from(Html::parse_document(html)).unwrap();
    let selector = Selector::parse("h1.foo").unwrap();
    let h1 = soup.select_one(&selector).unwrap().unwrap();
    assert_eq!(h1.strings().collect::<Vec<_>>(), ["Hello, ", "world!"]);
    assert_eq!(h1.decode_contents(), "Hello, <i>world!</i>");

    let fragment = Html::parse_fragment("<ul><li>Foo</li><li>Bar</li><li>Baz</li></ul>");
    let list = BeautifulSoup::try_from(&fragment).unwrap();
    assert_eq!(list.to_string(), "<ul><li>Foo</li><li>Bar</li><li>Baz</li></ul>");
    let (ul, li) = (Selector::parse("ul").unwrap(), Selector::parse("li").unwrap());
    let items = list.select_one(&ul).unwrap().unwrap().select(&li).unwrap();
    assert_eq!(items.iter().map(|item| item.text()).collect::<Vec<_>>(), ["Foo", "Bar", "Baz"]);

    let input = BeautifulSoup::try_from(Html::parse_fragment(r#"<input name="foo" value="bar">"#)).unwrap();
    assert_eq!(input.select_one(Selector::parse(r#"input[name="foo"]"#).unwrap()).unwrap().unwrap().get("value"), Some("bar"));
}

const PAGES: [&str; 9] = [
    "",
    "<p>one<p>two<br>three",
    "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\" \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd\"><p>x",
    "<!DOCTYPE html SYSTEM \"about:legacy-compat\"><!-- a --><html lang=en><!-- b --><body class=' a  b '>t</body></html><!-- c -->",
    "<table><tr><td rowspan=2>1<td>2<tr><td>3</table>",
    "<svg viewBox='0 0 1 1'><a xlink:href='#x'><circle r=1 /></a></svg><math><mi>x</mi></math>",
    "<template><b>in</b></template><script>if (a < b) {}</script><style>p > a {}</style><pre>\n x</pre>",
    "<div id=a><p class='x y'>1</p><p class=y>2</p><span></span><p data-k='v w'>3 <em>four</em></p><!-- c --><i> </i></div>",
    "<select><option selected>1<option>2</select><textarea>\n&lt;t&gt;</textarea><input disabled><a href=/u>l</a>",
];

#[test]
fn trees_are_those_of_bs4_but_for_the_order_of_attributes() {
    for page in PAGES {
        let own = BeautifulSoup::new(page);
        let theirs = BeautifulSoup::try_from(Html::parse_document(page)).unwrap();
        // Documents are equal when their contents are; attributes compare as in a dictionary.
        assert_eq!(theirs, own, "{page}");
        assert_eq!(TreeBuilder::named("scraper").unwrap().parse(page).unwrap(), own, "{page}");
        assert_eq!(TreeBuilder::named("scraper").unwrap().parse(page.as_bytes()).unwrap(), own, "{page}");
        assert!(theirs.find_all(true).iter().all(|tag| tag.sourceline().is_none()));
    }
    let noscript = TreeBuilder::named("scraper").unwrap().parse("<noscript><p>no</p></noscript>").unwrap();
    assert!(noscript.find("p").is_none());
}

#[test]
fn trees_go_there_and_back() {
    for page in PAGES {
        let soup = BeautifulSoup::new(page);
        let html = Html::from(&soup);
        assert_eq!(BeautifulSoup::try_from(&html).unwrap(), soup, "{page}");
        // White space in a list of classes is one space in bs4.
        if !page.contains("class=' a") {
            assert_eq!(html.html(), Html::parse_document(page).html(), "{page}");
        }
    }
    let xml = BeautifulSoup::xml("<?xml version='1.0'?><r xmlns:a='urn:a'><a:i k='1'>x</a:i><?go now?></r>");
    let html = Html::from(&xml);
    assert_eq!(html.select(&Selector::parse("i[k='1']").unwrap()).next().unwrap().text().collect::<String>(), "x");
}

#[test]
fn edits_reach_scraper() {
    let soup = BeautifulSoup::new("<ul><li>1<li>2</ul>");
    soup.find("li").unwrap().decompose();
    soup.find("li").unwrap().set("class", ["a", "b"]);
    let html = Html::from(&soup);
    let found: Vec<String> =
        html.select(&Selector::parse("ul > li.a.b:only-child").unwrap()).map(|item| item.inner_html()).collect();
    assert_eq!(found, ["2"]);
}

const SELECTORS: [&str; 48] = [
    "*",
    "p",
    "P",
    "div p",
    "div > p",
    "p + p",
    "p ~ p",
    "p ~ i",
    "#a",
    "div#a",
    ".x",
    ".y",
    ".x.y",
    "p.y:not(.x)",
    "[data-k]",
    "[data-k='v w']",
    "[data-k~=w]",
    "[data-k^=v]",
    "[data-k$=w]",
    "[data-k*=' ']",
    "[lang|=en]",
    "[data-k='V W' i]",
    "[href]",
    "a[href='/u']",
    "p:first-child",
    "p:last-child",
    "p:nth-child(2)",
    "p:nth-child(odd)",
    "p:nth-child(2n+1)",
    "p:nth-last-child(1)",
    "p:first-of-type",
    "p:last-of-type",
    "p:nth-of-type(2)",
    "span:only-of-type",
    "em:only-child",
    ":root",
    "body > *",
    "p:has(em)",
    "div:has(> p.x)",
    ":is(p, span)",
    ":where(.x, .y)",
    "p:not(:first-child):not(.x)",
    "td, th",
    "tr td:nth-child(1)",
    "ul li",
    "option[selected]",
    "input[disabled]",
    "html body *:not(p)",
];

/// leyden selects what scraper selects, selector by selector and page by page.
#[test]
fn selectors_select_what_scraper_selects() {
    let mut found = 0;
    for page in PAGES.into_iter().filter(|page| !page.contains("<template")) {
        let html = Html::parse_document(page);
        let soup = BeautifulSoup::try_from(&html).unwrap();
        for text in SELECTORS {
            let selector = Selector::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            let own: Vec<String> =
                soup.select(&selector).unwrap().iter().map(|tag| format!("{} {}", tag.name(), tag.text())).collect();
            let theirs: Vec<String> = html
                .select(&selector)
                .map(|element| format!("{} {}", element.value().name(), element.text().collect::<String>()))
                .collect();
            // What is in a template, a script or a style counts as text in scraper.
            let names = |list: &[String]| list.iter().map(|line| line.split(' ').next().unwrap().to_owned()).collect::<Vec<_>>();
            assert_eq!(names(&own), names(&theirs), "{text} in {page}");
            found += own.len();
        }
    }
    assert!(found > 150, "{found}");
}

#[test]
fn the_documented_differences_of_selectors() {
    let html = Html::parse_document("<i> </i><b></b><template><b>in</b></template>");
    let bold = Selector::parse("b").unwrap();
    assert_eq!(html.select(&bold).count(), 2);
    assert_eq!(BeautifulSoup::try_from(&html).unwrap().select(&bold).unwrap().len(), 1);
    let empty = Selector::parse("body :empty").unwrap();
    let html = Html::parse_document("<i> </i><b></b>");
    let soup = BeautifulSoup::try_from(&html).unwrap();
    assert_eq!(html.select(&empty).map(|element| element.value().name()).collect::<Vec<_>>(), ["b"]);
    assert_eq!(soup.select(&empty).unwrap().iter().map(|tag| tag.name()).collect::<Vec<_>>(), ["i", "b"]);
}

#[test]
fn a_hostile_tree_stays_within_the_limits() {
    let deep = "<div>".repeat(5000);
    let soup = BeautifulSoup::try_from(Html::parse_document(&deep)).unwrap();
    assert_eq!(soup.find_all("div").len(), 5000);
    let depth = soup.find_all("div").iter().map(|tag| tag.parents().count()).max().unwrap();
    assert!(depth <= 512, "{depth}");
    let shallow = Html::from(&soup);
    assert_eq!(shallow.select(&Selector::parse("div").unwrap()).count(), 5000);
}

#[test]
fn the_builders_options_apply() {
    let builder = || TreeBuilder::named("scraper").unwrap();
    let links = builder().parse_only(SoupStrainer::new("a")).parse("<p>See <a href=x>this</a>.").unwrap();
    assert_eq!(links.to_string(), r#"<a href="x">this</a>"#);
    assert_eq!(builder().fragment("body").parse("<td>1").unwrap().to_string(), "1");
    let error = builder().fragment("tr").parse("<td>1").unwrap_err();
    assert!(matches!(error, Error::Value(_)) && error.to_string().contains("contents of body only"), "{error}");
    let cyrillic = builder().from_encoding("cp1251").parse(&b"<p>\xcf\xf0"[..]).unwrap();
    assert_eq!((cyrillic.find("p").unwrap().text().as_str(), cyrillic.original_encoding()), ("Пр", Some("windows-1251")));
    assert!(TreeBuilder::named("html.parser").is_err());
}
