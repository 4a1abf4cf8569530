//! [`Payload`]: the body without the framing of `aws-chunked`, checked against its signature.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html>

use bytes::{Buf, Bytes, BytesMut};

use super::signature::{Seal, mismatch, sha256};
use super::{Request, not_modelled, refusal};
use crate::boto3::Result;
use crate::boto3::error::Error;

/// What came.
#[derive(Debug, Default)]
pub(super) struct Payload {
    pub(super) body: Bytes,
    /// Headers that came after the body: its checksum.
    pub(super) trailers: Trailers,
}

/// Names in lower case, and values.
type Trailers = Vec<(String, String)>;

fn incomplete() -> Error {
    let message = "The request body terminated unexpectedly";
    refusal(400, "IncompleteBody", message)
}

impl Payload {
    /// Reads the body as the request says it is sent. Chunks that are signed are checked where the signer's key is known.
    pub(super) fn receive(request: &Request, seal: Option<&Seal>) -> Result<Payload> {
        let whole = || Payload { body: request.body.clone(), trailers: Vec::new() };
        let payload = match request.header("x-amz-content-sha256") {
            None | Some("UNSIGNED-PAYLOAD") => whole(),
            Some("STREAMING-UNSIGNED-PAYLOAD-TRAILER") => chunks(request.body.clone(), None)?,
            Some("STREAMING-AWS4-HMAC-SHA256-PAYLOAD" | "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER") => {
                chunks(request.body.clone(), seal)?
            }
            Some(other) if other.starts_with("STREAMING-") => return Err(not_modelled(other)),
            Some(hash) => {
                if !hash.eq_ignore_ascii_case(&sha256(&request.body)) {
                    let message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
                    return Err(refusal(400, "XAmzContentSHA256Mismatch", message));
                }
                whole()
            }
        };
        let announced = request.header("x-amz-decoded-content-length").map(str::parse::<usize>);
        match announced {
            Some(Ok(announced)) if announced != payload.body.len() => Err(incomplete()),
            Some(Err(_)) => Err(refusal(400, "InvalidArgument", "invalid value of x-amz-decoded-content-length")),
            _ => Ok(payload),
        }
    }
}

/// A line without its end.
fn line(rest: &mut Bytes) -> Result<String> {
    let end = rest.windows(2).position(|pair| pair == b"\r\n").ok_or_else(incomplete)?;
    let line = rest.split_to(end);
    rest.advance(2);
    String::from_utf8(line.to_vec()).map_err(|_| incomplete())
}

/// `size;chunk-signature=..`, the bytes, and so on until a size of zero; then the trailers.
fn chunks(mut rest: Bytes, seal: Option<&Seal>) -> Result<Payload> {
    let (mut first, mut body) = (Bytes::new(), BytesMut::new());
    let mut previous = seal.map(|seal| seal.signature.clone());
    loop {
        let head = line(&mut rest)?;
        let (size, extension) = head.split_once(';').unwrap_or((&head, ""));
        let size = usize::from_str_radix(size.trim(), 16).map_err(|_| incomplete())?;
        if size > rest.len() {
            return Err(incomplete());
        }
        let chunk = rest.split_to(size);
        if let (Some(seal), Some(before)) = (seal, &mut previous) {
            let sent = extension.trim().strip_prefix("chunk-signature=").unwrap_or_default();
            let expected = seal.chunk(before, &chunk);
            if sent != expected {
                return Err(mismatch());
            }
            *before = expected;
        }
        if size == 0 {
            break;
        }
        if !rest.starts_with(b"\r\n") {
            return Err(incomplete());
        }
        rest.advance(2);
        match first.is_empty() {
            true => first = chunk,
            false => body.extend_from_slice(&chunk),
        }
    }
    let body = if body.is_empty() { first } else { [first, body.freeze()].concat().into() };
    let (trailers, signature) = trailers(&mut rest)?;
    if let (Some(seal), Some(before)) = (seal, &previous)
        && (!trailers.is_empty() || signature.is_some())
        && signature.as_deref() != Some(&seal.trailers(before, &trailers))
    {
        return Err(mismatch());
    }
    Ok(Payload { body, trailers })
}

/// The trailing headers, and their signature.
fn trailers(rest: &mut Bytes) -> Result<(Trailers, Option<String>)> {
    let (mut trailers, mut signature) = (Vec::new(), None);
    while !rest.is_empty() {
        let line = line(rest)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or_else(incomplete)?;
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim().to_owned());
        match name.as_str() {
            "x-amz-trailer-signature" => signature = Some(value),
            _ => trailers.push((name, value)),
        }
    }
    Ok((trailers, signature))
}
