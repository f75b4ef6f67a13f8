//! Addresses that are not simply somewhere on the internet.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address is special. The ranges are those of the IANA registries of special-purpose
/// addresses (RFC 6890), and the forms of IPv6 that carry an IPv4 address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// `0.0.0.0/8` and `::`: reaches the machine itself.
    Unspecified,
    /// `127.0.0.0/8` and `::1`.
    Loopback,
    /// `10.0.0.0/8`, `172.16.0.0/12`, `192.168.0.0/16`.
    Private,
    /// `169.254.0.0/16` and `fe80::/10`; the metadata services of clouds.
    LinkLocal,
    /// `100.64.0.0/10`: behind a carrier's NAT.
    SharedAddress,
    /// `198.18.0.0/15` and `2001:2::/48`.
    Benchmark,
    /// `192.0.2.0/24`, `198.51.100.0/24`, `203.0.113.0/24`, `2001:db8::/32`, `3fff::/20`.
    Documentation,
    /// `224.0.0.0/4` and `ff00::/8`.
    Multicast,
    /// `255.255.255.255`.
    Broadcast,
    /// `168.63.129.16`: in the public range, but a cloud's own service on each of its machines.
    CloudService,
    /// `192.0.0.0/24` and `2001::/23`: for protocols.
    Protocol,
    /// `fc00::/7`.
    UniqueLocal,
    /// `fec0::/10`.
    SiteLocal,
    /// `::ffff:0:0/96`: an IPv4 address in the form of IPv6.
    V4Mapped,
    /// `::/96`: likewise, the older form.
    V4Compatible,
    /// `2002::/16` and its relays `192.88.99.0/24`.
    SixToFour,
    /// `2001::/32`.
    Teredo,
    /// `64:ff9b::/96` and `64:ff9b:1::/48`: the gateway reaches any IPv4 address.
    Nat64,
    /// `100::/64`.
    Discard,
    /// Not given out, or not for hosts: `240.0.0.0/4`, IPv6 outside of `2000::/3`.
    Reserved,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unspecified => "unspecified",
            Self::Loopback => "loopback",
            Self::Private => "private",
            Self::LinkLocal => "link-local",
            Self::SharedAddress => "shared (carrier's NAT)",
            Self::Benchmark => "benchmark",
            Self::Documentation => "documentation",
            Self::Multicast => "multicast",
            Self::Broadcast => "broadcast",
            Self::CloudService => "cloud service",
            Self::Protocol => "protocol",
            Self::UniqueLocal => "unique local",
            Self::SiteLocal => "site-local",
            Self::V4Mapped => "IPv4-mapped",
            Self::V4Compatible => "IPv4-compatible",
            Self::SixToFour => "6to4",
            Self::Teredo => "Teredo",
            Self::Nat64 => "NAT64",
            Self::Discard => "discard",
            Self::Reserved => "reserved",
        })
    }
}

/// What is special about an address; `None` means that it is public. Looks at the parsed address,
/// so no spelling matters.
pub fn address_class(address: IpAddr) -> Option<Class> {
    match address {
        IpAddr::V4(address) => v4(address),
        IpAddr::V6(address) => v6(address),
    }
}

fn v4(address: Ipv4Addr) -> Option<Class> {
    Some(match address.octets() {
        [0, ..] => Class::Unspecified,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Class::Private,
        [100, 64..=127, ..] => Class::SharedAddress,
        [127, ..] => Class::Loopback,
        [169, 254, ..] => Class::LinkLocal,
        [168, 63, 129, 16] => Class::CloudService,
        [192, 0, 0, _] => Class::Protocol,
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Class::Documentation,
        [192, 88, 99, _] => Class::SixToFour,
        [198, 18..=19, ..] => Class::Benchmark,
        [224..=239, ..] => Class::Multicast,
        [255, 255, 255, 255] => Class::Broadcast,
        [240..=255, ..] => Class::Reserved,
        _ => return None,
    })
}

