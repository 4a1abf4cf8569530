//! How levels become one: `invoke.config.merge_dicts`.

use super::error::Error;
use super::value::{Dict, Value};

/// Puts the updates over the base. A mapping and something else under one key do not go together.
pub(super) fn merge(base: &mut Dict, updates: &Dict) -> Result<(), Error> {
    for (key, value) in updates.iter() {
        match (base.get_mut(key), value) {
            (None, _) => {
                base.insert(key, value.clone());
            }
            (Some(Value::Dict(base)), Value::Dict(updates)) => merge(base, updates)?,
            (Some(original), _) if matches!(original, Value::Dict(_)) || matches!(value, Value::Dict(_)) => {
                let secret = crate::is_secret_name(key);
                return Err(Error::AmbiguousMerge { original: mismatch(original, secret), update: mismatch(value, secret) });
            }
            (Some(slot), _) => *slot = value.clone(),
        }
    }
    Ok(())
}

fn mismatch(value: &Value, secret: bool) -> String {
    if secret { value.class().to_owned() } else { format!("{} ({value:?})", value.class()) }
}

/// Keys that were removed. None: the key itself; else keys below it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Deletions(Vec<(String, Option<Deletions>)>);

impl Deletions {
    /// Notes that a key is removed.
    pub(super) fn add(&mut self, path: &[String]) {
        let Some((first, rest)) = path.split_first() else { return };
        let at = match self.0.iter().position(|(key, _)| key == first) {
            Some(at) => at,
            None => {
                self.0.push((first.clone(), Some(Deletions::default())));
                self.0.len() - 1
            }
        };
        let Some((_, below)) = self.0.get_mut(at) else { return };
        if rest.is_empty() {
            *below = None;
        } else if let Some(below) = below {
            below.add(rest);
        }
    }

    /// Notes that a key is there again.
    pub(super) fn excise(&mut self, path: &[String]) {
        match path {
            [] => {}
            [last] => self.0.retain(|(key, _)| key != last),
            [first, rest @ ..] => {
                if let Some((_, Some(below))) = self.0.iter_mut().find(|(key, _)| key == first) {
                    below.excise(rest);
                }
            }
        }
    }

    /// Takes them out of the merged levels.
    pub(super) fn apply(&self, merged: &mut Dict) {
        for (key, below) in &self.0 {
            match below {
                None => {
                    merged.remove(key);
                }
                Some(below) => {
                    if let Some(Value::Dict(dict)) = merged.get_mut(key) {
                        below.apply(dict);
                    }
                }
            }
        }
    }
}
