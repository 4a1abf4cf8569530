//! `re::Pattern::to_regex` against leyden's own answers, and `regex::Regex` where a pattern is taken.

use crate::support::oracle::cases;
use leyden::re::{self, Error, Flags, Pattern, Source};

const FILES: [&str; 2] = ["re", "re_wild"];

fn flags_of(bits: u64) -> Flags {
    [re::I, re::M, re::S, re::U, re::X, re::A]
        .into_iter()
        .filter(|flag| bits & u64::from(flag.bits()) != 0)
        .fold(re::NOFLAG, |flags, flag| flags | flag)
}

/// What leyden finds, as spans in bytes: the match and its groups.
fn python(pattern: &Pattern, text: &str) -> Option<Vec<Option<(usize, usize)>>> {
    let found = pattern.search(text).unwrap()?;
    Some((0..=pattern.groups()).map(|group| found.span(group).map(|span| (span.start, span.end))).collect())
}

fn rust(regex: &regex::Regex, text: &str) -> Option<Vec<Option<(usize, usize)>>> {
    let found = regex.captures(text)?;
    Some(found.iter().map(|group| group.map(|group| (group.start(), group.end()))).collect())
}

/// Texts that the patterns of the oracles were not made for, besides theirs.
const OTHERS: [&str; 12] = [
    "",
    "\n",
    "a\n",
    "1-1\n",
    "größe 42 ÄÖ",
    "\u{1c}\u{85}\u{2028}\u{a0}",
    "٣٤ ½ ²",
    "e\u{301} x\u{203f}y",
    "ſK\u{212a}ßẞ",
    "İıiI",
    "A_b-C.9",
    "🦀🦀",
];

#[test]
fn what_to_regex_gives_agrees_in_every_match_and_group() {
    let (mut given, mut refused, mut compared) = (0, 0, 0);
    for file in FILES {
        for case in cases(file).into_iter().step_by(2) {
            let (Some(source), Some(flags)) = (case["p"].as_str(), case["f"].as_u64()) else { continue };
            if !case["b"].is_null() {
                continue;
            }
            let flags = flags_of(flags);
            let Ok(pattern) = re::compile(Source::new(source).flags(flags)) else { continue };
            let regex = match pattern.to_regex() {
                Ok(regex) => regex,
                Err(Error::NoRegex { construct }) => {
                    assert!(!construct.is_empty());
                    refused += 1;
                    continue;
                }
                Err(Error::TooLarge { .. }) => continue,
                Err(error) => panic!("{source:?}: {error}"),
            };
            assert!(pattern.is_linear(), "{source:?}");
            given += 1;
            let own = case["t"].as_array().into_iter().flatten().filter_map(|text| text[0].as_str());
            for text in own.chain(OTHERS) {
                assert_eq!(rust(&regex, text), python(&pattern, text), "{pattern:?} as {regex:?} in {text:?}");
                compared += 1;
            }
            let names: Vec<_> = regex.capture_names().collect();
            assert_eq!(names.len(), pattern.groups() + 1);
            for (name, group) in pattern.groupindex() {
                assert_eq!(names[group], Some(name));
            }
        }
    }
    println!("{given} patterns given, {refused} refused, {compared} searches compared");
    assert!(given > 2000 && compared > 30_000, "{given} patterns, {refused} refused, {compared} searches");
}

#[test]
fn bytes_patterns_become_bytes_regexes() {
    for (source, text, span) in [
        (&br"\w+"[..], &b"\xff abc \xe4"[..], Some(2..5)),
        (br"[\x80-\xff]+", b"ab\xc3\xa4", Some(2..4)),
        (br"[^a]", b"a\xff", Some(1..2)),
        (br"(?i)K\b", b"xk", Some(1..2)),
        (br"(?m)^b$", b"a\nb\n", Some(2..3)),
        (br".", b"\n", None),
    ] {
        let pattern = re::compile(source).unwrap();
        let regex = pattern.to_regex().unwrap();
        assert_eq!(pattern.search(text).unwrap().map(|found| found.span(0).unwrap()), span, "{pattern:?}");
        assert_eq!(regex.find(text).map(|found| found.range()), span, "{regex:?}");
    }
}

