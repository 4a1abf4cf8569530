//! The idle connections: a pool per host and route, like urllib3's `PoolManager`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Client;
use tokio::sync::Semaphore;

use crate::requests::backend::{Failure, Pool, Route};

/// Pools by the adapters' settings: adapters with equal settings share connections.
#[derive(Default)]
pub(super) struct Pools {
    by_settings: Mutex<HashMap<Pool, Shelf>>,
}

/// The pools with the same settings, with a counter of when each was last used.
#[derive(Default)]
struct Shelf {
    pools: HashMap<Key, (HostPool, u64)>,
    turn: u64,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    route: Arc<Route>,
    tls: bool,
    host: String,
    port: Option<u16>,
}

/// The connections to one host.
#[derive(Clone)]
pub(super) struct HostPool {
    pub(super) client: Client,
    /// Set if calls wait when the pool is full.
    pub(super) gate: Option<Arc<Semaphore>>,
}

impl Pools {
    /// Returns the pool for this URL and route, creating it if necessary; then the least recently
    /// used one may be dropped.
    pub(super) fn of(
        &self,
        route: &Arc<Route>,
        url: &reqwest::Url,
        build: impl FnOnce(&Route) -> Result<Client, Failure>,
    ) -> Result<HostPool, Failure> {
        let settings = route.pool;
        let key = Key {
            route: route.clone(),
            tls: url.scheme() == "https",
            host: url.host_str().unwrap_or_default().to_owned(),
            port: url.port(),
        };
        let mut shelves = self.by_settings.lock().unwrap_or_else(PoisonError::into_inner);
        let shelf = shelves.entry(settings).or_default();
        shelf.turn += 1;
        if let Some((pool, used)) = shelf.pools.get_mut(&key) {
            *used = shelf.turn;
            return Ok(pool.clone());
        }
        let gate = settings.block.then(|| Arc::new(Semaphore::new(settings.maxsize.clamp(1, Semaphore::MAX_PERMITS))));
        let pool = HostPool { client: build(route)?, gate };
        shelf.pools.insert(key, (pool.clone(), shelf.turn));
        while shelf.pools.len() > settings.connections {
            let oldest = shelf.pools.iter().min_by_key(|(_, (_, used))| *used).map(|(key, _)| key.clone());
            let Some(oldest) = oldest else { break };
            shelf.pools.remove(&oldest);
        }
        Ok(pool)
    }

    pub(super) fn clear(&self) {
        self.by_settings.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
