//! How users and groups are found in the content store.

use lockgate_guest::{Object, guid_from_name};

/// Users.
pub const USER: &str = "scim.user";
/// Groups.
pub const GROUP: &str = "scim.group";

/// What this connector translates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `/Users`
    User,
    /// `/Groups`
    Group,
}

impl Kind {
    /// As SCIM spells the type of a resource or member, in any case.
    pub fn of(resource_type: &str) -> Option<Self> {
        [(Self::User, "user"), (Self::Group, "group")]
            .into_iter()
            .find_map(|(kind, name)| resource_type.eq_ignore_ascii_case(name).then_some(kind))
    }

    /// As a URL names it: `https://example.com/v2/Users/2819`.
    pub fn of_url(url: &str) -> Option<Self> {
        Self::id_of_url(url).map(|(kind, _)| kind)
    }

    /// The same with the id, as it stands in the URL.
    pub fn id_of_url(url: &str) -> Option<(Self, String)> {
        let mut steps = url.trim_end_matches('/').rsplit('/');
        let (id, endpoint) = (steps.next()?, steps.next()?);
        let kind = [Self::User, Self::Group].into_iter().find(|kind| kind.endpoint().eq_ignore_ascii_case(endpoint))?;
        (!id.is_empty()).then(|| (kind, id.to_owned()))
    }

    /// What a resource of this kind says that it is.
    pub fn schema(self) -> &'static str {
        match self {
            Self::User => "urn:ietf:params:scim:schemas:core:2.0:User",
            Self::Group => "urn:ietf:params:scim:schemas:core:2.0:Group",
        }
    }

    /// Where the application has them.
    pub fn endpoint(self) -> &'static str {
        match self {
            Self::User => "Users",
            Self::Group => "Groups",
        }
    }

    /// What they become.
    pub fn object_type(self) -> &'static str {
        match self {
            Self::User => USER,
            Self::Group => GROUP,
        }
    }
}

/// Follows from the id alone, so a user who is renamed stays the same object.
pub fn guid(kind: Kind, id: &str) -> String {
    guid_from_name("urn:ietf:params:scim", &format!("{}/{id}", kind.endpoint()))
}

/// The code name of a group. Not its display name, which SCIM lets several groups have.
pub fn group_name(id: &str) -> String {
    format!("group-{id}")
}

/// As much of an object as finds it again when the application does not know it any more. The name
/// of a user is forgotten with the user: the GUID finds the object, and no user is called like it.
pub fn identify(kind: Kind, id: &str) -> Object {
    let guid = guid(kind, id);
    let name = match kind {
        Kind::User => guid.clone(),
        Kind::Group => group_name(id),
    };
    Object::new(kind.object_type(), name).guid(guid)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with Python: `uuid5(uuid5(NAMESPACE_URL, "urn:ietf:params:scim"), "Users/2819")`.
    #[test]
    fn a_guid_never_changes() {
        assert_eq!(guid(Kind::User, "2819"), "3bd688e6-0b80-55d6-bf6d-4e111b3b850b");
    }

    #[test]
    fn a_url_says_what_it_names() {
        assert_eq!(Kind::of_url("https://example.com/v2/Users/2819"), Some(Kind::User));
        assert_eq!(Kind::of_url("../Groups/2819/"), Some(Kind::Group));
        assert_eq!(Kind::of_url("https://example.com/Users"), None);
    }
}
