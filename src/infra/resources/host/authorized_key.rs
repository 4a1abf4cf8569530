//! [`AuthorizedKey`]: a key that may log in.

use serde::{Deserialize, Serialize};

use super::user::passwd;
use super::{batteries, check_name, name_id, name_of, on_host};
use crate::Batteries;
use crate::infra::resource::{Field, Id, Live, Resource, Scope, Token};
use crate::os::shutil::Owner;
use crate::os::{MakeDirs, Open};

/// A public key in `~/.ssh/authorized_keys` of a user: `AuthorizedKey::new("deploy", "ssh-ed25519 AAAA.. ann@laptop")`. Other lines of the
/// file stay as they are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AuthorizedKey {
    host: Option<String>,
    user: String,
    key: String,
}

on_host!(AuthorizedKey);

impl AuthorizedKey {
    /// The key's line: options, type, base64, comment.
    pub fn new(user: impl Into<String>, key: impl Into<String>) -> AuthorizedKey {
        AuthorizedKey { host: None, user: user.into(), key: key.into() }
    }

    fn id(&self) -> Option<Id> {
        let body = body(&self.key)?;
        Some(name_id(self.host.as_ref(), &format!("{} {body}", self.user)))
    }
}

/// The base64 of a line: what makes it this key, whatever its options and its comment.
fn body(line: &str) -> Option<&str> {
    let kind = |word: &&str| word.starts_with("ssh-") || word.starts_with("ecdsa-") || word.starts_with("sk-");
    let mut words = line.split_whitespace().skip_while(|word| !kind(word));
    words.next()?;
    words.next()
}

/// The directory `.ssh` of a user, and the user's numbers.
fn home(there: &Batteries, user: &str) -> crate::Result<(String, u32, u32)> {
    let fields = passwd(there, user)?.ok_or_else(|| crate::Error::other(format!("no user {user:?}")))?;
    let number = |text: &String| text.parse::<u32>().map_err(crate::Error::from);
    Ok((format!("{}/.ssh", fields[5].trim_end_matches('/')), number(&fields[2])?, number(&fields[3])?))
}

fn lines(there: &Batteries, path: &str) -> crate::Result<Vec<String>> {
    match there.os.read_text(path) {
        Ok(text) => Ok(text.lines().map(str::to_owned).collect()),
        Err(crate::os::Error::FileNotFound(_)) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

/// Replaces the line of this key, or adds it, or takes it out.
fn edit(there: &Batteries, user: &str, key: &str, line: Option<&str>) -> crate::Result<()> {
    let (directory, uid, gid) = home(there, user)?;
    let path = format!("{directory}/authorized_keys");
    let mut lines = lines(there, &path)?;
    let found = lines.iter().position(|line| body(line) == Some(key));
    match (found, line) {
        (Some(at), Some(line)) => line.clone_into(&mut lines[at]),
        (Some(_), None) => lines.retain(|line| body(line) != Some(key)),
        (None, Some(line)) => lines.push(line.to_owned()),
        (None, None) => return Ok(()),
    }
    let owner = || Owner::new().user(uid).group(gid);
    if !there.os.path.isdir(&directory) {
        there.os.makedirs(MakeDirs::new(&directory).mode(0o700).exist_ok(true))?;
        there.os.shutil.chown(&directory, owner())?;
    }
    let fresh = !there.os.path.exists(&path);
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    there.os.write_bytes(Open::new(&path).permissions(0o600), text)?;
    if fresh {
        there.os.shutil.chown(&path, owner())?;
    }
    Ok(())
}

impl Resource for AuthorizedKey {
    const TYPE: &'static str = "host.authorized_key";
    type Out = ();

    const FIELDS: &'static [Field] = &[Field::new("host").force_new(), Field::new("user").force_new()];

    fn validate(&self) -> crate::Result<()> {
        check_name("user", &self.user)?;
        if body(&self.key).is_none() || self.key.contains('\n') || self.key.trim() != self.key {
            return Err(crate::Error::other("key is not one line with a type and base64"));
        }
        Ok(())
    }

    fn natural_id(&self) -> Option<Id> {
        self.id()
    }

    async fn read(scope: &Scope, id: &Id, _: Option<&Live<AuthorizedKey>>) -> crate::Result<Option<Live<AuthorizedKey>>> {
        let (host, rest) = name_of(id);
        let there = batteries(scope, host.as_ref())?;
        let (user, key) = rest.split_once(' ').ok_or_else(|| crate::Error::other(format!("id {rest:?} is not `user base64`")))?;
        if passwd(&there, user)?.is_none() {
            return Ok(None);
        }
        let (directory, ..) = home(&there, user)?;
        let lines = lines(&there, &format!("{directory}/authorized_keys"))?;
        let line = lines.into_iter().find(|line| body(line) == Some(key));
        Ok(line.map(|line| Live::new(AuthorizedKey { host, user: user.to_owned(), key: line }, ())))
    }

    async fn create(&self, scope: &Scope, _: &Token) -> crate::Result<(Id, ())> {
        let there = batteries(scope, self.host.as_ref())?;
        let (Some(id), Some(key)) = (self.id(), body(&self.key)) else { return Err(crate::Error::other("key is not valid")) };
        edit(&there, &self.user, key, Some(&self.key))?;
        Ok((id, ()))
    }

    async fn update(&self, scope: &Scope, _: &Id, was: &Live<AuthorizedKey>) -> crate::Result<()> {
        let there = batteries(scope, self.host.as_ref())?;
        let old = body(&was.inputs.key).unwrap_or_default();
        edit(&there, &self.user, old, Some(&self.key))
    }

    async fn delete(scope: &Scope, id: &Id, _: &Live<AuthorizedKey>) -> crate::Result<()> {
        let (host, rest) = name_of(id);
        let there = batteries(scope, host.as_ref())?;
        let Some((user, key)) = rest.split_once(' ') else { return Ok(()) };
        if passwd(&there, user)?.is_none() {
            return Ok(());
        }
        edit(&there, user, key, None)
    }
}
