//! Which host keys a connection accepts: a [`HostKeyChecker`] over the files that ssh_config and the arguments name.

use std::path::PathBuf;
use std::sync::Arc;

use super::connect::Facts;
use super::open::expanduser;
use super::settings::HostKeys;
use crate::fabric::backend::CheckHostKey;
use crate::fabric::known_hosts::{HostKeyChecker, Policy};
use crate::os::Os;

/// The checker of a connection.
pub(in crate::fabric) fn policy(os: &Os, facts: &Facts) -> Arc<dyn CheckHostKey> {
    let options = &facts.options;
    let user = facts.connect_kwargs.known_hosts.clone().or_else(|| options.user_known_hosts.clone());
    let user = user.unwrap_or_else(|| vec!["~/.ssh/known_hosts".to_owned(), "~/.ssh/known_hosts2".to_owned()]);
    let paths = |files: &[String]| files.iter().map(|file| PathBuf::from(expanduser(os, file))).collect::<Vec<_>>();
    let mut checker = HostKeyChecker::new(os.clone(), paths(&user))
        .policy(match facts.host_keys {
            HostKeys::Strict => Policy::Strict,
            HostKeys::AcceptNew => Policy::AcceptNew,
            HostKeys::DangerouslyAcceptAny => Policy::DangerouslyAcceptAnyHostKey,
        })
        .hash_names(options.hash_known_hosts)
        .alias(options.host_key_alias.clone());
    if let Some(files) = &options.global_known_hosts {
        checker = checker.global_files(paths(files));
    } else if facts.connect_kwargs.known_hosts.is_some() {
        checker = checker.global_files([]);
    }
    Arc::new(checker)
}