fn v6(address: Ipv6Addr) -> Option<Class> {
    Some(match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Class::Unspecified,
        [0, 0, 0, 0, 0, 0, 0, 1] => Class::Loopback,
        [0, 0, 0, 0, 0, 0xffff, ..] => Class::V4Mapped,
        [0, 0, 0, 0, 0, 0, ..] => Class::V4Compatible,
        [0x64, 0xff9b, 0, 0, 0, 0, ..] | [0x64, 0xff9b, 1, ..] => Class::Nat64,
        [0x100, 0, 0, 0, ..] => Class::Discard,
        [0x2001, 0, ..] => Class::Teredo,
        [0x2001, 2, 0, ..] => Class::Benchmark,
        [0x2001, 0..=0x1ff, ..] => Class::Protocol,
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Class::Documentation,
        [0x2002, ..] => Class::SixToFour,
        [0xfc00..=0xfdff, ..] => Class::UniqueLocal,
        [0xfe80..=0xfebf, ..] => Class::LinkLocal,
        [0xfec0..=0xfeff, ..] => Class::SiteLocal,
        [0xff00..=0xffff, ..] => Class::Multicast,
        [0x2000..=0x3fff, ..] => return None,
        _ => Class::Reserved,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(address: &str) -> Option<Class> {
        address_class(address.parse().unwrap())
    }

    /// G71, each range at both ends.
    #[test]
    fn special_addresses_are_known() {
        for (addresses, expected) in [
            ("0.0.0.0 0.255.255.255 ::", Class::Unspecified),
            ("127.0.0.1 127.0.0.0 127.255.255.255 ::1", Class::Loopback),
            ("10.0.0.0 10.255.255.255 172.16.0.0 172.31.255.255 192.168.0.0 192.168.255.255", Class::Private),
            ("169.254.0.0 169.254.169.254 169.254.255.255 fe80::1 febf::1", Class::LinkLocal),
            ("100.64.0.0 100.64.0.1 100.100.100.200 100.127.255.255", Class::SharedAddress),
            ("198.18.0.0 198.19.255.255 2001:2::1", Class::Benchmark),
            ("192.0.2.1 198.51.100.1 203.0.113.1 2001:db8::1 3fff::1 3fff:fff::1", Class::Documentation),
            ("224.0.0.1 239.255.255.255 ff02::1", Class::Multicast),
            ("255.255.255.255", Class::Broadcast),
            ("168.63.129.16", Class::CloudService),
            ("192.0.0.1 192.0.0.192 2001:10::1 2001:20::1 2001:1ff::1", Class::Protocol),
            ("fc00::1 fd00:ec2::254 fdff::1", Class::UniqueLocal),
            ("fec0::1 feff::1", Class::SiteLocal),
            ("::ffff:127.0.0.1 ::ffff:8.8.8.8", Class::V4Mapped),
            ("::127.0.0.1 ::2 ::8.8.8.8", Class::V4Compatible),
            ("2002:7f00:1::1 192.88.99.1", Class::SixToFour),
            ("2001::1 2001:0:4136:e378::1", Class::Teredo),
            ("64:ff9b::7f00:1 64:ff9b::8.8.8.8 64:ff9b:1::1 64:ff9b:1:ffff::1", Class::Nat64),
            ("100::1", Class::Discard),
            ("240.0.0.1 255.255.255.254 ::ffff:0:127.0.0.1 1::1 4000::1 5f00::1 fe00::1 64:ff9b:2::1", Class::Reserved),
        ] {
            for address in addresses.split(' ') {
                assert_eq!(class(address), Some(expected), "{address}");
            }
        }
    }

    #[test]
    fn the_neighbours_of_special_ranges_are_public() {
        for address in [
            "1.0.0.0",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.0.3.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "8.8.8.8",
            "2000::1",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2003::1",
            "2606:4700::1",
            "3fff:1000::1",
        ] {
            assert_eq!(class(address), None, "{address}");
        }
    }
}
