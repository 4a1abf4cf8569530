//! What the real smtplib sent over the wire, and what it answered, against a scripted server.
//!
//! DIFFERENCEs, each in `differs`:
//! - after a refused DATA the transaction is reset, so that the next mail does not fail with "nested MAIL command";
//! - bare CR and LF are line ends in bytes too, and a line that begins with a dot is quoted after them;
//! - a line end in an address is an error;
//! - an answer of 421 to DATA itself closes the connection, as everywhere else.

use leyden::Wait;
use leyden::smtplib::{Error, Reply, Smtp, Smtplib};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};

use crate::support::oracle::{Replay, cases};
use crate::support::smtp::{Answer, Scripted};

fn answers(value: &Value) -> BTreeMap<String, VecDeque<Answer>> {
    let one = |answer: &Value| match answer {
        Value::Null => Answer::HangUp,
        Value::String(raw) => Answer::Raw(raw.clone()),
        reply => Answer::Reply(reply[0].as_i64().unwrap() as i32, reply[1].as_str().unwrap().into()),
    };
    let queue = |queue: &Value| queue.as_array().unwrap().iter().map(one).collect();
    value.as_object().unwrap().iter().map(|(verb, answers)| (verb.clone(), queue(answers))).collect()
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn refused(recipients: &BTreeMap<String, Reply>) -> Value {
    recipients
        .iter()
        .map(|(who, reply)| (who.clone(), json!([reply.code, latin1(&reply.message)])))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// An error as Python's class, and what is known of the answer.
fn failure(error: &Error) -> Value {
    let name = match error {
        Error::RecipientsRefused { recipients } => return json!({"error": "RecipientsRefused", "refused": refused(recipients)}),
        Error::ServerDisconnected { .. } => "ServerDisconnected",
        Error::ConnectRefused { .. } => "ConnectError",
        Error::Helo(_) => "HeloError",
        Error::Authentication(_) => "AuthenticationError",
        Error::SenderRefused { .. } => "SenderRefused",
        Error::Data(_) => "DataError",
        Error::Response { .. } => "ResponseException",
        Error::NotSupported { .. } => "NotSupportedError",
        Error::NoAuthentication { .. } => "Exception",
        Error::Value(_) => "ValueError",
        other => panic!("{other:?}"),
    };
    match error.reply() {
        Some(reply) => json!({"error": name, "code": reply.code, "msg": latin1(&reply.message)}),
        None => json!({"error": name}),
    }
}

fn strings(value: Option<&Value>) -> Vec<String> {
    value.map_or(Vec::new(), |list| list.as_array().unwrap().iter().map(|item| item.as_str().unwrap().into()).collect())
}

fn call(smtp: &Smtp, call: &[Value]) -> Value {
    let text = |at: usize| call.get(at).map_or("", |value| value.as_str().unwrap()).to_owned();
    let words = |from: usize| [text(from), text(from + 1)].join(" ").trim_end().to_owned();
    let answer = match text(0).as_str() {
        "sendmail" => {
            let send = smtp.sendmail(text(1), strings(call.get(2)), text(3));
            let result = send.mail_options(strings(call.get(4))).rcpt_options(strings(call.get(5))).wait();
            return result.map_or_else(|error| failure(&error), |who| json!({"refused": refused(&who)}));
        }
        "help" => return smtp.help(&text(1)).wait().map_or_else(|error| failure(&error), |text| json!({"value": text})),
        // Python's putcmd leaves the answer unread, and gives nothing.
        "putcmd" => {
            return smtp
                .send(format!("{}\r\n", text(1)))
                .wait()
                .map_or_else(|error| failure(&error), |()| json!({"value": null}));
        }
        "ehlo" => smtp.ehlo(text(1)).wait(),
        "helo" => smtp.helo(text(1)).wait(),
        "mail" => smtp.mail(text(1), strings(call.get(2))).wait(),
        "rcpt" => smtp.rcpt(text(1), strings(call.get(2))).wait(),
        "data" => smtp.data(text(1)).wait(),
        "noop" => smtp.noop().wait(),
        "rset" => smtp.rset().wait(),
        "quit" => smtp.quit().wait(),
        "verify" | "vrfy" => smtp.verify(&text(1)).wait(),
        "expn" => smtp.expn(&text(1)).wait(),
        "starttls" => smtp.starttls().wait(),
        "login" => smtp.login(text(1), text(2)).wait(),
        "docmd" => smtp.docmd(words(1)).wait(),
        other => panic!("{other}"),
    };
    answer.map_or_else(|error| failure(&error), |reply| json!({"reply": [reply.code, latin1(&reply.message)]}))
}

/// The cases in which leyden does better than Python, and says so.
fn differs(case: &Value) -> bool {
    let calls = case["calls"].as_array().unwrap();
    let sendmail = calls.iter().any(|call| call[0] == "sendmail");
    let broken_address = calls.iter().any(|call| call[0] == "mail" && call[1].as_str().unwrap().contains('\n'));
    broken_address || sendmail && case["replies"].get("data").is_some()
}

fn replay(pipelining: bool) -> Replay {
    let mut replay = Replay::default();
    let all = cases("smtp_wire");
    let usual = answers(&all[0]["usual"]);
    for case in all[1..].iter().filter(|case| !differs(case)) {
        let mut replies = usual.clone();
        replies.extend(answers(&case["replies"]));
        let server = Scripted::start(replies);
        let smtplib = Smtplib::native();
        let connect =
            if case["lmtp"] == true { smtplib.lmtp("127.0.0.1", server.port) } else { smtplib.smtp("127.0.0.1", server.port) };
        let connect = connect.local_hostname("client.example").pipelining(pipelining).dangerously_allow_cleartext_login();
        let calls = case["calls"].as_array().unwrap();
        let (results, state) = match connect.wait() {
            Err(error) => (vec![failure(&error)], Value::Null),
            Ok(smtp) => {
                let results: Vec<Value> = calls.iter().map(|item| call(&smtp, item.as_array().unwrap())).collect();
                let state = json!([smtp.does_esmtp(), smtp.esmtp_features()]);
                smtp.close().wait().unwrap();
                (results, state)
            }
        };
        let name = format!("{} {:?}", case["name"], case["calls"]);
        let wire = server.finish();
        replay.check(&name, &Value::from(results), &case["results"]);
        replay.check(&name, &state, &case["state"]);
        if !pipelining {
            replay.check(&name, &json!(wire), &case["wire"]);
        }
    }
    replay
}

#[test]
fn one_command_at_a_time_is_python_to_the_letter() {
    replay(false).finish(500);
}

#[test]
fn pipelining_gives_the_same_answers() {
    replay(true).finish(350);
}
