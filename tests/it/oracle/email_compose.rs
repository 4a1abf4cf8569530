//! The other direction: what the real email package reads in the messages that leyden composes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use leyden::smtplib::email::{Address, Content, Cte, EmailMessage, Policy};
use serde_json::{Value, json};

use crate::support::oracle::{Replay, cases};

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn decoded(value: &Value) -> Vec<u8> {
    BASE64.decode(text(value)).unwrap()
}

fn person(value: &Value) -> String {
    let (user, domain) = text(&value[1]).split_once('@').unwrap();
    Address::new(text(&value[0]), user, domain).unwrap().to_string()
}

fn compose(spec: &Value) -> EmailMessage {
    let mut message = EmailMessage::new();
    let to: Vec<String> = spec["to"].as_array().unwrap().iter().map(person).collect();
    message.set("From", person(&spec["from"])).unwrap().set("To", to.join(", ")).unwrap();
    message.set("Subject", text(&spec["subject"])).unwrap();
    let mut content = Content::text(text(&spec["text"]));
    match spec["cte"].as_str() {
        Some("base64") => content = content.cte(Cte::Base64),
        Some(_) => content = content.cte(Cte::QuotedPrintable),
        None => {}
    }
    message.set_content(content).unwrap();
    if let Some(html) = spec["html"].as_str() {
        match spec["related"].as_str() {
            None => message.add_alternative(Content::html(html)).unwrap(),
            Some(_) => {
                let mut part = EmailMessage::new();
                part.set_content(Content::html(html)).unwrap();
                part.add_related(Content::bytes(decoded(&spec["related"]), "image", "png").cid("<pic@x>")).unwrap();
                message.make_alternative(None).unwrap();
                message.attach(part).unwrap();
            }
        }
    }
    for attachment in spec["attachments"].as_array().unwrap() {
        let content = Content::bytes(decoded(&attachment[1]), "application", "octet-stream").filename(text(&attachment[0]));
        message.add_attachment(content).unwrap();
    }
    if let Some(subject) = spec["inner"].as_str() {
        let mut inner = EmailMessage::new();
        inner.set("Subject", subject).unwrap().set_content("inner\n").unwrap();
        message.add_attachment(Content::message(inner)).unwrap();
    }
    message
}

fn written(spec: &Value) -> Vec<u8> {
    let policy = match text(&spec["policy"]) {
        "default" => Policy::DEFAULT,
        "SMTP" => Policy::SMTP,
        "SMTPUTF8" => Policy::SMTPUTF8,
        _ => Policy { eight_bit: false, ..Policy::DEFAULT },
    };
    compose(spec).as_bytes_with(policy)
}

/// What Python is to read: type, disposition, file name, id, content of each part.
fn parts(spec: &Value, crlf: bool) -> Vec<Value> {
    // Python's lines end with \n, and so does its last one.
    let text = |value: &Value| {
        let lines: String = text(value).lines().map(|line| format!("{line}\n")).collect();
        let lines = if lines.is_empty() { "\n".to_owned() } else { lines };
        // Only an encoded body keeps the line ends that it was given.
        if crlf { lines.replace('\n', "\r\n") } else { lines }
    };
    let plain = json!(["text/plain", null, null, null, text(&spec["text"])]);
    let mut body = match (&spec["html"], &spec["related"]) {
        (Value::Null, _) => vec![plain],
        (html, Value::Null) => {
            let html = json!(["text/html", null, null, null, text(html)]);
            vec![json!(["multipart/alternative", null, null, null, null]), plain, html]
        }
        (html, picture) => vec![
            json!(["multipart/alternative", null, null, null, null]),
            plain,
            json!(["multipart/related", null, null, null, null]),
            json!(["text/html", null, null, null, text(html)]),
            json!(["image/png", "inline", null, "<pic@x>", picture]),
        ],
    };
    let attachments = spec["attachments"].as_array().unwrap();
    if !attachments.is_empty() || !spec["inner"].is_null() {
        body.insert(0, json!(["multipart/mixed", null, null, null, null]));
    }
    for attachment in attachments {
        body.push(json!(["application/octet-stream", "attachment", attachment[0], null, attachment[1]]));
    }
    if !spec["inner"].is_null() {
        body.push(json!(["message/rfc822", "attachment", null, null, null]));
        body.push(json!(["text/plain", null, null, null, if crlf { "inner\r\n" } else { "inner\n" }]));
    }
    body
}

#[test]
fn python_reads_what_was_composed() {
    let cases = cases("email_compose");
    // The program that asks Python wants the messages first.
    if let Some(path) = std::env::var_os("LEYDEN_EMAIL_COMPOSED") {
        let lines: String = cases.iter().map(|case| BASE64.encode(written(&case["spec"])) + "\n").collect();
        std::fs::write(path, lines).unwrap();
        return;
    }
    let mut replay = Replay::default();
    for case in cases {
        let (spec, read) = (&case["spec"], &case["read"]);
        let raw: String = written(spec).iter().map(|byte| char::from(*byte)).collect();
        let what: String = raw.chars().take(3000).collect();
        replay.check(
            format!("composed anew; if that is meant, ask tests/oracle/email_compose.py: {what}"),
            raw.as_str(),
            text(&case["raw"]),
        );
        let crlf = text(&spec["policy"]).starts_with("SMTP");
        let normal = |value: &Value| value.to_string().replace("\\r\\n", "\\n");
        replay.check(format!("subject of {what}"), &read["subject"], &spec["subject"]);
        replay.check(format!("sender of {what}"), &read["from"], &json!([spec["from"]]));
        replay.check(format!("recipients of {what}"), &read["to"], &spec["to"]);
        replay.check(format!("parts of {what}"), normal(&read["parts"]), normal(&json!(parts(spec, crlf))));
        replay.check(format!("defects in {what}"), &read["defects"], &json!([]));
        let longest = read["longest"].as_u64().unwrap();
        // Text that holds no long line is written as it is; a word alone may be longer than a line.
        replay.check(format!("{longest} characters in a line of {what}"), longest <= 998, true);
        if text(&spec["policy"]) == "7bit" {
            replay.check(format!("ASCII: {what}"), &read["ascii"], &json!(true));
        }
    }
    replay.finish(1500);
}
