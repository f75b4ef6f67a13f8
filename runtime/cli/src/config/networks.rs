//! Which private or special networks a host may be in: by host; or, as files of before have it, a list, which is clear where
//! there is one host.

use std::collections::BTreeMap;
use std::fmt;

use lockgate_core::egress::{Network, Origin};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::word::{Word, plain, words};

/// The key `networks` of a grant.
#[derive(Debug, Clone, PartialEq)]
pub enum Networks {
    /// Of the only host.
    List(Vec<Word<Network>>),
    /// Of each host.
    ByHost(BTreeMap<Word<Origin>, Vec<Word<Network>>>),
}

/// A list does not say which host it is for.
#[derive(Debug, PartialEq, Eq)]
pub struct Unclear {
    /// What is wrong.
    pub message: String,
    /// How to write it.
    pub hint: String,
}

impl Networks {
    /// As the file has them.
    pub fn of(networks: &BTreeMap<Origin, Vec<Network>>) -> Self {
        Self::ByHost(networks.iter().map(|(host, networks)| (Word(host.clone()), words(networks))).collect())
    }

    /// The hosts that are named.
    pub fn hosts(&self) -> Vec<&Origin> {
        match self {
            Self::List(_) => Vec::new(),
            Self::ByHost(networks) => networks.keys().map(|host| &host.0).collect(),
        }
    }

    /// The networks of these hosts, each its own. What others are granted is left out.
    pub fn of_hosts(&self, hosts: &[Origin]) -> Result<BTreeMap<Origin, Vec<Network>>, Unclear> {
        match (self, hosts) {
            (Self::ByHost(networks), _) => {
                let granted = networks.iter().filter(|(host, _)| hosts.contains(&host.0));
                Ok(granted.map(|(host, networks)| (host.0.clone(), plain(networks))).collect())
            }
            (Self::List(_), []) => Ok(BTreeMap::new()),
            (Self::List(networks), [host]) => Ok(BTreeMap::from([(host.clone(), plain(networks))])),
            (Self::List(networks), [first, ..]) => {
                let networks: Vec<String> = networks.iter().map(|network| format!("\"{}\"", network.0)).collect();
                Err(Unclear {
                    message: format!(
                        "networks is a list, and hosts names {}: it does not say which of them may be in a private network",
                        hosts.len()
                    ),
                    hint: format!("name the host: networks = {{ \"{first}\" = [{}] }}", networks.join(", ")),
                })
            }
        }
    }
}

impl<'de> Deserialize<'de> for Networks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Either)
    }
}

/// Reads each value where it stands, so that a mistake has its line.
struct Either;

impl<'de> Visitor<'de> for Either {
    type Value = Networks;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of hosts with the networks of each, `{ \"http://10.1.2.3:8080\" = [\"10.0.0.0/8\"] }`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Networks, A::Error> {
        let mut networks = Vec::new();
        while let Some(network) = seq.next_element()? {
            networks.push(network);
        }
        // No networks are nobody's.
        Ok(if networks.is_empty() { Networks::ByHost(BTreeMap::new()) } else { Networks::List(networks) })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Networks, A::Error> {
        let mut networks = BTreeMap::new();
        while let Some((host, of_host)) = map.next_entry()? {
            networks.insert(host, of_host);
        }
        Ok(Networks::ByHost(networks))
    }
}

impl Serialize for Networks {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::List(networks) => networks.serialize(serializer),
            Self::ByHost(networks) => networks.serialize(serializer),
        }
    }
}
