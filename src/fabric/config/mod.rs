//! [`Config`]: the settings of fabric and of invoke, from defaults, files, the environment and the program.
//!
//! ```
//! use leyden::fabric::config::Config;
//!
//! let world = leyden::World::new();
//! world.os.write("/etc/fabric.yaml", "run:\n  echo: yes\nport: 2222\n");
//! let os = world.batteries().os;
//! os.environ.set("FABRIC_RUN_WARN", "1")?;
//! let mut config = Config::new(&os)?;
//! config.load_shell_env()?;
//! assert_eq!(config.get("run.echo")?.as_bool(), Some(true));
//! assert_eq!((config.get("port")?.as_int(), config.get("run.warn")?.as_bool()), (Some(2222), Some(true)));
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! Levels, each over the ones before it: defaults, collection, system file (`/etc/fabric.*`), user file (`~/.fabric.*`), project file, environment
//! (`FABRIC_*`), runtime file, overrides, changes that the program made, and what it removed.
//!
//! | Python | leyden |
//! |---|---|
//! | `fabric.Config(..)`, `invoke.Config(..)` | [`Config::new`], [`Config::invoke`], [`Config::builder`] |
//! | `config.run.echo`, `config["run"]["echo"]` | `config.get("run.echo")?`, `config.get(["run", "echo"])?` |
//! | `config.run.echo = True`, `del config["x"]` | `config.set("run.echo", true)?`, `config.remove("x")?` |
//! | `config.run` as a mapping, its `pop`, `popitem`, `setdefault`, `update`, `clear` | [`Config::section`]: a [`Section`] |
//! | `"x" in config`, `len(config)`, `for key in config`, `config == other` | [`Config::contains`], [`Config::len`], [`Config::iter`], `==` |
//! | `repr(config)` | `format!("{config:?}")` |
//! | `config.clone(into=..)` | [`Config::try_clone`], [`Config::clone_into`] |
//!
//! # DIFFERENCE
//!
//! - `.toml` takes the place of `.py`: a configuration in Python would have to be run. One that is found is an error.
//! - Keys are texts. YAML's dates and other types than texts, numbers, truths, lists and mappings are errors, and so is a top level that is not a mapping.
//! - A change that cannot be merged is an error and is not kept; in Python it stays, and every later merge fails.
//! - A deletion below a key that no level has any more is ignored; Python raises `KeyError` from then on.
//! - The errors of missing keys do not list all names.
//! - `ssh_config` files are read after OpenSSH's rules: see [`ssh_config`](super::ssh_config).

mod defaults;
mod env;
mod error;
mod files;
mod merge;
mod number;
mod section;
mod value;
mod yaml;

use std::fmt;
use std::path::{Path, PathBuf};

pub use error::Error;
pub use section::{KeyPath, Section};
pub use value::{Dict, Value};

use super::ssh_config::SshConfig;
use crate::os::Os;
use crate::subprocess::Subprocess;
use files::FileLevel;
use merge::Deletions;

/// Every method of this module gives this.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Whose configuration it is: the names of files and variables, and the defaults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Flavor {
    /// `fabric.Config`.
    #[default]
    Fabric,
    /// `invoke.Config`: no ssh_config, and fewer defaults.
    #[doc(alias = "invoke.Config")]
    Invoke,
}

impl Flavor {
    /// `Config.prefix`: `"fabric"` or `"invoke"`.
    #[doc(alias = "fabric.Config.prefix")]
    pub fn prefix(self) -> &'static str {
        match self {
            Flavor::Fabric => "fabric",
            Flavor::Invoke => "invoke",
        }
    }
}

/// `fabric.Config`, and `invoke.Config`.
///
/// <https://docs.fabfile.org/en/stable/concepts/configuration.html>
#[derive(Clone)]
#[doc(alias = "fabric.Config")]
pub struct Config {
    os: Os,
    subprocess: Option<Subprocess>,
    flavor: Flavor,
    file_prefix: Option<String>,
    env_prefix: String,
    defaults: Dict,
    collection: Dict,
    system: FileLevel,
    user: FileLevel,
    project: FileLevel,
    env: Dict,
    runtime: FileLevel,
    overrides: Dict,
    modifications: Dict,
    deletions: Deletions,
    merged: Dict,
    ssh: Ssh,
}

