//! What the real email package reads in lists of addresses, by its lenient and its strict reading, and as headers.

use leyden::smtplib::email::{GetAddresses, Group, ParseAddr, formataddr, getaddresses, parseaddr};
use serde_json::{Value, json};

use crate::support::oracle::{Replay, cases};

fn pair(found: Option<(String, String)>) -> Value {
    json!(found.unwrap_or_default())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[test]
fn addresses_are_read_as_python_reads_them() {
    let mut replay = Replay::default();
    for case in cases("email_addresses") {
        let fields: Vec<&str> = match (&case["text"], &case["fields"]) {
            (Value::String(text), _) => vec![text],
            (_, Value::Array(fields)) => fields.iter().map(text).collect(),
            _ => continue,
        };
        if let [only] = fields[..]
            && case["text"].is_string()
        {
            replay.check(format!("parseaddr {only:?}"), &pair(parseaddr(only)), &case["parseaddr"]);
            let strict = ParseAddr::new(only).strict(true);
            replay.check(format!("strict parseaddr {only:?}"), &pair(parseaddr(strict)), &case["parseaddr_strict"]);
        }
        // An empty list of no text has no address at all, which is not a failure.
        replay.check(format!("getaddresses {fields:?}"), &json!(getaddresses(fields.iter().copied())), &case["getaddresses"]);
        let strict = GetAddresses::new(fields.iter().copied()).strict(true);
        replay.check(format!("strict getaddresses {fields:?}"), &json!(getaddresses(strict)), &case["getaddresses_strict"]);
    }
    replay.finish(12_000);
}

/// Where Python finds no defect, [`Group::parse_list`] gives the same, or an error: it is the stricter of the two.
#[test]
fn well_formed_headers_hold_the_same_addresses() {
    let mut replay = Replay::default();
    let mut refused = Vec::new();
    for case in cases("email_addresses").iter().filter(|case| case["header"].is_array()) {
        let found = match Group::parse_list(text(&case["text"])) {
            Ok(found) => found,
            Err(error) => {
                refused.push(error.to_string());
                continue;
            }
        };
        let shown = |group: &Group| {
            let people = group.addresses.iter().map(|address| json!([address.display_name, address.addr_spec()]));
            json!([group.display_name, people.collect::<Vec<_>>()])
        };
        replay.check(&case["text"], &Value::from(found.iter().map(shown).collect::<Vec<_>>()), &case["header"]);
    }
    assert!(refused.len() < 60, "{} refused:\n{}", refused.len(), refused.join("\n"));
    replay.finish(600);
}

#[test]
fn addresses_are_written_as_python_writes_them() {
    let mut replay = Replay::default();
    for case in cases("email_addresses").iter().filter(|case| case["formataddr"].is_array()) {
        let pair = &case["formataddr"];
        let gives = formataddr(text(&pair[0]), text(&pair[1])).map_or(Value::Null, Value::from);
        replay.check(pair, &gives, &case["gives"]);
    }
    replay.finish(10);
}
