//! Compiled patterns by source and flags, as Python's `re` keeps them.

use super::error::Result;
use super::pattern::{Inner, Pattern};
use super::source::Source;
use super::text::Text;
use std::any::Any;
use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, VecDeque};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, LazyLock, RwLock};

/// How many patterns are kept; the oldest goes first.
const MOST: usize = 512;

#[derive(Default)]
struct Cache {
    /// By the hash of source, flags and limit; the pattern itself tells whether it is the one.
    patterns: HashMap<u64, Arc<dyn Any + Send + Sync>>,
    order: VecDeque<u64>,
}

static CACHE: LazyLock<RwLock<Cache>> = LazyLock::new(RwLock::default);

/// The pattern of a source, from the cache if it is there.
pub(super) fn compile<T: Text + ?Sized>(source: &Source<'_, T>) -> Result<Pattern<T>> {
    let mut hasher = DefaultHasher::new();
    (T::UTF8, source.pattern, source.flags, source.backtrack_limit).hash(&mut hasher);
    let key = hasher.finish();
    // A panic elsewhere leaves nothing half done in here.
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

/// Forgets all patterns that `compile` and the functions of this module have kept.
#[doc(alias = "re.purge")]
pub fn purge() {
    *CACHE.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Cache::default();
}