/// What fabric keeps beside the levels.
#[derive(Clone, Debug)]
struct Ssh {
    runtime_path: Option<PathBuf>,
    system_path: PathBuf,
    user_path: PathBuf,
    explicit: bool,
    base: SshConfig,
}

/// What [`Config::builder`] gives: Python's keyword arguments.
#[derive(Clone, Debug)]
#[must_use = "end with `.build()`"]
pub struct Builder {
    os: Os,
    subprocess: Option<Subprocess>,
    flavor: Flavor,
    defaults: Option<Dict>,
    overrides: Dict,
    system_prefix: String,
    user_prefix: String,
    project_location: Option<PathBuf>,
    runtime_path: Option<PathBuf>,
    file_prefix: Option<String>,
    env_prefix: Option<String>,
    lazy: bool,
    ssh_config: Option<SshConfig>,
    runtime_ssh_path: Option<PathBuf>,
    system_ssh_path: PathBuf,
    user_ssh_path: PathBuf,
}

impl Builder {
    /// Sets what runs the commands of `Match exec` in ssh_config files. Default: nothing.
    pub fn subprocess(mut self, subprocess: Subprocess) -> Builder {
        self.subprocess = Some(subprocess);
        self
    }

    /// Sets whose configuration it is. Default: fabric's.
    pub fn flavor(mut self, flavor: Flavor) -> Builder {
        self.flavor = flavor;
        self
    }

    /// Sets the lowest level. Default: [`Config::global_defaults`].
    pub fn defaults(mut self, defaults: Dict) -> Builder {
        self.defaults = Some(defaults);
        self
    }

    /// Sets the highest level that is not changed later.
    pub fn overrides(mut self, overrides: Dict) -> Builder {
        self.overrides = overrides;
        self
    }

    /// Sets what the path of the system's file begins with. Default: `/etc/`.
    pub fn system_prefix(mut self, prefix: impl Into<String>) -> Builder {
        self.system_prefix = prefix.into();
        self
    }

    /// Sets what the path of the user's file begins with. Default: `~/.`.
    pub fn user_prefix(mut self, prefix: impl Into<String>) -> Builder {
        self.user_prefix = prefix.into();
        self
    }

    /// Sets the directory of the project's file, for [`Config::load_project`].
    pub fn project_location(mut self, path: impl Into<PathBuf>) -> Builder {
        self.project_location = Some(path.into());
        self
    }

    /// Sets the runtime file, for [`Config::load_runtime`].
    pub fn runtime_path(mut self, path: impl Into<PathBuf>) -> Builder {
        self.runtime_path = Some(path.into());
        self
    }

    /// Sets the base name of the files. Default: [`Flavor::prefix`].
    #[doc(alias = "fabric.Config.file_prefix")]
    pub fn file_prefix(mut self, prefix: impl Into<String>) -> Builder {
        self.file_prefix = Some(prefix.into());
        self
    }

    /// Sets what variables begin with, without the underscore. Default: [`Flavor::prefix`], in capitals as any other.
    #[doc(alias = "fabric.Config.env_prefix")]
    pub fn env_prefix(mut self, prefix: impl Into<String>) -> Builder {
        self.env_prefix = Some(prefix.into());
        self
    }

    /// Reads no file yet: the `load_*` methods do.
    pub fn lazy(mut self, lazy: bool) -> Builder {
        self.lazy = lazy;
        self
    }

    /// Sets the rules of ssh_config; no file is read then.
    pub fn ssh_config(mut self, config: SshConfig) -> Builder {
        self.ssh_config = Some(config);
        self
    }

    /// Sets the only ssh_config file to read, which must be there.
    pub fn runtime_ssh_path(mut self, path: impl Into<PathBuf>) -> Builder {
        self.runtime_ssh_path = Some(path.into());
        self
    }

    /// Sets the machine's ssh_config file. Default: `/etc/ssh/ssh_config`.
    pub fn system_ssh_path(mut self, path: impl Into<PathBuf>) -> Builder {
        self.system_ssh_path = path.into();
        self
    }

    /// Sets the user's ssh_config file. Default: `~/.ssh/config`.
    pub fn user_ssh_path(mut self, path: impl Into<PathBuf>) -> Builder {
        self.user_ssh_path = path.into();
        self
    }

