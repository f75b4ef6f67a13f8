//! Groups, with their members as bindings.

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
        .field("created", group.meta.created.map(Value::timestamp))
        .field("modified", group.meta.last_modified.map(Value::timestamp))
        .field("version", group.meta.version);
    // The application answers a group whole: whoever is not listed is no member.
    for of in ["scim.user-member", "scim.group-member"] {
        object = object.no_children(of);
    }
    for member in group.members {
        if let Some(binding) = binding(member, application)? {
            object.push_child(binding);
        }
    }
    Ok(object)
}

/// The end that is the group is known from where the binding stands.
fn binding(member: Member, application: &Application) -> Result<Option<Child>, Error> {
    let Member { value: Some(id), kind, url } = member else {
        log!(warn, "a member without an id is left out");
        return Ok(None);
    };
    let kind = match (kind.as_deref(), url.as_deref().and_then(Kind::of_url)) {
        (Some(named), of_url) => Kind::of(named).or(of_url),
        (None, Some(of_url)) => Some(of_url),
        (None, None) => kind_of(&id, application)?,
    };
    Ok(match kind {
        Some(Kind::User) => Some(Child::binding("scim.user-member").field("user", Value::reference(id))),
        Some(Kind::Group) => Some(Child::binding("scim.group-member").field("member", Value::reference(id))),
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