#[test]
fn each_construct_without_an_equivalent_is_named() {
    for (source, construct) in [
        ("a(?=b)", "a look-ahead"),
        ("a(?!b)", "a negative look-ahead"),
        ("(?<=a)b", "a look-behind"),
        ("(?<!a)b", "a negative look-behind"),
        (r"(a)\1", "a back-reference"),
        ("(a)?(?(1)b|c)", "a conditional group"),
        ("(?>a+)b", "an atomic group"),
        ("a++b", "a possessive quantifier"),
        ("a$", r"$ without re.M, which also matches before a final newline: write \Z"),
        (r"\ba", r"\b with Python's Unicode words: use re.A"),
        (r"(?a:\B)", r"\B, which Python does not find in an empty text"),
        ("(?:a|b*)*", "a repetition whose body can be empty, which Python leaves by another rule"),
    ] {
        let error = re::compile(source).unwrap().to_regex().unwrap_err();
        assert_eq!(error, Error::NoRegex { construct }, "{source}");
        assert_eq!(error.to_string(), format!("the regex crate has no equivalent of {construct}"));
    }
    // Deep in a pattern, too.
    assert!(matches!(re::compile("((?:x|(?:y(?=z)))+)").unwrap().to_regex(), Err(Error::NoRegex { construct: "a look-ahead" })));
    let huge = re::compile(r"(?:\w{100}){100}").unwrap().to_regex().unwrap_err();
    assert!(matches!(huge, Error::TooLarge { .. }), "{huge}");
}

