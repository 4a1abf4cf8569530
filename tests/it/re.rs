//! `re`: any pattern and any text get an answer or an error, the engines agree, and what went wrong once stays right.

use leyden::re::{self, Error, Match, Pattern, Source, Split, Sub, Window};
use proptest::prelude::*;

/// Compiles apart from the cache's other users; `warm` has read so much that the linear engine takes over.
fn pattern(source: &str, flags: re::Flags, warm: bool) -> re::Result<Pattern> {
    let pattern = re::compile(Source::new(source).flags(flags).backtrack_limit(200_000 + u64::from(warm)))?;
    if warm && pattern.is_linear() {
        pattern.search(&"~".repeat(10_000))?;
    }
    Ok(pattern)
}

fn all(pattern: &Pattern, text: &str) -> re::Result<Vec<String>> {
    let show = |found: Match<'_>| format!("{:?} {:?}", found.regs(), found.lastindex());
    let mut out: Vec<String> = pattern.finditer(text).map(|found| found.map(show)).collect::<re::Result<_>>()?;
    out.extend(pattern.match_(text)?.map(show));
    out.extend(pattern.fullmatch(text)?.map(show));
    Ok(out)
}

/// Pieces of Python's grammar, so that most strings of them mean something.
fn grammar() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "b",
        "ab",
        "é",
        "ſ",
        "\n",
        ".",
        "^",
        "$",
        r"\b",
        r"\B",
        r"\A",
        r"\Z",
        r"\w",
        r"\W",
        r"\d",
        r"\s",
        "[ab]",
        "[^a]",
        r"[\w-]",
        "(",
        ")",
        "(",
        ")",
        "(?:",
        "(?P<n>",
        "(?i:",
        "(?s-m:",
        "|",
        "|",
        "*",
        "+",
        "?",
        "*?",
        "+?",
        "??",
        "{2}",
        "{,3}",
        "{1,2}?",
        "*+",
        "(?=",
        "(?!",
        "(?<=",
        "(?<!",
        "(?>",
        r"\1",
        r"\2",
        "(?P=n)",
        "(?(1)",
        "(?#",
        "(?x)",
        r"\x41",
        r"\101",
        r"\N{DIGIT ONE}",
        "[",
        "]",
        "{",
        "}",
        "\\",
        "#",
        " ",
    ]);
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

