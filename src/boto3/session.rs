//! [`Session`]: credentials, region and profile, found like boto3.

use std::ffi::OsStr;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::backend::{ClientConfig, Credentials, Proxy};
use super::config::Config;
use super::credentials::{Chain, Endpoint, Finder, Provider};
use super::error::ConfigError;
use super::profile::{Profiles, Section};
use super::urls::{is_endpoint, is_region, with_scheme};
use super::{Boto3, Clients, Result};
use crate::Secret;
use crate::ambient::Variables;
use crate::secret::url::redact;

/// Account, region and profile: boto3's
/// [`Session`](https://boto3.amazonaws.com/v1/documentation/api/latest/reference/core/session.html).
/// Unset values are taken from the environment and from `~/.aws/config` and `~/.aws/credentials`,
/// when a client is created.
#[derive(Clone, Debug)]
#[doc(alias = "boto3.Session")]
pub struct Session {
    pub(super) boto3: Boto3,
    pub(super) settings: Settings,
}

/// The arguments of a session.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    profile_name: Option<String>,
    region_name: Option<String>,
    keys: Keys,
}

/// Explicit credentials: complete, or an error.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys {
    pub(super) access_key_id: Option<String>,
    pub(super) secret_access_key: Option<Secret>,
    pub(super) session_token: Option<Secret>,
}

/// The arguments of a client.
#[derive(Clone, Default)]
pub(super) struct Told {
    pub(super) region_name: Option<String>,
    pub(super) endpoint_url: Option<String>,
    pub(super) keys: Keys,
    pub(super) verify: Option<std::path::PathBuf>,
    pub(super) config: Config,
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Told");
        shown.field("region_name", &self.region_name).field("endpoint_url", &self.endpoint_url.as_deref().map(redact));
        shown.field("keys", &self.keys).field("verify", &self.verify).field("config", &self.config).finish()
    }
}

impl Session {
    pub(super) fn new(boto3: Boto3, settings: Settings) -> Session {
        Session { boto3, settings }
    }

    /// Sets the profile, instead of `AWS_DEFAULT_PROFILE` and `AWS_PROFILE`. Keys in the
    /// environment are then ignored.
    pub fn profile_name(mut self, profile: impl Into<String>) -> Session {
        self.settings.profile_name = Some(profile.into());
        self
    }

    /// Sets the region, instead of `AWS_DEFAULT_REGION` and the profile's.
    ///
    /// DIFFERENCE from other tools of AWS, not from boto3: `AWS_REGION` is ignored.
    pub fn region_name(mut self, region: impl Into<String>) -> Session {
        self.settings.region_name = Some(region.into());
        self
    }

    /// Sets the access key id. Requires [`aws_secret_access_key`](Session::aws_secret_access_key).
    pub fn aws_access_key_id(mut self, id: impl Into<String>) -> Session {
        self.settings.keys.access_key_id = Some(id.into());
        self
    }

    /// Sets the secret access key.
    pub fn aws_secret_access_key(mut self, key: impl Into<Secret>) -> Session {
        self.settings.keys.secret_access_key = Some(key.into());
        self
    }

    /// Sets the session token of temporary credentials.
    pub fn aws_session_token(mut self, token: impl Into<Secret>) -> Session {
        self.settings.keys.session_token = Some(token.into());
        self
    }

    /// Creates a client, completed by the service's name: `session.client().s3()`.
    #[doc(alias = "boto3.Session.client")]
    pub fn client(&self) -> Clients {
        Clients::new(self.clone())
    }

    /// Returns the effective profile; `default` if none was set.
    #[doc(alias = "boto3.Session.profile_name")]
    pub fn get_profile_name(&self) -> String {
        self.named_profile().unwrap_or_else(|| "default".to_owned())
    }

    /// Returns the effective region, if there is one.
    ///
    /// # Errors
    /// [`Error::Config`](super::Error::Config) if the files cannot be read, or lack the profile.
    #[doc(alias = "boto3.Session.region_name")]
    pub fn get_region_name(&self) -> Result<Option<String>> {
        let lookup = self.lookup()?;
        Ok(self.settings.region_name.clone().or_else(|| lookup.get("AWS_DEFAULT_REGION", "region")))
    }