    /// Reads the files, unless it is lazy, and merges.
    pub fn build(self) -> Result<Config> {
        let explicit = self.ssh_config.is_some();
        let base = self.ssh_config.unwrap_or_else(|| {
            let config = SshConfig::new(&self.os).resolver(super::ssh_config::SystemResolver);
            match &self.subprocess {
                Some(subprocess) => config.subprocess(subprocess.clone()),
                None => config,
            }
        });
        let env_prefix = self.env_prefix.unwrap_or_else(|| self.flavor.prefix().to_owned());
        let mut config = Config {
            defaults: self.defaults.unwrap_or_else(|| Config::global_defaults_of(self.flavor, &self.os)),
            os: self.os,
            subprocess: self.subprocess,
            flavor: self.flavor,
            file_prefix: self.file_prefix,
            env_prefix: format!("{}_", env_prefix.to_uppercase()),
            collection: Dict::new(),
            system: FileLevel::below(Some(self.system_prefix)),
            user: FileLevel::below(Some(self.user_prefix)),
            project: FileLevel::default(),
            env: Dict::new(),
            runtime: FileLevel::at(self.runtime_path),
            overrides: self.overrides,
            modifications: Dict::new(),
            deletions: Deletions::default(),
            merged: Dict::new(),
            ssh: Ssh {
                runtime_path: self.runtime_ssh_path,
                system_path: self.system_ssh_path,
                user_path: self.user_ssh_path,
                explicit,
                base,
            },
        };
        config.set_project_location(self.project_location);
        if !self.lazy {
            config.load_base_conf_files()?;
        }
        config.merge()?;
        if !self.lazy && config.flavor == Flavor::Fabric {
            config.load_ssh_config()?;
        }
        Ok(config)
    }
}

impl Config {
    /// fabric's: the system's and the user's file, and the ssh_config files, are read through `os`.
    pub fn new(os: &Os) -> Result<Config> {
        Config::builder(os).build()
    }

    /// invoke's.
    pub fn invoke(os: &Os) -> Result<Config> {
        Config::builder(os).flavor(Flavor::Invoke).build()
    }

    /// One with arguments.
    pub fn builder(os: &Os) -> Builder {
        Builder {
            os: os.clone(),
            subprocess: None,
            flavor: Flavor::Fabric,
            defaults: None,
            overrides: Dict::new(),
            system_prefix: "/etc/".into(),
            user_prefix: "~/.".into(),
            project_location: None,
            runtime_path: None,
            file_prefix: None,
            env_prefix: None,
            lazy: false,
            ssh_config: None,
            runtime_ssh_path: None,
            system_ssh_path: "/etc/ssh/ssh_config".into(),
            user_ssh_path: "~/.ssh/config".into(),
        }
    }

    /// fabric's default values.
    #[doc(alias = "fabric.Config.global_defaults")]
    pub fn global_defaults(os: &Os) -> Dict {
        defaults::fabric(os)
    }

    /// The default values of fabric or invoke.
    pub fn global_defaults_of(flavor: Flavor, os: &Os) -> Dict {
        match flavor {
            Flavor::Fabric => defaults::fabric(os),
            Flavor::Invoke => defaults::invoke(),
        }
    }

    /// Reads the files of the system and the user.
    #[doc(alias = "fabric.Config.load_base_conf_files")]
    pub fn load_base_conf_files(&mut self) -> Result<()> {
        let name = self.base_name();
        self.system.load(&self.os, &name, false)?;
        self.user.load(&self.os, &name, false)?;
        Ok(())
    }

    fn base_name(&self) -> String {
        self.file_prefix.clone().unwrap_or_else(|| self.flavor.prefix().to_owned())
    }

    /// Replaces the lowest level.
    #[doc(alias = "fabric.Config.load_defaults")]
    pub fn load_defaults(&mut self, data: Dict) -> Result<()> {
        self.defaults = data;
        self.merge()
    }

    /// Replaces the overrides.
    #[doc(alias = "fabric.Config.load_overrides")]
    pub fn load_overrides(&mut self, data: Dict) -> Result<()> {
        self.overrides = data;
        self.merge()
    }

    /// Replaces what a collection of tasks configures.
    #[doc(alias = "fabric.Config.load_collection")]
    pub fn load_collection(&mut self, data: Dict) -> Result<()> {
        self.collection = data;
        self.merge()
    }

