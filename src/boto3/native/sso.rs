//! IAM Identity Center: credentials of a role, for the token that `aws sso login` stored.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials as Loaded;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde_json::{Value, json};
use sha1::{Digest as _, Sha1};

use super::ask::{Ask, ask};
use super::credentials::time;
use crate::boto3::backend::ClientConfig;
use crate::boto3::credentials::{Endpoint, Sso};
use crate::boto3::error::{Cause, ClientError};
use crate::os::{MakeDirs, Os};

/// The window before its expiry in which a refreshable token is refreshed, as in botocore.
const WINDOW: Duration = Duration::from_secs(15 * 60);
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) async fn role_credentials(config: &ClientConfig, sso: &Sso, os: &Os) -> Result<Loaded, Cause> {
    let token = token(config, sso, os).await?;
    let query = format!("role_name={}&account_id={}", quoted(&sso.role_name), quoted(&sso.account_id));
    let base = base(&config.chain.sso, "portal.sso", &sso.region);
    let url = format!("{base}/federation/credentials?{query}");
    let (status, text) = send(config, &config.chain.sso, "GET", &url, &[("x-amz-sso_bearer_token", &token)], None).await?;
    let answer: Value = serde_json::from_str(&text).unwrap_or_default();
    match status {
        200 => {}
        401 => return Err(format!("the SSO session of {} has expired or is invalid: run aws sso login", sso.start_url).into()),
        status => return Err(refused("GetRoleCredentials", status, &answer).into()),
    }
    let found = answer.get("roleCredentials").ok_or("no roleCredentials in the answer")?;
    let get = |name: &str| found.get(name).and_then(Value::as_str).ok_or_else(|| format!("no {name} in the answer"));
    let expiry = found.get("expiration").and_then(Value::as_u64).ok_or("no expiration in the answer")?;
    let expiry = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(expiry)).ok_or("invalid expiration in the answer")?;
    let token = Some(get("sessionToken")?.to_owned());
    Ok(Loaded::new(get("accessKeyId")?, get("secretAccessKey")?, token, Some(expiry), "sso"))
}

/// Returns the cached token, refreshed if it expires soon and belongs to an `sso-session`.
async fn token(config: &ClientConfig, sso: &Sso, os: &Os) -> Result<String, Cause> {
    let name = sso.session.as_deref().unwrap_or(&sso.start_url);
    let digest: [u8; 20] = Sha1::digest(name).into();
    let file = digest.iter().fold(String::new(), |mut file, byte| {
        // Writing to a String does not fail.
        let _ = write!(file, "{byte:02x}");
        file
    });
    let path = sso.cache.join(format!("{file}.json"));
    let missing = |why: String| format!("no token for {name}: {why}: run aws sso login");
    let bytes = os.read_bytes(&path).map_err(|error| missing(error.to_string()))?;
    let held: Value = serde_json::from_slice(&bytes).map_err(|_| missing(format!("{} is not valid JSON", path.display())))?;
    let get = |name: &str| held.get(name).and_then(Value::as_str);
    let (Some(token), Some(end)) = (get("accessToken"), get("expiresAt")) else {
        return Err(missing(format!("{} has no accessToken or expiresAt", path.display())).into());
    };
    let (end, now) = (time(&end.replace("UTC", "Z"))?, SystemTime::now());
    if sso.session.is_some() && end < now + WINDOW {
        match refreshed(config, sso, &held, now).await {
            Ok(Some(fresh)) => {
                let text = fresh.to_string();
                let kept = os.makedirs(MakeDirs::new(&sso.cache).exist_ok(true));
                kept.and_then(|()| os.write_text(&path, text).and_then(|_| os.chmod(&path, 0o600)))?;
                return Ok(fresh.get("accessToken").and_then(Value::as_str).unwrap_or_default().to_owned());
            }
            // The old token may still be valid for a while.
            Ok(None) => {}
            Err(error) if end <= now => return Err(error),
            Err(_) => {}
        }
    }
    if end <= now { Err(missing("it has expired".to_owned()).into()) } else { Ok(token.to_owned()) }
}

/// Returns a new token for the refresh token; `None` without one, or if it is refused.
async fn refreshed(config: &ClientConfig, sso: &Sso, held: &Value, now: SystemTime) -> Result<Option<Value>, Cause> {
    let get = |name: &str| held.get(name).and_then(Value::as_str);
    let (Some(refresh), Some(id), Some(secret), Some(registered)) =
        (get("refreshToken"), get("clientId"), get("clientSecret"), get("registrationExpiresAt"))
    else {
        return Ok(None);
    };
    if time(&registered.replace("UTC", "Z"))? <= now {
        return Ok(None);
    }
    let body = json!({ "clientId": id, "clientSecret": secret, "grantType": "refresh_token", "refreshToken": refresh });
    let url = format!("{}/token", base(&config.chain.oidc, "oidc", &sso.region));
    let headers = [("content-type", "application/json")];
    let (status, text) = send(config, &config.chain.oidc, "POST", &url, &headers, Some(body.to_string())).await?;
    let answer: Value = serde_json::from_str(&text).unwrap_or_default();
    let (200, Some(token), Some(lasts)) = (status, answer.get("accessToken"), answer.get("expiresIn").and_then(Value::as_u64))
    else {
        return Ok(None);
    };
    let end = now.checked_add(Duration::from_secs(lasts)).ok_or("invalid expiresIn in the answer")?;
    let mut fresh = json!({
        "startUrl": sso.start_url,
        "region": sso.region,
        "accessToken": token,
        "expiresAt": DateTime::from_secs_f64(DateTime::from(end).as_secs_f64().floor()).fmt(Format::DateTime)?,
        "clientId": id,
        "clientSecret": secret,
        "registrationExpiresAt": registered,
    });
    if let (Some(fresh), Some(refresh)) = (fresh.as_object_mut(), answer.get("refreshToken")) {
        fresh.insert("refreshToken".to_owned(), refresh.clone());
    }
    Ok(Some(fresh))
}

async fn send(
    config: &ClientConfig,
    endpoint: &Endpoint,
    method: &'static str,
    url: &str,
    headers: &[(&'static str, &str)],
    body: Option<String>,
) -> Result<(u16, String), Cause> {
    let (proxy, tls) = (super::proxy(endpoint.proxy.as_ref())?, super::trust(config)?);
    ask(Ask { method, url, headers, body, timeout: PATIENCE, proxy, tls }).await
}

fn base(endpoint: &Endpoint, host: &str, region: &str) -> String {
    let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    let default = || format!("https://{host}.{region}.{suffix}");
    endpoint.url.as_ref().map_or_else(default, |url| url.trim_end_matches('/').to_owned())
}

/// Quotes a value of a query.
fn quoted(text: &str) -> String {
    text.bytes().fold(String::new(), |mut quoted, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => quoted.push(byte.into()),
            _ => drop(write!(quoted, "%{byte:02X}")),
        }
        quoted
    })
}

fn refused(operation: &str, status: u16, answer: &Value) -> ClientError {
    let get = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default();
    let code = get("__type").rsplit('#').next().unwrap_or_default();
    let code = if code.is_empty() { status.to_string() } else { code.to_owned() };
    ClientError::new(operation, status, code, get("message"))
}
