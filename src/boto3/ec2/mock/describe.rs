//! The common part of all `DescribeX` operations: ids, filters, pages.

use aws_sdk_ec2::types::Filter;

use super::filter::Wanted;
use super::refusal::{Answer, Refusal};
use super::region::Region;
use super::table::Record;

/// A page of a listing, and the token of the next.
pub(super) type Page<T> = (Vec<T>, Option<String>);

impl Region {
    /// Returns the records with these ids, or all, that match the filters.
    pub(super) fn listed<R: Record>(&self, ids: &[String], filters: &[Filter]) -> Answer<Vec<R>> {
        let wanted = Wanted::understand(filters, R::FILTERS)?;
        let rows: Vec<&R> = match ids {
            [] => R::rows(self).iter().collect(),
            ids => {
                let mut ids = ids.to_vec();
                ids.sort();
                ids.dedup();
                R::rows(self).all(&ids)?
            }
        };
        let shown = rows.into_iter().map(|row| row.shown(self));
        Ok(shown.filter(|row| wanted.pass(row, self.tags.map(row.id()))).collect())
    }
}

/// Returns the requested page of a listing.
pub(super) fn page<T>(items: Vec<T>, max_results: Option<i32>, token: Option<&str>) -> Answer<Page<T>> {
    let start = match token {
        Some(token) => {
            position(token).ok_or_else(|| Refusal::new("InvalidNextToken", format!("The token '{token}' is invalid")))?
        }
        None => 0,
    };
    let all = items.len();
    let most = max_results.and_then(|most| usize::try_from(most).ok()).filter(|most| *most > 0).unwrap_or(MOST_RESULTS);
    let end = start.saturating_add(most.min(MOST_RESULTS));
    let part = items.into_iter().skip(start).take(end - start).collect();
    Ok((part, (end < all).then(|| format!("{TOKEN}{end:08x}"))))
}

const MOST_RESULTS: usize = 1000;
const TOKEN: &str = "eyJ2IjoiMSJ9";

fn position(token: &str) -> Option<usize> {
    usize::from_str_radix(token.strip_prefix(TOKEN)?, 16).ok()
}

/// Checks `MaxResults` by the rules of most operations: at least five, and not together with ids.
pub(super) fn check_max_results(max_results: Option<i32>, ids: &[String], set: &str) -> Answer<()> {
    let Some(most) = max_results else { return Ok(()) };
    if !ids.is_empty() {
        return Err(Refusal::combination(format!("The parameter {set} cannot be used with the parameter maxResults")));
    }
    if most < 5 {
        let message = format!("Value ( {most} ) for parameter maxResults is invalid. Expecting a value greater than 5.");
        return Err(Refusal::value(message));
    }
    Ok(())
}

/// The operations that list a kind of record, one line each:
///
/// `paged describe_volumes(DescribeVolumesInput: volume_ids, "volumeSet") -> DescribeVolumesOutput:
/// set_volumes;`
macro_rules! describe {
    ($(paged $operation:ident($Input:ident: $ids:ident, $filters:ident, $set:literal) -> $Output:ident: $set_items:ident;)*) => {
        impl $crate::boto3::ec2::mock::region::Region {
            $(pub(super) fn $operation(&mut self, input: $Input) -> $crate::boto3::ec2::mock::refusal::Answer<$Output> {
                use $crate::boto3::ec2::mock::describe::{check_max_results, page};
                check_max_results(input.max_results(), input.$ids(), $set)?;
                let items = self.listed(input.$ids(), input.$filters())?;
                let (items, next) = page(items, input.max_results(), input.next_token())?;
                Ok($Output::builder().$set_items(Some(items)).set_next_token(next).build())
            })*
        }
    };
    ($(whole $operation:ident($Input:ident: $ids:ident) -> $Output:ident: $set_items:ident;)*) => {
        impl $crate::boto3::ec2::mock::region::Region {
            $(pub(super) fn $operation(&mut self, input: $Input) -> $crate::boto3::ec2::mock::refusal::Answer<$Output> {
                let items = self.listed(input.$ids(), input.filters())?;
                Ok($Output::builder().$set_items(Some(items)).build())
            })*
        }
    };
}
pub(super) use describe;
