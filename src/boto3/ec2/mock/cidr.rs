//! [`Cidr`]: a block of IPv4 addresses.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// `172.31.0.0/16`. The bits after the prefix are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cidr {
    first: u32,
    prefix: u8,
}

impl Cidr {
    /// A block with this first address.
    pub(super) const fn of(first: [u8; 4], prefix: u8) -> Cidr {
        Cidr { first: u32::from_be_bytes(first), prefix }
    }

    /// Parses like AWS: bits after the prefix are cleared.
    pub(super) fn parse(text: &str) -> Option<Cidr> {
        let (address, prefix) = text.split_once('/')?;
        let prefix = prefix.parse().ok().filter(|prefix| *prefix <= 32)?;
        Some(Cidr { first: u32::from(address.parse::<Ipv4Addr>().ok()?), prefix }.masked())
    }

    fn masked(self) -> Cidr {
        Cidr { first: self.first & (u64::from(u32::MAX) << (32 - self.prefix)) as u32, ..self }
    }

    pub(super) fn prefix(self) -> u8 {
        self.prefix
    }

    /// Returns the number of addresses.
    pub(super) fn size(self) -> u64 {
        1 << (32 - self.prefix)
    }

    fn last(self) -> u32 {
        (u64::from(self.first) + self.size() - 1) as u32
    }

    pub(super) fn contains(self, other: Cidr) -> bool {
        self.first <= other.first && other.last() <= self.last()
    }

    pub(super) fn overlaps(self, other: Cidr) -> bool {
        self.first <= other.last() && other.first <= self.last()
    }

    pub(super) fn has(self, address: Ipv4Addr) -> bool {
        (self.first..=self.last()).contains(&u32::from(address))
    }

    /// Iterates over the assignable addresses of a subnet: all but the first four, which AWS
    /// reserves, and the last.
    pub(super) fn hosts(self) -> impl Iterator<Item = Ipv4Addr> {
        (u64::from(self.first) + 4..u64::from(self.last())).map(|address| Ipv4Addr::from(address as u32))
    }

    /// Returns the `n`-th block of this size within the block.
    pub(super) fn part(self, prefix: u8, n: u32) -> Cidr {
        Cidr { first: self.first.wrapping_add((u64::from(n) << (32 - prefix)) as u32), prefix }.masked()
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", Ipv4Addr::from(self.first), self.prefix)
    }
}

/// Returns true for a valid IPv6 block.
pub(super) fn is_ipv6_cidr(text: &str) -> bool {
    let parts = text.split_once('/');
    parts.is_some_and(|(address, prefix)| {
        address.parse::<Ipv6Addr>().is_ok() && prefix.parse::<u8>().is_ok_and(|prefix| prefix <= 128)
    })
}

#[cfg(test)]
mod tests {
    use super::Cidr;

    #[test]
    fn blocks() {
        let parse = |text: &str| Cidr::parse(text).unwrap();
        assert_eq!(parse("10.0.1.7/24").to_string(), "10.0.1.0/24");
        assert_eq!(parse("0.0.0.0/0").size(), 1 << 32);
        assert!(parse("0.0.0.0/0").contains(parse("255.255.255.255/32")));
        assert!(parse("10.0.0.0/16").overlaps(parse("10.0.255.0/24")));
        assert!(!parse("10.0.0.0/16").contains(parse("10.0.0.0/15")));
        assert_eq!(parse("10.0.0.0/28").hosts().count(), 11);
        assert_eq!(parse("172.31.0.0/16").part(20, 2).to_string(), "172.31.32.0/20");
        for text in ["", "10.0.0.0", "10.0.0.0/33", "10.0.0/8", "x/8", "10.0.0.0/-1"] {
            assert_eq!(Cidr::parse(text), None, "{text}");
        }
    }
}
