//! Retrieves credentials: botocore's providers on the network and the machine.

use std::borrow::Cow;
use std::net::IpAddr;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_credential_types::Credentials as Loaded;
use aws_credential_types::provider::{ProvideCredentials, error::CredentialsError, future};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde_json::Value;

use super::ask::{Ask, ask};
use super::{process, sso, sts};
use crate::boto3::backend::ClientConfig;
use crate::boto3::credentials::{Chain, Container, Held, Instance, Provider, Role};
use crate::boto3::error::Cause;
use crate::os::Os;

/// botocore's windows before the expiry: credentials are refreshed in the first, and must be
/// refreshed in the second.
const ADVISORY: Duration = Duration::from_secs(15 * 60);
const MANDATORY: Duration = Duration::from_secs(10 * 60);

/// The provider of a client, for the AWS SDK.
#[derive(Clone, Debug)]
pub(super) struct Chained {
    config: Arc<ClientConfig>,
}

impl Chained {
    pub(super) fn new(config: &ClientConfig) -> Chained {
        Chained { config: Arc::new(config.clone()) }
    }

    fn chain(&self) -> &Chain {
        &self.config.chain
    }

    /// Returns valid credentials. One caller retrieves them, the others wait for the result.
    async fn current(&self) -> Result<Loaded, CredentialsError> {
        let mut held = self.chain().loaded.lock().await;
        let now = SystemTime::now();
        if let Some(held) = held.as_ref().filter(|held| now < held.advisory) {
            return Ok(held.credentials.clone());
        }
        match self.load(&self.chain().provider).await {
            Ok(fresh) => {
                let expiry = fresh.expiry();
                if expiry.is_some_and(|expiry| expiry <= SystemTime::now()) {
                    let why = format!("the credentials of {} have expired already", self.chain().provider.method());
                    return Err(CredentialsError::provider_error(why));
                }
                *held = Some(Held::new(fresh.clone(), now));
                Ok(fresh)
            }
            Err(error) => match held.as_ref().filter(|held| now < held.mandatory) {
                Some(held) => Ok(held.credentials.clone()),
                None => Err(error),
            },
        }
    }

    fn load<'a>(&'a self, provider: &'a Provider) -> Pin<Box<dyn Future<Output = Result<Loaded, CredentialsError>> + Send + 'a>> {
        Box::pin(async move {
            let failed = |error: Cause| CredentialsError::provider_error(error);
            match provider {
                Provider::Keys { access_key_id, secret_access_key, session_token, expiration } => {
                    let expiry = expiration.as_deref().map(time).transpose().map_err(failed)?;
                    let token = session_token.as_ref().map(|token| token.expose().to_owned());
                    Ok(Loaded::new(access_key_id, secret_access_key.expose(), token, expiry, "keys"))
                }
                Provider::AssumeRole(role) => self.role(role).await,
                Provider::WebIdentity { token_file, role_arn, session_name } => {
                    let token = self.read(token_file).map_err(failed)?;
                    sts::with_web_identity(&self.config, role_arn, session_name.as_deref(), token).await.map_err(failed)
                }
                Provider::Sso(sso) => sso::role_credentials(&self.config, sso, self.os().map_err(failed)?).await.map_err(failed),
                Provider::Process { command } => {
                    let answer = process::run(command, self.os().map_err(failed)?).await.map_err(failed)?;
                    document(&answer, "SessionToken", "custom-process", false).map_err(failed)
                }
                Provider::Container(container) => self.container(container).await.map_err(failed),
                Provider::Instance(instance) => match self.instance(instance).await.map_err(failed)? {
                    Some(found) => Ok(found),
                    None => Err(self.nothing("no answer of an instance metadata service")),
                },
                Provider::Missing { reason } => Err(CredentialsError::provider_error(reason.clone())),
                Provider::None => Err(self.nothing("nothing configured")),
            }
        })
    }

    /// The end of the chain. A file that could not be read is the most likely reason.
    fn nothing(&self, why: &str) -> CredentialsError {
        let unreadable: String = self.chain().unreadable.iter().map(|reason| format!("; {reason}")).collect();
        CredentialsError::not_loaded(format!("{why}{unreadable}"))
    }

