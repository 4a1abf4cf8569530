//! The report: a page that a person would enjoy, the same as JSON, and both packed.

use crate::crawl::Page;
use crate::facts::{FULL, Facts};
use crate::job::{Done, Settings};
use leyden::bs4::EntitySubstitution;
use leyden::os::shutil::archive::MakeArchive;
use leyden::prelude::*;
use serde_json::{Value, json};
use std::path::PathBuf;

/// What was written, or stood there already.
pub struct Written {
    /// Tells one state of site and machine from another; not how long a page took, and not what time it is.
    pub fingerprint: String,
    pub html: String,
    pub archive: PathBuf,
    pub problems: usize,
}

pub fn write(batteries: &Batteries, settings: &Settings, pages: &[Page], facts: &Facts) -> leyden::Result<(Written, Done)> {
    let Batteries { os, time, .. } = batteries;
    let (directory, base) = (settings.out.join("report"), settings.out.join("report"));
    let (html, json, archive) = (directory.join("index.html"), directory.join("report.json"), settings.out.join("report.zip"));
    let found: Vec<Value> = pages
        .iter()
        .map(|page| json!({ "url": page.url, "status": page.status, "title": page.title, "problems": page.problems }))
        .collect();
    let full: Vec<&str> = facts.disks.iter().filter(|(_, percent)| *percent > FULL).map(|(mount, _)| mount.as_str()).collect();
    let state = json!({ "site": settings.url, "pages": found, "machine": facts.machine, "full": full });
    // Ports of loopback change from run to run; the site does not.
    let fingerprint = format!("{:016x}", fnv(&state.to_string().replace(&settings.url, "/")));
    let problems = full.len() + pages.iter().map(|page| page.problems.len()).sum::<usize>();

    let before =
        if os.path.exists(&json) { serde_json::from_str(&os.read_text(&json)?).unwrap_or(Value::Null) } else { Value::Null };
    let same = before["fingerprint"] == *fingerprint && os.path.exists(&html) && os.path.exists(&archive);
    let done = if same {
        Done::nothing(format!("{} is up to date", html.display()))
    } else {
        os.makedirs(MakeDirs::new(&directory).exist_ok(true))?;
        os.write_text(&html, page(settings, pages, facts, &time.strftime("%A, %d %B %Y, %H:%M", None)?, problems))?;
        let mut state = state;
        state["fingerprint"] = fingerprint.clone().into();
        state["problems"] = problems.into();
        os.write_text(&json, format!("{state:#}\n"))?;
        os.shutil.make_archive(base, MakeArchive::new("zip").root_dir(&directory))?;
        Done::changed(format!("written to {}", html.display()))
    };
    let html = os.read_text(&html)?;
    Ok((Written { fingerprint, html, archive, problems }, done))
}

/// FNV-1a: enough to tell two reports apart.
fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

fn page(settings: &Settings, pages: &[Page], facts: &Facts, when: &str, problems: usize) -> String {
    let text = |text: &str| EntitySubstitution::substitute_html(text).replace('"', "&quot;");
    let verdict = match problems {
        0 => "<p class=good>No problems.</p>".to_owned(),
        1 => "<p class=bad>1 problem.</p>".to_owned(),
        n => format!("<p class=bad>{n} problems.</p>"),
    };
    let rows: String = pages
        .iter()
        .map(|page| {
            let status = page.status.map_or_else(|| "–".to_owned(), |status| status.to_string());
            let class = if page.problems.is_empty() { "good" } else { "bad" };
            let from = if page.linked_from.is_empty() || page.problems.is_empty() {
                String::new()
            } else {
                format!(" (linked from {})", page.linked_from)
            };
            let remarks = text(&format!("{}{from}", page.problems.join("; ")));
            format!(
                "<tr class={class}><td>{status}<td><a href=\"{0}\">{0}</a><td>{1}<td class=n>{2} ms<td>{remarks}\n",
                text(&page.url),
                text(&page.title),
                page.took.as_millis()
            )
        })
        .collect();
    let facts_rows: String =
        facts.machine.iter().chain(&facts.now).map(|(name, value)| format!("<tr><th>{name}<td>{}\n", text(value))).collect();
    format!(
        "<!doctype html>\n<html lang=en><meta charset=utf-8><title>Nightly report</title>\n<link rel=icon href=\"data:,\">\n<style>{STYLE}</style>\n\
         <h1>Nightly report</h1>\n<p>{}, <a href=\"{1}\">{1}</a></p>\n{verdict}\n\
         <h2>How long the pages took</h2>\n{2}\n\
         <h2>Pages</h2>\n<table><tr><th>Status<th>Address<th>Title<th>Took<th>Remarks\n{rows}</table>\n\
         <h2>Disks</h2>\n{3}\n<h2>Machine</h2>\n<table>{facts_rows}</table>\n</html>\n",
        text(when),
        text(&settings.url),
        chart(pages.iter().map(|page| (
            page.title.clone(),
            page.took.as_millis() as f64,
            format!("{} ms", page.took.as_millis())
        ))),
        chart(facts.disks.iter().map(|(mount, percent)| (mount.clone(), f64::from(*percent), format!("{percent} %")))),
    )
}

/// Bars, as inline SVG: name, length, label.
fn chart(bars: impl Iterator<Item = (String, f64, String)>) -> String {
    let bars: Vec<_> = bars.collect();
    let most = bars.iter().map(|(_, length, _)| *length).fold(1.0, f64::max);
    let rows: String = bars
        .iter()
        .enumerate()
        .map(|(at, (name, length, label))| {
            let (y, width) = (at * 24, (length / most * 380.0).max(1.0));
            let name = EntitySubstitution::substitute_html(name);
            format!(
                "<text x=190 y={0} text-anchor=end>{name}</text><rect x=200 y={1} width={width:.0} height=16 rx=3 /><text x={2:.0} y={0}>{label}</text>",
                y + 14,
                y + 2,
                width + 206.0
            )
        })
        .collect();
    format!("<svg role=img width=660 height={}>{rows}</svg>", bars.len() * 24)
}

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}\
h1{margin-bottom:0}table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.25rem .6rem;border-bottom:1px solid #ddd}\
.n{text-align:right}.good td:first-child{color:#178a3d}.bad td:first-child{color:#c02020}p.good{color:#178a3d}p.bad{color:#c02020}\
svg rect{fill:#4a7fc1}svg text{font-size:12px;fill:#444}";
