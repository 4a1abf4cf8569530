//! re against the regex crate and Python: searches of several megabytes, backtracking patterns, compiling, and growth.
#![allow(missing_docs, clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stdout)]

mod support;

use criterion::Criterion;
use leyden::re;
use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};
use support::{Python, compare};

/// Text that a script may meet: prose, log lines and Unicode in turn, always the same.
fn text(kind: &str, megabytes: usize) -> String {
    let words = "the of and to in holmes watson said upon that was his with have it at which from you had not but be this are on by \
                 Sherlock street morning evening examined 42 1887 never-ending remarkable";
    let words: Vec<&str> = words.split(' ').collect();
    let russian: Vec<&str> =
        "шерлок холмс сказал что это было на улице утром Ватсон и Москва größer façade 東京 Ωmega".split(' ').collect();
    let mut seed = 42_u64;
    let mut next = move |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    let mut out = String::new();
    while out.len() < megabytes << 20 {
        match kind {
            "log" => {
                let (a, b, c) = (next(256), next(256), next(100));
                let level = ["INFO", "WARN", "ERROR", "DEBUG"][next(4)];
                let _ = writeln!(
                    out,
                    "2024-{:02}-{:02} {:02}:{:02}:{:02} {level} [worker-{c}] 10.{a}.{b}.{c} GET /api/v1/items/{a}?page={b} {}ms user{c}@example.com",
                    1 + next(12),
                    1 + next(28),
                    next(24),
                    next(60),
                    next(60),
                    next(2000)
                );
            }
            "unicode" => {
                let end = if next(12) == 0 { ".\n" } else { " " };
                let _ = write!(out, "{}{end}", russian[next(russian.len())]);
            }
            _ => {
                let end = if next(14) == 0 { ".\n" } else { " " };
                let _ = write!(out, "{}{end}", words[next(words.len())]);
            }
        }
    }
    out
}

/// Name, text, leyden's and Python's pattern, the regex crate's.
const SEARCHES: &[(&str, &str, &str, &str)] = &[
    ("literal", "prose", "Sherlock", "Sherlock"),
    ("rare literal", "prose", "Moriarty", "Moriarty"),
    ("alternation", "prose", "Sherlock|Watson|holmes|street", "Sherlock|Watson|holmes|street"),
    ("class", "prose", "[a-z]+ing", "[a-z]+ing"),
    ("words", "prose", r"(?a)\w+", r"(?-u:\w)+"),
    ("unicode words", "unicode", r"\w+", r"\w+"),
    ("ignore case", "prose", "(?i)sherlock", "(?i)sherlock"),
    ("unicode literal", "unicode", "Москва", "Москва"),
    ("unicode ignore case", "unicode", "(?i)ватсон", "(?i)ватсон"),
    ("line start", "prose", r"(?m)^the\b", r"(?m)^the\b"),
    ("line", "log", r"(?m)^.*ERROR.*$", r"(?m)^.*ERROR.*$"),
    ("date", "log", r"[0-9]{4}-[0-9]{2}-[0-9]{2}", r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    ("e-mail", "log", r"[a-zA-Z0-9_.+-]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9-.]+", r"[a-zA-Z0-9_.+-]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9-.]+"),
    ("ip", "log", r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}", r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}"),
    ("end of text", "prose", r"[a-z]+\s*$", r"[a-z]+\s*\z"),
];

/// With groups: the text of group 1 is read of every match.
const CAPTURES: &[(&str, &str, &str, &str)] = &[
    ("captured date", "log", r"([0-9]{4})-([0-9]{2})-([0-9]{2})", r"([0-9]{4})-([0-9]{2})-([0-9]{2})"),
    ("log line", "log", r"(?m)^(\S+) (\S+) (\S+) \[([^\]]+)\] (\S+)", r"(?m)^(\S+) (\S+) (\S+) \[([^\]]+)\] (\S+)"),
];

/// What the regex crate has not.
const BACKTRACKING: &[(&str, &str, &str)] = &[
    ("look-behind", "log", r"(?<=user)\d+"),
    ("look-ahead", "log", r"\w+(?=@example)"),
    ("negative look-ahead", "prose", r"Sherlock(?! street)"),
    ("back-reference", "prose", r"\b(\w+) \1\b"),
    ("atomic", "log", r"(?>[a-z]+)-\d+"),
    ("possessive", "log", r"[0-9]++ms"),
];