    /// Reads the system's file, `/etc/fabric.*`, unless that was done.
    #[doc(alias = "fabric.Config.load_system")]
    pub fn load_system(&mut self) -> Result<()> {
        let name = self.base_name();
        if self.system.load(&self.os, &name, false)? { self.merge() } else { Ok(()) }
    }

    /// Reads the user's file, `~/.fabric.*`, unless that was done.
    #[doc(alias = "fabric.Config.load_user")]
    pub fn load_user(&mut self) -> Result<()> {
        let name = self.base_name();
        if self.user.load(&self.os, &name, false)? { self.merge() } else { Ok(()) }
    }

    /// Reads the project's file, unless that was done or no directory is set.
    #[doc(alias = "fabric.Config.load_project")]
    pub fn load_project(&mut self) -> Result<()> {
        let name = self.base_name();
        if self.project.load(&self.os, &name, false)? { self.merge() } else { Ok(()) }
    }

    /// Reads the runtime file, unless that was done or none is set.
    ///
    /// [`Error::UnknownFileType`] if its name does not end as a format does. A missing file is passed over.
    #[doc(alias = "fabric.Config.load_runtime")]
    pub fn load_runtime(&mut self) -> Result<()> {
        let name = self.base_name();
        if self.runtime.load(&self.os, &name, true)? { self.merge() } else { Ok(()) }
    }

    /// Reads the variables of the environment that belong to a key there is: `FABRIC_RUN_ECHO` is `run.echo`.
    ///
    /// The text becomes what the key's value is: a truth (false for `0` and the empty text), a number, a text.
    #[doc(alias = "fabric.Config.load_shell_env")]
    pub fn load_shell_env(&mut self) -> Result<()> {
        self.merge()?;
        self.env = env::load(&self.merged, &self.env_prefix, &self.os)?;
        self.merge()
    }

    /// Sets the directory of the project's file, for [`Config::load_project`].
    #[doc(alias = "fabric.Config.set_project_location")]
    pub fn set_project_location(&mut self, path: Option<PathBuf>) {
        let prefix = path.map(|path| {
            let path = path.to_string_lossy().into_owned();
            if path.is_empty() || path.ends_with('/') { path } else { format!("{path}/") }
        });
        self.project = FileLevel::below(prefix);
    }

    /// Sets the runtime file, for [`Config::load_runtime`].
    #[doc(alias = "fabric.Config.set_runtime_path")]
    pub fn set_runtime_path(&mut self, path: Option<PathBuf>) {
        self.runtime = FileLevel::at(path);
    }

    /// Sets the only ssh_config file to read, for [`Config::load_ssh_config`].
    #[doc(alias = "fabric.Config.set_runtime_ssh_path")]
    pub fn set_runtime_ssh_path(&mut self, path: Option<PathBuf>) {
        self.ssh.runtime_path = path;
    }

    /// Reads the ssh_config files: the runtime file alone (the key `ssh_config_path`, or the one that was set), else the user's and the machine's,
    /// unless `load_ssh_configs` is false. Nothing is read where [`Builder::ssh_config`] gave the rules.
    ///
    /// A runtime file that is missing is an error.
    #[doc(alias = "fabric.Config.load_ssh_config")]
    pub fn load_ssh_config(&mut self) -> Result<()> {
        if let Ok(Value::Str(path)) = self.get("ssh_config_path")
            && !path.is_empty()
        {
            self.ssh.runtime_path = Some(path.into());
        }
        if self.ssh.explicit {
            return Ok(());
        }
        match &self.ssh.runtime_path {
            Some(path) => {
                let path = self.os.path.expanduser(path);
                self.ssh.base.add_path(path)?;
            }
            None if self.get("load_ssh_configs").is_ok_and(Value::truth) => {
                let user = self.os.path.expanduser(&self.ssh.user_path);
                if self.os.path.isfile(&user) {
                    self.ssh.base.add_user_file(user)?;
                }
                let system = self.os.path.expanduser(&self.ssh.system_path);
                if self.os.path.isfile(&system) {
                    self.ssh.base.add_system_file(system)?;
                }
            }
            None => {}
        }
        Ok(())
    }

    /// `base_ssh_config`: the rules of the ssh_config files.
    pub fn base_ssh_config(&self) -> &SshConfig {
        &self.ssh.base
    }

    /// Puts the levels together again. [`Error::AmbiguousMerge`] where they do not fit.
    #[doc(alias = "fabric.Config.merge")]
    pub fn merge(&mut self) -> Result<()> {
        self.merged = self.merged_levels()?;
        Ok(())
    }

