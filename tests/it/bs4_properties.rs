//! Whatever is parsed, edited and printed: no panic, and a tree whose links agree.

use leyden::bs4::{BeautifulSoup, Formatter, Node, NodeId, Tag, UnicodeDammit, string};
use proptest::prelude::*;
use std::collections::HashSet;

/// Pieces that make trees go wrong.
fn soup() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "<table>",
            "<tr>",
            "<td>",
            "</table>",
            "<b>",
            "</b>",
            "<i class='a b'>",
            "</i>",
            "<p>",
            "</p>",
            "<a href=x>",
            "</a>",
            "<svg>",
            "<math>",
            "<foreignObject>",
            "</svg>",
            "<template>",
            "</template>",
            "<select>",
            "<option>",
            "</select>",
            "<script>",
            "</script>",
            "<!--",
            "-->",
            "<!DOCTYPE html>",
            "<![CDATA[",
            "]]>",
            "<?x?>",
            "&amp;",
            "&#0;",
            "&notit;",
            "\0",
            "<body x=1>",
            "<html lang=en>",
            "<head>",
            "</body>",
            "</html>",
            "<frameset>",
            "<form>",
            "<input>",
            "<br>",
            "</br>",
            "</p>",
            "<plaintext>",
            "<textarea>",
            "<title>",
            "<button>",
            "<nobr>",
            "<li>",
            "<h1>",
            "<ruby><rt>",
            "<r xmlns:p='u'>",
            "<p:q p:a='1'/>",
            "<noscript>",
            "<col>",
            "<caption>",
        ])
        .prop_map(str::to_owned),
        ".{0,6}",
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// Fails if the links of a tree do not agree.
fn check(top: Tag<'_>) {
    let mut seen: HashSet<NodeId> = HashSet::new();
    for tag in std::iter::once(top).chain(top.descendants().filter_map(Node::as_tag)) {
        let contents = tag.contents();
        for (place, child) in contents.iter().enumerate() {
            assert!(seen.insert(child.id()), "a node stands in two places");
            assert!(child.parent().is_some_and(|parent| parent.is(tag)));
            assert_eq!(child.previous_sibling().map(Node::id), place.checked_sub(1).map(|at| contents[at].id()));
            assert_eq!(child.next_sibling().map(Node::id), contents.get(place + 1).map(|next| next.id()));
        }
    }
    let forwards: Vec<NodeId> = top.descendants().map(Node::id).collect();
    assert_eq!(forwards.len(), seen.len());
    let mut backwards: Vec<NodeId> = match top.descendants().last() {
        None => Vec::new(),
        Some(last) => last.self_and_previous_elements().map(Node::id).take_while(|id| *id != top.id()).collect(),
    };
    backwards.reverse();
    assert_eq!(forwards, backwards);
}

