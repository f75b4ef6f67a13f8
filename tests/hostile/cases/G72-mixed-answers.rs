//! case: G72
//! what: a resolver that answers a public address first and a private one then, or both at once
//! expect: holds

use std::net::IpAddr;

use anyhow::{Result, ensure};
use lockgate_core::egress::{Egress, vet};

use crate::case::Case;
use crate::table::Row;
use crate::world::World;

pub fn run(_world: &World, case: &Case) -> Result<Row> {
    let egress = Egress { origins: vec!["https://api.example.com".parse()?], ..Egress::default() };
    let vetted = |resolved: &[&str]| -> Result<Option<Vec<String>>> {
        let resolved = resolved.iter().map(|address| Ok(address.parse::<IpAddr>()?)).collect::<Result<Vec<_>>>()?;
        let addresses = vet(&egress, &"https://api.example.com".parse()?, &resolved).ok();
        Ok(addresses.map(|addresses| addresses.iter().map(ToString::to_string).collect()))
    };
    ensure!(vetted(&["1.1.1.1"])? == Some(vec!["1.1.1.1".to_owned()]), "a public address is refused");
    // The connection goes to what was vetted: of a mixed answer that is the public address alone.
    ensure!(vetted(&["127.0.0.1", "1.1.1.1", "::1"])? == Some(vec!["1.1.1.1".to_owned()]), "a mixed answer leads inside");
    for second in [&["127.0.0.1"][..], &["::ffff:10.0.0.1"], &["169.254.169.254", "::1"], &[]] {
        ensure!(vetted(second)?.is_none(), "{second:?} may be connected to");
    }
    Ok(Row::new(case))
}
