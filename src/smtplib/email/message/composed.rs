//! [`Composed`]: a message ready to go out.

use std::sync::Arc;

/// Where a message is written to.
pub(super) trait Sink {
    /// What was written last: text goes to its end.
    fn text(&mut self) -> &mut Vec<u8>;

    /// Bytes as base64, in lines of 76 characters.
    fn base64(&mut self, data: &Arc<Vec<u8>>, linesep: &str);
}

impl Sink for Vec<u8> {
    fn text(&mut self) -> &mut Vec<u8> {
        self
    }

    fn base64(&mut self, data: &Arc<Vec<u8>>, linesep: &str) {
        crate::smtplib::email::content::encode::base64_lines(data, linesep, self);
    }
}

/// A message ready to go out: its text as it is, and attachments as the bytes that they are, to be encoded on the way. So a large one is in memory once.
#[derive(Clone, Debug, Default)]
pub(in crate::smtplib) struct Composed {
    /// Text, and the attachment behind it.
    done: Vec<(Vec<u8>, Arc<Vec<u8>>)>,
    /// The text behind the last attachment.
    text: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
pub(in crate::smtplib) enum Segment<'a> {
    Text(&'a [u8]),
    /// To be base64 in lines.
    Base64(&'a [u8]),
}

impl Composed {
    /// True if it goes out as ASCII.
    pub(in crate::smtplib) fn is_ascii(&self) -> bool {
        self.done.iter().all(|(text, _)| text.is_ascii()) && self.text.is_ascii()
    }

    pub(in crate::smtplib) fn segments(&self) -> Vec<Segment<'_>> {
        let done = self.done.iter().flat_map(|(text, data)| [Segment::Text(text), Segment::Base64(data)]);
        done.chain([Segment::Text(&self.text)]).collect()
    }
}

impl From<Vec<u8>> for Composed {
    fn from(text: Vec<u8>) -> Composed {
        Composed { done: Vec::new(), text }
    }
}

impl Sink for Composed {
    fn text(&mut self) -> &mut Vec<u8> {
        &mut self.text
    }

    fn base64(&mut self, data: &Arc<Vec<u8>>, linesep: &str) {
        // What is small is not worth a segment.
        if data.len() < 4096 {
            crate::smtplib::email::content::encode::base64_lines(data, linesep, &mut self.text);
        } else {
            self.done.push((std::mem::take(&mut self.text), data.clone()));
        }
    }
}
