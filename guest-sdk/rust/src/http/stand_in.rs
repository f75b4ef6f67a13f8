//! In place of the host in unit tests.

use std::cell::RefCell;

use super::url::Url;
use super::{Error, Request, Response};

type Answer = Box<dyn FnMut(&Request) -> Result<Response, Error>>;

thread_local! {
    static ANSWER: RefCell<Option<Answer>> = const { RefCell::new(None) };
}

/// Natively only, for unit tests: who answers the calls of this thread from now on. Before that,
/// every call is [`Error::Denied`].
pub fn answer_with(answer: impl FnMut(&Request) -> Result<Response, Error> + 'static) {
    ANSWER.set(Some(Box::new(answer)));
}

pub(super) fn send(request: &Request) -> Result<Response, Error> {
    Url::parse(&request.url)?;
    // Taken out meanwhile, so that an answer may set the next one.
    let Some(mut answer) = ANSWER.take() else {
        return Err(Error::Denied(format!("nobody answers {} {} in this test", request.method, request.url)));
    };
    let answered = answer(request);
    ANSWER.with_borrow_mut(|next| {
        next.get_or_insert(answer);
    });
    let response = answered?;
    if response.body.len() > request.response_bytes_max {
        return Err(Error::TooLarge(super::response_too_large(request.response_bytes_max)));
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::get;

    #[test]
    fn calls_are_denied_until_somebody_answers_them() {
        assert!(matches!(get("http://a").send(), Err(Error::Denied(_))));
        answer_with(|request| Ok(Response { status: 200, headers: Vec::new(), body: request.url.clone().into_bytes() }));
        assert_eq!(get("http://a/b").send().unwrap().body, b"http://a/b");
        assert!(matches!(get("http://a/b").response_bytes_max(3).send(), Err(Error::TooLarge(_))));
        assert!(matches!(get("a/b").send(), Err(Error::Invalid(_))));
    }
}
