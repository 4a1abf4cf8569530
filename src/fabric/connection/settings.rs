//! What configuration and ssh_config say about a connection, in the form that [`Connection`](crate::fabric::Connection) uses.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::shorthand::python_int;
use crate::fabric::backend::Ask;
use crate::fabric::config::{Config, Value};
use crate::fabric::error::{Error, Result};
use crate::fabric::run::options::{Hide, RunOptions};
use crate::fabric::ssh_config::SshConfigDict;
use crate::{Seconds, Secret};

/// The merged configuration: fabric's and invoke's keys that connections and commands read.
#[derive(Clone, Debug, Default)]
pub(in crate::fabric) struct Settings {
    pub(in crate::fabric) run: RunOptions,
    pub(in crate::fabric) sudo_password: Option<Secret>,
    pub(in crate::fabric) sudo_prompt: String,
    pub(in crate::fabric) sudo_user: Option<String>,
    pub(in crate::fabric) user: String,
    pub(in crate::fabric) port: u16,
    pub(in crate::fabric) gateway: Option<String>,
    pub(in crate::fabric) forward_agent: bool,
    pub(in crate::fabric) connect_timeout: Option<Duration>,
    pub(in crate::fabric) inline_ssh_env: bool,
    pub(in crate::fabric) connect_kwargs: ConnectKwargs,
    pub(in crate::fabric) identities: Vec<String>,
    pub(in crate::fabric) config: Option<Arc<Config>>,
}

/// invoke's default for `sudo.prompt`.
pub(in crate::fabric) const SUDO_PROMPT: &str = "[sudo] password: ";

impl Settings {
    /// fabric's global defaults for this local user.
    pub(in crate::fabric) fn defaults(user: impl Into<String>) -> Settings {
        Settings { sudo_prompt: SUDO_PROMPT.to_owned(), user: user.into(), port: 22, inline_ssh_env: true, ..Settings::default() }
    }
}

/// An error of the configuration, in our terms.
pub(in crate::fabric) fn config_error(error: impl std::fmt::Display) -> Error {
    Error::Config(error.to_string())
}

/// A value of the configuration that has the wrong type.
fn wrong(key: &str, value: &Value) -> Error {
    if crate::is_secret_name(key) || key == "run.env" {
        return Error::Config(format!("{key}: a {} is not usable here", value.class()));
    }
    Error::Config(format!("{key}: {value:?} is not usable here"))
}

