//! The SCIM sample connector: users and groups of an application that speaks SCIM 2.0 (RFC 7643 and
//! 7644), with members as bindings.
//!
//! A task only says which resource changed. What is stored is what the application answers when it
//! is asked, so a PATCH needs no translation and tasks in any order end in the newest state. The
//! params methods ask it as well. `../model.toml` declares what this connector writes.

mod application;
mod group;
mod ids;
mod members;
mod notice;
mod resource;
mod user;

use lockgate_guest::{Connector, Error, External, ObjectParams, Prepared, Task, TaskType, export};

use application::Application;
use ids::Kind;
use notice::Notice;

/// The connector.
pub struct Scim;

impl Connector for Scim {
    fn prepare_internal_object(external: External, task: Task) -> Result<Prepared, Error> {
        let notice = Notice::read(&external)?;
        if is_found_only(task.task_type) {
            return Ok(ids::identify(notice.kind, &notice.id).into());
        }
        let application = Application::of_the_operator()?;
        Ok(match notice.kind {
            Kind::User => user::user(application.user(&notice.id)?).into(),
            Kind::Group => group::group(application.group(&notice.id)?, &application)?.into(),
        })
    }

    fn get_internal_object_params(id: &str, object_type: &str) -> Result<ObjectParams, Error> {
        let application = Application::of_the_operator()?;
        match object_type {
            ids::USER => Ok(ObjectParams::new(application.user(id)?.user_name)),
            ids::GROUP => Ok(ObjectParams::new(ids::group_name(&application.group(id)?.id))),
            other => Err(Error::unsupported(format!("no references to {other:?} in SCIM"))),
        }
    }
}

export!(Scim, manifest = "manifest.toml");

/// What is only to be found again may be gone from the application already.
fn is_found_only(task_type: TaskType) -> bool {
    matches!(task_type, TaskType::DeleteObject | TaskType::RemoveFromSite)
}

#[cfg(test)]
mod tests;
