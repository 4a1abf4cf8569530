//! The pages of a site: fetched some at a time, parsed, their links followed as far as they stay on the site.

use crate::job::{Done, Settings};
use leyden::prelude::*;
use std::collections::BTreeSet;
use std::time::Duration;

/// What was found at a URL.
#[derive(Clone, Debug, Default)]
pub struct Page {
    pub url: String,
    /// The page that links to it; empty for the first.
    pub linked_from: String,
    pub status: Option<u16>,
    pub title: String,
    pub took: Duration,
    pub problems: Vec<String>,
    links: Vec<String>,
}

/// A page larger than this is a problem, and is not parsed.
const LARGEST: usize = 2 * 1024 * 1024;

pub fn crawl(batteries: &Batteries, settings: &Settings) -> leyden::Result<(Vec<Page>, Done)> {
    let mut seen = BTreeSet::from([settings.url.clone()]);
    let mut todo = vec![(settings.url.clone(), String::new())];
    let mut pages: Vec<Page> = Vec::new();
    let show = batteries.sys.stderr.isatty().unwrap_or(false);
    while !todo.is_empty() && pages.len() < settings.pages {
        let row: Vec<_> = todo.drain(..todo.len().min(settings.workers).min(settings.pages - pages.len())).collect();
        for page in fetch(batteries, &row) {
            // Without its first page there is no site to speak of.
            if pages.is_empty() && page.status.is_none() {
                return Err(leyden::Error::other(page.problems.join("; ")));
            }
            for link in &page.links {
                if same_site(&settings.url, link) && seen.insert(link.clone()) {
                    todo.push((link.clone(), page.url.clone()));
                }
            }
            pages.push(page);
        }
        if show {
            let (done, known) = (pages.len(), pages.len() + todo.len());
            let bar = "#".repeat(done * 30 / known);
            batteries
                .sys
                .stderr
                .write(&format!("\r[{bar:<30}] {done} of {known} pages{}", if todo.is_empty() { "\n" } else { "" }))?;
        }
    }
    let problems: usize = pages.iter().map(|page| page.problems.len()).sum();
    let text = format!("{} pages, {problems} problem{}", pages.len(), if problems == 1 { "" } else { "s" });
    Ok((pages, Done::nothing(text)))
}

/// A row of pages at once, in order.
fn fetch(batteries: &Batteries, row: &[(String, String)]) -> Vec<Page> {
    if let [(url, from)] = row {
        return vec![check(batteries, url, from)];
    }
    std::thread::scope(|scope| {
        let running: Vec<_> = row.iter().map(|(url, from)| scope.spawn(|| check(batteries, url, from))).collect();
        running.into_iter().flat_map(std::thread::ScopedJoinHandle::join).collect()
    })
}

fn check(Batteries { requests, time, .. }: &Batteries, url: &str, from: &str) -> Page {
    let mut page = Page { url: url.to_owned(), linked_from: from.to_owned(), ..Page::default() };
    let start = time.monotonic();
    let answer = requests.get(url).timeout(secs(10)).wait();
    page.took = time.monotonic().saturating_sub(start);
    let response = match answer {
        Ok(response) => response,
        Err(error) => {
            page.problems.push(error.to_string());
            return page;
        }
    };
    page.status = Some(response.status_code);
    if !response.ok() {
        page.problems.push(format!("answers {}", response.status_code));
        return page;
    }
    let html = response.headers.get("Content-Type").is_some_and(|kind| kind.starts_with("text/html"));
    match response.content() {
        Ok(content) if content.len() > LARGEST => page.problems.push(format!("is {} KiB large", content.len() / 1024)),
        Ok(content) if html => read(&mut page, content, &response.url),
        Ok(_) => {}
        Err(error) => page.problems.push(error.to_string()),
    }
    page
}

fn read(page: &mut Page, content: &[u8], base: &str) {
    let soup = BeautifulSoup::new(content);
    page.title = soup.find("title").map(|title| title.get_text("").trim().to_owned()).unwrap_or_default();
    if page.title.is_empty() {
        page.problems.push("has no title".to_owned());
    }
    if re::search(r"(?i)\b(lorem ipsum|TODO|FIXME)\b", &*soup.get_text(" ")).ok().flatten().is_some() {
        page.problems.push("has a placeholder in its text".to_owned());
    }
    let without_fragment = |link: String| link.split('#').next().unwrap_or_default().to_owned();
    page.links = soup.links(base).into_iter().map(without_fragment).filter(|link| !link.is_empty()).collect();
}

fn same_site(start: &str, link: &str) -> bool {
    let host = |url: &str| url.split('/').take(3).collect::<Vec<_>>().join("/");
    host(start) == host(link)
}
