//! Faults that were found by use and by attack: each once more, with its relatives. What must be linear is measured by what it allocates, at 1, 2 and 4 times a size.

use leyden::bs4::{BeautifulSoup, Error, TreeBuilder};

use crate::support::work::grows_linearly;

// S3
#[test]
fn cells_that_span_a_table_are_limited() {
    let rows = "<tr>".repeat(1000);
    let soup = BeautifulSoup::new(format!("<table><tr><td colspan=1000 rowspan=1000>x{rows}</table>"));
    assert!(matches!(soup.table("table"), Err(Error::Limit { .. })));
    let text = "x".repeat(100_000);
    let soup = BeautifulSoup::new(format!("<table><tr><td colspan=1000>{text}</table>"));
    assert!(matches!(soup.table("table"), Err(Error::Limit { .. })));
    let soup = BeautifulSoup::new("<table><tr><td colspan=2 rowspan=2>x<td>y<tr><td>z</table>");
    assert_eq!(soup.table("table").unwrap().unwrap().rows, [["x", "x", "y"], ["x", "x", "z"]]);
}

// S4
#[test]
fn formatting_tags_that_stay_open_are_forgotten() {
    for unit in [
        "<i id=#><div><a>",
        "<b class=#><p>",
        "<font size=#>",
        "<a href=#><table>",
        "<nobr id=#><div>",
        "<u id=#><s id=#><div></div>",
    ] {
        grows_linearly(
            unit,
            1_000,
            |number, unit| unit.replace('#', &number.to_string()),
            |markup| {
                BeautifulSoup::new(markup);
            },
        );
    }
    // An ordinary page stays as it is.
    let nested = "<table><tr><td><font color=red>x<td><b>y</table>".repeat(700);
    let soup = BeautifulSoup::new(&nested);
    assert_eq!(soup.find_all("font").len(), 700);
    assert!(soup.find_all("b").into_iter().all(|b| b.text() == "y"));
}

// S5
#[test]
fn attributes_of_tags_that_are_opened_again_are_counted() {
    let attributes: String = (0..7_000).map(|number| format!(" a{number}")).collect();
    for (tag, value) in [("b", ""), ("i", "=0123456789"), ("a", "=x")] {
        let attributes = attributes.replace(' ', &format!("{value} "));
        let markup = format!("<p><{tag} z{attributes}>{}", "<p>x".repeat(10_400));
        let soup = BeautifulSoup::new(&markup);
        let stored: usize = soup.find_all(tag).into_iter().map(|tag| tag.attrs().count()).sum();
        assert!(stored < 100_000 + markup.len(), "{tag}: {stored} attributes of {} bytes", markup.len());
        assert_eq!(soup.find(tag).unwrap().get("z"), Some(value.trim_start_matches('=')));
    }
}

// S6
#[test]
fn xml_is_read_in_linear_time() {
    for (start, unit, end) in [
        ("<a b=\"", "&", "\"/>"),
        ("<a b=\"", "&a", "\"/>"),
        ("<a>", "&", "</a>"),
        ("<a>", "&lt", "</a>"),
        ("<a>", "<b c='&'/>", "</a>"),
        ("<a>", "<b xmlns='u#'/>", "</a>"),
        ("<a>", "<p#:b xmlns:p#='u#'>", ""),
        ("<a ", "xmlns:p#='u' ", "/>"),
        ("<a ", "x#='u' ", "/>"),
        ("<a>", "<![CDATA[", "</a>"),
        ("<a>", "<!--", "</a>"),
        ("<a>", "<?", "</a>"),
        ("<!DOCTYPE a [", "<!ENTITY x#", "]><a/>"),
    ] {
        grows_linearly(
            unit,
            4_000,
            |number, unit| unit.replace('#', &number.to_string()),
            |markup| {
                BeautifulSoup::xml(format!("{start}{markup}{end}"));
            },
        );
    }
    assert_eq!(BeautifulSoup::xml("<a b='&amp;&lt; &#65; & x'/>").find("a").unwrap().get("b"), Some("&< A  x"));
}

