//! [`Builder`]: the arguments of a configuration.

use std::path::PathBuf;

use super::files::FileLevel;
use super::merge::Deletions;
use super::value::Dict;
use super::{Config, Flavor, Result, Ssh};
use crate::fabric::ssh_config::{SshConfig, SystemResolver};
use crate::os::Os;
use crate::subprocess::Subprocess;

/// What [`Config::builder`] gives: Python's keyword arguments.
#[derive(Clone, Debug)]
#[must_use = "end with `.build()`"]
pub struct Builder {
    pub(super) os: Os,
    pub(super) subprocess: Option<Subprocess>,
    pub(super) flavor: Flavor,
    pub(super) defaults: Option<Dict>,
    pub(super) overrides: Dict,
    pub(super) system_prefix: String,
    pub(super) user_prefix: String,
    pub(super) project_location: Option<PathBuf>,
    pub(super) runtime_path: Option<PathBuf>,
    pub(super) file_prefix: Option<String>,
    pub(super) env_prefix: Option<String>,
    pub(super) lazy: bool,
    pub(super) ssh_config: Option<SshConfig>,
    pub(super) runtime_ssh_path: Option<PathBuf>,
    pub(super) system_ssh_path: PathBuf,
    pub(super) user_ssh_path: PathBuf,
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
            let config = SshConfig::new(&self.os).resolver(SystemResolver);
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
