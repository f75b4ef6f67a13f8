use super::*;

fn origin(text: &str) -> Origin {
    text.parse().unwrap()
}

fn refused(text: &str) -> BadOrigin {
    text.parse::<Origin>().unwrap_err()
}

#[test]
fn case_and_default_port_do_not_matter() {
    assert_eq!(origin("HTTPS://API.Example.com:443"), origin("https://api.example.com"));
    assert_eq!(origin("http://example.com:80").to_string(), "http://example.com");
    assert_eq!(origin("http://[::0001]:8080").to_string(), "http://[::1]:8080");
    assert_eq!(Origin::of("https", "example.com:8443").unwrap(), origin("https://example.com:8443"));
}

/// G74: nothing but the same scheme, host and port is the same origin.
#[test]
fn look_alikes_are_other_origins() {
    let good = origin("https://good.com");
    for other in [
        "http://good.com",
        "https://good.com:8443",
        "https://good.com.evil",
        "https://evilgood.com",
        "https://www.good.com",
        "https://good.co",
        "https://xn--god-tna.com",
    ] {
        assert_ne!(origin(other), good, "{other}");
    }
}

/// G71: spellings that resolvers and clients understand differently are no origins at all.
#[test]
fn tricky_spellings_are_refused() {
    for (text, reason) in [
        ("example.com", BadOrigin::Scheme),
        ("ftp://example.com", BadOrigin::Scheme),
        ("//example.com", BadOrigin::Scheme),
        ("https://example.com/", BadOrigin::Path),
        ("https://example.com/a", BadOrigin::Path),
        ("https://example.com?a", BadOrigin::Path),
        ("https://example.com#a", BadOrigin::Path),
        ("https://good.com\\@evil.com", BadOrigin::Path),
        ("http://good@evil", BadOrigin::UserInfo),
        ("http://good:pass@evil", BadOrigin::UserInfo),
        ("https://*.example.com", BadOrigin::Wildcard),
        ("https://*", BadOrigin::Wildcard),
        ("https://example.com.", BadOrigin::TrailingDot),
        ("http://localhost.", BadOrigin::TrailingDot),
        ("http://127.0.0.1.", BadOrigin::TrailingDot),
        ("https://bücher.example", BadOrigin::NotAscii),
        ("https://gооd.com", BadOrigin::NotAscii),
        ("https://example。com", BadOrigin::NotAscii),
        ("http://127.1", BadOrigin::NumericHost),
        ("http://2130706433", BadOrigin::NumericHost),
        ("http://0x7f.1", BadOrigin::NumericHost),
        ("http://0x7f000001", BadOrigin::NumericHost),
        ("http://017700000001", BadOrigin::NumericHost),
        ("http://127.0.0.01", BadOrigin::NumericHost),
        ("http://a.0x", BadOrigin::NumericHost),
        ("http://[fe80::1%25eth0]", BadOrigin::Ipv6),
        ("http://[::1", BadOrigin::Ipv6),
        ("http://[::1]x", BadOrigin::Ipv6),
        ("http://[127.0.0.1]", BadOrigin::Ipv6),
        ("http://", BadOrigin::Host),
        ("http://::1", BadOrigin::Port),
        ("http://a..b", BadOrigin::Host),
        ("http://.a", BadOrigin::Host),
        ("http://-a", BadOrigin::Host),
        ("http://a b", BadOrigin::Host),
        ("http://a%2eb", BadOrigin::Host),
        ("http://a\r\nHost: b", BadOrigin::Port),
        ("http://a\r\n", BadOrigin::Host),
        ("http://a\0", BadOrigin::Host),
        ("http://a:", BadOrigin::Port),
        ("http://a:0", BadOrigin::Port),
        ("http://a:65536", BadOrigin::Port),
        ("http://a:+80", BadOrigin::Port),
        ("http://a:80:81", BadOrigin::Port),
        ("http://a: 80", BadOrigin::Port),
    ] {
        assert_eq!(refused(text), reason, "{text}");
    }
    assert_eq!(refused(&format!("http://{}", "a".repeat(64))), BadOrigin::Host);
    assert_eq!(refused(&format!("http://{}a", "a.".repeat(127))), BadOrigin::Host);
}
