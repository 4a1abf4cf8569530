//! A state in a bucket: one object, replaced by conditional puts, and a lock object beside it.

use std::sync::Arc;

use super::journal::{self, Change, Parsed};
use super::lock::LockInfo;
use super::snapshot::Snapshot;
use super::store::{Held, Store};
use crate::boto3::s3::Client;
use crate::infra::error::{Error, Result};
use crate::infra::random_hex;
use crate::{Batteries, Wait as _};

#[derive(Clone)]
pub(super) struct S3Store(Arc<Place>);

struct Place {
    batteries: Batteries,
    client: Client,
    bucket: String,
    /// The key of the state of this workspace.
    key: String,
    /// The key of the state of the default workspace.
    base: String,
    /// The prefix of the other workspaces.
    prefix: String,
    place: String,
}

type Failure = crate::boto3::Error;

fn status(error: &Failure) -> u16 {
    error.client().map_or(0, |error| error.status)
}

impl S3Store {
    pub(super) fn new(
        batteries: &Batteries,
        bucket: &str,
        base: &str,
        prefix: &str,
        workspace: &str,
        region: Option<&str>,
    ) -> S3Store {
        let key = if workspace == "default" { base.to_owned() } else { format!("{prefix}/{workspace}/{base}") };
        let mut clients = batteries.boto3.client();
        if let Some(region) = region {
            clients = clients.region_name(region);
        }
        let place = format!("s3://{bucket}/{key}");
        let (bucket, base, prefix) = (bucket.to_owned(), base.to_owned(), prefix.to_owned());
        S3Store(Arc::new(Place { batteries: batteries.clone(), client: clients.s3(), bucket, key, base, prefix, place }))
    }

    fn lock_key(&self) -> String {
        format!("{}.tflock", self.0.key)
    }

    fn failed(&self, what: &str, error: Failure) -> Error {
        Error::State { place: self.0.place.clone(), problem: format!("{what}: {error}"), source: Some(error.into()) }
    }

