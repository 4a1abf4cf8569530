//! The prices of spot instances. The figures are invented, but plausible, and the same in every
//! world. They change once a week, and the price at a given moment is always the same.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_ec2::operation::describe_spot_price_history::*;
use aws_sdk_ec2::types::*;
use aws_smithy_types::DateTime;

use super::describe::page;
use super::filter::{Field, Wanted, filters, stamp};
use super::ids::fnv;
use super::instance_types::Shape;
use super::refusal::{Answer, Refusal};
use super::region::Region;
use super::spot::product;

const WEEK: u64 = 7 * 86_400;
/// The length of the price history.
const HISTORY: Duration = Duration::from_secs(90 * 86_400);

const FILTERS: &[Field<SpotPrice>] = filters!(price: SpotPrice =>
    "availability-zone" = price.availability_zone(),
    "availability-zone-id" = price.availability_zone_id(),
    "instance-type" = price.instance_type(),
    "product-description" = price.product_description(),
    "spot-price" = price.spot_price(),
    "timestamp" = stamp(price.timestamp()),
);

pub(super) fn dollars(price: f64) -> String {
    format!("{price:.6}")
}

fn week(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / WEEK)
}

/// Returns how long the current prices are valid.
pub(super) fn next_change(now: SystemTime) -> Duration {
    let next = UNIX_EPOCH + Duration::from_secs((week(now) + 1) * WEEK);
    next.duration_since(now).unwrap_or_default()
}

/// Returns a price: a quarter to two fifths of the on-demand price.
fn price_in(week: u64, shape: &Shape, zone: &str, windows: bool) -> f64 {
    let chance = (fnv(&format!("{week}/{}/{zone}/{windows}", shape.name)) >> 16) & 0xfff;
    let part = 0.25 + 0.15 * f64::from(u32::try_from(chance).unwrap_or(0)) / 4095.0;
    shape.hourly(windows) * part
}

impl Region {
    pub(super) fn spot_price(&self, shape: &Shape, zone: &str, windows: bool, at: SystemTime) -> f64 {
        price_in(week(at), shape, zone, windows)
    }

    /// The newest come first. Includes the changes in the requested time, and the one before it.
    pub(super) fn describe_spot_price_history(
        &mut self,
        input: DescribeSpotPriceHistoryInput,
    ) -> Answer<DescribeSpotPriceHistoryOutput> {
        let wanted = Wanted::understand(input.filters(), FILTERS)?;
        let time = |time: &DateTime| SystemTime::try_from(*time).map_err(|error| Refusal::value(error.to_string()));
        let end = input.end_time().map(time).transpose()?.unwrap_or(self.now).min(self.now);
        let oldest = self.now.checked_sub(HISTORY).unwrap_or(UNIX_EPOCH);
        let start = input.start_time().map(time).transpose()?.unwrap_or(oldest).max(oldest);
        let zones = match (input.availability_zone(), input.availability_zone_id()) {
            (None, None) => self.zones(),
            (name, id) => vec![self.zone(name, id)?],
        };
        let shapes: Vec<Shape> = match input.instance_types() {
            [] => Shape::all().collect(),
            named => named.iter().map(|of| Shape::of(of.as_str()).ok_or_else(|| invalid(of))).collect::<Answer<_>>()?,
        };
        let asked = input.product_descriptions();
        let products: Vec<bool> = [false, true]
            .into_iter()
            .filter(|windows| asked.is_empty() || asked.iter().any(|name| same(name, &product(*windows))))
            .collect();
        let mut prices = Vec::new();
        for week in (week(start)..=week(end)).rev().filter(|_| start <= end) {
            let since = DateTime::from(UNIX_EPOCH + Duration::from_secs(week * WEEK));
            for shape in &shapes {
                for (zone, windows) in zones.iter().flat_map(|zone| products.iter().map(move |windows| (zone, *windows))) {
                    let price = SpotPrice::builder()
                        .availability_zone(&zone.0)
                        .availability_zone_id(&zone.1)
                        .instance_type(shape.name.as_str().into())
                        .product_description(product(windows))
                        .spot_price(dollars(price_in(week, shape, &zone.0, windows)))
                        .timestamp(since)
                        .build();
                    if wanted.pass(&price, None) {
                        prices.push(price);
                    }
                }
            }
        }
        let (prices, next) = page(prices, input.max_results(), input.next_token())?;
        Ok(DescribeSpotPriceHistoryOutput::builder().set_spot_price_history(Some(prices)).set_next_token(next).build())
    }
}

fn invalid(of: &InstanceType) -> Refusal {
    Refusal::value(format!("Invalid value '{}' for InstanceType.", of.as_str()))
}

/// `Linux/UNIX (Amazon VPC)` is the same as `Linux/UNIX`: there is no other network.
fn same(asked: &str, product: &RiProductDescription) -> bool {
    asked.trim_end_matches(" (Amazon VPC)") == product.as_str()
}
