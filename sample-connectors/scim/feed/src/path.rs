//! Where a resource is: `/Users/2819c223`, also at the end of a whole URL.

use std::str::FromStr;

use percent_encoding::percent_decode_str;

/// What can be carried in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `/Users`
    User,
    /// `/Groups`
    Group,
}

impl Kind {
    /// As SCIM names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }

    /// The resources below an endpoint.
    pub(crate) fn of_endpoint(endpoint: &str) -> Option<Self> {
        match endpoint {
            "Users" => Some(Self::User),
            "Groups" => Some(Self::Group),
            _ => None,
        }
    }
}

/// One resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path {
    /// Of which kind.
    pub kind: Kind,
    /// The application's id; never empty.
    pub id: String,
}

/// Why a text names no resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a path ends with /Users/ID or /Groups/ID")]
pub struct BadPath;

impl FromStr for Path {
    type Err = BadPath;

    fn from_str(text: &str) -> Result<Self, BadPath> {
        let (rest, id) = text.rsplit_once('/').ok_or(BadPath)?;
        let endpoint = rest.rsplit('/').next().unwrap_or_default();
        let kind = Kind::of_endpoint(endpoint).ok_or(BadPath)?;
        let id = percent_decode_str(id).decode_utf8().map_err(|_| BadPath)?.into_owned();
        if id.is_empty() { Err(BadPath) } else { Ok(Self { kind, id }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_or_url_names_a_resource() {
        let user = Path { kind: Kind::User, id: "a/b".into() };
        assert_eq!("https://example.com/v2/Users/a%2Fb".parse(), Ok(user.clone()));
        assert_eq!("/Users/a%2Fb".parse(), Ok(user));
        assert_eq!("Groups/1".parse(), Ok(Path { kind: Kind::Group, id: "1".into() }));
        for text in ["", "/Users", "/Users/", "/Schemas/1", "1", "/Users/%ff"] {
            assert_eq!(text.parse::<Path>(), Err(BadPath), "{text}");
        }
    }
}
