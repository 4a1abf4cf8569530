//! A cache of compiled patterns by source and flags, like the one of Python's `re`.

use super::error::Result;
use super::pattern::{Inner, Pattern};
use super::source::Source;
use super::text::Text;
use std::any::Any;
use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, VecDeque};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, LazyLock, RwLock};

/// The maximum number of patterns; the oldest is removed first.
const MOST: usize = 512;

#[derive(Default)]
struct Cache {
    /// Keyed by the hash of source, flags and limit; the pattern itself is compared too.
    patterns: HashMap<u64, Arc<dyn Any + Send + Sync>>,
    order: VecDeque<u64>,
}

static CACHE: LazyLock<RwLock<Cache>> = LazyLock::new(RwLock::default);

/// Returns the pattern for a source, from the cache if possible.
pub(super) fn compile<T: Text + ?Sized>(source: &Source<'_, T>) -> Result<Pattern<T>> {
    let mut hasher = DefaultHasher::new();
    (T::UTF8, source.pattern, source.flags, source.backtrack_limit).hash(&mut hasher);
    let key = hasher.finish();
    // A panic elsewhere cannot leave the cache in an inconsistent state.
    let found = CACHE.read().unwrap_or_else(std::sync::PoisonError::into_inner).patterns.get(&key).cloned();
    let found = found.and_then(|found| found.downcast::<Inner<T>>().ok());
    if let Some(inner) = found.filter(|inner| inner.is_of(source)) {
        return Ok(Pattern(inner));
    }
    let pattern = Pattern::new(source)?;
    let mut cache = CACHE.write().unwrap_or_else(std::sync::PoisonError::into_inner);
    if cache.patterns.insert(key, pattern.0.clone()).is_none() {
        cache.order.push_back(key);
        let oldest = if cache.order.len() > MOST { cache.order.pop_front() } else { None };
        oldest.map(|oldest| cache.patterns.remove(&oldest));
    }
    Ok(pattern)
}

/// Clears the cache of `compile` and of the functions of this module.
#[doc(alias = "re.purge")]
pub fn purge() {
    *CACHE.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Cache::default();
}
