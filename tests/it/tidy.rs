//! The house rules that a test can check.

use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// `src/os/backend.rs`, or `src/os/backend/mod.rs` once it is several files.
fn is_module(path: String) -> bool {
    let path = Path::new(ROOT).join(path);
    path.with_extension("rs").is_file() || path.join("mod.rs").is_file()
}

/// Batteries that touch the world: the same rooms in each. The pure ones (`re`, `bs4`) have no backend.
const EFFECTS: &[&str] = &["os", "sys", "time", "platform", "subprocess", "requests", "smtplib", "boto3", "fabric"];
const PURE: &[&str] = &["re", "bs4"];
/// Written over other batteries, whose seams are theirs: no backend, but a conformance suite.
const COMPOSED: &[&str] = &["schedule"];

/// The most lines of a file under `src`. Generated files and tables are data and have no limit.
const LONGEST: usize = 500;

/// Files that are longer than [`LONGEST`] and still hold one concept.
const LONG: &[&str] = &[
    "src/boto3/error.rs",
    "src/fabric/remote/files.rs",
    "src/infra/plan/build.rs",
    "src/layers/cassette/files.rs",
    "src/os/mock/origin.rs",
    "src/time/mod.rs",
];

/// The most source files in one folder under `src`. Generated files are not counted.
const WIDEST: usize = 15;

/// Folders that hold more than [`WIDEST`] files, still to be sorted.
const WIDE: &[&str] = &["src/boto3", "src/boto3/ec2/mock"];

