//! `WWW-Authenticate`: a list of challenges, RFC 9110 11.6.1.

/// An authentication scheme that the server offers.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Offer {
    pub(super) scheme: String,
    params: Vec<(String, String)>,
}

impl Offer {
    /// Returns the value of a parameter; the last one if it is repeated.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().rev().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// Parses the challenges of one header. A quoted value is never parsed as a challenge.
pub(super) fn parse(header: &str) -> Vec<Offer> {
    let mut offers: Vec<Offer> = Vec::new();
    let mut rest = header;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let (name, after) = token(rest);
        if name.is_empty() {
            // Not a list element: continue after the next comma.
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

/// Returns a quoted text without its quotes, or the text up to the next comma; and the rest.
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

/// Skips `Negotiate oRkwF6ADCgEA==`: a scheme's single value without a name.
fn without_token68(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "-._~+/".contains(c))).unwrap_or(text.len());
    let after = text[end..].trim_start_matches('=').trim_start_matches([' ', '\t']);
    // A name with a value, or another challenge, is followed by other text.
    if after.is_empty() || after.starts_with(',') { after } else { text }
}
