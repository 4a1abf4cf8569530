//! Beautiful Soup's answers about encodings, entities and identifiers.

use crate::support::oracle::{Replay, cases};
use leyden::bs4::{
    BeautifulSoup, Css, Dammit, EncodingDetector, EntitySubstitution, SmartQuotes, TreeBuilder, UnicodeDammit, doctype,
    numeric_character_reference,
};
use serde_json::{Value, json};

fn bytes(hex: &Value) -> Vec<u8> {
    let hex = hex.as_str().unwrap();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn strings(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|item| item.as_str().unwrap().to_owned()).collect()
}

fn answer(row: &Value) -> Value {
    let text = |name: &str| row[name].as_str().unwrap();
    let has = |name: &str| row.get(name).is_some();
    if has("dammit") {
        let found = Dammit::new().known_definite_encodings(strings(&row["known"])).is_html(true).read(&bytes(&row["dammit"]));
        let tried: Vec<Value> = found.tried_encodings().iter().map(|(name, errors)| json!([name, errors])).collect();
        json!({"dammit": row["dammit"], "known": row["known"], "text": found.unicode_markup(), "encoding": found.original_encoding(),
            "declared": found.declared_html_encoding(), "replaced": found.contains_replacement_characters(), "tried": tried,
            "markup": hex(found.markup())})
    } else if has("quotes") {
        let to = match text("to") {
            "ascii" => SmartQuotes::Ascii,
            "xml" => SmartQuotes::Xml,
            _ => SmartQuotes::Html,
        };
        let dammit = Dammit::new().known_definite_encodings(["windows-1252"]).smart_quotes_to(to);
        json!({"quotes": row["quotes"], "to": row["to"], "text": dammit.read(&bytes(&row["quotes"])).unicode_markup()})
    } else if has("whole") {
        let (html, whole) = (row["html"].as_bool().unwrap(), row["whole"].as_bool().unwrap());
        let found = EncodingDetector::find_declared_encoding(text("declared").as_bytes(), html, whole);
        json!({"declared": row["declared"], "html": html, "whole": whole, "found": found})
    } else if has("bom") {
        let data = bytes(&row["bom"]);
        let (rest, encoding) = EncodingDetector::strip_byte_order_mark(&data);
        json!({"bom": row["bom"], "rest": hex(rest), "encoding": encoding})
    } else if has("order") {
        let mut detector = EncodingDetector::new(b"\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"koi8-r\"?>")
            .known_definite_encodings(strings(&row["order"][0]))
            .user_encodings(strings(&row["order"][1]))
            .exclude_encodings(strings(&row["order"][2]));
        json!({"order": row["order"], "encodings": detector.encodings()})
    } else if has("codec") {
        json!({"codec": row["codec"], "found": UnicodeDammit::find_codec(text("codec"))})
    } else if has("detwingle") {
        json!({"detwingle": row["detwingle"], "fixed": hex(&UnicodeDammit::detwingle(&bytes(&row["detwingle"])))})
    } else if has("reference") {
        let (c, replaced) = numeric_character_reference(row["reference"].as_u64().unwrap() as u32);
        json!({"reference": row["reference"], "found": [c, replaced]})
    } else if has("entities") {
        let s = text("entities");
        json!({"entities": s, "xml": EntitySubstitution::substitute_xml(s),
            "containing": EntitySubstitution::substitute_xml_containing_entities(s), "html": EntitySubstitution::substitute_html(s),
            "html5": EntitySubstitution::substitute_html5(s), "raw": EntitySubstitution::substitute_html5_raw(s),
            "quoted": EntitySubstitution::quoted_attribute_value(s)})
    } else if has("escape") {
        json!({"escape": row["escape"], "escaped": Css::escape(text("escape"))})
    } else if has("content") {
        let markup = format!("<meta http-equiv=content-type content=\"{}\">", text("content"));
        let soup = BeautifulSoup::new(markup);
        let found = soup.find("meta").unwrap().value("content").unwrap().substitute_encoding(text("to")).into_owned();
        let soup = BeautifulSoup::new(format!("<meta charset=\"{}\">", text("content")));
        let charset = soup.find("meta").unwrap().value("charset").unwrap().substitute_encoding(text("to")).into_owned();
        json!({"content": row["content"], "to": row["to"], "found": found, "charset": charset})
    } else if has("doctype") {
        let ids = &row["doctype"];
        json!({"doctype": ids, "found": doctype(ids[0].as_str().unwrap(), ids[1].as_str(), ids[2].as_str())})
    } else if has("xml") {
        let soup = BeautifulSoup::xml(bytes(&row["xml"]));
        json!({"xml": row["xml"], "str": soup.to_string(), "encoding": soup.original_encoding()})
    } else {
        let builder = match row["from"].as_str() {
            Some(encoding) => TreeBuilder::html().from_encoding(encoding),
            None => TreeBuilder::html(),
        };
        let soup = builder.parse(bytes(&row["bytes"])).unwrap();
        json!({"bytes": row["bytes"], "from": row["from"], "str": soup.to_string(), "encoding": soup.original_encoding()})
    }
}

#[test]
fn encodings_entities_and_identifiers_are_python_s() {
    let mut replay = Replay::default();
    for row in cases("bs4_dammit") {
        replay.check("", answer(&row), row);
    }
    replay.finish(500);
}