    /// Returns the names of all profiles, from both files.
    #[doc(alias = "boto3.Session.available_profiles")]
    pub fn available_profiles(&self) -> Result<Vec<String>> {
        Ok(Profiles::load(&self.boto3.os, &self.environ())?.profiles.into_keys().collect())
    }

    /// Returns the credentials, as far as environment and files contain them;
    /// [`Credentials::Chain`] if they must be requested: a role, SSO, an instance.
    #[doc(alias = "boto3.Session.get_credentials")]
    pub fn get_credentials(&self) -> Result<Credentials> {
        Ok(self.credentials(&Keys::default(), &self.lookup()?)?.0)
    }

    /// Returns the configuration of a client of `service` (`"s3"`).
    pub(super) fn resolve(&self, service: &str, told: Told) -> Result<ClientConfig, ConfigError> {
        if let Some(sdk) = &self.boto3.sdk {
            let Settings { profile_name, region_name, keys } = &self.settings;
            let keys = complete("the session", keys.clone())?;
            return super::from_sdk::resolve(sdk, told, region_name.clone(), keys, profile_name.as_deref());
        }
        let lookup = self.lookup()?;
        let config = &told.config;
        let (credentials, provider) = match config.unsigned {
            true => (Credentials::Unsigned, Provider::None),
            false => self.credentials(&told.keys, &lookup)?,
        };
        let chain = self.chain(provider, &lookup, config.ignore_configured_endpoint_urls)?;
        let region = told.region_name.clone().or(config.region_name.clone()).or(self.settings.region_name.clone());
        let mut region = region.or_else(|| lookup.get("AWS_DEFAULT_REGION", "region"));
        if region.is_none() && matches!(service, "s3" | "sts") {
            region = Some("us-east-1".to_owned());
        }
        let region = region.ok_or(ConfigError::NoRegion)?;
        if !is_region(&region) {
            return Err(ConfigError::InvalidRegion { region_name: region });
        }
        let endpoint_url = match told.endpoint_url {
            Some(url) => Some(url),
            None => lookup.endpoint_url(service, config.ignore_configured_endpoint_urls)?,
        };
        if let Some(url) = &endpoint_url
            && !is_endpoint(url)
        {
            return Err(ConfigError::InvalidEndpoint { url: redact(url) });
        }
        // The SDK concatenates a path and the rest without changes.
        let endpoint_url =
            endpoint_url.map(|url| if url.matches('/').count() > 2 && !url.ends_with('/') { url + "/" } else { url });
        let s3 = |name: &str| lookup.section.get(&format!("s3.{name}")).cloned();
        let default = ClientConfig::default();
        Ok(ClientConfig {
            region_name: Some(region),
            proxy: lookup.proxy(config, endpoint_url.as_deref()),
            endpoint_url,
            credentials,
            connect_timeout: config.connect_timeout.unwrap_or(default.connect_timeout).max(Duration::from_millis(1)),
            read_timeout: config.read_timeout.unwrap_or(default.read_timeout).max(Duration::from_millis(1)),
            max_pool_connections: config.max_pool_connections.unwrap_or(default.max_pool_connections),
            max_attempts: match config.max_attempts {
                Some(attempts) => attempts.max(1),
                None => lookup.parsed("AWS_MAX_ATTEMPTS", "max_attempts")?.unwrap_or(default.max_attempts).max(1),
            },
            retry_mode: match (config.retry_mode, lookup.get("AWS_RETRY_MODE", "retry_mode")) {
                (Some(mode), _) => mode,
                (None, Some(mode)) => mode.parse()?,
                (None, None) => default.retry_mode,
            },
            ca_bundle: match told.verify.or_else(|| lookup.get("AWS_CA_BUNDLE", "ca_bundle").map(Into::into)) {
                Some(path) => match self.boto3.os.read_bytes(&path) {
                    Ok(pem) => match unusable(&pem) {
                        None => Some(pem.into()),
                        Some(reason) => return Err(ConfigError::CaBundle { path, reason }),
                    },
                    Err(error) => return Err(ConfigError::CaBundle { path, reason: error.to_string() }),
                },
                None => None,
            },
            addressing_style: match (config.addressing_style, s3("addressing_style")) {
                (Some(style), _) => style,
                (None, Some(style)) => style.parse()?,
                (None, None) => default.addressing_style,
            },
            use_accelerate_endpoint: match (config.use_accelerate_endpoint, s3("use_accelerate_endpoint")) {
                (Some(on), _) => on,
                (None, text) => text.is_some_and(|text| truth(&text)),
            },
            use_dualstack_endpoint: lookup.flag(
                config.use_dualstack_endpoint,
                "AWS_USE_DUALSTACK_ENDPOINT",
                "use_dualstack_endpoint",
            ),
            use_fips_endpoint: lookup.flag(config.use_fips_endpoint, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"),
            request_checksum_calculation: match config.request_checksum_calculation {
                Some(when) => when,
                None => lookup.parsed("AWS_REQUEST_CHECKSUM_CALCULATION", "request_checksum_calculation")?.unwrap_or_default(),
            },
            response_checksum_validation: match config.response_checksum_validation {
                Some(when) => when,
                None => lookup.parsed("AWS_RESPONSE_CHECKSUM_VALIDATION", "response_checksum_validation")?.unwrap_or_default(),
            },
            user_agent_appid: config.user_agent_appid.clone().or_else(|| lookup.get("AWS_SDK_UA_APP_ID", "sdk_ua_app_id")),
            profile_name: self.named_profile(),
            chain,
            sdk: None,
        })
    }

    fn environ(&self) -> Arc<Variables> {
        self.boto3.os.ambient().environ()
    }

    fn named_profile(&self) -> Option<String> {
        let environ = self.environ();
        let from = |name| environ.get(OsStr::new(name)).and_then(|value| value.to_str()).filter(|value| !value.is_empty());
        let named = self.settings.profile_name.as_deref().or_else(|| from("AWS_DEFAULT_PROFILE")).or_else(|| from("AWS_PROFILE"));
        named.map(str::to_owned)
    }

    fn lookup(&self) -> Result<Lookup, ConfigError> {
        let environ = self.environ();
        let profiles = Profiles::load(&self.boto3.os, &environ)?;
        let named = self.named_profile();
        let name = named.clone().unwrap_or_else(|| "default".to_owned());
        let section = match profiles.profiles.get(&name) {
            Some(section) => section.clone(),
            None if named.is_none() => Section::new(),
            None => {
                let files = profiles.files.iter().map(|path| path.display().to_string()).collect();
                return Err(ConfigError::ProfileNotFound { profile: name, files, unreadable: profiles.unreadable });
            }
        };
        let services = section.get("services").and_then(|services| profiles.services.get(services)).cloned().unwrap_or_default();
        Ok(Lookup { environ, section, services, profiles })
    }

    /// Returns the credentials in botocore's order: explicit ones, environment (unless a profile
    /// was named in code), then the profile, container and instance.
    fn credentials(&self, told: &Keys, lookup: &Lookup) -> Result<(Credentials, Provider), ConfigError> {
        for keys in [told, &self.settings.keys] {
            if let Some(keys) = complete("the session", keys.clone())? {
                return Ok((keys, Provider::None));
            }
        }
        let name = self.named_profile().unwrap_or_else(|| "default".to_owned());
        let found = Finder::new(&lookup.environ, &lookup.profiles).find(&name, self.settings.profile_name.is_some())?;
        Ok(match found {
            Provider::Keys { access_key_id, secret_access_key, session_token, expiration: None } => {
                (Credentials::Static { access_key_id, secret_access_key, session_token }, Provider::None)
            }
            asked => (Credentials::Chain, asked),
        })
    }

    /// Returns a provider with its endpoints. Each has the proxy for its own URL.
    fn chain(&self, provider: Provider, lookup: &Lookup, ignore: Option<bool>) -> Result<Arc<Chain>, ConfigError> {
        if matches!(provider, Provider::None) && lookup.profiles.unreadable.is_empty() {
            return Ok(Chain::of(provider));
        }
        let endpoint = |service: &str| -> Result<Endpoint, ConfigError> {
            let url = lookup.endpoint_url(service, ignore)?;
            if let Some(url) = &url
                && !is_endpoint(url)
            {
                return Err(ConfigError::InvalidEndpoint { url: redact(url) });
            }
            Ok(Endpoint { proxy: lookup.proxy(&Config::default(), url.as_deref()), url })
        };
        Ok(Arc::new(Chain {
            os: Some(self.boto3.os.clone()),
            sts: endpoint("sts")?,
            sso: endpoint("sso")?,
            oidc: endpoint("sso_oidc")?,
            unreadable: lookup.profiles.unreadable.clone(),
            provider,
            ..Chain::default()
        }))
    }
}

pub(super) fn complete(place: &'static str, keys: Keys) -> Result<Option<Credentials>, ConfigError> {
    match keys {
        Keys { access_key_id: None, secret_access_key: None, .. } => Ok(None),
        Keys { access_key_id: Some(access_key_id), secret_access_key: Some(secret_access_key), session_token } => {
            Ok(Some(Credentials::Static { access_key_id, secret_access_key, session_token }))
        }
        Keys { access_key_id: None, .. } => Err(ConfigError::PartialCredentials { place, missing: "aws_access_key_id" }),
        Keys { .. } => Err(ConfigError::PartialCredentials { place, missing: "aws_secret_access_key" }),
    }
}

/// Returns why a file of certificate authorities cannot be used, if so. The AWS SDK panics on one
/// that it cannot read.
fn unusable(pem: &[u8]) -> Option<String> {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = match certificate {
            Ok(certificate) => certificate,
            Err(error) => return Some(format!("not valid PEM: {error}")),
        };
        if let Err(error) = roots.add(certificate) {
            return Some(format!("certificate {}: {error}", roots.len() + 1));
        }
    }
    roots.is_empty().then(|| "no certificate in the file".to_owned())
}

