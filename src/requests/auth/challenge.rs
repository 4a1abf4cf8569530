//! `WWW-Authenticate`: a list of challenges, RFC 9110 11.6.1.

/// A way to authenticate that the server offers.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Offer {
    pub(super) scheme: String,
    params: Vec<(String, String)>,
}

impl Offer {
    /// The value of a parameter; of a repeated one the last.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().rev().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// The challenges of one header line. The text of a quoted value is never taken for a challenge.
pub(super) fn parse(header: &str) -> Vec<Offer> {
    let mut offers: Vec<Offer> = Vec::new();
    let mut rest = header;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let (name, after) = token(rest);
        if name.is_empty() {
            // Not a list element: on with what follows the next comma.
            match value(rest).1.split_once(',') {
                Some((_, next)) => rest = next,
                None => return offers,
            }
            continue;
        }
        let spaced = after.trim_start_matches([' ', '\t']);
        if let (Some(text), Some(offer)) = (spaced.strip_prefix('='), offers.last_mut()) {
            let (text, after) = value(text.trim_start_matches([' ', '\t']));
            offer.params.push((name.to_owned(), text));
            rest = after;
        } else {
            offers.push(Offer { scheme: name.to_owned(), params: Vec::new() });
            rest = without_token68(spaced);
        }
    }
}

fn token(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c))).unwrap_or(text.len());
    text.split_at(end)
}

/// A quoted text without its quotes, or all up to the next comma; and what follows.
fn value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, rest) = text.split_at(text.find(',').unwrap_or(text.len()));
        return (value.trim_end().to_owned(), rest);
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(chars.next().map(|(_, c)| c)),
            c => value.push(c),
        }
    }
    (value, "")
}

/// `Negotiate oRkwF6ADCgEA==`: the one value without a name that a scheme can have.
fn without_token68(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "-._~+/".contains(c))).unwrap_or(text.len());
    let after = text[end..].trim_start_matches('=').trim_start_matches([' ', '\t']);
    // A name and its value, or another challenge, are followed by something else.
    if after.is_empty() || after.starts_with(',') { after } else { text }
}
