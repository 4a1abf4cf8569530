//! [`Asked`]: a request that was admitted, and what its operation reads of it.

use std::collections::HashMap;

use aws_sdk_s3::primitives::{ByteStream, DateTime, DateTimeFormat};
use aws_sdk_s3::types::ChecksumAlgorithm;

use super::super::objects::checksums::{check_md5, full};
use super::super::refusal::Refusal;
use super::address::Target;
use super::payload::Payload;
use super::wire::{Element, FromText, FromXml, HTTP_DATE, Malformed, Route};
use super::{Connected, Request, not_modelled, refusal};
use crate::boto3::Result;
use crate::boto3::error::Error;

/// A request, admitted.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) request: &'a Request,
    pub(super) target: &'a Target,
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) s3: Connected,
    pub(super) payload: Payload,
}

/// Headers of Amazon's that every request may have: of signatures, of framing, of SDKs.
const EVERYWHERE: &[&str] = &[
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-decoded-content-length",
    "x-amz-expected-bucket-owner",
    "x-amz-request-payer",
    "x-amz-sdk-checksum-algorithm",
    "x-amz-security-token",
    "x-amz-trailer",
    "x-amz-user-agent",
];

/// The checksums that a document's sender may have computed.
const CHECKSUMS: &[(&str, ChecksumAlgorithm)] = &[
    ("x-amz-checksum-crc32", ChecksumAlgorithm::Crc32),
    ("x-amz-checksum-crc32c", ChecksumAlgorithm::Crc32C),
    ("x-amz-checksum-crc64nvme", ChecksumAlgorithm::Crc64Nvme),
    ("x-amz-checksum-sha1", ChecksumAlgorithm::Sha1),
    ("x-amz-checksum-sha256", ChecksumAlgorithm::Sha256),
];

fn invalid(name: &str, text: &str) -> Error {
    refusal(400, "InvalidArgument", format!("invalid value of {name}: {text}"))
}

impl From<Malformed> for Error {
    fn from(_: Malformed) -> Error {
        let malformed = Refusal::malformed_xml();
        refusal(400, malformed.code(), malformed.message())
    }
}

/// What the service would refuse before it asks which operation it is.
fn refused(why: Refusal) -> Error {
    match why {
        Refusal::Service { status, code, message } => refusal(status, code, message),
        other => refusal(501, other.code(), other.message()),
    }
}

