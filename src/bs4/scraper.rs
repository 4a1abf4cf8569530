//! The door to the scraper crate: its trees as documents, documents as its trees, and its selectors.

use super::builder::{from_tree, to_tree};
use super::css::{IntoSelector, Selector};
use super::error::Error;
use super::tree::doc::MAX_MARKUP;
use super::{BeautifulSoup, TreeBuilder};
use scraper::Html;
use scraper::selector::ToCss as _;

impl TryFrom<&Html> for BeautifulSoup {
    type Error = Error;

    /// The document that scraper has parsed. Of a fragment, the contents without the `html` tag that scraper puts around them.
    ///
    /// Its tags have no position. scraper sorts attributes by name, unless its feature `deterministic` is on, and parses as if scripts were run,
    /// so what is in `noscript` in the head is text.
    ///
    /// ```
    /// use leyden::bs4::BeautifulSoup;
    /// let html = scraper::Html::parse_document("<ul><li>Foo<li class=on>Bar</ul>");
    /// let soup = BeautifulSoup::try_from(&html)?;
    /// assert_eq!(soup.select_one("li.on")?.unwrap().text(), "Bar");
    /// # Ok::<(), leyden::bs4::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::ParserRejectedMarkup`] for more than 1 GiB of text and attributes.
    fn try_from(html: &Html) -> Result<BeautifulSoup, Error> {
        let size: usize = html
            .tree
            .values()
            .map(|node| match node {
                scraper::Node::Text(text) => text.len(),
                scraper::Node::Comment(comment) => comment.len(),
                scraper::Node::Element(element) => 16 + element.attrs.iter().map(|(_, value)| 16 + value.len()).sum::<usize>(),
                _ => 16,
            })
            .sum();
        if size > MAX_MARKUP {
            return Err(Error::ParserRejectedMarkup { reason: format!("{size} bytes are more than 1 GiB") });
        }
        Ok(TreeBuilder::html().built(from_tree(html)))
    }
}

impl TryFrom<Html> for BeautifulSoup {
    type Error = Error;

    /// The same.
    fn try_from(html: Html) -> Result<BeautifulSoup, Error> {
        BeautifulSoup::try_from(&html)
    }
}

impl From<&BeautifulSoup> for Html {
    /// The document as a tree of scraper, for code that searches there.
    fn from(soup: &BeautifulSoup) -> Html {
        to_tree(soup.root())
    }
}

impl IntoSelector for &scraper::Selector {
    /// The selector as text, parsed again: [`css`](super::css) selects, so the answers are those of soupsieve.
    ///
    /// DIFFERENCE: `:empty` fits a tag that holds white space only, and what is in a `template` is not selected.
    fn into_selector(self) -> Result<Selector, Error> {
        Selector::new(&self.to_css_string())
    }
}

impl IntoSelector for scraper::Selector {
    fn into_selector(self) -> Result<Selector, Error> {
        (&self).into_selector()
    }
}
