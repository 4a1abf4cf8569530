//! The page: problems first, then trends, then the details. One file without scripts, so that it can be mailed.

use crate::crawl::Page;
use crate::facts::{FULL, Facts, Host};
use crate::job::Settings;
use crate::report::{Point, Problem, median};
use leyden::bs4::EntitySubstitution;

const STYLE: &str = include_str!("style.css");

/// A disk that is fuller than this, in percent, has a bar of another colour.
const HIGH: u8 = 85;

pub fn render(
    settings: &Settings,
    pages: &[Page],
    facts: &Facts,
    hosts: &[Host],
    points: &[Point],
    when: &str,
    problems: &[Problem],
) -> String {
    let url = escape(&settings.url);
    format!(
        "<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n<meta name=viewport content=\"width=device-width,initial-scale=1\">\n\
         <title>Nightly report</title>\n<link rel=icon href=\"data:,\">\n<style>\n{STYLE}</style>\n\
         <header>\n<h1>Nightly report</h1>\n<p>{when} · <a href=\"{url}\">{url}</a>\n</header>\n{}{}\
         <h2>Website</h2>\n{}<h2>Disks</h2>\n{}{}<h2>This machine</h2>\n{}<footer>{}</footer>\n</html>\n",
        verdict(problems),
        tiles(pages, facts, hosts, points),
        website(settings, pages),
        disks(facts, hosts),
        machines(hosts),
        table(facts.machine.iter().chain(&facts.now).map(|(name, value)| (*name, value.as_str()))),
        escape(&settings.note),
    )
}

fn escape(text: &str) -> String {
    EntitySubstitution::substitute_html(text).replace('"', "&quot;")
}

fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

fn verdict(problems: &[Problem]) -> String {
    if problems.is_empty() {
        return "<p class=\"verdict good\">No problems.</p>\n".to_owned();
    }
    let item = |problem: &Problem| format!("<li><b>{}</b> {}\n", escape(&problem.place), escape(&problem.text));
    let items: String = problems.iter().map(item).collect();
    format!("<p class=\"verdict bad\">{}.</p>\n<ul class=problems>\n{items}</ul>\n", count(problems.len(), "problem"))
}

fn tiles(pages: &[Page], facts: &Facts, hosts: &[Host], points: &[Point]) -> String {
    let tile = |name: &str, value: &str, below: &str| {
        format!("<div class=tile><span>{name}</span><strong>{value}</strong>{below}</div>\n")
    };
    let trend = |values: Vec<f64>, what: &str| sparkline(&values, points, what);
    let last = points.last().map_or(0, |point| point.problems);
    let mut tiles =
        tile("Problems", &last.to_string(), &trend(points.iter().map(|point| point.problems as f64).collect(), "problems"));
    let ms = trend(points.iter().map(|point| point.ms).collect(), "ms");
    tiles += &tile(&format!("Median of {}", count(pages.len(), "page")), &format!("{:.1} ms", median(pages)), &ms);
    let disk = facts.disks.iter().map(|disk| disk.percent).max().unwrap_or(0);
    let percent = trend(points.iter().map(|point| f64::from(point.disk)).collect(), "%");
    tiles += &tile("Fullest disk here", &format!("{disk} %"), &percent);
    if !hosts.is_empty() {
        let well = hosts.iter().filter(|host| host.problem.is_none()).count();
        tiles += &tile("Hosts that answer", &format!("{well} of {}", hosts.len()), &dots(hosts));
    }
    format!("<div class=tiles>\n{tiles}</div>\n")
}

/// A line over the past nights, from 0 up.
fn sparkline(values: &[f64], points: &[Point], what: &str) -> String {
    let (Some(first), Some(last), true) = (points.first(), points.last(), values.len() > 1) else {
        return "<small>no earlier nights</small>".to_owned();
    };
    let most = values.iter().copied().fold(1.0, f64::max);
    let place = |at: usize| (3.0 + at as f64 * 114.0 / (values.len() - 1) as f64, 33.0 - values[at] / most * 28.0);
    let line: Vec<String> = (0..values.len()).map(place).map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let (x, y) = place(values.len() - 1);
    format!(
        "<svg viewBox=\"0 0 120 36\" preserveAspectRatio=xMinYMid role=img aria-label=\"{what}, {} to {}, at most {most:.1}\"><polyline points=\"{}\" />\
         <circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" /></svg><small>{} nights, at most {most:.1}</small>",
        first.day,
        last.day,
        line.join(" "),
        values.len(),
    )
}