/// Linear patterns only: nothing that backtracks.
fn linear() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "a", "b", "é", ".", "[ab]", r"\w", r"\W", "^", "$", r"\b", r"\B", r"\Z", "", "a", r"\s", "[^b]", "\n",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(5, 40, 4, |inner| {
        let quantifier = prop::sample::select(vec!["*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{,2}?", "{2,}"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("(?:{})", parts.join("|"))),
            inner.clone().prop_map(|part| format!("({part})")),
            (inner, quantifier).prop_map(|(part, quantifier)| format!("(?:{part}){quantifier}")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn any_pattern_and_any_text_get_an_answer(source in "\\PC{0,12}", text in "\\PC{0,12}", bits in 0..64_u32) {
        check(&source, &text, bits);
    }

    #[test]
    fn any_pieces_of_the_grammar_get_an_answer(source in grammar(), text in "[abé1 \n]{0,12}", bits in 0..64_u32) {
        check(&source, &text, bits);
    }

    #[test]
    fn any_bytes_get_an_answer(source in prop::collection::vec(any::<u8>(), 0..12), text in prop::collection::vec(any::<u8>(), 0..24)) {
        if let Ok(pattern) = re::compile(Source::new(&source).backtrack_limit(10_000)) {
            let _ = pattern.finditer(&text).count();
            let _ = pattern.subn(b"<\\g<0>>", &text);
        }
    }

    #[test]
    fn the_engines_agree(source in linear(), text in "[abé1 \n]{0,16}") {
        let (cold, warm) = (pattern(&source, re::NOFLAG, false).unwrap(), pattern(&source, re::NOFLAG, true).unwrap());
        prop_assert!(cold.is_linear());
        prop_assert_eq!(all(&cold, &text).unwrap(), all(&warm, &text).unwrap());
    }

    /// An empty look-ahead changes no match, and leaves the pattern to the backtracking engine alone.
    #[test]
    fn the_first_way_agrees_with_backtracking(source in for_lines(), texts in prop::collection::vec("[ab12 =\"é日\\[\\]\n-]{0,24}", 4)) {
        let backtracking = pattern(&format!("{source}(?=)"), re::NOFLAG, false).unwrap();
        prop_assert!(!backtracking.is_linear());
        for warm in [false, true] {
            let pattern = pattern(&source, re::NOFLAG, warm).unwrap();
            for text in &texts {
                if let (Ok(found), Ok(wanted)) = (all(&pattern, text), all(&backtracking, text)) {
                    prop_assert_eq!(found, wanted, "{} on {:?}", source, text);
                }
            }
        }
    }

    #[test]
    fn an_escaped_text_matches_itself(text in "\\PC{0,20}") {
        prop_assert!(re::fullmatch(&re::escape(&text), &text).unwrap().is_some());
        prop_assert!(re::fullmatch((re::escape(&text).as_str(), re::X), &text).unwrap().is_some());
    }
}

/// Patterns as they are written for lines of text: runs of characters, literals, groups that may be missing, alternatives.
fn for_lines() -> impl Strategy<Value = String> {
    let unit = prop::sample::select(vec![
        r"\S", r"\w", r"\d", r"[^\]]", "[^\"]", "[a-z]", ".", r"\s", "[0-9]", "[é-ü]", r"\W", r"[^\s=]", "[ab]",
    ]);
    let quantifier = prop::sample::select(vec!["", "+", "*", "?", "{2}", "{1,3}", "+?", "*?", "??", "{2,}"]);
    let literal = prop::sample::select(vec![" ", "-", "=", r"\[", r"\]", "\"", "a", "é", "\n", "ab", "^", "$", r"\b", ""]);
    let leaf = prop_oneof![
        (unit, quantifier).prop_map(|(unit, quantifier)| format!("{unit}{quantifier}")),
        literal.prop_map(str::to_owned)
    ];
    let body = leaf.prop_recursive(3, 24, 5, |inner| {
        let times = prop::sample::select(vec!["", "?", "+", "*", "{2}"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..6).prop_map(|parts| parts.concat()),
            (inner.clone(), times.clone()).prop_map(|(part, times)| format!("({part}){times}")),
            (inner.clone(), inner, times).prop_map(|(one, other, times)| format!("(?:{one}|{other}){times}")),
        ]
    });
    let start = prop::sample::select(vec!["", "", "(?m)^", "^", "(?i)", "(?a)"]);
    (start, body).prop_map(|(start, body)| format!("{start}{body}"))
}

/// Whatever comes, nothing panics and no position is outside of the text.
fn check(source: &str, text: &str, bits: u32) {
    let flags = [re::I, re::M, re::S, re::X, re::A, re::U];
    let flags = (0..6).filter(|bit| bits >> bit & 1 == 1).map(|bit| flags[bit]).fold(re::NOFLAG, |a, b| a | b);
    for warm in [false, true] {
        let Ok(pattern) = pattern(source, flags, warm) else { return };
        let _ = all(&pattern, text);
        let _ = pattern.split::<Option<&str>>(Split::new(text).maxsplit(3));
        let _ = pattern.sub(r"<\g<0>>", text);
        let _ = pattern.sub(text, source);
        let _ = pattern.match_(Window::new(text).pos(bits as usize).endpos(3));
        // At each place at most an empty match and one that is not.
        match pattern.findall::<Vec<&str>>(Window::new(text).pos(1)) {
            Ok(found) => assert!(found.len() <= 2 * text.len() + 1),
            Err(error) => assert!(!pattern.is_linear(), "{error}"),
        }
    }
}

#[test]
fn deep_nesting_and_huge_repeats_are_refused_by_name() {
    let deep = "(".repeat(10_000) + &")".repeat(10_000);
    assert_eq!(re::compile(&deep).unwrap_err(), Error::TooLarge { what: "nested groups", limit: 100 });
    let open = "(".repeat(10_000);
    assert_eq!(re::compile(&open).unwrap_err(), Error::TooLarge { what: "nested groups", limit: 100 });
    let huge = re::compile("(a{1000}){1000}").unwrap_err();
    assert_eq!(huge.to_string(), "the pattern has repetitions beyond the limit of 250000");
    assert!(matches!(re::compile("((a{99}){99}){99}").unwrap_err(), Error::TooLarge { .. }));
    assert_eq!(re::compile("a{4294967295}").unwrap_err(), Error::RepetitionOverflow);
    // More states than 64 bits can number.
    let nested = "(?:".repeat(99) + "a" + &")*".repeat(99);
    assert_eq!(re::fullmatch(&nested, "aaa").unwrap().unwrap().span(0), Some(0..3));
}

#[test]
fn the_budget_ends_a_search_with_an_error() {
    let pattern = re::compile(Source::new(r"(?=(a+)+$)b|(a+)+\2b").backtrack_limit(100_000)).unwrap();
    let error = pattern.search(&"a".repeat(60)).unwrap_err();
    assert_eq!(error, Error::BacktrackLimit { limit: 100_000 });
    let mut all = pattern.finditer(&"a".repeat(60)).map(|found| found.is_err()).collect::<Vec<_>>();
    assert_eq!((all.pop(), all.pop()), (Some(true), None));
}

#[test]
fn what_a_back_reference_compares_counts_as_steps() {
    let pattern = re::compile(Source::new(r"(?i)(a*)\1b").backtrack_limit(200_000)).unwrap();
    assert_eq!(pattern.search(&"a".repeat(600)).unwrap_err(), Error::BacktrackLimit { limit: 200_000 });
    assert!(pattern.search(&"a".repeat(40)).unwrap().is_none());
}

#[test]
fn what_a_repeat_has_to_read_counts_as_steps() {
    let pattern = re::compile(Source::new("a(?!a{3000}b)(?<=b)").backtrack_limit(100_000)).unwrap();
    assert_eq!(pattern.search(&"a".repeat(10_000)).unwrap_err(), Error::BacktrackLimit { limit: 100_000 });
    assert!(pattern.search(&"a".repeat(3_000)).unwrap().is_none());
}

#[test]
fn exponential_patterns_are_linear() {
    for source in [r"(a*)*b", r"(?:a|a)*c", r"(a|b*)*c", r"((a?)*)*$", r"(a+)+$"] {
        let pattern = re::compile(source).unwrap();
        assert!(pattern.is_linear());
        let text = "a".repeat(100_000) + "x";
        assert!(pattern.match_(&text).unwrap().is_none_or(|found| found.end() < text.len()), "{source}");
        assert!(pattern.fullmatch(&text).unwrap().is_none());
    }
}

#[test]
fn a_result_type_says_what_findall_gives() {
    let text = "a=1, b=2";
    let pairs: Vec<(&str, &str)> = re::findall(r"(\w)=(\d)", text).unwrap();
    assert_eq!(pairs, [("a", "1"), ("b", "2")]);
    let lists: Vec<Vec<&str>> = re::findall(r"\w=\d", text).unwrap();
    assert_eq!(lists, [["a=1"], ["b=2"]]);
    let error = re::findall::<&str, _>(r"(\w)=(\d)", text).unwrap_err();
    assert_eq!(error, Error::Shape { found: 2, wanted: 1 });
    let parts: Vec<Option<&str>> = re::split(r"(-)|,\s*", text).unwrap();
    assert_eq!(parts, [Some("a=1"), None, Some("b=2")]);
}

#[test]
fn strings_bytes_and_patterns_are_taken_alike() {
    let (source, text) = (String::from("b+"), String::from("abbc"));
    assert_eq!(re::search(&source, &text).unwrap().unwrap().span(0), Some(1..3));
    assert_eq!(re::sub(&source, "-", &text).unwrap(), "a-c");
    assert_eq!(
        re::sub(&source, Sub::new(|found: &Match| found.group(0).unwrap().len().to_string()).count(1), &text).unwrap(),
        "a2c"
    );
    let bytes = re::compile(b"[\x80-\xff]+").unwrap();
    assert_eq!(bytes.search(b"a\xff\xfe").unwrap().unwrap().group(0), Some(&b"\xff\xfe"[..]));
    assert_eq!(re::search(&bytes, &vec![0xe9_u8]).unwrap().unwrap().end(), 1);
    let again: &'static Pattern = leyden::re!(r"b+", re::I);
    assert!(re::fullmatch(again, "BB").unwrap().is_some());
    assert_eq!(format!("{again:?}"), r#"re::compile("b+", re::I | re::U)"#);
}

#[test]
fn a_word_boundary_is_beside_every_word_character_and_no_other() {
    for (boundary, word) in [(r"\b", r"\w"), (r"(?a)\b", r"(?a)\w")] {
        let (boundary, word) = (re::compile(boundary).unwrap(), re::compile(word).unwrap());
        let wrong = (char::MIN..=char::MAX).map(String::from).find(|c| {
            let is_word = word.fullmatch(c).unwrap().is_some();
            // Behind it, before it, and beside a word character.
            boundary.findall::<&str>(c).unwrap().len() != 2 * usize::from(is_word)
                || boundary.match_(Window::new(&format!("a{c}")).pos(1)).unwrap().is_some() == is_word
        });
        assert_eq!(wrong, None, "{boundary:?}");
    }
    let names: Vec<&str> = re::findall(r"\b\w+\b", "{name}, ${user}; ~home|pipe").unwrap();
    assert_eq!(names, ["name", "user", "home", "pipe"]);
}

#[test]
fn many_patterns_and_threads_share_the_cache() {
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                for i in 0..1_500 {
                    let source = format!("x{}", (i + thread) % 700);
                    assert!(re::fullmatch(&source, &source).unwrap().is_some());
                }
            });
        }
    });
    re::purge();
}

