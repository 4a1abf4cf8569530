//! Patterns, texts and operations that the real `re` has answered.
//!
//! `LEYDEN_RE_ORACLE` names a file of other answers to replay (of another seed, say).

use crate::support::oracle::{Replay, cases};
use leyden::re::{self, Error, Flags, Match, Pattern, Source, Split, Sub, Text, Window};
use serde_json::{Value, json};

/// A text of either kind, to and from JSON. Bytes stand as Latin-1.
trait Kind: Text {
    fn owned(text: &str) -> <Self as ToOwned>::Owned;
    fn value(&self) -> Value;
    /// The byte index of a character.
    fn index(&self, chars: u64) -> usize;
    /// The character index of a byte.
    fn chars_to(&self, byte: usize) -> usize;
}

impl Kind for str {
    fn owned(text: &str) -> String {
        text.into()
    }
    fn value(&self) -> Value {
        self.into()
    }
    fn index(&self, chars: u64) -> usize {
        self.char_indices().nth(chars as usize).map_or(self.len(), |(at, _)| at)
    }
    fn chars_to(&self, byte: usize) -> usize {
        self[..byte].chars().count()
    }
}

impl Kind for [u8] {
    fn owned(text: &str) -> Vec<u8> {
        text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
    }
    fn value(&self) -> Value {
        self.iter().map(|&byte| char::from(byte)).collect::<String>().into()
    }
    fn index(&self, chars: u64) -> usize {
        (chars as usize).min(self.len())
    }
    fn chars_to(&self, byte: usize) -> usize {
        byte
    }
}

fn error(error: &Error) -> Value {
    match error {
        Error::Pattern(error) => json!(["error", error.msg, error.pos, error.lineno, error.colno]),
        Error::Flags { message } => json!(["ValueError", message, null, null, null]),
        Error::RepetitionOverflow => json!(["OverflowError", error.to_string(), null, null, null]),
        Error::UnknownGroup { name } => json!(["IndexError", format!("unknown group name '{name}'"), null, null, null]),
        other => json!(["other", other.to_string()]),
    }
}

fn matched<T: Kind + ?Sized>(found: Option<Match<'_, T>>) -> Value {
    let Some(found) = found else { return Value::Null };
    let spans = (0..=found.re().groups()).flat_map(|group| match found.char_span(group) {
        Some(span) => [json!(span.start), json!(span.end)],
        None => [json!(-1), json!(-1)],
    });
    spans.chain([json!(found.lastindex().unwrap_or(0))]).collect()
}

fn ask<T: Kind + ?Sized>(pattern: &Pattern<T>, case: &[Value], text: &T) -> Result<Value, Error>
where
    T::Owned: std::borrow::Borrow<T> + AsRef<T>,
    for<'r> &'r T: re::Replacement<T>,
{
    let number = |at: usize| case[at].as_u64().unwrap();
    let window = || {
        let mut window = Window::new(text);
        if case.len() > 2 {
            window = window.pos(text.index(number(1)));
        }
        if case.len() > 3 {
            window = window.endpos(text.index(number(2)));
        }
        window
    };
    let template = || T::owned(case[1].as_str().unwrap());
    let value = |text: T::Owned| std::borrow::Borrow::<T>::borrow(&text).value();
    Ok(match case[0].as_str().unwrap() {
        "search" => matched(pattern.search(window())?),
        "match" => matched(pattern.match_(window())?),
        "fullmatch" => matched(pattern.fullmatch(window())?),
        "finditer" => {
            pattern.finditer(window()).map(|found| found.map(|found| matched(Some(found)))).collect::<Result<_, _>>()?
        }
        "findall" => {
            let found: Vec<Vec<&T>> = pattern.findall(Window::new(text))?;
            let texts = |texts: Vec<&T>| match texts.as_slice() {
                [text] => text.value(),
                texts => texts.iter().map(|text| text.value()).collect(),
            };
            found.into_iter().map(texts).collect()
        }
        "split" => {
            let parts: Vec<Option<&T>> = pattern.split(Split::new(text).maxsplit(number(1) as usize))?;
            parts.into_iter().map(|part| part.map_or(Value::Null, T::value)).collect()
        }
        "sub" => {
            let template = template();
            let (text, count) =
                pattern.subn(Sub::new(std::borrow::Borrow::<T>::borrow(&template)).count(number(2) as usize), text)?;
            json!([value(text), count])
        }
        "expand" => match pattern.search(Window::new(text))? {
            Some(found) => value(found.expand(std::borrow::Borrow::borrow(&template()))?),
            None => Value::Null,
        },
        "subf" => {
            let closure = |found: &Match<'_, T>| {
                let text = found.group(0).unwrap().value();
                let (last, name) = (found.lastindex().unwrap_or(0), found.lastgroup().unwrap_or_default());
                T::owned(&format!("<{}|{last}|{name}>", text.as_str().unwrap()))
            };
            let (text, count) = pattern.subn(Sub::new(closure).count(number(1) as usize), text)?;
            json!([value(text), count])
        }
        "info" => pattern.search(Window::new(text))?.map_or(Value::Null, |found| {
            let text = |text: Option<&T>| text.map_or(Value::Null, T::value);
            let groups: Vec<Value> = found.groups().into_iter().map(text).collect();
            let named: Vec<Value> = found.groupdict().into_iter().map(|(name, found)| json!([name, text(found)])).collect();
            json!([found.lastindex(), found.lastgroup(), groups, named, found.pos(), found.string().chars_to(found.endpos())])
        }),
        other => panic!("{other}"),
    })
}

