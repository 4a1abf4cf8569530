//! [`Finder`]: selects the provider, in botocore's order.
//!
//! <https://github.com/boto/botocore/blob/develop/botocore/credentials.py>

use std::ffi::OsStr;
use std::path::PathBuf;
use std::time::Duration;

use super::{Container, Instance, Provider, Role, Sso};
use crate::Secret;
use crate::ambient::Variables;
use crate::boto3::error::ConfigError;
use crate::boto3::profile::{Profiles, Section};

/// Searches the environment and the files of a handle.
pub(in crate::boto3) struct Finder<'a> {
    environ: &'a Variables,
    profiles: &'a Profiles,
    empty: Section,
    /// The profiles whose roles are being resolved.
    visited: Vec<String>,
}

impl<'a> Finder<'a> {
    pub(in crate::boto3) fn new(environ: &'a Variables, profiles: &'a Profiles) -> Finder<'a> {
        Finder { environ, profiles, empty: Section::new(), visited: Vec::new() }
    }

    /// Returns the provider for a profile. If the profile was named in code, keys in environment
    /// variables are ignored.
    pub(in crate::boto3) fn find(&mut self, profile: &str, named: bool) -> Result<Provider, ConfigError> {
        if !named && let Some(keys) = self.environment()? {
            return Ok(keys);
        }
        self.visited = vec![profile.to_owned()];
        if is_role(self.section(profile)) {
            return self.role(profile);
        }
        if let Some(found) = self.of_profile(profile, named)? {
            return Ok(found);
        }
        if let Some(container) = self.container() {
            return Ok(container);
        }
        self.instance(profile)
    }

    fn section(&self, profile: &str) -> &Section {
        self.profiles.profiles.get(profile).unwrap_or(&self.empty)
    }

    fn variable(&self, name: &str) -> Option<&str> {
        self.environ.get(OsStr::new(name)).and_then(|value| value.to_str())
    }

    fn set(&self, name: &str) -> Option<&str> {
        self.variable(name).filter(|value| !value.is_empty())
    }

    fn environment(&self) -> Result<Option<Provider>, ConfigError> {
        // A secret alone does not select this provider.
        let Some(id) = self.set("AWS_ACCESS_KEY_ID") else { return Ok(None) };
        let Some(secret) = self.set("AWS_SECRET_ACCESS_KEY") else {
            return Err(ConfigError::PartialCredentials { place: "the environment", missing: "aws_secret_access_key" });
        };
        Ok(Some(Provider::Keys {
            access_key_id: id.to_owned(),
            secret_access_key: Secret::new(secret),
            session_token: self.set("AWS_SECURITY_TOKEN").or_else(|| self.set("AWS_SESSION_TOKEN")).map(Secret::new),
            expiration: self.set("AWS_CREDENTIAL_EXPIRATION").map(str::to_owned),
        }))
    }

    /// Returns the provider that a profile configures, other than roles.
    fn of_profile(&self, profile: &str, named: bool) -> Result<Option<Provider>, ConfigError> {
        if let Some(found) = self.web_identity(profile, named)? {
            return Ok(Some(found));
        }
        if let Some(found) = self.sso(profile)? {
            return Ok(Some(found));
        }
        if let Some(found) = keys(self.profiles.shared.get(profile))? {
            return Ok(Some(found));
        }
        let section = self.section(profile);
        if section.contains_key("login_session") {
            let reason = format!("the profile {profile:?} has a login_session, which is not supported");
            return Err(ConfigError::InvalidConfig { reason });
        }
        if let Some(command) = section.get("credential_process") {
            return Ok(Some(Provider::Process { command: command.clone() }));
        }
        keys(self.profiles.config.get(profile))
    }

    fn role(&mut self, profile: &str) -> Result<Provider, ConfigError> {
        let section = self.section(profile);
        let get = |name: &str| section.get(name).cloned();
        let mut role = Role {
            role_arn: get("role_arn").unwrap_or_default(),
            session_name: get("role_session_name"),
            external_id: get("external_id"),
            // An invalid number is ignored, as in botocore.
            duration_seconds: get("duration_seconds").and_then(|seconds| seconds.trim().parse().ok()),
            mfa_serial: get("mfa_serial"),
            source: Provider::None,
        };
        role.source = match (get("source_profile"), get("credential_source")) {
            (Some(_), Some(_)) => {
                let reason = format!("the profile {profile:?} contains both source_profile and credential_source");
                return Err(ConfigError::InvalidConfig { reason });
            }
            (None, None) => {
                let missing = "source_profile or credential_source";
                return Err(ConfigError::PartialCredentials { place: "the profile", missing });
            }
            (None, Some(source)) => self.credential_source(profile, &source)?,
            (Some(source), None) => self.source_profile(profile, &source)?,
        };
        Ok(Provider::AssumeRole(Box::new(role)))
    }

    fn credential_source(&self, profile: &str, source: &str) -> Result<Provider, ConfigError> {
        let found = match source {
            "Environment" => self.environment()?,
            "EcsContainer" => self.container(),
            "Ec2InstanceMetadata" => match self.instance(profile)? {
                Provider::None => None,
                found => Some(found),
            },
            _ => {
                let reason = format!("the credential_source {source:?} of the profile {profile:?} is not valid");
                return Err(ConfigError::InvalidConfig { reason });
            }
        };
        let reason = || format!("no credentials in the credential_source {source} of the profile {profile:?}");
        Ok(found.unwrap_or_else(|| Provider::Missing { reason: reason() }))
    }

    fn source_profile(&mut self, profile: &str, source: &str) -> Result<Provider, ConfigError> {
        let Some(section) = self.profiles.profiles.get(source) else {
            let reason = format!("the source_profile {source:?} of the profile {profile:?} does not exist");
            return Err(ConfigError::InvalidConfig { reason });
        };
        let has_keys = section.contains_key("aws_access_key_id") || section.contains_key("aws_secret_access_key");
        // A profile may be its own source, for keys in the same profile as its role.
        if self.visited.iter().any(|visited| visited == source) && (source != profile || !has_keys) {
            return Err(ConfigError::InfiniteLoop { source_profile: source.to_owned(), visited: self.visited.clone() });
        }
        self.visited.push(source.to_owned());
        if !has_keys && is_role(section) {
            return self.role(source);
        }
        self.of_profile(source, true)?.ok_or_else(|| {
            let reason = format!("the source_profile {source:?} of the profile {profile:?} has no credentials");
            ConfigError::InvalidConfig { reason }
        })
    }

    fn web_identity(&self, profile: &str, named: bool) -> Result<Option<Provider>, ConfigError> {
        let section = self.section(profile);
        let get = |variable: &str, setting: &str| {
            let variable = if named { None } else { self.variable(variable) };
            variable.or_else(|| section.get(setting).map(String::as_str)).map(str::to_owned)
        };
        let file = get("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file").filter(|file| !file.is_empty());
        let Some(file) = file else { return Ok(None) };
        let Some(role_arn) = get("AWS_ROLE_ARN", "role_arn").filter(|role| !role.is_empty()) else {
            let reason = "a web_identity_token_file without a role_arn: set AWS_ROLE_ARN, or role_arn in the profile";
            return Err(ConfigError::InvalidConfig { reason: reason.to_owned() });
        };
        let session_name = get("AWS_ROLE_SESSION_NAME", "role_session_name");
        Ok(Some(Provider::WebIdentity { token_file: file.into(), role_arn, session_name }))
    }

    fn sso(&self, profile: &str) -> Result<Option<Provider>, ConfigError> {
        let section = self.section(profile);
        if !["sso_role_name", "sso_account_id"].iter().any(|name| section.contains_key(*name)) {
            return Ok(None);
        }
        let invalid = |reason: String| Err(ConfigError::InvalidConfig { reason });
        let mut merged = section.clone();
        let session = section.get("sso_session").cloned();
        if let Some(name) = &session {
            let Some(settings) = self.profiles.sso_sessions.get(name) else {
                return invalid(format!("the sso-session {name:?} of the profile {profile:?} does not exist"));
            };
            for (setting, value) in settings {
                if merged.get(setting).is_some_and(|own| own != value) {
                    return invalid(format!("{setting} differs between the profile {profile:?} and its sso-session {name:?}"));
                }
                merged.insert(setting.clone(), value.clone());
            }
        }
        let required = ["sso_role_name", "sso_account_id", "sso_start_url", "sso_region"];
        let missing: Vec<_> = required.into_iter().filter(|name| !merged.contains_key(*name)).collect();
        if !missing.is_empty() {
            return invalid(format!("the profile {profile:?} uses SSO without {}", missing.join(", ")));
        }
        let mut get = |name: &str| merged.remove(name).unwrap_or_default();
        let region = get("sso_region");
        if !crate::boto3::urls::is_region(&region) {
            return Err(ConfigError::InvalidRegion { region_name: region });
        }
        Ok(Some(Provider::Sso(Box::new(Sso {
            account_id: get("sso_account_id"),
            role_name: get("sso_role_name"),
            region,
            start_url: get("sso_start_url"),
            session,
            cache: crate::boto3::profile::expanded(self.environ, "~/.aws/sso/cache"),
        }))))
    }

    fn container(&self) -> Option<Provider> {
        let relative = self.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
        let url = match (relative, self.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI")) {
            (Some(path), _) => format!("http://169.254.170.2{path}"),
            (None, Some(url)) => url.to_owned(),
            (None, None) => return None,
        };
        Some(Provider::Container(Container {
            url,
            token_file: self.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE").map(PathBuf::from),
            token: self.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN").map(Secret::new),
        }))
    }

    fn instance(&self, profile: &str) -> Result<Provider, ConfigError> {
        if self.variable("AWS_EC2_METADATA_DISABLED").is_some_and(|text| text.eq_ignore_ascii_case("true")) {
            return Ok(Provider::None);
        }
        let section = self.section(profile);
        let get = |variable: &'static str, setting: &str| {
            self.variable(variable).or_else(|| section.get(setting).map(String::as_str)).filter(|value| !value.is_empty())
        };
        let endpoint = get("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
        let mode = get("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode");
        let ipv6 = match mode.map(str::to_ascii_lowercase).as_deref() {
            Some("ipv6") => true,
            Some("ipv4") => false,
            Some(other) => return Err(ConfigError::invalid("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", other)),
            None => get("AWS_IMDS_USE_IPV6", "imds_use_ipv6").is_some_and(|text| text.eq_ignore_ascii_case("true")),
        };
        let default = if ipv6 { "http://[fd00:ec2::254]/" } else { "http://169.254.169.254/" };
        let endpoint = endpoint.unwrap_or(default);
        if !crate::boto3::urls::is_endpoint(endpoint) {
            return Err(ConfigError::invalid("AWS_EC2_METADATA_SERVICE_ENDPOINT", endpoint));
        }
        let number = |variable: &'static str, setting: &str| match get(variable, setting) {
            None => Ok(1),
            Some(text) => text.trim().parse::<u32>().map_err(|_| ConfigError::invalid(variable, text)),
        };
        Ok(Provider::Instance(Instance {
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            timeout: Duration::from_secs(number("AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout")?.max(1).into()),
            attempts: number("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts")?,
            v1_disabled: get("AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled")
                .is_some_and(|text| text.eq_ignore_ascii_case("true")),
        }))
    }
}

/// A profile with a web identity is not assumed with another profile's credentials.
fn is_role(section: &Section) -> bool {
    section.contains_key("role_arn") && !section.contains_key("web_identity_token_file")
}

/// Returns the keys in a section of one file.
fn keys(section: Option<&Section>) -> Result<Option<Provider>, ConfigError> {
    let Some((section, id)) = section.and_then(|section| Some((section, section.get("aws_access_key_id")?))) else {
        return Ok(None);
    };
    let Some(secret) = section.get("aws_secret_access_key") else {
        return Err(ConfigError::PartialCredentials { place: "the profile", missing: "aws_secret_access_key" });
    };
    Ok(Some(Provider::Keys {
        access_key_id: id.clone(),
        secret_access_key: Secret::new(secret.clone()),
        session_token: section.get("aws_security_token").or_else(|| section.get("aws_session_token")).cloned().map(Secret::new),
        expiration: None,
    }))
}
