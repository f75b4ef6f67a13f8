//! Calls to the external application, over plain `wasi:http` 0.2. They block; nothing else of this
//! instance runs meanwhile, and the task's deadline ends them too.
//!
//! The host sends a call only where the manifest asks for its host and the operator grants it; it
//! follows no redirects. What it refuses is [`Error::Denied`].
//!
//! ```
//! # use lockgate_guest::http::{self, Response};
//! # fn main() -> Result<(), lockgate_guest::Error> {
//! # lockgate_guest::secrets::set("token", "placeholder");
//! # http::answer_with(|request| {
//! #     assert_eq!(request.url, "https://crm.example.com/Users/a%2Fb");
//! #     assert_eq!(request.headers, [("authorization".to_owned(), "Bearer placeholder".to_owned())]);
//! #     Ok(Response { status: 200, headers: Vec::new(), body: b"{}".to_vec() })
//! # });
//! let token = lockgate_guest::secret("token").ok_or_else(|| lockgate_guest::Error::internal("no token was granted"))?;
//! let url = format!("https://crm.example.com/Users/{}", http::segment("a/b"));
//! let user = http::get(url).bearer(&token).send()?.success()?;
//! println!("{}", user.text()?);
//! # Ok(())
//! # }
//! ```

mod error;
mod request;
mod response;
#[cfg(not(target_family = "wasm"))]
mod stand_in;
mod url;
#[cfg(target_family = "wasm")]
mod wasi;

pub use error::Error;
pub use request::{RESPONSE_BYTES_MAX, Request};
pub use response::Response;
#[cfg(not(target_family = "wasm"))]
pub use stand_in::answer_with;
pub use url::segment;

/// A `GET` request.
pub fn get(url: impl Into<String>) -> Request {
    Request::new("GET", url)
}

/// A `POST` request.
pub fn post(url: impl Into<String>) -> Request {
    Request::new("POST", url)
}

/// A `PUT` request.
pub fn put(url: impl Into<String>) -> Request {
    Request::new("PUT", url)
}

/// A `PATCH` request.
pub fn patch(url: impl Into<String>) -> Request {
    Request::new("PATCH", url)
}

/// A `DELETE` request.
pub fn delete(url: impl Into<String>) -> Request {
    Request::new("DELETE", url)
}

fn response_too_large(bytes_max: usize) -> String {
    format!("the answer is longer than {bytes_max} bytes")
}
