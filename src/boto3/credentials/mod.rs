//! The source of credentials: botocore's chain, resolved as far as the environment and the files of
//! the handle determine it.
//!
//! Credentials that must be requested (a role, SSO, a process, a container, an instance) are a
//! [`Provider`], which [`native`](super::native) calls when the first request is signed.

mod find;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use aws_credential_types::Credentials as Loaded;
use tokio::sync::Mutex;

use super::backend::Proxy;
use crate::Secret;
use crate::os::Os;

pub(super) use find::Finder;

/// The link of botocore's chain that provides the credentials. Except for the last link, it depends
/// only on settings.
#[derive(Clone, Debug, Default)]
pub(super) enum Provider {
    /// `env` with `AWS_CREDENTIAL_EXPIRATION`, `shared-credentials-file`, `config-file`.
    Keys { access_key_id: String, secret_access_key: Secret, session_token: Option<Secret>, expiration: Option<String> },
    /// `assume-role`
    AssumeRole(Box<Role>),
    /// `assume-role-with-web-identity`
    WebIdentity { token_file: PathBuf, role_arn: String, session_name: Option<String> },
    /// `sso`
    Sso(Box<Sso>),
    /// `custom-process`
    Process { command: String },
    /// `container-role`
    Container(Container),
    /// `iam-role`
    Instance(Instance),
    /// A `credential_source` without credentials.
    Missing { reason: String },
    /// `AWS_EC2_METADATA_DISABLED`, or a client that was created without a session.
    #[default]
    None,
}

/// A role of a profile, and the credentials to assume it.
#[derive(Clone, Debug)]
pub(super) struct Role {
    pub(super) role_arn: String,
    pub(super) session_name: Option<String>,
    pub(super) external_id: Option<String>,
    pub(super) duration_seconds: Option<i32>,
    pub(super) mfa_serial: Option<String>,
    pub(super) source: Provider,
}

/// A role of IAM Identity Center, and the location of the token from `aws sso login`.
#[derive(Clone, Debug)]
pub(super) struct Sso {
    pub(super) account_id: String,
    pub(super) role_name: String,
    pub(super) region: String,
    pub(super) start_url: String,
    /// The name of an `sso-session`, whose token can be refreshed.
    pub(super) session: Option<String>,
    /// `~/.aws/sso/cache`
    pub(super) cache: PathBuf,
}

/// The endpoint of a container's task role.
#[derive(Clone, Debug)]
pub(super) struct Container {
    pub(super) url: String,
    pub(super) token_file: Option<PathBuf>,
    pub(super) token: Option<Secret>,
}

/// The instance metadata service.
#[derive(Clone, Debug)]
pub(super) struct Instance {
    pub(super) endpoint: String,
    pub(super) timeout: std::time::Duration,
    pub(super) attempts: u32,
    pub(super) v1_disabled: bool,
}

/// A service that provides credentials: its URL if it is not AWS, and the proxy for that URL.
#[derive(Clone, Debug, Default)]
pub(super) struct Endpoint {
    pub(super) url: Option<String>,
    pub(super) proxy: Option<Proxy>,
}

/// A provider with everything needed to call it. All clients of one configuration share the loaded
/// credentials.
#[derive(Default)]
pub(in crate::boto3) struct Chain {
    pub(super) provider: Provider,
    /// Files, environment and directory of the handle. `None` for a client that was created without
    /// a session.
    pub(super) os: Option<Os>,
    pub(super) sts: Endpoint,
    pub(super) sso: Endpoint,
    pub(super) oidc: Endpoint,
    /// Files that could not be read: the most likely reason for missing credentials.
    pub(super) unreadable: Vec<String>,
    pub(super) loaded: Mutex<Option<Held>>,
}

/// Credentials, and when to refresh them.
#[derive(Clone)]
pub(super) struct Held {
    pub(super) credentials: Loaded,
    /// From this time on they are refreshed; if that fails, they are still used.
    pub(super) advisory: std::time::SystemTime,
    /// From this time on they are no longer used.
    pub(super) mandatory: std::time::SystemTime,
}

impl Provider {
    /// Returns botocore's name of the method.
    pub(super) fn method(&self) -> &'static str {
        match self {
            Provider::Keys { .. } => "keys",
            Provider::AssumeRole(_) => "assume-role",
            Provider::WebIdentity { .. } => "assume-role-with-web-identity",
            Provider::Sso(_) => "sso",
            Provider::Process { .. } => "custom-process",
            Provider::Container(_) => "container-role",
            Provider::Instance(_) => "iam-role",
            Provider::Missing { .. } => "credential_source",
            Provider::None => "none",
        }
    }
}

impl Chain {
    pub(super) fn of(provider: Provider) -> Arc<Chain> {
        Arc::new(Chain { provider, ..Chain::default() })
    }
}

/// Shows only the method: commands and URLs may contain secrets.
impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chain").field("method", &self.provider.method()).finish_non_exhaustive()
    }
}
