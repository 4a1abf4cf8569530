//! [`Record`]: the stored form of a kind of resource, and [`Table`]: its container.

use std::collections::BTreeMap;
use std::fmt::Debug;

use super::filter::Field;
use super::ids::Kind;
use super::refusal::Answer;
use super::region::Region;

/// A kind of resource: the SDK's type, with additional internal state if needed.
pub(super) trait Record: Clone + Debug + 'static {
    /// The form of its ids.
    const KIND: &'static Kind;
    /// Its filters, in addition to tags.
    const FILTERS: &'static [Field<Self>];
    fn id(&self) -> &str;
    fn rows(region: &Region) -> &Table<Self>;
    /// Returns the description: with its tags, and the parts that depend on other resources.
    fn shown(&self, region: &Region) -> Self;
}

/// All records of a kind, in the order of their ids, which is the order of creation.
#[derive(Clone, Debug)]
pub(super) struct Table<R>(BTreeMap<String, R>);

impl<R> Default for Table<R> {
    fn default() -> Table<R> {
        Table(BTreeMap::new())
    }
}

impl<R: Record> Table<R> {
    pub(super) fn get(&self, id: &str) -> Answer<&R> {
        self.0.get(id).ok_or_else(|| R::KIND.absent(id))
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Answer<&mut R> {
        self.0.get_mut(id).ok_or_else(|| R::KIND.absent(id))
    }

    /// Returns the records with these ids: all of them or an error.
    pub(super) fn all(&self, ids: &[String]) -> Answer<Vec<&R>> {
        let absent: Vec<&str> = ids.iter().map(String::as_str).filter(|id| !self.has(id)).collect();
        if !absent.is_empty() {
            return Err(R::KIND.all_absent(&absent));
        }
        Ok(ids.iter().filter_map(|id| self.0.get(id)).collect())
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.0.contains_key(id)
    }

    pub(super) fn put(&mut self, record: R) {
        self.0.insert(record.id().to_owned(), record);
    }

    pub(super) fn take(&mut self, id: &str) -> Answer<R> {
        self.0.remove(id).ok_or_else(|| R::KIND.absent(id))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &R> {
        self.0.values()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut R> {
        self.0.values_mut()
    }
}

/// Implements [`Record`] for an SDK type: `record!(Volume in volumes by volume_id, tagged tags;
/// KIND, FILTERS)`. If the description differs from the stored form, a function computes it: `..,
/// shown by volume_shown`.
macro_rules! record {
    ($Type:ident in $rows:ident by $id:ident, $(tagged $tags:ident,)? $(shown by $shown:path,)? Kind { $($kind:tt)* }, $filters:expr) => {
        impl $crate::boto3::ec2::mock::table::Record for $Type {
            const KIND: &'static $crate::boto3::ec2::mock::ids::Kind = &$crate::boto3::ec2::mock::ids::Kind { $($kind)* };
            const FILTERS: &'static [$crate::boto3::ec2::mock::filter::Field<$Type>] = $filters;
            fn id(&self) -> &str {
                self.$id.as_deref().unwrap_or_default()
            }
            fn rows(region: &$crate::boto3::ec2::mock::region::Region) -> &$crate::boto3::ec2::mock::table::Table<$Type> {
                &region.$rows
            }
            #[allow(unused_mut, unused_variables, reason = "some kinds have neither tags nor more to show")]
            fn shown(&self, region: &$crate::boto3::ec2::mock::region::Region) -> $Type {
                let mut shown = self.clone();
                $(shown.$tags = Some(region.tags.of(self.id()));)?
                $($shown(region, &mut shown);)?
                shown
            }
        }
    };
}
pub(super) use record;