impl Asked<'_> {
    pub(super) fn bucket(&self) -> Option<String> {
        Some(self.bucket.clone())
    }

    pub(super) fn key(&self) -> Option<String> {
        Some(self.key.clone())
    }

    /// The value of a header, of a trailer, or of a header that a signer has put into the query.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let in_trailers = || self.payload.trailers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        let in_query = || self.target.query.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        let movable = name.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("x-amz-")) || name == "Content-MD5";
        self.request
            .header(name)
            .or_else(|| in_trailers().or_else(|| in_query().filter(|_| movable)).map(|(_, value)| value.as_str()))
    }

    pub(super) fn header<T: FromText>(&self, name: &str) -> Result<Option<T>> {
        let own;
        let text = match name {
            // These describe the body as it is sent; the operations read of the body as it is.
            "Content-Length" => {
                own = self.payload.body.len().to_string();
                self.value(name).map(|_| own.as_str())
            }
            "Content-Encoding" => {
                let encodings = self.value(name).unwrap_or_default().split(',').map(str::trim);
                own =
                    encodings.filter(|encoding| !encoding.is_empty() && *encoding != "aws-chunked").collect::<Vec<_>>().join(",");
                (!own.is_empty()).then_some(own.as_str())
            }
            name => self.value(name),
        };
        text.map(|text| T::from_text(text).ok_or_else(|| invalid(name, text))).transpose()
    }

    pub(super) fn parameter<T: FromText>(&self, name: &str) -> Result<Option<T>> {
        let Some(text) = self.target.parameter(name) else { return Ok(None) };
        let wrong = || refusal(400, "InvalidArgument", format!("Provided {name} not an integer or within integer range"));
        T::from_text(text).map(Some).ok_or_else(wrong)
    }

    pub(super) fn header_list<T: FromText>(&self, name: &str) -> Result<Option<Vec<T>>> {
        let lines =
            self.request.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str());
        let items = lines.flat_map(|line| line.split(',')).map(str::trim).filter(|item| !item.is_empty());
        let items: Vec<T> = items.map(|item| T::from_text(item).ok_or_else(|| invalid(name, item))).collect::<Result<_>>()?;
        Ok((!items.is_empty()).then_some(items))
    }

    /// A condition with a date that is not one does not count (RFC 9110, section 13.1).
    pub(super) fn header_date(&self, name: &str, format: DateTimeFormat) -> Result<Option<DateTime>> {
        date(name, self.value(name), format)
    }

    pub(super) fn parameter_date(&self, name: &str, format: DateTimeFormat) -> Result<Option<DateTime>> {
        date(name, self.target.parameter(name), format)
    }

    /// User metadata.
    pub(super) fn prefixed(&self, prefix: &str) -> Option<HashMap<String, String>> {
        let mut found = HashMap::<String, String>::new();
        for (name, value) in self.request.headers.iter().chain(&self.target.query) {
            let start = name.get(..prefix.len()).filter(|start| start.eq_ignore_ascii_case(prefix));
            let Some(rest) = start.and_then(|_| name.get(prefix.len()..)) else { continue };
            let held = found.entry(rest.to_ascii_lowercase()).or_default();
            *held = if held.is_empty() { value.clone() } else { format!("{held},{value}") };
        }
        (!found.is_empty()).then_some(found)
    }

    /// The body as a document with this root; None if there is no body.
    pub(super) fn document<T: FromXml>(&self, root: &str) -> Result<Option<T>> {
        if self.payload.body.is_empty() {
            return Ok(None);
        }
        self.check_document()?;
        let element = Element::parse(&self.payload.body)?;
        if element.name() != root {
            return Err(Malformed.into());
        }
        Ok(Some(T::from_xml(&element)?))
    }

    /// The body as a text: a policy.
    pub(super) fn text(&self) -> Result<Option<String>> {
        self.check_document()?;
        let text = String::from_utf8(self.payload.body.to_vec());
        let not_json = |_| refusal(400, "MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'");
        text.map(|text| (!text.is_empty()).then_some(text)).map_err(not_json)
    }

    /// The body as an object's bytes. Its checksums are the operation's to check.
    pub(super) fn body(&self) -> ByteStream {
        self.payload.body.clone().into()
    }

    /// A document is what its sender's checksums say.
    fn check_document(&self) -> Result<()> {
        let body = &self.payload.body;
        if let Some(sent) = self.value("Content-MD5") {
            check_md5(sent, body).map_err(refused)?;
        }
        for (name, algorithm) in CHECKSUMS {
            let Some(sent) = self.value(name) else { continue };
            if full(algorithm, body).map_err(refused)?.value != sent {
                let what = algorithm.as_str();
                return Err(refusal(
                    400,
                    "BadDigest",
                    format!("The {what} you specified did not match the calculated checksum."),
                ));
            }
        }
        Ok(())
    }

    /// Fails if a header of Amazon's asks for what the operation does not read.
    pub(super) fn known(&self, route: &Route) -> Result<()> {
        let unknown = |name: &str| {
            let name = name.to_ascii_lowercase();
            let known = route.known.iter().any(|known| name == *known || (known.ends_with('-') && name.starts_with(known)));
            name.starts_with("x-amz-") && !known && !EVERYWHERE.contains(&name.as_str()) && !name.starts_with("x-amz-checksum-")
        };
        match self.request.headers.iter().find(|(name, _)| unknown(name)) {
            Some((name, _)) => Err(not_modelled(name)),
            None => Ok(()),
        }
    }
}

fn date(name: &str, text: Option<&str>, format: DateTimeFormat) -> Result<Option<DateTime>> {
    let Some(text) = text else { return Ok(None) };
    match DateTime::from_str(text, format) {
        Ok(date) => Ok(Some(date)),
        Err(_) if format == HTTP_DATE => Ok(None),
        Err(_) => Err(invalid(name, text)),
    }
}