fn walk_everything(soup: &BeautifulSoup) {
    check(soup.root());
    for node in soup.descendants() {
        assert!(node.parents().count() <= 520, "deeper than the parser goes");
        let _ = (
            node.next_elements().count(),
            node.previous_elements().count(),
            node.text(),
            node.find_next(true),
            node.find_parents("b"),
        );
        if let Some(tag) = node.as_tag() {
            let _ =
                (tag.string(), tag.find_all(string(true)).len(), tag.attrs().count(), tag.is_empty_element(), tag == tag.copy());
        }
    }
    for selector in
        ["*", "p:has(b)", ":nth-child(2n+1 of p)", "b ~ i", ":not(:root) > *", ":lang(en)", ":dir(rtl)", ":checked", ":disabled"]
    {
        assert!(soup.select(selector).is_ok());
    }
    for formatter in [Formatter::minimal(), Formatter::html(), Formatter::html5(), Formatter::none()] {
        let _ = (soup.decode_with(formatter.clone()), soup.prettify_with(formatter));
    }
    assert!(soup.encode("ascii").is_ok_and(|bytes| bytes.is_ascii()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_html_is_a_tree(markup in soup()) {
        walk_everything(&BeautifulSoup::new(markup));
    }

    #[test]
    fn any_xml_is_a_tree(markup in soup()) {
        walk_everything(&BeautifulSoup::xml(markup));
    }

    #[test]
    fn any_bytes_are_a_tree(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        walk_everything(&BeautifulSoup::new(bytes.as_slice()));
        walk_everything(&BeautifulSoup::xml(bytes.as_slice()));
        let _ = UnicodeDammit::detwingle(&bytes);
    }

    #[test]
    fn edits_keep_the_tree_whole(markup in soup(), steps in prop::collection::vec((0..14u8, any::<u16>(), any::<u16>(), 0..6usize), 0..40)) {
        let soup = BeautifulSoup::new(markup);
        let mut nodes: Vec<Node<'_>> = soup.descendants().collect();
        for (step, one, other, position) in steps {
            let node = nodes[usize::from(one) % nodes.len()];
            let other = nodes[usize::from(other) % nodes.len()];
            let tag = node.as_tag();
            // Errors are fine: a tag cannot stand in itself.
            let _ = match step {
                0 => tag.map(|tag| tag.append(other).map(drop)),
                1 => tag.map(|tag| tag.insert(position, [other, node]).map(drop)),
                2 => Some(node.insert_before(other).map(drop)),
                3 => Some(node.insert_after([other]).map(drop)),
                4 => { node.extract(); None }
                5 => { if position == 0 { node.decompose(); } None }
                6 => Some(node.replace_with([other]).map(drop)),
                7 => Some(node.wrap(soup.new_tag("w")).map(drop)),
                8 => tag.map(|tag| tag.unwrap().map(drop)),
                9 => tag.map(|tag| { tag.set_string("s"); Ok(()) }),
                10 => tag.map(|tag| { tag.set("k", position as i64); tag.remove_attr("class"); tag.set_name("n"); Ok(()) }),
                11 => tag.map(|tag| { tag.smooth(); Ok(()) }),
                12 => Some(node.insert_before([other.copy()]).map(|new| nodes.extend(new))),
                _ => tag.map(|tag| tag.extend(other.as_tag().map(Tag::contents).unwrap_or_default()).map(drop)),
            };
            check(soup.root());
            if let Some(tag) = tag.filter(|tag| tag.parent().is_none()) {
                check(tag);
            }
        }
        walk_everything_printed(&soup);
    }

    #[test]
    fn any_selector_is_answered(selector in "[a-z.#:>+~ ,*|()\\[\\]=\"'0-9n\\\\-]{0,20}") {
        let soup = BeautifulSoup::new("<p class=a>x<b id=b>y</b></p>");
        let _ = soup.select(selector.as_str());
    }
}

fn walk_everything_printed(soup: &BeautifulSoup) {
    let _ = (soup.to_string(), soup.prettify(), soup.text());
}

#[test]
fn deep_documents_are_flat_and_fast() {
    for piece in
        ["<div>", "<ul><li>", "<b>", "<svg>", "<table><tr><td>", "<p><b id=%>", "<font color=%>", "<a>", "<select>", "<template>"]
    {
        let markup: String = (0..20_000).map(|number| piece.replace('%', &number.to_string())).collect();
        let soup = BeautifulSoup::new(markup);
        let deepest = soup.descendants().map(|node| node.parents().count()).max();
        assert!(deepest.is_some_and(|depth| depth <= 514), "{piece}: {deepest:?}");
        assert!(soup.to_string().len() > 20_000);
    }
    let soup = BeautifulSoup::xml("<a>".repeat(100_000));
    assert_eq!(soup.find_all("a").len(), 100_000);
    assert!(soup.descendants().all(|node| node.parents().count() <= 513));
}

#[test]
fn formatting_is_not_repeated_without_end() {
    let unclosed: String = (0..200).map(|number| format!("<p><b id={number}>")).collect();
    let markup = format!("{unclosed}<b title='{}'>{}", "long".repeat(500), "<p>x".repeat(20_000));
    let soup = BeautifulSoup::new(markup.as_str());
    let tags = soup.find_all(true).len();
    assert!(tags < 20_000 + 20_000 + 2 * markup.len() / 8, "{tags}");
    // The first ones are as the standard wants them.
    assert_eq!(soup.select("p:nth-child(50) b").unwrap().len(), 50);
}

#[test]
fn attributes_of_a_hostile_document_take_linear_time() {
    let names: String = (0..50_000).map(|number| format!(" a{number}")).collect();
    let soup = BeautifulSoup::new(format!("<p{names}>"));
    assert_eq!(soup.find("p").unwrap().attrs().count(), 50_000);
    let bodies: String = (0..20_000).map(|number| format!("<body a{number}>")).collect();
    assert_eq!(BeautifulSoup::new(bodies).find("body").unwrap().attrs().count(), 20_000);
    let prefixes: String = (0..20_000).map(|number| format!(" xmlns:p{number}='u{number}'")).collect();
    let soup = BeautifulSoup::xml(format!("<r{prefixes}>{}</r>", "<p19999:x/>".repeat(20_000)));
    assert_eq!(soup.find_all("p19999:x").len(), 20_000);
}

#[test]
fn entities_of_a_dtd_are_not_expanded() {
    let markup = "<!DOCTYPE r [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'><!ENTITY x SYSTEM 'file:///etc/passwd'>]><r>&b;&x;&amp;</r>";
    let soup = BeautifulSoup::xml(markup);
    assert_eq!(soup.find("r").unwrap().text(), "&");
}

#[test]
fn what_is_nested_too_deep_closes_where_it_should() {
    let open = "<div>".repeat(600);
    let close = "</div>".repeat(600);
    let soup = BeautifulSoup::new(format!("<p id=before></p>{open}<b>x</b>{close}<p id=after></p>"));
    let after = soup.select_one("#after").unwrap().unwrap();
    assert_eq!(after.parent().unwrap().name(), "body");
    assert_eq!(soup.find_all("div").len(), 600);
    assert_eq!(soup.find("b").unwrap().parents().count(), 512);
}

#[test]
fn documents_go_from_thread_to_thread() {
    let soup = BeautifulSoup::new("<p>a<p>b");
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| soup.find_all("p").len())).collect();
        assert!(threads.into_iter().all(|thread| thread.join().unwrap() == 2));
    });
    std::thread::spawn(move || drop(soup)).join().unwrap();
}
