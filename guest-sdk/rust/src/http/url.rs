//! A URL's parts, as `wasi:http` takes them.

use std::fmt::Write as _;

use super::Error;

/// An absolute URL.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Url<'a> {
    pub https: bool,
    /// Host and port, as it stands.
    pub authority: &'a str,
    /// Begins with `/`.
    pub path_with_query: String,
}

impl<'a> Url<'a> {
    pub fn parse(url: &'a str) -> Result<Self, Error> {
        let invalid = |why: &str| Error::Invalid(format!("no URL that can be called, {why}: {url:?}"));
        if url.contains(|c: char| c.is_control() || c.is_whitespace()) {
            return Err(invalid("it has spaces or control characters"));
        }
        let before_fragment = url.split_once('#').map_or(url, |(before, _)| before);
        let (scheme, rest) = before_fragment.split_once("://").ok_or_else(|| invalid("it has no scheme"))?;
        let https = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return Err(invalid("its scheme is neither http nor https")),
        };
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.is_empty() {
            return Err(invalid("it has no host"));
        }
        let path_with_query = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(Self { https, authority, path_with_query })
    }
}

/// A text as one segment of a URL's path, or one value of its query: percent-encoded unless it is a
/// letter, a digit or one of `-_~.`; dots that would mean "here" or "up" are encoded too.
#[must_use]
pub fn segment(text: &str) -> String {
    let dots_only = matches!(text, "." | "..");
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        let plain = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~') || (byte == b'.' && !dots_only);
        if plain {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart() {
        for (url, https, authority, path_with_query) in [
            ("http://a", false, "a", "/"),
            ("HTTPS://a:8443/x/y?z=1#f", true, "a:8443", "/x/y?z=1"),
            ("http://[::1]:80?q", false, "[::1]:80", "/?q"),
        ] {
            assert_eq!(Url::parse(url), Ok(Url { https, authority, path_with_query: path_with_query.into() }));
        }
    }

    #[test]
    fn what_cannot_be_called_is_invalid() {
        for url in ["", "a/b", "ftp://a/b", "http:///b", "http://a b", "http://a/\r\nx: y"] {
            assert!(matches!(Url::parse(url), Err(Error::Invalid(_))), "{url:?}");
        }
    }

    #[test]
    fn a_segment_stays_one_segment() {
        assert_eq!(segment("2819c223-7f76"), "2819c223-7f76");
        assert_eq!(segment("../a?b&c ü"), "..%2Fa%3Fb%26c%20%C3%BC");
        assert_eq!(segment(".."), "%2E%2E");
    }
}