/// Rows F3, S17 and S19 of the list of faults: what grows with the text or the pattern grows as fast as it, or has a limit.
mod growth {
    use leyden::re::{self, Error, Source};
    use std::time::{Duration, Instant};

    /// A budget of 64 steps for each letter, and few more.
    fn takes_few_steps(pattern: &str, text: impl Fn(usize) -> String) {
        for size in [1000, 8000, 64_000] {
            let text = text(size);
            let found = re::search(Source::new(pattern).backtrack_limit(1000), &text);
            assert!(found.is_ok(), "{pattern:?} on {} bytes: {}", text.len(), found.unwrap_err());
        }
    }

    #[test]
    fn a_run_is_read_once() {
        for pattern in [r"(?s).*+[\D]+?", r"(?s).*+x", r"[^x]*+x", r"(?>[^x]*)x", r"\w*+!", r"(?s)(?=.)\S*+#"] {
            takes_few_steps(pattern, |size| "a b c ".repeat(size / 6));
            takes_few_steps(pattern, |size| "ab\u{e9}".repeat(size / 4));
            takes_few_steps(pattern, |size| "a".repeat(size));
        }
    }

    fn bounded<T>(what: &str, job: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let done = job();
        assert!(start.elapsed() < Duration::from_secs(30), "{what}: {:?}", start.elapsed());
        done
    }

