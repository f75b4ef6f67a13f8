//! What the external application handed in.

use crate::{Error, External};

impl External {
    /// An external object as unit tests need one.
    pub fn new(media_type: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        Self { media_type: media_type.into(), body: body.into() }
    }

    /// The body as UTF-8 text.
    pub fn text(&self) -> Result<&str, Error> {
        std::str::from_utf8(&self.body).map_err(Error::invalid_from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_is_not_utf8_is_invalid() {
        let external = External::new("text/plain", [b'a', 0xff]);
        assert!(matches!(external.text(), Err(Error::Invalid(_))));
    }
}
