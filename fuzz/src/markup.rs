//! Patterns, selectors and documents.

use leyden::bs4::{BeautifulSoup, Css, Node, Selector};
use leyden::re::{self as regex, Source, Sub};

use super::text;

/// A pattern in the first line, and the text to search in the rest.
pub fn re(data: &[u8]) {
    let text = text(data);
    let (pattern, text) = text.split_once('\n').unwrap_or((&text, "aab\u{e9}\n\u{1f600} xx"));
    let escaped = regex::compile(&*regex::escape(text)).expect("an escaped text is a pattern");
    assert!(escaped.fullmatch(text).is_ok_and(|found| found.is_some()), "an escaped text matches itself");
    let Ok(pattern) = regex::compile(Source::new(pattern).backtrack_limit(5_000)) else { return };
    let mut last = 0;
    for found in pattern.finditer(text).take(200) {
        let Ok(found) = found else { return };
        assert!(last <= found.start() && found.start() <= found.end(), "matches are in order");
        last = found.end();
        for group in 0..=pattern.groups() {
            let span = found.span(group);
            assert_eq!(span.map(|span| &text[span]), found.group(group), "a group is what its span names");
        }
        let _ = found.expand(text);
    }
    if let Ok(same) = pattern.sub(Sub::new("\\g<0>"), text) {
        assert_eq!(same, text, "a match replaced by itself");
    }
    let _ = pattern.fullmatch(text);
    let _ = pattern.split::<Option<&str>>(text);
    let _ = regex::compile(Source::new(pattern.pattern().as_bytes()).backtrack_limit(5_000))
        .map(|pattern| pattern.search(text.as_bytes()).is_ok());
}

const PAGE: &str = "<html lang=en><body id=top class='a b'><p title='x y'>one</p><ul><li>1<li class=b>2<li>3</ul>\
    <form><input type=checkbox checked><input type=number min=1 max=5 value=7></form><svg><a href='#'>x</a></svg><!-- c --></body></html>";

/// A selector.
pub fn css(data: &[u8]) {
    let text = text(data);
    let soup = BeautifulSoup::new(PAGE);
    if let Ok(selector) = Selector::new(&text) {
        for tag in soup.select(&selector).into_iter().flatten() {
            assert!(tag.css().matches(&selector).is_ok_and(|matches| matches), "what is selected matches");
        }
    }
    if !text.is_empty() {
        let escaped = Css::escape(&text);
        Selector::new(&format!("#{escaped}"))
            .unwrap_or_else(|error| panic!("an escaped identifier is one: {escaped:?}: {error}"));
    }
}

/// Walks a document in every direction.
fn walk(soup: &BeautifulSoup) {
    let root = soup.root();
    let nodes: Vec<Node<'_>> = root.descendants().collect();
    let mut next = nodes.first().copied();
    for node in &nodes {
        assert_eq!(next.map(|next| next.id()), Some(node.id()), "next_element follows the tree");
        next = node.next_element();
        let parent = node.parent().expect("a descendant has a parent");
        assert!(parent.children().any(|child| child.id() == node.id()), "a parent contains its child");
    }
    let _ = (soup.prettify(), root.text());
}

/// A document of HTML.
pub fn html(data: &[u8]) {
    let soup = BeautifulSoup::new(data);
    walk(&soup);
    walk(&BeautifulSoup::new(&*soup.decode()));
}

/// A document of XML.
pub fn xml(data: &[u8]) {
    let soup = BeautifulSoup::xml(data);
    walk(&soup);
    walk(&BeautifulSoup::xml(&*soup.decode()));
}
