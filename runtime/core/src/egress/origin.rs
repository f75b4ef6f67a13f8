//! Scheme, host and port: what an allow-list names and what a call goes to.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use std::sync::Arc;

/// Longest name that DNS knows, in bytes.
const NAME_BYTES_MAX: usize = 253;
/// Longest part of a name between two dots.
const LABEL_BYTES_MAX: usize = 63;

/// How a server is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// Plain.
    Http,
    /// TLS.
    Https,
}

impl Scheme {
    /// As URLs spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port that is meant when none is named.
    pub fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// The host of an origin.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Host {
    /// In small ASCII letters; international names in Punycode.
    Name(Arc<str>),
    /// An address as it stands.
    Ip(IpAddr),
}

/// Where calls go: exactly this scheme, host and port (promise 3). Two origins are equal if they
/// mean the same: case and a default port do not matter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    scheme: Scheme,
    host: Host,
    port: u16,
}

/// Why a text is no origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadOrigin {
    /// No `http://` or `https://` at the beginning.
    #[error("an origin begins with `http://` or `https://`")]
    Scheme,
    /// Something stands after the host and port.
    #[error("an origin has no path, query or fragment and no `/` at its end")]
    Path,
    /// `user@` or `user:password@`.
    #[error("an origin has no user or password; a part with `@` hides the true host")]
    UserInfo,
    /// `*`.
    #[error("an origin names one host, without `*`")]
    Wildcard,
    /// The name ends with a dot.
    #[error("a host has no dot at its end")]
    TrailingDot,
    /// Letters beyond ASCII look like others.
    #[error("an international host is written in Punycode (`xn--…`)")]
    NotAscii,
    /// `127.1`, `2130706433`, `0x7f.1`, `017700000001`.
    #[error("an IPv4 address is written as four decimal numbers")]
    NumericHost,
    /// Square brackets around something else than an IPv6 address, or a zone (`%eth0`).
    #[error("an IPv6 address stands in square brackets and has no zone")]
    Ipv6,
    /// Anything else.
    #[error("this is not the name of a host")]
    Host,
    /// Not a number from 1 to 65535.
    #[error("a port is a number from 1 to 65535")]
    Port,
}

impl Origin {
    /// From the parts of a request: `authority` is `host` or `host:port`.
    pub fn of(scheme: &str, authority: &str) -> Result<Self, BadOrigin> {
        let scheme = match scheme {
            _ if scheme.eq_ignore_ascii_case("http") => Scheme::Http,
            _ if scheme.eq_ignore_ascii_case("https") => Scheme::Https,
            _ => return Err(BadOrigin::Scheme),
        };
        if authority.contains(['/', '?', '#', '\\']) {
            return Err(BadOrigin::Path);
        }
        if authority.contains('@') {
            return Err(BadOrigin::UserInfo);
        }
        let (host, port) = split_port(authority)?;
        let port = port.map_or(Ok(scheme.default_port()), parse_port)?;
        Ok(Self { scheme, host: parse_host(host)?, port })
    }

    /// How it is spoken to.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Its host.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Its port, the default one included.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `host` or `host:port`, as the `Host` header has it: without a default port.
    pub fn authority(&self) -> String {
        if self.port == self.scheme.default_port() { self.host.to_string() } else { format!("{}:{}", self.host, self.port) }
    }
}

impl FromStr for Origin {
    type Err = BadOrigin;

    fn from_str(text: &str) -> Result<Self, BadOrigin> {
        let (scheme, authority) = text.split_once("://").ok_or(BadOrigin::Scheme)?;
        Self::of(scheme, authority)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Ip(IpAddr::V4(address)) => write!(f, "{address}"),
            Self::Ip(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.as_str(), self.authority())
    }
}

/// The host, and the port's digits if there are any.
fn split_port(authority: &str) -> Result<(&str, Option<&str>), BadOrigin> {
    if !authority.starts_with('[') {
        return Ok(match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        });
    }
    let end = authority.find(']').ok_or(BadOrigin::Ipv6)?;
    let (host, rest) = authority.split_at(end + 1);
    match rest.strip_prefix(':') {
        Some(port) => Ok((host, Some(port))),
        None if rest.is_empty() => Ok((host, None)),
        None => Err(BadOrigin::Ipv6),
    }
}

fn parse_port(digits: &str) -> Result<u16, BadOrigin> {
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let port = if is_number { digits.parse().unwrap_or(0) } else { 0 };
    if port == 0 { Err(BadOrigin::Port) } else { Ok(port) }
}

fn parse_host(host: &str) -> Result<Host, BadOrigin> {
    if let Some(inner) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let address: Ipv6Addr = inner.parse().map_err(|_| BadOrigin::Ipv6)?;
        return Ok(Host::Ip(IpAddr::V6(address)));
    }
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return Ok(Host::Ip(IpAddr::V4(address)));
    }
    if !host.is_ascii() {
        return Err(BadOrigin::NotAscii);
    }
    if host.contains('*') {
        return Err(BadOrigin::Wildcard);
    }
    if host.ends_with('.') {
        return Err(BadOrigin::TrailingDot);
    }
    let name = host.to_ascii_lowercase();
    // Resolvers read a name whose last part is a number as an address in one of a dozen spellings.
    if name.rsplit('.').next().is_some_and(is_numeric) {
        return Err(BadOrigin::NumericHost);
    }
    if name.len() > NAME_BYTES_MAX || !name.split('.').all(is_label) {
        return Err(BadOrigin::Host);
    }
    Ok(Host::Name(name.into()))
}

fn is_numeric(label: &str) -> bool {
    let hex = label.strip_prefix("0x").is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
    hex || (!label.is_empty() && label.bytes().all(|b| b.is_ascii_digit()))
}

fn is_label(label: &str) -> bool {
    let of_name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    let length_fits = (1..=LABEL_BYTES_MAX).contains(&label.len());
    length_fits && label.bytes().all(of_name) && !label.starts_with('-') && !label.ends_with('-')
}

#[cfg(test)]
mod tests;