/// DIFFERENCE: what leyden refuses though Python takes it.
fn refused(found: &Error, python: &Value) -> bool {
    match found {
        // Depends on the C library's locale, or is given up by Python itself.
        Error::Unsupported { .. } => true,
        // `\Uffffffff`: Python trips over its own `chr()`; leyden says "bad escape", as of `\U00110000`.
        Error::Pattern(error) => python[0] == "OverflowError" && error.msg.starts_with("bad escape \\U"),
        // A bound on memory and on the stack.
        Error::TooLarge { .. } => python.is_null() || python[0] == "RecursionError",
        _ => false,
    }
}

/// DIFFERENCE: where a pattern begins with a class whose ASCII or Unicode meaning is scoped, `(?a:\W)`, CPython *searches* for
/// the first character with the meaning of the whole pattern, though it then matches it with the scoped one. Its `match` and
/// leyden's functions heed the scope.
fn scoped_meaning(pattern: &str) -> bool {
    let scopes = ["(?a", "(?u", "(?ia", "(?ma", "(?sa", "(?xa", "(?iu", "(?mu", "(?su", "(?xu"];
    pattern.contains(":") && scopes.iter().any(|scope| pattern.contains(scope))
}

fn replay_pattern<T: Kind + ?Sized>(replay: &mut Replay, case: &Value)
where
    T::Owned: std::borrow::Borrow<T> + AsRef<T>,
    for<'r> &'r T: re::Replacement<T>,
    for<'p> Source<'p, T>: re::IntoPattern<Text = T>,
{
    let source = T::owned(case["p"].as_str().unwrap());
    let case_pattern = case["p"].as_str().unwrap();
    let bits = case["f"].as_u64().unwrap();
    let all = [re::I, re::M, re::S, re::X, re::A, re::U];
    let flags = all.into_iter().filter(|flag| u64::from(flag.bits()) & bits != 0).fold(re::NOFLAG, |a, b| a | b);
    let what = |rest: &str| format!("{:?} {flags:?} {rest}", case["p"]);
    let python = &case["e"];
    let compile = |limit| re::compile(Source::<T>::new(std::borrow::Borrow::borrow(&source)).flags(flags).backtrack_limit(limit));
    let pattern: Pattern<T> = match compile(50_000_000) {
        Err(found) if refused(&found, python) => return,
        Err(found) => return replay.check(what("compile"), error(&found), python.clone()),
        Ok(_) if !python.is_null() => return replay.check(what("compile"), Value::Null, python.clone()),
        Ok(pattern) => pattern,
    };
    replay.check(what("groups"), pattern.groups() as u64, case["g"].as_u64().unwrap());
    let names: serde_json::Map<_, _> =
        pattern.groupindex().into_iter().map(|(name, group)| (name.into(), json!(group))).collect();
    replay.check(what("names"), &Value::Object(names), &case["n"]);
    replay.check(what("flags"), u64::from(pattern.flags().bits()), case["F"].as_u64().unwrap());
    // The same again when it has read so much that the linear engine takes over, or says where a match may be.
    let warm: Pattern<T> = compile(50_000_001).unwrap();
    let little = T::owned("~");
    for _ in 0..150 {
        let _ = warm.search(Window::new(std::borrow::Borrow::borrow(&little))).unwrap();
    }
    for entry in case["t"].as_array().unwrap() {
        let text = T::owned(entry[0].as_str().unwrap());
        for case in entry[1].as_array().unwrap() {
            let case = case.as_array().unwrap();
            let (python, asked) = case.split_last().unwrap();
            if scoped_meaning(case_pattern) && !matches!(asked[0].as_str(), Some("match" | "fullmatch")) {
                continue;
            }
            for (pattern, engine) in [(&pattern, "cold"), (&warm, "warm")] {
                let found = ask(pattern, case, std::borrow::Borrow::borrow(&text));
                let found = found.unwrap_or_else(|found| json!({ "e": error(&found) }));
                replay.check(what(&format!("{engine} {:?} {asked:?}", entry[0])), &found, python);
            }
        }
    }
}

fn replay_file(cases: &[Value], at_least: usize) {
    let mut replay = Replay::default();
    for case in cases {
        if case["b"].is_null() { replay_pattern::<str>(&mut replay, case) } else { replay_pattern::<[u8]>(&mut replay, case) }
    }
    replay.finish(at_least);
}

#[test]
fn generated() {
    replay_file(&cases("re"), 20_000);
}

#[test]
fn wild() {
    replay_file(&cases("re_wild"), 20_000);
}

#[test]
fn of_cpythons_own_tests() {
    replay_file(&cases("re_cpython"), 20_000);
}

#[test]
#[ignore = "needs LEYDEN_RE_ORACLE, a file that tests/oracle/re.py has written"]
fn of_another_seed() {
    let path = std::env::var("LEYDEN_RE_ORACLE").unwrap();
    let text = std::fs::read_to_string(path).unwrap();
    replay_file(&text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<_>>(), 1);
}

const _: Flags = re::NOFLAG;
