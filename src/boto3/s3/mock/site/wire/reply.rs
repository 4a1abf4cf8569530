//! [`Reply`]: an answer in the making.

use std::collections::HashMap;

use aws_sdk_s3::primitives::{ByteStream, DateTime, DateTimeFormat};
use bytes::{Bytes, BytesMut};

use super::super::Response;
use super::text::ToText;
use super::xml::{ToXml, Xml};

pub(in crate::boto3::s3::mock::site) const HTTP_DATE: DateTimeFormat = DateTimeFormat::HttpDate;

#[derive(Debug)]
pub(in crate::boto3::s3::mock::site) struct Reply(Response);

impl Reply {
    pub(in crate::boto3::s3::mock::site) fn new(status: u16) -> Reply {
        Reply(Response::new(status, Vec::new()))
    }

    pub(in crate::boto3::s3::mock::site) fn end(self) -> Response {
        self.0
    }

    fn put(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.headers.push((name.into(), value.into()));
    }

    /// 206 where the answer is a range of the object.
    pub(super) fn partial(&mut self, partial: bool) {
        if partial {
            self.0.status = 206;
        }
    }

    pub(in crate::boto3::s3::mock::site) fn header<T: ToText>(&mut self, name: &str, value: Option<&T>) {
        if let Some(value) = value {
            self.put(name, value.to_text());
        }
    }

    /// Takes back the headers whose names begin so.
    pub(super) fn without(&mut self, prefix: &str) {
        self.0.headers.retain(|(name, _)| !name.starts_with(prefix));
    }

    pub(super) fn date(&mut self, name: &str, date: Option<&DateTime>, format: DateTimeFormat) {
        if let Some(date) = date.and_then(|date| date.fmt(format).ok()) {
            self.put(name, date);
        }
    }

    /// User metadata. In order, so that answers are the same in each run.
    pub(super) fn prefixed(&mut self, prefix: &str, values: Option<&HashMap<String, String>>) {
        let mut values: Vec<_> = values.into_iter().flatten().collect();
        values.sort();
        for (name, value) in values {
            self.put(format!("{prefix}{name}"), value.as_str());
        }
    }

    pub(super) fn xml(&mut self, root: &str, content: impl FnOnce(&mut Xml)) {
        self.put("Content-Type", "application/xml");
        self.0.body = Xml::document(root, content).into();
    }

    /// A shape that is the whole document.
    pub(super) fn document<T: ToXml>(&mut self, root: &str, shape: Option<&T>) {
        if let Some(shape) = shape {
            self.xml(root, |xml| shape.to_xml(xml));
        }
    }

    /// The same, where no value is an empty document.
    pub(super) fn document_or_empty<T: ToXml>(&mut self, root: &str, shape: Option<&T>) {
        self.xml(root, |xml| shape.into_iter().for_each(|shape| shape.to_xml(xml)));
    }

    /// A text that is the whole body: a policy.
    pub(super) fn text(&mut self, text: Option<&String>) {
        self.put("Content-Type", "application/json");
        self.0.body = text.cloned().unwrap_or_default().into();
    }

    /// An object's bytes.
    pub(super) async fn stream(&mut self, body: ByteStream) {
        (self.0.body, self.0.broken) = read(body).await;
    }
}

/// The bytes, and whether the body broke off after them.
async fn read(mut body: ByteStream) -> (Bytes, bool) {
    let (mut first, mut read) = (Bytes::new(), BytesMut::new());
    loop {
        match body.next().await {
            // A body in one piece, which is the rule, is not copied.
            Some(Ok(bytes)) if first.is_empty() && read.is_empty() => first = bytes,
            Some(Ok(bytes)) => {
                if read.is_empty() {
                    read.extend_from_slice(&std::mem::take(&mut first));
                }
                read.extend_from_slice(&bytes);
            }
            end => return (if read.is_empty() { first } else { read.freeze() }, end.is_some()),
        }
    }
}