    fn os(&self) -> Result<&Os, Cause> {
        self.chain().os.as_ref().ok_or_else(|| "no files".into())
    }

    fn read(&self, path: &Path) -> Result<String, Cause> {
        let bytes = self.os()?.read_bytes(path)?;
        String::from_utf8(bytes).map_err(|_| format!("{}: not UTF-8", path.display()).into())
    }

    async fn role(&self, role: &Role) -> Result<Loaded, CredentialsError> {
        if let Some(serial) = &role.mfa_serial {
            let why = format!("{} needs a code of {serial}, which cannot be asked for", role.role_arn);
            return Err(CredentialsError::provider_error(why));
        }
        let source = match self.load(&role.source).await {
            // The credentials to assume a role must exist.
            Err(CredentialsError::CredentialsNotLoaded(_)) => {
                let why = format!("no credentials in the credential_source of {}", role.role_arn);
                return Err(CredentialsError::provider_error(why));
            }
            source => source?,
        };
        sts::assume(&self.config, role, source).await.map_err(CredentialsError::provider_error)
    }

    /// Sends a request to the machine or its host, never through a proxy.
    async fn local(
        &self,
        method: &'static str,
        url: &str,
        headers: &[(&'static str, &str)],
        timeout: Duration,
    ) -> Result<(u16, String), Cause> {
        let tls = super::trust(&self.config)?;
        ask(Ask { method, url, headers, body: None, timeout, proxy: ProxyConfig::disabled(), tls }).await
    }

    async fn container(&self, container: &Container) -> Result<Loaded, Cause> {
        allowed(&container.url)?;
        let token = match (&container.token_file, &container.token) {
            (Some(file), _) => Some(Cow::Owned(self.read(file)?)),
            (None, Some(token)) => Some(Cow::Borrowed(token.expose())),
            (None, None) => None,
        };
        if token.as_ref().is_some_and(|token| token.contains(['\r', '\n'])) {
            return Err("the authorization token of the container is not a legal header value".into());
        }
        let mut headers = vec![("accept", "application/json")];
        headers.extend(token.as_deref().map(|token| ("authorization", token)));
        let mut tried = 0;
        loop {
            let answer = self.local("GET", &container.url, &headers, Duration::from_secs(2)).await;
            let why: Cause = match answer {
                Ok((200, text)) => match serde_json::from_str(&text) {
                    Ok(answer) => return document(&answer, "Token", "container-role", true),
                    Err(_) => "the answer of the container's endpoint is not valid JSON".into(),
                },
                Ok((status, _)) => format!("status {status} of the container's endpoint").into(),
                Err(error) => error,
            };
            tried += 1;
            if tried >= 3 {
                return Err(why);
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Returns the role of the instance; `None` if there is no instance, or it has no role.
    async fn instance(&self, instance: &Instance) -> Result<Option<Loaded>, Cause> {
        const ROLES: &str = "/latest/meta-data/iam/security-credentials/";
        let Some(token) = self.instance_token(instance).await? else { return Ok(None) };
        if token.is_none() && instance.v1_disabled {
            return Err("no token of the instance metadata service, and version 1 is disabled".into());
        }
        let json = |text: &str| serde_json::from_str::<Value>(text).is_ok();
        let Some(role) = self.instance_get(instance, ROLES, token.as_deref(), |_| true).await? else { return Ok(None) };
        let role = role.trim();
        if !role.chars().all(|letter| letter.is_ascii_graphic()) {
            return Err(format!("invalid name of a role in the answer of the instance metadata service: {role:.80?}").into());
        }
        let path = format!("{ROLES}{role}");
        let Some(text) = self.instance_get(instance, &path, token.as_deref(), json).await? else { return Ok(None) };
        let answer: Value = serde_json::from_str(&text).map_err(|_| "not valid JSON")?;
        let whole = ["AccessKeyId", "SecretAccessKey", "Token", "Expiration"].iter().all(|name| answer.get(name).is_some());
        if !whole {
            return Ok(None);
        }
        document(&answer, "Token", "iam-role", true).map(|found| Some(extended(found, SystemTime::now())))
    }

    /// Returns the session token of version 2, with an inner `None` for a service that has only
    /// version 1. `None` without a service.
    async fn instance_token(&self, instance: &Instance) -> Result<Option<Option<String>>, Cause> {
        let url = format!("{}/latest/api/token", instance.endpoint);
        for _ in 0..instance.attempts {
            let headers = [("x-aws-ec2-metadata-token-ttl-seconds", "21600"), ("content-length", "0")];
            match self.local("PUT", &url, &headers, instance.timeout).await {
                Ok((200, token)) => return Ok(Some(Some(token))),
                Ok((403..=405, _)) => return Ok(Some(None)),
                Ok((400, _)) => return Ok(None),
                Ok(_) | Err(_) => {}
            }
        }
        Ok(Some(None))
    }

    async fn instance_get(
        &self,
        instance: &Instance,
        path: &str,
        token: Option<&str>,
        good: impl Fn(&str) -> bool,
    ) -> Result<Option<String>, Cause> {
        let url = format!("{}{path}", instance.endpoint);
        let headers: Vec<_> = token.map(|token| ("x-aws-ec2-metadata-token", token)).into_iter().collect();
        for _ in 0..instance.attempts {
            if let Ok((200, text)) = self.local("GET", &url, &headers, instance.timeout).await
                && !text.is_empty()
                && good(&text)
            {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }
}

impl ProvideCredentials for Chained {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.current())
    }
}

impl Held {
    fn new(credentials: Loaded, now: SystemTime) -> Held {
        let far = now + Duration::from_secs(100 * 365 * 86_400);
        let Some(expiry) = credentials.expiry() else { return Held { credentials, advisory: far, mandatory: far } };
        // Credentials with a lifetime shorter than the windows are not refreshed at each request.
        let left = expiry.duration_since(now).unwrap_or_default();
        let before = |window: Duration| expiry.checked_sub(window.min(left / 2)).unwrap_or(now);
        Held { advisory: before(ADVISORY), mandatory: before(MANDATORY), credentials }
    }
}

/// botocore's static stability: if the service returns expired credentials, an instance keeps using
/// them.
fn extended(found: Loaded, now: SystemTime) -> Loaded {
    let offset = ADVISORY + Duration::from_secs(6 * 60);
    if found.expiry().is_none_or(|expiry| expiry.checked_sub(offset).is_some_and(|limit| now < limit)) {
        return found;
    }
    let token = found.session_token().map(str::to_owned);
    Loaded::new(found.access_key_id(), found.secret_access_key(), token, Some(now + offset), "iam-role")
}

/// Parses credentials from a JSON document.
fn document(answer: &Value, token: &str, provider: &'static str, whole: bool) -> Result<Loaded, Cause> {
    let get = |name: &str| answer.get(name).and_then(Value::as_str);
    let must = |name: &str| get(name).ok_or_else(|| format!("{provider}: no {name} in the answer"));
    let (id, secret) = (must("AccessKeyId")?, must("SecretAccessKey")?);
    let (token, expiration) = match whole {
        true => (Some(must(token)?), Some(must("Expiration")?)),
        false => (get(token), get("Expiration")),
    };
    let expiry = expiration.map(time).transpose()?;
    Ok(Loaded::new(id, secret, token.map(str::to_owned), expiry, provider))
}

/// Parses a time in AWS's format.
pub(super) fn time(text: &str) -> Result<SystemTime, Cause> {
    let time = DateTime::from_str(text, Format::DateTimeWithOffset).ok().and_then(|time| SystemTime::try_from(time).ok());
    time.ok_or_else(|| format!("invalid time {text:.40?}").into())
}

/// Returns seconds since 1970, for the names of sessions.
pub(super) fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// botocore's rule: a container's endpoint uses TLS, or is a loopback address, or one of AWS's
/// addresses.
fn allowed(url: &str) -> Result<(), Cause> {
    if !crate::boto3::urls::is_endpoint(url) {
        return Err("invalid URL in AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI".into());
    }
    let Some(rest) = url.strip_prefix("http://") else { return Ok(()) };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let known = ["169.254.170.2", "169.254.170.23", "fd00:ec2::23", "localhost"];
    if known.contains(&host) || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()) {
        return Ok(());
    }
    Err(format!(
        "unsupported host {host:?} in AWS_CONTAINER_CREDENTIALS_FULL_URI: not a loopback address, and not one of {}",
        known.join(", ")
    )
    .into())
}