impl Settings {
    /// What connections and commands read of a configuration.
    pub(in crate::fabric) fn of(config: Arc<Config>) -> Result<Settings> {
        let get = |key: &str| config.get(key).ok().filter(|value| !value.is_none());
        let text = |key: &str| -> Result<Option<String>> {
            get(key)
                .map(|value| match value {
                    Value::Str(text) => Ok(text.clone()),
                    Value::Int(number) => Ok(number.to_string()),
                    other => Err(wrong(key, other)),
                })
                .transpose()
        };
        let flag = |key: &str| get(key).map(Value::truth);
        let seconds = |key: &str| -> Result<Option<Duration>> {
            get(key)
                .map(|value| {
                    match value {
                        Value::Str(text) => {
                            python_int(text).ok().and_then(|number| u64::try_from(number).ok()).map(Duration::from_secs)
                        }
                        value => value.as_float().and_then(|number| Duration::try_from_secs_f64(number).ok()),
                    }
                    .ok_or_else(|| wrong(key, value))
                })
                .transpose()
        };
        let hide = match get("run.hide") {
            None => None,
            Some(Value::Bool(all)) => Some(Hide::from(*all)),
            // `0 == False` and `1 == True`.
            Some(Value::Int(0)) => Some(Hide::Nothing),
            Some(Value::Int(1)) => Some(Hide::All),
            Some(Value::Str(name)) => Some(Hide::named(name)?),
            Some(other) => return Err(wrong("run.hide", other)),
        };
        let env = match get("run.env") {
            None => None,
            Some(Value::Dict(dict)) if dict.is_empty() => None,
            Some(Value::Dict(dict)) => Some(
                dict.iter()
                    .map(|(name, value)| match value {
                        Value::Str(text) => Ok((name.to_owned(), text.clone())),
                        // As `str()` shows them.
                        Value::Int(_) | Value::Bool(_) | Value::Float(_) => Ok((name.to_owned(), format!("{value:?}"))),
                        other => Err(wrong("run.env", other)),
                    })
                    .collect::<Result<Vec<_>>>()?,
            ),
            Some(other) => return Err(wrong("run.env", other)),
        };
        let run = RunOptions {
            hide,
            warn: flag("run.warn"),
            pty: flag("run.pty"),
            fallback: flag("run.fallback"),
            env,
            replace_env: flag("run.replace_env"),
            shell: text("run.shell")?,
            echo: flag("run.echo"),
            echo_format: text("run.echo_format")?,
            echo_stdin: flag("run.echo_stdin"),
            timeout: seconds("timeouts.command")?.map(Some),
            dry: flag("run.dry"),
            encoding: text("run.encoding")?,
            ..RunOptions::default()
        };
        let keys = |key: &str| -> Result<Vec<String>> {
            match get(key) {
                None => Ok(Vec::new()),
                Some(Value::Str(path)) => Ok(vec![path.clone()]),
                Some(Value::List(items)) => {
                    items.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(|| wrong(key, item))).collect()
                }
                Some(other) => Err(wrong(key, other)),
            }
        };
        let connect_kwargs = ConnectKwargs {
            password: text("connect_kwargs.password")?.map(Secret::new),
            passphrase: text("connect_kwargs.passphrase")?.map(Secret::new),
            key_filename: keys("connect_kwargs.key_filename")?,
            allow_agent: flag("connect_kwargs.allow_agent"),
            look_for_keys: flag("connect_kwargs.look_for_keys"),
            compress: flag("connect_kwargs.compress"),
            timeout: seconds("connect_kwargs.timeout")?,
            channel_timeout: seconds("connect_kwargs.channel_timeout")?,
            ..ConnectKwargs::default()
        };
        let port = get("port")
            .map(|value| {
                match value {
                    Value::Str(text) => python_int(text).ok(),
                    // `int(2222.0)`
                    Value::Float(number) if number.is_finite() => Some(number.trunc() as i64),
                    value => value.as_int(),
                }
                .and_then(|port| u16::try_from(port).ok())
                .ok_or_else(|| wrong("port", value))
            })
            .transpose()?;
        let gateway = match get("gateway") {
            Some(Value::Str(command)) => Some(command.clone()),
            Some(other) if other.truth() => return Err(wrong("gateway", other)),
            _ => None,
        };
        Ok(Settings {
            run,
            sudo_password: text("sudo.password")?.map(Secret::new),
            sudo_prompt: text("sudo.prompt")?.unwrap_or_else(|| SUDO_PROMPT.to_owned()),
            sudo_user: text("sudo.user")?,
            // A user that is set to nothing is the local one, as for paramiko.
            user: text("user")?.or_else(|| config.local_user()).unwrap_or_default(),
            port: port.unwrap_or(22),
            gateway,
            forward_agent: flag("forward_agent").unwrap_or_default(),
            connect_timeout: seconds("timeouts.connect")?,
            inline_ssh_env: config.get("inline_ssh_env").map_or(true, Value::truth),
            connect_kwargs,
            identities: keys("authentication.identities")?,
            config: Some(config),
        })
    }

    /// What ssh_config says of a host.
    pub(in crate::fabric) fn lookup(&self, host: &str) -> Result<HostOptions> {
        let Some(config) = &self.config else { return Ok(HostOptions::default()) };
        let rules = config.base_ssh_config();
        if rules.is_empty() {
            return Ok(HostOptions::default());
        }
        let dict = rules.lookup(host).map_err(config_error)?;
        let flag = |keyword: &str| dict.contains(keyword).then(|| dict.as_bool(keyword).ok()).flatten();
        let text = |keyword: &str| dict.get(keyword).map(str::to_owned);
        let paths = |paths: Vec<PathBuf>| paths.iter().map(|path| path.to_string_lossy().into_owned()).collect::<Vec<_>>();
        let strict = match dict.get("stricthostkeychecking") {
            // OpenSSH's `no` also lets changed keys pass. DIFFERENCE: those are refused here.
            Some("no" | "off" | "accept-new" | "false") => Some(HostKeys::AcceptNew),
            Some(_) => Some(HostKeys::Strict),
            None => None,
        };
        Ok(HostOptions {
            hostname: text("hostname"),
            user: dict.user().map(str::to_owned),
            port: dict.port(),
            proxy_jump: text("proxyjump"),
            proxy_command: text("proxycommand"),
            forward_agent: dict.forward_agent(),
            connect_timeout: dict.connect_timeout(),
            identity_files: dict.identity_files().map(paths).unwrap_or_default(),
            certificate_files: paths(dict.certificate_files()),
            identities_only: flag("identitiesonly").unwrap_or_default(),
            identity_agent: text("identityagent"),
            user_known_hosts: dict.user_known_hosts_files().map(paths),
            global_known_hosts: dict.global_known_hosts_files().map(paths),
            strict,
            host_key_alias: text("hostkeyalias"),
            hash_known_hosts: flag("hashknownhosts").unwrap_or_default(),
            compression: flag("compression"),
            keepalive: dict
                .get("serveraliveinterval")
                .and_then(|text| text.parse().ok())
                .filter(|seconds| *seconds > 0)
                .map(Duration::from_secs),
            all: Some(dict),
        })
    }
}

