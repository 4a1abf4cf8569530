//! Python's encodings in files: their names, what each makes of bytes and texts with each error handler, and their lines.

use crate::support::oracle::{Replay, cases};
use leyden::os::{Error, Open, Os};
use serde_json::{Value, json};

fn bytes(digits: &Value) -> Vec<u8> {
    let digits = digits.as_str().unwrap().as_bytes();
    digits.chunks(2).map(|two| u8::from_str_radix(str::from_utf8(two).unwrap(), 16).unwrap()).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The answer, or where it went wrong.
fn answer(given: Result<Value, Error>) -> Value {
    match given {
        Ok(value) => value,
        Err(Error::UnicodeDecode { position, .. } | Error::UnicodeEncode { position, .. }) => json!({ "at": position }),
        Err(error) => panic!("{error:?}"),
    }
}

/// Of an encoding of encoding_rs, which is there in some builds only, or of one that is in the table of what is not there.
fn is_elsewhere(name: &str) -> bool {
    let other = ["big5", "cp932", "cp949", "cp950", "euc", "gb", "hz", "iso2022", "johab", "shift"];
    other.iter().any(|prefix| name.starts_with(prefix))
}

fn name(os: &Os, case: &Value) -> Value {
    // ASCII has no such letter: the error tells the encoding's name.
    os.write_bytes("name", b"").unwrap();
    match os.write_text(Open::new("name").encoding(case["name"].as_str().unwrap()), "\u{10dc80}") {
        Err(Error::UnicodeEncode { encoding: "latin-1", .. }) => json!("iso8859-1"),
        Err(Error::UnicodeEncode { encoding, .. }) => json!(encoding),
        Err(Error::Lookup(_)) => Value::Null,
        other => panic!("{other:?}"),
    }
}

#[test]
fn encodings() {
    let mut replay = Replay::default();
    let os = leyden::World::new().batteries().os;
    os.mkdir("/case").unwrap();
    os.chdir("/case").unwrap();
    for case in cases("text_encodings") {
        // DIFFERENCE: a byte's position is counted in the file, with the mark.
        let marked = case["encoding"] == "utf_8_sig" && case["data"].as_str().is_some_and(|data| data.starts_with("efbbbf"));
        let python = match case["at"].as_u64() {
            Some(at) => json!({ "at": if marked { at + 3 } else { at } }),
            None => case["r"].clone(),
        };
        let open = || Open::new("f").encoding(case["encoding"].as_str().unwrap()).errors(case["errors"].as_str().unwrap());
        match case["ask"].as_str().unwrap() {
            "name" if python.as_str().is_some_and(is_elsewhere) => {}
            "name" => replay.check(&case["name"], name(&os, &case), python),
            "decode" => {
                os.write_bytes("f", bytes(&case["data"])).unwrap();
                let whole = answer(os.read_text(open().newline("")).map(Value::from));
                let rest = answer(os.open(open().newline("")).unwrap().read_text().map(Value::from));
                replay.check(&case, whole, python.clone());
                replay.check(&case, rest, python);
            }
            "encode" => {
                let text = case["text"].as_str().unwrap();
                let written = os.write_text(open().newline(""), text).map(|_| json!(hex(&os.read_bytes("f").unwrap())));
                // DIFFERENCE: a whole file begins with its mark, be it empty.
                if !text.is_empty() {
                    replay.check(&case, answer(written), python.clone());
                }
                let mut file = os.open(open().newline("").mode("w")).unwrap();
                let written = file.write_text(text);
                file.close().unwrap();
                let written = written.map(|_| json!(hex(&os.read_bytes("f").unwrap())));
                replay.check(&case, answer(written), python);
            }
            _ => {
                os.write_bytes("f", bytes(&case["data"])).unwrap();
                let open = match case["newline"].as_str() {
                    Some(newline) => open().newline(newline),
                    None => open(),
                };
                for size in [2, 3, 5, 8192] {
                    let lines = os.open(open.clone().buffering(size)).unwrap().readlines();
                    replay.check(&case, answer(lines.map(Value::from)), python.clone());
                }
            }
        }
    }
    replay.finish(3000);
}
