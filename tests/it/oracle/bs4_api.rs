//! Beautiful Soup's answers of methods with arguments, on odd nodes: output options, kinds of strings, walks, searches, edits.

use super::bs4_tree::{number, parse, search};
use crate::support::oracle::{Replay, cases};
use leyden::bs4::{
    BeautifulSoup, EntitySubstitution, Error, Formatter, GetText, NavigableString, NewTag, NewValue, Node, Output, StringKind,
    Tag,
};
use serde_json::{Map, Value, json};

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn formatter(options: &Value) -> Formatter {
    let formatter = match text(&options["substitution"]) {
        "none" => Formatter::none(),
        "upper" => Formatter::function(str::to_uppercase),
        "minimal" => Formatter::minimal(),
        "html" => Formatter::html(),
        _ => Formatter::function(|text| EntitySubstitution::substitute_html5(text).into()),
    };
    let formatter = match &options["cdata"] {
        Value::Null => formatter,
        tags => formatter.cdata_containing_tags(tags.as_array().unwrap().iter().map(text)),
    };
    let formatter = match &options["indent"] {
        Value::String(indent) => formatter.indent_with(indent),
        spaces => formatter.indent(spaces.as_u64().unwrap() as usize),
    };
    formatter
        .void_element_close_prefix(text(&options["void"]))
        .empty_attributes_are_booleans(options["booleans"].as_bool().unwrap())
}

fn kind(name: &str) -> StringKind {
    match name {
        "NavigableString" => StringKind::NavigableString,
        "Comment" => StringKind::Comment,
        "CData" => StringKind::CData,
        "ProcessingInstruction" => StringKind::ProcessingInstruction,
        "XMLProcessingInstruction" => StringKind::XmlProcessingInstruction,
        "Declaration" => StringKind::Declaration,
        "Doctype" => StringKind::Doctype,
        "Stylesheet" => StringKind::Stylesheet,
        "Script" => StringKind::Script,
        "TemplateString" => StringKind::TemplateString,
        "RubyTextString" => StringKind::RubyTextString,
        "RubyParenthesisString" => StringKind::RubyParenthesisString,
        other => panic!("{other}"),
    }
}

fn node<'a>(soup: &'a BeautifulSoup, nodes: &[Node<'a>], at: &Value) -> Node<'a> {
    usize::try_from(at.as_i64().unwrap()).map_or(soup.root().into(), |place| nodes[place])
}

fn walk<'a>(at: Node<'a>, name: &str) -> Vec<Node<'a>> {
    let tags = |tags: Vec<Tag<'a>>| tags.into_iter().map(Node::from).collect();
    match name {
        "parents" => tags(at.parents().collect()),
        "self_and_parents" => at.self_and_parents().collect(),
        "next_siblings" => at.next_siblings().collect(),
        "self_and_next_siblings" => at.self_and_next_siblings().collect(),
        "previous_siblings" => at.previous_siblings().collect(),
        "self_and_previous_siblings" => at.self_and_previous_siblings().collect(),
        "next_elements" => at.next_elements().collect(),
        "self_and_next_elements" => at.self_and_next_elements().collect(),
        "previous_elements" => at.previous_elements().collect(),
        "self_and_previous_elements" => at.self_and_previous_elements().collect(),
        "children" => at.as_tag().unwrap().children().collect(),
        "descendants" => at.as_tag().unwrap().descendants().collect(),
        "self_and_descendants" => at.as_tag().unwrap().self_and_descendants().collect(),
        other => panic!("{other}"),
    }
}

