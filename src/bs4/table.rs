//! Beyond Beautiful Soup: tables as rows of text, and absolute links.

use super::css::IntoSelector;
use super::error::Error;
use super::search::strainer::SoupStrainer;
use super::tables::strip;
use super::tree::node::Tag;

/// A table as text.
///
/// ```
/// use leyden::bs4::BeautifulSoup;
/// let soup = BeautifulSoup::new("<table><tr><th>Name<th>Age<tr><td>Ada<td>36<tr><td>Alan<td>41</table>");
/// let table = soup.table("table")?.unwrap();
/// assert_eq!(table.header, ["Name", "Age"]);
/// assert_eq!(table.rows[1], ["Alan", "41"]);
/// assert_eq!(table.column("Age"), Some(vec!["36", "41"]));
/// # Ok::<(), leyden::bs4::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The cells of the first row that consists of header cells or is in `thead`; empty if there is
    /// none.
    pub header: Vec<String>,
    /// The cells of the other rows, stripped, with their inner whitespace unchanged. A cell that
    /// spans several columns or rows is repeated in each.
    pub rows: Vec<Vec<String>>,
}

/// The maximum span of a cell in columns and rows: HTML's limit for columns.
const MAX_SPAN: usize = 1000;
/// The maximum number of repeated cells, and of bytes of their text: a small document could request
/// gigabytes.
const MAX_COPIES: usize = 250_000;
const MAX_COPIED: usize = 16 << 20;

/// The remaining budget for repetitions.
struct Budget {
    copies: usize,
    bytes: usize,
}

impl Budget {
    fn copy(&mut self, text: &str) -> Result<String, Error> {
        let left = self.copies.checked_sub(1).zip(self.bytes.checked_sub(text.len()));
        let (copies, bytes) = left.ok_or(Error::Limit { what: "the cells of a table that span columns and rows" })?;
        *self = Budget { copies, bytes };
        Ok(text.to_owned())
    }
}

impl Table {
    fn of(table: Tag<'_>) -> Result<Table, Error> {
        let mut budget = Budget { copies: MAX_COPIES, bytes: MAX_COPIED };
        let mut grid: Vec<Vec<String>> = Vec::new();
        let mut header: Option<usize> = None;
        // The cells that earlier rows still span: the rows left and the text, by column.
        let mut pending: Vec<Option<(usize, String)>> = Vec::new();
        let own = |tag: &Tag<'_>| tag.find_parent("table").is_some_and(|parent| parent.is(table));
        for row in table.find_all("tr").into_iter().filter(own) {
            let cells: Vec<Tag<'_>> = row.find_all(SoupStrainer::new(["td", "th"]).recursive(false)).into_vec();
            if header.is_none() && !cells.is_empty() && header_row(row, &cells) {
                header = Some(grid.len());
            }
            let mut line: Vec<String> = Vec::new();
            for cell in cells {
                take_pending(&mut pending, &mut line, &mut budget)?;
                let (columns, rows) = (span(cell, "colspan"), span(cell, "rowspan"));
                let text = strip(&cell.text()).to_owned();
                for column in 0..columns {
                    if rows > 1 {
                        pending.resize(pending.len().max(line.len() + 1), None);
                        pending[line.len()] = Some((rows - 1, budget.copy(&text)?));
                    }
                    line.push(if column == 0 { text.clone() } else { budget.copy(&text)? });
                }
            }
            take_pending(&mut pending, &mut line, &mut budget)?;
            grid.push(line);
        }
        let header = header.map(|at| grid.remove(at)).unwrap_or_default();
        Ok(Table { header, rows: grid.into_iter().filter(|row| !row.is_empty()).collect() })
    }

    /// Returns the cells below a header.
    pub fn column(&self, name: &str) -> Option<Vec<&str>> {
        let place = self.header.iter().position(|header| header == name)?;
        Some(self.rows.iter().map(|row| row.get(place).map_or("", String::as_str)).collect())
    }
}

fn header_row(row: Tag<'_>, cells: &[Tag<'_>]) -> bool {
    row.parent().is_some_and(|parent| parent.name() == "thead") || cells.iter().all(|cell| cell.name() == "th")
}

fn span(cell: Tag<'_>, attribute: &str) -> usize {
    cell.get(attribute).and_then(|span| span.trim().parse::<usize>().ok()).unwrap_or(1).clamp(1, MAX_SPAN)
}

