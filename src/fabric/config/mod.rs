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

mod access;
mod builder;
mod defaults;
mod env;
mod error;
mod files;
mod merge;
mod number;
mod section;
mod value;
mod yaml;

use std::path::PathBuf;

pub use builder::Builder;
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
}

impl Config {
    /// The user that runs this program.
    pub(in crate::fabric) fn local_user(&self) -> Option<String> {
        get_local_user(&self.os)
    }
}

/// `fabric.util.get_local_user`: the name of the user that runs this program. None if none of them has it.
///
/// The variables `LOGNAME`, `USER`, `LNAME` and `USERNAME`, then the user database.
#[doc(alias = "fabric.util.get_local_user")]
pub fn get_local_user(os: &Os) -> Option<String> {
    let variable =
        ["LOGNAME", "USER", "LNAME", "USERNAME"].into_iter().find_map(|name| os.getenv(name).filter(|v| !v.is_empty()));
    let name = variable.or_else(|| crate::os::machine::accounts::user_of_id(&**os.backend(), os.getuid()).map(|user| user.name));
    name.map(|name| name.to_string_lossy().into_owned())
}