    fn merged_levels(&self) -> Result<Dict> {
        let mut merged = Dict::new();
        let levels = [
            &self.defaults,
            &self.collection,
            &self.system.data,
            &self.user.data,
            &self.project.data,
            &self.env,
            &self.runtime.data,
            &self.overrides,
            &self.modifications,
        ];
        for level in levels {
            merge::merge(&mut merged, level)?;
        }
        self.deletions.apply(&mut merged);
        Ok(merged)
    }

    /// A copy, as Python makes it: files that were not looked for yet are read, and keys that were removed are there again.
    ///
    /// `Clone` copies the state as it is.
    #[doc(alias = "fabric.Config.clone")]
    pub fn try_clone(&self) -> Result<Config> {
        self.copied(self.flavor, self.defaults.clone())
    }

    /// A copy for the other flavor, with that one's defaults over the present ones: `clone(into=..)`.
    pub fn clone_into(&self, into: Flavor) -> Result<Config> {
        let mut defaults = self.defaults.clone();
        merge::merge(&mut defaults, &Config::global_defaults_of(into, &self.os))?;
        self.copied(into, defaults)
    }

    fn copied(&self, flavor: Flavor, defaults: Dict) -> Result<Config> {
        let mut copy = Config { flavor, defaults, deletions: Deletions::default(), ..Clone::clone(self) };
        copy.ssh.explicit |= self.flavor == Flavor::Fabric;
        copy.load_base_conf_files()?;
        copy.merge()?;
        if flavor == Flavor::Fabric {
            copy.load_ssh_config()?;
        }
        Ok(copy)
    }

    /// The merged mapping.
    pub fn as_dict(&self) -> &Dict {
        &self.merged
    }

    fn dict_at(&self, path: &[String]) -> Option<&Dict> {
        path.iter().try_fold(&self.merged, |dict, key| dict.get(key)?.as_dict())
    }

    /// A value: `config.get("run.echo")?`. [`Error::Key`] if it is not there.
    pub fn get(&self, path: impl KeyPath) -> Result<&Value> {
        let keys = path.keys();
        let found = keys.split_last().and_then(|(last, parents)| self.dict_at(parents)?.get(last));
        found.ok_or_else(|| Error::Key { key: keys.join(".") })
    }

    /// Sets a value, above all levels. Its parents must be mappings. [`Error::AmbiguousMerge`] for a mapping in the place of something else.
    pub fn set(&mut self, path: impl KeyPath, value: impl Into<Value>) -> Result<()> {
        let keys = path.keys();
        let parents = keys.split_last().map_or(&[][..], |(_, parents)| parents);
        if self.dict_at(parents).is_none() {
            return Err(Error::NotAMapping { key: parents.join(".") });
        }
        self.modify(&keys, value.into())
    }

    /// Removes a key and gives its value: `del config["x"]`. [`Error::Key`] if it is not there.
    pub fn remove(&mut self, path: impl KeyPath) -> Result<Value> {
        let keys = path.keys();
        let value = self.get(&keys)?.clone();
        self.delete(&keys)?;
        Ok(value)
    }

    fn modify(&mut self, keys: &[String], value: Value) -> Result<()> {
        let before = (self.modifications.clone(), self.deletions.clone());
        self.deletions.excise(keys);
        // Python changes the proxied mapping itself before it merges: a mapping in the place of a mapping is merged with it.
        place(&mut self.modifications, keys, value);
        match self.merged_levels() {
            Ok(merged) => {
                self.merged = merged;
                Ok(())
            }
            Err(error) => {
                (self.modifications, self.deletions) = before;
                Err(error)
            }
        }
    }

    fn delete(&mut self, keys: &[String]) -> Result<()> {
        self.deletions.add(keys);
        self.merge()
    }

