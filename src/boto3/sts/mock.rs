//! STS in memory: the world's account, and roles of any account.
//!
//! ```
//! use leyden::prelude::*;
//!
//! let world = World::new();
//! let boto3 = world.batteries().boto3;
//! let role = "arn:aws:iam::210987654321:role/backup";
//! let answer = boto3.client().sts().assume_role(|assume| assume.role_arn(role).role_session_name("nightly")).wait()?;
//! let keys = answer.credentials().unwrap();
//! let other = boto3.client().aws_access_key_id(keys.access_key_id()).aws_secret_access_key(keys.secret_access_key());
//! let who = other.aws_session_token(keys.session_token()).sts().get_caller_identity(|get| get).wait()?;
//! assert_eq!(who.arn(), Some("arn:aws:sts::210987654321:assumed-role/backup/nightly"));
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! | modelled | how |
//! |---|---|
//! | identity | [`ACCOUNT`] and [`USER`]; keys from `assume_role` belong to their role, until they expire on the world's clock |
//! | roles | any well-formed ARN may be assumed, except after [`Mock::deny`]; parameters are checked against the service's model |
//! | not modelled | trust policies, MFA codes, session policies: accepted and ignored. Web identity tokens are not verified |

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use aws_sdk_sts::primitives::DateTime;
use aws_sdk_sts::types::{AssumedRoleUser, Credentials};

use super::backend::{Backend, shapes::*};
use crate::boto3::Result;
use crate::boto3::backend::{self, ClientConfig, Service};
use crate::boto3::error::{ClientError, Error, api_name};
use crate::mock::Script;

/// The world's account: that of its S3 and EC2.
pub const ACCOUNT: &str = "123456789012";

/// The user of a world's clients.
pub const USER: &str = "arn:aws:iam::123456789012:user/world";

/// STS in memory. Clones share it.
#[derive(Clone, Debug)]
pub struct Mock {
    script: Script,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// The holders of temporary keys.
    given: BTreeMap<String, Given>,
    denied: BTreeSet<String>,
}

#[derive(Clone, Debug)]
struct Given {
    account: String,
    arn: String,
    user_id: String,
    until: SystemTime,
}

impl Mock {
    pub(crate) fn new(script: Script) -> Mock {
        Mock { script, state: Arc::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forbids this role: 403 `AccessDenied`.
    pub fn deny(&self, role_arn: impl Into<String>) -> &Mock {
        self.lock().denied.insert(role_arn.into());
        self
    }

    /// Creates new keys for this identity.
    fn give(&self, operation: &'static str, account: &str, arn: String, user_id: String, seconds: i32) -> Result<Credentials> {
        let until = self.script.clock().now() + Duration::from_secs(u64::try_from(seconds).unwrap_or_default());
        let mut state = self.lock();
        let number = state.given.len() + 1;
        let id = format!("ASIA{number:016}");
        state.given.insert(id.clone(), Given { account: account.to_owned(), arn, user_id, until });
        let keys = Credentials::builder().access_key_id(id).expiration(DateTime::from(until));
        let keys = keys.secret_access_key(format!("{number:040}")).session_token(format!("token-{number}")).build();
        keys.map_err(|error| Error::ParamValidation { operation, report: error.to_string() })
    }
}

impl Service<dyn Backend> for Mock {
    fn connect(&self, config: ClientConfig) -> Arc<dyn Backend> {
        Arc::new(Connected { mock: self.clone(), config })
    }
}

/// The fake from the view of one client.
#[derive(Debug)]
struct Connected {
    mock: Mock,
    config: ClientConfig,
}

impl Connected {
    /// Logs the call, returns a planned fault, and identifies the caller.
    fn enter(&self, operation: &'static str, logged: &'static str, subject: &str, signed: bool) -> Result<Given> {
        self.mock.script.enter::<Error>(logged, subject)?;
        let refuse = |status, code, message: &str| Err(ClientError::new(api_name(operation), status, code, message).into());
        let id = match &self.config.credentials {
            backend::Credentials::Static { access_key_id, .. } => access_key_id.as_str(),
            backend::Credentials::Unsigned if signed => {
                return refuse(403, "MissingAuthenticationToken", "Request is missing Authentication Token");
            }
            _ => "",
        };
        match self.mock.lock().given.get(id) {
            Some(given) if given.until <= self.mock.script.clock().now() => {
                refuse(403, "ExpiredToken", "The security token included in the request is expired")
            }
            Some(given) => Ok(given.clone()),
            None => Ok(Given {
                account: ACCOUNT.to_owned(),
                arn: USER.to_owned(),
                user_id: "AIDAWORLDWORLDWORLDW".to_owned(),
                until: SystemTime::UNIX_EPOCH,
            }),
        }
    }

    /// Returns the role of an ARN, for a session of this name.
    fn role(&self, operation: &'static str, asked: Asked<'_>) -> Result<(Credentials, AssumedRoleUser)> {
        let invalid = |message: String| Error::from(ClientError::new(api_name(operation), 400, "ValidationError", message));
        let Asked { role_arn, session, seconds } = asked;
        let missing = |name: &str| Error::ParamValidation { operation, report: format!("missing required parameter {name:?}") };
        let role_arn = role_arn.ok_or_else(|| missing("RoleArn"))?;
        let session = session.ok_or_else(|| missing("RoleSessionName"))?;
        if !(20..=2048).contains(&role_arn.chars().count()) {
            return Err(Error::ParamValidation { operation, report: format!("invalid length for RoleArn: {role_arn:?}") });
        }
        if !(2..=64).contains(&session.chars().count()) {
            return Err(Error::ParamValidation { operation, report: format!("invalid length for RoleSessionName: {session:?}") });
        }
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter);
        if !session.chars().all(plain) {
            return Err(invalid(format!(
                "1 validation error detected: Value '{session}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*"
            )));
        }
        let seconds = seconds.unwrap_or(3600);
        if seconds < 900 {
            return Err(Error::ParamValidation { operation, report: format!("DurationSeconds {seconds}, at least 900") });
        }
        if seconds > 43_200 {
            return Err(invalid(format!("the DurationSeconds {seconds} exceed the 43200 of a role")));
        }
        let fields: Vec<_> = role_arn.splitn(6, ':').collect();
        let [_, partition, "iam", _, account, role] = fields[..] else { return Err(invalid(format!("{role_arn} is invalid"))) };
        let name = role.strip_prefix("role/").and_then(|path| path.rsplit('/').next()).filter(|name| !name.is_empty());
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        let Some(name) = name.filter(|_| is_account) else { return Err(invalid(format!("{role_arn} is invalid"))) };
        if self.mock.lock().denied.contains(role_arn) {
            let message = format!("User: {USER} is not authorized to perform: sts:AssumeRole on resource: {role_arn}");
            return Err(ClientError::new(api_name(operation), 403, "AccessDenied", message).into());
        }
        let arn = format!("arn:{partition}:sts::{account}:assumed-role/{name}/{session}");
        let user_id = format!("AROAWORLDWORLDWORLDW:{session}");
        let user = AssumedRoleUser::builder().assumed_role_id(&user_id).arn(&arn).build();
        let user = user.map_err(|error| Error::ParamValidation { operation, report: error.to_string() })?;
        Ok((self.mock.give(operation, account, arn, user_id, seconds)?, user))
    }
}

struct Asked<'a> {
    role_arn: Option<&'a str>,
    session: Option<&'a str>,
    seconds: Option<i32>,
}

