//! [`Signature`]: a signature of version 4 in a URL or a form.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};
use aws_sigv4::sign::v4;

use super::address::Target;
use super::{Request, refusal};
use crate::boto3::Result;
use crate::boto3::backend::ClientConfig;
use crate::boto3::error::Error;
use crate::boto3::s3::presign::keys;

pub(super) const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const WEEK: u64 = 604_800;

/// The signature parameters of a URL.
#[derive(Debug)]
pub(super) struct Signature<'a> {
    credential: Credential<'a>,
    date: &'a str,
    signed_at: SystemTime,
    expires: Duration,
    headers: Vec<&'a str>,
    signature: &'a str,
}

/// `key/20260101/eu-west-1/s3/aws4_request`
#[derive(Clone, Copy, Debug)]
pub(super) struct Credential<'a> {
    pub(super) key_id: &'a str,
    scope: &'a str,
    region: &'a str,
}

impl<'a> Credential<'a> {
    pub(super) fn parse(text: &'a str) -> Option<Credential<'a>> {
        let (key_id, scope) = text.split_once('/')?;
        let parts: Vec<&str> = scope.split('/').collect();
        match parts.as_slice() {
            [_, region, "s3", "aws4_request"] => Some(Credential { key_id, scope, region }),
            _ => None,
        }
    }

    /// Returns the signature of a text with this key on that day.
    pub(super) fn sign(&self, signer: &ClientConfig, day: SystemTime, text: &str) -> String {
        let secret = keys(signer).map(|keys| keys.secret_access_key().to_owned()).unwrap_or_default();
        v4::calculate_signature(v4::generate_signing_key(&secret, day, self.region, "s3"), text.as_bytes())
    }

    /// Returns the client's settings, with the signed region.
    pub(super) fn config(&self, signer: &ClientConfig) -> ClientConfig {
        ClientConfig { region_name: Some(self.region.to_owned()), ..signer.clone() }
    }
}

/// `20260101T000000Z`
pub(super) fn date(text: &str) -> Option<SystemTime> {
    let part = |from, to| text.get(from..to);
    let (day, time) = ([part(0, 4)?, part(4, 6)?, part(6, 8)?].join("-"), [part(9, 11)?, part(11, 13)?, part(13, 15)?].join(":"));
    let date = DateTime::from_str(&format!("{day}T{time}Z"), DateTimeFormat::DateTime).ok()?;
    SystemTime::try_from(date).ok().filter(|_| text.len() == 16)
}

pub(super) fn mismatch() -> Error {
    let message =
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.";
    refusal(403, "SignatureDoesNotMatch", message)
}

impl<'a> Signature<'a> {
    /// Returns `None` if the URL is not signed.
    pub(super) fn of(target: &'a Target) -> Result<Option<Signature<'a>>> {
        let bad = |message: &str| refusal(400, "AuthorizationQueryParametersError", message);
        if !target.query.iter().any(|(name, _)| name.starts_with("X-Amz-")) {
            return Ok(None);
        }
        let missing = "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.";
        let parameter = |name| target.parameter(name).ok_or_else(|| bad(missing));
        if parameter("X-Amz-Algorithm")? != ALGORITHM {
            return Err(bad("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\""));
        }
        let credential = Credential::parse(parameter("X-Amz-Credential")?).ok_or_else(|| {
            bad("Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".")
        })?;
        let at = parameter("X-Amz-Date")?;
        let malformed = "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"";
        let expires: u64 = parameter("X-Amz-Expires")?.parse().map_err(|_| bad("X-Amz-Expires should be a number"))?;
        if expires > WEEK {
            return Err(bad(
                "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds",
            ));
        }
        Ok(Some(Signature {
            credential,
            date: at,
            signed_at: date(at).ok_or_else(|| bad(malformed))?,
            expires: Duration::from_secs(expires),
            headers: parameter("X-Amz-SignedHeaders")?.split(';').collect(),
            signature: parameter("X-Amz-Signature")?,
        }))
    }

    pub(super) fn key_id(&self) -> &'a str {
        self.credential.key_id
    }

    /// Returns the settings of the client that signed, if the signature is valid and not expired.
    pub(super) fn check(
        &self,
        request: &Request,
        target: &Target,
        signer: &ClientConfig,
        now: SystemTime,
    ) -> Result<ClientConfig> {
        if now > self.signed_at + self.expires {
            return Err(refusal(403, "AccessDenied", "Request has expired"));
        }
        let canonical = self.canonical(request, target);
        let text = format!("{ALGORITHM}\n{}\n{}\n{}", self.date, self.credential.scope, sha256(&canonical));
        if self.credential.sign(signer, self.signed_at, &text) != self.signature {
            return Err(mismatch());
        }
        // The holder of the URL must not add headers that the signer did not sign.
        let unsigned = |name: &str| name.starts_with("x-amz-") && name != "x-amz-content-sha256" && !self.headers.contains(&name);
        if request.headers.iter().any(|(name, _)| unsigned(&name.to_ascii_lowercase())) {
            return Err(refusal(403, "AccessDenied", "There were headers present in the request which were not signed"));
        }
        Ok(self.credential.config(signer))
    }

    fn canonical(&self, request: &Request, target: &Target) -> String {
        let signed = target.query.iter().filter(|(name, _)| name != "X-Amz-Signature");
        let mut pairs: Vec<String> =
            signed.map(|(name, value)| format!("{}={}", quoted(name, false), quoted(value, false))).collect();
        pairs.sort();
        let mut headers = String::new();
        for name in &self.headers {
            let own = (*name == "host").then_some(target.host.as_str());
            let values: Vec<&str> =
                request.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).collect();
            let value = if values.is_empty() { own.unwrap_or_default().to_owned() } else { values.join(",") };
            // Writing to a String does not fail.
            let _ = writeln!(headers, "{name}:{value}");
        }
        let (path, query, signed) = (quoted(&target.path, true), pairs.join("&"), self.headers.join(";"));
        format!("{}\n{path}\n{query}\n{headers}\n{signed}\nUNSIGNED-PAYLOAD", request.method)
    }
}

/// Quotes for signatures: all but letters, digits, `-._~`, and slashes in a path.
fn quoted(text: &str, path: bool) -> String {
    let mut quoted = String::new();
    for byte in text.bytes() {
        match byte {
            b'/' if path => quoted.push('/'),
            b'-' | b'.' | b'_' | b'~' => quoted.push(byte.into()),
            _ if byte.is_ascii_alphanumeric() => quoted.push(byte.into()),
            // Writing to a String does not fail.
            _ => drop(write!(quoted, "%{byte:02X}")),
        }
    }
    quoted
}

fn sha256(text: &str) -> String {
    let mut engine = aws_smithy_checksums::ChecksumAlgorithm::Sha256.into_impl();
    engine.update(text.as_bytes());
    engine.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