/// Fills the next columns with cells that span from earlier rows.
fn take_pending(pending: &mut [Option<(usize, String)>], line: &mut Vec<String>, budget: &mut Budget) -> Result<(), Error> {
    while let Some(slot) = pending.get_mut(line.len())
        && let Some((rows, text)) = slot
    {
        line.push(budget.copy(text)?);
        *rows -= 1;
        if *rows == 0 {
            *slot = None;
        }
    }
    Ok(())
}

impl<'a> Tag<'a> {
    /// Returns the first table that a CSS selector finds, as text. The selector may match the table
    /// or an element around it.
    ///
    /// # Errors
    /// [`Error::SelectorSyntax`]; [`Error::Limit`] if spanning cells would be repeated more than
    /// 250,000 times, or with more than 16 MiB of text.
    pub fn table(self, selector: impl IntoSelector) -> Result<Option<Table>, Error> {
        let found = self.select_one(selector)?;
        let table = found.and_then(|tag| if tag.name() == "table" { Some(tag) } else { tag.find("table") });
        table.map(Table::of).transpose()
    }

    /// Returns the targets of all links in document order, resolved against the page's URL (or the
    /// document's `base` tag).
    ///
    /// ```
    /// use leyden::bs4::BeautifulSoup;
    /// let soup = BeautifulSoup::new("<a href=b.html>b</a> <a href='//cdn.org/x'>x</a> <a href='?q=1#top'>q</a> <a name=n>no link</a>");
    /// let links = soup.links("https://example.com/dir/a.html?old");
    /// assert_eq!(links, ["https://example.com/dir/b.html", "https://cdn.org/x", "https://example.com/dir/a.html?q=1#top"]);
    /// ```
    pub fn links(self, base_url: &str) -> Vec<String> {
        let base = self.find(SoupStrainer::new("base").attr("href", true)).and_then(|base| base.get("href"));
        let base = base.map_or_else(|| base_url.to_owned(), |href| resolve(base_url, href));
        let links = self.find_all(SoupStrainer::new(["a", "area"]).attr("href", true));
        links.into_iter().filter_map(|tag| tag.get("href")).map(|href| resolve(&base, href)).collect()
    }
}

/// Resolves a reference against an absolute URL (RFC 3986).
fn resolve(base: &str, reference: &str) -> String {
    let reference = reference.trim_matches(|c: char| c <= ' ');
    let target = Parts::of(reference);
    let base = Parts::of(base);
    if target.scheme.is_some() {
        return reference.to_owned();
    }
    let scheme = base.scheme.map(|scheme| format!("{scheme}:")).unwrap_or_default();
    let authority = target.authority.or(base.authority).map(|authority| format!("//{authority}")).unwrap_or_default();
    let suffix = |query: Option<&str>, fragment: Option<&str>| {
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        query + &fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default()
    };
    if target.authority.is_none() && target.path.is_empty() {
        let query = target.query.or(base.query);
        return format!("{scheme}{authority}{}{}", base.path, suffix(query, target.fragment));
    }
    let path = if target.authority.is_some() || target.path.starts_with('/') {
        target.path.to_owned()
    } else {
        let folder = base.path.rfind('/').map_or("/", |slash| &base.path[..=slash]);
        format!("{folder}{}", target.path)
    };
    format!("{scheme}{authority}{}{}", without_dots(&path), suffix(target.query, target.fragment))
}

struct Parts<'u> {
    scheme: Option<&'u str>,
    authority: Option<&'u str>,
    path: &'u str,
    query: Option<&'u str>,
    fragment: Option<&'u str>,
}

impl<'u> Parts<'u> {
    fn of(url: &'u str) -> Parts<'u> {
        let (url, fragment) = url.split_once('#').map_or((url, None), |(url, fragment)| (url, Some(fragment)));
        let (url, query) = url.split_once('?').map_or((url, None), |(url, query)| (url, Some(query)));
        let is_scheme = |text: &str| {
            text.starts_with(|c: char| c.is_ascii_alphabetic())
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
        };
        let (scheme, rest) = match url.split_once(':') {
            Some((scheme, rest)) if is_scheme(scheme) => (Some(scheme), rest),
            _ => (None, url),
        };
        let (authority, path) = match rest.strip_prefix("//") {
            Some(rest) => {
                let end = rest.find('/').unwrap_or(rest.len());
                (Some(&rest[..end]), &rest[end..])
            }
            None => (None, rest),
        };
        Parts { scheme, authority, path, query, fragment }
    }
}

fn without_dots(path: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    let mut segments = path.split('/').peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." && out.len() > 1 {
                    out.pop();
                }
                if is_last {
                    out.push("");
                }
            }
            segment => out.push(segment),
        }
    }
    out.join("/")
}
