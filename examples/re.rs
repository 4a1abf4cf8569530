//! Reads a web server's log with `re`: fields by name, a tally, masked addresses, and what is wrong with a bad pattern.

#![allow(clippy::print_stdout, reason = "an example shows what it found")]

use leyden::{re, re::Sub};
use std::collections::BTreeMap;

const LOG: &str = r#"
10.0.0.7 - ana [06/May/2024:10:01:02] "GET /index.html HTTP/1.1" 200 512
10.0.0.9 - bo [06/May/2024:10:01:03] "POST /login HTTP/1.1" 403 17
10.0.0.7 - ana [06/May/2024:10:02:44] "GET /report?year=2024&month=5 HTTP/1.1" 200 90210
"#;

fn main() -> re::Result<()> {
    let line = re!(
        r#"^(?P<host>\S+) \s - \s (?P<user>\w+) \s \[ (?P<when>[^]]+) \] \s
           "(?P<method>[A-Z]+) \s (?P<path>\S+) [^"]*" \s (?P<status>\d{3}) \s (?P<size>\d+)$"#,
        re::X | re::M
    );
    println!("What each line says:");
    let mut sizes: BTreeMap<&str, u64> = BTreeMap::new();
    for found in line.finditer(LOG) {
        let found = found?;
        let field = |name| found.group(name).unwrap_or_default();
        println!("  {:<5}{:<26} -> {} ({} bytes)", field("method"), field("path"), field("status"), field("size"));
        *sizes.entry(field("user")).or_default() += field("size").parse::<u64>().unwrap_or(0);
    }
    println!("Bytes by user: {sizes:?}");

    let query: Vec<(&str, &str)> = re::findall(r"[?&](\w+)=(\w+)", LOG)?;
    println!("Query parameters: {query:?}");

    let (masked, count) = re::subn(r"(?<=\d\.)\d+(?= - )", "*", LOG)?;
    println!("{count} addresses masked; the first line is now: {}", masked.trim().lines().next().unwrap_or_default());
    let louder = re::sub(
        r"\b[a-z]",
        Sub::new(|found: &re::Match| found.group(0).unwrap_or_default().to_uppercase()).count(2),
        "ana and bo",
    )?;
    println!("Two words capitalised: {louder}");

    if let Some(error) = re::compile("(?P<user>[a-z]+").err().as_ref().and_then(re::Error::pattern) {
        println!("A bad pattern: {} at position {:?}", error.msg, error.pos);
    }
    Ok(())
}
