//! Which of an origin's addresses may be connected to.

use std::net::IpAddr;

use super::{Denied, Egress, Origin, address_class};

/// The addresses that a call to this origin may connect to, in the order of `resolved`; never
/// empty. Called once for each new connection, with the one answer of the resolver: the connection
/// is made to what this returns and the name is not resolved again (promise 3).
///
/// Of a mixed answer only the allowed addresses are used. A resolver that adds a private address to
/// a public one gains nothing by it, and one that has both for honest reasons (a split network)
/// still works.
pub fn vet(egress: &Egress, origin: &Origin, resolved: &[IpAddr]) -> Result<Vec<IpAddr>, Denied> {
    if !egress.grants(origin) {
        return Err(Denied::Origin(origin.clone()));
    }
    let networks = egress.networks.get(origin).map_or(&[][..], Vec::as_slice);
    let mut refused = None;
    let mut allowed = Vec::with_capacity(resolved.len());
    for address in resolved {
        match address_class(*address) {
            Some(class) if !networks.iter().any(|network| network.contains(*address)) => {
                refused.get_or_insert((*address, class));
            }
            _ => allowed.push(*address),
        }
    }
    if !allowed.is_empty() {
        return Ok(allowed);
    }
    Err(match refused {
        Some((address, class)) => Denied::Address { origin: origin.clone(), address, class },
        None => Denied::NoAddress(origin.clone()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::egress::Class;

    fn egress(origins: &[&str], networks: &[&str]) -> Egress {
        Egress {
            origins: origins.iter().map(|it| it.parse().unwrap()).collect(),
            networks: origins.iter().map(|it| (it.parse().unwrap(), networks.iter().map(|it| it.parse().unwrap()).collect())).collect(),
            ..Egress::default()
        }
    }

    fn vetted(egress: &Egress, origin: &str, resolved: &[&str]) -> Result<Vec<String>, Denied> {
        let resolved: Vec<IpAddr> = resolved.iter().map(|it| it.parse().unwrap()).collect();
        let addresses = vet(egress, &origin.parse().unwrap(), &resolved)?;
        Ok(addresses.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn nothing_is_granted_by_default() {
        let denied = vetted(&Egress::default(), "https://example.com", &["93.184.216.34"]).unwrap_err();
        assert_eq!(denied, Denied::Origin("https://example.com".parse().unwrap()));
    }

    /// G74.
    #[test]
    fn only_the_exact_origin_is_granted() {
        let egress = egress(&["https://good.com"], &["0.0.0.0/0"]);
        assert!(vetted(&egress, "https://GOOD.com:443", &["1.1.1.1"]).is_ok());
        for other in ["http://good.com", "https://good.com:8443", "https://good.com.evil", "https://evilgood.com", "https://a.good.com"] {
            assert!(matches!(vetted(&egress, other, &["1.1.1.1"]), Err(Denied::Origin(_))), "{other}");
        }
    }

    #[test]
    fn a_special_address_is_refused_unless_the_operator_names_it() {
        let denied = vetted(&egress(&["http://a"], &[]), "http://a", &["169.254.169.254"]).unwrap_err();
        assert!(matches!(denied, Denied::Address { class: Class::LinkLocal, .. }), "{denied}");
        let named = egress(&["http://a"], &["127.0.0.0/8"]);
        assert_eq!(vetted(&named, "http://a", &["127.0.0.1"]).unwrap(), ["127.0.0.1"]);
        assert_eq!(vetted(&named, "http://a", &["::ffff:127.0.0.1"]).unwrap(), ["::ffff:127.0.0.1"]);
        for other in ["10.0.0.1", "::1", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::1"] {
            assert!(vetted(&named, "http://a", &[other]).is_err(), "{other}");
        }
    }

    /// The story: a network that was granted for one host was open to every host of the connector, so that a name on the
    /// internet could lead into it.
    #[test]
    fn a_network_is_granted_to_one_host_alone() {
        let mut egress = egress(&["http://inside.example", "https://outside.example"], &["10.0.0.0/8"]);
        egress.networks.retain(|origin, _| origin.to_string() == "http://inside.example");
        assert!(vetted(&egress, "http://inside.example", &["10.1.2.3"]).is_ok());
        assert!(matches!(vetted(&egress, "https://outside.example", &["10.1.2.3"]), Err(Denied::Address { .. })));
        assert_eq!(vetted(&egress, "https://outside.example", &["10.1.2.3", "1.1.1.1"]).unwrap(), ["1.1.1.1"]);
    }

    /// G72.
    #[test]
    fn of_a_mixed_answer_only_public_addresses_are_used() {
        let egress = egress(&["http://a"], &[]);
        assert_eq!(vetted(&egress, "http://a", &["10.0.0.1", "1.1.1.1", "::1", "2606:4700::1"]).unwrap(), ["1.1.1.1", "2606:4700::1"]);
        assert!(matches!(vetted(&egress, "http://a", &["10.0.0.1", "::1"]), Err(Denied::Address { class: Class::Private, .. })));
        assert!(matches!(vetted(&egress, "http://a", &[]), Err(Denied::NoAddress(_))));
    }
}
