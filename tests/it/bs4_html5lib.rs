//! The html5lib test suite: tree construction without scripting, and encodings. The files stand in `tests/data/html5lib`.

use leyden::bs4::{BeautifulSoup, NamespacedAttribute, Node, StringKind, Tag, TreeBuilder};
use std::fmt::Write as _;
use std::path::PathBuf;

const SELECT: &str = "since 2025, a select may hold nearly any tag";
const BREAKOUT: &str = "since 2021, HTML tags leave SVG and MathML in fragments too";

/// Tests of html5lib's day that the standard has overtaken: file, number in it, and why.
const KNOWN: &[(&str, &[usize], &str)] = &[
    ("foreign-fragment.dat", &[0, 1, 38, 40, 47, 48], BREAKOUT),
    ("menuitem-element.dat", &[13], SELECT),
    ("tests1.dat", &[29, 101], SELECT),
    ("tests10.dat", &[3, 4, 16, 17], SELECT),
    ("tests18.dat", &[13, 14], SELECT),
    ("tests7.dat", &[30], SELECT),
    ("tests9.dat", &[4, 5, 17, 18], SELECT),
    ("tests_innerHTML_1.dat", &[79, 80, 81], SELECT),
    ("webkit02.dat", &[17], SELECT),
];

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/html5lib").join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "dat"));
    files.sort();
    files
}

/// The sections of each test of a file, by name.
fn tests(text: &[u8]) -> Vec<Vec<(String, Vec<u8>)>> {
    let mut tests: Vec<Vec<(String, Vec<u8>)>> = Vec::new();
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        let name = line.strip_prefix(b"#").map(|name| String::from_utf8_lossy(name.trim_ascii_end()).into_owned());
        let is_section = |name: &str| {
            matches!(
                name,
                "data" | "errors" | "document" | "document-fragment" | "encoding" | "script-on" | "script-off" | "new-errors"
            )
        };
        match name.filter(|name| is_section(name)) {
            Some(name) if name == "data" => tests.push(vec![(name, Vec::new())]),
            Some(name) => tests.last_mut().unwrap().push((name, Vec::new())),
            None => {
                if let Some((_, body)) = tests.last_mut().and_then(|test| test.last_mut()) {
                    body.extend_from_slice(line);
                }
            }
        }
    }
    tests
}

fn section<'t>(test: &'t [(String, Vec<u8>)], name: &str) -> Option<&'t [u8]> {
    let (_, body) = test.iter().find(|(known, _)| known == name)?;
    Some(body.strip_suffix(b"\n").unwrap_or(body))
}

fn prefix(namespace: Option<&str>) -> &'static str {
    match namespace {
        Some("http://www.w3.org/2000/svg") => "svg ",
        Some("http://www.w3.org/1998/Math/MathML") => "math ",
        _ => "",
    }
}

