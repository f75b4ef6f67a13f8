//! Two keys for every capability (promise 3): a connector's manifest asks, its operator's
//! configuration grants, and what runs is what both name.

mod manifest;
mod patterns;
mod write;

use std::collections::BTreeMap;

pub use manifest::{Hosts, MANIFEST_BYTES_MAX, MANIFEST_SECTION, Manifest, ManifestError};
pub use patterns::{PatternError, Subtree, TypePattern, WordPattern};
pub use write::WriteGrant;

use crate::egress::{Egress, HttpLimits, Network, Origin, SecretGrant};
use crate::ports::{Granted, Limits};

/// What an operator grants one connector. Nothing by default.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Grant {
    /// Object and binding types that it may write and delete.
    pub objects: Vec<TypePattern>,
    /// Subtrees of pages that it may write, in the sites of `sites`.
    pub pages: Vec<Subtree>,
    /// Sites in which it may write. Global objects belong to none.
    pub sites: Vec<WordPattern>,
    /// Where it may call.
    pub hosts: Vec<Origin>,
    /// Private or special networks that a host may be in, each for the hosts that it is granted to.
    pub networks: BTreeMap<Origin, Vec<Network>>,
    /// Whether it may keep a state.
    pub state: bool,
}

impl Grant {
    /// Every write, in every site; no hosts, no state: for tests, and for what operators do themselves.
    pub fn every_write() -> Self {
        let WriteGrant { objects, pages, sites } = WriteGrant::everything();
        Self { objects: objects.1, pages: pages.1, sites: sites.1, ..Self::default() }
    }
}

/// One thing that a manifest asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// `objects`, `pages`, `sites`, `hosts`, `settings`, `secrets` or `state`.
    pub what: &'static str,
    /// As the manifest says it; `*` for everything that is granted.
    pub item: String,
    /// Whether the operator grants all of it, some of it, or nothing.
    pub granted: Extent,
}

/// How much of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    All,
    /// Some of it.
    Some,
    /// Nothing.
    None,
}

impl Extent {
    /// The word for lists.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "granted",
            Self::Some => "partly",
            Self::None => "not granted",
        }
    }
}

/// Everything that an operator's configuration says of one connector.
#[derive(Debug, Clone, Copy)]
pub struct Operator<'a> {
    /// The connector's name; empty for any.
    pub connector: &'a str,
    /// What it grants.
    pub grant: &'a Grant,
    /// Numbers.
    pub limits: &'a Limits,
    /// Numbers of outbound calls.
    pub http: &'a HttpLimits,
    /// Settings that are set.
    pub settings: &'a BTreeMap<String, String>,
    /// Secrets that are defined.
    pub secrets: &'a BTreeMap<String, SecretGrant>,
    /// Whether outbound calls are recorded instead of sent.
    pub dry_run: bool,
}

impl Operator<'_> {
    /// What a connector with this manifest may use.
    pub fn granted(&self, manifest: &Manifest) -> Granted {
        let picked = |keys: &[WordPattern], name: &str| keys.iter().any(|key| key.matches(name));
        let origins: Vec<Origin> = self.grant.hosts.iter().filter(|origin| manifest.hosts.asks(origin)).cloned().collect();
        let secrets = self.secrets.iter().filter(|(name, _)| manifest.secrets.contains(*name));
        Granted {
            limits: self.limits.clone(),
            settings: self.settings.iter().filter(|(key, _)| picked(&manifest.settings, key)).map(pair).collect(),
            egress: Egress {
                secrets: secrets.map(pair).collect(),
                networks: self.grant.networks.iter().filter(|(origin, _)| origins.contains(origin)).map(pair).collect(),
                origins,
                limits: self.http.clone(),
                dry_run: self.dry_run,
                recorded: None,
                // Set by whoever knows the connector's name.
                owner: self.connector.into(),
            },
            state: manifest.state && self.grant.state,
        }
    }

    /// What a connector with this manifest may write.
    pub fn write_grant(&self, manifest: &Manifest) -> WriteGrant {
        WriteGrant {
            objects: (manifest.objects.clone(), self.grant.objects.clone()),
            pages: (manifest.pages.clone(), self.grant.pages.clone()),
            sites: (manifest.sites.clone(), self.grant.sites.clone()),
        }
    }

    /// What the manifest asks for, one by one, and how much of it is granted.
    pub fn asks(&self, manifest: &Manifest) -> Vec<Ask> {
        let mut asks = Vec::new();
        let mut ask = |what, item: String, granted| asks.push(Ask { what, item, granted });
        for asked in &manifest.objects {
            ask("objects", asked.to_string(), extent(asked, &self.grant.objects, TypePattern::covers));
        }
        for asked in &manifest.pages {
            ask("pages", asked.to_string(), extent(asked, &self.grant.pages, Subtree::covers));
        }
        for asked in &manifest.sites {
            ask("sites", asked.to_string(), extent(asked, &self.grant.sites, WordPattern::covers));
        }
        match &manifest.hosts {
            // A star asks for what the operator names, and gets all of it.
            manifest::Hosts::AnyGranted => ask("hosts", "*".to_owned(), all(!self.grant.hosts.is_empty())),
            manifest::Hosts::These(origins) => {
                origins.iter().for_each(|origin| ask("hosts", origin.to_string(), all(self.grant.hosts.contains(origin))));
            }
        }
        for key in &manifest.settings {
            let set = self.settings.keys().any(|set| key.matches(set));
            ask("settings", key.to_string(), all(set));
        }
        for name in &manifest.secrets {
            ask("secrets", name.clone(), all(self.secrets.contains_key(name)));
        }
        if manifest.state {
            ask("state", "true".to_owned(), all(self.grant.state));
        }
        asks
    }
}

fn pair<K: Clone, V: Clone>((key, value): (&K, &V)) -> (K, V) {
    (key.clone(), value.clone())
}

fn all(granted: bool) -> Extent {
    if granted { Extent::All } else { Extent::None }
}

fn some(granted: bool) -> Extent {
    if granted { Extent::Some } else { Extent::None }
}

fn extent<P>(asked: &P, granted: &[P], covers: impl Fn(&P, &P) -> bool) -> Extent {
    if granted.iter().any(|granted| covers(granted, asked)) {
        return Extent::All;
    }
    some(granted.iter().any(|granted| covers(asked, granted)))
}

#[cfg(test)]
mod tests;
