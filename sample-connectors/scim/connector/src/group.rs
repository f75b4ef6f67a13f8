//! Groups, with their members as bindings.

use std::collections::BTreeSet;

use lockgate_guest::{Child, Error, Object, Value, log};

use crate::application::Application;
use crate::ids::{self, Kind};
use crate::resource::{Group, Member};

/// A group. Members are references only: nothing is followed, so groups in circles are no matter.
pub fn group(group: Group, application: &Application) -> Result<Object, Error> {
    let mut object = Object::new(ids::GROUP, ids::group_name(&group.id))
        .guid(ids::guid(Kind::Group, &group.id))
        .display_name(group.display_name.as_ref().unwrap_or(&group.id))
        .field("scim_id", group.id)
        .field("external_id", group.external_id)
        .field("created", group.meta.created)
        .field("modified", group.meta.last_modified)
        .field("version", group.meta.version);
    // A list that cannot be read is not an empty one.
    let Some(members) = group.members else { return Ok(object) };
    // The application answers a group whole: whoever is not listed is no member.
    for of in ["scim.user-member", "scim.group-member"] {
        object = object.no_children(of);
    }
    let mut bound = BTreeSet::new();
    for member in members {
        let id = member.id.clone();
        if let Some((kind, binding)) = binding(member, application)?
            && bound.insert((kind, id))
        {
            object.push_child(binding);
        }
    }
    Ok(object)
}

/// The end that is the group is known from where the binding stands.
fn binding(Member { id, kind, url }: Member, application: &Application) -> Result<Option<(Kind, Child)>, Error> {
    // Some say "direct" for the type, which says how somebody is a member and not what.
    let stated = kind.as_deref().and_then(Kind::of).or_else(|| url.as_deref().and_then(Kind::of_url));
    let kind = match stated {
        Some(kind) => Some(kind),
        None => kind_of(&id, application)?,
    };
    Ok(match kind {
        Some(Kind::User) => Some((Kind::User, Child::binding("scim.user-member").field("user", Value::reference(id)))),
        Some(Kind::Group) => Some((Kind::Group, Child::binding("scim.group-member").field("member", Value::reference(id)))),
        None => {
            log!(warn, "member {id} is neither a user nor a group, and is left out");
            None
        }
    })
}

/// Where a member does not say what it is, the application does.
fn kind_of(id: &str, application: &Application) -> Result<Option<Kind>, Error> {
    match application.user(id) {
        Ok(_) => return Ok(Some(Kind::User)),
        Err(Error::NotFound(_)) => {}
        Err(error) => return Err(error),
    }
    match application.group(id) {
        Ok(_) => Ok(Some(Kind::Group)),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