    /// A mapping in the configuration, to read and change. [`Error::NotAMapping`] if it is something else.
    pub fn section(&mut self, path: impl KeyPath) -> Result<Section<'_>> {
        self.section_at(path.keys())
    }

    fn section_at(&mut self, path: Vec<String>) -> Result<Section<'_>> {
        let key = path.join(".");
        match self.get(&path) {
            Err(_) => Err(Error::Key { key }),
            Ok(Value::Dict(_)) => Ok(Section { config: self, path }),
            Ok(_) => Err(Error::NotAMapping { key }),
        }
    }

    fn root(&mut self) -> Section<'_> {
        Section { config: self, path: Vec::new() }
    }

    /// `pop(key)`. [`Error::Key`] if it is not there.
    #[doc(alias = "fabric.Config.pop")]
    pub fn pop(&mut self, key: &str) -> Result<Value> {
        self.root().pop(key)
    }

    /// `pop(key, default)`.
    pub fn pop_or(&mut self, key: &str, default: impl Into<Value>) -> Result<Value> {
        self.root().pop_or(key, default)
    }

    /// `popitem()`: removes the last key and gives it.
    #[doc(alias = "fabric.Config.popitem")]
    pub fn popitem(&mut self) -> Result<(String, Value)> {
        self.root().popitem()
    }

    /// `setdefault(key, default)`.
    #[doc(alias = "fabric.Config.setdefault")]
    pub fn setdefault(&mut self, key: &str, default: impl Into<Value>) -> Result<Value> {
        self.root().setdefault(key, default)
    }

    /// `update(..)`.
    #[doc(alias = "fabric.Config.update")]
    pub fn update<K: AsRef<str>, V: Into<Value>>(&mut self, entries: impl IntoIterator<Item = (K, V)>) -> Result<()> {
        self.root().update(entries)
    }

    /// `clear()`: removes every key.
    #[doc(alias = "fabric.Config.clear")]
    pub fn clear(&mut self) -> Result<()> {
        self.root().clear()
    }

    /// True if there is such a key.
    pub fn contains(&self, path: impl KeyPath) -> bool {
        self.get(path).is_ok()
    }

    /// The keys of the top level and their values, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.merged.iter()
    }

    /// How many keys the top level has.
    pub fn len(&self) -> usize {
        self.merged.len()
    }

    /// True if there is no key.
    pub fn is_empty(&self) -> bool {
        self.merged.is_empty()
    }

    /// The files that were read for the levels system, user, project and runtime.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let levels = [&self.system, &self.user, &self.project, &self.runtime];
        levels.into_iter().filter(|level| level.found == Some(true)).filter_map(|level| level.path.as_deref())
    }

    /// What runs the commands of `Match exec`.
    pub fn subprocess(&self) -> Option<&Subprocess> {
        self.subprocess.as_ref()
    }
}

fn place(level: &mut Dict, keys: &[String], value: Value) {
    match keys {
        [] => {}
        [last] => {
            level.insert(last.as_str(), value);
        }
        [first, rest @ ..] => {
            if !matches!(level.get(first), Some(Value::Dict(_))) {
                level.insert(first.as_str(), Dict::new());
            }
            if let Some(Value::Dict(below)) = level.get_mut(first) {
                place(below, rest, value);
            }
        }
    }
}

impl PartialEq for Config {
    /// The merged values are equal, wherever they come from.
    fn eq(&self, other: &Config) -> bool {
        self.merged == other.merged
    }
}

impl fmt::Debug for Config {
    /// Python's `repr()`, but for passwords, of which it shows none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.merged.clone();
        hide(&mut shown);
        write!(f, "<Config: {shown:?}>")
    }
}

/// Passwords and passphrases, wherever they are.
fn hide(dict: &mut Dict) {
    let keys: Vec<String> = dict.keys().map(str::to_owned).collect();
    for key in keys {
        match dict.get_mut(&key) {
            Some(Value::Dict(below)) => hide(below),
            Some(value) if !value.is_none() && (key.contains("password") || key.contains("passphrase")) => *value = "***".into(),
            _ => {}
        }
    }
}

/// `fabric.util.get_local_user`: the name of the user that runs this program. None if nothing says it.
///
/// The variables `LOGNAME`, `USER`, `LNAME` and `USERNAME`, then the user database.
#[doc(alias = "fabric.util.get_local_user")]
pub fn get_local_user(os: &Os) -> Option<String> {
    let variable =
        ["LOGNAME", "USER", "LNAME", "USERNAME"].into_iter().find_map(|name| os.getenv(name).filter(|v| !v.is_empty()));
    let name = variable.or_else(|| crate::os::accounts::user_of_id(&**os.backend(), os.getuid()).map(|user| user.name));
    name.map(|name| name.to_string_lossy().into_owned())
}