/// The tree in the suite's notation.
fn dump(soup: &BeautifulSoup) -> String {
    let mut out = String::new();
    // Each entry is a node and its depth; what is in a template is one level deeper.
    let mut stack: Vec<(Node<'_>, usize)> = soup.children().map(|node| (node, 0)).collect();
    stack.reverse();
    while let Some((node, depth)) = stack.pop() {
        let indent = "  ".repeat(depth);
        let Some(tag) = node.as_tag() else {
            let text = node.as_string().unwrap();
            match text.kind() {
                StringKind::Comment => writeln!(out, "| {indent}<!-- {text} -->"),
                StringKind::Doctype => writeln!(out, "| {indent}<!DOCTYPE {}>", doctype(text.as_str())),
                _ => writeln!(out, "| {indent}\"{text}\""),
            }
            .unwrap();
            continue;
        };
        writeln!(out, "| {indent}<{}{}>", prefix(tag.namespace()), tag.name()).unwrap();
        for (name, value) in attributes(tag) {
            writeln!(out, "| {indent}  {name}=\"{value}\"").unwrap();
        }
        let is_template = tag.name() == "template" && prefix(tag.namespace()).is_empty();
        if is_template {
            writeln!(out, "| {indent}  content").unwrap();
        }
        let below = depth + 1 + usize::from(is_template);
        stack.extend(tag.contents().into_iter().rev().map(|child| (child, below)));
    }
    out.trim_end_matches('\n').to_owned()
}

/// `html PUBLIC "a" "b"` as the suite has it: `html "a" "b"`.
fn doctype(text: &str) -> String {
    if let Some((name, ids)) = text.split_once(" PUBLIC ") {
        let ids = if ids.matches('"').count() == 2 { format!("{ids} \"\"") } else { ids.to_owned() };
        return if ids == "\"\" \"\"" { name.to_owned() } else { format!("{name} {ids}") };
    }
    match text.split_once(" SYSTEM ") {
        Some((name, "\"\"")) => name.to_owned(),
        Some((name, id)) => format!("{name} \"\" {id}"),
        None => text.to_owned(),
    }
}

fn attributes(tag: Tag<'_>) -> Vec<(String, String)> {
    let namespaced: Vec<NamespacedAttribute<'_>> = tag.namespaced_attrs().collect();
    let mut list: Vec<(String, String)> = tag
        .attrs()
        .map(|(name, value)| {
            let name = match namespaced.iter().find(|known| known.full == name) {
                Some(known) if known.prefix.is_empty() => format!("xmlns {name}"),
                Some(known) => format!("{} {}", known.prefix, known.name),
                None => name.to_owned(),
            };
            (name, value.to_string())
        })
        .collect();
    list.sort_by_key(|(name, _)| name.encode_utf16().collect::<Vec<_>>());
    list
}

#[test]
fn trees_are_the_ones_of_the_suite() {
    let (mut ran, mut failed, mut unexpected) = (0, 0, Vec::new());
    for path in files("tree-construction") {
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        for (number, test) in tests(&std::fs::read(&path).unwrap()).iter().enumerate() {
            if section(test, "script-on").is_some() {
                continue;
            }
            let data = String::from_utf8_lossy(section(test, "data").unwrap()).into_owned();
            let expected = String::from_utf8_lossy(section(test, "document").unwrap()).trim_end_matches('\n').to_owned();
            let soup = match section(test, "document-fragment") {
                Some(context) => TreeBuilder::html().fragment(String::from_utf8_lossy(context)).parse(data.as_str()).unwrap(),
                None => BeautifulSoup::new(data.as_str()),
            };
            ran += 1;
            let known = KNOWN.iter().any(|(name, numbers, _)| *name == file && numbers.contains(&number));
            let differs = dump(&soup) != expected;
            failed += usize::from(differs);
            if differs != known {
                unexpected.push(format!("{file} {number} {data:?}\nexpected:\n{expected}\ngot:\n{}\n", dump(&soup)));
            }
        }
    }
    println!("{} of {ran} pass", ran - failed);
    assert!(unexpected.is_empty(), "{} of {ran}\n{}", unexpected.len(), unexpected.join("\n"));
    assert!(ran > 1_600, "{ran}");
    assert_eq!(failed, KNOWN.iter().map(|(_, numbers, _)| numbers.len()).sum::<usize>());
}

#[test]
fn encodings_are_the_ones_of_the_suite() {
    let (mut ran, mut wrong) = (0, Vec::new());
    for path in files("encoding") {
        for (number, test) in tests(&std::fs::read(&path).unwrap()).iter().enumerate() {
            // The declaration is written by a script.
            if section(test, "data").unwrap().windows(14).any(|word| word == b"document.write") {
                continue;
            }
            let (data, expected) = (section(test, "data").unwrap(), section(test, "encoding").unwrap());
            let expected = String::from_utf8_lossy(expected).trim().to_lowercase();
            let soup = BeautifulSoup::new(data);
            ran += 1;
            if soup.original_encoding() != Some(expected.as_str()) {
                let data = String::from_utf8_lossy(data);
                wrong.push(format!("{} {number}: {expected}, not {:?}: {data}", path.display(), soup.original_encoding()));
            }
        }
    }
    assert!(ran > 60, "{ran}");
    assert!(wrong.is_empty(), "{} of {ran}\n{}", wrong.len(), wrong.join("\n"));
}