fn ask(replay: &mut Replay, soup: &BeautifulSoup, nodes: &[Node<'_>], row: &Value, what: &str) {
    let at = node(soup, nodes, &row["at"]);
    let numbers = |found: Vec<Node<'_>>| found.into_iter().map(|node| number(nodes, soup, Some(node))).collect::<Vec<_>>();
    match text(&row["ask"]) {
        "output" => {
            let mut how = Output::from(formatter(&row["options"])).eventual_encoding(row["encoding"].as_str());
            if let Some(level) = row["level"].as_u64() {
                how = how.indent_level(level as usize);
            }
            let tag = at.as_tag().unwrap();
            replay.check(format!("decode {what}"), tag.decode_with(how.clone()).as_str(), text(&row["decode"]));
            replay.check(format!("contents {what}"), tag.decode_contents_with(how).as_str(), text(&row["contents"]));
        }
        "text" => {
            let how = GetText::new().separator(text(&row["separator"])).strip(row["strip"].as_bool().unwrap());
            let kinds: Vec<StringKind>;
            let how = match &row["types"] {
                Value::Null => how.all_types(),
                Value::String(_) => how,
                list => {
                    kinds = list.as_array().unwrap().iter().map(|name| kind(text(name))).collect();
                    how.types(&kinds)
                }
            };
            replay.check(format!("text {what}"), at.get_text(how).as_str(), text(&row["found"]));
            replay.check(
                format!("strings {what}"),
                json!(at.strings().map(NavigableString::as_str).collect::<Vec<_>>()),
                row["strings"].clone(),
            );
            replay.check(format!("stripped {what}"), json!(at.stripped_strings().collect::<Vec<_>>()), row["stripped"].clone());
        }
        "walk" => {
            for (name, found) in row["found"].as_object().unwrap() {
                let own = match name.as_str() {
                    "index" => {
                        let tag = at.as_tag().unwrap();
                        tag.children().map(|child| json!(tag.index(child).unwrap())).collect()
                    }
                    name => numbers(walk(at, name)),
                };
                replay.check(format!("{name} {what}"), json!(own), found.clone());
            }
        }
        "search" => {
            let found = numbers(search(at, text(&row["method"]), &row["query"]));
            replay.check(what, json!(found), row["found"].clone());
        }
        other => panic!("{other}"),
    }
}

#[test]
fn methods_answer_what_they_answer_in_python() {
    let rows = cases("bs4_api");
    let mut replay = Replay::default();
    let mut rows = rows.iter().peekable();
    while let Some(row) = rows.next() {
        let Some(markup) = row["doc"].as_str() else { continue };
        let soup = parse(&json!({"builder": row["builder"], "markup": markup}));
        let nodes: Vec<Node<'_>> = soup.descendants().collect();
        while let Some(row) = rows.next_if(|row| row["ask"].is_string() && row["ask"] != "edits") {
            ask(&mut replay, &soup, &nodes, row, &format!("{row} of {markup:?}"));
        }
    }
    replay.finish(900);
}

fn value(value: &Value) -> NewValue {
    match value {
        Value::Array(list) => list.iter().map(text).collect::<Vec<_>>().into(),
        other => text(other).into(),
    }
}

fn new_tag(act: &Value) -> NewTag {
    let mut tag = NewTag::new(text(&act["name"]));
    if let Some(prefix) = act["prefix"].as_str() {
        tag = tag.nsprefix(prefix);
    }
    if let Some(namespace) = act["namespace"].as_str() {
        tag = tag.namespace(namespace);
    }
    for (name, own) in act["attrs"].as_object().unwrap_or(&Map::new()) {
        tag = tag.attr(name, value(own));
    }
    match act["string"].as_str() {
        Some(string) => tag.string(string),
        None => tag,
    }
}

fn edit<'a>(soup: &'a BeautifulSoup, nodes: &[Node<'a>], act: &Value) -> Result<(), Error> {
    let place = |name: &str| node(soup, nodes, &act[name]);
    let (tag, node, other, third) = (place("tag").as_tag().unwrap(), place("node"), place("other"), place("third"));
    let position = act["position"].as_u64().unwrap() as usize;
    let new = || soup.new_string((text(&act["text"]), kind(text(&act["kind"]))));
    match text(&act["op"]) {
        "insert_two" => tag.insert(position, [node, other]).map(drop)?,
        "before_two" => third.insert_before([node, other]).map(drop)?,
        "after_two" => third.insert_after([node, other]).map(drop)?,
        "replace_two" => third.replace_with([node, other]).map(drop)?,
        "new_kind" => tag.append(new()).map(drop)?,
        "insert_kind" => tag.insert(position, new()).map(drop)?,
        "new_tag" => tag.append(soup.new_tag(new_tag(act))).map(drop)?,
        "copy_self" => tag.append(tag.copy_self()).map(drop)?,
        "set_string" => drop(tag.set_string(text(&act["text"]))),
        "set_kind" => drop(tag.set_string(new())),
        "set_value" => tag.set(text(&act["name"]), value(&act["value"])),
        "rename" => tag.set_name(text(&act["name"])),
        "unwrap" => tag.unwrap().map(drop)?,
        "wrap" => node.wrap(tag).map(drop)?,
        "smooth" => soup.smooth(),
        "smooth_one" => tag.smooth(),
        "extend" => tag.extend([node, other, third]).map(drop)?,
        "clear" => tag.clear(),
        "extract" => drop(node.extract()),
        other => panic!("{other}"),
    }
    Ok(())
}

#[test]
fn odd_edits_do_what_they_do_in_python() {
    let mut replay = Replay::default();
    for row in cases("bs4_api").iter().filter(|row| row["ask"] == "edits") {
        let soup = parse(row);
        let nodes: Vec<Node<'_>> = soup.descendants().collect();
        for act in row["script"].as_array().unwrap() {
            let result = edit(&soup, &nodes, act);
            let what = format!("{act} of {}", row["markup"]);
            replay.check(format!("error {what}"), result.is_err(), act.get("error").is_some());
            replay.check(format!("str {what}"), soup.to_string().as_str(), text(&act["str"]));
            replay.check(format!("prettify {what}"), soup.prettify().as_str(), text(&act["pretty"]));
            replay.check(format!("text {what}"), soup.get_text("|").as_str(), text(&act["text_of"]));
            let tag = node(&soup, &nodes, &act["tag"]).as_tag().unwrap();
            replay.check(format!("tag {what}"), tag.to_string().as_str(), text(&act["tag_str"]));
            replay.check(format!("equal {what}"), tag == tag.copy(), act["equal"].as_bool().unwrap());
        }
    }
    replay.finish(2_000);
}

/// DIFFERENCE: soupsieve reads a list of selectors there, and finds what nobody asked for.
#[test]
fn words_to_contain_are_quoted() {
    let soup = BeautifulSoup::new("<p>two words</p>");
    assert!(matches!(soup.select("p:-soup-contains(two words)"), Err(Error::SelectorSyntax { .. })));
    assert_eq!(soup.select("p:-soup-contains('two words')").unwrap().len(), 1);
}
