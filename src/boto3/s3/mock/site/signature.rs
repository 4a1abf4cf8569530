//! [`Signature`]: signature version 4 in a URL, in a header, or of a form.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html>

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};
use aws_sigv4::sign::v4;

use super::address::Target;
use super::{Request, refusal};
use crate::boto3::Result;
use crate::boto3::backend::{ClientConfig, Credentials};
use crate::boto3::error::Error;
use crate::boto3::s3::presign::keys;

pub(super) const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const WEEK: u64 = 604_800;
/// How far the clocks of client and service may be apart.
const SKEW: Duration = Duration::from_secs(15 * 60);
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// What a request says of its signature.
#[derive(Debug)]
pub(super) struct Signature<'a> {
    pub(super) credential: Credential<'a>,
    date: &'a str,
    signed_at: SystemTime,
    place: Place,
    headers: Vec<&'a str>,
    signature: &'a str,
    payload: &'a str,
}

/// Where the signature is, and for how long it holds.
#[derive(Debug)]
enum Place {
    Url { expires: Duration },
    Header,
}

/// What signs the chunks of a body: each signature covers the one before it.
#[derive(Debug)]
pub(super) struct Seal {
    key: SigningKey,
    date: String,
    scope: String,
    /// The request's own, which the first chunk's covers.
    pub(super) signature: String,
}

/// A key for one day, region and service.
struct SigningKey(Vec<u8>);

/// Without the key.
impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

impl Seal {
    fn sign(&self, text: &str) -> String {
        v4::calculate_signature(&self.key.0, text.as_bytes())
    }

    pub(super) fn chunk(&self, before: &str, chunk: &[u8]) -> String {
        let (date, scope) = (&self.date, &self.scope);
        self.sign(&format!("{ALGORITHM}-PAYLOAD\n{date}\n{scope}\n{before}\n{}\n{}", sha256(b""), sha256(chunk)))
    }

    pub(super) fn trailers(&self, before: &str, trailers: &[(String, String)]) -> String {
        let (date, scope) = (&self.date, &self.scope);
        let text: String = trailers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        self.sign(&format!("AWS4-HMAC-SHA256-TRAILER\n{date}\n{scope}\n{before}\n{}", sha256(text.as_bytes())))
    }
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

    fn key(&self, signer: &ClientConfig, day: SystemTime) -> SigningKey {
        let secret = keys(signer).map(|keys| keys.secret_access_key().to_owned()).unwrap_or_default();
        SigningKey(v4::generate_signing_key(&secret, day, self.region, "s3").as_ref().to_vec())
    }

    /// Returns the signature of a text with this key on that day.
    pub(super) fn sign(&self, signer: &ClientConfig, day: SystemTime, text: &str) -> String {
        v4::calculate_signature(&self.key(signer, day).0, text.as_bytes())
    }

