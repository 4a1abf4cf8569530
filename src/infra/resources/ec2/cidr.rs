//! CIDR blocks, as EC2 writes them.

use std::net::IpAddr;

/// The block with the bits of its hosts cleared, in the standard spelling; None if it is not a block.
pub(super) fn canonical(text: &str) -> Option<String> {
    let (address, prefix) = text.split_once('/')?;
    let bits: u32 = prefix.parse().ok().filter(|_| prefix.bytes().all(|digit| digit.is_ascii_digit()))?;
    let network = match address.parse().ok()? {
        IpAddr::V4(address) if bits <= 32 => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            IpAddr::V4((address.to_bits() & mask).into())
        }
        IpAddr::V6(address) if bits <= 128 => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            IpAddr::V6((address.to_bits() & mask).into())
        }
        _ => return None,
    };
    Some(format!("{network}/{bits}"))
}

/// Fails unless the block is written as EC2 gives it back: else a second plan would not be empty.
pub(super) fn check(field: &str, text: &str) -> crate::Result<()> {
    match canonical(text) {
        Some(canonical) if canonical == text => Ok(()),
        Some(canonical) => {
            Err(crate::Error::other(format!("{field} {text:?} is not in the standard form: did you mean {canonical:?}?")))
        }
        None => Err(crate::Error::other(format!("{field} {text:?} is not a CIDR block"))),
    }
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn blocks_in_their_standard_form() {
        for (text, expected) in [
            ("10.0.0.0/16", Some("10.0.0.0/16")),
            ("10.0.3.7/16", Some("10.0.0.0/16")),
            ("0.0.0.0/0", Some("0.0.0.0/0")),
            ("1.2.3.4/32", Some("1.2.3.4/32")),
            ("::/0", Some("::/0")),
            ("2001:DB8:0:0::1/64", Some("2001:db8::/64")),
            ("10.0.0.0/33", None),
            ("10.0.0.0/+8", None),
            ("10.0.0.0", None),
            ("10.0.0/8", None),
            ("", None),
        ] {
            assert_eq!(canonical(text).as_deref(), expected, "{text}");
        }
    }
}