#[async_trait]
impl Backend for Connected {
    async fn assume_role(&self, input: AssumeRoleInputBuilder) -> Result<AssumeRoleOutput> {
        let role_arn = input.get_role_arn().as_deref();
        self.enter("assume_role", "sts.assume_role", role_arn.unwrap_or_default(), true)?;
        let session = input.get_role_session_name().as_deref();
        let (keys, user) = self.role("assume_role", Asked { role_arn, session, seconds: *input.get_duration_seconds() })?;
        Ok(AssumeRoleOutput::builder().credentials(keys).assumed_role_user(user).build())
    }

    async fn assume_role_with_web_identity(
        &self,
        input: AssumeRoleWithWebIdentityInputBuilder,
    ) -> Result<AssumeRoleWithWebIdentityOutput> {
        const OPERATION: &str = "assume_role_with_web_identity";
        let role_arn = input.get_role_arn().as_deref();
        self.enter(OPERATION, "sts.assume_role_with_web_identity", role_arn.unwrap_or_default(), false)?;
        if input.get_web_identity_token().as_deref().is_none_or(|token| token.len() < 4) {
            return Err(Error::ParamValidation { operation: OPERATION, report: "missing or short WebIdentityToken".to_owned() });
        }
        let session = input.get_role_session_name().as_deref();
        let (keys, user) = self.role(OPERATION, Asked { role_arn, session, seconds: *input.get_duration_seconds() })?;
        Ok(AssumeRoleWithWebIdentityOutput::builder().credentials(keys).assumed_role_user(user).build())
    }

    async fn get_caller_identity(&self, _: GetCallerIdentityInputBuilder) -> Result<GetCallerIdentityOutput> {
        let who = self.enter("get_caller_identity", "sts.get_caller_identity", "", true)?;
        Ok(GetCallerIdentityOutput::builder().account(who.account).arn(who.arn).user_id(who.user_id).build())
    }

    async fn get_session_token(&self, input: GetSessionTokenInputBuilder) -> Result<GetSessionTokenOutput> {
        let who = self.enter("get_session_token", "sts.get_session_token", "", true)?;
        let seconds = input.get_duration_seconds().unwrap_or(43_200);
        if !(900..=129_600).contains(&seconds) {
            let report = format!("DurationSeconds {seconds}, 900 to 129600");
            return Err(Error::ParamValidation { operation: "get_session_token", report });
        }
        let keys = self.mock.give("get_session_token", &who.account, who.arn, who.user_id, seconds)?;
        Ok(GetSessionTokenOutput::builder().credentials(keys).build())
    }
}
