//! A state behind a URL, with the protocol of Terraform's `http` backend: GET, POST, DELETE, and LOCK and UNLOCK with the lock's record.
//!
//! <https://developer.hashicorp.com/terraform/language/backend/http>

use super::journal::{self, Change, Parsed};
use super::lock::LockInfo;
use super::snapshot::Snapshot;
use super::store::{Held, Store};
use crate::infra::error::{Error, Result};
use crate::infra::random_hex;
use crate::requests::Response;
use crate::secret::url::redact;
use crate::{Batteries, Wait as _};

#[derive(Clone)]
pub(super) struct HttpStore {
    batteries: Batteries,
    address: String,
    /// The address for people, without its password.
    place: String,
}

impl HttpStore {
    pub(super) fn new(batteries: &Batteries, address: &str) -> HttpStore {
        HttpStore { batteries: batteries.clone(), place: redact(address), address: address.to_owned() }
    }

    fn send(&self, method: &str, query: Option<&str>, body: Option<Vec<u8>>) -> Result<Response> {
        let url = match query {
            Some(id) => format!("{}{}ID={id}", self.address, if self.address.contains('?') { '&' } else { '?' }),
            None => self.address.clone(),
        };
        let mut request = self.batteries.requests.request(method, url);
        if let Some(body) = body {
            request = request.headers([("Content-Type", "application/json")]).data(body);
        }
        request.wait().map_err(|error| Error::State {
            place: self.place.clone(),
            problem: format!("{method} failed: {error}"),
            source: Some(error.into()),
        })
    }

    fn refused(&self, method: &str, answer: &Response) -> Error {
        Error::state(&self.place, format!("{method}: HTTP status {}", answer.status_code))
    }

    fn body(&self, answer: &Response) -> Result<Vec<u8>> {
        answer.content().map(|bytes| bytes.to_vec()).map_err(|error| Error::state(&self.place, error))
    }
}

impl Store for HttpStore {
    fn place(&self) -> &str {
        &self.place
    }

    fn load(&self) -> Result<Option<Parsed>> {
        let answer = self.send("GET", None, None)?;
        match answer.status_code {
            200 => {
                let text = self.body(&answer)?;
                if text.is_empty() { Ok(None) } else { journal::read(&self.place, &text).map(Some) }
            }
            204 | 404 => Ok(None),
            _ => Err(self.refused("GET", &answer)),
        }
    }

    fn lock(&self, operation: &str) -> Result<Box<dyn Held>> {
        let info = LockInfo::new(&self.batteries, random_hex(16)?, operation, &self.place);
        let text = serde_json::to_vec(&info).map_err(|error| Error::state(&self.place, error))?;
        let answer = self.send("LOCK", None, Some(text))?;
        match answer.status_code {
            200 => Ok(Box::new(HeldUrl { store: self.clone(), info })),
            409 | 423 => {
                let holder = serde_json::from_slice(&self.body(&answer)?).unwrap_or_default();
                Err(Error::Locked { place: self.place.clone(), holder: Box::new(holder) })
            }
            _ => Err(self.refused("LOCK", &answer)),
        }
    }

    fn break_lock(&self, id: &str) -> Result<()> {
        let info = LockInfo { id: id.to_owned(), ..LockInfo::default() };
        let text = serde_json::to_vec(&info).map_err(|error| Error::state(&self.place, error))?;
        let answer = self.send("UNLOCK", None, Some(text))?;
        if answer.status_code == 200 { Ok(()) } else { Err(self.refused("UNLOCK", &answer)) }
    }

    fn workspaces(&self) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn remove(&self) -> Result<()> {
        let answer = self.send("DELETE", None, None)?;
        if answer.status_code < 300 { Ok(()) } else { Err(self.refused("DELETE", &answer)) }
    }
}

struct HeldUrl {
    store: HttpStore,
    info: LockInfo,
}

impl Held for HeldUrl {
    fn record(&mut self, _: &Change, after: &Snapshot) -> Result<()> {
        self.replace(after)
    }

    fn replace(&mut self, snapshot: &Snapshot) -> Result<()> {
        let text = journal::write(&self.store.place, snapshot)?;
        let answer = self.store.send("POST", Some(&self.info.id), Some(text))?;
        match answer.status_code {
            200..=299 => Ok(()),
            409 | 423 => {
                let (place, id) = (self.store.place.clone(), self.info.id.clone());
                Err(Error::LostLock { place, id, problem: format!("POST: HTTP status {}", answer.status_code) })
            }
            _ => Err(self.store.refused("POST", &answer)),
        }
    }

    fn release(self: Box<Self>, _: &Snapshot) -> Result<()> {
        Ok(())
    }
}

impl Drop for HeldUrl {
    fn drop(&mut self) {
        if let Ok(text) = serde_json::to_vec(&self.info) {
            // A lock that stays is shown with its holder, and can be broken by its id.
            let _ = self.store.send("UNLOCK", None, Some(text));
        }
    }
}