    /// Returns the client's settings, with the signed region.
    /// A signer whose key is not known has a name only.
    pub(super) fn config(&self, signer: Option<ClientConfig>) -> ClientConfig {
        let named = || Credentials::Static {
            access_key_id: self.key_id.to_owned(),
            secret_access_key: String::new().into(),
            session_token: None,
        };
        let signer = signer.unwrap_or_else(|| ClientConfig { credentials: named(), ..ClientConfig::default() });
        ClientConfig { region_name: Some(self.region.to_owned()), ..signer }
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
            place: Place::Url { expires: Duration::from_secs(expires) },
            headers: parameter("X-Amz-SignedHeaders")?.split(';').collect(),
            signature: parameter("X-Amz-Signature")?,
            payload: UNSIGNED,
        }))
    }

    /// That of an `Authorization` header.
    pub(super) fn in_header(request: &'a Request) -> Result<Option<Signature<'a>>> {
        let Some(text) = request.header("authorization") else { return Ok(None) };
        let malformed = |what: &str| {
            let message = format!("The authorization header is malformed; {what}");
            refusal(400, "AuthorizationHeaderMalformed", message)
        };
        let Some(fields) = text.strip_prefix(ALGORITHM).filter(|rest| rest.starts_with([' ', ','])) else {
            let message = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.";
            return Err(refusal(400, "InvalidRequest", message));
        };
        let field = |name: &str| {
            let found = fields.split(',').find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='));
            found.ok_or_else(|| malformed(&format!("the header is missing {name}")))
        };
        let credential = Credential::parse(field("Credential")?).ok_or_else(|| {
            malformed("the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".")
        })?;
        let undated = || refusal(403, "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header");
        let at = request.header("x-amz-date").ok_or_else(undated)?;
        let missing = || refusal(400, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256");
        Ok(Some(Signature {
            credential,
            date: at,
            signed_at: date(at).ok_or_else(undated)?,
            place: Place::Header,
            headers: field("SignedHeaders")?.split(';').collect(),
            signature: field("Signature")?,
            payload: request.header("x-amz-content-sha256").ok_or_else(missing)?,
        }))
    }

    /// What signs the chunks of the body, if this signer signed the request, and not too long ago by one of these clocks.
    pub(super) fn check(&self, request: &Request, target: &Target, signer: &ClientConfig, clocks: &[SystemTime]) -> Result<Seal> {
        let apart = |now: SystemTime| now.duration_since(self.signed_at).unwrap_or_else(|early| early.duration());
        match self.place {
            Place::Url { expires } if clocks.iter().all(|now| *now > self.signed_at + expires) => {
                return Err(refusal(403, "AccessDenied", "Request has expired"));
            }
            Place::Header if clocks.iter().all(|now| apart(*now) > SKEW) => {
                let message = "The difference between the request time and the current time is too large.";
                return Err(refusal(403, "RequestTimeTooSkewed", message));
            }
            Place::Url { .. } | Place::Header => {}
        }
        let canonical = self.canonical(request, target);
        let seal = Seal {
            key: self.credential.key(signer, self.signed_at),
            date: self.date.to_owned(),
            scope: self.credential.scope.to_owned(),
            signature: self.signature.to_owned(),
        };
        let text = format!("{ALGORITHM}\n{}\n{}\n{}", self.date, self.credential.scope, sha256(canonical.as_bytes()));
        if seal.sign(&text) != self.signature {
            return Err(mismatch());
        }
        let token = keys(signer).and_then(|keys| keys.session_token().map(str::to_owned));
        let sent = request.header("x-amz-security-token").or_else(|| target.parameter("X-Amz-Security-Token"));
        if sent != token.as_deref() {
            return Err(refusal(400, "InvalidToken", "The provided token is malformed or otherwise invalid."));
        }
        // The holder of a URL must not add what the signer did not mean.
        let unsigned = |name: &str| name.starts_with("x-amz-") && name != "x-amz-content-sha256" && !self.headers.contains(&name);
        if matches!(self.place, Place::Url { .. }) && request.headers.iter().any(|(name, _)| unsigned(&name.to_ascii_lowercase()))
        {
            return Err(refusal(403, "AccessDenied", "There were headers present in the request which were not signed"));
        }
        Ok(seal)
    }

    fn canonical(&self, request: &Request, target: &Target) -> String {
        let signed = target.query.iter().filter(|(name, _)| name != "X-Amz-Signature");
        let mut pairs: Vec<(String, String)> = signed.map(|(name, value)| (quoted(name, false), quoted(value, false))).collect();
        // By name first: `select=` comes before `select-type=`.
        pairs.sort();
        let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut headers = String::new();
        for name in &self.headers {
            let own = (*name == "host").then_some(target.host.as_str());
            let values: Vec<&str> =
                request.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).collect();
            let value = if values.is_empty() { own.unwrap_or_default().to_owned() } else { values.join(",") };
            // Spaces in a row count as one.
            let value = value.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
            // Writing to a String does not fail.
            let _ = writeln!(headers, "{name}:{value}");
        }
        let (path, query, signed) = (quoted(&target.path, true), pairs.join("&"), self.headers.join(";"));
        format!("{}\n{path}\n{query}\n{headers}\n{signed}\n{}", request.method, self.payload)
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

pub(super) fn sha256(bytes: &[u8]) -> String {
    let mut engine = aws_smithy_checksums::ChecksumAlgorithm::Sha256.into_impl();
    engine.update(bytes);
    engine.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