/// botocore's `ensure_boolean`.
fn truth(text: &str) -> bool {
    text.eq_ignore_ascii_case("true")
}

/// The environment takes precedence over the profile.
struct Lookup {
    environ: Arc<Variables>,
    section: Section,
    services: Section,
    profiles: Profiles,
}

impl Lookup {
    fn variable(&self, name: &str) -> Option<String> {
        self.environ.get(OsStr::new(name)).and_then(|value| value.to_str()).map(str::to_owned)
    }

    fn get(&self, variable: &str, setting: &str) -> Option<String> {
        self.variable(variable).or_else(|| self.section.get(setting).cloned()).filter(|value| !value.is_empty())
    }

    fn parsed<T: FromStr>(&self, variable: &'static str, setting: &str) -> Result<Option<T>, ConfigError> {
        let Some(text) = self.get(variable, setting) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| ConfigError::invalid(variable, &text))
    }

    fn flag(&self, told: Option<bool>, variable: &str, setting: &str) -> bool {
        told.unwrap_or_else(|| self.get(variable, setting).is_some_and(|text| truth(&text)))
    }

    fn endpoint_url(&self, service: &str, ignore: Option<bool>) -> Result<Option<String>, ConfigError> {
        if self.flag(ignore, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls") {
            return Ok(None);
        }
        let own = format!("AWS_ENDPOINT_URL_{}", service.to_uppercase());
        let places = [
            self.variable(&own),
            self.variable("AWS_ENDPOINT_URL"),
            self.services.get(&format!("{service}.endpoint_url")).cloned(),
            self.section.get("endpoint_url").cloned(),
        ];
        Ok(places.into_iter().flatten().find(|url| !url.is_empty()))
    }

    fn proxy(&self, config: &Config, endpoint_url: Option<&str>) -> Option<Proxy> {
        let scheme = if endpoint_url.is_some_and(|url| url.starts_with("http://")) { "http" } else { "https" };
        if let Some(proxies) = &config.proxies {
            let url = proxies.iter().find(|(of, _)| of == scheme).map(|(_, url)| Secret::new(with_scheme(url.expose())))?;
            return Some(Proxy { url, no_proxy: None });
        }
        // A web server that runs CGI scripts sets HTTP_PROXY from a header of any client, so only
        // the lower-case name counts there.
        let upper = format!("{}_PROXY", scheme.to_uppercase());
        let cgi = scheme == "http" && self.variable("REQUEST_METHOD").is_some();
        let url = self.variable(&format!("{scheme}_proxy")).or_else(|| self.variable(&upper).filter(|_| !cgi))?;
        let no_proxy = self.variable("no_proxy").or_else(|| self.variable("NO_PROXY"));
        (!url.is_empty()).then(|| Proxy { url: Secret::new(with_scheme(&url)), no_proxy })
    }
}
