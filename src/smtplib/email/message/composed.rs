//! [`Composed`]: a message ready to send.

use std::sync::Arc;

/// The destination of a message that is written.
pub(super) trait Sink {
    /// Returns the text buffer, to append to.
    fn text(&mut self) -> &mut Vec<u8>;

    /// Appends bytes as base64, in lines of 76 characters.
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

/// A message ready to send: its text, and attachments as raw bytes that are encoded while sending.
/// So a large attachment is in memory once.
#[derive(Clone, Debug, Default)]
pub(in crate::smtplib) struct Composed {
    /// Text, and the attachment that follows it.
    done: Vec<(Vec<u8>, Arc<Vec<u8>>)>,
    /// The text after the last attachment.
    text: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
pub(in crate::smtplib) enum Segment<'a> {
    Text(&'a [u8]),
    /// To be encoded as lines of base64.
    Base64(&'a [u8]),
}

impl Composed {
    /// Returns true if the output is ASCII.
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
        // Small data is not worth a segment.
        if data.len() < 4096 {
            crate::smtplib::email::content::encode::base64_lines(data, linesep, &mut self.text);
        } else {
            self.done.push((std::mem::take(&mut self.text), data.clone()));
        }
    }
}