#[test]
fn the_lossy_form_agrees_on_ascii_lines() {
    let mut compared = 0;
    for file in FILES {
        for case in cases(file).into_iter().step_by(5) {
            let (Some(source), Some(flags)) = (case["p"].as_str(), case["f"].as_u64()) else { continue };
            if !case["b"].is_null() {
                continue;
            }
            let Ok(pattern) = re::compile(Source::new(source).flags(flags_of(flags))) else { continue };
            let loops = matches!(pattern.to_regex(), Err(Error::NoRegex { construct }) if construct.starts_with("a repetition"));
            let Ok(regex) = pattern.to_regex_lossy() else { continue };
            for text in case["t"].as_array().into_iter().flatten().filter_map(|text| text[0].as_str()) {
                if text.is_ascii() && !text.is_empty() && !text.contains('\n') && !loops {
                    assert_eq!(
                        regex.is_match(text),
                        pattern.search(text).unwrap().is_some(),
                        "{pattern:?} as {regex:?} in {text:?}"
                    );
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 1000, "{compared}");
}

/// The first example of the regex crate's documentation, on a pattern from Python.
#[test]
fn the_first_example_of_the_regex_crate() {
    let re = re::compile(r"Homer (?P<middle>.)\. Simpson").unwrap().to_regex().unwrap();
    let hay = "Homer J. Simpson";
    let Some(caps) = re.captures(hay) else { panic!("no match!") };
    assert_eq!("J", &caps["middle"]);
    let dates = re::compile(r"(\d{4})-(\d{2})-(\d{2})").unwrap().to_regex().unwrap();
    let hay = "2012-03-14, 2013-01-01 and 2014-07-05";
    let found: Vec<_> = dates.captures_iter(hay).map(|caps| caps.extract().1).collect::<Vec<[&str; 3]>>();
    assert_eq!(found, [["2012", "03", "14"], ["2013", "01", "01"], ["2014", "07", "05"]]);
    assert_eq!(dates.replace_all(hay, "$2/$3/$1"), "03/14/2012, 01/01/2013 and 07/05/2014");
}

#[cfg(feature = "bs4")]
#[test]
fn bs4_searches_for_a_regex() {
    use leyden::bs4::{BeautifulSoup, SoupStrainer, TreeBuilder, string};
    let soup = BeautifulSoup::new("<h1 id=top>One</h1><h2 class='a b7'>Two</h2><p id=p1>12</p><p id=x>three");
    let rx = |pattern: &str| regex::Regex::new(pattern).unwrap();
    let names = |found: leyden::bs4::ResultSet<'_, leyden::bs4::Tag<'_>>| {
        found.iter().map(|tag| tag.name().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(soup.find_all(rx("^h[1-6]$"))), ["h1", "h2"]);
    assert_eq!(names(soup.find_all(&rx("^h[1-6]$"))), ["h1", "h2"]);
    assert_eq!(names(soup.find_all([rx("^h1$"), rx("^p$")])), ["h1", "p", "p"]);
    assert_eq!(names(soup.find_all(SoupStrainer::any().attr("id", rx(r"^p\d")))), ["p"]);
    assert_eq!(names(soup.find_all(SoupStrainer::any().class_(rx(r"^b\d$")))), ["h2"]);
    assert_eq!(soup.find_all(string(rx(r"^\d+$"))).len(), 1);
    assert_eq!(soup.find("p").unwrap().find_previous_siblings(rx("^h2$")).len(), 1);
    let kept = TreeBuilder::html().parse_only(SoupStrainer::new(rx(r"^h\d"))).parse("<h1>a</h1><p>b").unwrap();
    assert_eq!(kept.find_all("p").len(), 0);
    assert_eq!(format!("{:?}", leyden::bs4::Filter::from(rx("a+"))), r#"[Regex("a+")]"#);
}

#[cfg(feature = "requests")]
#[test]
fn a_planned_url_is_a_regex() {
    use leyden::prelude::*;
    let world = World::new();
    world.requests.get(regex::Regex::new(r"/users/\d+(\?|$)").unwrap()).reply(204);
    world.requests.get(re::compile(r"^https://[^/]*/search\?q=").unwrap()).reply(202);
    let requests = world.batteries().requests;
    let status = |url: &str| requests.get(url).wait().map(|response| response.status_code);
    assert_eq!(status("https://a.test/users/7").unwrap(), 204);
    assert_eq!(status("https://a.test/users/7?full=1").unwrap(), 204);
    assert_eq!(status("https://b.test/search?q=x").unwrap(), 202);
    let error = status("https://a.test/users/x").unwrap_err();
    assert!(error.to_string().contains(r"planned: GET //users/\d+(\?|$)/"), "{error}");
}

#[cfg(feature = "os")]
#[test]
fn copytree_ignores_by_a_regex() {
    use leyden::os::shutil::{CopyTree, NamePattern, ignore_patterns};
    use leyden::prelude::*;
    let world = World::new();
    for name in ["a1.txt", "b.txt", "c.bak"] {
        world.os.write(format!("/src/{name}"), "");
    }
    let os = world.batteries().os;
    let patterns: [NamePattern; 2] = [regex::Regex::new(r"\d").unwrap().into(), "*.bak".into()];
    os.shutil.copytree("/src", CopyTree::new("/dst").ignore(ignore_patterns(patterns))).unwrap();
    assert_eq!(os.listdir("/dst").unwrap(), ["b.txt"]);
}

#[cfg(feature = "fabric")]
#[test]
fn a_responder_looks_for_a_regex() {
    use leyden::fabric::{FailingResponder, Responder, StreamWatcher};
    let rx = |pattern: &str| regex::Regex::new(pattern).unwrap();
    let mut responder = Responder::new(rx(r"(?i)password for \w+: "), "hunter2\n").unwrap();
    assert_eq!(responder.submit("Password for ann: ").unwrap().len(), 1);
    assert_eq!(responder.submit("Password for ann: ").unwrap().len(), 0);
    let mut failing = FailingResponder::new(re::compile(r"pass: ").unwrap(), "x\n", rx("[Ss]orry")).unwrap();
    assert_eq!(failing.submit("pass: ").unwrap().len(), 1);
    let error = failing.submit("pass: Sorry").unwrap_err();
    assert_eq!(error.to_string(), r#"Auto-response to r"pass: " failed with '[Ss]orry'!"#);
}