fn read(path: impl AsRef<Path>) -> String {
    let path = Path::new(ROOT).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn files(dir: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut todo = vec![Path::new(ROOT).join(dir)];
    while let Some(dir) = todo.pop() {
        for entry in fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found
}

#[test]
fn every_battery_has_the_same_rooms() {
    for battery in EFFECTS {
        for room in ["mod", "backend", "native", "mock", "error"] {
            assert!(is_module(format!("src/{battery}/{room}")), "src/{battery}/{room} is missing");
        }
        assert!(is_module(format!("tests/it/conformance/{battery}")), "{battery} has no conformance suite");
    }
    for battery in PURE {
        for room in ["mod", "error"] {
            assert!(is_module(format!("src/{battery}/{room}")), "src/{battery}/{room} is missing");
        }
    }
    for battery in COMPOSED {
        for room in ["mod", "error"] {
            assert!(is_module(format!("src/{battery}/{room}")), "src/{battery}/{room} is missing");
        }
        assert!(is_module(format!("tests/it/conformance/{battery}")), "{battery} has no conformance suite");
    }
    for battery in EFFECTS.iter().chain(PURE).chain(COMPOSED) {
        assert!(Path::new(ROOT).join(format!("examples/{battery}.rs")).is_file(), "{battery} has no example");
        assert!(read("README.md").contains(&format!("| `{battery}` |")), "{battery} is not in README's table");
    }
}

#[test]
fn every_example_is_listed_and_compared() {
    let list = read("examples/README.md");
    for file in files("examples", "rs") {
        // An example of several files is a directory; its main.rs bears its name.
        let directory = file.parent().filter(|directory| !directory.ends_with("examples"));
        let (name, link) = match (directory, file.ends_with("main.rs")) {
            (None, _) => (file.file_stem().unwrap(), ".rs"),
            (Some(directory), true) => (directory.file_name().unwrap(), "/main.rs"),
            (Some(_), false) => continue,
        };
        let name = name.to_string_lossy();
        assert!(list.contains(&format!("[`{name}`]({name}{link})")), "{name} is not in examples/README.md");
        let expected = read(format!("examples/expected/{name}.txt"));
        assert!(
            expected.trim_end().lines().last().is_some_and(|line| line.contains("exit code")),
            "{name} is expected to end somehow"
        );
    }
}

/// The tutorial shows its program piece by piece.
#[test]
fn the_tutorial_shows_its_program() {
    let program = read("examples/first_job.rs");
    let tutorial = read("docs/first-job.md");
    let blocks: Vec<&str> =
        tutorial.split("```rust\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default()).collect();
    assert!(blocks.len() >= 5, "{} blocks", blocks.len());
    for block in blocks {
        assert!(program.contains(block), "examples/first_job.rs does not contain:\n{block}");
    }
}

/// Links between the pages lead to files that exist. `cargo doc` checks those of the source.
#[test]
fn every_link_of_the_pages_resolves() {
    let mut pages = vec![Path::new(ROOT).join("examples/README.md")];
    for directory in ["", "docs"] {
        let entries = fs::read_dir(Path::new(ROOT).join(directory)).unwrap().map(|entry| entry.unwrap().path());
        pages.extend(entries.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    }
    assert!(pages.len() > 10, "{pages:?}");
    let mut broken = Vec::new();
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        // Rust code has `](`, too: links are looked for outside of the blocks.
        let prose: String = text.split("```").step_by(2).collect();
        for link in prose.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next()) {
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let target = if path.is_empty() { page.clone() } else { page.parent().unwrap().join(path) };
            // As forges make them: punctuation goes.
            let kept = |letter: &char| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_');
            let heading = |line: &str| -> String {
                line.trim_start_matches('#').trim().to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-")
            };
            let found = target.exists()
                && (anchor.is_empty()
                    || fs::read_to_string(&target).unwrap().lines().any(|line| line.starts_with('#') && heading(line) == anchor));
            if !found {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// A page that explains first and shows later is left before it shows. The machine's own backends have nothing to show in memory.
#[test]
fn every_public_module_opens_with_an_example() {
    for file in files("src", "rs") {
        let folder = match file.file_name().and_then(|name| name.to_str()) {
            Some("mod.rs" | "lib.rs") => file.parent().unwrap().to_path_buf(),
            _ => file.with_extension(""),
        };
        let text = fs::read_to_string(&file).unwrap();
        let public = text.lines().filter_map(|line| line.trim().strip_prefix("pub mod ")?.strip_suffix(';'));
        for name in public.filter(|name| *name != "native") {
            let page =
                [folder.join(format!("{name}.rs")), folder.join(name).join("mod.rs")].into_iter().find(|page| page.is_file());
            let page = page.unwrap_or_else(|| panic!("{}: where is {name}?", file.display()));
            let opens = fs::read_to_string(&page).unwrap().lines().take(11).any(|line| line == "//! ```");
            assert!(opens, "{} does not open with an example", page.display());
        }
    }
}

#[test]
fn only_the_seams_may_touch_the_machine() {
    for file in files("src", "rs") {
        let text = fs::read_to_string(&file).unwrap();
        // glibc.rs asks the C library its version, for the native.rs of sys and of platform.
        let seam = file.components().any(|part| part.as_os_str() == "native")
            || file.ends_with("native.rs")
            || file.ends_with("src/glibc.rs");
        assert!(seam || !text.contains("clippy::disallowed_methods"), "{} is no seam", file.display());
    }
}

/// A module of several files is a folder with a `mod.rs`; `foo.rs` beside `foo/` is the other form, and one is enough.
#[test]
fn modules_have_one_form() {
    for file in files("src", "rs").into_iter().chain(files("tests/it", "rs")) {
        assert!(!file.with_extension("").is_dir(), "{} stands beside a folder of its name", file.display());
    }
}

/// The source files under `src` that are written by hand, with their text.
fn written() -> impl Iterator<Item = (PathBuf, String)> {
    files("src", "rs")
        .into_iter()
        .map(|file| (fs::read_to_string(&file).unwrap(), file))
        .filter(|(text, _)| !text.starts_with("// @generated by tools/generate/"))
        .map(|(text, file)| (file.strip_prefix(ROOT).unwrap().to_owned(), text))
}

#[test]
fn files_hold_one_concept() {
    let long: Vec<(PathBuf, usize)> = written()
        .filter(|(file, _)| file.file_stem().is_none_or(|stem| !stem.to_string_lossy().ends_with("tables")))
        .map(|(file, text)| (file, text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST)
        .collect();
    let unlisted: Vec<_> = long.iter().filter(|(file, _)| !LONG.iter().any(|listed| file == Path::new(listed))).collect();
    assert!(unlisted.is_empty(), "longer than {LONGEST} lines: {unlisted:#?}");
    for listed in LONG {
        assert!(long.iter().any(|(file, _)| file == Path::new(listed)), "{listed} is short enough to leave the list");
    }
}

#[test]
fn folders_hold_one_subject() {
    let mut folders = std::collections::BTreeMap::<PathBuf, usize>::new();
    for (file, _) in written() {
        *folders.entry(file.parent().unwrap().to_owned()).or_default() += 1;
    }
    folders.retain(|folder, count| *count > WIDEST && !WIDE.iter().any(|wide| folder == Path::new(wide)));
    assert!(folders.is_empty(), "more than {WIDEST} files: {folders:#?}");
}

#[test]
fn versions_agree() {
    let version = env!("CARGO_PKG_VERSION");
    let (major_minor, _) = version.rsplit_once('.').unwrap();
    assert!(read("CHANGELOG.md").contains(&format!("\n## {version}")), "CHANGELOG.md has no heading for {version}");
    assert!(read("README.md").contains(&format!("leyden = \"{major_minor}\"")), "README.md names another version");
}

#[test]
fn ignored_tests_say_what_they_need() {
    for file in files("tests/it", "rs") {
        for line in fs::read_to_string(&file).unwrap().lines().map(str::trim).filter(|line| line.starts_with("#[ignore")) {
            assert!(line.starts_with("#[ignore = \"needs "), "{}: {line}", file.display());
        }
    }
}

#[test]
fn every_oracle_has_its_program_and_its_replay() {
    let replays: String = files("tests/it", "rs").iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    let programs: String = files("tests/oracle", "py").iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    for data in files("tests/oracle/data", "jsonl") {
        let name = data.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(replays.contains(&format!("\"{name}\"")), "nothing replays {name}.jsonl");
        assert!(programs.contains(name.as_str()), "no program asked for {name}.jsonl");
    }
}

/// Where the prose rule is checked: it grows as older text is rewritten.
const PLAIN: &[&str] = &[
    "src/batteries.rs",
    "src/fabric",
    "src/infra",
    "src/layers",
    "src/lib.rs",
    "src/mock",
    "src/platform",
    "src/prelude.rs",
    "src/schedule",
    "src/text",
    "src/world",
    "examples/README.md",
    "examples/first_job.rs",
    "examples/nightly",
    "examples/ops.rs",
    "docs/backends.md",
    "docs/before-you-run.md",
    "docs/cookbook.md",
    "docs/first-job.md",
    "docs/performance.md",
    "docs/security.md",
    "docs/testing.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "README.md",
    "SECURITY.md",
];

/// Words and phrases that have a plainer equivalent. `there is no` and `there is none` are allowed.
const NOT_PLAIN: &[&str] = &[
    "anybody",
    "bears",
    "by its own",
    "for good",
    "in earnest",
    "is no",
    "is none",
    "nobody",
    "said",
    "shall",
    "somebody",
    "stands in",
    "stands there",
    "told",
    "whoever",
];

/// The text of a line in lower case, without what makes it a comment. Rust's `None` stays apart from the word.
fn prose(line: &str) -> String {
    line.trim().trim_start_matches(['/', '!', '#']).trim().replace("None", "`None`").to_lowercase()
}

/// The places of a phrase in a text, as whole words.
fn whole_words<'a>(text: &'a str, phrase: &'a str) -> impl Iterator<Item = usize> + 'a {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(phrase).map(|(at, _)| at).filter(move |at| {
        !text[..*at].ends_with(is_word) && !text[at + phrase.len()..].starts_with(is_word) && !text[..*at].ends_with("there ")
    })
}

#[test]
fn prose_is_plain() {
    let mut found = Vec::new();
    for place in PLAIN {
        let whole = Path::new(ROOT).join(place);
        assert!(whole.exists(), "{place} does not exist");
        let paths = if whole.is_file() { vec![whole] } else { files(place, "rs") };
        for path in paths {
            let text = fs::read_to_string(&path).unwrap();
            let lines: Vec<String> = text.lines().map(prose).collect();
            for (index, line) in lines.iter().enumerate() {
                // A phrase may go on in the next line, or in a line after `there`.
                let before = if index > 0 && lines[index - 1].ends_with("there") { "there " } else { "" };
                let next = lines.get(index + 1).map_or("", String::as_str);
                let joined = format!("{before}{line} {next}");
                for phrase in NOT_PLAIN {
                    if whole_words(&joined, phrase).any(|at| at < before.len() + line.len()) {
                        found.push(format!("{}:{}: {phrase:?}", path.display(), index + 1));
                    }
                }
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// The names of items, fields and variants that a source text defines.
fn defined(text: &str) -> impl Iterator<Item = &str> {
    const KEYWORDS: &[&str] = &["fn", "struct", "enum", "trait", "type", "const", "static", "mod", "macro_rules!", "union"];
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    text.lines().map(str::trim).filter(|line| !line.starts_with("//")).flat_map(move |line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let item = words.windows(2).filter(|pair| KEYWORDS.contains(&pair[0])).map(|pair| pair[1]).next();
        // `pub name: Type`, and a variant on a line of its own.
        let field =
            line.strip_prefix("pub ").filter(|rest| rest.split_once(':').is_some_and(|(name, _)| name.chars().all(is_word)));
        let variant = line.chars().next().filter(|first| first.is_uppercase()).map(|_| line);
        [item, field, variant].into_iter().flatten().filter_map(move |text| {
            let name = text.strip_prefix("r#").unwrap_or(text);
            let end = name.find(|c| !is_word(c)).unwrap_or(name.len());
            (end > 0).then(|| &name[..end])
        })
    })
}

/// The last identifier of a Rust path or call: `limit` of `Group::limit(1)`, `uname` of `os.uname()?`.
fn last_segment(form: &str) -> &str {
    let path = form.trim().trim_matches('`');
    let path = path.split(['(', '<', '?', ' ', '{', '[', ';']).find(|part| !part.is_empty()).unwrap_or(path);
    path.rsplit(['.', ':']).find(|part| !part.is_empty()).unwrap_or(path).trim_end_matches('!')
}

#[test]
fn every_row_of_the_python_index_names_an_item() {
    let sources: Vec<String> = files("src", "rs").iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    let names: std::collections::HashSet<&str> = sources.iter().flat_map(|text| defined(text)).collect();
    let index = read("docs/python-index.tsv");
    let mut rows = 0;
    for line in index.lines().skip(1).filter(|line| !line.trim().is_empty()) {
        let (python, rust) = line.split_once('\t').unwrap_or_else(|| panic!("docs/python-index.tsv: {line:?} has no tab"));
        assert!(!python.trim().is_empty() && !rust.trim().is_empty(), "docs/python-index.tsv: {line:?} has an empty cell");
        let item = last_segment(rust.split('\t').next().unwrap_or(rust));
        assert!(names.contains(item), "docs/python-index.tsv: {python}: src/ has no item {item}");
        rows += 1;
    }
    assert!(rows > 0, "docs/python-index.tsv is empty");
    assert_eq!(last_segment("`Group::limit(1)`"), "limit");
    assert!(!names.contains("surely_not_an_item"));
}

/// A step that is in `.ci/run` and in no job would only run where a developer thinks of it.
#[test]
fn the_workflow_runs_every_step() {
    let script = read(".ci/run");
    let workflow = read(".github/workflows/ci.yml");
    let steps = script.lines().find_map(|line| line.split_once("by name: ")).unwrap().1;
    for step in steps.split_whitespace() {
        assert!(script.contains(&format!("\n{step}() {{\n")), ".ci/run has no step {step}");
        let words = |line: &str| line.split(|c: char| !c.is_alphanumeric()).any(|word| word == step);
        assert!(
            workflow.lines().any(|line| line.trim_start().starts_with("step") && words(line)),
            "no job of ci.yml runs the step {step}"
        );
    }
}
