//! docs/boto3-coverage.md: which operations the fakes model, and which have a conformance case. A service is a section.

use std::fmt::Write as _;
use std::path::Path;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const FILE: &str = "docs/boto3-coverage.md";

pub fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(ROOT).join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The operations of a service's table.
fn operations(service: &str) -> Vec<String> {
    let table = read(&format!("src/boto3/{service}/operations.rs"));
    let rows = table.lines().map(str::trim).filter(|line| line.contains(") -> ") && line.ends_with(';'));
    rows.filter_map(|line| Some(line.split_once('(')?.0.to_owned())).collect()
}

/// Texts of the files of a folder that bear this prefix.
fn texts(folder: &str, prefix: &str) -> String {
    let mut files: Vec<_> = std::fs::read_dir(Path::new(ROOT).join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let named = files.iter().filter(|file| file.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix)));
    named.filter(|file| file.is_file()).map(|file| std::fs::read_to_string(file).unwrap()).collect()
}

fn section(title: &str, service: &str, modelled: impl Fn(&str) -> bool) -> String {
    let cases = texts("tests/it/conformance", &format!("boto3_{service}"));
    let (mut table, mut known, mut proved) = (String::new(), 0, 0);
    let operations = operations(service);
    for operation in &operations {
        let (models, proves) = (modelled(operation), cases.contains(&format!(".{operation}(")));
        (known, proved) = (known + usize::from(models), proved + usize::from(proves));
        let (models, proves) = (if models { "modelled" } else { "NotImplemented" }, if proves { "yes" } else { "" });
        writeln!(table, "| `{operation}` | yes | {models} | {proves} |").unwrap();
    }
    let count = operations.len();
    format!(
        "## {title}\n\n{count} operations; the fake models {known}, {proved} have a conformance case.\n\n\
         | operation | network | fake | conformance |\n|---|---|---|---|\n{table}"
    )
}

/// Fails if the section is not what it should be; LEYDEN_WRITE_COVERAGE set writes it instead.
pub fn check(title: &str, service: &str, modelled: impl Fn(&str) -> bool) {
    let wanted = section(title, service, modelled);
    let document =
        std::fs::read_to_string(Path::new(ROOT).join(FILE)).unwrap_or_else(|_| "# What is carried of boto3\n".to_owned());
    let heading = format!("## {title}\n");
    let (before, rest) = document.split_once(&heading).map_or((document.as_str(), ""), |(before, rest)| (before, rest));
    let after = rest.find("\n## ").and_then(|at| rest.get(at + 1..)).unwrap_or("");
    let gap = if after.is_empty() { "" } else { "\n" };
    let renewed = format!("{}\n\n{wanted}{gap}{after}", before.trim_end());
    if std::env::var_os("LEYDEN_WRITE_COVERAGE").is_some() {
        std::fs::create_dir_all(Path::new(ROOT).join("docs")).unwrap();
        std::fs::write(Path::new(ROOT).join(FILE), renewed).unwrap();
        return;
    }
    assert!(document == renewed, "{FILE} is out of date: run the test with LEYDEN_WRITE_COVERAGE=1");
}
