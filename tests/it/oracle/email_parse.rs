//! What the real email package reads in messages, whole and broken.

use leyden::smtplib::email::{EmailMessage, Group, Payload, getaddresses, quote, unquote};
use serde_json::{Value, json};

use crate::support::oracle::{Replay, cases};

fn bytes(raw: &Value) -> Vec<u8> {
    raw.as_str().unwrap().chars().map(|character| u8::try_from(character as u32).unwrap()).collect()
}

fn content(part: &EmailMessage) -> Value {
    if part.is_multipart() && part.get_content_maintype() != "message" {
        return Value::Null;
    }
    if part.get_content_maintype() == "text" {
        let known = part.get_content_charset().is_none_or(|charset| charset != "no-such");
        return if known { json!({"text": part.get_text().unwrap()}) } else { json!({"unknown charset": true}) };
    }
    match part.get_content().unwrap() {
        Payload::Bytes(bytes) => {
            use base64::Engine as _;
            json!({"bytes": base64::engine::general_purpose::STANDARD.encode(bytes)})
        }
        Payload::Message(inner) => json!({"message": inner.keys().collect::<Vec<_>>()}),
        other => panic!("{other:?}"),
    }
}

fn read(message: &EmailMessage) -> [Value; 4] {
    let headers = message.items().filter(|(name, _)| !name.to_ascii_lowercase().starts_with("content-"));
    let headers: Vec<_> = headers.map(|(name, value)| json!([name, value])).collect();
    let fields: Vec<String> = ["From", "To"].iter().filter_map(|name| message.get(name)).collect();
    let strict = |field: &String| {
        let groups = Group::parse_list(field).ok()?;
        let people = groups.into_iter().flat_map(|group| group.addresses);
        Some(people.map(|address| (address.display_name.clone(), address.addr_spec())).collect::<Vec<_>>())
    };
    // Python's objects of headers are lenient too, in ways of their own.
    let people: Vec<_> =
        fields.iter().flat_map(|field| strict(field).unwrap_or_else(|| getaddresses([field.as_str()]))).collect();
    let parts = message
        .walk()
        .map(|part| json!([part.get_content_type(), part.get_filename(), part.get_content_disposition(), content(part)]));
    let parts: Vec<_> = parts.collect();
    let attachments = if message.is_multipart() { message.iter_attachments().count() } else { 0 };
    [headers.into(), json!(people), parts.into(), json!(attachments)]
}

/// What leyden reads in Python's messages, and again in the same message as leyden writes it.
#[test]
fn messages_are_read_as_python_reads_them() {
    let mut replay = Replay::default();
    for case in cases("email_parse") {
        let raw = bytes(&case["raw"]);
        let message = EmailMessage::from_bytes(&raw);
        let shown: String = String::from_utf8_lossy(&raw).chars().take(1500).collect();
        for (round, message) in [("read", &message), ("written and read", &EmailMessage::from_bytes(message.as_bytes()))] {
            let [headers, people, parts, attachments] = read(message);
            replay.check(format!("{round}: headers of {shown}"), &headers, &case["headers"]);
            replay.check(format!("{round}: addresses of {shown}"), &people, &case["to"]);
            replay.check(format!("{round}: attachments of {shown}"), &attachments, &case["attachments"]);
            replay.check(format!("{round}: charsets of {shown}"), &json!(message.get_charsets()), &case["charsets"]);
            if round == "read" {
                replay.check(format!("parameters of {shown}"), &json!(message.get_params()), &case["params"]);
                replay.check(format!("From line of {shown}"), &json!(message.get_unixfrom()), &case["unixfrom"]);
            }
            if round == "read" || !raw.contains(&b'\r') {
                replay.check(format!("{round}: parts of {shown}"), &parts, &case["parts"]);
            }
        }
    }
    replay.finish(1500);
}

#[test]
fn quoting_is_pythons() {
    let mut replay = Replay::default();
    for case in cases("email_utils") {
        let text = case["text"].as_str().unwrap();
        replay.check(format!("quote {text:?}"), &json!(quote(text)), &case["quote"]);
        replay.check(format!("unquote {text:?}"), &json!(unquote(text)), &case["unquote"]);
    }
    replay.finish(1200);
}
