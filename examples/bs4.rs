//! Reads a page, asks it questions, edits it and prints it: Beautiful Soup's quick start, in Rust.
//!
//! Run it with `cargo run --example bs4 --features bs4`.
#![allow(clippy::print_stdout)]

use leyden::bs4::{BeautifulSoup, Error, Formatter, NewTag, SoupStrainer, Tag, string};

const PAGE: &str = r#"<!DOCTYPE html><title>The Dormouse's story</title>
<p class="title"><b>The Dormouse's story</b></p>
<p class="story">Once upon a time there were three little sisters; and their names were
<a href="/elsie" class="sister" id="link1">Elsie</a>,
<a href="/lacie" class="sister" id="link2">Lacie</a> and
<a href="/tillie" class="sister" id="link3">Tillie</a>;
and they lived at the bottom of a well.</p>
<table><tr><th>Name<th>Age<tr><td>Elsie<td>9<tr><td>Lacie<td>8</table>
<script>track()</script>"#;

fn main() -> Result<(), Error> {
    let soup = BeautifulSoup::new(PAGE);

    println!("the title: {:?}", soup.find("title").and_then(Tag::string));
    for link in soup.find_all(SoupStrainer::new("a").class_("sister")) {
        println!("{} is at {:?}", link.text(), link.get("href"));
    }
    println!("links, absolute: {:?}", soup.links("https://example.com/wonderland/"));
    println!("the second sister: {:?}", soup.select_one("p.story > a:nth-of-type(2)")?);
    println!("a string's tag: {:?}", soup.find(string("Lacie")).and_then(|text| text.parent()).map(Tag::name));
    if let Some(table) = soup.table("table")? {
        println!("the table: {:?} {:?}", table.header, table.rows);
    }

    // Handles are Copy and edit through a shared reference: remove, wrap and add while walking.
    for script in soup.find_all("script") {
        script.decompose();
    }
    for link in soup.find_all("a") {
        link.set("rel", "nofollow");
        link.wrap(soup.new_tag("em"))?;
    }
    if let Some(story) = soup.select_one("p.story")? {
        story.append(soup.new_tag(NewTag::new("a").attr("href", "/more").string("More …")))?;
        println!("\nafter the edits:\n{}", story.prettify_with(Formatter::html().indent(2)));
    }
    Ok(())
}