fn main() {
    let mut c = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1200))
        .configure_from_args();
    let mut python = Python::start();
    let dir = std::env::temp_dir().join(format!("leyden-bench-re-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let texts: Vec<(&str, String)> = ["prose", "log", "unicode"].map(|kind| (kind, text(kind, 4))).into();
    for (kind, text) in &texts {
        std::fs::write(dir.join(kind), text).unwrap();
    }
    let of = |kind: &str| texts.iter().find(|(name, _)| *name == kind).unwrap().1.as_str();
    let setup = |kind: &str, pattern: &str| {
        format!("import re\nt = open({:?}, encoding='utf-8', newline='').read()\np = re.compile({pattern:?})", dir.join(kind))
    };
    for &(name, kind, pattern, raw) in SEARCHES {
        let text = of(kind);
        let (ours, raw) = (re::compile(pattern).unwrap(), regex::Regex::new(raw).unwrap());
        let setup = setup(kind, pattern);
        let found = raw.find_iter(text).count();
        assert_eq!(ours.findall::<&str>(text).unwrap().len(), found, "{name}");
        compare(
            &mut c,
            &mut python,
            name,
            || ours.findall::<&str>(text).unwrap().len(),
            Some(&mut || raw.find_iter(text).map(|found| found.as_str()).collect::<Vec<_>>().len()),
            (&setup, "p.findall(t)"),
        );
    }
    for &(name, kind, pattern, raw) in CAPTURES {
        let text = of(kind);
        let (ours, raw) = (re::compile(pattern).unwrap(), regex::Regex::new(raw).unwrap());
        let setup = setup(kind, pattern);
        compare(
            &mut c,
            &mut python,
            name,
            || ours.finditer(text).map(|found| found.unwrap().group(1).map_or(0, str::len)).sum::<usize>(),
            Some(&mut || raw.captures_iter(text).map(|found| found.get(1).map_or(0, |group| group.len())).sum::<usize>()),
            (&setup, "sum(len(m.group(1)) for m in p.finditer(t))"),
        );
    }
    for &(name, kind, pattern) in BACKTRACKING {
        let text = of(kind);
        let ours = re::compile(pattern).unwrap();
        let setup = setup(kind, pattern);
        let count = || ours.finditer(text).filter(|found| found.as_ref().unwrap().end() > 0).count();
        compare::<_, ()>(&mut c, &mut python, name, count, None, (&setup, "sum(1 for m in p.finditer(t))"));
    }
    for (name, pattern) in [
        ("compile short", r"a|b"),
        ("compile date", r"(\d{4})-(\d{2})-(\d{2})"),
        ("compile log line", r"(?m)^(\S+) (\S+) (\S+) \[([^\]]+)\] (?P<rest>.*)$"),
        ("compile e-mail", r"[a-zA-Z0-9_.+-]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9-.]+"),
    ] {
        let compile = || {
            re::purge();
            re::compile(black_box(pattern)).unwrap()
        };
        let first = || {
            re::purge();
            re::compile(black_box(pattern)).unwrap().search("2024-05-06 some text x@example.com").unwrap().is_some()
        };
        let setup = format!("import re\npattern = {pattern:?}");
        compare::<_, ()>(&mut c, &mut python, name, compile, None, (&setup, "re.purge(); re.compile(pattern)"));
        let with_search = format!("{name} and search");
        let stmt = "re.purge(); re.compile(pattern).search('2024-05-06 some text x@example.com')";
        compare::<_, ()>(&mut c, &mut python, &with_search, first, None, (&setup, stmt));
    }
    growth();
    let _ = std::fs::remove_dir_all(dir);
}

/// Patterns that are exponential or quadratic in Python: the time for 1, 2 and 4 times the text, with and without a match. The best of
/// several runs: other work of the machine only ever adds to it.
fn growth() {
    for pattern in [r"(a*)*b", r"(?:a|a)*c", r"(a|b*)*c", r"((a*)*|b)*$"] {
        let pattern = re::compile(pattern).unwrap();
        for end in ["x", "aabc"] {
            let time = |times: usize| {
                let text = "a".repeat(times * 250_000) + end;
                let run = |_| {
                    let start = Instant::now();
                    black_box(pattern.match_(&text).unwrap().map(|found| found.lastindex()));
                    black_box(pattern.fullmatch(&text).unwrap().map(|found| found.lastindex()));
                    start.elapsed().as_secs_f64()
                };
                (0..8).map(run).fold(f64::INFINITY, f64::min)
            };
            let (once, twice, four) = (time(1), time(2), time(4));
            let found = pattern.match_(&("a".repeat(250_000) + end)).unwrap().is_some();
            println!(
                "GROWTH | {} | {} | 2x text {:.2}x time | 4x text {:.2}x time",
                pattern.pattern(),
                if found { "match" } else { "no match" },
                twice / once,
                four / once
            );
        }
    }
}