// S4, S19
#[test]
fn html_is_read_in_linear_time() {
    for unit in [
        "<",
        "<!",
        "<!--",
        "</",
        "<a",
        "<a b",
        "<a b='",
        "&",
        "&#",
        "&amp",
        "&x;",
        "<div>",
        "</div>",
        "<b>",
        "</b>",
        "<p>",
        "<table>",
        "<tr><td>",
        "<svg>",
        "<math><mi>",
        "<select><option>",
        "<template>",
        "<script>",
        "<title>",
        "<plaintext>",
        "<body a#=1>",
        "<html b#=2>",
        "<frameset>",
        "<form>",
        "<button>",
        "<h1>",
        "<li>",
        "<dd><dt>",
        "<ruby><rt>",
        "<a><b></a>",
        "<b><p></b>",
        "<i><table></i>",
        "<meta charset=x>",
        "<x#>",
        "<p a#>",
        "\0",
        "\r",
        "<applet><b>",
        "<nobr>",
        "<a#><b></a#>",
    ] {
        grows_linearly(
            unit,
            1_000,
            |number, unit| unit.replace('#', &number.to_string()),
            |markup| {
                BeautifulSoup::new(markup);
            },
        );
    }
}

// S19
#[test]
fn selectors_do_not_look_at_every_name_each_time() {
    let markup: String = (0..8_000).map(|number| format!("<x{number}></x{number}>")).collect();
    grows_linearly(
        &markup,
        1,
        |_, unit| unit.to_owned(),
        |markup| {
            let soup = BeautifulSoup::new(markup);
            let found = soup.css().iselect("x5").unwrap().count()
                + soup.find_all("x7").into_iter().filter(|tag| tag.css().matches("x7").unwrap()).count();
            assert!(found >= 2);
        },
    );
    let comments = "<!-- -->".repeat(4_000);
    let soup = BeautifulSoup::new(format!("{comments}{}", "<p>x".repeat(4_000)));
    assert_eq!(soup.css().iselect("p").unwrap().count(), 4_000);
}

// E1
#[test]
fn one_bad_byte_of_xml_is_one_replacement() {
    let soup = BeautifulSoup::xml(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><r>Größe f#</r>"
            .replace('#', "\u{1}")
            .as_bytes()
            .iter()
            .map(|byte| if *byte == 1 { 0xc3 } else { *byte })
            .collect::<Vec<u8>>(),
    );
    assert_eq!(soup.find("r").unwrap().text(), "Größe f\u{fffd}");
    assert_eq!((soup.original_encoding(), soup.contains_replacement_characters()), (Some("utf-8"), true));
    let soup = BeautifulSoup::xml(b"<?xml version='1.0' encoding='ISO-8859-1'?><r>\xe9</r>");
    assert_eq!((soup.find("r").unwrap().text().as_str(), soup.contains_replacement_characters()), ("é", false));
    let soup = BeautifulSoup::xml(b"<?xml version='1.0' encoding='utf-16'?><r>\xc3\xa9</r>");
    assert_eq!(soup.find("r").unwrap().text(), "é");
}

// E2
#[test]
fn a_declaration_in_a_script_is_not_one() {
    let soup =
        BeautifulSoup::new("<script>var m='<meta charset=\"windows-1251\">';</script><meta charset=\"utf-8\"><p>é".as_bytes());
    assert_eq!((soup.original_encoding(), soup.find("p").unwrap().text().as_str()), (Some("utf-8"), "é"));
    let soup = BeautifulSoup::new(b"<meta charset=windows-1251><p>\xe9".as_slice());
    assert_eq!((soup.original_encoding(), soup.find("p").unwrap().text().as_str()), (Some("windows-1251"), "й"));
}

// E4
#[test]
fn every_name_of_latin_1_is_the_same_encoding() {
    for name in ["latin-1", "latin1", "iso-8859-1", "ISO8859-1", "l1", "cp819", "iso_8859_1", "ascii", "us-ascii"] {
        let soup = TreeBuilder::html().from_encoding(name).parse(b"<p>\x93q\x94").unwrap();
        assert_eq!(soup.find("p").unwrap().text(), "“q”", "{name}");
    }
}

// E5
#[test]
fn numbers_of_selectors_have_no_end() {
    let soup = BeautifulSoup::new("<div><p>1<p>2<p>3</div>");
    for (selector, count) in [
        ("p:nth-child(n-99999999999999999999)", 3),
        ("p:nth-child(99999999999999999999n+1)", 1),
        ("p:nth-child(-99999999999999999999n+2)", 1),
        ("p:nth-child(99999999999999999999)", 0),
        ("p:nth-last-of-type(n+99999999999999999999)", 0),
        ("p:nth-child(-n+99999999999999999999 of p)", 3),
    ] {
        assert_eq!(soup.select(selector).unwrap().len(), count, "{selector}");
    }
}
