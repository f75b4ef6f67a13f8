//! The external application: one `GET` for each question.

use std::time::Duration;

use lockgate_guest::{Error, Secret, http, secret, settings};

use crate::resource::{self, Group, Resource, User};

/// Shorter than the time that a call into a connector has, so that an application which does not
/// answer is `unavailable` and the task waits.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Where the application is, and what it lets us in with.
pub struct Application {
    base_url: String,
    token: Secret,
}

impl Application {
    /// From the setting `base_url`, for example `https://scim.example.com/v2`, and the secret `token`.
    pub fn of_the_operator() -> Result<Self, Error> {
        let base_url = settings::get("base_url").ok_or_else(|| Error::internal("the setting `base_url` is not set"))?;
        let token = secret("token").ok_or_else(|| Error::internal("the secret `token` is not defined"))?;
        Ok(Self { base_url: base_url.trim_end_matches('/').to_owned(), token })
    }

    /// `GET /Users/{id}`
    pub fn user(&self, id: &str) -> Result<User, Error> {
        self.get(id)
    }

    /// `GET /Groups/{id}`
    pub fn group(&self, id: &str) -> Result<Group, Error> {
        self.get(id)
    }

    fn get<R: Resource>(&self, id: &str) -> Result<R, Error> {
        let place = format!("/{}/{}", R::KIND.endpoint(), http::segment(id));
        let request = http::get(format!("{}{place}", self.base_url)).bearer(&self.token).timeout(TIMEOUT);
        let answer = request.header("accept", "application/scim+json, application/json").send()?;
        if answer.status == 404 {
            return Err(Error::not_found(format!("the application has no {place}")));
        }
        resource::read(&answer.success()?.body, id, &place)
    }
}