/// What ssh_config says about one host.
#[derive(Clone, Debug, Default)]
pub(in crate::fabric) struct HostOptions {
    pub(in crate::fabric) all: Option<SshConfigDict>,
    pub(in crate::fabric) hostname: Option<String>,
    pub(in crate::fabric) user: Option<String>,
    pub(in crate::fabric) port: Option<u16>,
    pub(in crate::fabric) proxy_jump: Option<String>,
    pub(in crate::fabric) proxy_command: Option<String>,
    pub(in crate::fabric) forward_agent: Option<bool>,
    pub(in crate::fabric) connect_timeout: Option<Duration>,
    pub(in crate::fabric) identity_files: Vec<String>,
    pub(in crate::fabric) certificate_files: Vec<String>,
    pub(in crate::fabric) identities_only: bool,
    pub(in crate::fabric) identity_agent: Option<String>,
    pub(in crate::fabric) user_known_hosts: Option<Vec<String>>,
    pub(in crate::fabric) global_known_hosts: Option<Vec<String>>,
    pub(in crate::fabric) strict: Option<HostKeys>,
    pub(in crate::fabric) host_key_alias: Option<String>,
    pub(in crate::fabric) hash_known_hosts: bool,
    pub(in crate::fabric) compression: Option<bool>,
    pub(in crate::fabric) keepalive: Option<Duration>,
}

/// What happens with host keys that no known_hosts file has. A changed or revoked key is always an error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum HostKeys {
    /// Unknown keys are refused. DIFFERENCE: fabric accepts every key, also a changed one.
    #[default]
    Strict,
    /// Unknown keys are accepted and written to the first known_hosts file of the user.
    AcceptNew,
    /// Every key is accepted and nothing is checked. An attacker on the network can then read and change everything.
    DangerouslyAcceptAny,
}

/// `connect_kwargs=`: how to authenticate, as paramiko's `SSHClient.connect` takes it.
///
/// <https://docs.paramiko.org/en/stable/api/client.html#paramiko.client.SSHClient.connect>
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct ConnectKwargs {
    pub(in crate::fabric) password: Option<Secret>,
    pub(in crate::fabric) passphrase: Option<Secret>,
    pub(in crate::fabric) ask_passphrase: Option<Ask>,
    pub(in crate::fabric) ask: Option<Ask>,
    pub(in crate::fabric) pkey: Vec<Secret>,
    pub(in crate::fabric) key_filename: Vec<String>,
    pub(in crate::fabric) allow_agent: Option<bool>,
    pub(in crate::fabric) look_for_keys: Option<bool>,
    pub(in crate::fabric) compress: Option<bool>,
    pub(in crate::fabric) timeout: Option<Duration>,
    pub(in crate::fabric) agent_timeout: Option<Duration>,
    pub(in crate::fabric) agent_socket: Option<PathBuf>,
    pub(in crate::fabric) channel_timeout: Option<Duration>,
    pub(in crate::fabric) disabled_algorithms: Vec<String>,
    pub(in crate::fabric) keepalive: Option<Duration>,
    pub(in crate::fabric) known_hosts: Option<Vec<String>>,
}

impl ConnectKwargs {
    /// Nothing set.
    pub fn new() -> ConnectKwargs {
        ConnectKwargs::default()
    }

    /// True if nothing is set: then those of the configuration apply.
    pub(in crate::fabric) fn is_empty(&self) -> bool {
        self.password.is_none()
            && self.passphrase.is_none()
            && self.ask_passphrase.is_none()
            && self.ask.is_none()
            && self.pkey.is_empty()
            && self.key_filename.is_empty()
            && self.allow_agent.is_none()
            && self.look_for_keys.is_none()
            && self.compress.is_none()
            && self.timeout.is_none()
            && self.agent_timeout.is_none()
            && self.agent_socket.is_none()
            && self.channel_timeout.is_none()
            && self.disabled_algorithms.is_empty()
            && self.keepalive.is_none()
            && self.known_hosts.is_none()
    }