    /// The object's bytes and ETag.
    fn get(&self, key: &str) -> Result<Option<(Vec<u8>, String)>, Failure> {
        let place = &self.0;
        match place.client.get_object(|get| get.bucket(&place.bucket).key(key)).wait() {
            Ok(object) => {
                let etag = object.e_tag.clone().unwrap_or_default();
                let mut bytes = Vec::new();
                for chunk in place.client.body(object).iter_chunks(1 << 16) {
                    bytes.extend_from_slice(&chunk?);
                }
                Ok(Some((bytes, etag)))
            }
            Err(error) if status(&error) == 404 && error.code() != Some("NoSuchBucket") => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn holder(&self) -> Result<Option<(LockInfo, String)>, Failure> {
        let found = self.get(&self.lock_key())?;
        Ok(found.map(|(text, etag)| (serde_json::from_slice(&text).unwrap_or_default(), etag)))
    }
}

impl Store for S3Store {
    fn place(&self) -> &str {
        &self.0.place
    }

    fn load(&self) -> Result<Option<Parsed>> {
        let found = self.get(&self.0.key).map_err(|error| self.failed("cannot read the state", error))?;
        found.map(|(text, _)| journal::read(&self.0.place, &text)).transpose()
    }

    fn lock(&self, operation: &str) -> Result<Box<dyn Held>> {
        let place = &self.0;
        let info = LockInfo::new(&place.batteries, random_hex(16)?, operation, &place.place);
        let text = serde_json::to_vec(&info).map_err(|error| Error::state(&place.place, error))?;
        let put = place.client.put_object(|put| {
            put.bucket(&place.bucket).key(self.lock_key()).if_none_match("*").content_type("application/json").body(text.into())
        });
        match put.wait() {
            Ok(_) => {}
            Err(error) if matches!(status(&error), 409 | 412) => {
                let holder = self.holder().ok().flatten().map(|(holder, _)| holder).unwrap_or_default();
                // The answer to a put that did succeed may have been lost, and the client tried again.
                if holder.id != info.id {
                    return Err(Error::Locked { place: place.place.clone(), holder: Box::new(holder) });
                }
            }
            Err(error) => {
                // The put may have been carried out although its answer was lost.
                if let Ok(Some((holder, _))) = self.holder()
                    && holder.id == info.id
                {
                    drop(HeldObject { store: self.clone(), id: info.id, etag: None });
                }
                return Err(self.failed("cannot lock", error));
            }
        }
        let mut held = HeldObject { store: self.clone(), id: info.id, etag: None };
        let found = self.get(&place.key).map_err(|error| self.failed("cannot read the state", error))?;
        held.etag = found.map(|(_, etag)| etag);
        Ok(Box::new(held))
    }

    fn break_lock(&self, id: &str) -> Result<()> {
        let found = self.holder().map_err(|error| self.failed("cannot read the lock", error))?;
        let (holder, etag) = found.unwrap_or_default();
        if holder.id != id || id.is_empty() {
            return Err(Error::Locked { place: self.0.place.clone(), holder: Box::new(holder) });
        }
        let place = &self.0;
        let delete = place.client.delete_object(|delete| delete.bucket(&place.bucket).key(self.lock_key()).if_match(etag));
        delete.wait().map(drop).map_err(|error| self.failed("cannot remove the lock", error))
    }

    fn workspaces(&self) -> Result<Vec<String>> {
        let place = &self.0;
        let prefix = &format!("{}/", place.prefix);
        let mut names = Vec::new();
        for page in place.client.paginate().list_objects_v2(|list| list.bucket(&place.bucket).prefix(prefix)) {
            let page = page.map_err(|error| self.failed("cannot list workspaces", error))?;
            names.extend(page.contents().iter().filter_map(|object| {
                let (name, key) = object.key()?.strip_prefix(prefix.as_str())?.split_once('/')?;
                (key == place.base).then(|| name.to_owned())
            }));
        }
        Ok(names)
    }

    fn remove(&self) -> Result<()> {
        let place = &self.0;
        let delete = place.client.delete_object(|delete| delete.bucket(&place.bucket).key(&place.key));
        delete.wait().map(drop).map_err(|error| self.failed("cannot remove the state", error))
    }
}

struct HeldObject {
    store: S3Store,
    id: String,
    /// Of the state as this holder knows it; None: there is none yet.
    etag: Option<String>,
}

impl Held for HeldObject {
    fn record(&mut self, _: &Change, after: &Snapshot) -> Result<()> {
        self.replace(after)
    }

    fn replace(&mut self, snapshot: &Snapshot) -> Result<()> {
        let place = &self.store.0;
        let lost = |problem: String| Error::LostLock { place: place.place.clone(), id: self.id.clone(), problem };
        match self.store.holder() {
            Ok(Some((holder, _))) if holder.id == self.id => {}
            Ok(Some((holder, _))) => return Err(lost(format!("now {holder}"))),
            Ok(None) => return Err(lost("the lock object is gone".into())),
            Err(error) => return Err(self.store.failed("cannot check the lock", error)),
        }
        let text = journal::write(&place.place, snapshot)?;
        let put = place.client.put_object(|put| {
            let put = put.bucket(&place.bucket).key(&place.key).content_type("application/json").body(text.clone().into());
            match &self.etag {
                Some(etag) => put.if_match(etag),
                None => put.if_none_match("*"),
            }
        });
        match put.wait() {
            Ok(answer) => {
                self.etag = answer.e_tag;
                Ok(())
            }
            Err(error) => {
                // The put may have been carried out although its answer was lost: then the object is what was to be written.
                if let Ok(Some((found, etag))) = self.store.get(&place.key)
                    && found == text
                {
                    self.etag = Some(etag);
                    return Ok(());
                }
                if matches!(status(&error), 409 | 412) {
                    return Err(lost("the state was changed by another run".into()));
                }
                Err(self.store.failed("cannot write the state", error))
            }
        }
    }

    fn release(self: Box<Self>, _: &Snapshot) -> Result<()> {
        Ok(())
    }
}

impl Drop for HeldObject {
    fn drop(&mut self) {
        let place = &self.store.0;
        if let Ok(Some((holder, etag))) = self.store.holder()
            && holder.id == self.id
        {
            let key = self.store.lock_key();
            // A lock that stays is shown with its holder, and can be broken by its id.
            let _ = place.client.delete_object(|delete| delete.bucket(&place.bucket).key(key).if_match(etag)).wait();
        }
    }
}
