//! One connector: its own keys over `[defaults]` over the code's.

use lockgate_core::grants::Grant;
use lockgate_core::schedule::Schedule;
use lockgate_core::settings::{ConnectorSettings, OnFailure, Processing, TRANSLATORS_MAX};

use super::file::{ConnectorSection, GrantSection, OnFailureWord, ProcessingWord, Switch};
use super::networks::{Networks, Unclear};
use super::resolve::set;
use super::word::plain;
use crate::exit::Failure;
use crate::wire::{CORE_INSTANCES_MAX, SandboxOptions};

/// Runs every five minutes: what `processing = "schedule"` means without a schedule of its own.
pub const SCHEDULE: &str = "*/5 * * * *";

/// What the two sections come to. Settings and grants are joined key by key. `place` tells where a key
/// stands in the file.
pub fn connector(
    own: &ConnectorSection,
    defaults: &ConnectorSection,
    sandbox: &SandboxOptions,
    place: &dyn Fn(&str) -> String,
) -> Result<ConnectorSettings, Failure> {
    let mut settings = ConnectorSettings {
        processing: processing(own, defaults, place)?,
        grant: grant(&[defaults, own].map(|section| section.grant.clone().unwrap_or_default()), place)?,
        ..ConnectorSettings::default()
    };
    for section in [defaults, own] {
        set(&mut settings.translators, section.translators.map(Into::into));
        set_limits(&mut settings, section);
        settings.settings.extend(section.settings.iter().flatten().map(|(key, value)| (key.clone(), value.clone())));
        // 0 says "none" in the file, which has no null.
        set(&mut settings.attempts_max, section.attempts_max.map(|n| Some(n).filter(|n| *n > 0)));
        set(&mut settings.backoff_ms, section.backoff_ms.map(|n| Some(n).filter(|n| *n > 0)));
        set(&mut settings.on_failure, section.on_failure.map(Into::into));
        set(&mut settings.waiting, section.waiting.map(|switch| switch == Switch::On));
        set(&mut settings.wait_ms_max, section.wait_ms_max.map(Into::into));
        set(&mut settings.loose_ends_max, section.loose_ends_max);
    }
    check(&settings, sandbox, place)?;
    Ok(settings)
}

impl From<OnFailureWord> for OnFailure {
    fn from(word: OnFailureWord) -> Self {
        match word {
            OnFailureWord::Stop => Self::Stop,
            OnFailureWord::SetAside => Self::SetAside,
        }
    }
}

fn processing(own: &ConnectorSection, defaults: &ConnectorSection, place: &dyn Fn(&str) -> String) -> Result<Processing, Failure> {
    let schedule = own.schedule.as_ref().or(defaults.schedule.as_ref());
    let processing = match own.processing.or(defaults.processing) {
        None => Processing::default(),
        Some(ProcessingWord::Auto) => Processing::Auto,
        Some(ProcessingWord::OnRequest) => Processing::OnRequest,
        Some(ProcessingWord::Schedule) => Processing::Schedule(schedule.cloned().unwrap_or_else(|| SCHEDULE.to_owned())),
    };
    if let Processing::Schedule(schedule) = &processing {
        Schedule::parse(schedule).map_err(|error| {
            Failure::invalid(format!("{}: schedule {schedule:?}: {error}", place("schedule")))
                .hint("five fields in UTC: minute hour day month weekday, for example \"*/5 * * * *\"")
        })?;
    }
    Ok(processing)
}

fn set_limits(settings: &mut ConnectorSettings, section: &ConnectorSection) {
    let ConnectorSettings { limits, http, .. } = settings;
    set(&mut limits.deadline_ms, section.deadline_ms.map(Into::into));
    set(&mut limits.deadline_ms_per_mib, section.deadline_ms_per_mib);
    set(&mut limits.memory_bytes_max, section.memory_bytes_max.map(Into::into));
    set(&mut limits.table_elements_max, section.table_elements_max.map(Into::into));
    set(&mut limits.core_instances_max, section.core_instances_max.map(Into::into));
    set(&mut limits.output_bytes_max, section.output_bytes_max.map(Into::into));
    set(&mut limits.log_lines_max, section.log_lines_max);
    set(&mut limits.log_bytes_max, section.log_bytes_max);
    set(&mut limits.state_bytes_max, section.state_bytes_max.map(Into::into));
    set(&mut http.calls_max, section.http_calls_max);
    set(&mut http.bytes_max, section.http_bytes_max);
    set(&mut http.call_ms_max, section.http_call_ms_max.map(Into::into));
    set(&mut http.header_bytes_max, section.http_header_bytes_max.map(Into::into));
    set(&mut http.concurrent_max, section.http_concurrent_max.map(Into::into));
}

/// Later ones go before, key by key.
fn grant(sections: &[GrantSection; 2], place: &dyn Fn(&str) -> String) -> Result<Grant, Failure> {
    let mut grant = Grant::default();
    for section in sections {
        set(&mut grant.objects, section.objects.as_deref().map(plain));
        set(&mut grant.pages, section.pages.as_deref().map(plain));
        set(&mut grant.sites, section.sites.as_deref().map(plain));
        set(&mut grant.hosts, section.hosts.as_deref().map(plain));
        set(&mut grant.state, section.state);
    }
    let [defaults, own] = sections.each_ref().map(|section| section.networks.as_ref());
    if let Some(networks) = own.or(defaults) {
        grant.networks = networks.of_hosts(&grant.hosts).map_err(|why| {
            let Unclear { message, hint } = why;
            Failure::invalid(format!("{}: {message}", place("grant"))).hint(hint)
        })?;
    }
    Ok(grant)
}

/// A connector's own networks that are for a host which it may not call are a mistake; those of `[defaults]` may be for another
/// connector's.
pub fn check_networks(own: &ConnectorSection, settings: &ConnectorSettings, place: &dyn Fn(&str) -> String) -> Result<(), Failure> {
    let named = own.grant.iter().filter_map(|grant| grant.networks.as_ref()).flat_map(Networks::hosts);
    match named.into_iter().find(|host| !settings.grant.hosts.contains(host)) {
        None => Ok(()),
        Some(host) => {
            let message = format!("{}: networks names {host}, and hosts does not: it would never be called", place("grant"));
            Err(Failure::invalid(message).hint("name it under hosts too, with the same scheme and port, or leave it out of networks"))
        }
    }
}

/// What bus and sandbox as a whole have no room for cannot be granted.
fn check(settings: &ConnectorSettings, sandbox: &SandboxOptions, place: &dyn Fn(&str) -> String) -> Result<(), Failure> {
    let limits = &settings.limits;
    let [translators, translators_max] = [settings.translators, TRANSLATORS_MAX].map(|count| u64::try_from(count).unwrap_or(u64::MAX));
    for (key, value, max, of) in [
        ("translators", translators, translators_max, "the bus"),
        ("memory_bytes_max", limits.memory_bytes_max, sandbox.memory_bytes_max, "[sandbox] memory_bytes_max"),
        ("core_instances_max", limits.core_instances_max.into(), CORE_INSTANCES_MAX.into(), "the sandbox"),
    ] {
        if value > max {
            let message = format!("{}: {key} is {value}, more than {of} allows ({max})", place(key));
            return Err(Failure::invalid(message).hint(format!("write {max} or less")));
        }
    }
    Ok(())
}
