//! Cases in `.jsonc` files: a header, and a script for the connector in `tests/guests`, which does
//! what the script says. `{upstream}` stands for the address of a server that [`crate::upstream`]
//! runs, `{url}` for each of the header's.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use lockgate_core::egress::{HttpLimits, SecretGrant, SecretText};
use lockgate_core::settings::ConnectorSettings;
use lockgate_system_tests::built::guest;

use crate::attack;
use crate::case::{Case, Header};
use crate::table::Row;
use crate::upstream::Upstream;
use crate::world::World;

/// What a script's connector may reach; of the header.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// Origins that the operator grants.
    hosts: Vec<String>,
    /// Special networks that those may be in.
    networks: Vec<String>,
    /// Each is tried in the place of `{url}`.
    urls: Vec<String>,
    /// `name value origin`.
    secrets: Vec<String>,
    /// `name value`.
    settings: Vec<String>,
    http: HttpLimits,
    state: bool,
    dry_run: bool,
    /// The upstream must not have seen a connection.
    sent_nothing: bool,
}

impl Reach {
    pub fn of(header: &mut Header<'_>) -> Result<Self> {
        Ok(Self {
            hosts: header.many("host"),
            networks: header.many("network"),
            urls: header.many("url"),
            secrets: header.many("secret"),
            settings: header.many("setting"),
            http: http(header.one("http")?.unwrap_or(""))?,
            state: header.word("state", false, &[("granted", true)])?,
            dry_run: header.word("egress", false, &[("dry-run", true)])?,
            sent_nothing: header.word("sent", false, &[("nothing", true)])?,
        })
    }

    /// Values that must never be written down.
    pub fn secret_values(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().filter_map(|secret| secret.split_whitespace().nth(1))
    }
}

fn http(text: &str) -> Result<HttpLimits> {
    let mut limits = HttpLimits::default();
    for part in text.split_whitespace() {
        let (key, value) = part.split_once('=').with_context(|| format!("{part:?} is not `limit=number`"))?;
        let number: u64 = value.parse()?;
        match key {
            "calls" => limits.calls_max = u32::try_from(number)?,
            "bytes_kib" => limits.bytes_max = number << 10,
            "call_ms" => limits.call_ms_max = number,
            _ => anyhow::bail!("`{key}` is not a limit"),
        }
    }
    Ok(limits)
}

/// Runs a case.
pub fn run(world: &World, case: &Case) -> Result<Row> {
    let upstream = Upstream::start()?;
    let address = upstream.at.to_string();
    let filled = |text: &str| text.replace("{upstream}", &address).replace("{port}", &upstream.at.port().to_string());
    let script: String = case.text.lines().filter(|line| !line.starts_with("//")).collect::<Vec<_>>().join("\n");
    let reach = &case.reach;
    let mut case = case.clone();
    case.payloads = match reach.urls.as_slice() {
        [] => vec![filled(&script)],
        urls => urls.iter().map(|url| filled(&script.replace("{url}", url))).collect(),
    };
    case.says = case.says.iter().map(|text| filled(text)).collect();
    let mut settings = attack::settings(&case);
    settings.grant.hosts = reach.hosts.iter().map(|host| Ok(filled(host).parse()?)).collect::<Result<_>>()?;
    let networks = reach.networks.iter().map(|network| Ok(network.parse()?)).collect::<Result<Vec<_>>>()?;
    settings.grant.networks = settings.grant.hosts.iter().map(|host| (host.clone(), networks.clone())).collect();
    settings.grant.state = reach.state;
    settings.http = reach.http.clone();
    settings.secrets = reach.secrets.iter().map(|secret| grant(&filled(secret))).collect::<Result<_>>()?;
    settings.settings = pairs(&reach.settings)?;
    let row = run_as(world, &case, settings, reach.dry_run)?;
    if reach.sent_nothing {
        ensure!(upstream.accepted() == 0, "the upstream has seen {} connections", upstream.accepted());
    }
    Ok(row)
}

fn run_as(world: &World, case: &Case, settings: ConnectorSettings, dry_run: bool) -> Result<Row> {
    attack::run_component(world, case, &guest("lockgate_test_guest"), settings, dry_run)
}

fn grant(secret: &str) -> Result<(String, SecretGrant)> {
    let words: Vec<&str> = secret.split_whitespace().collect();
    let [name, value, origin] = words.as_slice() else { anyhow::bail!("`secret` is `name value origin`") };
    Ok(((*name).to_owned(), SecretGrant { value: SecretText::new(*value), origins: vec![origin.parse()?] }))
}

fn pairs(settings: &[String]) -> Result<BTreeMap<String, String>> {
    let pair = |setting: &String| setting.split_once(' ').map(|(key, value)| (key.to_owned(), value.to_owned()));
    settings.iter().map(|setting| pair(setting).context("`setting` is `key value`")).collect()
}
