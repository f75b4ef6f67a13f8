//! case: G71
//! what: the classifier knows every special address, in whatever clothes; a URL's other spellings name no origin
//! expect: holds

use std::net::IpAddr;

use anyhow::{Result, ensure};
use lockgate_core::egress::{Origin, address_class};

use crate::case::Case;
use crate::table::Row;
use crate::world::World;

const SPECIAL: [&str; 26] = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "198.18.0.1",
    "192.0.2.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "fd00:ec2::254",
    "fe80::1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::1",
    "ff02::1",
    "2001:db8::1",
    "fec0::1",
];

pub fn run(_world: &World, case: &Case) -> Result<Row> {
    for address in SPECIAL {
        ensure!(address_class(address.parse::<IpAddr>()?).is_some(), "{address} is not special");
    }
    for address in ["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111"] {
        ensure!(address_class(address.parse::<IpAddr>()?).is_none(), "{address} is special");
    }
    for origin in [
        "http://127.1",
        "http://2130706433",
        "http://0x7f.1",
        "http://017700000001",
        "http://good@evil.example",
        "http://[fe80::1%25eth0]",
        "http://a..b",
        "http://a b",
        "ftp://example.com",
        "http://",
        "http://example.com:99999",
        "http://example.com/path",
    ] {
        ensure!(origin.parse::<Origin>().is_err(), "{origin} is an origin");
    }
    Ok(Row::new(case))
}