fn dots(hosts: &[Host]) -> String {
    let dot = |host: &Host| {
        let class = if host.problem.is_none() { "good" } else { "bad" };
        format!("<i class={class} title=\"{}\"></i>", escape(&host.name))
    };
    format!("<div class=dots>{}</div>", hosts.iter().map(dot).collect::<String>())
}

/// A bar of this many percent.
fn bar(percent: f64, class: &str) -> String {
    format!("<div class=bar><i class={class} style=\"width:{:.0}%\"></i></div>", percent.clamp(1.0, 100.0))
}

/// The pages with problems first.
fn website(settings: &Settings, pages: &[Page]) -> String {
    let slowest = pages.iter().map(|page| page.took.as_micros()).max().unwrap_or(0).max(1) as f64;
    let (bad, good): (Vec<&Page>, Vec<&Page>) = pages.iter().partition(|page| !page.problems.is_empty());
    let row = |page: &Page| {
        let status = page.status.map_or_else(|| "–".to_owned(), |status| status.to_string());
        let class = if page.problems.is_empty() { "good" } else { "bad" };
        let path = settings.path(&page.url);
        // A page without a title is named by its path.
        let (title, path) = if page.title.is_empty() { (path, "") } else { (page.title.as_str(), path) };
        let remarks = page.problems.join("; ");
        let remarks = if remarks.is_empty() { remarks } else { format!("<small class=bad>{}</small>", escape(&remarks)) };
        format!(
            "<tr><td class=\"{class} narrow\">{status}<td><a href=\"{}\">{}</a> <small>{}</small>{remarks}<td class=wide>{}<td class=n>{:.1} ms\n",
            escape(&page.url),
            escape(title),
            escape(path),
            bar(100.0 * page.took.as_micros() as f64 / slowest, "time"),
            page.took.as_micros() as f64 / 1000.0,
        )
    };
    let rows: String = bad.into_iter().chain(good).map(row).collect();
    format!("<table>\n<tr><th class=narrow>Status<th>Page<th class=wide>Time<th>\n{rows}</table>\n")
}

/// The disks of all machines; a full bar is a full disk.
fn disks(facts: &Facts, hosts: &[Host]) -> String {
    let here = facts.disks.iter().map(|disk| ("this machine", disk));
    let there = hosts.iter().flat_map(|host| host.disks.iter().map(|disk| (host.name.as_str(), disk)));
    let row = |(name, disk): (&str, &crate::facts::Disk)| {
        let class = match disk.percent {
            percent if percent > FULL => "bad",
            percent if percent > HIGH => "high",
            _ => "good",
        };
        format!(
            "<tr><td>{}<td><code>{}</code><td>{}<td class=n>{} %<td class=\"n wide\">{:.1} GiB\n",
            escape(name),
            escape(&disk.mount),
            bar(f64::from(disk.percent), class),
            disk.percent,
            disk.kib as f64 / 1_048_576.0,
        )
    };
    let rows: String = here.chain(there).map(row).collect();
    format!("<table>\n<tr><th>Machine<th>Mounted on<th>Used<th><th class=wide>\n{rows}</table>\n")
}

fn machines(hosts: &[Host]) -> String {
    if hosts.is_empty() {
        return String::new();
    }
    let row = |host: &Host| match &host.problem {
        Some(problem) => format!("<tr><td class=bad>{}<td>{}\n", escape(&host.name), escape(problem)),
        None => format!("<tr><td class=good>{}<td>{}\n", escape(&host.name), escape(&host.uptime)),
    };
    format!("<h2>Hosts</h2>\n<table>\n{}</table>\n", hosts.iter().map(row).collect::<String>())
}

fn table<'a>(rows: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let rows: String = rows.map(|(name, value)| format!("<tr><th>{name}<td>{}\n", escape(value))).collect();
    format!("<table>\n{rows}</table>\n")
}
