//! What the real email package makes of its older half: `Header`, the mime classes, payloads and charsets, RFC 2231, the parsers.
//!
//! DIFFERENCEs, each in the code: an unknown charset is an error of `Header` at once; `decode_header` gives plain text as UTF-8; headers that are replaced keep their
//! place and their name.

use leyden::smtplib::Error;
use leyden::smtplib::email::{
    EmailMessage, Encoder, FeedParser, Header, Mime, ParamValue, Parser, Policy, collapse_rfc2231_value, decode_header,
    decode_params, encode_7or8bit, encode_base64, encode_noop, encode_quopri, make_header, message_from_file,
};
use serde_json::{Value, json};

use crate::support::oracle::{Replay, cases};

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn bytes(raw: &Value) -> Vec<u8> {
    raw.as_str().unwrap().chars().map(|character| u8::try_from(character as u32).unwrap()).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// Python's exceptions have names; here it counts that there was one.
fn or_error(result: leyden::smtplib::Result<Value>) -> Value {
    result.unwrap_or_else(|_| json!("error"))
}

fn expected(case: &Value) -> Value {
    if case["gives"]["error"].is_string() { json!("error") } else { case["gives"].clone() }
}

fn header(case: &Value) -> leyden::smtplib::Result<Value> {
    let mut header = Header::of_charset(case["charset"].as_str().unwrap_or("us-ascii"))?;
    let options = &case["options"];
    if let Some(most) = options["maxlinelen"].as_u64() {
        header = header.maxlinelen(most as usize);
    }
    if let Some(name) = options["header_name"].as_str() {
        header = header.header_name(name);
    }
    if let Some(space) = options["continuation_ws"].as_str() {
        header = header.continuation_ws(space);
    }
    for chunk in case["chunks"].as_array().unwrap() {
        header.append(text(&chunk[0]), chunk[1].as_str())?;
    }
    let most = options["maxlinelen"].as_u64().unwrap_or(78) as usize;
    Ok(json!({"str": header.to_string(), "encode": header.encode()?, "crlf": header.encode_with(" ;", most, "\r\n")?}))
}

/// The headers in no order, quotes of parameters aside, and the body.
fn shape(message: &[u8]) -> Value {
    let all = latin1(message);
    let (head, body) = all.split_once("\n\n").or_else(|| all.strip_prefix('\n').map(|body| ("", body))).unwrap();
    let mut headers: Vec<String> = head.lines().map(|line| line.to_lowercase().replace('"', "")).collect();
    headers.sort();
    json!([headers, body])
}

fn shown(message: &EmailMessage) -> Value {
    json!([shape(&message.as_bytes()), message.get_charset().map(ToString::to_string)])
}

fn python_shown(gives: &Value) -> Value {
    match gives {
        Value::Array(several) => several.iter().map(python_shown).collect(),
        one if one["error"].is_string() => json!("error"),
        one => json!([shape(&bytes(&one["bytes"])), one["charset"]]),
    }
}

fn payload(case: &Value) -> leyden::smtplib::Result<Value> {
    let mut message = EmailMessage::new();
    if let Some(kind) = case["type"].as_str() {
        message.set("Content-Type", kind)?;
    }
    message.set_payload(text(&case["text"]), case["charset"].as_str())?;
    let before = shown(&message);
    message.set_type("text/x-new")?;
    let typed = shown(&message);
    message.set_charset(None)?;
    Ok(json!([before, typed, shown(&message)]))
}

fn params(case: &Value) -> Value {
    let pairs = case["params"].as_array().unwrap().iter();
    let pairs: Vec<_> = pairs.map(|pair| (text(&pair[0]).to_owned(), text(&pair[1]).to_owned())).collect();
    let decoded = decode_params(&pairs).into_iter().map(|(name, value)| {
        let shown = match &value {
            ParamValue::Plain(text) => json!(text),
            ParamValue::Extended { charset, language, text } => json!([charset, language, text]),
        };
        json!([name, shown, collapse_rfc2231_value(&value)])
    });
    decoded.collect()
}

fn defects(message: &EmailMessage) -> Value {
    message
        .walk()
        .map(|part| part.defects.iter().map(|defect| format!("{defect:?}")).collect::<Vec<_>>())
        .collect::<Vec<_>>()
        .into()
}

fn parser(replay: &mut Replay, case: &Value) {
    let raw = bytes(&case["raw"]);
    let what = latin1(&raw);
    let message = Parser::new(Policy::DEFAULT).parsebytes(&raw).unwrap();
    replay.check(format!("keys of {what:?}"), &json!(message.keys().collect::<Vec<_>>()), &case["keys"]);
    replay.check(format!("defects of {what:?}"), &defects(&message), &case["defects"]);
    let only = Parser::headers_only(Policy::DEFAULT).parsebytes(&raw).unwrap();
    let only = json!([only.keys().collect::<Vec<_>>(), latin1(&only.get_payload().unwrap())]);
    replay.check(format!("headers of {what:?}"), &only, &case["only"]);
    let mut feed = FeedParser::new(Policy::DEFAULT);
    raw.chunks(7).for_each(|piece| feed.feed(piece));
    replay.check(format!("fed {what:?}"), &defects(&feed.close().unwrap()), &case["fed"]);
    let strict = match Parser::new(Policy::STRICT).parsebytes(&raw) {
        Ok(_) => json!("fine"),
        Err(Error::Defect(defect)) => json!(format!("{defect:?}")),
        Err(error) => panic!("{error}"),
    };
    replay.check(format!("strict {what:?}"), &strict, &case["strict"]);
    let file = message_from_file(&raw[..], Policy::DEFAULT).unwrap();
    replay.check(format!("file {what:?}"), &json!(file.keys().collect::<Vec<_>>()), &case["file"]);
}

#[test]
fn the_older_half_is_pythons() {
    let mut replay = Replay::default();
    for case in cases("email_legacy") {
        let shown_case: String = case.to_string().chars().take(600).collect();
        match text(&case["kind"]) {
            "header" => replay.check(shown_case, or_error(header(&case)), expected(&case)),
            "decode" => {
                let value = text(&case["text"]);
                let decoded = decode_header(value);
                let pairs = decoded
                    .as_ref()
                    .map(|pairs| pairs.iter().map(|(text, charset)| json!([latin1(text), charset])).collect::<Vec<_>>().into());
                replay.check(format!("decode {value:?}"), pairs.unwrap_or_else(|_| json!("error")), expected(&case));
                let made = or_error(decoded.and_then(make_header).map(|header| json!(header.to_string())));
                let python = if case["make"]["error"].is_string() { json!("error") } else { case["make"].clone() };
                replay.check(format!("make {value:?}"), made, python);
            }
            "params" => replay.check(shown_case, params(&case), expected(&case)),
            "mimetext" => {
                let mut mime = Mime::text(text(&case["text"])).subtype("html");
                if let Some(charset) = case["charset"].as_str() {
                    mime = mime.charset(charset);
                }
                replay.check(shown_case, or_error(mime.build().map(|message| shown(&message))), python_shown(&case["gives"]));
            }
            "application" => {
                let encoder: Encoder = match text(&case["encoder"]) {
                    "base64" => encode_base64,
                    "quopri" => encode_quopri,
                    "7or8bit" => encode_7or8bit,
                    _ => encode_noop,
                };
                let mime = Mime::application(text(&case["text"])).subtype("x-y").encoder(encoder).param("name", "a b.bin");
                let message = mime.build();
                replay.check(shown_case, or_error(message.map(|message| shown(&message))), python_shown(&case["gives"]));
            }
            "image" | "audio" => {
                let raw = bytes(&case["bytes"]);
                let mime = if text(&case["kind"]) == "image" { Mime::image(raw) } else { Mime::audio(raw) };
                let message = mime.build();
                replay.check(shown_case, or_error(message.map(|message| shown(&message))), python_shown(&case["gives"]));
            }
            "payload" => replay.check(shown_case, or_error(payload(&case)), python_shown(&case["gives"])),
            "parser" => parser(&mut replay, &case),
            other => panic!("{other}"),
        }
    }
    replay.finish(1400);
}