    #[test]
    fn a_linear_pattern_of_many_states_has_a_budget() {
        for (pattern, length) in
            [("(a?){5000}b", 2000), ("(a?){5000}b", 9000), ("((a?){50}){50}b", 9000), ("(?:a{0,40}){40}b", 9000)]
        {
            let text = "a".repeat(length);
            match bounded(pattern, || re::search(Source::new(pattern).backtrack_limit(1_000_000), &text)) {
                Ok(found) => assert!(found.is_none(), "{pattern}"),
                Err(error) => assert!(matches!(error, Error::BacktrackLimit { .. }), "{error:?}"),
            }
        }
        // What is found has its groups.
        let text = "a".repeat(200) + "b";
        let found = re::search("(a?){300}b", &text).unwrap().unwrap();
        assert_eq!((found.span(0), found.group(1)), (Some(0..201), Some("")));
    }

    #[test]
    fn a_long_pattern_takes_memory_for_its_length() {
        let a = "a".repeat(400_000);
        let alternatives = bounded("a…|a…", || re::compile(&format!("{a}|{a}")).unwrap());
        assert!(alternatives.fullmatch(&a).unwrap().is_some());
        let many = bounded("a|a|…", || re::compile(&vec!["ab"; 100_000].join("|")).unwrap());
        assert!(many.fullmatch("ab").unwrap().is_some());
        for class in [r"\w", r"[\w-]", r"\W", "."] {
            let words = bounded(class, || re::compile(&class.repeat(100_000)).unwrap());
            let text = if class == r"\W" { "-" } else { "w" }.repeat(100_000);
            assert!(bounded(class, || words.fullmatch(&text)).unwrap().is_some(), "{class}");
            assert!(bounded(class, || words.search(&text)).unwrap().is_some(), "{class}");
        }
    }
}
