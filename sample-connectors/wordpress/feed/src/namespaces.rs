//! The namespaces of an export. Elements are told apart by namespace, never by prefix.

use crate::place::Mistake;

/// The namespace of an element, as far as exports go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ns {
    /// RSS's own: none.
    Rss,
    /// WordPress's: `wp:`.
    Wp,
    /// `dc:`, for creators.
    Dc,
    /// Any other; its elements are carried along and not read here.
    Other,
}

const DC: &str = "http://purl.org/dc/elements/1.1/";
const REDEFINED: &str = "a later reader would take these elements for others: remove the declaration, and check where the file is from";

impl Ns {
    pub(crate) fn of(uri: &str) -> Self {
        match uri {
            DC => Self::Dc,
            "" => Self::Rss,
            uri if is_wxr(uri) => Self::Wp,
            _ => Self::Other,
        }
    }
}

/// `http://wordpress.org/export/1.2/` and its like.
pub(crate) fn is_wxr(uri: &str) -> bool {
    let rest = uri.strip_prefix("https://").or_else(|| uri.strip_prefix("http://"));
    let version = rest.and_then(|rest| rest.strip_prefix("wordpress.org/export/1.")).and_then(|rest| rest.strip_suffix('/'));
    version.is_some_and(|minor| !minor.is_empty() && minor.bytes().all(|b| b.is_ascii_digit()))
}

/// The prefix that a tag, as text, binds to WordPress's namespace.
pub(crate) fn wxr_prefix(tag: &str) -> Option<&str> {
    let mut declared = tag.split("xmlns:").skip(1).filter_map(|rest| rest.split_once('='));
    declared
        .find(|(_, value)| is_wxr(value.trim_start().trim_start_matches(['"', '\'']).split(['"', '\'']).next().unwrap_or_default()))
        .map(|(prefix, _)| prefix.trim())
}

/// A namespace declaration: prefix (empty: the default one) and URI.
pub(crate) type Declaration = (String, String);

/// The prefix that an `xmlns` attribute declares.
pub(crate) fn declared_prefix(attribute: &str) -> Option<&str> {
    match attribute.strip_prefix("xmlns") {
        Some("") => Some(""),
        Some(prefix) => prefix.strip_prefix(':'),
        None => None,
    }
}

/// The root binds exactly one prefix to a WXR namespace.
pub(crate) fn check_root(declared: &[Declaration], offset: usize) -> Result<(), Mistake> {
    let wxr: Vec<&Declaration> = declared.iter().filter(|(_, uri)| is_wxr(uri)).collect();
    match wxr.as_slice() {
        [(prefix, _)] if !prefix.is_empty() => Ok(()),
        [] | [_] => Err(Mistake::new(
            offset,
            "no prefix is bound to WordPress's namespace, https://wordpress.org/export/1.x/",
            "this is no WordPress export (WXR): choose the file that Tools, Export wrote",
        )),
        [(one, one_uri), (other, other_uri), ..] => Err(Mistake::new(
            offset,
            format!("two prefixes are bound to WordPress namespaces: {one} to {one_uri} and {other} to {other_uri}"),
            "it is not clear which elements count: keep the one that WordPress wrote",
        )),
    }
}

/// Below the root, no prefix of the root's gets another meaning, and no prefix WordPress's.
pub(crate) fn check_below(root: &[Declaration], (prefix, uri): &Declaration, offset: usize) -> Result<(), Mistake> {
    let bound = root.iter().find(|(bound, _)| bound == prefix);
    let what = match bound {
        Some((_, bound)) if bound == uri => return Ok(()),
        Some((_, bound)) => format!("the prefix {prefix:?} stands for {bound:?}, and is bound to {uri:?} here"),
        None if is_wxr(uri) => format!("the prefix {prefix:?} is bound to WordPress's namespace a second time"),
        // Without a root default, an element that sets one would leave RSS.
        None if prefix.is_empty() && !uri.is_empty() => format!("the default namespace becomes {uri:?} here"),
        None => return Ok(()),
    };
    Err(Mistake::new(offset, what, REDEFINED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wxr_namespaces_have_a_version_of_their_own() {
        assert!(is_wxr("http://wordpress.org/export/1.0/"));
        assert!(is_wxr("https://wordpress.org/export/1.2/"));
        for other in [
            "http://wordpress.org/export/1.2/excerpt/",
            "http://wordpress.org/export/1.2",
            "http://wordpress.org/export/2.0/",
            "http://wordpress.org.example.com/export/1.2/",
            "http://wordpress.org/export/1./",
        ] {
            assert!(!is_wxr(other), "{other}");
        }
    }
}