    /// The password, for password and keyboard-interactive authentication; it also unlocks keys if no passphrase is set.
    #[doc(alias = "fabric.Connection.connect_kwargs(password=)")]
    pub fn password(mut self, password: impl Into<Secret>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// The passphrase of encrypted keys.
    #[doc(alias = "fabric.Connection.connect_kwargs(passphrase=)")]
    pub fn passphrase(mut self, passphrase: impl Into<Secret>) -> Self {
        self.passphrase = Some(passphrase.into());
        self
    }

    /// Asks for the passphrase of a key; the argument is the path of the key.
    pub fn ask_passphrase(mut self, ask: impl Fn(&str) -> Option<Secret> + Send + Sync + 'static) -> Self {
        self.ask_passphrase = Some(Ask::new(ask));
        self
    }

    /// Answers the prompts of keyboard-interactive authentication, such as one-time codes.
    pub fn ask(mut self, ask: impl Fn(&str) -> Option<Secret> + Send + Sync + 'static) -> Self {
        self.ask = Some(Ask::new(ask));
        self
    }

    /// A private key as text, in any format that a key file may have.
    #[doc(alias = "fabric.Connection.connect_kwargs(pkey=)")]
    pub fn pkey(mut self, key: impl Into<Secret>) -> Self {
        self.pkey.push(key.into());
        self
    }

    /// A private key file, tried before those of the agent. It may be given several times.
    #[doc(alias = "fabric.Connection.connect_kwargs(key_filename=)")]
    pub fn key_filename(mut self, path: impl Into<String>) -> Self {
        self.key_filename.push(path.into());
        self
    }

    /// Whether an agent is asked. Default: true.
    #[doc(alias = "fabric.Connection.connect_kwargs(allow_agent=)")]
    pub fn allow_agent(mut self, allow: bool) -> Self {
        self.allow_agent = Some(allow);
        self
    }

    /// Whether the keys with the usual names in `~/.ssh` are tried. Default: true.
    #[doc(alias = "fabric.Connection.connect_kwargs(look_for_keys=)")]
    pub fn look_for_keys(mut self, look: bool) -> Self {
        self.look_for_keys = Some(look);
        self
    }

    /// Whether the connection is compressed. Default: false.
    #[doc(alias = "fabric.Connection.connect_kwargs(compress=)")]
    pub fn compress(mut self, compress: bool) -> Self {
        self.compress = Some(compress);
        self
    }

    /// The budget for connecting and authenticating; not together with `connect_timeout`. It covers paramiko's `banner_timeout` and
    /// `auth_timeout` too.
    #[doc(alias = "fabric.Connection.connect_kwargs(timeout=)")]
    #[doc(alias = "fabric.Connection.connect_kwargs(banner_timeout=)")]
    #[doc(alias = "fabric.Connection.connect_kwargs(auth_timeout=)")]
    pub fn timeout(mut self, timeout: impl Into<Seconds>) -> Self {
        self.timeout = Some(timeout.into().into());
        self
    }

    /// The budget for opening a channel. Default: what the command's deadline leaves.
    #[doc(alias = "fabric.Connection.connect_kwargs(channel_timeout=)")]
    pub fn channel_timeout(mut self, timeout: impl Into<Seconds>) -> Self {
        self.channel_timeout = Some(timeout.into().into());
        self
    }

    /// How long the agent may take for an answer. Default: 3 seconds; then it counts as not there.
    pub fn agent_timeout(mut self, timeout: impl Into<Seconds>) -> Self {
        self.agent_timeout = Some(timeout.into().into());
        self
    }

    /// The agent's socket. Default: `IdentityAgent` of ssh_config, then `SSH_AUTH_SOCK`.
    pub fn agent_socket(mut self, path: impl Into<PathBuf>) -> Self {
        self.agent_socket = Some(path.into());
        self
    }

    /// An algorithm not to use, by its SSH name. It may be given several times.
    #[doc(alias = "fabric.Connection.connect_kwargs(disabled_algorithms=)")]
    pub fn disabled_algorithm(mut self, name: impl Into<String>) -> Self {
        self.disabled_algorithms.push(name.into());
        self
    }

    /// Sends a keepalive after this much silence. Default: `ServerAliveInterval` of ssh_config.
    pub fn keepalive(mut self, interval: impl Into<Seconds>) -> Self {
        self.keepalive = Some(interval.into().into());
        self
    }

    /// The known_hosts files; `accept-new` writes to the first. Default: those of ssh_config, `~/.ssh/known_hosts` and
    /// `/etc/ssh/ssh_known_hosts`.
    pub fn known_hosts<P: Into<String>>(mut self, files: impl IntoIterator<Item = P>) -> Self {
        self.known_hosts = Some(files.into_iter().map(Into::into).collect());
        self
    }
}

impl fmt::Debug for ConnectKwargs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectKwargs")
            .field("password", &self.password)
            .field("passphrase", &self.passphrase)
            .field("key_filename", &self.key_filename)
            .field("allow_agent", &self.allow_agent)
            .field("look_for_keys", &self.look_for_keys)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
