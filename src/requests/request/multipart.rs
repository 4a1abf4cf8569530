//! `multipart/form-data` as `urllib3.encode_multipart_formdata` writes it, but streamed: files are
//! never loaded into memory.

use std::io::Read;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use bytes::Bytes;

use super::body::Stream;
use super::form::Form;
use crate::os::Os;
use crate::requests::error::{Error, Result};
use crate::requests::headers::Headers;

/// A file in a form. Its methods are the fields of Python's tuple `(filename, data, content_type,
/// headers)`.
#[derive(Debug)]
pub struct Part {
    /// Bytes, because a file name need not be UTF-8.
    filename: Option<Vec<u8>>,
    is_field: bool,
    data: PartData,
    content_type: Option<String>,
    headers: Headers,
}

enum PartData {
    Bytes(Bytes),
    File(PathBuf),
    Reader(std::sync::Mutex<Option<Box<dyn Read + Send>>>, Option<u64>),
}

impl Part {
    /// Creates a part from memory. Its file name is the field's name, as in Python.
    pub fn bytes(data: impl Into<Bytes>) -> Part {
        Part::new(PartData::Bytes(data.into()))
    }

    /// Creates a field with a type or headers of its own that is not a file: Python's `(None, data,
    /// type)`. It is sent without a file name.
    pub fn field(data: impl Into<Bytes>) -> Part {
        Part { is_field: true, ..Part::bytes(data) }
    }

    /// Creates a part from a file, read while it is sent. Its file name is the last component of
    /// the path.
    pub fn file(path: impl Into<PathBuf>) -> Part {
        let path = path.into();
        let name = path.file_name().map(|name| name.as_bytes().to_vec());
        Part { filename: name, ..Part::new(PartData::File(path)) }
    }

    /// Creates a part from a reader, which can be sent once. With its length the request has a
    /// Content-Length, otherwise it is chunked.
    pub fn reader(reader: impl Read + Send + 'static, len: Option<u64>) -> Part {
        Part::new(PartData::Reader(std::sync::Mutex::new(Some(Box::new(reader))), len))
    }

    fn new(data: PartData) -> Part {
        Part { filename: None, is_field: false, data, content_type: None, headers: Headers::new() }
    }

    /// Sets the file name.
    #[must_use]
    pub fn filename(mut self, name: impl Into<String>) -> Part {
        self.filename = Some(name.into().into_bytes());
        self.is_field = false;
        self
    }

    /// Sets the Content-Type. Default: none.
    #[must_use]
    pub fn content_type(mut self, content_type: impl Into<String>) -> Part {
        self.content_type = Some(content_type.into());
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Part {
        self.headers.insert(name, value.into());
        self
    }
}

impl From<&str> for Part {
    fn from(text: &str) -> Part {
        Part::bytes(text.to_owned())
    }
}

impl From<Vec<u8>> for Part {
    fn from(data: Vec<u8>) -> Part {
        Part::bytes(data)
    }
}

impl std::fmt::Debug for PartData {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            PartData::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            PartData::File(path) => write!(f, "{}", path.display()),
            PartData::Reader(_, len) => write!(f, "a reader ({len:?} bytes)"),
        }
    }
}

/// Returns the body and its Content-Type: the form's fields first, then the files.
pub(in crate::requests) fn encode(os: &Os, fields: &Form, files: &[(String, Part)], boundary: &str) -> Result<(Stream, String)> {
    let mut body = Stream::default();
    for (name, value) in fields.flat() {
        let mut field = disposition(boundary, name);
        field.extend_from_slice(b"\r\n\r\n");
        field.extend_from_slice(value);
        field.extend_from_slice(b"\r\n");
        body.push_bytes(field);
    }
    for (name, part) in files {
        let mut head = disposition(boundary, name);
        if !part.is_field {
            head.extend_from_slice(b"; ");
            head.extend(parameter("filename", part.filename.as_deref().unwrap_or(name.as_bytes())));
        }
        head.extend_from_slice(b"\r\n");
        if let Some(content_type) = &part.content_type {
            crate::requests::headers::check_header_validity("Content-Type", content_type)?;
            head.extend_from_slice(format!("Content-Type: {content_type}\r\n").as_bytes());
        }
        for (name, value) in &part.headers {
            crate::requests::headers::check_header_validity(name, value)?;
            head.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        head.extend_from_slice(b"\r\n");
        body.push_bytes(head);
        match &part.data {
            PartData::Bytes(bytes) => body.push_bytes(bytes.clone()),
            PartData::File(path) => {
                body.push_file(os, path.clone()).map_err(|source| Error::File { what: "reading a file to upload", source })?;
            }
            PartData::Reader(reader, len) => {
                let taken = reader.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
                body.push_reader(taken.ok_or(Error::StreamConsumed)?, *len);
            }
        }
        body.push_bytes("\r\n");
    }
    body.push_bytes(format!("--{boundary}--\r\n"));
    Ok((body, format!("multipart/form-data; boundary={boundary}")))
}

fn disposition(boundary: &str, name: &str) -> Vec<u8> {
    let mut head = format!("--{boundary}\r\nContent-Disposition: form-data; ").into_bytes();
    head.extend(parameter("name", name.as_bytes()));
    head
}

/// Escapes as browsers do, so that a quote, a line break or a NUL cannot end the name.
fn parameter(name: &str, value: &[u8]) -> Vec<u8> {
    let mut text = format!("{name}=\"").into_bytes();
    for &byte in value {
        match byte {
            b'\n' | b'\r' | b'"' | 0 => text.extend_from_slice(format!("%{byte:02X}").as_bytes()),
            byte => text.push(byte),
        }
    }
    text.push(b'"');
    text
}
