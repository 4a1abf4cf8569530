//! Credentials from roles: `AssumeRole`, `AssumeRoleWithWebIdentity`.

use aws_credential_types::Credentials as Loaded;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sts::Client;
use aws_sdk_sts::types::Credentials;

use super::credentials::seconds;
use crate::boto3::backend::ClientConfig;
use crate::boto3::credentials::Role;
use crate::boto3::error::Cause;

/// Creates a client of STS with these credentials. Proxy and URL are those of STS, not of the
/// service that the caller uses.
fn client(config: &ClientConfig, source: Option<Loaded>) -> Result<Client, Cause> {
    let endpoint = &config.chain.sts;
    let config = ClientConfig {
        endpoint_url: endpoint.url.clone(),
        proxy: endpoint.proxy.clone(),
        region_name: config.region_name.clone().or_else(|| Some("us-east-1".to_owned())),
        ..config.clone()
    };
    let mut builder = super::unsigned(&config)?;
    if let Some(source) = source {
        builder = builder.credentials_provider(SharedCredentialsProvider::new(source));
    }
    Ok(Client::new(&builder.build()))
}

/// Returns the default session name, generated like botocore's.
fn session(name: Option<&str>) -> String {
    name.map_or_else(|| format!("botocore-session-{}", seconds()), str::to_owned)
}

pub(super) async fn assume(config: &ClientConfig, role: &Role, source: Loaded) -> Result<Loaded, Cause> {
    let client = client(config, Some(source))?;
    let call = client.assume_role().role_arn(&role.role_arn).role_session_name(session(role.session_name.as_deref()));
    let call = call.set_external_id(role.external_id.clone()).set_duration_seconds(role.duration_seconds);
    let answer = call.send().await.map_err(|error| Cause::from(super::failure("assume_role", config, error)))?;
    loaded(answer.credentials, "assume-role")
}

pub(super) async fn with_web_identity(
    config: &ClientConfig,
    role_arn: &str,
    session_name: Option<&str>,
    token: String,
) -> Result<Loaded, Cause> {
    let client = client(config, None)?;
    let call = client.assume_role_with_web_identity().role_arn(role_arn).role_session_name(session(session_name));
    let answer = call.web_identity_token(token).send().await;
    let answer = answer.map_err(|error| Cause::from(super::failure("assume_role_with_web_identity", config, error)))?;
    loaded(answer.credentials, "assume-role-with-web-identity")
}

fn loaded(found: Option<Credentials>, provider: &'static str) -> Result<Loaded, Cause> {
    let found = found.ok_or_else(|| format!("{provider}: no Credentials in the answer"))?;
    let expiry = std::time::SystemTime::try_from(found.expiration)?;
    Ok(Loaded::new(found.access_key_id, found.secret_access_key, Some(found.session_token), Some(expiry), provider))
}
