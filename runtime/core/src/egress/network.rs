//! A range of addresses.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

/// A range of addresses in CIDR notation, `10.0.0.0/8` or `fd00::/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network(IpNet);

/// Why a text is no range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadNetwork {
    /// Not CIDR notation.
    #[error("`{0}` is not a range of addresses: write it like `10.0.0.0/8`, a single address like `10.1.2.3/32`")]
    Form(String),
    /// The address has bits beyond the prefix: one of both is a typing error.
    #[error("`{given}` has bits beyond its prefix: write `{truncated}`, or a longer prefix")]
    HostBits {
        /// As written.
        given: String,
        /// Without the further bits.
        truncated: String,
    },
}

impl Network {
    /// Whether the address lies in it. An address that carries an IPv4 address in IPv6 form
    /// (`::ffff:a.b.c.d`) lies in a range of IPv4 too: the machine reaches the same address.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address) || self.0.contains(&address.to_canonical())
    }
}

impl FromStr for Network {
    type Err = BadNetwork;

    fn from_str(text: &str) -> Result<Self, BadNetwork> {
        let net: IpNet = text.parse().map_err(|_| BadNetwork::Form(text.to_owned()))?;
        let truncated = net.trunc();
        if truncated == net {
            return Ok(Self(net));
        }
        Err(BadNetwork::HostBits { given: text.to_owned(), truncated: truncated.to_string() })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        text.parse().unwrap()
    }

    #[test]
    fn a_range_contains_its_addresses() {
        let net = network("10.0.0.0/8");
        assert!(net.contains("10.255.0.1".parse().unwrap()));
        assert!(net.contains("::ffff:10.0.0.1".parse().unwrap()));
        assert!(!net.contains("11.0.0.1".parse().unwrap()));
        assert!(!net.contains("::10.0.0.1".parse().unwrap()));
        assert!(network("fd00::/8").contains("fd00:ec2::254".parse().unwrap()));
        assert_eq!(net.to_string(), "10.0.0.0/8");
    }

    #[test]
    fn a_typing_error_is_refused() {
        for text in ["", "10.0.0.0", "10.0.0/8", "10.0.0.0/33", "10.0.0.0/8 ", "example.com/8", "10.1.0.0/8", "fd00::1/8"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }
}
