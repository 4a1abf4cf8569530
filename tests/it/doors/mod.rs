//! Programs of other crates on leyden: their own beginnings, written anew, run through the doors in a World.

#[cfg(feature = "http")]
mod http;
#[cfg(feature = "lettre")]
mod lettre;
#[cfg(feature = "regex")]
mod regex;
#[cfg(feature = "reqwest")]
mod reqwest;
#[cfg(feature = "scraper")]
mod scraper;
#[cfg(feature = "serde")]
mod serde;
