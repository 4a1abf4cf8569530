//! The lowest level: `Config.global_defaults()` of invoke and fabric.

use super::value::{Dict, Value};
use crate::os::Os;

/// invoke's. <https://docs.pyinvoke.org/en/stable/concepts/configuration.html#default-configuration-values>
pub(super) fn invoke() -> Dict {
    let run = Dict::new()
        .with("asynchronous", false)
        .with("disown", false)
        .with("dry", false)
        .with("echo", false)
        .with("echo_stdin", Value::None)
        .with("encoding", Value::None)
        .with("env", Dict::new())
        .with("err_stream", Value::None)
        .with("fallback", true)
        .with("hide", Value::None)
        .with("in_stream", Value::None)
        .with("out_stream", Value::None)
        .with("echo_format", "\x1b[1;37m{command}\x1b[0m")
        .with("pty", false)
        .with("replace_env", false)
        .with("shell", "/bin/bash")
        .with("warn", false)
        .with("watchers", Value::List(Vec::new()));
    let tasks = Dict::new()
        .with("auto_dash_names", true)
        .with("collection_name", "tasks")
        .with("dedupe", true)
        .with("executor_class", Value::None)
        .with("ignore_unknown_help", false)
        .with("search_root", Value::None);
    let sudo = Dict::new().with("password", Value::None).with("prompt", "[sudo] password: ").with("user", Value::None);
    Dict::new()
        .with("run", run)
        .with("runners", Dict::new().with("local", Value::Class("invoke.runners.Local".into())))
        .with("sudo", sudo)
        .with("tasks", tasks)
        .with("timeouts", Dict::new().with("command", Value::None))
}

/// fabric's: invoke's and its own. <https://docs.fabfile.org/en/stable/concepts/configuration.html#default-values>
pub(super) fn fabric(os: &Os) -> Dict {
    let mut defaults = invoke();
    let class = |name: &str| Value::Class(format!("fabric.runners.{name}"));
    let mut add = |section: &str, key: &str, value: Value| {
        if let Some(Value::Dict(dict)) = defaults.get_mut(section) {
            dict.insert(key, value);
        }
    };
    add("runners", "remote", class("Remote"));
    add("runners", "remote_shell", class("RemoteShell"));
    add("tasks", "collection_name", "fabfile".into());
    add("timeouts", "connect", Value::None);
    defaults
        .with("authentication", Dict::new().with("identities", Value::List(Vec::new())).with("strategy_class", Value::None))
        .with("connect_kwargs", Dict::new())
        .with("forward_agent", false)
        .with("gateway", Value::None)
        .with("inline_ssh_env", true)
        .with("load_ssh_configs", true)
        .with("port", 22)
        .with("ssh_config_path", Value::None)
        .with("user", super::get_local_user(os))
}
